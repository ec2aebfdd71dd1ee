#include "transition_look.h"

#include <kramers/block.h>
#include <kramers/vector_math.h>

/* Of t->last: the core plus 1, and whether the particle was seen in a bin since then. */
enum { LAST_CORE = 0x7f, SEEN = 0x80 };
_Static_assert((int)KR_MAX_BASINS < (int)LAST_CORE, "a core and a bit fit in a byte");

_Static_assert(KR_GRANULE < 256, "the particles of a segment are counted in a byte");

kr_transition_tally kr_transition_tally_at(const kr_transition_counts *t, uint64_t *words) {
    size_t n = t->wells, bins = t->result.bins;
    kr_transition_tally tally = {.count = words, .next = words + n * n};
    tally.bin_seen = tally.next + bins * n;
    tally.bin_high = tally.bin_seen + bins;
    tally.bin_low = tally.bin_high + bins;
    tally.looks = tally.bin_low + bins;
    return tally;
}

kr_status kr_transition_look_at(const kr_transition_counts *t, const kr_observer_part *part, kr_transition_look *l,
                                kr_error *error) {
    const kr_view *view = &part->view;
    size_t n = view->stride;
    double *velocity = part->work, *work = velocity + view->dim * n, *rest = work + (view->dim + 1) * n;
    int32_t *well = (int32_t *)(void *)rest, *core = well + n;
    uint8_t *bytes = (uint8_t *)(rest + n);
    *l = (kr_transition_look){.first = (size_t)part->first,
                              .count = (size_t)view->particles,
                              .x = view->position + t->result.coordinate * n,
                              .moves = bytes,
                              .well = bytes + n,
                              .core = bytes + 2 * n,
                              .chosen = bytes + 3 * n,
                              .which = (uint32_t *)(void *)(bytes + 4 * n)};
    bool moving = kr_ensemble_velocity(view, velocity);
    kr_status status = kr_cores_assign(t->cores, n, n, view->position, moving ? velocity : NULL, well, core, work, error);
    t->windows.kernels->narrow(l->count, view->stopped_at, well, core, l->moves, l->well, l->core);
    return status;
}

size_t kr_transition_segment_width(const kr_transition_counts *t) {
    return 2 * t->wells + 1;
}

/* The time since the last sample belongs to the core visited before it. */
void kr_transition_sum_segments(const kr_transition_counts *t, const kr_transition_look *l, double *sums) {
    for (size_t next = l->first, end = l->first + l->count; next < end;) {
        kr_segment at = kr_segment_at(&t->segments, next, end);
        size_t from = at.first - l->first, count = at.end - at.first;
        double *inside = sums + at.place * kr_transition_segment_width(t), *population = inside + t->wells;
        const uint8_t *moves = l->moves + from, *last = t->last + at.first, *well = l->well + from;
        const kr_census_kernels *kernels = t->windows.kernels;
        for (size_t m = 0; m < t->wells; m++) {
            inside[m] = (double)kernels->equal(count, last, LAST_CORE, (uint8_t)(m + 1), moves);
            population[m] = (double)kernels->equal(count, well, LAST_CORE, (uint8_t)(m + 1), moves);
        }
        population[t->wells] = (double)kernels->equal(count, moves, 1, 1, moves);
        next = at.end;
    }
}

static double bin_width(const kr_transitions *r) {
    return (r->high - r->low) / (double)r->bins;
}

/* Number of the bin of x from low on; rounding may put one just below high behind the last. */
static size_t bin_of(const kr_transitions *r, double width, double x) {
    return (size_t)(int64_t)((x - r->low) / width);
}

/* Those of them who are in a bin where they have not been since their last core; in place, without a branch. */
static size_t list_visits(const kr_transition_counts *t, const kr_transition_look *l, size_t listed) {
    const kr_transitions *r = &t->result;
    double width = bin_width(r);
    size_t visits = 0;
    for (size_t k = 0; k < listed; k++) {
        uint32_t p = l->which[k];
        size_t bin = bin_of(r, width, l->x[p]);
        l->which[visits] = p;
        visits += (bin < r->bins) & ~(t->seen[l->first + p] >> (bin & 63)) & 1;
    }
    return visits;
}

/* A particle that is in no core: the first time it is seen in a bin since its last core counts there. That moment is a stopping
 * time, so the next core is reached with the committor's probability (strong Markov property); and one particle counts at most once
 * in a bin between two cores, so that counts are independent. */
static void visit_bin(const kr_transition_counts *t, const kr_transition_tally *tally, size_t p, double x) {
    const kr_transitions *r = &t->result;
    double width = bin_width(r);
    size_t bin = bin_of(r, width, x);
    uint64_t place = kr_transition_place((x - (r->low + (double)bin * width)) / width);
    t->seen[p] |= UINT64_C(1) << bin;
    t->last[p] |= SEEN;
    tally->bin_seen[bin]++;
    tally->bin_high[bin] += place >> KR_TRANSITION_LOW_BITS;
    tally->bin_low[bin] += place & ((UINT64_C(1) << KR_TRANSITION_LOW_BITS) - 1);
}

/* Of the lowest bit of word, which is not 0: the exponent of what it stands for. */
static size_t lowest_bit(uint64_t word) {
    return (size_t)(kr_bits((double)(int64_t)(word & (0 - word))) >> 52 & 0x7ff) - 1023;
}

static void enter_core(const kr_transition_counts *t, const kr_transition_tally *tally, size_t p, size_t core) {
    size_t before = t->last[p] & LAST_CORE;
    if (before && before != core + 1) tally->count[(before - 1) * t->wells + core]++;
    t->last[p] = (uint8_t)(core + 1);
    for (uint64_t seen = t->seen[p]; seen; seen &= seen - 1) tally->next[lowest_bit(seen) * t->wells + core]++;
    t->seen[p] = 0;
}

static size_t list_chosen(size_t count, const uint8_t *restrict chosen, uint32_t *restrict which) {
    size_t listed = 0;
    for (size_t p = 0; p < count; p++) {
        which[listed] = (uint32_t)p;
        listed += chosen[p];
    }
    return listed;
}

static uint64_t count_settled(size_t count, const uint8_t *restrict core) {
    uint32_t settled = 0;
    for (size_t p = 0; p < count; p++) settled += core[p] != 0;
    return settled;
}

/* Most particles are in the core where they were, and nothing is to be done for them. */
void kr_transition_follow(const kr_transition_counts *t, const kr_transition_look *l, const kr_transition_tally *tally) {
    t->windows.kernels->entering(l->count, t->last + l->first, l->core, l->chosen);
    size_t listed = list_chosen(l->count, l->chosen, l->which);
    for (size_t k = 0; k < listed; k++) {
        size_t p = l->which[k];
        enter_core(t, tally, l->first + p, (size_t)l->core[p] - 1);
    }
    tally->looks[1] += count_settled(l->count, l->core);
    if (!t->result.bins) return;
    t->windows.kernels->between(l->count, t->result.low, t->result.high, l->x, l->moves, l->core, l->chosen);
    listed = list_visits(t, l, list_chosen(l->count, l->chosen, l->which));
    for (size_t k = 0; k < listed; k++) visit_bin(t, tally, l->first + l->which[k], l->x[l->which[k]]);
}
