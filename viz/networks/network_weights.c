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
    double width = fmin(150 * theme->scale, 0.3 * area.width);
    for (int k = 0; k < (int)width; k++)
        kr_canvas_fill(frame->canvas, (kr_rectangle){floor(x) + k, floor(y - 0.5 * height), 1, height},
                       theme->signed_map[(int)((k + 0.5) / width * KR_MAP_COLORS)]);
    x += width + 0.6 * theme->gap;
    snprintf(text, sizeof text, "+%s", kr_text_number(most, 2, number, sizeof number));
    kr_text_draw(frame->fonts, frame->canvas, x, y, theme->small, KR_REGULAR, KR_LEFT, theme->faint_text, text);
    x += kr_text_width(frame->fonts, theme->small, KR_REGULAR, text) + 2 * theme->gap;
    static const char bars[] = "bars: outgoing strength";
    kr_text_fit(frame->fonts, frame->canvas, x, y, fmax(area.x + area.width - x, 1), theme->small, KR_REGULAR, KR_LEFT,
                theme->faint_text, bars);
}

/* Largest tiles that all have room, with a row of text below each; units beyond what is legible are left out, which is said. */
static size_t arrange(const kr_frame *frame, const picture_of_weights *of, kr_rectangle area, size_t *columns, double *width,
                      double *height) {
    const kr_theme *theme = frame->theme;
    double gap = theme->gap, text = 1.4 * theme->small, aspect = fmin((double)of->columns / (double)of->rows, 12),
           least = 30 * theme->scale;
    for (size_t shown = of->first.outputs; shown > 0; shown--) {
        double best = 0;
        for (size_t across = 1; across <= shown; across++) {
            double down = (double)((shown + across - 1) / across);
            double room = (area.width + gap) / (double)across - gap, tall = (area.height + gap) / down - gap - text;
            double side = fmin(room, tall * aspect);
            if (side > best) best = side, *columns = across;
        }
        *width = floor(fmin(best, 220 * theme->scale * fmax(1, aspect)));
        *height = floor(*width / aspect);
        if ((*width >= least && *height >= 4) || shown == 1) return *width >= 8 ? shown : 0;
    }
    return 0;
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
    size_t columns = 1, units = of.first.outputs;
    double width, height, gap = theme->gap;
    kr_rectangle tiles = {area.x, area.y + row, area.width, area.height - 2 * row};
    size_t shown = arrange(frame, &of, tiles, &columns, &width, &height);
    char text[160], number[24] = "";
    if (shown < units) snprintf(number, sizeof number, "%zu of ", shown);
    snprintf(text, sizeof text, "network %llu: weights into %s%zu %s", (unsigned long long)networks->followed, number, units,
             of.next.outputs ? "hidden units" : "classes");
    kr_network_title(frame, &area, theme->text, text);
    double strongest = 0;
    for (size_t k = 0; k < shown; k++) strongest = fmax(strongest, outgoing(&of, k));
    for (size_t k = 0; k < shown; k++) {
        kr_rectangle tile = {tiles.x + (double)(k % columns) * (width + gap),
                             tiles.y + (double)(k / columns) * (height + gap + 1.4 * theme->small), width, height};
        draw_unit(frame, &of, k, tile);
        label_unit(frame, &of, k, tile, tile.y + height + 0.75 * theme->small, strongest);
    }
    draw_scale(frame, (kr_rectangle){tiles.x, tiles.y + tiles.height, tiles.width, row}, of.most);
}
