/* Shipped scenes: what each is about, in the first sentence of the comment at its top, and its text. */
#include "command.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static json_object *scene_json(const kr_shipped_scene *scene) {
    json_object *object = json_object_new_object();
    json_object_object_add(object, "name", json_object_new_string(scene->name));
    json_object_object_add(object, "text", json_object_new_string(scene->text));
    return object;
}

json_object *kr_scenes_json(void) {
    json_object *array = json_object_new_array();
    for (const kr_shipped_scene *scene = kr_shipped_scenes; scene->name; scene++) json_object_array_add(array, scene_json(scene));
    return array;
}

/* Whether a sentence ends before at: behind a full stop, but that of "et al. 2020". */
static bool ends_sentence(const char *text, const char *at) {
    if (at < text + 3 || !strchr(".?!", at[-1]) || at[0] != ' ' || !strncmp(at - 3, "al.", 3)) return false;
    return isupper((unsigned char)at[1]) || isdigit((unsigned char)at[1]);
}

/* The first sentence of a comment whose lines begin with #; how to look at a lesson is said by what it is. */
static void first_sentence(const kr_shipped_scene *scene, char *text, size_t size) {
    char view[160];
    size_t used = 0;
    *text = 0;
    for (const char *line = scene->text; *line == '#' && used < size - 1;) {
        size_t skip = 1 + strspn(line + 1, " "), length = strcspn(line, "\n");
        if (length <= skip) break; /* a paragraph */
        used += (size_t)snprintf(text + used, size - used, "%s%.*s", used ? " " : "", (int)(length - skip), line + skip);
        line += length + (line[length] == '\n');
    }
    for (char *at = text; *at; at++)
        if (ends_sentence(text, at)) {
            *at = 0;
            break;
        }
    snprintf(view, sizeof view, " (kramers view %s)", scene->name);
    char *found = strstr(text, view);
    if (found) memmove(found, found + strlen(view), strlen(found + strlen(view)) + 1);
}

void kr_list_scenes(void) {
    char text[2000];
    for (const kr_shipped_scene *scene = kr_shipped_scenes; scene->name; scene++) {
        first_sentence(scene, text, sizeof text);
        kr_print_named(scene->name, text);
    }
}

int kr_list_scene(const char *name, bool json) {
    const char *names[256] = {NULL};
    for (size_t i = 0; i < 255 && kr_shipped_scenes[i].name; i++) {
        names[i] = kr_shipped_scenes[i].name;
        if (strcmp(names[i], name) != 0) continue;
        if (json)
            kr_json_print(scene_json(&kr_shipped_scenes[i]));
        else
            fputs(kr_shipped_scenes[i].text, stdout);
        return 0;
    }
    const char *near = kr_nearest_name(name, names);
    if (near)
        fprintf(stderr, "kramers: unknown scene '%.80s'; did you mean '%s'?\n", name, near);
    else
        fprintf(stderr, "kramers: unknown scene '%.80s'; 'kramers list scenes' names them\n", name);
    return 2;
}
