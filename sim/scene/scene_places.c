/* Where each key of a scene stands, for messages about values that only turn out to be wrong when landscape, start and targets are
 * made of them. One text of lines "key TAB place". */
#include "scene_parts.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static void put_place(FILE *out, const char *key, const kr_tree *node) {
    fprintf(out, "%s\t", key);
    for (const char *c = node->source; *c; c++) fputc(*c == '\n' || *c == '\t' ? ' ' : *c, out);
    if (!node->set && node->line > 0) fprintf(out, ":%d:%d", node->line, node->column);
    fputc('\n', out);
}

static void put_entries(FILE *out, const char *prefix, const kr_tree *parent) {
    size_t number = 0;
    for (const kr_tree *entry = parent->child; entry; entry = entry->next, number++) {
        char key[256], name[24];
        snprintf(name, sizeof name, "%zu", number);
        int length = snprintf(key, sizeof key, "%s%s%s", prefix, *prefix ? "." : "", entry->key ? entry->key : name);
        if (length < 0 || (size_t)length >= sizeof key) continue;
        put_place(out, key, entry);
        if (entry->kind != KR_TREE_SCALAR) put_entries(out, key, entry);
    }
}

kr_status kr_scene_note_places(kr_scene *scene, const kr_tree *tree, kr_error *error) {
    size_t size;
    FILE *out = open_memstream(&scene->places, &size);
    if (out) put_entries(out, "", tree);
    return out && !fclose(out) ? KR_OK : kr_fail(error, KR_NO_MEMORY, "out of memory while reading a scene");
}

static const char *find(const char *places, const char *key, size_t length) {
    for (const char *line = places; line && *line; line = strchr(line, '\n') + 1)
        if (!strncmp(line, key, length) && line[length] == '\t') return line + length + 1;
    return NULL;
}

/* A key of the message that does not stand in the text belongs to the section that does. */
kr_status kr_scene_fail_at(const kr_scene *scene, kr_error *error) {
    if (!error) return KR_BAD_ARGUMENT;
    size_t length = strspn(error->message, "abcdefghijklmnopqrstuvwxyz_.0123456789");
    if (error->message[length] == ':' && isdigit((unsigned char)error->message[length + 1])) return error->status; /* has a place */
    while (length > 0) {
        const char *place = find(scene->places, error->message, length);
        if (place) return kr_fail_at(error, error->status, "%.*s", (int)strcspn(place, "\n"), place);
        while (length > 0 && error->message[--length] != '.') continue;
    }
    return error->status;
}
