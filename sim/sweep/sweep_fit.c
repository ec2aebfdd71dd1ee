/* Arrhenius: ln rate against 1/T, raw and beside the exact theory; rates of escape, or of relaxation. */
#include "numerics/gsl_guard.h"
#include "sweep_state.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_fit.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_POINTS = 3, LEAST_EVENTS = 10 };
static const double largest_error = 1.0 / 3.0; /* relative, of a relaxation rate: of ten events */

/* ---- points ---- */

typedef struct samples {
    bool relaxation; /* else: escape */
    size_t count, left_out;
    size_t *point;
    double *inverse, *log_rate, *weight; /* 1/T; ln rate; 1 / its variance */
    double *log_ratio;                   /* ln(rate / exact) */
} samples;

static void destroy(samples *s) {
    free(s->point);
    free(s->inverse);
}

static bool create(samples *s, size_t count, bool relaxation) {
    *s = (samples){
        .relaxation = relaxation, .point = malloc(count * sizeof *s->point), .inverse = malloc(4 * count * sizeof *s->inverse)};
    if (!s->point || !s->inverse) return destroy(s), false;
    s->log_rate = s->inverse + count;
    s->weight = s->log_rate + count;
    s->log_ratio = s->weight + count;
    return true;
}

static double value(const kr_sweep *sweep, size_t point, const char *column) {
    return kr_sweep_number(sweep, point, kr_sweep_column_find(sweep, column));
}

static double predicted(const kr_sweep *sweep, size_t point, const char *theory, const char *what) {
    char name[128];
    snprintf(name, sizeof name, "%s.%s", theory, what);
    return value(sweep, point, name);
}

/* The rate that a measured relaxation is compared with: that of the steps, where the theory has it. */
static double predicted_relaxation(const kr_sweep *sweep, size_t point, const char *theory) {
    kr_prediction p = {.spectral_gap = predicted(sweep, point, theory, "spectral_gap"),
                       .spectral_gap_steps = predicted(sweep, point, theory, "spectral_gap_steps")};
    return kr_prediction_relaxation(&p);
}

/* Relative error of a rate that comes with one of its own: from transitions, or from repeats of a splitting. NAN: events count. */
static double own_error(const kr_sweep *sweep, size_t point, bool relaxation) {
    if (relaxation) return value(sweep, point, "relaxation_rate_error") / value(sweep, point, "relaxation_rate");
    return value(sweep, point, "splitting_rate_error") / value(sweep, point, "rate");
}

static bool is_measured(const kr_sweep *sweep, size_t point, bool relaxation) {
    double error = own_error(sweep, point, relaxation);
    if (relaxation) return error > 0 && error <= largest_error;
    bool splitting = isfinite(value(sweep, point, "splitting_repeats"));
    return value(sweep, point, "events") >= LEAST_EVENTS && (!splitting || error > 0);
}

static void choose_points(const kr_sweep *sweep, samples *s) {
    for (size_t i = 0; i < sweep->count; i++) {
        if (!sweep->row[i]) continue;
        double temperature = value(sweep, i, "temperature");
        if (temperature > 0 && isfinite(temperature) && is_measured(sweep, i, s->relaxation)) {
            s->inverse[s->count] = 1 / temperature;
            s->point[s->count++] = i;
        } else {
            s->left_out++;
        }
    }
}

static bool is_exact(const kr_sweep *sweep, size_t point, const char *theory, bool relaxation) {
    if (relaxation) return isfinite(predicted(sweep, point, theory, "accuracy")) && predicted_relaxation(sweep, point, theory) > 0;
    double variation = predicted(sweep, point, theory, "variation");
    return isfinite(predicted(sweep, point, theory, "accuracy")) && variation > 0 && variation != 1 &&
           predicted(sweep, point, theory, "mfpt_steps") > 0 && predicted(sweep, point, theory, "rate") > 0;
}

/* The last theory, in the order from the simplest to the most exact, that computes the passage time to a stated accuracy at every
 * point, and its variation too: a theory of the rate alone takes the exponential law, variation 1, for granted. */
static const char *choose_exact(const kr_sweep *sweep, const samples *s) {
    const kr_theory_type *best = NULL;
    for (size_t t = 0; sweep->registry->theories[t]; t++) {
        const kr_theory_type *type = sweep->registry->theories[t];
        bool everywhere = s->count > 0;
        for (size_t i = 0; i < s->count && everywhere; i++)
            everywhere = is_exact(sweep, s->point[i], type->about.name, s->relaxation);
        if (everywhere && (!best || type->rank > best->rank)) best = type;
    }
    return best ? best->about.name : NULL;
}

/* A rate that has an error of its own. */
static void fill_measured(const kr_sweep *sweep, samples *s, size_t i, const char *exact) {
    size_t point = s->point[i];
    double error = own_error(sweep, point, s->relaxation);
    s->log_rate[i] = log(value(sweep, point, s->relaxation ? "relaxation_rate" : "rate"));
    s->weight[i] = 1 / (error * error);
    s->log_ratio[i] = NAN;
    if (exact)
        s->log_ratio[i] = s->log_rate[i] -
                          log(s->relaxation ? predicted_relaxation(sweep, point, exact) : predicted(sweep, point, exact, "rate"));
}

/* Under renewal a particle's K steps hold K/n + (c^2 - 1)/2 passages with variance c^2 K/n on average (Cox 1962, chapter 4). */
static void fill(const kr_sweep *sweep, samples *s, const char *exact) {
    bool renewal = kr_scene_escape(&sweep->first)->renewal;
    for (size_t i = 0; i < s->count; i++) {
        size_t point = s->point[i];
        if (isfinite(own_error(sweep, point, s->relaxation))) {
            fill_measured(sweep, s, i, exact);
            continue;
        }
        double events = value(sweep, point, "events"), c = exact ? predicted(sweep, point, exact, "variation") : NAN,
               square = c * c;
        if (!(square > 0) || !renewal) square = 1;
        double passages = events - value(sweep, point, "particles") * (square - 1) / 2;
        s->log_rate[i] = log(passages / value(sweep, point, "exposure_time"));
        s->weight[i] = events / square;
        s->log_ratio[i] = exact ? s->log_rate[i] - log(predicted(sweep, point, exact, "rate")) : NAN;
    }
}

static bool several_temperatures(const samples *s) {
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < s->count; i++) {
        low = fmin(low, s->inverse[i]);
        high = fmax(high, s->inverse[i]);
    }
    return high > low * (1 + 1e-9);
}

/* ---- fits ---- */

static bool is_temperature(const char *key) {
    static const char *const keys[] = {"dynamics.temperature", "schedule.lr", NULL}, *const of_noise[] = {"batch_size", "sigma",
                                                                                                          "strength", NULL};
    for (size_t i = 0; keys[i]; i++)
        if (!strcmp(key, keys[i])) return true;
    if (strncmp(key, "noise.", 6)) return false;
    for (size_t i = 0; of_noise[i]; i++) /* of one model, or of one of several */
        if (!strcmp(strrchr(key, '.') + 1, of_noise[i])) return true;
    return false;
}

static void refuse(kr_sweep_fit *fit, const char *why) {
    fit->applies = false;
    snprintf(fit->why, sizeof fit->why, "%s", why);
}

/* Slope (with its sign turned), its error and chi-square of y against 1/T. */
static void line_fit(const samples *s, const double *y, double *slope, double *slope_error, double *chi_square, double *p) {
    double intercept, steepness, c00, c01, c11;
    kr_gsl_enter();
    gsl_fit_wlinear(s->inverse, 1, s->weight, 1, y, 1, s->count, &intercept, &steepness, &c00, &c01, &c11, chi_square);
    *slope = -steepness;
    *slope_error = sqrt(c11);
    *p = s->count > 2 ? gsl_cdf_chisq_Q(*chi_square, (double)(s->count - 2)) : NAN;
    kr_gsl_leave();
}

static void fit_samples(const kr_sweep *sweep, const samples *s, kr_sweep_fit *fit) {
    double weights = 0, sum = 0;
    fit->applies = true;
    fit->points = s->count;
    fit->freedom = s->count - 2;
    fit->barrier = kr_sweep_barrier(sweep, s->relaxation);
    line_fit(s, s->log_rate, &fit->slope, &fit->slope_error, &fit->chi_square, &fit->p);
    if (!fit->exact) return;
    line_fit(s, s->log_ratio, &fit->deviation, &fit->deviation_error, &fit->exact_chi_square, &fit->exact_p);
    fit->corrected = fit->barrier + fit->deviation;
    for (size_t i = 0; i < s->count; i++) {
        weights += s->weight[i];
        sum += s->weight[i] * s->log_ratio[i];
    }
    fit->log_ratio = sum / weights;
    fit->log_ratio_error = 1 / sqrt(weights);
}

static bool counts_transitions(const kr_sweep *sweep) {
    for (size_t i = 0; i < sweep->count; i++)
        if (sweep->row[i] && isfinite(value(sweep, i, "relaxation_rate"))) return true;
    return false;
}

void kr_sweep_arrhenius(const kr_sweep *sweep, kr_sweep_fit *fit) {
    *fit = (kr_sweep_fit){.barrier = NAN,
                          .slope = NAN,
                          .slope_error = NAN,
                          .chi_square = NAN,
                          .p = NAN,
                          .deviation = NAN,
                          .exact_p = NAN,
                          .deviation_error = NAN,
                          .exact_chi_square = NAN,
                          .corrected = NAN,
                          .log_ratio = NAN,
                          .log_ratio_error = NAN};
    for (size_t a = 0; a < sweep->axis_count; a++) {
        const char *key = sweep->axis[a].key;
        if (!strcmp(key, "ensemble.seed")) continue;
        if (fit->key || !is_temperature(key)) {
            refuse(fit, "An Arrhenius fit needs one varied key of the kind of a temperature, beside seeds at most.");
            return;
        }
        fit->key = key;
    }
    samples s;
    bool relaxation = !sweep->first.target_count;
    if (!fit->key || (relaxation && !counts_transitions(sweep))) {
        refuse(fit, fit->key ? "Neither escape nor relaxation is measured." : "Nothing of the kind of a temperature is varied.");
        return;
    }
    fit->quantity = relaxation ? "relaxation_rate" : "rate";
    if (!create(&s, sweep->count, relaxation)) {
        refuse(fit, "There is not enough memory.");
        return;
    }
    choose_points(sweep, &s);
    fit->left_out = s.left_out;
    if (s.count < LEAST_POINTS || !several_temperatures(&s)) {
        refuse(fit, relaxation ? "Fewer than three points have a temperature and a relaxation rate to a third."
                               : "Fewer than three points have 10 events and a temperature.");
    } else {
        fit->exact = choose_exact(sweep, &s);
        fill(sweep, &s, fit->exact);
        fit_samples(sweep, &s, fit);
    }
    destroy(&s);
}
