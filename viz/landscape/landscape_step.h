/* One step of gradient descent without noise, x' = x - lr V'(x), as a map of the line: where it stays, and where it goes to and
 * fro. */
#ifndef KR_LANDSCAPE_STEP_H
#define KR_LANDSCAPE_STEP_H

#include <kramers/landscape.h>

typedef struct kr_step_map {
    const kr_landscape *landscape; /* of one coordinate, with its weight decay */
    double learning_rate;
} kr_step_map;

double kr_step_next(const kr_step_map *map, double x);
/* Derivative of the step: 1 - lr V''. Below -1 a fixed point is left in growing swings: lr V'' > 2. */
double kr_step_slope(const kr_step_map *map, double x);

/* Two points that the step exchanges; multiplier: the slope of two steps, stable where it is between -1 and 1. */
typedef struct kr_step_orbit {
    double low, high, multiplier;
} kr_step_orbit;

/* Orbits of period 2 between low and high, to about 1e-12 of that; those closer together than a thousandth of it may be missed. */
size_t kr_step_orbits(const kr_step_map *map, double low, double high, size_t most, kr_step_orbit *orbit);

#endif
