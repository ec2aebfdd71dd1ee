/* Learning rate against the step: what it was, where it is, where the schedule leads. */
#include "instruments_parts.h"

#include <math.h>
#include <stdio.h>

enum { GRID = 240, MARKS = 24, POINTS = 2 * GRID + 4 * MARKS };

typedef struct view {
    double low, high; /* steps shown */
    size_t mark_count;
    double mark[MARKS]; /* first steps of cycles */
} view;

static double rate_at(const kr_instruments *self, const kr_frame *frame, double step) {
    double own = step - (double)self->origin;
    return kr_schedule_at(&frame->analysis->model.schedule, own > 0 ? (uint64_t)own : 0);
}

/* Step of the next cycle's beginning; INFINITY: none. */
static double next_cycle(const kr_instruments *self, const kr_frame *frame, double step) {
    double own = step - (double)self->origin;
    uint64_t next = kr_schedule_next_cycle(&frame->analysis->model.schedule, own > 0 ? (uint64_t)own : 0);
    return next == UINT64_MAX || next > (uint64_t)1 << 52 ? INFINITY : (double)next + (double)self->origin;
}

/* The whole run; where cycles would be too dense, a few about the cursor. */
static view choose_view(const kr_instruments *self, const kr_frame *frame) {
    double step = (double)frame->snapshot->step, steps = (double)kr_scene_ensemble(&frame->analysis->scene)->steps;
    view shown = {.low = 0, .high = step <= steps ? fmax(steps, 1) : 1.15 * step};
    double first = next_cycle(self, frame, step), second = isfinite(first) ? next_cycle(self, frame, first) : INFINITY;
    double length = second - first;
    if (isfinite(length) && length * 8 < shown.high) {
        shown.low = fmax(0, step - 4 * length);
        shown.high = shown.low + 6 * length;
    }
    /* Marks before the regime began belong to other settings. */
    for (double at = next_cycle(self, frame, fmax(shown.low, self->regime_step)); at < shown.high && shown.mark_count < MARKS;
         at = next_cycle(self, frame, at))
        shown.mark[shown.mark_count++] = at;
    return shown;
}

static size_t add_point(const kr_instruments *self, const kr_frame *frame, double step, size_t count, double *x, double *y) {
    if (count == POINTS) return count;
    x[count] = step;
    y[count] = rate_at(self, frame, step);
    return count + 1;
}

/* The schedule between two steps, with the jumps at cycles upright. */
static size_t sample(const kr_instruments *self, const kr_frame *frame, const view *shown, double from, double to, double *x,
                     double *y) {
    size_t count = 0, mark = 0;
    if (to <= from) return 0;
    double stride = fmax(1, (to - from) / GRID);
    for (double step = from;; step = fmin(floor(step + stride), to)) {
        for (; mark < shown->mark_count && shown->mark[mark] <= step; mark++)
            if (shown->mark[mark] > from) {
                count = add_point(self, frame, shown->mark[mark] - 1, count, x, y);
                count = add_point(self, frame, shown->mark[mark], count, x, y);
            }
        if (count == 0 || step > x[count - 1]) count = add_point(self, frame, step, count, x, y);
        if (step >= to) break;
    }
    return count;
}

static double measured_rate(const kr_instruments *self, const kr_sample *sample, size_t variant) {
    (void)variant;
    return sample->step <= self->regime_step ? sample->learning_rate : NAN;
}

/* Logarithmic where a good part of the curve would otherwise lie on the axis; an end that goes to nothing is not worth decades. */
static bool fits_logarithm(size_t count, const double *y, double high) {
    size_t low = 0, lost = 0;
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
    double x[POINTS], y[POINTS], future_x[POINTS], future_y[POINTS], step = (double)frame->snapshot->step;
    view shown = choose_view(self, frame);
    size_t count = sample(self, frame, &shown, fmax(shown.low, self->regime_step), step, x, y);
    size_t future = sample(self, frame, &shown, step, shown.high - 1, future_x, future_y);
    double low = frame->snapshot->learning_rate, high = low;
    for (size_t i = 0; i < count; i++) low = fmin(low, y[i]), high = fmax(high, y[i]);
    for (size_t i = 0; i < future; i++) low = fmin(low, future_y[i]), high = fmax(high, future_y[i]);
    kr_instrument_range(self, measured_rate, 0, shown.low, &low, &high);
    kr_plot plot = {.canvas = frame->canvas, .fonts = frame->fonts, .theme = theme, .outer = area};
    plot.x = (kr_axis){.low = shown.low, .high = shown.high, .label = area.height > 130 * theme->scale ? "step" : NULL};
    bool logarithmic = fits_logarithm(future, future_y, high) || fits_logarithm(count, y, high);
    choose_scale(&plot.y, logarithmic, low, high);
    kr_plot_axes(&plot);
    for (size_t i = 0; i < shown.mark_count; i++) {
        kr_plot_vertical(&plot, shown.mark[i], theme->scale, 3 * theme->scale, kr_color_fade(theme->faint_text, 0.8));
        kr_point top = kr_plot_point(&plot, shown.mark[i], NAN);
        double size = 4 * theme->scale;
        kr_point flag[3] = {{top.x - size, plot.inner.y}, {top.x + size, plot.inner.y}, {top.x, plot.inner.y + 1.5 * size}};
        kr_canvas_polygon(frame->canvas, 3, flag, theme->faint_text);
    }
    kr_plot_curve(&plot, future, future_x, future_y, 1.5 * theme->scale, 4 * theme->scale, theme->prediction);
    kr_instrument_curve(self, &plot, measured_rate, 0, 2 * theme->scale, 0, theme->accent);
    kr_plot_curve(&plot, count, x, y, 2 * theme->scale, 0, theme->accent);
    kr_plot_vertical(&plot, step, theme->scale, 0, theme->text);
    kr_canvas_disc(frame->canvas, kr_plot_point(&plot, step, frame->snapshot->learning_rate), 4 * theme->scale, theme->text);
    double pointed;
    if (!kr_instrument_points_at(frame, &plot, &pointed)) return;
    char number[64], text[96];
    double rate =
        pointed >= self->regime_step ? rate_at(self, frame, pointed) : kr_history_nearest(&self->history, pointed)->learning_rate;
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
    .headline = headline};
