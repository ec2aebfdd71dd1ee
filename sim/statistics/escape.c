#include <kramers/escape.h>

#include <math.h>
#include <stdbool.h>

kr_escape_estimate kr_escape_estimate_make(uint64_t events, double exposure_steps, double exposure_time, double particles) {
    kr_escape_estimate estimate = {.events = events,
                                   .exposure_steps = exposure_steps,
                                   .exposure_time = exposure_time,
                                   .particles = particles,
                                   .mfpt_steps = NAN,
                                   .mfpt_steps_ci95 = {NAN, NAN},
                                   .mfpt_time = NAN,
                                   .rate = NAN,
                                   .rate_ci95 = {NAN, NAN},
                                   .memory_steps = NAN};
    kr_interval count = kr_poisson_interval(events, 0.95);
    double n = (double)events;
    if (exposure_steps > 0.0) {
        if (events) estimate.mfpt_steps = exposure_steps / n;
        estimate.mfpt_steps_ci95 = (kr_interval){exposure_steps / count.high, events ? exposure_steps / count.low : INFINITY};
    }
    if (exposure_time > 0.0) {
        if (events) estimate.mfpt_time = exposure_time / n;
        estimate.rate = n / exposure_time;
        estimate.rate_ci95 = (kr_interval){count.low / exposure_time, count.high / exposure_time};
    }
    return estimate;
}

double kr_escape_relative_error(const kr_escape_estimate *e) {
    return (e->mfpt_steps_ci95.high - e->mfpt_steps_ci95.low) / (2.0 * KR_NORMAL_95 * e->mfpt_steps);
}

/* The estimate knows of memory: nothing has to be assumed of the law. Without passages there is no mean to compare. */
static bool measured_mean(const kr_escape_estimate *e) {
    return !isnan(e->memory_steps) && (e->events > 0 || e->needed_steps > 0);
}

/* Half of the interval, on the side of the theory, is KR_NORMAL_95 standard errors. */
static double z_of_mean(const kr_escape_estimate *e, double mean_steps) {
    if (!isfinite(mean_steps)) return NAN;
    double half = mean_steps > e->mfpt_steps ? e->mfpt_steps_ci95.high - e->mfpt_steps : e->mfpt_steps - e->mfpt_steps_ci95.low;
    return KR_NORMAL_95 * (mean_steps - e->mfpt_steps) / half;
}

/* Renewal theory (Cox 1962, chapter 4): after K steps, many relaxation times long, a particle that starts afresh after each
 * passage has had K/n + (c^2 - 1)/2 passages on average, with variance c^2 K/n. For the exponential law, c = 1, this is exact
 * at any K. Otherwise (1 - c^2) n is about the relaxation time inside the well, which K must exceed. */
double kr_escape_z(const kr_escape_estimate *estimate, double mean_steps, double variation) {
    double turns = estimate->exposure_steps / estimate->particles / mean_steps;
    if (measured_mean(estimate)) return z_of_mean(estimate, mean_steps);
    if (!(turns > 0.0) || !isfinite(turns)) return NAN;
    double c2 = variation * variation;
    if (isnan(variation)) {
        if (turns < 20.0) return NAN;
        c2 = 1.0;
    }
    if (!(c2 > 0.0) || turns < 4.0 * fabs(c2 - 1.0)) return NAN;
    double expected = estimate->particles * (turns + (c2 - 1.0) / 2.0);
    return ((double)estimate->events - expected) / sqrt(estimate->particles * c2 * turns);
}

/* The compensator of a particle that was seen for t steps is (t - t0) / m after the delay t0 = (1 - c) n with m = c n, or, when a
 * fraction f arrives at once and the others after exponential times of mean m, t / m on top of the atom f: the mean is (1 - f) m =
 * n and the second moment 2 (1 - f) m^2 = (1 + c^2) n^2. No particle arrives before t0, so that sums over particles need the
 * exposure only (Breslow 1975). */
double kr_escape_absorbed_z(const kr_escape_estimate *estimate, double mean_steps, double variation) {
    double n = mean_steps, c = variation, particles = estimate->particles, exposure = estimate->exposure_steps, atom = 0.0, mean;
    if (measured_mean(estimate)) return z_of_mean(estimate, mean_steps);
    if (!(n > 0.0) || !(c > 0.0) || !isfinite(n)) return NAN;
    if (c <= 1.0) {
        mean = c * n;
        exposure -= particles * (1.0 - c) * n;
    } else {
        mean = 0.5 * n * (1.0 + c * c);
        atom = 1.0 - n / mean;
    }
    if (!(exposure > 0.0)) return NAN;
    double expected = particles * atom + exposure / mean;
    return ((double)estimate->events - expected) / sqrt(particles * atom * (1.0 - atom) + exposure / mean);
}
