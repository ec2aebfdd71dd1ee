/* A quartic double well along x0 in a bath of harmonic coordinates that are stiffer in one well than in the other:
 *
 *     V = h (x0^2 - 1)^2 + c x0 + k(x0)/2 sum_{i>0} x_i^2
 *
 * ln k goes from ln k_left at x0 = -1 to ln k_right at +1 along 6 t^5 - 15 t^4 + 10 t^3, t = (x0 + 1)/2, and is constant beyond.
 * The loss says nothing of it: at x_i = 0 both wells are those of the double well. But a stiff well is narrow, and at temperature T
 * it costs the free energy (T/2)(d - 1) ln(k_right / k_left) to be there: an entropic tilt, and a barrier with it. */
#include "walls.h"

#include <kramers/parameter_rows.h>
#include <kramers/vector_math.h>

#include <gsl/gsl_poly.h>

typedef struct double_well_bath {
    double barrier, tilt, left, right;
    int64_t dim;
} double_well_bath;

static const kr_parameter parameters[] = {
    {"barrier", "h", "height of the barrier of the loss without tilt", NULL, KR_NUMBER, KR_ABOVE_MINIMUM | KR_LOG_SCALE,
     offsetof(double_well_bath, barrier), .initial = 1, .minimum = 0, .maximum = 1e9},
    {"tilt", "c", "slope added along the first coordinate; above 8 h / 3^(3/2) there is only one minimum", NULL, KR_NUMBER, 0,
     offsetof(double_well_bath, tilt), .initial = 0, .minimum = -1e9, .maximum = 1e9},
    {"k_left", NULL, "curvature along the other coordinates in the left well, x0 <= -1", NULL, KR_NUMBER,
     KR_ABOVE_MINIMUM | KR_LOG_SCALE, offsetof(double_well_bath, left), .initial = 1, .minimum = 0, .maximum = 1e9},
    {"k_right", NULL, "curvature along the other coordinates in the right well, x0 >= 1", NULL, KR_NUMBER,
     KR_ABOVE_MINIMUM | KR_LOG_SCALE, offsetof(double_well_bath, right), .initial = 2, .minimum = 0, .maximum = 1e9},
    KR_ROW_DIM(double_well_bath, 10, 1),
    KR_END};

static void fill_terms(double h, double c, double log_left, double log_ratio, size_t n, const double *restrict x,
                       wall_terms *restrict terms) {
    double h4 = 4 * h, first = 15 * log_ratio, second = first;
    for (size_t p = 0; p < n; p++) {
        double s = fma(x[p], x[p], -1);
        terms->floor[0][p] = fma(h * s, s, c * x[p]);
        terms->floor[1][p] = fma(h4 * x[p], s, c);
        terms->floor[2][p] = h4 * fma(3 * x[p], x[p], -1);
        double t = fma(0.5, x[p], 0.5);
        t = t < 0 ? 0 : t > 1 ? 1 : t;
        double rest = t * (1 - t);
        terms->log_stiffness[0][p] = fma(log_ratio, t * t * t * fma(t, fma(6, t, -15), 10), log_left);
        terms->log_stiffness[1][p] = first * rest * rest;
        terms->log_stiffness[2][p] = second * rest * fma(-2, t, 1);
        terms->place[0][p] = 0;
        terms->place[1][p] = 0;
        terms->place[2][p] = 0;
    }
    for (size_t p = 0; p < n; p++) terms->stiffness[p] = kr_exp(terms->log_stiffness[0][p]);
}

static void fill(const kr_landscape *self, size_t n, const double *restrict x, wall_terms *restrict terms) {
    const double_well_bath *v = self->values;
    double log_left = kr_log(v->left);
    fill_terms(v->barrier, v->tilt, log_left, kr_log(v->right) - log_left, n, x, terms);
}

static void energy(const kr_landscape *self, size_t n, const double *restrict x, double *restrict energy) {
    walls_energy(self, fill, n, x, energy);
}

static void gradient(const kr_landscape *self, size_t n, const double *restrict x, double *restrict gradient) {
    walls_gradient(self, fill, false, n, x, gradient);
}

static void curvature(const kr_landscape *self, size_t n, const double *restrict x, double *restrict curvature) {
    walls_curvature(self, fill, n, x, curvature);
}

static void hessian(const kr_landscape *self, size_t n, const double *restrict x, double *restrict hessian) {
    walls_hessian(self, fill, n, x, hessian);
}

static void walls(const kr_landscape *self, double x, kr_walls *walls) {
    walls_at(self, fill, x, walls);
}

/* Roots of 4 h x^3 + (lambda - 4 h) x + c = 0, with the bath at 0. */
static size_t candidates(const kr_landscape *self, size_t axis, size_t capacity, double *points) {
    (void)axis;
    const double_well_bath *v = self->values;
    double root[3], h4 = 4 * v->barrier;
    size_t count = (size_t)gsl_poly_solve_cubic(0, (self->weight_decay - h4) / h4, v->tilt / h4, root, root + 1, root + 2);
    /* GSL's roots come from libm's cos and pow, whose last bits differ between machines; rounded to float they do not, and Newton's
     * method begins with the same bits everywhere. */
    for (size_t k = 0; k < count && k < capacity; k++) {
        memset(points + k * self->dim, 0, self->dim * sizeof *points);
        points[k * self->dim] = (double)(float)root[k];
    }
    return count;
}

/* The third derivative of ln k jumps where it becomes constant. */
static size_t knots(const kr_landscape *self, size_t axis, size_t capacity, double *points) {
    (void)self;
    for (size_t k = 0; axis == 0 && k < 2 && k < capacity; k++) points[k] = k ? 1 : -1;
    return axis == 0 ? 2 : 0;
}

KR_LANDSCAPE = {
    .about = {.name = KR_PLUGIN_NAME,
              .equation = "V = h (x0^2 - 1)^2 + c x0 + k(x0)/2 sum_{i>0} x_i^2\n"
                          "ln k = ln k_left + ln(k_right / k_left) (6 t^5 - 15 t^4 + 10 t^3), t = (x0 + 1)/2 within [0, 1]",
              .doc = "Double well with an entropic barrier: the harmonic coordinates across are stiffer in the right well",
              .reference = "R. Zwanzig, J. Phys. Chem. 96, 3926 (1992)",
              .parameters = parameters,
              .values_size = sizeof(double_well_bath)},
    .energy = energy,
    .gradient = gradient,
    .curvature = curvature,
    .hessian = hessian,
    .candidates = candidates,
    .knots = knots,
    .walls = walls,
};
