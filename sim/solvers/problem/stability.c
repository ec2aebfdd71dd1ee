#include "stability.h"

#include <math.h>
#include <stdlib.h>

/* Of separable landscapes the largest entry of the diagonal; otherwise by power iteration, whose dominant eigenvalue is that of
 * largest size. */
double kr_largest_curvature(const kr_landscape *landscape, const double *x) {
    size_t dim = landscape->dim;
    double largest = 0;
    if (landscape->type->separable) {
        double *curvature = malloc(dim * sizeof *curvature);
        if (!curvature) return NAN;
        kr_landscape_curvature(landscape, 1, x, curvature);
        for (size_t i = 0; i < dim; i++) largest = fmax(largest, curvature[i]);
        free(curvature);
        return largest;
    }
    double *hessian = malloc((dim * dim + 2 * dim) * sizeof *hessian);
    if (!hessian) return NAN;
    double *v = hessian + dim * dim, *next = v + dim;
    kr_landscape_hessian(landscape, 1, x, hessian);
    for (size_t i = 0; i < dim; i++) v[i] = 1.0 + 0.1 * (double)i;
    for (int iteration = 0; iteration < 200; iteration++) {
        double norm = 0;
        for (size_t i = 0; i < dim; i++) {
            next[i] = 0;
            for (size_t j = 0; j < dim; j++) next[i] += hessian[i * dim + j] * v[j];
            norm += next[i] * next[i];
        }
        norm = sqrt(norm);
        if (norm == 0) break;
        for (size_t i = 0; i < dim; i++) v[i] = next[i] / norm;
        largest = norm;
    }
    free(hessian);
    return largest;
}

double kr_stability_limit(const kr_dynamics *dynamics, double learning_rate) {
    return dynamics->type->stability_limit ? dynamics->type->stability_limit(dynamics, learning_rate) : 2.0;
}
