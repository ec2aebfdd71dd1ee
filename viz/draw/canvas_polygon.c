/* Filled figures by exact area: every edge adds, row by row, how the covered area changes from column to column; the running sum is
 * the coverage. The cost is that of the outline and of the pixels filled, whatever the number of corners. */
#include "canvas_coverage.h"

#include <math.h>

typedef struct fill {
    kr_canvas *canvas;
    double left, right, top, bottom; /* clip */
    int first_row, end_row;
} fill;

/* One row's piece of an edge, between xa <= xb, over a height (signed by the edge's direction) within the row. */
static void add_piece(float *row, double xa, double xb, double height) {
    int first = (int)xa;
    double last_edge = ceil(xb);
    int last = (int)last_edge;
    if (last <= first + 1) {
        double middle = 0.5 * (xa + xb) - first;
        row[first] += (float)(height - height * middle);
        row[first + 1] += (float)(height * middle);
        return;
    }
    double per_column = 1 / (xb - xa), inside = xa - first, rest = xb - last_edge + 1;
    double start = 0.5 * per_column * (1 - inside) * (1 - inside), end = 0.5 * per_column * rest * rest;
    row[first] += (float)(height * start);
    if (last == first + 2) {
        row[first + 1] += (float)(height * (1 - start - end));
    } else {
        double second = per_column * (1.5 - inside);
        row[first + 1] += (float)(height * (second - start));
        for (int i = first + 2; i < last - 1; i++) row[i] += (float)(height * per_column);
        row[last - 1] += (float)(height * (1 - second - (last - first - 3) * per_column - end));
    }
    row[last] += (float)(height * end);
}

/* An edge whose x lies within the clip; y is cut to it. */
static void add_inner_edge(fill *self, double x0, double y0, double x1, double y1) {
    double direction = 1;
    if (y0 > y1) {
        double x = x0, y = y0;
        x0 = x1;
        y0 = y1;
        x1 = x;
        y1 = y;
        direction = -1;
    }
    if (!(y1 > self->top && y0 < self->bottom && y1 > y0)) return;
    double slope = (x1 - x0) / (y1 - y0), low = kr_smaller(x0, x1), high = kr_larger(x0, x1);
    double begin = kr_larger(y0, self->top), end = kr_smaller(y1, self->bottom),
           x = kr_smaller(kr_larger(x0 + (begin - y0) * slope, low), high);
    int row = (int)begin, last = (int)ceil(end);
    if (row < self->first_row) self->first_row = row;
    if (last > self->end_row) self->end_row = last;
    for (; row < last; row++) {
        double stop = kr_smaller(row + 1.0, end), next = kr_smaller(kr_larger(x0 + (stop - y0) * slope, low), high);
        double xa = kr_smaller(x, next), xb = kr_larger(x, next);
        float *coverage = kr_canvas_row(self->canvas, row, (int)xa, (int)xb + 2);
        add_piece(coverage, xa, xb, direction * (stop - kr_larger(row, begin)));
        x = next;
    }
}

/* What lies left or right of the clip runs along its side: it still bounds what is inside. */
static void add_edge(fill *self, kr_point from, kr_point to) {
    double x0 = kr_canvas_bounded(from.x), y0 = kr_canvas_bounded(from.y), x1 = kr_canvas_bounded(to.x),
           y1 = kr_canvas_bounded(to.y);
    if (y0 == y1 || isnan(x0 + y0 + x1 + y1)) return;
    double cut[4] = {0, 1, 1, 1};
    int count = 1;
    double crossings[2] = {(self->left - x0) / (x1 - x0), (self->right - x0) / (x1 - x0)};
    if (x1 < x0) {
        double other = crossings[0];
        crossings[0] = crossings[1];
        crossings[1] = other;
    }
    for (int i = 0; i < 2; i++)
        if (crossings[i] > 0 && crossings[i] < 1) cut[count++] = crossings[i];
    cut[count] = 1;
    for (int i = 0; i < count; i++) {
        double xa = x0 + cut[i] * (x1 - x0), xb = x0 + cut[i + 1] * (x1 - x0);
        add_inner_edge(self, kr_smaller(kr_larger(xa, self->left), self->right), y0 + cut[i] * (y1 - y0),
                       kr_smaller(kr_larger(xb, self->left), self->right), y0 + cut[i + 1] * (y1 - y0));
    }
}

static fill fill_make(kr_canvas *canvas) {
    return (fill){canvas,           canvas->clip_left,   canvas->clip_right,
                  canvas->clip_top, canvas->clip_bottom, canvas->clip_bottom,
                  canvas->clip_top};
}

static bool nothing_shown(const fill *self) {
    return !(self->left < self->right && self->top < self->bottom);
}

static bool known(kr_point point) {
    return !isnan(point.x) && !isnan(point.y);
}

void kr_canvas_polygon(kr_canvas *canvas, size_t count, const kr_point *points, kr_color color) {
    fill figure = fill_make(canvas);
    if (nothing_shown(&figure) || count < 3) return;
    for (size_t i = 0; i < count; i++)
        if (!known(points[i])) return;
    for (size_t i = 0; i < count; i++) add_edge(&figure, points[i], points[i + 1 < count ? i + 1 : 0]);
    kr_canvas_flush(canvas, figure.first_row, figure.end_row, true, color);
}

/* Runs between gaps. The sides of neighbouring strips would cancel, so only the first and the last one are drawn. */
static void strip(kr_canvas *canvas, size_t count, const kr_point *upper, const kr_point *lower, double base, kr_color color) {
    fill figure = fill_make(canvas);
    if (nothing_shown(&figure) || isnan(base)) return;
    bool inside = false;
    for (size_t i = 0; i <= count; i++) {
        bool good = i < count && known(upper[i]) && (!lower || known(lower[i]));
        if (good != inside) { /* a side, down where a run begins and up where it ends */
            size_t at = good ? i : i - 1;
            kr_point above = upper[at], below = lower ? lower[at] : (kr_point){above.x, base};
            add_edge(&figure, good ? below : above, good ? above : below);
        } else if (good) {
            add_edge(&figure, upper[i - 1], upper[i]);
            if (lower) add_edge(&figure, lower[i], lower[i - 1]);
        }
        inside = good;
    }
    kr_canvas_flush(canvas, figure.first_row, figure.end_row, true, color);
}

void kr_canvas_area(kr_canvas *canvas, size_t count, const kr_point *points, double base, kr_color color) {
    strip(canvas, count, points, NULL, base, color);
}

void kr_canvas_band(kr_canvas *canvas, size_t count, const kr_point *upper, const kr_point *lower, kr_color color) {
    strip(canvas, count, upper, lower, 0, color);
}
