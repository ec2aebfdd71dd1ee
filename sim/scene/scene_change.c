/* Scenes with a few settings changed: in place where they are single values, else by the text. */
#include "scene_parts.h"

#include <stdlib.h>
#include <string.h>

static kr_status no_memory(kr_error *error) {
    return kr_fail(error, KR_NO_MEMORY, "out of memory while changing a scene");
}

/* It is no setting, and its steps are checked against the settings only when a text is read. */
static kr_status refuse_lesson(const kr_tree *tree, kr_error *error) {
    const kr_tree *lesson = kr_tree_find(tree, "lesson");
    if (!lesson || kr_tree_is_null(lesson)) return KR_OK;
    kr_fail(error, KR_BAD_ARGUMENT, "a lesson is no setting; it can't be changed while it runs");
    return kr_tree_fail(lesson, error);
}

/* Settings alone: keys of the text no longer stand where they stood. */
static kr_status copy_settings(kr_scene *to, const kr_scene *from, kr_error *error) {
    kr_scene settings = *from;
    settings.places = NULL;
    settings.lesson = NULL;
    settings.lesson_count = 0;
    return kr_scene_copy(to, &settings, error);
}

/* ---- by the text ---- */

static kr_status copy_names(kr_scene *to, const kr_scene *from, kr_error *error) {
    *to = (kr_scene){.registry = from->registry,
                     .name = strdup(from->name),
                     .directory = strdup(from->directory),
                     .schedule_steps = from->schedule_steps};
    return to->name && to->directory ? KR_OK : no_memory(error);
}

static kr_status change_text(kr_scene *to, const kr_scene *from, const char *const *assignment, const char *const *label,
                             size_t count, const char *base, kr_error *error) {
    kr_scene settings = *from;
    kr_tree *tree = NULL;
    char *text = NULL;
    settings.lesson_count = 0;
    kr_status status = copy_names(to, from, error);
    if (!status) status = kr_scene_write(&settings, &text, error);
    if (!status) status = kr_tree_parse(&tree, base, false, text, strlen(text), error);
    if (!status) kr_tree_relabel(tree, base);
    for (size_t i = 0; i < count && !status; i++) status = kr_tree_set(tree, assignment[i], label[i], error);
    if (!status) status = refuse_lesson(tree, error);
    if (!status) status = kr_scene_resolve(to, tree, error);
    if (!status) status = kr_scene_resolve_check(to, tree, error);
    if (!status) status = kr_scene_resolve_phases(to, tree, false, error);
    kr_tree_destroy(tree);
    free(text);
    if (status) kr_scene_destroy(to);
    return status;
}

/* ---- in place ---- */

static kr_status check(kr_scene *scene, const kr_scene *before, const kr_change *change, size_t count, const char *base,
                       kr_error *error) {
    char key[KR_SCENE_KEY];
    kr_status status = kr_scene_settle_driven(scene, key, error);
    if (!status) status = kr_scene_check(scene, before, key, error);
    if (!status) return KR_OK;
    for (size_t i = 0; i < count; i++)
        if (!strcmp(change[i].key, key)) return kr_fail_at(error, status, "%s", change[i].label);
    return kr_fail_at(error, status, "%s", base);
}

static kr_status change_in_place(kr_scene *to, const kr_scene *from, const kr_change *change, size_t count, const char *base,
                                 bool *applied, kr_error *error) {
    *applied = false;
    kr_status status = copy_settings(to, from, error);
    if (status) return status;
    status = kr_scene_apply(to, change, count, base, applied, error);
    if (!status && *applied) status = check(to, from, change, count, base, error);
    if (status || !*applied) kr_scene_destroy(to);
    return status;
}

kr_status kr_scene_change(kr_scene *to, const kr_scene *from, const char *const *assignment, const char *const *label, size_t count,
                          const char *base, kr_error *error) {
    kr_change *change = calloc(count + 1, sizeof *change);
    char **key = calloc(count + 1, sizeof *key);
    kr_tree **value = calloc(count + 1, sizeof *value);
    kr_status status = change && key && value ? KR_OK : no_memory(error);
    for (size_t i = 0; i < count && !status; i++) {
        status = kr_tree_assignment(assignment[i], label[i], &key[i], &value[i], error);
        change[i] = (kr_change){.key = key[i], .label = label[i], .node = value[i]};
    }
    bool applied = false;
    if (!status) status = change_in_place(to, from, change, count, base, &applied, error);
    if (!status && !applied) status = change_text(to, from, assignment, label, count, base, error);
    for (size_t i = 0; i < count; i++) {
        if (key) free(key[i]);
        if (value) kr_tree_destroy(value[i]);
    }
    free(value);
    free(key);
    free(change);
    return status;
}

char *kr_scene_setting_text(const kr_scene *scene, const kr_setting *setting) {
    size_t size, length = strlen(setting->key);
    char *text = NULL;
    const kr_parameter *row = kr_scene_parameter(scene, setting->key);
    FILE *out = open_memstream(&text, &size);
    if (!out) return NULL;
    fprintf(out, "%s=", setting->key);
    bool is_name = setting->value.type == KR_TEXT && setting->value.text &&
                   (row ? row->type == KR_CHOICE : length > 5 && !strcmp(setting->key + length - 5, ".name"));
    if (is_name)
        kr_scene_write_scalar(out, setting->value.text, true);
    else
        kr_parameter_value_print(out, row, setting->value);
    if (!fclose(out)) return text;
    free(text);
    return NULL;
}

kr_status kr_scene_change_values(kr_scene *to, const kr_scene *from, const kr_setting *setting, size_t count, const char *base,
                                 kr_error *error) {
    kr_change *change = calloc(count + 1, sizeof *change);
    char **text = calloc(count + 1, sizeof *text);
    kr_status status = change && text ? KR_OK : no_memory(error);
    for (size_t i = 0; i < count && !status; i++) {
        if (!(text[i] = kr_scene_setting_text(from, &setting[i]))) status = no_memory(error);
        change[i] = (kr_change){.key = setting[i].key, .label = text[i], .value = setting[i].value};
    }
    bool applied = false;
    if (!status) status = change_in_place(to, from, change, count, base, &applied, error);
    if (!status && !applied)
        status = change_text(to, from, (const char *const *)text, (const char *const *)text, count, base, error);
    for (size_t i = 0; i < count && text; i++) free(text[i]);
    free(text);
    free(change);
    return status;
}
