/* Minibatches measured against what is exact for them: the covariance of a gradient over a batch is that of a finite population,
 * and on a mean of parabolas the stationary variance of gradient descent is known for each way to draw.
 *
 * Fixed seeds; p-values are those at a random one. */
#include "rig.h"
#include "sanitized.h"

#include "engine/kernels.h"

#include <kramers/data_sum.h>
#include <kramers/scene.h>

enum { N = KR_GRANULE };

/* ---- covariance ---- */

/* covariance[dim][dim] of the gradients of the single data at x, and their mean. */
static void population(const kr_landscape *landscape, const double *x, double *mean, double *covariance) {
    const kr_data_sum *sum = kr_landscape_data(landscape);
    size_t dim = landscape->dim, count = sum->data(landscape, KR_DATA_TRAIN).count;
    double *g = calloc(count * dim, sizeof *g);
    memset(mean, 0, dim * sizeof *mean);
    for (uint32_t m = 0; m < count; m++) {
        sum->gradient(landscape, 1, 1, &m, NULL, x, g + m * dim);
        for (size_t i = 0; i < dim; i++) mean[i] += g[m * dim + i] / (double)count;
    }
    for (size_t i = 0; i < dim; i++)
        for (size_t j = 0; j < dim; j++) {
            double product = 0;
            for (size_t m = 0; m < count; m++) product += (g[m * dim + i] - mean[i]) * (g[m * dim + j] - mean[j]);
            covariance[i * dim + j] = product / (double)count;
        }
    free(g);
}

/* Products of the deviations of draws from the mean, summed for each particle: sum[dim][dim][N]. */
static void add_draws(const kr_landscape *landscape, const kr_noise *noise, const double *point, const double *mean, uint64_t draws,
                      double *sum) {
    size_t dim = landscape->dim, work = noise->type->sampler->work(noise, landscape);
    double *x = calloc((3 * dim + work) * N, sizeof *x), *gradient = x + dim * N, *spare = gradient + dim * N;
    for (size_t i = 0; i < dim * N; i++) x[i] = point[i / N];
    for (uint64_t step = 0; step < draws; step++) {
        const kr_sampling sampling = {.landscape = landscape,
                                      .kernels = best_registry()->kernels,
                                      .seed = 11,
                                      .step = step,
                                      .drawn = step * kr_noise_batch(noise),
                                      .stream = KR_STREAM_GRADIENT_NOISE,
                                      .n = N};
        noise->type->sampler->gradient(noise, &sampling, x, spare, spare + dim * N, gradient);
        for (size_t i = 0; i < dim; i++)
            for (size_t p = 0; p < N; p++) gradient[i * N + p] -= mean[i];
        for (size_t i = 0; i < dim; i++)
            for (size_t j = 0; j <= i; j++)
                for (size_t p = 0; p < N; p++) sum[(i * dim + j) * N + p] += gradient[i * N + p] * gradient[j * N + p];
    }
    free(x);
}

/* t of each entry from the spread over the particles, which draw for themselves. |t| < 5.2 of 63 degrees of freedom: p = 2e-6 each,
 * 2e-3 for all; the mean of t^2, 63/61 by chance, is printed. */
static void check_covariance(const kr_landscape *landscape, const double *x, const char *parameters, double share) {
    const kr_noise_type *type = find_noise(best_registry(), "minibatch");
    kr_settings settings = make_settings(&type->about, parameters);
    kr_noise noise;
    kr_error error;
    size_t dim = landscape->dim, entries = dim * (dim + 1) / 2;
    const uint64_t draws = SANITIZED ? 200 : 15625; /* of each of 64 particles: 10^6 */
    double *mean = calloc(dim, sizeof *mean), *exact = calloc(dim * dim, sizeof *exact), *sum = calloc(dim * dim * N, sizeof *sum),
           worst = 0, square = 0;
    require(kr_noise_create(&noise, type, settings.values, dim, &error), &error);
    population(landscape, x, mean, exact);
    add_draws(landscape, &noise, x, mean, draws, sum);
    for (size_t i = 0; i < dim; i++)
        for (size_t j = 0; j <= i; j++) {
            double average = 0, spread = 0, *own = sum + (i * dim + j) * N;
            for (size_t p = 0; p < N; p++) average += own[p] / (double)draws / N;
            for (size_t p = 0; p < N; p++) spread += pow(own[p] / (double)draws - average, 2) / (N - 1);
            double t = (average - share * exact[i * dim + j]) / sqrt(spread / N);
            if (spread == 0 && average == 0) t = 0; /* a unit that no datum reaches */
            worst = fmax(worst, fabs(t));
            square += t * t / (double)entries;
        }
    print_message("%s, %s: %zu entries over %llu draws, largest |t| %.2f, mean square %.3f\n", landscape->type->about.name,
                  parameters, entries, (unsigned long long)(draws * N), worst, square);
    assert_true(worst < 5.2);
    kr_settings_destroy(&settings);
    free(mean), free(exact), free(sum);
}

static void check_methods(const kr_landscape *landscape, const double *x, double m) {
    check_covariance(landscape, x, "batch_size=8 sampling=with_replacement", 1.0 / 8);
    check_covariance(landscape, x, "batch_size=8 sampling=without_replacement", (m - 8) / (8 * (m - 1)));
    check_covariance(landscape, x, "batch_size=8 sampling=epoch", (m - 8) / (8 * (m - 1)));
}

static void covariance_on_parabolas(void **state) {
    (void)state;
    const kr_landscape_type *type = find_landscape(best_registry(), "mean_of_quadratics");
    kr_settings settings = make_settings(&type->about, "points=24 dim=3 stiffness_spread=0.6");
    kr_landscape landscape;
    kr_error error;
    const double x[3] = {0.4, -1.1, 0.2};
    require(kr_landscape_create(&landscape, type, settings.values, NULL, 0, &error), &error);
    check_methods(&landscape, x, 24);
    kr_landscape_destroy(&landscape);
    kr_settings_destroy(&settings);
}

static void covariance_on_a_network(void **state) {
    (void)state;
    kr_scene scene;
    kr_error error;
    kr_landscape landscape;
    require(kr_scene_parse(&scene, best_registry(), "here", NULL,
                           "landscape: {name: network, data: moons, points: 40, hidden: [3]}\n"
                           "ensemble: {start: {point: 0.1}}\nescape: {until: []}\n",
                           NULL, 0, &error),
            &error);
    require(
        kr_landscape_create(&landscape, (const kr_landscape_type *)scene.landscape.about, scene.landscape.values, NULL, 0, &error),
        &error);
    double x[32];
    assert_in_range(landscape.dim, 10, 32);
    for (size_t i = 0; i < landscape.dim; i++) x[i] = 0.8 * sin(1.7 * (double)i + 0.3);
    check_methods(&landscape, x, (double)kr_landscape_data(&landscape)->data(&landscape, KR_DATA_TRAIN).count);
    kr_landscape_destroy(&landscape);
    kr_scene_destroy(&scene);
}

/* ---- the stationary law of gradient descent ---- */

enum { MOST_DIM = 4 };

/* Variance of each coordinate after so many steps; z against theory[dim], |z| < 4.5 (p = 7e-6 each). */
static void check_stationary(const char *landscape, const char *noise, double rate, uint64_t steps, const double *theory) {
    char schedule[40];
    snprintf(schedule, sizeof schedule, "lr=%.17g", rate);
    rig r = {.landscape = "mean_of_quadratics",
             .landscape_parameters = landscape,
             .dynamics = "sgd",
             .noise = "minibatch",
             .noise_parameters = noise,
             .schedule_parameters = schedule,
             .particles = SANITIZED ? 2000 : 40000,
             .seed = 5};
    rig_create(&r);
    kr_view view = rig_advance(&r, steps);
    double n = (double)view.particles;
    for (size_t i = 0; i < view.dim; i++) {
        const double *x = view.position + i * view.stride;
        double mean = 0, second = 0, fourth = 0;
        for (size_t p = 0; p < view.particles; p++) mean += x[p] / n;
        for (size_t p = 0; p < view.particles; p++) {
            double square = (x[p] - mean) * (x[p] - mean);
            second += square / n, fourth += square * square / n;
        }
        double z = (second - theory[i]) / sqrt((fourth - second * second) / n);
        print_message("%s, lr %g, step %llu, coordinate %zu: variance %.6g, exact %.6g, z %+.2f\n", noise, rate,
                      (unsigned long long)steps, i, second, theory[i], z);
        assert_true(fabs(z) < 4.5);
    }
    rig_destroy(&r);
}

/* Variances over the data of k c and of k (c - x*), and of k; mean k. */
typedef struct moments {
    size_t dim;
    double stiffness, of_stiffness, spread[MOST_DIM];
} moments;

static moments moments_of(const char *parameters) {
    const kr_landscape_type *type = find_landscape(best_registry(), "mean_of_quadratics");
    kr_settings settings = make_settings(&type->about, parameters);
    kr_landscape landscape;
    kr_error error;
    moments m = {0};
    double minimum[MOST_DIM] = {0}, above[MOST_DIM];
    require(kr_landscape_create(&landscape, type, settings.values, NULL, 0, &error), &error);
    m.dim = landscape.dim;
    for (size_t i = 0; i < m.dim; i++) {
        double point;
        landscape.type->candidates(&landscape, i, 1, &point);
        minimum[i] = point;
    }
    landscape.type->curvature(&landscape, 1, minimum, above);
    m.stiffness = above[0];
    kr_landscape_data(&landscape)->spread(&landscape, 1, minimum, m.spread);
    /* var(k (x - c)) at x* + h and x* - h: their mean is above that at x* by h^2 var(k) */
    double sum = 0;
    for (int side = -1; side <= 1; side += 2) {
        for (size_t i = 0; i < m.dim; i++) above[i] = minimum[i] + side;
        double spread[MOST_DIM];
        kr_landscape_data(&landscape)->spread(&landscape, 1, above, spread);
        sum += 0.5 * spread[0];
    }
    m.of_stiffness = sum - m.spread[0];
    kr_landscape_destroy(&landscape);
    kr_settings_destroy(&settings);
    return m;
}

/* Batches that know nothing of each other: y' = (1 - eta k_B) y - eta e_B, where the batch means k_B and e_B of k and of k (x* - c)
 * have share times the variances of these over the data, and so V = eta^2 var(e_B) / (1 - E (1 - eta k_B)^2). */
static void check_independent(const char *landscape, const char *noise, double rate, double share, double jitter) {
    moments m = moments_of(landscape);
    double theory[MOST_DIM], keep = pow(1 - rate * m.stiffness, 2) + rate * rate * share * m.of_stiffness;
    for (size_t i = 0; i < m.dim; i++) theory[i] = rate * rate * (share * m.spread[i] + jitter) / (1 - keep);
    check_stationary(landscape, noise, rate, 150, theory);
}

static void batches_by_themselves(void **state) {
    (void)state;
    const char *equal = "points=100 dim=2", *unequal = "points=100 dim=2 stiffness_spread=0.9";
    check_independent(equal, "batch_size=10 sampling=with_replacement", 0.1, 0.1, 0);
    check_independent(equal, "batch_size=10 sampling=without_replacement", 0.1, 0.1 * 90 / 99, 0);
    check_independent(equal, "batch_size=50 sampling=without_replacement", 0.5, 0.02 * 50 / 99, 0);
    check_independent(unequal, "batch_size=1 sampling=with_replacement", 0.6, 1, 0);
    check_independent(unequal, "batch_size=4 sampling=without_replacement", 1, 0.25 * 96 / 99, 0);
    /* jitter adds its own variance to each center, k = 1 */
    check_independent(equal, "batch_size=10 sampling=with_replacement augment_jitter=0.7", 0.1, 0.1, 0.49 / 10);
}

/* Epochs of m batches. Noises of one epoch have variance s and, since they sum to zero, covariance -s / (m - 1); those of different
 * epochs are independent. With a = 1 - eta k, sums A = 1 + a + ... + a^(j-1) and B of their squares, j steps of an epoch add
 * eta^2 s (B - (A^2 - B) / (m - 1)), and a whole epoch makes a^(2m) of the variance before. */
static double added(double a, size_t j, size_t m) {
    double sum = 0, squares = 0, power = 1;
    for (size_t i = 0; i < j; i++, power *= a) sum += power, squares += power * power;
    return squares - (sum * sum - squares) / ((double)m - 1);
}

static void check_epochs(const char *noise, double rate, size_t batch, size_t after) {
    const char *landscape = "points=100 dim=2";
    moments of = moments_of(landscape);
    size_t m = 100 / batch;
    double a = 1 - rate * of.stiffness, theory[MOST_DIM];
    for (size_t i = 0; i < of.dim; i++) {
        double s = of.spread[i] / (double)batch * (double)(100 - batch) / 99;
        double at_end = rate * rate * s * added(a, m, m) / (1 - pow(a, 2 * (double)m));
        theory[i] = pow(a, 2 * (double)after) * at_end + rate * rate * s * added(a, after, m);
        if (a > 0) assert_true(theory[i] < rate * rate * s / (1 - a * a)); /* what batches by themselves would have */
    }
    check_stationary(landscape, noise, rate, m * (size_t)(150 / (double)m / fmin(1, 10 * rate) + 1) + after, theory);
}

/* The noise of an epoch adds up to nothing, and the less is left of it the less is forgotten on the way: of what batches by
 * themselves would make 9 % at the end of an epoch of ten batches and 40 % in its middle at lr k = 0.1, 0.4 % and 10 % at 0.02, and
 * nearly all where a step forgets everything. */
static void epochs_leave_less(void **state) {
    (void)state;
    check_epochs("batch_size=10", 0.1, 10, 0);
    check_epochs("batch_size=10", 0.1, 10, 5);
    check_epochs("batch_size=10", 0.02, 10, 0);
    check_epochs("batch_size=10", 0.02, 10, 5);
    check_epochs("batch_size=5", 0.7, 5, 13);
    check_epochs("batch_size=50", 1.1, 50, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(covariance_on_parabolas),
        cmocka_unit_test(covariance_on_a_network),
        cmocka_unit_test(batches_by_themselves),
        cmocka_unit_test(epochs_leave_less),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
