/* Further dynamics beside the scene's. */
#include "scene_parts.h"

#include <stdlib.h>
#include <string.h>

static kr_status resolve_entry(kr_scene *scene, const kr_tree *entry, kr_error *error) {
    static const char *const name[] = {"name", NULL};
    if (scene->compare_count == KR_MAX_COMPARE) {
        kr_fail(error, KR_BAD_ARGUMENT, "there may be at most %d dynamics beside the scene's own", KR_MAX_COMPARE);
        return kr_tree_fail(entry, error);
    }
    if (entry->kind == KR_TREE_LIST || kr_tree_is_null(entry) || (entry->kind == KR_TREE_MAP && !kr_tree_find(entry, "name"))) {
        kr_fail(error, KR_BAD_ARGUMENT, "an entry of compare names a dynamics, as in {name: momentum, momentum: 0.9}");
        return kr_tree_fail(entry, error);
    }
    kr_settings *settings = &scene->compare[scene->compare_count];
    kr_status status = kr_section_plugin(settings, entry, scene->registry, KR_PLUGIN_DYNAMICS, NULL, name, error);
    if (status) return kr_settings_destroy(settings), status;
    scene->compare_count++;
    return KR_OK;
}

kr_status kr_scene_resolve_compare(kr_scene *scene, const kr_tree *node, kr_error *error) {
    if (!node || kr_tree_is_null(node)) return KR_OK;
    if (node->kind != KR_TREE_LIST) return kr_section_wrong_kind(node, "compare", "a list of dynamics, [{name: ...}, ...]", error);
    kr_status status = KR_OK;
    for (const kr_tree *entry = node->child; entry && !status; entry = entry->next) status = resolve_entry(scene, entry, error);
    return status;
}
