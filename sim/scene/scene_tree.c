#include "scene_tree.h"

#include <stdlib.h>
#include <string.h>

void kr_tree_destroy(kr_tree *tree) {
    while (tree) {
        kr_tree *next = tree->next;
        kr_tree_destroy(tree->child);
        free(tree->key);
        free(tree->text);
        free(tree);
        tree = next;
    }
}

kr_tree *kr_tree_find(const kr_tree *map, const char *key) {
    for (kr_tree *entry = map ? map->child : NULL; entry; entry = entry->next)
        if (entry->key && !strcmp(entry->key, key)) return entry;
    return NULL;
}

bool kr_tree_is_null(const kr_tree *tree) {
    if (tree->kind != KR_TREE_SCALAR || !tree->plain) return false;
    return !*tree->text || !strcmp(tree->text, "~") || !strcmp(tree->text, "null") || !strcmp(tree->text, "Null") ||
           !strcmp(tree->text, "NULL");
}

size_t kr_tree_count(const kr_tree *tree) {
    size_t count = 0;
    for (const kr_tree *entry = tree->child; entry; entry = entry->next) count++;
    return count;
}

void kr_tree_relabel(kr_tree *tree, const char *source) {
    for (; tree; tree = tree->next) {
        tree->source = source;
        tree->line = tree->key_line = 0;
        kr_tree_relabel(tree->child, source);
    }
}

void kr_tree_remove(kr_tree *parent, kr_tree *entry) {
    for (kr_tree **at = &parent->child; *at; at = &(*at)->next)
        if (*at == entry) {
            *at = entry->next;
            entry->next = NULL;
            kr_tree_destroy(entry);
            return;
        }
}

static kr_status fail_place(const kr_tree *tree, int line, int column, kr_error *error) {
    kr_status status = error ? error->status : KR_BAD_ARGUMENT; /* texts have no other faults */
    if (tree->set || line <= 0) return kr_fail_at(error, status, "%s", tree->source);
    return kr_fail_at(error, status, "%s:%d:%d", tree->source, line, column);
}

kr_status kr_tree_fail(const kr_tree *tree, kr_error *error) {
    return fail_place(tree, tree->line, tree->column, error);
}

kr_status kr_tree_fail_key(const kr_tree *tree, kr_error *error) {
    return tree->key ? fail_place(tree, tree->key_line, tree->key_column, error) : kr_tree_fail(tree, error);
}

kr_status kr_tree_fail_under(const kr_tree *tree, const char *key, kr_error *error) {
    const kr_tree *node = NULL;
    for (const kr_tree *at = tree; at && *key; key += *key == '.') {
        size_t length = strcspn(key, "."), digits = strspn(key, "0123456789");
        const kr_tree *next = at->child;
        if (at->kind == KR_TREE_LIST) {
            for (unsigned long number = digits == length ? strtoul(key, NULL, 10) : 0; next && number > 0; number--)
                next = next->next;
        } else {
            while (next && (!next->key || strlen(next->key) != length || strncmp(next->key, key, length) != 0)) next = next->next;
        }
        if (next) node = next;
        if (at->kind != KR_TREE_LIST || digits == length) key += length;
        at = next;
    }
    return node ? kr_tree_fail(node, error) : error ? error->status : KR_BAD_ARGUMENT;
}

kr_tree *kr_tree_copy(const kr_tree *from) {
    kr_tree *to = malloc(sizeof *to);
    if (!to) return NULL;
    *to = *from;
    to->key = NULL;
    to->next = to->child = NULL;
    to->text = from->text ? strdup(from->text) : NULL;
    bool enough = to->text || !from->text;
    kr_tree **end = &to->child;
    for (const kr_tree *entry = from->child; enough && entry; entry = entry->next, end = &(*end)->next) {
        enough = (*end = kr_tree_copy(entry)) && (!entry->key || ((*end)->key = strdup(entry->key)));
        if (!enough) break;
    }
    if (enough) return to;
    kr_tree_destroy(to);
    return NULL;
}
