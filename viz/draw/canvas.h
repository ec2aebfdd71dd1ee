/* A picture in memory that everything in the window is drawn into: the same pixels with and without a display, whatever the
 * graphics driver. Colours are 0xAARRGGBB, not premultiplied; the picture itself is opaque. Coordinates are pixels, y down, and may
 * be fractional: edges are anti-aliased. Drawing outside the clip is cut off. */
#ifndef KR_CANVAS_H
#define KR_CANVAS_H

#include <kramers/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint32_t kr_color;

typedef struct kr_rectangle {
    double x, y, width, height;
} kr_rectangle;

typedef struct kr_point {
    double x, y;
} kr_point;

typedef struct kr_canvas {
    int width, height;
    uint32_t *pixel;                                  /* [height][width]; owned */
    int clip_left, clip_top, clip_right, clip_bottom; /* right and bottom are not part of it */
    float *coverage;                                  /* of canvas*.c: the figure being drawn, zero between figures */
    int *touched;                                     /* [height][2] first and last column of it */
} kr_canvas;

kr_status kr_canvas_create(kr_canvas *canvas, int width, int height, kr_error *error);
void kr_canvas_destroy(kr_canvas *canvas);

kr_color kr_color_mix(kr_color from, kr_color to, double fraction);
kr_color kr_color_fade(kr_color color, double opacity);

/* Sets the clip to its intersection with the rectangle and returns what it was, for kr_canvas_unclip. */
kr_rectangle kr_canvas_clip(kr_canvas *canvas, kr_rectangle to);
void kr_canvas_unclip(kr_canvas *canvas, kr_rectangle before);
kr_rectangle kr_canvas_clip_area(const kr_canvas *canvas);

void kr_canvas_fill(kr_canvas *canvas, kr_rectangle area, kr_color color);
void kr_canvas_fill_round(kr_canvas *canvas, kr_rectangle area, double radius, kr_color color);
void kr_canvas_frame(kr_canvas *canvas, kr_rectangle area, double radius, double width, kr_color color);
void kr_canvas_line(kr_canvas *canvas, kr_point from, kr_point to, double width, kr_color color);
/* Joined lines; a point with a NAN interrupts. dash: length of dash and gap in pixels, 0: none. */
void kr_canvas_polyline(kr_canvas *canvas, size_t count, const kr_point *points, double width, double dash, kr_color color);
/* The area between the points, left to right, and a horizontal base, or a second row of points at the same places. A point with a
 * NAN interrupts. */
void kr_canvas_area(kr_canvas *canvas, size_t count, const kr_point *points, double base, kr_color color);
void kr_canvas_band(kr_canvas *canvas, size_t count, const kr_point *upper, const kr_point *lower, kr_color color);
void kr_canvas_polygon(kr_canvas *canvas, size_t count, const kr_point *points, kr_color color);
void kr_canvas_disc(kr_canvas *canvas, kr_point center, double radius, kr_color color);
void kr_canvas_ring(kr_canvas *canvas, kr_point center, double radius, double width, kr_color color);
/* Opaque pixels [height][width] of a picture, at whole pixels. */
void kr_canvas_copy(kr_canvas *canvas, int x, int y, int width, int height, const uint32_t *pixel);

/* Without overwrite a file that is there is refused. */
kr_status kr_canvas_write_png(const kr_canvas *canvas, const char *file, bool overwrite, kr_error *error);

#endif
