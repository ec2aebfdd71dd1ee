#include "underdamped_wells.h"

#include "geometry/critical_lines.h"
#include "numerics/integral.h"
#include "numerics/root.h"

#include <kramers/critical_points.h>

#include <math.h>
#include <stdlib.h>

static const double two_pi = 6.28318530717958647693;

static double energy_at(const kr_problem_1d *line, double x) {
    double value;
    kr_problem_1d_evaluate(line, 1, &x, &value, NULL, NULL);
    return value;
}

static double curvature_at(const kr_problem_1d *line, double x) {
    double value;
    kr_problem_1d_evaluate(line, 1, &x, NULL, NULL, &value);
    return value;
}

/* ---- temperature and friction ---- */

static bool make_bath(const kr_problem *problem, kr_underdamped_wells *w, kr_prediction *out) {
    if (!kr_bath_langevin(problem, &w->bath, out)) return false;
    w->temperature = w->bath.temperature;
    w->friction = w->bath.friction;
    return true;
}

static bool make_line(const kr_problem *problem, kr_underdamped_wells *w, kr_prediction *out) {
    if (problem->target_count) return kr_problem_1d_place(problem, &w->line, out);
    w->line = (kr_problem_1d){.problem = problem,
                              .start = problem->start[0],
                              .low = -INFINITY,
                              .high = INFINITY,
                              .learning_rate = kr_schedule_constant(problem->schedule)};
    if (problem->landscape->dim == 1 || problem->landscape->type->separable) return true;
    kr_theory_refuse(out, "The problem has %zu coupled coordinates; this theory is one-dimensional.", problem->landscape->dim);
    return false;
}

/* ---- critical points along the coordinate ---- */

typedef struct extremum {
    double x, curvature;
} extremum;

typedef struct extrema {
    extremum *point; /* ascending */
    size_t count;
    bool endless; /* periodic: there are more on both sides */
} extrema;

static kr_status find_periodic(const kr_problem_1d *line, extrema *e, kr_error *error) {
    const kr_landscape *landscape = line->problem->landscape;
    int64_t number = (int64_t)floor(line->start / landscape->type->period + 0.5);
    for (int64_t k = number - 1; k <= number + 1; k++) {
        kr_critical_lines lines;
        kr_status status = kr_critical_lines_find(landscape, line->coordinate, 1, k, &lines, error);
        if (status != KR_OK) return status;
        extremum *grown = realloc(e->point, (e->count + lines.first[1] + 1) * sizeof *grown);
        for (size_t i = 0; grown && i < lines.first[1]; i++)
            if (e->count == 0 || lines.x[i] - grown[e->count - 1].x > kr_same_within(lines.x[i]))
                grown[e->count++] = (extremum){lines.x[i], lines.curvature[i]};
        if (grown) e->point = grown;
        kr_critical_lines_destroy(&lines);
        if (!grown) return kr_fail(error, KR_NO_MEMORY, "there is not enough memory for the wells of an escape with momentum");
    }
    e->endless = true;
    return KR_OK;
}

static kr_status find_extrema(const kr_problem_1d *line, extrema *e, kr_error *error) {
    const kr_landscape *landscape = line->problem->landscape;
    *e = (extrema){0};
    if (landscape->type->period > 0.0 && line->coordinate == 0 && landscape->type->separable) return find_periodic(line, e, error);
    kr_critical_points points;
    kr_status status = kr_critical_points_find(landscape, line->coordinate, &points, error);
    if (status != KR_OK) return status;
    e->point = malloc((points.count + 1) * sizeof *e->point);
    for (size_t i = 0; e->point && i < points.count; i++)
        e->point[e->count++] = (extremum){points.point[i].position[0], points.point[i].eigenvalues[0]};
    kr_critical_points_destroy(&points);
    return e->point ? KR_OK : kr_fail(error, KR_NO_MEMORY, "there is not enough memory for the wells of an escape with momentum");
}

static kr_well well_at(const kr_problem_1d *line, const extremum *e) {
    return (kr_well){e->x, energy_at(line, e->x), sqrt(e->curvature)};
}

static bool add_barrier(kr_underdamped_wells *w, const extrema *e, size_t top, size_t beyond, kr_prediction *out) {
    const extremum *point = &e->point[top];
    kr_barrier *barrier = &w->barrier[w->barriers++];
    *barrier = (kr_barrier){point->x, energy_at(&w->line, point->x), sqrt(-point->curvature), {NAN, NAN, NAN}};
    if (beyond < e->count && e->point[beyond].curvature > 0.0) barrier->beyond = well_at(&w->line, &e->point[beyond]);
    double height = barrier->energy - w->well.energy;
    if (height > w->temperature) return true;
    kr_theory_refuse(out, "The barrier, %.4g, is not higher than the temperature, %.4g.", height, w->temperature);
    return false;
}

/* The start's well lies between two tops (or none on a side); its minimum is the one extremum between them. */
static bool place_wells(kr_underdamped_wells *w, const extrema *e, kr_prediction *out) {
    size_t well = e->count, minima = 0;
    for (size_t i = 0; i < e->count; i++) {
        if (!(e->point[i].curvature > 0.0)) continue;
        minima++;
        bool above = i == 0 || w->line.start > e->point[i - 1].x, below = i + 1 >= e->count || w->line.start < e->point[i + 1].x;
        if (above && below) well = i;
    }
    if (well == e->count) {
        kr_theory_refuse(out, "The start, %.6g, lies in no well.", w->line.start);
        return false;
    }
    w->well = well_at(&w->line, &e->point[well]);
    if (well > 0 && !add_barrier(w, e, well - 1, well >= 2 ? well - 2 : e->count, out)) return false;
    if (well + 1 < e->count && !add_barrier(w, e, well + 1, well + 2, out)) return false;
    if (w->barriers == 0) {
        kr_theory_refuse(out, "There is no barrier beside the minimum at %.6g.", w->well.position);
        return false;
    }
    w->two = !e->endless && minima == 2 && e->count == 3 && w->barriers == 1;
    return true;
}

/* Whether what the particle has to reach is the other well: its bottom, or where V is convex again on the way there. */
static bool reaches_other_well(const kr_underdamped_wells *w) {
    if (w->line.problem->target_count == 0 || w->barriers != 1 || isnan(w->barrier[0].beyond.frequency)) return false;
    kr_interval exits = kr_problem_1d_exits(&w->line);
    bool right = w->barrier[0].position > w->well.position;
    double end = right ? exits.high : exits.low, other = right ? exits.low : exits.high;
    if (!isfinite(end) || isfinite(other)) return false;
    double beyond = right ? end - w->barrier[0].position : w->barrier[0].position - end;
    double bottom = fabs(w->barrier[0].beyond.position - w->barrier[0].position);
    return beyond > 0.0 && beyond <= bottom * (1.0 + 1e-6) && curvature_at(&w->line, end) > 0.0;
}

bool kr_underdamped_wells_make(const kr_problem *problem, kr_underdamped_wells *w, kr_prediction *out) {
    *w = (kr_underdamped_wells){.barriers = 0};
    if (!make_bath(problem, w, out) || !make_line(problem, w, out)) return false;
    kr_error error;
    extrema e;
    kr_status status = find_extrema(&w->line, &e, &error);
    bool made = status == KR_OK && place_wells(w, &e, out);
    free(e.point);
    if (status != KR_OK) kr_theory_refuse(out, "The wells cannot be found: %.200s.", error.message);
    if (made) w->far_target = reaches_other_well(w);
    return made;
}

bool kr_underdamped_wells_make_single(const kr_problem *problem, kr_underdamped_wells *w, kr_prediction *out) {
    if (!kr_underdamped_wells_make(problem, w, out)) return false;
    if (w->two || (w->barriers == 1 && isnan(w->barrier[0].beyond.frequency))) return true;
    kr_theory_refuse(out, "There are more than two wells, and this theory follows a particle from one well into one other.");
    return false;
}

double kr_start_side(const kr_underdamped_wells *w, size_t barrier) {
    return w->well.position < w->barrier[barrier].position ? -1.0 : 1.0;
}

/* ---- rates ---- */

kr_well_rates kr_transition_state_rates(const kr_underdamped_wells *w, size_t barrier) {
    const kr_barrier *b = &w->barrier[barrier];
    const kr_well *from[2] = {&w->well, &b->beyond};
    double rate[2];
    for (int i = 0; i < 2; i++) {
        double height = b->energy - from[i]->energy;
        rate[i] = height > w->temperature ? from[i]->frequency / two_pi * exp(-height / w->temperature) : NAN;
    }
    return (kr_well_rates){rate[0], rate[1]};
}

/* The other form of the difference, which does not cancel at high friction. */
double kr_kramers_transmission(double friction, double barrier_frequency) {
    double half = 0.5 * friction / barrier_frequency;
    return 1.0 / (half + sqrt(half * half + 1.0));
}

static double minus_log_survival(double t, void *loss) {
    double cosine = cos(t);
    return log(-expm1(-*(double *)loss / (4.0 * cosine * cosine)));
}

double kr_depopulation(double loss) {
    const double half_pi = two_pi / 4.0;
    if (!(loss > 0.0)) return isnan(loss) ? NAN : 0.0;
    return exp(kr_integral_singular(minus_log_survival, &loss, 0.0, half_pi, 1e-12, 1e-10) / half_pi);
}

kr_well_rates kr_turnover_rates(const kr_underdamped_wells *w, double loss, double loss_beyond) {
    kr_well_rates rates = kr_transition_state_rates(w, 0);
    double factor = kr_kramers_transmission(w->friction, w->barrier[0].frequency) * kr_depopulation(loss);
    if (w->two) factor *= kr_depopulation(loss_beyond) / kr_depopulation(loss + loss_beyond);
    return (kr_well_rates){factor * rates.leave, w->two ? factor * rates.back : NAN};
}

/* ---- orbits ---- */

typedef struct orbit {
    const kr_problem_1d *line;
    double energy, turn, top;
} orbit;

static double above_energy(double x, void *context) {
    const orbit *o = context;
    return energy_at(o->line, x) - o->energy;
}

/* Momentum along the orbit; q = turn + (top - turn) s^2 takes away the root at the turning point. */
static double action_density(double s, void *context) {
    const orbit *o = context;
    double length = fabs(o->top - o->turn), q = o->turn + (o->top - o->turn) * s * s;
    return 4.0 * length * s * sqrt(2.0 * fmax(0.0, o->energy - energy_at(o->line, q)));
}

double kr_barrier_action(const kr_underdamped_wells *w, size_t barrier, double side) {
    const kr_barrier *b = &w->barrier[barrier];
    const kr_well *well = side == kr_start_side(w, barrier) ? &w->well : &b->beyond;
    if (isnan(well->frequency)) return NAN;
    orbit o = {&w->line, b->energy, NAN, b->position};
    o.turn = kr_first_positive(above_energy, &o, well->position, side, fabs(well->position - b->position));
    if (isnan(o.turn)) return NAN;
    return kr_integral(action_density, &o, 0.0, 1.0, 1e-11, 1e-8);
}

/* ---- what is said ---- */

/* NAN is not below anything, so an action that does not exist does not matter. */
static bool caught_at_once(const kr_underdamped_wells *w) {
    for (double side = -1.0; side <= 1.0; side += 2.0)
        if (w->friction * kr_barrier_action(w, 0, side) < 6.0 * w->temperature) return false;
    return w->friction >= 0.5 * (1.0 - 1e-9) * w->barrier[0].frequency; /* of a heavy ball it is rounded */
}

void kr_underdamped_wells_predict(const kr_underdamped_wells *w, kr_well_rates rates, kr_prediction *out) {
    out->population_rate = true;
    out->rate = w->bath.rate_unit * rates.leave;
    out->spectral_gap = w->bath.rate_unit * (rates.leave + rates.back);
    out->temperature = w->temperature;
    kr_bath_describe(&w->bath, out);
}

void kr_underdamped_wells_predict_passage(const kr_underdamped_wells *w, kr_prediction *out) {
    if (!w->far_target || !caught_at_once(w)) return;
    out->mfpt_time = 1.0 / out->rate;
    out->variation = 1.0; /* exponential law, in the limit of high barriers */
}
