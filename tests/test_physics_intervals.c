/* The interval of the mean first-passage time covers the truth in 95 of 100 runs: short or long beside the mean, ended by their
 * steps or by what they have seen, with and without inertia, in one dimension and two. */
#include "plugin_setup.h"
#include "result_rows.h"
#include "sanitized.h"

#include "run/run_state.h"

#include <kramers/confidence.h>
#include <kramers/run.h>

#include <math.h>

enum { SEEDS = 1000 };

typedef struct setting {
    const char *name, *scene;
    double lengths; /* of a run, in mean passages */
    int particles;
    const char *end; /* of the ensemble's section: another end, or renewal */
    const char *escape;
    bool exact; /* the discrete-time chain knows the mean; else a long run does */
} setting;

#define WARM "landscape: {name: double_well}\ndynamics: {name: sgld, temperature: 0.3}\nschedule: {name: constant, lr: 0.02}\n"
#define HOT "landscape: {name: double_well}\ndynamics: {name: sgld, temperature: 0.8}\nschedule: {name: constant, lr: 0.02}\n"
#define SLOW                                                                                                                       \
    "landscape: {name: double_well}\ndynamics: {name: langevin, friction: 0.3, temperature: 0.3}\nschedule: {name: constant, lr: " \
    "0.01}\n"
#define BALL_OF_MASS                                                                                                               \
    "landscape: {name: double_well}\ndynamics: {name: momentum, momentum: 0.9}\nnoise: {name: isotropic, sigma: 5.5}\nschedule: "  \
    "{name: constant, lr: 0.002}\n"
#define PLANE "landscape: {name: muller_brown}\ndynamics: {name: sgld, temperature: 22}\nschedule: {name: constant, lr: 0.0002}\n"
#define SIDE "until: {coordinate: 0, above: 1}"
#define BALL "until: {minimum: 2, radius: 0.2}"

static const setting settings[] = {
    {"fifth of a passage", WARM, 0.2, 1000, "", SIDE, true},
    {"half a passage", WARM, 0.55, 400, "", SIDE, true},
    {"five passages", WARM, 5.5, 40, "", SIDE, true},
    {"fifty passages", WARM, 50, 4, "", SIDE, true},
    {"until events", WARM, 20, 1500, "until_events: 200", SIDE, true},
    {"until relative error", WARM, 100, 100, "until_relative_error: 0.1", SIDE, true},
    {"low barrier", HOT, 0.7, 300, "", SIDE, true},
    {"low barrier until events", HOT, 20, 100, "until_events: 200", SIDE, true},
    {"each particle once", WARM, 0.7, 300, "", SIDE ", renewal: false", true},
    {"Boltzmann start", WARM, 0.3, 600, "start: {gibbs: 0, burn_in: 200}", SIDE, true},
    {"little friction", SLOW, 2, 100, "", SIDE, false},
    {"heavy ball", BALL_OF_MASS, 1, 200, "", SIDE, false},
    {"two dimensions", PLANE, 0.5, 400, "", BALL, false},
};
enum { SETTINGS = sizeof settings / sizeof *settings };

static kr_run *make(kr_scene *scene, const setting *s, double steps, int particles, const char *end, int seed) {
    char text[1024];
    kr_error error;
    kr_run *run;
    kr_run_options options = {.threads = 1, .cadence = 32};
    snprintf(text, sizeof text, "%sensemble: {seed: %d, particles: %d, steps: %.0f%s%s}\nescape: {%s}\n", s->scene, seed, particles,
             ceil(steps), *end ? ", " : "", end, s->escape);
    require(kr_scene_parse(scene, best_registry(), "test", NULL, text, NULL, 0, &error), &error);
    require(kr_run_create(&run, scene, &options, &error), &error);
    return run;
}

static kr_escape_estimate measure(const setting *s, double steps, int particles, const char *end, int seed) {
    kr_scene scene;
    kr_error error;
    kr_run *run = make(&scene, s, steps, particles, end, seed);
    while (!kr_run_finished(run)) require(kr_run_advance(run, &error), &error);
    kr_view view = kr_run_view(run);
    kr_escape_estimate e = kr_run_escape(run, &view);
    kr_run_destroy(run);
    kr_scene_destroy(&scene);
    return e;
}

static const kr_theory_type *find_chain(void) {
    const kr_theory_type *chain;
    kr_error error;
    require(kr_find_theory(best_registry(), "chain", &chain, &error), &error);
    return chain;
}

static double truth(const setting *s) {
    kr_scene scene;
    double mean = NAN;
    if (s->exact) {
        kr_run *run = make(&scene, s, 1, 64, "", 1);
        kr_prediction chain;
        kr_problem problem = kr_model_problem(&run->stage->model);
        kr_theory_predict(find_chain(), &problem, &chain);
        mean = chain.mfpt_steps;
        kr_run_destroy(run);
        kr_scene_destroy(&scene);
    } else {
        mean = measure(s, 40000, 4096, "", 77).mfpt_steps;
    }
    assert_true(mean > 0);
    return mean;
}

typedef struct tally {
    uint64_t covered, too_high, too_low, silent, plain; /* plain: covered by exposure / events with its Poisson interval */
    double events, ratio, plain_ratio;                  /* sums */
} tally;

static bool inside(double x, kr_interval interval) {
    return x >= interval.low && x <= interval.high;
}

static void count(tally *t, const kr_escape_estimate *e, double mean) {
    kr_escape_estimate plain = kr_escape_estimate_make(e->events, e->exposure_steps, e->exposure_time, e->particles);
    if (isnan(e->mfpt_steps)) t->silent++;
    t->events += (double)e->events;
    if (inside(mean, plain.mfpt_steps_ci95)) t->plain++;
    t->plain_ratio += plain.mfpt_steps / mean;
    if (isnan(e->mfpt_steps)) return;
    if (mean < e->mfpt_steps_ci95.low) t->too_high++;
    if (mean > e->mfpt_steps_ci95.high) t->too_low++;
    if (inside(mean, e->mfpt_steps_ci95)) t->covered++;
    t->ratio += e->mfpt_steps / mean;
}

/* 930 to 970 of 1000, as the seeds are fixed; of a sample, the exact interval (p = 0.001) of the coverage must touch that. */
static void judge(const setting *s, const tally *t, uint64_t seeds) {
    kr_interval coverage = kr_binomial_interval(t->covered, seeds - t->silent, 0.999);
    double share = (double)t->covered / (double)(seeds - t->silent);
    print_message("%s: %.3f covered\n", s->name, share);
    if (t->silent > seeds / 100) fail_msg("%s: %d runs say nothing", s->name, (int)t->silent);
    if (seeds == SEEDS ? share < 0.93 || share > 0.97 : coverage.high < 0.93 || coverage.low > 0.97)
        fail_msg("%s: the interval covers %.3f of the runs", s->name, share);
}

/* A sample looks at every tenth seed. */
static void the_interval_covers(void **state) {
    (void)state;
    result_rows rows = {.name = "results_intervals.csv", .exact = 0, .relative = 1e-3};
    bool whole = !is_sampled();
    int stride = whole ? 1 : 10;
    result_rows_open(
        &rows, whole,
        "setting,particles,mean_passages,seeds,covered,too_high,too_low,silent,ratio,events,plain_covered,plain_ratio");
    for (size_t i = 0; i < SETTINGS; i++) {
        const setting *s = &settings[i];
        double mean = truth(s);
        tally t = {0};
        uint64_t seeds = 0;
        for (int seed = 1; seed <= SEEDS; seed += stride, seeds++) {
            kr_escape_estimate e = measure(s, s->lengths * mean, s->particles, s->end, seed);
            count(&t, &e, mean);
        }
        judge(s, &t, seeds);
        char row[RESULT_ROW];
        double n = (double)seeds, spoke = n - (double)t.silent;
        snprintf(row, sizeof row, "%s,%d,%g,%d,%.3f,%.3f,%.3f,%d,%.4f,%.1f,%.3f,%.4f\n", s->name, s->particles, s->lengths,
                 (int)seeds, (double)t.covered / spoke, (double)t.too_high / spoke, (double)t.too_low / spoke, (int)t.silent,
                 t.ratio / spoke, t.events / n, (double)t.plain / n, t.plain_ratio / n);
        result_rows_next(&rows, whole ? row : NULL);
    }
    result_rows_close(&rows);
}

/* Before a particle can have forgotten the start. */
static void too_short_a_run_says_nothing(void **state) {
    (void)state;
    const setting *s = &settings[0];
    double mean = truth(s);
    for (int seed = 1; seed <= 20; seed++) {
        kr_escape_estimate e = measure(s, 0.05 * mean, 40000, "", seed);
        assert_true(e.events > 20 && isnan(e.mfpt_steps) && isnan(e.mfpt_steps_ci95.low) && isnan(e.mfpt_steps_ci95.high));
        assert_true(isnan(e.rate) && isnan(e.rate_ci95.low) && isnan(e.mfpt_time));
        assert_true(e.needed_steps > 0.05 * mean && e.needed_steps < mean);
        assert_true(isnan(kr_escape_z(&e, mean, 1)));
    }
}

/* Without passages the interval is one-sided: the truth is below its end in at most one run of twenty, of all runs. The ensemble is
 * chosen so that the bound is just above the truth where there are none, and so nearly as often wrong as it may be. */
static void no_passages_are_a_bound(void **state) {
    (void)state;
    enum { RUNS = 1000, PARTICLES = 13 };
    const setting *s = &settings[0];
    double mean = truth(s);
    uint64_t wrong = 0, none = 0;
    for (int seed = 1; seed <= RUNS; seed++) {
        kr_escape_estimate e = measure(s, 0.3 * mean, PARTICLES, "", seed);
        if (e.events) continue;
        none++;
        assert_true(isnan(e.mfpt_steps) && isinf(e.mfpt_steps_ci95.high) && e.rate == 0 && e.rate_ci95.low == 0);
        if (mean < e.mfpt_steps_ci95.low) wrong++;
    }
    print_message("%d runs of %d without passages, the bound is wrong in %d\n", (int)none, (int)RUNS, (int)wrong);
    assert_true(none > 10);
    assert_true(kr_binomial_interval(wrong, RUNS, 0.999).low <= 0.05);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_interval_covers), cmocka_unit_test(too_short_a_run_says_nothing),
                                       cmocka_unit_test(no_passages_are_a_bound)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
