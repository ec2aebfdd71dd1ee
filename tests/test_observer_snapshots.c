/* Snapshots of an ensemble: when they are taken, and all that is computed of them against loops over one network at a time. */
#include "classifier_fixture.h"
#include "plugin_setup.h"
#include "rig.h"

#include "run/run_state.h"
#include "statistics/snapshot_results.h"

#include <kramers/basin.h>
#include <kramers/block.h>
#include <kramers/confidence.h>
#include <kramers/run.h>

#include <stdlib.h>

enum { PARTICLES = 150, SNAPSHOTS = 5 };

/* ---- numbers of a set that is made up ---- */

typedef struct made {
    kr_landscape landscape;
    double *position[SNAPSHOTS];
    uint64_t step[SNAPSHOTS];
    size_t particle[PARTICLES], count, stride;
    kr_snapshot_results results;
} made;

static uint64_t random_state;

static double uniform(void) {
    random_state = random_state * 6364136223846793005 + 1442695040888963407;
    return (double)(random_state >> 11) * 0x1p-53 - 0.5;
}

/* Each particle walks from snapshot to snapshot; those whose number ends in 7 are not looked at. */
static void make(made *m, int threads) {
    kr_error error;
    *m = (made){.stride = kr_padded(PARTICLES)};
    random_state = 11;
    require(kr_landscape_create(&m->landscape, &fixture_type, NULL, NULL, 0, &error), &error);
    for (size_t p = 0; p < PARTICLES; p++)
        if (p % 10 != 7) m->particle[m->count++] = p;
    for (size_t s = 0; s < SNAPSHOTS; s++) {
        m->position[s] = calloc(FIXTURE_DIM * m->stride, sizeof(double));
        m->step[s] = 100 * (s + 1);
        for (size_t i = 0; i < FIXTURE_DIM * m->stride; i++)
            m->position[s][i] = s ? 0.8 * m->position[s - 1][i] + 4 * uniform() : 8 * uniform();
    }
    kr_snapshot_set set = {.landscape = &m->landscape,
                           .count = SNAPSHOTS,
                           .position = (const double *const *)m->position,
                           .step = m->step,
                           .stride = m->stride,
                           .particle = m->particle,
                           .particles = m->count,
                           .threads = threads};
    require(kr_snapshot_results_create(&m->results, &set, &error), &error);
    require(kr_snapshot_paths(&set, &m->results, &error), &error);
    require(kr_snapshot_ensembles(&set, &m->results, &error), &error);
}

static void release(made *m) {
    kr_snapshot_results_destroy(&m->results);
    kr_landscape_destroy(&m->landscape);
    for (size_t s = 0; s < SNAPSHOTS; s++) free(m->position[s]);
}

static void weights_of(const made *m, size_t s, size_t which, double *weight) {
    fixture_gather(m->stride, m->particle[which], m->position[s], weight);
}

static void assert_list(const made *m, int list, size_t i, size_t n, const double *number) {
    const kr_snapshot_list *found = &m->results.list[list];
    double mean = 0, square = 0;
    assert_true(i < found->length);
    for (size_t p = 0; p < n; p++) mean += number[p] / (double)n;
    for (size_t p = 0; p < n; p++) square += (number[p] - mean) * (number[p] - mean);
    double half = KR_NORMAL_95 * sqrt(square / (double)(n - 1) / (double)n);
    assert_close(found->mean[i], mean, 1e-12, 1e-14);
    assert_close(found->ci95[i].low, mean - half, 1e-11, 1e-13);
    assert_close(found->ci95[i].high, mean + half, 1e-11, 1e-13);
}

static void losses_at_each_snapshot(void **state) {
    (void)state;
    made m;
    make(&m, 2);
    for (size_t s = 0; s < SNAPSHOTS; s++) {
        double train[PARTICLES], test[PARTICLES], accuracy[PARTICLES], weight[FIXTURE_DIM];
        for (size_t p = 0; p < m.count; p++) {
            weights_of(&m, s, p, weight);
            train[p] = fixture_loss(weight, KR_DATA_TRAIN, NULL);
            test[p] = fixture_loss(weight, KR_DATA_TEST, &accuracy[p]);
        }
        assert_list(&m, KR_SNAPSHOT_TRAIN_LOSS, s, m.count, train);
        assert_list(&m, KR_SNAPSHOT_TEST_LOSS, s, m.count, test);
        assert_list(&m, KR_SNAPSHOT_TEST_ACCURACY, s, m.count, accuracy);
    }
    release(&m);
}

static void neighbours(void **state) {
    (void)state;
    made m;
    make(&m, 1);
    for (size_t s = 0; s + 1 < SNAPSHOTS; s++) {
        double barrier[PARTICLES], distance[PARTICLES], disagreement[PARTICLES], a[FIXTURE_DIM], b[FIXTURE_DIM], x[FIXTURE_DIM];
        double first[FIXTURE_CLASSES], second[FIXTURE_CLASSES];
        bool any = false;
        for (size_t p = 0; p < m.count; p++) {
            weights_of(&m, s, p, a);
            weights_of(&m, s + 1, p, b);
            double la = fixture_loss(a, KR_DATA_TRAIN, NULL), lb = fixture_loss(b, KR_DATA_TRAIN, NULL), square = 0;
            barrier[p] = disagreement[p] = 0;
            for (int k = 0; k <= 20; k++) {
                double t = k / 20.0;
                for (int i = 0; i < FIXTURE_DIM; i++) x[i] = a[i] + t * (b[i] - a[i]);
                barrier[p] = fmax(barrier[p], fixture_loss(x, KR_DATA_TRAIN, NULL) - (la + t * (lb - la)));
            }
            for (int i = 0; i < FIXTURE_DIM; i++) square += (a[i] - b[i]) * (a[i] - b[i]);
            distance[p] = sqrt(square);
            for (int d = 0; d < FIXTURE_TEST; d++) {
                fixture_probabilities(a, fixture_test[d], first);
                fixture_probabilities(b, fixture_test[d], second);
                if (fixture_likeliest(first) != fixture_likeliest(second)) disagreement[p] += 1.0 / FIXTURE_TEST;
            }
            any = any || disagreement[p] > 0;
        }
        assert_true(any);
        assert_list(&m, KR_SNAPSHOT_BARRIER, s, m.count, barrier);
        assert_list(&m, KR_SNAPSHOT_DISTANCE, s, m.count, distance);
        assert_list(&m, KR_SNAPSHOT_DISAGREEMENT, s, m.count, disagreement);
    }
    release(&m);
}

/* Accuracy and log loss of the mean of so many networks' probabilities. */
static void ask(const double (*weight)[FIXTURE_DIM], size_t members, double *accuracy, double *log_loss) {
    *accuracy = *log_loss = 0;
    for (int d = 0; d < FIXTURE_TEST; d++) {
        double mean[FIXTURE_CLASSES] = {0}, each[FIXTURE_CLASSES];
        for (size_t j = 0; j < members; j++) {
            fixture_probabilities(weight[j], fixture_test[d], each);
            for (int c = 0; c < FIXTURE_CLASSES; c++) mean[c] += each[c] / (double)members;
        }
        *accuracy += (double)(fixture_likeliest(mean) == fixture_test_label[d]) / FIXTURE_TEST;
        *log_loss -= log(mean[fixture_test_label[d]]) / FIXTURE_TEST;
    }
}

static void ensembles_of_the_last_snapshots(void **state) {
    (void)state;
    made m;
    make(&m, 3);
    assert_int_equal(m.results.members, SNAPSHOTS);
    for (size_t members = 1; members <= SNAPSHOTS; members++)
        for (int averaged = 0; averaged < 2; averaged++) {
            double number[KR_SCORES][PARTICLES], alone[2];
            for (size_t p = 0; p < m.count; p++) {
                double weight[SNAPSHOTS][FIXTURE_DIM], mean[1][FIXTURE_DIM] = {{0}};
                for (size_t j = 0; j < members; j++) weights_of(&m, SNAPSHOTS - 1 - j, p, weight[j]);
                for (size_t j = 0; j < members; j++)
                    for (int i = 0; i < FIXTURE_DIM; i++) mean[0][i] += weight[j][i] / (double)members;
                ask((const double(*)[FIXTURE_DIM])weight, 1, &alone[0], &alone[1]);
                if (averaged)
                    ask((const double(*)[FIXTURE_DIM])mean, 1, &number[KR_ACCURACY][p], &number[KR_LOG_LOSS][p]);
                else
                    ask((const double(*)[FIXTURE_DIM])weight, members, &number[KR_ACCURACY][p], &number[KR_LOG_LOSS][p]);
                number[KR_ACCURACY_GAIN][p] = number[KR_ACCURACY][p] - alone[0];
                number[KR_LOG_LOSS_GAIN][p] = alone[1] - number[KR_LOG_LOSS][p];
            }
            for (int score = 0; score < KR_SCORES; score++)
                assert_list(&m, (averaged ? KR_SNAPSHOT_AVERAGE : KR_SNAPSHOT_ENSEMBLE) + score, members - 1, m.count,
                            number[score]);
        }
    release(&m);
}

/* Of 500 steps, halves and thirds and quarters are at no snapshot within a twentieth; a fifth is the first. */
static void groups_of_particles(void **state) {
    (void)state;
    made m;
    make(&m, 2);
    for (size_t members = 1; members <= SNAPSHOTS; members++)
        for (int whole = 0; whole < 2; whole++) {
            double number[KR_SCORES][PARTICLES];
            size_t groups = m.count / members, snapshot = whole || members == 1 ? SNAPSHOTS - 1 : 0;
            const kr_snapshot_list *list = &m.results.list[whole ? KR_SNAPSHOT_SEPARATE : KR_SNAPSHOT_INDEPENDENT];
            if (!whole && members != 1 && members != 5) {
                assert_true(isnan(list->mean[members - 1]) && isnan(m.results.independent_step[members - 1]));
                continue;
            }
            if (!whole) assert_close(m.results.independent_step[members - 1], members == 1 ? 500 : 100, 0, 0);
            for (size_t g = 0; g < groups; g++) {
                double weight[SNAPSHOTS][FIXTURE_DIM], last[1][FIXTURE_DIM], alone[2] = {0}, each[2];
                for (size_t j = 0; j < members; j++) {
                    weights_of(&m, snapshot, g * members + j, weight[j]);
                    weights_of(&m, SNAPSHOTS - 1, g * members + j, last[0]);
                    ask((const double(*)[FIXTURE_DIM])last, 1, &each[0], &each[1]);
                    for (int i = 0; i < 2; i++) alone[i] += each[i] / (double)members;
                }
                ask((const double(*)[FIXTURE_DIM])weight, members, &number[KR_ACCURACY][g], &number[KR_LOG_LOSS][g]);
                number[KR_ACCURACY_GAIN][g] = number[KR_ACCURACY][g] - alone[0];
                number[KR_LOG_LOSS_GAIN][g] = alone[1] - number[KR_LOG_LOSS][g];
            }
            for (int score = 0; score < KR_SCORES; score++)
                assert_list(&m, (whole ? KR_SNAPSHOT_SEPARATE : KR_SNAPSHOT_INDEPENDENT) + score, members - 1, groups,
                            number[score]);
        }
    release(&m);
}

static void threads_cannot_be_seen(void **state) {
    (void)state;
    made one, three;
    make(&one, 1);
    make(&three, 3);
    for (int list = 0; list < KR_SNAPSHOT_LISTS; list++) {
        size_t length = one.results.list[list].length;
        assert_int_equal(three.results.list[list].length, length);
        if (!length) continue;
        assert_memory_equal(one.results.list[list].mean, three.results.list[list].mean, length * sizeof(double));
        assert_memory_equal(one.results.list[list].ci95, three.results.list[list].ci95, length * sizeof(kr_interval));
    }
    release(&one);
    release(&three);
}

/* ---- of runs ---- */

typedef struct measured {
    kr_scene scene;
    kr_run *run;
    const kr_result *result;
} measured;

static void measure(measured *l, const char *text) {
    kr_error error;
    kr_run_options options = {.threads = 2};
    require(kr_scene_parse(&l->scene, best_registry(), "s", NULL, text, NULL, 0, &error), &error);
    require(kr_run_create(&l->run, &l->scene, &options, &error), &error);
    while (!kr_run_finished(l->run)) require(kr_run_advance(l->run, &error), &error);
    l->result = kr_run_result(l->run);
}

static void finish(measured *l) {
    kr_run_destroy(l->run);
    kr_scene_destroy(&l->scene);
}

static kr_value value_of(const measured *l, const char *name) {
    kr_result_part parts[KR_MAX_PARTS];
    const void *source;
    kr_value value = {0};
    size_t count = kr_result_parts(l->scene.registry, l->result, parts);
    const kr_result_row *row = kr_result_find(parts, count, name, &source);
    if (!row || !kr_result_get(row, source, &value)) fail_msg("there is no %s", name);
    return value;
}

static void assert_steps(const char *text, size_t count, const uint64_t *step) {
    measured l;
    measure(&l, text);
    kr_value value = value_of(&l, "snapshots.step");
    assert_int_equal(value.size[0], count);
    assert_memory_equal(value.data, step, count * sizeof *step);
    finish(&l);
}

/* The state after the last step of a cycle is the one with which the next begins. */
static void steps_are_the_ends_of_cycles(void **state) {
    (void)state;
#define BEGIN "ensemble: {particles: 10, steps: 400}\nescape: {until: []}\n"
    assert_steps(BEGIN "schedule: {name: cosine_restarts, lr: 0.01, period: 50, period_mult: 2}\nsnapshots: {at: cycle_ends}\n", 3,
                 (const uint64_t[]){50, 150, 350});
    assert_steps(BEGIN "schedule: {name: cosine_restarts, lr: 0.01, period: 100, warmup: {steps: 30}}\nsnapshots: {}\n", 3,
                 (const uint64_t[]){130, 230, 330});
    assert_steps(BEGIN "schedule: {name: cosine_restarts, lr: 0.01, period: 200}\nsnapshots: {at: cycle_ends}\n", 2,
                 (const uint64_t[]){200, 400});
    assert_steps(BEGIN "schedule: {name: cyclic, lr: 0.01, steps_up: 100, steps_down: 50}\nsnapshots: {}\n", 2,
                 (const uint64_t[]){150, 300});
    assert_steps("escape: {until: []}\nensemble: {particles: 10}\nphases: [{name: a, steps: 200, schedule: {name: cosine_restarts, "
                 "lr: 0.01, period: 100}}, {name: b, steps: 250, schedule: {name: cosine_restarts, lr: 0.01, period: 75}}]\n"
                 "snapshots: {at: cycle_ends}\n",
                 5, (const uint64_t[]){100, 200, 275, 350, 425});
    assert_steps(BEGIN "snapshots: {every: 150}\n", 2, (const uint64_t[]){150, 300});
    assert_steps(BEGIN "schedule: {name: cosine_restarts, lr: 0.01, period: 100}\nsnapshots: {at: end}\n", 1,
                 (const uint64_t[]){400});
}

static bool warns(const measured *l, const char *of) {
    for (size_t i = 0; i < l->result->warning_count; i++)
        if (strstr(l->result->warnings[i], of)) return true;
    return false;
}

static void without_cycles_the_end_is_the_only_one(void **state) {
    (void)state;
    measured l;
    assert_steps(BEGIN "schedule: {lr: 0.01}\nsnapshots: {at: cycle_ends}\n", 1, (const uint64_t[]){400});
    measure(&l, BEGIN "schedule: {lr: 0.01}\nsnapshots: {at: cycle_ends}\n");
    assert_true(warns(&l, "the only snapshot"));
    finish(&l);
    measure(&l, BEGIN "schedule: {lr: 0.01}\nsnapshots: {at: end}\n");
    assert_false(warns(&l, "the only snapshot"));
    finish(&l);
    measure(&l, BEGIN "schedule: {lr: 0.01}\nsnapshots: {every: 500}\n");
    assert_true(warns(&l, "no snapshot was taken: the first would have been after step 500"));
    finish(&l);
}

static kr_status fails(kr_observer *observer, const kr_view *view, kr_error *error) {
    (void)observer, (void)view;
    return kr_fail(error, KR_NO_MEMORY, "not enough memory for what snapshots say");
}

/* Nothing else is said of what an observer could not make, and the others have theirs. */
static void a_failure_at_the_end_is_said(void **state) {
    (void)state;
    measured l = {.result = NULL};
    kr_error error;
    const char text[] = BEGIN "schedule: {lr: 0.01}\nsnapshots: {every: 100}\n";
    require(kr_scene_parse(&l.scene, best_registry(), "s", NULL, text, NULL, 0, &error), &error);
    require(kr_run_create(&l.run, &l.scene, &(kr_run_options){.threads = 2}, &error), &error);
    kr_observer *observer = kr_observers_find(&l.run->observers, "snapshots");
    kr_observer_type failing = *observer->type;
    failing.end = fails;
    observer->type = &failing;
    while (!kr_run_finished(l.run)) require(kr_run_advance(l.run, &error), &error);
    l.result = kr_run_result(l.run);
    assert_true(warns(&l, "no results of snapshots: not enough memory for what snapshots say"));
    assert_false(warns(&l, "no particle is finite"));
    assert_true(l.result->mean && isfinite(l.result->mean->potential));
    finish(&l);
}

static double energy_at(const kr_landscape *landscape, const double *a, const double *b, double t) {
    double x[2], energy;
    for (int i = 0; i < 2; i++) x[i] = a[i] + t * (b[i] - a[i]);
    kr_landscape_energy(landscape, 1, x, &energy);
    return energy;
}

/* The classifier's loss is convex and has none; between wells there are some. */
static void assert_barriers(const measured *l, const kr_observer *observer, const kr_landscape *landscape) {
    static double position[4][200];
    kr_value value = value_of(l, "snapshots.barrier");
    for (size_t s = 0; s < 4; s++) {
        uint64_t step;
        double time;
        observer->type->kept->get(observer, s, &step, &time, position[s]);
    }
    for (size_t s = 0; s < 3; s++) {
        double mean = 0;
        for (size_t p = 0; p < 70; p++) {
            const double *a = position[s] + 2 * p, *b = position[s + 1] + 2 * p;
            double first = energy_at(landscape, a, b, 0), last = energy_at(landscape, a, b, 1), most = 0;
            for (int k = 1; k < 20; k++) {
                double t = k / 20.0;
                most = fmax(most, energy_at(landscape, a, b, t) - first - t * (last - first));
            }
            mean += most / 70;
        }
        assert_true(mean > 0.05);
        assert_close(((const double *)value.data)[s], mean, 1e-9, 0);
    }
}

/* Jumps between four wells: which one a snapshot lies in is what kr_basins says of it. */
static void basins_along_each_path(void **state) {
    (void)state;
    measured l;
    kr_error error;
    kr_basins *basins;
    measure(&l, "landscape: {name: quadruple_well}\ndynamics: {name: sgld, temperature: 0.4}\nschedule: {lr: 0.02}\n"
                "ensemble: {particles: 100, steps: 400}\nescape: {until: []}\nsnapshots: {every: 100, particles: 70}\n");
    const kr_observer *observer = l.result->observers[0];
    for (size_t i = 0; i < l.result->observer_count; i++)
        if (!strcmp(l.result->observers[i]->type->about.name, "snapshots")) observer = l.result->observers[i];
    kr_view view = kr_run_view(l.run);
    require(kr_basins_create(&basins, view.landscape, &error), &error);
    assert_int_equal(kr_basins_count(basins), 4);
    double position[200], population[16] = {0}, distinct = 0;
    bool seen[70][4] = {{false}};
    for (size_t s = 0; s < 4; s++) {
        uint64_t step;
        double time;
        observer->type->kept->get(observer, s, &step, &time, position);
        assert_int_equal(step, 100 * (s + 1));
        assert_close(time, 2.0 * (double)(s + 1), 1e-12, 0);
        for (size_t p = 0; p < 70; p++) {
            int32_t basin;
            require(kr_basins_assign(basins, 1, 1, position + 2 * p, &basin, &error), &error);
            population[4 * s + (size_t)basin] += 1.0 / 70;
            distinct += seen[p][basin] ? 0 : 1.0 / 70;
            seen[p][basin] = true;
        }
    }
    assert_barriers(&l, observer, view.landscape);
    kr_value value = value_of(&l, "snapshots.population");
    assert_int_equal(value.size[0], 4);
    assert_int_equal(value.size[1], 4);
    for (int i = 0; i < 16; i++) assert_close(((const double *)value.data)[i], population[i], 1e-12, 0);
    assert_close(*(const double *)value_of(&l, "snapshots.distinct_basins").data, distinct, 1e-12, 0);
    assert_true(distinct > 1.2 && distinct < 3.8);
    assert_int_equal(*(const uint64_t *)value_of(&l, "snapshots.particles").data, 70);
    kr_basins_destroy(basins);
    finish(&l);
}

static void too_many_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *text, *says;
    } cases[] = {{"ensemble: {particles: 2, steps: 10000}\nsnapshots: {every: 10}\n", "at most 256 are kept: take at least 40"},
                 {"ensemble: {particles: 2, steps: 10000}\nschedule: {name: cosine_restarts, period: 20}\nsnapshots: {}\n",
                  "more than 256 cycles end within 10000 steps"},
                 {"ensemble: {particles: 2, steps: 10000}\nsnapshots: {at: cycle_end}\n", "cycle_ends"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        kr_scene scene;
        kr_run *run;
        kr_error error = {.message = ""};
        kr_status status = kr_scene_parse(&scene, best_registry(), "s", NULL, cases[i].text, NULL, 0, &error);
        if (status == KR_OK) {
            status = kr_run_create(&run, &scene, &(kr_run_options){.threads = 1}, &error);
            kr_scene_destroy(&scene);
        }
        assert_int_equal(status, KR_BAD_ARGUMENT);
        if (!strstr(error.message, cases[i].says)) fail_msg("%s", error.message);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(losses_at_each_snapshot),
                                       cmocka_unit_test(neighbours),
                                       cmocka_unit_test(ensembles_of_the_last_snapshots),
                                       cmocka_unit_test(groups_of_particles),
                                       cmocka_unit_test(threads_cannot_be_seen),
                                       cmocka_unit_test(steps_are_the_ends_of_cycles),
                                       cmocka_unit_test(without_cycles_the_end_is_the_only_one),
                                       cmocka_unit_test(a_failure_at_the_end_is_said),
                                       cmocka_unit_test(basins_along_each_path),
                                       cmocka_unit_test(too_many_are_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
