/* The mean first-passage time of the process an optimizer really is, x' = x - eta V'(x) + s(x) xi with
 * s^2 = thermal variance + eta^2 sigma^2(x): exact at any learning rate, no expansion.
 *
 * n(x) = 1 + int p(x, y) n(y) dy outside the target (the backward equation of a Markov chain, Kemeny and Snell 1960; for
 * overshoot at discrete times Broadie, Glasserman, Kou 1997), by Nystrom's method (sim/walk) and subtraction-free elimination
 * (sim/m_matrix). On a side without a target the region is cut off; the cut is pushed out until it is practically never
 * crossed, then the panels are refined until the mean no longer changes. E[N^2] comes from the same matrix.
 *
 * Holds for gradient descent with Gaussian noise in one coordinate, additive or not, at a constant learning rate.
 */
#include "walk.h"

#include <math.h>

static const double never = 1e-11;                   /* crossings of a cut per passage that are practically none */
static const double rarely = 1e-4;                   /* still accepted (and stated) where the walk can run away */
static const double wanted = 1e-10, accepted = 1e-7; /* relative change from one panel width to the next */
enum { MAX_PUSHES = 14, MAX_REFINEMENTS = 5, MAX_MARCH = 20000 };

/* A first guess of the cut from the continuous process: where Phi = int 2 eta V' / s^2 has risen by 45 above its lowest. */
static double march_out(const kr_line *line, double from, double direction, double typical) {
    double x = from, potential = 0.0, lowest = 0.0, begin, end;
    for (int i = 0; i < MAX_MARCH; i++) {
        double mean, deviation, stretch;
        kr_walk_step(line, 1, &x, &mean, &deviation, &stretch);
        double s = fmax(deviation, 0.02 * typical), step = 0.4 * s / fmax(1.0, stretch);
        begin = mean - x;
        x += direction * step;
        kr_walk_step(line, 1, &x, &mean, NULL, NULL);
        end = mean - x;
        potential -= direction * step * (begin + end) / (s * s); /* drift is -eta V' */
        lowest = fmin(lowest, potential);
        if (!isfinite(potential) || potential - lowest > 45.0) break;
        if (direction * (end + x) < direction * from - 40.0 * typical && potential > lowest) break; /* thrown right across */
    }
    return isfinite(x) ? x : from + direction * 10.0 * typical;
}

/* The largest noise near the start, out to the targets. */
static double typical_deviation(const kr_line *line) {
    enum { POINTS = 64 };
    kr_interval exits = kr_line_exits(line);
    double low = isfinite(exits.low) ? exits.low : line->start - 1.0, high = isfinite(exits.high) ? exits.high : line->start + 1.0;
    double x[POINTS], deviation[POINTS], largest = 0.0;
    for (int i = 0; i < POINTS; i++) x[i] = low + (high - low) * (i + 0.5) / POINTS;
    kr_walk_step(line, POINTS, x, NULL, deviation, NULL);
    for (int i = 0; i < POINTS; i++) largest = fmax(largest, deviation[i]);
    return largest;
}

static void first_cuts(kr_walk *walk, double typical) {
    const kr_line *line = walk->line;
    walk->left = line->low;
    walk->right = line->high;
    if (!isfinite(line->low)) {
        walk->left = march_out(line, line->start, -1.0, typical);
        for (size_t h = line->hole_count; h-- > 0;) /* behind a target nobody comes, unless by a jump */
            if (line->hole[h].high < line->start && line->hole[h].low > walk->left) walk->left = line->hole[h].low;
    }
    if (!isfinite(line->high)) {
        walk->right = march_out(line, line->start, 1.0, typical);
        for (size_t h = 0; h < line->hole_count; h++)
            if (line->hole[h].low > line->start && line->hole[h].high < walk->right) walk->right = line->hole[h].high;
    }
}

/* Solves, with the cutoff wide enough that a jump beyond it is too rare to matter among steps moves. */
static kr_walk_outcome solve(kr_walk *walk, kr_walk_result *result) {
    for (;;) {
        kr_walk_outcome outcome = kr_walk_solve(walk, result);
        if (outcome == KR_WALK_STUCK && walk->cutoff < 37.0) {
            walk->cutoff = 37.0;
            continue;
        }
        if (outcome != KR_WALK_DONE) return outcome;
        double needed = fmin(37.0, sqrt(2.0 * (log(result->steps + 1.0) + 40.0)));
        if (walk->cutoff >= needed) return outcome;
        walk->cutoff = fmin(37.0, needed + 0.5);
    }
}

/* Pushes the cuts out until moves beyond them are practically none. What remains is in result. */
static kr_walk_outcome push_cuts(kr_walk *walk, double typical, kr_walk_result *result) {
    kr_walk_outcome outcome = solve(walk, result);
    for (int i = 0; i < MAX_PUSHES && outcome == KR_WALK_DONE; i++) {
        if (result->lost_left + result->lost_right <= never) break;
        double step = fmax(4.0 * typical, 0.2 * (walk->right - walk->left));
        kr_walk wider = *walk;
        if (result->lost_left > 0.5 * never) wider.left -= step;
        if (result->lost_right > 0.5 * never) wider.right += step;
        kr_walk_result next;
        outcome = solve(&wider, &next);
        bool tolerable = result->lost_left + result->lost_right <= rarely;
        if (outcome == KR_WALK_STUCK && !tolerable) return outcome;
        if (outcome != KR_WALK_DONE) return KR_WALK_DONE; /* it runs away beyond here: what is lost decides */
        *walk = wider;
        *result = next;
    }
    return outcome;
}

static void refuse(kr_prediction *out, const kr_walk *walk, kr_walk_outcome outcome, double eta) {
    switch (outcome) {
    case KR_WALK_STUCK:
        kr_theory_refuse(out, "The equation has no positive solution: the target cannot be reached, or too rarely for the "
                              "numerical method.");
        break;
    case KR_WALK_TOO_LARGE:
        kr_theory_refuse(out,
                         "The noise of a step at learning rate %g is so narrow somewhere in [%g, %g] that the exact equation needs "
                         "too many nodes.",
                         eta, walk->left, walk->right);
        break;
    default:
        kr_theory_refuse(out, "Between %g and %g the step is not finite or the noise vanishes where the walk would rest.",
                         walk->left, walk->right);
    }
}

/* Narrower panels until the mean stays. Returns the last relative change, or NAN when a solution failed. */
static double refine(kr_walk *walk, kr_walk_result *result, kr_walk_outcome *outcome) {
    static const double narrower[MAX_REFINEMENTS] = {0.8, 0.75, 0.65, 0.6, 0.6};
    double change = NAN;
    *outcome = KR_WALK_DONE;
    for (int i = 0; i < MAX_REFINEMENTS; i++) {
        kr_walk_result finer;
        walk->width *= narrower[i];
        *outcome = solve(walk, &finer);
        if (*outcome != KR_WALK_DONE) return change;
        change = fabs(finer.steps / result->steps - 1.0);
        *result = finer;
        if (change <= wanted) break;
    }
    return change;
}

static void predict(const kr_problem *problem, kr_prediction *out) {
    kr_line line;
    if (!kr_line_make(problem, &line, out)) return;
    double typical = typical_deviation(&line);
    if (!(typical > 0.0)) {
        kr_theory_refuse(out, "There is no noise at all, so the path is not random.");
        return;
    }
    kr_walk walk = {.line = &line, .width = 3.2, .cutoff = 12.0};
    kr_walk_result result;
    first_cuts(&walk, typical);
    kr_walk_outcome outcome = push_cuts(&walk, typical, &result);
    if (outcome != KR_WALK_DONE) {
        refuse(out, &walk, outcome, line.learning_rate);
        return;
    }
    double lost = result.lost_left + result.lost_right;
    if (lost > rarely) {
        kr_theory_refuse(out, "An open side does not hold the walk: it leaves [%g, %g] %.2g times before it reaches the target.",
                         walk.left, walk.right, lost);
        return;
    }
    double change = refine(&walk, &result, &outcome);
    if (!(change <= accepted)) {
        if (outcome != KR_WALK_DONE) {
            refuse(out, &walk, outcome, line.learning_rate);
            return;
        }
        kr_theory_refuse(out, "The equation did not converge (last change %.2g with %zu nodes).", change, result.nodes);
        return;
    }
    out->mfpt_steps = result.steps;
    out->variation = sqrt(fmax(0.0, result.second - 1.0));
    out->accuracy = fmax(fmax(change, 1e-13), lost > never ? lost : 0.0);
}

KR_THEORY = {.about = {.name = KR_PLUGIN_NAME,
                       .doc = "exact mean passage time of the discrete-time walk, one coordinate, any noise and learning rate",
                       .reference = "backward equation by Nystrom's method; elimination by Grassmann, Taksar, Heyman 1985"},
             .rank = 30,
             .predict = predict};
