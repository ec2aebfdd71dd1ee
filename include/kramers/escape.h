/* First passages: what their counts say of the mean first-passage time. */
#ifndef KRAMERS_ESCAPE_H
#define KRAMERS_ESCAPE_H

#include <kramers/confidence.h>
#include <kramers/status.h>

#include <stdint.h>

KR_BEGIN_DECLARATIONS

typedef struct kr_escape_estimate {
    uint64_t events;
    double exposure_steps; /* particle-steps under observation, censored ones included */
    double exposure_time;
    double particles;  /* K = exposure_steps / particles */
    double mfpt_steps; /* exposure / events; NAN without events */
    kr_interval mfpt_steps_ci95;
    double mfpt_time;
    double rate; /* events / exposure_time */
    kr_interval rate_ci95;
} kr_escape_estimate;

KR_API kr_escape_estimate kr_escape_estimate_make(uint64_t events, double exposure_steps, double exposure_time, double particles);

/* z of the counted events against a theory with this mean number of steps and coefficient of variation (NAN: unknown) under
 * renewal: E[N] = K/n + (c^2 - 1)/2 and Var[N] = c^2 K/n per particle. Positive: more escapes than predicted. NAN when c is
 * unknown and K < 20 n, or when nothing can be said. */
KR_API double kr_escape_z(const kr_escape_estimate *estimate, double mean_steps, double variation);

/* The same where each particle arrives at most once. The law of the passage time is taken as the one with this mean and variation
 * that is exponential after a delay (variation < 1: relaxation in the well), or after some arrived at once (variation > 1); z is
 * that of the count against its compensator (the one-sample log-rank test). NAN when variation is, or before the delay is over. */
KR_API double kr_escape_absorbed_z(const kr_escape_estimate *estimate, double mean_steps, double variation);

KR_END_DECLARATIONS

#endif
