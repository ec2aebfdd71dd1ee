/* Lines by distance: a pixel is covered as far as its centre lies within half the width of the nearest segment, which gives round
 * ends and joints. The segments of a polyline are collected by their largest coverage and blended once. */
#include "canvas_coverage.h"

#include <math.h>

typedef struct pen {
    kr_canvas *canvas;
    double half;  /* width, at least a pixel's */
    double reach; /* from the line's middle to the last pixel that it touches */
    int top, bottom;
    kr_color color;
} pen;

static pen pen_make(kr_canvas *canvas, double width, kr_color color) {
    /* Thinner than a pixel: a pixel wide and paler. */
    double wide = width > 0 ? fmin(width, 1000) : 0;
    pen made = {.canvas = canvas, .half = 0.5 * fmax(wide, 1), .top = canvas->clip_bottom, .bottom = canvas->clip_top};
    made.reach = made.half + 0.5;
    made.color = wide < 1 ? kr_color_fade(color, wide) : color;
    return made;
}

static void pen_flush(pen *self) {
    kr_canvas_flush(self->canvas, self->top, self->bottom, false, self->color);
}

/* Coverage of n pixels whose centres lie at (x + i, y) from the segment's start, by the segment of this unit direction. */
static void cover_row(float *restrict coverage, int n, float x, float y, float along_x, float along_y, float length, float reach) {
    for (int i = 0; i < n; i++) {
        float dx = x + (float)i, t = dx * along_x + y * along_y;
        t = t < 0 ? 0 : t > length ? length : t;
        float ex = dx - t * along_x, ey = y - t * along_y, part = reach - sqrtf(ex * ex + ey * ey);
        part = part > 1 ? 1 : part;
        coverage[i] = part > coverage[i] ? part : coverage[i];
    }
}

/* Cuts the segment to the clip widened by the pen (Liang and Barsky 1984); false: nothing is left. from_cut: what was cut off at
 * the start, as a fraction of the whole. */
static bool cut(const pen *self, kr_point *from, kr_point *to, double *from_cut) {
    const kr_canvas *canvas = self->canvas;
    double margin = self->reach + 1, dx = to->x - from->x, dy = to->y - from->y, enter = 0, leave = 1;
    double step[4] = {-dx, dx, -dy, dy};
    double room[4] = {from->x - (canvas->clip_left - margin), canvas->clip_right + margin - from->x,
                      from->y - (canvas->clip_top - margin), canvas->clip_bottom + margin - from->y};
    for (int side = 0; side < 4; side++) {
        if (step[side] == 0) {
            if (room[side] < 0) return false;
            continue;
        }
        double t = room[side] / step[side];
        if (step[side] < 0)
            enter = fmax(enter, t);
        else
            leave = fmin(leave, t);
    }
    if (enter > leave) return false;
    kr_point start = *from;
    *from = (kr_point){start.x + enter * dx, start.y + enter * dy};
    *to = (kr_point){start.x + leave * dx, start.y + leave * dy};
    *from_cut = enter;
    return true;
}

static void segment(pen *self, kr_point from, kr_point to) {
    kr_canvas *canvas = self->canvas;
    double length = hypot(to.x - from.x, to.y - from.y), reach = self->reach;
    double along_x = length > 0 ? (to.x - from.x) / length : 1, along_y = length > 0 ? (to.y - from.y) / length : 0;
    int top = (int)fmax(floor(fmin(from.y, to.y) - reach), canvas->clip_top);
    int bottom = (int)fmin(ceil(fmax(from.y, to.y) + reach), canvas->clip_bottom);
    double left = fmin(from.x, to.x) - reach, right = fmax(from.x, to.x) + reach;
    if (top < self->top) self->top = top;
    if (bottom > self->bottom) self->bottom = bottom;
    for (int row = top; row < bottom; row++) {
        double y = row + 0.5 - from.y, low = left, high = right;
        if (fabs(along_y) > 1e-3) { /* the strip about the whole line */
            double middle = from.x + y * along_x / along_y, spread = reach / fabs(along_y);
            low = fmax(low, middle - spread);
            high = fmin(high, middle + spread);
        }
        int first = (int)fmax(floor(low), canvas->clip_left), last = (int)fmin(ceil(high), canvas->clip_right);
        if (first >= last) continue;
        cover_row(kr_canvas_row(canvas, row, first, last) + first, last - first, (float)(first + 0.5 - from.x), (float)y,
                  (float)along_x, (float)along_y, (float)length, (float)reach);
    }
}

/* phase: how far into the pattern of dash and gap the segment starts, in pixels. */
static void dashes(pen *self, kr_point from, kr_point to, double dash, double phase) {
    double length = hypot(to.x - from.x, to.y - from.y), ends = fmin(self->half - 0.5, 0.25 * dash);
    for (double at = -fmod(phase, 2 * dash); at < length; at += 2 * dash) {
        double begin = fmax(at + ends, 0), end = fmin(at + dash - ends, length);
        if (end <= begin || length <= 0) continue;
        double dx = (to.x - from.x) / length, dy = (to.y - from.y) / length;
        segment(self, (kr_point){from.x + begin * dx, from.y + begin * dy}, (kr_point){from.x + end * dx, from.y + end * dy});
    }
}

void kr_canvas_polyline(kr_canvas *canvas, size_t count, const kr_point *points, double width, double dash, kr_color color) {
    pen drawn = pen_make(canvas, width, color);
    double phase = 0, period = dash > 0 ? fmax(dash, 1) : 0;
    if (canvas->clip_left >= canvas->clip_right || canvas->clip_top >= canvas->clip_bottom) return;
    for (size_t i = 1; i < count; i++) {
        kr_point from = {kr_canvas_tame(points[i - 1].x), kr_canvas_tame(points[i - 1].y)};
        kr_point to = {kr_canvas_tame(points[i].x), kr_canvas_tame(points[i].y)};
        double length = hypot(to.x - from.x, to.y - from.y), skipped = 0;
        if (isnan(length)) {
            phase = 0;
            continue;
        }
        if (cut(&drawn, &from, &to, &skipped)) {
            if (period > 0)
                dashes(&drawn, from, to, period, phase + skipped * length);
            else
                segment(&drawn, from, to);
        }
        phase += length;
    }
    pen_flush(&drawn);
}

void kr_canvas_line(kr_canvas *canvas, kr_point from, kr_point to, double width, kr_color color) {
    kr_point points[2] = {from, to};
    kr_canvas_polyline(canvas, 2, points, width, 0, color);
}
