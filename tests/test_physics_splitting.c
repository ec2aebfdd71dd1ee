/* Mean first-passage times by adaptive multilevel splitting beside the exact theory of the discrete-time walk, from escapes that
 * are not rare to one in 10^15 steps, and beside counted events where there is no exact theory. Results are the same bits
 * everywhere, so the transitions found must equal those in tests/results_splitting.csv. Its last rows are of full size and are only
 * made when the file is written anew, in some minutes:
 *
 *     KRAMERS_WRITE_RESULTS=1 build/release/tests/test_physics_splitting
 */
#include "plugin_setup.h"
#include "result_rows.h"
#include "sanitized.h"

#include <kramers/kramers.h>

#include <gsl/gsl_cdf.h>

#include <math.h>

typedef struct splitting_case {
    const char *landscape, *dynamics, *noise;
    double learning_rate;
    const char *start, *until, *coordinate;
    int replicas, repeats;
    double exact; /* mean steps known beforehand; 0: from the theory chain */
} splitting_case;

static const splitting_case cases[] = {
#define NONE "{name: none}"
#define RIGHT "{coordinate: 0, above: 1}"
#define LEFT_WELL "{minimum: 0}"
    {"{name: double_well}", "{name: sgld, temperature: 0.2}", NONE, 0.0125, LEFT_WELL, RIGHT, "path", 1024, 20, 0},
    {"{name: double_well}", "{name: sgld, temperature: 0.05}", NONE, 0.0125, LEFT_WELL, RIGHT, "path", 2048, 20, 0},
    {"{name: double_well}", "{name: sgld, temperature: 0.0333333333333333333}", NONE, 0.0125, LEFT_WELL, RIGHT, "0", 2048, 20, 0},
    {"{name: double_well}", "{name: sgld, temperature: 0.1}", NONE, 0.0625, LEFT_WELL, RIGHT, "path", 1024, 20, 0},
    {"{name: double_well}", "{name: sgld, temperature: 0.05}", NONE, 0.0125, LEFT_WELL, "{coordinate: 0, above: 0}", "path", 1024,
     20, 0},
    {"{name: double_well}", "{name: sgld, temperature: 0.1}", NONE, 0.03, LEFT_WELL, "{minimum: 1, radius: 0.02}", "path", 1024, 20,
     0},
    {"{name: double_well}", "{name: sgld, temperature: 0.1}", NONE, 0.02, "{point: -0.3}", RIGHT, "path", 1024, 20, 0},
    {"{name: double_well}", "{name: sgld, temperature: 0.2, weight_decay: 0.3}", NONE, 0.05, LEFT_WELL,
     "{coordinate: 0, above: 0.9}", "path", 1024, 20, 0},
    {"{name: double_well, dim: 3, stiffness: 2}", "{name: sgld, temperature: 0.06}", NONE, 0.04, LEFT_WELL,
     "{coordinate: 0, above: 0.9}", "path", 1024, 20, 0},
    {"{name: double_well, tilt: 0.25}", "{name: sgld, temperature: 0.04}", NONE, 0.03, "{minimum: 1}", "{coordinate: 0, below: -1}",
     "path", 1024, 20, 0},
    {"{name: sharp_flat}", "{name: sgld, temperature: 0.05}", NONE, 0.00559885488, LEFT_WELL, RIGHT, "path", 1024, 20, 0},
    {"{name: sharp_flat}", "{name: sgld, temperature: 0.1}", NONE, 0.0279942744, "{minimum: 1}", "{coordinate: 0, below: -1}",
     "path", 1024, 20, 0},
    {"{name: washboard, force: 0.5}", "{name: sgld, temperature: 0.1}", NONE, 0.02, LEFT_WELL, "{coordinate: 0, above: 1}", "path",
     1024, 20, 0},
    {"{name: double_well}", "{name: sgd}", "{name: isotropic, sigma: 4}", 0.00625, LEFT_WELL, RIGHT, "path", 1024, 20, 0},
    {"{name: double_well}", "{name: sgd}", "{name: curvature, strength: 5, epsilon: 1}", 0.0125, LEFT_WELL, RIGHT, "path", 1024, 20,
     0},
    {"{name: double_well}", "{name: momentum, momentum: 0.9}", "{name: isotropic, sigma: 2.581988897471611}", 0.01, LEFT_WELL,
     RIGHT, "path", 2048, 30, 628.7124},
    /* Unbiased with the fewest of replicas. */
    {"{name: double_well}", "{name: sgld, temperature: 0.2}", NONE, 0.0125, LEFT_WELL, RIGHT, "path", 4, 12000, 0},
    {"{name: double_well}", "{name: sgld, temperature: 0.2}", NONE, 0.0125, LEFT_WELL, RIGHT, "path", 2, 20000, 0},
    /* Full size. */
    {"{name: double_well}", "{name: sgld, temperature: 0.05}", NONE, 0.0125, LEFT_WELL, RIGHT, "path", 32768, 20, 0},
    {"{name: double_well}", "{name: sgld, temperature: 0.0333333333333333333}", NONE, 0.0125, LEFT_WELL, RIGHT, "path", 32768, 20,
     0},
    {"{name: double_well}", "{name: sgld, temperature: 0.05}", NONE, 0.0125, LEFT_WELL, RIGHT, "path", 4096, 400, 0},
    {"{name: double_well}", "{name: sgld, temperature: 0.1}", NONE, 0.0125, LEFT_WELL, RIGHT, "path", 4, 100000, 0},
};
enum { CASES = sizeof cases / sizeof *cases, FULL_SIZE = 4, SMALL = CASES - FULL_SIZE, TEXT = 2048 };

enum { STRIDE = SANITIZED ? 7 : 1 };

static void parse(kr_scene *scene, const splitting_case *c, size_t seed, double hotter) {
    char text[TEXT];
    kr_error error;
    snprintf(text, sizeof text,
             "landscape: %s\ndynamics: %s\nnoise: %s\nschedule: {name: constant, lr: %.17g}\n"
             "ensemble: {seed: %zu, start: %s}\n"
             "escape: {until: %s, method: splitting, coordinate: %s, replicas: %d, repeats: %d}\n",
             c->landscape, c->dynamics, c->noise, c->learning_rate, seed, c->start, c->until, c->coordinate, c->replicas,
             c->repeats);
    require(kr_scene_parse(scene, best_registry(), "case", NULL, text, NULL, 0, &error), &error);
    const kr_parameter *temperature = kr_parameter_find(scene->dynamics.about, "temperature");
    if (hotter != 1.0 && temperature)
        require(kr_set_number(&scene->dynamics, temperature, hotter * kr_get_number(&scene->dynamics, temperature), &error),
                &error);
}

typedef struct outcome {
    kr_splitting_result result;
    kr_splitting_repeat *repeat; /* copies */
    double predicted, deviation;
} outcome;

/* A z of Student's law made normal, with the same probability on the same side. */
static double normal_deviation(double t, double freedom) {
    return t > 0 ? gsl_cdf_ugaussian_Qinv(gsl_cdf_tdist_Q(t, freedom)) : gsl_cdf_ugaussian_Pinv(gsl_cdf_tdist_P(t, freedom));
}

static double chain_of(const kr_scene *scene) {
    kr_theory_result theory[KR_MAX_THEORIES];
    size_t count;
    kr_error error;
    require(kr_run_theories(scene, theory, &count, &error), &error);
    for (size_t i = 0; i < count; i++)
        if (!strcmp(theory[i].type->about.name, "chain") && theory[i].prediction.applies) return theory[i].prediction.mfpt_steps;
    fail_msg("chain does not apply");
    return NAN;
}

static outcome run_scene(const kr_scene *scene, int threads) {
    kr_error error;
    kr_run *run;
    outcome out = {.predicted = NAN};
    kr_run_options options = {.threads = threads};
    require(kr_run_create(&run, scene, &options, &error), &error);
    while (!kr_run_finished(run)) require(kr_run_advance(run, &error), &error);
    require(kr_run_finish(run, &error), &error);
    out.result = *kr_run_splitting(run);
    out.repeat = malloc(out.result.repeats * sizeof *out.repeat);
    memcpy(out.repeat, out.result.repeat, out.result.repeats * sizeof *out.repeat);
    out.result.repeat = out.repeat;
    kr_run_destroy(run);
    return out;
}

static outcome measure(size_t number) {
    const splitting_case *c = &cases[number];
    kr_scene scene;
    parse(&scene, c, number + 1, 1.0);
    outcome out = run_scene(&scene, 0);
    out.predicted = c->exact > 0 ? c->exact : chain_of(&scene);
    out.deviation = normal_deviation(kr_splitting_z(&out.result, out.predicted), c->repeats - 1);
    kr_scene_destroy(&scene);
    return out;
}

static const char header[] = "landscape,dynamics,noise,learning_rate,start,target,coordinate,replicas,repeats,seed,transitions,"
                             "probability,loop_steps,mfpt_steps,mfpt_steps_low,mfpt_steps_high,exact,z";

static void write_row(char *row, size_t size, size_t number, const outcome *out) {
    const splitting_case *c = &cases[number];
    const kr_escape_estimate *e = &out->result.escape;
    snprintf(row, size, "\"%s\",\"%s\",\"%s\",%.12g,\"%s\",\"%s\",%s,%d,%d,%zu,%llu,%.9g,%.9g,%.9g,%.9g,%.9g,%.9g,%.3f\n",
             c->landscape, c->dynamics, c->noise, c->learning_rate, c->start, c->until, c->coordinate, c->replicas, c->repeats,
             number + 1, (unsigned long long)out->result.transitions, out->result.probability, out->result.loop_steps,
             e->mfpt_steps, e->mfpt_steps_ci95.low, e->mfpt_steps_ci95.high, out->predicted, out->deviation);
}

static outcome outcomes[CASES];

static void transitions_are_the_committed_ones(void **state) {
    (void)state;
    result_rows rows = {.name = "results_splitting.csv", .exact = 11, .relative = 1e-7};
    char row[RESULT_ROW];
    result_rows_open(&rows, STRIDE == 1, header);
    for (size_t i = 0; i < (rows.write ? CASES : SMALL); i++) {
        if (i % STRIDE) {
            result_rows_next(&rows, NULL);
            continue;
        }
        outcomes[i] = measure(i);
        write_row(row, sizeof row, i, &outcomes[i]);
        result_rows_next(&rows, row);
    }
    result_rows_close(&rows);
}

/* 3 is passed by one of 18 standard normal numbers with p = 0.05, so the seeds are as good as the first; 4 with p = 0.001. */
static void every_mean_is_the_exact_one(void **state) {
    (void)state;
    double sum = 0;
    for (size_t i = 0; i < SMALL; i += STRIDE) {
        if (!(fabs(outcomes[i].deviation) < 3)) fail_msg("case %zu: z = %g", i, outcomes[i].deviation);
        sum += outcomes[i].deviation * outcomes[i].deviation;
    }
    if (STRIDE > 1) return;
    double p = 2 * fmin(gsl_cdf_chisq_P(sum, SMALL), gsl_cdf_chisq_Q(sum, SMALL));
    print_message("z of %d cases: chi-square p = %.3f\n", (int)SMALL, p);
    assert_true(p > 0.01);
}

/* The scatter of repeats cannot be less than that of the ideal algorithm, relative variance -ln(p) / N (Cerou, Guyader 2007), and
 * with a good coordinate is not much more. Each bound fails at one set of seeds in a thousand, at the true variances named. */
static void repeats_scatter_as_they_should(void **state) {
    (void)state;
    for (size_t i = 1; i < 3; i += STRIDE) {
        const kr_splitting_result *r = &outcomes[i].result;
        if (!r->repeats) continue;
        double freedom = (double)r->repeats - 1;
        double relative = r->probability_error * sqrt((double)r->repeats) / r->probability;
        double ratio = relative * relative * (double)r->replicas / -log(r->probability);
        print_message("p = %.3g: variance of the repeats %.2f times the ideal one\n", r->probability, ratio);
        assert_true(freedom * ratio > gsl_cdf_chisq_Pinv(0.001, freedom));
        assert_true(freedom * ratio < 2 * gsl_cdf_chisq_Qinv(0.001, freedom));
    }
}

/* Twenty times twenty repeats: the sets' Student t against the exact mean, squared, sum up as they should, and 95 % intervals hold
 * the exact mean as often as they say. Either fails at one seed in a hundred. */
static void intervals_hold_what_they_promise(void **state) {
    (void)state;
    if (STRIDE > 1) skip();
    enum { SETS = 20, REPEATS = 20 };
    splitting_case c = cases[1];
    c.replicas = 256;
    c.repeats = SETS * REPEATS;
    kr_scene scene;
    parse(&scene, &c, 101, 1.0);
    outcome out = run_scene(&scene, 0);
    double exact = out.result.loop_steps / chain_of(&scene), sum = 0;
    unsigned outside = 0;
    for (size_t s = 0; s < SETS; s++) {
        double mean = 0, square = 0;
        for (size_t r = 0; r < REPEATS; r++) mean += out.repeat[s * REPEATS + r].probability / REPEATS;
        for (size_t r = 0; r < REPEATS; r++) square += pow(out.repeat[s * REPEATS + r].probability - mean, 2);
        double t = (mean - exact) / sqrt(square / (REPEATS - 1) / REPEATS), z = normal_deviation(t, REPEATS - 1);
        sum += z * z;
        outside += fabs(z) > 1.96;
    }
    double p = 2 * fmin(gsl_cdf_chisq_P(sum, SETS), gsl_cdf_chisq_Q(sum, SETS));
    print_message("%d sets of repeats: chi-square p = %.3f, %u of the intervals miss\n", (int)SETS, p, outside);
    assert_true(p > 0.01);
    assert_true(outside <= 4); /* p = 0.0026 for more */
    free(out.repeat);
    kr_scene_destroy(&scene);
}

/* That these tests can fail: theory at 2 % more temperature is 1.5 to 1.8 times as fast. */
static void a_temperature_off_by_two_percent_is_rejected(void **state) {
    (void)state;
    if (STRIDE > 1) skip();
    for (size_t i = 1; i < 3; i++) {
        kr_scene scene;
        parse(&scene, &cases[i], i + 1, 1.02);
        double z = kr_splitting_z(&outcomes[i].result, chain_of(&scene));
        print_message("2 %% hot: z = %.1f\n", z);
        assert_true(z < -5);
        kr_scene_destroy(&scene);
    }
}

typedef struct counted_case {
    splitting_case split;
    int particles, steps;
} counted_case;

/* Where there is no exact theory: underdamped at various frictions, with a Boltzmann start and a ball in two dimensions, and over
 * intermediate minima. */
static const counted_case counted[] = {
    {{"{name: double_well}", "{name: langevin, friction: 1, temperature: 0.1}", NONE, 0.01, LEFT_WELL, RIGHT, "path", 2048, 20, 0},
     2048,
     100000},
    {{"{name: double_well}", "{name: langevin, friction: 0.1, temperature: 0.2}", NONE, 0.01, LEFT_WELL, RIGHT, "path", 1024, 20,
      0},
     1024,
     100000},
    {{"{name: double_well, dim: 2}", "{name: langevin, friction: 3, temperature: 0.15, splitting: OBABO}", NONE, 0.01, "{gibbs: 0}",
      "{minimum: 1, radius: 0.3}", "path", 512, 20, 0},
     1024,
     100000},
    {{"{name: muller_brown}", "{name: sgld, temperature: 22}", NONE, 0.0001, LEFT_WELL, "{minimum: 2, radius: 0.2}", "path", 128,
      20, 0},
     2048,
     50000},
    {{"{name: muller_brown}", "{name: sgld, temperature: 22}", NONE, 0.0001, "{minimum: 2}", "{minimum: 0, radius: 0.2}", "1", 512,
      20, 0},
     1024,
     50000},
};
enum { COUNTED = sizeof counted / sizeof *counted };

static kr_escape_estimate count_events(const counted_case *c, size_t seed) {
    kr_scene scene;
    kr_run *run;
    kr_error error;
    parse(&scene, &c->split, seed, 1.0);
    ((kr_escape_settings *)scene.escape.values)->method = KR_METHOD_COUNT;
    ((kr_ensemble_settings *)scene.ensemble.values)->particles = c->particles;
    ((kr_ensemble_settings *)scene.ensemble.values)->steps = c->steps;
    kr_run_options options = {.threads = 0};
    require(kr_run_create(&run, &scene, &options, &error), &error);
    while (!kr_run_finished(run)) require(kr_run_advance(run, &error), &error);
    kr_escape_estimate estimate = kr_run_result(run)->escape;
    kr_run_destroy(run);
    kr_scene_destroy(&scene);
    return estimate;
}

/* Counts are those of exponential waiting times, several of them for each particle, to a few per cent of their error. 3.1 is
 * passed by one of five with p = 0.01. */
static void splitting_and_counting_agree(void **state) {
    (void)state;
    if (STRIDE > 1) skip();
    for (size_t i = 0; i < COUNTED; i++) {
        kr_scene scene;
        parse(&scene, &counted[i].split, 201 + i, 1.0);
        outcome out = run_scene(&scene, 0);
        kr_escape_estimate count = count_events(&counted[i], 201 + i);
        double rate = 1 / count.mfpt_steps, error = rate / sqrt((double)count.events);
        double z = (out.result.rate_steps - rate) / hypot(error, out.result.rate_steps_error);
        print_message("%s %s: splitting %.5g +- %.2g, counting %.5g (%llu events), z = %.2f\n", counted[i].split.landscape,
                      counted[i].split.dynamics, out.result.escape.mfpt_steps,
                      out.result.escape.mfpt_steps * out.result.rate_steps_error / out.result.rate_steps, count.mfpt_steps,
                      (unsigned long long)count.events, z);
        assert_true(count.events > 200);
        if (!(fabs(z) < 3.1)) fail_msg("case %zu: z = %g", i, z);
        free(out.repeat);
        kr_scene_destroy(&scene);
    }
}

static void threads_and_instruction_sets_cannot_be_seen(void **state) {
    (void)state;
    static const splitting_case few = {"{name: double_well, dim: 2}",
                                       "{name: langevin, friction: 2, temperature: 0.15}",
                                       "{name: isotropic, sigma: 0.1}",
                                       0.02,
                                       "{gibbs: 0}",
                                       "{minimum: 1, radius: 0.4}",
                                       "path",
                                       48,
                                       21,
                                       0};
    const kr_registry *registry[8];
    size_t count = kr_registry_available(registry, 8);
    outcome first = {.repeat = NULL};
    for (size_t i = 0; i < count + 3; i++) {
        kr_scene scene;
        parse(&scene, &few, 5, 1.0);
        scene.registry = registry[i < count ? i : 0];
        /* Plug-ins of the scene belong to a table too. */
        char *text;
        kr_error error;
        require(kr_scene_write(&scene, &text, &error), &error);
        kr_scene_destroy(&scene);
        require(kr_scene_parse(&scene, registry[i < count ? i : 0], "case", NULL, text, NULL, 0, &error), &error);
        free(text);
        outcome out = run_scene(&scene, i < count ? 1 : (int)(i - count) * 2 + 2);
        if (!i) {
            first = out;
        } else {
            assert_int_equal(out.result.particle_steps, first.result.particle_steps);
            assert_memory_equal(out.repeat, first.repeat, first.result.repeats * sizeof *out.repeat);
            free(out.repeat);
        }
        kr_scene_destroy(&scene);
    }
    free(first.repeat);
}

/* What can be had before the end are whole repeats. */
static void repeats_are_kept_when_a_run_is_stopped(void **state) {
    (void)state;
    splitting_case c = cases[0];
    c.replicas = 64;
    c.repeats = 200;
    kr_scene scene;
    kr_run *run;
    kr_error error;
    parse(&scene, &c, 3, 1.0);
    kr_run_options options = {.threads = 1};
    require(kr_run_create(&run, &scene, &options, &error), &error);
    assert_int_equal(kr_run_splitting(run)->repeats, 0);
    assert_true(isnan(kr_run_splitting(run)->escape.rate));
    while (!kr_run_finished(run) && !kr_run_splitting(run)->repeats) require(kr_run_advance(run, &error), &error);
    const kr_result *result = kr_run_result(run);
    assert_true(result->splitting->repeats > 0 && result->splitting->wanted == 200);
    for (size_t r = 0; r < result->splitting->repeats; r++) assert_true(result->splitting->repeat[r].levels > 0);
    kr_run_destroy(run);
    kr_scene_destroy(&scene);
}

static void refused(const char *override, const char *expected) {
    splitting_case c = cases[0];
    kr_scene scene, changed;
    kr_run *run;
    kr_error error;
    char *text;
    parse(&scene, &c, 3, 1.0);
    require(kr_scene_write(&scene, &text, &error), &error);
    require(kr_scene_parse(&changed, best_registry(), "case", NULL, text, &override, 1, &error), &error);
    kr_run_options options = {.threads = 1, .output = strncmp(override, "ensemble.seed", 13) ? NULL : "nowhere.h5"};
    assert_int_equal(kr_run_create(&run, &changed, &options, &error), KR_BAD_ARGUMENT);
    if (!strstr(error.message, expected)) fail_msg("%s: %s", override, error.message);
    kr_scene_destroy(&changed);
    kr_scene_destroy(&scene);
    free(text);
}

static void what_cannot_be_split_is_refused(void **state) {
    (void)state;
    refused("schedule={name: cosine, lr: 0.01}", "never changes");
    refused("escape.until=[{coordinate: 0, above: 1}, {coordinate: 0, below: -2}]", "one target");
    refused("escape.until={coordinate: 0, above: 1, below: -2}", "one side");
    refused("dynamics={name: hamiltonian}", "stationary");
    refused("dynamics={name: langevin, friction: 0}", "stationary");
    refused("dynamics={name: sgd}", "do not move");
    refused("escape.coordinate=3", "coordinates 0 to 0");
    refused("escape.coordinate=elsewhere", "'path' or the number");
    refused("escape.renewal=false", "survival");
    refused("escape.bridge=true", "bridge");
    refused("ensemble.start={minimum: 0, burn_in: 10}", "burn_in");
    refused("ensemble.until_events=10", "until_events");
    refused("statistics.every=10", "statistics");
    refused("ensemble.seed=4", "trajectory");
}

static int release(void **state) {
    (void)state;
    for (size_t i = 0; i < CASES; i++) free(outcomes[i].repeat);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transitions_are_the_committed_ones),
        cmocka_unit_test(every_mean_is_the_exact_one),
        cmocka_unit_test(repeats_scatter_as_they_should),
        cmocka_unit_test(intervals_hold_what_they_promise),
        cmocka_unit_test(a_temperature_off_by_two_percent_is_rejected),
        cmocka_unit_test(splitting_and_counting_agree),
        cmocka_unit_test(threads_and_instruction_sets_cannot_be_seen),
        cmocka_unit_test(repeats_are_kept_when_a_run_is_stopped),
        cmocka_unit_test(what_cannot_be_split_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, release);
}
