#include "stability.h"

#include "numerics/eigen.h"

#include <math.h>
#include <stdlib.h>

double kr_largest_curvature(const kr_landscape *landscape, const double *x) {
    size_t dim = landscape->dim;
    bool separable = landscape->type->separable;
    double *curvature = malloc((separable ? 1 : dim + 1) * dim * sizeof *curvature), largest = NAN;
    if (!curvature) return NAN;
    if (separable) {
        kr_landscape_curvature(landscape, 1, x, curvature);
        largest = curvature[0];
        for (size_t i = 1; i < dim; i++) largest = fmax(largest, curvature[i]);
    } else {
        double *hessian = curvature + dim;
        kr_landscape_hessian(landscape, 1, x, hessian);
        if (kr_symmetric_eigen(dim, hessian, curvature, NULL)) largest = curvature[dim - 1];
    }
    free(curvature);
    return largest;
}

double kr_stability_limit(const kr_dynamics *dynamics, double learning_rate) {
    return dynamics->type->stability_limit ? dynamics->type->stability_limit(dynamics, learning_rate) : 2.0;
}
