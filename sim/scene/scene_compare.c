/* Further dynamics beside the scene's; and scenes with a few settings changed. */
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
    kr_status status = kr_section_plugin(settings, entry, "dynamics", scene->registry->dynamics, NULL, name, error);
    if (status) return kr_settings_destroy(settings), status;
    scene->compare_count++;
    kr_dynamics dynamics;
    status = kr_dynamics_create(&dynamics, (const kr_dynamics_type *)settings->about, settings->values, error);
    return status ? kr_tree_fail(entry, error) : KR_OK;
}

kr_status kr_scene_resolve_compare(kr_scene *scene, const kr_tree *node, kr_error *error) {
    if (!node || kr_tree_is_null(node)) return KR_OK;
    if (node->kind != KR_TREE_LIST) return kr_section_wrong_kind(node, "compare", "a list of dynamics, [{name: ...}, ...]", error);
    kr_status status = KR_OK;
    for (const kr_tree *entry = node->child; entry && !status; entry = entry->next) status = resolve_entry(scene, entry, error);
    return status;
}

static kr_status copy_names(kr_scene *to, const kr_scene *from, kr_error *error) {
    *to = (kr_scene){
        .registry = from->registry, .name = malloc(strlen(from->name) + 1), .directory = malloc(strlen(from->directory) + 1)};
    if (to->name) strcpy(to->name, from->name);
    if (to->directory) strcpy(to->directory, from->directory);
    return to->name && to->directory ? KR_OK : kr_fail(error, KR_NO_MEMORY, "out of memory while reading a scene");
}

kr_status kr_scene_change(kr_scene *to, const kr_scene *from, const char *const *assignment, const char *const *label, size_t count,
                          const char *base, kr_error *error) {
    kr_scene settings = *from;
    kr_tree *tree = NULL;
    char *text = NULL;
    settings.lesson_count = 0;
    kr_status status = copy_names(to, from, error);
    if (!status) status = kr_scene_write(&settings, &text, error);
    if (!status) status = kr_tree_parse(&tree, base, text, strlen(text), error);
    if (!status) kr_tree_relabel(tree, base);
    for (size_t i = 0; i < count && !status; i++) status = kr_tree_set(tree, assignment[i], label[i], error);
    if (!status) status = kr_scene_resolve(to, tree, error);
    kr_tree_destroy(tree);
    free(text);
    if (status) kr_scene_destroy(to);
    return status;
}
