/* keep: [lr/noise.batch_size, {product: lr*dynamics.weight_decay, integer: true}]: invariants that numbers follow the learning rate
 * for. What they mean is the engine's (drive.h). */
#include "scene_parts.h"

#include <string.h>

static kr_status too_many(const kr_tree *node, kr_error *error) {
    kr_fail(error, KR_BAD_ARGUMENT, "keep can hold at most %d invariants", KR_MAX_KEEP);
    return kr_tree_fail(node, error);
}

/* Without blanks. */
static kr_status set_invariant(kr_keep *keep, const kr_tree *node, kr_error *error) {
    size_t used = 0;
    if (node->kind != KR_TREE_SCALAR || kr_tree_is_null(node))
        return kr_section_wrong_kind(node, "an invariant", "a product such as lr*dynamics.weight_decay, temperature or friction",
                                     error);
    for (const char *c = node->text; *c; c++) {
        if (*c == ' ' || *c == '\t') continue;
        if (used + 1 >= sizeof keep->invariant) {
            kr_fail(error, KR_BAD_ARGUMENT, "'%.40s...' is too long for an invariant", node->text);
            return kr_tree_fail(node, error);
        }
        keep->invariant[used++] = *c;
    }
    keep->invariant[used] = 0;
    return KR_OK;
}

static const kr_parameter integer_row = {.name = "integer", .type = KR_SWITCH, .offset = offsetof(kr_keep, integer)};

static kr_status resolve(kr_keep *keep, const kr_tree *node, kr_error *error) {
    static const char *const keys[] = {"product", "integer", NULL};
    if (node->kind != KR_TREE_MAP) return set_invariant(keep, node, error);
    for (const kr_tree *entry = node->child; entry; entry = entry->next)
        if (!kr_section_is_among(entry->key, keys)) return kr_section_unknown_key(entry, "key of keep", NULL, keys, NULL, error);
    const kr_tree *product = kr_tree_find(node, "product"), *integer = kr_tree_find(node, "integer");
    if (!product) {
        kr_fail(error, KR_BAD_ARGUMENT, "an invariant needs 'product', such as {product: lr/noise.batch_size, integer: true}");
        return kr_tree_fail(node, error);
    }
    kr_status status = set_invariant(keep, product, error);
    if (status || !integer) return status;
    return kr_section_assign_entry(&(kr_settings){.values = keep}, &integer_row, integer, NULL, error);
}

kr_status kr_scene_resolve_keep(kr_scene *scene, const kr_tree *node, kr_error *error) {
    kr_status status = KR_OK;
    scene->keep_count = 0;
    if (!node || kr_tree_is_null(node)) return KR_OK;
    if (node->kind != KR_TREE_LIST) {
        scene->keep[0] = (kr_keep){0};
        status = resolve(&scene->keep[0], node, error);
        scene->keep_count = status == KR_OK;
        return status;
    }
    for (const kr_tree *entry = node->child; entry && !status; entry = entry->next) {
        if (scene->keep_count == KR_MAX_KEEP) return too_many(entry, error);
        kr_keep *keep = &scene->keep[scene->keep_count];
        *keep = (kr_keep){0};
        if (!(status = resolve(keep, entry, error))) scene->keep_count++;
    }
    return status;
}

bool kr_scene_same_keep(const kr_scene *a, const kr_scene *b) {
    if (a->keep_count != b->keep_count) return false;
    for (size_t i = 0; i < a->keep_count; i++)
        if (strcmp(a->keep[i].invariant, b->keep[i].invariant) != 0 || a->keep[i].integer != b->keep[i].integer) return false;
    return true;
}
