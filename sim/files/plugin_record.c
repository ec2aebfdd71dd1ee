/* Which plug-ins from outside a file was made with: an attribute with a line "HASH NAME" for each. */
#include "h5md.h"

#include <stdlib.h>
#include <string.h>

static const char place[] = "/parameters/kramers", attribute[] = "plugins";
enum { LONGEST = 60000 }; /* the format allows 64 KiB */

void kr_h5md_plugins(kr_h5 *h5, hid_t parent, const kr_registry *registry) {
    size_t size = 1;
    for (size_t i = 0; i < registry->plugin_count; i++) size += strlen(registry->plugins[i].name) + KR_PLUGIN_HASH + 1;
    if (!registry->plugin_count) return;
    char *text = calloc(size, 1), *end = text;
    if (!text || size > LONGEST) {
        kr_h5_no_memory(h5, "the names of plug-ins");
        free(text);
        return;
    }
    for (size_t i = 0; i < registry->plugin_count; i++)
        end += sprintf(end, "%s %s\n", registry->plugins[i].hash, registry->plugins[i].name);
    kr_h5_text(h5, parent, attribute, text);
    free(text);
}

static const kr_plugin_file *loaded(const kr_registry *registry, const char *name) {
    for (size_t i = 0; registry && i < registry->plugin_count; i++)
        if (!strcmp(registry->plugins[i].name, name)) return &registry->plugins[i];
    return NULL;
}

static void check(kr_h5 *h5, const kr_registry *registry, const char *hash, const char *name) {
    const kr_plugin_file *plugin = loaded(registry, name);
    if (plugin && !strcmp(plugin->hash, hash)) return;
    if (!plugin)
        h5->status = kr_fail(h5->error, KR_BAD_ARGUMENT,
                             "%s was made with plug-in %.200s (hash %.16s), which is not loaded; name it with --plugin.", h5->path,
                             name, hash);
    else
        h5->status = kr_fail(h5->error, KR_BAD_ARGUMENT,
                             "%s was made with another build of plug-in %.200s: its hash was %.16s, that of %.300s is %s.",
                             h5->path, name, hash, plugin->path, plugin->hash);
}

void kr_h5md_check_plugins(kr_h5 *h5, const kr_registry *registry) {
    if (!kr_h5_good(h5) || !kr_h5_exists(h5, place) || !kr_h5_has_attribute(h5, place, attribute)) return;
    char *text = kr_h5_read_text_attribute(h5, place, attribute, LONGEST), *rest = text, *line;
    while (kr_h5_good(h5) && (line = strtok_r(rest, "\n", &rest))) {
        char *space = strchr(line, ' ');
        if (!space) {
            kr_h5_refuse(h5, "the list of plug-ins", "is no list of hashes and names");
            break;
        }
        *space = 0;
        check(h5, registry, line, space + 1);
    }
    free(text);
}
