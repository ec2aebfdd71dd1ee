#include "saddle_action.h"

#include "numerics/integral.h"
#include "numerics/root.h"

#include <math.h>
#include <stdlib.h>

/* Points on the line are saddle + s (minimum - saddle). */
typedef struct orbit {
    const kr_landscape *landscape;
    const double *saddle, *minimum;
    double *point; /* [dim] */
    double energy, turn;
} orbit;

static double below_saddle(const orbit *o, double s) {
    double energy;
    for (size_t i = 0; i < o->landscape->dim; i++) o->point[i] = o->saddle[i] + s * (o->minimum[i] - o->saddle[i]);
    kr_landscape_energy(o->landscape, 1, o->point, &energy);
    return o->energy - energy;
}

static double above_saddle(double s, void *context) {
    return -below_saddle(context, s);
}

/* s = turn (1 - u^2) takes away the root at the turning point. */
static double density(double u, void *context) {
    const orbit *o = context;
    return 4.0 * o->turn * u * sqrt(2.0 * fmax(0.0, below_saddle(o, o->turn * (1.0 - u * u))));
}

double kr_saddle_action(const kr_landscape *landscape, const double *saddle, const double *minimum) {
    orbit o = {landscape, saddle, minimum, malloc(landscape->dim * sizeof *o.point), 0.0, NAN};
    double action = NAN, length = 0.0;
    if (o.point) {
        o.energy = -below_saddle(&o, 0.0);
        o.turn = kr_first_positive(above_saddle, &o, 1.0, 1.0, 1.0);
        for (size_t i = 0; i < landscape->dim; i++) length += (minimum[i] - saddle[i]) * (minimum[i] - saddle[i]);
        if (!isnan(o.turn)) action = sqrt(length) * kr_integral(density, &o, 0.0, 1.0, 1e-9, 1e-3);
    }
    free(o.point);
    return action;
}

/* NAN is not below anything: from a well without a far side no particle returns. */
bool kr_saddle_catches(const kr_landscape *landscape, const kr_bath *bath, double unstable, const double *saddle,
                       const double *minimum) {
    if (bath->friction < 0.5 * (1.0 - 1e-9) * sqrt(unstable)) return false; /* of a heavy ball it is rounded */
    return !(bath->friction * kr_saddle_action(landscape, saddle, minimum) < 6.0 * bath->temperature);
}
