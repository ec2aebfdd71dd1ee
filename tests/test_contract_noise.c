/* Every noise model of the registry keeps its promises, and the covariance of what it adds is the one its formula says. No chance
 * is involved: the normals are unit vectors, so that what is added are the columns of the matrix in front of xi. */
#include "plugin_setup.h"

#include <float.h>
#include <gsl/gsl_eigen.h>
#include <gsl/gsl_rng.h>
#include <stdlib.h>

static double uniform(gsl_rng *rng) {
    return 2 * gsl_rng_uniform(rng) - 1;
}

/* Numbers that input holds per particle. */
static size_t input_size(kr_noise_input kind, size_t dim) {
    return kind == KR_NOISE_INPUT_HESSIAN     ? dim * dim
           : kind == KR_NOISE_INPUT_CURVATURE ? dim
           : kind == KR_NOISE_INPUT_ENERGY    ? 1
                                              : 0;
}

/* Symmetric random Hessians or any numbers, input[size][n]. */
static void fill_input(gsl_rng *rng, kr_noise_input kind, size_t dim, size_t n, double *input) {
    for (size_t i = 0; i < input_size(kind, dim) * n; i++) input[i] = 3 * uniform(rng);
    if (kind != KR_NOISE_INPUT_HESSIAN) return;
    for (size_t i = 0; i < dim; i++)
        for (size_t j = 0; j < i; j++) memcpy(input + (i * dim + j) * n, input + (j * dim + i) * n, n * sizeof *input);
}

/* Random numbers per particle: normals, or uniform numbers in (0, 1). */
static size_t random_size(const kr_noise *noise, size_t dim) {
    return (noise->type->uniforms ? noise->type->uniforms : 1) * dim;
}

static double random_number(gsl_rng *rng, const kr_noise *noise) {
    return noise->type->uniforms ? gsl_rng_uniform_pos(rng) : uniform(rng);
}

static double *numbers(size_t count) {
    double *x = calloc(count ? count : 1, sizeof *x);
    assert_non_null(x);
    return x;
}

/* What the engine does itself: sqrt(variance) xi in each coordinate. */
static void add_by_coordinate(const kr_noise *noise, kr_noise_input kind, size_t dim, size_t n, const double *input,
                              const double *normal, double *gradient) {
    double *variance = numbers(dim * n);
    for (size_t i = 0; i < dim; i++)
        noise->type->variance(noise, n, input, kind == KR_NOISE_INPUT_CURVATURE ? input + i * n : NULL, variance + i * n);
    for (size_t i = 0; i < dim * n; i++) gradient[i] = fma(sqrt(variance[i]), normal[i], gradient[i]);
    free(variance);
}

/* gradient += noise of particle p alone, or of all n; copies input, which add may overwrite. */
static void add_some(const kr_noise *noise, kr_noise_input kind, size_t dim, size_t n, size_t first, size_t count,
                     const double *input, const double *normal, double *gradient) {
    size_t size = input_size(kind, dim), random = random_size(noise, dim);
    double *l = numbers(size * count), *x = numbers(random * count), *g = numbers(dim * count);
    for (size_t i = 0; i < size; i++) memcpy(l + i * count, input + i * n + first, count * sizeof *l);
    for (size_t i = 0; i < random; i++) memcpy(x + i * count, normal + i * n + first, count * sizeof *x);
    for (size_t i = 0; i < dim; i++) memcpy(g + i * count, gradient + i * n + first, count * sizeof *g);
    if (kr_noise_adds_variance(noise, kind))
        add_by_coordinate(noise, kind, dim, count, l, x, g);
    else
        noise->type->add(noise, kind, dim, count, l, x, g);
    for (size_t i = 0; i < dim; i++) memcpy(gradient + i * n + first, g + i * count, count * sizeof *g);
    free(l), free(x), free(g);
}

/* Parameters that reach other code than the defaults do. */
static const char *const variants[][2] = {{"isotropic", "sigma=1.7 batch_size=2.5"},
                                          {"curvature", "strength=1.3 epsilon=0.2 batch_size=3"},
                                          {"curvature", "strength=1.3 epsilon=0.2 batch_size=3 full=true"},
                                          {"loss", "strength=2 floor=-0.5 epsilon=0.1 batch_size=0.7"},
                                          {"levy", "sigma=0.3 alpha=1 batch_size=2"},
                                          {"levy", "sigma=1.2 alpha=2 batch_size=0.5"},
                                          {"levy", "alpha=0.51"},
                                          {"student_t", "sigma=2 nu=1.7 batch_size=3"},
                                          {"student_t", "nu=1e9"},
                                          {"coloured", "sigma=2 time=0.3 batch_size=3"},
                                          {"pulse", "high=3 low=0 period=7 width=3 phase=-2 batch_size=2"},
                                          {"full_covariance", "matrix=2.5 batch_size=2"}};
enum { VARIANTS = sizeof variants / sizeof *variants, MOST_CASES = 256 };

/* Every model of the registry with its defaults, and the variants; ends with a name that is NULL. */
static const char *cases[MOST_CASES + 1][2];

static int collect_cases(void **state) {
    (void)state;
    const kr_registry *registry = best_registry();
    size_t count = 0;
    for (size_t i = 0; registry->noises[i]; i++, count++) {
        assert_true(count < MOST_CASES - VARIANTS);
        cases[count][0] = registry->noises[i]->about.name;
        cases[count][1] = "";
    }
    memcpy(cases + count, variants, sizeof variants);
    return 0;
}

static void EveryModelSaysWhatItIs(void **state) {
    (void)state;
    const kr_registry *registry = best_registry();
    for (size_t i = 0; registry->noises[i]; i++) {
        const kr_noise_type *type = registry->noises[i];
        assert_true(type->is_zero || (type->variance && (type->add || type->by_coordinate || type->sampler)));
        assert_non_null(type->about.doc);
    }
}

static kr_noise make_noise(const kr_noise_type *type, const kr_settings *settings, size_t dim) {
    kr_noise noise;
    kr_error error;
    if (kr_noise_create(&noise, type, settings->values, dim, &error) != KR_OK) fail_msg("%s", error.message);
    return noise;
}

/* Called for each case, instruction set, dim and separability. */
typedef void case_check(const kr_noise *noise, kr_noise_input kind, size_t dim, gsl_rng *rng);

static void for_all(case_check *check) {
    const kr_registry *registries[8];
    size_t available = kr_registry_available(registries, 8);
    const size_t dims[] = {1, 2, 3, 5, 16};
    for (size_t r = 0; r < available; r++)
        for (size_t v = 0; cases[v][0]; v++) {
            const kr_noise_type *type = find_noise(registries[r], cases[v][0]);
            if (type->is_zero || type->sampler) continue; /* tests/test_minibatch.c is about those */
            kr_settings settings = make_settings(&type->about, cases[v][1]);
            for (size_t d = 0; d < sizeof dims / sizeof *dims; d++)
                for (int separable = 0; separable < 2; separable++) {
                    gsl_rng *rng = gsl_rng_alloc(gsl_rng_taus2);
                    kr_noise noise = make_noise(type, &settings, dims[d]);
                    check(&noise, kr_noise_needs(&noise, separable), dims[d], rng);
                    kr_noise_destroy(&noise);
                    gsl_rng_free(rng);
                }
            kr_settings_destroy(&settings);
        }
}

static void check_batches(const kr_noise *noise, kr_noise_input kind, size_t dim, gsl_rng *rng) {
    const size_t sizes[] = {0, 1, 7, 8, 9, 64, 65, 130};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        size_t n = sizes[s];
        double *input = numbers(input_size(kind, dim) * n), *normal = numbers(random_size(noise, dim) * n),
               *whole = numbers(dim * n), *single = numbers(dim * n);
        fill_input(rng, kind, dim, n, input);
        if (kind != KR_NOISE_INPUT_NONE && n > 8) input[5] = NAN; /* one broken particle must not touch the others */
        for (size_t i = 0; i < random_size(noise, dim) * n; i++) normal[i] = random_number(rng, noise);
        for (size_t i = 0; i < dim * n; i++) whole[i] = single[i] = uniform(rng);
        add_some(noise, kind, dim, n, 0, n, input, normal, whole);
        for (size_t p = 0; p < n; p++) add_some(noise, kind, dim, n, p, 1, input, normal, single);
        size_t broken = 0;
        for (size_t i = 0; i < dim * n; i++) {
            broken += isnan(whole[i]) != 0;
            if (isnan(whole[i]) || isnan(single[i]))
                assert_true(i % n == 5 && isnan(whole[i]) && isnan(single[i]));
            else
                assert_memory_equal(whole + i, single + i, sizeof *whole);
        }
        assert_true(n <= 8 || kind == KR_NOISE_INPUT_NONE || broken > 0);
        free(input), free(normal), free(whole), free(single);
    }
}

static void BatchEqualsOneByOne(void **state) {
    (void)state;
    for_all(check_batches);
}

/* What one particle gets from xi = all ones, along a coordinate, is the root of variance(). Of what is made of uniform numbers,
 * tests/test_noise_numbers.c measures the distribution, and the variance where there is one. */
static void check_variance(const kr_noise *noise, kr_noise_input kind, size_t dim, gsl_rng *rng) {
    if ((kind == KR_NOISE_INPUT_HESSIAN && dim > 1) || noise->type->uniforms) return;
    for (int repeat = 0; repeat < 20; repeat++) {
        double input[16], normal[16], gradient[16] = {0};
        fill_input(rng, kind, dim, 1, input);
        for (size_t i = 0; i < dim; i++) normal[i] = 1;
        for (size_t i = 0; i < dim; i++) {
            double variance, curvature = kind == KR_NOISE_INPUT_NONE ? 1 : input[kind == KR_NOISE_INPUT_ENERGY ? 0 : i];
            noise->type->variance(noise, 1, input, &curvature, &variance);
            memset(gradient, 0, sizeof gradient);
            add_some(noise, kind, dim, 1, 0, 1, input, normal, gradient);
            assert_true(variance >= 0);
            assert_close(gradient[i] * gradient[i], variance, 1e-14, 0);
        }
    }
}

static void VarianceIsThatOfWhatIsAdded(void **state) {
    (void)state;
    for_all(check_variance);
}

static void VariancesAreWhatTheParametersSay(void **state) {
    (void)state;
    double variance[2], curvature[2] = {-3, 5};
    const kr_noise_type *types[] = {find_noise(best_registry(), "isotropic"), find_noise(best_registry(), "curvature")};
    const char *values[] = {"sigma=1.7 batch_size=2.5", "strength=1.3 epsilon=0.2 batch_size=3"};
    const double expected[2][2] = {{1.156, 1.156}, {1.3 * 3.2 / 3, 1.3 * 5.2 / 3}};
    for (int i = 0; i < 2; i++) {
        kr_settings settings = make_settings(&types[i]->about, values[i]);
        kr_noise noise = {.type = types[i], .values = settings.values};
        types[i]->variance(&noise, 2, NULL, curvature, variance);
        for (int j = 0; j < 2; j++) assert_close(variance[j], expected[i][j], 1e-15, 0);
        kr_settings_destroy(&settings);
    }
}

static void LossNoiseVanishesBelowItsFloor(void **state) {
    (void)state;
    const kr_noise_type *type = find_noise(best_registry(), "loss");
    kr_settings settings = make_settings(&type->about, "strength=4 floor=1 epsilon=0.25 batch_size=2");
    kr_noise noise = {.type = type, .values = settings.values};
    double energy[] = {0, 0.75, 1, 3}, normal[] = {1, 1, 1, 1}, gradient[4] = {0}, variance[4], expected[] = {0, 0, 0.5, 4.5};
    type->variance(&noise, 4, energy, energy, variance);
    type->add(&noise, KR_NOISE_INPUT_ENERGY, 1, 4, energy, normal, gradient);
    for (int i = 0; i < 4; i++) {
        assert_close(variance[i], expected[i], 1e-15, 0);
        assert_close(gradient[i], sqrt(expected[i]), 1e-15, 0);
    }
    kr_settings_destroy(&settings);
}

/* root[dim][dim], the symmetric square root of s (|H| + epsilon) / B by GSL. */
static void gsl_root(size_t dim, const double *hessian, double epsilon, double factor, gsl_matrix *root, gsl_matrix *covariance) {
    gsl_eigen_symmv_workspace *work = gsl_eigen_symmv_alloc(dim);
    gsl_matrix *a = gsl_matrix_alloc(dim, dim), *u = gsl_matrix_alloc(dim, dim);
    gsl_vector *l = gsl_vector_alloc(dim);
    memcpy(a->data, hessian, dim * dim * sizeof *hessian);
    gsl_eigen_symmv(a, l, u, work);
    for (size_t i = 0; i < dim; i++)
        for (size_t j = 0; j < dim; j++) {
            double r = 0, c = 0;
            for (size_t k = 0; k < dim; k++) {
                double variance = factor * (fabs(gsl_vector_get(l, k)) + epsilon);
                r += sqrt(variance) * gsl_matrix_get(u, i, k) * gsl_matrix_get(u, j, k);
                c += variance * gsl_matrix_get(u, i, k) * gsl_matrix_get(u, j, k);
            }
            gsl_matrix_set(root, i, j, r);
            gsl_matrix_set(covariance, i, j, c);
        }
    gsl_matrix_free(a), gsl_matrix_free(u), gsl_vector_free(l), gsl_eigen_symmv_free(work);
}

/* Hessians that are hard in different ways: H = U diag(l) U^T with random U. */
enum { RANDOM, DEGENERATE, OPPOSITE, RANK_ONE, ZERO, GRADED, IDENTITY, KINDS };

static void make_hessian(gsl_rng *rng, int kind, size_t dim, double *h) {
    double u[32 * 32], l[32];
    for (size_t i = 0; i < dim; i++) { /* Gram and Schmidt, twice */
        for (size_t k = 0; k < dim; k++) u[i * dim + k] = uniform(rng);
        for (int twice = 0; twice < 2; twice++)
            for (size_t j = 0; j < i; j++) {
                double product = 0;
                for (size_t k = 0; k < dim; k++) product += u[i * dim + k] * u[j * dim + k];
                for (size_t k = 0; k < dim; k++) u[i * dim + k] -= product * u[j * dim + k];
            }
        double square = 0;
        for (size_t k = 0; k < dim; k++) square += u[i * dim + k] * u[i * dim + k];
        for (size_t k = 0; k < dim; k++) u[i * dim + k] /= sqrt(square);
        const double values[KINDS] = {[RANDOM] = 5 * uniform(rng),
                                      [DEGENERATE] = i % 2 ? 2 : -0.5,
                                      [OPPOSITE] = i % 2 ? 3 : -3,
                                      [RANK_ONE] = i == 0 ? -7 : 0,
                                      [ZERO] = 0,
                                      [GRADED] = pow(10, 8 - 16.0 * (double)i / (double)dim),
                                      [IDENTITY] = 4};
        l[i] = values[kind];
    }
    for (size_t i = 0; i < dim; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = kind == IDENTITY && i == j ? 4 : 0;
            for (size_t k = 0; k < dim && kind != IDENTITY; k++) sum += l[k] * u[k * dim + i] * u[k * dim + j];
            h[i * dim + j] = h[j * dim + i] = sum;
        }
}

static void check_covariance(const kr_noise *noise, size_t dim, const double *h, double epsilon, double factor) {
    gsl_matrix *root = gsl_matrix_alloc(dim, dim), *covariance = gsl_matrix_alloc(dim, dim);
    gsl_root(dim, h, epsilon, factor, root, covariance);
    /* Particle p gets the unit vector p: gradient[i][p] is S_ip. */
    double *input = numbers(dim * dim * dim), *normal = numbers(dim * dim), *s = numbers(dim * dim);
    for (size_t i = 0; i < dim; i++) {
        normal[i * dim + i] = 1;
        for (size_t j = 0; j < dim; j++)
            for (size_t p = 0; p < dim; p++) input[(i * dim + j) * dim + p] = h[i * dim + j];
    }
    noise->type->add(noise, KR_NOISE_INPUT_HESSIAN, dim, dim, input, normal, s);
    /* Rounding leaves an error delta in the covariance, by which its root moves up to sqrt(delta) at a singular Hessian, and less
     * where epsilon keeps it regular (van Hemmen and Ando 1980). */
    double largest = gsl_matrix_max(covariance), delta = (double)dim * DBL_EPSILON * largest;
    double of_root = fmin(sqrt(delta), delta / (2 * sqrt(factor * epsilon)));
    for (size_t i = 0; i < dim; i++)
        for (size_t j = 0; j < dim; j++) {
            double product = 0;
            for (size_t p = 0; p < dim; p++) product += s[i * dim + p] * s[j * dim + p];
            assert_close(product, gsl_matrix_get(covariance, i, j), 0, 2e-14 * largest);
            assert_close(s[i * dim + j], gsl_matrix_get(root, i, j), 0, of_root);
        }
    gsl_matrix_free(root), gsl_matrix_free(covariance);
    free(input), free(normal), free(s);
}

static void FullCovarianceIsThatOfTheHessian(void **state) {
    (void)state;
    const kr_noise_type *type = find_noise(best_registry(), "curvature");
    const size_t dims[] = {1, 2, 3, 5, 8, 16, 32};
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_taus2);
    for (int e = 0; e < 2; e++) {
        kr_settings settings = make_settings(&type->about, e ? "full=true strength=1.5 batch_size=4 epsilon=0.3"
                                                             : "full=true strength=2 batch_size=0.5");
        kr_noise noise = {.type = type, .values = settings.values};
        for (size_t d = 0; d < sizeof dims / sizeof *dims; d++)
            for (int kind = 0; kind < KINDS; kind++) {
                double h[32 * 32];
                make_hessian(rng, kind, dims[d], h);
                check_covariance(&noise, dims[d], h, e ? 0.3 : 0, e ? 0.375 : 4);
            }
        kr_settings_destroy(&settings);
    }
    gsl_rng_free(rng);
}

/* A rotation by 45 degrees shows what the diagonal misses: H = [[1, 2], [2, 1]] has eigenvalues 3 and -1. */
static void DiagonalIgnoresWhatFullSees(void **state) {
    (void)state;
    const kr_noise_type *type = find_noise(best_registry(), "curvature");
    kr_settings settings = make_settings(&type->about, "full=true");
    kr_noise noise = {.type = type, .values = settings.values};
    double h[] = {1, 2, 2, 1}, along[] = {1, 1}, across[] = {1, -1}, g[] = {0, 0}, f[] = {0, 0}, copy[4];
    memcpy(copy, h, sizeof h);
    type->add(&noise, KR_NOISE_INPUT_HESSIAN, 2, 1, copy, along, g);
    memcpy(copy, h, sizeof h);
    type->add(&noise, KR_NOISE_INPUT_HESSIAN, 2, 1, copy, across, f);
    assert_close(g[0], sqrt(3), 1e-15, 0);
    assert_close(g[1], sqrt(3), 1e-15, 0);
    assert_close(f[0], 1, 1e-15, 0);
    assert_close(f[1], -1, 1e-15, 0);
    kr_settings_destroy(&settings);
}

/* The same bits from every instruction set. */
static void InstructionSetsAgree(void **state) {
    (void)state;
    const kr_registry *registries[8];
    size_t available = kr_registry_available(registries, 8);
    enum { DIM = 7, N = 70 };
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_taus2);
    double input[DIM * DIM * N], normal[2 * DIM * N], chance[2 * DIM * N], first[DIM * N];
    fill_input(rng, KR_NOISE_INPUT_HESSIAN, DIM, N, input);
    for (size_t i = 0; i < 2 * DIM * N; i++) {
        normal[i] = uniform(rng);
        chance[i] = gsl_rng_uniform_pos(rng);
    }
    for (size_t v = 0; cases[v][0]; v++)
        for (size_t r = 0; r < available; r++) {
            const kr_noise_type *type = find_noise(registries[r], cases[v][0]);
            if (type->is_zero || type->sampler) continue;
            kr_settings settings = make_settings(&type->about, cases[v][1]);
            kr_noise noise = make_noise(type, &settings, DIM);
            double gradient[DIM * N] = {0};
            assert_true(type->uniforms <= 2);
            add_some(&noise, kr_noise_needs(&noise, false), DIM, N, 0, N, input, type->uniforms ? chance : normal, gradient);
            kr_noise_destroy(&noise);
            if (r == 0) memcpy(first, gradient, sizeof first);
            assert_memory_equal(first, gradient, sizeof first);
            kr_settings_destroy(&settings);
        }
    gsl_rng_free(rng);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(EveryModelSaysWhatItIs),         cmocka_unit_test(BatchEqualsOneByOne),
        cmocka_unit_test(VarianceIsThatOfWhatIsAdded),    cmocka_unit_test(VariancesAreWhatTheParametersSay),
        cmocka_unit_test(LossNoiseVanishesBelowItsFloor), cmocka_unit_test(FullCovarianceIsThatOfTheHessian),
        cmocka_unit_test(DiagonalIgnoresWhatFullSees),    cmocka_unit_test(InstructionSetsAgree),
    };
    return cmocka_run_group_tests(tests, collect_cases, NULL);
}
