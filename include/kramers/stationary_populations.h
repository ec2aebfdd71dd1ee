/* Which share of the particles would be in the basin of each minimum in the end.
 *
 *     kr_stationary_populations populations;
 *     kr_stationary_populations_create(&populations, &problem, NAN, NULL, &error);
 *     for (size_t i = 0; i < populations.minima; i++) printf("minimum %zu: %g\n", i, populations.share[i]);
 *     kr_stationary_populations_destroy(&populations);
 */
#ifndef KRAMERS_STATIONARY_POPULATIONS_H
#define KRAMERS_STATIONARY_POPULATIONS_H

#include <kramers/critical_points.h>
#include <kramers/stationary_density.h>

KR_BEGIN_DECLARATIONS

typedef struct kr_stationary_populations {
    kr_stationary_law law;
    kr_stationary_part part;
    bool harmonic;      /* from the curvatures of the minima, right at low temperatures; else integrals between the tops */
    char why[160];      /* unknown: the reason, a phrase */
    double temperature; /* of Boltzmann's law; else NAN */
    size_t minima;      /* 0: unknown */
    double *share;      /* [minima], in the order of their numbers, in continuous time; their sum is 1 */
    double *of_steps;   /* [minima] of the steps at this learning rate; NULL: not known (kr_stationary_density.steps) */
} kr_stationary_populations;

/* learning_rate: NAN: the schedule's, if constant. critical: the landscape's minima and saddles in all coordinates, borrowed; NULL:
 * they are found. In one dimension integrals of the stationary density, with targets too; between walls (landscape.h) of that of
 * x0, divided at the saddles; in other landscapes of several dimensions harmonic. There for noise that is the same everywhere, and
 * without a target. Unknown populations are no error. */
KR_API kr_status kr_stationary_populations_create(kr_stationary_populations *populations, const kr_problem *problem,
                                                  double learning_rate, const kr_critical_points *critical, kr_error *error);
KR_API void kr_stationary_populations_destroy(kr_stationary_populations *populations);

KR_END_DECLARATIONS

#endif
