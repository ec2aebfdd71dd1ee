/* Valleys between harmonic walls (river_valley, double_well_bath): the landscape, its critical points, basins and Boltzmann samples
 * in up to 10 000 dimensions. */
#include "kolmogorov_smirnov.h"
#include "landscape_fixture.h"
#include "sanitized.h"

#include "geometry/walls.h"
#include "numerics/eigen.h"
#include <kramers/stability.h>

#include <kramers/basin.h>
#include <kramers/boltzmann_sample.h>
#include <kramers/path.h>

#include <gsl/gsl_cdf.h>

#include <math.h>

static const struct {
    const char *name, *options;
} valleys[] = {
    {"double_well_bath", "k_left=0.7 k_right=2.3 tilt=0.1"},
    {"double_well_bath", "k_left=10 k_right=0.2"},
    {"river_valley", "wall=3 growth=0.8"},
    {"river_valley", "wall=3 growth=-0.8 bend=0.9"},
};
enum { VALLEYS = sizeof valleys / sizeof *valleys };

static fixture open_valley(size_t number, int dim, double weight_decay) {
    char options[128];
    snprintf(options, sizeof options, "%s dim=%d", valleys[number].options, dim);
    return fixture_open(valleys[number].name, weight_decay, options);
}

/* Places off every symmetry; x0 within the wells. */
static void odd_point(size_t dim, size_t number, double *x) {
    for (size_t i = 0; i < dim; i++) x[i] = fmod(0.7548776662 * (double)(i + 1) * (double)(number + 1) + 0.385, 1) - 0.5;
    x[0] *= 2.6;
}

/* ---- the landscape in many dimensions ---- */

static double energy_at(const kr_landscape *v, const double *x) {
    double energy;
    kr_landscape_energy(v, 1, x, &energy);
    return energy;
}

/* Central differences of fourth order, whose rounding is that of an energy that grows as d. */
static void gradients_are_slopes(void **state) {
    (void)state;
    static const int dims[] = {1, 2, 3, 17, 1000, 10000};
    for (size_t number = 0; number < VALLEYS; number++)
        for (size_t k = 0; k < sizeof dims / sizeof *dims; k++) {
            fixture f = open_valley(number, dims[k], 0.3);
            size_t dim = (size_t)dims[k];
            double *x = malloc(2 * dim * sizeof *x), *gradient = x + dim;
            odd_point(dim, k, x);
            kr_landscape_gradient(&f.landscape, 1, x, gradient);
            for (size_t i = 0; i < dim; i += 1 + dim / 7) {
                const double h = 1e-3, center = x[i];
                double at[4];
                for (int s = 0; s < 4; s++) {
                    x[i] = center + h * (double[]){-2, -1, 1, 2}[s];
                    at[s] = energy_at(&f.landscape, x);
                }
                x[i] = center;
                assert_close(gradient[i], (at[0] - 8 * at[1] + 8 * at[2] - at[3]) / (12 * h), 1e-7, 1e-9 * (double)(dim + 10));
            }
            free(x);
            fixture_close(&f);
        }
}

/* The extreme eigenvalues at any place are those of the whole matrix. */
static void curvatures_need_no_matrix(void **state) {
    (void)state;
    static const int dims[] = {2, 3, 17, 60};
    for (size_t number = 0; number < VALLEYS; number++)
        for (size_t k = 0; k < sizeof dims / sizeof *dims; k++) {
            fixture f = open_valley(number, dims[k], k % 2 ? 0.4 : 0);
            size_t dim = (size_t)dims[k];
            double *x = malloc((2 + dim) * dim * sizeof *x), *value = x + dim, *hessian = value + dim;
            odd_point(dim, k, x);
            kr_landscape_hessian(&f.landscape, 1, x, hessian);
            assert_true(kr_symmetric_eigen(dim, hessian, value, NULL));
            kr_interval range = kr_curvature_range(&f.landscape, x);
            assert_close(range.low, value[0], 1e-11, 1e-11 * value[dim - 1]);
            assert_close(range.high, value[dim - 1], 1e-11, 0);
            free(x);
            fixture_close(&f);
        }
}

/* The same points, eigenvalues and directions as by Newton's method with the whole matrix; with weight decay a bent river has
 * several minima. */
static void critical_points_are_those_of_newtons_method(void **state) {
    (void)state;
    static const struct {
        const char *name, *options;
        double decay;
        size_t least;
    } all[] = {{"double_well_bath", "dim=5 tilt=0.1", 0, 3},
               {"double_well_bath", "dim=5 k_left=9 k_right=0.1", 0.7, 3},
               {"river_valley", "dim=4 bend=0.5", 0.2, 1},
               {"river_valley", "dim=4 bend=4 stiffness=0.1 growth=0.3", 0.5, 3}};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
        fixture f = fixture_open(all[k].name, all[k].decay, all[k].options);
        kr_critical_points fast, slow;
        kr_error error;
        assert_int_equal(kr_critical_points_find(&f.landscape, 0, &fast, &error), KR_OK);
        assert_true(fast.count >= all[k].least);
        for (size_t i = 0; i < fast.count; i++) {
            assert_int_equal(kr_critical_points_refine(&f.landscape, 1, fast.point[i].position, &slow, &error), KR_OK);
            assert_int_equal(slow.count, 1);
            assert_int_equal(slow.point[0].index, fast.point[i].index);
            for (size_t j = 0; j < fast.dim; j++) {
                assert_close(fast.point[i].position[j], slow.point[0].position[j], 1e-8, 1e-8);
                assert_close(fast.point[i].eigenvalues[j], slow.point[0].eigenvalues[j], 1e-7, 1e-9);
            }
            kr_critical_points_destroy(&slow);
        }
        kr_critical_points_destroy(&fast);
        fixture_close(&f);
    }
}

/* ---- basins and samples ---- */

/* Euler's method with small steps in all dimensions. */
static int32_t descend(const kr_landscape *v, double *x) {
    double gradient[8];
    for (int k = 0; k < 40000; k++) {
        kr_landscape_gradient(v, 1, x, gradient);
        for (size_t i = 0; i < v->dim; i++) x[i] -= 1e-3 * gradient[i];
    }
    return x[0] > 0;
}

static void basins_are_those_of_the_flow(void **state) {
    (void)state;
    enum { POINTS = 40 };
    fixture f = fixture_open("double_well_bath", 0.1, "dim=5 k_left=0.3 k_right=4");
    kr_basins *basins;
    kr_error error;
    assert_int_equal(kr_basins_create(&basins, &f.landscape, &error), KR_OK);
    size_t pushed = 0;
    for (size_t p = 0; p < POINTS; p++) {
        double x[5];
        int32_t basin;
        odd_point(5, p, x);
        for (size_t i = 1; i < 5; i++) x[i] *= 3;
        assert_int_equal(kr_basins_assign(basins, 1, 1, x, &basin, &error), KR_OK);
        pushed += x[0] > 0 && basin == 0;
        assert_int_equal(descend(&f.landscape, x), basin);
    }
    assert_true(pushed > 0); /* by the walls, over the saddle */
    kr_basins_destroy(basins);
    fixture_close(&f);
}

static double chi_square(double x, double degrees) {
    return gsl_cdf_chisq_P(x, degrees);
}

/* Across the valley normal numbers of variance T/k(x0), in a single well all of e^{-V/T}. Each distance is passed with p = 1e-3. */
static void samples_are_boltzmanns(void **state) {
    (void)state;
    enum { COUNT = 4000 };
    static const size_t dims[] = {3, 40};
    for (size_t k = 0; k < 2; k++) {
        const double temperature = 0.3;
        size_t dim = dims[k];
        fixture f = open_valley(k ? 2 : 3, (int)dim, 0.2);
        kr_error error;
        double *x = malloc((dim + 2) * COUNT * sizeof *x), *along = x + dim * COUNT, *across = along + COUNT;
        if (kr_boltzmann_sample(&f.landscape, 0, temperature, 7, COUNT, x, &error) != KR_OK) fail_msg("%s", error.message);
        double sum = 0, degrees = (double)(dim - 1);
        for (size_t p = 0; p < COUNT; p++) {
            kr_walls w;
            kr_walls_at(&f.landscape, x[p * dim], &w);
            double factor = exp(w.log_stiffness[0]) / temperature, square = 0;
            for (size_t i = 1; i < dim; i++) square += factor * pow(x[p * dim + i] - w.place[0], 2);
            along[p] = square;
            across[p] = sqrt(factor) * (x[p * dim + 1] - w.place[0]);
            /* W' has the mean 0 under e^{-W/T} */
            sum += w.floor[1] + 0.5 * temperature * degrees * w.log_stiffness[1];
        }
        assert_true(kolmogorov_smirnov_distance(COUNT, along, chi_square, degrees) < 1.95);
        assert_true(kolmogorov_smirnov_distance(COUNT, across, normal_distribution, 1) < 1.95);
        assert_close(sum / COUNT, 0, 0, 4 * sqrt(1.5 * temperature / COUNT));
        free(x);
        fixture_close(&f);
    }
}

static void samples_stay_in_their_basin(void **state) {
    (void)state;
    enum { COUNT = 200, DIM = 1000 };
    fixture f = fixture_open("double_well_bath", 0, "dim=1000 k_left=1 k_right=1.002");
    kr_basins *basins;
    kr_error error;
    double *x = malloc(DIM * COUNT * sizeof *x);
    assert_int_equal(kr_basins_create(&basins, &f.landscape, &error), KR_OK);
    for (int64_t number = 0; number < 2; number++) {
        assert_int_equal(kr_boltzmann_sample(&f.landscape, number, 0.4, 3, COUNT, x, &error), KR_OK);
        for (size_t p = 0; p < COUNT; p++) {
            int32_t basin;
            assert_int_equal(kr_basins_assign(basins, 1, 1, x + p * DIM, &basin, &error), KR_OK);
            assert_int_equal(basin, number);
        }
    }
    free(x);
    kr_basins_destroy(basins);
    fixture_close(&f);
}

/* Between the minima along the floor; d x d numbers would be 800 MB here. */
static void the_path_is_straight(void **state) {
    (void)state;
    enum { DIM = 10000 };
    fixture f = fixture_open("double_well_bath", 0, "dim=10000 barrier=0.7 k_left=1 k_right=1.001");
    kr_path path;
    kr_error error;
    double *ends = calloc(2 * DIM, sizeof *ends);
    ends[0] = -1;
    ends[DIM] = 1;
    assert_int_equal(kr_path_create(&path, &f.landscape, ends, ends + DIM, 0, &error), KR_OK);
    assert_close(path.highest, 0.7, 1e-12, 0);
    assert_close(path.length[path.count - 1], 2, 1e-9, 0);
    for (size_t i = 1; i < DIM; i++) assert_true(path.position[path.count / 2 * DIM + i] == 0);
    kr_path_destroy(&path);
    free(ends);
    fixture_close(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_are_slopes),
        cmocka_unit_test(curvatures_need_no_matrix),
        cmocka_unit_test(critical_points_are_those_of_newtons_method),
        cmocka_unit_test(basins_are_those_of_the_flow),
        cmocka_unit_test(samples_are_boltzmanns),
        cmocka_unit_test(samples_stay_in_their_basin),
        cmocka_unit_test(the_path_is_straight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
