#include "landscape_panel.h"

#include <kramers/principal_axes.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static kr_status reserve(kr_plane *plane, size_t dim, kr_error *error) {
    if (plane->origin && plane->dim == dim) return KR_OK;
    double *storage = malloc(3 * dim * sizeof *storage);
    if (!storage) return kr_fail(error, KR_NO_MEMORY, "not enough memory for a plane in %zu dimensions", dim);
    free(plane->origin);
    plane->dim = dim;
    plane->origin = storage;
    plane->along_x = storage + dim;
    plane->along_y = storage + 2 * dim;
    return KR_OK;
}

kr_status kr_plane_place(kr_plane *plane, size_t dim, const double *start, size_t first, size_t second, kr_error *error) {
    kr_status status = reserve(plane, dim, error);
    if (status != KR_OK) return status;
    plane->principal = false;
    plane->first = first < dim ? first : 0;
    plane->second = second < dim ? second : 0;
    for (size_t i = 0; i < dim; i++) {
        plane->origin[i] = start ? start[i] : 0;
        plane->along_x[i] = i == plane->first;
        plane->along_y[i] = i == plane->second;
    }
    plane->version++;
    return KR_OK;
}

void kr_plane_destroy(kr_plane *plane) {
    free(plane->origin);
    *plane = (kr_plane){.dim = 0};
}

/* Principal directions need no more particles than this; for more coordinates kr_plane_principal_of_few finds them. */
enum { SAMPLE = 4096, COORDINATES = 64 };

static size_t sample_moments(const kr_snapshot_variant *ensemble, size_t dim, double *mean, double *covariance) {
    size_t sample = ensemble->count < SAMPLE ? ensemble->count : SAMPLE, used = 0;
    const float *position = ensemble->position;
    memset(mean, 0, dim * sizeof *mean);
    memset(covariance, 0, dim * dim * sizeof *covariance);
    for (size_t p = 0; p < sample; p++) {
        double delta[COORDINATES];
        bool finite = true;
        for (size_t i = 0; i < dim; i++) finite = finite && isfinite(position[i * ensemble->count + p]);
        if (!finite) continue;
        used++;
        for (size_t i = 0; i < dim; i++) {
            delta[i] = (double)position[i * ensemble->count + p] - mean[i];
            mean[i] += delta[i] / (double)used;
        }
        double weight = (double)(used - 1) / (double)used; /* Welford's update */
        for (size_t i = 0; i < dim; i++)
            for (size_t j = 0; j < dim; j++) covariance[i * dim + j] += weight * delta[i] * delta[j];
    }
    return used;
}

/* Turns the plane to the two leading principal axes; further coordinates, if any, stay at the mean. */
static bool turn(kr_plane *plane, size_t dim, const double *covariance) {
    double variance[2], axis[2 * COORDINATES], total = 0;
    kr_error error;
    for (size_t i = 0; i < dim; i++) total += covariance[i * (dim + 1)];
    if (!(total > 0) || kr_principal_axes(dim, covariance, 2, variance, axis, &error) != KR_OK) return false;
    double *const along[] = {plane->along_x, plane->along_y};
    for (size_t k = 0; k < 2; k++) {
        memset(along[k], 0, plane->dim * sizeof *along[k]);
        memcpy(along[k], axis + k * dim, dim * sizeof *along[k]);
        plane->share[k] = variance[k] / total;
    }
    return true;
}

bool kr_plane_principal(kr_plane *plane, const kr_snapshot_variant *ensemble) {
    if (plane->dim > COORDINATES) return kr_plane_principal_of_few(plane, ensemble);
    size_t dim = plane->dim;
    if (!ensemble || !ensemble->position || dim < 2 || ensemble->dim != plane->dim) return false;
    double mean[COORDINATES], *covariance = malloc(dim * dim * sizeof *covariance);
    bool good = covariance && sample_moments(ensemble, dim, mean, covariance) >= 3 && turn(plane, dim, covariance);
    free(covariance);
    if (!good) return false;
    for (size_t i = 0; i < dim; i++) plane->origin[i] = mean[i];
    plane->principal = true;
    plane->version++;
    return true;
}

static void project_along(const double *along, const double *origin, size_t dim, const float *position, size_t stride, size_t n,
                          float *restrict out) {
    for (size_t p = 0; p < n; p++) out[p] = 0;
    for (size_t i = 0; i < dim; i++) {
        const float a = (float)along[i], o = (float)origin[i];
        const float *restrict x = position + i * stride;
        for (size_t p = 0; p < n; p++) out[p] += a * (x[p] - o);
    }
}

void kr_plane_project(const kr_plane *plane, const kr_snapshot_variant *ensemble, size_t from, size_t n, kr_projected *out) {
    if (!plane->principal) {
        out->x = ensemble->position + plane->first * ensemble->count + from;
        out->y = ensemble->position + plane->second * ensemble->count + from;
        return;
    }
    size_t dim = ensemble->dim;
    float *x = out->scratch, *y = out->scratch + KR_PLANE_BATCH;
    project_along(plane->along_x, plane->origin, dim, ensemble->position + from, ensemble->count, n, x);
    project_along(plane->along_y, plane->origin, dim, ensemble->position + from, ensemble->count, n, y);
    out->x = x;
    out->y = y;
}

kr_point kr_plane_point(const kr_plane *plane, const double *position) {
    if (!plane->principal) return (kr_point){position[plane->first], position[plane->second]};
    kr_point at = {0, 0};
    for (size_t i = 0; i < plane->dim; i++) {
        at.x += plane->along_x[i] * (position[i] - plane->origin[i]);
        at.y += plane->along_y[i] * (position[i] - plane->origin[i]);
    }
    return at;
}

void kr_plane_lift(const kr_plane *plane, size_t n, const double *x, const double *y, double *points) {
    for (size_t i = 0; i < plane->dim; i++) {
        double *restrict out = points + i * n;
        if (plane->principal) {
            const double o = plane->origin[i], a = plane->along_x[i], b = plane->along_y[i];
            for (size_t p = 0; p < n; p++) out[p] = o + a * x[p] + b * y[p];
        } else if (i == plane->first) {
            memcpy(out, x, n * sizeof *out);
        } else if (i == plane->second) {
            memcpy(out, y, n * sizeof *out);
        } else {
            for (size_t p = 0; p < n; p++) out[p] = plane->origin[i];
        }
    }
}
