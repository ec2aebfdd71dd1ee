/* Extreme eigenvalues of symmetric operators that are known by their products with vectors: Lanczos' method for a batch of
 * operators at once, each with its own vectors. */
#ifndef KR_LANCZOS_H
#define KR_LANCZOS_H

#include <kramers/status.h>

#include <stdbool.h>
#include <stddef.h>

/* product[dim][n]: operator p times direction[dim][n], column p. */
typedef kr_status kr_times(void *context, size_t n, const double *direction, double *product, kr_error *error);

/* Borrowed pointers. Vectors are structures of arrays: coordinate i of vector p is x[i * n + p]. A column's numbers do not depend
 * on which others there are. */
typedef struct kr_lanczos {
    size_t dim, n;
    size_t iterations; /* most products with each operator; more than dim are never made */
    bool largest_only; /* the smallest may be anything that the others have by then */
    double tolerance;  /* a column is done where both residuals are below this times the larger eigenvalue's size */
    kr_times *times;
    void *context;
    const double *start; /* [dim][n], any vectors with some of the eigenvectors wanted in them: normals */
    /* [n] each: the largest and the smallest eigenvalue, and the larger of their two residuals |A v - a v|, within which of each
     * there is an eigenvalue. NAN where a product is not finite. */
    double *largest, *smallest, *residual;
    double *vector; /* [dim][n], unit eigenvectors of the largest; NULL: not wanted */
} kr_lanczos;

/* Doubles that it works with. */
size_t kr_lanczos_work(size_t dim, size_t n, size_t iterations);
/* KR_NO_MEMORY, or what times says. Columns that are not done after all iterations have residuals that say so. */
kr_status kr_lanczos_extremes(const kr_lanczos *l, kr_error *error);

#endif
