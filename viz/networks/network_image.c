/* One of the test data, as an image where it is one, and how likely each class is: by the followed network, and by the mean of
 * some. */
#include "network_panel.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_AVERAGED = 64 };

static bool reserve(kr_network_panel *panel, size_t classes) {
    if (panel->classes == classes && panel->one) return true;
    free(panel->one);
    free(panel->mean);
    panel->one = malloc(classes * sizeof *panel->one);
    panel->mean = malloc(classes * sizeof *panel->mean);
    panel->classes = panel->one && panel->mean ? classes : 0;
    panel->guessed = 0;
    return panel->classes > 0;
}

/* Sums over networks side by side, x [dim][n]. */
static bool predict(const kr_frame *frame, const kr_data_sum *sum, size_t classes, const double *input, size_t n, const double *x,
                    double *out) {
    double *each = malloc(classes * n * sizeof *each);
    if (!each) return false;
    sum->predict(&frame->analysis->model.landscape, 1, input, n, x, each);
    for (size_t c = 0; c < classes; c++) {
        double mean = 0, count = 0;
        for (size_t p = 0; p < n; p++)
            if (isfinite(each[c * n + p])) mean += each[c * n + p], count++;
        out[c] = count > 0 ? mean / count : NAN;
    }
    free(each);
    return true;
}

/* From what the snapshot has: the parameters of the followed network, and positions of the first ones. */
static bool guess(kr_network_panel *panel, const kr_frame *frame, const kr_data_sum *sum, size_t classes, const double *input) {
    const kr_snapshot_variant *variant = &frame->snapshot->variant[0];
    const kr_snapshot_networks *networks = &variant->networks;
    size_t dim = frame->analysis->model.landscape.dim;
    if (!networks->weight || networks->dim != dim || !reserve(panel, classes)) return false;
    if (panel->guessed == frame->snapshot->number && panel->guessed_image == panel->image) return true;
    size_t n = variant->dim == dim && variant->position ? variant->count : 0;
    if (n > MOST_AVERAGED) n = MOST_AVERAGED;
    double *x = malloc(dim * (n + 1) * sizeof *x);
    if (!x) return false;
    for (size_t i = 0; i < dim; i++) x[i] = (double)networks->weight[i];
    bool good = predict(frame, sum, classes, input, 1, x, panel->one);
    for (size_t i = 0; i < dim && n; i++)
        for (size_t p = 0; p < n; p++) x[i * n + p] = (double)variant->position[i * variant->count + p];
    panel->averaged = n && good && predict(frame, sum, classes, input, n, x, panel->mean) ? n : 0;
    free(x);
    panel->guessed = frame->snapshot->number;
    panel->guessed_image = panel->image;
    return good;
}

static void draw_input(const kr_frame *frame, const kr_data *data, const double *input, kr_rectangle place) {
    double low = INFINITY, high = -INFINITY, rows = (double)data->rows, columns = (double)data->columns;
    for (size_t k = 0; k < data->inputs; k++) low = fmin(low, input[k]), high = fmax(high, input[k]);
    for (size_t r = 0; r < data->rows; r++)
        for (size_t c = 0; c < data->columns; c++) {
            double part = high > low ? (input[r * data->columns + c] - low) / (high - low) : 0;
            double left = floor(place.x + place.width * (double)c / columns),
                   top = floor(place.y + place.height * (double)r / rows);
            double right = floor(place.x + place.width * (double)(c + 1) / columns),
                   bottom = floor(place.y + place.height * (double)(r + 1) / rows);
            kr_canvas_fill(frame->canvas, (kr_rectangle){left, top, right - left, bottom - top},
                           kr_color_mix(0xff000000, 0xffffffff, part));
        }
    kr_canvas_frame(frame->canvas, place, 0, fmax(1, floor(frame->theme->scale)), frame->theme->edge);
}

/* One row a class: number, bar, probability; a mark where the mean is. */
static void draw_bars(const kr_network_panel *panel, const kr_frame *frame, kr_rectangle area, size_t label) {
    const kr_theme *theme = frame->theme;
    size_t shown = panel->classes;
    double row = fmin(area.height / (double)shown, 1.7 * theme->small), least = 9 * theme->scale;
    if (row < least) {
        row = least;
        shown = (size_t)fmax(0, floor(area.height / row));
    }
    double size = fmin(theme->small, 0.95 * row);
    double name = 1.6 * theme->small, digits = 2.6 * theme->small, width = fmax(area.width - name - digits, 1);
    for (size_t c = 0; c < shown && c < panel->classes; c++) {
        double middle = area.y + ((double)c + 0.5) * row, p = fmin(fmax(panel->one[c], 0), 1);
        char text[32];
        snprintf(text, sizeof text, "%zu", c);
        kr_text_draw(frame->fonts, frame->canvas, area.x + 0.9 * theme->small, middle, size, c == label ? KR_BOLD : KR_REGULAR,
                     KR_RIGHT, c == label ? theme->text : theme->faint_text, text);
        kr_rectangle bar = {area.x + name, middle - 0.36 * row, width, 0.72 * row};
        kr_canvas_fill(frame->canvas, bar, kr_color_mix(theme->background, theme->text, 0.08));
        bar.width = isfinite(p) ? width * p : 0;
        kr_canvas_fill(frame->canvas, bar, c == label ? theme->accent : theme->variant[0]);
        if (panel->averaged && isfinite(panel->mean[c]))
            kr_canvas_fill(frame->canvas,
                           (kr_rectangle){area.x + name + width * panel->mean[c] - theme->scale, middle - 0.48 * row,
                                          2 * theme->scale, 0.96 * row},
                           theme->text);
        snprintf(text, sizeof text, "%.2f", panel->one[c]);
        kr_text_draw(frame->fonts, frame->canvas, area.x + area.width, middle, size, KR_REGULAR, KR_RIGHT, theme->text, text);
    }
}

/* Buttons to the images around this one. */
static void draw_buttons(kr_network_panel *panel, const kr_frame *frame, kr_rectangle *area, size_t count) {
    const kr_theme *theme = frame->theme;
    double side = theme->line;
    if (!frame->widgets || area->height < 6 * side) return;
    kr_rectangle left = {area->x, area->y, side, side}, right = {area->x + side + 0.5 * theme->gap, area->y, side, side};
    if (kr_button(frame->widgets, "network image before", left, "\xe2\x80\xb9", false, "The image before ([)"))
        panel->image = panel->image ? panel->image - 1 : count - 1;
    if (kr_button(frame->widgets, "network image after", right, "\xe2\x80\xba", false, "The next image (])"))
        panel->image = panel->image + 1 < count ? panel->image + 1 : 0;
    area->y += side + 0.5 * theme->gap;
    area->height -= side + 0.5 * theme->gap;
}

void kr_network_draw_image(kr_network_panel *panel, const kr_frame *frame, kr_rectangle area) {
    const kr_theme *theme = frame->theme;
    kr_data train, test;
    char text[160];
    const kr_data_sum *sum = kr_network_data(frame, &train, &test);
    const kr_data *data = test.count ? &test : &train;
    if (!sum || !data->count) return;
    if (panel->image >= data->count) panel->image = 0;
    const double *input = data->input + panel->image * data->inputs;
    size_t label = data->label ? data->label[panel->image] : SIZE_MAX;
    snprintf(text, sizeof text, data->label ? "%s %s %zu, class %zu" : "%s %s %zu", test.count ? "test" : "training",
             data->rows ? "image" : "datum", panel->image, label);
    kr_network_title(frame, &area, theme->text, text);
    draw_buttons(panel, frame, &area, data->count);
    if (!guess(panel, frame, sum, data->classes, input)) return;
    bool beside = area.width > area.height;
    double row = 1.5 * theme->small;
    if (data->rows) {
        double side = beside ? fmin(area.height, 0.4 * area.width) : fmin(fmin(area.width, 0.38 * area.height), 200 * theme->scale);
        side = floor(side / (double)data->rows) * (double)data->rows;
        if (side >= (double)data->rows) {
            draw_input(frame, data, input, (kr_rectangle){floor(area.x), floor(area.y), side, side});
            double moved = side + theme->gap;
            if (beside)
                area.x += moved, area.width -= moved;
            else
                area.y += moved, area.height -= moved;
        }
    }
    snprintf(text, sizeof text, "network %llu; mark: mean of %zu",
             (unsigned long long)frame->snapshot->variant[0].networks.followed, panel->averaged);
    if (area.height > row * 3) {
        double used = fmax(row, kr_text_wrap(frame->fonts, frame->canvas, area.x, area.y, area.width, theme->small, KR_REGULAR,
                                             theme->faint_text, text));
        area.y += used;
        area.height -= used;
    }
    if (area.width > 60 * theme->scale) draw_bars(panel, frame, area, label);
}
