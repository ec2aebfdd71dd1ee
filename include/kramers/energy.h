/* The energy ledger of dynamics with a velocity: where kinetic and potential energy came from, since step 0. */
#ifndef KRAMERS_ENERGY_H
#define KRAMERS_ENERGY_H

#include <kramers/ensemble.h>

typedef struct kr_observer kr_observer; /* observer.h */

KR_BEGIN_DECLARATIONS

/* Energies gained by the particle. */
typedef enum kr_energy_account {
    KR_ENERGY_WORK, /* done by changes of the learning rate: the kick of a restart. The kinetic energy of momentum is eta b^2 / 2 in
                       the pytorch convention, where a rise of eta at fixed b adds to it, and v^2 / (2 eta) in the sutskever
                       convention, where a rise at fixed v takes from it; Langevin momenta do not depend on the rate */
    KR_ENERGY_NOISE,    /* heat from the gradient noise */
    KR_ENERGY_THERMAL,  /* heat from the thermostat's noise */
    KR_ENERGY_FRICTION, /* heat to the friction; negative */
    KR_ENERGY_SHADOW, /* the integrator's own error: drift and noiseless kicks would exchange kinetic for potential energy and keep
                         the sum in continuous time. With Nesterov's gradient it holds the damping that this brings */
    KR_ENERGY_RETURN, /* put in and taken out with particles that arrive: at the start again, or away for good */
    KR_ENERGY_ACCOUNTS
} kr_energy_account;

KR_API extern const char *const kr_energy_account_names[KR_ENERGY_ACCOUNTS]; /* work, noise_heat, thermal_heat, ... */

/* Means over the particles that are finite or have arrived for good (with no energy from then on). */
typedef struct kr_energy {
    uint64_t particles;
    double kinetic, potential; /* now */
    double start;              /* kinetic + potential at step 0 */
    double account[KR_ENERGY_ACCOUNTS];
    double throughput; /* sum of the sizes of all entries of all accounts; the potential is entered once a step */
    double residual;   /* kinetic + potential - start - sum of the accounts: rounding */
} kr_energy;

/* Of an ensemble whose setup has ledger. Sums run over chunks of fixed size in their order. */
KR_API kr_status kr_energy_sum(const kr_view *view, kr_energy *energy, kr_error *error);

typedef struct kr_energy_result {
    kr_energy now;
    uint64_t samples;
    double largest_residual; /* of all samples, relative to the throughput */
} kr_energy_result;

/* Of the observer `energy`, once end() was called; NULL: NULL. */
KR_API const kr_energy_result *kr_energy_observed(const kr_observer *observer);

KR_END_DECLARATIONS

#endif
