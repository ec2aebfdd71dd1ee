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

static void thin(kr_history *history) {
    size_t kept = 0;
    for (size_t i = 0; i < history->count; i += 2) history->sample[kept++] = history->sample[i];
    double span = history->sample[history->count - 1].step - history->sample[0].step;
    history->interval = fmax(2 * history->interval, span / KR_HISTORY);
    history->count = kept;
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
    history->newest = sample_of(snapshot, curve, boltzmann);
    if (history->count && !(history->newest.step > history->sample[history->count - 1].step)) return;
    if (history->count && history->newest.step < history->sample[history->count - 1].step + history->interval) return;
    if (history->count == KR_HISTORY) thin(history);
    history->sample[history->count++] = history->newest;
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
