/* What each stage of the hot loop costs, measured on one block of the real engine, in the cache, on one thread:
 *
 *   normals, gradient, noise      the kernels alone, as often as a step calls them; normals with what is done with them at once
 *   dynamics                      the step with all of those replaced by functions that do nothing
 *   first_passage                 the tests that follow each step
 *   returns                       what the whole loop takes longer than one with targets that nobody reaches
 *   rest                          what that one takes beyond these: bookkeeping
 *
 * Each time is the fastest of many short batches. Nothing here is a difference of two large numbers but the last two, and a rest
 * far from zero would show that the parts do not add up to the whole.
 *
 *     stages SCENE...     prints one JSON array; ns per particle-step
 */
#include "one_block.h"

#include "engine/first_passage.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 5 };

/* How often one step calls each stage, counted by stand-ins that do nothing else. */
static struct { unsigned normals, shakes, descents, spreads, gradient, input, noise; } calls;

static void no_normals(kr_draw draw, size_t dim, size_t n, double *restrict out) {
    (void)draw, (void)dim, (void)n, (void)out;
    calls.normals++;
}

static void no_shake(kr_draw draw, size_t dim, size_t n, double amplitude, double keep, double *restrict x) {
    (void)draw, (void)dim, (void)n, (void)amplitude, (void)keep, (void)x;
    calls.shakes++;
}

static size_t no_descent(kr_draw draw, size_t dim, size_t n, double amplitude, double descent, const double *restrict direction,
                         double low, double high, double *restrict x) {
    (void)draw, (void)dim, (void)n, (void)amplitude, (void)descent, (void)direction, (void)low, (void)high, (void)x;
    calls.descents++;
    return 0;
}

static void no_spread_noise(kr_draw draw, size_t dim, size_t n, const double *restrict variance, double *restrict gradient) {
    (void)draw, (void)dim, (void)n, (void)variance, (void)gradient;
    calls.spreads++;
}

static void no_gradient(const kr_landscape *self, size_t n, const double *restrict x, double *restrict out) {
    (void)self, (void)n, (void)x, (void)out;
    calls.gradient++;
}

static void no_local(const kr_landscape *self, size_t n, const double *restrict x, double *restrict out) {
    (void)self, (void)n, (void)x, (void)out;
    calls.input++;
}

static void no_noise(const kr_noise *self, kr_noise_input kind, size_t dim, size_t n, double *restrict input,
                     const double *restrict normal, double *restrict gradient) {
    (void)self, (void)kind, (void)dim, (void)n, (void)input, (void)normal, (void)gradient;
    calls.noise++;
}

static void no_variance(const kr_noise *self, size_t n, const double *energy, const double *curvature, double *variance) {
    (void)self, (void)n, (void)energy, (void)curvature, (void)variance;
    calls.noise++;
}

typedef struct bench {
    kr_ensemble *ensemble; /* of exactly one block */
    kr_block *block;
    const kr_model *model;
    kr_controls controls;
    size_t sink; /* keeps the first-passage tests from being optimised away */
} bench;

static void run_loop(bench *b) {
    if (kr_ensemble_advance(b->ensemble, 64, NULL) != KR_OK) exit(1);
}

static void run_step(bench *b) {
    b->model->dynamics.type->step(&b->model->dynamics, &b->controls, b->block);
    b->controls.step++;
}

/* All the normals of a step with what is done with them at once, into the scratch array. */
static void run_normals(bench *b) {
    kr_block *block = b->block;
    const kr_draw draw = {.seed = block->seed, .first = block->first, .step = b->controls.step++};
    for (unsigned i = 0; i < calls.normals; i++) kr_block_normals(block, &b->controls, KR_STREAM_THERMAL);
    for (unsigned i = 0; i < calls.shakes; i++) kr_block_shake(block, &b->controls, KR_STREAM_THERMAL, 0.1, 0.9, block->scratch);
    for (unsigned i = 0; i < calls.descents; i++)
        b->sink +=
            block->kernels->descend_and_shake(draw, block->dim, block->n, 0.1, 0.0, block->gradient, -1.0, 1.0, block->scratch);
    for (unsigned i = 0; i < calls.spreads; i++)
        block->kernels->spread_noise(draw, block->dim, block->n, block->normal, block->scratch);
}

static void run_gradient(bench *b) {
    const kr_landscape *landscape = b->block->landscape;
    landscape->type->gradient(landscape, b->block->n, b->block->position, b->block->gradient);
}

static void run_noise(bench *b) {
    kr_block *block = b->block;
    const kr_landscape *landscape = block->landscape;
    if (block->noise_input_kind == KR_NOISE_INPUT_ENERGY)
        landscape->type->energy(landscape, block->n, block->position, block->noise_input);
    else if (block->noise_input_kind == KR_NOISE_INPUT_CURVATURE)
        landscape->type->curvature(landscape, block->n, block->position, block->noise_input);
    else if (block->noise_input_kind == KR_NOISE_INPUT_HESSIAN)
        landscape->type->hessian(landscape, block->n, block->position, block->noise_input);
    if (calls.spreads)
        block->noise->type->variance(block->noise, block->dim * block->n, NULL, block->noise_input, block->normal);
    else
        block->noise->type->add(block->noise, block->noise_input_kind, block->dim, block->n, block->noise_input, block->normal,
                                block->gradient);
}

/* The engine's tests for targets that are sides of a coordinate, and for particles that are not finite, where the step itself has
 * not made them with its normals. */
static void run_first_passage(bench *b) {
    const kr_block *block = b->block;
    for (size_t t = 0; t < b->model->target_count; t++) {
        const kr_target *target = &b->model->targets[t];
        b->sink += block->kernels->outside(block->n, block->position + target->coordinate * block->n, fmax(target->below, -DBL_MAX),
                                           fmin(target->above, DBL_MAX));
    }
    if (block->dim > 1) b->sink += block->kernels->outside(block->dim * block->n, block->position, -DBL_MAX, DBL_MAX);
}

/* Of this thread's processor: what others take of it does not count. */
static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ns per particle and call, of the fastest of so many batches of about so many seconds. */
static double fastest_of(int batches, double seconds, bench *b, void (*run)(bench *)) {
    unsigned count = 0;
    for (int trial = 0; trial < 5; trial++) { /* the longest: others may have been interrupted */
        unsigned done = 0;
        for (double begin = now(); now() - begin < seconds; done++) run(b);
        count = done > count ? done : count;
    }
    double best = INFINITY;
    for (int batch = 0; batch < batches; batch++) {
        double begin = now();
        for (unsigned i = 0; i < count; i++) run(b);
        best = fmin(best, now() - begin);
    }
    return 1e9 * best / count / (double)b->block->n;
}

/* Short enough that most batches are not interrupted. */
static double fastest(bench *b, void (*run)(bench *)) {
    return fastest_of(100, 2e-4, b, run);
}

typedef struct stages {
    double normals, gradient, noise, dynamics, first_passage;
    double all, without_returns;
    unsigned normals_calls; /* of one step; each gives dim normals a particle */
} stages;

/* With and without returns to the start. Some hundred returns to a batch, or the fastest would be the one that has few. */
static void measure_loop(bench *b, one_block *one, stages *s) {
    kr_target targets[KR_MAX_TARGETS];
    memcpy(targets, one->model.targets, sizeof targets);
    s->all = fastest_of(15, 8e-3, b, run_loop) / 64;
    one_block_remove_targets(one);
    s->without_returns = fastest(b, run_loop) / 64;
    memcpy(one->model.targets, targets, sizeof targets);
    kr_watch(one->ensemble, one->block);
}

static void measure_parts(bench *b, stages *s) {
    kr_block *block = b->block, real = *block;
    b->controls = (kr_controls){.step = b->ensemble->step, .learning_rate = kr_schedule_at(&b->model->schedule, 0)};
    b->controls.root_rate = sqrt(b->controls.learning_rate);

    kr_kernels kernels = *real.kernels;
    kr_landscape_type landscape_type = *real.landscape->type;
    kr_noise_type noise_type = *real.noise->type;
    kernels.normals = no_normals;
    kernels.shake = no_shake;
    kernels.descend_and_shake = no_descent;
    kernels.spread_noise = no_spread_noise;
    landscape_type.gradient = no_gradient;
    landscape_type.energy = landscape_type.curvature = landscape_type.hessian = no_local;
    noise_type.add = no_noise;
    if (block->noise_input_kind != KR_NOISE_INPUT_NONE) noise_type.variance = no_variance;
    kr_landscape landscape = *real.landscape;
    kr_noise noise = *real.noise;
    landscape.type = &landscape_type;
    noise.type = &noise_type;
    block->kernels = &kernels;
    block->landscape = &landscape;
    block->noise = &noise;
    for (size_t i = 0; i < block->dim * block->n; i++) block->gradient[i] = block->normal[i] = 0;
    memset(&calls, 0, sizeof calls);
    run_step(b);
    const unsigned gradients = calls.gradient, noises = calls.noise;
    s->normals_calls = calls.normals + calls.shakes + calls.descents + calls.spreads;
    s->dynamics = fastest(b, run_step);
    memset(&calls, 0, sizeof calls);
    run_step(b);
    block->kernels = real.kernels;
    block->landscape = real.landscape;
    block->noise = real.noise;

    run_loop(b); /* back to where particles really are: steps without forces have led them astray */
    for (size_t i = 0; i < block->dim * block->n; i++) block->scratch[i] = 0, block->normal[i] = 1;
    s->gradient = gradients ? gradients * fastest(b, run_gradient) : 0;
    s->normals = s->normals_calls ? fastest(b, run_normals) : 0;
    s->noise = noises ? noises * fastest(b, run_noise) : 0;
    s->first_passage = calls.descents && block->dim == 1 ? 0 : fastest(b, run_first_passage); /* which the descent has made */
}

static void print(const char *name, const bench *b, stages s) {
    double rest = s.without_returns - s.normals - s.gradient - s.noise - s.dynamics - s.first_passage;
    const struct {
        const char *name;
        double ns;
    } row[] = {{"normals", s.normals},
               {"noise", s.noise},
               {"gradient", s.gradient},
               {"dynamics", s.dynamics},
               {"first_passage", s.first_passage},
               {"returns", s.all - s.without_returns},
               {"rest", rest}};
    printf("{\"scene\": \"%s\", \"isa\": \"%s\", \"block_size\": %zu, \"ns_per_particle_step\": %.4g, "
           "\"ns_without_returns\": %.4g, \"normals_per_particle_step\": %zu",
           name, b->ensemble->setup.registry->isa, b->block->n, s.all, s.without_returns, s.normals_calls * b->block->dim);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        printf(", \"%s\": {\"ns\": %.4g, \"share\": %.4f}", row[i].name, row[i].ns, row[i].ns / s.all);
    printf("}");
}

static stages faster(stages a, stages b) {
    return (stages){.normals = fmin(a.normals, b.normals),
                    .gradient = fmin(a.gradient, b.gradient),
                    .noise = fmin(a.noise, b.noise),
                    .dynamics = fmin(a.dynamics, b.dynamics),
                    .first_passage = fmin(a.first_passage, b.first_passage),
                    .all = fmin(a.all, b.all),
                    .without_returns = fmin(a.without_returns, b.without_returns),
                    .normals_calls = a.normals_calls};
}

/* In rounds, so that a busy moment of the machine strikes all stages alike. */
static kr_status measure_scene(const char *name, const kr_registry *registry, kr_error *error) {
    one_block one;
    kr_status status = one_block_create(&one, name, registry, error);
    if (status != KR_OK) return status;
    bench b = {.model = &one.model, .ensemble = one.ensemble, .block = one.block};
    stages best, s;
    for (int round = 0; round < ROUNDS; round++) {
        measure_loop(&b, &one, &s);
        measure_parts(&b, &s);
        best = round ? faster(s, best) : s;
    }
    print(name, &b, best);
    one_block_destroy(&one);
    return KR_OK;
}

int main(int argc, char **argv) {
    kr_error error = {.status = KR_OK};
    const kr_registry *registries[8];
    size_t count = kr_registry_available(registries, 8);
    printf("[");
    for (int i = 1; i < argc; i++)
        for (size_t r = 0; r < count; r++) {
            printf("%s", i > 1 || r > 0 ? ",\n " : "");
            if (measure_scene(argv[i], registries[r], &error) != KR_OK) {
                fprintf(stderr, "stages: %s\n", error.message);
                return 1;
            }
        }
    printf("]\n");
    return 0;
}
