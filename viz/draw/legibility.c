#include "legibility.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void kr_legibility_begin(kr_legibility *self) {
    for (size_t i = 0; i < self->count; i++) {
        free(self->text[i].text);
        free(self->text[i].pixel);
    }
    self->count = 0;
    self->failed = false;
}

void kr_legibility_destroy(kr_legibility *self) {
    kr_legibility_begin(self);
    free(self->text);
    *self = (kr_legibility){0};
}

/* ---- light ---- */

static double linear(uint32_t channel) {
    double value = channel / 255.0;
    return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4);
}

/* Relative luminance, 0 to 1 (WCAG 2.1). */
static double luminance(uint32_t pixel) {
    return 0.2126 * linear(pixel >> 16 & 255) + 0.7152 * linear(pixel >> 8 & 255) + 0.0722 * linear(pixel & 255);
}

static double contrast_of(double a, double b) {
    return (fmax(a, b) + 0.05) / (fmin(a, b) + 0.05);
}

/* ---- pixels ---- */

typedef struct box {
    int left, top, right, bottom; /* right and bottom are not part of it */
} box;

static box within(kr_rectangle area, kr_rectangle clip) {
    return (box){(int)fmax(area.x, clip.x), (int)fmax(area.y, clip.y), (int)fmin(area.x + area.width, clip.x + clip.width),
                 (int)fmin(area.y + area.height, clip.y + clip.height)};
}

static const uint32_t *pixel_at(const kr_canvas *canvas, int x, int y) {
    return canvas->pixel + (size_t)y * (size_t)canvas->width + x;
}

/* Mean luminance of the pixels next to the box, of those within the clip. */
static double around(const kr_canvas *canvas, box ink, kr_rectangle clip) {
    box ring = within((kr_rectangle){ink.left - 1, ink.top - 1, ink.right - ink.left + 2, ink.bottom - ink.top + 2}, clip);
    double sum = 0, count = 0;
    for (int y = ring.top; y < ring.bottom; y++) {
        bool side = y >= ink.top && y < ink.bottom;
        for (int x = ring.left; x < ring.right; x++) {
            if (side && x >= ink.left && x < ink.right) continue;
            sum += luminance(*pixel_at(canvas, x, y));
            count++;
        }
    }
    return count > 0 ? sum / count : 0;
}

static uint32_t strongest(const kr_seen_text *seen, size_t count, double ground) {
    uint32_t found = seen->pixel[0];
    double most = 0;
    for (size_t i = 0; i < count; i++) {
        double contrast = contrast_of(luminance(seen->pixel[i]), ground);
        if (contrast <= most) continue;
        most = contrast;
        found = seen->pixel[i];
    }
    return found;
}

/* ---- a frame ---- */

static bool make_room(kr_legibility *self) {
    if (self->count < self->space) return true;
    size_t space = self->space ? 2 * self->space : 128;
    kr_seen_text *text = realloc(self->text, space * sizeof *text);
    if (!text) return false;
    self->text = text;
    self->space = space;
    return true;
}

static double cut_of(kr_rectangle ink, kr_rectangle clip) {
    return fmax(fmax(fmax(clip.x - ink.x, ink.x + ink.width - clip.x - clip.width), clip.y - ink.y),
                fmax(ink.y + ink.height - clip.y - clip.height, 0));
}

void kr_legibility_add(void *context, const kr_drawn_text *drawn) {
    kr_legibility *self = context;
    kr_seen_text seen = {.area = drawn->area, .ink = drawn->ink, .clip = kr_canvas_clip_area(drawn->canvas)};
    box ink = within(seen.ink, seen.clip);
    if (ink.left >= ink.right || ink.top >= ink.bottom) return;
    size_t wide = (size_t)(ink.right - ink.left), count = wide * (size_t)(ink.bottom - ink.top);
    seen.text = strndup(drawn->text, drawn->length);
    seen.pixel = malloc(count * sizeof *seen.pixel);
    if (!seen.text || !seen.pixel || !make_room(self)) {
        self->failed = true;
        free(seen.text);
        free(seen.pixel);
        return;
    }
    for (int y = ink.top; y < ink.bottom; y++)
        memcpy(seen.pixel + (size_t)(y - ink.top) * wide, pixel_at(drawn->canvas, ink.left, y), wide * sizeof *seen.pixel);
    double ground = around(drawn->canvas, ink, seen.clip);
    seen.cut = cut_of(seen.ink, seen.clip);
    seen.letter = strongest(&seen, count, ground);
    seen.contrast = contrast_of(luminance(seen.letter), ground);
    self->text[self->count++] = seen;
}

static int difference(uint32_t a, uint32_t b) {
    int most = 0;
    for (int shift = 0; shift < 24; shift += 8) {
        int here = abs((int)(a >> shift & 255) - (int)(b >> shift & 255));
        if (here > most) most = here;
    }
    return most;
}

/* The letters' own pixels are those near the strongest one; a pixel has changed where anybody sees it. */
static double covered_part(const kr_seen_text *seen, const kr_canvas *canvas) {
    enum { SAME_LETTER = 96, CHANGED = 40 };
    box ink = within(seen->ink, seen->clip);
    size_t at = 0;
    double letters = 0, changed = 0;
    for (int y = ink.top; y < ink.bottom; y++)
        for (int x = ink.left; x < ink.right; x++, at++) {
            if (difference(seen->pixel[at], seen->letter) > SAME_LETTER) continue;
            letters++;
            changed += difference(seen->pixel[at], *pixel_at(canvas, x, y)) > CHANGED;
        }
    return letters > 0 ? changed / letters : 0;
}

void kr_legibility_end(kr_legibility *self, const kr_canvas *canvas) {
    for (size_t i = 0; i < self->count; i++) self->text[i].covered = covered_part(&self->text[i], canvas);
}
