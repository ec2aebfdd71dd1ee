#include "particle_looks.h"

#include "sample_moments.h"

#include <kramers/block.h>
#include <kramers/confidence.h>
#include <kramers/interrupt.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SIDE_BY_SIDE = 16, MOST_COLUMNS = 16 };
static const double room = 64e6; /* bytes */

size_t kr_looks_particles(int64_t wanted, uint64_t particles) {
    return (size_t)(wanted && (uint64_t)wanted < particles ? (uint64_t)wanted : particles);
}

size_t kr_looks_width(double bytes_for_each) {
    size_t width = MOST_SIDE_BY_SIDE;
    while (width > 1 && (double)width * bytes_for_each > room) width /= 2;
    return width;
}

kr_status kr_looks_create(kr_looks *looks, size_t particles, size_t columns, double bytes_for_each, kr_error *error) {
    *looks = (kr_looks){.particles = particles, .columns = columns, .width = kr_looks_width(bytes_for_each)};
    looks->number = malloc(columns * particles * sizeof *looks->number);
    if (!looks->number) return kr_fail(error, KR_NO_MEMORY, "not enough memory to look at %zu particles", particles);
    for (size_t k = 0; k < columns * particles; k++) looks->number[k] = NAN;
    return KR_OK;
}

void kr_looks_destroy(kr_looks *looks) {
    free(looks->number);
    looks->number = NULL;
}

typedef struct looking {
    kr_looks *looks;
    const kr_view *view;
    kr_look *look;
    void *context;
} looking;

/* work[dim + columns][width]. */
static kr_status look_at(const looking *l, size_t first, double *work, kr_error *error) {
    kr_looks *looks = l->looks;
    const kr_view *view = l->view;
    size_t left = looks->particles - first, n = left < looks->width ? left : looks->width;
    kr_status asked = kr_interrupt_check(error);
    if (asked != KR_OK) return asked;
    double *x = work, *number = work + view->dim * looks->width;
    for (size_t i = 0; i < view->dim; i++) memcpy(x + i * n, view->position + i * view->stride + first, n * sizeof *x);
    kr_status status = l->look(l->context, view, first, n, x, number, error);
    for (size_t c = 0; status == KR_OK && c < looks->columns; c++)
        for (size_t p = 0; p < n; p++)
            looks->number[c * looks->particles + first + p] = view->stopped_at[first + p] ? NAN : number[c * n + p];
    return status;
}

kr_status kr_looks_take(kr_looks *looks, const kr_view *view, int threads, kr_look *look, void *context, kr_error *error) {
    const looking l = {.looks = looks, .view = view, .look = look, .context = context};
    size_t count = (looks->particles + looks->width - 1) / looks->width;
    kr_status status = KR_OK;
#pragma omp parallel num_threads(threads < 1 ? 1 : threads)
    {
        kr_error own;
        double *work = malloc((view->dim + looks->columns) * looks->width * sizeof *work);
        kr_status mine = work ? KR_OK : kr_fail(&own, KR_NO_MEMORY, "not enough memory to look at %zu particles", looks->width);
#pragma omp for schedule(dynamic, 1)
        for (size_t k = 0; k < count; k++)
            if (mine == KR_OK) mine = look_at(&l, k * looks->width, work, &own);
#pragma omp critical
        if (mine != KR_OK && status == KR_OK) {
            status = mine;
            if (error) *error = own;
        }
        free(work);
    }
    return status;
}

kr_look_summary kr_look_summary_of(size_t n, const double *number, double *work) {
    static const double probability[KR_LOOK_QUANTILES] = {0.05, 0.25, 0.5, 0.75, 0.95};
    kr_sample_moments moments = kr_sample_moments_of(n, number);
    kr_look_summary summary = {
        .count = moments.count, .mean = moments.mean, .deviation = sqrt(moments.variance), .ci95 = kr_sample_mean_ci95(&moments)};
    kr_sample_quantiles(n, number, KR_LOOK_QUANTILES, probability, work, summary.quantile);
    return summary;
}

kr_look_summary kr_looks_summary(const kr_looks *looks, size_t column, double *work) {
    return kr_look_summary_of(looks->particles, looks->number + column * looks->particles, work);
}

static bool finite_in_all(const kr_looks *looks, unsigned columns, size_t p) {
    for (size_t c = 0; c < looks->columns; c++)
        if ((columns >> c & 1) && !isfinite(looks->number[c * looks->particles + p])) return false;
    return true;
}

/* Miller 1974, without one particle at a time: var = (n - 1)/n sum (f_p - mean)^2. */
kr_look_estimate kr_looks_estimate(const kr_looks *looks, unsigned columns, kr_of_means *function, const void *context) {
    double sum[MOST_COLUMNS] = {0.0}, mean[MOST_COLUMNS], count = 0.0, first = 0.0, second = 0.0;
    kr_look_estimate estimate = {NAN, {NAN, NAN}};
    for (size_t p = 0; p < looks->particles; p++) {
        if (!finite_in_all(looks, columns, p)) continue;
        for (size_t c = 0; c < looks->columns; c++) sum[c] += looks->number[c * looks->particles + p];
        count += 1.0;
    }
    if (!(count > 0.0)) return estimate;
    for (size_t c = 0; c < looks->columns; c++) mean[c] = sum[c] / count;
    estimate.value = function(context, mean);
    if (count < 2.0) return estimate;
    for (size_t p = 0; p < looks->particles; p++) {
        if (!finite_in_all(looks, columns, p)) continue;
        for (size_t c = 0; c < looks->columns; c++) mean[c] = (sum[c] - looks->number[c * looks->particles + p]) / (count - 1.0);
        double away = function(context, mean) - estimate.value;
        first += away / count;
        second += away * away / count;
    }
    double half = KR_NORMAL_95 * sqrt(fmax((count - 1.0) * (second - first * first), 0.0));
    estimate.ci95 = (kr_interval){estimate.value - half, estimate.value + half};
    return estimate;
}
