/* The weights of the first layer of the followed network, one picture a unit: of images an image, else a row. All have one scale.
 */
#include "network_panel.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct picture_of_weights {
    const float *weight;
    kr_network_layer first, next; /* next.outputs 0: the first layer is the last */
    size_t rows, columns;
    double most;
} picture_of_weights;

static bool find(const kr_frame *frame, picture_of_weights *found) {
    kr_data train, test;
    const kr_data_sum *sum = kr_network_data(frame, &train, &test);
    const kr_snapshot_networks *networks = &frame->snapshot->variant[0].networks;
    const kr_landscape *landscape = &frame->analysis->model.landscape;
    size_t count = sum && sum->layers ? sum->layers(landscape, NULL) : 0;
    if (!count || !networks->weight || networks->dim != landscape->dim) return false;
    kr_network_layer *layers = calloc(count, sizeof *layers);
    if (!layers) return false;
    sum->layers(landscape, layers);
    *found = (picture_of_weights){.weight = networks->weight, .first = layers[0]};
    if (count > 1) found->next = layers[1];
    free(layers);
    bool image = train.rows && train.rows * train.columns == found->first.inputs;
    found->rows = image ? train.rows : 1;
    found->columns = image ? train.columns : found->first.inputs;
    for (size_t k = 0; k < found->first.inputs * found->first.outputs; k++) {
        double size = fabs((double)found->weight[found->first.weight + k]);
        if (size > found->most) found->most = size;
    }
    return true;
}

/* Euclidean length of what a unit sends on. */
static double outgoing(const picture_of_weights *of, size_t unit) {
    double sum = 0;
    for (size_t k = 0; k < of->next.outputs; k++) {
        double w = (double)of->weight[of->next.weight + k * of->next.inputs + unit];
        sum += w * w;
    }
    return sqrt(sum);
}

static uint32_t color_of(const kr_theme *theme, double weight, double most) {
    double part = most > 0 ? 0.5 + 0.5 * weight / most : 0.5;
    int color = isfinite(part) ? (int)(part * (KR_MAP_COLORS - 1) + 0.5) : KR_MAP_COLORS / 2;
    return theme->signed_map[color < 0 ? 0 : color < KR_MAP_COLORS ? color : KR_MAP_COLORS - 1];
}

static void draw_unit(const kr_frame *frame, const picture_of_weights *of, size_t unit, kr_rectangle tile) {
    const kr_theme *theme = frame->theme;
    const float *weight = of->weight + of->first.weight + unit * of->first.inputs;
    double cell_x = tile.width / (double)of->columns, cell_y = tile.height / (double)of->rows;
    for (size_t r = 0; r < of->rows; r++)
        for (size_t c = 0; c < of->columns; c++) {
            double left = floor(tile.x + cell_x * (double)c), top = floor(tile.y + cell_y * (double)r);
            double right = floor(tile.x + cell_x * (double)(c + 1)), bottom = floor(tile.y + cell_y * (double)(r + 1));
            kr_canvas_fill(frame->canvas, (kr_rectangle){left, top, right - left, bottom - top},
                           color_of(theme, (double)weight[r * of->columns + c], of->most));
        }
    kr_canvas_frame(frame->canvas, tile, 0, fmax(1, floor(theme->scale)), theme->edge);
}

static void label_unit(const kr_frame *frame, const picture_of_weights *of, size_t unit, kr_rectangle tile, double y,
                       double strongest) {
    const kr_theme *theme = frame->theme;
    char text[48], number[32];
    snprintf(text, sizeof text, "%zu", unit);
    kr_text_draw(frame->fonts, frame->canvas, tile.x, y, theme->small, KR_BOLD, KR_LEFT, theme->text, text);
    if (!of->next.outputs) return;
    double used = kr_text_width(frame->fonts, theme->small, KR_BOLD, text) + 0.6 * theme->gap, strength = outgoing(of, unit);
    kr_text_number(strength, 2, number, sizeof number);
    double wide = kr_text_width(frame->fonts, theme->small, KR_REGULAR, number);
    double room = tile.width - used - wide - 0.6 * theme->gap;
    if (wide <= tile.width - used)
        kr_text_draw(frame->fonts, frame->canvas, tile.x + tile.width, y, theme->small, KR_REGULAR, KR_RIGHT, theme->faint_text,
                     number);
    if (room < 8 * theme->scale || !(strongest > 0)) return;
    kr_rectangle bar = {tile.x + used, y - 0.22 * theme->small, room, 0.44 * theme->small};
    kr_canvas_fill(frame->canvas, bar, kr_color_mix(theme->background, theme->text, 0.1));
    bar.width *= fmin(strength / strongest, 1);
    kr_canvas_fill(frame->canvas, bar, theme->accent);
}

static void draw_scale(const kr_frame *frame, kr_rectangle area, double most) {
    const kr_theme *theme = frame->theme;
    char number[32], text[48];
    double y = area.y + 0.5 * area.height, x = area.x, height = floor(0.8 * theme->small);
    snprintf(text, sizeof text, "weight \xe2\x88\x92%s", kr_text_number(most, 2, number, sizeof number));
    kr_text_draw(frame->fonts, frame->canvas, x, y, theme->small, KR_REGULAR, KR_LEFT, theme->faint_text, text);
    x += kr_text_width(frame->fonts, theme->small, KR_REGULAR, text) + 0.6 * theme->gap;
    static const char bars[] = "bars: outgoing strength";
    char upper[48];
    snprintf(upper, sizeof upper, "+%s", kr_text_number(most, 2, number, sizeof number));
    double words = kr_text_width(frame->fonts, theme->small, KR_REGULAR, upper) +
                   kr_text_width(frame->fonts, theme->small, KR_REGULAR, bars) + 2.7 * theme->gap;
    double width = fmax(fmin(150 * theme->scale, area.x + area.width - x - words), 24 * theme->scale);
    for (int k = 0; k < (int)width; k++)
        kr_canvas_fill(frame->canvas, (kr_rectangle){floor(x) + k, floor(y - 0.5 * height), 1, height},
                       theme->signed_map[(int)((k + 0.5) / width * KR_MAP_COLORS)]);
    x += width + 0.6 * theme->gap;
    kr_text_draw(frame->fonts, frame->canvas, x, y, theme->small, KR_REGULAR, KR_LEFT, theme->faint_text, upper);
    x += kr_text_width(frame->fonts, theme->small, KR_REGULAR, upper) + 2 * theme->gap;
    if (x + kr_text_width(frame->fonts, theme->small, KR_REGULAR, bars) <= area.x + area.width)
        kr_text_draw(frame->fonts, frame->canvas, x, y, theme->small, KR_REGULAR, KR_LEFT, theme->faint_text, bars);
}

/* Tiles of the largest side that all have room. With more columns a tile gets narrower, with fewer rows higher: the largest is
 * where the one passes the other. */
static double largest_side(const kr_tiles *tiles, size_t shown, size_t *columns) {
    size_t low = 1, high = shown; /* the first number of columns at which the width is what limits */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (kr_tile_width(tiles, middle) <= kr_tile_height(tiles, shown, middle) * tiles->aspect)
            high = middle;
        else
            low = middle + 1;
    }
    double side = fmin(kr_tile_width(tiles, low), kr_tile_height(tiles, shown, low) * tiles->aspect);
    *columns = low;
    if (low == 1) return side;
    double before = kr_tile_height(tiles, shown, low - 1) * tiles->aspect;
    if (before < side) return side;
    size_t rows = (shown + low - 2) / (low - 1); /* as few columns as give these rows */
    *columns = (shown + rows - 1) / rows;
    return before;
}

/* Whether so many can be told apart. Fewer tiles are larger. */
static bool fits(kr_tiles *tiles, size_t shown) {
    double side = largest_side(tiles, shown, &tiles->columns);
    tiles->width = floor(fmin(side, tiles->widest * fmax(1, tiles->aspect)));
    tiles->height = floor(tiles->width / tiles->aspect);
    return tiles->width >= tiles->least && tiles->height >= 4;
}

size_t kr_tiles_arrange(kr_tiles *tiles, size_t units) {
    if (!units || fits(tiles, units)) return units;
    size_t good = 1, bad = units;
    while (bad - good > 1) {
        size_t middle = good + (bad - good) / 2;
        if (fits(tiles, middle))
            good = middle;
        else
            bad = middle;
    }
    fits(tiles, good);
    return tiles->width >= 8 ? good : 0;
}

/* With a row of text below each. */
static size_t arrange(const kr_frame *frame, const picture_of_weights *of, kr_rectangle area, kr_tiles *tiles) {
    const kr_theme *theme = frame->theme;
    *tiles = (kr_tiles){.area_width = area.width,
                        .area_height = area.height,
                        .gap = theme->gap,
                        .below = 1.4 * theme->small,
                        .aspect = fmin((double)of->columns / (double)of->rows, 12),
                        .least = 30 * theme->scale,
                        .widest = 220 * theme->scale};
    return kr_tiles_arrange(tiles, of->first.outputs);
}

void kr_network_draw_weights(const kr_network_panel *panel, const kr_frame *frame, kr_rectangle area) {
    (void)panel;
    const kr_theme *theme = frame->theme;
    picture_of_weights of;
    double row = 1.5 * theme->small;
    if (!find(frame, &of)) {
        kr_network_title(frame, &area, theme->faint_text, "No layers are known of this landscape");
        return;
    }
    const kr_snapshot_networks *networks = &frame->snapshot->variant[0].networks;
    size_t units = of.first.outputs;
    kr_tiles found;
    kr_rectangle tiles = {area.x, area.y + row, area.width, area.height - 2 * row};
    size_t shown = arrange(frame, &of, tiles, &found);
    char text[160], number[24] = "", less[64];
    const char *titles[] = {text, less, NULL};
    if (shown < units) snprintf(number, sizeof number, "%zu of ", shown);
    snprintf(text, sizeof text, "network %llu: weights into %s%zu %s", (unsigned long long)networks->followed, number, units,
             of.next.outputs ? "hidden units" : "classes");
    snprintf(less, sizeof less, "network %llu: %s%zu units", (unsigned long long)networks->followed, number, units);
    kr_network_title(frame, &area, theme->text, kr_text_choose(frame->fonts, theme->small, KR_BOLD, area.width, titles));
    double strongest = 0;
    for (size_t k = 0; k < shown; k++) strongest = fmax(strongest, outgoing(&of, k));
    for (size_t k = 0; k < shown; k++) {
        kr_rectangle tile = {tiles.x + (double)(k % found.columns) * (found.width + found.gap),
                             tiles.y + (double)(k / found.columns) * (found.height + found.gap + found.below), found.width,
                             found.height};
        draw_unit(frame, &of, k, tile);
        label_unit(frame, &of, k, tile, tile.y + found.height + 0.75 * theme->small, strongest);
    }
    draw_scale(frame, (kr_rectangle){tiles.x, tiles.y + tiles.height, tiles.width, row}, of.most);
}
