/* Arrhenius' law, measured beside the scene: ln of the mean first-passage time over 1/T. */
#include "instruments_parts.h"
#include "model/arrhenius.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void include(double value, double *low, double *high) {
    if (!isfinite(value)) return;
    *low = fmin(*low, value);
    *high = fmax(*high, value);
}

static void choose_axes(const kr_arrhenius *a, kr_plot *plot) {
    double low = INFINITY, high = -INFINITY, first = INFINITY, last = -INFINITY;
    for (size_t k = 0; k < a->count; k++) {
        const kr_arrhenius_point *point = &a->point[k];
        include(1 / point->temperature, &first, &last);
        include(log(point->exact), &low, &high);
        include(log(point->kramers), &low, &high);
        if (point->escape.events >= 3) include(log(point->escape.mfpt_steps), &low, &high);
    }
    double margin = 0.06 * (last - first), room = low < high ? 0.1 * (high - low) : 1;
    plot->x = (kr_axis){.low = first - margin, .high = last + margin, .label = "1 / T"};
    plot->y = (kr_axis){.low = low - room, .high = high + room, .label = "ln steps"};
}

static void draw_line(const kr_plot *plot, const kr_arrhenius *a, bool exact, double dash, kr_color color) {
    double x[KR_ARRHENIUS_POINTS], y[KR_ARRHENIUS_POINTS];
    for (size_t k = 0; k < a->count; k++) {
        x[k] = 1 / a->point[k].temperature;
        y[k] = log(exact ? a->point[k].exact : a->point[k].kramers);
    }
    kr_plot_curve(plot, a->count, x, y, 1.7 * plot->theme->scale, dash, color);
}

/* A ring where there are too few to be counted in. */
static void draw_points(const kr_plot *plot, const kr_arrhenius *a, kr_color color) {
    const kr_theme *theme = plot->theme;
    kr_rectangle before = kr_canvas_clip(plot->canvas, plot->inner);
    for (size_t k = 0; k < a->count; k++) {
        const kr_escape_estimate *e = &a->point[k].escape;
        if (!e->events || !(e->mfpt_steps > 0)) continue;
        double x = 1 / a->point[k].temperature, cap = 3.5 * theme->scale;
        kr_point at = kr_plot_point(plot, x, log(e->mfpt_steps)), low = kr_plot_point(plot, x, log(e->mfpt_steps_ci95.low)),
                 high = kr_plot_point(plot, x, log(e->mfpt_steps_ci95.high));
        double top = isfinite(high.y) ? high.y : plot->inner.y;
        kr_canvas_line(plot->canvas, (kr_point){at.x, low.y}, (kr_point){at.x, top}, 1.6 * theme->scale, color);
        kr_canvas_line(plot->canvas, (kr_point){at.x - cap, low.y}, (kr_point){at.x + cap, low.y}, 1.6 * theme->scale, color);
        kr_canvas_line(plot->canvas, (kr_point){at.x - cap, top}, (kr_point){at.x + cap, top}, 1.6 * theme->scale, color);
        if (e->events >= 10)
            kr_canvas_disc(plot->canvas, at, 3.6 * theme->scale, color);
        else
            kr_canvas_ring(plot->canvas, at, 3.6 * theme->scale, 1.5 * theme->scale, color);
    }
    kr_canvas_unclip(plot->canvas, before);
}

/* With as many decimals as the interval says something about. */
static void slope_text(const kr_arrhenius *a, char *text, size_t size) {
    kr_arrhenius_fit fit = kr_arrhenius_fit_measured(a);
    double barrier = kr_arrhenius_barrier(a);
    if (!isfinite(fit.slope)) {
        snprintf(text, size, "too early");
        return;
    }
    int decimals = (int)fmin(fmax(ceil(1 - log10(fit.half_width)), 0), 9);
    snprintf(text, size, "%s %.*f \xc2\xb1 %.*f", isfinite(barrier) ? "barrier" : "slope", decimals,
             isfinite(barrier) ? barrier : fit.slope, decimals, fit.half_width);
}

static void put(const kr_frame *frame, double *x, double right, double y, kr_color color, const char *format, const char *name,
                double slope) {
    const kr_theme *theme = frame->theme;
    char text[96], number[32];
    if (!name[0] || !isfinite(slope)) return;
    snprintf(text, sizeof text, format, name, kr_text_number(slope, 3, number, sizeof number));
    for (char *at = text; *at; at++)
        if (*at == '_') *at = ' ';
    kr_text_fit(frame->fonts, frame->canvas, *x, y, right - *x, theme->small, KR_REGULAR, KR_LEFT, color, text);
    *x += kr_text_width(frame->fonts, theme->small, KR_REGULAR, text) + 1.5 * theme->gap;
}

static void draw(kr_instruments *self, const kr_frame *frame, kr_rectangle area) {
    const kr_theme *theme = frame->theme;
    kr_arrhenius *a = &self->arrhenius;
    if (!self->runs && kr_arrhenius_runs_create(&self->runs, NULL) != KR_OK) return;
    kr_arrhenius_runs_look(self->runs, &frame->analysis->scene, frame->analysis->version, frame->still, a);
    if (!a->begun || !a->applies) {
        kr_instrument_note(frame, area, a->begun ? a->why : "Runs at other temperatures are set up.");
        return;
    }
    kr_plot plot = {.canvas = frame->canvas, .fonts = frame->fonts, .theme = theme, .outer = area};
    double line = kr_instrument_row(frame), x = area.x, y = area.y + area.height - 0.5 * line, right = area.x + area.width;
    plot.outer.height -= line;
    choose_axes(a, &plot);
    kr_plot_axes(&plot);
    double temperature = kr_model_temperature(&frame->analysis->model);
    if (temperature > 0) kr_plot_vertical(&plot, 1 / temperature, theme->scale, 3 * theme->scale, theme->faint_text);
    draw_line(&plot, a, false, 5 * theme->scale, theme->faint_text);
    draw_line(&plot, a, true, 0, theme->prediction);
    draw_points(&plot, a, kr_instrument_color(frame, 0));
    put(frame, &x, right, y, kr_instrument_color(frame, 0), "%s %s", "slope", kr_arrhenius_fit_measured(a).slope);
    put(frame, &x, right, y, theme->prediction, "%s %s", a->exact_name, kr_arrhenius_slope_exact(a));
    put(frame, &x, right, y, theme->faint_text, "%s %s", a->kramers_name, kr_arrhenius_slope_kramers(a));
}

static void headline(const kr_instruments *self, const kr_frame *frame, char *text, size_t size) {
    if (self->arrhenius.begun && self->arrhenius.applies && self->runs) slope_text(&self->arrhenius, text, size);
    (void)frame;
}

static bool applies(const kr_instruments *self, const kr_frame *frame) {
    (void)self;
    return frame->analysis->model.target_count && frame->snapshot->variant[0].escape_measured &&
           !frame->snapshot->variant[0].networks.evaluated;
}

static void heights(const kr_instruments *self, const kr_frame *frame, double *least, double *wanted, double *most) {
    (void)self;
    *least = 130 * frame->theme->scale;
    *wanted = 180 * frame->theme->scale;
    *most = 400 * frame->theme->scale;
}

const kr_instrument kr_arrhenius_instrument = {
    .identity = "instrument arrhenius",
    .title = "Arrhenius",
    .tip = "The scene at five temperatures, run in the background while this is open, with a thousand particles each: ln of the "
           "mean number "
           "of steps to the target over 1/T, with 95 % intervals. The slope is the barrier, but for how the prefactor changes with "
           "T; below, "
           "the slopes of theory at the same temperatures. The upright line is the scene's own temperature.",
    .rank = 11,
    .on_demand = true,
    .applies = applies,
    .heights = heights,
    .draw = draw,
    .headline = headline};
