#include "scene_parts.h"

#include <stdlib.h>
#include <string.h>

static kr_status no_memory(kr_error *error) {
    return kr_fail(error, KR_NO_MEMORY, "out of memory while reading a scene");
}

static kr_tree *new_map(const char *label) {
    kr_tree *map = malloc(sizeof *map);
    if (map) *map = (kr_tree){.kind = KR_TREE_MAP, .plain = true, .source = label, .set = true};
    return map;
}

/* The entry called key (length places) of a map, made when it is not there. */
static kr_tree *entry_of(kr_tree *map, const char *key, size_t length, const char *label) {
    kr_tree **at = &map->child;
    for (; *at; at = &(*at)->next)
        if ((*at)->key && strlen((*at)->key) == length && !strncmp((*at)->key, key, length)) return *at;
    *at = new_map(label);
    if (*at && !((*at)->key = strndup(key, length))) {
        free(*at);
        *at = NULL;
    }
    return *at;
}

/* Makes node what value is, in its place among its neighbours. */
static void replace(kr_tree *node, kr_tree *value) {
    kr_tree_destroy(node->child);
    free(node->text);
    value->key = node->key;
    value->next = node->next;
    *node = *value;
    free(value);
}

/* A short form like `landscape: harmonic`, or null, becomes a map that can take further keys. key: what the short form says. */
static kr_status make_map(kr_tree *node, const char *key, kr_error *error) {
    if (node->kind == KR_TREE_SCALAR && !kr_tree_is_null(node)) {
        kr_tree *name = calloc(1, sizeof *name);
        if (!name || !(name->key = strdup(key))) return free(name), no_memory(error);
        *name = (kr_tree){.key = name->key,
                          .key_line = node->line,
                          .key_column = node->column,
                          .text = node->text,
                          .plain = node->plain,
                          .line = node->line,
                          .column = node->column,
                          .source = node->source,
                          .set = node->set};
        node->text = NULL;
        node->child = name;
    }
    free(node->text);
    node->text = NULL;
    node->kind = KR_TREE_MAP;
    return KR_OK;
}

/* Whether the entry of a list is called so: a name, or a map with one. */
static bool is_called(const kr_tree *entry, const char *name, size_t length) {
    const kr_tree *own = entry->kind == KR_TREE_MAP ? kr_tree_find(entry, "name") : entry;
    return own && own->kind == KR_TREE_SCALAR && strlen(own->text) == length && !strncmp(own->text, name, length);
}

/* The one entry of a list that has this name. */
static kr_status element_called(kr_tree *list, const char *name, size_t length, const char *label, kr_tree **element,
                                kr_error *error) {
    size_t count = 0;
    for (kr_tree *entry = list->child; entry; entry = entry->next)
        if (is_called(entry, name, length)) *element = entry, count++;
    if (count == 1) return KR_OK;
    if (count > 1)
        return kr_fail(error, KR_BAD_ARGUMENT, "%s: %zu entries of the list are called '%.*s'; say their numbers, from 0", label,
                       count, (int)length, name);
    return kr_fail(error, KR_BAD_ARGUMENT,
                   "%s: a list is set as a whole, [...], or by the numbers of its entries, from 0, or the names that they have",
                   label);
}

/* Number key of a list, where the one after the last is made; or its entry of this name. */
static kr_status element_of(kr_tree *list, const char *key, size_t length, const char *label, kr_tree **element, kr_error *error) {
    size_t number = 0, count = kr_tree_count(list), digits = strspn(key, "0123456789");
    if (digits != length || length > 9) return element_called(list, key, length, label, element, error);
    for (size_t i = 0; i < length; i++) number = 10 * number + (size_t)(key[i] - '0');
    if (number > count)
        return kr_fail(error, KR_BAD_ARGUMENT, "%s: there is no entry %zu; the list has %zu, and the next would be %zu", label,
                       number, count, count);
    kr_tree **at = &list->child;
    for (size_t i = 0; i < number; i++) at = &(*at)->next;
    if (!*at) *at = new_map(label);
    *element = *at;
    return *at ? KR_OK : no_memory(error);
}

/* A plug-in becomes the first of a list of them. */
static kr_status make_list(kr_tree *map, kr_error *error) {
    kr_tree *first = calloc(1, sizeof *first);
    if (!first) return no_memory(error);
    *first = *map;
    first->key = NULL;
    first->next = NULL;
    map->kind = KR_TREE_LIST;
    map->child = first;
    return KR_OK;
}

/* Whether it is a list of plug-ins. */
static bool is_named(const kr_tree *list) {
    return list->child && (list->child->kind == KR_TREE_SCALAR || kr_tree_find(list->child, "name"));
}

/* Another plug-in stands in place of all of them. */
static void forget_list(kr_tree *list) {
    kr_tree_destroy(list->child);
    list->child = NULL;
    list->kind = KR_TREE_MAP;
}

static kr_status find_or_make(kr_tree **node, const char *key, const char *label, kr_error *error) {
    const char *said = strncmp(key, "keep.", 5) ? "name" : "product";
    for (const char *end = key + strlen(key); key < end;) {
        size_t length = strcspn(key, ".");
        kr_status status = (*node)->kind == KR_TREE_SCALAR ? make_map(*node, said, error) : KR_OK;
        if (status) return status;
        bool number = strspn(key, "0123456789") == length;
        if (!(*node)->child && number) (*node)->kind = KR_TREE_LIST;
        if ((*node)->kind == KR_TREE_MAP && number && kr_tree_find(*node, said)) status = make_list(*node, error);
        if ((*node)->kind == KR_TREE_LIST && is_named(*node) && length == 4 && !strncmp(key, "name", 4)) forget_list(*node);
        if (status) return status;
        if ((*node)->kind == KR_TREE_LIST)
            status = element_of(*node, key, length, label, node, error);
        else if (!(*node = entry_of(*node, key, length, label)))
            status = no_memory(error);
        if (status) return status;
        key += length + 1;
    }
    return KR_OK;
}

kr_status kr_tree_assignment(const char *assignment, const char *label, char **key, kr_tree **value, kr_error *error) {
    const char *equals = strchr(assignment, '=');
    *key = NULL;
    *value = NULL;
    if (!equals) return kr_fail(error, KR_BAD_ARGUMENT, "%s: needs KEY=VALUE, for instance ensemble.seed=7", label);
    for (const char *name = assignment; name <= equals; name += strcspn(name, ".=") + 1)
        if (*name == '.' || *name == '=') return kr_fail(error, KR_BAD_ARGUMENT, "%s: a name is missing in the key", label);
    if (!equals[1 + strspn(equals + 1, " \t\n")]) return kr_fail(error, KR_BAD_ARGUMENT, "%s: there is no value after '='", label);
    kr_status status = kr_tree_parse(value, label, true, equals + 1, strlen(equals + 1), error);
    if (status || (*key = strndup(assignment, (size_t)(equals - assignment)))) return status;
    kr_tree_destroy(*value);
    *value = NULL;
    return no_memory(error);
}

kr_status kr_tree_set(kr_tree *tree, const char *assignment, const char *label, kr_error *error) {
    char *key;
    kr_tree *value;
    kr_status status = kr_tree_assignment(assignment, label, &key, &value, error);
    if (status) return status;
    status = find_or_make(&tree, key, label, error);
    free(key);
    if (status) return kr_tree_destroy(value), status;
    replace(tree, value);
    return KR_OK;
}

kr_status kr_tree_put(kr_tree *tree, const char *key, const kr_tree *value, kr_error *error) {
    kr_tree *copy = kr_tree_copy(value);
    if (!copy) return no_memory(error);
    kr_status status = find_or_make(&tree, key, value->source, error);
    if (status) return kr_tree_destroy(copy), status;
    replace(tree, copy);
    return KR_OK;
}

kr_status kr_section_put(kr_tree *tree, const char *name, const kr_tree *section, kr_error *error) {
    char key[KR_SCENE_KEY];
    bool whole = section->kind != KR_TREE_MAP || kr_tree_find(section, "name"), schedule = !strcmp(name, "schedule");
    if (kr_tree_is_null(section)) return KR_OK;
    if (whole) {
        kr_status status = kr_tree_put(tree, name, section, error);
        kr_tree *put = kr_tree_find(tree, name), *own = status ? NULL : kr_tree_find(put, "continue");
        if (own && schedule) kr_tree_remove(put, own);
        return status;
    }
    for (const kr_tree *entry = section->child; entry; entry = entry->next) {
        if (schedule && !strcmp(entry->key, "continue")) continue;
        snprintf(key, sizeof key, "%.30s.%.30s", name, entry->key);
        kr_status status = kr_tree_put(tree, key, entry, error);
        if (status) return kr_tree_fail_key(entry, error);
    }
    return KR_OK;
}
