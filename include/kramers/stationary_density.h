/* Where particles would be in the end: the stationary density along one coordinate, and the shares of the minima.
 *
 *     kr_problem problem = kr_model_problem(&model);
 *     kr_stationary_density density;
 *     kr_stationary_density_create(&density, &problem, 0, NAN, (kr_interval){NAN, NAN}, &error);
 *     if (density.law != KR_STATIONARY_UNKNOWN)
 *         printf("%s: p(0.5) = %g\n", kr_stationary_law_name(density.law), kr_density_at(&density.continuous, 0.5));
 *     else
 *         printf("none: %s\n", density.why);
 *     kr_stationary_density_destroy(&density);
 */
#ifndef KRAMERS_STATIONARY_DENSITY_H
#define KRAMERS_STATIONARY_DENSITY_H

#include <kramers/density_curve.h>
#include <kramers/theory.h>

KR_BEGIN_DECLARATIONS

typedef enum kr_stationary_law {
    KR_STATIONARY_UNKNOWN,   /* there is none, or it is not known: why says it */
    KR_STATIONARY_BOLTZMANN, /* exp(-V/T): noise that is the same everywhere */
    KR_STATIONARY_ITO,       /* exp(-int V'/D) / D: noise of each place, dx = -V' dt + sqrt(2 D(x)) dW in Ito's sense */
    KR_STATIONARY_LAWS
} kr_stationary_law;

/* What targets, and landscapes that go on for ever, make of it. */
typedef enum kr_stationary_part {
    KR_STATIONARY_ALL,       /* of all places */
    KR_STATIONARY_RETURNS,   /* arrivals start again at the start: stationary with a current */
    KR_STATIONARY_REMAINING, /* arrivals are removed: the shape of what has not arrived yet */
    KR_STATIONARY_VALLEY     /* of the start's valley alone, as if its tops were walls */
} kr_stationary_part;

typedef struct kr_stationary_density {
    kr_stationary_law law;
    kr_stationary_part part;
    char why[160];               /* unknown: the reason, a phrase */
    double no_noise_at;          /* where there is none, which is the reason; else NAN */
    double temperature;          /* of Boltzmann's law; else NAN */
    double learning_rate;        /* that all this is of */
    kr_density_curve continuous; /* in continuous time, that is of small steps */
    /* Of the steps x' = x - eta V' + s(x) xi themselves, for gradient descent without a target where a few hundred points resolve
     * the steps; exact to the grid's resolution. */
    kr_density_curve steps;
    bool steps_differ; /* from continuous, by more than 4 % of its largest value */
} kr_stationary_density;

/* Of one coordinate of a problem in one dimension or of a separable landscape, or of coordinate 0 between walls (landscape.h).
 * learning_rate: NAN: the schedule's, if constant. window: where to begin to look for where the particles are; NAN: chosen. An
 * unknown density is no error (only a lack of memory is). The density owns its arrays and borrows nothing. */
KR_API kr_status kr_stationary_density_create(kr_stationary_density *density, const kr_problem *problem, size_t coordinate,
                                              double learning_rate, kr_interval window, kr_error *error);
KR_API void kr_stationary_density_destroy(kr_stationary_density *density);

KR_API const char *kr_stationary_law_name(kr_stationary_law law);      /* "boltzmann", "ito", "unknown" */
KR_API const char *kr_stationary_law_reference(kr_stationary_law law); /* "": unknown */

KR_END_DECLARATIONS

#endif
