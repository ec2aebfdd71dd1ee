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
    double mfpt_steps; /* NAN without events, or where needed_steps says that the run is too short */
    kr_interval mfpt_steps_ci95;
    double mfpt_time;
    double rate; /* 1 / mfpt_time; 0 without events */
    kr_interval rate_ci95;
    double memory_steps; /* by which a particle has forgotten the start: survival is measured up to here, and its decay beyond. NAN:
                          * the estimate is exposure / events, right without memory only */
    double needed_steps; /* above 0: nothing can be said of the mean; a run needs at least so many steps */
} kr_escape_estimate;

/* Of a process without memory: exposure / events with the interval of a Poisson count. */
KR_API kr_escape_estimate kr_escape_estimate_make(uint64_t events, double exposure_steps, double exposure_time, double particles);

/* Standard error of the mean, from its interval, over the mean; NAN without a mean. */
KR_API double kr_escape_relative_error(const kr_escape_estimate *estimate);

/* z of what was measured against a theory with this mean number of steps and coefficient of variation (NAN: unknown). Positive:
 * more escapes than predicted. Where the estimate knows of memory, how far the theory lies from the measured mean, in standard
 * errors of that side: it is beyond 1.96 when the interval leaves the theory out. Else of the count, by what renewal theory says of
 * it: E[N] = K/n + (c^2 - 1)/2 and Var[N] = c^2 K/n per particle. NAN when nothing can be said: without a mean, or for a count with
 * c unknown and K < 20 n. */
KR_API double kr_escape_z(const kr_escape_estimate *estimate, double mean_steps, double variation);

/* The same where each particle arrives at most once. Where the estimate knows of no memory, the law of the passage time is taken as
 * the one with this mean and variation that is exponential after a delay (variation < 1: relaxation in the well), or after some
 * arrived at once (variation > 1); z is that of the count against its compensator (the one-sample log-rank test). NAN when
 * variation is, or before the delay is over. */
KR_API double kr_escape_absorbed_z(const kr_escape_estimate *estimate, double mean_steps, double variation);

KR_END_DECLARATIONS

#endif
