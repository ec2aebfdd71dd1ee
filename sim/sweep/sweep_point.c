/* The points of the grid: their scenes, their seeds, and which of them this process has to do. */
#include "sweep_state.h"

#include <kramers/number_text.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TRIED = 4096 }; /* points of a large grid that are tried for one that can be run */

static kr_status no_memory(kr_error *error) {
    return kr_fail(error, KR_NO_MEMORY, "not enough memory for the table of a sweep");
}

/* ---- seeds ---- */

static uint64_t mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

static uint64_t hash_text(uint64_t hash, const char *text) {
    for (; *text; text++) hash = (hash ^ (unsigned char)*text) * 0x100000001b3U;
    return hash;
}

/* 0.1, 1e-1 and .10 are one value. */
static uint64_t hash_assignment(const char *key, const char *value) {
    char number_text[KR_NUMBER_TEXT];
    double number;
    uint64_t hash = hash_text(hash_text(0xcbf29ce484222325U, key), "=");
    return hash_text(hash, kr_number_parse(value, &number) ? kr_number_text(number, number_text) : value);
}

/* A sum: the order in which keys are varied does not matter. */
uint64_t kr_sweep_seed(uint64_t scene_seed, const char *const *assignment, size_t count) {
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        char *key = strdup(assignment[i]), *equals = key ? strchr(key, '=') : NULL;
        if (equals) {
            *equals = 0;
            sum += mix(hash_assignment(key, equals + 1));
        }
        free(key);
    }
    return mix(mix(scene_seed + 0x9e3779b97f4a7c15U) + sum) >> 11;
}

/* ---- scenes ---- */

static char *assignment(const char *key, const char *value) {
    size_t length = strlen(key) + strlen(value) + 2;
    char *text = malloc(length);
    if (text) snprintf(text, length, "%s=%s", key, value);
    return text;
}

kr_status kr_sweep_scene(kr_sweep *sweep, size_t point, bool plain, kr_scene *scene, kr_error *error) {
    size_t count = sweep->override_count;
    bool complete = true;
    for (size_t a = 0; a < sweep->axis_count; a++) {
        char **text = &sweep->override[count++];
        free(*text);
        *text = assignment(sweep->axis[a].key, sweep->axis[a].value[kr_sweep_axis_index(sweep, point, a)]);
        complete = complete && *text;
    }
    if (!plain && !sweep->seed_varied && complete) {
        char seed[32], **text = &sweep->override[count];
        const char *const *varied = (const char *const *)sweep->override + sweep->override_count;
        snprintf(seed, sizeof seed, "%llu", (unsigned long long)kr_sweep_seed(sweep->scene_seed, varied, sweep->axis_count));
        free(*text);
        *text = assignment("ensemble.seed", seed);
        complete = *text;
        count++;
    }
    kr_status status = complete ? kr_scene_source_parse(scene, sweep->registry, &sweep->source,
                                                        (const char *const *)sweep->override, count, sweep->override_count, error)
                                : no_memory(error);
    if (status) return status;
    /* A sweep writes no trajectories. */
    const kr_parameter *file = kr_parameter_find(scene->trajectory.about, KR_TRAJECTORY_FILE);
    return file ? kr_set_text(&scene->trajectory, file, NULL, error) : KR_OK;
}

uint64_t kr_sweep_point_seed(const kr_sweep *sweep, size_t point) {
    uint64_t given = 0;
    char *text[KR_SWEEP_MOST_KEYS];
    for (size_t a = 0; a < sweep->axis_count; a++) {
        const char *value = sweep->axis[a].value[kr_sweep_axis_index(sweep, point, a)];
        if (!strcmp(sweep->axis[a].key, "ensemble.seed")) kr_natural_parse(value, &given);
        text[a] = assignment(sweep->axis[a].key, value);
    }
    uint64_t seed = kr_sweep_seed(sweep->scene_seed, (const char *const *)text, sweep->axis_count);
    for (size_t a = 0; a < sweep->axis_count; a++) free(text[a]);
    return sweep->seed_varied ? given : seed;
}

/* ---- the first that can be run ---- */

/* Every point of a small grid; of a large one values with the first of the others, on a long axis so many from the first to the
 * last of them. Something that none of these can have is a mistake in the command; what some cannot have is said in their rows. */
kr_status kr_sweep_find_first(kr_sweep *sweep, kr_error *error) {
    kr_error first = {.status = KR_OK}, why;
    size_t stride = sweep->count;
    for (size_t a = 0; a < sweep->axis_count; a++) {
        bool small = sweep->count <= TRIED;
        size_t count = small ? sweep->count : sweep->axis[a].count, tried = count < TRIED ? count : TRIED;
        stride = small ? 1 : stride / count;
        for (size_t i = 0; i < tried; i++) {
            size_t point = (tried > 1 ? i * (count - 1) / (tried - 1) : 0) * stride;
            kr_status status = kr_sweep_scene(sweep, point, true, &sweep->first, &why);
            if (!status) {
                sweep->first_point = point;
                return KR_OK;
            }
            if (first.status) continue;
            char place[512];
            first = why;
            kr_sweep_point_text(sweep, point, place, sizeof place);
            kr_fail_at(&first, status, "%s", place);
        }
        if (small) break;
    }
    sweep->first = (kr_scene){0};
    if (error) *error = first;
    return first.status;
}

bool kr_sweep_is_wanted(const kr_sweep *sweep, size_t point) {
    return point % sweep->parts == sweep->part - 1;
}

size_t kr_sweep_points(const kr_sweep *sweep) {
    return sweep->count;
}

/* ---- escape.method: auto ---- */

kr_status kr_sweep_split_scene(kr_scene *split, const kr_scene *scene, kr_error *error) {
    kr_status status = kr_scene_copy(split, scene, error);
    if (status) return status;
    ((kr_escape_settings *)split->escape.values)->method = KR_METHOD_SPLITTING;
    kr_ensemble_settings *ensemble = split->ensemble.values;
    ensemble->until_events = 0;
    ensemble->until_relative_error = 0;
    return KR_OK;
}

bool kr_sweep_counted_nothing(const kr_scene *scene, const kr_result *result) {
    return !scene->phase_count && kr_scene_escape(scene)->method == KR_METHOD_AUTO && result->escape_measured &&
           !result->splitting && !result->escape.events;
}
