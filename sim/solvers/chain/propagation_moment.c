/* The problem of a step of kr_propagate. Where numbers change with the step (drive.h), the line is that of each step, and sets of
 * nodes belong to standard deviations of a step's noise instead of learning rates. */
#include "propagation_state.h"

#include <math.h>
#include <stdlib.h>

typedef kr_propagation propagation;

/* false: the numbers of the step do not fit together, and out says so. */
static bool settled(propagation *p, kr_status status, const kr_error *error) {
    p->refused = p->refused || status != KR_OK;
    if (status != KR_OK) kr_theory_refuse(p->out, "%s", error->message);
    return status == KR_OK;
}

bool kr_propagation_set(propagation *p, uint64_t step) {
    kr_error error;
    return settled(p, kr_problem_at_step_set(&p->present, step, &error), &error);
}

bool kr_propagation_begin_driven(propagation *p) {
    kr_error error;
    return settled(p, kr_problem_at_step_create(&p->present, p->problem, &error), &error);
}

void kr_propagation_noise(const kr_problem_1d *line, size_t n, const double *x, double *variance) {
    kr_problem_1d_variance(line, n, x, variance);
    double square = line->learning_rate * line->learning_rate;
    for (size_t i = 0; i < n; i++) variance[i] = fmax(0.0, variance[i] - line->thermal_variance) / square;
}

/* The line of the step that the problem was set to. */
static kr_problem_1d line_at(const propagation *p, double rate) {
    const kr_dynamics *dynamics = p->present.now.dynamics;
    kr_problem_1d line = p->hot;
    line.learning_rate = rate;
    line.thermal_variance = dynamics->type->thermal_variance(dynamics, rate);
    return line;
}

/* Smallest standard deviation of the noise of a step, over places between the cuts, or (before there are any) at the start. */
static double deviation(propagation *p, uint64_t step) {
    enum { PLACES = 33 };
    double x[PLACES], variance[PLACES], least = INFINITY, rate = kr_schedule_at(p->problem->schedule, step);
    if (!(rate > 0.0) || !kr_propagation_set(p, step)) return 0.0;
    bool everywhere = p->right > p->left && kr_noise_traits(p->present.now.noise, true) & KR_NOISE_LOCAL;
    size_t places = everywhere ? PLACES : 1;
    kr_problem_1d line = line_at(p, rate);
    for (size_t i = 0; i < places; i++) x[i] = everywhere ? p->left + (p->right - p->left) * (double)i / (PLACES - 1) : line.start;
    kr_problem_1d_variance(&line, places, x, variance);
    for (size_t i = 0; i < places; i++) least = fmin(least, variance[i]);
    return sqrt(fmax(0.0, least));
}

double kr_propagation_scale(propagation *p, uint64_t step) {
    return p->present.changes ? deviation(p, step) : kr_schedule_at(p->problem->schedule, step);
}

bool kr_propagation_find_hottest(propagation *p, uint64_t last) {
    enum { LOOKS = 200000 };
    uint64_t every = last / LOOKS + 1;
    double hottest = kr_schedule_at(p->problem->schedule, 0);
    if (!kr_problem_1d_make_at(&p->present.now, hottest > 0.0 ? hottest : 1.0, &p->hot, p->out)) return false;
    p->highest = 0.0;
    p->lowest = INFINITY;
    p->hot_step = 0;
    for (uint64_t k = 0; k < last; k += every) {
        double scale = deviation(p, k);
        if (scale > p->highest) p->hot_step = k;
        p->highest = fmax(p->highest, scale);
        if (scale > 0.0) p->lowest = fmin(p->lowest, scale);
    }
    p->highest *= every > 1 ? 1.01 : 1.0;
    if (!(p->highest > 0.0)) return true;
    return kr_propagation_set(p, p->hot_step) &&
           kr_problem_1d_make_at(&p->present.now, kr_schedule_at(p->problem->schedule, p->hot_step), &p->hot, p->out);
}

/* Noise too narrow for the finest nodes is widened to what they can show. */
static void widen(const propagation *p, const kr_propagation_stride *s, size_t n, double *variance) {
    double least = p->highest * pow(KR_PROPAGATION_RATIO, -p->finest) / 8, floor = (least * least - s->thermal) / s->squares;
    for (size_t i = 0; i < n; i++) variance[i] = fmax(variance[i], floor);
}

/* One step: particles that stand on the nodes of now, or are about to depart, have its slope and its noise. Steps are not taken
 * together here, since a narrow step need not be a short one. */
kr_propagation_stride kr_propagation_gather_driven(propagation *p, uint64_t *step, bool burning_in) {
    uint64_t k = burning_in ? 0 : *step;
    double rate = kr_schedule_at(p->problem->schedule, k);
    kr_propagation_stride s = {0};
    ++*step;
    if (!(rate > 0.0) || !kr_propagation_set(p, k)) return s;
    kr_problem_1d line = line_at(p, rate);
    s = (kr_propagation_stride){rate, rate * rate, line.thermal_variance};
    if (p->departing > 0.0) {
        kr_problem_1d_evaluate(&line, p->initial.count, p->initial.x, NULL, p->initial_slope, NULL);
        kr_propagation_noise(&line, p->initial.count, p->initial.x, p->initial_variance);
        widen(p, &s, p->initial.count, p->initial_variance);
    }
    if (p->at < 0) return s;
    kr_propagation_grid *g = &p->level[p->at];
    kr_problem_1d_evaluate(&line, g->chain.n, g->chain.x, NULL, g->slope, NULL);
    kr_propagation_noise(&line, g->chain.n, g->chain.x, g->variance);
    widen(p, &s, g->chain.n, g->variance);
    return s;
}
