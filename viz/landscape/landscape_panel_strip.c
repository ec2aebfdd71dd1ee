/* One dimension: how the particles are distributed now, beside the stationary density of the set temperature. */
#include "landscape_panel.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static void draw_density(const kr_frame *frame, const kr_density_curve *density, const kr_camera *camera, kr_color color,
                         double dash) {
    enum { PIECE = 512 };
    kr_point points[PIECE];
    int width = (int)camera->area.width;
    for (int done = 0; done < width;) {
        int n = width + 1 - done < PIECE ? width + 1 - done : PIECE;
        for (int i = 0; i < n; i++) {
            double x = kr_camera_world(camera, (kr_point){camera->area.x + done + i, 0}).x;
            points[i] = kr_camera_pixel(camera, x, kr_density_at(density, x));
        }
        kr_canvas_polyline(frame->canvas, (size_t)n, points, 2 * frame->theme->scale, dash * frame->theme->scale, color);
        done += n - 1;
        if (n < 2) break;
    }
}

typedef struct kr_entry {
    char text[256];
    kr_color color;
    bool line;
} kr_entry;

static kr_color steps_color(const kr_theme *theme) {
    return theme->heat;
}

static size_t list_entries(const kr_landscape_panel *panel, const kr_frame *frame, kr_entry *entry) {
    const kr_snapshot *snapshot = frame->snapshot;
    const kr_theme *theme = frame->theme;
    char number[32], more[64];
    size_t rows = 0;
    for (size_t v = 0; snapshot && v < snapshot->variants; v++) {
        const kr_snapshot_variant *variant = &snapshot->variant[v];
        const kr_stationary *stationary = &panel->stationary[v];
        kr_entry *first = &entry[rows++];
        *first = (kr_entry){.color = theme->variant[v % 4]};
        kr_text_number((double)variant->particles, 15, number, sizeof number);
        if (snapshot->variants > 1) {
            snprintf(first->text, sizeof first->text, stationary->known ? "%s; line: %s" : "%s: %s", variant->name,
                     stationary->what);
            continue;
        }
        snprintf(first->text, sizeof first->text, "%s particle%s", number, variant->particles == 1 ? "" : "s");
        size_t used = strlen(first->text);
        if (variant->absorbed) {
            snprintf(more, sizeof more, ", %s arrived", kr_text_number((double)variant->absorbed, 15, number, sizeof number));
            snprintf(first->text + used, sizeof first->text - used, "%s", more);
        } else if (variant->count > KR_LANDSCAPE_BALLS) {
            snprintf(first->text + used, sizeof first->text - used, ", %d as balls", KR_LANDSCAPE_BALLS);
        }
        if (!stationary->what[0]) continue;
        entry[rows] = (kr_entry){.color = stationary->known ? theme->prediction : 0, .line = true};
        snprintf(entry[rows++].text, sizeof entry->text, "%s", stationary->what);
        if (!stationary->density.steps_differ) continue;
        entry[rows] = (kr_entry){.color = steps_color(theme), .line = true};
        snprintf(entry[rows++].text, sizeof entry->text, "exact for steps of η = %s",
                 kr_text_number(stationary->learning_rate, 3, number, sizeof number));
    }
    return rows;
}

/* The highest density between two pixels. */
static double crowd(const kr_landscape_panel *panel, const kr_histogram *histogram, size_t variants, const kr_camera *camera,
                    double left, double right) {
    enum { LOOKS = 64 };
    double highest = 0;
    for (int k = 0; k <= LOOKS; k++) {
        double x = kr_camera_world(camera, (kr_point){left + (right - left) * k / LOOKS, 0}).x;
        for (size_t v = 0; v < variants; v++) {
            const kr_histogram *h = &histogram[v];
            double bin = (x - h->low) / h->per;
            if (h->value && bin >= 0 && bin < (double)h->bins) highest = fmax(highest, h->value[(size_t)bin]);
            highest = fmax(highest, kr_density_at(&panel->stationary[v].density.continuous, x));
        }
    }
    return highest;
}

/* Left, in the middle or right, where the curves leave most room; it stays until another place is clearly better. */
static double legend_left(kr_landscape_panel *panel, const kr_histogram *histogram, size_t variants, const kr_camera *camera,
                          double width) {
    double left[3] = {camera->area.x, camera->area.x + 0.5 * (camera->area.width - width),
                      camera->area.x + camera->area.width - width};
    double crowded[3];
    int best = panel->legend_place;
    for (int k = 0; k < 3; k++) crowded[k] = crowd(panel, histogram, variants, camera, left[k], left[k] + width);
    for (int k = 0; k < 3; k++)
        if (crowded[k] < crowded[best] - 0.2 * panel->density_top) best = k;
    panel->legend_place = best;
    return left[best];
}

/* In short where there is no room: of several dynamics their names alone; of a line what stands behind the last comma is left out,
 * then why there is no prediction. */
static const char *entry_text(const kr_frame *frame, kr_entry *entry, double room) {
    char *comma = strrchr(entry->text, entry->line ? ',' : ';');
    if (comma && kr_text_width(frame->fonts, frame->theme->small, KR_REGULAR, entry->text) > room) *comma = '\0';
    if (entry->line && !entry->color && kr_text_width(frame->fonts, frame->theme->small, KR_REGULAR, entry->text) > room)
        snprintf(entry->text, sizeof entry->text, "no prediction");
    return entry->text;
}

static void draw_legend(kr_landscape_panel *panel, const kr_frame *frame, const kr_histogram *histogram, const kr_camera *camera) {
    const kr_theme *theme = frame->theme;
    kr_entry entry[3 * KR_MAX_VARIANTS];
    size_t rows = list_entries(panel, frame, entry);
    double small = theme->small, key = 1.4 * small, width = 0, row = 1.3 * small;
    for (size_t k = 0; k < rows; k++) width = fmax(width, kr_text_width(frame->fonts, small, KR_REGULAR, entry[k].text));
    width = fmin(width + key + 1.8 * small, camera->area.width);
    size_t variants = frame->snapshot ? frame->snapshot->variants : 0;
    double x = legend_left(panel, histogram, variants, camera, width) + 0.6 * small;
    kr_rectangle plate = {x - 0.3 * small, camera->area.y + 0.1 * small, width - 0.6 * small, row * (double)rows + 0.2 * small};
    if (rows) kr_canvas_fill_round(frame->canvas, plate, 3 * theme->scale, kr_color_fade(theme->background, 0.7));
    for (size_t k = 0; k < rows; k++) {
        double y = camera->area.y + 0.8 * small + row * (double)k;
        if (y + 0.6 * small > camera->area.y + camera->area.height) return;
        if (entry[k].line)
            kr_canvas_polyline(frame->canvas, 2, (kr_point[]){{x, y}, {x + key, y}}, 2 * theme->scale,
                               entry[k].color == steps_color(theme) ? 7 * theme->scale : 0, entry[k].color);
        else
            kr_canvas_fill(frame->canvas, (kr_rectangle){x, y - 0.35 * small, key, 0.7 * small},
                           kr_color_fade(entry[k].color, 0.7));
        kr_text_fit(frame->fonts, frame->canvas, x + key + 0.5 * small, y, width - key - 1.1 * small, small, KR_REGULAR, KR_LEFT,
                    theme->text, entry_text(frame, &entry[k], width - key - 1.1 * small));
    }
}

static void find_stationary(kr_landscape_panel *panel, const kr_frame *frame, size_t variant) {
    const kr_snapshot *snapshot = frame->snapshot;
    kr_box seen = panel->essential;
    double rate = snapshot->variant[variant].learning_rate, room = fmax(0.5 * (seen.high_x - seen.low_x), 0.1);
    if (!(rate > 0)) rate = kr_schedule_at(kr_present_schedule(frame->analysis, variant), snapshot->step);
    kr_stationary_update(&panel->stationary[variant], frame->analysis, variant, rate,
                         (kr_interval){seen.low_x - room, seen.high_x + room}, NULL);
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
        if (panel->stationary[v].known) predicted = fmax(predicted, panel->stationary[v].density.continuous.largest);
        if (!variant->position || variant->dim != 1 || !variant->count) continue;
        kr_histogram *h = &histogram[v];
        *h = (kr_histogram){.bins = bins_for(variant->count, area.width, theme->scale), .low = seen.low_x};
        h->per = (seen.high_x - seen.low_x) / (double)h->bins;
        h->value = calloc(h->bins, sizeof *h->value);
        if (h->value) count_all(variant, h);
        if (h->value) counted = fmax(counted, h->largest);
    }
    /* All particles at one place would press the prediction flat, and that of a temperature near 0 the histogram: what is higher is
     * cut off. */
    double lower = fmin(counted, predicted), higher = fmax(counted, predicted);
    double top = 1.3 * (lower > 0 ? fmin(higher, 3 * lower) : higher > 0 ? higher : 1);
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
    }
    for (size_t v = 0; v < variants; v++)
        if (panel->stationary[v].known)
            draw_density(frame, &panel->stationary[v].density.continuous, &camera,
                         variants == 1 ? theme->prediction : theme->variant[v % 4], variants == 1 ? 0 : 7);
    if (variants == 1 && panel->stationary[0].density.steps_differ)
        draw_density(frame, &panel->stationary[0].density.steps, &camera, steps_color(theme), 7);
    draw_legend(panel, frame, histogram, &camera);
    kr_canvas_unclip(frame->canvas, before);
    for (size_t v = 0; v < variants; v++) free(histogram[v].value);
}
