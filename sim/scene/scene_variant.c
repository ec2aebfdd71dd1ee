/* What is compared, as values: which sections an entry has of its own, and the scene as each of the variants runs it. */
#include "scene_parts.h"

#include <stdio.h>

const char *const kr_compared_sections[] = {
    [KR_COMPARED_DYNAMICS] = "dynamics", [KR_COMPARED_NOISE] = "noise", [KR_COMPARED_SCHEDULE] = "schedule", NULL};

void kr_compared_destroy(kr_compared *compared) {
    for (size_t i = 0; i < KR_COMPARED_SECTIONS; i++) kr_settings_destroy(&compared->own[i]);
    *compared = (kr_compared){0};
}

kr_status kr_compared_copy(kr_compared *to, const kr_compared *from, kr_error *error) {
    kr_status status = KR_OK;
    *to = (kr_compared){.warmup = from->warmup};
    for (size_t i = 0; i < KR_COMPARED_SECTIONS && !status; i++)
        if (from->own[i].about) status = kr_settings_copy(&to->own[i], &from->own[i], error);
    if (status) kr_compared_destroy(to);
    return status;
}

static bool same_entry(const kr_compared *a, const kr_compared *b) {
    for (size_t i = 0; i < KR_COMPARED_SECTIONS; i++)
        if (a->own[i].about != b->own[i].about || (a->own[i].about && !kr_settings_equal(&a->own[i], &b->own[i]))) return false;
    return a->warmup.steps == b->warmup.steps && a->warmup.factor == b->warmup.factor;
}

bool kr_scene_same_compare(const kr_scene *a, const kr_scene *b) {
    bool same = a->compare_count == b->compare_count;
    for (size_t i = 0; same && i < a->compare_count; i++) same = same_entry(&a->compare[i], &b->compare[i]);
    return same;
}

kr_scene kr_scene_variant(const kr_scene *scene, size_t number) {
    kr_scene variant = *scene;
    variant.compare_count = 0;
    variant.lesson_count = 0;
    if (!number) return variant;
    const kr_compared *compared = &scene->compare[number - 1];
    kr_settings *const section[KR_COMPARED_SECTIONS] = {[KR_COMPARED_DYNAMICS] = &variant.dynamics,
                                                        [KR_COMPARED_NOISE] = &variant.noise,
                                                        [KR_COMPARED_SCHEDULE] = &variant.schedule};
    for (size_t i = 0; i < KR_COMPARED_SECTIONS; i++)
        if (compared->own[i].about) *section[i] = compared->own[i];
    if (compared->own[KR_COMPARED_SCHEDULE].about) variant.warmup = compared->warmup;
    return variant;
}

void kr_compared_key(char *key, size_t size, size_t number, kr_compared_section section) {
    snprintf(key, size, section == KR_COMPARED_DYNAMICS ? "compare.%zu" : "compare.%zu.%s", number, kr_compared_sections[section]);
}
