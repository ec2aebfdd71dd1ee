#include "text_glyphs.h"
#include "utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The baseline under a line whose middle is y: capital letters are about 0.73 of the size high. */
static double baseline(double y, double size) {
    return floor(y + 0.365 * floor(size + 0.5) + 0.5);
}

static void blend_mask(uint32_t *restrict pixel, const uint8_t *restrict mask, int count, kr_color color, uint32_t alpha) {
    for (int i = 0; i < count; i++) pixel[i] = kr_canvas_blend(pixel[i], color, (mask[i] * alpha * 258u + 32768u) >> 16);
}

static void draw_glyph(kr_canvas *canvas, const kr_glyph *glyph, int x, int y, kr_color color) {
    int left = x + glyph->left, top = y + glyph->top;
    int first = left > canvas->clip_left ? left : canvas->clip_left, row = top > canvas->clip_top ? top : canvas->clip_top;
    int last = left + glyph->width < canvas->clip_right ? left + glyph->width : canvas->clip_right;
    int end = top + glyph->height < canvas->clip_bottom ? top + glyph->height : canvas->clip_bottom;
    for (; row < end && first < last; row++)
        blend_mask(canvas->pixel + (size_t)row * (size_t)canvas->width + first,
                   glyph->mask + (size_t)(row - top) * (size_t)glyph->width + (first - left), last - first, color, color >> 24);
}

/* The same, turned to the left: the pen goes up. */
static void draw_glyph_upright(kr_canvas *canvas, const kr_glyph *glyph, int x, int y, kr_color color) {
    uint32_t alpha = color >> 24;
    for (int v = 0; v < glyph->height; v++) {
        int column = x + glyph->top + v;
        if (column < canvas->clip_left || column >= canvas->clip_right) continue;
        for (int u = 0; u < glyph->width; u++) {
            int row = y - 1 - glyph->left - u;
            if (row < canvas->clip_top || row >= canvas->clip_bottom) continue;
            uint32_t *pixel = canvas->pixel + (size_t)row * (size_t)canvas->width + column;
            blend_mask(pixel, glyph->mask + (size_t)v * (size_t)glyph->width + u, 1, color, alpha);
        }
    }
}

/* The smallest area around both; one of width 0 is nothing. */
static kr_rectangle around(kr_rectangle a, kr_rectangle b) {
    if (a.width <= 0 || b.width <= 0) return a.width <= 0 ? b : a;
    double left = fmin(a.x, b.x), top = fmin(a.y, b.y);
    return (kr_rectangle){left, top, fmax(a.x + a.width, b.x + b.width) - left, fmax(a.y + a.height, b.y + b.height) - top};
}

/* Width of the text up to end (NULL: all of it). */
static int width_of(kr_fonts *fonts, int size, kr_face face, const char *text, const char *end) {
    int width = 0;
    while (*text && text != end) {
        const kr_glyph *glyph = kr_fonts_glyph(fonts, size, face, kr_utf8_next(&text));
        if (glyph) width += glyph->advance;
    }
    return width;
}

static void draw_part(kr_fonts *fonts, kr_canvas *canvas, double x, double y, double size, kr_face face, kr_align align,
                      kr_color color, const char *text, const char *end) {
    int pixels = kr_fonts_size(size);
    if (!isfinite(x) || !isfinite(y) || fabs(x) > 1e6 || fabs(y) > 1e6) return;
    double shift = align == KR_LEFT ? 0 : (align == KR_CENTER ? 0.5 : 1) * width_of(fonts, pixels, face, text, end);
    int pen = (int)floor(x - shift + 0.5), line = (int)baseline(y, pixels);
    kr_drawn_text drawn = {.canvas = canvas, .text = text, .area = {pen, y - 0.5 * pixels, 0, pixels}};
    while (*text && text != end) {
        const kr_glyph *glyph = kr_fonts_glyph(fonts, pixels, face, kr_utf8_next(&text));
        if (!glyph) continue;
        draw_glyph(canvas, glyph, pen, line, color);
        if (glyph->mask)
            drawn.ink = around(drawn.ink, (kr_rectangle){pen + glyph->left, line + glyph->top, glyph->width, glyph->height});
        pen += glyph->advance;
    }
    drawn.area.width = pen - drawn.area.x;
    kr_fonts_report(fonts, &drawn, end);
}

void kr_text_draw(kr_fonts *fonts, kr_canvas *canvas, double x, double y, double size, kr_face face, kr_align align, kr_color color,
                  const char *text) {
    draw_part(fonts, canvas, x, y, size, face, align, color, text, NULL);
}

double kr_text_width(kr_fonts *fonts, double size, kr_face face, const char *text) {
    return width_of(fonts, kr_fonts_size(size), face, text, NULL);
}

const char *kr_text_choose(kr_fonts *fonts, double size, kr_face face, double width, const char *const *texts) {
    while (texts[1] && kr_text_width(fonts, size, face, *texts) > width) texts++;
    return *texts;
}

void kr_text_fit(kr_fonts *fonts, kr_canvas *canvas, double x, double y, double width, double size, kr_face face, kr_align align,
                 kr_color color, const char *text) {
    static const char ellipsis[] = "\xe2\x80\xa6";
    int pixels = kr_fonts_size(size);
    if (width_of(fonts, pixels, face, text, NULL) <= width) {
        draw_part(fonts, canvas, x, y, size, face, align, color, text, NULL);
        return;
    }
    double room = width - width_of(fonts, pixels, face, ellipsis, NULL);
    if (!(room >= 0)) return;
    const char *end = text, *next = text;
    int used = 0;
    while (*next) {
        const kr_glyph *glyph = kr_fonts_glyph(fonts, pixels, face, kr_utf8_next(&next));
        used += glyph ? glyph->advance : 0;
        if (used > room) break;
        end = next;
    }
    while (end > text && end[-1] == ' ') end--;
    char shown[512];
    size_t length = (size_t)(end - text);
    if (length > sizeof shown - sizeof ellipsis) length = sizeof shown - sizeof ellipsis;
    memcpy(shown, text, length);
    memcpy(shown + length, ellipsis, sizeof ellipsis);
    draw_part(fonts, canvas, x, y, size, face, align, color, shown, NULL);
}

/* Where the line that begins at text ends: at a line feed, before a word that has no room, or inside a word that alone is too long.
 * *next: where the following line begins. */
static const char *line_end(kr_fonts *fonts, const char *text, double width, int size, kr_face face, const char **next) {
    const char *at = text, *blank = NULL;
    int used = 0;
    while (*at && *at != '\n') {
        const char *before = at;
        uint32_t code = kr_utf8_next(&at);
        const kr_glyph *glyph = kr_fonts_glyph(fonts, size, face, code);
        if (code == ' ') blank = before;
        used += glyph ? glyph->advance : 0;
        if (used > width && code != ' ' && before > text) {
            const char *end = blank ? blank : before;
            *next = blank ? blank + 1 : before;
            return end;
        }
    }
    *next = *at ? at + 1 : at;
    return at;
}

double kr_text_wrap(kr_fonts *fonts, kr_canvas *canvas, double x, double y, double width, double size, kr_face face, kr_color color,
                    const char *text) {
    int pixels = kr_fonts_size(size);
    double height = 0, line = floor(1.35 * pixels + 0.5);
    while (*text) {
        const char *next = text, *end = line_end(fonts, text, width, pixels, face, &next);
        if (canvas) draw_part(fonts, canvas, x, y + height + 0.5 * line, size, face, KR_LEFT, color, text, end);
        height += line;
        text = next;
    }
    return height;
}

void kr_text_upright(kr_fonts *fonts, kr_canvas *canvas, double x, double y, double size, kr_color color, const char *text) {
    int pixels = kr_fonts_size(size);
    if (!isfinite(x) || !isfinite(y) || fabs(x) > 1e6 || fabs(y) > 1e6) return;
    int pen = (int)floor(y + 0.5 * width_of(fonts, pixels, KR_REGULAR, text, NULL) + 0.5), line = (int)baseline(x, pixels);
    kr_drawn_text drawn = {.canvas = canvas, .text = text};
    int begin = pen;
    while (*text) {
        const kr_glyph *glyph = kr_fonts_glyph(fonts, pixels, KR_REGULAR, kr_utf8_next(&text));
        if (!glyph) continue;
        draw_glyph_upright(canvas, glyph, line, pen, color);
        if (glyph->mask)
            drawn.ink =
                around(drawn.ink, (kr_rectangle){line + glyph->top, pen - glyph->left - glyph->width, glyph->height, glyph->width});
        pen -= glyph->advance;
    }
    drawn.area = (kr_rectangle){x - 0.5 * pixels, pen, pixels, begin - pen};
    kr_fonts_report(fonts, &drawn, NULL);
}
