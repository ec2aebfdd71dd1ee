#include "landscape_panel.h"

#include <math.h>
#include <stdlib.h>

static void add(kr_places *places, kr_point at, double energy, size_t index, int64_t number) {
    if (places->count == KR_MOST_PLACES || !isfinite(at.x) || !isfinite(at.y)) return;
    places->place[places->count++] = (kr_place){at.x, at.y, energy, index, index == 0 ? number : -1};
}

/* The coordinates that are not shown agree with the plane's. */
static bool on_plane(const kr_plane *plane, const double *position) {
    for (size_t i = 0; i < plane->dim && !plane->principal; i++) {
        bool shown = i == plane->first || i == plane->second;
        if (!shown && fabs(position[i] - plane->origin[i]) > 1e-3 * fmax(1, fabs(plane->origin[i]))) return false;
    }
    return true;
}

static void add_known(kr_places *places, const kr_critical_points *critical, const kr_plane *plane) {
    int64_t minima = 0;
    for (size_t k = 0; k < critical->count; k++) {
        const kr_critical_point *point = &critical->point[k];
        int64_t number = minima;
        minima += point->index == 0;
        if (on_plane(plane, point->position))
            add(places, kr_plane_point(plane, point->position), point->energy, point->index, number);
    }
}

/* V(x) + V(y) + constant: the products of what is critical along each axis. */
static void add_products(kr_places *places, const kr_landscape *landscape, const kr_plane *plane) {
    kr_critical_points across = {.count = 0}, up = {.count = 0};
    double *position = malloc(plane->dim * sizeof *position);
    if (position && kr_critical_points_find(landscape, plane->first, &across, NULL) == KR_OK &&
        kr_critical_points_find(landscape, plane->second, &up, NULL) == KR_OK)
        for (size_t i = 0; i < across.count; i++)
            for (size_t j = 0; j < up.count; j++) {
                kr_point at = {across.point[i].position[0], up.point[j].position[0]};
                double energy;
                kr_plane_lift(plane, 1, &at.x, &at.y, position);
                kr_landscape_energy(landscape, 1, position, &energy);
                add(places, at, energy, across.point[i].index + up.point[j].index, -1);
            }
    kr_critical_points_destroy(&across);
    kr_critical_points_destroy(&up);
    free(position);
}

void kr_places_find(kr_places *places, const kr_analysis *analysis, const kr_plane *plane) {
    const kr_landscape *landscape = kr_present_landscape(analysis);
    places->count = 0;
    const kr_critical_points *critical = kr_present_critical(analysis);
    if (critical->dim == plane->dim) add_known(places, critical, plane);
    if (places->count == 0 && plane->dim > 1 && !plane->principal && landscape->type->separable)
        add_products(places, landscape, plane);
}
