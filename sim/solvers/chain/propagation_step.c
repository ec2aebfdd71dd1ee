/* The steps of kr_propagate: sets of nodes for learning rates, and one step, or several small ones, from the nodes of now to
 * others. */
#include "propagation_state.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FINEST_PANELS = 700 };
static const double cutoff = 8.5;       /* Gaussian tails beyond are below 1e-16 */
static const double negligible = 1e-30; /* probability at a node that no result sees */
static const double root_two_pi = 2.50662827463100050242, root_half = 0.70710678118654752440;

typedef kr_propagation_stride stride;
typedef kr_propagation propagation;
typedef kr_propagation_grid grid;

/* ---- nodes ---- */

void kr_propagation_forget(kr_propagation *p) {
    kr_chain_powers_destroy(&p->powers);
    for (int i = 0; i < KR_PROPAGATION_LEVELS; i++) {
        if (!p->level[i].made) continue;
        kr_chain_destroy(&p->level[i].chain);
        free(p->level[i].weight);
        p->level[i] = (grid){0};
    }
}

int kr_propagation_level(const kr_propagation *p, double scale) {
    double level = ceil(log(p->highest / scale) / log(KR_PROPAGATION_RATIO) - 1e-9);
    return level < 0.0 ? 0 : level < p->finest ? (int)level : p->finest;
}

static bool fill_grid(grid *g) {
    const kr_chain *chain = &g->chain;
    g->weight = malloc(3 * chain->n * sizeof(double));
    if (!g->weight) return false;
    g->slope = g->weight + chain->n;
    g->variance = g->slope + chain->n;
    for (size_t i = 0; i < chain->n; i++) {
        size_t panel = i / KR_GAUSS_NODES;
        g->weight[i] = 0.5 * (chain->edge[2 * panel + 1] - chain->edge[2 * panel]) * chain->rule.weight[i % KR_GAUSS_NODES];
    }
    kr_problem_1d_evaluate(&g->line, chain->n, chain->x, NULL, g->slope, NULL);
    kr_propagation_noise(&g->line, chain->n, chain->x, g->variance);
    return true;
}

/* NULL: refused. */
static grid *grid_at(propagation *p, int level) {
    grid *g = &p->level[level];
    if (g->made) return g;
    double part = pow(KR_PROPAGATION_RATIO, -level);
    if (p->present.changes)
        g->line = p->hot;
    else if (!kr_problem_1d_make_at(p->problem, p->highest * part, &g->line, p->out))
        return NULL;
    if (p->present.changes && !kr_propagation_set(p, p->hot_step)) return NULL;
    double width = p->present.changes ? p->width * part : p->width;
    g->chain = (kr_chain){.line = &g->line, .left = p->left, .right = p->right, .width = width, .cutoff = cutoff};
    kr_chain_outcome outcome = kr_chain_create(&g->chain);
    if (outcome == KR_CHAIN_DONE && fill_grid(g)) {
        g->made = true;
        return g;
    }
    if (outcome == KR_CHAIN_DONE) kr_chain_destroy(&g->chain);
    kr_theory_refuse(p->out,
                     "At learning rate %g the noise of a step is too narrow somewhere between %g and %g for the exact equation.",
                     g->line.learning_rate, p->left, p->right);
    return NULL;
}

bool kr_propagation_find_finest(kr_propagation *p) {
    p->finest = KR_PROPAGATION_LEVELS - 1;
    p->finest = kr_propagation_level(p, p->lowest);
    for (int level = 0; level <= p->finest; level++) {
        const grid *g = grid_at(p, level);
        if (g && g->chain.panels <= FINEST_PANELS) continue;
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
    const kr_chain *chain = &to->chain;
    size_t first, last;
    kr_chain_reached(chain, from, &first, &last);
    for (size_t panel = first; panel < last;) {
        size_t end = panel;
        while (end < last && chain->edge[2 * end + 1] - chain->edge[2 * end] <= 4.5 * from.deviation) end++;
        size_t node = panel * KR_GAUSS_NODES;
        if (end > panel) {
            size_t count = (end - panel) * KR_GAUSS_NODES;
            p->kernels->spread(count, mass / (from.deviation * root_two_pi), from.mean, root_half / from.deviation, chain->x + node,
                               to->weight + node, p->next + node);
            p->work += (double)count;
            panel = end;
            continue;
        }
        kr_chain_row(chain, from, panel, panel + 1, p->row);
        for (size_t j = 0; j < KR_GAUSS_NODES; j++) p->next[node + j] += mass * p->row[j];
        p->work += 16.0 * KR_GAUSS_NODES;
        panel++;
    }
}

static void scatter(propagation *p, const grid *to, double x, double slope, double variance, const stride *s, double mass,
                    double *absorbed) {
    kr_chain_source from = {.mean = x - s->rate * slope, .deviation = sqrt(s->thermal + s->squares * variance)};
    *absorbed += mass * kr_chain_absorbed(&to->chain, from);
    p->lost += exp(p->log_survival) * mass * (kr_chain_lost_left(&to->chain, from) + kr_chain_lost_right(&to->chain, from));
    spread(p, to, from, mass);
}

static void depart(propagation *p, const grid *to, const stride *s, double *absorbed) {
    for (size_t i = 0; i < p->initial.count; i++) {
        double mass = p->departing * p->initial.weight[i];
        if (mass > negligible) scatter(p, to, p->initial.x[i], p->initial_slope[i], p->initial_variance[i], s, mass, absorbed);
    }
}

/* Removes arrivals from the density, which is then normalised; before step 0 they depart again instead. */
static void remove_arrivals(propagation *p, const grid *to, double absorbed, bool burning_in) {
    double left = 0.0;
    p->departing = burning_in ? fmax(0.0, absorbed) : 0.0;
    for (size_t j = 0; j < to->chain.n; j++) left += p->next[j];
    if (!burning_in) {
        p->log_survival += absorbed < 1.0 ? log1p(-fmax(0.0, absorbed)) : -INFINITY;
        if (!(left > 0.0)) p->log_survival = -INFINITY;
    }
    left += p->departing;
    for (size_t j = 0; j < to->chain.n && left > 0.0; j++) p->next[j] /= left;
    if (left > 0.0) p->departing /= left;
}

bool kr_propagation_advance(kr_propagation *p, const stride *s, int level, bool burning_in) {
    const grid *to = grid_at(p, level), *now = p->at < 0 ? NULL : &p->level[p->at];
    if (!to) return false;
    double absorbed = 0.0, lost = p->lost, left = 0.0;
    double *grown = realloc(p->next, to->chain.n * sizeof *grown);
    if (!grown) {
        kr_theory_refuse(p->out, "There is not enough memory for %zu nodes.", to->chain.n);
        return false;
    }
    p->next = grown;
    memset(p->next, 0, to->chain.n * sizeof *p->next);
    if (p->departing > 0.0) depart(p, to, s, &absorbed);
    for (size_t i = 0; now && i < now->chain.n; i++)
        if (fabs(p->mass[i]) > negligible)
            scatter(p, to, now->chain.x[i], now->slope[i], now->variance[i], s, p->mass[i], &absorbed);
    for (size_t j = 0; j < to->chain.n; j++) left += p->next[j];
    double scale = exp(p->log_survival);
    p->defect += fabs(scale * (left + absorbed - 1.0) + p->lost - lost);
    p->hazard = fmax(0.0, absorbed);
    p->lost_part = scale > 0.0 ? (p->lost - lost) / scale : 0.0;
    remove_arrivals(p, to, absorbed, burning_in);
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
    size_t n = g->chain.n;
    p->log_survival = 0.0; /* scatter multiplies what is lost by the survival */
    memset(matrix, 0, n * n * sizeof *matrix);
    for (size_t i = 0; i < n; i++) {
        p->next = matrix + i * n;
        p->lost = arrived[i] = 0.0;
        scatter(p, g, g->chain.x[i], g->slope[i], g->variance[i], &s, 1.0, &arrived[i]);
        lost[i] = p->lost;
    }
    p->next = next;
    p->log_survival = log_survival;
    p->lost = lost_before;
}

stride kr_propagation_gather(const kr_propagation *p, uint64_t *step, uint64_t last, bool burning_in) {
    const kr_dynamics *dynamics = p->problem->dynamics;
    double least = p->highest * pow(KR_PROPAGATION_RATIO, -p->finest);
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
