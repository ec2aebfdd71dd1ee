/* G. Huang et al., Snapshot ensembles: train 1, get M for free, ICLR 2017. */
#include "networks_cycles.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_NETWORKS = 64, MOST_KEPT = 1 << 21, CHUNK = 32 };

void kr_cycles_destroy(kr_cycles *cycles) {
    for (size_t k = 0; k < KR_KEPT_CYCLES; k++) free(cycles->kept[k]);
    *cycles = (kr_cycles){.networks = 0};
}

/* ---- predictions ---- */

/* Data in chunks, so that the work stays small. */
static bool predict(const kr_view *view, const kr_data *test, size_t n, float *out) {
    const kr_data_sum *sum = kr_landscape_data(view->landscape);
    size_t each = test->classes * n;
    double *x = malloc((view->dim * n + CHUNK * each) * sizeof *x), *probability = x ? x + view->dim * n : NULL;
    if (!x) return false;
    for (size_t i = 0; i < view->dim; i++) memcpy(x + i * n, view->position + i * view->stride, n * sizeof *x);
    for (size_t from = 0; from < test->count; from += CHUNK) {
        size_t count = test->count - from < CHUNK ? test->count - from : CHUNK;
        sum->predict(view->landscape, count, test->input + from * test->inputs, n, x, probability);
        for (size_t k = 0; k < count * each; k++) out[from * each + k] = (float)probability[k];
    }
    free(x);
    return true;
}

/* Whether sums [classes] with this stride have the label as their largest; of equals the lowest number counts. */
static bool is_right(const float *sum, size_t classes, size_t label) {
    size_t best = 0;
    for (size_t c = 1; c < classes; c++)
        if (sum[c] > sum[best]) best = c;
    return best == label;
}

/* The share of test data that sums of members' probabilities say rightly, mean over groups; member(k) of group g is network
 * g * step + k * along of the kept array newest - k * back. */
typedef struct grouping {
    size_t groups, members, step, along, back;
} grouping;

static double accuracy(const kr_cycles *cycles, size_t newest, const kr_data *test, const grouping *by) {
    size_t n = cycles->networks, classes = cycles->classes, right = 0;
    float *sum = malloc(classes * sizeof *sum);
    for (size_t m = 0; sum && m < cycles->data; m++)
        for (size_t g = 0; g < by->groups; g++) {
            memset(sum, 0, classes * sizeof *sum);
            for (size_t k = 0; k < by->members; k++) {
                const float *p = cycles->kept[newest - k * by->back] + m * classes * n + g * by->step + k * by->along;
                for (size_t c = 0; c < classes; c++) sum[c] += p[c * n];
            }
            right += is_right(sum, classes, test->label[m]);
        }
    double all = sum && by->groups ? (double)by->groups * (double)cycles->data : NAN;
    free(sum);
    return (double)right / all;
}

/* ---- keeping ---- */

/* The oldest goes when there is no room for one more; its array is used again. */
static float *next_place(kr_cycles *cycles, size_t size, kr_cycle_ensembles *out) {
    if (out->count == KR_KEPT_CYCLES) {
        float *oldest = cycles->kept[0];
        memmove(cycles->kept, cycles->kept + 1, (KR_KEPT_CYCLES - 1) * sizeof *cycles->kept);
        cycles->kept[KR_KEPT_CYCLES - 1] = oldest;
        memmove(out->step, out->step + 1, (KR_KEPT_CYCLES - 1) * sizeof *out->step);
        memmove(out->alone, out->alone + 1, (KR_KEPT_CYCLES - 1) * sizeof *out->alone);
        out->count--;
    }
    if (!cycles->kept[out->count]) cycles->kept[out->count] = malloc(size * sizeof(float));
    return cycles->kept[out->count];
}

static void conclude(const kr_cycles *cycles, const kr_data *test, kr_cycle_ensembles *out) {
    size_t newest = out->count - 1, n = cycles->networks;
    out->alone[newest] = accuracy(cycles, newest, test, &(grouping){.groups = n, .members = 1, .step = 1});
    for (size_t m = 1; m <= KR_KEPT_CYCLES; m++) {
        grouping same = {.groups = n, .members = m, .step = 1, .back = 1},
                 other = {.groups = n / m, .members = m, .step = m, .along = 1};
        out->together[m - 1] = m <= out->count ? accuracy(cycles, newest, test, &same) : NAN;
        out->independent[m - 1] = m <= out->count && n >= m ? accuracy(cycles, newest, test, &other) : NAN;
    }
}

kr_status kr_cycles_keep(kr_cycles *cycles, const kr_view *view, kr_cycle_ensembles *out, kr_error *error) {
    const kr_data_sum *sum = kr_landscape_data(view->landscape);
    kr_data test = sum ? sum->data(view->landscape, KR_DATA_TEST) : (kr_data){.count = 0};
    size_t each = test.count * test.classes, n = view->particles < MOST_NETWORKS ? (size_t)view->particles : MOST_NETWORKS;
    if (!each || !test.label || !sum->predict) return KR_OK;
    if (n > MOST_KEPT / each) n = MOST_KEPT / each;
    if (!n) return KR_OK;
    bool anew = out->count && out->step[out->count - 1] >= view->step;
    bool other = cycles->networks != n || cycles->data != test.count || cycles->classes != test.classes;
    if (other) kr_cycles_destroy(cycles);
    if (other || anew) out->count = 0;
    cycles->networks = out->networks = n;
    cycles->data = test.count;
    cycles->classes = test.classes;
    float *place = next_place(cycles, each * n, out);
    if (!place || !predict(view, &test, n, place))
        return kr_fail(error, KR_NO_MEMORY, "not enough memory for what %zu networks say of the test data", n);
    out->step[out->count++] = view->step;
    conclude(cycles, &test, out);
    return KR_OK;
}
