/* Numbers that follow the learning rate so that a product stays (keep): batch size in scene coupled_batch_size, weight decay in
 * coupled_weight_decay. Crossing probabilities beside exact propagation and beside the sum of the rates of each step; temperatures
 * through the run, and the size of the weights at its end, beside the density of every step, which is propagated here by a rule of
 * its own (propagated_density.h), or, on a parabola, beside the covariances.
 *
 * Runs are the same bits everywhere: counts must equal those of tests/results_coupled_*.csv. After a deliberate change,
 * KRAMERS_WRITE_RESULTS=1 writes them anew. */
#include "escape_rows.h"
#include "propagated_density.h"
#include "result_rows.h"

#include <kramers/ensemble_means.h>

enum { PARTICLES = 16384, STEPS = 1000, DECAY_STEPS = 2000, MOST_SETS = 10, SET = 160 };

/* ---- runs ---- */

typedef struct sets {
    char text[MOST_SETS][SET];
    size_t count;
} sets;

__attribute__((format(printf, 2, 3))) static void add(sets *s, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    assert_true(s->count < MOST_SETS && vsnprintf(s->text[s->count++], SET, format, arguments) < SET);
    va_end(arguments);
}

/* "": nothing is kept. */
static void add_keep(sets *s, const char *keep) {
    add(s, "keep=%s", *keep ? keep : "[]");
}

typedef struct coupled {
    kr_scene scene;
    kr_model model;
    kr_moment *moment;
} coupled;

/* The shipped scene with these settings. */
static void load(coupled *c, const char *name, const sets *s, uint64_t seed) {
    kr_error error;
    char seeded[60];
    const char *pointer[MOST_SETS + 1];
    for (size_t i = 0; i < s->count; i++) pointer[i] = s->text[i];
    snprintf(seeded, sizeof seeded, "ensemble.seed=%lu", (unsigned long)escape_seed(seed));
    pointer[s->count] = seeded;
    *c = (coupled){0};
    require(kr_scene_load(&c->scene, best_registry(), name, pointer, s->count + 1, &error), &error);
    require(kr_model_create(&c->model, &c->scene, &error), &error);
    if (c->model.drive) require(kr_moment_create(&c->moment, c->model.drive, &error), &error);
}

static void unload(coupled *c) {
    kr_moment_destroy(c->moment);
    kr_model_destroy(&c->model);
    kr_scene_destroy(&c->scene);
}

/* The problem of one step. */
static kr_problem at_step(const coupled *c, uint64_t step) {
    kr_error error;
    kr_problem problem = kr_model_problem(&c->model);
    if (!c->moment) return problem;
    require(kr_moment_set(c->moment, step, &error), &error);
    problem.landscape = c->moment->landscape;
    problem.dynamics = c->moment->dynamics;
    problem.noise = c->moment->noise;
    return problem;
}

static double rate_of(const coupled *c, uint64_t step) {
    return kr_schedule_at(&c->model.schedule, step);
}

static double temperature_of(const coupled *c, uint64_t step) {
    kr_problem problem = at_step(c, step);
    return kr_problem_temperature(&problem, rate_of(c, step));
}

static uint64_t steps_of(const coupled *c) {
    return (uint64_t)kr_scene_ensemble(&c->scene)->steps;
}

/* ---- exact densities on the double well ---- */

static double slope(double x, double decay) {
    return 4 * x * (x * x - 1) + decay * x;
}

static double slope_square(double x, double decay) {
    return slope(x, decay) * slope(x, decay);
}

static double bend(double x, double decay) {
    return 12 * x * x - 4 + decay;
}

static double one(double x, double decay) {
    (void)x;
    (void)decay;
    return 1;
}

static double square(double x, double decay) {
    (void)decay;
    return x * x;
}

static double fourth(double x, double decay) {
    (void)decay;
    return x * x * x * x;
}

static void propagate(propagated_density *p, const coupled *c, uint64_t steps) {
    double scatter = INFINITY;
    for (uint64_t k = 0; k < steps; k++) scatter = fmin(scatter, sqrt(2 * rate_of(c, k) * temperature_of(c, k)));
    propagated_start(p, -2.4, 2.4, scatter, c->model.start[0]);
    for (uint64_t k = 0; k < steps; k++) {
        double rate = rate_of(c, k), heat = temperature_of(c, k);
        propagated_step(p, rate, sqrt(2 * rate * heat), slope, at_step(c, k).landscape->weight_decay);
    }
    assert_close(propagated_mean(p, one, 0), 1, 1e-11, 0);
}

/* Of <V'^2> / <V''>, and of its estimate from so many particles the standard deviation. */
static double exact_temperature(const propagated_density *p, double decay, double particles, double *error) {
    double mean = propagated_mean(p, slope_square, decay), curvature = propagated_mean(p, bend, decay), variance = 0;
    double temperature = mean / curvature;
    for (int i = 0; i < p->nodes; i++) {
        double x = propagated_at(p, i), r = slope_square(x, decay) - temperature * bend(x, decay);
        variance += p->spacing * p->density[i] * r * r;
    }
    *error = sqrt(variance / particles) / curvature;
    return temperature;
}

/* ---- the batch size follows ---- */

typedef struct batch_case {
    const char *keep;
    double sigma, batch_size, lr_min;
} batch_case;

static const double batch_sigma[] = {3.25, 4, 5}, batch_lr_min[] = {0.03, 0.018, 0.012, 0.006, 0.003, 0.0015};
enum { SIGMAS = 3, ENDS = 6, BATCH_CASES = 2 * SIGMAS * ENDS + SIGMAS * 2 + 3 };
static const char integer_batch[] = "{product: lr/noise.batch_size, integer: true}";
static const char batch_header[] = "keep,sigma,batch_size,lr_min,particles,seed,crossed,measured,chain,adiabatic,temperature_start,"
                                   "temperature_end,time,rate,z";
static const uint64_t batch_seed = 8000, temperature_seed = 8200, decay_seed = 8400;

static batch_case batch_case_at(size_t i) {
    const size_t pairs = SIGMAS * ENDS, whole = 2 * pairs, of_sigma = whole + SIGMAS * 2;
    if (i < whole)
        return (batch_case){i < pairs ? "lr/noise.batch_size" : "", batch_sigma[i % pairs / ENDS], 1, batch_lr_min[i % ENDS]};
    if (i < of_sigma)
        return (batch_case){integer_batch, batch_sigma[(i - whole) / 2] * sqrt(10), 10, batch_lr_min[3 + (i - whole) % 2]};
    return (batch_case){"lr*noise.sigma", 3.25, 1, batch_lr_min[1 + i - of_sigma]};
}

static void load_batch(coupled *c, const batch_case *b, int particles, uint64_t seed) {
    sets s = {0};
    add_keep(&s, b->keep);
    add(&s, "noise.sigma=%.17g", b->sigma);
    add(&s, "noise.batch_size=%.17g", b->batch_size);
    add(&s, "schedule.lr_min=%.17g", b->lr_min);
    add(&s, "ensemble.particles=%d", particles);
    load(c, "coupled_batch_size", &s, seed);
}

static double batch_z[BATCH_CASES], decay_z[512], temperature_z[512];

static void measure_batch(size_t number, char *row) {
    const batch_case b = batch_case_at(number);
    coupled c;
    double chain, adiabatic, time = 0;
    load_batch(&c, &b, PARTICLES, batch_seed + number);
    escape_predict_crossing(&c.model, steps_of(&c), &chain, &adiabatic);
    for (uint64_t k = 0; k < STEPS; k++) time += rate_of(&c, k);
    uint64_t crossed = escape_crossings(&c.model, steps_of(&c));
    batch_z[number] = escape_count_z((double)crossed, chain, PARTICLES);
    snprintf(row, RESULT_ROW, "\"%s\",%.9g,%g,%g,%d,%lu,%llu,%.6f,%.9g,%.6g,%.6g,%.6g,%.6g,%.6g,%.3f\n", b.keep, b.sigma,
             b.batch_size, b.lr_min, PARTICLES, (unsigned long)escape_seed(batch_seed + number), (unsigned long long)crossed,
             (double)crossed / PARTICLES, chain, adiabatic, temperature_of(&c, 0), temperature_of(&c, STEPS - 1), time,
             -log1p(-chain) / time, batch_z[number]);
    unload(&c);
}

/* ---- temperatures through the run ---- */

typedef struct temperature_case {
    const char *landscape, *keep;
    double batch_size;
} temperature_case;

static const temperature_case temperature_cases[] = {{"double_well", "", 1},
                                                     {"double_well", "lr/noise.batch_size", 1},
                                                     {"double_well", integer_batch, 10},
                                                     {"harmonic", "", 1},
                                                     {"harmonic", "friction", 1},
                                                     {"harmonic", "temperature", 1},
                                                     {"harmonic", "[friction, temperature]", 1}};
static const uint64_t temperature_step[] = {50, 100, 200, 350, 500, 650, 800, 1000};
enum {
    LOOKS = sizeof temperature_step / sizeof *temperature_step,
    TEMPERATURE_CASES = LOOKS * (sizeof temperature_cases / sizeof *temperature_cases)
};
static const char temperature_header[] =
    "landscape,dynamics,keep,step,particles,seed,learning_rate,batch_size,friction,measured,error,exact,"
    "predicted,z";
static const double stiffness = 4;

static void load_temperature(coupled *c, const temperature_case *t, uint64_t seed) {
    sets s = {0};
    add(&s, "escape=null");
    add(&s, "ensemble.particles=%d", PARTICLES);
    add_keep(&s, t->keep);
    add(&s, "noise.batch_size=%g", t->batch_size);
    if (!strcmp(t->landscape, "harmonic")) {
        add(&s, "landscape={name: harmonic, stiffness: %g}", stiffness);
        add(&s, "dynamics={name: momentum, momentum: 0.9}");
        add(&s, "noise.sigma=1");
    } else {
        add(&s, "noise.sigma=%.17g", 4 * sqrt(t->batch_size));
    }
    load(c, "coupled_batch_size", &s, seed);
}

static double momentum_of(const kr_dynamics *dynamics) {
    const kr_parameter *row = kr_parameter_find(&dynamics->type->about, "momentum");
    return *(const double *)((const char *)dynamics->values + row->offset);
}

/* b' = mu b + k x + s xi, x' = x - eta b': k <x^2> after so many steps, all at rest at 0 before. */
static double exact_with_momentum(const coupled *c, uint64_t steps) {
    double xx = 0, xb = 0, bb = 0;
    for (uint64_t k = 0; k < steps; k++) {
        kr_problem problem = at_step(c, k);
        double rate = rate_of(c, k), mu = momentum_of(problem.dynamics), cross = mu * xb + stiffness * xx;
        bb = mu * mu * bb + 2 * mu * stiffness * xb + stiffness * stiffness * xx + kr_noise_additive_variance(problem.noise);
        xx += rate * (rate * bb - 2 * cross);
        xb = cross - rate * bb;
    }
    return stiffness * xx;
}

static double configurational_temperature(coupled *c, uint64_t steps) {
    double sums[KR_ENSEMBLE_SUMS] = {0}, *work = malloc(kr_ensemble_sums_work(1) * sizeof *work);
    assert_non_null(work);
    kr_ensemble *ensemble = escape_advance(&c->model, steps);
    kr_view view = kr_ensemble_view(ensemble);
    kr_ensemble_sums_add(&view, view.landscape, 0, view.particles, NULL, 0, work, sums);
    kr_ensemble_destroy(ensemble);
    free(work);
    return kr_sums_configurational_temperature(sums);
}

static double batch_size_at(const coupled *c, uint64_t step) {
    for (size_t i = 0; i < kr_drive_count(c->model.drive); i++)
        if (!strcmp(kr_drive_number(c->model.drive, i)->name, "noise.batch_size"))
            return kr_drive_value(c->model.drive, i, step, NULL);
    return kr_get_number(&c->scene.noise, kr_parameter_find(c->scene.noise.about, "batch_size"));
}

static void measure_temperature(size_t number, char *row) {
    const temperature_case *t = &temperature_cases[number / LOOKS];
    const uint64_t steps = temperature_step[number % LOOKS];
    bool parabola = !strcmp(t->landscape, "harmonic");
    static propagated_density density;
    coupled c;
    load_temperature(&c, t, temperature_seed + number);
    double measured = configurational_temperature(&c, steps), rate = rate_of(&c, steps - 1), exact, error, friction = 0;
    if (parabola) {
        exact = exact_with_momentum(&c, steps);
        error = exact * sqrt(2.0 / PARTICLES);
        friction = (1 - momentum_of(at_step(&c, steps - 1).dynamics)) / sqrt(rate);
    } else {
        propagate(&density, &c, steps);
        exact = exact_temperature(&density, 0, PARTICLES, &error);
    }
    temperature_z[number] = (measured - exact) / error;
    snprintf(row, RESULT_ROW, "%s,%s,\"%s\",%llu,%d,%lu,%.9g,%.9g,%.6g,%.6g,%.3g,%.9g,%.6g,%.3f\n", t->landscape,
             parabola ? "momentum" : "sgd", t->keep, (unsigned long long)steps, PARTICLES,
             (unsigned long)escape_seed(temperature_seed + number), rate, batch_size_at(&c, steps - 1), friction, measured, error,
             exact, temperature_of(&c, steps - 1), temperature_z[number]);
    unload(&c);
}

/* ---- weight decay follows ---- */

static const double decays[] = {0.1, 0.2, 0.4, 0.8}, decay_lr_min[] = {0.03, 0.012, 0.006, 0.003};
enum { DECAYS = 4, DECAY_ENDS = 4, DECAY_CASES = 2 * 2 * DECAYS * DECAY_ENDS };
static const char decay_header[] =
    "quantity,keep,weight_decay,lr_min,particles,seed,crossed,measured,error,exact,adiabatic,weight_decay_end,"
    "well_end,barrier_end,z";

/* x^2 in the Boltzmann distribution. */
static double boltzmann_square(double decay, double temperature) {
    double sum = 0, norm = 0;
    for (int i = -4000; i <= 4000; i++) {
        double x = 0.75e-3 * i, weight = exp(-((x * x - 1) * (x * x - 1) + decay * x * x / 2) / temperature);
        sum += weight * x * x;
        norm += weight;
    }
    return sum / norm;
}

static void load_decay(coupled *c, const char *keep, double decay, double lr_min, bool target, uint64_t seed) {
    sets s = {0};
    add_keep(&s, keep);
    add(&s, "dynamics.weight_decay=%.17g", decay);
    add(&s, "schedule.lr_min=%.17g", lr_min);
    add(&s, "ensemble.particles=%d", PARTICLES);
    if (!target) add(&s, "escape=null");
    load(c, "coupled_weight_decay", &s, seed);
}

static double mean_square(coupled *c) {
    kr_ensemble *ensemble = escape_advance(&c->model, DECAY_STEPS);
    kr_view view = kr_ensemble_view(ensemble);
    double sum = 0;
    for (uint64_t p = 0; p < view.particles; p++) sum += view.position[p] * view.position[p];
    kr_ensemble_destroy(ensemble);
    return sum / PARTICLES;
}

static void measure_decay(size_t number, char *row) {
    const bool crossing = number < DECAY_CASES / 2;
    const char *keep = number / (DECAYS * DECAY_ENDS) % 2 ? "lr*dynamics.weight_decay" : "";
    const double decay = decays[number / DECAY_ENDS % DECAYS], lr_min = decay_lr_min[number % DECAY_ENDS];
    static propagated_density density;
    coupled c;
    double measured, exact, adiabatic, error;
    uint64_t crossed = 0;
    load_decay(&c, keep, decay, lr_min, crossing, decay_seed + number);
    double end = at_step(&c, DECAY_STEPS - 1).landscape->weight_decay, left = fmax(0, 1 - end / 4);
    if (crossing) {
        escape_predict_crossing(&c.model, steps_of(&c), &exact, &adiabatic);
        crossed = escape_crossings(&c.model, steps_of(&c));
        measured = (double)crossed / PARTICLES;
        error = sqrt(exact * (1 - exact) / PARTICLES);
    } else {
        measured = mean_square(&c);
        propagate(&density, &c, DECAY_STEPS);
        exact = propagated_mean(&density, square, 0);
        adiabatic = boltzmann_square(end, temperature_of(&c, 0));
        error = sqrt((propagated_mean(&density, fourth, 0) - exact * exact) / PARTICLES);
    }
    decay_z[number] = (measured - exact) / error;
    snprintf(row, RESULT_ROW, "%s,%s,%g,%g,%d,%lu,%llu,%.6f,%.3g,%.9g,%.6g,%.6g,%.6g,%.6g,%.3f\n", crossing ? "crossed" : "square",
             keep, decay, lr_min, PARTICLES, (unsigned long)escape_seed(decay_seed + number), (unsigned long long)crossed, measured,
             error, exact, adiabatic, end, sqrt(left), left * left, decay_z[number]);
    unload(&c);
}

/* ---- the tables ---- */

/* count z-values of which 4 is passed with p < 0.007; the chi-square of all fails at one random set of seeds in a thousand. */
static void compare_rows(result_rows rows, const char *header, size_t count, size_t some, void (*measure)(size_t, char *),
                         const double *z) {
    size_t stride = is_sampled() ? some : 1;
    result_rows_open(&rows, stride == 1, header);
    for (size_t i = 0; i < count; i++) {
        char row[RESULT_ROW];
        if (i % stride == 0) {
            measure(i, row);
            if (!(fabs(z[i]) < 4)) fail_msg("case %zu: z = %g: %s", i, z[i], row);
        }
        result_rows_next(&rows, i % stride ? NULL : row);
    }
    result_rows_close(&rows);
    if (stride == 1) assert_true(chi_square_p(count, z) > 1e-3);
}

static void rows_of_the_batch_size(void **state) {
    (void)state;
    result_rows rows = {.name = "results_coupled_batch_size.csv", .exact = 7, .relative = 1e-6};
    compare_rows(rows, batch_header, BATCH_CASES, 11, measure_batch, batch_z);
}

static void rows_of_temperatures(void **state) {
    (void)state;
    result_rows rows = {.name = "results_coupled_temperature.csv", .exact = 6, .relative = 1e-6};
    compare_rows(rows, temperature_header, TEMPERATURE_CASES, 13, measure_temperature, temperature_z);
}

static void rows_of_weight_decay(void **state) {
    (void)state;
    result_rows rows = {.name = "results_coupled_weight_decay.csv", .exact = 7, .relative = 1e-6};
    compare_rows(rows, decay_header, DECAY_CASES, 17, measure_decay, decay_z);
}

/* 65536 particles each, |z| < 3.5 (p = 0.001); noise that is 2 % weaker is found out. */
static void the_published_rows(void **state) {
    (void)state;
    static const char *const keep[2] = {"lr/noise.batch_size", ""};
    const double published[2] = {0.195524571, 0.095502281};
    for (int i = 0; i < 2; i++) {
        const batch_case b = {keep[i], 4, 1, 0.006}, weaker = {keep[i], 4 / 1.01, 1, 0.006};
        int particles = SANITIZED ? 16384 : 65536;
        double chain, wrong;
        coupled c;
        load_batch(&c, &weaker, particles, batch_seed);
        escape_predict_crossing(&c.model, steps_of(&c), &wrong, NULL);
        unload(&c);
        load_batch(&c, &b, particles, batch_seed + 100 + (uint64_t)i);
        escape_predict_crossing(&c.model, steps_of(&c), &chain, NULL);
        double crossed = (double)escape_crossings(&c.model, steps_of(&c)), z = escape_count_z(crossed, chain, particles),
               off = escape_count_z(crossed, wrong, particles);
        unload(&c);
        printf("keep '%s': z %+.2f, of weaker noise %+.2f\n", keep[i], z, off);
        assert_close(chain, published[i], 0, 1e-9);
        assert_true(fabs(z) < 3.5);
        if (!SANITIZED) assert_true(off > 3.5);
    }
}

/* With the product kept a step takes the same part off every weight: decoupled decay, as in AdamW. */
static void kept_decay_is_decoupled(void **state) {
    (void)state;
    coupled c;
    sets s = {0};
    add(&s, "escape=null");
    add(&s, "dynamics={name: sgd, weight_decay: 0.4}");
    add(&s, "ensemble={particles: 1, steps: 1000, start: {point: [-1.3]}}");
    load(&c, "coupled_weight_decay", &s, 1);
    kr_ensemble *ensemble = escape_advance(&c.model, STEPS);
    double x = -1.3;
    for (uint64_t k = 0; k < STEPS; k++) x -= rate_of(&c, k) * slope(x, 0) + 0.03 * 0.4 * x;
    assert_close(kr_ensemble_view(ensemble).position[0], x, 1e-12, 0);
    assert_true(fabs(x) < 0.5); /* where decay in the loss would leave it at 0.95 */
    kr_ensemble_destroy(ensemble);
    unload(&c);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(rows_of_the_batch_size), cmocka_unit_test(rows_of_temperatures),
                                       cmocka_unit_test(rows_of_weight_decay), cmocka_unit_test(the_published_rows),
                                       cmocka_unit_test(kept_decay_is_decoupled)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
