/* Learning rate times curvature beside the limit beyond which no minimum of that curvature holds particles. */
#include "instruments_parts.h"

#include <math.h>
#include <stdio.h>

static bool applies(const kr_instruments *self, const kr_frame *frame) {
    (void)self;
    return kr_present_curvature(frame->analysis) > 0 &&
           isfinite(kr_present_stability_limit(frame->analysis, frame->snapshot->learning_rate));
}

static void heights(const kr_instruments *self, const kr_frame *frame, double *least, double *wanted, double *most) {
    (void)self;
    *least = *wanted = *most = 3.4 * kr_instrument_row(frame);
}

static double product(const kr_frame *frame) {
    return frame->snapshot->learning_rate * kr_present_curvature(frame->analysis);
}

static void headline(const kr_instruments *self, const kr_frame *frame, char *text, size_t size) {
    char number[48], limit[48];
    (void)self;
    kr_text_number(product(frame), 3, number, sizeof number);
    kr_text_number(kr_present_stability_limit(frame->analysis, frame->snapshot->learning_rate), 3, limit, sizeof limit);
    snprintf(text, size,
             product(frame) < kr_present_stability_limit(frame->analysis, frame->snapshot->learning_rate)
                 ? "\xce\xb7 \xc3\x97 curvature %s of %s"
                 : "unstable: \xce\xb7 \xc3\x97 curvature %s of %s",
             number, limit);
}

static void mark(const kr_frame *frame, const kr_plot *plot, double value, double dash, kr_color color) {
    double over = 3 * frame->theme->scale;
    kr_point ends[2] = {kr_plot_point(plot, value, NAN), kr_plot_point(plot, value, NAN)};
    ends[0].y = plot->inner.y - over;
    ends[1].y = plot->inner.y + plot->inner.height + over;
    kr_canvas_polyline(frame->canvas, 2, ends, 2 * frame->theme->scale, dash, color);
}

/* A bar up to the present product; marks of the limit and of the largest rate that the schedule takes. */
static void draw_bar(const kr_frame *frame, const kr_plot *plot, double limit, double highest) {
    const kr_theme *theme = frame->theme;
    double now = product(frame), left = plot->inner.x, right = left + plot->inner.width;
    double stable = kr_plot_point(plot, limit, NAN).x, reach = fmin(kr_plot_point(plot, now, NAN).x, right);
    kr_rectangle beyond = {stable, plot->inner.y, right - stable, plot->inner.height};
    kr_canvas_fill(frame->canvas, plot->inner, kr_color_mix(theme->panel, theme->text, 0.1));
    kr_canvas_fill(frame->canvas, beyond, kr_color_mix(theme->panel, theme->warning, 0.35));
    kr_rectangle bar = {left, plot->inner.y + 0.22 * plot->inner.height, reach - left, 0.56 * plot->inner.height};
    kr_canvas_fill(frame->canvas, bar, now < limit ? theme->accent : theme->warning);
    if (highest > 1.001 * now && highest <= plot->x.high) mark(frame, plot, highest, 3 * theme->scale, theme->prediction);
    mark(frame, plot, limit, 0, theme->warning);
}

static void draw(kr_instruments *self, const kr_frame *frame, kr_rectangle area) {
    const kr_theme *theme = frame->theme;
    double row = kr_instrument_row(frame), pad = theme->gap;
    double limit = kr_present_stability_limit(frame->analysis, frame->snapshot->learning_rate);
    double highest = kr_present_largest_product(frame->analysis);
    char text[200];
    (void)self;
    kr_plot plot = {.outer = area, .inner = {area.x + pad, area.y + 0.25 * row, area.width - 2 * pad, 0.8 * row}};
    plot.x = (kr_axis){.low = 0, .high = 1.5 * limit};
    plot.y = (kr_axis){.low = 0, .high = 1};
    draw_bar(frame, &plot, limit, highest);
    double y = area.y + 1.65 * row, at = kr_plot_point(&plot, limit, NAN).x;
    char number[48];
    snprintf(text, sizeof text, "limit %s", kr_text_number(limit, 3, number, sizeof number));
    kr_text_draw(frame->fonts, frame->canvas, plot.inner.x, y, theme->small, KR_REGULAR, KR_LEFT, theme->faint_text, "0");
    kr_text_draw(frame->fonts, frame->canvas, at, y, theme->small, KR_REGULAR, KR_CENTER, theme->text, text);
    bool unstable = kr_present_stability_warning(frame->analysis, text, sizeof text);
    if (!unstable && highest > 1.001 * product(frame))
        snprintf(text, sizeof text, "dashed: at the schedule's largest rate, %s",
                 kr_text_number(highest, 3, number, sizeof number));
    else if (!unstable)
        snprintf(text, sizeof text, "curvature %s at the start",
                 kr_text_number(kr_present_curvature(frame->analysis), 3, number, sizeof number));
    else
        snprintf(text, sizeof text, "the minimum cannot hold particles");
    kr_text_fit(frame->fonts, frame->canvas, area.x + pad, area.y + 2.7 * row, area.width - 2 * pad, theme->small, KR_REGULAR,
                KR_LEFT, unstable ? theme->warning : theme->faint_text, text);
}

const kr_instrument kr_stability_instrument = {
    .identity = "instrument stability",
    .title = "Stability",
    .tip = "Learning rate times the largest curvature at the start, and the limit of this dynamics beyond which a minimum of that "
           "curvature cannot hold particles: what kramers run warns of.",
    .other_names = (const char *const[]){"times curvature", "× curvature", NULL},
    .rank = 9,
    .least_is_enough = true,
    .applies = applies,
    .heights = heights,
    .draw = draw,
    .headline = headline};
