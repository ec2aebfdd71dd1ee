/* Which data a minibatch is of, and what is done to them: looked at from a landscape that keeps what it is asked for. */
#include "plugin_setup.h"
#include "sanitized.h"

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

/* All orders are as likely as each other: chi-square over the m! of them, in both tails. p = 2e-4 for each of four. */
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
 * places that share a row of the table. p = 2e-4 for each of six, in both tails. */
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

/* Every datum is as likely in each draw, and draws of neighbours do not go together. p = 2e-4 for each of two, in both tails. */
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

/* Images of which each pixel is known: what comes in is 0, what stays has moved, and every shift is as likely. p = 2e-4, in
 * both tails. */
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(EachDatumOnceInAnEpoch),
        cmocka_unit_test(AllOrdersAreAlike),
        cmocka_unit_test(PairsOfPlacesAreIndependent),
        cmocka_unit_test(WithReplacementIsUniform),
        cmocka_unit_test(BatchesDependOnNothingElse),
        cmocka_unit_test(ShiftsMoveImages),
        cmocka_unit_test(JitterIsNormal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
