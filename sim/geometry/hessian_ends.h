/* The ends of the spectrum of the Hessian, weight decay included, at a batch of points of any landscape in any number of
 * dimensions.
 *
 * Points and directions are structures of arrays as everywhere; what is found for a point does not depend on the others. */
#ifndef KR_HESSIAN_ENDS_H
#define KR_HESSIAN_ENDS_H

#include <kramers/landscape.h>

/* Up to so many coupled coordinates, batches of Hessians are taken apart whole here; and single ones for critical points. */
enum { KR_WHOLE_HESSIAN = 32, KR_MOST_COUPLED = 128 };

/* product[dim][n] = Hessian times direction[dim][n] as the landscape does it best; where it would need the whole of a large matrix,
 * by central differences of gradients (good to about 1e-9 of the largest). work[2][dim][n]. */
kr_status kr_hessian_product(const kr_landscape *landscape, size_t n, const double *x, const double *direction, double *work,
                             double *product, kr_error *error);

/* How many times direction[dim][n] the points of such differences lie to either side of point p of x[dim][n]; 0: there is no
 * direction. */
double kr_difference_step(size_t dim, size_t n, size_t p, const double *x, const double *direction);

typedef struct kr_hessian_ends {
    const kr_landscape *landscape;
    size_t n;
    const double *x; /* [dim][n] */
    /* [dim][n] normals that Lanczos' method begins with, most products with each Hessian, and the size of the residual, relative to
     * the largest eigenvalue, that is small enough. Not used where kr_hessian_is_whole. */
    const double *start;
    size_t iterations;
    double tolerance;
    bool largest_only; /* the smallest need not have converged, nor its residual */
    /* Results, [n] each: eigenvalues, and the residual within which of either there is one. trace where kr_hessian_is_whole,
     * otherwise NAN. vector[dim][n]: unit eigenvectors of the largest; NULL: not wanted. NAN where the Hessian is. */
    double *largest, *smallest, *residual, *trace, *vector;
} kr_hessian_ends;

/* Whether it is cheap to know the whole spectrum. */
bool kr_hessian_is_whole(const kr_landscape *landscape);
/* Doubles that kr_hessian_ends_find allocates. */
double kr_hessian_ends_work(const kr_landscape *landscape, size_t n, size_t iterations);
kr_status kr_hessian_ends_find(const kr_hessian_ends *ends, kr_error *error);

#endif
