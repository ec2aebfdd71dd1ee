#include <kramers/landscape.h>

#include <math.h>
#include <stdlib.h>

/* A landscape without its own curvature has a Hessian: its diagonal, one point at a time. */
static void curvature_from_hessian(const kr_landscape *self, size_t n, const double *x, double *curvature) {
    size_t dim = self->dim;
    double *point = malloc((dim * dim + dim) * sizeof *point), *hessian = point + dim;
    for (size_t p = 0; p < n; p++) {
        for (size_t i = 0; point && i < dim; i++) point[i] = x[i * n + p];
        if (point) self->type->hessian(self, 1, point, hessian);
        for (size_t i = 0; i < dim; i++) curvature[i * n + p] = point ? hessian[i * dim + i] : NAN;
    }
    free(point);
}

kr_status kr_landscape_create(kr_landscape *self, const kr_landscape_type *type, const void *values, const char *directory,
                              double weight_decay, kr_error *error) {
    *self = (kr_landscape){.type = type, .values = values, .directory = directory, .weight_decay = weight_decay};
    if (!(weight_decay >= 0 && isfinite(weight_decay)))
        return kr_fail(error, KR_BAD_ARGUMENT, "weight decay must be a finite number of at least 0, not %g", weight_decay);
    size_t measured = 0;
    kr_status status = type->measure ? type->measure(values, directory, &measured, error) : KR_OK;
    if (status != KR_OK) return status;
    double dim = type->dim ? (double)type->dim : type->measure ? (double)measured : kr_get_by_name(&type->about, values, "dim", 0);
    if (!(dim >= 1))
        return kr_fail(error, KR_BAD_ARGUMENT, "landscape '%s' has dimension %g; it must be at least 1", type->about.name, dim);
    self->dim = (size_t)dim;
    status = type->prepare ? type->prepare(self, error) : KR_OK;
    if (status != KR_OK) kr_landscape_destroy(self);
    return status;
}

void kr_landscape_destroy(kr_landscape *self) {
    if (self->type && self->type->release && self->state) self->type->release(self);
    *self = (kr_landscape){.type = NULL};
}

void kr_landscape_energy(const kr_landscape *self, size_t n, const double *x, double *energy) {
    self->type->energy(self, n, x, energy);
    kr_landscape_add_decay(self, n, x, energy);
}

void kr_landscape_add_decay(const kr_landscape *self, size_t n, const double *x, double *energy) {
    double half = 0.5 * self->weight_decay;
    if (half == 0) return;
    for (size_t i = 0; i < self->dim; i++)
        for (size_t p = 0; p < n; p++) energy[p] += half * x[i * n + p] * x[i * n + p];
}

void kr_landscape_gradient(const kr_landscape *self, size_t n, const double *x, double *gradient) {
    self->type->gradient(self, n, x, gradient);
    double decay = self->weight_decay;
    if (decay == 0) return;
    for (size_t k = 0; k < self->dim * n; k++) gradient[k] += decay * x[k];
}

void kr_landscape_curvature(const kr_landscape *self, size_t n, const double *x, double *curvature) {
    if (self->type->curvature)
        self->type->curvature(self, n, x, curvature);
    else
        curvature_from_hessian(self, n, x, curvature);
    double decay = self->weight_decay;
    if (decay == 0) return;
    for (size_t k = 0; k < self->dim * n; k++) curvature[k] += decay;
}

/* Diagonal [dim][n] at the front of hessian becomes the full [dim][dim][n]: the last row moves first, so that nothing is
 * overwritten before it is read. */
static void spread_diagonal(size_t dim, size_t n, double *hessian) {
    for (size_t i = dim; i-- > 0;) {
        double *row = hessian + i * dim * n;
        for (size_t p = n; p-- > 0;) {
            double curvature = hessian[i * n + p];
            for (size_t j = 0; j < dim; j++) row[j * n + p] = i == j ? curvature : 0;
        }
    }
}

void kr_landscape_hessian(const kr_landscape *self, size_t n, const double *x, double *hessian) {
    size_t dim = self->dim;
    if (self->type->hessian) {
        self->type->hessian(self, n, x, hessian);
    } else {
        self->type->curvature(self, n, x, hessian);
        spread_diagonal(dim, n, hessian);
    }
    double decay = self->weight_decay;
    if (decay == 0) return;
    for (size_t i = 0; i < dim; i++)
        for (size_t p = 0; p < n; p++) hessian[(i * dim + i) * n + p] += decay;
}

size_t kr_landscape_knots(const kr_landscape *self, size_t axis, double low, double high, size_t capacity, double *points) {
    size_t count = self->type->knots ? self->type->knots(self, axis, 0, NULL) : 0, inside = 0;
    double *all = count ? malloc(count * sizeof *all) : NULL;
    if (!all) return 0;
    self->type->knots(self, axis, count, all);
    for (size_t i = 0; i < count; i++) {
        if (!(all[i] > low && all[i] < high)) continue;
        if (inside < capacity) points[inside] = all[i];
        inside++;
    }
    free(all);
    return inside <= capacity ? inside : 0;
}

/* From the full Hessian of one point at a time. */
static kr_status times_whole(const kr_landscape *self, size_t n, const double *x, const double *direction, double *product,
                             kr_error *error) {
    size_t dim = self->dim;
    double *point = malloc((dim * dim + dim) * sizeof *point), *hessian = point + dim;
    if (!point) return kr_fail(error, KR_NO_MEMORY, "there is not enough memory for a Hessian of %zu dimensions", dim);
    for (size_t p = 0; p < n; p++) {
        for (size_t i = 0; i < dim; i++) point[i] = x[i * n + p];
        kr_landscape_hessian(self, 1, point, hessian);
        for (size_t i = 0; i < dim; i++) {
            double sum = 0;
            for (size_t j = 0; j < dim; j++) sum = fma(hessian[i * dim + j], direction[j * n + p], sum);
            product[i * n + p] = sum;
        }
    }
    free(point);
    return KR_OK;
}

kr_status kr_landscape_hessian_times(const kr_landscape *self, size_t n, const double *x, const double *direction, double *product,
                                     kr_error *error) {
    bool own = self->type->hessian_times;
    if (!own && !self->type->separable) return times_whole(self, n, x, direction, product, error);
    if (own)
        self->type->hessian_times(self, n, x, direction, product);
    else
        self->type->curvature(self, n, x, product);
    for (size_t k = 0; k < self->dim * n; k++)
        product[k] = own ? fma(self->weight_decay, direction[k], product[k]) : (product[k] + self->weight_decay) * direction[k];
    return KR_OK;
}
