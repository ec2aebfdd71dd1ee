#include <kramers/splitting.h>

#include "numerics/gsl_guard.h"
#include "splitting_state.h"

#include <gsl/gsl_cdf.h>

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { WINDOW = 4 }; /* groups under way for each thread */

struct kr_splitting {
    kr_splitting_plan plan;
    size_t groups, first;        /* groups before first are finished */
    kr_splitting_group **group;  /* [groups]; NULL: not begun, or finished */
    bool *done;                  /* [groups] */
    kr_splitting_repeat *repeat; /* [repeats] in their order */
    bool *known;                 /* [repeats] */
    uint64_t particle_steps, diverged, paths;
    kr_splitting_repeat *finished; /* [repeats] the known ones, for the result */
    kr_splitting_result result;
    int threads;
};

static kr_status check(const kr_splitting_setup *setup, kr_error *error) {
    const kr_ensemble_setup *e = &setup->ensemble;
    double rate = kr_schedule_constant(e->schedule);
    if (isnan(rate))
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "escape.method splitting needs a learning rate that never changes; use schedule constant without warmup, or "
                       "escape.method count");
    if (e->drive)
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "escape.method splitting needs numbers that never change, and %s does; give it one value, or use "
                       "escape.method count",
                       kr_drive_number(e->drive, 0)->name);
    char why[160];
    if (kr_noise_objects(e->noise, e->landscape->type->separable, KR_NOISE_CHANGES, why, sizeof why))
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "escape.method splitting needs noise of a stationary state, and %s; use "
                       "escape.method count",
                       why);
    kr_noise sampler;
    if (kr_noise_sampler_of(e->noise, &sampler) && kr_noise_objects(&sampler, true, KR_NOISE_REMEMBERS, why, sizeof why))
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "escape.method splitting copies particles, and a copy would go on in the epoch of another; draw with "
                       "noise.sampling without_replacement, or use escape.method count");
    if (e->target_count != 1)
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "escape.method splitting leads to one target and the scene has %zu; give one in escape.until%s",
                       e->target_count, e->target_count > 1 ? " (a run for each: rates of rare escapes add)" : "");
    const kr_target *target = e->targets;
    if (!(target->radius > 0) && isfinite(target->below) && isfinite(target->above))
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "escape.method splitting leads to one side; give 'above' or 'below' (a run for each: rates of rare escapes "
                       "add)");
    const kr_dynamics_type *dynamics = e->dynamics->type;
    if (dynamics->temperature && isnan(dynamics->temperature(e->dynamics, rate, 1.0)))
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "escape.method splitting needs a stationary state in the well, and '%s' without friction has none; use "
                       "escape.method count",
                       dynamics->about.name);
    if (setup->replicas < 2 || setup->replicas > UINT32_MAX / 2)
        return kr_fail(error, KR_BAD_ARGUMENT, "escape.replicas = %llu: 2 to 2^31 are possible",
                       (unsigned long long)setup->replicas);
    if (setup->repeats < 1 || setup->repeats > 1000000)
        return kr_fail(error, KR_BAD_ARGUMENT, "escape.repeats = %llu: 1 to 1000000 are possible",
                       (unsigned long long)setup->repeats);
    if (kr_start_is_one(e) && kr_target_reached(target, e->landscape->dim, e->start))
        return kr_fail(error, KR_BAD_ARGUMENT, "the start is already in the target: move ensemble.start or the target");
    return KR_OK;
}

/* An eighth of the replicas is killed at a level: 7 % more variance than one by one, and enough paths to fill a block. Groups fill
 * a block too, but there are as many as eight threads can use. All of this follows from the setup alone, since the place of a path
 * in its block determines its random numbers: NUMBERS, what a block of walkers may hold of positions, momenta and workspace, is
 * about a first-level cache, but never tuned, as results would change with it. */
static void plan_make(kr_splitting_plan *plan, const kr_splitting_setup *setup) {
    enum { FRACTION = 8, PATHS = 256, GROUPS = 8, LANES = 512, NUMBERS = 3072 };
    const kr_ensemble_setup *e = &setup->ensemble;
    size_t dim = e->landscape->dim;
    *plan = (kr_splitting_plan){.setup = *e,
                                .learning_rate = kr_schedule_constant(e->schedule),
                                .auxiliaries = kr_setup_auxiliaries(e),
                                .replicas = (size_t)setup->replicas,
                                .repeats = (size_t)setup->repeats};
    plan->inertial = e->dynamics->type->velocity != NULL;
    plan->width = dim * (1 + plan->auxiliaries);
    plan->killed = plan->replicas / FRACTION ? plan->replicas / FRACTION : 1;
    size_t fill = (PATHS + plan->killed - 1) / plan->killed, share = (plan->repeats + GROUPS - 1) / GROUPS;
    plan->group = fill < share ? fill : share;
    size_t lanes = NUMBERS / ((4 + plan->auxiliaries) * dim), wanted = plan->group * plan->replicas;
    if (wanted > LANES) wanted = LANES;
    plan->lanes = kr_block_round(lanes < wanted ? lanes : wanted);
}

static bool allocate(kr_splitting *s) {
    size_t repeats = s->plan.repeats;
    s->groups = (repeats + s->plan.group - 1) / s->plan.group;
    s->group = calloc(s->groups, sizeof *s->group);
    s->done = calloc(s->groups, sizeof *s->done);
    s->repeat = calloc(repeats, sizeof *s->repeat);
    s->known = calloc(repeats, sizeof *s->known);
    s->finished = calloc(repeats, sizeof *s->finished);
    return s->group && s->done && s->repeat && s->known && s->finished;
}

kr_status kr_splitting_create(kr_splitting **result, const kr_splitting_setup *setup, kr_error *error) {
    *result = NULL;
    kr_status status = check(setup, error);
    if (status != KR_OK) return status;
    kr_splitting *s = calloc(1, sizeof *s);
    if (!s) return kr_fail(error, KR_NO_MEMORY, "not enough memory for a splitting");
    s->threads = setup->ensemble.threads > 0 ? setup->ensemble.threads : omp_get_max_threads();
    plan_make(&s->plan, setup);
    status = allocate(s) ? KR_OK : kr_fail(error, KR_NO_MEMORY, "not enough memory for %zu repeats", s->plan.repeats);
    if (status == KR_OK)
        status = kr_reaction_coordinate_make(&s->plan.coordinate, setup->coordinate, setup->ensemble.landscape,
                                             setup->ensemble.start, setup->ensemble.targets, error);
    if (status == KR_OK) status = kr_splitting_pilot(&s->plan, error);
    if (status != KR_OK) {
        kr_splitting_destroy(s);
        return status;
    }
    *result = s;
    return KR_OK;
}

/* A path keeps the points at which its coordinate was higher than ever before: about one for each stride of a climb without drift
 * (the mean height of a new record of a Gaussian walk is 0.7 of it, and points below the level are forgotten). */
double kr_splitting_memory_bytes(const kr_splitting *s) {
    enum { LEAST_POINTS = 8 };
    const kr_splitting_plan *plan = &s->plan;
    double climb = kr_reaction_coordinate_end(&plan->coordinate, plan->setup.targets) - plan->basin;
    double points = fmax(LEAST_POINTS, climb / plan->stride);
    double replica = sizeof(kr_replica) + 4 * sizeof(double) + 8.0 * points * (double)(1 + plan->width);
    double under_way = fmin((double)s->groups, WINDOW * (double)s->threads) * (double)plan->group;
    return fmin(under_way, (double)plan->repeats) * (double)plan->replicas * replica +
           (double)plan->repeats * (2.0 * sizeof(kr_splitting_repeat) + 10.0);
}

void kr_splitting_destroy(kr_splitting *s) {
    if (!s) return;
    for (size_t g = 0; s->group && g < s->groups; g++) kr_splitting_group_destroy(s->group[g]);
    kr_reaction_coordinate_free(&s->plan.coordinate);
    free(s->group);
    free(s->done);
    free(s->repeat);
    free(s->known);
    free(s->finished);
    free(s);
}

/* Keeps what the group's finished repeats have found. */
static void collect(kr_splitting *s, size_t number) {
    kr_splitting_group *group = s->group[number];
    const kr_splitting_replicas *repeats;
    size_t count = kr_splitting_group_repeats(group, &repeats);
    for (size_t r = 0; r < count; r++) {
        if (!repeats[r].finished) continue;
        s->repeat[repeats[r].number] = repeats[r].result;
        s->known[repeats[r].number] = true;
    }
    if (!kr_splitting_group_finished(group)) return;
    for (size_t r = 0; r < count; r++) {
        s->diverged += repeats[r].diverged;
        s->paths += repeats[r].paths;
    }
    s->particle_steps += kr_splitting_group_particle_steps(group);
    s->done[number] = true;
    kr_splitting_group_destroy(group);
    s->group[number] = NULL;
}

kr_status kr_splitting_advance(kr_splitting *s, kr_error *error) {
    uint64_t slice = (UINT64_C(1) << 21) / (s->plan.lanes * s->plan.setup.landscape->dim) + 1;
    size_t under_way[WINDOW * 256], count = 0, most = WINDOW * (size_t)(s->threads < 256 ? s->threads : 256);
    for (size_t g = s->first; g < s->groups && count < most; g++)
        if (!s->done[g]) under_way[count++] = g;
    bool enough = true;
#pragma omp parallel for schedule(dynamic, 1) num_threads(s->threads) reduction(&& : enough)
    for (size_t i = 0; i < count; i++) {
        kr_splitting_group **group = &s->group[under_way[i]];
        if (!*group) *group = kr_splitting_group_create(&s->plan, under_way[i]);
        enough = enough && *group && kr_splitting_group_run(*group, slice);
    }
    if (!enough)
        return kr_fail(error, KR_NO_MEMORY, "not enough memory for the paths of %zu replicas; use fewer (escape.replicas)",
                       s->plan.replicas);
    for (size_t i = 0; i < count; i++) collect(s, under_way[i]);
    while (s->first < s->groups && s->done[s->first]) s->first++;
    return KR_OK;
}

bool kr_splitting_finished(const kr_splitting *s) {
    return s->first == s->groups;
}

/* Ratio of the means over the repeats, which are unbiased each, with the standard error of a ratio. */
static void estimate(const kr_splitting_plan *plan, kr_splitting_result *result) {
    double n = (double)result->repeats, p = result->probability, t = result->loop_steps, square = 0.0, spread = 0.0;
    double step = kr_dynamics_time_step(plan->setup.dynamics, plan->learning_rate);
    kr_escape_estimate *e = &result->escape;
    for (size_t r = 0; r < result->repeats; r++) {
        double own = result->repeat[r].probability - p, residual = own - p / t * (result->repeat[r].loop_steps - t);
        spread += own * own;
        square += residual * residual;
    }
    result->rate_steps = p / t;
    result->probability_error = n > 1 ? sqrt(spread / (n - 1) / n) : NAN;
    result->rate_steps_error = n > 1 ? sqrt(square / (n - 1) / n) / t : NAN;
    kr_gsl_enter();
    double reach = n > 1 ? gsl_cdf_tdist_Pinv(0.975, n - 1) * result->rate_steps_error : NAN;
    kr_gsl_leave();
    kr_interval rate = {fmax(0.0, result->rate_steps - reach), result->rate_steps + reach};
    if (p > 0) e->mfpt_steps = t / p;
    e->mfpt_time = e->mfpt_steps * step;
    e->rate = result->rate_steps / step;
    if (!(n > 1)) return;
    e->rate_ci95 = (kr_interval){rate.low / step, rate.high / step};
    e->mfpt_steps_ci95 = (kr_interval){1.0 / rate.high, rate.low > 0 ? 1.0 / rate.low : INFINITY};
}

const kr_splitting_result *kr_splitting_result_now(kr_splitting *s) {
    kr_splitting_result *result = &s->result;
    *result = (kr_splitting_result){.wanted = s->plan.repeats,
                                    .replicas = s->plan.replicas,
                                    .repeat = s->finished,
                                    .basin = s->plan.basin,
                                    .surface = s->plan.surface,
                                    .energy = s->plan.inertial ? s->plan.energy : NAN,
                                    .relaxation_steps = s->plan.relaxation_steps,
                                    .relaxed = s->plan.relaxed,
                                    .particle_steps = s->particle_steps,
                                    .diverged = s->diverged,
                                    .paths = s->paths,
                                    .probability = NAN,
                                    .probability_error = NAN,
                                    .loop_steps = NAN,
                                    .levels = NAN,
                                    .rate_steps = NAN,
                                    .rate_steps_error = NAN,
                                    .escape = {.exposure_steps = NAN,
                                               .exposure_time = NAN,
                                               .particles = NAN,
                                               .mfpt_steps = NAN,
                                               .mfpt_steps_ci95 = {NAN, NAN},
                                               .mfpt_time = NAN,
                                               .rate = NAN,
                                               .rate_ci95 = {NAN, NAN}}};
    double probability = 0.0, loop_steps = 0.0, levels = 0.0;
    for (size_t g = s->first; g < s->groups; g++)
        if (s->group[g]) result->particle_steps += kr_splitting_group_particle_steps(s->group[g]);
    for (size_t r = 0; r < s->plan.repeats; r++) {
        if (!s->known[r]) continue;
        const kr_splitting_repeat *repeat = &s->repeat[r];
        s->finished[result->repeats++] = *repeat;
        result->transitions += repeat->transitions;
        result->extinct += repeat->probability == 0.0;
        probability += repeat->probability;
        loop_steps += repeat->loop_steps;
        levels += (double)repeat->levels;
    }
    result->escape.events = result->transitions;
    if (!result->repeats) return result;
    double n = (double)result->repeats;
    result->probability = probability / n;
    result->loop_steps = loop_steps / n;
    result->levels = levels / n;
    estimate(&s->plan, result);
    return result;
}

double kr_splitting_z(const kr_splitting_result *result, double mean_steps) {
    double z = (result->rate_steps - 1.0 / mean_steps) / result->rate_steps_error;
    return mean_steps > 0 && isfinite(z) ? z : NAN;
}
