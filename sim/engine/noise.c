#include <kramers/noise.h>

#include "numerics/eigen.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST_HESSIAN = 2000 };

kr_noise_input kr_noise_needs(const kr_noise *noise, bool separable) {
    const kr_noise_type *type = noise->type;
    return type->is_zero || !type->input ? KR_NOISE_INPUT_NONE : type->input(noise, separable);
}

bool kr_noise_adds_variance(const kr_noise *noise, kr_noise_input input) {
    return noise->type->by_coordinate && (input == KR_NOISE_INPUT_NONE || input == KR_NOISE_INPUT_CURVATURE);
}

bool kr_noise_is_additive(const kr_noise *noise, bool separable) {
    return kr_noise_needs(noise, separable) == KR_NOISE_INPUT_NONE;
}

double kr_noise_additive_variance(const kr_noise *noise) {
    const double nothing = 0.0;
    double variance = 0.0;
    if (!noise->type->is_zero) noise->type->variance(noise, 1, &nothing, &nothing, &variance);
    return variance;
}

/* value[dim][n]: the eigenvalues of the Hessian at each point, ascending; NAN where it is not finite. false: no memory. */
static bool eigenvalues(const kr_landscape *landscape, size_t n, const double *x, double *value) {
    size_t dim = landscape->dim;
    double *point = malloc((dim * dim + 2 * dim) * sizeof *point);
    for (size_t p = 0; point && p < n; p++) {
        double *own = point + dim, *hessian = own + dim;
        for (size_t i = 0; i < dim; i++) point[i] = x[i * n + p];
        kr_landscape_hessian(landscape, 1, point, hessian);
        bool made = kr_symmetric_eigen(dim, hessian, own, NULL);
        for (size_t i = 0; i < dim; i++) value[i * n + p] = made ? own[i] : NAN;
    }
    bool enough = point != NULL;
    free(point);
    return enough;
}

/* Curvatures along the coordinates, or eigenvalues, into curvature[dim][n]; energies into energy[n]. What the model does not need
 * stays as it is. */
static kr_status evaluate(const kr_noise *noise, const kr_landscape *landscape, size_t n, const double *x, double *energy,
                          double *curvature, kr_error *error) {
    kr_landscape bare = *landscape;
    bare.weight_decay = 0.0;
    switch (kr_noise_needs(noise, landscape->type->separable)) {
    case KR_NOISE_INPUT_NONE: break;
    case KR_NOISE_INPUT_ENERGY: kr_landscape_energy(&bare, n, x, energy); break;
    case KR_NOISE_INPUT_CURVATURE: kr_landscape_curvature(&bare, n, x, curvature); break;
    case KR_NOISE_INPUT_HESSIAN:
        if (bare.dim == 1) {
            kr_landscape_curvature(&bare, n, x, curvature);
            break;
        }
        if (bare.dim > LARGEST_HESSIAN)
            return kr_fail(error, KR_BAD_ARGUMENT, "the eigenvalues of a Hessian of %zu dimensions are not computed", bare.dim);
        if (!eigenvalues(&bare, n, x, curvature))
            return kr_fail(error, KR_NO_MEMORY, "there is not enough memory for the Hessian in %zu dimensions", bare.dim);
    }
    return KR_OK;
}

kr_status kr_noise_variance(const kr_noise *noise, const kr_landscape *landscape, size_t n, const double *x, double *variance,
                            kr_error *error) {
    size_t dim = landscape->dim;
    if (noise->type->is_zero) {
        memset(variance, 0, dim * n * sizeof *variance);
        return KR_OK;
    }
    double *energy = calloc((1 + dim) * n + 1, sizeof *energy), *curvature = energy + n;
    if (!energy) return kr_fail(error, KR_NO_MEMORY, "there is not enough memory for the noise at %zu points", n);
    kr_status status = evaluate(noise, landscape, n, x, energy, curvature, error);
    for (size_t i = 0; status == KR_OK && i < dim; i++)
        noise->type->variance(noise, n, energy, curvature + i * n, variance + i * n);
    free(energy);
    return status;
}

double kr_noise_mean_variance(const kr_noise *noise, const kr_landscape *landscape, const double *x) {
    size_t dim = landscape->dim;
    double mean = 0.0, *variance = malloc(dim * sizeof *variance);
    if (!variance || kr_noise_variance(noise, landscape, 1, x, variance, NULL) != KR_OK) mean = NAN;
    for (size_t i = 0; !isnan(mean) && i < dim; i++) mean += variance[i] / (double)dim;
    free(variance);
    return mean;
}
