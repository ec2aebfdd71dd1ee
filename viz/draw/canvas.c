#include "canvas_coverage.h"

#include <kramers/whole_file.h>

#include <SDL.h>
#include <SDL_image.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST = 16384 };

kr_status kr_canvas_create(kr_canvas *canvas, int width, int height, kr_error *error) {
    *canvas = (kr_canvas){0};
    if (width < 1 || height < 1 || width > LARGEST || height > LARGEST)
        return kr_fail(error, KR_BAD_ARGUMENT, "A picture of %d x %d pixels cannot be made: both sides must be 1 to %d.", width,
                       height, LARGEST);
    size_t rows = (size_t)height, columns = (size_t)width;
    canvas->pixel = malloc(rows * columns * sizeof *canvas->pixel);
    canvas->coverage = calloc(rows * (columns + KR_CANVAS_SPARE), sizeof *canvas->coverage);
    canvas->touched = malloc(2 * rows * sizeof *canvas->touched);
    if (!canvas->pixel || !canvas->coverage || !canvas->touched) {
        kr_canvas_destroy(canvas);
        return kr_fail(error, KR_NO_MEMORY, "There is not enough memory for a picture of %d x %d pixels.", width, height);
    }
    canvas->width = width;
    canvas->height = height;
    canvas->clip_right = width;
    canvas->clip_bottom = height;
    for (size_t i = 0; i < rows * columns; i++) canvas->pixel[i] = 0xff000000u;
    for (size_t i = 0; i < rows; i++) {
        canvas->touched[2 * i] = width + KR_CANVAS_SPARE;
        canvas->touched[2 * i + 1] = 0;
    }
    return KR_OK;
}

void kr_canvas_destroy(kr_canvas *canvas) {
    free(canvas->pixel);
    free(canvas->coverage);
    free(canvas->touched);
    *canvas = (kr_canvas){0};
}

kr_color kr_color_mix(kr_color from, kr_color to, double fraction) {
    double part = fraction >= 1 ? 1 : fraction > 0 ? fraction : 0;
    kr_color mixed = 0;
    for (int shift = 0; shift < 32; shift += 8) {
        double a = (double)(from >> shift & 255), b = (double)(to >> shift & 255);
        mixed |= (kr_color)(a + (b - a) * part + 0.5) << shift;
    }
    return mixed;
}

kr_color kr_color_fade(kr_color color, double opacity) {
    double part = opacity >= 1 ? 1 : opacity > 0 ? opacity : 0;
    return (color & 0xffffffu) | (kr_color)((double)(color >> 24) * part + 0.5) << 24;
}

/* Nearest pixel edge between two bounds; NAN gives the lower one. */
static int edge(double coordinate, int low, int high) {
    if (!(coordinate > low)) return low;
    return coordinate >= high ? high : (int)(coordinate + 0.5);
}

kr_rectangle kr_canvas_clip_area(const kr_canvas *canvas) {
    return (kr_rectangle){canvas->clip_left, canvas->clip_top, canvas->clip_right - canvas->clip_left,
                          canvas->clip_bottom - canvas->clip_top};
}

kr_rectangle kr_canvas_clip(kr_canvas *canvas, kr_rectangle to) {
    kr_rectangle before = kr_canvas_clip_area(canvas);
    int left = canvas->clip_left, top = canvas->clip_top, right = canvas->clip_right, bottom = canvas->clip_bottom;
    canvas->clip_left = edge(to.x, left, right);
    canvas->clip_top = edge(to.y, top, bottom);
    canvas->clip_right = edge(to.x + to.width, canvas->clip_left, right);
    canvas->clip_bottom = edge(to.y + to.height, canvas->clip_top, bottom);
    return before;
}

void kr_canvas_unclip(kr_canvas *canvas, kr_rectangle before) {
    canvas->clip_left = edge(before.x, 0, canvas->width);
    canvas->clip_top = edge(before.y, 0, canvas->height);
    canvas->clip_right = edge(before.x + before.width, canvas->clip_left, canvas->width);
    canvas->clip_bottom = edge(before.y + before.height, canvas->clip_top, canvas->height);
}

static void blend_row(uint32_t *restrict pixel, int count, kr_color color, uint32_t weight) {
    for (int i = 0; i < count; i++) pixel[i] = kr_canvas_blend(pixel[i], color, weight);
}

void kr_canvas_span(kr_canvas *canvas, int row, int first, int last, double coverage, kr_color color) {
    if (first >= last) return;
    uint32_t weight = (uint32_t)(coverage * kr_canvas_opacity(color) + 0.5);
    uint32_t *pixel = canvas->pixel + (size_t)row * (size_t)canvas->width + first;
    if (weight >= 256)
        for (int i = 0; i < last - first; i++) pixel[i] = color;
    else if (weight > 0)
        blend_row(pixel, last - first, color, weight);
}

float *kr_canvas_row(kr_canvas *canvas, int row, int first, int last) {
    int *touched = canvas->touched + 2 * (size_t)row;
    if (first < touched[0]) touched[0] = first;
    if (last > touched[1]) touched[1] = last;
    return canvas->coverage + (size_t)row * ((size_t)canvas->width + KR_CANVAS_SPARE);
}

static void running_sums(float *restrict coverage, int first, int last) {
    float sum = 0;
    for (int i = first; i < last; i++) {
        sum += coverage[i];
        float size = fabsf(sum);
        coverage[i] = size > 1 ? 1 : size;
    }
}

static void blend_coverage(uint32_t *restrict pixel, const float *restrict coverage, int count, kr_color color, float opacity) {
    for (int i = 0; i < count; i++) pixel[i] = kr_canvas_blend(pixel[i], color, (uint32_t)(int32_t)(coverage[i] * opacity + 0.5f));
}

void kr_canvas_flush(kr_canvas *canvas, int top, int bottom, bool sums, kr_color color) {
    float opacity = (float)kr_canvas_opacity(color);
    for (int row = top; row < bottom; row++) {
        int *touched = canvas->touched + 2 * (size_t)row, first = touched[0], last = touched[1];
        if (first >= last) continue;
        float *coverage = canvas->coverage + (size_t)row * ((size_t)canvas->width + KR_CANVAS_SPARE);
        if (sums) running_sums(coverage, first, last);
        int left = first > canvas->clip_left ? first : canvas->clip_left,
            right = last < canvas->clip_right ? last : canvas->clip_right;
        if (left < right)
            blend_coverage(canvas->pixel + (size_t)row * (size_t)canvas->width + left, coverage + left, right - left, color,
                           opacity);
        memset(coverage + first, 0, (size_t)(last - first) * sizeof *coverage);
        touched[0] = canvas->width + KR_CANVAS_SPARE;
        touched[1] = 0;
    }
}

void kr_canvas_copy(kr_canvas *canvas, int x, int y, int width, int height, const uint32_t *pixel) {
    int64_t left = x > canvas->clip_left ? x : canvas->clip_left, top = y > canvas->clip_top ? y : canvas->clip_top;
    int64_t right = (int64_t)x + width, bottom = (int64_t)y + height;
    if (right > canvas->clip_right) right = canvas->clip_right;
    if (bottom > canvas->clip_bottom) bottom = canvas->clip_bottom;
    for (int64_t row = top; row < bottom && left < right; row++) {
        const uint32_t *from = pixel + (row - y) * width + (left - x);
        uint32_t *to = canvas->pixel + row * canvas->width + left;
        for (int64_t i = 0; i < right - left; i++) to[i] = from[i] | 0xff000000u;
    }
}

kr_status kr_canvas_write_png(const kr_canvas *canvas, const char *file, bool overwrite, kr_error *error) {
    SDL_Surface *surface = SDL_CreateRGBSurfaceWithFormatFrom(canvas->pixel, canvas->width, canvas->height, 32, 4 * canvas->width,
                                                              SDL_PIXELFORMAT_XRGB8888);
    if (!surface) return kr_fail(error, KR_NO_MEMORY, "The picture %s could not be made: %s.", file, SDL_GetError());
    char *bytes = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&bytes, &size); /* SDL does not tell that a disk is full */
    SDL_RWops *stream = out ? SDL_RWFromFP(out, SDL_FALSE) : NULL;
    bool failed = !stream || IMG_SavePNG_RW(surface, stream, 1) != 0;
    failed = !out || ferror(out) || fclose(out) || failed;
    SDL_FreeSurface(surface);
    kr_status status = failed ? kr_fail(error, KR_NO_MEMORY, "The picture %s could not be made: %s.", file, SDL_GetError())
                              : kr_whole_file_write(file, bytes, size, overwrite, error);
    free(bytes);
    return status;
}
