#include "chain.h"

#include "initial_distribution.h"
#include "numerics/gth_solver.h"
#include "solvers/problem/kinks.h"

#include <kramers/interrupt.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NODES = KR_GAUSS_NODES, MAX_PANELS = 8000, BATCH = 64 };
static const double max_work = 2.5e9;
static const double root_two_pi = 2.50662827463100050242, root_two = 1.41421356237309504880;

void kr_chain_step(const kr_problem_1d *line, size_t n, const double *x, double *mean, double *deviation, double *factor) {
    double buffer[BATCH];
    for (size_t done = 0; done < n; done += BATCH) {
        size_t count = n - done < BATCH ? n - done : BATCH;
        if (mean) {
            kr_problem_1d_evaluate(line, count, x + done, NULL, buffer, NULL);
            for (size_t i = 0; i < count; i++) mean[done + i] = x[done + i] - line->learning_rate * buffer[i];
        }
        if (deviation) {
            kr_problem_1d_variance(line, count, x + done, buffer);
            for (size_t i = 0; i < count; i++) deviation[done + i] = sqrt(buffer[i]);
        }
        if (factor) {
            kr_problem_1d_evaluate(line, count, x + done, NULL, NULL, buffer);
            for (size_t i = 0; i < count; i++) factor[done + i] = fabs(1.0 - line->learning_rate * buffer[i]);
        }
    }
}

/* Where the noise depends on the position, escape probabilities change by a factor over s^2 / |drift|, unless the noise itself
 * changes faster: near a point without noise, s^2 = c |x - x0|, they are smooth on the scale c. */
static double noise_scale(const kr_problem_1d *line, double a, double w) {
    double x[3] = {a, a + w / 2.0, a + w}, mean, deviation[3];
    kr_chain_step(line, 3, x, NULL, deviation, NULL);
    kr_chain_step(line, 1, x + 1, &mean, NULL, NULL);
    double change = fabs(deviation[2] - deviation[0]) * (deviation[2] + deviation[0]) / w;
    return fmax(deviation[1] * deviation[1] / fabs(mean - x[1]), change);
}

/* The widest panel [a, a + w] with w <= width * s / max(1, |m'|): n(x) changes on the scale of the noise seen through m. */
static double panel_width(const kr_chain *chain, double a, double limit) {
    double w = limit;
    bool additive = !isnan(kr_problem_1d_temperature(chain->line));
    for (int i = 0; i < 400; i++) {
        double x[3] = {a + w / 2.0, a, a + w}, deviation, factor[3];
        kr_chain_step(chain->line, 1, x, NULL, &deviation, NULL);
        kr_chain_step(chain->line, 3, x, NULL, NULL, factor);
        double allowed = chain->width * deviation / fmax(1.0, fmax(factor[0], fmax(factor[1], factor[2])));
        if (!additive) allowed = fmin(allowed, 0.4 * chain->width * noise_scale(chain->line, a, w));
        if (w <= allowed * 1.0000001) return w;
        w = fmax(allowed, 0.7 * w);
        if (!(w > 0.0)) break;
    }
    return NAN;
}

static kr_chain_outcome fill_segment(kr_chain *chain, double a, double b) {
    double limit = b - a;
    while (a < b) {
        double w = panel_width(chain, a, fmin(limit, b - a));
        if (isnan(w) || !(a + w > a)) return KR_CHAIN_NOT_FINITE;
        limit = 2.0 * w; /* start the next search near this one */
        double end = a + w;
        if (b - end < 1e-9 * w) end = b;
        if (b - end > 0.0 && b - end < w) end = a + (b - a) / 2.0; /* two equal panels rather than a sliver */
        if (chain->panels == MAX_PANELS) return KR_CHAIN_TOO_LARGE;
        chain->edge[2 * chain->panels] = a;
        chain->edge[2 * chain->panels + 1] = end;
        chain->panels++;
        a = end;
    }
    return KR_CHAIN_DONE;
}

/* Panels over (left, right) without the targets inside, with edges at the kinks. */
static kr_chain_outcome make_panels(kr_chain *chain) {
    const kr_problem_1d *line = chain->line;
    double kinks[KR_MAX_KINKS];
    size_t count = kr_problem_kinks(line, chain->left, chain->right, kinks), kink = 0;
    chain->panels = 0;
    double a = chain->left;
    for (size_t h = 0; h <= line->interior_target_count; h++) {
        double b = h < line->interior_target_count ? fmin(line->interior_target[h].low, chain->right) : chain->right;
        for (; kink < count && kinks[kink] < b; kink++) {
            if (!(kinks[kink] > a + 1e-12 * (chain->right - chain->left))) continue; /* a zero hit exactly changes sign twice */
            kr_chain_outcome outcome = fill_segment(chain, a, kinks[kink]);
            if (outcome != KR_CHAIN_DONE) return outcome;
            a = kinks[kink];
        }
        kr_chain_outcome outcome = fill_segment(chain, a, b);
        if (outcome != KR_CHAIN_DONE) return outcome;
        if (h < line->interior_target_count) a = fmax(a, line->interior_target[h].high);
    }
    return chain->panels ? KR_CHAIN_DONE : KR_CHAIN_NOT_FINITE;
}

static kr_chain_outcome make_nodes(kr_chain *chain) {
    chain->n = chain->panels * NODES;
    chain->x = malloc(3 * chain->n * sizeof(double));
    if (!chain->x) return KR_CHAIN_TOO_LARGE;
    chain->mean = chain->x + chain->n;
    chain->deviation = chain->mean + chain->n;
    for (size_t p = 0; p < chain->panels; p++)
        kr_gauss_nodes(&chain->rule, 1, chain->edge[2 * p], chain->edge[2 * p + 1], chain->x + p * NODES);
    kr_chain_step(chain->line, chain->n, chain->x, chain->mean, chain->deviation, NULL);
    for (size_t i = 0; i < chain->n; i++)
        if (!isfinite(chain->mean[i]) || !isfinite(chain->deviation[i])) return KR_CHAIN_NOT_FINITE;
    return KR_CHAIN_DONE;
}

static double density(double y, double m, double s) {
    double z = (y - m) / s;
    return exp(-0.5 * z * z) / (s * root_two_pi);
}

/* Probability of a jump to at least, or at most, edge. */
static double upper_tail(double edge, double m, double s) {
    return s > 0.0 ? 0.5 * erfc((edge - m) / (s * root_two)) : (m >= edge ? 1.0 : 0.0);
}

static double lower_tail(double edge, double m, double s) {
    return upper_tail(-edge, -m, s);
}

/* Probability of a jump into [low, high], without cancellation. */
static double interval_mass(const kr_gauss_rule *rule, double low, double high, double m, double s) {
    if (!(s > 0.0)) return m >= low && m <= high ? 1.0 : 0.0;
    if (high - low < 2.0 * s) {
        double y[NODES], half = kr_gauss_nodes(rule, 1, low, high, y), sum = 0.0;
        for (size_t j = 0; j < NODES; j++) sum += half * rule->weight[j] * density(y[j], m, s);
        return sum;
    }
    if (m < low) return upper_tail(low, m, s) - upper_tail(high, m, s);
    if (m > high) return lower_tail(high, m, s) - lower_tail(low, m, s);
    return 1.0 - upper_tail(high, m, s) - lower_tail(low, m, s);
}

typedef kr_chain_source source;

double kr_chain_absorbed(const kr_chain *chain, source from) {
    const kr_problem_1d *line = chain->line;
    double sum = 0.0;
    if (isfinite(line->low)) sum += lower_tail(line->low, from.mean, from.deviation);
    if (isfinite(line->high)) sum += upper_tail(line->high, from.mean, from.deviation);
    for (size_t h = 0; h < line->interior_target_count; h++)
        sum += interval_mass(&chain->rule, line->interior_target[h].low, line->interior_target[h].high, from.mean, from.deviation);
    return sum;
}

double kr_chain_lost_left(const kr_chain *chain, source from) {
    return isfinite(chain->line->low) ? 0.0 : lower_tail(chain->left, from.mean, from.deviation);
}

double kr_chain_lost_right(const kr_chain *chain, source from) {
    return isfinite(chain->line->high) ? 0.0 : upper_tail(chain->right, from.mean, from.deviation);
}

void kr_chain_reached(const kr_chain *chain, source from, size_t *first, size_t *last) {
    double low = from.mean - chain->cutoff * from.deviation, high = from.mean + chain->cutoff * from.deviation;
    size_t a = 0, b = chain->panels;
    while (a < b) { /* first panel that ends at or above low */
        size_t middle = (a + b) / 2;
        if (chain->edge[2 * middle + 1] < low)
            a = middle + 1;
        else
            b = middle;
    }
    *first = a;
    for (b = chain->panels; a < b;) { /* first panel that begins above high */
        size_t middle = (a + b) / 2;
        if (chain->edge[2 * middle] <= high)
            a = middle + 1;
        else
            b = middle;
    }
    *last = a;
}

/* Where the noise is much narrower than the panel, the panel's own nodes cannot integrate the density: weights of the
 * interpolating polynomial instead, integrated over short pieces around the mean. They may be negative, but only by an amount
 * that is compensated within the panel. Without noise the move goes to one point. */
static void narrow_weights(const kr_chain *chain, source from, double a, double b, double *weight) {
    double basis[NODES], half = (b - a) / 2.0, m = from.mean, s = from.deviation;
    for (size_t j = 0; j < NODES; j++) weight[j] = 0.0;
    if (s <= 1e-15 * (b - a)) {
        if (m > a && m <= b) kr_gauss_basis(&chain->rule, (m - a) / half - 1.0, weight);
        return;
    }
    double low = fmax(a, m - chain->cutoff * s), high = fmin(b, m + chain->cutoff * s);
    if (!(high > low)) return;
    size_t pieces = (size_t)ceil((high - low) / (4.0 * s));
    double piece = (high - low) / (double)pieces;
    for (size_t k = 0; k < pieces; k++)
        for (size_t q = 0; q < NODES; q++) {
            double y = low + piece * ((double)k + 0.5 * (1.0 + chain->rule.node[q]));
            double w = 0.5 * piece * chain->rule.weight[q] * density(y, m, s);
            kr_gauss_basis(&chain->rule, (y - a) / half - 1.0, basis);
            for (size_t j = 0; j < NODES; j++) weight[j] += w * basis[j];
        }
}

void kr_chain_row(const kr_chain *chain, source from, size_t first, size_t last, double *row) {
    for (size_t p = first; p < last; p++, row += NODES) {
        double a = chain->edge[2 * p], b = chain->edge[2 * p + 1];
        if (b - a > 4.5 * from.deviation) {
            narrow_weights(chain, from, a, b, row);
            continue;
        }
        for (size_t j = 0; j < NODES; j++)
            row[j] = 0.5 * (b - a) * chain->rule.weight[j] * density(chain->x[p * NODES + j], from.mean, from.deviation);
    }
}

/* Exponent of the probability that a Brownian bridge between two points has crossed a level on this side (1 above, -1 below). */
static double crossing(double level, double side, double x, double y, double variance) {
    double a = side * (level - x), b = side * (level - y);
    return a > 0.0 && b > 0.0 ? -2.0 * a * b / variance : -INFINITY;
}

/* Takes out of a row from x the moves that have been in a target on their way, and returns how much that is. For additive noise:
 * Gaussian steps, each level by itself, as the ensemble draws them. */
static double bridge(const kr_chain *chain, double x, double deviation, size_t count, const double *y, double *row) {
    const kr_problem *problem = chain->line->problem;
    double taken = 0.0, variance = deviation * deviation;
    for (size_t j = 0; j < count; j++) {
        double log_kept = 0.0;
        for (size_t t = 0; t < problem->target_count; t++) {
            const kr_target *target = &problem->targets[t];
            log_kept += log1p(-exp(crossing(target->above, 1.0, x, y[j], variance)));
            log_kept += log1p(-exp(crossing(target->below, -1.0, x, y[j], variance)));
        }
        taken -= row[j] * expm1(log_kept);
        row[j] *= exp(log_kept);
    }
    return taken;
}

static bool make_matrix(const kr_chain *chain, kr_gth *matrix) {
    size_t *range = malloc(2 * chain->n * sizeof *range);
    if (!range) return false;
    size_t *first = range, *last = range + chain->n;
    for (size_t i = 0; i < chain->n; i++) {
        size_t from, to;
        kr_chain_reached(chain, (source){chain->mean[i], chain->deviation[i]}, &from, &to);
        first[i] = from < to ? from * NODES : i;
        last[i] = from < to ? to * NODES : i;
    }
    bool made = kr_gth_create(matrix, chain->n, first, last, max_work);
    free(range);
    if (!made) return false;
    for (size_t i = 0; i < chain->n && !kr_interrupt_wanted(); i++) {
        source from = {chain->mean[i], chain->deviation[i]};
        size_t begin, end;
        kr_chain_reached(chain, from, &begin, &end);
        matrix->excess[i] = kr_chain_absorbed(chain, from);
        if (begin == end) continue;
        double *row = matrix->row[i] + (begin * NODES - matrix->first[i]);
        kr_chain_row(chain, from, begin, end, row);
        if (chain->line->problem->bridge)
            matrix->excess[i] += bridge(chain, chain->x[i], from.deviation, (end - begin) * NODES, chain->x + begin * NODES, row);
    }
    return true;
}

/* The departure is one more state, to which no other moves: value = (b + sum p x) / (sum p + excess). */
typedef struct start_row {
    double *weight; /* [n] */
    double pivot, lost_left, lost_right;
} start_row;

static bool make_start(const kr_chain *chain, start_row *start) {
    kr_initial_distribution initial;
    kr_prediction why;
    double *row = malloc(2 * chain->n * sizeof *row);
    *start = (start_row){.weight = row};
    if (!row || !kr_initial_distribution_make(&initial, chain->line, &why)) return false;
    double *part = row + chain->n;
    for (size_t j = 0; j < chain->n; j++) row[j] = 0.0;
    for (size_t i = 0; i < initial.count; i++) {
        source origin;
        size_t from, to;
        double weight = initial.weight[i];
        kr_chain_step(chain->line, 1, initial.x + i, &origin.mean, &origin.deviation, NULL);
        kr_chain_reached(chain, origin, &from, &to);
        if (from < to) kr_chain_row(chain, origin, from, to, part);
        if (from < to && chain->line->problem->bridge)
            start->pivot +=
                weight * bridge(chain, initial.x[i], origin.deviation, (to - from) * NODES, chain->x + from * NODES, part);
        for (size_t j = from * NODES; j < to * NODES; j++) row[j] += weight * part[j - from * NODES];
        start->pivot += weight * kr_chain_absorbed(chain, origin);
        start->lost_left += weight * kr_chain_lost_left(chain, origin);
        start->lost_right += weight * kr_chain_lost_right(chain, origin);
    }
    kr_initial_distribution_destroy(&initial);
    for (size_t j = 0; j < chain->n; j++) start->pivot += row[j];
    return true;
}

static double at_start(const kr_chain *chain, const start_row *start, double b, const double *x) {
    for (size_t j = 0; j < chain->n; j++)
        if (start->weight[j] != 0.0) b += start->weight[j] * x[j];
    return b / start->pivot;
}

static void solve_all(const kr_chain *chain, const kr_gth *matrix, const start_row *start, double *b, kr_chain_result *result) {
    size_t n = chain->n;
    for (size_t i = 0; i < n; i++) b[i] = kr_chain_lost_left(chain, (source){chain->mean[i], chain->deviation[i]});
    kr_gth_solve(matrix, b);
    result->lost_left = at_start(chain, start, start->lost_left, b);
    for (size_t i = 0; i < n; i++) b[i] = kr_chain_lost_right(chain, (source){chain->mean[i], chain->deviation[i]});
    kr_gth_solve(matrix, b);
    result->lost_right = at_start(chain, start, start->lost_right, b);
    for (size_t i = 0; i < n; i++) b[i] = 1.0;
    kr_gth_solve(matrix, b);
    result->steps = at_start(chain, start, 1.0, b);
    /* E[N^2] = 1 + 2 P n + P E[N^2], and P n = n - 1; all terms are positive again. In units of the mean, squares of large
     * means would overflow. */
    double unit = result->steps;
    for (size_t i = 0; i < n; i++) b[i] = (2.0 * b[i] - 1.0) / unit;
    kr_gth_solve(matrix, b);
    result->second = at_start(chain, start, (2.0 * unit - 1.0) / unit, b) / unit;
}

static kr_chain_outcome solve_on_nodes(kr_chain *chain, kr_chain_result *result) {
    kr_gth matrix;
    if (!make_matrix(chain, &matrix)) return KR_CHAIN_TOO_LARGE;
    start_row start = {0};
    double *buffer = malloc(chain->n * sizeof *buffer);
    kr_chain_outcome outcome = buffer && make_start(chain, &start) ? KR_CHAIN_DONE : KR_CHAIN_TOO_LARGE;
    if (outcome == KR_CHAIN_DONE && !kr_gth_eliminate(&matrix)) outcome = KR_CHAIN_STUCK;
    if (outcome == KR_CHAIN_DONE) {
        solve_all(chain, &matrix, &start, buffer, result);
        result->nodes = chain->n;
        if (!isfinite(result->steps) || !(result->steps > 0.0)) outcome = KR_CHAIN_STUCK;
    }
    free(buffer);
    free(start.weight);
    kr_gth_destroy(&matrix);
    return outcome;
}

kr_chain_outcome kr_chain_create(kr_chain *chain) {
    kr_gauss_rule_make(&chain->rule);
    chain->x = NULL;
    chain->edge = malloc(2 * MAX_PANELS * sizeof *chain->edge);
    kr_chain_outcome outcome = chain->edge ? make_panels(chain) : KR_CHAIN_TOO_LARGE;
    if (outcome == KR_CHAIN_DONE) outcome = make_nodes(chain);
    if (outcome != KR_CHAIN_DONE) kr_chain_destroy(chain);
    return outcome;
}

void kr_chain_destroy(kr_chain *chain) {
    free(chain->edge);
    free(chain->x);
    chain->edge = chain->x = chain->mean = chain->deviation = NULL;
}

kr_chain_outcome kr_chain_solve(kr_chain *chain, kr_chain_result *result) {
    kr_chain_outcome outcome = kr_chain_create(chain);
    if (outcome == KR_CHAIN_DONE) outcome = solve_on_nodes(chain, result);
    kr_chain_destroy(chain);
    return outcome;
}
