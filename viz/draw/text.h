/* Text on a canvas, UTF-8. Fonts: KRAMERS_FONT names a TrueType file; else DejaVu Sans of the system. */
#ifndef KR_TEXT_H
#define KR_TEXT_H

#include "canvas.h"

typedef struct kr_fonts kr_fonts;

typedef enum kr_align { KR_LEFT, KR_CENTER, KR_RIGHT } kr_align;
typedef enum kr_face { KR_REGULAR, KR_BOLD, KR_MONOSPACE } kr_face;

kr_status kr_fonts_create(kr_fonts **fonts, kr_error *error); /* needs no display */
void kr_fonts_destroy(kr_fonts *fonts);

/* One run of letters, when it has been drawn. */
typedef struct kr_drawn_text {
    const kr_canvas *canvas;
    const char *text; /* length bytes, which no zero may end */
    size_t length;
    kr_rectangle area; /* of the line: the font's height, and as wide as the letters advance */
    kr_rectangle ink;  /* of the pixels of the letters, whole pixels; width 0: all are blank */
} kr_drawn_text;

/* Calls this for every text that is drawn, whether or not it lies within the clip. NULL: no call. */
typedef void (*kr_text_listener)(void *context, const kr_drawn_text *drawn);
void kr_fonts_listen(kr_fonts *fonts, kr_text_listener listener, void *context);

/* size: height of the font in pixels, rounded. y is the middle of the line of text; x its left end, middle or right end. */
void kr_text_draw(kr_fonts *fonts, kr_canvas *canvas, double x, double y, double size, kr_face face, kr_align align, kr_color color,
                  const char *text);
double kr_text_width(kr_fonts *fonts, double size, kr_face face, const char *text);
/* The first of the texts, which get shorter and end with NULL, that fits into width pixels, else the last one. */
const char *kr_text_choose(kr_fonts *fonts, double size, kr_face face, double width, const char *const *texts);
/* As much as fits into width pixels, cut off with an ellipsis. */
void kr_text_fit(kr_fonts *fonts, kr_canvas *canvas, double x, double y, double width, double size, kr_face face, kr_align align,
                 kr_color color, const char *text);
/* Broken into lines of at most width pixels; returns the height. canvas NULL: only measures. y is the top. */
double kr_text_wrap(kr_fonts *fonts, kr_canvas *canvas, double x, double y, double width, double size, kr_face face, kr_color color,
                    const char *text);
/* Turned by a quarter to the left, its middle at (x, y): labels of vertical axes. */
void kr_text_upright(kr_fonts *fonts, kr_canvas *canvas, double x, double y, double size, kr_color color, const char *text);

/* A number as it is shown, with digits significant digits: 0.0123, 4.57×10⁻⁶, 22 624. Returns buffer. */
const char *kr_text_number(double value, int digits, char *buffer, size_t size);
/* A power of ten: 10⁻⁶. Returns buffer. */
const char *kr_text_power(int exponent, char *buffer, size_t size);

#endif
