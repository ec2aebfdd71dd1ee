/* Rectangles, with square and with round corners, discs and rings. */
#include "canvas_coverage.h"

#include <math.h>

/* How much of the pixel from i to i + 1 lies between low and high. */
static double part(int i, double low, double high) {
    return kr_larger(0, kr_smaller(high, i + 1.0) - kr_larger(low, i));
}

typedef struct box {
    double left, top, right, bottom;
    int first, last, row, end; /* pixels inside the clip that it touches */
} box;

/* False: nothing of it can be seen. margin: pixels further out that are wanted too. */
static bool box_make(const kr_canvas *canvas, kr_rectangle area, double margin, box *made) {
    made->left = kr_canvas_bounded(area.x);
    made->top = kr_canvas_bounded(area.y);
    made->right = kr_canvas_bounded(area.x + area.width);
    made->bottom = kr_canvas_bounded(area.y + area.height);
    if (!(made->right > made->left && made->bottom > made->top)) return false;
    made->first = (int)kr_larger(floor(made->left - margin), canvas->clip_left);
    made->last = (int)kr_smaller(ceil(made->right + margin), canvas->clip_right);
    made->row = (int)kr_larger(floor(made->top - margin), canvas->clip_top);
    made->end = (int)kr_smaller(ceil(made->bottom + margin), canvas->clip_bottom);
    return made->first < made->last && made->row < made->end;
}

static int between(int value, int low, int high) {
    return value < low ? low : value > high ? high : value;
}

/* A row of the box: whole pixels from start to stop, parts of a pixel before and behind. */
static void fill_row(kr_canvas *canvas, const box *area, int row, double coverage, kr_color color) {
    int start = between((int)ceil(area->left), area->first, area->last), stop = between((int)floor(area->right), start, area->last);
    for (int i = area->first; i < start; i++)
        kr_canvas_span(canvas, row, i, i + 1, coverage * part(i, area->left, area->right), color);
    kr_canvas_span(canvas, row, start, stop, coverage, color);
    for (int i = stop; i < area->last; i++)
        kr_canvas_span(canvas, row, i, i + 1, coverage * part(i, area->left, area->right), color);
}

void kr_canvas_fill(kr_canvas *canvas, kr_rectangle area, kr_color color) {
    box inside;
    if (!box_make(canvas, area, 0, &inside)) return;
    for (int row = inside.row; row < inside.end; row++) fill_row(canvas, &inside, row, part(row, inside.top, inside.bottom), color);
}

/* Distance from the edge of a box with round corners, negative inside. */
static double edge_distance(const box *area, double radius, double x, double y) {
    double dx = fabs(x - 0.5 * (area->left + area->right)) - (0.5 * (area->right - area->left) - radius);
    double dy = fabs(y - 0.5 * (area->top + area->bottom)) - (0.5 * (area->bottom - area->top) - radius);
    double out_x = kr_larger(dx, 0), out_y = kr_larger(dy, 0);
    return sqrt(out_x * out_x + out_y * out_y) + kr_smaller(kr_larger(dx, dy), 0) - radius;
}

static double corner_radius(const box *area, double radius) {
    double largest = 0.5 * kr_smaller(area->right - area->left, area->bottom - area->top);
    return radius > 0 ? kr_smaller(radius, largest) : 0;
}

void kr_canvas_fill_round(kr_canvas *canvas, kr_rectangle area, double radius, kr_color color) {
    box inside;
    if (!box_make(canvas, area, 0, &inside)) return;
    double corner = corner_radius(&inside, radius);
    if (corner < 0.5) {
        kr_canvas_fill(canvas, area, color);
        return;
    }
    int start = between((int)ceil(inside.left + corner), inside.first, inside.last);
    int stop = between((int)floor(inside.right - corner), start, inside.last);
    for (int row = inside.row; row < inside.end; row++) {
        if (row >= inside.top + corner && row + 1 <= inside.bottom - corner) {
            fill_row(canvas, &inside, row, 1, color);
            continue;
        }
        for (int i = inside.first; i < inside.last; i = i + 1 == start && stop > start ? stop : i + 1) {
            double covered = kr_smaller(kr_larger(0.5 - edge_distance(&inside, corner, i + 0.5, row + 0.5), 0), 1);
            kr_canvas_span(canvas, row, i, i + 1, covered, color);
        }
        kr_canvas_span(canvas, row, start, stop, part(row, inside.top, inside.bottom), color);
    }
}

void kr_canvas_frame(kr_canvas *canvas, kr_rectangle area, double radius, double width, kr_color color) {
    box inside;
    if (!box_make(canvas, area, 0, &inside) || !(width > 0)) return;
    double corner = corner_radius(&inside, radius), half = 0.5 * kr_smaller(width, 1000);
    double band = kr_larger(corner, 2 * half) + 1;
    int start = between((int)ceil(inside.left + band), inside.first, inside.last);
    int stop = between((int)floor(inside.right - band), start, inside.last);
    for (int row = inside.row; row < inside.end; row++) {
        bool side = row > inside.top + band && row + 1 < inside.bottom - band;
        for (int i = inside.first; i < inside.last; i++) {
            if (side && i == start) i = stop;
            if (i >= inside.last) break;
            double distance = edge_distance(&inside, corner, i + 0.5, row + 0.5);
            double covered = kr_smaller(kr_larger(half + 0.5 - fabs(distance + half), 0), kr_smaller(1, 2 * half));
            kr_canvas_span(canvas, row, i, i + 1, covered, color);
        }
    }
}

/* Between two radii about the centre; inner below 0: a disc. */
static void annulus(kr_canvas *canvas, kr_point center, double inner, double outer, double strength, kr_color color) {
    box inside;
    kr_rectangle around = {center.x - outer, center.y - outer, 2 * outer, 2 * outer};
    if (!box_make(canvas, around, 1, &inside)) return;
    double far = (outer + 0.5) * (outer + 0.5), near = inner > 1 ? (inner - 1) * (inner - 1) : 0;
    double full = outer > 0.5 ? (outer - 0.5) * (outer - 0.5) : -1;
    for (int row = inside.row; row < inside.end; row++) {
        double dy = row + 0.5 - center.y, room = far - dy * dy;
        if (room <= 0) continue;
        double wide = sqrt(room);
        int first = (int)kr_larger(floor(center.x - wide), inside.first),
            last = (int)kr_smaller(ceil(center.x + wide), inside.last);
        /* What is covered whole (disc) or not at all (ring) is passed over. */
        double core = inner < 0 ? full - dy * dy : near - dy * dy;
        double skip = core > 0 ? sqrt(core) : -1;
        int start = last, stop = last;
        if (skip > 0) {
            start = between((int)ceil(center.x - skip + 0.5), first, last);
            stop = between((int)floor(center.x + skip - 0.5), start, last);
        }
        for (int i = first; i < last; i++) {
            if (i == start && stop > start) {
                if (inner < 0) kr_canvas_span(canvas, row, start, stop, strength, color);
                i = stop;
                if (i >= last) break;
            }
            double distance = sqrt((i + 0.5 - center.x) * (i + 0.5 - center.x) + dy * dy);
            double covered = kr_smaller(kr_larger(outer + 0.5 - distance, 0), 1);
            if (inner >= 0) covered = kr_smaller(covered, kr_smaller(kr_larger(distance - inner + 0.5, 0), 1));
            if (covered > 0) kr_canvas_span(canvas, row, i, i + 1, strength * covered, color);
        }
    }
}

void kr_canvas_disc(kr_canvas *canvas, kr_point center, double radius, kr_color color) {
    if (!(radius > 0) || !isfinite(center.x) || !isfinite(center.y)) return;
    /* Smaller than a pixel: a pixel's disc of the same area. */
    double shown = kr_smaller(kr_larger(radius, 0.5), 1e5), strength = radius < 0.5 ? radius * radius / 0.25 : 1;
    annulus(canvas, (kr_point){kr_canvas_bounded(center.x), kr_canvas_bounded(center.y)}, -1, shown, strength, color);
}

void kr_canvas_ring(kr_canvas *canvas, kr_point center, double radius, double width, kr_color color) {
    if (!(radius > 0) || !(width > 0) || !isfinite(center.x) || !isfinite(center.y)) return;
    double wide = kr_smaller(kr_larger(width, 1), 1000), middle = kr_smaller(radius, 1e5), strength = kr_smaller(width, 1);
    annulus(canvas, (kr_point){kr_canvas_bounded(center.x), kr_canvas_bounded(center.y)}, kr_larger(middle - 0.5 * wide, 0),
            middle + 0.5 * wide, strength, color);
}
