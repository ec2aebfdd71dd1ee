/* Eigenvalues of symmetric matrices. */
#ifndef KR_EIGEN_H
#define KR_EIGEN_H

#include <stdbool.h>
#include <stddef.h>

/* Of matrix[n][n], which is destroyed: value[n], ascending, and unit eigenvectors as rows of vector[n][n]; vector NULL: not wanted.
 * false: an entry is not finite, or there is not enough memory. */
bool kr_symmetric_eigen(size_t n, double *matrix, double *value, double *vector);

#endif
