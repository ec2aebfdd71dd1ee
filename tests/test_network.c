/* What a network gives as a mean over data: batches, spread, evaluation and predictions, each against one datum at a time; the same
 * bits however particles are put together, and from every instruction set. */
#include "landscape_fixture.h"

#include <kramers/data_sum.h>

#define NET_A "data=" KR_SOURCE_DIRECTORY "/tests/net_a.h5 "
#define NET_B "data=" KR_SOURCE_DIRECTORY "/tests/net_b.h5 "

/* Numbers in [-1, 1) that fill it evenly. */
static double number(size_t i) {
    double t = (double)(i + 1) * 0.6180339887498949;
    return 2 * (t - floor(t)) - 1;
}

static double *points(size_t count) {
    double *x = malloc((count + 1) * sizeof *x);
    assert_non_null(x);
    for (size_t i = 0; i < count; i++) x[i] = number(i);
    return x;
}

static uint32_t *choices(size_t count, size_t of) {
    uint32_t *index = malloc((count + 1) * sizeof *index);
    assert_non_null(index);
    for (size_t i = 0; i < count; i++) index[i] = (uint32_t)(i * 7919 % of);
    return index;
}

static const char *const networks[] = {NET_A "hidden=[6,6]", NET_B "hidden=[5,5] residual=true activation=silu loss=squared",
                                       NET_A "hidden=[] loss=cross_entropy", NET_B "hidden=[9] activation=gelu"};
enum { NETWORKS = sizeof networks / sizeof *networks };

typedef void check(const kr_landscape *landscape, const kr_data_sum *sum);

static void for_every_network(check *run) {
    for (size_t i = 0; i < NETWORKS; i++) {
        fixture f = fixture_open("network", 0, networks[i]);
        run(&f.landscape, kr_landscape_data(&f.landscape));
        fixture_close(&f);
    }
}

/* ---- batches ---- */

/* All data in their order are the gradient of the landscape, to the bit; so are they as inputs that were made for each particle. */
static void check_whole_batch(const kr_landscape *landscape, const kr_data_sum *sum) {
    enum { N = 11 };
    kr_data data = sum->data(landscape, KR_DATA_TRAIN);
    size_t dim = landscape->dim;
    double *x = points(dim * N), *whole = points(dim * N), *batch = points(dim * N), *input = points(data.count * data.inputs * N);
    uint32_t *index = choices(data.count * N, 1);
    for (size_t m = 0; m < data.count; m++)
        for (size_t p = 0; p < N; p++) {
            index[m * N + p] = (uint32_t)m;
            for (size_t i = 0; i < data.inputs; i++) input[(m * data.inputs + i) * N + p] = data.input[m * data.inputs + i];
        }
    kr_landscape_gradient(landscape, N, x, whole);
    sum->gradient(landscape, N, data.count, index, NULL, x, batch);
    assert_memory_equal(whole, batch, dim * N * sizeof *batch);
    memset(batch, 0, dim * N * sizeof *batch);
    sum->gradient(landscape, N, data.count, index, input, x, batch);
    assert_memory_equal(whole, batch, dim * N * sizeof *batch);
    free(index);
    free(input);
    free(batch);
    free(whole);
    free(x);
}

static void the_batch_of_all_data_is_the_gradient(void **state) {
    (void)state;
    for_every_network(check_whole_batch);
}

/* A batch is the mean of batches of one. */
static void check_mean(const kr_landscape *landscape, const kr_data_sum *sum) {
    enum { N = 9, BATCH = 37 };
    size_t dim = landscape->dim;
    double *x = points(dim * N), *batch = points(dim * N), *one = points(dim * N), *mean = calloc(dim * N, sizeof *mean);
    uint32_t *index = choices(BATCH * N, sum->data(landscape, KR_DATA_TRAIN).count);
    sum->gradient(landscape, N, BATCH, index, NULL, x, batch);
    for (size_t b = 0; b < BATCH; b++) {
        sum->gradient(landscape, N, 1, index + b * N, NULL, x, one);
        for (size_t k = 0; k < dim * N; k++) mean[k] += one[k] / BATCH;
    }
    for (size_t k = 0; k < dim * N; k++) assert_close(batch[k], mean[k], 1e-12, 1e-14);
    free(index);
    free(mean);
    free(one);
    free(batch);
    free(x);
}

static void a_batch_is_the_mean_of_its_data(void **state) {
    (void)state;
    for_every_network(check_mean);
}

/* ---- spread ---- */

static void check_spread(const kr_landscape *landscape, const kr_data_sum *sum) {
    enum { N = 5 };
    size_t dim = landscape->dim, count = sum->data(landscape, KR_DATA_TRAIN).count;
    double *x = points(dim * N), *spread = points(dim * N), *mean = points(dim * N), *one = points(dim * N);
    double *expected = calloc(dim * N, sizeof *expected);
    uint32_t index[N];
    sum->spread(landscape, N, x, spread);
    kr_landscape_gradient(landscape, N, x, mean);
    for (size_t m = 0; m < count; m++) {
        for (size_t p = 0; p < N; p++) index[p] = (uint32_t)m;
        sum->gradient(landscape, N, 1, index, NULL, x, one);
        for (size_t k = 0; k < dim * N; k++) expected[k] += (one[k] - mean[k]) * (one[k] - mean[k]) / (double)count;
    }
    for (size_t k = 0; k < dim * N; k++) assert_close(spread[k], expected[k], 1e-11, 1e-30);
    free(expected);
    free(one);
    free(mean);
    free(spread);
    free(x);
}

static void spread_is_the_variance_over_the_data(void **state) {
    (void)state;
    for_every_network(check_spread);
}

/* ---- evaluation and predictions ---- */

/* From the predicted probabilities; of cross entropy the loss too. */
static void check_evaluation(const kr_landscape *landscape, const kr_data_sum *sum) {
    enum { N = 10 };
    double *x = points(landscape->dim * N), loss[N], correct[N], energy[N];
    for (int part = KR_DATA_TRAIN; part <= KR_DATA_TEST; part++) {
        kr_data data = sum->data(landscape, (kr_data_part)part);
        double *q = points(data.count * data.classes * N);
        sum->evaluate(landscape, (kr_data_part)part, N, x, loss, correct);
        sum->predict(landscape, data.count, data.input, N, x, q);
        for (size_t p = 0; p < N; p++) {
            double hits = 0, entropy = 0;
            for (size_t m = 0; m < data.count; m++) {
                size_t best = 0;
                double total = 0;
                for (size_t c = 0; c < data.classes; c++) {
                    double here = q[(m * data.classes + c) * N + p];
                    total += here;
                    if (here > q[(m * data.classes + best) * N + p]) best = c;
                }
                assert_close(total, 1, 1e-14, 0);
                hits += best == data.label[m];
                entropy -= log(q[(m * data.classes + data.label[m]) * N + p]);
            }
            assert_close(correct[p], hits / (double)data.count, 1e-14, 0);
            if (kr_get_by_name(&landscape->type->about, landscape->values, "loss", 0) == 0)
                assert_close(loss[p], entropy / (double)data.count, 1e-12, 0);
        }
        free(q);
    }
    sum->evaluate(landscape, KR_DATA_TRAIN, N, x, loss, NULL);
    kr_landscape_energy(landscape, N, x, energy);
    assert_memory_equal(loss, energy, sizeof loss);
    free(x);
}

static void evaluation_agrees_with_predictions(void **state) {
    (void)state;
    for_every_network(check_evaluation);
}

/* Outputs of 0 everywhere: the lowest class is taken. Those that are not numbers are nothing. */
static void equal_outputs_count_as_the_lowest_class(void **state) {
    (void)state;
    fixture f = fixture_open("network", 0, NET_A "hidden=[4]");
    const kr_data_sum *sum = kr_landscape_data(&f.landscape);
    kr_data data = sum->data(&f.landscape, KR_DATA_TRAIN);
    double *x = calloc(f.landscape.dim * 2, sizeof *x), loss[2], correct[2], lowest = 0;
    for (size_t m = 0; m < data.count; m++) lowest += data.label[m] == 0;
    for (size_t i = 0; i < f.landscape.dim; i++) x[2 * i + 1] = NAN;
    sum->evaluate(&f.landscape, KR_DATA_TRAIN, 2, x, loss, correct);
    assert_close(correct[0], lowest / (double)data.count, 1e-15, 0);
    assert_close(loss[0], log((double)data.classes), 1e-14, 0);
    assert_true(correct[1] == 0 && isnan(loss[1]));
    free(x);
    fixture_close(&f);
}

/* Huge outputs overflow nowhere. */
static void large_weights_are_no_trouble(void **state) {
    (void)state;
    fixture f = fixture_open("network", 0, NET_A "hidden=[4] activation=relu");
    const kr_data_sum *sum = kr_landscape_data(&f.landscape);
    size_t dim = f.landscape.dim;
    double *x = points(dim), *gradient = points(dim), loss;
    for (size_t i = 0; i < dim; i++) x[i] *= 1e100;
    sum->evaluate(&f.landscape, KR_DATA_TRAIN, 1, x, &loss, NULL);
    assert_true(isfinite(loss) && loss > 1e90);
    kr_landscape_gradient(&f.landscape, 1, x, gradient);
    for (size_t i = 0; i < dim; i++) assert_true(isfinite(gradient[i]));
    free(gradient);
    free(x);
    fixture_close(&f);
}

/* softplus is the straight line beyond 20, as in PyTorch: log(1 + exp z) is 2.1e-9 above it there, and slope and curvature are off
 * by as much. All hidden units stand at z, whatever the data, and one of them reaches one output: V = mean over data and outputs of
 * (y - t)^2 with y = w f(z). */
static void softplus_is_straight_beyond_twenty(void **state) {
    (void)state;
    static const double places[] = {-40, -1, 0, 19, 19.999, 20, 20 + 4e-15, 20.001, 25, 800};
    const double w = 0.3;
    fixture f = fixture_open("network", 0, NET_A "hidden=[2] activation=softplus loss=squared");
    const kr_data_sum *sum = kr_landscape_data(&f.landscape);
    const kr_data data = sum->data(&f.landscape, KR_DATA_TRAIN);
    kr_network_layer layer[2];
    size_t dim = f.landscape.dim;
    double *x = calloc(3 * dim, sizeof *x), *direction = x + dim, *product = direction + dim, *gradient = points(dim), first = 0;
    kr_error error;
    sum->layers(&f.landscape, layer);
    for (size_t m = 0; m < data.count; m++) first += (data.label[m] == 0) / (double)data.count;
    x[layer[1].weight] = w;
    direction[layer[0].bias] = 1;
    for (size_t k = 0; k < sizeof places / sizeof *places; k++) {
        double z = places[k], classes = (double)data.classes, energy;
        bool straight = z > 20;
        double value = straight ? z : log1p(exp(-fabs(z))) + fmax(z, 0), slope = straight ? 1 : 1 / (1 + exp(-z)),
               curl = straight ? 0 : exp(-fabs(z)) / pow(1 + exp(-fabs(z)), 2), y = w * value;
        if (straight) assert_close(log1p(exp(-z)), 0, 0, 2.07e-9);
        x[layer[0].bias] = x[layer[0].bias + 1] = z;
        kr_landscape_energy(&f.landscape, 1, x, &energy);
        assert_close(energy, (y * y - 2 * y * first + 1) / classes, 1e-13, 0);
        kr_landscape_gradient(&f.landscape, 1, x, gradient);
        assert_close(gradient[layer[0].bias], 2 * (y - first) * w * slope / classes, 1e-13, 0);
        assert_close(gradient[layer[1].weight], 2 * (y - first) * value / classes, 1e-13, 0);
        assert_int_equal(kr_landscape_hessian_times(&f.landscape, 1, x, direction, product, &error), KR_OK);
        assert_close(product[layer[0].bias], 2 * w * (w * slope * slope + (y - first) * curl) / classes, 1e-12, 0);
        assert_close(product[layer[1].weight], 2 * slope * (2 * y - first) / classes, 1e-12, 0);
    }
    free(gradient);
    free(x);
    fixture_close(&f);
}

/* ---- layers ---- */

static void layers_are_where_they_are_said_to_be(void **state) {
    (void)state;
    fixture f = fixture_open("network", 0, NET_A "hidden=[5,5,4] residual=true");
    const kr_data_sum *sum = kr_landscape_data(&f.landscape);
    kr_network_layer layer[4];
    assert_int_equal(sum->layers(&f.landscape, NULL), 4);
    assert_int_equal(sum->layers(&f.landscape, layer), 4);
    static const size_t widths[] = {3, 5, 5, 4, 3};
    size_t at = 0;
    for (size_t l = 0; l < 4; l++) {
        assert_int_equal(layer[l].inputs, widths[l]);
        assert_int_equal(layer[l].outputs, widths[l + 1]);
        assert_int_equal(layer[l].weight, at);
        assert_int_equal(layer[l].bias, at + widths[l] * widths[l + 1]);
        assert_int_equal(layer[l].residual, l == 1);
        at = layer[l].bias + widths[l + 1];
    }
    assert_int_equal(f.landscape.dim, at);
    fixture_close(&f);
}

/* ---- the same bits ---- */

enum { MANY = 70, BATCH = 13, OUTPUTS = 6 };

/* Everything of n particles, the first of MANY: loss, correct; gradient of a batch, spread, Hessian times direction; predictions.
 */
static void compute(const kr_landscape *landscape, size_t n, size_t from, double *out[OUTPUTS]) {
    const kr_data_sum *sum = kr_landscape_data(landscape);
    kr_data data = sum->data(landscape, KR_DATA_TRAIN);
    size_t dim = landscape->dim;
    double *all = points(dim * MANY), *x = points(dim * n), *direction = points(dim * n);
    uint32_t *chosen = choices(BATCH * MANY, data.count), *index = choices(BATCH * n, 1);
    for (size_t i = 0; i < dim; i++)
        for (size_t p = 0; p < n; p++) {
            x[i * n + p] = all[i * MANY + from + p];
            direction[i * n + p] = all[(dim - 1 - i) * MANY + from + p];
        }
    for (size_t b = 0; b < BATCH; b++)
        for (size_t p = 0; p < n; p++) index[b * n + p] = chosen[b * MANY + from + p];
    sum->evaluate(landscape, KR_DATA_TEST, n, x, out[0], out[1]);
    sum->gradient(landscape, n, BATCH, index, NULL, x, out[2]);
    sum->spread(landscape, n, x, out[3]);
    assert_int_equal(kr_landscape_hessian_times(landscape, n, x, direction, out[4], NULL), KR_OK);
    sum->predict(landscape, 5, data.input, n, x, out[5]);
    free(index);
    free(chosen);
    free(direction);
    free(x);
    free(all);
}

static void make_room(const kr_landscape *landscape, size_t n, double *out[OUTPUTS], size_t rows[OUTPUTS]) {
    size_t classes = kr_landscape_data(landscape)->data(landscape, KR_DATA_TRAIN).classes;
    const size_t counts[OUTPUTS] = {1, 1, landscape->dim, landscape->dim, landscape->dim, 5 * classes};
    for (size_t k = 0; k < OUTPUTS; k++) {
        rows[k] = counts[k];
        out[k] = points(counts[k] * n);
    }
}

static void check_batches(const kr_landscape *landscape, const kr_data_sum *sum) {
    static const size_t sizes[] = {0, 1, 7, 8, 9, 64};
    double *all[OUTPUTS], *part[OUTPUTS];
    size_t rows[OUTPUTS];
    (void)sum;
    make_room(landscape, MANY, all, rows);
    compute(landscape, MANY, 0, all);
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        size_t n = sizes[s], from = s;
        make_room(landscape, n, part, rows);
        compute(landscape, n, from, part);
        for (size_t k = 0; k < OUTPUTS; k++) {
            for (size_t i = 0; i < rows[k]; i++)
                for (size_t p = 0; p < n; p++)
                    assert_memory_equal(&part[k][i * n + p], &all[k][i * MANY + from + p], sizeof(double));
            free(part[k]);
        }
    }
    for (size_t k = 0; k < OUTPUTS; k++) free(all[k]);
}

static void particles_do_not_depend_on_their_neighbours(void **state) {
    (void)state;
    for_every_network(check_batches);
}

static void all_instruction_sets_give_the_same_bits(void **state) {
    (void)state;
    const kr_registry *registries[8];
    size_t count = kr_registry_available(registries, 8);
    for (size_t i = 0; i < NETWORKS; i++) {
        double *first[OUTPUTS], *other[OUTPUTS];
        size_t rows[OUTPUTS];
        for (size_t r = 0; r < count; r++) {
            fixture f;
            kr_error error;
            size_t t = 0;
            while (strcmp(registries[r]->landscapes[t]->about.name, "network")) t++;
            assert_int_equal(fixture_try(&f, registries[r]->landscapes[t], 0, networks[i], &error), KR_OK);
            make_room(&f.landscape, MANY, r ? other : first, rows);
            compute(&f.landscape, MANY, 0, r ? other : first);
            for (size_t k = 0; r && k < OUTPUTS; k++) {
                assert_memory_equal(first[k], other[k], rows[k] * MANY * sizeof(double));
                free(other[k]);
            }
            fixture_close(&f);
        }
        for (size_t k = 0; k < OUTPUTS; k++) free(first[k]);
    }
}

/* ---- refusals ---- */

static void assert_refused(const char *options, const char *message) {
    fixture f;
    kr_error error;
    assert_int_not_equal(fixture_try(&f, landscape_type("network"), 0, options, &error), KR_OK);
    if (!strstr(error.message, message)) fail_msg("'%s' is not in: %s", message, error.message);
    fixture_close(&f);
}

static void what_is_no_network_is_refused(void **state) {
    (void)state;
    assert_refused(NET_A "hidden=[2.5]", "hidden lists 2.5; the units of a layer are a whole number");
    assert_refused(NET_A "hidden=[65536,65536,65536]", "memory");
    assert_refused("data=none.h5", "none.h5");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_batch_of_all_data_is_the_gradient),
        cmocka_unit_test(a_batch_is_the_mean_of_its_data),
        cmocka_unit_test(spread_is_the_variance_over_the_data),
        cmocka_unit_test(evaluation_agrees_with_predictions),
        cmocka_unit_test(equal_outputs_count_as_the_lowest_class),
        cmocka_unit_test(large_weights_are_no_trouble),
        cmocka_unit_test(softplus_is_straight_beyond_twenty),
        cmocka_unit_test(layers_are_where_they_are_said_to_be),
        cmocka_unit_test(particles_do_not_depend_on_their_neighbours),
        cmocka_unit_test(all_instruction_sets_give_the_same_bits),
        cmocka_unit_test(what_is_no_network_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
