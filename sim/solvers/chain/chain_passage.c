/* The mean passage of a chain from its start to its targets: cuts where no target is, pushed out until they are practically never
 * crossed, then narrower panels until nothing changes. */
#include "chain.h"

#include <math.h>

static const double never = 1e-11;                   /* crossings of a cut per passage that are practically none */
static const double rarely = 1e-4;                   /* still accepted (and stated) where the chain can run away */
static const double wanted = 1e-10, accepted = 1e-7; /* relative change from one panel width to the next */
enum { MAX_PUSHES = 12, MAX_REFINEMENTS = 5, MAX_MARCH = 60000 };

/* A first guess of the cut from the continuous process: where Phi = int 2 eta V' / s^2 has risen by 45 above its lowest. NAN: it
 * does not in 24000 noise widths. */
static double march_out(const kr_problem_1d *line, double from, double direction, double typical) {
    double x = from, potential = 0.0, lowest = 0.0, begin, end;
    for (int i = 0; i < MAX_MARCH; i++) {
        double mean, deviation, factor;
        kr_chain_step(line, 1, &x, &mean, &deviation, &factor);
        double s = fmax(deviation, 0.02 * typical), step = 0.4 * s / fmax(1.0, factor);
        begin = mean - x;
        x += direction * step;
        kr_chain_step(line, 1, &x, &mean, NULL, NULL);
        end = mean - x;
        potential -= direction * step * (begin + end) / (s * s); /* drift is -eta V' */
        lowest = fmin(lowest, potential);
        if (!isfinite(x) || !isfinite(potential)) return from + direction * 10.0 * typical;
        if (potential - lowest > 45.0) return x;
        if (direction * (end + x) < direction * from - 40.0 * typical && potential > lowest) return x; /* thrown right across */
    }
    return NAN;
}

/* The largest noise near the start, out to the targets. */
static double typical_deviation(const kr_problem_1d *line) {
    enum { POINTS = 64 };
    kr_interval exits = kr_problem_1d_exits(line);
    double low = isfinite(exits.low) ? exits.low : line->start - 1.0, high = isfinite(exits.high) ? exits.high : line->start + 1.0;
    double x[POINTS], deviation[POINTS], largest = 0.0;
    for (int i = 0; i < POINTS; i++) x[i] = low + (high - low) * (i + 0.5) / POINTS;
    kr_chain_step(line, POINTS, x, NULL, deviation, NULL);
    for (int i = 0; i < POINTS; i++) largest = fmax(largest, deviation[i]);
    return largest;
}

bool kr_chain_first_cuts(kr_chain *chain) {
    const kr_problem_1d *line = chain->line;
    double typical = typical_deviation(line);
    chain->left = line->low;
    chain->right = line->high;
    if (!isfinite(line->low)) {
        chain->left = march_out(line, line->start, -1.0, typical);
        for (size_t h = line->interior_target_count; h-- > 0;) /* particles get behind a target only by a jump */
            if (line->interior_target[h].high < line->start && line->interior_target[h].low > chain->left)
                chain->left = line->interior_target[h].low;
    }
    if (!isfinite(line->high)) {
        chain->right = march_out(line, line->start, 1.0, typical);
        for (size_t h = 0; h < line->interior_target_count; h++)
            if (line->interior_target[h].low > line->start && line->interior_target[h].high < chain->right)
                chain->right = line->interior_target[h].high;
    }
    return !isnan(chain->left) && !isnan(chain->right);
}

/* Solves, with the cutoff wide enough that a jump beyond it is too rare to matter among steps moves. */
static kr_chain_outcome solve(kr_chain *chain, kr_chain_result *result) {
    for (;;) {
        kr_chain_outcome outcome = kr_chain_solve(chain, result);
        if (outcome == KR_CHAIN_STUCK && chain->cutoff < 37.0) {
            chain->cutoff = 37.0;
            continue;
        }
        if (outcome == KR_CHAIN_STUCK && chain->width > 0.6 &&
            isnan(kr_problem_1d_temperature(chain->line))) { /* weights of either sign lose rare jumps on wide panels */
            chain->width *= 0.6;
            continue;
        }
        if (outcome != KR_CHAIN_DONE) return outcome;
        double needed = fmin(37.0, sqrt(2.0 * (log(result->steps + 1.0) + 40.0)));
        if (chain->cutoff >= needed) return outcome;
        chain->cutoff = fmin(37.0, needed + 0.5);
    }
}

static double lost(const kr_chain_result *result) {
    return result->lost_left + result->lost_right;
}

enum { LEFT = 1, RIGHT = 2 };

/* One push of these sides by part of their way. */
static kr_chain_outcome push(kr_chain *chain, int sides, double typical, double part, kr_chain_result *result) {
    double step = part * fmax(4.0 * typical, 0.2 * (chain->right - chain->left));
    if ((sides & LEFT) && result->lost_left > 0.5 * never) chain->left -= step;
    if ((sides & RIGHT) && result->lost_right > 0.5 * never) chain->right += step;
    return solve(chain, result);
}

static void push_while_better(kr_chain *chain, int side, double typical, double part, kr_chain_result *result) {
    for (int i = 0; i < MAX_PUSHES; i++) {
        kr_chain trial = *chain;
        kr_chain_result found = *result;
        if (push(&trial, side, typical, part, &found) != KR_CHAIN_DONE || !(lost(&found) < 0.9 * lost(result))) return;
        *chain = trial;
        *result = found;
    }
}

/* Pushes the cuts out until moves beyond them are practically none. A chain with large steps may run away for good beyond some
 * point; with the cuts beyond that point more is lost, not less, so the cuts at which least is lost are looked for. */
static kr_chain_outcome push_cuts(kr_chain *chain, double typical, kr_chain_result *result) {
    kr_chain_outcome outcome = solve(chain, result);
    if (outcome != KR_CHAIN_DONE) return outcome;
    kr_chain trial = *chain;
    kr_chain_result found = *result;
    for (int i = 0; i < MAX_PUSHES && lost(&found) > never; i++) {
        if (push(&trial, LEFT | RIGHT, typical, 1.0, &found) != KR_CHAIN_DONE) break;
        if (lost(&found) > lost(result)) continue; /* runs away, or there is another well on the way */
        *chain = trial;
        *result = found;
    }
    for (double part = 1.0; part > 0.03 && lost(result) > never; part *= 0.5)
        for (int side = LEFT; side <= RIGHT; side++) push_while_better(chain, side, typical, part, result);
    return KR_CHAIN_DONE;
}

static void refuse(kr_prediction *out, const kr_chain *chain, kr_chain_outcome outcome, double eta) {
    switch (outcome) {
    case KR_CHAIN_STUCK:
        kr_theory_refuse(out, "The equation has no positive solution: the target cannot be reached, or too rarely for the "
                              "numerical method.");
        break;
    case KR_CHAIN_TOO_LARGE:
        kr_theory_refuse(out,
                         "The noise of a step at learning rate %g is so narrow somewhere in [%g, %g] that the exact equation needs "
                         "too many nodes.",
                         eta, chain->left, chain->right);
        break;
    default:
        kr_theory_refuse(out, "Between %g and %g the step is not finite or the noise vanishes where the chain would rest.",
                         chain->left, chain->right);
    }
}

/* Narrower panels until the mean stays. Returns the last relative change, or NAN when a solution failed. */
static double refine(kr_chain *chain, kr_chain_result *result, kr_chain_outcome *outcome) {
    static const double narrower[MAX_REFINEMENTS] = {0.8, 0.75, 0.65, 0.6, 0.6};
    double change = NAN;
    *outcome = KR_CHAIN_DONE;
    for (int i = 0; i < MAX_REFINEMENTS; i++) {
        kr_chain_result finer;
        chain->width *= narrower[i];
        *outcome = solve(chain, &finer);
        if (*outcome != KR_CHAIN_DONE) return change;
        change = fabs(finer.steps / result->steps - 1.0);
        *result = finer;
        if (change <= wanted) break;
    }
    return change;
}

void kr_chain_passage(const kr_problem_1d *line, kr_prediction *out) {
    double typical = typical_deviation(line);
    if (!(typical > 0.0)) {
        kr_theory_refuse(out, "There is no noise at all, so the path is not random.");
        return;
    }
    kr_chain chain = {.line = line, .width = 3.2, .cutoff = 12.0};
    kr_chain_result result;
    if (!kr_chain_first_cuts(&chain)) {
        kr_theory_refuse(out, "The loss does not rise on an open side, so the chain has no mean passage time or a very long one.");
        return;
    }
    kr_chain_outcome outcome = push_cuts(&chain, typical, &result);
    if (outcome != KR_CHAIN_DONE) {
        refuse(out, &chain, outcome, line->learning_rate);
        return;
    }
    double escaped = lost(&result);
    if (escaped > rarely) {
        kr_theory_refuse(out, "An open side does not hold the chain: it leaves [%g, %g] %.2g times before it reaches the target.",
                         chain.left, chain.right, escaped);
        return;
    }
    double change = refine(&chain, &result, &outcome);
    if (!(change <= accepted)) {
        if (outcome != KR_CHAIN_DONE) {
            refuse(out, &chain, outcome, line->learning_rate);
            return;
        }
        kr_theory_refuse(out, "The equation did not converge (last change %.2g with %zu nodes).", change, result.nodes);
        return;
    }
    out->mfpt_steps = result.steps;
    out->variation = sqrt(fmax(0.0, result.second - 1.0));
    out->accuracy = fmax(fmax(change, 1e-13), escaped > never ? escaped : 0.0);
}

double kr_chain_quick_steps(const kr_problem_1d *line) {
    kr_chain chain = {.line = line, .width = 3.2, .cutoff = 12.0};
    kr_chain_result result;
    if (!(typical_deviation(line) > 0.0) || !kr_chain_first_cuts(&chain)) return NAN;
    return solve(&chain, &result) == KR_CHAIN_DONE && lost(&result) < 1e-3 ? result.steps : NAN;
}
