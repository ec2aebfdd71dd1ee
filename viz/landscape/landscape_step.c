#include "landscape_step.h"

#include <math.h>

double kr_step_next(const kr_step_map *map, double x) {
    double gradient;
    kr_landscape_gradient(map->landscape, 1, &x, &gradient);
    return x - map->learning_rate * gradient;
}

double kr_step_slope(const kr_step_map *map, double x) {
    double curvature;
    kr_landscape_curvature(map->landscape, 1, &x, &curvature);
    return 1 - map->learning_rate * curvature;
}

/* Zero of this over all points of period 2; with the fixed points, which are zeros of x' - x as well, divided out. */
static double after_two(const kr_step_map *map, double x) {
    double next = kr_step_next(map, x), away = next - x;
    double back = kr_step_next(map, next) - x;
    if (fabs(away) > 1e-9 * (1 + fabs(x))) return back / away;
    return 1 + kr_step_slope(map, x); /* its limit at a fixed point */
}

static double bisect(const kr_step_map *map, double low, double high) {
    bool below = after_two(map, low) < 0;
    for (int k = 0; k < 80; k++) {
        double middle = 0.5 * (low + high);
        if ((after_two(map, middle) < 0) == below)
            low = middle;
        else
            high = middle;
    }
    return 0.5 * (low + high);
}

static bool is_new(const kr_step_orbit *orbit, size_t count, double x, double within) {
    for (size_t k = 0; k < count; k++)
        if (fabs(orbit[k].low - x) < within || fabs(orbit[k].high - x) < within) return false;
    return true;
}

size_t kr_step_orbits(const kr_step_map *map, double low, double high, size_t most, kr_step_orbit *orbit) {
    enum { PARTS = 2000 };
    const double within = 1e-6 * (high - low);
    size_t count = 0;
    double before = after_two(map, low), width = (high - low) / PARTS;
    for (int k = 1; k <= PARTS && count < most; k++) {
        double x = low + k * width, now = after_two(map, x);
        bool crosses = isfinite(before) && isfinite(now) && (before < 0) != (now < 0);
        before = now;
        if (!crosses) continue;
        double at = bisect(map, x - width, x), other = kr_step_next(map, at);
        /* A pole, where the step comes near to no movement at all, changes the sign too. */
        if (!(fabs(kr_step_next(map, other) - at) < within) || fabs(other - at) < 10 * within) continue;
        if (!is_new(orbit, count, at, within)) continue;
        orbit[count++] = (kr_step_orbit){fmin(at, other), fmax(at, other), kr_step_slope(map, at) * kr_step_slope(map, other)};
    }
    return count;
}
