/* Minibatches of a landscape of which all is known: its data, the variance of their batches, scenes, sizes that change, and epochs
 * in the engine's own steps. */
#include "plugin_setup.h"

#include "engine/ensemble_state.h"

#include <kramers/data_sum.h>
#include <kramers/kramers.h>

#include <stdlib.h>

enum { N = KR_GRANULE };

/* ---- with a landscape that is known ---- */

static kr_landscape quadratics(kr_settings *settings, const char *parameters) {
    kr_landscape landscape;
    kr_error error;
    const kr_landscape_type *type = find_landscape(best_registry(), "mean_of_quadratics");
    *settings = make_settings(&type->about, parameters);
    if (kr_landscape_create(&landscape, type, settings->values, NULL, 0, &error) != KR_OK) fail_msg("%s", error.message);
    return landscape;
}

/* The landscape is the mean of its data: gradients one by one give gradient and spread, and the energy has this gradient. */
static void DataAddUp(void **state) {
    (void)state;
    enum { M = 41, DIM = 3, POINTS = 70 };
    kr_settings settings;
    kr_landscape landscape = quadratics(&settings, "points=41 dim=3 stiffness=2 stiffness_spread=0.7 spread=1.5 seed=9");
    const kr_data_sum *of = kr_landscape_data(&landscape);
    double x[DIM * POINTS], g[DIM * POINTS], whole[DIM * POINTS], spread[DIM * POINTS],
        mean[DIM * POINTS] = {0}, square[DIM * POINTS] = {0}, loss[POINTS], energy[POINTS], correct[POINTS];
    for (size_t i = 0; i < DIM * POINTS; i++) x[i] = 3 * sin(2.3 * (double)i);
    landscape.type->gradient(&landscape, POINTS, x, whole);
    of->spread(&landscape, POINTS, x, spread);
    for (uint32_t m = 0; m < M; m++) {
        uint32_t index[POINTS];
        for (size_t p = 0; p < POINTS; p++) index[p] = m;
        of->gradient(&landscape, POINTS, 1, index, NULL, x, g);
        for (size_t i = 0; i < DIM * POINTS; i++) {
            mean[i] += g[i] / M;
            square[i] += (g[i] - whole[i]) * (g[i] - whole[i]) / M;
        }
    }
    for (size_t i = 0; i < DIM * POINTS; i++) {
        assert_close(mean[i], whole[i], 1e-13, 1e-14);
        assert_close(spread[i], square[i], 1e-12, 0);
    }
    of->evaluate(&landscape, KR_DATA_TRAIN, POINTS, x, loss, correct);
    landscape.type->energy(&landscape, POINTS, x, energy);
    const kr_data train = of->data(&landscape, KR_DATA_TRAIN);
    assert_true(train.count == M && train.inputs == DIM && of->data(&landscape, KR_DATA_TEST).count == 0);
    for (size_t p = 0; p < POINTS; p++) assert_true(loss[p] == energy[p] && isnan(correct[p]));
    /* V by its definition, where all curvatures are k. */
    kr_landscape_destroy(&landscape);
    kr_settings_destroy(&settings);
    landscape = quadratics(&settings, "points=41 dim=3 stiffness=2");
    const double *center = landscape.type->data->data(&landscape, KR_DATA_TRAIN).input;
    landscape.type->energy(&landscape, POINTS, x, energy);
    for (size_t p = 0; p < POINTS; p++) {
        double v = 0;
        for (size_t m = 0; m < M; m++)
            for (size_t i = 0; i < DIM; i++) {
                double away = x[i * POINTS + p] - center[m * DIM + i];
                v += away * away / M;
            }
        assert_close(energy[p], v, 1e-13, 0);
    }
    kr_landscape_destroy(&landscape);
    kr_settings_destroy(&settings);
}

/* A batch of all data, in pieces, is the whole gradient; and what theory says of the variance follows from spread. */
static void VarianceOfAFinitePopulation(void **state) {
    (void)state;
    enum { M = 100, DIM = 2 };
    const struct {
        const char *parameters;
        double share;
    } cases[] = {{"batch_size=10 sampling=with_replacement", 0.1},
                 {"batch_size=10 sampling=epoch", 0.1 * 90 / 99},
                 {"batch_size=10 sampling=without_replacement", 0.1 * 90 / 99},
                 {"batch_size=100", 0},
                 {"batch_size=250 sampling=with_replacement", 1.0 / 250}};
    kr_settings settings, of_noise;
    kr_landscape landscape = quadratics(&settings, "points=100 dim=2 stiffness_spread=0.5");
    const kr_noise_type *type = find_noise(best_registry(), "minibatch");
    const double x[DIM] = {0.3, -0.8};
    double spread[DIM], variance[DIM];
    landscape.type->data->spread(&landscape, 1, x, spread);
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        kr_error error;
        kr_noise noise;
        of_noise = make_settings(&type->about, cases[c].parameters);
        assert_int_equal(kr_noise_create(&noise, type, of_noise.values, DIM, &error), KR_OK);
        assert_close(kr_noise_batch_share(&noise, M), cases[c].share, 1e-15, 0);
        assert_int_equal(kr_noise_variance(&noise, &landscape, 1, x, variance, &error), KR_OK);
        for (size_t i = 0; i < DIM; i++) assert_close(variance[i], cases[c].share * spread[i], 1e-14, 0);
        assert_close(kr_noise_mean_variance(&noise, &landscape, x), cases[c].share * (spread[0] + spread[1]) / 2, 1e-14, 0);
        kr_settings_destroy(&of_noise);
    }
    of_noise = make_settings(&type->about, "batch_size=100");
    kr_noise noise = {.type = find_noise(best_registry(), "isotropic")};
    assert_true(isnan(kr_noise_batch_share(&noise, M)));
    assert_int_equal(kr_noise_create(&noise, type, of_noise.values, DIM, NULL), KR_OK);
    const kr_sampling sampling = {.landscape = &landscape, .kernels = best_registry()->kernels, .seed = 3, .stream = 1, .n = N};
    double points[DIM * N], spare[DIM * N], gradient[DIM * N], whole[DIM * N], work[N * 64];
    for (size_t i = 0; i < DIM * N; i++) points[i] = cos((double)i);
    type->sampler->gradient(&noise, &sampling, points, spare, work, gradient);
    landscape.type->gradient(&landscape, N, points, whole);
    for (size_t i = 0; i < DIM * N; i++) assert_close(gradient[i], whole[i], 1e-13, 1e-14);
    kr_settings_destroy(&of_noise);
    kr_landscape_destroy(&landscape);
    kr_settings_destroy(&settings);
}

/* ---- scenes ---- */

static const char *refusal(const char *scene_text) {
    static kr_error error;
    kr_scene scene;
    kr_model model;
    if (kr_scene_parse(&scene, best_registry(), "here", NULL, scene_text, NULL, 0, &error) != KR_OK) return error.message;
    kr_status status = kr_model_create(&model, &scene, &error);
    assert_int_equal(status, KR_BAD_ARGUMENT);
    kr_scene_destroy(&scene);
    return error.message;
}

static void RefusalsSayWhyAndWhatHelps(void **state) {
    (void)state;
    static const char *const cases[][5] = {
        {"noise: {name: minibatch}", "here:1:", "double_well", "mean_of_quadratics", "isotropic"},
        {"landscape: {name: mean_of_quadratics, points: 12}\nnoise: {name: minibatch, batch_size: 13}", "here:2:", "13", "12",
         "with_replacement"},
        {"landscape: {name: mean_of_quadratics}\nnoise: {name: minibatch, augment_shift: 1}", "here:2:", "augment_shift", "images",
         "0"},
        {"landscape: {name: mean_of_quadratics}\nnoise: [{name: minibatch}, {name: minibatch}]", "here:2:", "2", "one batch",
         "leave"},
        {"landscape: {name: mean_of_quadratics}\nnoise: {name: minibatch, batch_size: 2.5}", "here:2:", "batch_size", "2.5",
         "integer"},
        {"landscape: {name: mean_of_quadratics}\nnoise: {name: minibatch, batch_size: 0}", "here:2:", "batch_size", "0", "1"},
        {"landscape: {name: mean_of_quadratics}\nnoise: {name: minibatch, sampling: without_replacment}",
         "here:2:", "without_replacement", "sampling", "?"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *message = refusal(cases[i][0]);
        for (int k = 1; k < 5; k++)
            if (!strstr(message, cases[i][k])) fail_msg("no '%s' in: %s", cases[i][k], message);
    }
}

/* Batch sizes of steps 0, 1, ... of a scene: whole numbers, at least 1, at most the data. */
static void check_driven(const char *text, const uint64_t *expected, size_t count) {
    kr_scene scene;
    kr_model model;
    kr_error error;
    kr_moment *moment;
    if (kr_scene_parse(&scene, best_registry(), "here", NULL, text, NULL, 0, &error) != KR_OK) fail_msg("%s", error.message);
    if (kr_model_create(&model, &scene, &error) != KR_OK) fail_msg("%s", error.message);
    assert_int_equal(kr_moment_create(&moment, model.drive, &error), KR_OK);
    for (size_t k = 0; k < count; k++) {
        assert_int_equal(kr_moment_set(moment, k, &error), KR_OK);
        assert_int_equal(kr_noise_batch(moment->noise), expected[k]);
    }
    kr_moment_destroy(moment);
    kr_model_destroy(&model);
    kr_scene_destroy(&scene);
}

static void BatchSizesFollow(void **state) {
    (void)state;
    check_driven("landscape: {name: mean_of_quadratics, points: 50}\n"
                 "noise: {name: minibatch, batch_size: {name: linear, value: 48, value_end: 60, steps: 4}}\n",
                 (const uint64_t[]){48, 50, 50, 50, 50}, 5);
    check_driven("landscape: {name: mean_of_quadratics, points: 50}\n"
                 "noise: [{name: isotropic}, {name: minibatch, batch_size: 8}]\n"
                 "schedule: {name: step, lr: 0.2, every: 1, factor: 0.4}\n"
                 "keep: [lr/noise.minibatch.batch_size]\n",
                 (const uint64_t[]){8, 3, 1, 1}, 4);
    check_driven("landscape: {name: mean_of_quadratics, points: 50}\n"
                 "noise: {name: minibatch, batch_size: 8, sampling: with_replacement}\n"
                 "schedule: {name: step, lr: 0.2, every: 1, factor: 0.5}\n"
                 "keep: [lr*noise.batch_size]\n",
                 (const uint64_t[]){8, 16, 32, 64, 128}, 5);
    /* eta (M - B) / B stays: 30/20, 2 * 30/20, 4 * 30/20, ... at 12.5, 7.14, 3.85; drawn with replacement eta / B. */
    check_driven("landscape: {name: mean_of_quadratics, points: 50}\ndynamics: {name: sgd}\n"
                 "noise: {name: minibatch, batch_size: 20}\n"
                 "schedule: {name: step, lr: 0.2, every: 1, factor: 0.5}\n"
                 "keep: [temperature]\n",
                 (const uint64_t[]){20, 12, 7, 4}, 4);
    check_driven("landscape: {name: mean_of_quadratics, points: 50}\ndynamics: {name: sgd}\n"
                 "noise: {name: minibatch, batch_size: 20, sampling: with_replacement}\n"
                 "schedule: {name: step, lr: 0.2, every: 1, factor: 0.5}\n"
                 "keep: [temperature]\n",
                 (const uint64_t[]){20, 10, 5, 2}, 4);
}

/* A copy of the landscape that counts what each of 64 particles draws. */
static unsigned drawn_by[N][50];

static void count_and_pull(const kr_landscape *self, size_t n, size_t batch, const uint32_t *restrict index,
                           const double *restrict input, const double *restrict x, double *restrict gradient) {
    assert_int_equal(n, N);
    for (size_t b = 0; b < batch; b++)
        for (size_t p = 0; p < N; p++) drawn_by[p][index[b * N + p]]++;
    find_landscape(best_registry(), "mean_of_quadratics")->data->gradient(self, n, batch, index, input, x, gradient);
}

typedef struct counted {
    kr_scene scene;
    kr_model model;
    kr_landscape_type type;
    kr_data_sum sum;
    kr_ensemble_setup setup;
} counted;

static void make_counted(counted *c, size_t points, const char *dynamics, const char *noise) {
    kr_error error;
    char text[600];
    snprintf(text, sizeof text,
             "landscape: {name: mean_of_quadratics, points: %zu}\ndynamics: %s\nnoise: %s\n"
             "ensemble: {particles: 64, start: {minimum: 0, burn_in: 5}}\n",
             points, dynamics, noise);
    if (kr_scene_parse(&c->scene, best_registry(), "here", NULL, text, NULL, 0, &error) != KR_OK) fail_msg("%s", error.message);
    if (kr_model_create(&c->model, &c->scene, &error) != KR_OK) fail_msg("%s", error.message);
    c->type = *c->model.landscape.type;
    c->sum = *c->type.data;
    c->sum.gradient = count_and_pull;
    c->type.data = &c->sum;
    c->model.landscape.type = &c->type;
    if (kr_model_ensemble_setup(&c->model, &c->setup, &error) != KR_OK) fail_msg("%s", error.message);
}

static void free_counted(counted *c) {
    c->model.landscape.type = find_landscape(best_registry(), "mean_of_quadratics");
    kr_model_destroy(&c->model);
    kr_scene_destroy(&c->scene);
}

static void assert_each_drawn(unsigned least, unsigned most) {
    for (size_t p = 0; p < N; p++)
        for (size_t m = 0; m < 50; m++) assert_in_range(drawn_by[p][m], least, most);
}

static void advance(kr_ensemble *e, uint64_t steps) {
    kr_error error;
    if (kr_ensemble_advance(e, steps, &error) != KR_OK) fail_msg("%s", error.message);
}

static void change_to(kr_ensemble *e, const counted *c) {
    kr_error error;
    kr_ensemble *change;
    if (kr_ensemble_prepare_change(e, &c->setup, &change, &error) != KR_OK) fail_msg("%s", error.message);
    kr_ensemble_commit_change(e, change);
}

/* The engine's own steps: epochs go on where batch sizes follow a schedule, in an ensemble that was saved in the middle of one, and
 * in one that has got another batch size. Those of a burn-in are others. */
static void EpochsGoOnInTheEngine(void **state) {
    (void)state;
    static counted c, other, fewer;
    static unsigned rest[N][50];
    kr_error error;
    kr_ensemble *e, *restored;
    /* 7, 8, ..., 12 and then 13: 70 after 7 steps, 200 or 4 epochs after 17. */
    make_counted(&c, 50, "sgd", "{name: minibatch, batch_size: {name: linear, value: 7, value_end: 13, steps: 6}}");
    assert_int_equal(kr_ensemble_create(&e, &c.setup, &error), KR_OK);
    assert_int_equal(kr_ensemble_create(&restored, &c.setup, &error), KR_OK);
    memset(drawn_by, 0, sizeof drawn_by);
    advance(e, 4);
    assert_each_drawn(0, 1); /* 34 */
    uint64_t *words = calloc(kr_ensemble_state_words(e), sizeof *words);
    kr_ensemble_save(e, words);
    memcpy(rest, drawn_by, sizeof rest);
    advance(e, 13);
    assert_each_drawn(4, 4);
    assert_int_equal(kr_ensemble_restore(restored, words, &error), KR_OK);
    memcpy(drawn_by, rest, sizeof rest);
    advance(restored, 13);
    assert_each_drawn(4, 4);
    free(words);
    kr_ensemble_destroy(restored);
    /* 26 of the next epoch, then 24 in batches of 4. */
    make_counted(&other, 50, "sgd", "[{name: minibatch, batch_size: 4}, {name: isotropic}]");
    advance(e, 2);
    change_to(e, &other);
    assert_each_drawn(4, 5);
    advance(e, 6);
    assert_each_drawn(5, 5);
    /* Over other data the next epoch begins, and again when the first come back. */
    advance(e, 3);
    make_counted(&fewer, 30, "sgd", "{name: minibatch, batch_size: 10}");
    change_to(e, &fewer);
    memset(drawn_by, 0, sizeof drawn_by);
    advance(e, 6);
    for (size_t p = 0; p < N; p++)
        for (size_t m = 0; m < 50; m++) assert_int_equal(drawn_by[p][m], m < 30 ? 2 : 0);
    advance(e, 1);
    change_to(e, &other);
    memset(drawn_by, 0, sizeof drawn_by);
    advance(e, 25);
    assert_each_drawn(2, 2);
    kr_ensemble_destroy(e);
    free_counted(&other);
    free_counted(&fewer);
    free_counted(&c);
}

/* Several gradients in a step: the second of sam is of the same batch, those of a splitting have epochs of their own. */
static void EveryGradientHasItsEpochs(void **state) {
    (void)state;
    static const struct {
        const char *dynamics;
        unsigned times;
    } cases[] = {{"sam", 2}, {"{name: langevin, splitting: ABABA}", 2}, {"momentum", 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        static counted c;
        kr_error error;
        kr_ensemble *e;
        make_counted(&c, 50, cases[i].dynamics, "{name: minibatch, batch_size: 20}");
        assert_int_equal(kr_ensemble_create(&e, &c.setup, &error), KR_OK);
        memset(drawn_by, 0, sizeof drawn_by);
        advance(e, 1);
        assert_each_drawn(0, 2);
        unsigned first = 0;
        for (size_t m = 0; m < 50; m++) first += drawn_by[0][m] == 2;
        assert_int_equal(first == 20, i == 0); /* a pair of independent batches agrees in 20 data hardly ever */
        advance(e, 4);                         /* 100 data, 2 epochs */
        assert_each_drawn(2 * cases[i].times, 2 * cases[i].times);
        kr_ensemble_destroy(e);
        free_counted(&c);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(DataAddUp),
        cmocka_unit_test(VarianceOfAFinitePopulation),
        cmocka_unit_test(RefusalsSayWhyAndWhatHelps),
        cmocka_unit_test(BatchSizesFollow),
        cmocka_unit_test(EpochsGoOnInTheEngine),
        cmocka_unit_test(EveryGradientHasItsEpochs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
