/* Sums run over granules in the order of the particles, so that no thread count can be seen in them. */
#include "granule_means.h"

#include "geometry/hessian_ends.h"
#include "probes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 512 };

size_t kr_ensemble_sums_work(size_t dim) {
    return (4 * dim + 1) * CHUNK; /* positions, velocities, gradient, curvature, energy */
}

/* z_i (H z)_i with random signs z of each particle: one product instead of as many as there are coordinates, and over the particles
 * the same mean (Hutchinson 1990). The error that this adds is seen between particles, as others are. */
static void probe_curvature(const kr_landscape *landscape, kr_mean_terms *terms) {
    size_t size = terms->dim * terms->n;
    const kr_probe probe = {.seed = terms->seed, .step = terms->step, .number = KR_PROBE_LAPLACIAN};
    double *product = malloc(size * sizeof *product);
    kr_probe_signs(&probe, terms->first, terms->dim, terms->n, terms->curvature);
    bool known =
        product && kr_landscape_hessian_times(landscape, terms->n, terms->position, terms->curvature, product, NULL) == KR_OK;
    for (size_t k = 0; k < size; k++) terms->curvature[k] = known ? terms->curvature[k] * product[k] : NAN;
    free(product);
}

void kr_mean_terms_evaluate(const kr_landscape *landscape, kr_mean_terms *terms) {
    kr_landscape_energy(landscape, terms->n, terms->position, terms->energy);
    kr_landscape_gradient(landscape, terms->n, terms->position, terms->gradient);
    if (landscape->type->hessian_times && !kr_hessian_is_whole(landscape))
        probe_curvature(landscape, terms);
    else
        kr_landscape_curvature(landscape, terms->n, terms->position, terms->curvature);
}

size_t kr_keep_moving(const kr_sum_kernels *kernels, const uint64_t *stopped_at, size_t granule, size_t first, size_t end,
                      uint64_t *keep) {
    uint64_t count = 0;
    if (end - first == KR_GRANULE) return kernels->moving(stopped_at + granule, keep);
    memset(keep, 0, KR_GRANULE * sizeof *keep);
    for (size_t p = first; p < end; p++) {
        uint64_t moves = stopped_at[p] == 0;
        keep[p - granule] = 0 - moves;
        count += moves;
    }
    return (size_t)count;
}

void kr_mean_terms_add(const kr_sum_kernels *kernels, const kr_mean_terms *terms, size_t first, const uint64_t *keep, double *sums,
                       const double *origin, double *moments) {
    sums[KR_SUM_POTENTIAL] += kernels->sum(terms->energy + first, keep);
    for (size_t i = 0; i < terms->dim; i++) {
        size_t at = i * terms->n + first;
        sums[KR_SUM_SLOPE] += kernels->squares(terms->gradient + at, keep);
        sums[KR_SUM_LAPLACIAN] += kernels->sum(terms->curvature + at, keep);
        if (terms->velocity) sums[KR_SUM_KINETIC] += kernels->squares(terms->velocity + at, keep);
        if (moments) kernels->moments(terms->position + at, origin[i], keep, &moments[i], &moments[terms->dim + i]);
    }
}

/* count of the particles from first on as [dim][n], then NaN. */
static void gather(size_t dim, const double *x, size_t stride, size_t count, size_t n, double *at) {
    for (size_t i = 0; i < dim; i++) {
        memcpy(at + i * n, x + i * stride, count * sizeof *at);
        for (size_t p = count; p < n; p++) at[i * n + p] = NAN;
    }
}

void kr_ensemble_moments_add(const kr_view *view, const kr_landscape *landscape, size_t first, size_t end, const double *velocity,
                             size_t stride, double *work, double *sums, const double *origin, double *moments) {
    const kr_sum_kernels *kernels = kr_kernels_here()->sums;
    for (size_t next = first; next < end; next += CHUNK) {
        size_t dim = view->dim, count = end - next < CHUNK ? end - next : CHUNK;
        size_t n = kr_padded(count);
        double *at = work, *moving = at + dim * n;
        kr_mean_terms terms = {.dim = dim,
                               .n = n,
                               .first = next,
                               .seed = view->seed,
                               .step = view->step,
                               .position = at,
                               .gradient = moving + dim * n};
        terms.curvature = terms.gradient + dim * n;
        terms.energy = terms.curvature + dim * n;
        gather(dim, view->position + next, view->stride, count, n, at);
        if (velocity) {
            gather(dim, velocity + (next - first), stride, count, n, moving);
            terms.velocity = moving;
        }
        kr_mean_terms_evaluate(landscape, &terms);
        for (size_t granule = 0; granule < count; granule += KR_GRANULE) {
            uint64_t keep[KR_GRANULE];
            size_t last = count < granule + KR_GRANULE ? count : granule + KR_GRANULE;
            sums[KR_SUM_PARTICLES] += (double)kr_keep_moving(kernels, view->stopped_at + next, granule, granule, last, keep);
            kr_mean_terms_add(kernels, &terms, granule, keep, sums, origin, moments);
        }
    }
}

void kr_ensemble_sums_add(const kr_view *view, const kr_landscape *landscape, size_t first, size_t end, const double *velocity,
                          size_t stride, double *work, double *sums) {
    kr_ensemble_moments_add(view, landscape, first, end, velocity, stride, work, sums, NULL, NULL);
}

double kr_sums_kinetic_temperature(const double *sums, size_t dim) {
    return sums[KR_SUM_KINETIC] / (sums[KR_SUM_PARTICLES] * (double)dim);
}

double kr_sums_configurational_temperature(const double *sums) {
    return sums[KR_SUM_SLOPE] / sums[KR_SUM_LAPLACIAN];
}
