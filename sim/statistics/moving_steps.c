#include "moving_steps.h"

#include <math.h>
#include <stdlib.h>

const double kr_still_rate = 1e-3;
enum { MOST_ASKED = 1 << 21 };

/* Step number i of `count` that are asked, ascending. */
typedef struct places {
    uint64_t steps, count;
    bool scattered; /* one somewhere in each stretch of steps / count, so that no cycle is met at the same phase again and again */
} places;

static uint64_t begin_of(const places *p, uint64_t i) {
    return (uint64_t)((long double)i * (long double)p->steps / (long double)p->count);
}

static uint64_t place(const places *p, uint64_t i) {
    static const double golden = 0.61803398874989484820;
    uint64_t begin = begin_of(p, i), length = begin_of(p, i + 1) - begin;
    if (!p->scattered)
        return p->count < 2 ? 0 : (uint64_t)((long double)i * (long double)(p->steps - 1) / (long double)(p->count - 1));
    return begin + (uint64_t)((double)length * fmod((double)i * golden, 1.0));
}

static bool moves(const kr_moving_steps *m, uint64_t k) {
    double rate = kr_schedule_at(m->schedule, k);
    return rate > 0.0 && rate >= m->least;
}

/* The first step of (low, high] that is as high is, where low is not. */
static uint64_t change(const kr_moving_steps *m, uint64_t low, uint64_t high) {
    bool after = moves(m, high);
    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;
        if (moves(m, middle) == after)
            high = middle;
        else
            low = middle;
    }
    return high;
}

static bool add_bound(kr_moving_steps *m, uint64_t at) {
    if (!(m->count & (m->count + 1))) { /* 0, 1, 3, 7, ... : grows to twice as many */
        size_t room = (2 * m->count + 2) * sizeof(uint64_t);
        uint64_t *bound = realloc(m->bound, room);
        if (bound) m->bound = bound;
        uint64_t *moved = realloc(m->moved, room);
        if (moved) m->moved = moved;
        if (!bound || !moved) return false;
    }
    size_t i = m->count++;
    m->bound[i] = at;
    m->moved[i] = i ? m->moved[i - 1] + (i % 2 ? at - m->bound[i - 1] : 0) : 0;
    return true;
}

static bool add_bounds(kr_moving_steps *m, const places *p) {
    bool there = false;
    for (uint64_t i = 0; i < p->count; i++) {
        uint64_t k = place(p, i);
        bool now = moves(m, k);
        if (now != there && !add_bound(m, !i ? 0 : p->scattered ? begin_of(p, i) : change(m, place(p, i - 1), k))) return false;
        there = now;
    }
    return !there || add_bound(m, p->steps);
}

kr_status kr_moving_steps_create(kr_moving_steps *m, const kr_schedule *schedule, uint64_t steps, kr_error *error) {
    places p = {.steps = steps, .count = steps < MOST_ASKED ? steps : MOST_ASKED};
    double largest = 0.0;
    *m = (kr_moving_steps){.schedule = schedule, .steps = steps};
    p.scattered = steps > MOST_ASKED && kr_schedule_next_cycle(schedule, 0) < steps;
    if (steps && kr_schedule_constant(schedule) > 0.0) p.count = 1;
    for (uint64_t i = 0; i < p.count; i++) largest = fmax(largest, kr_schedule_at(schedule, place(&p, i)));
    m->least = kr_still_rate * largest;
    if (add_bounds(m, &p)) return KR_OK;
    kr_moving_steps_destroy(m);
    return kr_fail(error, KR_NO_MEMORY, "There is no memory for the steps that move.");
}

void kr_moving_steps_destroy(kr_moving_steps *m) {
    free(m->bound);
    free(m->moved);
    *m = (kr_moving_steps){0};
}

/* How many bounds are before the step. */
static size_t bounds_before(const kr_moving_steps *m, uint64_t step) {
    size_t low = 0, high = m->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (m->bound[middle] < step)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint64_t kr_moving_steps_before(const kr_moving_steps *m, uint64_t step) {
    size_t bounds = bounds_before(m, step);
    if (!bounds) return 0;
    return m->moved[bounds - 1] + (bounds % 2 ? step - m->bound[bounds - 1] : 0);
}

bool kr_moving_steps_has(const kr_moving_steps *m, uint64_t step) {
    return step > 0 && moves(m, step - 1);
}
