/* The landscapes of the literature against values known elsewhere: at points, minima and saddles, spectra, exit times. What all
 * landscapes promise is in test_contract_landscape.c. */
#include "case.h"
#include "landscape_fixture.h"
#include "sanitized.h"

#include <kramers/critical_points.h>

#include <gsl/gsl_eigen.h>
#include <gsl/gsl_integration.h>

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#define NONE ((part){"none", ""})

static double energy_at(const char *name, const char *options, size_t dim, const double *x) {
    fixture f = fixture_open(name, 0, options);
    double energy;
    assert_int_equal(f.landscape.dim, dim);
    kr_landscape_energy(&f.landscape, 1, x, &energy);
    fixture_close(&f);
    return energy;
}

#define AT(...)                                                                                                                    \
    (const double[]) {                                                                                                             \
        __VA_ARGS__                                                                                                                \
    }

static void values_at_points(void **state) {
    (void)state;
    assert_close(energy_at("ackley", "", 2, AT(0, 0)), 0, 0, 1e-14);
    assert_close(energy_at("ackley", "", 2, AT(1, 1)), 3.6253849384403627, 1e-14, 0);
    assert_close(energy_at("ackley", "dim=3", 3, AT(1, 1, 1)), 3.6253849384403627, 1e-14, 0);
    assert_close(energy_at("rastrigin", "", 2, AT(0.5, 0.5)), 40.5, 1e-15, 0);
    assert_close(energy_at("rastrigin", "dim=3", 3, AT(1, -2, 3)), 14, 1e-14, 0);
    assert_close(energy_at("rosenbrock", "", 2, AT(-1.2, 1)), 24.2, 1e-14, 0);
    assert_close(energy_at("rosenbrock", "dim=4", 4, AT(1, 1, 1, 1)), 0, 0, 0);
    assert_close(energy_at("three_hump_camel", "", 2, AT(5, -5)), 2 * 25 - 1.05 * 625 + 15625 / 6.0 - 25 + 25, 1e-14, 0);
    assert_close(energy_at("mexican_hat", "barrier=2 dim=3", 3, AT(0, 3, 4)), 2 * 24 * 24, 1e-15, 0);
    assert_close(energy_at("monkey_saddle", "confinement=2", 2, AT(1, 2)), 1 - 12 + 2 * 25 / 4.0, 1e-15, 0);
    assert_close(energy_at("quadruple_well", "barrier=2 coupling=0.5", 2, AT(2, -1)), 18 - 1, 1e-15, 0);
    assert_close(energy_at("phi4_chain", "dim=3 coupling=2", 3, AT(1, 0, 2)), 0 + 1 + 9 + 1 + 4 + 1, 1e-15, 0);
    assert_close(energy_at("phi4_chain", "dim=3 coupling=2 periodic=false", 3, AT(1, 0, 2)), 0 + 1 + 9 + 1 + 4, 1e-15, 0);
    double x = 0.3, prinz = 4 * (pow(x, 8) + 0.8 * exp(-80 * x * x) + 0.2 * exp(-80 * (x - 0.5) * (x - 0.5)) +
                                 0.5 * exp(-40 * (x + 0.5) * (x + 0.5)));
    assert_close(energy_at("prinz", "", 1, &x), prinz, 1e-14, 0);
}

static double block_loss(int activation, int points, bool skip, double w1, double w2) {
    double sum = 0;
    for (int j = 0; j < points; j++) {
        double u = -1 + 2.0 * j / (points - 1), z = w1 * u, f = activation == 0 ? tanh(z) : activation == 1 ? fmax(0, z) : z;
        double r = (skip ? u : 0) + w2 * f - sin(2 * u);
        sum += 0.5 * r * r / points;
    }
    return sum;
}

static void a_residual_block_is_the_mean_over_its_samples(void **state) {
    (void)state;
    static const char *const names[] = {"tanh", "relu", "linear"};
    for (int activation = 0; activation < 3; activation++)
        for (int points = 31; points <= 32; points++)
            for (int skip = 0; skip < 2; skip++) {
                char options[80];
                snprintf(options, sizeof options, "activation=%s points=%d skip=%s", names[activation], points,
                         skip ? "true" : "false");
                assert_close(energy_at("residual_block", options, 2, AT(1.3, -0.7)),
                             block_loss(activation, points, skip, 1.3, -0.7), 1e-13, 0);
                assert_close(energy_at("residual_block", options, 2, AT(-2.1, 0.4)),
                             block_loss(activation, points, skip, -2.1, 0.4), 1e-13, 0);
            }
}

/* ---- spectra ---- */

enum { NODES = 80, DEGREES = 33 };

/* Polynomials that are orthonormal under the density exp(-(x^2 - 1)^2 / T) of one axis, and their slopes, at the nodes. */
typedef struct axis {
    double x[NODES], weight[NODES], p[DEGREES][NODES], slope[DEGREES][NODES];
} axis;

static void make_axis(axis *a, double temperature) {
    gsl_integration_glfixed_table *table = gsl_integration_glfixed_table_alloc(NODES);
    for (size_t i = 0; i < NODES; i++) {
        gsl_integration_glfixed_point(-2.3, 2.3, i, &a->x[i], &a->weight[i], table);
        double s = a->x[i] * a->x[i] - 1;
        a->weight[i] *= exp(-s * s / temperature);
    }
    gsl_integration_glfixed_table_free(table);
    for (int k = 0; k < DEGREES; k++) { /* x p_{k-1} made orthogonal to all before, twice */
        for (size_t i = 0; i < NODES; i++) {
            a->p[k][i] = k ? a->x[i] * a->p[k - 1][i] : 1;
            a->slope[k][i] = k ? a->p[k - 1][i] + a->x[i] * a->slope[k - 1][i] : 0;
        }
        for (int pass = 0; pass < 2; pass++)
            for (int l = 0; l <= k; l++) {
                double product = 0;
                for (size_t i = 0; i < NODES; i++) product += a->weight[i] * a->p[k][i] * a->p[l][i];
                double scale = l == k ? 1 / sqrt(product) : 1, overlap = l == k ? 0 : product;
                for (size_t i = 0; i < NODES; i++) {
                    a->p[k][i] = scale * (a->p[k][i] - overlap * a->p[l][i]);
                    a->slope[k][i] = scale * (a->slope[k][i] - overlap * a->slope[l][i]);
                }
            }
    }
}

/* The least eigenvalues but 0 of the generator of dx = -grad V dt + sqrt(2T) dW among functions of one symmetry under the turn by
 * 180 degrees (odd or not) and the exchange of x and y (sign), by Galerkin's method: T int grad f grad g e^{-V/T} = lambda int f g
 * e^{-V/T}. */
static double slowest(const axis *a, double c, double temperature, bool odd, int sign) {
    size_t count = 0, first[DEGREES * DEGREES], second[DEGREES * DEGREES];
    for (size_t i = 0; i < DEGREES; i++)
        for (size_t j = sign > 0 ? i : i + 1; i + j < DEGREES; j++)
            if ((i + j) % 2 == odd) {
                first[count] = i;
                second[count++] = j;
            }
    double *value = malloc(3 * count * sizeof *value), *along = value + count, *across = along + count;
    gsl_matrix *mass = gsl_matrix_calloc(count, count), *stiff = gsl_matrix_calloc(count, count);
    for (size_t i = 0; i < NODES; i++)
        for (size_t j = 0; j < NODES; j++) {
            double weight = a->weight[i] * a->weight[j] * exp(-c * a->x[i] * a->x[j] / temperature);
            if (weight < 1e-25) continue;
            for (size_t k = 0; k < count; k++) {
                const double *p = a->p[first[k]], *q = a->p[second[k]], *u = a->slope[first[k]], *v = a->slope[second[k]];
                value[k] = p[i] * q[j] + sign * q[i] * p[j];
                along[k] = u[i] * q[j] + sign * v[i] * p[j];
                across[k] = p[i] * v[j] + sign * q[i] * u[j];
            }
            for (size_t k = 0; k < count; k++)
                for (size_t l = 0; l <= k; l++) {
                    mass->data[k * mass->tda + l] += weight * value[k] * value[l];
                    stiff->data[k * stiff->tda + l] += temperature * weight * (along[k] * along[l] + across[k] * across[l]);
                }
        }
    gsl_vector *eigenvalue = gsl_vector_alloc(count);
    gsl_eigen_gensymm_workspace *workspace = gsl_eigen_gensymm_alloc(count);
    assert_int_equal(gsl_eigen_gensymm(stiff, mass, eigenvalue, workspace), 0);
    double least = INFINITY;
    for (size_t k = 0; k < count; k++)
        if (gsl_vector_get(eigenvalue, k) > 1e-9) least = fmin(least, gsl_vector_get(eigenvalue, k));
    gsl_eigen_gensymm_free(workspace);
    gsl_vector_free(eigenvalue);
    gsl_matrix_free(mass);
    gsl_matrix_free(stiff);
    free(value);
    return least;
}

static double gap_of(part landscape, double temperature) {
    problem_case c;
    char values[64];
    kr_error error;
    snprintf(values, sizeof values, "temperature=%.17g", temperature);
    case_make(&c, landscape, (part){"sgld", values}, NONE, 1e-4, 0);
    require(kr_minimum_position(&c.landscape, 0, c.start, &error), &error);
    kr_prediction p = case_predict(&c, "spectral_gap");
    if (!p.applies) fail_msg("%s: %s", landscape.name, p.why);
    case_free(&c);
    return p.spectral_gap;
}

/* Without coupling the slowest relaxation is a double well's; with it the four-fold way has three slow relaxations, of which the
 * solver in the plane gives the slowest. */
static void spectrum_of_the_quadruple_well(void **state) {
    (void)state;
    const double resolved = 1e-5; /* with polynomials of so many degrees */
    axis a;
    make_axis(&a, 0.2);
    assert_close(slowest(&a, 0, 0.2, true, 1), 0.01110456255, resolved, 0);
    assert_close(slowest(&a, 0.25, 0.2, true, -1), 0.00327723744, resolved, 0);
    assert_close(slowest(&a, 0.25, 0.2, true, 1), 0.0317512011, resolved, 0);
    assert_close(slowest(&a, 0.25, 0.2, false, 1), 0.034969252, resolved, 0);
    assert_close(gap_of((part){"quadruple_well", ""}, 0.2), 0.01110456255, 1e-5, 0);
    assert_close(gap_of((part){"quadruple_well", "coupling=0.25"}, 0.2), 0.00327723744, 1e-5, 0);
    assert_close(gap_of((part){"quadruple_well", "coupling=-0.25"}, 0.2), 0.00327723744, 1e-5, 0);
}

/* The wells of the monkey saddle are joined by a point without a Hessian. Its gap follows Arrhenius with their depth, 27/4: ln gap
 * over 1/T has that slope to O(T). At T = 0.25 that point is more than 25 T above the wells; at 0.3 it is not, and the gap
 * was 5.923612e-10 before such points were looked for. Twenty seconds: not when sampled. */
static void wells_are_joined_across_a_degenerate_saddle(void **state) {
    (void)state;
    if (is_sampled()) return;
    double cold = gap_of((part){"monkey_saddle", ""}, 0.25), warm = 5.923612e-10;
    assert_close(log(warm / cold) / (1 / 0.25 - 1 / 0.3), 6.75, 0.05, 0);
}

/* From the first of Prinz's wells into the second: exact theories agree, approximate ones to their order. */
static void one_dimensional_theories_know_prinz(void **state) {
    (void)state;
    static const struct {
        const char *name;
        double within; /* of the exact time in continuous time */
    } theories[] = {{"kramers", 0.03}, {"finite_rate", 0.03}, {"eyring_kramers", 0.03}, {"ito", 1e-8}, {"chain", 3e-3}};
    problem_case c;
    kr_error error;
    double center;
    case_make(&c, (part){"prinz", ""}, (part){"sgld", "temperature=0.1"}, NONE, 5e-4, 0);
    require(kr_minimum_position(&c.landscape, 0, c.start, &error), &error);
    require(kr_minimum_position(&c.landscape, 1, &center, &error), &error);
    case_target(&c, -INFINITY, center - 0.05);
    kr_prediction exact = case_predict(&c, "quadrature");
    assert_true(exact.applies);
    for (size_t i = 0; i < sizeof theories / sizeof *theories; i++) {
        kr_prediction p = case_predict(&c, theories[i].name);
        if (!p.applies) fail_msg("%s: %s", theories[i].name, p.why);
        assert_close(p.mfpt_time, exact.mfpt_time, theories[i].within, 0);
    }
    assert_true(case_predict(&c, "spectral_gap").applies);
    case_free(&c);
}

/* ---- Gaussian mixtures ---- */

/* Steps of SGLD at T = 1 until a particle from the middle mode of the default is beyond +-1. */
static void exit_from_a_mode(void **state) {
    (void)state;
    static const struct {
        double lr, steps, digits;
    } reference[] = {{0.02, 372694.6, 2e-7}, {0.05, 78.566705, 1e-8}, {0.07, 6.1217698, 1e-8}};
    for (size_t i = 0; i < 3; i++) {
        problem_case c;
        case_make(&c, (part){"gaussian_mixture", "dim=1"}, (part){"sgld", "temperature=1"}, NONE, reference[i].lr, 0);
        case_target(&c, -1, 1);
        kr_prediction p = case_predict(&c, "chain");
        if (!p.applies) fail_msg("%s", p.why);
        assert_close(p.mfpt_steps, reference[i].steps, reference[i].digits, 0);
        case_free(&c);
    }
}

/* Energy, slope and curvature of one axis by summing over all modes in long double. */
static void brute_force(int modes, long double spacing, long double variance, long double x, double out[3]) {
    long double sum = 0, mean = 0, spread = 0, largest = -INFINITY, lowest = -0.5L * (modes - 1) * spacing;
    for (int k = 0; k < modes; k++) largest = fmaxl(largest, -powl(x - lowest - k * spacing, 2) / (2 * variance));
    for (int k = 0; k < modes; k++) {
        long double d = x - lowest - k * spacing, e = expl(-d * d / (2 * variance) - largest);
        sum += e;
        mean += e * k;
    }
    mean /= sum;
    for (int k = 0; k < modes; k++) {
        long double d = x - lowest - k * spacing, e = expl(-d * d / (2 * variance) - largest);
        spread += e / sum * (k - mean) * (k - mean);
    }
    out[0] = (double)(-largest - logl(sum) + logl(modes) + 0.5L * logl(2 * acosl(-1) * variance));
    out[1] = (double)((x - lowest - mean * spacing) / variance);
    out[2] = (double)(1 / variance - spread * spacing * spacing / (variance * variance));
}

/* Narrow modes, wide ones, hundreds that overlap; inside, between, far outside. */
static void a_grid_of_modes_is_the_sum_over_all(void **state) {
    (void)state;
    static const struct {
        int modes;
        double spacing, variance;
    } grids[] = {{5, 2, 0.03},  {1, 2, 0.5},    {2, 1, 0.4},     {6, 0.7, 0.2},
                 {5, 2, 0.051}, {300, 0.02, 1}, {40, 0.5, 1e-3}, {9, 1, 1e4}};
    for (size_t g = 0; g < sizeof grids / sizeof *grids; g++) {
        char options[100];
        snprintf(options, sizeof options, "dim=1 per_axis=%d spacing=%.17g variance=%.17g", grids[g].modes, grids[g].spacing,
                 grids[g].variance);
        fixture f = fixture_open("gaussian_mixture", 0, options);
        double half = 0.5 * grids[g].modes * grids[g].spacing;
        for (int k = -40; k <= 40; k++) {
            double x = 0.05 * k * half + 0.0123 * grids[g].spacing, found[3], wanted[3];
            if (k == 40) x = 1e9;
            if (k == -40) x = -1e6;
            kr_landscape_energy(&f.landscape, 1, &x, &found[0]);
            kr_landscape_gradient(&f.landscape, 1, &x, &found[1]);
            kr_landscape_curvature(&f.landscape, 1, &x, &found[2]);
            brute_force(grids[g].modes, grids[g].spacing, grids[g].variance, x, wanted);
            double steep = grids[g].spacing / grids[g].variance;
            assert_close(found[0], wanted[0], 1e-14, 1e-13);
            assert_close(found[1], wanted[1], 1e-12, 1e-13 * (1 + steep * grids[g].modes));
            assert_close(found[2], wanted[2], 1e-10, 1e-11 * (1 + steep * steep));
        }
        fixture_close(&f);
    }
}

static const char *modes_file(const char *text) {
    static char path[256];
    snprintf(path, sizeof path, "/tmp/kramers_modes_%d.csv", (int)getpid());
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    fputs(text, out);
    fclose(out);
    return path;
}

/* The same 25 modes from a file are the same landscape, coupled; far away too. */
static void modes_from_a_file(void **state) {
    (void)state;
    char text[4000] = "x;y;weight\n", options[400];
    for (int i = -2; i <= 2; i++)
        for (int j = -2; j <= 2; j++) snprintf(text + strlen(text), sizeof text - strlen(text), "%d;%d;3\n", 2 * i, 2 * j);
    snprintf(options, sizeof options, "file=%s", modes_file(text));
    fixture grid = fixture_open("gaussian_mixture", 0, ""), file = fixture_open("gaussian_mixture", 0, options);
    assert_true(grid.landscape.type->separable && !file.landscape.type->separable);
    for (int k = 0; k < 200; k++) {
        double x[2] = {5 * sin(1.3 * k), 5 * cos(2.1 * k)}, a[4], b[4];
        if (k == 199) x[0] = -1e8;
        kr_landscape_energy(&grid.landscape, 1, x, a);
        kr_landscape_energy(&file.landscape, 1, x, b);
        assert_close(b[0], a[0], 1e-13, 1e-12);
        kr_landscape_gradient(&grid.landscape, 1, x, a);
        kr_landscape_gradient(&file.landscape, 1, x, b);
        for (int i = 0; i < 2; i++) assert_close(b[i], a[i], 1e-10, 1e-10);
        kr_landscape_hessian(&grid.landscape, 1, x, a);
        kr_landscape_hessian(&file.landscape, 1, x, b);
        for (int i = 0; i < 4; i++) assert_close(b[i], a[i], 1e-8, 1e-7);
    }
    int64_t count;
    kr_error error;
    require(kr_minimum_count(&file.landscape, &count, &error), &error);
    assert_int_equal(count, 25);
    double huge[2] = {1e200, -1e300}, out[2];
    kr_landscape_gradient(&file.landscape, 1, huge, out);
    assert_close(out[0], 1e200 / 0.03, 1e-15, 0);
    kr_landscape_energy(&file.landscape, 1, huge, out);
    assert_true(out[0] == INFINITY);
    fixture_close(&grid);
    fixture_close(&file);
}

static void bad_modes_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *text, *options, *why;
    } bad[] = {
        {"1,2,3\n4,5,6\n", "dim=5", "has 3 columns; with landscape.dim 5 it must have 5 (a centre a row) or 6 (with its weight)"},
        {"1,2,-3\n", "dim=2", "the weight of mode 0 is -3"},
        {"1,2,0\n3,4,0\n", "dim=2", "has no mode whose weight is above 0"},
        {"1,nan,1\n", "dim=2", "coordinate 1 of the centre of mode 0 is not a finite number"},
        {"1,2\n1,1e17\n", "dim=2",
         "coordinate 1 of the centre of mode 1 is 1e+17, where numbers are further apart than a mode of variance 0.03 is wide"},
        {"1,2\n3\n", "dim=2", "this line has 1 numbers"},
        {"x,y\n", "dim=2", "has no numbers"},
        {"1,2\n", "dim=70", "text is read with up to 64 columns"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char options[400];
        fixture f;
        kr_error error;
        snprintf(options, sizeof options, "file=%s %s", modes_file(bad[i].text), bad[i].options);
        assert_int_not_equal(fixture_try(&f, landscape_type("gaussian_mixture"), 0, options, &error), KR_OK);
        if (!strstr(error.message, bad[i].why)) fail_msg("'%s' has no '%s'", error.message, bad[i].why);
        fixture_close(&f);
    }
    remove(modes_file(""));
}

/* ---- chains ---- */

static void an_uncoupled_chain_is_separable(void **state) {
    (void)state;
    fixture chain = fixture_open("phi4_chain", 0.1, "barrier=1.5 coupling=0 dim=3");
    fixture well = fixture_open("double_well", 0.1, "barrier=1.5");
    kr_critical_points points;
    kr_error error;
    double x[3] = {0.7, -1.3, 0.2}, energy, sum = 0, one;
    kr_landscape_energy(&chain.landscape, 1, x, &energy);
    for (int i = 0; i < 3; i++) {
        kr_landscape_energy(&well.landscape, 1, &x[i], &one);
        sum += one;
    }
    assert_close(energy, sum, 1e-15, 0);
    require(kr_critical_points_find(&chain.landscape, 0, &points, &error), &error);
    assert_int_equal(points.count, 27);
    kr_critical_points_destroy(&points);
    fixture_close(&chain);
    fixture_close(&well);
}

/* Two sites with J > 2h pass together over the middle, where all is known: k = 4h/(2 pi) sqrt((64 h^2 + 16 h J) / (4h (2J - 4h)))
 * e^{-2h/T}, the eigenvalues being -4h and 2J - 4h there and 8h and 8h + 2J in the wells. */
static void two_sites_pass_together(void **state) {
    (void)state;
    problem_case c;
    kr_error error;
    double center[2];
    case_make(&c, (part){"phi4_chain", "dim=2 coupling=5 periodic=false"}, (part){"sgld", "temperature=0.25"}, NONE, 1e-3, 0);
    require(kr_minimum_position(&c.landscape, 0, c.start, &error), &error);
    require(kr_minimum_position(&c.landscape, 1, center, &error), &error);
    c.target[c.problem.target_count++] =
        (kr_target){.radius = 0.4, .center = center, .minimum = 1, .below = -INFINITY, .above = INFINITY};
    kr_prediction p = case_predict(&c, "eyring_kramers");
    if (!p.applies) fail_msg("%s", p.why);
    assert_close(p.rate, 4 / (2 * acos(-1)) * sqrt((64 + 80.0) / (4 * (10 - 4))) * exp(-2 / 0.25), 1e-9, 0);
    case_free(&c);
}

/* A kink in the middle of an open chain, from the profile of the continuum: its energy goes to 4/3 sqrt(2 h J) as it gets wide, and
 * differs from that by a share of order h / J. */
static double kink_energy(double coupling, size_t dim) {
    char options[100];
    kr_critical_points points;
    kr_error error;
    double *x = malloc(dim * sizeof *x), energy;
    snprintf(options, sizeof options, "periodic=false dim=%zu coupling=%.17g", dim, coupling);
    fixture f = fixture_open("phi4_chain", 0, options);
    for (size_t i = 0; i < dim; i++) x[i] = tanh(((double)i - 0.5 * (double)(dim - 1)) * sqrt(2 / coupling));
    require(kr_critical_points_refine(&f.landscape, 1, x, &points, &error), &error);
    assert_int_equal(points.count, 1);
    energy = points.point[0].energy;
    kr_critical_points_destroy(&points);
    fixture_close(&f);
    free(x);
    return energy / (4 / 3.0 * sqrt(2 * coupling));
}

static void kinks_have_the_energy_of_the_continuum(void **state) {
    (void)state;
    double narrow = 1 - kink_energy(20, 60), wide = 1 - kink_energy(40, 80);
    assert_true(narrow > 0.002 && narrow < 0.02);
    assert_close(narrow / wide, 2, 0.05, 0);
}

/* ---- minima ---- */

static void a_circle_of_minima_is_said(void **state) {
    (void)state;
    problem_case c;
    case_make(&c, (part){"mexican_hat", ""}, (part){"sgld", "temperature=0.1"}, NONE, 1e-3, 0);
    c.start[0] = -1;
    case_target(&c, -INFINITY, 0.5);
    kr_prediction p = case_predict(&c, "eyring_kramers");
    assert_false(p.applies);
    assert_non_null(strstr(p.why, "its minima are a circle, not points"));
    case_free(&c);
    fixture f = fixture_open("mexican_hat", 0.4, "dim=3");
    double x[3];
    int64_t count;
    kr_error error;
    require(kr_minimum_count(&f.landscape, &count, &error), &error);
    assert_int_equal(count, 1);
    require(kr_minimum_position(&f.landscape, 0, x, &error), &error);
    assert_close(x[0], -sqrt(0.9), 1e-12, 0);
    fixture_close(&f);
}

/* A hundred thousand coupled coordinates, with weight decay where it moves the minima. */
static void minima_in_many_coordinates(void **state) {
    (void)state;
    static const struct {
        const char *name, *options;
        double decay;
        int64_t count;
    } cases[] = {{"phi4_chain", "dim=100000", 0, 2},        {"phi4_chain", "dim=2000 periodic=false", 0.3, 2},
                 {"rosenbrock", "dim=100000", 0, 2},        {"rosenbrock", "dim=300", 0.01, 2},
                 {"ackley", "dim=100000", 0.1, 1},          {"mexican_hat", "dim=100000", 0.1, 1},
                 {"rastrigin", "dim=100000", 0, INT64_MAX}, {"gaussian_mixture", "dim=100000", 0, INT64_MAX}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fixture f = fixture_open(cases[i].name, cases[i].decay, cases[i].options);
        size_t dim = f.landscape.dim;
        double *x = malloc(2 * dim * sizeof *x), *slope = x + dim, largest = 0;
        int64_t count;
        kr_error error;
        require(kr_minimum_count(&f.landscape, &count, &error), &error);
        if (count != cases[i].count) fail_msg("%s: %lld minima", cases[i].name, (long long)count);
        require(kr_minimum_position(&f.landscape, 0, x, &error), &error);
        kr_landscape_gradient(&f.landscape, 1, x, slope);
        for (size_t k = 0; k < dim; k++) largest = fmax(largest, fabs(slope[k]));
        assert_true(largest < 1e-9);
        free(x);
        fixture_close(&f);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_at_points),
        cmocka_unit_test(a_residual_block_is_the_mean_over_its_samples),
        cmocka_unit_test(spectrum_of_the_quadruple_well),
        cmocka_unit_test(wells_are_joined_across_a_degenerate_saddle),
        cmocka_unit_test(one_dimensional_theories_know_prinz),
        cmocka_unit_test(exit_from_a_mode),
        cmocka_unit_test(a_grid_of_modes_is_the_sum_over_all),
        cmocka_unit_test(modes_from_a_file),
        cmocka_unit_test(bad_modes_are_refused),
        cmocka_unit_test(an_uncoupled_chain_is_separable),
        cmocka_unit_test(two_sites_pass_together),
        cmocka_unit_test(kinks_have_the_energy_of_the_continuum),
        cmocka_unit_test(a_circle_of_minima_is_said),
        cmocka_unit_test(minima_in_many_coordinates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
