/* What the rasterisers share: blending, and a picture of coverages that a whole figure is collected in before it is blended once,
 * so that a half-transparent line has no dark joints. */
#ifndef KR_CANVAS_COVERAGE_H
#define KR_CANVAS_COVERAGE_H

#include "canvas.h"

/* Any coordinate, limited to a range where integers and products of lengths do not overflow; NAN stays. */
static inline double kr_canvas_bounded(double coordinate) {
    return coordinate > 1e6 ? 1e6 : coordinate < -1e6 ? -1e6 : coordinate;
}

/* fmin and fmax of the library are calls, for the sake of NAN; here the second argument is given back where the first is none. */
static inline double kr_smaller(double a, double b) {
    return a < b ? a : b;
}

static inline double kr_larger(double a, double b) {
    return a > b ? a : b;
}

/* Opacity of a colour as 0..256, so that 256 covers exactly. */
static inline double kr_canvas_opacity(kr_color color) {
    return (color >> 24) * (256.0 / 255);
}

/* weight: 0..256 of the colour. */
static inline uint32_t kr_canvas_blend(uint32_t under, kr_color color, uint32_t weight) {
    uint32_t rest = 256 - weight;
    uint32_t red_blue = ((color & 0xff00ffu) * weight + (under & 0xff00ffu) * rest + 0x800080u) >> 8 & 0xff00ffu;
    uint32_t green = ((color & 0x00ff00u) * weight + (under & 0x00ff00u) * rest + 0x008000u) >> 8 & 0x00ff00u;
    return 0xff000000u | red_blue | green;
}

enum { KR_CANVAS_SPARE = 4 }; /* columns of coverages beyond the picture's, so that rasterisers may write in fours */

/* Columns first to last (last is not part of it) of a row with one coverage of 0..1. Inside the clip already. */
void kr_canvas_span(kr_canvas *canvas, int row, int first, int last, double coverage, kr_color color);

/* The row of coverages that a figure writes in; columns first..last (last is not part of it) are remembered as touched. The array
 * is zero between figures and KR_CANVAS_SPARE columns longer than the picture. */
float *kr_canvas_row(kr_canvas *canvas, int row, int first, int last);

/* Blends the collected rows top..bottom (not part of it) and clears them. sums: the rows hold differences from column to column,
 * of which the size of the running sum is the coverage. */
void kr_canvas_flush(kr_canvas *canvas, int top, int bottom, bool sums, kr_color color);

#endif
