/* Styblinski and Tang's function, V = scale/2 sum_i (x_i^4 - 16 x_i^2 + 5 x_i): 2^d minima. */
#include <kramers/landscape.h>
#include <kramers/parameter_rows.h>

#include <gsl/gsl_poly.h>
#include <math.h>

typedef struct styblinski_tang {
    double scale;
    int64_t dim;
} styblinski_tang;

static const kr_parameter parameters[] = {{"scale", NULL, "factor in front of the energy", NULL, KR_NUMBER,
                                           KR_ABOVE_MINIMUM | KR_LOG_SCALE, offsetof(styblinski_tang, scale), .initial = 1,
                                           .minimum = 0, .maximum = 1e9},
                                          KR_ROW_DIM(styblinski_tang, 2, 1),
                                          KR_END};

static void energy_of(double half, size_t n, const double *restrict x, double *restrict energy) {
    for (size_t p = 0; p < n; p++) energy[p] = fma(half * x[p], fma(x[p], fma(x[p], x[p], -16), 5), energy[p]);
}

static void energy(const kr_landscape *self, size_t n, const double *restrict x, double *restrict energy) {
    const styblinski_tang *v = self->values;
    for (size_t p = 0; p < n; p++) energy[p] = 0;
    for (size_t i = 0; i < self->dim; i++) energy_of(0.5 * v->scale, n, x + i * n, energy);
}

static void gradient_of(double scale, size_t n, const double *restrict x, double *restrict gradient) {
    for (size_t p = 0; p < n; p++) gradient[p] = scale * fma(x[p], fma(2 * x[p], x[p], -16), 2.5);
}

static void gradient(const kr_landscape *self, size_t n, const double *restrict x, double *restrict gradient) {
    gradient_of(((const styblinski_tang *)self->values)->scale, self->dim * n, x, gradient);
}

static void curvature_of(double scale, size_t n, const double *restrict x, double *restrict curvature) {
    for (size_t p = 0; p < n; p++) curvature[p] = scale * fma(6 * x[p], x[p], -16);
}

static void curvature(const kr_landscape *self, size_t n, const double *restrict x, double *restrict curvature) {
    curvature_of(((const styblinski_tang *)self->values)->scale, self->dim * n, x, curvature);
}

/* Roots of 2x^3 + (lambda/scale - 16) x + 5/2. */
static size_t candidates(const kr_landscape *self, size_t axis, size_t capacity, double *points) {
    (void)axis;
    double root[3], decay = self->weight_decay / ((const styblinski_tang *)self->values)->scale;
    size_t count = (size_t)gsl_poly_solve_cubic(0, 0.5 * decay - 8, 1.25, root, root + 1, root + 2);
    /* GSL's roots come from libm's cos and pow, whose last bits differ between machines; rounded to float they do not, and Newton's
     * method begins with the same bits everywhere. */
    for (size_t i = 0; i < count && i < capacity; i++) points[i] = (double)(float)root[i];
    return count;
}

KR_LANDSCAPE = {
    .about = {.name = KR_PLUGIN_NAME,
              .equation = "V = scale/2 sum_i (x_i^4 - 16 x_i^2 + 5 x_i)",
              .doc = "Many minima in any dimension, V = scale/2 sum_i (x_i^4 - 16 x_i^2 + 5 x_i)",
              .reference = "M. A. Styblinski and T.-S. Tang, Neural Networks 3, 467 (1990)",
              .parameters = parameters,
              .values_size = sizeof(styblinski_tang)},
    .separable = true,
    .tiles = true,
    .alike = true,
    .energy = energy,
    .gradient = gradient,
    .curvature = curvature,
    .candidates = candidates,
};
