/* What the camera shows at first. */
#include "landscape_panel.h"

#include <kramers/landscape_scales.h>

#include <math.h>
#include <stdlib.h>

static void add_target(kr_box *box, const kr_target *target, const kr_plane *plane, kr_point start) {
    if (target->radius > 0 && target->center) {
        kr_point center = kr_plane_point(plane, target->center);
        kr_box_add(box, center.x - target->radius, center.y - target->radius);
        kr_box_add(box, center.x + target->radius, center.y + target->radius);
        return;
    }
    if (plane->principal || target->radius > 0) return;
    const double edge[2] = {target->below, target->above};
    for (int k = 0; k < 2; k++) {
        if (target->coordinate == plane->first) kr_box_add(box, edge[k], start.y);
        if (target->coordinate == plane->second) kr_box_add(box, start.x, edge[k]);
    }
}

kr_box kr_landscape_essential_box(const kr_analysis *analysis, const kr_plane *plane, const kr_places *places) {
    kr_box box = kr_empty_box;
    for (size_t k = 0; k < places->count; k++)
        if (places->place[k].index <= 1) kr_box_add(&box, places->place[k].x, places->place[k].y);
    kr_point start = kr_plane_point(plane, analysis->model.start);
    if (!kr_landscape_starts_anywhere(analysis)) kr_box_add(&box, start.x, start.y);
    for (size_t t = 0; t < analysis->model.target_count; t++) add_target(&box, &analysis->model.targets[t], plane, start);
    return box;
}

/* Adds thermal widths about a minimum. */
static void add_thermal(kr_box *box, const kr_landscape *landscape, const kr_plane *plane, kr_point at, double temperature,
                        double limit, double *work) {
    const double deviations = 3.2;
    double *position = work, variance[2];
    const double *const direction[2] = {plane->along_x, plane->along_y};
    kr_plane_lift(plane, 1, &at.x, &at.y, position);
    if (!kr_landscape_thermal_variance(landscape, position, temperature, 2, direction, variance)) return;
    double x = fmin(deviations * sqrt(variance[0]), limit), y = fmin(deviations * sqrt(variance[1]), limit);
    kr_box_add(box, at.x - x, at.y - y);
    kr_box_add(box, at.x + x, at.y + y);
}

static int ascending(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Where nearly all of the particles are; outliers do not count. */
static void add_particles(kr_box *box, const kr_plane *plane, const kr_snapshot_variant *ensemble) {
    enum { SAMPLE = KR_PLANE_BATCH };
    size_t n = ensemble->count < SAMPLE ? ensemble->count : SAMPLE, used = 0;
    if (!ensemble->position || ensemble->dim != plane->dim || n == 0) return;
    kr_projected at;
    float x[SAMPLE], y[SAMPLE];
    kr_plane_project(plane, ensemble, 0, n, &at);
    for (size_t p = 0; p < n; p++) {
        if (!isfinite(at.x[p]) || !isfinite(at.y[p])) continue;
        x[used] = at.x[p];
        y[used++] = at.y[p];
    }
    if (!used) return;
    /* cppcheck-suppress uninitvar */ /* the first used numbers are there */
    qsort(x, used, sizeof *x, ascending);
    /* cppcheck-suppress uninitvar */
    qsort(y, used, sizeof *y, ascending);
    size_t low = used / 100, high = used - 1 - used / 100;
    kr_box_add(box, (double)x[low], (double)y[low]);
    kr_box_add(box, (double)x[high], (double)y[high]);
}

kr_box kr_landscape_home_box(const kr_analysis *analysis, const kr_plane *plane, const kr_places *places,
                             const kr_snapshot *snapshot) {
    kr_box box = kr_landscape_essential_box(analysis, plane, places);
    const kr_landscape *landscape = kr_present_landscape(analysis);
    double temperature = kr_model_temperature(&analysis->model);
    /* Where wells are wide compared with their distance, the wells themselves must be visible. */
    double limit = 0.3 * hypot(box.high_x - box.low_x, box.high_y - box.low_y), *work = malloc(plane->dim * sizeof *work);
    if (!(limit > 0)) limit = INFINITY;
    if (work && temperature > 0 && !kr_landscape_data(landscape)) { /* those have no listed minima, and costly Hessians */
        add_thermal(&box, landscape, plane, kr_plane_point(plane, analysis->model.start), temperature, limit, work);
        for (size_t k = 0; k < places->count; k++) {
            const kr_place *place = &places->place[k];
            if (place->index == 0) add_thermal(&box, landscape, plane, (kr_point){place->x, place->y}, temperature, limit, work);
        }
    }
    free(work);
    for (size_t v = 0; snapshot && v < snapshot->variants; v++) add_particles(&box, plane, &snapshot->variant[v]);
    for (size_t k = 0; analysis->path.dim == plane->dim && k < analysis->path.count; k++) {
        kr_point at = kr_plane_point(plane, analysis->path.position + k * plane->dim);
        kr_box_add(&box, at.x, at.y);
    }
    if (box.low_x > box.high_x || box.low_y > box.high_y) box = (kr_box){0, 0, 0, 0};
    if (!(box.high_x - box.low_x > 0) && !(box.high_y - box.low_y > 0))
        box = (kr_box){box.low_x - 1, box.high_x + 1, box.low_y - 1, box.high_y + 1};
    kr_box_widen(&box, 0.1);
    return box;
}

/* One step outwards after the other until V has reached the top. */
static double climb(const kr_landscape *landscape, double from, double step, double top) {
    enum { STEPS = 40 };
    double x = from;
    for (int k = 0; k < STEPS && kr_landscape_energy_at(landscape, x) < top; k++) x += step;
    return x;
}

static double lowest_between(const kr_landscape *landscape, double low, double high) {
    double lowest = INFINITY;
    for (int k = 0; k <= 128; k++) lowest = fmin(lowest, kr_landscape_energy_at(landscape, low + (high - low) * k / 128));
    return lowest;
}

kr_box kr_landscape_home_line(const kr_analysis *analysis, const kr_plane *line, const kr_places *places,
                              const kr_snapshot *snapshot) {
    const kr_landscape *landscape = kr_present_landscape(analysis);
    double start = analysis->model.start[0], temperature = kr_model_temperature(&analysis->model);
    double period = landscape->type->period, passes = -INFINITY, wells = kr_landscape_energy_at(landscape, start);
    kr_box box = kr_landscape_essential_box(analysis, line, places);
    if (period > 0)
        kr_box_add(&box, start - 1.6 * period, start - 1.6 * period), kr_box_add(&box, start + 1.6 * period, start + 1.6 * period);
    for (size_t k = 0; k < places->count; k++) {
        const kr_place *place = &places->place[k];
        if (place->index)
            passes = fmax(passes, place->energy);
        else
            wells = fmin(wells, place->energy);
    }
    if (snapshot && snapshot->variants) add_particles(&box, line, &snapshot->variant[0]);
    double low = box.low_x, high = box.high_x, span = high - low;
    double above = isfinite(passes) ? passes - wells : 0;
    above = fmax(above, kr_landscape_energy_at(landscape, start) - wells);
    if (!(above > 0)) above = temperature > 0 ? 7 * temperature : 1;
    double top = wells + 1.5 * above;
    if (!(span > 0)) {
        span = 1e-3 * fmax(fabs(start), 1);
        while (span < 1e6 && kr_landscape_energy_at(landscape, start + span) < top &&
               kr_landscape_energy_at(landscape, start - span) < top)
            span *= 1.5;
    }
    if (!(period > 0)) {
        low = climb(landscape, low, -0.02 * span, top);
        high = climb(landscape, high, 0.02 * span, top);
    }
    double bottom = fmin(wells, lowest_between(landscape, low, high));
    if (period > 0) top = fmax(top, fmax(kr_landscape_energy_at(landscape, low), kr_landscape_energy_at(landscape, high)));
    double room = 0.13 * (top - bottom);
    return (kr_box){low - 0.02 * (high - low), high + 0.02 * (high - low), bottom - room, top + 0.3 * room};
}
