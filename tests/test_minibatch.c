/* Which data a minibatch is of, and what is done to them: looked at from a landscape that keeps what it is asked for. */
#include "plugin_setup.h"
#include "sanitized.h"

#include "engine/ensemble_state.h"

#include <kramers/data_sum.h>
#include <kramers/kramers.h>

#include <gsl/gsl_cdf.h>
#include <stdlib.h>

enum { N = KR_GRANULE, MOST_ASKED = 1 << 17 };

/* What the landscape was asked for, one call behind the other. */
static uint32_t asked[MOST_ASKED];
static size_t asked_count;
static double given[1 << 16];
static size_t given_count;
static kr_data stored;

static kr_data data(const kr_landscape *self, kr_data_part part) {
    (void)self, (void)part;
    return stored;
}

static void keep(const kr_landscape *self, size_t n, size_t batch, const uint32_t *restrict index, const double *restrict input,
                 const double *restrict x, double *restrict gradient) {
    (void)x;
    assert_true(asked_count + batch * n <= MOST_ASKED);
    memcpy(asked + asked_count, index, batch * n * sizeof *index);
    asked_count += batch * n;
    for (size_t i = 0; i < self->dim * n; i++) gradient[i] = 0;
    size_t numbers = batch * stored.inputs * n;
    if (!input || given_count + numbers > sizeof given / sizeof *given) return;
    memcpy(given + given_count, input, numbers * sizeof *input);
    given_count += numbers;
}

static const kr_data_sum sum = {.data = data, .gradient = keep};
static const kr_landscape_type keeper = {.about = {.name = "keeper"}, .dim = 1, .data = &sum};

typedef struct batches {
    const kr_registry *registry;
    kr_settings settings;
    kr_noise noise;
    kr_landscape landscape;
    double work[KR_GRANULE * 4096];
} batches;

static batches *begin_with(const kr_registry *registry, size_t count, const char *parameters) {
    batches *b = calloc(1, sizeof *b);
    assert_non_null(b);
    kr_error error;
    b->registry = registry;
    const kr_noise_type *type = find_noise(registry, "minibatch");
    b->settings = make_settings(&type->about, parameters);
    if (stored.count != count) stored = (kr_data){.count = count, .inputs = 1};
    b->landscape = (kr_landscape){.type = &keeper, .dim = 1};
    assert_int_equal(kr_noise_create(&b->noise, type, b->settings.values, 1, &error), KR_OK);
    if (kr_noise_fits(&b->noise, &b->landscape, &error) != KR_OK) fail_msg("%s", error.message);
    assert_true(type->sampler->work(&b->noise, &b->landscape) <= 4096);
    return b;
}

static batches *begin(size_t count, const char *parameters) {
    return begin_with(best_registry(), count, parameters);
}

static void end(batches *b) {
    kr_settings_destroy(&b->settings);
    stored = (kr_data){.count = 0};
    free(b);
}

/* asked[batch][n]: the batch of particles first .. first + n - 1 at this step, when each has drawn so many. */
static void draw(batches *b, uint64_t first, size_t n, uint64_t step, uint64_t drawn, unsigned stream) {
    const kr_sampling sampling = {.landscape = &b->landscape,
                                  .kernels = b->registry->kernels,
                                  .seed = 7,
                                  .first = first,
                                  .step = step,
                                  .drawn = drawn,
                                  .stream = stream,
                                  .n = n};
    double x[4 * N] = {0}, spare[4 * N], gradient[4 * N];
    asked_count = given_count = 0;
    b->noise.type->sampler->gradient(&b->noise, &sampling, x, spare, b->work, gradient);
}

/* Batches of sizes that change, of which none divides the number of data: yet each datum comes once in each epoch of each particle,
 * in another order in each, and of each particle. */
static void EachDatumOnceInAnEpoch(void **state) {
    (void)state;
    const size_t counts[] = {1, 2, 3, 4, 5, 9, 10, 37, 100, 1437};
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        size_t m = counts[c], epochs = m > 1000 ? 3 : 7, repeats = 0;
        batches *b = begin(m, "batch_size=1");
        uint32_t *order = calloc(epochs * m * N, sizeof *order);
        const kr_parameter *size = kr_parameter_find(b->settings.about, "batch_size");
        for (uint64_t drawn = 0, step = 0; drawn < epochs * m; step++) {
            size_t batch = 1 + (7 * step + 3) % (m < 60 ? m : 60);
            if (drawn + batch > epochs * m) batch = epochs * m - drawn;
            assert_int_equal(kr_set_integer(&b->settings, size, (int64_t)batch, NULL), KR_OK);
            draw(b, 128, N, step, drawn, KR_STREAM_GRADIENT_NOISE);
            assert_int_equal(asked_count, batch * N);
            memcpy(order + drawn * N, asked, asked_count * sizeof *asked);
            drawn += batch;
        }
        unsigned *seen = calloc(m, sizeof *seen);
        for (size_t p = 0; p < N; p++)
            for (size_t e = 0; e < epochs; e++) {
                for (size_t t = 0; t < m; t++) {
                    uint32_t index = order[(e * m + t) * N + p];
                    assert_true(index < m);
                    seen[index]++;
                    repeats += e && index == order[t * N + p];
                    repeats += p && index == order[(e * m + t) * N];
                }
                for (size_t i = 0; i < m; i++) assert_int_equal(seen[i], e + 1 + p * epochs);
            }
        if (m > 30) assert_true((double)repeats < 1.5 * (double)(2 * N * epochs)); /* one of m places is as before by chance */
        free(seen), free(order);
        end(b);
    }
}

static double p_of(const unsigned *count, size_t cells, double expected) {
    double square = 0;
    for (size_t i = 0; i < cells; i++) square += (count[i] - expected) * (count[i] - expected) / expected;
    return gsl_cdf_chisq_Q(square, (double)cells - 1);
}

static size_t rank_of(size_t m, const uint32_t *order) {
    size_t rank = 0;
    for (size_t i = 0; i < m; i++) {
        size_t less = 0;
        for (size_t j = i + 1; j < m; j++) less += order[j * N] < order[i * N];
        rank = rank * (m - i) + less;
    }
    return rank;
}

/* All orders are as likely as each other: chi-square over the m! of them. p < 1e-4 for each of four. */
static void AllOrdersAreAlike(void **state) {
    (void)state;
    const size_t steps = SANITIZED ? 300 : 10000;
    for (size_t m = 2; m <= 5; m++) {
        static unsigned count[120];
        char parameters[80];
        size_t orders = 1;
        for (size_t i = 2; i <= m; i++) orders *= i;
        memset(count, 0, sizeof count);
        snprintf(parameters, sizeof parameters, "batch_size=%zu", m);
        batches *b = begin(m, parameters);
        for (uint64_t step = 0; step < steps; step++) {
            draw(b, 64 * (step % 50), N, step, m * (step / 50), KR_STREAM_GRADIENT_NOISE);
            for (size_t p = 0; p < N; p++) count[rank_of(m, asked + p)]++;
        }
        double p = p_of(count, orders, (double)(steps * N) / (double)orders);
        print_message("%zu data: %zu orders of %zu, p = %.4f\n", m, steps * N, orders, p);
        assert_true(p > 1e-4 && p < 1 - 1e-4);
        end(b);
    }
}

/* Where two places of a permutation go, in 36 x 36 bins of the data: chi-square with the probability of each. Neighbours, and
 * places that share a row of the table. p < 1e-4 for each of six. */
static void PairsOfPlacesAreIndependent(void **state) {
    (void)state;
    enum { BINS = 36 };
    const size_t counts[] = {72, 300, 1437}, steps = SANITIZED ? 300 : 8000;
    for (size_t c = 0; c < 3; c++) {
        static unsigned near[BINS][BINS], far[BINS][BINS];
        size_t m = counts[c], in_bin[BINS] = {0}, row = c == 0 ? 8 : c == 1 ? 17 : 38;
        memset(near, 0, sizeof near), memset(far, 0, sizeof far);
        for (size_t i = 0; i < m; i++) in_bin[i * BINS / m]++;
        char parameters[80];
        snprintf(parameters, sizeof parameters, "batch_size=%zu sampling=without_replacement", row + 1);
        batches *b = begin(m, parameters);
        for (uint64_t step = 0; step < steps; step++) {
            draw(b, 0, N, step, 0, KR_STREAM_GRADIENT_NOISE);
            for (size_t p = 0; p < N; p++) {
                size_t first = asked[p] * BINS / m;
                near[first][asked[N + p] * BINS / m]++;
                far[first][asked[row * N + p] * BINS / m]++;
            }
        }
        double square[2] = {0, 0};
        for (size_t i = 0; i < BINS; i++)
            for (size_t j = 0; j < BINS; j++) {
                double pairs = (double)in_bin[i] * ((double)in_bin[j] - (i == j));
                double expected = (double)(steps * N) * pairs / ((double)m * (double)(m - 1));
                square[0] += (near[i][j] - expected) * (near[i][j] - expected) / expected;
                square[1] += (far[i][j] - expected) * (far[i][j] - expected) / expected;
            }
        for (int k = 0; k < 2; k++) {
            double p = gsl_cdf_chisq_Q(square[k], BINS * BINS - 1);
            print_message("%zu data, places 0 and %zu: %zu keys, p = %.4f\n", m, k ? row : 1, steps * N, p);
            assert_true(p > 1e-4 && p < 1 - 1e-4);
        }
        end(b);
    }
}

/* Every datum is as likely in each draw, and draws of neighbours do not go together. p < 1e-4. */
static void WithReplacementIsUniform(void **state) {
    (void)state;
    enum { M = 30 };
    static unsigned count[M], pair[M * M];
    const size_t steps = SANITIZED ? 100 : 3000;
    batches *b = begin(M, "batch_size=20 sampling=with_replacement");
    for (uint64_t step = 0; step < steps; step++) {
        draw(b, 192, N, step, 0, KR_STREAM_GRADIENT_NOISE);
        for (size_t i = 0; i < asked_count; i++) count[asked[i]]++;
        for (size_t p = 0; p < N; p++) pair[asked[p] * M + asked[N + p]]++;
    }
    double p = p_of(count, M, (double)(steps * N * 20) / M), of_pairs = p_of(pair, M * M, (double)(steps * N) / (M * M));
    print_message("with replacement: p = %.4f, of pairs %.4f\n", p, of_pairs);
    assert_true(p > 1e-4 && p < 1 - 1e-4 && of_pairs > 1e-4 && of_pairs < 1 - 1e-4);
    end(b);
}

/* Bits do not depend on the instruction set, nor on how many particles are asked for at once; streams and steps differ. */
static void BatchesDependOnNothingElse(void **state) {
    (void)state;
    const char *const methods[] = {"batch_size=40 sampling=epoch", "batch_size=40 sampling=with_replacement",
                                   "batch_size=40 sampling=without_replacement"};
    static uint32_t first[40][3 * N], own[MOST_ASKED];
    const kr_registry *registries[8];
    size_t available = kr_registry_available(registries, 8);
    for (size_t k = 0; k < 3; k++)
        for (size_t r = 0; r < available; r++) {
            batches *b = begin_with(registries[r], 101, methods[k]);
            draw(b, 0, 3 * N, 5, 190, KR_STREAM_GRADIENT_NOISE);
            assert_int_equal(asked_count, 40 * 3 * N);
            /* pieces of the batch come one behind the other */
            if (r == 0) memcpy(first, asked, sizeof first);
            assert_memory_equal(first, asked, sizeof first);
            for (size_t g = 0; g < 3; g++) {
                draw(b, g * N, N, 5, 190, KR_STREAM_GRADIENT_NOISE);
                for (size_t i = 0; i < 40; i++) assert_memory_equal(&first[i][g * N], asked + i * N, N * sizeof *asked);
            }
            memcpy(own, asked, asked_count * sizeof *asked);
            draw(b, 2 * N, N, 5, 190, KR_STREAM_GRADIENT_SECOND);
            assert_memory_not_equal(own, asked, asked_count * sizeof *asked);
            draw(b, 2 * N, N, 6, 230, KR_STREAM_GRADIENT_NOISE);
            assert_memory_not_equal(own, asked, asked_count * sizeof *asked);
            end(b);
        }
}

/* Images of which each pixel is known: what comes in is 0, what stays has moved, and every shift is as likely. p < 1e-4. */
static void ShiftsMoveImages(void **state) {
    (void)state;
    enum { ROWS = 5, COLUMNS = 4, M = 3, S = 2 };
    double pixel[M * ROWS * COLUMNS];
    for (size_t i = 0; i < sizeof pixel / sizeof *pixel; i++) pixel[i] = 1 + (double)i;
    stored = (kr_data){.count = M, .inputs = ROWS * COLUMNS, .rows = ROWS, .columns = COLUMNS, .input = pixel};
    static unsigned count[2 * S + 1][2 * S + 1];
    const size_t steps = SANITIZED ? 50 : 1000;
    batches *b = begin(M, "batch_size=2 augment_shift=2");
    for (uint64_t step = 0; step < steps; step++) {
        draw(b, 0, N, step, 2 * step, KR_STREAM_GRADIENT_NOISE);
        assert_int_equal(given_count, 2 * ROWS * COLUMNS * N);
        for (size_t d = 0; d < 2 * N; d++) {
            const double *image = given + d / N * ROWS * COLUMNS * N + d % N, *whole = pixel + asked[d] * ROWS * COLUMNS;
            int found = 0;
            for (int down = -S; down <= S; down++)
                for (int right = -S; right <= S; right++) {
                    bool same = true;
                    for (int i = 0; same && i < ROWS; i++)
                        for (int j = 0; j < COLUMNS; j++) {
                            int from = i - down, at = j - right;
                            bool inside = from >= 0 && from < ROWS && at >= 0 && at < COLUMNS;
                            same = same && image[(i * COLUMNS + j) * N] == (inside ? whole[from * COLUMNS + at] : 0);
                        }
                    if (same) count[down + S][right + S]++, found++;
                }
            assert_int_equal(found, 1);
        }
    }
    double p = p_of(&count[0][0], 25, (double)(2 * steps * N) / 25);
    print_message("shifts: p = %.4f\n", p);
    assert_true(p > 1e-4 && p < 1 - 1e-4);
    end(b);
}

/* Jitter is normal with the standard deviation that was asked for, of every number by itself. p < 1e-4 each. */
static void JitterIsNormal(void **state) {
    (void)state;
    enum { M = 4, INPUTS = 3, B = 4, STEPS = 300 };
    const double input[M * INPUTS] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    stored = (kr_data){.count = M, .inputs = INPUTS, .input = input};
    batches *b = begin(M, "batch_size=4 augment_jitter=0.5");
    double square = 0, mean = 0, neighbours = 0, particles = 0;
    size_t numbers = STEPS * B * INPUTS * N;
    for (uint64_t step = 0; step < STEPS; step++) {
        draw(b, 0, N, step, B * step, KR_STREAM_GRADIENT_NOISE);
        for (size_t d = 0; d < B; d++)
            for (size_t i = 0; i < INPUTS; i++)
                for (size_t p = 0; p < N; p++) {
                    double z = (given[(d * INPUTS + i) * N + p] - input[asked[d * N + p] * INPUTS + i]) / 0.5;
                    double next =
                        (given[(d * INPUTS + (i + 1) % INPUTS) * N + p] - input[asked[d * N + p] * INPUTS + (i + 1) % INPUTS]) /
                        0.5;
                    double other =
                        (given[((d + 1) % B * INPUTS + i) * N + p] - input[asked[(d + 1) % B * N + p] * INPUTS + i]) / 0.5;
                    mean += z, square += z * z, neighbours += z * next, particles += z * other;
                }
    }
    double root = sqrt((double)numbers);
    print_message("jitter: z of the mean %.2f, of the variance %.2f, of products %.2f %.2f\n", mean / root,
                  (square - (double)numbers) / sqrt(2 * (double)numbers), neighbours / root, particles / root);
    assert_true(fabs(mean / root) < 3.9 && fabs((square - (double)numbers) / sqrt(2 * (double)numbers)) < 3.9);
    assert_true(fabs(neighbours / root) < 3.9 * sqrt(2) && fabs(particles / root) < 3.9 * sqrt(2));
    end(b);
}

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
        assert_int_equal(kr_noise_variance(&noise, &landscape, 1, x, variance, &error), KR_OK);
        for (size_t i = 0; i < DIM; i++) assert_close(variance[i], cases[c].share * spread[i], 1e-14, 0);
        assert_close(kr_noise_mean_variance(&noise, &landscape, x), cases[c].share * (spread[0] + spread[1]) / 2, 1e-14, 0);
        kr_settings_destroy(&of_noise);
    }
    of_noise = make_settings(&type->about, "batch_size=100");
    kr_noise noise;
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
        cmocka_unit_test(EachDatumOnceInAnEpoch),
        cmocka_unit_test(AllOrdersAreAlike),
        cmocka_unit_test(PairsOfPlacesAreIndependent),
        cmocka_unit_test(WithReplacementIsUniform),
        cmocka_unit_test(BatchesDependOnNothingElse),
        cmocka_unit_test(ShiftsMoveImages),
        cmocka_unit_test(JitterIsNormal),
        cmocka_unit_test(DataAddUp),
        cmocka_unit_test(VarianceOfAFinitePopulation),
        cmocka_unit_test(RefusalsSayWhyAndWhatHelps),
        cmocka_unit_test(BatchSizesFollow),
        cmocka_unit_test(EpochsGoOnInTheEngine),
        cmocka_unit_test(EveryGradientHasItsEpochs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
