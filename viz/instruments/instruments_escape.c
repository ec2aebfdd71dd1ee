/* Escape: the measured rate with its exact interval, and below it what each theory says, on one logarithmic axis. */
#include "instruments_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct row {
    const kr_theory_type *type;
    double rate, z;
    bool other; /* how populations decay: another quantity than first passages */
} row;

/* Without passages, z of the count needs particles that began at the start. After a change of settings they were somewhere else,
 * which no longer matters after many passages. */
static double z_of(const kr_frame *frame, const kr_theory_result *theory) {
    const kr_scene *scene = &frame->analysis->scene;
    const kr_escape_estimate *estimate = &frame->snapshot->variant[0].escape;
    const kr_prediction *prediction = &theory->prediction;
    double steps = estimate->exposure_steps / estimate->particles;
    bool renewal = kr_scene_escape(scene)->renewal, fresh = fabs(steps - (double)frame->snapshot->step) < 0.5;
    if (kr_scene_escape(scene)->bridge && strcmp(theory->type->about.name, "chain") == 0) return NAN;
    if (estimate->events == 0 && !fresh && !(renewal && steps > 20 * prediction->mfpt_steps)) return NAN;
    return (renewal ? kr_escape_z : kr_escape_absorbed_z)(estimate, prediction->mfpt_steps, prediction->variation);
}

/* Theories with a prediction, the most exact first. */
static size_t collect(const kr_frame *frame, row rows[KR_MAX_THEORIES]) {
    const kr_analysis *analysis = frame->analysis;
    size_t count = 0;
    for (size_t i = analysis->theory_count; i-- > 0;) {
        const kr_theory_result *theory = &analysis->theory[i];
        double rate = theory->prediction.applies ? kr_instrument_predicted_rate(frame, &theory->prediction) : NAN;
        if (!(rate > 0) || !isfinite(rate)) continue;
        rows[count++] = (row){theory->type, rate, z_of(frame, theory),
                              theory->prediction.population_rate && !(theory->prediction.mfpt_steps > 0)};
    }
    return count;
}

static void include(double value, double *low, double *high) {
    if (!(value > 0) || !isfinite(value)) return;
    *low = fmin(*low, value);
    *high = fmax(*high, value);
}

static void choose_axis(const kr_frame *frame, size_t count, const row *rows, kr_axis *axis) {
    double low = INFINITY, high = 0;
    for (size_t v = 0; v < frame->snapshot->variants; v++) {
        const kr_snapshot_variant *variant = &frame->snapshot->variant[v];
        if (!variant->escape_measured) continue;
        kr_shown_rate measured = kr_instrument_escape_rate(frame, &variant->escape);
        if (variant->escape.events) include(measured.rate, &low, &high);
        if (variant->escape.events > 3) include(measured.ci95.low, &low, &high);
        include(measured.ci95.high, &low, &high);
    }
    for (size_t i = 0; i < count; i++) include(rows[i].rate, &low, &high);
    if (high <= 0) low = high = 1e-3;
    double spread = fmax(1.15, pow(high / low, 0.08));
    *axis = (kr_axis){.low = low / spread, .high = high * spread, .logarithmic = true};
}

typedef struct table {
    const kr_frame *frame;
    kr_plot plot;
    double name_x, name_width, number_x, row;
} table;

/* Measured: a point with its interval; without events an arrow that comes down from the upper end of it. */
static void draw_measured(const table *t, size_t v, double y) {
    const kr_frame *frame = t->frame;
    const kr_theme *theme = frame->theme;
    const kr_snapshot_variant *variant = &frame->snapshot->variant[v];
    const kr_escape_estimate *escape = &variant->escape;
    const kr_shown_rate measured = kr_instrument_escape_rate(frame, escape);
    kr_color color = kr_instrument_color(frame, v);
    double left = t->plot.inner.x, right = left + t->plot.inner.width, cap = 4 * theme->scale;
    char text[96], number[64];
    kr_text_fit(frame->fonts, frame->canvas, t->name_x, y, t->name_width, theme->small, KR_BOLD, KR_LEFT,
                theme->dark ? color : kr_color_mix(color, theme->text, 0.35),
                kr_instrument_compares(frame) ? variant->name : "measured");
    if (!variant->escape_measured) return;
    if (escape->needed_steps > 0) { /* particles still remember the start, so nothing can be said */
        kr_text_draw(frame->fonts, frame->canvas, t->number_x, y, theme->small, KR_REGULAR, KR_RIGHT, theme->faint_text,
                     "too early");
        return;
    }
    double high = kr_plot_point(&t->plot, measured.ci95.high, NAN).x, low = kr_plot_point(&t->plot, measured.ci95.low, NAN).x;
    bool low_shown = low >= left, high_shown = high <= right; /* no cap where the interval goes on beyond the axis */
    low = isfinite(low) ? fmin(fmax(low, left), right) : left;
    high = isfinite(high) ? fmin(fmax(high, left), right) : right;
    kr_canvas_line(frame->canvas, (kr_point){low, y}, (kr_point){high, y}, 2 * theme->scale, color);
    if (high_shown) kr_canvas_line(frame->canvas, (kr_point){high, y - cap}, (kr_point){high, y + cap}, 2 * theme->scale, color);
    if (escape->events == 0) {
        kr_point head[3] = {{left, y}, {left + 2 * cap, y - cap}, {left + 2 * cap, y + cap}};
        kr_canvas_polygon(frame->canvas, 3, head, color);
        snprintf(text, sizeof text, "< %s", kr_text_number(measured.ci95.high, 2, number, sizeof number));
    } else {
        if (low_shown) kr_canvas_line(frame->canvas, (kr_point){low, y - cap}, (kr_point){low, y + cap}, 2 * theme->scale, color);
        kr_canvas_disc(frame->canvas, (kr_point){kr_plot_point(&t->plot, measured.rate, NAN).x, y}, 4.5 * theme->scale, color);
        snprintf(text, sizeof text, "%s", kr_text_number(measured.rate, 3, number, sizeof number));
    }
    kr_text_draw(frame->fonts, frame->canvas, t->number_x, y, theme->small, KR_REGULAR, KR_RIGHT, theme->text, text);
}

static const char *name_of(const row *shown, char *name, size_t size) {
    snprintf(name, size, "%s", shown->type->about.name);
    for (char *at = name; *at; at++)
        if (*at == '_') *at = ' ';
    return name;
}

/* Of the names' column: what the longest needs, while the axis keeps a good part. */
static double name_width(const kr_frame *frame, size_t count, const row *rows, double width) {
    double widest = 0.32 * width;
    char name[64];
    for (size_t i = 0; i < count; i++)
        widest = fmax(widest, kr_text_width(frame->fonts, frame->theme->small, KR_REGULAR, name_of(&rows[i], name, sizeof name)));
    for (size_t v = 0; kr_instrument_compares(frame) && v < frame->snapshot->variants; v++)
        widest = fmax(widest, kr_text_width(frame->fonts, frame->theme->small, KR_BOLD, frame->snapshot->variant[v].name) + 1);
    return fmin(widest, 0.46 * width);
}

static void draw_theory(const table *t, const row *shown, double y) {
    const kr_frame *frame = t->frame;
    const kr_theme *theme = frame->theme;
    double x = kr_plot_point(&t->plot, shown->rate, NAN).x, half = 0.4 * t->row;
    char name[64], text[64];
    name_of(shown, name, sizeof name);
    kr_text_fit(frame->fonts, frame->canvas, t->name_x, y, t->name_width, theme->small, KR_REGULAR, KR_LEFT, theme->text, name);
    kr_point ends[2] = {{x, y - half}, {x, y + half}};
    kr_canvas_polyline(frame->canvas, 2, ends, 3 * theme->scale, 0,
                       shown->other ? kr_color_fade(theme->prediction, 0.5) : theme->prediction);
    kr_color color = theme->faint_text;
    if (isfinite(shown->z)) {
        /* Beyond 3 standard errors a difference is not due to chance. */
        if (fabs(shown->z) > 3) color = theme->warning;
        char number[32];
        double measured = kr_instrument_escape_rate(frame, &frame->snapshot->variant[0].escape).rate;
        snprintf(number, sizeof number, "%.1f", fabs(shown->z));
        if (fabs(shown->z) < 100 || !(measured > 0)) /* else how far off says more than how sure that is */
            snprintf(text, sizeof text, "z %s%s", strcmp(number, "0.0") == 0 ? "" : shown->z < 0 ? "\xe2\x88\x92" : "+", number);
        else
            snprintf(text, sizeof text, "\xc3\x97\xe2\x80\x89%s", kr_text_number(measured / shown->rate, 3, number, sizeof number));
    } else {
        kr_text_number(shown->rate, 3, text, sizeof text);
    }
    kr_text_draw(frame->fonts, frame->canvas, t->number_x, y, theme->small, KR_REGULAR, KR_RIGHT, color, text);
}

/* The interval of the first variant runs through all rows, so that one sees which theories agree. */
static void draw_interval(const table *t, double top, double bottom) {
    const kr_snapshot_variant *variant = &t->frame->snapshot->variant[0];
    if (!variant->escape_measured || variant->escape.events == 0 || variant->escape.needed_steps > 0) return;
    kr_interval interval = kr_instrument_escape_rate(t->frame, &variant->escape).ci95;
    double low = kr_plot_point(&t->plot, interval.low, NAN).x, high = kr_plot_point(&t->plot, interval.high, NAN).x;
    low = isfinite(low) ? fmax(low, t->plot.inner.x) : t->plot.inner.x;
    kr_canvas_fill(t->frame->canvas, (kr_rectangle){low, top, fmax(high - low, t->frame->theme->scale), bottom - top},
                   kr_color_fade(kr_instrument_color(t->frame, 0), 0.22));
}

static void draw(kr_instruments *self, const kr_frame *frame, kr_rectangle area) {
    const kr_theme *theme = frame->theme;
    row rows[KR_MAX_THEORIES];
    size_t count = collect(frame, rows), variants = frame->snapshot->variants;
    (void)self;
    table t = {.frame = frame,
               .name_x = area.x,
               .name_width = name_width(frame, count, rows, area.width),
               .number_x = area.x + area.width,
               .row = kr_instrument_row(frame)};
    double digits = 70 * theme->scale;
    t.plot = (kr_plot){.canvas = frame->canvas, .fonts = frame->fonts, .theme = theme};
    t.plot.outer = (kr_rectangle){area.x + t.name_width + 0.5 * theme->gap, area.y, area.width - t.name_width - digits - theme->gap,
                                  area.height};
    t.plot.y = (kr_axis){.low = 0, .high = 1, .hide = true};
    choose_axis(frame, count, rows, &t.plot.x);
    char power[KR_TICK_TEXT] = "";
    t.plot.x.power = power;
    kr_plot_axes(&t.plot);
    size_t room = (size_t)fmax(0, floor((t.plot.inner.height + 2) / t.row)), free = room > variants ? room - variants : 0;
    size_t shown = count <= free ? count : free > 0 ? free - 1 : 0;
    double y = t.plot.inner.y + 0.5 * t.row;
    draw_interval(&t, t.plot.inner.y, t.plot.inner.y + fmin(t.plot.inner.height, (double)(variants + shown) * t.row));
    for (size_t v = 0; v < variants; v++, y += t.row) draw_measured(&t, v, y);
    for (size_t i = 0; i < shown; i++, y += t.row) draw_theory(&t, &rows[i], y);
    char text[96] = "";
    if (shown < count)
        snprintf(text, sizeof text, "and %zu more", count - shown);
    else if (!frame->analysis->theories_ready)
        snprintf(text, sizeof text, "theories are being computed");
    else if (count == 0)
        snprintf(text, sizeof text, "no theory");
    if (text[0] && y + 0.5 * t.row < t.plot.inner.y + t.plot.inner.height + 2)
        kr_text_fit(frame->fonts, frame->canvas, t.name_x, y, t.name_width, theme->small, KR_REGULAR, KR_LEFT, theme->faint_text,
                    text);
    if (kr_instrument_compares(frame))
        snprintf(text, sizeof text, power[0] ? "%s per step" : "per step", power);
    else
        snprintf(text, sizeof text, power[0] ? "%s per time" : "per unit time", power);
    kr_text_draw(frame->fonts, frame->canvas, area.x, t.plot.inner.y + t.plot.inner.height + 0.75 * theme->small, theme->small,
                 KR_REGULAR, KR_LEFT, theme->faint_text, text);
}

static void headline(const kr_instruments *self, const kr_frame *frame, char *text, size_t size) {
    const kr_snapshot_variant *variant = &frame->snapshot->variant[0];
    char number[64];
    (void)self;
    if (kr_instrument_compares(frame)) return;
    if (variant->escape.events == 0) {
        snprintf(text, size, "no events yet");
        return;
    }
    snprintf(text, size, variant->escape.events == 1 ? "%s event" : "%s events",
             kr_text_number((double)variant->escape.events, 9, number, sizeof number));
}

static bool applies(const kr_instruments *self, const kr_frame *frame) {
    (void)self;
    return frame->snapshot->variant[0].escape_measured;
}

static void heights(const kr_instruments *self, const kr_frame *frame, double *least, double *wanted, double *most) {
    row rows[KR_MAX_THEORIES];
    double line = kr_instrument_row(frame), foot = 30 * frame->theme->scale;
    size_t count = collect(frame, rows), variants = frame->snapshot->variants;
    (void)self;
    *least = (double)(variants + (count < 2 || variants > 1 ? 1 : 2)) * line + foot;
    *wanted = *most = (double)(variants + (count > 1 ? count : 1)) * line + foot;
}

const kr_instrument kr_escape_instrument = {
    .identity = "instrument escape",
    .title = "Escape rate",
    .other_names = (const char *const[]){"escape rate", NULL},
    .tip = "First passages to the target since the last change of settings, per particle and unit of time (per step where dynamics "
           "are "
           "compared, whose units of time differ), with a 95 % interval that holds however short the run is. Too early: particles "
           "still remember where they began. Below are the theories, the most "
           "exact first; z is how many standard errors the measured mean lies above a theory's rate; from 100 on stands how many "
           "times that is.",
    .rank = 3,
    .presented = 6,
    .applies = applies,
    .heights = heights,
    .draw = draw,
    .headline = headline};
