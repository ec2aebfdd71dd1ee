#include "networks.h"

#include "networks_cycles.h"

#include <kramers/confidence.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Multiplications in about a tenth of a second, those of networks side by side; cells of the grid; classes with a colour. */
static const double affordable = 2e8;
enum { CELLS = 5184, MOST_CLASSES = 16, MOST_AVERAGED = 256 };

struct kr_networks {
    kr_snapshot_networks last;
    kr_cycles cycles;
    double *work;
    size_t work_capacity;
};

kr_status kr_networks_create(kr_networks **networks, kr_error *error) {
    *networks = calloc(1, sizeof **networks);
    return *networks ? KR_OK : kr_fail(error, KR_NO_MEMORY, "not enough memory for what is measured of networks");
}

void kr_snapshot_networks_free(kr_snapshot_networks *networks) {
    free(networks->regions.followed);
    free(networks->regions.mean);
    free(networks->weight);
}

void kr_networks_destroy(kr_networks *networks) {
    if (!networks) return;
    kr_snapshot_networks_free(&networks->last);
    kr_cycles_destroy(&networks->cycles);
    free(networks->work);
    free(networks);
}

void kr_networks_forget(kr_networks *networks) {
    kr_snapshot_networks *last = &networks->last;
    last->evaluated = 0;
    last->cycles.count = 0;
    last->regions.columns = 0;
    for (size_t q = 0; q < KR_SCORES; q++) last->mean[q] = last->one[q] = last->interval[q].low = last->interval[q].high = NAN;
    memset(last->histogram, 0, sizeof last->histogram);
}

static kr_status reserve(kr_networks *networks, size_t wanted, kr_error *error) {
    if (wanted <= networks->work_capacity) return KR_OK;
    double *larger = realloc(networks->work, wanted * sizeof *larger);
    if (!larger) return kr_fail(error, KR_NO_MEMORY, "not enough memory to evaluate networks for the window");
    networks->work = larger;
    networks->work_capacity = wanted;
    return KR_OK;
}

static size_t no_more_than(double affordable_count, size_t most) {
    size_t least = most < 16 ? most : 16; /* fewer cost nearly the same, side by side */
    return affordable_count < (double)least ? least : affordable_count < (double)most ? (size_t)affordable_count : most;
}

size_t kr_networks_affordable(const kr_landscape *landscape, double passes, size_t most) {
    const kr_data_sum *sum = kr_landscape_data(landscape);
    if (!sum) return most;
    double data = (double)(sum->data(landscape, KR_DATA_TRAIN).count + sum->data(landscape, KR_DATA_TEST).count);
    return no_more_than(affordable / (passes * fmax(data, 1) * (double)landscape->dim), most);
}

/* Particles first..first + n side by side. */
static void gather(const kr_view *view, size_t first, size_t n, double *x) {
    for (size_t i = 0; i < view->dim; i++) memcpy(x + i * n, view->position + i * view->stride + first, n * sizeof *x);
}

static uint64_t chosen(const kr_view *view, uint64_t followed) {
    return followed < view->particles ? followed : 0;
}

/* ---- loss and accuracy ---- */

static void evaluate(const kr_landscape *landscape, size_t n, const double *x, double *score) {
    const kr_data_sum *sum = kr_landscape_data(landscape);
    sum->evaluate(landscape, KR_DATA_TRAIN, n, x, score + KR_TRAIN_LOSS * n, score + KR_TRAIN_ACCURACY * n);
    sum->evaluate(landscape, KR_DATA_TEST, n, x, score + KR_TEST_LOSS * n, score + KR_TEST_ACCURACY * n);
}

/* Over those that move: the mean and its interval. */
static void conclude(const kr_view *view, size_t n, const double *each, double *mean, kr_interval *interval) {
    double sum = 0, squares = 0, count = 0;
    for (size_t p = 0; p < n; p++) {
        if (view->stopped_at[p] || !isfinite(each[p])) continue;
        double delta = each[p] - sum; /* Welford's update; sum is the mean so far */
        count++;
        sum += delta / count;
        squares += delta * (each[p] - sum);
    }
    *mean = count > 0 ? sum : NAN;
    double half = count > 1 ? KR_NORMAL_95 * sqrt(squares / (count - 1) / count) : NAN;
    *interval = (kr_interval){*mean - half, *mean + half};
}

static void count_accuracies(const kr_view *view, size_t n, const double *each, uint32_t *histogram) {
    memset(histogram, 0, KR_ACCURACY_BINS * sizeof *histogram);
    for (size_t p = 0; p < n; p++) {
        if (view->stopped_at[p] || !(each[p] >= 0 && each[p] <= 1)) continue;
        int bin = (int)(each[p] * KR_ACCURACY_BINS + 1e-9); /* 29 of 50 is 0.58, and 0.58 x 50 a little less than 29 */
        histogram[bin < KR_ACCURACY_BINS ? bin : KR_ACCURACY_BINS - 1]++;
    }
}

kr_status kr_networks_score(kr_networks *networks, const kr_view *view, uint64_t followed, kr_error *error) {
    enum { MOST_EVALUATED = 4096 };
    kr_snapshot_networks *last = &networks->last;
    size_t dim = view->dim, most = view->particles < MOST_EVALUATED ? (size_t)view->particles : MOST_EVALUATED;
    size_t n = kr_networks_affordable(view->landscape, 1, most);
    kr_status status = reserve(networks, (dim + KR_SCORES) * (n + 1), error);
    if (status != KR_OK) return status;
    double *x = networks->work, *score = x + dim * (n + 1);
    gather(view, (size_t)chosen(view, followed), 1, x);
    evaluate(view->landscape, 1, x, last->one);
    gather(view, 0, n, x);
    evaluate(view->landscape, n, x, score);
    for (size_t q = 0; q < KR_SCORES; q++) conclude(view, n, score + q * n, &last->mean[q], &last->interval[q]);
    kr_score shown = isfinite(last->mean[KR_TEST_ACCURACY]) ? KR_TEST_ACCURACY : KR_TRAIN_ACCURACY;
    count_accuracies(view, n, score + shown * n, last->histogram);
    last->evaluated = n;
    last->followed = chosen(view, followed);
    last->scores_made++;
    last->scores_step = view->step;
    return KR_OK;
}

/* ---- classes on a grid ---- */

static void reach(const kr_data *data, double *low, double *high) {
    for (size_t m = 0; m < data->count; m++)
        for (size_t k = 0; k < 2; k++) {
            double u = data->input[m * 2 + k];
            low[k] = fmin(low[k], u);
            high[k] = fmax(high[k], u);
        }
}

bool kr_networks_grid(const kr_landscape *landscape, kr_regions *grid) {
    const kr_data_sum *sum = kr_landscape_data(landscape);
    if (!sum || !sum->predict) return false;
    kr_data train = sum->data(landscape, KR_DATA_TRAIN), test = sum->data(landscape, KR_DATA_TEST);
    if (train.inputs != 2 || train.classes < 2 || train.classes > MOST_CLASSES) return false;
    for (size_t k = 0; k < 2; k++) grid->low[k] = INFINITY, grid->high[k] = -INFINITY;
    reach(&train, grid->low, grid->high);
    if (test.count) reach(&test, grid->low, grid->high);
    double side[2], margin = 0.08;
    for (size_t k = 0; k < 2; k++) side[k] = fmax(grid->high[k] - grid->low[k], 1e-9);
    double wider = margin * fmax(side[0], side[1]);
    for (size_t k = 0; k < 2; k++) {
        grid->low[k] -= wider;
        grid->high[k] += wider;
        side[k] += 2 * wider;
    }
    double aspect = fmin(fmax(side[0] / side[1], 0.125), 8);
    grid->columns = (size_t)round(sqrt(CELLS * aspect));
    grid->rows = CELLS / grid->columns;
    grid->classes = train.classes;
    return isfinite(side[0]) && isfinite(side[1]);
}

static kr_status grow_regions(kr_regions *regions, size_t wanted, kr_error *error) {
    if (wanted <= regions->capacity) return KR_OK;
    float *followed = realloc(regions->followed, wanted * sizeof *followed);
    if (followed) regions->followed = followed;
    float *mean = realloc(regions->mean, wanted * sizeof *mean);
    if (mean) regions->mean = mean;
    if (!followed || !mean) return kr_fail(error, KR_NO_MEMORY, "not enough memory for the window's decision regions");
    regions->capacity = wanted;
    return KR_OK;
}

/* Those that move, side by side; the number of them. */
static size_t gather_moving(const kr_view *view, size_t most, double *x) {
    size_t moving = 0, kept = 0;
    for (size_t p = 0; p < view->particles && moving < most; p++) moving += !view->stopped_at[p];
    for (size_t p = 0; p < view->particles && kept < moving; p++) {
        if (view->stopped_at[p]) continue;
        for (size_t i = 0; i < view->dim; i++) x[i * moving + kept] = view->position[i * view->stride + p];
        kept++;
    }
    return moving;
}

/* The mean over n networks of what predict says; a row of the grid at a time. */
static void predict(const kr_landscape *landscape, kr_regions *regions, size_t n, const double *x, double *work, float *out) {
    const kr_data_sum *sum = kr_landscape_data(landscape);
    size_t columns = regions->columns, classes = regions->classes, cells = columns * regions->rows;
    double *input = work, *probability = work + 2 * columns;
    double step[2] = {(regions->high[0] - regions->low[0]) / (double)columns,
                      (regions->high[1] - regions->low[1]) / (double)regions->rows};
    for (size_t row = 0; row < regions->rows; row++) {
        for (size_t k = 0; k < columns; k++) {
            input[2 * k] = regions->low[0] + ((double)k + 0.5) * step[0];
            input[2 * k + 1] = regions->low[1] + ((double)row + 0.5) * step[1];
        }
        sum->predict(landscape, columns, input, n, x, probability);
        for (size_t k = 0; k < columns; k++)
            for (size_t c = 0; c < classes; c++) {
                const double *each = probability + (k * classes + c) * n;
                double mean = 0;
                for (size_t p = 0; p < n; p++) mean += each[p];
                out[c * cells + row * columns + k] = (float)(mean / (double)n);
            }
    }
}

kr_status kr_networks_map(kr_networks *networks, const kr_view *view, uint64_t followed, kr_error *error) {
    kr_regions *regions = &networks->last.regions;
    size_t capacity = regions->capacity;
    float *of_one = regions->followed, *of_all = regions->mean;
    kr_regions grid = {.columns = 0};
    bool any = kr_networks_grid(view->landscape, &grid);
    *regions = grid;
    regions->capacity = capacity;
    regions->followed = of_one;
    regions->mean = of_all;
    networks->last.regions_step = view->step;
    networks->last.regions_made++;
    if (!any) {
        regions->columns = 0;
        return KR_OK;
    }
    size_t cells = grid.columns * grid.rows, most = view->particles < MOST_AVERAGED ? (size_t)view->particles : MOST_AVERAGED;
    size_t n = no_more_than(affordable / ((double)cells * (double)view->dim), most);
    kr_status status = grow_regions(regions, cells * grid.classes, error);
    if (status == KR_OK) status = reserve(networks, view->dim * (n + 1) + grid.columns * (2 + grid.classes * (n + 1)), error);
    if (status != KR_OK) {
        regions->columns = 0;
        return status;
    }
    double *x = networks->work, *rest = x + view->dim * (n + 1);
    gather(view, (size_t)chosen(view, followed), 1, x);
    predict(view->landscape, regions, 1, x, rest, regions->followed);
    regions->averaged = gather_moving(view, n, x);
    if (regions->averaged)
        predict(view->landscape, regions, regions->averaged, x, rest, regions->mean);
    else
        memset(regions->mean, 0, cells * grid.classes * sizeof *regions->mean);
    return KR_OK;
}

kr_status kr_networks_keep(kr_networks *networks, const kr_view *view, kr_error *error) {
    return kr_cycles_keep(&networks->cycles, view, &networks->last.cycles, error);
}

/* ---- snapshots ---- */

kr_status kr_networks_copy(const kr_networks *networks, const kr_view *view, uint64_t followed, kr_snapshot_networks *out,
                           kr_error *error) {
    const kr_regions *from = &networks->last.regions;
    kr_regions *to = &out->regions;
    kr_snapshot_networks kept = *out;
    bool same = kept.regions_made == networks->last.regions_made;
    size_t count = from->classes * from->rows * from->columns;
    kr_status status = grow_regions(to, count, error);
    kept.regions = *to;
    *out = networks->last;
    out->weight = kept.weight;
    out->dim = kept.dim;
    out->regions.followed = kept.regions.followed;
    out->regions.mean = kept.regions.mean;
    out->regions.capacity = kept.regions.capacity;
    if (status != KR_OK) out->regions.columns = 0;
    if (out->cycles.count && out->cycles.step[out->cycles.count - 1] > view->step) out->cycles.count = 0; /* all began anew */
    if (status == KR_OK && count && !same) {
        memcpy(to->followed, from->followed, count * sizeof *to->followed);
        memcpy(to->mean, from->mean, count * sizeof *to->mean);
    }
    if (out->dim != view->dim || !out->weight) {
        float *weight = realloc(out->weight, view->dim * sizeof *weight);
        if (!weight) return kr_fail(error, KR_NO_MEMORY, "not enough memory for the parameters of a network");
        out->weight = weight;
        out->dim = view->dim;
    }
    for (size_t i = 0; i < view->dim; i++) out->weight[i] = (float)view->position[i * view->stride + chosen(view, followed)];
    return status;
}
