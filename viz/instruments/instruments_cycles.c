/* Ensembles of snapshots: the same networks at the ends of their last cycles together, beside as many networks of their own. */
#include "instruments_parts.h"

#include <math.h>
#include <stdio.h>

static const kr_cycle_ensembles *cycles_of(const kr_frame *frame) {
    return &frame->snapshot->variant[0].networks.cycles;
}

static double draw_legend(const kr_frame *frame, kr_rectangle area) {
    const kr_theme *theme = frame->theme;
    static const char *const names[2] = {"last m snapshots", "m networks of their own"};
    double x = area.x, row = kr_instrument_row(frame), y = area.y + 0.5 * row, line = 14 * theme->scale;
    for (int k = 0; k < 2; k++) {
        double width = line + 0.5 * theme->gap + kr_text_width(frame->fonts, theme->small, KR_REGULAR, names[k]) + theme->gap;
        if (x + width > area.x + area.width + theme->gap) break;
        kr_point ends[2] = {{x, y}, {x + line, y}};
        kr_canvas_polyline(frame->canvas, 2, ends, 2.2 * theme->scale, k ? 3 * theme->scale : 0, k ? theme->text : theme->kinetic);
        kr_text_draw(frame->fonts, frame->canvas, x + line + 0.5 * theme->gap, y, theme->small, KR_REGULAR, KR_LEFT, theme->text,
                     names[k]);
        x += width;
    }
    return row;
}

static void draw(kr_instruments *self, const kr_frame *frame, kr_rectangle area) {
    (void)self;
    const kr_theme *theme = frame->theme;
    const kr_cycle_ensembles *cycles = cycles_of(frame);
    double x[KR_KEPT_CYCLES], low = INFINITY, high = -INFINITY, legend = draw_legend(frame, area);
    size_t count = cycles->count < KR_KEPT_CYCLES ? cycles->count : KR_KEPT_CYCLES;
    for (size_t k = 0; k < count; k++) {
        x[k] = (double)k + 1;
        low = fmin(low, fmin(cycles->together[k], cycles->independent[k]));
        high = fmax(high, fmax(cycles->together[k], cycles->independent[k]));
    }
    kr_plot plot = {.canvas = frame->canvas, .fonts = frame->fonts, .theme = theme};
    plot.outer = (kr_rectangle){area.x, area.y + legend, area.width, area.height - legend};
    plot.x = (kr_axis){.low = 0.8, .high = KR_KEPT_CYCLES + 0.2, .label = area.height > 110 * theme->scale ? "m" : NULL};
    double margin = fmax(0.15 * (high - low), 0.005);
    plot.y = (kr_axis){.low = isfinite(low) ? fmax(0, low - margin) : 0, .high = isfinite(high) ? fmin(1, high + margin) : 1};
    kr_plot_axes(&plot);
    kr_plot_curve(&plot, count, x, cycles->independent, 1.6 * theme->scale, 3 * theme->scale, theme->text);
    kr_plot_curve(&plot, count, x, cycles->together, 2 * theme->scale, 0, theme->kinetic);
    for (size_t k = 0; k < count; k++)
        if (isfinite(cycles->together[k]))
            kr_canvas_disc(frame->canvas, kr_plot_point(&plot, x[k], cycles->together[k]), 3.4 * theme->scale, theme->kinetic);
}

static void headline(const kr_instruments *self, const kr_frame *frame, char *text, size_t size) {
    (void)self;
    const kr_cycle_ensembles *cycles = cycles_of(frame);
    size_t count = cycles->count;
    if (count > 1 && count <= KR_KEPT_CYCLES)
        snprintf(text, size, "last %.3f, %zu together %.3f", cycles->alone[count - 1], count, cycles->together[count - 1]);
    else if (count == 1)
        snprintf(text, size, "first %.3f", cycles->alone[0]);
}

static bool applies(const kr_instruments *self, const kr_frame *frame) {
    (void)self;
    return frame->snapshot->variant[0].networks.evaluated > 0 && cycles_of(frame)->count > 0;
}

static void heights(const kr_instruments *self, const kr_frame *frame, double *least, double *wanted, double *most) {
    (void)self;
    *least = 88 * frame->theme->scale;
    *wanted = 130 * frame->theme->scale;
    *most = 300 * frame->theme->scale;
}

const kr_instrument kr_cycle_instrument = {
    .identity = "instrument snapshots",
    .title = "Snapshots",
    .tip = "Test accuracy of ensembles (mean of the probabilities): of the same network at the "
           "ends of its last m cycles, and of m networks that were trained by themselves, which "
           "takes m times as many steps. Mean over up to 64 networks.",
    .rank = 1,
    .applies = applies,
    .heights = heights,
    .draw = draw,
    .headline = headline};
