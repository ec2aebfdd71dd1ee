/* Curvature where particles are, against whole Hessians, PyTorch's eigenvalues and closed forms. */
#include "observed_scene.h"
#include "sanitized.h"

#include "numerics/eigen.h"

#include <kramers/data_sum.h>

#include <json.h>
#include <stdlib.h>

enum { TEXT = 16384 };

/* A scene that begins where this row of the reference does. */
static void reference_scene(json_object *row, const char *observer, int particles, int seed, char text[TEXT]) {
    json_object *sizes = json_object_object_get(row, "sizes"), *start = json_object_object_get(row, "start");
    size_t used = (size_t)snprintf(
        text, TEXT, "landscape: {name: network, data: %s/tests/%s, activation: %s, residual: %s, loss: %s, hidden: [",
        KR_SOURCE_DIRECTORY, json_object_get_string(json_object_object_get(row, "file")),
        json_object_get_string(json_object_object_get(row, "activation")),
        json_object_get_string(json_object_object_get(row, "residual")),
        json_object_get_string(json_object_object_get(row, "loss_kind")));
    for (size_t l = 1; l + 1 < json_object_array_length(sizes); l++)
        used += (size_t)snprintf(text + used, TEXT - used, "%s%d", l > 1 ? ", " : "",
                                 json_object_get_int(json_object_array_get_idx(sizes, l)));
    used += (size_t)snprintf(text + used, TEXT - used,
                             "]}\ndynamics: {name: sgd}\nschedule: {lr: 0.05}\nensemble: {particles: %d, steps: 1, "
                             "seed: %d, start: {point: [",
                             particles, seed);
    for (size_t i = 0; i < json_object_array_length(start); i++)
        used += (size_t)snprintf(text + used, TEXT - used, "%s%.17g", i ? ", " : "",
                                 json_object_get_double(json_object_array_get_idx(start, i)));
    snprintf(text + used, TEXT - used, "]}}\n%s\n", observer);
}

static double first_of(const observed *o, const char *name) {
    kr_value value;
    assert_true(observed_value(o, name, &value) && value.size[0] > 0);
    return *(const double *)value.data;
}

static void eigenvalues_are_those_of_pytorch(void **state) {
    (void)state;
    json_object *networks = json_object_from_file(KR_SOURCE_DIRECTORY "/tests/network_reference.json");
    for (size_t i = 0; i < json_object_array_length(networks); i++) {
        json_object *row = json_object_array_get_idx(networks, i);
        static char text[TEXT];
        observed o;
        reference_scene(row, "sharpness: {every: 1, particles: 3, tolerance: 1e-7}", 5, 1, text);
        observed_run(&o, text, 1);
        double largest = json_object_get_double(json_object_object_get(row, "hessian_largest"));
        double smallest = json_object_get_double(json_object_object_get(row, "hessian_smallest"));
        assert_close(first_of(&o, "sharpness.series_largest"), largest, 1e-9, 0);
        assert_close(first_of(&o, "sharpness.series_smallest"), smallest, 1e-9, 0);
        assert_close(first_of(&o, "sharpness.series_lr_times_largest"), 0.05 * largest, 1e-9, 0);
        assert_close(first_of(&o, "sharpness.series_stability_limit"), 2, 0, 0);
        assert_int_equal(observed_count(&o, "sharpness.unconverged"), 0);
        assert_int_equal(observed_count(&o, "sharpness.particles"), 3);
        observed_end(&o);
    }
    json_object_put(networks);
}

/* All particles at one place: the traces scatter as the probes alone make them, by the error that is stated. |t| > 4 of 255 degrees
 * of freedom has p = 8e-5, a relative error of the variance beyond 0.35, were traces normal, p = 2e-4: 5e-4 for both networks. */
static void traces_scatter_by_their_stated_error(void **state) {
    (void)state;
    json_object *networks = json_object_from_file(KR_SOURCE_DIRECTORY "/tests/network_reference.json");
    for (size_t i = 0; i < json_object_array_length(networks); i++) {
        json_object *row = json_object_array_get_idx(networks, i);
        static char text[TEXT];
        int many = SANITIZED ? 64 : 256;
        observed o;
        reference_scene(row, "sharpness: {every: 1000, discard: 1, particles: 0, tolerance: 0.1, probes: 10, directions: 1}", many,
                        3, text);
        observed_run(&o, text, 2);
        double exact, deviation = observed_number(&o, "sharpness.trace_deviation"),
                      stated = observed_number(&o, "sharpness.trace_error");
        kr_view view = kr_run_view(o.run);
        double *x = malloc(2 * view.dim * sizeof *x), *curvature = x + view.dim;
        for (size_t k = 0; k < view.dim; k++) x[k] = view.position[k * view.stride];
        kr_landscape_curvature(view.landscape, 1, x, curvature);
        exact = 0;
        for (size_t k = 0; k < view.dim; k++) exact += curvature[k];
        assert_close(observed_number(&o, "sharpness.trace"), exact, 0, 4 * deviation / sqrt(many));
        assert_close(deviation * deviation, stated * stated, SANITIZED ? 0.7 : 0.35, 0);
        free(x);
        observed_end(&o);
    }
    json_object_put(networks);
}

/* The 95 % interval of the mean trace covers the true one in 19 of 20 runs: of 60, fewer than 50 have p = 2e-4. */
static void intervals_cover(void **state) {
    (void)state;
    json_object *networks = json_object_from_file(KR_SOURCE_DIRECTORY "/tests/network_reference.json");
    json_object *row = json_object_array_get_idx(networks, 1);
    double exact = json_object_get_double(json_object_object_get(row, "hessian_trace"));
    int runs = SANITIZED ? 15 : 60, covered = 0;
    for (int seed = 1; seed <= runs; seed++) {
        static char text[TEXT];
        observed o;
        reference_scene(row, "sharpness: {every: 1, particles: 0, tolerance: 0.1, probes: 2, directions: 1}\n", 40, seed, text);
        memcpy(strstr(text, "lr: 0.05"), "lr: 1e-9", 8);
        observed_run(&o, text, 2);
        kr_interval interval = observed_interval(&o, "sharpness.trace_ci95");
        covered += interval.low <= exact && exact <= interval.high;
        observed_end(&o);
    }
    assert_true(covered >= (SANITIZED ? 11 : 50));
    json_object_put(networks);
}

static const char crowd[] =
    "landscape: {name: network, data: moons, points: 40, hidden: [7]}\ndynamics: {name: sgd, weight_decay: 0.03}\n"
    "noise: {name: minibatch, batch_size: 4, sampling: without_replacement}\nschedule: {lr: 0.2}\n"
    "ensemble: {particles: 70, steps: 30, start: {random: kaiming_uniform}}\n";

static void gather(const kr_view *view, size_t p, double *x) {
    for (size_t i = 0; i < view->dim; i++) x[i] = view->position[i * view->stride + p];
}

/* Of each datum from differences of its own gradient, unlike the observer's from one direction. */
static double growth_by_hand(const kr_landscape *landscape, const double *x, const double *top, double a, double rate,
                             double batch) {
    const kr_data_sum *data = kr_landscape_data(landscape);
    size_t dim = landscape->dim, count = data->data(landscape, KR_DATA_TRAIN).count;
    double *work = calloc(4 * dim, sizeof *work), *one = work + dim, *two = one + dim, *mean = two + dim, square = 0, length = 0;
    for (uint32_t m = 0; m < count; m++) {
        double own = 0;
        for (int order = 1; order <= 2; order++) { /* fourth order: steps h and 2h */
            double h = 1e-3 * order, weight = order == 1 ? 4.0 / 3.0 : -1.0 / 3.0;
            for (size_t i = 0; i < dim; i++) work[i] = x[i] + h * top[i];
            data->gradient(landscape, 1, 1, &m, NULL, work, one);
            for (size_t i = 0; i < dim; i++) work[i] = x[i] - h * top[i];
            data->gradient(landscape, 1, 1, &m, NULL, work, two);
            for (size_t i = 0; i < dim; i++) one[i] = weight * (one[i] - two[i]) / (2 * h);
            for (size_t i = 0; i < dim; i++) mean[i] = order == 1 ? one[i] : mean[i] + one[i];
        }
        for (size_t i = 0; i < dim; i++) own += mean[i] * mean[i];
        square += own / (double)count;
    }
    double *product = one;
    kr_error error;
    require(kr_landscape_hessian_times(landscape, 1, x, top, product, &error), &error);
    for (size_t i = 0; i < dim; i++) {
        double bare = product[i] - landscape->weight_decay * top[i];
        length += bare * bare;
    }
    double m = (double)count, gamma = (m - batch) / (batch * (m - 1));
    free(work);
    return (1 - rate * a) * (1 - rate * a) + rate * rate * gamma * (square - length);
}

/* Means over the particles, weight decay included, after some steps of training. */
static void particles_have_their_own_hessians(void **state) {
    (void)state;
    char text[1000];
    observed o;
    snprintf(text, sizeof text, "%ssharpness: {every: 15, particles: 0, tolerance: 1e-6, radius: 1e-3, directions: 200}\n", crowd);
    observed_run(&o, text, 2);
    kr_view view = kr_run_view(o.run);
    size_t dim = view.dim;
    assert_true(dim > 32);
    double *x = malloc((dim + 2 * dim * dim + dim) * sizeof *x), *hessian = x + dim, *vector = hessian + dim * dim,
           *value = vector + dim * dim;
    double largest = 0, smallest = 0, trace = 0, growth = 0;
    for (size_t p = 0; p < 70; p++) {
        double sum = 0;
        gather(&view, p, x);
        kr_landscape_hessian(view.landscape, 1, x, hessian);
        for (size_t i = 0; i < dim; i++) sum += hessian[i * dim + i];
        assert_true(kr_symmetric_eigen(dim, hessian, value, vector));
        largest += value[dim - 1] / 70;
        smallest += value[0] / 70;
        trace += sum / 70;
        growth += growth_by_hand(view.landscape, x, vector + (dim - 1) * dim, value[dim - 1], 0.2, 4) / 70;
    }
    assert_close(observed_number(&o, "sharpness.largest"), largest, 1e-8, 0);
    assert_close(observed_number(&o, "sharpness.smallest"), smallest, 1e-8, 1e-8);
    assert_close(observed_number(&o, "sharpness.lr_times_largest"), 0.2 * largest, 1e-8, 0);
    assert_close(observed_number(&o, "sharpness.mean_square_growth"), growth, 1e-6, 0);
    assert_close(observed_number(&o, "sharpness.trace"), trace, 0, 4.5 * observed_number(&o, "sharpness.trace_error") / sqrt(70));
    /* r^2 Tr H / (2 d) to leading order, over 14000 lines */
    assert_close(observed_number(&o, "sharpness.rise"), 0.5e-6 * trace / (double)dim, 0.05, 0);
    free(x);
    observed_end(&o);
}

/* Landscapes whose spectra are known: each dynamics has its own limit. That of langevin's steps, BAOAB, is 4 at any friction. */
static void limits_are_those_of_the_dynamics(void **state) {
    (void)state;
    static const struct {
        const char *dynamics;
        double limit;
    } cases[] = {{"{name: sgd}", 2}, {"{name: momentum, momentum: 0.5}", 3}, {"{name: langevin}", 4}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        char text[500];
        observed o;
        snprintf(text, sizeof text,
                 "landscape: {name: harmonic, dim: 3, stiffness: 4}\ndynamics: %s\nschedule: {lr: 0.1}\n"
                 "ensemble: {particles: 9, steps: 5, start: {point: 0.1}}\nsharpness: {every: 2}\n",
                 cases[c].dynamics);
        observed_run(&o, text, 1);
        assert_close(observed_number(&o, "sharpness.largest"), 4, 1e-14, 0);
        assert_close(observed_number(&o, "sharpness.trace"), 12, 1e-14, 0);
        assert_close(observed_number(&o, "sharpness.trace_error"), 0, 0, 0);
        assert_close(observed_number(&o, "sharpness.rise"), 2, 1e-12, 0);
        assert_close(observed_number(&o, "sharpness.lr_times_largest"), 0.4, 1e-14, 0);
        assert_close(observed_number(&o, "sharpness.stability_limit"), cases[c].limit, 1e-8, 0);
        assert_close(observed_number(&o, "sharpness.beyond_stability"), 0, 0, 0);
        assert_true(isnan(observed_number(&o, "sharpness.mean_square_growth")));
        assert_int_equal(observed_count(&o, "sharpness.samples"), 3);
        observed_end(&o);
    }
}

/* Full-batch gradient descent sharpens until learning rate x curvature is about 2, and stays there (Cohen et al. 2021). */
static void gradient_descent_comes_to_its_edge(void **state) {
    (void)state;
    char text[500];
    observed o;
    kr_value value;
    snprintf(text, sizeof text,
             "landscape: {name: network, data: moons, points: 80, hidden: [20, 20], loss: squared}\ndynamics: {name: sgd}\n"
             "schedule: {lr: 0.4}\nensemble: {particles: %d, steps: 2000, start: {random: kaiming_uniform}}\n"
             "sharpness: {every: 500, particles: 0}\n",
             SANITIZED ? 3 : 12);
    observed_run(&o, text, 2);
    assert_true(observed_value(&o, "sharpness.series_lr_times_largest", &value) && value.size[0] == 5);
    const double *series = value.data;
    assert_true(series[0] < 1.7);
    for (size_t i = 1; i < 5; i++) assert_close(series[i], 2, SANITIZED ? 0.15 : 0.08, 0);
    observed_end(&o);
}

static void division_cannot_be_seen(void **state) {
    (void)state;
    char text[1000];
    snprintf(text, sizeof text, "%ssharpness: {every: 7}\n", crowd);
    observed_division_cannot_be_seen(text, "sharpness");
}

static void resumed_runs_have_the_same(void **state) {
    (void)state;
    char text[1000];
    snprintf(text, sizeof text, "%ssharpness: {every: 7}\ntrajectory: {every: 10, particles: 3}\n", crowd);
    observed_resumed_is_the_same(text, "sharpness");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(eigenvalues_are_those_of_pytorch),
                                       cmocka_unit_test(traces_scatter_by_their_stated_error),
                                       cmocka_unit_test(intervals_cover),
                                       cmocka_unit_test(particles_have_their_own_hessians),
                                       cmocka_unit_test(limits_are_those_of_the_dynamics),
                                       cmocka_unit_test(gradient_descent_comes_to_its_edge),
                                       cmocka_unit_test(division_cannot_be_seen),
                                       cmocka_unit_test(resumed_runs_have_the_same)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
