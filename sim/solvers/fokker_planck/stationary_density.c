/* Boltzmann's density where the noise is the same everywhere, and for gradient descent with noise that depends on the position,
 * dx = -V' dt + sqrt(2 D(x)) dW in Ito's sense: p ~ exp(-int V'/D) / D, by the trapezoidal rule. */
#include <kramers/critical_points.h>
#include <kramers/stationary_density.h>

#include "geometry/walls.h"
#include "solvers/chain/stationary_chain.h"
#include "solvers/problem/free_energy.h"
#include "stationary_returns.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POINTS = 4096 };

typedef struct medium {
    kr_problem_1d line;
    kr_free_energy free_energy; /* along a valley between walls */
    bool target[2], fixed[2];   /* of the curve's ends: a target; not to be moved */
    double ripple;              /* period of barriers that weight decay holds together; else 0 */
    double x[POINTS], energy[POINTS], slope[POINTS];
    double variance[POINTS]; /* of the noise; for Ito's law it becomes the diffusion */
} medium;

static bool unknown(kr_stationary_density *density, const char *format, ...) KR_PRINTF(2, 3);

static bool unknown(kr_stationary_density *density, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(density->why, sizeof density->why, format, arguments);
    va_end(arguments);
    density->law = KR_STATIONARY_UNKNOWN;
    density->temperature = NAN;
    return false;
}

static void fill(medium *m, const kr_density_curve *curve) {
    for (size_t i = 0; i < POINTS; i++) m->x[i] = curve->low + (curve->high - curve->low) * (double)i / (POINTS - 1);
    kr_problem_1d_evaluate(&m->line, POINTS, m->x, m->energy, m->slope, NULL);
    kr_problem_1d_noise_variance(&m->line, POINTS, m->x, m->variance);
}

static double least(const double *values) {
    double m = INFINITY;
    for (size_t i = 0; i < POINTS; i++) m = fmin(m, values[i]);
    return m;
}

static double most(const double *values) {
    double m = -INFINITY;
    for (size_t i = 0; i < POINTS; i++) m = fmax(m, values[i]);
    return m;
}

/* Particles cannot go back over a point without noise, so that there is no unique density. A point counts as one when the diffusion
 * changes from one grid point to the next by as much as it is; NAN: none. */
static double where_it_vanishes(const medium *m) {
    const double *d = m->variance;
    for (size_t i = 1; i + 1 < POINTS; i++) {
        double change = fmax(fabs(d[i] - d[i - 1]), fabs(d[i + 1] - d[i]));
        if (d[i] <= d[i - 1] && d[i] <= d[i + 1] && d[i] <= 1.5 * change) return m->x[i];
    }
    return NAN;
}

/* Noise that is the same everywhere has a temperature; else variance[] becomes the diffusion. false: there is no law. */
static bool find_law(medium *m, kr_stationary_density *density) {
    double low = least(m->variance), high = most(m->variance), rate = m->line.learning_rate;
    const unsigned lawless = KR_NOISE_NO_VARIANCE | KR_NOISE_NOT_GAUSSIAN | KR_NOISE_REMEMBERS | KR_NOISE_CHANGES;
    const char *bent = m->line.problem->dynamics->type->not_boltzmann;
    char why[160];
    density->temperature = NAN;
    if (bent) return unknown(density, "%s", bent);
    if (kr_noise_objects(m->line.problem->noise, true, lawless, why, sizeof why)) return unknown(density, "%s", why);
    if (kr_dynamics_decoupled_decay(m->line.problem->dynamics) > 0)
        return unknown(density, "decoupled weight decay is not part of the landscape");
    if (!(high - low > 1e-9 * high)) {
        density->law = KR_STATIONARY_BOLTZMANN;
        density->temperature = kr_dynamics_temperature(m->line.problem->dynamics, rate, high);
        return density->temperature > 0 || unknown(density, "no noise, no stationary density");
    }
    density->law = KR_STATIONARY_ITO;
    if (isnan(m->line.thermal_variance)) return unknown(density, "no closed form: the noise depends on the position");
    for (size_t i = 0; i < POINTS; i++) m->variance[i] = (m->line.thermal_variance / rate + rate * m->variance[i]) / 2;
    density->no_noise_at = where_it_vanishes(m);
    return isnan(density->no_noise_at) ||
           unknown(density, "no unique stationary density: no noise at x = %.3g", density->no_noise_at);
}

/* Logarithm of the density up to a constant into out. */
static void log_density(const medium *m, double temperature, double *out) {
    if (isfinite(temperature)) {
        for (size_t i = 0; i < POINTS; i++) out[i] = -m->energy[i] / temperature;
        return;
    }
    double phi = 0, step = m->x[1] - m->x[0];
    for (size_t i = 0; i < POINTS; i++) {
        const double *v = m->slope, *d = m->variance;
        if (i) phi += 0.5 * step * (v[i] / d[i] + v[i - 1] / d[i - 1]);
        out[i] = -phi - log(d[i]);
    }
}

static void normalise(kr_density_curve *curve) {
    double *value = curve->value, largest = most(value), sum = 0, step = (curve->high - curve->low) / (POINTS - 1);
    for (size_t i = 0; i < POINTS; i++) {
        value[i] = exp(value[i] - largest);
        sum += value[i] * (i == 0 || i == POINTS - 1 ? 0.5 : 1);
    }
    for (size_t i = 0; i < POINTS; i++) value[i] /= sum * step;
    curve->largest = most(value);
}

/* The most within a ripple of an end: beyond a high barrier there may be another valley. */
static double most_near(const medium *m, const double *value, bool right) {
    double end = m->x[right ? POINTS - 1 : 0], most_here = -INFINITY;
    for (size_t k = 0; k < POINTS; k++) {
        size_t i = right ? POINTS - 1 - k : k;
        if (fabs(m->x[i] - end) > m->ripple) break;
        most_here = fmax(most_here, value[i]);
    }
    return most_here;
}

/* Widens or narrows the range until it just holds the density; an end that is fixed stays. */
static bool find_support(medium *m, kr_stationary_density *density) {
    enum { MOST_RIPPLES = POINTS / 32 }; /* that the grid resolves */
    const double nothing = 36;           /* exp(-36) = 2e-16 */
    kr_density_curve *curve = &density->continuous;
    const bool *fixed = m->fixed;
    for (int round = 0; round < 60; round++) {
        double width = curve->high - curve->low, *value = curve->value;
        fill(m, curve);
        if (!find_law(m, density)) return false;
        log_density(m, density->temperature, value);
        double largest = most(value);
        if (!isfinite(largest)) break;
        if (fixed[0] && fixed[1]) return true;
        if (width > MOST_RIPPLES * m->ripple && m->ripple > 0)
            return unknown(density, "the density spreads over more than %d periods", MOST_RIPPLES);
        bool left = !fixed[0] && most_near(m, value, false) > largest - nothing;
        bool right = !fixed[1] && most_near(m, value, true) > largest - nothing;
        if (left) curve->low -= 0.5 * width;
        if (right) curve->high += 0.5 * width;
        if (left || right) continue;
        size_t first = 0, last = POINTS - 1;
        while (value[first] < largest - nothing) first++;
        while (value[last] < largest - nothing) last--;
        if (fixed[0]) first = 0;
        if (fixed[1]) last = POINTS - 1;
        if (last - first > POINTS / 2) return true;
        if ((!fixed[0] && first == 0) || (!fixed[1] && last == POINTS - 1)) break; /* V is not finite there */
        double low = fixed[0] ? curve->low : m->x[first - 1] - m->ripple;
        double high = fixed[1] ? curve->high : m->x[last + 1] + m->ripple;
        if (high - low > 0.9 * width) return true;
        curve->low = low;
        curve->high = high;
    }
    return unknown(density, "no stationary density: V does not hold the particles");
}

/* The part of the grid that gradient steps do not lead out of: beyond it particles diverge. false: that cuts off where particles
 * are. */
static bool find_stable_range(const medium *m, const kr_density_curve *curve, size_t *first, size_t *last) {
    const double nothing = exp(-30), *x = m->x, *value = curve->value;
    double rate = m->line.learning_rate;
    size_t middle = 0;
    while (value[middle] < curve->largest) middle++;
    for (*first = 0; value[*first] < nothing * curve->largest;) ++*first;
    for (*last = POINTS - 1; value[*last] < nothing * curve->largest;) --*last;
    for (bool again = true; again;) {
        again = false;
        for (size_t i = *first; i <= *last; i++) {
            double to = x[i] - rate * m->slope[i];
            if (to >= x[*first] && to <= x[*last]) continue;
            if (i == middle) return false;
            *(i < middle ? first : last) = i < middle ? i + 1 : i - 1;
            again = true;
        }
    }
    const double missed = 1e-4 * curve->largest;
    return value[*first] < missed && value[*last] < missed;
}

/* The chain of gradient steps in discrete time on nodes that resolve its steps, when these are not too many. */
static void find_steps(medium *m, kr_stationary_density *density) {
    enum { LEAST_NODES = 64, MOST_NODES = 320, STEPS_POINTS = 1025 };
    const double different = 0.04; /* of the largest density */
    const kr_density_curve *continuous = &density->continuous;
    double narrowest = INFINITY, apart = 0;
    size_t first, last;
    if (isnan(m->line.thermal_variance) || m->line.problem->dynamics->type->correlated) return;
    if (!find_stable_range(m, continuous, &first, &last)) return;
    kr_problem_1d_variance(&m->line, POINTS, m->x, m->variance);
    for (size_t i = first; i <= last; i++) narrowest = fmin(narrowest, sqrt(m->variance[i]));
    double low = m->x[first], high = m->x[last], needed = ceil((high - low) / (0.7 * narrowest)) + 1;
    if (!(needed <= MOST_NODES)) return;
    kr_density_curve curve = {.count = STEPS_POINTS, .low = low, .high = high};
    curve.value = malloc(STEPS_POINTS * sizeof *curve.value);
    size_t nodes = needed < LEAST_NODES ? LEAST_NODES : (size_t)needed;
    if (!curve.value || !kr_stationary_chain(&m->line, nodes, &curve)) {
        free(curve.value);
        return;
    }
    density->steps = curve;
    for (size_t i = 0; i < STEPS_POINTS; i++) {
        double x = low + (high - low) * (double)i / (STEPS_POINTS - 1);
        apart = fmax(apart, fabs(curve.value[i] - kr_density_at(continuous, x)));
    }
    density->steps_differ = apart > different * continuous->largest;
}

/* What there is with the target; false: the law stays as it is. */
static bool apply_target(const medium *m, kr_stationary_density *density) {
    kr_density_curve *curve = &density->continuous;
    double *log_q = malloc(2 * POINTS * sizeof *log_q), *diffusion = log_q + POINTS;
    if (!log_q) return false;
    for (size_t i = 0; i < POINTS; i++) {
        diffusion[i] = isfinite(density->temperature) ? 1 : m->variance[i];
        log_q[i] = curve->value[i] + log(diffusion[i]);
    }
    double start = (m->line.start - curve->low) / (curve->high - curve->low);
    bool renewal = m->line.problem->renewal && !(m->line.problem->start_temperature > 0);
    bool found = kr_stationary_returns(POINTS, log_q, diffusion, start, renewal, m->target, curve->value);
    for (size_t i = 0; i < POINTS; i++) curve->value[i] = found ? log(curve->value[i]) : log_q[i] - log(diffusion[i]);
    free(log_q);
    return found;
}

/* Between the two tops around the start, of a landscape that goes on for ever. */
static void one_period(const medium *m, kr_density_curve *curve) {
    double period = m->line.problem->landscape->type->period, end[2] = {m->line.start, m->line.start};
    enum { STEPS = 400 };
    for (int side = 0; side < 2; side++) {
        double direction = side ? 1 : -1, before, here = m->line.start;
        kr_problem_1d_evaluate(&m->line, 1, &here, &before, NULL, NULL);
        bool rises = false;
        for (int k = 1; k <= STEPS; k++) {
            double x = m->line.start + direction * period * k / STEPS, v;
            kr_problem_1d_evaluate(&m->line, 1, &x, &v, NULL, NULL);
            if (rises && v < before) break;
            rises = v > before;
            before = v;
            end[side] = x;
        }
    }
    curve->low = end[0];
    curve->high = end[1];
}

/* Between the nearest tops and targets. */
static void one_valley(medium *m, const kr_critical_points *critical, kr_interval free, kr_density_curve *curve) {
    for (size_t i = 0; i < critical->count; i++) {
        double top = critical->point[i].position[0];
        if (critical->point[i].index != 1) continue;
        if (top < m->line.start) free.low = fmax(free.low, top);
        if (top > m->line.start) free.high = fmin(free.high, top);
    }
    m->fixed[0] = isfinite(free.low);
    m->fixed[1] = isfinite(free.high);
    if (m->fixed[0]) curve->low = free.low;
    if (m->fixed[1]) curve->high = free.high;
}

/* Where particles can be: V may have no end, and a target removes them. Only gradient descent forgets its start quickly enough for
 * a closed form with a target; with other dynamics the density of the valley around the start is taken. */
static void find_ends(medium *m, const kr_critical_points *critical, kr_stationary_density *density) {
    kr_interval free = kr_problem_1d_exits(&m->line);
    kr_density_curve *curve = &density->continuous;
    const kr_landscape *landscape = m->line.problem->landscape;
    double period = m->line.coordinate == 0 ? landscape->type->period : 0;
    bool periodic = period > 0 && landscape->weight_decay == 0;
    bool *target = m->target, descent = !isnan(m->line.thermal_variance);
    m->ripple = periodic ? 0 : period;
    target[0] = isfinite(free.low);
    target[1] = isfinite(free.high);
    bool any = target[0] || target[1], closed = target[0] && target[1];
    bool valley = periodic ? !closed : any && !descent;
    density->part = valley                     ? KR_STATIONARY_VALLEY
                    : !any                     ? KR_STATIONARY_ALL
                    : m->line.problem->renewal ? KR_STATIONARY_RETURNS
                                               : KR_STATIONARY_REMAINING;
    if (!valley) {
        curve->low = target[0] ? free.low : fmin(curve->low, m->line.start - 1);
        curve->high = target[1] ? free.high : fmax(curve->high, m->line.start + 1);
        memcpy(m->fixed, target, sizeof m->fixed);
        return;
    }
    target[0] = target[1] = false;
    if (!periodic) {
        one_valley(m, critical, free, curve);
        return;
    }
    one_period(m, curve);
    m->fixed[0] = m->fixed[1] = true;
}

/* All that may hold particles: the critical points and the start, and as much again around them. */
static kr_interval choose_window(const medium *m, const kr_critical_points *critical) {
    kr_interval window = {m->line.start, m->line.start};
    for (size_t i = 0; i < critical->count; i++) {
        window.low = fmin(window.low, critical->point[i].position[0]);
        window.high = fmax(window.high, critical->point[i].position[0]);
    }
    double room = fmax(0.5 * (window.high - window.low), 0.1);
    return (kr_interval){window.low - room, window.high + room};
}

static void find_density(medium *m, kr_interval window, kr_stationary_density *density) {
    kr_critical_points critical = {0};
    kr_error none;
    if (kr_critical_points_find(m->line.problem->landscape, m->line.coordinate, &critical, &none) != KR_OK)
        critical = (kr_critical_points){0};
    if (!(window.low < window.high)) window = choose_window(m, &critical);
    density->continuous.low = window.low;
    density->continuous.high = window.high;
    find_ends(m, &critical, density);
    kr_critical_points_destroy(&critical);
    if (!find_support(m, density)) return;
    if ((m->target[0] || m->target[1]) && !apply_target(m, density)) density->part = KR_STATIONARY_ALL;
    normalise(&density->continuous);
    density->continuous.count = POINTS;
    bool whole = m->line.problem->landscape != &m->free_energy.landscape; /* steps go along a valley and across */
    if (whole && !m->fixed[0] && !m->fixed[1]) find_steps(m, density);
}

/* Between walls the density of x0 is that of a problem in one dimension; NULL: it is not known. */
static const kr_problem *between_walls(medium *m, const kr_problem *problem, size_t coordinate, kr_stationary_density *density) {
    kr_prediction refused;
    if (coordinate != 0) {
        unknown(density, "between walls the density of coordinate 0 alone is known");
    } else if (problem->target_count > 0) {
        unknown(density, "a target takes particles away, and how the walls follow is not known");
    } else if (!kr_noise_is_additive(problem->noise, problem->landscape->type->separable)) {
        unknown(density, "the noise depends on the position");
    } else {
        double variance = kr_noise_additive_variance(problem->noise);
        double temperature = kr_dynamics_temperature(problem->dynamics, density->learning_rate, variance);
        if (!(temperature > 0))
            unknown(density, "no noise, no stationary density");
        else if (kr_free_energy_make(problem, temperature, false, &m->free_energy, &refused))
            return &m->free_energy.problem;
    }
    return NULL;
}

kr_status kr_stationary_density_create(kr_stationary_density *density, const kr_problem *problem, size_t coordinate,
                                       double learning_rate, kr_interval window, kr_error *error) {
    kr_prediction refused;
    medium *m = malloc(sizeof *m);
    *density = (kr_stationary_density){.no_noise_at = NAN, .temperature = NAN, .learning_rate = learning_rate};
    density->continuous.value = malloc(POINTS * sizeof *density->continuous.value);
    if (!m || !density->continuous.value) {
        free(m);
        kr_stationary_density_destroy(density);
        return kr_fail(error, KR_NO_MEMORY, "not enough memory for a density");
    }
    if (isnan(learning_rate)) density->learning_rate = kr_schedule_constant(problem->schedule);
    m->fixed[0] = m->fixed[1] = false;
    bool valley = density->learning_rate > 0 && kr_has_walls(problem->landscape);
    if (valley && !(problem = between_walls(m, problem, coordinate, density)))
        ; /* which says why */
    else if (!(density->learning_rate > 0))
        unknown(density, isnan(density->learning_rate) ? "the learning rate is not constant" : "no stationary density");
    else if (!kr_problem_1d_along(problem, coordinate, density->learning_rate, &m->line, &refused))
        unknown(density, "%s", refused.why);
    else
        find_density(m, window, density);
    free(m);
    return KR_OK;
}

void kr_stationary_density_destroy(kr_stationary_density *density) {
    free(density->continuous.value);
    free(density->steps.value);
    *density = (kr_stationary_density){.law = KR_STATIONARY_UNKNOWN};
}

const char *kr_stationary_law_name(kr_stationary_law law) {
    static const char *const names[KR_STATIONARY_LAWS] = {"unknown", "boltzmann", "ito"};
    return names[law];
}

const char *kr_stationary_law_reference(kr_stationary_law law) {
    static const char *const references[KR_STATIONARY_LAWS] = {"", "Risken, The Fokker-Planck Equation, section 5.2",
                                                               "Gardiner, Handbook of Stochastic Methods, section 5.2"};
    return references[law];
}
