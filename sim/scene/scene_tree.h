/* YAML text as a tree of texts with their places, before anything is known of parameters; and --set on such a tree. */
#ifndef KR_SCENE_TREE_H
#define KR_SCENE_TREE_H

#include <kramers/status.h>

#include <stdbool.h>
#include <stddef.h>

typedef enum kr_tree_kind { KR_TREE_SCALAR, KR_TREE_LIST, KR_TREE_MAP } kr_tree_kind;

typedef struct kr_tree kr_tree;
struct kr_tree {
    kr_tree_kind kind;
    char *key;                /* name in the map it is an entry of; NULL in a list */
    int key_line, key_column; /* from 1 */
    char *text;               /* of a scalar */
    bool plain;               /* the scalar is not quoted */
    int line, column;         /* from 1 */
    const char *source;       /* what places begin with: the file, or "--set KEY=VALUE" without lines; borrowed */
    bool set;                 /* comes from --set */
    kr_tree *child, *next;    /* entries of a map or list in order */
};

/* An empty text gives an empty map. set: the text is the VALUE of --set, and its places have no lines. source is borrowed by every
 * node. */
kr_status kr_tree_parse(kr_tree **tree, const char *source, bool set, const char *text, size_t length, kr_error *error);
/* "a.b.c=VALUE" in place of what stands there; the entries of a list have numbers for names, from 0. assignment and label ("--set
 * a.b.c=VALUE") are borrowed. */
kr_status kr_tree_set(kr_tree *tree, const char *assignment, const char *label, kr_error *error);
void kr_tree_destroy(kr_tree *tree);
/* With its entries, without its neighbours and its key; NULL: no memory. */
kr_tree *kr_tree_copy(const kr_tree *tree);
/* A copy of the value in place of what stands at a.b.c, as by kr_tree_set. */
kr_status kr_tree_put(kr_tree *tree, const char *key, const kr_tree *value, kr_error *error);
/* The two sides of "a.b.c=VALUE", checked but for what the key means. Both are the caller's. */
kr_status kr_tree_assignment(const char *assignment, const char *label, char **key, kr_tree **value, kr_error *error);

kr_tree *kr_tree_find(const kr_tree *map, const char *key);
/* A plain scalar without text, ~ or null. */
bool kr_tree_is_null(const kr_tree *tree);
size_t kr_tree_count(const kr_tree *tree);
/* Places within the tree become this source, without lines. */
void kr_tree_relabel(kr_tree *tree, const char *source);
/* Removes an entry of the tree. */
void kr_tree_remove(kr_tree *parent, kr_tree *entry);

/* Puts the place of a value, or of an entry's key, before the message that stands in error. */
kr_status kr_tree_fail(const kr_tree *tree, kr_error *error);
kr_status kr_tree_fail_key(const kr_tree *tree, kr_error *error);
/* Of the value at a.b.c, or of the nearest section above it that stands in the tree. Numbers name entries of lists; a list of which
 * no number is given is its first entry. */
kr_status kr_tree_fail_under(const kr_tree *tree, const char *key, kr_error *error);

#endif
