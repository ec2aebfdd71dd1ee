/* The surface on the canvas, and what of the flat map lies on it. */
#include "landscape_surface.h"

#include "draw/canvas_coverage.h"

#include <math.h>

enum { MOST_COLUMNS = 8192 };

/* Pixels of the canvas that the surface may cover and the clip lets through. offset: of this picture from the surface's. */
typedef struct window {
    int left, top, first, last, row, end; /* left, top: pixel of the first cell */
} window;

static window window_of(const kr_surface *surface, const kr_canvas *canvas, kr_point offset) {
    window w = {.left = (int)(surface->solid.area.x + offset.x), .top = (int)(surface->solid.area.y + offset.y)};
    int right = w.left + (int)surface->solid.area.width, bottom = w.top + (int)surface->solid.area.height;
    w.first = w.left > canvas->clip_left ? w.left : canvas->clip_left;
    w.last = right < canvas->clip_right ? right : canvas->clip_right;
    w.row = w.top > canvas->clip_top ? w.top : canvas->clip_top;
    w.end = bottom < canvas->clip_bottom ? bottom : canvas->clip_bottom;
    if (w.last < w.first) w.last = w.first;
    if (w.last - w.first > MOST_COLUMNS) w.last = w.first + MOST_COLUMNS;
    return w;
}

/* The cell of each column, so that there is no division for each pixel. */
static void cells_of(const kr_surface *surface, const window *w, int32_t *cell) {
    for (int x = w->first; x < w->last; x++) cell[x - w->first] = (x - w->left) / surface->cell;
}

void kr_surface_paint(const kr_surface *surface, kr_canvas *canvas, kr_point offset) {
    int32_t cell[MOST_COLUMNS];
    window w = window_of(surface, canvas, offset);
    cells_of(surface, &w, cell);
    for (int y = w.row; y < w.end; y++) {
        const uint32_t *from = surface->pixel + (size_t)((y - w.top) / surface->cell) * (size_t)surface->width;
        uint32_t *to = canvas->pixel + (size_t)y * (size_t)canvas->width + w.first;
        for (int x = 0; x < w.last - w.first; x++) {
            uint32_t color = from[cell[x]], alpha = color >> 24;
            if (alpha == 255)
                to[x] = color;
            else if (alpha)
                to[x] = kr_canvas_blend(to[x], color, alpha);
        }
    }
}

/* Pixels of the flat map, from its upper left corner, that are seen in the rows of a picture. A value that is no number: nothing is
 * there. */
typedef struct flat {
    float x[MOST_COLUMNS], y[MOST_COLUMNS]; /* of a row of the canvas, from the window's first column on */
    float across_x[MOST_COLUMNS], across_y[MOST_COLUMNS], away_x, away_y;
    int32_t cell[MOST_COLUMNS];
} flat;

static void flat_begin(flat *f, const kr_surface *surface, const window *w) {
    const kr_solid *solid = &surface->solid;
    double unit = 0.5 * fmax(solid->ground.area.width, solid->ground.area.height);
    cells_of(surface, w, f->cell);
    f->away_x = (float)(solid->sin_yaw * unit);
    f->away_y = (float)(solid->cos_yaw * unit);
    for (int x = w->first; x < w->last; x++) {
        double across = unit * (x + 0.5 - w->left + solid->area.x - solid->origin.x) / solid->scale;
        f->across_x[x - w->first] = (float)(0.5 * solid->ground.area.width + across * solid->cos_yaw);
        f->across_y[x - w->first] = (float)(0.5 * solid->ground.area.height - across * solid->sin_yaw);
    }
}

static void flat_row(flat *f, const kr_surface *surface, const window *w, int y) {
    const float *away = surface->away + (size_t)((y - w->top) / surface->cell + 1) * ((size_t)surface->width + 2) + 1;
    for (int x = 0; x < w->last - w->first; x++) {
        float q = away[f->cell[x]];
        f->x[x] = f->across_x[x] - q * f->away_x;
        f->y[x] = f->across_y[x] - q * f->away_y;
    }
}

void kr_surface_paint_trails(const kr_surface *surface, const kr_trails *trails, kr_canvas *canvas, kr_point offset,
                             kr_color color) {
    flat f;
    window w = window_of(surface, canvas, offset);
    uint32_t alpha = color >> 24;
    flat_begin(&f, surface, &w);
    for (int y = w.row; y < w.end; y++) {
        uint32_t *pixel = canvas->pixel + (size_t)y * (size_t)canvas->width + w.first;
        flat_row(&f, surface, &w, y);
        for (int x = 0; x < w.last - w.first; x++) {
            float u = f.x[x], v = f.y[x];
            if (!(u >= 0 && u < (float)trails->width && v >= 0 && v < (float)trails->height)) continue;
            uint32_t ink = trails->ink[(size_t)v * (size_t)trails->width + (size_t)u];
            if (ink) pixel[x] = kr_canvas_blend(pixel[x], color, ink * alpha >> 8);
        }
    }
}

static float tone_at(const kr_density *density, float u, float v) {
    u = fminf(fmaxf(u, 0), (float)(density->columns - 1));
    v = fminf(fmaxf(v, 0), (float)(density->rows - 1));
    int i = (int)u, j = (int)v, right = i + 1 < density->columns, down = j + 1 < density->rows ? density->columns : 0;
    const float *at = density->smooth + (size_t)j * (size_t)density->columns + i;
    float s = u - (float)i, t = v - (float)j;
    return (1 - t) * (at[0] + s * (at[right] - at[0])) + t * (at[down] + s * (at[down + right] - at[down]));
}

void kr_surface_paint_density(const kr_surface *surface, const kr_density *density, const uint32_t *palette, kr_canvas *canvas,
                              kr_point offset) {
    const float per = 1 / (float)density->cell;
    flat f;
    window w = window_of(surface, canvas, offset);
    flat_begin(&f, surface, &w);
    for (int y = w.row; y < w.end; y++) {
        uint32_t *pixel = canvas->pixel + (size_t)y * (size_t)canvas->width + w.first;
        flat_row(&f, surface, &w, y);
        for (int x = 0; x < w.last - w.first; x++) {
            float u = f.x[x], v = f.y[x];
            if (isnan(u) || isnan(v)) continue;
            uint32_t color = palette[(int)(tone_at(density, u * per - 0.5F, v * per - 0.5F) + 0.5F)], alpha = color >> 24;
            if (alpha) pixel[x] = kr_canvas_blend(pixel[x], color, alpha + (alpha >> 7));
        }
    }
}
