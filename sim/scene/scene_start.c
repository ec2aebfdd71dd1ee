/* Where particles start: from the values of the descriptor to what a scene holds, and to points of a landscape. */
#include "scene_parts.h"

#include "geometry/loss_hdf5.h"

#include <kramers/critical_points.h>
#include <kramers/data_sum.h>
#include <kramers/file_path.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- values ---- */

kr_start_kind kr_start_kind_with(const kr_start *start, const char *key) {
    static const char *const keys[] = {[KR_START_MINIMUM] = "minimum",
                                       [KR_START_POINT] = "point",
                                       [KR_START_GIBBS] = "gibbs",
                                       [KR_START_RANDOM] = "random",
                                       [KR_START_FILE] = "file"};
    bool around = start->kind == KR_START_RANDOM && start->random == KR_RANDOM_NORMAL;
    if (around && !strcmp(key, "point")) return KR_START_RANDOM;
    for (int kind = KR_START_MINIMUM; kind <= KR_START_FILE; kind++)
        if (!strcmp(key, keys[kind])) return (kr_start_kind)kind;
    return start->kind;
}

static void forget_text(char **text) {
    free(*text);
    *text = NULL;
}

void kr_start_set_kind(kr_start *start, kr_start_kind kind) {
    bool around = kind == KR_START_RANDOM && start->random == KR_RANDOM_NORMAL;
    start->kind = kind;
    if (kind == KR_START_GIBBS)
        start->minimum = start->gibbs_minimum;
    else
        start->gibbs_minimum = 0;
    if (kind != KR_START_MINIMUM && kind != KR_START_GIBBS) start->minimum = 0;
    if (kind != KR_START_RANDOM) {
        start->random = KR_RANDOM_KAIMING_UNIFORM;
        start->scale = 1;
    }
    if (kind != KR_START_FILE) {
        forget_text(&start->file);
        forget_text(&start->dataset);
    }
    if (kind == KR_START_POINT || around) return;
    free(start->point.value);
    start->point = (kr_list){0};
}

kr_status kr_start_copy(kr_start *to, const kr_start *from, kr_error *error) {
    const kr_settings source = {.about = &kr_start_descriptor, .values = (void *)(uintptr_t)from};
    kr_settings copy;
    kr_status status = kr_settings_copy(&copy, &source, error);
    if (status) return status;
    *to = *(const kr_start *)copy.values; /* which owns its texts and its list now */
    to->kind = from->kind;
    free(copy.values);
    return KR_OK;
}

void kr_start_destroy(kr_start *start) {
    free(start->point.value);
    free(start->file);
    free(start->dataset);
    *start = (kr_start){0};
}

static bool has_layers(const kr_landscape_type *type) {
    return type->data && type->data->layers;
}

kr_status kr_start_check(const kr_start *start, const kr_landscape_type *type, const char **row, kr_error *error) {
    bool by_layer = start->kind == KR_START_RANDOM && start->random != KR_RANDOM_NORMAL;
    bool in_minimum = start->kind == KR_START_MINIMUM || start->kind == KR_START_GIBBS;
    *row = NULL;
    if (by_layer && !has_layers(type)) {
        *row = "random";
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "random = %s draws weights by the sizes of layers, and landscape '%s' has none; take normal",
                       start->random == KR_RANDOM_XAVIER ? "xavier" : "kaiming_uniform", type->about.name);
    }
    if (in_minimum && !type->candidates) {
        *row = start->kind == KR_START_GIBBS ? "gibbs" : "minimum";
        return kr_fail(
            error, KR_BAD_ARGUMENT,
            "%s: the minima of landscape '%s' are not known, so nothing can start in one; take {random: %s}, {point: [...]} or "
            "{file: F.h5, dataset: D}",
            *row, type->about.name, has_layers(type) ? "kaiming_uniform" : "normal");
    }
    if (start->kind == KR_START_FILE && !(start->dataset && *start->dataset)) {
        *row = "file";
        return kr_fail(error, KR_BAD_ARGUMENT, "a start from a file needs the name of the data set: {file: F.h5, dataset: D}");
    }
    return KR_OK;
}

/* ---- from a file ---- */

static kr_status check_rows(const kr_start *start, const kr_number_array *rows, size_t dim, kr_error *error) {
    size_t columns = rows->rank == 1 ? rows->rows : rows->columns, count = rows->rank == 1 ? 1 : rows->rows;
    if (columns != dim)
        return kr_fail(error, KR_BAD_ARGUMENT, "'%s' has rows of %zu numbers in '%s'; the landscape has %zu coordinates",
                       start->file, columns, start->dataset, dim);
    if (!count) return kr_fail(error, KR_BAD_ARGUMENT, "'%s' has no rows in '%s'", start->file, start->dataset);
    for (size_t k = 0; k < count * dim; k++)
        if (!isfinite(rows->value[k]))
            return kr_fail(error, KR_BAD_ARGUMENT,
                           "'%s': row %zu (from 0) of '%s' has a number that is not finite, number %zu (from 0)", start->file,
                           k / dim, start->dataset, k % dim);
    return KR_OK;
}

/* Networks have a loss at every point, which goes over all of their data. */
static kr_status check_losses(const kr_start *start, const kr_landscape *landscape, const kr_number_array *rows, kr_error *error) {
    size_t dim = landscape->dim, count = rows->rank == 1 ? 1 : rows->rows;
    for (size_t k = 0; k < count && !landscape->type->data; k++) {
        double loss;
        kr_landscape_energy(landscape, 1, rows->value + k * dim, &loss);
        if (!isfinite(loss))
            return kr_fail(
                error, KR_BAD_ARGUMENT,
                "'%s': at row %zu (from 0) of '%s' the loss is not finite, so that no particle can start there; take other "
                "rows, or nearer ones",
                start->file, k, start->dataset);
    }
    return KR_OK;
}

kr_status kr_start_rows(const kr_start *start, const kr_landscape *landscape, double **points, size_t *count, kr_error *error) {
    enum { MOST = 1 << 28 };
    kr_number_array rows = {0};
    *points = NULL;
    char *path = kr_path_join(landscape->directory, start->file);
    kr_status status = path ? kr_rows_hdf5_read(&rows, path, start->dataset, MOST, error)
                            : kr_fail(error, KR_NO_MEMORY, "there is not enough memory for the starts of a file");
    free(path);
    if (status == KR_OK) status = check_rows(start, &rows, landscape->dim, error);
    if (status == KR_OK) status = check_losses(start, landscape, &rows, error);
    *count = rows.rank == 1 ? 1 : rows.rows;
    if (status == KR_OK) {
        *points = rows.value;
        rows.value = NULL;
    }
    kr_number_array_destroy(&rows);
    return status == KR_OK ? KR_OK : kr_fail_at(error, status, "ensemble.start.file");
}

void kr_start_mean(size_t dim, size_t count, const double *points, double *position) {
    for (size_t i = 0; i < dim; i++) {
        double sum = 0;
        for (size_t r = 0; r < count; r++) sum += points[r * dim + i];
        position[i] = sum / (double)count;
    }
}

static kr_status place_mean(const kr_start *start, const kr_landscape *landscape, double *position, kr_error *error) {
    double *points;
    size_t count;
    kr_status status = kr_start_rows(start, landscape, &points, &count, error);
    if (status == KR_OK) kr_start_mean(landscape->dim, count, points, position);
    free(points);
    return status;
}

/* ---- on the landscape ---- */

static kr_status place_point(const kr_start *start, size_t dim, double *position, kr_error *error) {
    size_t count = start->point.count;
    bool around_zero = start->kind == KR_START_RANDOM && !count;
    if (count != dim && count != 1 && !around_zero)
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "ensemble.start.point has %zu numbers; the landscape has %zu dimensions (one number stands for all)", count,
                       dim);
    for (size_t i = 0; i < dim; i++) position[i] = around_zero ? 0 : start->point.value[count == 1 ? 0 : i];
    return KR_OK;
}

kr_status kr_start_place(const kr_start *start, const kr_landscape *landscape, const double *known, double *position,
                         kr_error *error) {
    if (start->kind == KR_START_FILE) return place_mean(start, landscape, position, error);
    if (start->kind == KR_START_POINT || start->kind == KR_START_RANDOM) return place_point(start, landscape->dim, position, error);
    if (known) return memcpy(position, known, landscape->dim * sizeof *position), KR_OK;
    kr_status status = kr_minimum_position(landscape, start->minimum, position, error);
    return status == KR_OK ? KR_OK : kr_fail_at(error, status, "ensemble.start.minimum");
}

/* PyTorch's nn.Linear is kaiming_uniform_ with a = sqrt 5 for the weights, gain sqrt(2 / (1 + a^2)) = sqrt(1/3): uniform within
 * gain sqrt(3 / fan_in) = 1 / sqrt(fan_in), and so are its biases. Glorot and Bengio (2010): weights within sqrt(6 / (in + out)).
 */
static void spread_layer(int random, double scale, const kr_network_layer *layer, double *spread) {
    double in = (double)layer->inputs, all = in + (double)layer->outputs;
    double weight = random == KR_RANDOM_XAVIER ? sqrt(6 / all) : 1 / sqrt(in), bias = random == KR_RANDOM_XAVIER ? 0 : weight;
    for (size_t k = 0; k < layer->inputs * layer->outputs; k++) spread[layer->weight + k] = scale * weight;
    for (size_t k = 0; k < layer->outputs; k++) spread[layer->bias + k] = scale * bias;
}

kr_status kr_start_spread(const kr_start *start, const kr_landscape *landscape, double *spread, bool *normal, kr_error *error) {
    *normal = start->random == KR_RANDOM_NORMAL;
    if (*normal) {
        for (size_t i = 0; i < landscape->dim; i++) spread[i] = start->scale;
        return KR_OK;
    }
    const kr_data_sum *data = kr_landscape_data(landscape);
    size_t count = data->layers(landscape, NULL);
    kr_network_layer *layer = malloc((count + 1) * sizeof *layer);
    if (!layer) return kr_fail(error, KR_NO_MEMORY, "there is not enough memory for %zu layers", count);
    data->layers(landscape, layer);
    for (size_t l = 0; l < count; l++) spread_layer(start->random, start->scale, &layer[l], spread);
    free(layer);
    return KR_OK;
}
