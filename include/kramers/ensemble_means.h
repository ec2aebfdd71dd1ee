/* Sums over particles of an ensemble, from which means and temperatures follow: the same for a run's statistics and for a window
 * that shows some of the particles. Particles that have stopped are left out.
 *
 *     double sums[KR_ENSEMBLE_SUMS] = {0}, *work = malloc(kr_ensemble_sums_work(view.dim) * sizeof *work);
 *     kr_ensemble_sums_add(&view, view.landscape, 0, view.particles, NULL, 0, work, sums);
 *     printf("T = %g\n", kr_sums_configurational_temperature(sums));
 */
#ifndef KRAMERS_ENSEMBLE_MEANS_H
#define KRAMERS_ENSEMBLE_MEANS_H

#include <kramers/ensemble.h>

KR_BEGIN_DECLARATIONS

typedef enum kr_ensemble_sum {
    KR_SUM_PARTICLES,
    KR_SUM_POTENTIAL, /* V, weight decay included */
    KR_SUM_KINETIC,   /* |p|^2, twice the kinetic energy */
    KR_SUM_SLOPE,     /* |grad V|^2 */
    KR_SUM_LAPLACIAN, /* laplacian V; in landscapes with products of their Hessian an estimate of it, right in the mean over
                         particles */
    KR_ENSEMBLE_SUMS
} kr_ensemble_sum;

/* Doubles that kr_ensemble_sums_add works with. */
KR_API size_t kr_ensemble_sums_work(size_t dim);

/* Adds particles first .. end - 1. velocity[dim][stride] of particles first .. end - 1; NULL: none. */
KR_API void kr_ensemble_sums_add(const kr_view *view, const kr_landscape *landscape, size_t first, size_t end,
                                 const double *velocity, size_t stride, double *work, double *sums);
/* The same, and coordinates and their squares about an origin[dim] to moments[2][dim]. */
KR_API void kr_ensemble_moments_add(const kr_view *view, const kr_landscape *landscape, size_t first, size_t end,
                                    const double *velocity, size_t stride, double *work, double *sums, const double *origin,
                                    double *moments);

/* <|p|^2> per coordinate. */
KR_API double kr_sums_kinetic_temperature(const double *sums, size_t dim);
/* <|grad V|^2> / <laplacian V>, which equals T in a Boltzmann distribution whatever the landscape (Rugh 1997; Butler et al. 1998).
 */
KR_API double kr_sums_configurational_temperature(const double *sums);

KR_END_DECLARATIONS

#endif
