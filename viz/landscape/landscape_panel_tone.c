/* Which energies become which colours, and where contour lines run. */
#include "landscape_panel.h"
#include "model/networks.h"

#include <math.h>
#include <stdlib.h>

double kr_round_step(double span, int pieces) {
    double raw = span / (pieces > 0 ? pieces : 1);
    if (!(raw > 0) || !isfinite(raw)) return 1;
    double decade = pow(10, floor(log10(raw))), mantissa = raw / decade;
    /* A small tolerance, so that a span of exactly 10 steps is not cut into 5. */
    return decade * (mantissa <= 1.000001 ? 1 : mantissa <= 2.000001 ? 2 : mantissa <= 5.000001 ? 5 : 10);
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

enum { GRID = 48, LEAST_GRID = 8 };

/* Fewer where each energy is a pass over data. */
static size_t grid_for(const kr_landscape *landscape) {
    size_t grid = (size_t)sqrt((double)kr_networks_affordable(landscape, 1, (size_t)GRID * GRID));
    return grid < LEAST_GRID ? LEAST_GRID : grid;
}

/* Finite energies on a coarse grid over the box, sorted. work: for one row of points. */
static size_t sorted_grid(const kr_landscape *landscape, const kr_plane *plane, kr_box box, double *work, double *energy) {
    size_t grid = grid_for(landscape), finite = 0;
    double *x = work, *y = work + grid, *points = work + 2 * grid;
    for (size_t row = 0; row < grid; row++) {
        double *out = energy + row * grid;
        for (size_t k = 0; k < grid; k++) {
            x[k] = box.low_x + (box.high_x - box.low_x) * (double)k / (double)(grid - 1);
            y[k] = box.low_y + (box.high_y - box.low_y) * (double)row / (double)(grid - 1);
        }
        kr_plane_lift(plane, grid, x, y, points);
        kr_landscape_energy(landscape, grid, points, out);
        for (size_t k = 0; k < grid; k++)
            if (isfinite(out[k])) energy[finite++] = out[k];
    }
    qsort(energy, finite, sizeof *energy, ascending);
    return finite;
}

/* The highest saddle between wells; -INFINITY: none. */
static double highest_saddle(const kr_places *places, double *lowest) {
    double highest = -INFINITY;
    for (size_t k = 0; k < places->count; k++) {
        const kr_place *place = &places->place[k];
        if (place->index == 1) highest = fmax(highest, place->energy);
        if (place->index == 0) *lowest = fmin(*lowest, place->energy);
    }
    return highest;
}

kr_status kr_tone_choose(kr_tone *tone, const kr_landscape *landscape, const kr_plane *plane, kr_box box, const kr_places *places,
                         kr_error *error) {
    enum { CONTOURS = 16 };
    double *work = malloc(GRID * (plane->dim + 2 + GRID) * sizeof *work);
    if (!work) return kr_fail(error, KR_NO_MEMORY, "not enough memory for a grid of energies");
    double *energy = work + GRID * (plane->dim + 2);
    size_t finite = sorted_grid(landscape, plane, box, work, energy);
    double low = finite ? energy[0] : 0, most = finite ? energy[finite - 1] : 1;
    double pass = highest_saddle(places, &low);
    /* A third of the range above the highest saddle is left for the walls; without passes most of what is seen counts. */
    double high = pass > low ? low + 1.5 * (pass - low) : finite ? energy[finite * 85 / 100] : low + 1;
    high = fmin(high, most);
    if (!(high > low)) high = low + fmax(1e-6 * fabs(low), 1e-6);
    *tone = (kr_tone){low, high, kr_round_step(high - low, CONTOURS)};
    free(work);
    return KR_OK;
}
