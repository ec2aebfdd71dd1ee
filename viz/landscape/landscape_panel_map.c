#include "draw/canvas_coverage.h"
#include "landscape_panel.h"
#include "model/networks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Values lie at every spacing-th pixel, and one beyond the right and lower edge. */
static kr_status layer_reset(kr_layer *layer, int width, int height, int spacing, kr_error *error) {
    layer->spacing = spacing;
    layer->width = (width - 1) / spacing + 2;
    layer->height = (height - 1) / spacing + 2;
    layer->valued = layer->shaded = 0;
    size_t size = (size_t)layer->width * (size_t)layer->height;
    if (size <= layer->capacity) return KR_OK;
    free(layer->value);
    free(layer->pixel);
    layer->value = malloc(size * sizeof *layer->value);
    layer->pixel = malloc(size * sizeof *layer->pixel);
    layer->capacity = layer->value && layer->pixel ? size : 0;
    return layer->capacity ? KR_OK : kr_fail(error, KR_NO_MEMORY, "not enough memory for a map of %d x %d", width, height);
}

static void evaluate_row(kr_map *map, kr_layer *layer, const kr_landscape *landscape, const kr_plane *plane) {
    size_t n = (size_t)layer->width;
    double *x = map->point, *y = x + n, *energy = y + n, *points = energy + n;
    kr_point at = {0, map->camera.area.y + 0.5 + (double)(layer->valued * layer->spacing)};
    for (size_t i = 0; i < n; i++) {
        at.x = map->camera.area.x + 0.5 + (double)i * layer->spacing;
        kr_point world = kr_camera_world(&map->camera, at);
        x[i] = world.x;
        y[i] = world.y;
    }
    kr_plane_lift(plane, n, x, y, points);
    kr_landscape_energy(landscape, n, points, energy);
    float *value = layer->value + (size_t)layer->valued * n;
    double low = map->tone.low, most = 1e30;
    for (size_t i = 0; i < n; i++) {
        double v = energy[i] - low;
        v = v < most ? v : most; /* NaN becomes a wall too */
        value[i] = (float)(v > -most ? v : -most);
        map->cut |= v > map->tone.high - low;
    }
    layer->valued++;
}

double kr_map_relief(const kr_map *map) {
    return map->relief * (map->width < map->height ? map->width : map->height);
}

static bool layer_work(kr_map *map, kr_layer *layer, const kr_landscape *landscape, const kr_plane *plane, const uint32_t *palette,
                       double until) {
    const int rows = kr_landscape_data(landscape) ? 1 : 8; /* between readings of the clock */
    double relief = kr_map_relief(map);
    while (layer->shaded < layer->height) {
        for (int k = 0; k < rows && layer->valued < layer->height; k++) evaluate_row(map, layer, landscape, plane);
        int to = layer->valued == layer->height ? layer->height : layer->valued - 1;
        kr_map_shade(layer, &map->tone, palette, relief, layer->shaded, to);
        layer->shaded = to;
        if (isfinite(until) && seconds() >= until) break;
    }
    return layer->shaded == layer->height;
}

static void enlarge(const kr_layer *layer, int width, int height, uint32_t *line, uint32_t *pixel) {
    int s = layer->spacing;
    for (int y = 0; y < height; y++) {
        const uint32_t *above = layer->pixel + (size_t)(y / s) * (size_t)layer->width, *below = above + layer->width;
        uint32_t down = (uint32_t)(y % s * 256 / s), *out = pixel + (size_t)y * (size_t)width;
        for (int i = 0; i < layer->width; i++) line[i] = kr_canvas_blend(above[i], below[i], down);
        for (int x = 0, i = 0; x < width; i++)
            for (int k = 0; k < s && x < width; k++, x++) out[x] = kr_canvas_blend(line[i], line[i + 1], (uint32_t)(k * 256 / s));
    }
}

static void show(kr_map *map, const kr_layer *layer) {
    map->shown = layer;
    map->made++;
    if (layer->spacing > 1) {
        enlarge(layer, map->width, map->height, (uint32_t *)(void *)map->point, map->pixel);
        return;
    }
    for (int y = 0; y < map->height; y++)
        memcpy(map->pixel + (size_t)y * (size_t)map->width, layer->pixel + (size_t)y * (size_t)layer->width,
               (size_t)map->width * sizeof *map->pixel);
}

/* Pixels between values so that no more than this many numbers go into the landscape. */
static int spacing_for(int width, int height, size_t dim, double numbers, int least) {
    double all = (double)width * height * (double)dim;
    int spacing = (int)ceil(sqrt(all / numbers));
    return spacing < least ? least : spacing > 64 ? 64 : spacing;
}

static kr_status reserve(kr_map *map, size_t dim, kr_error *error) {
    int widest = map->rough.width > map->fine.width ? map->rough.width : map->fine.width;
    size_t size = (size_t)map->width * (size_t)map->height, batch = (size_t)widest * (dim + 3);
    if (size > map->capacity) {
        free(map->pixel);
        map->pixel = malloc(size * sizeof *map->pixel);
        map->capacity = map->pixel ? size : 0;
    }
    if (batch > map->point_capacity) {
        free(map->point);
        map->point = malloc(batch * sizeof *map->point);
        map->point_capacity = map->point ? batch : 0;
    }
    if (map->capacity && map->point_capacity) return KR_OK;
    return kr_fail(error, KR_NO_MEMORY, "not enough memory for a map of %d x %d", map->width, map->height);
}

/* Numbers that may go into the landscape: of a mean over data as many points as all its data can be evaluated at in the time. */
static double numbers_for(const kr_landscape *landscape, double numbers, double passes) {
    return (double)kr_networks_affordable(landscape, passes, (size_t)(numbers / (double)landscape->dim)) * (double)landscape->dim;
}

static kr_status restart(kr_map *map, const kr_landscape *landscape, const kr_plane *plane, kr_error *error) {
    map->shown = NULL;
    map->cut = false;
    map->width = (int)map->camera.area.width;
    map->height = (int)map->camera.area.height;
    int rough = spacing_for(map->width, map->height, plane->dim, numbers_for(landscape, 80e3, 2), 3),
        fine = spacing_for(map->width, map->height, plane->dim, numbers_for(landscape, 150e6, 0.1), 1);
    kr_status status = layer_reset(&map->rough, map->width, map->height, rough, error);
    if (status == KR_OK) status = layer_reset(&map->fine, map->width, map->height, fine, error);
    return status == KR_OK ? reserve(map, plane->dim, error) : status;
}

static bool up_to_date(const kr_map *map, uint64_t version, const kr_plane *plane, const kr_camera *camera, const kr_tone *tone,
                       const uint32_t *palette) {
    return map->capacity && map->version == version && map->plane_version == plane->version &&
           kr_camera_same(&map->camera, camera) && map->tone.low == tone->low && map->tone.high == tone->high &&
           map->palette[0] == palette[0] && map->palette[1] == palette[KR_MAP_COLORS - 1];
}

kr_status kr_map_update(kr_map *map, const kr_landscape *landscape, uint64_t version, const kr_plane *plane,
                        const kr_camera *camera, const kr_tone *tone, const kr_theme *theme, bool whole, kr_error *error) {
    const uint32_t *palette = theme->energy_map;
    bool fresh = up_to_date(map, version, plane, camera, tone, palette);
    if (!fresh) {
        map->fine_done = false;
        map->relief = theme->dark ? 0.3 : 0.15; /* shadows show more on light colours */
        map->camera = *camera;
        map->tone = *tone;
        map->version = version;
        map->plane_version = plane->version;
        map->palette[0] = palette[0];
        map->palette[1] = palette[KR_MAP_COLORS - 1];
        kr_status status = restart(map, landscape, plane, error);
        if (status != KR_OK) return status;
        if (!whole) {
            layer_work(map, &map->rough, landscape, plane, palette, INFINITY);
            show(map, &map->rough);
            return KR_OK;
        }
    }
    if (map->fine_done) return KR_OK;
    map->fine_done = layer_work(map, &map->fine, landscape, plane, palette, whole ? INFINITY : seconds() + 0.005);
    if (map->fine_done) show(map, &map->fine);
    return KR_OK;
}

void kr_map_destroy(kr_map *map) {
    kr_layer *layer[] = {&map->rough, &map->fine};
    for (int k = 0; k < 2; k++) {
        free(layer[k]->value);
        free(layer[k]->pixel);
    }
    free(map->pixel);
    free(map->point);
    *map = (kr_map){.width = 0};
}
