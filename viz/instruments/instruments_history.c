#include "instruments_parts.h"

#include <math.h>

static kr_sample sample_of(const kr_snapshot *snapshot, const float *curve, const float *boltzmann) {
    kr_sample sample = {.step = (double)snapshot->step, .work = NAN, .heat = NAN};
    for (size_t i = 0; i < KR_MAX_CURVES; i++) sample.curve[i] = curve ? curve[i] : NAN;
    for (size_t v = 0; v < KR_MAX_VARIANTS; v++) {
        const kr_snapshot_variant *variant = &snapshot->variant[v];
        bool there = v < snapshot->variants;
        uint64_t seen = there ? variant->particles - variant->diverged : 0;
        sample.learning_rate[v] = there ? variant->learning_rate : NAN;
        sample.kinetic[v] = there ? (float)variant->kinetic : NAN;
        sample.potential[v] = there ? (float)variant->potential : NAN;
        for (size_t q = 0; q < KR_SCORES; q++)
            sample.score[v][q] = there && variant->networks.evaluated ? (float)variant->networks.mean[q] : NAN;
        sample.events[v] = (double)variant->events;
        sample.exposure[v] = variant->exposure_steps;
        sample.alive[v] = seen ? 1 - (float)variant->absorbed / (float)seen : NAN;
    }
    const kr_snapshot_variant *first = &snapshot->variant[0];
    for (size_t w = 0; w < KR_WELL_CURVES; w++) {
        sample.population[w] = snapshot->variants && w < first->wells ? (float)first->population[w] : NAN;
        sample.boltzmann[w] = boltzmann ? boltzmann[w] : NAN;
    }
    for (size_t q = 0; q < KR_SCORES; q++) {
        bool there = snapshot->variants && first->networks.evaluated;
        sample.half[q] = there ? (float)(first->networks.interval[q].high - first->networks.mean[q]) : NAN;
        sample.one[q] = there ? (float)first->networks.one[q] : NAN;
    }
    if (snapshot->variants && first->has_ledger) {
        const double *account = first->ledger.account;
        sample.work = (float)account[KR_ENERGY_WORK];
        sample.heat = -(float)(account[KR_ENERGY_NOISE] + account[KR_ENERGY_THERMAL] + account[KR_ENERGY_FRICTION]);
    }
    return sample;
}

/* ---- extremes between samples ---- */

static kr_seen one_value(double value) {
    return (kr_seen){(float)value, (float)value};
}

/* fmin and fmax take the other number for NAN. */
static kr_seen both(kr_seen a, kr_seen b) {
    return (kr_seen){fminf(a.low, b.low), fmaxf(a.high, b.high)};
}

static void see(kr_sample *sample) {
    for (size_t v = 0; v < KR_MAX_VARIANTS; v++) {
        sample->seen[v][KR_SEEN_POTENTIAL] = one_value((double)sample->potential[v]);
        sample->seen[v][KR_SEEN_KINETIC] = one_value((double)sample->kinetic[v]);
        double moving = (double)sample->kinetic[v];
        sample->seen[v][KR_SEEN_TOTAL] = one_value((double)sample->potential[v] + (isfinite(moving) ? moving : 0));
    }
}

/* What was seen up to a sample that goes was seen up to the next one. */
static void merge(kr_sample *into, const kr_sample *gone) {
    for (size_t v = 0; v < KR_MAX_VARIANTS; v++)
        for (size_t q = 0; q < KR_SEEN_ENERGIES; q++) into->seen[v][q] = both(into->seen[v][q], gone->seen[v][q]);
}

/* ---- samples ---- */

static void thin(kr_history *history) {
    size_t kept = 0;
    for (size_t i = 0; i < history->count; i += 2) {
        if (i) merge(&history->sample[i], &history->sample[i - 1]);
        history->sample[kept++] = history->sample[i];
    }
    double span = history->sample[history->count - 1].step - history->sample[0].step;
    if (history->count % 2 == 0) merge(&history->newest, &history->sample[history->count - 1]);
    history->interval = fmax(2 * history->interval, span / KR_HISTORY);
    history->count = kept;
}

/* The newest one, and one more of them where the last is far enough back. */
static void push(kr_history *history, const kr_sample *sample) {
    kr_sample before = history->newest;
    bool first = history->count == 0, kept = !first && history->sample[history->count - 1].step >= before.step;
    history->newest = *sample;
    see(&history->newest);
    if (!first && !kept) merge(&history->newest, &before); /* it was not kept: what it has seen is */
    if (!first && !(sample->step > history->sample[history->count - 1].step)) return;
    if (!first && sample->step < history->sample[history->count - 1].step + history->interval) return;
    if (history->count == KR_HISTORY) thin(history);
    history->sample[history->count++] = history->newest;
}

static float between(float a, float b, double part) {
    return (float)((1 - part) * (double)a + part * (double)b);
}

/* At a look between two samples: what was not looked at lies on the line between them, as it is drawn. */
static kr_sample sample_of_look(const kr_look *look, const kr_sample *a, const kr_sample *b, size_t variants) {
    kr_sample sample = *b;
    double part = b->step > a->step ? ((double)look->step - a->step) / (b->step - a->step) : 1;
    sample.step = (double)look->step;
    for (size_t v = 0; v < variants; v++) {
        uint64_t seen = look->variant[v].particles - look->variant[v].diverged;
        sample.learning_rate[v] = look->variant[v].learning_rate;
        sample.potential[v] = (float)look->variant[v].potential;
        sample.kinetic[v] = (float)look->variant[v].kinetic;
        sample.events[v] = look->variant[v].events;
        sample.exposure[v] = look->variant[v].exposure_steps;
        sample.alive[v] = seen ? 1 - (float)look->variant[v].absorbed / (float)seen : NAN;
    }
    for (size_t w = 0; w < KR_WELL_CURVES; w++) {
        sample.population[w] = between(a->population[w], b->population[w], part);
        sample.boltzmann[w] = between(a->boltzmann[w], b->boltzmann[w], part);
    }
    for (size_t i = 0; i < KR_MAX_CURVES; i++) sample.curve[i] = between(a->curve[i], b->curve[i], part);
    sample.work = between(a->work, b->work, part);
    sample.heat = between(a->heat, b->heat, part);
    return sample;
}

void kr_history_append(kr_history *history, const kr_snapshot *snapshot, const float *curve, const float *boltzmann,
                       bool *cleared) {
    double step = (double)snapshot->step;
    *cleared = history->number == 0 || snapshot->generation != history->generation;
    if (!*cleared && snapshot->number == history->number) return;
    if (*cleared) {
        history->count = 0;
        history->interval = 0;
    }
    /* Back in a file: what comes later is not yet known again. */
    while (history->count && history->sample[history->count - 1].step > step) history->count--;
    history->generation = snapshot->generation;
    history->number = snapshot->number;
    kr_sample sample = sample_of(snapshot, curve, boltzmann), before = history->count ? history->newest : sample;
    for (size_t i = 0; i < snapshot->looks && history->count && sample.step > before.step; i++) {
        if (!((double)snapshot->look[i].step > before.step)) continue;
        const kr_sample look = sample_of_look(&snapshot->look[i], &before, &sample, snapshot->variants);
        push(history, &look);
    }
    push(history, &sample);
}

const kr_sample *kr_history_nearest(const kr_history *history, double step) {
    const kr_sample *nearest = &history->newest;
    for (size_t i = 0; i < history->count; i++)
        if (fabs(history->sample[i].step - step) < fabs(nearest->step - step)) nearest = &history->sample[i];
    return nearest;
}

/* No line is drawn between samples much further apart than usual: nothing was recorded there. */
static bool is_gap(const kr_history *history, double from, double to) {
    double first = history->count ? history->sample[0].step : history->newest.step, span = history->newest.step - first;
    return history->count > 20 && to - from > 0.05 * span && to - from > 10 * span / (double)history->count;
}

void kr_instrument_curve(const kr_instruments *self, const kr_plot *plot, kr_sample_value value, size_t variant, double width,
                         double dash, kr_color color) {
    const kr_history *history = &self->history;
    double x[2 * KR_HISTORY + 2], y[2 * KR_HISTORY + 2];
    size_t count = 0;
    for (size_t i = 0; i <= history->count; i++) {
        const kr_sample *sample = i < history->count ? &history->sample[i] : &history->newest;
        if (i && is_gap(history, x[count - 1], sample->step)) {
            x[count] = sample->step;
            y[count++] = NAN;
        }
        x[count] = sample->step;
        y[count++] = value(self, sample, variant);
    }
    kr_plot_curve(plot, count, x, y, width, dash, color);
}

void kr_instrument_range(const kr_instruments *self, kr_sample_value value, size_t variant, double from, double *low,
                         double *high) {
    const kr_history *history = &self->history;
    for (size_t i = 0; i <= history->count; i++) {
        const kr_sample *sample = i < history->count ? &history->sample[i] : &history->newest;
        double y = value(self, sample, variant);
        if (!isfinite(y) || sample->step < from) continue;
        *low = fmin(*low, y);
        *high = fmax(*high, y);
    }
}
