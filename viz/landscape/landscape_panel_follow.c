/* One particle that is picked and followed: a halo, where it was, and its numbers. */
#include "landscape_panel.h"

#include <math.h>
#include <stdio.h>

uint64_t kr_landscape_nearest(const kr_landscape_panel *panel, const kr_analysis *analysis, const kr_snapshot_variant *ensemble,
                              const kr_camera *camera, kr_point pixel, double reach) {
    uint64_t nearest = UINT64_MAX;
    double least = reach * reach;
    kr_projected at;
    if (!ensemble->position || ensemble->dim != panel->dim) return nearest;
    for (size_t from = 0; from < ensemble->count; from += KR_PLANE_BATCH) {
        size_t n = ensemble->count - from < KR_PLANE_BATCH ? ensemble->count - from : KR_PLANE_BATCH;
        double x[KR_PLANE_BATCH], energy[KR_PLANE_BATCH];
        if (panel->dim == 1) {
            for (size_t p = 0; p < n; p++) x[p] = (double)ensemble->position[from + p];
            kr_landscape_energy(kr_present_landscape(analysis), n, x, energy);
        } else {
            kr_plane_project(&panel->plane, ensemble, from, n, &at);
        }
        for (size_t p = 0; p < n; p++) {
            kr_point here = panel->dim == 1 ? kr_camera_pixel(camera, x[p], energy[p])
                                            : kr_landscape_pixel(panel, camera, (double)at.x[p], (double)at.y[p], NULL);
            double dx = here.x - pixel.x, dy = here.y - pixel.y, square = dx * dx + dy * dy;
            if (square < least) {
                least = square;
                nearest = from + p;
            }
        }
    }
    return nearest;
}

/* From the copied positions, so that it stands where its dot is; of a particle that is not copied, from its numbers. false: it is
 * not there. */
static bool followed_place(const kr_landscape_panel *panel, const kr_frame *frame, size_t variant, kr_point *at, double *position) {
    const kr_snapshot_variant *ensemble = &frame->snapshot->variant[variant];
    uint64_t p = panel->followed.particle;
    size_t shown = panel->dim < KR_PICKED_NUMBERS ? panel->dim : KR_PICKED_NUMBERS;
    bool copied = ensemble->position && p < ensemble->count;
    if (ensemble->dim != panel->dim || (!copied && (frame->snapshot->followed != p || panel->dim > KR_PICKED_NUMBERS)))
        return false;
    for (size_t i = 0; i < shown; i++)
        position[i] = copied ? (double)ensemble->position[i * ensemble->count + p] : ensemble->followed_position[i];
    if (panel->dim == 1) {
        at->x = position[0];
        kr_landscape_energy(kr_present_landscape(frame->analysis), 1, position, &at->y);
    } else if (copied) {
        kr_projected out;
        kr_plane_project(&panel->plane, ensemble, p, 1, &out);
        *at = (kr_point){(double)out.x[0], (double)out.y[0]};
    } else {
        *at = kr_plane_point(&panel->plane, position);
    }
    return isfinite(at->x) && isfinite(at->y);
}

void kr_landscape_follow_update(kr_landscape_panel *panel, const kr_frame *frame) {
    kr_followed *followed = &panel->followed;
    const kr_snapshot *snapshot = frame->snapshot;
    if (!snapshot || followed->number == snapshot->number) return;
    if (snapshot->followed != followed->told && snapshot->followed != followed->particle)
        *followed = (kr_followed){.particle = snapshot->followed, .number = UINT64_MAX};
    followed->told = snapshot->followed;
    if (followed->particle == UINT64_MAX) return;
    if (followed->variant >= snapshot->variants || followed->particle >= snapshot->variant[followed->variant].particles) {
        followed->particle = UINT64_MAX;
        return;
    }
    uint64_t departure = snapshot->variant[followed->variant].followed_departure;
    bool again = departure != followed->departure || snapshot->generation != followed->generation ||
                 panel->plane.version != followed->plane_version;
    if (again) followed->count = 0;
    followed->departure = departure;
    followed->generation = snapshot->generation;
    followed->plane_version = panel->plane.version;
    followed->number = snapshot->number;
    kr_point at;
    double position[KR_PICKED_NUMBERS];
    if (!followed_place(panel, frame, followed->variant, &at, position)) return;
    size_t place = followed->count++ % KR_FOLLOWED_POINTS;
    followed->point[place] = at;
    followed->phase[place] = (kr_point){NAN, NAN};
    kr_landscape_phase_of(panel, &snapshot->variant[followed->variant], followed->particle, &followed->phase[place]);
}

static void draw_way(const kr_landscape_panel *panel, const kr_frame *frame, const kr_camera *camera) {
    enum { PARTS = 6 }; /* older parts are fainter */
    const kr_followed *followed = &panel->followed;
    size_t kept = followed->count < KR_FOLLOWED_POINTS ? followed->count : KR_FOLLOWED_POINTS, first = followed->count - kept;
    size_t shown = panel->trail_length ? (size_t)kr_trail_snapshots[panel->trail_length] : 0;
    if (shown < kept) first = followed->count - shown, kept = shown;
    kr_point points[KR_FOLLOWED_POINTS];
    for (size_t k = 0; k < kept; k++) {
        kr_point at = followed->point[(first + k) % KR_FOLLOWED_POINTS];
        points[k] = kr_landscape_pixel(panel, camera, at.x, at.y, NULL);
    }
    for (size_t k = 0; panel->dim == 1 && k < kept; k++) /* a line would cut through the ground */
        kr_canvas_disc(frame->canvas, points[k], 2 * frame->theme->scale,
                       kr_color_fade(frame->theme->focus, 0.1 + 0.6 * (double)(k + 1) / (double)kept));
    for (size_t part = 0; panel->dim > 1 && part < PARTS; part++) {
        size_t from = kept * part / PARTS, to = kept * (part + 1) / PARTS;
        size_t n = to + 1 < kept ? to + 1 - from : to - from;
        kr_color color = kr_color_fade(frame->theme->focus, 0.15 + 0.6 * (double)(part + 1) / PARTS);
        if (n > 1) kr_canvas_polyline(frame->canvas, n, points + from, 1.4 * frame->theme->scale, 0, color);
    }
}

static int list_numbers(char *text, size_t size, const char *name, const double *values, size_t count) {
    enum { SHOWN = 3 };
    int used = snprintf(text, size, "%s ", name);
    for (size_t i = 0; i < count && i < SHOWN && used < (int)size; i++) {
        char number[32];
        used += snprintf(text + used, size - (size_t)used, i ? ", %s" : "%s", kr_text_number(values[i], 3, number, sizeof number));
    }
    if (count > SHOWN && used < (int)size) used += snprintf(text + used, size - (size_t)used, ", …");
    return used;
}

static size_t write_numbers(const kr_landscape_panel *panel, const kr_frame *frame, size_t v, const double *position,
                            char lines[][96]) {
    const kr_snapshot_variant *variant = &frame->snapshot->variant[v];
    size_t rows = 0, shown = panel->dim < KR_PICKED_NUMBERS ? panel->dim : KR_PICKED_NUMBERS;
    char number[32];
    snprintf(lines[rows++], 96, "particle %llu", (unsigned long long)panel->followed.particle);
    list_numbers(lines[rows++], 96, "x", position, shown);
    if (variant->has_velocity && isfinite(variant->followed_velocity[0]))
        list_numbers(lines[rows++], 96, "velocity", variant->followed_velocity, shown);
    double energy = variant->followed_energy;
    if (panel->dim <= KR_PICKED_NUMBERS) {
        double potential;
        kr_landscape_energy(kr_present_landscape(frame->analysis), 1, position, &potential);
        snprintf(lines[rows++], 96, "V %s", kr_text_number(potential, 3, number, sizeof number));
    }
    if (frame->simulation && isfinite(energy) && variant->has_velocity)
        snprintf(lines[rows++], 96, "energy %s", kr_text_number(energy, 3, number, sizeof number));
    if (frame->simulation && variant->followed_departure <= frame->snapshot->step)
        snprintf(lines[rows++], 96, "%s steps since start",
                 kr_text_number((double)(frame->snapshot->step - variant->followed_departure), 15, number, sizeof number));
    return rows;
}

static void draw_numbers(const kr_landscape_panel *panel, const kr_frame *frame, const kr_camera *camera, size_t v, kr_point pixel,
                         const double *position) {
    const kr_theme *theme = frame->theme;
    char lines[6][96];
    size_t rows = write_numbers(panel, frame, v, position, lines);
    double width = 0, row = 1.35 * theme->small, away = 18 * theme->scale;
    for (size_t k = 0; k < rows; k++)
        width = fmax(width, kr_text_width(frame->fonts, theme->small, k ? KR_REGULAR : KR_BOLD, lines[k]));
    kr_rectangle box = {pixel.x + away, pixel.y - away, width + theme->small, row * (double)rows + 0.6 * theme->small},
                 area = camera->area;
    if (box.width > area.width - theme->gap || box.height > area.height - theme->gap) return;
    if (box.x + box.width > area.x + area.width) box.x = pixel.x - away - box.width;
    box.x = fmax(box.x, area.x + 0.5 * theme->gap);
    box.y = fmin(fmax(box.y, area.y + 0.5 * theme->gap), area.y + area.height - box.height - 0.5 * theme->gap);
    kr_canvas_fill_round(frame->canvas, box, 4 * theme->scale, kr_color_fade(theme->panel, 0.9));
    kr_canvas_frame(frame->canvas, box, 4 * theme->scale, theme->scale, theme->focus);
    for (size_t k = 0; k < rows; k++)
        kr_text_draw(frame->fonts, frame->canvas, box.x + 0.5 * theme->small, box.y + 0.3 * theme->small + row * ((double)k + 0.5),
                     theme->small, k ? KR_REGULAR : KR_BOLD, KR_LEFT, theme->text, lines[k]);
}

void kr_landscape_draw_followed(kr_landscape_panel *panel, const kr_frame *frame, const kr_camera *camera, size_t variant) {
    const kr_theme *theme = frame->theme;
    double position[KR_PICKED_NUMBERS];
    kr_point at;
    if (panel->followed.particle == UINT64_MAX || !frame->snapshot || variant >= frame->snapshot->variants) return;
    if (panel->dim == 1) variant = panel->followed.variant;
    if (variant >= frame->snapshot->variants || !followed_place(panel, frame, variant, &at, position)) return;
    if (variant == panel->followed.variant) draw_way(panel, frame, camera);
    kr_point pixel =
        panel->dim == 1 ? kr_landscape_ball(panel, frame, camera, at.x) : kr_landscape_pixel(panel, camera, at.x, at.y, NULL);
    if (!isfinite(pixel.x)) return;
    double halo = 5 * theme->scale + fmax(6 * theme->scale, panel->dot.radius);
    kr_canvas_ring(frame->canvas, pixel, halo, 4 * theme->scale, 0x80101318);
    kr_canvas_ring(frame->canvas, pixel, halo, 2.2 * theme->scale, theme->focus);
    kr_canvas_disc(frame->canvas, pixel, fmax(2.5, 0.6 * panel->dot.radius) * theme->scale, theme->focus);
    draw_numbers(panel, frame, camera, variant, pixel, position);
}
