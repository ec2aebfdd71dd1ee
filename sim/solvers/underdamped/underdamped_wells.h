/* The wells that the theories of underdamped escape are about: the start's well along one coordinate, the barriers beside it, and
 * the well beyond, for dynamics dq = p dt, dp = -V' dt - gamma p dt + sqrt(2 gamma T) dW. */
#ifndef KR_UNDERDAMPED_WELLS_H
#define KR_UNDERDAMPED_WELLS_H

#include "solvers/problem/bath.h"

typedef struct kr_well {
    double position, energy, frequency; /* of the minimum; frequency = sqrt(V'') */
} kr_well;

typedef struct kr_barrier {
    double position, energy, frequency; /* of the top; frequency = sqrt(-V'') */
    kr_well beyond;                     /* frequency NAN: no minimum lies beyond */
} kr_barrier;

typedef struct kr_underdamped_wells {
    kr_problem_1d line;
    double temperature, friction;
    kr_bath bath; /* which these are of */
    kr_well well; /* of the start */
    kr_barrier barrier[2];
    size_t barriers; /* of the start's well: 1, or 2 when one lies on each side */
    bool two;        /* there are two minima and one barrier in all */
    bool far_target; /* the one target is passed in the other well */
} kr_underdamped_wells;

/* Rates of leaving the start's well, and of coming back into it; NAN: not predicted. */
typedef struct kr_well_rates {
    double leave, back;
} kr_well_rates;

/* false: refused, with the reason in out. */
bool kr_underdamped_wells_make(const kr_problem *problem, kr_underdamped_wells *wells, kr_prediction *out);
/* The same for theories that follow the particle from one well into the next: refuses wells with a barrier on each side and more
 * than two minima. */
bool kr_underdamped_wells_make_single(const kr_problem *problem, kr_underdamped_wells *wells, kr_prediction *out);

/* Fills in rate, spectral gap (leave + back) and temperature. */
void kr_underdamped_wells_predict(const kr_underdamped_wells *wells, kr_well_rates rates, kr_prediction *out);
/* Then also the mean passage time, 1 / rate, where friction is so high that a particle which arrives in the other well stays there:
 * gamma >= omega_b / 2 and gamma S >= 6 T, S the smaller action. Below, it comes and goes several times before it is caught, and a
 * first passage is another quantity than the decay of populations. */
void kr_underdamped_wells_predict_passage(const kr_underdamped_wells *wells, kr_prediction *out);

/* omega_0 / (2 pi) e^{-(V_b - V_a)/T}: transition-state rates over one barrier, from the start's well and from the one beyond
 * (NAN: none, or not above T). */
kr_well_rates kr_transition_state_rates(const kr_underdamped_wells *wells, size_t barrier);

/* kappa = (sqrt(gamma^2/4 + omega_b^2) - gamma/2) / omega_b, Kramers' transmission (1940). */
double kr_kramers_transmission(double friction, double barrier_frequency);

/* Action of the closed orbit at the barrier's energy, int p dq, in the well on this side (-1 left, +1 right) of the barrier.
 * NAN: there is no closed orbit. */
double kr_barrier_action(const kr_underdamped_wells *wells, size_t barrier, double side);
/* On which side of a barrier the start's well lies. */
double kr_start_side(const kr_underdamped_wells *wells, size_t barrier);

/* Mel'nikov's depopulation factor (1986): exp{(2/pi) int_0^{pi/2} ln[1 - exp(-loss / (4 cos^2 t))] dt}, about loss for small ones
 * and 1 for large ones. loss: mean energy lost in one round trip in units of T. */
double kr_depopulation(double loss);
/* kappa TST Y(l) Y(r) / Y(l + r) from both wells; with no well beyond kappa TST Y(l). Losses in units of T of one orbit in the
 * start's well and the one beyond. */
kr_well_rates kr_turnover_rates(const kr_underdamped_wells *wells, double loss, double loss_beyond);

#endif
