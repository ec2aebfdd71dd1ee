/* One dimension with a target: whoever arrives is taken away, so that the particles never fill the wells as Boltzmann says. With
 * the particles put back at the start, the stationary density of dx = -V' dt + sqrt(2 D) dW solves V' p + (D p)' = c - S(x),   S(x)
 * = fraction of what is put back that begins below x, p = 0 at the target, hence  D p = q(x) int_x^a (S - c) / q dy  with q =
 * exp(-int V'/D); c is the part of the current that leaves through a target on the left, and 0 without one. Without returns p keeps
 * its shape while it becomes less (quasi-stationary): it is then put back as p itself, found by iteration, which is inverse
 * iteration for the slowest mode. */
#include "landscape_panel.h"

#include <math.h>
#include <stdlib.h>

enum { POINTS = KR_DENSITY_POINTS };

kr_interval kr_free_interval(const kr_model *model) {
    kr_interval free = {-INFINITY, INFINITY};
    double start = model->start[0];
    for (size_t t = 0; t < model->target_count; t++) {
        const kr_target *target = &model->targets[t];
        double edge[2] = {target->below, target->above};
        if (target->radius > 0 && target->center) {
            edge[0] = target->center[0] + target->radius;
            edge[1] = target->center[0] - target->radius;
        }
        if (isfinite(edge[0]) && edge[0] < start) free.low = fmax(free.low, edge[0]);
        if (isfinite(edge[1]) && edge[1] > start) free.high = fmin(free.high, edge[1]);
    }
    return free;
}

/* Share of what is put back that begins below each point. */
static void add_up(const double *source, double *below) {
    double sum = 0;
    for (size_t i = 0; i < POINTS; i++) {
        if (i) sum += 0.5 * (source[i] + source[i - 1]);
        below[i] = sum;
    }
    for (size_t i = 0; i < POINTS; i++) below[i] /= sum;
}

/* The part of the current that goes to the left: the mean of S, each point with the weight 1 / q. */
static double current_left(const double *log_q, const double *below) {
    double least = INFINITY, sum = 0, all = 0;
    for (size_t i = 0; i < POINTS; i++) least = fmin(least, log_q[i]);
    for (size_t i = 0; i < POINTS; i++) {
        double weight = exp(least - log_q[i]) * (i == 0 || i == POINTS - 1 ? 0.5 : 1);
        sum += weight * below[i];
        all += weight;
    }
    return sum / all;
}

/* Towards the sides that are targets: from the end where p = 0, step by step, as a sum of positive parts. */
static bool solve(const double *log_q, const double *diffusion, const double *below, const bool target[2], double *density) {
    double c = target[0] ? target[1] ? current_left(log_q, below) : 1 : 0, value = 0, largest = 0;
    size_t last = POINTS - 1;
    density[target[1] ? last : 0] = 0;
    for (size_t k = 1; k < POINTS; k++) {
        size_t i = target[1] ? last - k : k, before = target[1] ? i + 1 : i - 1;
        double sign = target[1] ? 0.5 : -0.5;
        value = (value + sign * (below[before] - c)) * exp(log_q[i] - log_q[before]) + sign * (below[i] - c);
        density[i] = fmax(value, 0) / diffusion[i];
        largest = fmax(largest, density[i]);
    }
    for (size_t i = 0; i < POINTS; i++) density[i] /= largest;
    return largest > 0 && isfinite(largest);
}

bool kr_returns_density(const double *log_q, const double *diffusion, double start, bool renewal, const bool target[2],
                        double *density) {
    enum { ROUNDS = 40 };
    double *below = malloc(POINTS * sizeof *below), at = start * (POINTS - 1);
    bool solved = below && (target[0] || target[1]);
    for (size_t i = 0; solved && i < POINTS; i++) below[i] = fmin(fmax((double)i - at + 0.5, 0), 1);
    for (int round = 0; solved && round < (renewal ? 1 : ROUNDS); round++) {
        if (round) add_up(density, below);
        solved = solve(log_q, diffusion, below, target, density);
    }
    free(below);
    return solved;
}
