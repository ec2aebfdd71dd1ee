/* The phase plane: position along one direction and momentum, of mass 1, so that the energy is p^2 / 2 + V. Curves of constant
 * energy are where a particle without friction and noise would go; the one through a saddle, the separatrix, is the edge of a well.
 */
#include "landscape_panel.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_COLUMNS = 4096, LEVELS = 20 };

static double along(const kr_plane *plane, const float *value, size_t stride, size_t dim) {
    double sum = 0;
    if (!plane->principal) return (double)value[plane->first * stride];
    for (size_t i = 0; i < dim; i++) sum += plane->along_x[i] * (double)value[i * stride];
    return sum;
}

bool kr_landscape_phase_of(const kr_landscape_panel *panel, const kr_snapshot_variant *ensemble, size_t particle, kr_point *at) {
    if (particle >= ensemble->moving || particle >= ensemble->count || ensemble->dim != panel->plane.dim) return false;
    const kr_plane *plane = &panel->plane;
    at->x = along(plane, ensemble->position + particle, ensemble->count, ensemble->dim);
    if (plane->principal)
        for (size_t i = 0; i < ensemble->dim; i++) at->x -= plane->along_x[i] * plane->origin[i];
    at->y = along(plane, ensemble->velocity + particle, ensemble->moving, ensemble->dim);
    return isfinite(at->x) && isfinite(at->y);
}

/* V along the direction across, with everything else as on the plane that is shown. */
static void potentials(const kr_landscape_panel *panel, const kr_frame *frame, size_t n, const double *x, double *potential) {
    const kr_plane *plane = &panel->plane;
    double *y = malloc((n + n * plane->dim) * sizeof *y), *points = y + n;
    for (size_t i = 0; i < n; i++) potential[i] = NAN;
    if (!y) return;
    for (size_t i = 0; i < n; i++) y[i] = plane->principal || plane->dim == 1 ? 0 : plane->origin[plane->second];
    if (plane->dim == 1) memcpy(y, x, n * sizeof *y);
    kr_plane_lift(plane, n, x, y, points);
    if (plane->dim == 1) memcpy(points, x, n * sizeof *points);
    kr_landscape_energy(kr_present_landscape(frame->analysis), n, points, potential);
    free(y);
}

size_t kr_landscape_energy_curve(size_t n, const double *x, const double *potential, double energy, kr_point *points) {
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        double kinetic = energy - potential[i], before = i ? energy - potential[i - 1] : kinetic;
        bool now = kinetic > 0, then = before > 0;
        if (i && now != then && isfinite(kinetic) && isfinite(before)) /* it turns back between the two */
            points[used++] = (kr_point){x[i - 1] + before / (before - kinetic) * (x[i] - x[i - 1]), 0};
        if (now)
            points[used++] = (kr_point){x[i], sqrt(2 * kinetic)};
        else if (used && isfinite(points[used - 1].x))
            points[used++] = (kr_point){NAN, NAN};
    }
    return used;
}

static void draw_energy(const kr_frame *frame, const kr_camera *camera, size_t n, const double *x, const double *potential,
                        double energy, double width, kr_color color, kr_point *work) {
    size_t count = kr_landscape_energy_curve(n, x, potential, energy, work);
    for (int half = 0; half < 2; half++) {
        for (size_t k = 0; k < count; k++) {
            kr_point pixel = half ? work[k] : kr_camera_pixel(camera, work[k].x, work[k].y);
            double axis = kr_camera_pixel(camera, 0, 0).y;
            work[k] = half ? (kr_point){pixel.x, 2 * axis - pixel.y} : pixel; /* mirrored in p = 0 */
        }
        kr_canvas_polyline(frame->canvas, count, work, width * frame->theme->scale, 0, color);
    }
}

/* Of one coordinate the energies of the saddles themselves; of a line through more the maxima along it. */
static void find_separatrices(kr_landscape_panel *panel, size_t n, const double *potential) {
    const size_t most = sizeof panel->separatrix / sizeof *panel->separatrix;
    panel->separatrices = 0;
    for (size_t k = 0; panel->dim == 1 && k < panel->places.count && panel->separatrices < most; k++)
        if (panel->places.place[k].index == 1) panel->separatrix[panel->separatrices++] = panel->places.place[k].energy;
    for (size_t i = 1; panel->dim > 1 && i + 1 < n && panel->separatrices < most; i++) {
        double left = potential[i - 1], here = potential[i], right = potential[i + 1];
        if (!(here > left && here >= right)) continue;
        double bend = left - 2 * here + right, slope = 0.5 * (right - left);
        panel->separatrix[panel->separatrices++] = here - 0.5 * slope * slope / bend; /* of the parabola through the three */
    }
}

static void place_camera(kr_landscape_panel *panel, const kr_frame *frame, kr_rectangle area) {
    enum { LOOKS = 400 };
    if (panel->phase.per_x > 0) {
        kr_camera_resize(&panel->phase, area, true);
        return;
    }
    double x[LOOKS], potential[LOOKS], lowest = INFINITY, highest = -INFINITY, top;
    kr_box box;
    if (panel->dim == 1)
        box = kr_landscape_home_line(frame->analysis, &panel->plane, &panel->places, frame->snapshot);
    else
        box = kr_landscape_home_box(frame->analysis, &panel->plane, &panel->places, frame->snapshot);
    for (size_t i = 0; i < LOOKS; i++) x[i] = box.low_x + (box.high_x - box.low_x) * (double)i / (LOOKS - 1);
    potentials(panel, frame, LOOKS, x, potential);
    find_separatrices(panel, LOOKS, potential);
    for (size_t i = 0; i < LOOKS; i++) lowest = fmin(lowest, potential[i]);
    for (size_t k = 0; k < panel->separatrices; k++) highest = fmax(highest, panel->separatrix[k]);
    double temperature = kr_model_temperature(&frame->analysis->model);
    top = highest > lowest ? 1.6 * (highest - lowest) : 0;
    if (temperature > 0) top = fmax(top, 5 * temperature);
    const kr_snapshot *snapshot = frame->snapshot;
    for (size_t v = 0; v < snapshot->variants; v++)
        if (isfinite(snapshot->variant[v].kinetic))
            top = fmax(top, 2 * (snapshot->variant[v].kinetic + snapshot->variant[v].potential - lowest));
    if (!(top > 0) || !isfinite(top)) top = 1;
    box.high_y = 1.08 * sqrt(2 * top);
    box.low_y = -box.high_y;
    kr_camera_fit(&panel->phase, area, box, false);
}

static void draw_curves(kr_landscape_panel *panel, const kr_frame *frame) {
    const kr_camera *camera = &panel->phase;
    const kr_theme *theme = frame->theme;
    size_t n = (size_t)fmin(camera->area.width + 2, MOST_COLUMNS);
    double *x = malloc(2 * n * sizeof *x), *potential = x + n, lowest = INFINITY;
    kr_point *work = malloc((2 * n + 2) * sizeof *work);
    if (x && work) {
        for (size_t i = 0; i < n; i++)
            x[i] = kr_camera_world(camera, (kr_point){camera->area.x + camera->area.width * (double)i / (double)(n - 1), 0}).x;
        potentials(panel, frame, n, x, potential);
        for (size_t i = 0; i < n; i++) lowest = fmin(lowest, potential[i]);
        find_separatrices(panel, n, potential);
        double seen = fmax(fabs(kr_camera_seen(camera).high_y), fabs(kr_camera_seen(camera).low_y)), span = 0.5 * seen * seen;
        double step = panel->phase_step = kr_round_step(span, LEVELS), level = (floor(lowest / step) + 1) * step;
        for (int k = 0; isfinite(lowest) && k < 2 * LEVELS && level < lowest + span; k++, level += step)
            draw_energy(frame, camera, n, x, potential, level, 1.1, kr_color_mix(theme->background, theme->faint_text, 0.55), work);
        for (size_t k = 0; k < panel->separatrices; k++)
            draw_energy(frame, camera, n, x, potential, panel->separatrix[k], 2.2, theme->prediction, work);
    }
    free(x);
    free(work);
}

static void draw_targets(const kr_landscape_panel *panel, const kr_frame *frame) {
    const kr_model *model = &frame->analysis->model;
    const kr_camera *camera = &panel->phase;
    kr_rectangle area = camera->area;
    for (size_t t = 0; t < model->target_count; t++) {
        const kr_target *target = &model->targets[t];
        if (target->radius > 0 || panel->plane.principal || target->coordinate != panel->plane.first) continue;
        const double from[2] = {-INFINITY, target->above}, to[2] = {target->below, INFINITY};
        for (int k = 0; k < 2; k++) {
            double left = fmax(kr_camera_pixel(camera, from[k], 0).x, area.x),
                   right = fmin(kr_camera_pixel(camera, to[k], 0).x, area.x + area.width);
            if (right > left)
                kr_canvas_fill(frame->canvas, (kr_rectangle){left, area.y, right - left, area.height},
                               kr_color_fade(frame->theme->focus, 0.1));
        }
    }
}

static void draw_variant(kr_landscape_panel *panel, const kr_frame *frame, size_t v) {
    const kr_snapshot_variant *ensemble = &frame->snapshot->variant[v];
    kr_color color = frame->theme->variant[v % 4], rim = frame->theme->dark ? 0xa0101318 : kr_color_mix(color, 0xff000000, 0.5);
    for (size_t p = 0; p < ensemble->moving; p++) {
        kr_point at;
        if (!kr_landscape_phase_of(panel, ensemble, p, &at)) continue;
        kr_point pixel = kr_camera_pixel(&panel->phase, at.x, at.y);
        kr_dot_draw(&panel->dot, frame->canvas, pixel.x, pixel.y, color, rim);
    }
}

static void draw_particles(kr_landscape_panel *panel, const kr_frame *frame) {
    const kr_snapshot *snapshot = frame->snapshot;
    size_t most = 1;
    for (size_t v = 0; v < snapshot->variants; v++) most = snapshot->variant[v].moving > most ? snapshot->variant[v].moving : most;
    double radius = fmax(1.1, 5.6 - 1.15 * log10((double)most)) * frame->theme->scale;
    if (panel->dot.radius != kr_dot_radius(radius)) kr_dot_make(&panel->dot, radius);
    for (size_t v = snapshot->variants; v-- > 0;) draw_variant(panel, frame, v);
}

/* Minima and saddles of one coordinate, at rest. */
static void draw_places(const kr_landscape_panel *panel, const kr_frame *frame) {
    const kr_theme *theme = frame->theme;
    for (size_t k = 0; panel->dim == 1 && k < panel->places.count; k++) {
        const kr_place *place = &panel->places.place[k];
        kr_point at = kr_camera_pixel(&panel->phase, place->x, 0);
        double r = 4.5 * theme->scale;
        if (place->index == 0) {
            kr_canvas_disc(frame->canvas, at, 4.5 * theme->scale, theme->background);
            kr_canvas_disc(frame->canvas, at, 3.3 * theme->scale, theme->text);
            continue;
        }
        kr_canvas_line(frame->canvas, (kr_point){at.x - r, at.y - r}, (kr_point){at.x + r, at.y + r}, 2 * theme->scale,
                       theme->text);
        kr_canvas_line(frame->canvas, (kr_point){at.x - r, at.y + r}, (kr_point){at.x + r, at.y - r}, 2 * theme->scale,
                       theme->text);
    }
}

static void draw_followed(const kr_landscape_panel *panel, const kr_frame *frame) {
    const kr_followed *followed = &panel->followed;
    const kr_theme *theme = frame->theme;
    kr_point points[KR_FOLLOWED_POINTS], at;
    size_t kept = followed->count < KR_FOLLOWED_POINTS ? followed->count : KR_FOLLOWED_POINTS;
    size_t shown = panel->trail_length ? 2 * (size_t)kr_trail_snapshots[panel->trail_length] : 0;
    if (followed->particle == UINT64_MAX || followed->variant >= frame->snapshot->variants) return;
    kept = shown < kept ? shown : kept;
    for (size_t k = 0; k < kept; k++) {
        kr_point where = followed->phase[(followed->count - kept + k) % KR_FOLLOWED_POINTS];
        points[k] = kr_camera_pixel(&panel->phase, where.x, where.y);
    }
    kr_canvas_polyline(frame->canvas, kept, points, 1.6 * theme->scale, 0, kr_color_fade(theme->focus, 0.8));
    if (!kr_landscape_phase_of(panel, &frame->snapshot->variant[followed->variant], (size_t)followed->particle, &at)) return;
    at = kr_camera_pixel(&panel->phase, at.x, at.y);
    kr_canvas_disc(frame->canvas, at, panel->dot.radius + 2 * theme->scale, theme->focus);
    kr_canvas_ring(frame->canvas, at, panel->dot.radius + 6 * theme->scale, 2.2 * theme->scale, theme->focus);
}

static void draw_caption(const kr_landscape_panel *panel, const kr_frame *frame, kr_rectangle area) {
    const kr_plane *plane = &panel->plane;
    char text[200], step[32], number[32];
    kr_text_number(panel->phase_step, 2, step, sizeof step);
    if (panel->separatrices)
        snprintf(text, sizeof text, "p\xc2\xb2/2 + V: a line every %s; thick: through a saddle, at %s", step,
                 kr_text_number(panel->separatrix[0], 3, number, sizeof number));
    else
        snprintf(text, sizeof text, "p\xc2\xb2/2 + V: a line every %s; no saddle is seen here", step);
    kr_landscape_caption(frame, area, false, false, frame->theme->text, text);
    if (plane->dim < 2) return;
    snprintf(text, sizeof text,
             plane->principal ? "V along the line through the ensemble's mean"
                              : "V with the other coordinates at the start's values");
    kr_landscape_caption(frame, area, false, true, frame->theme->text, text);
}

void kr_landscape_draw_phase(kr_landscape_panel *panel, const kr_frame *frame, kr_rectangle area) {
    const kr_theme *theme = frame->theme;
    bool axes = area.width >= 150 * theme->scale && area.height >= 120 * theme->scale;
    double left = axes ? kr_landscape_left_margin(theme) : 0, below = axes ? kr_landscape_lower_margin(theme) : 0;
    kr_rectangle inner = {area.x + left, area.y, area.width - left - (axes ? round(0.6 * theme->gap) : 0), area.height - below};
    char name[64] = "x";
    panel->pictures = panel->columns = 1;
    panel->picture[0] = inner;
    place_camera(panel, frame, inner);
    kr_box seen = kr_camera_seen(&panel->phase);
    if (panel->dim > 1 && panel->plane.principal) snprintf(name, sizeof name, "principal direction 1");
    if (panel->dim > 1 && !panel->plane.principal) snprintf(name, sizeof name, "x%zu", panel->plane.first);
    if (axes) {
        kr_landscape_ticks_x(frame, inner, seen.low_x, seen.high_x, name);
        kr_landscape_ticks_y(frame, inner, seen.low_y, seen.high_y, "momentum p of mass 1", false);
    }
    kr_rectangle before = kr_canvas_clip(frame->canvas, inner);
    draw_targets(panel, frame);
    double axis = kr_camera_pixel(&panel->phase, 0, 0).y;
    kr_canvas_line(frame->canvas, (kr_point){inner.x, axis}, (kr_point){inner.x + inner.width, axis}, theme->scale, theme->edge);
    draw_curves(panel, frame);
    if (frame->snapshot) draw_particles(panel, frame);
    draw_places(panel, frame);
    if (frame->snapshot) draw_followed(panel, frame);
    draw_caption(panel, frame, inner);
    kr_canvas_unclip(frame->canvas, before);
}
