/* Colours of the map's pixels: the energy, lit from the upper left, and contour lines whose width does not depend on the slope. */
#include "landscape_panel.h"

#include <math.h>

enum { PIECE = 256 };

/* z: height of the relief, which is flat where energies are above the last colour: that is hatched; v: energy above the lowest. */
static void heights(size_t n, float per_tone, const float *restrict v, float *restrict z) {
    for (size_t i = 0; i < n; i++) {
        float t = v[i] * per_tone;
        z[i] = t > 1 ? 1 : t;
    }
}

static void light(size_t n, float rise, const float *restrict left, const float *restrict right, const float *restrict up,
                  const float *restrict down, float *restrict shade) {
    const float side = 0.5F, top = 0.70710678F; /* of the light's direction */
    for (size_t i = 0; i < n; i++) {
        float zx = (right[i] - left[i]) * rise, zy = (down[i] - up[i]) * rise;
        float lambert = (side * zx + side * zy + top) / sqrtf(1 + zx * zx + zy * zy) / top;
        float s = 0.7F + 0.3F * lambert;
        s = s < 0.75F ? 0.75F : s;
        shade[i] = s > 1.15F ? 1.15F : s;
    }
}

/* Opacity of contour lines. The distance to the next level in pixels is, to first order, its energy difference over the slope. */
static void lines(size_t n, float per_tone, float per_step, float phase, float half_width, const float *restrict v,
                  const float *restrict left, const float *restrict right, const float *restrict up, const float *restrict down,
                  float *restrict opacity) {
    const float magic = 12582912.0F; /* 1.5 x 2^23: adding and subtracting it rounds */
    for (size_t i = 0; i < n; i++) {
        float gx = (right[i] - left[i]) * 0.5F * per_step, gy = (down[i] - up[i]) * 0.5F * per_step;
        float slope = sqrtf(gx * gx + gy * gy), q = v[i] * per_step + phase;
        float nearest = (q + magic) - magic, off = q > nearest ? q - nearest : nearest - q;
        float cover = half_width + 0.5F - off / (slope + 1e-9F);
        cover = cover > 1 ? 1 : cover;
        /* Nothing where lines would run together, nor on a plain. */
        float room = 2 - 12 * slope; /* fainter from 12 pixels between lines on, gone at 6 */
        room = room > 1 ? 1 : room;
        room = room < 0 ? 0 : room;
        room = slope > 1e-6F ? room : 0;
        room = v[i] * per_tone > 1 ? 0 : room; /* beyond the colours no line counts */
        opacity[i] = cover > 0 ? cover * room : 0;
    }
}

/* Light changes no hue: nothing gets lighter than its strongest channel can. */
static inline uint32_t tint(uint32_t color, float shade, float ink) {
    float r = (float)(color >> 16 & 255), g = (float)(color >> 8 & 255), b = (float)(color & 255);
    float strongest = r > g ? r : g;
    strongest = strongest > b ? strongest : b;
    shade = shade * strongest > 255 ? 255 / strongest : shade;
    r *= shade;
    g *= shade;
    b *= shade;
    float to = r + 2 * g + b < 420 ? 255.0F : 0.0F, weight = ink * (to > 0 ? 0.45F : 0.5F);
    r += weight * (to - r);
    g += weight * (to - g);
    b += weight * (to - b);
    r = r > 255 ? 255 : r;
    g = g > 255 ? 255 : g;
    b = b > 255 ? 255 : b;
    return 0xff000000U | (uint32_t)(int32_t)r << 16 | (uint32_t)(int32_t)g << 8 | (uint32_t)(int32_t)b;
}

static void colors(size_t n, float per_color, const float *restrict v, const float *restrict shade, const float *restrict ink,
                   const uint32_t *restrict palette, uint32_t *restrict pixel) {
    for (size_t i = 0; i < n; i++) {
        float t = v[i] * per_color + 0.5F;
        t = t > 0 ? t : 0;
        t = t < KR_MAP_COLORS - 1 ? t : KR_MAP_COLORS - 1;
        pixel[i] = tint(palette[(int32_t)t], shade[i], ink[i]);
    }
}

/* One row, from x on; each row of heights has a value more at both ends. */
typedef struct kr_heights {
    float up[PIECE + 2], here[PIECE + 2], down[PIECE + 2];
    float value_up[PIECE + 2], value[PIECE + 2], value_down[PIECE + 2];
} kr_heights;

static void copy_row(const kr_layer *layer, int row, int x, int n, float *out) {
    row = row < 0 ? 0 : row >= layer->height ? layer->height - 1 : row;
    const float *value = layer->value + (size_t)row * (size_t)layer->width;
    for (int i = 0; i < n + 2; i++) {
        int at = x + i - 1;
        out[i] = value[at < 0 ? 0 : at >= layer->width ? layer->width - 1 : at];
    }
}

/* Between x and x + n of one row, at most PIECE. */
static int piece(int x, int width) {
    return width - x < PIECE ? width - x : PIECE;
}

static float rise_of(const kr_layer *layer, double relief) {
    return (float)(0.5 * relief / layer->spacing);
}

static void copy_rows(const kr_layer *layer, int x, int y, int n, kr_heights *h) {
    copy_row(layer, y - 1, x, n, h->value_up);
    copy_row(layer, y, x, n, h->value);
    copy_row(layer, y + 1, x, n, h->value_down);
}

static void light_piece(kr_heights *h, int n, float per_tone, float rise, float *shade) {
    heights((size_t)n + 2, per_tone, h->value_up, h->up);
    heights((size_t)n + 2, per_tone, h->value, h->here);
    heights((size_t)n + 2, per_tone, h->value_down, h->down);
    light((size_t)n, rise, h->here, h->here + 2, h->up + 1, h->down + 1, shade);
}

void kr_map_light(const kr_layer *layer, const kr_tone *tone, double relief, float *shade) {
    kr_heights h;
    for (int y = 0; y < layer->height; y++)
        for (int x = 0; x < layer->width; x += PIECE) {
            int n = piece(x, layer->width);
            copy_rows(layer, x, y, n, &h);
            light_piece(&h, n, (float)(1 / (tone->high - tone->low)), rise_of(layer, relief),
                        shade + (size_t)y * (size_t)layer->width + x);
        }
}

void kr_map_ink(size_t n, const kr_tone *tone, double half_width, const float *value, const float *up, const float *down,
                const float *shade, const uint32_t *palette, uint32_t *pixel) {
    float per_tone = (float)(1 / (tone->high - tone->low)), ink[PIECE];
    float per_step = (float)(1 / tone->step), phase = (float)fmod(tone->low / tone->step, 1);
    for (size_t x = 0; x < n; x += PIECE) {
        size_t m = n - x < PIECE ? n - x : PIECE;
        lines(m, per_tone, per_step, phase, (float)half_width, value + x, value + x - 1, value + x + 1, up + x, down + x, ink);
        colors(m, per_tone * (KR_MAP_COLORS - 1), value + x, shade + x, ink, palette, pixel + x);
    }
}

/* Energies above the last colour. */
static void hatch(const kr_layer *layer, const kr_tone *tone, int x, int y, int n, const float *value, uint32_t *pixel) {
    const int period = layer->spacing > 1 ? 4 : 9, wide = layer->spacing > 1 ? 1 : 2;
    float most = (float)(tone->high - tone->low);
    for (int i = 0; i < n; i++)
        if (value[i] > most && (x + i + y) % period < wide) pixel[i] = kr_map_hatched(pixel[i]);
}

uint32_t kr_map_hatched(uint32_t color) {
    return tint(color, 0.78F, 0);
}

void kr_map_shade(const kr_layer *layer, const kr_tone *tone, const uint32_t *palette, double relief, int from, int to) {
    float shade[PIECE];
    kr_heights h;
    for (int y = from; y < to; y++)
        for (int x = 0; x < layer->width; x += PIECE) {
            int n = piece(x, layer->width);
            copy_rows(layer, x, y, n, &h);
            light_piece(&h, n, (float)(1 / (tone->high - tone->low)), rise_of(layer, relief), shade);
            uint32_t *pixel = layer->pixel + (size_t)y * (size_t)layer->width + x;
            kr_map_ink((size_t)n, tone, 0.3, h.value + 1, h.value_up + 1, h.value_down + 1, shade, palette, pixel);
            hatch(layer, tone, x, y, n, h.value + 1, pixel);
        }
}
