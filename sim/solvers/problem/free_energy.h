/* Free energy along the floor of a valley with harmonic walls: of V = f(x0) + k(x0)/2 sum_{i>0} (x_i - c(x0))^2 in d dimensions the
 * stationary density e^{-V/T} leaves for x0, whatever c is,
 *
 *     e^{-W/T},   W = f + (T/2) (d - 1) ln k,
 *
 * as the integral over each x_i is sqrt(2 pi T / k). -(T/2)(d - 1)(ln k)' is the entropic force. Exact for everything stationary;
 * that x0 moves as dx0 = -W' dt + sqrt(2 T) dW holds only where the walls are fast. */
#ifndef KR_FREE_ENERGY_H
#define KR_FREE_ENERGY_H

#include <kramers/theory.h>

typedef struct kr_free_energy {
    const kr_landscape *full;
    double temperature;
    kr_landscape landscape; /* W, in one dimension */
    kr_problem problem;     /* the same with W */
} kr_free_energy;

/* Stays where it is: the landscape points to it. false: refused, with the reason in out. targets: whether they must lie on x0;
 * else there are none in the new problem. */
bool kr_free_energy_make(const kr_problem *problem, double temperature, bool targets, kr_free_energy *free_energy,
                         kr_prediction *out);

/* At x0. */
double kr_free_energy_entropic_force(const kr_free_energy *free_energy, double x0);

#endif
