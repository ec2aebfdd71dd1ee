/* Adiabatic survival where other numbers than the learning rate change with the step. */
#include "adiabatic_steps.h"

#include "chain.h"
#include "solvers/problem/problem_at_step.h"

#include <kramers/interrupt.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The sum over steps of 1 / n of each, by adaptive Simpson quadrature over the steps of each cycle: few of them are solved. */
enum { MOST_SOLVED = 2000, PLACES = 4096 };

/* A step's numbers, and its hazard. */
typedef struct solved {
    double number[KR_MAX_DRIVEN + 2], hazard;
} solved;

typedef struct changing {
    const kr_problem *problem;
    kr_problem_at_step present;
    kr_prediction *out;
    double tolerance; /* of an interval's sum */
    uint64_t steps;   /* of the run */
    bool refused;
    solved *known; /* [solved]; where cycles repeat, so do their steps */
    size_t solved;
    uint16_t place[PLACES]; /* in known, plus 1; 0: free */
} changing;

static bool set(changing *c, uint64_t step) {
    kr_error error;
    if (kr_problem_at_step_set(&c->present, step, &error) == KR_OK) return true;
    kr_theory_refuse(c->out, "%s", error.message);
    c->refused = true;
    return false;
}

/* s^2 / (2 eta) at the start, of a step. */
static double heat(const kr_problem_1d *line) {
    double variance;
    kr_problem_1d_variance(line, 1, &line->start, &variance);
    return variance / (2.0 * line->learning_rate);
}

/* exp(-E), E the largest rise of 2 eta V' / s^2 from the start towards the nearer exit, is about what a step's hazard is at most;
 * less of E is taken, since steps that are not small see lower barriers. */
static double at_most(const kr_problem_1d *line) {
    enum { POINTS = 257 };
    double least = INFINITY, x[POINTS], slope[POINTS], variance[POINTS];
    kr_interval exits = kr_problem_1d_exits(line);
    for (int side = 0; side < 2; side++) {
        double end = side ? exits.high : exits.low, rise = 0.0, most = 0.0;
        if (!isfinite(end)) continue;
        for (size_t i = 0; i < POINTS; i++) x[i] = line->start + (end - line->start) * (double)i / (POINTS - 1);
        kr_problem_1d_evaluate(line, POINTS, x, NULL, slope, NULL);
        kr_problem_1d_variance(line, POINTS, x, variance);
        for (size_t i = 0; i < POINTS; i++) {
            rise += 2.0 * line->learning_rate * slope[i] / variance[i] * (x[1] - x[0]);
            most = fmax(most, rise);
        }
        least = fmin(least, most);
    }
    return exp(-0.85 * least);
}

/* Number i of what changes: those of the drive, then the learning rate, then the variance of the noise. */
static double number_at(const changing *c, size_t i, uint64_t step) {
    size_t driven = kr_drive_count(c->problem->drive);
    if (i < driven) return kr_drive_value(c->problem->drive, i, step, NULL);
    if (i == driven) return kr_schedule_at(c->problem->schedule, step);
    kr_noise noise = *c->problem->noise;
    noise.step = step;
    return kr_noise_additive_variance(&noise);
}

static size_t place_of(const changing *c, const double *number) {
    uint64_t hash = UINT64_C(14695981039346656037), bits;
    for (size_t i = 0; i < kr_drive_count(c->problem->drive) + 2; i++) {
        memcpy(&bits, &number[i], sizeof bits);
        hash = (hash ^ bits ^ bits >> 29) * UINT64_C(1099511628211);
    }
    size_t place = (size_t)(hash >> 40) % PLACES, bytes = (kr_drive_count(c->problem->drive) + 2) * sizeof *number;
    while (c->place[place] && memcmp(c->known[c->place[place] - 1].number, number, bytes) != 0) place = (place + 1) % PLACES;
    return place;
}

/* Of a step that is not known yet, 0 where too few pass in a step like it for the sum to notice. */
static double solve(changing *c, uint64_t step) {
    double rate = kr_schedule_at(c->problem->schedule, step);
    kr_problem_1d line;
    if (!(rate > 0.0) || !set(c, step)) return 0.0;
    if (!kr_problem_1d_make_at(&c->present.now, rate, &line, c->out)) return c->refused = true, 0.0;
    if (!(heat(&line) > 0.0) || (double)c->steps * at_most(&line) < 0.1 * c->tolerance) return 0.0;
    double steps = kr_chain_quick_steps(&line);
    if (isfinite(steps)) return 1.0 / steps;
    c->refused = true;
    kr_theory_refuse(c->out, "The exact equation has no solution for step %llu.", (unsigned long long)step);
    return 0.0;
}

static double hazard_of_step(changing *c, uint64_t step) {
    double number[KR_MAX_DRIVEN + 2];
    if (!c->refused && kr_interrupt_wanted()) {
        kr_theory_refuse(c->out, "It was interrupted.");
        c->refused = true;
    }
    if (c->refused) return 0.0;
    for (size_t i = 0; i < kr_drive_count(c->problem->drive) + 2; i++) number[i] = number_at(c, i, step);
    size_t place = place_of(c, number);
    if (c->place[place]) return c->known[c->place[place] - 1].hazard;
    if (c->solved == MOST_SOLVED) {
        kr_theory_refuse(c->out, "More than %d of the run's steps differ.", MOST_SOLVED);
        c->refused = true;
        return 0.0;
    }
    solved *made = &c->known[c->solved++];
    memcpy(made->number, number, sizeof number);
    c->place[place] = (uint16_t)c->solved;
    return made->hazard = solve(c, step);
}

/* Whether some number goes up and down between these steps: its way there is longer than the distance. */
static bool turns(const changing *c, uint64_t from, uint64_t to) {
    enum { LOOKS = 512 };
    uint64_t every = (to - from) / LOOKS + 1;
    for (size_t i = 0; i < kr_drive_count(c->problem->drive) + 2; i++) {
        double first = number_at(c, i, from), last = number_at(c, i, to), before = first, way = 0.0, largest = fabs(first);
        for (uint64_t k = from; k < to; k += every) {
            double value = number_at(c, i, k);
            way += fabs(value - before);
            largest = fmax(largest, fabs(value));
            before = value;
        }
        way += fabs(last - before);
        if (way > fabs(last - first) + 1e-3 * largest) return true;
    }
    return false;
}

/* An interval of steps in which the hazards are those of a parabola through its ends and its middle. */
typedef struct piece {
    uint64_t from, to;
    double first, half, last;
} piece;

/* Sum over [from, upto): the parabola's integral, and half of the difference of the ends. */
static double part_of(const piece *p, uint64_t upto) {
    double length = (double)(p->to - p->from), u = (double)(upto - p->from) / length;
    if (p->to - p->from == 1) return upto > p->from ? p->first : 0.0;
    double slope = -3.0 * p->first + 4.0 * p->half - p->last, bend = 2.0 * (p->first - 2.0 * p->half + p->last);
    double end = p->first + u * (slope + u * bend);
    return length * u * (p->first + u * (slope / 2.0 + u * bend / 3.0)) + 0.5 * (p->first - end);
}

/* Rows of the curve, filled in as the intervals come in their order. */
typedef struct rows {
    size_t count, next;
    const uint64_t *step;
    double *log_survival;
    double sum; /* of all intervals before */
} rows;

static void add_piece(rows *r, const piece *p) {
    while (r->next < r->count && r->step[r->next] <= p->to) {
        r->log_survival[r->next] = -(r->sum + fmax(0.0, part_of(p, r->step[r->next])));
        r->next++;
    }
    r->sum += fmax(0.0, part_of(p, p->to));
}

/* Halves the piece until the parabolas of its halves give the same sum, as in adaptive Simpson quadrature; where it is a few steps
 * long, each has its own hazard, so that jumps cost nothing but their bisection. */
static void add_hazards(changing *c, rows *r, const piece *whole) {
    enum { FEW = 4 };
    uint64_t middle = whole->from + (whole->to - whole->from) / 2;
    if (c->refused) return;
    if (whole->to - whole->from <= FEW) {
        for (uint64_t k = whole->from; k < whole->to; k++) {
            double own = k == whole->from ? whole->first : k == middle ? whole->half : hazard_of_step(c, k);
            add_piece(r, &(piece){.from = k, .to = k + 1, .first = own, .half = own, .last = own});
        }
        return;
    }
    piece left = {.from = whole->from, .to = middle, .first = whole->first, .last = whole->half};
    piece right = {.from = middle, .to = whole->to, .first = whole->half, .last = whole->last};
    left.half = hazard_of_step(c, left.from + (left.to - left.from) / 2);
    right.half = hazard_of_step(c, right.from + (right.to - right.from) / 2);
    double coarse = part_of(whole, whole->to), fine = part_of(&left, left.to) + part_of(&right, right.to);
    bool smooth = fabs(fine - coarse) <= c->tolerance && !turns(c, whole->from, whole->to);
    if (smooth) {
        add_piece(r, &left);
        add_piece(r, &right);
        return;
    }
    add_hazards(c, r, &left);
    add_hazards(c, r, &right);
}

/* The temperature of the hottest step, and the sum that its hazard would give if all were like it: what is small is small beside
 * that. */
static void find_hottest(changing *c, uint64_t last) {
    enum { LOOKS = 20000 };
    uint64_t hot = 0, every = last / LOOKS + 1;
    double hottest = 0.0;
    kr_problem_1d line;
    for (uint64_t k = 0; k < last; k += every) {
        double rate = kr_schedule_at(c->problem->schedule, k);
        if (!(rate > 0.0)) continue;
        if (!set(c, k)) return;
        if (!kr_problem_1d_make_at(&c->present.now, rate, &line, c->out)) {
            c->refused = true;
            return;
        }
        double temperature = heat(&line);
        if (temperature > hottest) hottest = temperature, hot = k;
    }
    c->tolerance = 1e-5 * fmin(1.0, (double)last * hazard_of_step(c, hot));
}

bool kr_adiabatic_of_steps(const kr_problem *problem, size_t count, const uint64_t *step, double *log_survival,
                           kr_prediction *out) {
    changing c = {.problem = problem, .out = out, .steps = count ? step[count - 1] : 0};
    if (!kr_problem_is_chain(problem, out)) return false;
    kr_error error;
    kr_status status = kr_problem_at_step_create(&c.present, problem, &error);
    if (status == KR_OK && !(c.known = malloc(MOST_SOLVED * sizeof *c.known)))
        status = kr_fail(&error, KR_NO_MEMORY, "There is not enough memory.");
    if (status != KR_OK) {
        kr_problem_at_step_destroy(&c.present);
        kr_theory_refuse(out, "%s", error.message);
        return false;
    }
    find_hottest(&c, c.steps);
    c.solved = 0; /* the tolerance was not known yet */
    memset(c.place, 0, sizeof c.place);
    rows r = {.count = count, .next = count > 0, .step = step, .log_survival = log_survival};
    for (uint64_t from = 0, to; from < c.steps && !c.refused; from = to) { /* equal cycles are halved at equal steps */
        to = kr_schedule_next_cycle(problem->schedule, from);
        to = to < c.steps ? to : c.steps;
        add_hazards(&c, &r,
                    &(piece){.from = from,
                             .to = to,
                             .first = hazard_of_step(&c, from),
                             .half = hazard_of_step(&c, from + (to - from) / 2),
                             .last = hazard_of_step(&c, to - 1)});
    }
    free(c.known);
    kr_problem_at_step_destroy(&c.present);
    return !c.refused;
}
