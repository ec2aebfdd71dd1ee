/* Scenes as values: copies and their end. */
#include "scene_parts.h"

#include <stdlib.h>
#include <string.h>

static kr_status no_memory(kr_error *error) {
    return kr_fail(error, KR_NO_MEMORY, "out of memory while copying a scene");
}

/* NULL stays NULL. */
static bool copy_text(char **to, const char *from) {
    *to = from ? strdup(from) : NULL;
    return *to || !from;
}

static void destroy_step(kr_lesson_step *step) {
    for (size_t s = 0; s < step->setting_count; s++) free(step->settings[s]);
    free(step->settings);
    for (size_t i = 0; i < step->translation_count; i++) {
        free(step->translation[i].text.caption);
        free(step->translation[i].text.watch);
    }
    free(step->translation);
    free(step->caption);
    free(step->watch);
}

void kr_lesson_destroy(kr_lesson_step *lesson, size_t count) {
    for (size_t i = 0; i < count; i++) destroy_step(&lesson[i]);
    free(lesson);
}

static bool copy_translations(kr_lesson_step *to, const kr_lesson_step *from) {
    if (!from->translation_count) return true;
    if (!(to->translation = calloc(from->translation_count, sizeof *to->translation))) return false;
    for (size_t i = 0; i < from->translation_count; i++, to->translation_count++) {
        kr_translation *one = &to->translation[i];
        one->language = from->translation[i].language;
        bool enough = copy_text(&one->text.caption, from->translation[i].text.caption) &&
                      copy_text(&one->text.watch, from->translation[i].text.watch);
        if (!enough) {
            free(one->text.caption);
            return false;
        }
    }
    return true;
}

static bool copy_step(kr_lesson_step *to, const kr_lesson_step *from) {
    if (!copy_text(&to->caption, from->caption) || !copy_text(&to->watch, from->watch)) return false;
    if (!copy_translations(to, from)) return false;
    to->speed = from->speed;
    to->settings = calloc(from->setting_count + 1, sizeof *to->settings);
    for (size_t s = 0; to->settings && s < from->setting_count; s++, to->setting_count++)
        if (!copy_text(&to->settings[s], from->settings[s])) return false;
    return to->settings;
}

kr_status kr_lesson_copy(kr_lesson_step **to, const kr_lesson_step *from, size_t count, kr_error *error) {
    *to = NULL;
    if (!count) return KR_OK;
    bool enough = (*to = calloc(count, sizeof **to));
    for (size_t i = 0; enough && i < count; i++) enough = copy_step(&(*to)[i], &from[i]);
    if (enough) return KR_OK;
    if (*to) kr_lesson_destroy(*to, count);
    *to = NULL;
    return no_memory(error);
}

/* ---- phases ---- */

void kr_phase_list_destroy(kr_phase *phases, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (phases[i].scene.registry) kr_scene_destroy(&phases[i].scene);
        free(phases[i].name);
    }
    free(phases);
}

kr_status kr_phase_list_copy(kr_phase **to, const kr_phase *from, size_t count, kr_error *error) {
    *to = NULL;
    if (!count) return KR_OK;
    kr_status status = (*to = calloc(count, sizeof **to)) ? KR_OK : KR_NO_MEMORY;
    size_t done = 0;
    for (; done < count && status == KR_OK; done++) {
        kr_phase *phase = &(*to)[done];
        *phase = from[done];
        phase->scene = (kr_scene){0};
        if (!(phase->name = strdup(from[done].name))) status = KR_NO_MEMORY;
        if (status == KR_OK) status = kr_scene_copy(&phase->scene, &from[done].scene, NULL);
    }
    if (status == KR_OK) return KR_OK;
    kr_phase_list_destroy(*to, done);
    *to = NULL;
    return kr_fail(error, status, "out of memory while copying phases");
}

/* ---- the whole ---- */

void kr_scene_destroy(kr_scene *scene) {
    kr_settings *all[] = {&scene->landscape, &scene->dynamics, &scene->noise,     &scene->schedule,
                          &scene->ensemble,  &scene->escape,   &scene->trajectory};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) kr_settings_destroy(all[i]);
    for (size_t i = 0; i < KR_MAX_OBSERVERS; i++) kr_settings_destroy(&scene->observers[i]);
    for (size_t i = 0; i < scene->compare_count; i++) kr_compared_destroy(&scene->compare[i]);
    kr_lesson_destroy(scene->lesson, scene->lesson_count);
    kr_phase_list_destroy(scene->phases, scene->phase_count);
    kr_start_destroy(&scene->start);
    free(scene->name);
    free(scene->directory);
    free(scene->places);
    *scene = (kr_scene){0};
}

kr_status kr_scene_copy(kr_scene *to, const kr_scene *from, kr_error *error) {
    *to = (kr_scene){.registry = from->registry, .warmup = from->warmup, .target_count = from->target_count};
    to->keep_count = from->keep_count;
    memcpy(to->keep, from->keep, sizeof to->keep);
    bool copied =
        copy_text(&to->name, from->name) && copy_text(&to->directory, from->directory) && copy_text(&to->places, from->places);
    kr_status status = copied ? KR_OK : no_memory(error);
    const kr_settings *sources[] = {&from->landscape, &from->dynamics, &from->noise,     &from->schedule,
                                    &from->ensemble,  &from->escape,   &from->trajectory};
    kr_settings *targets[] = {&to->landscape, &to->dynamics, &to->noise,     &to->schedule,
                              &to->ensemble,  &to->escape,   &to->trajectory};
    for (size_t i = 0; i < sizeof targets / sizeof *targets && !status; i++)
        status = kr_settings_copy(targets[i], sources[i], error);
    for (size_t i = 0; i < KR_MAX_OBSERVERS && !status; i++)
        if (from->observers[i].about) status = kr_settings_copy(&to->observers[i], &from->observers[i], error);
    if (!status) status = kr_start_copy(&to->start, &from->start, error);
    for (size_t i = 0; i < from->target_count; i++) {
        to->targets[i] = from->targets[i];
        to->targets[i].center = NULL;
    }
    for (size_t i = 0; i < from->compare_count && !status; i++)
        if (!(status = kr_compared_copy(&to->compare[i], &from->compare[i], error))) to->compare_count++;
    if (!status && !(status = kr_lesson_copy(&to->lesson, from->lesson, from->lesson_count, error)))
        to->lesson_count = from->lesson_count;
    if (!status && !(status = kr_phase_list_copy(&to->phases, from->phases, from->phase_count, error)))
        to->phase_count = from->phase_count;
    to->schedule_steps = from->schedule_steps;
    if (status) kr_scene_destroy(to);
    return status;
}

bool kr_scene_same_start(const kr_scene *one, const kr_scene *other) {
    const kr_settings a = {.about = &kr_start_descriptor, .values = (void *)(uintptr_t)&one->start};
    const kr_settings b = {.about = &kr_start_descriptor, .values = (void *)(uintptr_t)&other->start};
    return one->start.kind == other->start.kind && kr_settings_equal(&a, &b);
}

bool kr_scene_same_targets(const kr_scene *a, const kr_scene *b) {
    if (a->target_count != b->target_count) return false;
    for (size_t t = 0; t < a->target_count; t++) {
        const kr_target *x = &a->targets[t], *y = &b->targets[t];
        if (x->coordinate != y->coordinate || x->below != y->below || x->above != y->above || x->radius != y->radius ||
            x->minimum != y->minimum)
            return false;
    }
    return true;
}

static bool same_prune(const kr_phase *a, const kr_phase *b) {
    const kr_settings x = {.about = &kr_prune_descriptor, .values = (void *)(uintptr_t)&a->prune},
                      y = {.about = &kr_prune_descriptor, .values = (void *)(uintptr_t)&b->prune};
    return a->prunes == b->prunes && (!a->prunes || kr_settings_equal(&x, &y));
}

static bool same_course(const kr_phase *x, const kr_phase *y) {
    return !strcmp(x->name, y->name) && x->steps == y->steps && x->optimizer == y->optimizer && x->continues == y->continues &&
           x->rewinds == y->rewinds && x->rewind_phase == y->rewind_phase && x->rewind_step == y->rewind_step && same_prune(x, y);
}

bool kr_phase_lists_equal(const kr_scene *a, const kr_scene *b) {
    bool equal = a->phase_count == b->phase_count;
    for (size_t i = 0; equal && i < a->phase_count; i++)
        equal = same_course(&a->phases[i], &b->phases[i]) && kr_scene_equal(&a->phases[i].scene, &b->phases[i].scene);
    return equal;
}

bool kr_phase_lists_alike(const kr_scene *a, const kr_scene *b) {
    bool alike = a->phase_count == b->phase_count;
    for (size_t i = 0; alike && i < a->phase_count; i++) {
        kr_phase own = b->phases[i];
        own.continues = false; /* it is compared above; as a difference it would count always */
        alike = same_course(&a->phases[i], &b->phases[i]) && !kr_phase_differs(&a->phases[i].scene, &own);
    }
    return alike;
}

bool kr_scene_equal(const kr_scene *a, const kr_scene *b) {
    const kr_settings *left[] = {&a->landscape, &a->dynamics, &a->noise, &a->schedule, &a->ensemble, &a->escape, &a->trajectory};
    const kr_settings *right[] = {&b->landscape, &b->dynamics, &b->noise, &b->schedule, &b->ensemble, &b->escape, &b->trajectory};
    for (size_t i = 0; i < sizeof left / sizeof *left; i++)
        if (!kr_settings_equal(left[i], right[i])) return false;
    for (size_t i = 0; i < KR_MAX_OBSERVERS; i++)
        if (a->observers[i].about != b->observers[i].about ||
            (a->observers[i].about && !kr_settings_equal(&a->observers[i], &b->observers[i])))
            return false;
    if (!kr_scene_same_compare(a, b) || a->warmup.steps != b->warmup.steps || a->warmup.factor != b->warmup.factor) return false;
    return kr_scene_same_start(a, b) && kr_scene_same_targets(a, b) && kr_scene_same_keep(a, b) && kr_phase_lists_equal(a, b);
}

unsigned kr_phase_differs(const kr_scene *around, const kr_phase *phase) {
    const kr_scene *own = &phase->scene;
    unsigned differs = 0;
    if (!kr_settings_equal(&own->landscape, &around->landscape)) differs |= KR_PHASE_LANDSCAPE;
    if (!kr_settings_equal(&own->dynamics, &around->dynamics)) differs |= KR_PHASE_DYNAMICS;
    if (!kr_settings_equal(&own->noise, &around->noise)) differs |= KR_PHASE_NOISE;
    if (phase->continues || !kr_settings_equal(&own->schedule, &around->schedule) || own->warmup.steps != around->warmup.steps ||
        own->warmup.factor != around->warmup.factor)
        differs |= KR_PHASE_SCHEDULE;
    if (!kr_scene_same_keep(own, around)) differs |= KR_PHASE_KEEP;
    if (!kr_settings_equal(&own->escape, &around->escape) || !kr_scene_same_targets(own, around)) differs |= KR_PHASE_ESCAPE;
    return differs;
}
