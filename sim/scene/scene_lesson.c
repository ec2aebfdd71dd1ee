/* Lessons: steps of a caption, what to watch, and settings on top of those of the step before. */
#include "scene_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool kr_lesson_fits(const kr_scene *scene) {
    kr_scene now;
    bool fits = kr_scene_copy(&now, scene, NULL) == KR_OK;
    for (size_t i = 0; fits && i < scene->lesson_count; i++) {
        const kr_lesson_step *step = &scene->lesson[i];
        const char *const *settings = (const char *const *)step->settings;
        kr_scene next;
        if (!step->setting_count) continue;
        fits = kr_scene_change(&next, &now, settings, settings, step->setting_count, scene->name, NULL) == KR_OK;
        if (!fits) break;
        kr_scene_destroy(&now);
        now = next;
    }
    kr_scene_destroy(&now);
    return fits;
}

/* ---- from the tree ---- */

static kr_status no_memory(kr_error *error) {
    return kr_fail(error, KR_NO_MEMORY, "out of memory while reading a lesson");
}

/* A value as flow text, for --set. */
static void write_value(FILE *out, const kr_tree *node) {
    if (node->kind == KR_TREE_SCALAR) {
        kr_scene_write_scalar(out, node->text, node->plain);
        return;
    }
    fputc(node->kind == KR_TREE_LIST ? '[' : '{', out);
    for (const kr_tree *entry = node->child; entry; entry = entry->next) {
        if (node->kind == KR_TREE_MAP) fprintf(out, "%s: ", entry->key);
        write_value(out, entry);
        if (entry->next) fputs(", ", out);
    }
    fputc(node->kind == KR_TREE_LIST ? ']' : '}', out);
}

/* Settings under construction, with their places. */
typedef struct setting_list {
    char *text[256], place[256][160];
    size_t count;
} setting_list;

static kr_status add_setting(setting_list *list, const char *key, const kr_tree *value, kr_error *error) {
    size_t size;
    if (list->count == sizeof list->text / sizeof *list->text) {
        kr_fail(error, KR_BAD_ARGUMENT, "a step of a lesson may have at most %zu settings", list->count);
        return kr_tree_fail_key(value, error);
    }
    FILE *out = open_memstream(&list->text[list->count], &size);
    if (!out) return no_memory(error);
    fprintf(out, "%s=", key);
    write_value(out, value);
    bool failed = ferror(out) != 0;
    if (fclose(out) || failed) return no_memory(error);
    kr_error place = {.message = ""};
    kr_tree_fail_key(value, &place);
    snprintf(list->place[list->count], sizeof list->place[0], "%.159s", place.message);
    size_t length = strlen(list->place[list->count]);
    while (length && strchr(": ", list->place[list->count][length - 1])) list->place[list->count][--length] = 0;
    list->count++;
    return KR_OK;
}

/* {schedule.lr: 0.1} and {schedule: {lr: 0.1}} are the same. */
static kr_status collect(setting_list *list, const char *prefix, const kr_tree *map, kr_error *error) {
    kr_status status = KR_OK;
    for (const kr_tree *entry = map->child; entry && !status; entry = entry->next) {
        char key[200];
        int length = snprintf(key, sizeof key, "%s%s%s", prefix, *prefix ? "." : "", entry->key);
        if (strchr(entry->key, '=') || length >= (int)sizeof key || kr_tree_is_null(entry)) {
            kr_fail(error, KR_BAD_ARGUMENT, "settings are {KEY: VALUE}, for instance {schedule.lr: 0.1}");
            status = kr_tree_fail_key(entry, error);
        } else {
            status = entry->kind == KR_TREE_MAP ? collect(list, key, entry, error) : add_setting(list, key, entry, error);
        }
    }
    return status;
}

/* Moves what was collected into the step, and now becomes the scene after it. */
static kr_status apply(kr_lesson_step *step, setting_list *list, const kr_tree *node, kr_scene *now, kr_error *error) {
    const char *label[256];
    kr_error place = {.message = ""};
    kr_scene next;
    kr_tree_fail(node, &place);
    size_t length = strlen(place.message);
    while (length && strchr(": ", place.message[length - 1])) place.message[--length] = 0;
    for (size_t i = 0; i < list->count; i++) label[i] = list->place[i];
    kr_status status = kr_scene_change(&next, now, (const char *const *)list->text, label, list->count, place.message, error);
    if (status) return status;
    bool phased = now->phase_count > 0, still = next.phase_count > 0;
    kr_scene_destroy(now);
    *now = next;
    if (phased != still) {
        kr_fail(
            error, KR_BAD_ARGUMENT,
            "a step of a lesson may change the phases of its scene, but neither add the first nor take away the last; begin with "
            "a scene %s",
            still ? "that has one phase" : "without phases");
        return kr_tree_fail(node, error);
    }
    if (!(step->settings = calloc(list->count + 1, sizeof *step->settings))) return no_memory(error);
    for (size_t i = 0; i < list->count; i++) {
        step->settings[step->setting_count++] = list->text[i];
        list->text[i] = NULL;
    }
    return KR_OK;
}

static kr_status resolve_settings(kr_lesson_step *step, const kr_tree *node, kr_scene *now, kr_error *error) {
    const kr_tree *settings;
    kr_status status = kr_section_find(node, "settings", &settings, error);
    if (status || !settings) return status;
    setting_list *list = calloc(1, sizeof *list);
    if (!list) return no_memory(error);
    status = collect(list, "", settings, error);
    if (!status) status = apply(step, list, node, now, error);
    for (size_t i = 0; i < sizeof list->text / sizeof *list->text; i++) free(list->text[i]);
    free(list);
    return status;
}

/* ---- languages ---- */

const kr_language kr_languages[] = {{"de", "German"}, {"es", "Spanish"},    {"fr", "French"},  {"it", "Italian"}, {"nl", "Dutch"},
                                    {"pl", "Polish"}, {"pt", "Portuguese"}, {"sv", "Swedish"}, {NULL, NULL}};

enum { LANGUAGES = sizeof kr_languages / sizeof *kr_languages - 1 };

const char *kr_languages_text(char *text, size_t size) {
    size_t used = 0;
    *text = 0;
    for (size_t i = 0; i < LANGUAGES && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s (%s)", i ? ", " : "", kr_languages[i].code, kr_languages[i].name);
    return text;
}

kr_caption kr_lesson_caption(const kr_lesson_step *step, const char *language) {
    for (size_t i = 0; language && i < step->translation_count; i++)
        if (!strcmp(step->translation[i].language, language)) return step->translation[i].text;
    return (kr_caption){step->caption, step->watch};
}

static const char *find_language(const char *code) {
    for (size_t i = 0; i < LANGUAGES; i++)
        if (!strcmp(kr_languages[i].code, code)) return kr_languages[i].code;
    return NULL;
}

static kr_status resolve_translation(kr_lesson_step *step, const char *language, const kr_tree *node, kr_error *error) {
    static const char *const none[] = {NULL};
    if (node->kind != KR_TREE_MAP)
        return kr_section_wrong_kind(node, "a step of a lesson in another language",
                                     "a mapping such as {caption: text, watch: text}", error);
    kr_settings values = {0};
    kr_status status = kr_settings_create(&values, &kr_translation_descriptor, error);
    if (!status) status = kr_section_assign(&values, node, "key of a caption in another language", none, NULL, NULL, false, error);
    if (!status) {
        kr_caption *read = values.values;
        step->translation[step->translation_count++] = (kr_translation){language, *read};
        *read = (kr_caption){NULL, NULL}; /* the scene owns them now */
    }
    kr_settings_destroy(&values);
    return status;
}

/* Keys of two letters are languages. */
static kr_status resolve_translations(kr_lesson_step *step, const kr_tree *node, kr_error *error) {
    kr_status status = KR_OK;
    size_t count = 0;
    for (const kr_tree *entry = node->child; entry; entry = entry->next) {
        char known[400];
        if (strlen(entry->key) != 2) continue;
        count++;
        if (find_language(entry->key)) continue;
        kr_fail(error, KR_BAD_ARGUMENT, "'%s' is no language of captions; there are %s, and caption and watch are in English",
                entry->key, kr_languages_text(known, sizeof known));
        return kr_tree_fail_key(entry, error);
    }
    if (!count) return KR_OK;
    if (!(step->translation = calloc(count, sizeof *step->translation))) return no_memory(error);
    for (const kr_tree *entry = node->child; entry && !status; entry = entry->next) {
        const char *language = find_language(entry->key);
        if (language && !kr_tree_is_null(entry)) status = resolve_translation(step, language, entry, error);
    }
    return status;
}

static kr_status resolve_step(kr_lesson_step *step, const kr_tree *node, kr_scene *now, kr_error *error) {
    const char *others[LANGUAGES + 2] = {"settings"};
    for (size_t i = 0; i < LANGUAGES; i++) others[i + 1] = kr_languages[i].code;
    if (node->kind != KR_TREE_MAP)
        return kr_section_wrong_kind(node, "a step of a lesson", "a mapping such as {caption: text, settings: {schedule.lr: 0.1}}",
                                     error);
    kr_settings values = {0};
    kr_status status = resolve_translations(step, node, error);
    if (!status) status = kr_settings_create(&values, &kr_lesson_descriptor, error);
    if (!status) status = kr_section_assign(&values, node, "key of a step of the lesson", others, NULL, NULL, false, error);
    if (!status) {
        kr_lesson_step *read = values.values;
        step->caption = read->caption;
        step->watch = read->watch;
        step->speed = read->speed;
        read->caption = read->watch = NULL; /* the scene owns them now */
    }
    kr_settings_destroy(&values);
    return status ? status : resolve_settings(step, node, now, error);
}

kr_status kr_scene_resolve_lesson(kr_scene *scene, const kr_tree *node, kr_error *error) {
    if (!node || kr_tree_is_null(node)) return KR_OK;
    if (node->kind != KR_TREE_LIST) return kr_section_wrong_kind(node, "lesson", "a list of steps, [{caption: ...}, ...]", error);
    size_t count = kr_tree_count(node);
    if (count > KR_MAX_LESSON_STEPS) {
        kr_fail(error, KR_BAD_ARGUMENT, "the lesson has %zu steps; at most %d are allowed", count, KR_MAX_LESSON_STEPS);
        return kr_tree_fail(node, error);
    }
    if (!count) return KR_OK;
    kr_scene now;
    if (!(scene->lesson = calloc(count, sizeof *scene->lesson))) return no_memory(error);
    kr_status status = kr_scene_copy(&now, scene, error);
    for (const kr_tree *entry = node->child; entry && !status; entry = entry->next)
        status = resolve_step(&scene->lesson[scene->lesson_count++], entry, &now, error);
    kr_scene_destroy(&now);
    return status;
}
