#include <kramers/stability.h>

#include "geometry/coupled_minima.h"
#include "geometry/walls.h"
#include "numerics/eigen.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static kr_interval curvature_range(const kr_landscape *landscape, const double *x, bool only_largest) {
    size_t dim = landscape->dim;
    if (kr_has_walls(landscape)) return kr_walls_curvature_range(landscape, x);
    bool separable = landscape->type->separable;
    kr_interval ends = {NAN, NAN};
    if (!separable && dim > KR_MOST_COUPLED)
        return kr_large_curvature_range(landscape, x, only_largest, &ends.low, &ends.high) ? ends : (kr_interval){NAN, NAN};
    double *curvature = malloc((separable ? 1 : dim + 1) * dim * sizeof *curvature);
    kr_interval range = {NAN, NAN};
    if (!curvature) return range;
    if (separable) {
        kr_landscape_curvature(landscape, 1, x, curvature);
        range = (kr_interval){curvature[0], curvature[0]};
        for (size_t i = 1; i < dim; i++) range = (kr_interval){fmin(range.low, curvature[i]), fmax(range.high, curvature[i])};
    } else {
        double *hessian = curvature + dim;
        kr_landscape_hessian(landscape, 1, x, hessian);
        if (kr_symmetric_eigen(dim, hessian, curvature, NULL)) range = (kr_interval){curvature[0], curvature[dim - 1]};
    }
    free(curvature);
    return range;
}

kr_interval kr_curvature_range(const kr_landscape *landscape, const double *x) {
    return curvature_range(landscape, x, false);
}

double kr_largest_curvature(const kr_landscape *landscape, const double *x) {
    return curvature_range(landscape, x, true).high;
}

double kr_stability_limit(const kr_dynamics *dynamics, double learning_rate) {
    return dynamics->type->stability_limit ? dynamics->type->stability_limit(dynamics, learning_rate) : 2.0;
}

bool kr_stability_warning(const kr_dynamics *dynamics, double learning_rate, double curvature, char *text, size_t size) {
    double limit = kr_stability_limit(dynamics, learning_rate), product = learning_rate * curvature;
    if (!(product >= limit)) return false;
    snprintf(text, size,
             "learning rate x curvature = %.3g at the start is beyond stability (%.3g): the minimum cannot hold particles", product,
             limit);
    return true;
}

double kr_gradient_divisor(const kr_dynamics *dynamics, double noise_variance) {
    const kr_dynamics_type *type = dynamics->type;
    if (type->preconditioner) return noise_variance > 0.0 ? type->preconditioner(dynamics, noise_variance) : NAN;
    return type->preconditioned_limit ? NAN : 1.0;
}
