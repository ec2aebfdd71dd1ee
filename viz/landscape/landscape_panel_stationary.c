/* The stationary density in one dimension from V: Boltzmann's where the noise is the same everywhere, and for gradient descent
 * with noise that depends on the position, dx = -V' dt + sqrt(2 D(x)) dW in Ito's sense: p ~ exp(-int V'/D) / D, by quadrature. */
#include "landscape_panel.h"

#include <kramers/model.h>

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { POINTS = KR_DENSITY_POINTS };

typedef struct kr_medium {
    kr_landscape landscape; /* borrowed parts of the analysis's, with the dynamics' own weight decay */
    kr_dynamics dynamics;
    const kr_noise *noise;
    double learning_rate;
    double x[POINTS], energy[POINTS], slope[POINTS], curvature[POINTS], variance[POINTS];
} kr_medium;

static kr_status unknown(kr_stationary *stationary, const char *format, ...) KR_PRINTF(2, 3);

static kr_status unknown(kr_stationary *stationary, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(stationary->what, sizeof stationary->what, format, arguments);
    va_end(arguments);
    stationary->known = false;
    return KR_OK;
}

static bool medium_make(kr_medium *medium, const kr_analysis *analysis, size_t variant, double learning_rate) {
    medium->landscape = analysis->model.landscape;
    medium->dynamics = analysis->model.dynamics;
    medium->noise = &analysis->model.noise;
    medium->learning_rate = learning_rate;
    if (variant == 0) return true;
    if (variant > analysis->scene.compare_count) return false;
    const kr_settings *settings = &analysis->scene.compare[variant - 1];
    const kr_dynamics_type *type = (const kr_dynamics_type *)settings->about;
    if (kr_dynamics_create(&medium->dynamics, type, settings->values, NULL) != KR_OK) return false;
    medium->landscape.weight_decay = kr_dynamics_weight_decay(&medium->dynamics);
    return true;
}

static void medium_fill(kr_medium *medium, double low, double high) {
    for (size_t i = 0; i < POINTS; i++) {
        medium->x[i] = low + (high - low) * (double)i / (POINTS - 1);
        medium->variance[i] = 0;
    }
    kr_landscape_energy(&medium->landscape, POINTS, medium->x, medium->energy);
    kr_landscape_gradient(&medium->landscape, POINTS, medium->x, medium->slope);
    if (medium->noise->type->is_zero) return;
    kr_landscape_curvature(&medium->landscape, POINTS, medium->x, medium->curvature);
    medium->noise->type->variance(medium->noise, POINTS, medium->energy, medium->curvature, medium->variance);
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

/* Diffusion at each point from the variance of a step; false: the dynamics is not of that form. */
static bool diffusion(kr_medium *medium) {
    const kr_dynamics_type *type = medium->dynamics.type;
    if (!type->thermal_variance) return false;
    double rate = medium->learning_rate, thermal = type->thermal_variance(&medium->dynamics, rate);
    for (size_t i = 0; i < POINTS; i++) medium->variance[i] = (thermal / rate + rate * medium->variance[i]) / 2;
    return true;
}

/* Particles cannot go back over a point without noise, so that there is no unique density. A point counts as one when the diffusion
 * changes from one grid point to the next by as much as it is; NAN: none. */
static double where_it_vanishes(const kr_medium *medium) {
    const double *d = medium->variance;
    for (size_t i = 1; i + 1 < POINTS; i++) {
        double change = fmax(fabs(d[i] - d[i - 1]), fabs(d[i + 1] - d[i]));
        if (d[i] <= d[i - 1] && d[i] <= d[i + 1] && d[i] <= 1.5 * change) return medium->x[i];
    }
    return NAN;
}

/* Logarithm of the density up to a constant into out. */
static void log_density(const kr_medium *medium, double temperature, double *out) {
    if (isfinite(temperature)) {
        for (size_t i = 0; i < POINTS; i++) out[i] = -medium->energy[i] / temperature;
        return;
    }
    double phi = 0, step = medium->x[1] - medium->x[0];
    for (size_t i = 0; i < POINTS; i++) {
        const double *v = medium->slope, *d = medium->variance;
        if (i) phi += 0.5 * step * (v[i] / d[i] + v[i - 1] / d[i - 1]);
        out[i] = -phi - log(d[i]);
    }
}

static void normalise(kr_stationary *stationary) {
    double largest = most(stationary->value), sum = 0, step = (stationary->high - stationary->low) / (POINTS - 1);
    for (size_t i = 0; i < POINTS; i++) {
        stationary->value[i] = exp(stationary->value[i] - largest);
        sum += stationary->value[i] * (i == 0 || i == POINTS - 1 ? 0.5 : 1);
    }
    for (size_t i = 0; i < POINTS; i++) stationary->value[i] /= sum * step;
    stationary->largest = most(stationary->value);
}

/* Between the two tops around the start, of a landscape that goes on for ever. */
static void one_valley(const kr_medium *medium, double start, double *low, double *high) {
    double period = medium->landscape.type->period, end[2] = {start, start};
    enum { STEPS = 400 };
    for (int side = 0; side < 2; side++) {
        double direction = side ? 1 : -1, before, here = start;
        kr_landscape_energy(&medium->landscape, 1, &here, &before);
        bool rises = false;
        for (int k = 1; k <= STEPS; k++) {
            double x = start + direction * period * k / STEPS, v;
            kr_landscape_energy(&medium->landscape, 1, &x, &v);
            if (rises && v < before) break;
            rises = v > before;
            before = v;
            end[side] = x;
        }
    }
    *low = end[0];
    *high = end[1];
}

/* Noise that is the same everywhere has a temperature; else NAN, and variance[] becomes the diffusion. false: unknown. */
static bool find_law(kr_medium *medium, kr_stationary *stationary, double *temperature) {
    const kr_dynamics_type *type = medium->dynamics.type;
    double low = least(medium->variance), high = most(medium->variance);
    *temperature = NAN;
    if (!(high - low > 1e-9 * high)) {
        *temperature = type->temperature ? type->temperature(&medium->dynamics, medium->learning_rate, high) : NAN;
        if (*temperature > 0) return true;
        unknown(stationary, "no noise, no stationary density");
        return false;
    }
    if (!diffusion(medium)) {
        unknown(stationary, "no closed form: the noise depends on the position");
        return false;
    }
    double x = where_it_vanishes(medium);
    if (isnan(x)) return true;
    char number[32];
    unknown(stationary, "no unique stationary density: no noise at x = %s", kr_text_number(x, 3, number, sizeof number));
    return false;
}

/* Widens or narrows the range until it just holds the density; an end that is fixed stays. */
static bool find_support(kr_medium *medium, kr_stationary *stationary, const bool fixed[2], double *temperature) {
    const double nothing = 36; /* exp(-36) = 2e-16 */
    for (int round = 0; round < 60; round++) {
        double width = stationary->high - stationary->low, *value = stationary->value;
        medium_fill(medium, stationary->low, stationary->high);
        if (!find_law(medium, stationary, temperature)) return false;
        log_density(medium, *temperature, value);
        double largest = most(value);
        if (!isfinite(largest)) break;
        if (fixed[0] && fixed[1]) return true;
        bool left = !fixed[0] && value[0] > largest - nothing, right = !fixed[1] && value[POINTS - 1] > largest - nothing;
        if (left) stationary->low -= 0.5 * width;
        if (right) stationary->high += 0.5 * width;
        if (left || right) continue;
        size_t first = 0, last = POINTS - 1;
        while (value[first] < largest - nothing) first++;
        while (value[last] < largest - nothing) last--;
        if (fixed[0]) first = 0;
        if (fixed[1]) last = POINTS - 1;
        if (last - first > POINTS / 2) return true;
        if (!fixed[0]) stationary->low = medium->x[first - 1];
        if (!fixed[1]) stationary->high = medium->x[last + 1];
    }
    unknown(stationary, "no stationary density: V does not hold the particles");
    return false;
}

/* The part of the grid that gradient steps do not lead out of: beyond it the walk diverges. false: that cuts off where particles
 * are. */
static bool find_walkable(const kr_medium *medium, const kr_stationary *stationary, size_t *first, size_t *last) {
    const double nothing = exp(-30), *x = medium->x;
    double rate = medium->learning_rate;
    size_t middle = 0;
    while (stationary->value[middle] < stationary->largest) middle++;
    for (*first = 0; stationary->value[*first] < nothing * stationary->largest;) ++*first;
    for (*last = POINTS - 1; stationary->value[*last] < nothing * stationary->largest;) --*last;
    for (bool again = true; again;) {
        again = false;
        for (size_t i = *first; i <= *last; i++) {
            double to = x[i] - rate * medium->slope[i];
            if (to >= x[*first] && to <= x[*last]) continue;
            if (i == middle) return false;
            *(i < middle ? first : last) = i < middle ? i + 1 : i - 1;
            again = true;
        }
    }
    const double missed = 1e-4 * stationary->largest;
    return stationary->value[*first] < missed && stationary->value[*last] < missed;
}

/* The walk of gradient descent in discrete time on points that resolve its steps, when these are not too many, and when it is not
 * distributed as in continuous time anyway. */
static void find_chain(kr_medium *medium, kr_stationary *stationary) {
    enum { LEAST_POINTS = 64, MOST_POINTS = 320 };
    const double different = 0.04; /* of the largest density: what can be seen */
    const kr_dynamics_type *type = medium->dynamics.type;
    double rate = medium->learning_rate, narrowest = INFINITY;
    size_t first, last;
    if (!type->thermal_variance) return;
    double thermal = type->thermal_variance(&medium->dynamics, rate);
    medium_fill(medium, stationary->low, stationary->high);
    if (!find_walkable(medium, stationary, &first, &last)) return;
    for (size_t i = first; i <= last; i++) {
        medium->variance[i] = thermal + rate * rate * medium->variance[i];
        narrowest = fmin(narrowest, sqrt(medium->variance[i]));
    }
    double low = medium->x[first], width = medium->x[last] - low, needed = ceil(width / (0.7 * narrowest)) + 1;
    if (!(needed <= MOST_POINTS)) return;
    size_t n = needed < LEAST_POINTS ? LEAST_POINTS : (size_t)needed;
    double *x = malloc((n * n + 3 * n) * sizeof *x), *mean = x + n, *deviation = mean + n, *work = deviation + n, apart = 0;
    double *density = realloc(stationary->chain, n * sizeof *density);
    if (density) stationary->chain = density;
    if (x && density) {
        for (size_t i = 0; i < n; i++) {
            x[i] = low + width * (double)i / (double)(n - 1);
            deviation[i] = sqrt(medium->variance[first + i * (last - first) / (n - 1)]);
        }
        kr_landscape_gradient(&medium->landscape, n, x, mean);
        for (size_t i = 0; i < n; i++) mean[i] = x[i] - rate * mean[i];
        kr_chain_density(n, width / (double)(n - 1), x, mean, deviation, work, density);
        for (size_t i = 0; i < n; i++) apart = fmax(apart, fabs(density[i] - kr_stationary_at(stationary, x[i])));
        if (apart > different * stationary->largest) stationary->chain_points = n;
        stationary->chain_low = low;
        stationary->chain_high = low + width;
    }
    free(x);
}

static kr_status reserve(kr_stationary *stationary, kr_medium **medium, kr_error *error) {
    if (!stationary->value) stationary->value = malloc(POINTS * sizeof *stationary->value);
    *medium = malloc(sizeof **medium);
    if (stationary->value && *medium) return KR_OK;
    free(*medium);
    stationary->known = false;
    return kr_fail(error, KR_NO_MEMORY, "not enough memory for a density");
}

/* Where particles can be: V may go on for ever, and a target takes them away. Only gradient descent in one dimension forgets where
 * it began quickly enough for a closed form with a target; else one valley stands for what is between target and start. */
static void find_ends(const kr_medium *medium, const kr_analysis *analysis, kr_stationary *stationary, bool target[2],
                      bool fixed[2], bool *valley) {
    const kr_model *model = &analysis->model;
    kr_interval free = kr_free_interval(model);
    bool periodic = model->landscape.type->period > 0, none = !isfinite(free.low) && !isfinite(free.high);
    target[0] = isfinite(free.low);
    target[1] = isfinite(free.high);
    *valley = periodic ? !(target[0] && target[1]) : !none;
    if (medium->dynamics.type->thermal_variance && (target[0] || target[1]) && !(periodic && *valley)) *valley = false;
    if (!*valley) {
        if (target[0]) stationary->low = free.low;
        if (target[1]) stationary->high = free.high;
        if (!target[0]) stationary->low = fmin(stationary->low, model->start[0] - 1);
        if (!target[1]) stationary->high = fmax(stationary->high, model->start[0] + 1);
        fixed[0] = target[0];
        fixed[1] = target[1];
        return;
    }
    target[0] = target[1] = false;
    if (periodic) {
        one_valley(medium, model->start[0], &stationary->low, &stationary->high);
        fixed[0] = fixed[1] = true;
        return;
    }
    const kr_critical_points *critical = &analysis->critical;
    for (size_t i = 0; i < critical->count; i++) {
        double top = critical->point[i].position[0];
        if (critical->point[i].index != 1) continue;
        if (top < model->start[0]) free.low = fmax(free.low, top);
        if (top > model->start[0]) free.high = fmin(free.high, top);
    }
    fixed[0] = isfinite(free.low);
    fixed[1] = isfinite(free.high);
    if (fixed[0]) stationary->low = free.low;
    if (fixed[1]) stationary->high = free.high;
}

/* What is there of log_density with the target; false: Boltzmann it stays. */
static bool take_away(const kr_medium *medium, const kr_analysis *analysis, kr_stationary *stationary, double temperature,
                      const bool target[2]) {
    double *log_q = malloc(2 * POINTS * sizeof *log_q), *diffusion = log_q + POINTS;
    if (!log_q) return false;
    for (size_t i = 0; i < POINTS; i++) {
        diffusion[i] = isfinite(temperature) ? 1 : medium->variance[i];
        log_q[i] = stationary->value[i] + log(diffusion[i]);
    }
    double start = (analysis->model.start[0] - stationary->low) / (stationary->high - stationary->low);
    bool renewal = kr_scene_escape(&analysis->scene)->renewal && !analysis->scene.start.gibbs;
    bool found = kr_returns_density(log_q, diffusion, start, renewal, target, stationary->value);
    for (size_t i = 0; i < POINTS; i++) stationary->value[i] = found ? log(stationary->value[i]) : log_q[i] - log(diffusion[i]);
    free(log_q);
    return found;
}

static void name_density(kr_stationary *stationary, const kr_analysis *analysis, double temperature, bool taken, bool valley) {
    char number[32], law[64];
    const char *where = taken    ? kr_scene_escape(&analysis->scene)->renewal ? ", arrivals start again" : ", not yet arrived"
                        : valley ? ", in the start's valley"
                                 : "";
    kr_text_number(temperature, 3, number, sizeof number);
    if (isnan(temperature))
        snprintf(law, sizeof law, taken ? "noise of each place (Itô)" : "stationary density, noise of each place (Itô)");
    else
        snprintf(law, sizeof law, taken ? "T = %s, short steps" : "Boltzmann, T = %s", number);
    snprintf(stationary->what, sizeof stationary->what, "%s%s", law, where);
}

static void find_density(kr_medium *medium, kr_stationary *stationary, const kr_analysis *analysis) {
    double temperature = NAN;
    bool target[2] = {false}, fixed[2] = {false}, valley;
    find_ends(medium, analysis, stationary, target, fixed, &valley);
    stationary->known = find_support(medium, stationary, fixed, &temperature);
    if (!stationary->known) return;
    bool taken = (target[0] || target[1]) && take_away(medium, analysis, stationary, temperature, target);
    normalise(stationary);
    if (!fixed[0] && !fixed[1]) find_chain(medium, stationary);
    name_density(stationary, analysis, temperature, taken, valley);
}

kr_status kr_stationary_update(kr_stationary *stationary, const kr_analysis *analysis, size_t variant, double learning_rate,
                               kr_interval window, kr_error *error) {
    kr_medium *medium;
    bool same = stationary->value && stationary->version == analysis->version;
    if (same && stationary->learning_rate == learning_rate) return KR_OK;
    kr_status status = reserve(stationary, &medium, error);
    if (status != KR_OK) return status;
    stationary->low = window.low;
    stationary->high = window.high;
    stationary->version = analysis->version;
    stationary->learning_rate = learning_rate;
    stationary->chain_points = 0;
    stationary->known = medium_make(medium, analysis, variant, learning_rate) && learning_rate > 0;
    if (stationary->known)
        find_density(medium, stationary, analysis);
    else
        unknown(stationary, "no stationary density");
    free(medium);
    return KR_OK;
}

static double between(const double *value, size_t count, double low, double high, double x) {
    double at = (x - low) / (high - low) * (double)(count - 1);
    if (!(at >= 0 && at < (double)(count - 1))) return 0;
    size_t i = (size_t)at;
    return value[i] + (at - (double)i) * (value[i + 1] - value[i]);
}

double kr_stationary_at(const kr_stationary *stationary, double x) {
    return stationary->known ? between(stationary->value, POINTS, stationary->low, stationary->high, x) : 0;
}

double kr_stationary_chain_at(const kr_stationary *stationary, double x) {
    bool chain = stationary->known && stationary->chain_points;
    return chain ? between(stationary->chain, stationary->chain_points, stationary->chain_low, stationary->chain_high, x) : 0;
}

void kr_stationary_destroy(kr_stationary *stationary) {
    free(stationary->value);
    free(stationary->chain);
    *stationary = (kr_stationary){.known = false};
}
