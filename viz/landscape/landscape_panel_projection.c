#include "landscape_panel.h"

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

/* Principal directions need no more particles than this, nor more coordinates than a snapshot copies. */
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

/* Eigenvectors of a symmetric matrix as columns of vector, eigenvalues on its diagonal: Jacobi's rotations, cyclic by rows. */
static void jacobi(size_t dim, double *matrix, double *vector) {
    for (size_t i = 0; i < dim * dim; i++) vector[i] = i % (dim + 1) == 0;
    for (int sweep = 0; sweep < 30; sweep++) {
        double off = 0, all = 0;
        for (size_t i = 0; i < dim * dim; i++) {
            all += matrix[i] * matrix[i];
            if (i % (dim + 1)) off += matrix[i] * matrix[i];
        }
        if (off <= 1e-24 * all) return;
        for (size_t p = 0; p < dim; p++)
            for (size_t q = p + 1; q < dim; q++) {
                double apq = matrix[p * dim + q];
                if (apq == 0) continue;
                double theta = (matrix[q * dim + q] - matrix[p * dim + p]) / (2 * apq);
                double t = (theta < 0 ? -1 : 1) / (fabs(theta) + sqrt(theta * theta + 1)), c = 1 / sqrt(t * t + 1), s = t * c;
                for (size_t k = 0; k < dim; k++) {
                    double kp = matrix[k * dim + p], kq = matrix[k * dim + q];
                    matrix[k * dim + p] = c * kp - s * kq;
                    matrix[k * dim + q] = s * kp + c * kq;
                }
                for (size_t k = 0; k < dim; k++) {
                    double pk = matrix[p * dim + k], qk = matrix[q * dim + k];
                    matrix[p * dim + k] = c * pk - s * qk;
                    matrix[q * dim + k] = s * pk + c * qk;
                    double vp = vector[k * dim + p], vq = vector[k * dim + q];
                    vector[k * dim + p] = c * vp - s * vq;
                    vector[k * dim + q] = s * vp + c * vq;
                }
            }
    }
}

/* Column of a matrix as a direction; its largest entry is positive, so that the picture does not flip. */
static void take_direction(size_t dim, size_t full, const double *vector, size_t column, double *along) {
    double largest = 0;
    memset(along, 0, full * sizeof *along);
    for (size_t i = 0; i < dim; i++) {
        along[i] = vector[i * dim + column];
        if (fabs(along[i]) > 1.000001 * fabs(largest)) largest = along[i];
    }
    for (size_t i = 0; i < dim && largest < 0; i++) along[i] = -along[i];
}

bool kr_plane_principal(kr_plane *plane, const kr_snapshot_variant *ensemble) {
    size_t dim = plane->dim < COORDINATES ? plane->dim : COORDINATES, lead[2] = {0, 1};
    if (!ensemble || !ensemble->position || dim < 2 || ensemble->dim != plane->dim) return false;
    double mean[COORDINATES], total = 0;
    double *covariance = malloc(2 * dim * dim * sizeof *covariance);
    if (!covariance || sample_moments(ensemble, dim, mean, covariance) < 3) {
        free(covariance);
        return false;
    }
    double *vector = covariance + dim * dim;
    jacobi(dim, covariance, vector);
    for (size_t i = 0; i < dim; i++) total += covariance[i * dim + i];
    if (!(total > 0)) {
        free(covariance);
        return false;
    }
    for (size_t i = 1; i < dim; i++)
        if (covariance[i * dim + i] > covariance[lead[0] * dim + lead[0]]) lead[0] = i;
    lead[1] = lead[0] == 0;
    for (size_t i = 0; i < dim; i++)
        if (i != lead[0] && covariance[i * dim + i] > covariance[lead[1] * dim + lead[1]]) lead[1] = i;
    take_direction(dim, plane->dim, vector, lead[0], plane->along_x);
    take_direction(dim, plane->dim, vector, lead[1], plane->along_y);
    for (int k = 0; k < 2; k++) plane->share[k] = covariance[lead[k] * dim + lead[k]] / total;
    for (size_t i = 0; i < dim; i++) plane->origin[i] = mean[i];
    plane->principal = true;
    plane->version++;
    free(covariance);
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
    size_t dim = plane->dim < COORDINATES ? plane->dim : COORDINATES;
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
