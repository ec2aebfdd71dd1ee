/* What is compared with the scene: entries with sections of their own, beside all else of the scene. A section without a name
 * leaves what it does not give as the scene has it; keys of a dynamics may stand in the entry itself. */
#include "scene_parts.h"

#include <stdlib.h>
#include <string.h>

static bool is_section_of_scene(const kr_scene *scene, const char *key) {
    const char *sections[KR_MAX_SECTIONS + 1];
    kr_scene_section_names(scene->registry, sections);
    return kr_section_is_among(key, sections);
}

/* Keys of the entry that are sections of the scene, but none that can be compared. */
static kr_status refuse_others(const kr_scene *scene, const kr_tree *entry, kr_error *error) {
    for (const kr_tree *key = entry->kind == KR_TREE_MAP ? entry->child : NULL; key; key = key->next) {
        if (kr_section_is_among(key->key, kr_compared_sections) || !is_section_of_scene(scene, key->key)) continue;
        kr_fail(error, KR_BAD_ARGUMENT, "an entry of compare can change dynamics, noise and schedule, not %s", key->key);
        return kr_tree_fail_key(key, error);
    }
    return KR_OK;
}

static kr_status out_of_memory(kr_error *error) {
    return kr_fail(error, KR_NO_MEMORY, "out of memory while reading what is compared");
}

/* Keys of the entry that are no sections, as a section dynamics; NULL: there are none. */
static kr_status direct_dynamics(const kr_tree *entry, kr_tree **dynamics, kr_error *error) {
    kr_tree *copy = kr_tree_copy(entry), *section;
    *dynamics = NULL;
    if (!copy) return out_of_memory(error);
    for (size_t i = 0; i < KR_COMPARED_SECTIONS && copy->kind == KR_TREE_MAP; i++)
        if ((section = kr_tree_find(copy, kr_compared_sections[i]))) kr_tree_remove(copy, section);
    if (copy->kind == KR_TREE_MAP && !copy->child)
        kr_tree_destroy(copy);
    else
        *dynamics = copy;
    return KR_OK;
}

/* The scene's own tree with the sections of the entry in it. has: which of them it gives. */
static kr_status merge(kr_tree *tree, const kr_tree *entry, bool has[KR_COMPARED_SECTIONS], kr_error *error) {
    kr_tree *direct;
    kr_status status = direct_dynamics(entry, &direct, error);
    if (direct) {
        status = kr_section_put(tree, "dynamics", direct, error);
        has[KR_COMPARED_DYNAMICS] = true;
        kr_tree_destroy(direct);
    }
    for (size_t i = 0; i < KR_COMPARED_SECTIONS && entry->kind == KR_TREE_MAP && !status; i++) {
        const kr_tree *section = kr_tree_find(entry, kr_compared_sections[i]);
        if (!section || kr_tree_is_null(section)) continue;
        if (i == KR_COMPARED_DYNAMICS && direct && !section->set) {
            kr_fail(error, KR_BAD_ARGUMENT, "the dynamics stands both in the entry of compare and in its section dynamics");
            return kr_tree_fail_key(section, error);
        }
        status = kr_section_put(tree, kr_compared_sections[i], section, error);
        has[i] = true;
    }
    return status;
}

static kr_status resolve_sections(kr_compared *own, const kr_registry *registry, const kr_tree *tree, const bool *has,
                                  kr_error *error) {
    static const char *const name[] = {"name", NULL};
    kr_status status = KR_OK;
    if (has[KR_COMPARED_DYNAMICS])
        status = kr_section_plugin(&own->own[KR_COMPARED_DYNAMICS], kr_tree_find(tree, "dynamics"), registry, KR_PLUGIN_DYNAMICS,
                                   "sgld", name, error);
    if (has[KR_COMPARED_NOISE] && !status)
        status = kr_section_noise(&own->own[KR_COMPARED_NOISE], kr_tree_find(tree, "noise"), registry, error);
    if (has[KR_COMPARED_SCHEDULE] && !status)
        status = kr_section_schedule(&own->own[KR_COMPARED_SCHEDULE], &own->warmup, tree, registry, error);
    return status;
}

static kr_status resolve_entry(kr_scene *scene, const kr_tree *tree, const kr_tree *entry, kr_error *error) {
    bool has[KR_COMPARED_SECTIONS] = {false};
    if (scene->compare_count == KR_MAX_COMPARE) {
        kr_fail(error, KR_BAD_ARGUMENT, "there may be at most %d entries of compare beside the scene itself", KR_MAX_COMPARE);
        return kr_tree_fail(entry, error);
    }
    if (entry->kind == KR_TREE_LIST || kr_tree_is_null(entry) || (entry->kind == KR_TREE_MAP && !entry->child)) {
        kr_fail(error, KR_BAD_ARGUMENT,
                "an entry of compare says what differs from the scene, as in {name: momentum, momentum: 0.9} for another dynamics, "
                "{schedule: {lr: 0.1}} or {noise: {name: isotropic, sigma: 1}}");
        return kr_tree_fail(entry, error);
    }
    kr_status status = refuse_others(scene, entry, error);
    kr_tree *merged = status ? NULL : kr_tree_copy(tree);
    kr_compared *own = &scene->compare[scene->compare_count];
    if (!status && !merged) status = out_of_memory(error);
    if (!status) status = merge(merged, entry, has, error);
    if (!status) status = resolve_sections(own, scene->registry, merged, has, error);
    kr_tree_destroy(merged);
    if (status) return kr_compared_destroy(own), status;
    scene->compare_count++;
    return KR_OK;
}

kr_status kr_scene_resolve_compare(kr_scene *scene, const kr_tree *tree, kr_error *error) {
    const kr_tree *node = kr_tree_find(tree, "compare");
    if (!node || kr_tree_is_null(node)) return KR_OK;
    if (node->kind != KR_TREE_LIST)
        return kr_section_wrong_kind(node, "compare", "a list, [{name: momentum}, {schedule: {lr: 0.1}}, ...]", error);
    kr_status status = KR_OK;
    for (const kr_tree *entry = node->child; entry && !status; entry = entry->next)
        status = resolve_entry(scene, tree, entry, error);
    return status;
}
