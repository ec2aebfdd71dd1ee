#include "draw/canvas_coverage.h"
#include "landscape_panel.h"

#include <kramers/vector_math.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_CELL = 64 };

static kr_status reserve(kr_density *density, const kr_camera *camera, int cell, kr_error *error) {
    int width = (int)camera->area.width, height = (int)camera->area.height;
    density->cell = cell;
    density->columns = (width + cell - 1) / cell;
    density->rows = (height + cell - 1) / cell;
    size_t size = (size_t)density->columns * (size_t)density->rows + 1;
    if (size > density->capacity) {
        double brightest = density->brightest;
        int columns = density->columns, rows = density->rows;
        kr_density_destroy(density);
        *density = (kr_density){.cell = cell, .columns = columns, .rows = rows, .capacity = size, .brightest = brightest};
        density->count = malloc(size * sizeof *density->count);
        density->smooth = malloc(size * sizeof *density->smooth);
        density->span = malloc(size * sizeof *density->span); /* however the shape changes */
        if (!density->count || !density->smooth || !density->span) {
            kr_density_destroy(density);
            return kr_fail(error, KR_NO_MEMORY, "not enough memory for the density of %d x %d pixels", width, height);
        }
    }
    memset(density->count, 0, size * sizeof *density->count);
    return KR_OK;
}

/* From plane to cells: u = (x - middle_x) per_x + offset_x, in [0, width). */
typedef struct kr_cells {
    float middle_x, middle_y, per_x, per_y, offset_x, offset_y, width, height;
    int32_t columns, unseen;
} kr_cells;

static void locate(const kr_cells *cells, size_t n, const float *restrict x, const float *restrict y, int32_t *restrict index) {
    const float mx = cells->middle_x, my = cells->middle_y, sx = cells->per_x, sy = cells->per_y, ox = cells->offset_x,
                oy = cells->offset_y, w = cells->width, h = cells->height;
    const int32_t columns = cells->columns, unseen = cells->unseen;
    for (size_t p = 0; p < n; p++) {
        float u = (x[p] - mx) * sx + ox, v = (y[p] - my) * sy + oy;
        bool seen = (u >= 0) & (u < w) & (v >= 0) & (v < h); /* false for NaN */
        u = seen ? u : 0;
        v = seen ? v : 0;
        int32_t at = (int32_t)v * columns + (int32_t)u;
        index[p] = seen ? at : unseen;
    }
}

kr_status kr_density_count(kr_density *density, const kr_camera *camera, const kr_plane *plane, const kr_snapshot_variant *ensemble,
                           int cell, kr_error *error) {
    kr_status status = reserve(density, camera, cell < MOST_CELL ? cell : MOST_CELL, error);
    cell = density->cell;
    if (status != KR_OK) return status;
    float width = (float)(camera->area.width / cell), height = (float)(camera->area.height / cell);
    kr_cells cells = {.middle_x = (float)camera->x,
                      .middle_y = (float)camera->y,
                      .per_x = (float)(1 / (camera->per_x * cell)),
                      .per_y = (float)(-1 / (camera->per_y * cell)),
                      .offset_x = 0.5F * width,
                      .offset_y = 0.5F * height,
                      .width = width,
                      .height = height,
                      .columns = density->columns,
                      .unseen = density->columns * density->rows};
    int32_t index[KR_PLANE_BATCH];
    kr_projected at;
    for (size_t from = 0; from < ensemble->count; from += KR_PLANE_BATCH) {
        size_t n = ensemble->count - from < KR_PLANE_BATCH ? ensemble->count - from : KR_PLANE_BATCH;
        kr_plane_project(plane, ensemble, from, n, &at);
        locate(&cells, n, at.x, at.y, index);
        for (size_t p = 0; p < n; p++) density->count[index[p]]++;
    }
    density->visible = ensemble->count - density->count[cells.unseen];
    return KR_OK;
}

static void add_rows(size_t n, const uint32_t *restrict above, const uint32_t *restrict here, const uint32_t *restrict below,
                     float *restrict sum) {
    for (size_t i = 0; i < n; i++) sum[i] = (float)(int32_t)(above[i] + 2 * here[i] + below[i]);
}

static void add_columns(size_t n, const float *restrict sum, float *restrict out) {
    for (size_t i = 0; i < n; i++) out[i] = 0.0625F * (sum[i] + 2 * sum[i + 1] + sum[i + 2]);
}

/* Neighbouring cells share their counts, 1:2:1 along both axes. Notes which columns of each row are not empty; returns the largest.
 */
static float smooth(const kr_density *density, float *line) {
    size_t columns = (size_t)density->columns;
    float largest = 0;
    line[0] = line[columns + 1] = 0;
    for (int r = 0; r < density->rows; r++) {
        const uint32_t *here = density->count + (size_t)r * columns;
        const uint32_t *above = r > 0 ? here - columns : here, *below = r + 1 < density->rows ? here + columns : here;
        float *out = density->smooth + (size_t)r * columns;
        add_rows(columns, above, here, below, line + 1);
        add_columns(columns, line, out);
        int first = 0, last = density->columns - 1;
        while (first <= last && out[first] == 0) first++;
        while (last > first && out[last] == 0) last--;
        density->span[r] = (kr_span){first, last};
        for (int i = first; i <= last; i++) largest = out[i] > largest ? out[i] : largest;
    }
    return largest;
}

/* Logarithmic: single particles are seen beside a dense crowd. */
static void to_tones(size_t n, double per_log, float *restrict tone) {
    for (size_t i = 0; i < n; i++) {
        double t = per_log * kr_log(1.0 + (double)tone[i]);
        tone[i] = (float)(t < KR_MAP_COLORS - 1 ? t : KR_MAP_COLORS - 1);
    }
}

static inline void paint_pixel(float tone, const uint32_t *palette, uint32_t *pixel) {
    uint32_t color = palette[(int32_t)(tone + 0.5F)];
    uint32_t alpha = color >> 24;
    if (alpha) *pixel = kr_canvas_blend(*pixel, color, alpha + (alpha >> 7));
}

/* Pixels between the middles of the cells i and i + 1 of two rows. Beyond the first and the last cell nothing changes any more. */
static void paint_row(const kr_density *density, const float *above, const float *below, float down, kr_span span,
                      const uint32_t *palette, int left, int right, uint32_t *pixel) {
    int cell = density->cell, end = density->columns - 1;
    float fraction[MOST_CELL];
    for (int k = 0; k < cell; k++) fraction[k] = ((float)(cell / 2 + k) + 0.5F) / (float)cell - 0.5F;
    for (int i = span.first - 1; i <= span.last; i++) {
        int a = i < 0 ? 0 : i, b = i < end ? i + 1 : end;
        if (above[a] + above[b] + below[a] + below[b] == 0) continue;
        float from = above[a] + down * (below[a] - above[a]), change = above[b] + down * (below[b] - above[b]) - from;
        int x = i * cell + cell / 2, begin = x < left ? left : x, stop = x + cell < right ? x + cell : right;
        if (i == end && stop < right) stop = right;
        for (int p = begin; p < stop; p++) paint_pixel(from + (p - x < cell ? fraction[p - x] : 1) * change, palette, &pixel[p]);
    }
}

static int clamped(int value, int low, int high) {
    return value < low ? low : value > high ? high : value;
}

static kr_span joined(kr_span a, kr_span b) {
    if (a.first > a.last) return b;
    if (b.first > b.last) return a;
    return (kr_span){a.first < b.first ? a.first : b.first, a.last > b.last ? a.last : b.last};
}

static void paint(const kr_density *density, kr_canvas *canvas, const kr_camera *camera, const uint32_t *palette) {
    int x0 = (int)camera->area.x, y0 = (int)camera->area.y, width = (int)camera->area.width, height = (int)camera->area.height;
    int left = clamped(canvas->clip_left - x0, 0, width), right = clamped(canvas->clip_right - x0, 0, width);
    int top = clamped(canvas->clip_top - y0, 0, height), bottom = clamped(canvas->clip_bottom - y0, 0, height);
    size_t columns = (size_t)density->columns;
    for (int y = top; y < bottom; y++) {
        float v = ((float)y + 0.5F) / (float)density->cell - 0.5F;
        v = v > 0 ? v : 0;
        int row = (int)v < density->rows - 1 ? (int)v : density->rows - 1, next = row + 1 < density->rows ? row + 1 : row;
        kr_span span = joined(density->span[row], density->span[next]);
        if (span.first > span.last) continue;
        uint32_t *pixel = canvas->pixel + (ptrdiff_t)(y0 + y) * canvas->width + x0;
        paint_row(density, density->smooth + (size_t)row * columns, density->smooth + (size_t)next * columns, v - (float)row, span,
                  palette, left, right, pixel);
    }
}

/* The map's first colours are made to begin with nothing, so that cells with few particles have no edges. */
static void soften(const uint32_t *palette, uint32_t *soft) {
    enum { RAMP = 28 };
    for (int k = 0; k < KR_MAP_COLORS; k++) {
        double alpha = (double)(palette[k] >> 24) * (k < RAMP ? sqrt((double)k / RAMP) : 1);
        soft[k] = (palette[k] & 0xffffffU) | (uint32_t)(alpha + 0.5) << 24;
    }
}

bool kr_density_tones(kr_density *density, const uint32_t *palette, uint32_t soft[KR_MAP_COLORS]) {
    size_t size = (size_t)density->columns * (size_t)density->rows;
    float *line = malloc(((size_t)density->columns + 2) * sizeof *line);
    if (!line || !size) {
        free(line);
        return false;
    }
    double largest = (double)smooth(density, line);
    free(line);
    if (!(largest > 0)) return false;
    bool jump = !(density->brightest > 0) || largest > 4 * density->brightest || 4 * largest < density->brightest;
    density->brightest += (jump ? 1 : 0.15) * (largest - density->brightest);
    for (int r = 0; r < density->rows; r++) {
        kr_span span = density->span[r];
        if (span.first <= span.last)
            to_tones((size_t)(span.last - span.first + 1), (KR_MAP_COLORS - 1) / log1p(density->brightest),
                     density->smooth + (size_t)r * (size_t)density->columns + span.first);
    }
    soften(palette, soft);
    return true;
}

void kr_density_paint(kr_density *density, kr_canvas *canvas, const kr_camera *camera, const uint32_t *palette) {
    uint32_t soft[KR_MAP_COLORS];
    if (kr_density_tones(density, palette, soft)) paint(density, canvas, camera, soft);
}

void kr_density_destroy(kr_density *density) {
    free(density->count);
    free(density->smooth);
    free(density->span);
    *density = (kr_density){.cell = 0};
}
