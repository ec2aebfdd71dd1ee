#include "passage_durations.h"

#include <string.h>

enum { SINGLE = 16, FIRST_OCTAVE = 4 };

/* The bin of the step that a spell does at this age. */
static size_t bin_of(uint64_t age) {
    if (age < SINGLE) return (size_t)age;
    unsigned octave = 63 - (unsigned)__builtin_clzll(age);
    size_t bin = SINGLE * (octave - FIRST_OCTAVE + 1) + ((age >> (octave - FIRST_OCTAVE)) & (SINGLE - 1));
    return bin < KR_DURATION_BINS ? bin : KR_DURATION_BINS - 1;
}

uint64_t kr_duration_bin_begin(size_t bin) {
    if (bin < SINGLE) return bin;
    return (uint64_t)(SINGLE + bin % SINGLE) << (bin / SINGLE - 1);
}

static void enter(uint64_t age, uint64_t *spells, uint64_t *steps) {
    if (age == 0) return;
    size_t bin = bin_of(age - 1);
    spells[bin]++;
    steps[bin] += age - kr_duration_bin_begin(bin);
}

/* Steps that a particle has done since it left the start; 0 for one that has arrived for good. */
static uint64_t age_of(const kr_view *view, uint64_t particle, uint64_t first_age) {
    uint64_t departure = view->departure[particle];
    if (departure == KR_ABSORBED) return 0;
    uint64_t until = view->stopped_at[particle] ? view->stopped_at[particle] : view->step;
    return until > departure ? until - departure + (departure == 0 ? first_age : 0) : departure == 0 ? first_age : 0;
}

void kr_passage_durations_begin(kr_passage_durations *d, const kr_view *view, uint64_t burn_in, double relaxation) {
    *d = (kr_passage_durations){.first_age = burn_in, .relaxation = relaxation};
    for (uint64_t p = 0; p < view->particles; p++) enter(age_of(view, p, burn_in), d->begun, d->begun_steps);
}

void kr_passage_durations_add(kr_passage_durations *d, const kr_event *event, size_t count) {
    for (size_t i = 0; i < count; i++) {
        bool first = event[i].duration == event[i].step;
        enter(event[i].duration + (first ? d->first_age : 0), d->ended, d->ended_steps);
    }
}

void kr_passage_durations_save(const kr_passage_durations *d, uint64_t words[KR_DURATION_WORDS]) {
    memcpy(words, d->ended, sizeof d->ended);
    memcpy(words + KR_DURATION_BINS, d->ended_steps, sizeof d->ended_steps);
}

void kr_passage_durations_restore(kr_passage_durations *d, const uint64_t words[KR_DURATION_WORDS]) {
    memcpy(d->ended, words, sizeof d->ended);
    memcpy(d->ended_steps, words + KR_DURATION_BINS, sizeof d->ended_steps);
}

size_t kr_passage_hazard(const kr_passage_durations *d, const kr_view *view, double *events, double *exposure) {
    uint64_t now[KR_DURATION_BINS] = {0}, now_steps[KR_DURATION_BINS] = {0}, later = 0;
    size_t count = 0;
    for (uint64_t p = 0; p < view->particles; p++) enter(age_of(view, p, d->first_age), now, now_steps);
    for (size_t bin = KR_DURATION_BINS; bin-- > 0;) { /* unsigned differences: each sum of them is positive */
        uint64_t width = bin + 1 < KR_DURATION_BINS ? kr_duration_bin_begin(bin + 1) - kr_duration_bin_begin(bin) : 0;
        uint64_t steps = d->ended_steps[bin] + now_steps[bin] - d->begun_steps[bin] + width * later;
        events[bin] = (double)d->ended[bin];
        exposure[bin] = (double)steps;
        later += d->ended[bin] + now[bin] - d->begun[bin];
        if (steps && !count) count = bin + 1;
    }
    return count;
}
