/* How often particles escape in each part of the run: events over the steps that particles spent under observation, in windows of
 * equal length, with the interval of a Poisson count; beside the hazard -d ln S / dk of the predicted survival S, which follows the
 * learning rate from step to step. */
#include "instruments_parts.h"

#include <kramers/confidence.h>

#include <math.h>
#include <stdio.h>

enum { FEW_EVENTS = 16, LEAST_WINDOWS = 4 };

static const kr_sample *sample_at(const kr_history *history, size_t i) {
    return i < history->count ? &history->sample[i] : &history->newest;
}

/* How many windows follows from all events together, and not from those of a window: an end that waited for an event would be
 * biased. */
static size_t windows_wanted(const kr_history *history, size_t variant) {
    double events = history->newest.events[variant] - sample_at(history, 0)->events[variant];
    return (size_t)fmin(KR_HAZARD_WINDOWS, fmax(LEAST_WINDOWS, events / FEW_EVENTS));
}

size_t kr_hazard_windows(const kr_history *history, size_t variant, kr_hazard_window window[KR_HAZARD_WINDOWS]) {
    const kr_sample *begin = sample_at(history, 0);
    size_t wanted = windows_wanted(history, variant), count = 0;
    double first = begin->step, span = history->newest.step - first;
    for (size_t i = 1; i <= history->count && count < wanted; i++) {
        const kr_sample *end = sample_at(history, i);
        double exposure = end->exposure[variant] - begin->exposure[variant];
        if (end->step < first + span * (double)(count + 1) / (double)wanted || !(exposure > 0)) continue;
        double events = fmax(0, end->events[variant] - begin->events[variant]);
        kr_interval of_count = kr_poisson_interval((uint64_t)events, 0.95);
        window[count++] =
            (kr_hazard_window){begin->step, end->step, events / exposure, {of_count.low / exposure, of_count.high / exposure}};
        begin = end;
    }
    return count;
}

size_t kr_hazard_predicted(const kr_survival *survival, const double *survivors, double step[], double hazard[]) {
    size_t count = 0;
    for (size_t i = 1; survivors && i < survival->count; i++) {
        double length = (double)(survival->step[i] - survival->step[i - 1]);
        if (!(survivors[i] > 1e-6)) break; /* what is left is of the prediction's own accuracy */
        step[count] = (double)survival->step[i - 1] + 0.5 * length;
        hazard[count++] = log(survivors[i - 1] / survivors[i]) / length;
    }
    return count;
}

/* ---- the plot ---- */

typedef struct drawn {
    size_t windows[KR_MAX_VARIANTS], chain, adiabatic;
    kr_hazard_window window[KR_MAX_VARIANTS][KR_HAZARD_WINDOWS];
    double chain_step[KR_SURVIVAL_ROWS], chain_hazard[KR_SURVIVAL_ROWS];
    double adiabatic_step[KR_SURVIVAL_ROWS], adiabatic_hazard[KR_SURVIVAL_ROWS];
} drawn;

/* Predictions are of the scene's own variant from step 0 on with the settings of step 0. */
static void collect(const kr_instruments *self, const kr_frame *frame, drawn *d) {
    const kr_survival *survival = &frame->analysis->survival;
    bool predicted = !self->settings_changed && !frame->snapshot->schedule_origin && survival->count;
    for (size_t v = 0; v < frame->snapshot->variants; v++) d->windows[v] = kr_hazard_windows(&self->history, v, d->window[v]);
    d->chain = predicted ? kr_hazard_predicted(survival, survival->chain, d->chain_step, d->chain_hazard) : 0;
    d->adiabatic = predicted ? kr_hazard_predicted(survival, survival->adiabatic, d->adiabatic_step, d->adiabatic_hazard) : 0;
}

static void widen(double value, double *low, double *high) {
    if (!(value > 0) || !isfinite(value)) return;
    *low = fmin(*low, value);
    *high = fmax(*high, value);
}

/* Of all rates that are seen or predicted; INFINITY and 0 without any. */
static void range_of(const drawn *d, size_t variants, double *low, double *high) {
    *low = INFINITY, *high = 0;
    for (size_t v = 0; v < variants; v++)
        for (size_t i = 0; i < d->windows[v]; i++) {
            widen(d->window[v][i].rate, low, high);
            widen(d->window[v][i].ci95.high, low, high);
        }
    double least = *high * 1e-4; /* a prediction that goes to nothing is not worth decades */
    for (size_t i = 0; i < d->chain; i++) widen(fmax(d->chain_hazard[i], least), low, high);
}

/* A bar over the window with its interval; of no event only how large the rate may be. */
static void draw_window(const kr_frame *frame, const kr_plot *plot, const kr_hazard_window *w, kr_color color) {
    const kr_theme *theme = frame->theme;
    double middle = 0.5 * (w->from + w->to), low = fmax(w->ci95.low, plot->y.low);
    kr_plot_curve(plot, 2, (double[]){w->from, w->to}, (double[]){w->rate, w->rate}, 2 * theme->scale, 0, color);
    kr_plot_curve(plot, 2, (double[]){middle, middle}, (double[]){low, w->ci95.high}, 1.25 * theme->scale, 0, color);
}

static void read_out(const kr_frame *frame, const kr_plot *plot, const drawn *d) {
    double pointed;
    char number[64], text[96];
    if (!kr_instrument_points_at(frame, plot, &pointed)) return;
    for (size_t i = 0; i < d->windows[0]; i++) {
        const kr_hazard_window *w = &d->window[0][i];
        if (pointed < w->from || pointed > w->to) continue;
        snprintf(text, sizeof text, "%s per step", kr_text_number(w->rate, 3, number, sizeof number));
        kr_instrument_readout(frame, plot, 0.5 * (w->from + w->to), text);
        return;
    }
}

static void draw(kr_instruments *self, const kr_frame *frame, kr_rectangle area) {
    const kr_theme *theme = frame->theme;
    drawn d;
    double low, high,
        last = fmax(1, fmax((double)frame->snapshot->step, (double)kr_scene_ensemble(&frame->analysis->scene)->steps));
    collect(self, frame, &d);
    range_of(&d, frame->snapshot->variants, &low, &high);
    if (!(high > 0)) {
        kr_instrument_note(frame, area, "nothing has escaped yet");
        return;
    }
    if (kr_scene_escape(&frame->analysis->scene)->renewal) last = fmax(1, (double)frame->snapshot->step);
    bool logarithmic = kr_instrument_is_logarithmic(self, frame, &kr_hazard_instrument);
    kr_plot plot = {.canvas = frame->canvas, .fonts = frame->fonts, .theme = theme, .outer = area};
    plot.x = (kr_axis){.low = 0, .high = last, .label = area.height > 130 * theme->scale ? "step" : NULL};
    plot.y =
        (kr_axis){.low = logarithmic ? low / 1.5 : 0, .high = logarithmic ? 1.5 * high : 1.1 * high, .logarithmic = logarithmic};
    kr_plot_axes(&plot);
    if (!kr_instrument_compares(frame)) {
        kr_plot_curve(&plot, d.adiabatic, d.adiabatic_step, d.adiabatic_hazard, 1.5 * theme->scale, 0, theme->faint_text);
        kr_plot_curve(&plot, d.chain, d.chain_step, d.chain_hazard, 1.75 * theme->scale, 0, theme->prediction);
    }
    for (size_t v = 0; v < frame->snapshot->variants; v++)
        for (size_t i = 0; i < d.windows[v]; i++) draw_window(frame, &plot, &d.window[v][i], kr_instrument_color(frame, v));
    read_out(frame, &plot, &d);
}

static void headline(const kr_instruments *self, const kr_frame *frame, char *text, size_t size) {
    (void)self, (void)frame;
    snprintf(text, size, "per step");
}

/* A schedule that cools changes rates by decades. */
static bool fits_logarithm(const kr_instruments *self, const kr_frame *frame) {
    (void)self, (void)frame;
    return true;
}

static bool applies(const kr_instruments *self, const kr_frame *frame) {
    (void)self;
    return frame->analysis->model.target_count && frame->snapshot->variant[0].escape_measured;
}

static void heights(const kr_instruments *self, const kr_frame *frame, double *least, double *wanted, double *most) {
    (void)self;
    *least = 84 * frame->theme->scale;
    *wanted = 120 * frame->theme->scale;
    *most = 400 * frame->theme->scale;
}

const kr_instrument kr_hazard_instrument = {.identity = "instrument hazard",
                                            .title = "Escape rate over time",
                                            .tip = "Escapes per particle and step in each part of the run, with the 95 % interval "
                                                   "of their count, and the rate that the predicted "
                                                   "survival implies, which follows the learning rate (yellow: exact, faint: as if "
                                                   "each step's rate were that of a long time at its "
                                                   "learning rate).",
                                            .rank = 4,
                                            .presented = 10,
                                            .applies = applies,
                                            .heights = heights,
                                            .draw = draw,
                                            .axis = KR_HAZARD_AXIS,
                                            .fits_logarithm = fits_logarithm,
                                            .headline = headline};
