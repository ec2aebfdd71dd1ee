/* The directions in which a cloud of points is widest, from its covariance: principal component analysis.
 *
 *     double variance[2], axis[2 * 5];
 *     if (kr_principal_axes(5, covariance, 2, variance, axis, &error) == KR_OK) printf("widest: sqrt(%g)\n", variance[0]);
 */
#ifndef KRAMERS_PRINCIPAL_AXES_H
#define KRAMERS_PRINCIPAL_AXES_H

#include <kramers/status.h>

#include <stddef.h>

KR_BEGIN_DECLARATIONS

/* The leading `count` (at most dim) eigenvectors of covariance[dim][dim], a symmetric matrix: unit vectors axis[count][dim] and
 * their eigenvalues variance[count], largest first. Of each axis the entry of largest size is positive, the first of those that are
 * equally large, so that an axis does not flip from one call to the next. KR_BAD_ARGUMENT: an entry is not finite; KR_NO_MEMORY. */
KR_API kr_status kr_principal_axes(size_t dim, const double *covariance, size_t count, double *variance, double *axis,
                                   kr_error *error);

KR_END_DECLARATIONS

#endif
