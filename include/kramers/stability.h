/* Linear stability of an optimizer at a minimum: it stays as long as learning rate times curvature is below a limit, 2 for plain
 * gradient descent. */
#ifndef KRAMERS_STABILITY_H
#define KRAMERS_STABILITY_H

#include <kramers/dynamics.h>
#include <kramers/interval.h>
#include <kramers/landscape.h>

KR_BEGIN_DECLARATIONS

/* Smallest and largest eigenvalue of the Hessian at a point. NAN without memory. */
KR_API kr_interval kr_curvature_range(const kr_landscape *landscape, const double *x);
/* Largest eigenvalue of the Hessian at a point. NAN without memory. */
KR_API double kr_largest_curvature(const kr_landscape *landscape, const double *x);
/* Of learning rate times curvature. */
KR_API double kr_stability_limit(const kr_dynamics *dynamics, double learning_rate);
/* Whether a minimum of this largest curvature, at the start, cannot hold particles; then text says so. */
KR_API bool kr_stability_warning(const kr_dynamics *dynamics, double learning_rate, double curvature, char *text, size_t size);
/* What adaptive dynamics divide gradients by, in noise of this variance; 1 for others, NAN where only the gradients decide. */
KR_API double kr_gradient_divisor(const kr_dynamics *dynamics, double noise_variance);

KR_END_DECLARATIONS

#endif
