/* Dots on the pixels and what they leave behind. */
#include "draw/canvas_coverage.h"
#include "landscape_panel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const int kr_trail_snapshots[KR_TRAIL_LENGTHS] = {0, 3, 6, 12, 25, 50, 100, 400};

static bool same_view(const kr_trails *trails, const kr_camera *camera, const kr_plane *plane) {
    return trails->ink && kr_camera_same(&trails->camera, camera) && trails->plane_version == plane->version;
}

static kr_status restart(kr_trails *trails, const kr_camera *camera, const kr_plane *plane, kr_error *error) {
    trails->width = (int)camera->area.width;
    trails->height = (int)camera->area.height;
    trails->camera = *camera;
    trails->plane_version = plane->version;
    trails->previous_count = 0;
    size_t size = (size_t)trails->width * (size_t)trails->height;
    if (size > trails->capacity) {
        free(trails->ink);
        trails->ink = malloc(size);
        trails->capacity = trails->ink ? size : 0;
        if (!trails->ink) return kr_fail(error, KR_NO_MEMORY, "not enough memory for trails on %zu pixels", size);
    }
    memset(trails->ink, 0, size);
    return KR_OK;
}

static void fade(size_t n, unsigned factor, uint8_t *restrict ink) {
    const uint16_t k = (uint16_t)factor;
    for (size_t i = 0; i < n; i++) ink[i] = (uint8_t)((uint16_t)(ink[i] * k) >> 8);
}

static void drop_ink(kr_trails *trails, double x, double y, int amount) {
    int i = (int)x, j = (int)y;
    if (!(x >= 0 && y >= 0) || i >= trails->width || j >= trails->height) return;
    uint8_t *ink = &trails->ink[(size_t)j * (size_t)trails->width + (size_t)i];
    if (*ink < amount) *ink = (uint8_t)amount;
}

/* Longer hops are returns to the start or too many steps at once: a line would show a path that was not taken. */
static void mark_way(kr_trails *trails, kr_point from, kr_point to, double farthest) {
    double length = hypot(to.x - from.x, to.y - from.y);
    int steps = length < farthest ? (int)length : 0;
    for (int k = 0; k < steps; k++)
        drop_ink(trails, from.x + (to.x - from.x) * k / steps, from.y + (to.y - from.y) * k / steps, 150);
    drop_ink(trails, to.x, to.y, 210);
}

static kr_status reserve_previous(kr_trails *trails, size_t count, kr_error *error) {
    if (count <= trails->previous_capacity) return KR_OK;
    float *grown = realloc(trails->previous, 2 * count * sizeof *grown);
    if (!grown) return kr_fail(error, KR_NO_MEMORY, "not enough memory for the trails of %zu particles", count);
    trails->previous = grown;
    trails->previous_capacity = count;
    trails->previous_count = 0;
    return KR_OK;
}

static void mark_all(kr_trails *trails, const kr_plane *plane, const kr_snapshot_variant *ensemble) {
    enum { WAYS = 4000 }; /* of more particles only the points are marked */
    static const double farthest = 48;
    bool ways = ensemble->count <= WAYS && trails->previous_count == ensemble->count;
    kr_projected at;
    for (size_t from = 0; from < ensemble->count; from += KR_PLANE_BATCH) {
        size_t n = ensemble->count - from < KR_PLANE_BATCH ? ensemble->count - from : KR_PLANE_BATCH;
        kr_plane_project(plane, ensemble, from, n, &at);
        for (size_t p = 0; p < n; p++) {
            kr_point here = kr_camera_pixel(&trails->camera, (double)at.x[p], (double)at.y[p]);
            here.x -= trails->camera.area.x;
            here.y -= trails->camera.area.y;
            if (!isfinite(here.x) || !isfinite(here.y) || fabs(here.x) > 1e6 || fabs(here.y) > 1e6) here.x = here.y = -1e6;
            float *before = trails->previous + 2 * (from + p);
            kr_point there = ways ? (kr_point){(double)before[0], (double)before[1]} : here;
            mark_way(trails, there, here, farthest);
            before[0] = (float)here.x;
            before[1] = (float)here.y;
        }
    }
    trails->previous_count = ensemble->count;
}

kr_status kr_trails_update(kr_trails *trails, const kr_camera *camera, const kr_plane *plane, const kr_snapshot_variant *ensemble,
                           uint64_t number, int length, kr_error *error) {
    kr_status status = same_view(trails, camera, plane) ? KR_OK : restart(trails, camera, plane, error);
    if (status == KR_OK) status = reserve_previous(trails, ensemble->count, error);
    if (status != KR_OK || number == trails->number) return status;
    trails->number = number;
    int snapshots = kr_trail_snapshots[length];
    unsigned factor = snapshots ? (unsigned)(256 * pow(0.1, 1.0 / snapshots) + 0.5) : 0;
    fade((size_t)trails->width * (size_t)trails->height, factor < 255 ? factor : 255, trails->ink);
    if (snapshots) mark_all(trails, plane, ensemble);
    return KR_OK;
}

void kr_trails_paint(const kr_trails *trails, kr_canvas *canvas, kr_color color) {
    int x0 = (int)trails->camera.area.x, y0 = (int)trails->camera.area.y;
    uint32_t alpha = color >> 24;
    for (int y = 0; y < trails->height; y++) {
        if (y0 + y < canvas->clip_top || y0 + y >= canvas->clip_bottom) continue;
        const uint8_t *ink = trails->ink + (size_t)y * (size_t)trails->width;
        uint32_t *pixel = canvas->pixel + (size_t)(y0 + y) * (size_t)canvas->width + x0;
        for (int x = 0; x < trails->width; x++) {
            uint64_t eight;
            if (x + 8 <= trails->width && (memcpy(&eight, ink + x, 8), eight == 0)) {
                x += 7;
                continue;
            }
            if (ink[x] && x0 + x >= canvas->clip_left && x0 + x < canvas->clip_right)
                pixel[x] = kr_canvas_blend(pixel[x], color, ink[x] * alpha >> 8);
        }
    }
}

void kr_trails_destroy(kr_trails *trails) {
    free(trails->ink);
    free(trails->previous);
    *trails = (kr_trails){.width = 0};
}

static uint8_t cover(double radius, double distance) {
    double c = radius + 0.5 - distance;
    return (uint8_t)(255 * (c < 0 ? 0 : c > 1 ? 1 : c) + 0.5);
}

double kr_dot_radius(double radius) {
    return fmin(radius, 0.5 * KR_DOT_SIZE - 3);
}

void kr_dot_make(kr_dot *dot, double radius) {
    double rim = radius > 4 ? 1.4 : radius > 2 ? 1.1 : 0.8;
    radius = kr_dot_radius(radius);
    dot->radius = radius;
    dot->size = 2 * (int)ceil(radius + rim + 0.5) + 1;
    double middle = 0.5 * (dot->size - 1);
    for (int b = 0; b < KR_DOT_PLACES; b++)
        for (int a = 0; a < KR_DOT_PLACES; a++)
            for (int y = 0; y < dot->size; y++)
                for (int x = 0; x < dot->size; x++) {
                    double distance =
                        hypot(x - middle - (a + 0.5) / KR_DOT_PLACES + 0.5, y - middle - (b + 0.5) / KR_DOT_PLACES + 0.5);
                    dot->rim[b][a][y][x] = cover(radius + rim, distance);
                    dot->core[b][a][y][x] = cover(radius, distance);
                }
}

void kr_dot_draw(const kr_dot *dot, kr_canvas *canvas, double x, double y, kr_color core, kr_color rim) {
    double left = floor(x), top = floor(y);
    int half = (dot->size - 1) / 2;
    if (!(left - half < canvas->clip_right && left + half >= canvas->clip_left && top - half < canvas->clip_bottom &&
          top + half >= canvas->clip_top))
        return;
    int a = (int)((x - left) * KR_DOT_PLACES), b = (int)((y - top) * KR_DOT_PLACES), x0 = (int)left - half, y0 = (int)top - half;
    uint32_t core_alpha = core >> 24, rim_alpha = rim >> 24;
    int from = x0 < canvas->clip_left ? canvas->clip_left - x0 : 0;
    int to = x0 + dot->size > canvas->clip_right ? canvas->clip_right - x0 : dot->size;
    for (int j = 0; j < dot->size; j++) {
        if (y0 + j < canvas->clip_top || y0 + j >= canvas->clip_bottom) continue;
        uint32_t *pixel = canvas->pixel + (ptrdiff_t)(y0 + j) * canvas->width + x0;
        for (int i = from; i < to; i++) {
            uint32_t r = dot->rim[b][a][j][i], c = dot->core[b][a][j][i];
            if (!r) continue;
            uint32_t under = kr_canvas_blend(pixel[i], rim, (r + (r >> 7)) * rim_alpha >> 8);
            pixel[i] = kr_canvas_blend(under, core, (c + (c >> 7)) * (core_alpha + (core_alpha >> 7)) >> 8);
        }
    }
}
