/* Covariances of the gradients of single data, tails and temperatures, against loops over all data, whole Hessians and closed
 * forms. */
#include "observed_scene.h"
#include "rig.h"

#include "statistics/noise_looks.h"

#include <kramers/data_sum.h>

#include <math.h>
#include <stdlib.h>

enum { PARTICLES = 70 };

/* Of the landscape at one point, by hand. */
typedef struct exact {
    double covariance, laplacian, product, square_c, square_h, slope;
} exact;

static exact by_hand(const kr_landscape *landscape, const double *x) {
    const kr_data_sum *data = kr_landscape_data(landscape);
    size_t dim = landscape->dim, count = data->data(landscape, KR_DATA_TRAIN).count;
    double *c = calloc(2 * dim * dim + 3 * dim, sizeof *c), *h = c + dim * dim, *mean = h + dim * dim, *own = mean + dim;
    exact e = {0};
    for (int pass = 0; pass < 2; pass++)
        for (uint32_t m = 0; m < count; m++) {
            data->gradient(landscape, 1, 1, &m, NULL, x, own);
            for (size_t i = 0; i < dim; i++) {
                if (!pass) mean[i] += own[i] / (double)count;
                for (size_t j = 0; pass && j < dim; j++) c[i * dim + j] += (own[i] - mean[i]) * (own[j] - mean[j]) / (double)count;
            }
        }
    kr_landscape_hessian(landscape, 1, x, h);
    kr_landscape_gradient(landscape, 1, x, own);
    for (size_t i = 0; i < dim; i++) {
        e.covariance += c[i * dim + i];
        e.laplacian += h[i * dim + i];
        e.slope += own[i] * own[i];
        for (size_t j = 0; j < dim; j++) {
            e.product += c[i * dim + j] * h[i * dim + j];
            e.square_c += c[i * dim + j] * c[i * dim + j];
            e.square_h += h[i * dim + j] * h[i * dim + j];
        }
    }
    free(c);
    return e;
}

static exact mean_by_hand(const kr_view *view, size_t particles) {
    exact sum = {0};
    double *x = malloc(view->dim * sizeof *x);
    for (size_t p = 0; p < particles; p++) {
        for (size_t i = 0; i < view->dim; i++) x[i] = view->position[i * view->stride + p];
        exact e = by_hand(view->landscape, x);
        sum.covariance += e.covariance / (double)particles;
        sum.laplacian += e.laplacian / (double)particles;
        sum.product += e.product / (double)particles;
        sum.square_c += e.square_c / (double)particles;
        sum.square_h += e.square_h / (double)particles;
        sum.slope += e.slope / (double)particles;
    }
    free(x);
    return sum;
}

static void scene(char text[1000], const char *hidden, const char *sampling, const char *observer) {
    snprintf(text, 1000,
             "landscape: {name: network, data: moons, points: 40, hidden: %s}\ndynamics: {name: sgd, weight_decay: 0.02}\n"
             "noise: {name: minibatch, batch_size: 4, sampling: %s}\nschedule: {lr: 0.2}\n"
             "ensemble: {particles: %d, steps: 30, start: {random: kaiming_uniform}}\n%s\n",
             hidden, sampling, (int)PARTICLES, observer);
}

/* Few coordinates and all data: no chance is left. */
static void few_coordinates_are_exact(void **state) {
    (void)state;
    char text[1000];
    observed o;
    scene(text, "[4]", "without_replacement", "gradient_noise: {every: 15, particles: 0, samples: 0}");
    observed_run(&o, text, 2);
    kr_view view = kr_run_view(o.run);
    assert_true(view.dim <= 32);
    exact e = mean_by_hand(&view, PARTICLES);
    double dim = (double)view.dim, aligned = e.product / sqrt(e.square_c * e.square_h);
    double uneven = dim * e.product / (e.covariance * e.laplacian), gamma = 36.0 / (4.0 * 39.0);
    assert_close(observed_number(&o, "gradient_noise.covariance_trace"), e.covariance, 1e-11, 0);
    assert_close(observed_number(&o, "gradient_noise.hessian_trace"), e.laplacian, 1e-11, 0);
    assert_close(observed_number(&o, "gradient_noise.alignment"), aligned, 1e-11, 0);
    assert_close(observed_number(&o, "gradient_noise.anisotropy"), uneven, 1e-11, 0);
    assert_close(observed_number(&o, "gradient_noise.temperature_measured"), e.slope / e.laplacian, 1e-11, 0);
    double implied = 0.5 * 0.2 * gamma * e.covariance / dim;
    assert_close(observed_number(&o, "gradient_noise.temperature"), implied, 1e-11, 0);
    assert_close(observed_number(&o, "gradient_noise.temperature_weighted"), implied * uneven, 1e-11, 0);
    assert_int_equal(observed_count(&o, "gradient_noise.data"), 40);
    observed_end(&o);
}

/* Many coordinates: within the stated intervals, which at a random seed fails at twice their width with p = 9e-5 each; and it is
 * not for their width that they agree. */
static void probes_agree_within_their_intervals(void **state) {
    (void)state;
    char text[1000];
    observed o;
    scene(text, "[8]", "without_replacement", "gradient_noise: {every: 15, particles: 0, samples: 0, probes: 64}");
    observed_run(&o, text, 2);
    kr_view view = kr_run_view(o.run);
    assert_true(view.dim > 32);
    exact e = mean_by_hand(&view, PARTICLES);
    const double expected[] = {e.product / sqrt(e.square_c * e.square_h),
                               (double)view.dim * e.product / (e.covariance * e.laplacian), e.laplacian};
    static const char *const names[] = {"gradient_noise.alignment", "gradient_noise.anisotropy", "gradient_noise.hessian_trace"};
    for (size_t i = 0; i < 3; i++) {
        char interval[60];
        snprintf(interval, sizeof interval, "%s_ci95", names[i]);
        kr_interval ends = observed_interval(&o, interval);
        assert_close(observed_number(&o, names[i]), expected[i], 0, ends.high - ends.low);
        assert_true(ends.high - ends.low < 0.3 * expected[i]);
    }
    assert_close(observed_number(&o, "gradient_noise.covariance_trace"), e.covariance, 1e-11, 0);
    observed_end(&o);
}

/* 12 of 40 data, 512 particles at one place: means of what each finds are those of all data. |z| > 4 has p = 6e-5. That squares of
 * a sample's covariance are larger would be seen: by its trace of squares over the number of data. */
static void samples_have_no_bias(void **state) {
    (void)state;
    enum { MANY = 512 };
    rig r = {.landscape = "network",
             .landscape_parameters = "data=moons points=40 hidden=[4]",
             .dynamics = "sgd",
             .particles = MANY,
             .seed = 3,
             .steps = 1};
    for (size_t i = 0; i < 32; i++) r.start[i] = sin(3.0 * (double)i + 0.4);
    rig_create(&r);
    kr_error error;
    kr_looks looks;
    kr_view view = kr_ensemble_view(r.ensemble);
    kr_noise_look how = {.seed = 5, .probes = 4, .samples = 12};
    require(kr_looks_create(&looks, MANY, KR_NOISE_LOOKS, 1e3, &error), &error);
    require(kr_looks_take(&looks, &view, 2, kr_look_at_noise, &how, &error), &error);
    exact e = by_hand(&r.made_landscape, r.start);
    const struct {
        int column;
        double expected;
        bool varies;
    } cases[] = {{KR_LOOK_COVARIANCE, e.covariance, false}, {KR_LOOK_LAPLACIAN, e.laplacian, false},
                 {KR_LOOK_PRODUCT, e.product, true},        {KR_LOOK_SQUARE_C, e.square_c, true},
                 {KR_LOOK_SQUARE_H, e.square_h, false},     {KR_LOOK_SLOPE, e.slope, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double work[MANY];
        kr_look_summary s = kr_looks_summary(&looks, (size_t)cases[i].column, work);
        double deviation = s.deviation / sqrt(MANY);
        assert_close(s.mean, cases[i].expected, 1e-11, cases[i].varies ? 4 * deviation : 0);
        if (cases[i].varies) assert_true(deviation < 0.05 * fabs(cases[i].expected));
    }
    kr_looks_destroy(&looks);
    rig_destroy(&r);
}

/* ---- tails ---- */

enum { HEAVY_DATA = 40000 };
static double heavy[HEAVY_DATA];

static kr_data heavy_data(const kr_landscape *self, kr_data_part part) {
    (void)self;
    return (kr_data){.count = part == KR_DATA_TRAIN ? HEAVY_DATA : 0};
}

static void heavy_gradient(const kr_landscape *self, size_t n, size_t batch, const uint32_t *index, const double *input,
                           const double *x, double *gradient) {
    (void)self, (void)batch, (void)input, (void)x;
    for (size_t p = 0; p < n; p++) gradient[p] = heavy[index[p]];
}

static void no_gradient(const kr_landscape *self, size_t n, const double *x, double *gradient) {
    (void)self, (void)x;
    for (size_t p = 0; p < n; p++) gradient[p] = 0;
}

static void unit_curvature(const kr_landscape *self, size_t n, const double *x, double *curvature) {
    (void)self, (void)x;
    for (size_t p = 0; p < n; p++) curvature[p] = 1;
}

static const kr_data_sum heavy_sum = {.data = heavy_data, .gradient = heavy_gradient, .spread = unit_curvature};
static const kr_landscape_type heavy_type = {.about = {.name = "heavy", .doc = "for tests"},
                                             .dim = 1,
                                             .separable = true,
                                             .energy = no_gradient,
                                             .gradient = no_gradient,
                                             .curvature = unit_curvature,
                                             .data = &heavy_sum};

/* Of 16 particles that each see 40000 gradients, the quantiles of a law in an order of their own. Sums of K numbers are K^(1/alpha)
 * as wide for K = 200. */
static double tail_of(double (*quantile)(double)) {
    rig r = {.landscape = "harmonic", .landscape_parameters = "dim=1", .dynamics = "sgd", .particles = 16, .seed = 1, .steps = 1};
    kr_error error;
    kr_looks looks;
    double work[16];
    for (size_t m = 0; m < HEAVY_DATA; m++) heavy[m] = quantile(((double)m + 0.5) / HEAVY_DATA);
    rig_create(&r);
    kr_landscape landscape;
    require(kr_landscape_create(&landscape, &heavy_type, NULL, NULL, 0, &error), &error);
    kr_view view = kr_ensemble_view(r.ensemble);
    view.landscape = &landscape;
    kr_noise_look how = {.seed = 5};
    require(kr_looks_create(&looks, 16, KR_NOISE_LOOKS, 1e3, &error), &error);
    require(kr_looks_take(&looks, &view, 2, kr_look_at_noise, &how, &error), &error);
    double inverse = kr_looks_summary(&looks, KR_LOOK_TAIL, work).mean;
    kr_looks_destroy(&looks);
    kr_landscape_destroy(&landscape);
    rig_destroy(&r);
    return 1.0 / inverse;
}

static double cauchy(double u) {
    return tan(acos(-1.0) * (u - 0.5));
}

/* Logistic: as light as normal numbers for sums, but not for one: the estimate is a little off 2 at any finite K. */
static double logistic(double u) {
    return log(u / (1.0 - u));
}

static void tails_are_found(void **state) {
    (void)state;
    assert_close(tail_of(cauchy), 1.0, 0.03, 0);
    assert_close(tail_of(logistic), 2.0, 0.08, 0);
}

/* ---- temperatures ---- */

/* Data with equal parabolas: along each coordinate the stationary variance is eta gamma sigma^2 / (k (2 - eta k)), so that the
 * configurational temperature is 2 / (2 - eta k) times eta gamma sigma^2 / 2. Within twice the 95 % interval, p = 9e-5. */
static void parabolas_are_as_hot_as_they_should_be(void **state) {
    (void)state;
    observed o;
    observed_run(
        &o,
        "landscape: {name: mean_of_quadratics, points: 50, dim: 6, stiffness: 2, spread: 1.5}\ndynamics: {name: sgd}\n"
        "noise: {name: minibatch, batch_size: 5, sampling: without_replacement}\nschedule: {lr: 0.1}\n"
        "ensemble: {particles: 2000, steps: 200, start: {point: 0}}\ngradient_noise: {every: 200, particles: 0, samples: 2}\n",
        2);
    kr_interval ends = observed_interval(&o, "gradient_noise.temperature_measured_ci95");
    double implied = observed_number(&o, "gradient_noise.temperature"),
           trace = observed_number(&o, "gradient_noise.covariance_trace");
    assert_close(implied, 0.05 * 45.0 / (5.0 * 49.0) * trace / 6.0, 1e-12, 0);
    assert_close(observed_number(&o, "gradient_noise.temperature_measured"), implied * 2.0 / 1.8, 0, ends.high - ends.low);
    assert_true(ends.high - ends.low < 0.08 * implied);
    assert_close(observed_number(&o, "gradient_noise.anisotropy"), 1.0, 0.1, 0);
    observed_end(&o);
}

/* Adam divides by the noise: its temperature is known, and not that of curved directions. */
static void adaptive_dynamics_have_no_weighted_temperature(void **state) {
    (void)state;
    observed o;
    observed_run(&o,
                 "landscape: {name: mean_of_quadratics, points: 50, dim: 3}\ndynamics: {name: adam}\nnoise: {name: minibatch}\n"
                 "schedule: {lr: 0.01}\nensemble: {particles: 20, steps: 10, start: {point: 0}}\ngradient_noise: {every: 10}\n",
                 1);
    kr_value why;
    assert_true(observed_number(&o, "gradient_noise.temperature") > 0);
    assert_true(isnan(observed_number(&o, "gradient_noise.temperature_weighted")));
    assert_true(observed_value(&o, "gradient_noise.why", &why) && strstr(why.data, "'adam' divides gradients"));
    observed_end(&o);
}

/* ---- runs ---- */

static void division_cannot_be_seen(void **state) {
    (void)state;
    char text[1000];
    scene(text, "[8]", "epoch", "gradient_noise: {every: 7, samples: 20}");
    observed_division_cannot_be_seen(text, "gradient_noise");
}

static void resumed_runs_have_the_same(void **state) {
    (void)state;
    char text[1000];
    scene(text, "[4]", "epoch", "gradient_noise: {every: 7, samples: 20}\ntrajectory: {every: 10, particles: 3}");
    observed_resumed_is_the_same(text, "gradient_noise");
}

static void what_has_no_data_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *text, *says;
    } cases[] = {{"landscape: {name: double_well}\ngradient_noise: {every: 5}\n", "'double_well' is what its scene says"},
                 {"landscape: {name: mean_of_quadratics}\ngradient_noise: {every: 5, samples: 1}\n", "at least 2"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        kr_scene made;
        kr_error error;
        assert_int_not_equal(kr_scene_parse(&made, best_registry(), "test", NULL, cases[i].text, NULL, 0, &error), KR_OK);
        if (!strstr(error.message, cases[i].says)) fail_msg("%s", error.message);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(few_coordinates_are_exact),
                                       cmocka_unit_test(probes_agree_within_their_intervals),
                                       cmocka_unit_test(samples_have_no_bias),
                                       cmocka_unit_test(tails_are_found),
                                       cmocka_unit_test(parabolas_are_as_hot_as_they_should_be),
                                       cmocka_unit_test(adaptive_dynamics_have_no_weighted_temperature),
                                       cmocka_unit_test(division_cannot_be_seen),
                                       cmocka_unit_test(resumed_runs_have_the_same),
                                       cmocka_unit_test(what_has_no_data_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
