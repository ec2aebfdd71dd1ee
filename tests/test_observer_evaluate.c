/* Loss and accuracy of an ensemble against loops over one particle at a time. */
#include "classifier_fixture.h"
#include "plugin_setup.h"

#include "engine/ensemble_state.h"
#include "run/observers.h"
#include "statistics/sample_moments.h"

#include <kramers/confidence.h>
#include <kramers/run.h>

#include <stdlib.h>

enum { PARTICLES = 150, STEPS = 40, EVERY = 7 };

typedef struct bench {
    kr_settings settings[4], own;
    kr_landscape landscape;
    kr_noise noise;
    kr_dynamics dynamics;
    kr_schedule schedule;
    double start[FIXTURE_DIM], *pool;
    kr_ensemble *ensemble;
    kr_observer *observer;
} bench;

static const kr_observer_type *observed(void) {
    for (const kr_observer_type *const *type = best_registry()->observers; *type; type++)
        if (!strcmp((*type)->about.name, "evaluate")) return *type;
    fail_msg("there is no evaluate");
    return NULL;
}

static void begin(bench *b, double temperature, double rate, int threads, size_t block) {
    char heat[60], lr[60];
    kr_error error;
    snprintf(heat, sizeof heat, "temperature=%.17g", temperature);
    snprintf(lr, sizeof lr, "lr=%.17g", rate);
    const kr_dynamics_type *dynamics = find_dynamics(best_registry(), "sgld");
    const kr_noise_type *noise = find_noise(best_registry(), "none");
    const kr_schedule_type *schedule = find_schedule(best_registry(), "constant");
    *b = (bench){.start = {0.5, -0.5}};
    b->settings[0] = make_settings(&dynamics->about, heat);
    b->settings[1] = make_settings(&noise->about, "");
    b->settings[2] = make_settings(&schedule->about, lr);
    b->own = make_settings(&observed()->about, "every=7");
    require(kr_dynamics_create(&b->dynamics, dynamics, b->settings[0].values, &error), &error);
    require(kr_landscape_create(&b->landscape, &fixture_type, NULL, NULL, 0, &error), &error);
    require(kr_noise_create(&b->noise, noise, b->settings[1].values, FIXTURE_DIM, &error), &error);
    require(kr_schedule_create(&b->schedule, &b->settings[2], NULL, (kr_warmup){0, 1}, STEPS, &error), &error);
    kr_ensemble_setup setup = {.registry = best_registry(),
                               .landscape = &b->landscape,
                               .noise = &b->noise,
                               .dynamics = &b->dynamics,
                               .schedule = &b->schedule,
                               .start = b->start,
                               .particles = PARTICLES,
                               .seed = 5,
                               .threads = threads,
                               .block_size = block};
    require(kr_ensemble_create(&b->ensemble, &setup, &error), &error);
    kr_observer_setup observer = {.values = b->own.values,
                                  .problem = {.landscape = &b->landscape, .schedule = &b->schedule, .start = b->start},
                                  .particles = PARTICLES,
                                  .steps = STEPS,
                                  .threads = threads};
    require(kr_observer_create(&b->observer, observed(), &observer, &error), &error);
}

static void end(bench *b) {
    kr_observer_destroy(b->observer);
    kr_ensemble_destroy(b->ensemble);
    kr_noise_destroy(&b->noise);
    kr_landscape_destroy(&b->landscape);
    kr_schedule_destroy(&b->schedule);
    for (int i = 0; i < 3; i++) kr_settings_destroy(&b->settings[i]);
    kr_settings_destroy(&b->own);
}

static kr_view go(bench *b, uint64_t steps) {
    kr_error error;
    require(kr_ensemble_advance_observed(b->ensemble, steps, &b->observer, 1, &error), &error);
    kr_view view = kr_ensemble_view(b->ensemble);
    require(b->observer->type->end(b->observer, &view, &error), &error);
    return view;
}

static kr_value value_of(const bench *b, const char *name) {
    kr_result_part part = {.name = "evaluate", .rows = observed()->rows, .source = b->observer};
    const void *source;
    kr_value value;
    const kr_result_row *row = kr_result_find(&part, 1, name, &source);
    assert_non_null(row);
    if (!kr_result_get(row, source, &value)) fail_msg("%s is not there", name);
    return value;
}

static double number_of(const bench *b, const char *name) {
    kr_result_part part = {.name = "evaluate", .rows = observed()->rows, .source = b->observer};
    return kr_result_number(&part, 1, name);
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* One number of each particle: which of loss and accuracy, of which part. */
static size_t by_hand(const kr_view *view, kr_data_part part, bool accuracy, double *number) {
    size_t count = 0;
    for (size_t p = 0; p < PARTICLES; p++) {
        double weight[FIXTURE_DIM], correct;
        if (view->stopped_at[p]) continue;
        fixture_gather(view->stride, p, view->position, weight);
        double loss = fixture_loss(weight, part, &correct);
        number[count++] = accuracy ? correct : loss;
    }
    return count;
}

static void compare(const bench *b, const kr_view *view) {
    static const char *const names[2][2] = {{"train_loss", "train_accuracy"}, {"test_loss", "test_accuracy"}};
    static const double probability[5] = {0.05, 0.25, 0.5, 0.75, 0.95};
    for (int part = 0; part < 2; part++)
        for (int accuracy = 0; accuracy < 2; accuracy++) {
            double number[PARTICLES], mean = 0, square = 0;
            char name[60];
            size_t count = by_hand(view, (kr_data_part)part, accuracy, number);
            for (size_t i = 0; i < count; i++) mean += number[i] / (double)count;
            for (size_t i = 0; i < count; i++) square += (number[i] - mean) * (number[i] - mean);
            double error = sqrt(square / (double)(count - 1) / (double)count);
            snprintf(name, sizeof name, "evaluate.%s", names[part][accuracy]);
            assert_close(number_of(b, name), mean, 1e-13, 0);
            snprintf(name, sizeof name, "evaluate.%s_deviation", names[part][accuracy]);
            assert_close(number_of(b, name), sqrt(square / (double)count), 1e-12, 1e-15);
            snprintf(name, sizeof name, "evaluate.%s_ci95", names[part][accuracy]);
            const kr_interval *interval = value_of(b, name).data;
            assert_close(interval->low, mean - KR_NORMAL_95 * error, 1e-13, 0);
            assert_close(interval->high, mean + KR_NORMAL_95 * error, 1e-13, 0);
            qsort(number, count, sizeof *number, ascending);
            snprintf(name, sizeof name, "evaluate.%s_quantiles", names[part][accuracy]);
            const double *quantile = value_of(b, name).data;
            for (int i = 0; i < 5; i++) {
                double place = probability[i] * (double)(count - 1);
                size_t k = (size_t)place < count - 1 ? (size_t)place : count - 2;
                assert_close(quantile[i], number[k] + (place - (double)k) * (number[k + 1] - number[k]), 1e-13, 0);
            }
        }
    assert_close(number_of(b, "evaluate.particles") + number_of(b, "evaluate.stopped"), PARTICLES, 0, 0);
}

/* 40 steps are no multiple of 7: the end is looked at all the same. */
static void numbers_are_those_of_the_particles(void **state) {
    (void)state;
    bench b;
    begin(&b, 0.3, 0.2, 1, 0);
    kr_view view = go(&b, STEPS);
    compare(&b, &view);
    assert_close(number_of(&b, "evaluate.samples"), STEPS / EVERY, 0, 0);
    assert_true(number_of(&b, "evaluate.train_loss_deviation") > 0.05);
    view = go(&b, 2); /* 42 is one */
    compare(&b, &view);
    assert_close(number_of(&b, "evaluate.samples"), 6, 0, 0);
    end(&b);
}

static void who_has_stopped_is_left_out(void **state) {
    (void)state;
    bench b;
    begin(&b, 0.3, 0.2, 1, 0);
    kr_view view = go(&b, STEPS);
    double *x = (double *)(void *)b.ensemble->position; /* as an optimizer would that diverges */
    for (size_t p = 3; p < 9; p++) x[p] = NAN;
    view = go(&b, 2);
    assert_int_equal(view.diverged, 6);
    assert_close(number_of(&b, "evaluate.stopped"), 6, 0, 0);
    compare(&b, &view);
    end(&b);
}

static void division_cannot_be_seen(void **state) {
    (void)state;
    static const struct {
        int threads;
        size_t block;
    } how[] = {{1, 0}, {3, 64}, {2, 128}};
    uint64_t *first = NULL;
    for (size_t i = 0; i < sizeof how / sizeof *how; i++) {
        bench b;
        begin(&b, 0.3, 0.2, how[i].threads, how[i].block);
        go(&b, STEPS);
        size_t words = observed()->state_words(b.observer);
        uint64_t *now = calloc(words, sizeof *now);
        observed()->save(b.observer, now);
        if (first) assert_memory_equal(first, now, words * sizeof *now);
        if (!first)
            first = now;
        else
            free(now);
        end(&b);
    }
    free(first);
}

/* What a frame shows is the newest sample at or before it. */
static void frames_show_the_newest_sample(void **state) {
    (void)state;
    bench b;
    kr_error error;
    begin(&b, 0.3, 0.2, 1, 0);
    kr_view view = kr_ensemble_view(b.ensemble);
    require(observed()->frame(b.observer, &view, &error), &error);
    const kr_frame_data *row = observed()->frame_data;
    assert_string_equal(row->name, "evaluate_step");
    assert_true(isnan(*(const double *)(const void *)((const char *)b.observer + row->offset)));
    go(&b, 35);
    double loss = number_of(&b, "evaluate.train_loss");
    view = go(&b, 3);
    require(observed()->frame(b.observer, &view, &error), &error);
    assert_close(*(const double *)(const void *)((const char *)b.observer + row->offset), 35, 0, 0);
    row++;
    assert_string_equal(row->name, "evaluate_train_loss");
    assert_close(*(const double *)(const void *)((const char *)b.observer + row->offset), loss, 0, 0);
    row++;
    assert_int_equal(row->count(b.observer), 5);
    assert_true(row->numbers(b.observer)[0] < loss && row->numbers(b.observer)[4] > loss);
    end(&b);
}

static void landscapes_without_data_are_refused(void **state) {
    (void)state;
    kr_scene scene;
    kr_error error;
    assert_int_equal(kr_scene_parse(&scene, best_registry(), "s", NULL, "evaluate: {every: 10}\n", NULL, 0, &error),
                     KR_BAD_ARGUMENT);
    assert_non_null(strstr(error.message, "s:1:1"));
    assert_non_null(strstr(error.message, "mean over data"));
    assert_non_null(strstr(error.message, "'double_well'"));
}

static void moments_of_few_or_none(void **state) {
    (void)state;
    const double few[] = {NAN, 3.0, INFINITY}, half = 0.5;
    double work[3], quantile;
    kr_sample_moments m = kr_sample_moments_of(3, few);
    assert_int_equal(m.count, 1);
    assert_close(m.mean, 3, 0, 0);
    assert_true(isnan(m.mean_error) && isnan(kr_sample_mean_ci95(&m).low));
    kr_sample_quantiles(3, few, 1, &half, work, &quantile);
    assert_close(quantile, 3, 0, 0);
    m = kr_sample_moments_of(1, few);
    assert_int_equal(m.count, 0);
    kr_sample_quantiles(1, few, 1, &half, work, &quantile);
    assert_true(isnan(m.mean) && isnan(quantile));
}

/* ---- a network in a run ---- */

static const char network[] =
    "landscape: {name: network, data: moons, points: 80, hidden: [5]}\ndynamics: {name: sgd, weight_decay: 0.001}\n"
    "noise: {name: minibatch, batch_size: 8}\nschedule: {name: cosine_restarts, lr: 0.5, period: 40}\n"
    "ensemble: {particles: 150, steps: 200, seed: 3, start: {random: kaiming_uniform}}\n"
    "escape: {until: []}\nevaluate: {every: 60}\nsnapshots: {at: cycle_ends}\n";

typedef struct measured {
    kr_scene scene;
    kr_run *run;
    kr_result_part part[KR_MAX_PARTS];
    size_t count;
} measured;

static void measure(measured *l, const kr_registry *registry, int threads, size_t block) {
    kr_error error;
    require(kr_scene_parse(&l->scene, registry, "network", NULL, network, NULL, 0, &error), &error);
    require(kr_run_create(&l->run, &l->scene, &(kr_run_options){.threads = threads, .block_size = block}, &error), &error);
    while (!kr_run_finished(l->run)) require(kr_run_advance(l->run, &error), &error);
    l->count = kr_result_parts(registry, kr_run_result(l->run), l->part);
}

static void finish(measured *l) {
    kr_run_destroy(l->run);
    kr_scene_destroy(&l->scene);
}

/* All rows of one number and lists of numbers that begin so. */
static size_t compare_rows(const measured *a, const measured *b, const char *beginning) {
    size_t compared = 0;
    for (size_t i = 0; i < a->count; i++)
        for (const kr_result_row *row = a->part[i].rows; row->name; row++) {
            kr_value left, right;
            if (strncmp(row->name, beginning, strlen(beginning)) != 0) continue;
            const void *source = NULL;
            const kr_result_row *same = kr_result_find(b->part, b->count, row->name, &source);
            bool there = kr_result_get(row, a->part[i].source, &left);
            assert_int_equal(kr_result_get(same, source, &right), there);
            if (!there) continue;
            size_t size = row->kind == KR_VALUE_INTERVAL ? sizeof(kr_interval) : 8;
            for (int axis = 0; axis < row->rank; axis++) {
                assert_int_equal(left.size[axis], right.size[axis]);
                size *= left.size[axis];
            }
            if (memcmp(left.data, right.data, size) != 0) fail_msg("%s differs", row->name);
            compared++;
        }
    return compared;
}

/* Threads, blocks and instruction sets. */
static void networks_have_the_same_bits_however_they_are_divided(void **state) {
    (void)state;
    measured one, other;
    const kr_registry *baseline;
    kr_error error;
    measure(&one, best_registry(), 1, 0);
    measure(&other, best_registry(), 3, 64);
    assert_int_equal(compare_rows(&one, &other, "evaluate."), 19);
    assert_true(compare_rows(&one, &other, "snapshots.") > 40);
    finish(&other);
    measure(&other, best_registry(), 2, 128);
    assert_int_equal(compare_rows(&one, &other, "evaluate."), 19);
    finish(&other);
    require(kr_registry_find("baseline", &baseline, &error), &error);
    measure(&other, baseline, 2, 0);
    assert_int_equal(compare_rows(&one, &other, "evaluate."), 19);
    assert_true(compare_rows(&one, &other, "snapshots.") > 40);
    double accuracy = kr_result_number(one.part, one.count, "evaluate.test_accuracy"),
           loss = kr_result_number(one.part, one.count, "evaluate.train_loss");
    if (!(accuracy > 0.8 && loss < 0.4)) fail_msg("accuracy %g, loss %g", accuracy, loss);
    finish(&one);
    finish(&other);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(numbers_are_those_of_the_particles),
                                       cmocka_unit_test(who_has_stopped_is_left_out),
                                       cmocka_unit_test(division_cannot_be_seen),
                                       cmocka_unit_test(frames_show_the_newest_sample),
                                       cmocka_unit_test(landscapes_without_data_are_refused),
                                       cmocka_unit_test(moments_of_few_or_none),
                                       cmocka_unit_test(networks_have_the_same_bits_however_they_are_divided)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
