/* Linear stability of an optimizer at a minimum: it stays as long as learning rate times curvature is below a limit, 2 for plain
 * gradient descent. */
#ifndef KR_STABILITY_H
#define KR_STABILITY_H

#include <kramers/dynamics.h>
#include <kramers/interval.h>
#include <kramers/landscape.h>

/* Smallest and largest eigenvalue of the Hessian at a point. NAN without memory. */
kr_interval kr_curvature_range(const kr_landscape *landscape, const double *x);
/* Largest eigenvalue of the Hessian at a point. NAN without memory. */
double kr_largest_curvature(const kr_landscape *landscape, const double *x);
/* Of learning rate times curvature. */
double kr_stability_limit(const kr_dynamics *dynamics, double learning_rate);
/* What adaptive dynamics divide gradients by, in noise of this variance; 1 for others, NAN where only the gradients decide. */
double kr_gradient_divisor(const kr_dynamics *dynamics, double noise_variance);

#endif
