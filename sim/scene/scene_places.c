/* Where each key of a scene stands, for messages about values that only turn out to be wrong when landscape, start and targets are
 * made of them. One text of lines "key TAB place". */
#include "scene_parts.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

typedef struct list {
    FILE *out;
    const char *phase; /* its name; NULL: none */
} list;

static void put_place(const list *l, const char *key, size_t length, const kr_tree *node) {
    fprintf(l->out, "%.*s\t", (int)length, key);
    for (const char *c = node->source; *c; c++) fputc(*c == '\n' || *c == '\t' ? ' ' : *c, l->out);
    if (!node->set && node->line > 0) fprintf(l->out, ":%d:%d", node->line, node->column);
    if (l->phase) fprintf(l->out, ": phase '%s'", l->phase);
    fputc('\n', l->out);
}

static void put_entries(const list *l, const char *prefix, const kr_tree *parent) {
    size_t number = 0;
    for (const kr_tree *entry = parent->child; entry; entry = entry->next, number++) {
        char key[256], name[24];
        snprintf(name, sizeof name, "%zu", number);
        int length = snprintf(key, sizeof key, "%s%s%s", prefix, *prefix ? "." : "", entry->key ? entry->key : name);
        if (length < 0 || (size_t)length >= sizeof key) continue;
        put_place(l, key, (size_t)length, entry);
        if (entry->kind != KR_TREE_SCALAR) put_entries(l, key, entry);
    }
}

/* The sections that a phase changes; before the others, since the first place counts. */
static void put_sections(const list *l, const kr_tree *phase) {
    const kr_tree *settings = kr_tree_find(phase, "settings");
    for (const kr_tree *entry = phase->child; entry; entry = entry->next)
        if (kr_section_is_among(entry->key, kr_phase_sections)) put_place(l, entry->key, strlen(entry->key), entry);
    for (const kr_tree *entry = settings ? settings->child : NULL; entry; entry = entry->next)
        put_place(l, entry->key, strcspn(entry->key, "."), entry);
}

kr_status kr_scene_note_places(kr_scene *scene, const kr_tree *tree, const kr_tree *phase, const char *name, kr_error *error) {
    size_t size;
    list l = {.out = open_memstream(&scene->places, &size), .phase = name};
    if (l.out && phase) put_sections(&l, phase);
    if (l.out) put_entries(&l, "", tree);
    return l.out && !fclose(l.out) ? KR_OK : kr_fail(error, KR_NO_MEMORY, "out of memory while reading a scene");
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
