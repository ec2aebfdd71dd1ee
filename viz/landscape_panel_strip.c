/* One dimension: how the particles are distributed now, beside the stationary density of the set temperature. */
#include "landscape_panel.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct kr_histogram {
    size_t bins;
    double low, per; /* left end, width of a bin */
    double largest;
    double *value; /* density */
} kr_histogram;

/* As many bins as the particles fill with little noise, none narrower than a few pixels. */
static size_t bins_for(size_t particles, double width, double scale) {
    double most = fmax(width / (3 * scale), 1), wanted = 5 * cbrt((double)particles);
    return (size_t)fmax(fmin(wanted, most), fmin(24, most));
}

static void count_all(const kr_snapshot_variant *ensemble, kr_histogram *histogram) {
    const float low = (float)histogram->low, per = (float)(1 / histogram->per), bins = (float)histogram->bins;
    const float *position = ensemble->position;
    uint64_t finite = 0;
    for (size_t p = 0; p < ensemble->count; p++) {
        float at = (position[p] - low) * per;
        finite += at == at;
        if (at >= 0 && at < bins) histogram->value[(size_t)(int32_t)at] += 1;
    }
    double per_particle = finite ? 1 / ((double)finite * histogram->per) : 0;
    histogram->largest = 0;
    for (size_t i = 0; i < histogram->bins; i++) {
        histogram->value[i] *= per_particle;
        histogram->largest = fmax(histogram->largest, histogram->value[i]);
    }
}

static void draw_histogram(const kr_frame *frame, const kr_histogram *histogram, const kr_camera *camera, kr_color color,
                           bool filled) {
    size_t n = 2 * histogram->bins;
    kr_point *points = malloc(n * sizeof *points);
    if (!points) return;
    for (size_t i = 0; i < n; i++)
        points[i] = kr_camera_pixel(camera, histogram->low + (double)((i + 1) / 2) * histogram->per, histogram->value[i / 2]);
    kr_canvas_area(frame->canvas, n, points, kr_camera_pixel(camera, 0, 0).y, kr_color_fade(color, filled ? 0.55 : 0.16));
    kr_canvas_polyline(frame->canvas, n, points, 1.3 * frame->theme->scale, 0, color);
    free(points);
}

static void draw_stationary(const kr_frame *frame, const kr_stationary *stationary, const kr_camera *camera, kr_color color,
                            double dash) {
    enum { PIECE = 512 };
    kr_point points[PIECE];
    int width = (int)camera->area.width;
    for (int done = 0; done < width;) {
        int n = width + 1 - done < PIECE ? width + 1 - done : PIECE;
        for (int i = 0; i < n; i++) {
            double x = kr_camera_world(camera, (kr_point){camera->area.x + done + i, 0}).x;
            points[i] = kr_camera_pixel(camera, x, kr_stationary_at(stationary, x));
        }
        kr_canvas_polyline(frame->canvas, (size_t)n, points, 2 * frame->theme->scale, dash * frame->theme->scale, color);
        done += n - 1;
        if (n < 2) break;
    }
}

static double legend_entry(const kr_frame *frame, kr_rectangle area, int row, kr_color color, bool line, const char *text) {
    const kr_theme *theme = frame->theme;
    double y = area.y + (0.8 + 1.3 * row) * theme->small, x = area.x + 0.6 * theme->small, key = 1.4 * theme->small;
    if (y + 0.6 * theme->small > area.y + area.height) return y;
    if (line)
        kr_canvas_line(frame->canvas, (kr_point){x, y}, (kr_point){x + key, y}, 2 * theme->scale, color);
    else
        kr_canvas_fill(frame->canvas, (kr_rectangle){x, y - 0.35 * theme->small, key, 0.7 * theme->small},
                       kr_color_fade(color, 0.7));
    kr_text_fit(frame->fonts, frame->canvas, x + key + 0.5 * theme->small, y, area.width - key - 2 * theme->small, theme->small,
                KR_REGULAR, KR_LEFT, theme->text, text);
    return y;
}

static void draw_legend(const kr_landscape_panel *panel, const kr_frame *frame, kr_rectangle area) {
    const kr_snapshot *snapshot = frame->snapshot;
    const kr_theme *theme = frame->theme;
    char text[256], number[32];
    int row = 0;
    for (size_t v = 0; snapshot && v < snapshot->variants; v++) {
        const kr_snapshot_variant *variant = &snapshot->variant[v];
        const kr_stationary *stationary = &panel->stationary[v];
        bool alone = snapshot->variants == 1;
        kr_text_number((double)variant->particles, 15, number, sizeof number);
        if (alone)
            snprintf(text, sizeof text, "%s particle%s%s", number, variant->particles == 1 ? "" : "s",
                     variant->count > KR_LANDSCAPE_BALLS ? " (some are drawn as balls)" : "");
        else
            snprintf(text, sizeof text, "%s (line: %s)", variant->name, stationary->what);
        legend_entry(frame, area, row++, theme->variant[v % 4], false, text);
        if (!alone) continue;
        if (stationary->known)
            legend_entry(frame, area, row++, theme->prediction, true, stationary->what);
        else if (stationary->what[0])
            legend_entry(frame, area, row++, kr_color_fade(theme->prediction, 0), true, stationary->what);
    }
}

static void find_stationary(kr_landscape_panel *panel, const kr_frame *frame, size_t variant) {
    const kr_snapshot *snapshot = frame->snapshot;
    kr_box seen = kr_camera_seen(&panel->camera);
    double rate = snapshot->learning_rate;
    if (!(rate > 0)) rate = kr_schedule_at(&frame->knowledge->model.schedule, snapshot->step);
    kr_stationary_update(&panel->stationary[variant], frame->knowledge, variant, rate, (kr_interval){seen.low_x, seen.high_x},
                         NULL);
}

void kr_landscape_draw_density_strip(kr_landscape_panel *panel, const kr_frame *frame, kr_rectangle area) {
    const kr_snapshot *snapshot = frame->snapshot;
    const kr_theme *theme = frame->theme;
    kr_histogram histogram[KR_MAX_VARIANTS] = {{.bins = 0}};
    kr_box seen = kr_camera_seen(&panel->camera);
    size_t variants = snapshot ? snapshot->variants : 0;
    double counted = 0, predicted = 0;
    for (size_t v = 0; v < variants; v++) {
        const kr_snapshot_variant *variant = &snapshot->variant[v];
        find_stationary(panel, frame, v);
        if (panel->stationary[v].known) predicted = fmax(predicted, panel->stationary[v].largest);
        if (!variant->position || variant->dim != 1 || !variant->count) continue;
        kr_histogram *h = &histogram[v];
        *h = (kr_histogram){.bins = bins_for(variant->count, area.width, theme->scale), .low = seen.low_x};
        h->per = (seen.high_x - seen.low_x) / (double)h->bins;
        h->value = calloc(h->bins, sizeof *h->value);
        if (h->value) count_all(variant, h);
        if (h->value) counted = fmax(counted, h->largest);
    }
    /* All particles at one place would press the prediction flat: what is higher is cut off. */
    double top = 1.3 * (predicted > 0 ? fmin(fmax(counted, predicted), 3 * predicted) : counted > 0 ? counted : 1);
    if (!(panel->density_top > 0) || top > panel->density_top) panel->density_top = top;
    panel->density_top += 0.08 * (top - panel->density_top);
    kr_camera camera = {.area = area, .x = panel->camera.x, .per_x = panel->camera.per_x};
    camera.y = 0.5 * panel->density_top;
    camera.per_y = panel->density_top / area.height;
    kr_canvas_line(frame->canvas, (kr_point){area.x, area.y + area.height}, (kr_point){area.x + area.width, area.y + area.height},
                   theme->scale, theme->edge);
    kr_landscape_ticks_y(frame, area, 0, panel->density_top, "density", true);
    kr_rectangle before = kr_canvas_clip(frame->canvas, area);
    for (size_t v = 0; v < variants; v++) {
        if (histogram[v].value) draw_histogram(frame, &histogram[v], &camera, theme->variant[v % 4], variants == 1);
        free(histogram[v].value);
    }
    for (size_t v = 0; v < variants; v++)
        if (panel->stationary[v].known)
            draw_stationary(frame, &panel->stationary[v], &camera, variants == 1 ? theme->prediction : theme->variant[v % 4],
                            variants == 1 ? 0 : 7);
    draw_legend(panel, frame, area);
    kr_canvas_unclip(frame->canvas, before);
}
