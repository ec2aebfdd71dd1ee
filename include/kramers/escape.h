/* First passage: targets, counts and what they say of the mean first-passage time. */
#ifndef KRAMERS_ESCAPE_H
#define KRAMERS_ESCAPE_H

#include <kramers/confidence.h>
#include <kramers/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

KR_BEGIN_DECLARATIONS

/* A set that counts as escaped: coordinate >= above or coordinate <= below, or a ball |x - center| <= radius. */
typedef struct kr_target {
    size_t coordinate;
    double below, above; /* -INFINITY, +INFINITY: no such side */
    double radius;       /* > 0: a ball, the fields above are not used */
    int64_t minimum;     /* the ball's minimum by number */
    double *center;      /* [dim] of a ball; NULL otherwise */
} kr_target;

KR_API bool kr_target_reached(const kr_target *target, size_t dim, const double *position);
/* Of a point from the target's edge; negative inside. */
KR_API double kr_target_distance(const kr_target *target, size_t dim, const double *position);

/* One first passage. */
typedef struct kr_event {
    uint64_t step; /* steps done when the particle was seen in the target; the first step gives 1 */
    uint64_t particle;
    uint64_t duration; /* steps since it left the start */
    uint32_t target;
} kr_event;

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
