/* Sums run over chunks of fixed size in their order, so that no thread count can be seen in them. */
#include <kramers/ensemble_means.h>

enum { CHUNK = 1024 }; /* part of the results' bits */

size_t kr_ensemble_sums_work(size_t dim) {
    return (3 * dim + 1) * CHUNK; /* positions, gradient, curvature, energy */
}

/* The finite ones as [dim][count]. */
static size_t gather(const kr_view *view, size_t first, size_t end, double *at) {
    size_t count = 0;
    for (size_t p = first; p < end; p++) count += view->stopped_at[p] == 0;
    for (size_t i = 0; i < view->dim; i++) {
        size_t kept = 0;
        for (size_t p = first; p < end; p++)
            if (view->stopped_at[p] == 0) at[i * count + kept++] = view->position[i * view->stride + p];
    }
    return count;
}

static void add_moments(size_t dim, size_t count, const double *at, const double *origin, double *moments) {
    for (size_t i = 0; i < dim; i++) {
        double x = 0, xx = 0;
        for (size_t k = i * count; k < (i + 1) * count; k++) {
            double d = at[k] - origin[i];
            x += d;
            xx += d * d;
        }
        moments[i] += x;
        moments[dim + i] += xx;
    }
}

static void add_chunk(const kr_landscape *landscape, size_t dim, size_t count, double *work, double *sums) {
    double *at = work, *gradient = at + dim * CHUNK, *curvature = gradient + dim * CHUNK, *energy = curvature + dim * CHUNK;
    kr_landscape_energy(landscape, count, at, energy);
    kr_landscape_gradient(landscape, count, at, gradient);
    kr_landscape_curvature(landscape, count, at, curvature);
    double potential = 0;
    for (size_t p = 0; p < count; p++) potential += energy[p];
    sums[KR_SUM_POTENTIAL] += potential;
    for (size_t i = 0; i < dim; i++) {
        double slope = 0, laplacian = 0;
        for (size_t k = i * count; k < (i + 1) * count; k++) {
            slope += gradient[k] * gradient[k];
            laplacian += curvature[k];
        }
        sums[KR_SUM_SLOPE] += slope;
        sums[KR_SUM_LAPLACIAN] += laplacian;
    }
    sums[KR_SUM_PARTICLES] += (double)count;
}

static void add_kinetic(const kr_view *view, size_t first, size_t end, const double *velocity, size_t stride, double *sums) {
    double kinetic = 0;
    for (size_t i = 0; i < view->dim; i++)
        for (size_t p = first; p < end; p++) {
            double v = velocity[i * stride + p - first];
            if (view->stopped_at[p] == 0) kinetic += v * v;
        }
    sums[KR_SUM_KINETIC] += kinetic;
}

void kr_ensemble_moments_add(const kr_view *view, const kr_landscape *landscape, size_t first, size_t end, const double *velocity,
                             size_t stride, double *work, double *sums, const double *origin, double *moments) {
    for (size_t next = first; next < end; next += CHUNK) {
        size_t count = gather(view, next, next + CHUNK < end ? next + CHUNK : end, work);
        add_chunk(landscape, view->dim, count, work, sums);
        if (moments) add_moments(view->dim, count, work, origin, moments);
    }
    if (velocity) add_kinetic(view, first, end, velocity, stride, sums);
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
