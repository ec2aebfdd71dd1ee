#include "scene_schedule.h"

#include "scene_parts.h"

#include <kramers/schedule.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct parts {
    size_t count;
    uint64_t begin[KR_MAX_PHASES];
    kr_schedule schedule[KR_MAX_PHASES];
} parts;

static size_t part_of(const parts *all, uint64_t k) {
    size_t i = all->count - 1;
    while (i > 0 && all->begin[i] > k) i--;
    return i;
}

static double at(const kr_schedule *self, uint64_t k) {
    const parts *all = self->state;
    return kr_schedule_at(&all->schedule[part_of(all, k)], k);
}

/* A phase begins a cycle. */
static uint64_t next_cycle(const kr_schedule *self, uint64_t k) {
    const parts *all = self->state;
    size_t i = part_of(all, k);
    uint64_t next = kr_schedule_next_cycle(&all->schedule[i], k), end = i + 1 < all->count ? all->begin[i + 1] : UINT64_MAX;
    return next < end ? next : end;
}

static double largest(const kr_schedule *self) {
    const parts *all = self->state;
    double rate = 0;
    for (size_t i = 0; i < all->count; i++) rate = fmax(rate, kr_schedule_largest(&all->schedule[i]));
    return rate;
}

static void release(kr_schedule *self) {
    parts *all = self->state;
    for (size_t i = 0; i < all->count; i++) kr_schedule_destroy(&all->schedule[i]);
    free(all);
    self->state = NULL;
}

static const kr_schedule_type of_phases = {.about = {.name = "phases", .doc = "the schedule of each phase"},
                                           .at = at,
                                           .next_cycle = next_cycle,
                                           .largest = largest,
                                           .release = release};

static kr_status create(kr_schedule *schedule, const kr_scene *scene, kr_error *error) {
    return kr_schedule_create(schedule, &scene->schedule, scene->directory, scene->warmup, kr_scene_schedule_steps(scene), error);
}

kr_status kr_scene_schedule_create(kr_schedule *schedule, const kr_scene *scene, kr_error *error) {
    if (!scene->phase_count) return create(schedule, scene, error);
    parts *all = calloc(1, sizeof *all);
    *schedule = (kr_schedule){.type = all ? &of_phases : NULL, .state = all};
    kr_status status = all ? KR_OK : kr_fail(error, KR_NO_MEMORY, "not enough memory for the schedules of phases");
    for (size_t i = 0; i < scene->phase_count && status == KR_OK; i++) {
        status = create(&all->schedule[i], &scene->phases[i].scene, error);
        if (status != KR_OK) break;
        all->begin[all->count] = scene->phases[i].begin;
        all->schedule[all->count++].origin = scene->phases[i].origin;
    }
    if (status != KR_OK) kr_schedule_destroy(schedule);
    return status;
}

/* ---- the section ---- */

static kr_status resolve_warmup(kr_warmup *warmup, const kr_tree *schedule, kr_error *error) {
    kr_settings settings = {0};
    kr_status status = kr_section_plain(&settings, schedule, &kr_warmup_descriptor, NULL, error);
    if (!status) memcpy(warmup, settings.values, sizeof *warmup);
    kr_settings_destroy(&settings);
    return status;
}

kr_status kr_section_schedule(kr_settings *settings, kr_warmup *warmup, const kr_tree *tree, const kr_registry *registry,
                              kr_error *error) {
    static const char *const others[] = {"name", "warmup", NULL};
    const kr_tree *schedule = kr_tree_find(tree, "schedule");
    kr_status status = kr_section_plugin(settings, schedule, registry, KR_PLUGIN_SCHEDULE, "constant", others, error);
    return status ? status : resolve_warmup(warmup, schedule, error);
}
