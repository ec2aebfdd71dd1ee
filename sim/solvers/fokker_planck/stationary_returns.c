/* With a target arrivals are removed, so that the particles never fill the wells as Boltzmann's distribution does. With the
 * particles put back at the start, the stationary density of dx = -V' dt + sqrt(2 D) dW solves V' p + (D p)' = c - S(x),   S(x) =
 * fraction of what is put back that begins below x, p = 0 at the target, hence  D p = q(x) int_x^a (S - c) / q dy  with q =
 * exp(-int V'/D); c is the part of the current that leaves through a target on the left, and 0 without one. Without returns p keeps
 * its shape while it becomes less (quasi-stationary): it is then put back as p itself, found by iteration, which is inverse
 * iteration for the slowest mode. */
#include "stationary_returns.h"

#include <math.h>
#include <stdlib.h>

/* Share of what is put back that begins below each point. */
static void add_up(size_t count, const double *source, double *below) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        if (i) sum += 0.5 * (source[i] + source[i - 1]);
        below[i] = sum;
    }
    for (size_t i = 0; i < count; i++) below[i] /= sum;
}

/* The part of the current that goes to the left: the mean of S, each point with the weight 1 / q. */
static double current_left(size_t count, const double *log_q, const double *below) {
    double least = INFINITY, sum = 0, all = 0;
    for (size_t i = 0; i < count; i++) least = fmin(least, log_q[i]);
    for (size_t i = 0; i < count; i++) {
        double weight = exp(least - log_q[i]) * (i == 0 || i == count - 1 ? 0.5 : 1);
        sum += weight * below[i];
        all += weight;
    }
    return sum / all;
}

/* Towards the sides that are targets: from the end where p = 0, step by step, as a sum of positive parts. */
static bool solve(size_t count, const double *log_q, const double *diffusion, const double *below, const bool target[2],
                  double *density) {
    double c = target[0] ? target[1] ? current_left(count, log_q, below) : 1 : 0, value = 0, largest = 0;
    size_t last = count - 1;
    density[target[1] ? last : 0] = 0;
    for (size_t k = 1; k < count; k++) {
        size_t i = target[1] ? last - k : k, before = target[1] ? i + 1 : i - 1;
        double sign = target[1] ? 0.5 : -0.5;
        value = (value + sign * (below[before] - c)) * exp(log_q[i] - log_q[before]) + sign * (below[i] - c);
        density[i] = fmax(value, 0) / diffusion[i];
        largest = fmax(largest, density[i]);
    }
    for (size_t i = 0; i < count; i++) density[i] /= largest;
    return largest > 0 && isfinite(largest);
}

bool kr_stationary_returns(size_t count, const double *log_q, const double *diffusion, double start, bool renewal,
                           const bool target[2], double *density) {
    enum { ROUNDS = 40 };
    double *below = malloc(count * sizeof *below), at = start * (double)(count - 1);
    bool solved = below && (target[0] || target[1]);
    for (size_t i = 0; solved && i < count; i++) below[i] = fmin(fmax((double)i - at + 0.5, 0), 1);
    for (int round = 0; solved && round < (renewal ? 1 : ROUNDS); round++) {
        if (round) add_up(count, density, below);
        solved = solve(count, log_q, diffusion, below, target, density);
    }
    free(below);
    return solved;
}
