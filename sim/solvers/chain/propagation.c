#include "propagation_state.h"

#include <kramers/interrupt.h>
#include <kramers/registry.h>

#include <math.h>
#include <stdlib.h>

enum { MOST_EXTENSIONS = 6 };
static const double fine = 2.4, coarse = 3.1; /* width of panels in units of the noise */
static const double never = 1e-12;            /* loss through the cuts that is not worth another extension */
static const double max_work = 1.2e10;        /* Gaussians evaluated: some ten seconds */

typedef kr_propagation propagation;

/* From step first to step last, or through the burn-in. */
static bool propagate(propagation *p, uint64_t first, uint64_t last, bool burning_in) {
    uint64_t step = first;
    while (step < last && p->log_survival > -700.0) {
        if (kr_interrupt_wanted()) {
            kr_theory_refuse(p->out, "It was interrupted.");
            return false;
        }
        uint64_t over = kr_propagation_chunk(p, step, last, burning_in), before = step + over;
        step = before;
        if (over) continue;
        double scale = p->present.changes ? kr_propagation_scale(p, burning_in ? 0 : step) : 0.0;
        kr_propagation_stride s = p->present.changes ? kr_propagation_gather_driven(p, &step, burning_in)
                                                     : kr_propagation_gather(p, &step, last, burning_in);
        if (p->refused) return false;
        if (!(s.rate > 0.0)) continue;
        if (!p->present.changes) scale = s.rate;
        double to_come = kr_propagation_scale(p, burning_in ? 0 : step);
        int was = p->at, level = kr_propagation_level(p, to_come > 0.0 ? fmin(scale, to_come) : scale);
        if (!kr_propagation_advance(p, &s, level, burning_in)) return false;
        kr_propagation_watch(p, before, step, last, was, burning_in);
        if (p->work > max_work) {
            kr_theory_refuse(
                p->out,
                "The run is too long to be propagated step by step (%llu of its steps were), and its learning rate does "
                "not stay the same for long enough to become quasi-stationary.",
                (unsigned long long)step);
            return false;
        }
    }
    return true;
}

static bool whole_run(propagation *p, double width, size_t count, const uint64_t *step, double *log_survival) {
    kr_propagation_forget(p);
    p->width = width;
    p->at = -1;
    p->log_survival = p->lost = p->defect = 0.0;
    p->departing = 1.0;
    p->quasi_stationary = (kr_quasi_stationary){0};
    p->last = count ? step[count - 1] : 0;
    p->same_from = p->same_until = 0;
    if (!kr_propagation_find_finest(p) || !propagate(p, 0, p->problem->burn_in, true)) return false;
    p->quasi_stationary = (kr_quasi_stationary){0}; /* particles that arrive are removed from now on */
    for (size_t row = 0; row < count; row++) {
        if (row && !propagate(p, step[row - 1], step[row], false)) return false;
        log_survival[row] = p->log_survival;
    }
    return true;
}

/* ---- cuts and accuracy ---- */

/* Highest rate and lowest that is not 0 of the steps before last, seen at every step of short runs and at a million of long ones.
 */
static void find_rates(propagation *p, uint64_t last) {
    if (!isnan(kr_schedule_constant(p->problem->schedule))) last = last ? 1 : 0;
    uint64_t every = last / 1000000 + 1;
    p->highest = 0.0;
    p->lowest = INFINITY;
    for (uint64_t k = 0; k < last; k += every) {
        double rate = kr_schedule_at(p->problem->schedule, k);
        p->highest = fmax(p->highest, rate);
        if (rate > 0.0) p->lowest = fmin(p->lowest, rate);
    }
    p->highest *= every > 1 ? 1.01 : 1.0;
}

/* The cuts at the highest learning rate, and the distribution of starts. */
static bool cut(propagation *p) {
    kr_problem_1d line = p->hot;
    if (!kr_problem_is_chain(p->problem, p->out)) return false;
    if (!p->present.changes && !kr_problem_1d_make_at(p->problem, p->highest, &line, p->out)) return false;
    kr_chain chain = {.line = &line};
    if (!kr_chain_first_cuts(&chain)) {
        kr_theory_refuse(p->out,
                         "The loss does not rise on an open side, so the particles are not held, or not by noise that vanishes.");
        return false;
    }
    p->left = chain.left;
    p->right = chain.right;
    if (!kr_propagation_set(p, 0) || !kr_initial_distribution_make(&p->initial, &line, p->out)) return false;
    p->initial_slope = malloc(2 * p->initial.count * sizeof *p->initial_slope);
    if (!p->initial_slope) {
        kr_theory_refuse(p->out, "There is not enough memory.");
        return false;
    }
    p->initial_variance = p->initial_slope + p->initial.count;
    kr_problem_1d_evaluate(&line, p->initial.count, p->initial.x, NULL, p->initial_slope, NULL);
    kr_propagation_noise(&line, p->initial.count, p->initial.x, p->initial_variance);
    return true;
}

/* Cuts are moved outwards as long as that loses less. */
static bool extend_cuts(propagation *p, size_t count, const uint64_t *step, double *log_survival) {
    if (!whole_run(p, coarse, count, step, log_survival)) return false;
    for (int i = 0; i < MOST_EXTENSIONS && p->lost > never; i++) {
        double left = p->left, right = p->right, lost = p->lost, shift = 0.15 * (right - left);
        const kr_problem_1d *line = &p->level[0].line;
        bool open_left = !isfinite(line->low), open_right = !isfinite(line->high);
        if (open_left) p->left -= shift;
        if (open_right) p->right += shift;
        if (whole_run(p, coarse, count, step, log_survival) && p->lost < 0.9 * lost) continue;
        p->left = left;
        p->right = right;
        return whole_run(p, coarse, count, step, log_survival);
    }
    return true;
}

bool kr_propagate(const kr_problem *problem, size_t count, const uint64_t *step, double *log_survival, double *accuracy,
                  kr_prediction *out) {
    if (problem->bridge) {
        kr_theory_refuse(out,
                         "The Brownian bridge counts passages between steps, and the density is propagated from step to step.");
        return false;
    }
    const kr_registry *registry;
    propagation *p = calloc(1, sizeof *p);
    double *first = malloc((count ? count : 1) * sizeof *first), row[KR_GAUSS_NODES];
    bool done = p && first && kr_registry_find(NULL, &registry, NULL) == KR_OK;
    if (!done) kr_theory_refuse(out, "There is not enough memory.");
    if (done) {
        *p = (propagation){.problem = problem, .kernels = registry->kernels, .out = out, .row = row};
        uint64_t last = count ? step[count - 1] : 0;
        done = kr_propagation_begin_driven(p);
        if (done && p->present.changes) done = kr_propagation_find_hottest(p, last);
        if (!p->present.changes) find_rates(p, last);
        if (done && !(p->highest > 0.0)) {
            for (size_t i = 0; i < count; i++) log_survival[i] = 0.0;
            if (accuracy) *accuracy = 0.0;
        } else if (done) {
            done = cut(p) && extend_cuts(p, count, step, accuracy ? first : log_survival);
            if (done && accuracy) done = whole_run(p, fine, count, step, log_survival);
            if (accuracy) *accuracy = fmax(1e-14, p->defect + p->lost);
            for (size_t i = 0; done && accuracy && i < count; i++)
                *accuracy = fmax(*accuracy, fabs(exp(log_survival[i]) - exp(first[i])));
        }
        kr_propagation_forget(p);
        kr_problem_at_step_destroy(&p->present);
        kr_initial_distribution_destroy(&p->initial);
        free(p->initial_slope);
        free(p->mass);
        free(p->next);
    }
    free(first);
    free(p);
    return done;
}
