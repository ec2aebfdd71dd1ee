#include "plot_ticks.h"

#include <math.h>
#include <stdio.h>

enum { CURVE_PIECE = 512 };

static double fraction_of(const kr_axis *axis, double value) {
    if (!axis->logarithmic) return (value - axis->low) / (axis->high - axis->low);
    return value > 0 ? log(value / axis->low) / log(axis->high / axis->low) : NAN;
}

static double value_at(const kr_axis *axis, double fraction) {
    if (!axis->logarithmic) return axis->low + fraction * (axis->high - axis->low);
    return axis->low * exp(fraction * log(axis->high / axis->low));
}

kr_point kr_plot_point(const kr_plot *plot, double x, double y) {
    return (kr_point){plot->inner.x + fraction_of(&plot->x, x) * plot->inner.width,
                      plot->inner.y + (1 - fraction_of(&plot->y, y)) * plot->inner.height};
}

double kr_plot_x(const kr_plot *plot, double pixel) {
    return value_at(&plot->x, (pixel - plot->inner.x) / plot->inner.width);
}

double kr_plot_y(const kr_plot *plot, double pixel) {
    return value_at(&plot->y, 1 - (pixel - plot->inner.y) / plot->inner.height);
}

/* An axis that cannot be drawn becomes the nearest one that can. */
static void widen(kr_axis *axis) {
    if (!isfinite(axis->low) || !isfinite(axis->high)) {
        axis->low = axis->logarithmic ? 0.1 : 0;
        axis->high = 1;
    }
    axis->low = fmin(fmax(axis->low, -1e300), 1e300); /* differences and margins stay finite */
    axis->high = fmin(fmax(axis->high, -1e300), 1e300);
    if (axis->logarithmic) {
        if (!(axis->high > 0)) axis->high = 1;
        if (!(axis->low > 0)) axis->low = axis->high * 1e-3;
        if (!(axis->low < axis->high * (1 - 1e-9))) {
            axis->low = axis->high / 2;
            axis->high *= 2;
        }
    } else if (!(axis->high - axis->low > 1e-12 * fmax(fabs(axis->low), fabs(axis->high)))) {
        double margin = axis->low == 0 ? 1 : 0.1 * fabs(axis->low);
        axis->low -= margin;
        axis->high = axis->low + 2 * margin;
    }
}

/* Where the number below a tick has its middle, within the plot, and its half width. */
static double number_middle(const kr_plot *plot, const kr_ticks *ticks, size_t i, double *half) {
    *half = 0.5 * kr_text_width(plot->fonts, plot->theme->small, KR_REGULAR, ticks->text[i]);
    double x = kr_plot_point(plot, ticks->value[i], NAN).x;
    return fmin(fmax(x, plot->outer.x + *half), plot->outer.x + plot->outer.width - *half);
}

static bool have_room(const kr_plot *plot, const kr_ticks *ticks) {
    double free = -INFINITY, half;
    for (size_t i = 0; i < ticks->count; i++) {
        double middle = number_middle(plot, ticks, i, &half);
        if (!ticks->text[i][0]) continue;
        if (middle - half < free + 0.7 * plot->theme->gap) return false;
        free = middle + half;
    }
    return true;
}

static void draw_x_axis(const kr_plot *plot, const kr_ticks *ticks, double bottom) {
    const kr_theme *theme = plot->theme;
    double free = -INFINITY;
    for (size_t i = 0; i < ticks->count; i++) {
        double x = kr_plot_point(plot, ticks->value[i], NAN).x;
        kr_point top = {x, plot->inner.y}, low = {x, plot->inner.y + plot->inner.height};
        if (!ticks->minor[i]) kr_canvas_line(plot->canvas, top, low, theme->scale, theme->grid);
        kr_canvas_line(plot->canvas, low, (kr_point){x, low.y - (ticks->minor[i] ? 2 : 4) * theme->scale}, theme->scale,
                       theme->faint_text);
        if (!ticks->text[i][0]) continue;
        double half, middle = number_middle(plot, ticks, i, &half);
        if (middle - half < free + 0.7 * theme->gap) continue;
        kr_text_draw(plot->fonts, plot->canvas, middle, bottom, theme->small, KR_REGULAR, KR_CENTER, theme->faint_text,
                     ticks->text[i]);
        free = middle + half;
    }
}

static void draw_y_axis(const kr_plot *plot, const kr_ticks *ticks) {
    const kr_theme *theme = plot->theme;
    double free = INFINITY;
    for (size_t i = 0; i < ticks->count; i++) {
        double y = kr_plot_point(plot, NAN, ticks->value[i]).y, left = plot->inner.x;
        if (!ticks->minor[i])
            kr_canvas_line(plot->canvas, (kr_point){left, y}, (kr_point){left + plot->inner.width, y}, theme->scale, theme->grid);
        kr_canvas_line(plot->canvas, (kr_point){left, y}, (kr_point){left + (ticks->minor[i] ? 2 : 4) * theme->scale, y},
                       theme->scale, theme->faint_text);
        double half = 0.5 * theme->small, middle = fmin(fmax(y, plot->outer.y + half), plot->inner.y + plot->inner.height);
        if (!ticks->text[i][0] || middle + half > free - 0.1 * theme->small) continue;
        kr_text_draw(plot->fonts, plot->canvas, left - 0.6 * theme->gap, middle, theme->small, KR_REGULAR, KR_RIGHT,
                     theme->faint_text, ticks->text[i]);
        free = middle - half;
    }
}

static double widest_text(const kr_plot *plot, const kr_ticks *ticks) {
    double widest = 0;
    for (size_t i = 0; i < ticks->count; i++)
        widest = fmax(widest, kr_text_width(plot->fonts, plot->theme->small, KR_REGULAR, ticks->text[i]));
    return widest;
}

/* Right of the axis, so that its last number, which stands below the middle of its tick, is whole. */
static double room_for_last(const kr_plot *plot, const kr_ticks *ticks, double width) {
    double least = 0.3 * plot->theme->small;
    if (plot->x.hide || !ticks->count || !ticks->text[ticks->count - 1][0]) return least;
    double half = 0.5 * kr_text_width(plot->fonts, plot->theme->small, KR_REGULAR, ticks->text[ticks->count - 1]);
    double part = fmax(fraction_of(&plot->x, ticks->value[ticks->count - 1]), 0.5);
    return fmin(fmax(least, (half - (1 - part) * width) / part), 0.3 * width);
}

/* label, power: "lr", "10⁻³" -> "lr / 10⁻³", as in a table's head. */
static void full_label(const kr_axis *axis, const kr_ticks *ticks, char *text, size_t size) {
    const char *label = axis->label ? axis->label : "";
    if (axis->power) snprintf(axis->power, KR_TICK_TEXT, "%s", ticks->power);
    if (ticks->power[0] && !axis->power)
        snprintf(text, size, *label ? "%s / %s" : "%s\xc3\x97%s", label, ticks->power);
    else
        snprintf(text, size, "%s", label);
}

/* Between the axes, and the ticks across: fewer where not all that would be there have room for their numbers, so that none is
 * missing. */
static void place_inner(kr_plot *plot, kr_ticks *across, double left, double height) {
    double small = plot->theme->small;
    for (double most = fmax(2, plot->outer.width / (4.2 * small));; most = fmax(0.8 * most, 2)) {
        if (!plot->x.hide) kr_ticks_make(across, &plot->x, most);
        double right = room_for_last(plot, across, plot->outer.width - left);
        plot->inner =
            (kr_rectangle){plot->outer.x + left, plot->outer.y + 0.3 * small, fmax(1, plot->outer.width - left - right), height};
        if (most <= 2 || have_room(plot, across)) return;
    }
}

void kr_plot_axes(kr_plot *plot) {
    const kr_theme *theme = plot->theme;
    double line = 1.25 * theme->small;
    kr_ticks across = {0}, up = {0};
    char x_label[160], y_label[160];
    widen(&plot->x);
    widen(&plot->y);
    if (!plot->x.hide) kr_ticks_make(&across, &plot->x, 2);
    full_label(&plot->x, &across, x_label, sizeof x_label);
    double below = (plot->x.hide ? 0 : line) + (x_label[0] ? line : 0);
    double height = fmax(1, plot->outer.height - below - 0.3 * theme->small);
    if (!plot->y.hide) kr_ticks_make(&up, &plot->y, fmax(2, height / (2.2 * theme->small)));
    full_label(&plot->y, &up, y_label, sizeof y_label);
    double left = (plot->y.hide ? 0 : widest_text(plot, &up) + theme->gap) + (y_label[0] ? line : 0);
    left = fmax(left, plot->left);
    place_inner(plot, &across, left, height);
    double bottom = plot->inner.y + height;
    draw_x_axis(plot, &across, bottom + 0.6 * line);
    draw_y_axis(plot, &up);
    kr_canvas_line(plot->canvas, (kr_point){plot->inner.x, plot->inner.y}, (kr_point){plot->inner.x, bottom}, theme->scale,
                   theme->edge);
    kr_canvas_line(plot->canvas, (kr_point){plot->inner.x, bottom}, (kr_point){plot->inner.x + plot->inner.width, bottom},
                   theme->scale, theme->edge);
    if (x_label[0])
        kr_text_fit(plot->fonts, plot->canvas, plot->inner.x + 0.5 * plot->inner.width, bottom + below - 0.5 * line,
                    plot->inner.width, theme->small, KR_REGULAR, KR_CENTER, theme->faint_text, x_label);
    if (y_label[0])
        kr_text_upright(plot->fonts, plot->canvas, plot->outer.x + 0.5 * line, plot->inner.y + 0.5 * height, theme->small,
                        theme->faint_text, y_label);
}

/* Calls draw for pieces of the points that fit on the stack; pieces share one point. */
static void in_pieces(const kr_plot *plot, size_t count, const double *x, const double *y, bool area, double width, double dash,
                      kr_color color) {
    kr_point points[CURVE_PIECE];
    kr_rectangle before = kr_canvas_clip(plot->canvas, plot->inner);
    double bottom = plot->inner.y + plot->inner.height;
    for (size_t done = 0; done + 1 < count;) {
        size_t n = count - done < CURVE_PIECE ? count - done : CURVE_PIECE;
        for (size_t i = 0; i < n; i++) points[i] = kr_plot_point(plot, x[done + i], y[done + i]);
        if (area)
            kr_canvas_area(plot->canvas, n, points, bottom, color);
        else
            kr_canvas_polyline(plot->canvas, n, points, width, dash, color);
        done += n - 1;
    }
    kr_canvas_unclip(plot->canvas, before);
}

void kr_plot_curve(const kr_plot *plot, size_t count, const double *x, const double *y, double width, double dash, kr_color color) {
    in_pieces(plot, count, x, y, false, width, dash, color);
}

void kr_plot_area(const kr_plot *plot, size_t count, const double *x, const double *y, kr_color color) {
    in_pieces(plot, count, x, y, true, 0, 0, color);
}

void kr_plot_band(const kr_plot *plot, size_t count, const double *x, const double *low, const double *high, kr_color color) {
    kr_point upper[CURVE_PIECE], lower[CURVE_PIECE];
    kr_rectangle before = kr_canvas_clip(plot->canvas, plot->inner);
    double bottom = plot->inner.y + plot->inner.height;
    for (size_t done = 0; done + 1 < count;) {
        size_t n = count - done < CURVE_PIECE ? count - done : CURVE_PIECE;
        for (size_t i = 0; i < n; i++) {
            upper[i] = kr_plot_point(plot, x[done + i], high[done + i]);
            lower[i] = kr_plot_point(plot, x[done + i], low[done + i]);
            /* A lower end at zero lies below any logarithmic axis. */
            if (isnan(lower[i].y) && low[done + i] <= 0) lower[i].y = bottom;
        }
        kr_canvas_band(plot->canvas, n, upper, lower, color);
        done += n - 1;
    }
    kr_canvas_unclip(plot->canvas, before);
}

void kr_plot_vertical(const kr_plot *plot, double x, double width, double dash, kr_color color) {
    double at = kr_plot_point(plot, x, NAN).x;
    kr_point ends[2] = {{at, plot->inner.y}, {at, plot->inner.y + plot->inner.height}};
    kr_rectangle before = kr_canvas_clip(plot->canvas, plot->inner);
    kr_canvas_polyline(plot->canvas, 2, ends, width, dash, color);
    kr_canvas_unclip(plot->canvas, before);
}

void kr_plot_horizontal(const kr_plot *plot, double y, double width, double dash, kr_color color) {
    double at = kr_plot_point(plot, NAN, y).y;
    kr_point ends[2] = {{plot->inner.x, at}, {plot->inner.x + plot->inner.width, at}};
    kr_rectangle before = kr_canvas_clip(plot->canvas, plot->inner);
    kr_canvas_polyline(plot->canvas, 2, ends, width, dash, color);
    kr_canvas_unclip(plot->canvas, before);
}

void kr_plot_range(size_t count, const double *values, double *low, double *high) {
    double least = INFINITY, most = -INFINITY;
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(values[i])) continue;
        least = fmin(least, values[i]);
        most = fmax(most, values[i]);
    }
    if (least > most) {
        *low = 0;
        *high = 1;
        return;
    }
    double margin = 0.05 * (most - least);
    if (margin <= 0) margin = least == 0 ? 0.5 : 0.1 * fabs(least);
    *low = least - margin;
    *high = most + margin;
}
