/* A histogram of passage times from the hazards of their ages (mean_passage.c says why these are right for cut off runs too). */
#include "passage_times_find.h"

#include "passage_hazard.h"

#include <kramers/confidence.h>

#include <math.h>

static const double rest = 0.02; /* of the survival, which is not drawn out any further */
enum { WANTED = 24 };

static double width_of(size_t bin) {
    return (double)(kr_duration_bin_begin(bin + 1) - kr_duration_bin_begin(bin));
}

static double passing(double events, double exposure, double width) {
    double p = exposure > 0 ? events / exposure : 0;
    return p < 1 ? exp(width * log1p(-p)) : 0;
}

/* The bin behind the last that is shown. */
static size_t end_of(size_t first, size_t bins, const double *events, const double *exposure) {
    double survival = 1;
    size_t last = first;
    for (size_t bin = first; bin < bins && survival >= rest; bin++) {
        if (!(exposure[bin] > 0)) continue;
        survival *= passing(events[bin], exposure[bin], width_of(bin));
        last = bin + 1;
    }
    return last;
}

static void finish_bin(kr_passage_times *out, double begin, double end, double before, double after, double events,
                       double exposure) {
    size_t k = out->count++;
    kr_interval count = kr_poisson_interval((uint64_t)events, 0.95);
    out->edge[k] = begin;
    out->edge[k + 1] = end;
    out->passages[k] = (uint64_t)events;
    out->density[k] = (before - after) / (end - begin);
    double per_event = events > 0 ? out->density[k] / events : exposure > 0 ? before / exposure : NAN;
    out->ci95[k] = (kr_interval){count.low * per_event, count.high * per_event};
}

void kr_passage_times_find(const kr_passage_durations *durations, const kr_view *view, kr_passage_times *out) {
    double events[KR_DURATION_BINS], exposure[KR_DURATION_BINS];
    size_t bins = kr_passage_hazard(durations, view, events, exposure), first = 0;
    *out = (kr_passage_times){.survival = 1};
    for (size_t bin = 0; bin < bins; bin++) out->events += (uint64_t)events[bin];
    for (uint64_t p = 0; p < view->particles; p++) out->under_way += view->departure[p] != KR_ABSORBED && !view->stopped_at[p];
    if (!out->events) return;
    while (first < bins && !(exposure[first] > 0)) first++;
    size_t last = end_of(first, bins, events, exposure);
    double begin = (double)kr_duration_bin_begin(first), whole = (double)kr_duration_bin_begin(last) - begin;
    double survival = 1, before = 1, n = 0, steps = 0;
    for (size_t bin = first; bin < last && out->count < KR_PASSAGE_BINS; bin++) {
        survival *= passing(events[bin], exposure[bin], width_of(bin));
        n += events[bin];
        steps += exposure[bin];
        double end = (double)kr_duration_bin_begin(bin + 1);
        if (end - begin < whole / WANTED && bin + 1 < last) continue;
        finish_bin(out, begin, end, before, survival, n, steps);
        begin = end;
        before = survival;
        n = steps = 0;
    }
    out->survival = survival;
}
