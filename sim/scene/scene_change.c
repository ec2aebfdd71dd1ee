/* Scenes with a few settings changed. */
#include "scene_parts.h"

#include <stdlib.h>
#include <string.h>

/* It is no setting, and its steps are checked against the settings only when a text is read. */
static kr_status refuse_lesson(const kr_tree *tree, kr_error *error) {
    const kr_tree *lesson = kr_tree_find(tree, "lesson");
    if (!lesson || kr_tree_is_null(lesson)) return KR_OK;
    kr_fail(error, KR_BAD_ARGUMENT, "a lesson is no setting; it can't be changed while it runs");
    return kr_tree_fail(lesson, error);
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
    if (!status) status = refuse_lesson(tree, error);
    if (!status) status = kr_scene_resolve(to, tree, error);
    kr_tree_destroy(tree);
    free(text);
    if (status) kr_scene_destroy(to);
    return status;
}
