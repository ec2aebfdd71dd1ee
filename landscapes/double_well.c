/* Quartic double well along x0, harmonic across:  V = h (x0^2 - 1)^2 + c x0 + 1/2 k sum_{i>0} x_i^2.
 * Without tilt: minima at -1 and +1 (curvature 8 h), top of height h at 0 (curvature -4 h). */
#include <kramers/landscape.h>
#include <kramers/parameter_rows.h>

#include <gsl/gsl_poly.h>
#include <math.h>

typedef struct double_well {
    double barrier, tilt, stiffness;
    int64_t dim;
} double_well;

static const kr_parameter parameters[] = {
    {"barrier", "h", "height of the barrier without tilt", NULL, KR_NUMBER, KR_ABOVE_MINIMUM | KR_LOG_SCALE,
     offsetof(double_well, barrier), .initial = 1, .minimum = 0, .maximum = 1e9},
    {"tilt", "c", "slope added along the first coordinate; above 8 h / 3^(3/2) there is only one minimum", NULL, KR_NUMBER, 0,
     offsetof(double_well, tilt), .initial = 0, .minimum = -1e9, .maximum = 1e9},
    {"stiffness", "k", "curvature along the other coordinates", NULL, KR_NUMBER, KR_ABOVE_MINIMUM | KR_LOG_SCALE,
     offsetof(double_well, stiffness), .initial = 1, .minimum = 0, .maximum = 1e9},
    KR_ROW_DIM(double_well, 1, 1),
    KR_END};

static void energy_along(double h, double c, size_t n, const double *restrict x, double *restrict energy) {
    for (size_t p = 0; p < n; p++) {
        double s = fma(x[p], x[p], -1);
        energy[p] = fma(h * s, s, c * x[p]);
    }
}

static void energy_across(double k, size_t n, const double *restrict x, double *restrict energy) {
    double half = 0.5 * k;
    for (size_t p = 0; p < n; p++) energy[p] = fma(half * x[p], x[p], energy[p]);
}

static void energy(const kr_landscape *self, size_t n, const double *restrict x, double *restrict energy) {
    const double_well *v = self->values;
    energy_along(v->barrier, v->tilt, n, x, energy);
    for (size_t i = 1; i < self->dim; i++) energy_across(v->stiffness, n, x + i * n, energy);
}

static void gradient_along(double h, double c, size_t n, const double *restrict x, double *restrict gradient) {
    double h4 = 4 * h;
    for (size_t p = 0; p < n; p++) gradient[p] = fma(h4 * x[p], fma(x[p], x[p], -1), c);
}

static void gradient_across(double k, size_t n, const double *restrict x, double *restrict gradient) {
    for (size_t p = 0; p < n; p++) gradient[p] = k * x[p];
}

static void gradient(const kr_landscape *self, size_t n, const double *restrict x, double *restrict gradient) {
    const double_well *v = self->values;
    size_t along = self->coordinate == 0 ? n : 0;
    gradient_along(v->barrier, v->tilt, along, x, gradient);
    gradient_across(v->stiffness, self->dim * n - along, x + along, gradient + along);
}

static void curvature_along(double h, size_t n, const double *restrict x, double *restrict curvature) {
    double h4 = 4 * h;
    for (size_t p = 0; p < n; p++) curvature[p] = h4 * fma(3 * x[p], x[p], -1);
}

static void curvature(const kr_landscape *self, size_t n, const double *restrict x, double *restrict curvature) {
    const double_well *v = self->values;
    size_t along = self->coordinate == 0 ? n : 0;
    curvature_along(v->barrier, along, x, curvature);
    for (size_t k = along; k < self->dim * n; k++) curvature[k] = v->stiffness;
}

/* Roots of 4 h x^3 + (lambda - 4 h) x + c = 0. */
static size_t candidates(const kr_landscape *self, size_t axis, size_t capacity, double *points) {
    const double_well *v = self->values;
    double root[3] = {0, 0, 0}, h4 = 4 * v->barrier;
    size_t count =
        axis ? 1 : (size_t)gsl_poly_solve_cubic(0, (self->weight_decay - h4) / h4, v->tilt / h4, root, root + 1, root + 2);
    /* GSL's roots come from libm's cos and pow, whose last bits differ between machines; rounded to float they do not, and Newton's
     * method begins with the same bits everywhere. */
    for (size_t i = 0; i < count && i < capacity; i++) points[i] = (double)(float)root[i];
    return count;
}

KR_LANDSCAPE = {
    .about = {.name = KR_PLUGIN_NAME,
              .equation = "V = h (x0^2 - 1)^2 + c x0 + k/2 sum_{i>0} x_i^2",
              .doc = "Quartic double well, V = h (x0^2 - 1)^2 + c x0, harmonic across",
              .reference = "H. A. Kramers, Physica 7, 284 (1940)",
              .parameters = parameters,
              .values_size = sizeof(double_well)},
    .separable = true,
    .tiles = true,
    .energy = energy,
    .gradient = gradient,
    .curvature = curvature,
    .candidates = candidates,
};
