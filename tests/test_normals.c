/* The random numbers of the hot loop: Philox as published, normals that are normal far into the tails, and numbers that depend on
 * (seed, particle, step, stream, coordinate) and on nothing else. Seeds are fixed; each bound states the p-value it would have at
 * a random one. */
#include "kolmogorov_smirnov.h"

#include "engine/kernels.h"
#include "sanitized.h"

#include <kramers/generator.h>
#include <kramers/registry.h>

#include <Random123/philox.h>
#include <gsl/gsl_cdf.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BATCHES = SANITIZED ? 1 << 11 : 1 << 18 };
enum { PARTICLES = 4096, SEED = 20240607 };

static const kr_kernels *best_kernels(void) {
    const kr_registry *registry;
    assert_int_equal(kr_registry_find(NULL, &registry, NULL), KR_OK);
    return registry->kernels;
}

static void philox_is_the_published_one(void **state) {
    (void)state;
    /* Known answers of Random123's kat_vectors: philox4x32, 10 rounds. */
    philox4x32_ctr_t zero = philox4x32_R(10, (philox4x32_ctr_t){{0, 0, 0, 0}}, (philox4x32_key_t){{0, 0}});
    const uint32_t expected[4] = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
    assert_memory_equal(zero.v, expected, sizeof expected);
}

/* A number recomputed from its definition with libm. */
static double normal_by_definition(uint64_t seed, uint64_t particle, uint64_t step, unsigned stream, uint32_t coordinate) {
    uint64_t granule = particle / KR_GRANULE, within = particle % KR_GRANULE;
    uint64_t call = within % 16, output = within / 16;
    philox4x32_ctr_t counter = {
        {(uint32_t)(granule * 16 + call), (uint32_t)step, (uint32_t)(step >> 32), stream << 24 | coordinate}};
    philox4x32_ctr_t r = philox4x32_R(10, counter, (philox4x32_key_t){{(uint32_t)seed, (uint32_t)(seed >> 32)}});
    uint64_t bits = (uint64_t)r.v[output / 2 * 2] << 32 | r.v[output / 2 * 2 + 1];
    double uniform = ((double)(bits >> 24) + 0.5) * 0x1p-40;
    double angle = 2 * acos(-1.0) * ((double)(bits & 0x3fffff) - 0x1p21 + 0.5) * 0x1p-24;
    double radius = sqrt(-2 * log(uniform)) * (bits & 0x800000 ? -1 : 1);
    bool exchanged = (bits & 0x400000) != 0;
    return (output % 2 != 0) != exchanged ? radius * sin(angle) : radius * cos(angle);
}

static void a_number_depends_on_its_place_alone(void **state) {
    (void)state;
    const kr_kernels *kernels = best_kernels();
    enum { N = 448, DIM = 3 };
    double *whole = malloc(DIM * N * sizeof *whole), *part = malloc(DIM * N * sizeof *part);
    const uint64_t seed = UINT64_C(0x123456789abcdef0), step = UINT64_C(0x500000007), first = UINT64_C(640);
    kernels->normals((kr_draw){.seed = seed, .first = first, .step = step, .stream = 5}, DIM, N, whole);
    for (size_t i = 0; i < DIM; i++)
        for (size_t p = 0; p < N; p++) {
            double expected = normal_by_definition(seed, first + p, step, 5, (uint32_t)i);
            assert_close(whole[i * N + p], expected, 1e-10, 1e-15);
        }
    for (size_t size = KR_GRANULE; size <= N; size += KR_GRANULE)
        for (size_t start = 0; start + size <= N; start += KR_GRANULE) {
            kernels->normals((kr_draw){.seed = seed, .first = first + start, .step = step, .stream = 5}, DIM, size, part);
            for (size_t i = 0; i < DIM; i++) assert_memory_equal(part + i * size, whole + i * N + start, size * sizeof *part);
        }
    free(whole);
    free(part);
}

/* Files are gone on with where the name is the same: who changes a bit of any normal finds a new name. */
static void the_name_of_the_generator_stands_for_these_bits(void **state) {
    (void)state;
    enum { N = 1 << 14, DIM = 4 };
    double *x = malloc(DIM * N * sizeof *x);
    uint64_t hash = 0;
    for (unsigned stream = 0; stream < 70; stream += 23) {
        best_kernels()->normals((kr_draw){.seed = SEED, .step = (UINT64_C(1) << 40) + stream, .stream = stream}, DIM, N, x);
        for (size_t i = 0; i < DIM * N; i++) {
            uint64_t bits;
            memcpy(&bits, &x[i], sizeof bits);
            hash = (hash ^ bits) * UINT64_C(0x100000001b3);
        }
    }
    print_message("%s: 0x%016llx\n", kr_generator_name(), (unsigned long long)hash);
    assert_string_equal(kr_generator_name(), "philox4x32-10, box-muller 1e-10");
    assert_true(hash == UINT64_C(0x10dd35911399ca11));
    free(x);
}

/* What the header of the kernels and the generator's name promise, against libm; the largest error of this many numbers is printed.
 */
static void numbers_are_good_to_1e_10(void **state) {
    (void)state;
    enum { N = 4096, STEPS = SANITIZED ? 8 : 256 };
    double *x = malloc(N * sizeof *x), worst = 0;
    for (uint64_t step = 0; step < STEPS; step++) {
        best_kernels()->normals((kr_draw){.seed = SEED, .step = step, .stream = 2}, 1, N, x);
        for (size_t p = 0; p < N; p++) worst = fmax(worst, fabs(x[p] / normal_by_definition(SEED, p, step, 2, 0) - 1));
    }
    print_message("largest relative error: %.3g\n", worst);
    assert_true(worst < 1e-10);
    free(x);
}

static void all_instruction_sets_give_the_same_bits(void **state) {
    (void)state;
    const kr_registry *registries[8];
    size_t count = kr_registry_available(registries, 8);
    enum { N = 2048 };
    double *first = malloc(N * sizeof *first), *other = malloc(N * sizeof *other);
    for (uint64_t step = 0; step < 50; step++) {
        registries[0]->kernels->normals((kr_draw){.seed = SEED, .first = 0, .step = step, .stream = 1}, 1, N, first);
        for (size_t r = 1; r < count; r++) {
            registries[r]->kernels->normals((kr_draw){.seed = SEED, .first = 0, .step = step, .stream = 1}, 1, N, other);
            assert_memory_equal(first, other, N * sizeof *first);
        }
    }
    free(first);
    free(other);
}

/* What is added to an array at once is the same normals, rounded as plain C does it, or in another order where they are spread. */
static void adding_is_the_same_as_storing(void **state) {
    (void)state;
    const kr_registry *registries[8];
    size_t count = kr_registry_available(registries, 8);
    enum { N = 448, DIM = 3, COUNT = N * DIM };
    double normal[COUNT], other[COUNT], shaken[COUNT], descended[COUNT], noisy[COUNT];
    const kr_draw draw = {.seed = SEED, .first = 640, .step = 77, .stream = 3, .coordinate = 5};
    for (size_t r = 0; r < count; r++) {
        const kr_kernels *kernels = registries[r]->kernels;
        kernels->normals(draw, DIM, N, normal);
        for (size_t i = 0; i < COUNT; i++) other[i] = shaken[i] = descended[i] = noisy[i] = 0.1 + 0.01 * (double)i;
        kernels->shake(draw, DIM, N, 0.3, 0.9, shaken);
        size_t outside = kernels->descend_and_shake(draw, DIM, N, 0.3, -0.01, other, 1.0, 5.0, descended), expected = 0;
        kernels->spread_noise(draw, DIM, N, other, noisy);
        for (size_t i = 0; i < COUNT; i++) {
            double before = 0.1 + 0.01 * (double)i;
            assert_true(shaken[i] == fma(0.3, normal[i], 0.9 * before));
            assert_true(descended[i] == fma(0.3, normal[i], fma(-0.01, other[i], before)));
            /* Rounded in another order: four roundings of the noise, one of the sum. */
            double noise = sqrt(other[i]) * normal[i];
            assert_true(fabs(noisy[i] - (before + noise)) <= 0.5 * DBL_EPSILON * (4 * fabs(noise) + 2 * fabs(noisy[i])));
            expected += !(descended[i] > 1.0 && descended[i] < 5.0);
        }
        assert_int_equal(outside, expected);
        assert_in_range(expected, 10, COUNT - 10);
    }
}

/* Coordinates from another one on are those of the whole. */
static void coordinates_may_be_drawn_in_parts(void **state) {
    (void)state;
    enum { N = 128, DIM = 7 };
    double whole[DIM * N], part[DIM * N];
    kr_draw draw = {.seed = SEED, .step = 9};
    best_kernels()->normals(draw, DIM, N, whole);
    for (size_t first = 0; first < DIM; first++) {
        draw.coordinate = (unsigned)first;
        best_kernels()->normals(draw, DIM - first, N, part);
        assert_memory_equal(part, whole + first * N, (DIM - first) * N * sizeof *part);
    }
}

/* z of the sample moments against the exact ones, (2k - 1)!!; bound 4.5: p = 7e-6 each. */
static void moments_and_tails_are_normal(void **state) {
    (void)state;
    const kr_kernels *kernels = best_kernels();
    double *x = malloc(PARTICLES * sizeof *x);
    double sum[9] = {0};
    uint64_t beyond[8] = {0};
    for (uint64_t step = 0; step < BATCHES; step++) {
        kernels->normals((kr_draw){.seed = SEED, .first = 0, .step = step, .stream = 0}, 1, PARTICLES, x);
        double batch[9] = {0};
        for (size_t p = 0; p < PARTICLES; p++) {
            double x2 = x[p] * x[p], x4 = x2 * x2;
            batch[1] += x[p], batch[2] += x2, batch[3] += x2 * x[p], batch[4] += x4;
            batch[5] += x4 * x[p], batch[6] += x4 * x2, batch[7] += x4 * x2 * x[p], batch[8] += x4 * x4;
        }
        for (size_t p = 0; p < PARTICLES; p++)
            if (fabs(x[p]) > 4)
                for (int s = 4; s < 8; s++) beyond[s] += fabs(x[p]) > s;
        for (int k = 1; k <= 8; k++) sum[k] += batch[k];
    }
    const double factorial[17] = {1, 0, 1, 0, 3, 0, 15, 0, 105, 0, 945, 0, 10395, 0, 135135, 0, 2027025};
    double n = (double)BATCHES * PARTICLES;
    for (int k = 1; k <= 8; k++) {
        double z = (sum[k] / n - factorial[k]) / sqrt((factorial[2 * k] - factorial[k] * factorial[k]) / n);
        print_message("moment %d: z = %+.2f\n", k, z);
        assert_true(fabs(z) < 4.5);
    }
    /* Tail counts are Poisson; two-sided exact p-value above 1e-5 each. */
    for (int s = 4; s < 8; s++) {
        double expected = n * 2 * gsl_cdf_ugaussian_Q(s);
        double low = beyond[s] ? gsl_cdf_chisq_P(2 * expected, 2.0 * (double)beyond[s]) : 1.0;
        double high = gsl_cdf_chisq_Q(2 * expected, 2.0 * (double)beyond[s] + 2);
        print_message("beyond %d sigma: %llu, expected %.2f\n", s, (unsigned long long)beyond[s], expected);
        assert_true(low > 5e-6 && high > 5e-6);
    }
    free(x);
}

/* Kolmogorov-Smirnov with a million numbers: sqrt(n) D < 2.3 is p = 5e-5. */
static void distribution_is_normal(void **state) {
    (void)state;
    enum { N = 1 << 20 };
    double *x = malloc(N * sizeof *x);
    best_kernels()->normals((kr_draw){.seed = SEED + 1, .first = 0, .step = 3, .stream = 0}, 1, N, x);
    double distance = kolmogorov_smirnov_distance(N, x, normal_distribution, 1);
    print_message("Kolmogorov-Smirnov: sqrt(n) D = %.3f\n", distance);
    assert_true(distance < 2.3);
    free(x);
}

/* Numbers whose places differ in one respect only are uncorrelated, and so are their squares; |z| < 4.5: p = 7e-6 each. */
static void neighbours_are_independent(void **state) {
    (void)state;
    enum { N = 1 << 18 };
    const kr_kernels *kernels = best_kernels();
    double *x = malloc(2 * N * sizeof *x), *y = malloc(2 * N * sizeof *y);
    for (int what = 0; what < 7; what++) {
        kernels->normals((kr_draw){.seed = SEED, .first = 0, .step = 5, .stream = 0}, 2, N, x);
        const double *partner = y;
        switch (what) {
        case 0: kernels->normals((kr_draw){.seed = SEED + 1, .first = 0, .step = 5, .stream = 0}, 1, N, y); break; /* seed */
        case 1: kernels->normals((kr_draw){.seed = SEED, .first = 0, .step = 6, .stream = 0}, 1, N, y); break;     /* step */
        case 2: kernels->normals((kr_draw){.seed = SEED, .first = 0, .step = 5, .stream = 1}, 1, N, y); break;     /* stream */
        case 3: partner = x + N; break;                                                                            /* coordinate */
        case 4: partner = x + 16; break;          /* the other half of a pair */
        case 5: partner = x + 1; break;           /* neighbour */
        default: partner = x + KR_GRANULE; break; /* next granule */
        }
        double xy = 0, squares = 0;
        size_t count = what == 3 || what < 3 ? N : N - KR_GRANULE;
        for (size_t p = 0; p < count; p++) {
            xy += x[p] * partner[p];
            squares += (x[p] * x[p] - 1) * (partner[p] * partner[p] - 1);
        }
        double z = xy / sqrt((double)count), z2 = squares / (2 * sqrt((double)count));
        print_message("pair %d: z = %+.2f, of squares %+.2f\n", what, z, z2);
        assert_true(fabs(z) < 4.5 && fabs(z2) < 4.5);
    }
    free(x);
    free(y);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox_is_the_published_one),
        cmocka_unit_test(a_number_depends_on_its_place_alone),
        cmocka_unit_test(the_name_of_the_generator_stands_for_these_bits),
        cmocka_unit_test(numbers_are_good_to_1e_10),
        cmocka_unit_test(all_instruction_sets_give_the_same_bits),
        cmocka_unit_test(adding_is_the_same_as_storing),
        cmocka_unit_test(coordinates_may_be_drawn_in_parts),
        cmocka_unit_test(moments_and_tails_are_normal),
        cmocka_unit_test(distribution_is_normal),
        cmocka_unit_test(neighbours_are_independent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
