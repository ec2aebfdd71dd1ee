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
    double wide = width > 0 ? kr_smaller(width, 1000) : 0;
    pen made = {.canvas = canvas, .half = 0.5 * kr_larger(wide, 1), .top = canvas->clip_bottom, .bottom = canvas->clip_top};
    made.reach = made.half + 0.5;
    made.color = wide < 1 ? kr_color_fade(color, wide) : color;
    return made;
}

static void pen_flush(pen *self) {
    kr_canvas_flush(self->canvas, self->top, self->bottom, false, self->color);
}

static inline float at_least(float value, float low) {
    return value > low ? value : low;
}

static inline float at_most(float value, float high) {
    return value < high ? value : high;
}

/* Coverage of n pixels, a multiple of four, whose centres lie at (x + i, y) from the segment's start, by the segment of this unit
 * direction. In fours: rows are mostly that short. Further pixels are out of reach and keep what they have. */
static void cover_row(float *restrict coverage, int n, float x, float y, float along_x, float along_y, float length, float reach) {
    for (int start = 0; start < n; start += 4) {
        float part[4];
        for (int i = 0; i < 4; i++) {
            float dx = x + (float)(start + i), t = at_most(at_least(dx * along_x + y * along_y, 0), length);
            float ex = dx - t * along_x, ey = y - t * along_y;
            part[i] = ex * ex + ey * ey;
        }
        for (int i = 0; i < 4; i++) part[i] = at_most(reach - sqrtf(part[i]), 1);
        for (int i = 0; i < 4; i++) coverage[start + i] = at_least(part[i], coverage[start + i]);
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
            enter = kr_larger(enter, t);
        else
            leave = kr_smaller(leave, t);
    }
    if (enter > leave) return false;
    kr_point start = *from;
    *from = (kr_point){start.x + enter * dx, start.y + enter * dy};
    *to = (kr_point){start.x + leave * dx, start.y + leave * dy};
    *from_cut = enter;
    return true;
}

static double length_of(kr_point from, kr_point to) {
    double dx = to.x - from.x, dy = to.y - from.y;
    return sqrt(dx * dx + dy * dy);
}

static void segment(pen *self, kr_point from, kr_point to) {
    kr_canvas *canvas = self->canvas;
    double length = length_of(from, to), reach = self->reach;
    double along_x = length > 0 ? (to.x - from.x) / length : 1, along_y = length > 0 ? (to.y - from.y) / length : 0;
    int top = (int)kr_larger(floor(kr_smaller(from.y, to.y) - reach), canvas->clip_top);
    int bottom = (int)kr_smaller(ceil(kr_larger(from.y, to.y) + reach), canvas->clip_bottom);
    double left = kr_larger(kr_smaller(from.x, to.x) - reach, canvas->clip_left),
           right = kr_smaller(kr_larger(from.x, to.x) + reach, canvas->clip_right);
    if (top < self->top) self->top = top;
    if (bottom > self->bottom) self->bottom = bottom;
    /* The strip about the whole line crosses a row from middle - spread to middle + spread. */
    bool steep = fabs(along_y) > 1e-3;
    double slope = steep ? along_x / along_y : 0, spread = steep ? reach / fabs(along_y) : 2e6;
    for (int row = top; row < bottom; row++) {
        double y = row + 0.5 - from.y, middle = from.x + y * slope;
        double low = middle - spread > left ? middle - spread : left, high = middle + spread < right ? middle + spread : right;
        int first = (int)low, last = (int)high + 1;
        if (last > canvas->clip_right) last = canvas->clip_right;
        if (first >= last) continue;
        int count = (last - first + 3) / 4 * 4;
        cover_row(kr_canvas_row(canvas, row, first, first + count) + first, count, (float)(first + 0.5 - from.x), (float)y,
                  (float)along_x, (float)along_y, (float)length, (float)reach);
    }
}

/* Each dash is shorter by its round ends. phase: how far into the pattern of dash and gap the segment starts, in pixels. */
static void dashes(pen *self, kr_point from, kr_point to, double dash, double phase) {
    double length = length_of(from, to), ends = kr_smaller(self->half, 0.25 * dash);
    for (double at = -fmod(phase, 2 * dash); at < length; at += 2 * dash) {
        double begin = kr_larger(at + ends, 0), end = kr_smaller(at + dash - ends, length);
        if (end <= begin || length <= 0) continue;
        double dx = (to.x - from.x) / length, dy = (to.y - from.y) / length;
        segment(self, (kr_point){from.x + begin * dx, from.y + begin * dy}, (kr_point){from.x + end * dx, from.y + end * dy});
    }
}

void kr_canvas_polyline(kr_canvas *canvas, size_t count, const kr_point *points, double width, double dash, kr_color color) {
    pen drawn = pen_make(canvas, width, color);
    double phase = 0, period = dash > 0 ? kr_larger(dash, 1) : 0;
    if (canvas->clip_left >= canvas->clip_right || canvas->clip_top >= canvas->clip_bottom) return;
    for (size_t i = 1; i < count; i++) {
        kr_point from = {kr_canvas_bounded(points[i - 1].x), kr_canvas_bounded(points[i - 1].y)};
        kr_point to = {kr_canvas_bounded(points[i].x), kr_canvas_bounded(points[i].y)};
        double length = length_of(from, to), skipped = 0;
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
