#include <kramers/principal_axes.h>

#include "numerics/eigen.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Entries of the same size but for rounding count as equal. */
static const double larger = 1.000001;

static void orient(size_t dim, const double *vector, double *axis) {
    double largest = 0.0;
    for (size_t i = 0; i < dim; i++)
        if (fabs(vector[i]) > larger * fabs(largest)) largest = vector[i];
    for (size_t i = 0; i < dim; i++) axis[i] = largest < 0.0 ? -vector[i] : vector[i];
}

kr_status kr_principal_axes(size_t dim, const double *covariance, size_t count, double *variance, double *axis, kr_error *error) {
    for (size_t k = 0; k < dim * dim; k++)
        if (!isfinite(covariance[k])) return kr_fail(error, KR_BAD_ARGUMENT, "a covariance is not finite: %g", covariance[k]);
    if (count > dim) return kr_fail(error, KR_BAD_ARGUMENT, "%zu axes in %zu dimensions", count, dim);
    double *matrix = malloc((2 * dim * dim + dim) * sizeof *matrix + 1), *vector = matrix + dim * dim, *value = vector + dim * dim;
    if (matrix) memcpy(matrix, covariance, dim * dim * sizeof *matrix);
    bool found = matrix && kr_symmetric_eigen(dim, matrix, value, vector);
    for (size_t k = 0; found && k < count; k++) {
        variance[k] = value[dim - 1 - k];
        orient(dim, vector + (dim - 1 - k) * dim, axis + k * dim);
    }
    free(matrix);
    return found ? KR_OK : kr_fail(error, KR_NO_MEMORY, "not enough memory for the axes of %zu coordinates", dim);
}
