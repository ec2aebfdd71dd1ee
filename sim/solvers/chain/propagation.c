#include "propagation_state.h"

#include <kramers/registry.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FINEST_PANELS = 700, MAX_PUSHES = 6 };
static const double ratio = 1.4;
static const double fine = 2.4, coarse = 3.1; /* width of panels in units of the noise */
static const double cutoff = 8.5;             /* Gaussian tails beyond are below 1e-16 */
static const double never = 1e-12;            /* loss through the cuts that is not worth another push */
static const double negligible = 1e-30;       /* probability at a node that no result sees */
static const double max_work = 1.2e10;        /* Gaussians evaluated: some ten seconds */
static const double root_two_pi = 2.50662827463100050242, root_half = 0.70710678118654752440;

/* One step, or several small ones taken together: drift and the two kinds of noise add up. */
typedef struct stride {
    double rate, squares, thermal;
} stride;

typedef kr_propagation propagation;
typedef kr_propagation_grid grid;

/* ---- nodes ---- */

static void forget_grids(propagation *p) {
    kr_chain_powers_destroy(&p->powers);
    for (int i = 0; i < KR_PROPAGATION_LEVELS; i++) {
        if (!p->level[i].made) continue;
        kr_chain_destroy(&p->level[i].walk);
        free(p->level[i].weight);
        p->level[i] = (grid){0};
    }
}

static int level_of(const propagation *p, double rate) {
    double level = ceil(log(p->highest / rate) / log(ratio) - 1e-9);
    return level < 0.0 ? 0 : level < p->finest ? (int)level : p->finest;
}

/* Variance of the gradient noise, which enters a step as eta^2 sigma^2. */
static void noise_variance(const kr_problem_1d *line, size_t n, const double *x, double *variance) {
    kr_problem_1d_variance(line, n, x, variance);
    double square = line->learning_rate * line->learning_rate;
    for (size_t i = 0; i < n; i++) variance[i] = fmax(0.0, variance[i] - line->thermal_variance) / square;
}

static bool fill_grid(grid *g) {
    const kr_chain *walk = &g->walk;
    g->weight = malloc(3 * walk->n * sizeof(double));
    if (!g->weight) return false;
    g->slope = g->weight + walk->n;
    g->variance = g->slope + walk->n;
    for (size_t i = 0; i < walk->n; i++) {
        size_t panel = i / KR_GAUSS_NODES;
        g->weight[i] = 0.5 * (walk->edge[2 * panel + 1] - walk->edge[2 * panel]) * walk->rule.weight[i % KR_GAUSS_NODES];
    }
    kr_problem_1d_evaluate(&g->line, walk->n, walk->x, NULL, g->slope, NULL);
    noise_variance(&g->line, walk->n, walk->x, g->variance);
    return true;
}

/* NULL: refused. */
static grid *grid_at(propagation *p, int level) {
    grid *g = &p->level[level];
    if (g->made) return g;
    if (!kr_problem_1d_make_at(p->problem, p->highest * pow(ratio, -level), &g->line, p->out)) return NULL;
    g->walk = (kr_chain){.line = &g->line, .left = p->left, .right = p->right, .width = p->width, .cutoff = cutoff};
    kr_chain_outcome outcome = kr_chain_create(&g->walk);
    if (outcome == KR_CHAIN_DONE && fill_grid(g)) {
        g->made = true;
        return g;
    }
    if (outcome == KR_CHAIN_DONE) kr_chain_destroy(&g->walk);
    kr_theory_refuse(p->out,
                     "At learning rate %g the noise of a step is too narrow somewhere between %g and %g for the exact equation.",
                     g->line.learning_rate, p->left, p->right);
    return NULL;
}

/* The finest level whose nodes are not too many; steps with less noise than its learning rate gives are taken together. */
static bool find_finest(propagation *p) {
    p->finest = KR_PROPAGATION_LEVELS - 1;
    p->finest = level_of(p, p->lowest);
    for (int level = 0; level <= p->finest; level++) {
        const grid *g = grid_at(p, level);
        if (g && g->walk.panels <= FINEST_PANELS) continue;
        if (level == 0 || (!g && level < 2)) return g != NULL; /* fine already at the highest rate */
        p->finest = level - 1;
        break;
    }
    return true;
}

/* ---- steps ---- */

/* A run of panels is spread over by one call where they are narrow enough for the noise; in others the move is integrated against
 * their interpolating polynomials. */
static void spread(propagation *p, const grid *to, kr_chain_source from, double mass) {
    const kr_chain *walk = &to->walk;
    size_t first, last;
    kr_chain_reached(walk, from, &first, &last);
    for (size_t panel = first; panel < last;) {
        size_t end = panel;
        while (end < last && walk->edge[2 * end + 1] - walk->edge[2 * end] <= 4.5 * from.deviation) end++;
        size_t node = panel * KR_GAUSS_NODES;
        if (end > panel) {
            size_t count = (end - panel) * KR_GAUSS_NODES;
            p->kernels->spread(count, mass / (from.deviation * root_two_pi), from.mean, root_half / from.deviation, walk->x + node,
                               to->weight + node, p->next + node);
            p->work += (double)count;
            panel = end;
            continue;
        }
        kr_chain_row(walk, from, panel, panel + 1, p->row);
        for (size_t j = 0; j < KR_GAUSS_NODES; j++) p->next[node + j] += mass * p->row[j];
        p->work += 16.0 * KR_GAUSS_NODES;
        panel++;
    }
}

static void scatter(propagation *p, const grid *to, double x, double slope, double variance, const stride *s, double mass,
                    double *absorbed) {
    kr_chain_source from = {.mean = x - s->rate * slope, .deviation = sqrt(s->thermal + s->squares * variance)};
    *absorbed += mass * kr_chain_absorbed(&to->walk, from);
    p->lost += exp(p->log_survival) * mass * (kr_chain_lost_left(&to->walk, from) + kr_chain_lost_right(&to->walk, from));
    spread(p, to, from, mass);
}

static void depart(propagation *p, const grid *to, const stride *s, double *absorbed) {
    for (size_t i = 0; i < p->departures.count; i++) {
        double mass = p->departing * p->departures.weight[i];
        if (mass > negligible)
            scatter(p, to, p->departures.x[i], p->departure_slope[i], p->departure_variance[i], s, mass, absorbed);
    }
}

/* Who arrives is taken out of the density; before step 0 they depart again instead. What is left has the sum 1. */
static void settle_accounts(propagation *p, const grid *to, double absorbed, bool burning_in) {
    double left = 0.0;
    p->departing = burning_in ? fmax(0.0, absorbed) : 0.0;
    for (size_t j = 0; j < to->walk.n; j++) left += p->next[j];
    if (!burning_in) {
        p->log_survival += absorbed < 1.0 ? log1p(-fmax(0.0, absorbed)) : -INFINITY;
        if (!(left > 0.0)) p->log_survival = -INFINITY;
    }
    left += p->departing;
    for (size_t j = 0; j < to->walk.n && left > 0.0; j++) p->next[j] /= left;
    if (left > 0.0) p->departing /= left;
}

/* From the nodes of now to those of level. false: refused. */
static bool advance(propagation *p, const stride *s, int level, bool burning_in) {
    const grid *to = grid_at(p, level), *now = p->at < 0 ? NULL : &p->level[p->at];
    if (!to) return false;
    double absorbed = 0.0, lost = p->lost, left = 0.0;
    double *grown = realloc(p->next, to->walk.n * sizeof *grown);
    if (!grown) {
        kr_theory_refuse(p->out, "There is not enough memory for %zu nodes.", to->walk.n);
        return false;
    }
    p->next = grown;
    memset(p->next, 0, to->walk.n * sizeof *p->next);
    if (p->departing > 0.0) depart(p, to, s, &absorbed);
    for (size_t i = 0; now && i < now->walk.n; i++)
        if (fabs(p->mass[i]) > negligible)
            scatter(p, to, now->walk.x[i], now->slope[i], now->variance[i], s, p->mass[i], &absorbed);
    for (size_t j = 0; j < to->walk.n; j++) left += p->next[j];
    double scale = exp(p->log_survival);
    p->defect += fabs(scale * (left + absorbed - 1.0) + p->lost - lost);
    p->hazard = fmax(0.0, absorbed);
    p->lost_part = scale > 0.0 ? (p->lost - lost) / scale : 0.0;
    settle_accounts(p, to, absorbed, burning_in);
    double *swap = p->mass;
    p->mass = p->next;
    p->next = swap;
    p->at = level;
    return true;
}

void kr_propagation_rows(kr_propagation *p, double rate, double *matrix, double *arrived, double *lost) {
    const grid *g = &p->level[p->at];
    const kr_dynamics *dynamics = p->problem->dynamics;
    const stride s = {rate, rate * rate, dynamics->type->thermal_variance(dynamics, rate)};
    const double log_survival = p->log_survival, lost_before = p->lost;
    double *next = p->next;
    size_t n = g->walk.n;
    p->log_survival = 0.0; /* take weighs what is lost with the survival */
    memset(matrix, 0, n * n * sizeof *matrix);
    for (size_t i = 0; i < n; i++) {
        p->next = matrix + i * n;
        p->lost = arrived[i] = 0.0;
        scatter(p, g, g->walk.x[i], g->slope[i], g->variance[i], &s, 1.0, &arrived[i]);
        lost[i] = p->lost;
    }
    p->next = next;
    p->log_survival = log_survival;
    p->lost = lost_before;
}

/* Steps up to last, or all at the rate of step 0, taken together while their learning rates stay below the finest level's. */
static stride gather(const propagation *p, uint64_t *step, uint64_t last, bool burning_in) {
    const kr_dynamics *dynamics = p->problem->dynamics;
    double least = p->highest * pow(ratio, -p->finest);
    stride s = {0};
    do {
        double rate = kr_schedule_at(p->problem->schedule, burning_in ? 0 : *step);
        if (s.rate > 0.0 && s.rate + rate > least) break;
        s.rate += rate;
        s.squares += rate * rate;
        s.thermal += dynamics->type->thermal_variance(dynamics, rate);
        (*step)++;
    } while (*step < last && s.rate < least);
    return s;
}

/* From step first to step last, or through the burn-in. */
static bool propagate(propagation *p, uint64_t first, uint64_t last, bool burning_in) {
    uint64_t step = first;
    while (step < last && p->log_survival > -700.0) {
        uint64_t over = kr_propagation_over(p, step, last, burning_in), before = step + over;
        step = before;
        if (over) continue;
        stride s = gather(p, &step, last, burning_in);
        if (!(s.rate > 0.0)) continue;
        double to_come = kr_schedule_at(p->problem->schedule, burning_in ? 0 : step);
        int was = p->at;
        if (!advance(p, &s, level_of(p, to_come > 0.0 ? fmin(s.rate, to_come) : s.rate), burning_in)) return false;
        kr_propagation_watch(p, before, step, last, was, burning_in);
        if (p->work > max_work) {
            kr_theory_refuse(p->out,
                             "The run is too long to be led step by step (%llu of its steps were), and its learning rate does not "
                             "stay the same for long enough to settle.",
                             (unsigned long long)step);
            return false;
        }
    }
    return true;
}

static bool whole_run(propagation *p, double width, size_t count, const uint64_t *step, double *log_survival) {
    forget_grids(p);
    p->width = width;
    p->at = -1;
    p->log_survival = p->lost = p->defect = 0.0;
    p->departing = 1.0;
    p->settling = (kr_quasi_stationary){0};
    p->last = count ? step[count - 1] : 0;
    p->same_from = p->same_until = 0;
    if (!find_finest(p) || !propagate(p, 0, p->problem->burn_in, true)) return false;
    p->settling = (kr_quasi_stationary){0}; /* who arrives is gone from now on */
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

/* Where the walk lives, and where it departs. */
static bool cut(propagation *p) {
    kr_problem_1d line;
    if (!kr_problem_1d_make_at(p->problem, p->highest, &line, p->out)) return false;
    kr_chain walk = {.line = &line};
    if (!kr_chain_first_cuts(&walk)) {
        kr_theory_refuse(p->out, "The loss does not rise on an open side, so the walk is not held, or not by noise that vanishes.");
        return false;
    }
    p->left = walk.left;
    p->right = walk.right;
    if (!kr_initial_distribution_make(&p->departures, &line, p->out)) return false;
    p->departure_slope = malloc(2 * p->departures.count * sizeof *p->departure_slope);
    if (!p->departure_slope) {
        kr_theory_refuse(p->out, "There is not enough memory.");
        return false;
    }
    p->departure_variance = p->departure_slope + p->departures.count;
    kr_problem_1d_evaluate(&line, p->departures.count, p->departures.x, NULL, p->departure_slope, NULL);
    noise_variance(&line, p->departures.count, p->departures.x, p->departure_variance);
    return true;
}

/* Cuts are pushed out while that loses less. */
static bool settle(propagation *p, size_t count, const uint64_t *step, double *log_survival) {
    if (!whole_run(p, coarse, count, step, log_survival)) return false;
    for (int i = 0; i < MAX_PUSHES && p->lost > never; i++) {
        double left = p->left, right = p->right, lost = p->lost, push = 0.15 * (right - left);
        const kr_problem_1d *line = &p->level[0].line;
        bool open_left = !isfinite(line->low), open_right = !isfinite(line->high);
        if (open_left) p->left -= push;
        if (open_right) p->right += push;
        if (whole_run(p, coarse, count, step, log_survival) && p->lost < 0.9 * lost) continue;
        p->left = left;
        p->right = right;
        return whole_run(p, coarse, count, step, log_survival);
    }
    return true;
}

bool kr_propagate(const kr_problem *problem, size_t count, const uint64_t *step, double *log_survival, double *accuracy,
                  kr_prediction *out) {
    enum { MOST_ROWS = 1 << 16 };
    if (problem->bridge) {
        kr_theory_refuse(out, "The Brownian bridge counts passages between steps, and the density is led from step to step.");
        return false;
    }
    const kr_registry *registry;
    propagation *p = calloc(1, sizeof *p);
    double *first = malloc((count ? count : 1) * sizeof *first), row[KR_GAUSS_NODES];
    bool done = p && first && count < MOST_ROWS && kr_registry_find(NULL, &registry, NULL) == KR_OK;
    if (!done) kr_theory_refuse(out, "There is not enough memory.");
    if (done) {
        *p = (propagation){.problem = problem, .kernels = registry->kernels, .out = out, .row = row};
        find_rates(p, count ? step[count - 1] : 0);
        if (!(p->highest > 0.0)) {
            for (size_t i = 0; i < count; i++) log_survival[i] = 0.0;
            if (accuracy) *accuracy = 0.0;
        } else {
            done = cut(p) && settle(p, count, step, accuracy ? first : log_survival);
            if (done && accuracy) done = whole_run(p, fine, count, step, log_survival);
            if (accuracy) *accuracy = fmax(1e-14, p->defect + p->lost);
            for (size_t i = 0; done && accuracy && i < count; i++)
                *accuracy = fmax(*accuracy, fabs(exp(log_survival[i]) - exp(first[i])));
        }
        forget_grids(p);
        kr_initial_distribution_destroy(&p->departures);
        free(p->departure_slope);
        free(p->mass);
        free(p->next);
    }
    free(first);
    free(p);
    return done;
}
