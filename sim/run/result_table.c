/* The one table of what a run gives. Everything that shows results is a loop over these rows. */
#include "result_table.h"

#include <kramers/generator.h>
#include <kramers/version.h>

#include <string.h>

static bool version(const void *source, kr_value *value) {
    (void)source;
    value->data = KR_VERSION;
    return true;
}

static bool generator(const void *source, kr_value *value) {
    (void)source;
    value->data = kr_generator_name();
    return true;
}

/* A splitting has repeats instead of steps. */
static bool steps(const void *source, kr_value *value) {
    const kr_result *r = source;
    return !r->splitting && kr_value_count(value, r->steps);
}

static bool time_taken(const void *source, kr_value *value) {
    const kr_result *r = source;
    return !r->splitting && kr_value_number(value, r->time);
}

static bool first_diverged_step(const void *source, kr_value *value) {
    const kr_result *r = source;
    return r->diverged && !r->splitting && kr_value_count(value, r->first_diverged_step);
}

static bool first_diverged_particle(const void *source, kr_value *value) {
    const kr_result *r = source;
    return r->diverged && !r->splitting && kr_value_count(value, r->first_diverged_particle);
}

static bool warnings(const void *source, kr_value *value) {
    const kr_result *r = source;
    return kr_value_list(value, r->warnings, r->warning_count, sizeof r->warnings[0]);
}

static const kr_result_row of_run[] = {
    KR_ROW("version", TEXT, 0, NULL, "of kramers", KR_NOT("kramers --version says it"), KR_NOT("/parameters/kramers has it"),
           KR_NOT("the head of the table says it"), .get = version),
    KR_ROW("generator", TEXT, 0, NULL, "of the random numbers", KR_NOT("kramers --version says it"),
           KR_NOT("/parameters/kramers has it"), KR_NOT("the head of the table says it"), .get = generator),
    KR_ROW("steps", COUNT, 0, "steps", "steps done", KR_BY("run"), KR_AT("escape/summary/steps"), KR_WITH("steps", KR_NEVER_EMPTY),
           .get = steps),
    KR_ROW("time", NUMBER, 0, "time", "time that passed: the sum of the learning rates taken, or physical time", KR_BY("run"),
           KR_AT("escape/summary/time"), KR_AT("time"), .get = time_taken),
    KR_ROW("particle_steps", COUNT, 0, "steps", "steps done, of all particles together", KR_BY("run"),
           KR_AT("escape/summary/particle_steps"), KR_AT("particle_steps"), .offset = offsetof(kr_result, particle_steps)),
    KR_ROW("wall_seconds", NUMBER, 0, "s", "how long it took", KR_BY("run"), KR_NOT("equal runs make equal files"),
           KR_NOT("equal sweeps make equal tables"), .offset = offsetof(kr_result, wall_seconds)),
    KR_ROW("interrupted", SWITCH, 0, NULL, "whether the run was stopped before its end", KR_BY("run"),
           KR_NOT("a file that goes on is that of a run that was never stopped"), KR_NOT("such a point has no row"),
           .offset = offsetof(kr_result, interrupted)),
    KR_ROW("diverged", COUNT, 0, NULL, "particles, or paths of a splitting, that became non-finite", KR_BY("diverged"),
           KR_AT("escape/summary/diverged"), KR_WITH("diverged", KR_NEVER_EMPTY), .offset = offsetof(kr_result, diverged)),
    KR_ROW("first_diverged_step", COUNT, 0, "steps", "step at which the first of them did", KR_BY("diverged"),
           KR_AT("escape/summary/first_diverged_step"), KR_AT("first_diverged_step"), .get = first_diverged_step),
    KR_ROW("first_diverged_particle", COUNT, 0, NULL, "the first of them", KR_BY("diverged"),
           KR_AT("escape/summary/first_diverged_particle"), KR_AT("first_diverged_particle"), .get = first_diverged_particle),
    KR_ROW("temperature", NUMBER, 0, "energy", "leading-order temperature at the start, gradient noise included",
           KR_NOT("the theory effective_temperature says it"), KR_AT("escape/summary/temperature"), KR_AT("temperature"),
           .offset = offsetof(kr_result, temperature)),
    KR_ROW("warnings", TEXT, 1, NULL, "where the numbers need a caution", KR_BY("Warnings"), KR_AT("warnings"),
           KR_WITH("warnings", KR_NEVER_EMPTY), .get = warnings),
    KR_RESULT_END};

/* What an observer gives, where it is on. */
static const void *observed(const kr_observer_type *type, const kr_result *r) {
    for (size_t i = 0; r && !r->splitting && i < r->observer_count; i++)
        if (r->observers[i]->type == type) return type->result ? type->result(r->observers[i]) : r->observers[i];
    return NULL;
}

size_t kr_result_parts(const kr_registry *registry, const kr_result *r, kr_result_part parts[KR_MAX_PARTS]) {
    bool escape = r && r->escape_measured;
    const void *passages = escape ? r : NULL;
    const kr_result_part own[] = {
        {.name = "", .rows = of_run, .source = r},
        {.name = "", .rows = kr_result_of_still, .source = r},
        {.name = "", .rows = kr_result_of_driven, .source = r && !r->splitting ? r : NULL},
        {.name = "", .rows = kr_result_of_phases, .source = r && !r->splitting ? r : NULL},
        {.name = "acceptance",
         .doc = "Metropolis test of the dynamics",
         .rows = kr_result_of_acceptance,
         .source = r && kr_result_acceptance(r) >= 0 ? r : NULL},
        {.name = "escape", .rows = kr_result_of_escape, .source = passages},
        {.name = "escape.moving", .rows = kr_result_of_moving, .source = escape && !r->splitting ? &r->moving : NULL},
        {.name = "escape", .rows = kr_result_of_targets, .source = passages},
        {.name = "escape.survival",
         .rows = kr_result_of_survival,
         .source = escape && r->absorbed && r->survival.count ? &r->survival : NULL},
        {.name = "escape.exponential",
         .rows = kr_result_of_exponential,
         .source = escape && r->exponential.intervals >= KR_LEAST_INTERVALS ? &r->exponential : NULL},
        {.name = "escape.splitting", .rows = kr_result_of_splitting, .source = r ? r->splitting : NULL},
        {.name = "escape.splitting", .rows = kr_result_of_splitting_rate, .source = passages},
        {.name = "escape", .rows = kr_result_of_theories, .source = r},
        {.name = "transitions", .rows = kr_result_of_gaps, .source = r && r->transitions ? r : NULL}};
    size_t count = sizeof own / sizeof *own;
    _Static_assert(sizeof own / sizeof *own + KR_MAX_OBSERVERS <= KR_MAX_PARTS, "room for all parts");
    memcpy(parts, own, sizeof own);
    for (const kr_observer_type *const *type = registry->observers; *type; type++)
        if ((*type)->rows)
            parts[count++] = (kr_result_part){
                .name = (*type)->about.name, .doc = (*type)->about.doc, .rows = (*type)->rows, .source = observed(*type, r)};
    return count;
}
