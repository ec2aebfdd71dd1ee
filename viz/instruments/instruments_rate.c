/* Learning rate against the step: what it was, where it is, where the schedule leads. */
#include "instruments_parts.h"

#include <math.h>
#include <stdio.h>

static uint64_t own_step(const kr_planned *planned, uint64_t step) {
    return step > planned->origin ? step - planned->origin : 0;
}

static double rate_at(const kr_planned *planned, uint64_t step) {
    return kr_schedule_at(&planned->analysis->model.schedule, own_step(planned, step));
}

static uint64_t next_cycle(const kr_planned *planned, uint64_t step) {
    uint64_t next = kr_schedule_next_cycle(&planned->analysis->model.schedule, own_step(planned, step));
    return next > UINT64_MAX - planned->origin ? UINT64_MAX : next + planned->origin;
}

kr_planned kr_rate_planned(const kr_instruments *self, const kr_frame *frame) {
    return (kr_planned){.analysis = frame->analysis, .origin = self->origin, .at = rate_at, .jump = next_cycle, .jumps = 1};
}

static double measured_rate(const kr_instruments *self, const kr_sample *sample, size_t variant) {
    (void)variant;
    return sample->step <= self->regime_step ? sample->learning_rate : NAN;
}

/* Logarithmic where a good part of the run's curve would otherwise lie on the axis; an end that goes to nothing is not worth
 * decades. */
static bool fits_logarithm(const kr_instruments *self, const kr_frame *frame) {
    double x[KR_STEP_POINTS], y[KR_STEP_POINTS], high = 0;
    kr_planned planned = kr_rate_planned(self, frame);
    double last = (double)planned.origin + (double)kr_scene_ensemble(&frame->analysis->scene)->steps;
    kr_steps all = {.low = (double)planned.origin, .high = last};
    size_t count = kr_steps_sample(&all, &planned, all.low, all.high - 1, x, y), low = 0, lost = 0;
    for (size_t i = 0; i < count; i++) high = fmax(high, y[i]);
    for (size_t i = 0; i < count; i++) {
        low += y[i] < high / 30;
        lost += y[i] < high * 1e-6;
    }
    return 5 * low > count && 20 * lost <= count;
}

static void choose_scale(kr_axis *axis, bool logarithmic, double low, double high) {
    axis->logarithmic = logarithmic && high > 0;
    axis->low = axis->logarithmic ? fmax(low / 1.3, high * 1e-6) : 0;
    axis->high = axis->logarithmic ? high * 1.3 : 1.15 * high;
}

static void draw(kr_instruments *self, const kr_frame *frame, kr_rectangle area) {
    const kr_theme *theme = frame->theme;
    double x[KR_STEP_POINTS], y[KR_STEP_POINTS], future_x[KR_STEP_POINTS], future_y[KR_STEP_POINTS],
        step = (double)frame->snapshot->step;
    kr_planned planned = kr_rate_planned(self, frame);
    kr_steps shown = kr_steps_choose(frame, 1, &planned);
    kr_steps_mark(&shown, &planned, self->regime_step); /* marks before the regime began belong to other settings */
    size_t count = kr_steps_sample(&shown, &planned, fmax(shown.low, self->regime_step), step, x, y);
    size_t future = kr_steps_sample(&shown, &planned, step, shown.high - 1, future_x, future_y);
    double low = frame->snapshot->learning_rate, high = low;
    for (size_t i = 0; i < count; i++) low = fmin(low, y[i]), high = fmax(high, y[i]);
    for (size_t i = 0; i < future; i++) low = fmin(low, future_y[i]), high = fmax(high, future_y[i]);
    kr_instrument_range(self, measured_rate, 0, shown.low, &low, &high);
    kr_plot plot = {.canvas = frame->canvas, .fonts = frame->fonts, .theme = theme, .outer = area};
    plot.x = (kr_axis){.low = shown.low, .high = shown.high, .label = area.height > 130 * theme->scale ? "step" : NULL};
    choose_scale(&plot.y, kr_instrument_is_logarithmic(self, frame, &kr_learning_rate_instrument), low, high);
    kr_plot_axes(&plot);
    kr_steps_draw_marks(frame, &plot, &shown);
    kr_plot_curve(&plot, future, future_x, future_y, 1.5 * theme->scale, 4 * theme->scale, theme->prediction);
    kr_instrument_curve(self, &plot, measured_rate, 0, 2 * theme->scale, 0, theme->accent);
    kr_plot_curve(&plot, count, x, y, 2 * theme->scale, 0, theme->accent);
    kr_plot_vertical(&plot, step, theme->scale, 0, theme->text);
    kr_canvas_disc(frame->canvas, kr_plot_point(&plot, step, frame->snapshot->learning_rate), 4 * theme->scale, theme->text);
    double pointed;
    if (!kr_instrument_points_at(frame, &plot, &pointed)) return;
    char number[64], text[96];
    double rate = pointed >= self->regime_step ? rate_at(&planned, (uint64_t)pointed)
                                               : kr_history_nearest(&self->history, pointed)->learning_rate;
    snprintf(text, sizeof text, "\xce\xb7 = %s", kr_text_number(rate, 4, number, sizeof number));
    kr_instrument_readout(frame, &plot, pointed, text);
}

static void headline(const kr_instruments *self, const kr_frame *frame, char *text, size_t size) {
    char number[64];
    (void)self;
    snprintf(text, size, "\xce\xb7 = %s", kr_text_number(frame->snapshot->learning_rate, 3, number, sizeof number));
}

static bool applies(const kr_instruments *self, const kr_frame *frame) {
    (void)self;
    (void)frame;
    return true;
}

static void heights(const kr_instruments *self, const kr_frame *frame, double *least, double *wanted, double *most) {
    (void)self;
    *least = 72 * frame->theme->scale;
    *wanted = 120 * frame->theme->scale;
    *most = 400 * frame->theme->scale;
}

const kr_instrument kr_learning_rate_instrument = {
    .identity = "instrument learning rate",
    .title = "Learning rate",
    .tip = "The learning rate of each step: so far, and dashed what the schedule will do. "
           "Flags mark the beginnings of cycles.",
    .rank = 1,
    .applies = applies,
    .heights = heights,
    .draw = draw,
    .axis = KR_RATE_AXIS,
    .fits_logarithm = fits_logarithm,
    .headline = headline};
