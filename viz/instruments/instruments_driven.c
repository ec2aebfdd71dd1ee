/* Numbers that change with the step, each with its name and its own scale: so far, and dashed where they lead. Where not all have
 * room the wheel moves on. */
#include "instruments_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* More of them hide the curve, which shows the cycles anyway; so do pulses. */
enum { MOST_FLAGS = 16 };

static double curve_at(const kr_planned *planned, uint64_t step) {
    return kr_present_curve_at(planned->analysis, planned->curve, step);
}

static uint64_t curve_jump(const kr_planned *planned, uint64_t step) {
    return kr_present_curve_jump(planned->analysis, planned->curve, step);
}

/* Pulses begin and end. */
static kr_planned planned_of(const kr_frame *frame, size_t curve) {
    bool driven = curve < kr_drive_count(frame->analysis->model.drive);
    return (kr_planned){.analysis = frame->analysis, .curve = curve, .at = curve_at, .jump = curve_jump, .jumps = driven ? 1 : 2};
}

/* Its place in the history; KR_MAX_CURVES: there is none left. */
static size_t place_of(kr_instruments *self, const kr_frame *frame, size_t curve) {
    char name[KR_DRIVEN_NAME];
    size_t at = 0;
    kr_present_curve_name(frame->analysis, curve, name, sizeof name);
    while (at < self->curve_count && strcmp(self->curve_name[at], name) != 0) at++;
    if (at == self->curve_count && at < KR_MAX_CURVES) snprintf(self->curve_name[self->curve_count++], sizeof name, "%s", name);
    return at;
}

void kr_driven_values(kr_instruments *self, const kr_frame *frame, float curve[KR_MAX_CURVES]) {
    for (size_t i = 0; i < KR_MAX_CURVES; i++) curve[i] = NAN;
    for (size_t i = 0; i < kr_present_curves(frame->analysis); i++) {
        size_t place = place_of(self, frame, i);
        if (place < KR_MAX_CURVES) curve[place] = (float)kr_present_curve_at(frame->analysis, i, frame->snapshot->step);
    }
}

static double before_regime(const kr_instruments *self, const kr_sample *sample, size_t place) {
    return sample->step <= self->regime_step && place < KR_MAX_CURVES ? (double)sample->curve[place] : NAN;
}

/* ---- one curve ---- */

typedef struct row {
    kr_planned planned;
    size_t place; /* in the history */
    kr_plot plot;
} row;

/* What a run leaves the same is a line in the middle; else a little more than what is seen. From 0 where that costs little. */
static void choose_scale(kr_axis *axis, double low, double high) {
    double span = high - low, small = 1e-9 * fmax(fabs(low), fabs(high));
    if (!(span > small)) span = fmax(fabs(high), small > 0 ? small : 1);
    axis->low = low >= 0 && low < 0.5 * high ? 0 : low - 0.15 * span;
    axis->high = high <= 0 && high > 0.5 * low ? 0 : high + 0.15 * span;
}

static void include(size_t count, const double *y, double *low, double *high) {
    for (size_t i = 0; i < count; i++)
        if (isfinite(y[i])) *low = fmin(*low, y[i]), *high = fmax(*high, y[i]);
}

/* "dynamics.temperature / 10^-5" and its value now. */
static void draw_words(const kr_frame *frame, const row *one, kr_rectangle line, const char *power) {
    const kr_theme *theme = frame->theme;
    char name[KR_DRIVEN_NAME], text[160], number[64];
    double middle = line.y + 0.5 * line.height, right = line.x + line.width;
    kr_present_curve_name(frame->analysis, one->planned.curve, name, sizeof name);
    kr_text_number(one->planned.at(&one->planned, frame->snapshot->step), 3, number, sizeof number);
    double used = kr_text_width(frame->fonts, theme->small, KR_REGULAR, number) + theme->gap;
    snprintf(text, sizeof text, *power ? "%s / %s" : "%s", name, power);
    kr_text_draw(frame->fonts, frame->canvas, right, middle, theme->small, KR_REGULAR, KR_RIGHT, theme->text, number);
    kr_text_fit(frame->fonts, frame->canvas, line.x, middle, line.width - used, theme->small, KR_REGULAR, KR_LEFT, theme->text,
                text);
}

static void draw_row(const kr_instruments *self, const kr_frame *frame, row *one, const kr_steps *steps, kr_rectangle area,
                     bool last) {
    const kr_theme *theme = frame->theme;
    double x[KR_STEP_POINTS], y[KR_STEP_POINTS], future_x[KR_STEP_POINTS], future_y[KR_STEP_POINTS];
    double step = (double)frame->snapshot->step, line = kr_instrument_row(frame),
           now = one->planned.at(&one->planned, (uint64_t)step);
    kr_steps shown = *steps;
    kr_steps_mark(&shown, &one->planned, self->regime_step);
    size_t count = kr_steps_sample(&shown, &one->planned, fmax(shown.low, self->regime_step), step, x, y);
    size_t future = kr_steps_sample(&shown, &one->planned, step, shown.high - 1, future_x, future_y);
    double low = now, high = now;
    include(count, y, &low, &high);
    include(future, future_y, &low, &high);
    kr_instrument_range(self, before_regime, one->place, shown.low, &low, &high);
    char power[KR_TICK_TEXT] = "";
    one->plot = (kr_plot){.canvas = frame->canvas, .fonts = frame->fonts, .theme = theme, .left = 3.6 * theme->small};
    one->plot.outer = (kr_rectangle){area.x, area.y + line, area.width, area.height - line};
    one->plot.x = (kr_axis){.low = shown.low, .high = shown.high, .hide = !last};
    one->plot.y.power = power;
    choose_scale(&one->plot.y, low, high);
    kr_plot_axes(&one->plot);
    double left = one->plot.inner.x; /* below the numbers of the row above there would be no room */
    draw_words(frame, one, (kr_rectangle){left, area.y, area.x + area.width - left, line}, power);
    one->plot.y.power = NULL;
    if (one->planned.jumps == 1 && shown.mark_count <= MOST_FLAGS) kr_steps_draw_marks(frame, &one->plot, &shown);
    kr_plot_curve(&one->plot, future, future_x, future_y, 1.5 * theme->scale, 4 * theme->scale, theme->prediction);
    kr_instrument_curve(self, &one->plot, before_regime, one->place, 2 * theme->scale, 0, theme->accent);
    kr_plot_curve(&one->plot, count, x, y, 2 * theme->scale, 0, theme->accent);
    kr_plot_vertical(&one->plot, step, theme->scale, 0, theme->text);
    kr_canvas_disc(frame->canvas, kr_plot_point(&one->plot, step, now), 3.5 * theme->scale, theme->text);
}

static void draw_readout(const kr_instruments *self, const kr_frame *frame, const row *one) {
    double pointed;
    char number[64];
    if (!kr_instrument_points_at(frame, &one->plot, &pointed)) return;
    double value = NAN;
    if (pointed >= self->regime_step)
        value = one->planned.at(&one->planned, (uint64_t)pointed);
    else if (one->place < KR_MAX_CURVES)
        value = (double)kr_history_nearest(&self->history, pointed)->curve[one->place];
    kr_instrument_readout(frame, &one->plot, pointed, kr_text_number(value, 4, number, sizeof number));
}

/* ---- all of them ---- */

static double least_row(const kr_frame *frame) {
    return kr_instrument_row(frame) + 32 * frame->theme->scale;
}

static double axis_room(const kr_frame *frame) {
    return 1.25 * frame->theme->small;
}

/* How many have room, and the first of them after the wheel. */
static size_t choose_rows(kr_instruments *self, const kr_frame *frame, kr_rectangle area, size_t count, size_t *first) {
    kr_input *input = &frame->widgets->input;
    size_t room = (size_t)fmax(1, floor((area.height - axis_room(frame)) / least_row(frame)));
    bool over = input->inside && input->mouse.x >= area.x && input->mouse.x < area.x + area.width && input->mouse.y >= area.y &&
                input->mouse.y < area.y + area.height;
    if (room >= count) room = count;
    if (over && room < count && input->wheel != 0) {
        self->curve_scroll -= input->wheel > 0 ? 1 : -1;
        input->wheel = 0;
    }
    self->curve_scroll = fmin(fmax(self->curve_scroll, 0), (double)(count - room));
    *first = (size_t)self->curve_scroll;
    return room;
}

static void draw(kr_instruments *self, const kr_frame *frame, kr_rectangle area) {
    size_t count = kr_present_curves(frame->analysis), first, rows = choose_rows(self, frame, area, count, &first);
    kr_planned all[KR_MAX_CURVES + 1];
    row one[KR_MAX_CURVES];
    for (size_t i = 0; i < count; i++) all[i] = planned_of(frame, i);
    all[count] = kr_rate_planned(self, frame, 0);
    kr_steps steps = kr_steps_choose(frame, count + 1, all);
    double axis = axis_room(frame), height = floor((area.height - axis) / (double)rows);
    for (size_t k = 0; k < rows; k++) {
        bool last = k + 1 == rows;
        one[k] = (row){.planned = all[first + k], .place = place_of(self, frame, first + k)};
        draw_row(self, frame, &one[k], &steps,
                 (kr_rectangle){area.x, area.y + (double)k * height, area.width, height + (last ? axis : 0)}, last);
    }
    for (size_t k = 0; k < rows; k++) draw_readout(self, frame, &one[k]);
}

static void headline(const kr_instruments *self, const kr_frame *frame, char *text, size_t size) {
    size_t count = kr_present_curves(frame->analysis);
    char number[64], name[KR_DRIVEN_NAME];
    (void)self;
    if (count > 1) {
        snprintf(text, size, "%zu numbers", count);
        return;
    }
    kr_present_curve_name(frame->analysis, 0, name, sizeof name);
    double now = kr_present_curve_at(frame->analysis, 0, frame->snapshot->step);
    snprintf(text, size, "%s = %s", name, kr_text_number(now, 3, number, sizeof number));
}

static bool applies(const kr_instruments *self, const kr_frame *frame) {
    (void)self;
    return kr_present_curves(frame->analysis) > 0;
}

static void heights(const kr_instruments *self, const kr_frame *frame, double *least, double *wanted, double *most) {
    (void)self;
    double count = (double)kr_present_curves(frame->analysis), axis = axis_room(frame), each = least_row(frame);
    double gap = 0.75 * frame->theme->gap;
    *least = fmin(count, 2) * each + axis + gap;
    *wanted = fmin(count, 6) * (each + 14 * frame->theme->scale) + axis + gap;
    *most = count * (each + 90 * frame->theme->scale) + axis + gap;
}

const kr_instrument kr_driven_instrument = {
    .identity = "instrument driven",
    .title = "Driven",
    .tip = "Numbers that change with the step: those that follow a schedule of their own, those that follow the learning rate "
           "(keep), and the standard deviation of pulses of noise. So far, and dashed where they lead.",
    .rank = 1,
    .applies = applies,
    .heights = heights,
    .draw = draw,
    .headline = headline};
