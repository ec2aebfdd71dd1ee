/* Which point of the surface is at which pixel. In parallel projection a column of pixels sees a line of the base: one walks along
 * it away from the viewer and keeps what rises above all before it. */
#include "landscape_surface.h"

#include "draw/canvas_coverage.h"
#include "model/measure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void kr_solid_place(kr_solid *solid, kr_rectangle area, const kr_camera *ground, const kr_tone *tone, kr_turn turn, double margin) {
    const double height = 0.7;
    double longer = 0.5 * fmax(ground->area.width, ground->area.height);
    *solid = (kr_solid){.area = area,
                        .ground = *ground,
                        .tone = *tone,
                        .yaw = turn.yaw,
                        .pitch = turn.pitch,
                        .half_x = 0.5 * ground->area.width / longer,
                        .half_y = 0.5 * ground->area.height / longer,
                        .height = height,
                        .cos_yaw = cos(turn.yaw),
                        .sin_yaw = sin(turn.yaw),
                        .cos_pitch = cos(turn.pitch),
                        .sin_pitch = sin(turn.pitch)};
    double radius = hypot(solid->half_x, solid->half_y), up = height * solid->cos_pitch, down = 2 * radius * solid->sin_pitch;
    solid->scale = fmax(fmin((area.width - 2 * margin) / (2 * radius), (area.height - 2 * margin) / (down + up)), 1);
    solid->origin = (kr_point){area.x + 0.5 * area.width, area.y + 0.5 * area.height + 0.5 * solid->scale * up};
}

/* Pixels of the flat map, from its middle, that are one unit of the base. */
static double flat_pixels(const kr_solid *solid) {
    return 0.5 * fmax(solid->ground.area.width, solid->ground.area.height);
}

kr_solid_point kr_solid_project(const kr_solid *solid, double x, double y, double energy) {
    double unit = flat_pixels(solid), a = (x - solid->ground.x) / (solid->ground.per_x * unit),
           b = (y - solid->ground.y) / (solid->ground.per_y * unit);
    double level = (energy - solid->tone.low) / (solid->tone.high - solid->tone.low);
    double z = solid->height * (level > 0 ? fmin(level, 1) : 0), away = b * solid->cos_yaw - a * solid->sin_yaw;
    return (kr_solid_point){{solid->origin.x + solid->scale * (a * solid->cos_yaw + b * solid->sin_yaw),
                             solid->origin.y - solid->scale * (away * solid->sin_pitch + z * solid->cos_pitch)},
                            away};
}

kr_point kr_solid_ground(const kr_solid *solid, kr_point pixel, double away) {
    double across = (pixel.x - solid->origin.x) / solid->scale, unit = flat_pixels(solid);
    double a = across * solid->cos_yaw - away * solid->sin_yaw, b = across * solid->sin_yaw + away * solid->cos_yaw;
    return (kr_point){solid->ground.x + a * unit * solid->ground.per_x, solid->ground.y + b * unit * solid->ground.per_y};
}

/* Between four values of the layer, of which there are as many beyond the edge as at it. */
static inline float between(const float *array, int width, int height, float x, float y) {
    x = x > 0 ? x : 0;
    y = y > 0 ? y : 0;
    int i = (int)x, j = (int)y;
    i = i < width - 2 ? i : width - 2;
    j = j < height - 2 ? j : height - 2;
    float u = x - (float)i, v = y - (float)j;
    u = u < 1 ? u : 1;
    v = v < 1 ? v : 1;
    const float *at = array + (size_t)j * (size_t)width + i;
    float upper = at[0] + u * (at[1] - at[0]), lower = at[width] + u * (at[width + 1] - at[width]);
    return upper + v * (lower - upper);
}

double kr_map_value(const kr_map *map, double x, double y) {
    const kr_layer *layer = map->shown;
    kr_point at = kr_camera_pixel(&map->camera, x, y);
    double per = 1.0 / layer->spacing, u = (at.x - map->camera.area.x - 0.5) * per, v = (at.y - map->camera.area.y - 0.5) * per;
    if (!isfinite(u) || !isfinite(v)) return NAN;
    u = fmin(u, layer->width);
    v = fmin(v, layer->height);
    return (double)between(layer->value, layer->width, layer->height, (float)u, (float)v);
}

/* ---- one column of pixels ---- */

typedef struct sample {
    float row, value, shade, away;
} sample;

/* Everything in cells. */
typedef struct sweep {
    kr_surface *surface;
    const kr_layer *layer;
    double scale, origin_x, origin_y, step;
    float span, height, cut; /* of energies; of the tone's end; a share of the light at the sides of the block */
} sweep;

/* Where from + slope t lies within the half. */
static void cut_line(double from, double slope, double half, double *low, double *high) {
    if (fabs(slope) < 1e-12) {
        if (fabs(from) > half) *high = -INFINITY;
        return;
    }
    double a = (-half - from) / slope, b = (half - from) / slope;
    *low = fmax(*low, fmin(a, b));
    *high = fmin(*high, fmax(a, b));
}

static inline sample take(const sweep *s, float x, float y, float row_of_base, float away) {
    const kr_layer *layer = s->layer;
    float value = between(layer->value, layer->width, layer->height, x, y);
    s->surface->cut_above |= value > s->span;
    s->surface->cut_below |= value < -1e-3F * s->span;
    value = value < s->span ? value : s->span;
    value = value > 0 ? value : 0;
    return (sample){row_of_base - s->height * value, value, between(s->surface->light, layer->width, layer->height, x, y), away};
}

/* Rows between two samples that nothing before them has covered. Returns the highest that is covered now. */
static inline int fill(const sweep *s, int column, const sample *from, const sample *to, int covered) {
    if (!(to->row < (float)covered)) return covered;
    kr_surface *surface = s->surface;
    int first = to->row > 0 ? (int)ceilf(to->row - 0.5F) : 0, last = covered;
    if (from->row - 0.5F < (float)covered) last = from->row > 0 ? (int)ceilf(from->row - 0.5F) : 0;
    float per = 1 / (from->row - to->row);
    size_t stride = (size_t)surface->width + 2;
    for (int j = first; j < last; j++) {
        float t = (from->row - ((float)j + 0.5F)) * per;
        size_t at = (size_t)(j + 1) * stride + (size_t)column + 1;
        surface->value[at] = from->value + t * (to->value - from->value);
        surface->shade[at] = from->shade + t * (to->shade - from->shade);
        surface->away[at] = from->away + t * (to->away - from->away);
    }
    return first < covered ? first : covered;
}

static void sweep_column(const sweep *s, int column) {
    const kr_surface *surface = s->surface;
    const kr_solid *solid = &surface->solid;
    double across = (column + 0.5 - s->origin_x) / s->scale, low = -INFINITY, high = INFINITY;
    cut_line(across * solid->cos_yaw, -solid->sin_yaw, solid->half_x, &low, &high);
    cut_line(across * solid->sin_yaw, solid->cos_yaw, solid->half_y, &low, &high);
    if (!(high > low)) return;
    int steps = (int)fmax(1, ceil((high - low) / s->step)), covered = surface->height;
    double step = (high - low) / steps, per = flat_pixels(solid) / s->layer->spacing, middle_x = 0.5 * solid->ground.area.width,
           middle_y = 0.5 * solid->ground.area.height;
    float x = (float)((across * solid->cos_yaw - low * solid->sin_yaw) * per + (middle_x - 0.5) / s->layer->spacing);
    float y = (float)(-(across * solid->sin_yaw + low * solid->cos_yaw) * per + (middle_y - 0.5) / s->layer->spacing);
    float dx = (float)(-step * solid->sin_yaw * per), dy = (float)(-step * solid->cos_yaw * per);
    float row = (float)(s->origin_y - low * s->scale * solid->sin_pitch), drow = (float)(-step * s->scale * solid->sin_pitch);
    sample before = take(s, x, y, row, (float)low), foot = before, edge = before;
    foot.row = row;
    foot.value = 0;
    foot.shade = edge.shade = s->cut;
    covered = fill(s, column, &foot, &edge, covered);
    for (int k = 1; k <= steps; k++) {
        float f = (float)k;
        sample now = take(s, x + f * dx, y + f * dy, row + f * drow, (float)(low + k * step));
        covered = fill(s, column, &before, &now, covered);
        before = now;
    }
}

/* ---- colours ---- */

/* Slanting lines on what was cut, and a line around it; nothing where nothing is. */
static void finish_row(const kr_surface *surface, double scale, int y, uint32_t *pixel) {
    const kr_solid *solid = &surface->solid;
    size_t stride = (size_t)surface->width + 2;
    const float *value = surface->value + (size_t)(y + 1) * stride + 1, *away = surface->away + (size_t)(y + 1) * stride + 1;
    float span = (float)(solid->tone.high - solid->tone.low), most = span * (1 - 1e-5F);
    double lines_per_unit = solid->scale / (13 * scale);
    for (int x = 0; x < surface->width; x++) {
        if (isnan(value[x])) {
            pixel[x] = 0;
            continue;
        }
        bool above = value[x] >= most && surface->cut_above, below = value[x] <= 0 && surface->cut_below;
        if (!above && !below) continue;
        ptrdiff_t around[4] = {-1, 1, -(ptrdiff_t)stride, (ptrdiff_t)stride};
        bool edge = false;
        for (int k = 0; k < 4; k++) edge |= above ? value[x + around[k]] < most : value[x + around[k]] > 0;
        kr_point at = {solid->area.x + (x + 0.5) * surface->cell, 0};
        double across = (at.x - solid->origin.x) / solid->scale, q = (double)away[x];
        double a = across * solid->cos_yaw - q * solid->sin_yaw, b = across * solid->sin_yaw + q * solid->cos_yaw;
        double phase = (a + b) * lines_per_unit;
        bool line = phase - floor(phase) < 0.12;
        kr_color ink = above ? 0xff101318 : 0xffffffff; /* heights are light, depths dark */
        if (edge || line) pixel[x] = kr_canvas_blend(pixel[x], ink, edge ? 150 : 70);
    }
}

/* Steps at the edge of what hides something become soft: the mean of the cells around, some of which may show nothing. */
static uint32_t softened(const uint32_t *const rows[3], int x, int width) {
    unsigned alpha = 0, red = 0, green = 0, blue = 0, cells = 0;
    for (int j = 0; j < 3; j++)
        for (int i = x > 0 ? x - 1 : 0; i <= x + 1 && i < width; i++) {
            uint32_t p = rows[j][i];
            cells++;
            if (!(p >> 24)) continue;
            alpha++;
            red += p >> 16 & 255, green += p >> 8 & 255, blue += p & 255;
        }
    if (!alpha) return 0;
    return (uint32_t)(255 * alpha / cells) << 24 | (red / alpha) << 16 | (green / alpha) << 8 | blue / alpha;
}

static bool at_edge(const float *away, size_t stride, float far) {
    const ptrdiff_t around[4] = {-1, 1, -(ptrdiff_t)stride, (ptrdiff_t)stride};
    for (int k = 0; k < 4; k++) {
        float there = away[around[k]];
        if (isnan(there) != isnan(*away) || fabsf(there - *away) > far) return true;
    }
    return false;
}

static void soften_edges(kr_surface *surface, uint32_t *work) {
    const float far = (float)(14 * surface->cell / surface->solid.scale);
    size_t width = (size_t)surface->width, stride = width + 2, bytes = width * sizeof *work;
    uint32_t *row[3] = {work, work + width, work + 2 * width};
    memset(row[0], 0, bytes);
    memcpy(row[1], surface->pixel, bytes);
    for (int y = 0; y < surface->height; y++) {
        uint32_t *out = surface->pixel + (size_t)y * width;
        if (y + 1 < surface->height)
            memcpy(row[2], out + width, bytes);
        else
            memset(row[2], 0, bytes);
        const float *away = surface->away + (size_t)(y + 1) * stride + 1;
        for (int x = 0; x < surface->width; x++)
            if (at_edge(away + x, stride, far)) out[x] = softened((const uint32_t *const *)row, x, surface->width);
        uint32_t *oldest = row[0];
        row[0] = row[1], row[1] = row[2], row[2] = oldest;
    }
}

/* ---- the whole ---- */

static kr_status reserve(kr_surface *surface, const kr_layer *layer, kr_error *error) {
    size_t cells = ((size_t)surface->width + 2) * ((size_t)surface->height + 3),
           values = (size_t)layer->width * (size_t)layer->height;
    if (cells > surface->capacity) {
        free(surface->value);
        free(surface->pixel);
        surface->value = malloc(3 * cells * sizeof *surface->value);
        surface->pixel = malloc(cells * sizeof *surface->pixel);
        surface->capacity = surface->value && surface->pixel ? cells : 0;
    }
    if (values > surface->light_capacity) {
        free(surface->light);
        surface->light = malloc(values * sizeof *surface->light);
        surface->light_capacity = surface->light ? values : 0;
    }
    if (!surface->capacity || !surface->light_capacity)
        return kr_fail(error, KR_NO_MEMORY, "not enough memory for a surface of %d x %d", surface->width, surface->height);
    surface->shade = surface->value + cells;
    surface->away = surface->shade + cells;
    return KR_OK;
}

static bool same_solid(const kr_solid *a, const kr_solid *b) {
    return a->yaw == b->yaw && a->pitch == b->pitch && a->scale == b->scale && a->area.x == b->area.x && a->area.y == b->area.y &&
           a->area.width == b->area.width && a->area.height == b->area.height;
}

/* Pixels of a cell, so that a frame that is one of many has time left for the particles. */
static int cell_for(const kr_surface *surface, const kr_solid *solid, bool quick) {
    const double most_seconds = 0.012, guess = 2e-8;
    double cells = solid->area.width * solid->area.height, each = surface->cell_seconds > 0 ? surface->cell_seconds : guess;
    int cell = 1;
    while (quick && cell < 4 && cells * each > most_seconds * cell * cell) cell++;
    return cell;
}

kr_status kr_surface_update(kr_surface *surface, const kr_solid *solid, const kr_map *map, const kr_theme *theme, bool quick,
                            kr_error *error) {
    const float side = 0.5F;
    bool known = surface->capacity && surface->made == map->made && surface->dark == theme->dark;
    if (known && same_solid(&surface->solid, solid) && (quick || surface->cell == 1)) return KR_OK;
    double began = kr_busy_seconds();
    surface->cell = cell_for(surface, solid, quick);
    surface->width = ((int)solid->area.width + surface->cell - 1) / surface->cell;
    surface->height = ((int)solid->area.height + surface->cell - 1) / surface->cell;
    surface->solid = *solid;
    kr_status status = reserve(surface, map->shown, error);
    if (status != KR_OK) return status;
    if (!known) kr_map_light(map->shown, &map->tone, kr_map_relief(map), surface->light);
    surface->made = map->made;
    surface->dark = theme->dark;
    surface->cut_above = surface->cut_below = false;
    size_t stride = (size_t)surface->width + 2, cells = stride * ((size_t)surface->height + 2);
    for (size_t k = 0; k < cells; k++) surface->value[k] = surface->away[k] = NAN;
    for (size_t k = 0; k < cells; k++) surface->shade[k] = 1;
    double scale = solid->scale / surface->cell, span = solid->tone.high - solid->tone.low;
    sweep s = {.surface = surface,
               .layer = map->shown,
               .scale = scale,
               .origin_x = (solid->origin.x - solid->area.x) / surface->cell,
               .origin_y = (solid->origin.y - solid->area.y) / surface->cell,
               .step = 1 / scale,
               .span = (float)span,
               .height = (float)(solid->height * solid->cos_pitch * scale / span),
               .cut = side};
    for (int column = 0; column < surface->width; column++) sweep_column(&s, column);
    for (int y = 0; y < surface->height; y++) {
        const float *value = surface->value + (size_t)(y + 1) * stride + 1;
        uint32_t *pixel = surface->pixel + (size_t)y * (size_t)surface->width;
        kr_map_ink((size_t)surface->width, &map->tone, 0.2, value, value - stride, value + stride,
                   surface->shade + (size_t)(y + 1) * stride + 1, theme->energy_map, pixel);
        finish_row(surface, theme->scale, y, pixel);
    }
    uint32_t *work = malloc(3 * (size_t)surface->width * sizeof *work);
    if (work) soften_edges(surface, work);
    free(work);
    double spent = kr_busy_seconds() - began, each = spent / ((double)surface->width * surface->height);
    surface->cell_seconds = surface->cell_seconds > 0 ? 0.7 * surface->cell_seconds + 0.3 * each : each;
    return KR_OK;
}

double kr_surface_away(const kr_surface *surface, kr_point pixel) {
    double x = floor((pixel.x - surface->solid.area.x) / surface->cell),
           y = floor((pixel.y - surface->solid.area.y) / surface->cell);
    if (!(x >= 0 && x < surface->width && y >= 0 && y < surface->height)) return NAN;
    return (double)surface->away[((size_t)y + 1) * ((size_t)surface->width + 2) + (size_t)x + 1];
}

/* Where the surface is seen from the side the distance changes much from cell to cell: the farthest of those around counts. */
bool kr_surface_shows(const kr_surface *surface, const kr_solid_point *point) {
    const kr_solid *solid = &surface->solid;
    double x = floor((point->pixel.x - solid->area.x) / surface->cell), y = floor((point->pixel.y - solid->area.y) / surface->cell);
    double farthest = -INFINITY;
    if (!(x >= 0 && x < surface->width && y >= 0 && y < surface->height)) return true;
    const float *away = surface->away + ((size_t)y + 1) * ((size_t)surface->width + 2) + (size_t)x + 1;
    for (int j = -1; j <= 1; j++)
        for (int i = -1; i <= 1; i++) {
            double there = (double)away[j * (surface->width + 2) + i];
            if (!isfinite(there)) return true;
            farthest = fmax(farthest, there);
        }
    return point->away <= farthest + 1.5 * surface->cell / solid->scale;
}

void kr_surface_destroy(kr_surface *surface) {
    free(surface->value);
    free(surface->pixel);
    free(surface->light);
    *surface = (kr_surface){.cell = 0};
}
