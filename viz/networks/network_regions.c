/* Classes over two inputs: colour for the class, strength for its probability, a line where two are equally likely; and the data.
 */
#include "network_panel.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

void kr_region_picture_destroy(kr_region_picture *picture) {
    free(picture->pixel);
    free(picture->margin);
    *picture = (kr_region_picture){.width = 0};
}

static bool reserve(kr_region_picture *picture, int width, int height) {
    size_t size = (size_t)width * (size_t)height;
    picture->width = width;
    picture->height = height;
    if (size <= picture->capacity) return true;
    kr_region_picture_destroy(picture);
    picture->pixel = malloc(size * sizeof *picture->pixel);
    picture->margin = malloc(size * sizeof *picture->margin);
    picture->capacity = picture->pixel && picture->margin ? size : 0;
    picture->width = width;
    picture->height = height;
    return picture->capacity > 0;
}

/* Between which two cells a pixel lies, and how far from the first. */
static void between(double at, size_t cells, size_t *first, float *part) {
    double cell = fmin(fmax(at * (double)cells - 0.5, 0), (double)cells - 1);
    size_t low = (size_t)cell;
    *first = low + 2 > cells ? (cells > 1 ? cells - 2 : 0) : low;
    *part = (float)(cell - (double)*first);
}

/* The likeliest class, its probability, and by how much it leads. */
static size_t likeliest(const kr_regions *regions, const float *probability, size_t column, float right, size_t row, float up,
                        float *most, float *lead) {
    size_t columns = regions->columns, cells = columns * regions->rows, best = 0, at = row * columns + column;
    size_t beside = columns > 1, above = regions->rows > 1 ? columns : 0;
    float second = 0;
    *most = -1;
    for (size_t c = 0; c < regions->classes; c++) {
        const float *p = probability + c * cells + at;
        float below = p[0] + right * (p[beside] - p[0]), over = p[above] + right * (p[above + beside] - p[above]);
        float here = below + up * (over - below);
        if (here > *most) {
            second = *most;
            *most = here;
            best = c;
        } else if (here > second) {
            second = here;
        }
    }
    *lead = *most - fmaxf(second, 0);
    return best;
}

static void color_pixels(kr_region_picture *picture, const kr_regions *regions, const float *probability, const kr_theme *theme) {
    int width = picture->width, height = picture->height;
    float least = 1 / (float)regions->classes;
    kr_color ground = theme->dark ? 0xff23272e : 0xffffffff;
    for (int y = 0; y < height; y++) {
        size_t row, column;
        float up, right, most, lead;
        between(1 - (y + 0.5) / height, regions->rows, &row, &up);
        for (int x = 0; x < width; x++) {
            between((x + 0.5) / width, regions->columns, &column, &right);
            size_t best = likeliest(regions, probability, column, right, row, up, &most, &lead);
            float strength = isfinite(most) ? fminf(fmaxf((most - least) / (1 - least), 0), 1) : 0;
            double weight = (theme->dark ? 0.62 : 0.55) * (double)strength;
            picture->pixel[y * width + x] = kr_color_mix(ground, kr_class_color(theme, best), weight);
            picture->margin[y * width + x] = isfinite(lead) ? lead : 1;
        }
    }
}

/* The lead falls to nothing on a boundary and rises behind it: over its slope it is the distance, to first order. */
static void draw_boundary(kr_region_picture *picture, const kr_theme *theme) {
    int width = picture->width, height = picture->height;
    float half = 0.9F * (float)theme->scale;
    for (int y = 1; y + 1 < height; y++)
        for (int x = 1; x + 1 < width; x++) {
            const float *m = picture->margin + y * width + x;
            float across = fmaxf(fabsf(m[1] - m[0]), fabsf(m[0] - m[-1]));
            float up = fmaxf(fabsf(m[width] - m[0]), fabsf(m[0] - m[-width]));
            float slope = sqrtf(across * across + up * up);
            if (!(slope > 1e-5F)) continue;
            float cover = half + 0.5F - m[0] / slope;
            if (!(cover > 0)) continue;
            uint32_t *pixel = picture->pixel + y * width + x;
            *pixel = kr_color_mix(*pixel, theme->text, fminf(cover, 1) * 0.9F);
        }
}

static bool update(kr_region_picture *picture, const kr_snapshot *snapshot, const kr_snapshot_networks *networks, bool mean,
                   const kr_theme *theme, int width, int height) {
    bool same = picture->capacity && picture->made == networks->regions_made && picture->version == snapshot->version &&
                picture->dark == theme->dark && picture->mean == mean && picture->width == width && picture->height == height;
    if (same) return true;
    if (!reserve(picture, width, height)) return false;
    picture->made = networks->regions_made;
    picture->version = snapshot->version;
    picture->dark = theme->dark;
    picture->mean = mean;
    color_pixels(picture, &networks->regions, mean ? networks->regions.mean : networks->regions.followed, theme);
    draw_boundary(picture, theme);
    return true;
}

/* ---- data ---- */

enum { MOST_POINTS = 1500 };

/* Training data are discs, test data open squares. */
static void draw_points(const kr_frame *frame, const kr_plot *plot, const kr_data *data, bool test, double radius) {
    const kr_theme *theme = frame->theme;
    kr_color rim = theme->dark ? 0xff101318 : 0xffffffff;
    size_t stride = 1 + (data->count - (data->count > 0)) / MOST_POINTS;
    for (size_t m = 0; m < data->count; m += stride) {
        kr_point at = kr_plot_point(plot, data->input[2 * m], data->input[2 * m + 1]);
        kr_color color = data->label ? kr_class_color(theme, data->label[m]) : theme->text;
        if (test) {
            double side = 1.7 * radius, line = fmax(1.2, 0.36 * radius);
            kr_canvas_frame(frame->canvas,
                            (kr_rectangle){at.x - 0.5 * side - line, at.y - 0.5 * side - line, side + 2 * line, side + 2 * line}, 0,
                            line, rim);
            kr_canvas_frame(frame->canvas, (kr_rectangle){at.x - 0.5 * side, at.y - 0.5 * side, side, side}, 0, line, color);
        } else {
            kr_canvas_disc(frame->canvas, at, radius, rim);
            kr_canvas_disc(frame->canvas, at, 0.72 * radius, color);
        }
    }
}

/* What colours and marks mean, as far as there is room. */
static void draw_legend(const kr_frame *frame, kr_rectangle area, const kr_data *train, const kr_data *test) {
    const kr_theme *theme = frame->theme;
    double x = area.x, y = area.y + 0.5 * area.height, side = 0.8 * theme->small, end = area.x + area.width;
    char text[32];
    for (size_t c = 0; c < train->classes; c++) {
        snprintf(text, sizeof text, train->classes <= 4 ? "class %zu" : "%zu", c);
        double width = side + 0.4 * theme->gap + kr_text_width(frame->fonts, theme->small, KR_REGULAR, text) + theme->gap;
        if (x + width > end) return;
        kr_canvas_fill(frame->canvas, (kr_rectangle){x, y - 0.5 * side, side, side}, kr_class_color(theme, c));
        kr_text_draw(frame->fonts, frame->canvas, x + side + 0.4 * theme->gap, y, theme->small, KR_REGULAR, KR_LEFT, theme->text,
                     text);
        x += width;
    }
    const char *const marks[2] = {"training", "test"};
    for (int k = 0; k < 1 + (test->count > 0); k++) {
        double width = side + 0.4 * theme->gap + kr_text_width(frame->fonts, theme->small, KR_REGULAR, marks[k]) + theme->gap;
        if (x + width > end) return;
        if (k)
            kr_canvas_frame(frame->canvas, (kr_rectangle){x, y - 0.5 * side, side, side}, 0, 1.5 * theme->scale, theme->text);
        else
            kr_canvas_disc(frame->canvas, (kr_point){x + 0.5 * side, y}, 0.5 * side, theme->text);
        kr_text_draw(frame->fonts, frame->canvas, x + side + 0.4 * theme->gap, y, theme->small, KR_REGULAR, KR_LEFT, theme->text,
                     marks[k]);
        x += width;
    }
    static const char strength[] = "strength: probability";
    if (x + kr_text_width(frame->fonts, theme->small, KR_REGULAR, strength) <= end)
        kr_text_draw(frame->fonts, frame->canvas, x, y, theme->small, KR_REGULAR, KR_LEFT, theme->faint_text, strength);
}

/* ---- pictures ---- */

static void write_title(const kr_frame *frame, size_t v, bool mean, char *text, size_t size) {
    const kr_snapshot *snapshot = frame->snapshot;
    const kr_snapshot_variant *variant = &snapshot->variant[v];
    const kr_snapshot_networks *networks = &variant->networks;
    char number[32], name[80] = "", step[32];
    if (snapshot->variants > 1) snprintf(name, sizeof name, "%s: ", variant->name);
    kr_text_number((double)networks->regions_step, 12, step, sizeof step);
    double accuracy = networks->one[KR_TEST_ACCURACY];
    if (mean && snapshot->variants > 1)
        snprintf(text, size, "%smean of %zu networks", name, networks->regions.averaged);
    else if (mean)
        snprintf(text, size, "%smean of %zu of %s networks, step %s", name, networks->regions.averaged,
                 kr_text_number((double)variant->particles, 12, number, sizeof number), step);
    else if (snapshot->variants > 1 && isfinite(accuracy))
        snprintf(text, size, "%snetwork %llu, test %.3f", name, (unsigned long long)networks->followed, accuracy);
    else if (isfinite(accuracy))
        snprintf(text, size, "%snetwork %llu, step %s, test accuracy %.3f", name, (unsigned long long)networks->followed, step,
                 accuracy);
    else
        snprintf(text, size, "%snetwork %llu, step %s", name, (unsigned long long)networks->followed, step);
}

/* One scale for both inputs: what is too wide or too high for the area stays empty. */
static void fit(kr_plot *plot, kr_rectangle area, const kr_regions *regions) {
    const kr_theme *theme = plot->theme;
    double left = 4.2 * theme->small, below = 3.4 * theme->small, over = 0.6 * theme->small;
    double width = fmax(area.width - left - over, 1), height = fmax(area.height - below - over, 1);
    double aspect = (regions->high[0] - regions->low[0]) / (regions->high[1] - regions->low[1]);
    if (width > aspect * height)
        width = aspect * height;
    else
        height = width / aspect;
    plot->outer = (kr_rectangle){floor(area.x + 0.5 * (area.width - width - left - over)), area.y, floor(width + left + over),
                                 floor(height + below + over)};
}

static void draw_picture(kr_network_panel *panel, const kr_frame *frame, kr_rectangle area, size_t v, bool mean) {
    const kr_theme *theme = frame->theme;
    const kr_snapshot_networks *networks = &frame->snapshot->variant[v].networks;
    const kr_regions *regions = &networks->regions;
    kr_data train, test;
    char title[160];
    if (!kr_network_data(frame, &train, &test)) return;
    write_title(frame, v, mean, title, sizeof title);
    kr_network_title(frame, &area, frame->snapshot->variants > 1 ? theme->variant[v % 4] : theme->text, title);
    if (!regions->columns || regions->classes != train.classes) return;
    kr_plot plot = {.canvas = frame->canvas, .fonts = frame->fonts, .theme = theme};
    fit(&plot, area, regions);
    plot.x = (kr_axis){.low = regions->low[0], .high = regions->high[0], .label = "input 0"};
    plot.y = (kr_axis){.low = regions->low[1], .high = regions->high[1], .label = "input 1"};
    kr_plot_axes(&plot);
    int width = (int)floor(plot.inner.width), height = (int)floor(plot.inner.height);
    kr_region_picture *picture = &panel->picture[2 * v + mean];
    if (width < 8 || height < 8 || !update(picture, frame->snapshot, networks, mean, theme, width, height)) return;
    kr_canvas_copy(frame->canvas, (int)plot.inner.x, (int)plot.inner.y, width, height, picture->pixel);
    kr_rectangle before = kr_canvas_clip(frame->canvas, (kr_rectangle){floor(plot.inner.x), floor(plot.inner.y), width, height});
    double radius = fmax(2.2, fmin(4.6, 0.011 * sqrt(plot.inner.width * plot.inner.height) / theme->scale)) * theme->scale;
    draw_points(frame, &plot, &test, true, radius);
    draw_points(frame, &plot, &train, false, radius);
    kr_canvas_unclip(frame->canvas, before);
}

/* As many columns as make the pictures largest. */
static size_t columns_for(kr_rectangle area, size_t count, double aspect) {
    size_t best = 1;
    double most = 0;
    for (size_t columns = 1; columns <= count; columns++) {
        double rows = (double)((count + columns - 1) / columns);
        double side = fmin(area.width / (double)columns, aspect * area.height / rows);
        if (side > most) most = side, best = columns;
    }
    return best;
}

void kr_network_draw_regions(kr_network_panel *panel, const kr_frame *frame, kr_rectangle area) {
    const kr_theme *theme = frame->theme;
    const kr_regions *regions = &frame->snapshot->variant[0].networks.regions;
    size_t variants = frame->snapshot->variants, each = panel->whose == KR_ONE_AND_MEAN ? 2 : 1, count = variants * each;
    kr_data train, test;
    double row = 1.5 * theme->small, gap = theme->gap;
    if (!kr_network_data(frame, &train, &test)) return;
    if (!regions->columns) {
        kr_text_wrap(frame->fonts, frame->canvas, area.x, area.y + 0.3 * area.height, area.width, theme->normal, KR_REGULAR,
                     theme->faint_text, "There are too many classes for a picture of them in colours.");
        return;
    }
    kr_rectangle legend = {area.x, area.y + area.height - row, area.width, row};
    if (area.height > 8 * row) {
        draw_legend(frame, legend, &train, &test);
        area.height -= row;
    }
    double aspect = (regions->high[0] - regions->low[0]) / (regions->high[1] - regions->low[1]);
    size_t columns = columns_for(area, count, aspect), rows = (count + columns - 1) / columns;
    double width = (area.width - gap * (double)(columns - 1)) / (double)columns,
           height = (area.height - gap * (double)(rows - 1)) / (double)rows;
    for (size_t k = 0; k < count; k++) {
        kr_rectangle part = {area.x + (double)(k % columns) * (width + gap), area.y + (double)(k / columns) * (height + gap), width,
                             height};
        bool mean = panel->whose == KR_MEAN_OF_NETWORKS || (panel->whose == KR_ONE_AND_MEAN && k % 2);
        draw_picture(panel, frame, part, k / each, mean);
    }
}
