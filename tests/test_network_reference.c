/* Networks that PyTorch 1.13 computed in float64, of network_reference.json and network_cases.json (make_network_cases.py): loss,
 * accuracy, gradient, Hessian and 60 steps of training with all data. Vectors are compared with the size of their largest
 * component. */
#include "rig.h"

#include "numerics/eigen.h"

#include <kramers/data_sum.h>

#include <json.h>

static const char *const files[] = {"network_reference.json", "network_cases.json"};
enum { FILES = 2 };
static json_object *networks[FILES];

static int read_networks(void **state) {
    (void)state;
    for (size_t f = 0; f < FILES; f++) {
        char path[512];
        snprintf(path, sizeof path, "%s/tests/%s", KR_SOURCE_DIRECTORY, files[f]);
        networks[f] = json_object_from_file(path);
        if (!networks[f]) return -1;
    }
    return 0;
}

static int forget_networks(void **state) {
    (void)state;
    for (size_t f = 0; f < FILES; f++) json_object_put(networks[f]);
    return 0;
}

static void for_every_network(void (*check)(json_object *row)) {
    for (size_t f = 0; f < FILES; f++) {
        size_t count = json_object_array_length(networks[f]);
        assert_true(count > 0);
        for (size_t i = 0; i < count; i++) check(json_object_array_get_idx(networks[f], i));
    }
}

static const char *text_of(json_object *row, const char *key) {
    return json_object_get_string(json_object_object_get(row, key));
}

static double number_of(json_object *row, const char *key) {
    return json_object_get_double(json_object_object_get(row, key));
}

static double *list_of(json_object *row, const char *key, size_t count) {
    json_object *list = json_object_object_get(row, key);
    assert_int_equal(json_object_array_length(list), count);
    double *numbers = malloc((count + 1) * sizeof *numbers);
    assert_non_null(numbers);
    for (size_t i = 0; i < count; i++) numbers[i] = json_object_get_double(json_object_array_get_idx(list, i));
    return numbers;
}

/* A landscape as the row says. */
static rig rig_of(json_object *row, char text[512]) {
    json_object *sizes = json_object_object_get(row, "sizes");
    size_t count = json_object_array_length(sizes), used;
    used = (size_t)snprintf(text, 512, "data=%s/tests/%s activation=%s residual=%s loss=%s hidden=[", KR_SOURCE_DIRECTORY,
                            text_of(row, "file"), text_of(row, "activation"), text_of(row, "residual"), text_of(row, "loss_kind"));
    for (size_t l = 1; l + 1 < count; l++)
        used += (size_t)snprintf(text + used, 512 - used, "%s%d", l > 1 ? "," : "",
                                 json_object_get_int(json_object_array_get_idx(sizes, l)));
    snprintf(text + used, 512 - used, "]");
    return (rig){.landscape = "network", .landscape_parameters = text};
}

static void assert_vectors_close(size_t count, const double *a, const double *b, double tolerance, json_object *row,
                                 const char *what) {
    double largest = 0;
    for (size_t i = 0; i < count; i++) largest = fmax(largest, fabs(b[i]));
    for (size_t i = 0; i < count; i++)
        if (!(fabs(a[i] - b[i]) <= tolerance * largest))
            fail_msg("%s %s: component %zu is %.17g, not %.17g", text_of(row, "name"), what, i, a[i], b[i]);
}

static void check_derivatives(const kr_landscape *landscape, json_object *row) {
    size_t dim = landscape->dim;
    double *x = list_of(row, "start", dim), *gradient = list_of(row, "gradient", dim), *direction = list_of(row, "direction", dim);
    double *product = list_of(row, "hessian_times_direction", dim), *ours = malloc(dim * sizeof *ours), loss, correct;
    kr_error error;
    kr_landscape_energy(landscape, 1, x, &loss);
    assert_close(loss, number_of(row, "loss"), 1e-12, 0);
    kr_landscape_data(landscape)->evaluate(landscape, KR_DATA_TRAIN, 1, x, &loss, &correct);
    assert_close(loss, number_of(row, "loss"), 1e-12, 0);
    assert_close(correct, number_of(row, "accuracy"), 1e-14, 0);
    kr_landscape_gradient(landscape, 1, x, ours);
    assert_vectors_close(dim, ours, gradient, 1e-12, row, "gradient");
    assert_int_equal(kr_landscape_hessian_times(landscape, 1, x, direction, ours, &error), KR_OK);
    assert_vectors_close(dim, ours, product, 1e-12, row, "Hessian times direction");
    free(ours);
    free(product);
    free(direction);
    free(gradient);
    free(x);
}

static void check_spectrum(const kr_landscape *landscape, json_object *row) {
    size_t dim = landscape->dim;
    double *x = list_of(row, "start", dim), *hessian = malloc(dim * dim * sizeof *hessian), *value = malloc(dim * sizeof *value);
    double *curvature = malloc(dim * sizeof *curvature), trace = 0;
    kr_landscape_hessian(landscape, 1, x, hessian);
    kr_landscape_curvature(landscape, 1, x, curvature);
    for (size_t i = 0; i < dim; i++) {
        trace += hessian[i * dim + i];
        assert_true(curvature[i] == hessian[i * dim + i]);
    }
    assert_true(kr_symmetric_eigen(dim, hessian, value, NULL));
    double scale = number_of(row, "hessian_largest");
    assert_close(trace, number_of(row, "hessian_trace"), 1e-9, 0);
    assert_close(value[dim - 1], scale, 1e-9, 0);
    assert_close(value[0], number_of(row, "hessian_smallest"), 1e-9, 1e-13 * scale);
    free(curvature);
    free(value);
    free(hessian);
    free(x);
}

static void check_one_point(json_object *row) {
    char text[512];
    rig r = rig_of(row, text);
    const kr_landscape_type *type = find_landscape(best_registry(), r.landscape);
    kr_settings settings = make_settings(&type->about, text);
    kr_landscape landscape;
    kr_error error;
    require(kr_landscape_create(&landscape, type, settings.values, NULL, 0, &error), &error);
    check_derivatives(&landscape, row);
    check_spectrum(&landscape, row);
    kr_landscape_destroy(&landscape);
    kr_settings_destroy(&settings);
}

static void DerivativesOfEveryNetwork(void **state) {
    (void)state;
    for_every_network(check_one_point);
}

enum { STEPS = 60, PARTICLES = 3 };

/* losses[k] is that of step k, before it. */
static void check_training(rig *r, json_object *row) {
    size_t dim = r->made_landscape.dim;
    double *losses = list_of(row, "losses", STEPS), *end = list_of(row, "end", dim), *ours = malloc(dim * sizeof *ours);
    for (size_t k = 0; k <= STEPS; k++) {
        kr_view view = kr_ensemble_view(r->ensemble);
        for (size_t p = 0; p < PARTICLES; p++) {
            double loss;
            for (size_t i = 0; i < dim; i++) ours[i] = view.position[i * view.stride + p];
            kr_landscape_energy(&r->made_landscape, 1, ours, &loss);
            if (k < STEPS)
                assert_close(loss, losses[k], 1e-9, 0);
            else
                assert_vectors_close(dim, ours, end, 1e-9, row, "end of training");
        }
        if (k < STEPS) rig_advance(r, 1);
    }
    free(ours);
    free(end);
    free(losses);
}

static void train(json_object *row) {
    char text[512], schedule[256];
    kr_error error;
    rig r = rig_of(row, text);
    double rate = number_of(row, "lr");
    snprintf(schedule, sizeof schedule, "lr=%.17g lr_min=%.17g period=20 period_mult=2", rate, rate / 100);
    r.dynamics = text_of(row, "optimizer");
    r.schedule = "cosine_restarts";
    r.schedule_parameters = schedule;
    r.steps = STEPS;
    rig_make(&r);
    double *start = list_of(row, "start", r.made_landscape.dim);
    kr_ensemble_setup setup = {.registry = r.registry,
                               .landscape = &r.made_landscape,
                               .noise = &r.made_noise,
                               .dynamics = &r.made_dynamics,
                               .schedule = &r.made_schedule,
                               .start = start,
                               .particles = PARTICLES};
    require(kr_ensemble_create(&r.ensemble, &setup, &error), &error);
    check_training(&r, row);
    rig_destroy(&r);
    free(start);
}

static void TrainingOfEveryNetwork(void **state) {
    (void)state;
    for_every_network(train);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(DerivativesOfEveryNetwork),
        cmocka_unit_test(TrainingOfEveryNetwork),
    };
    return cmocka_run_group_tests(tests, read_networks, forget_networks);
}
