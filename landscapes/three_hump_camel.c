/* The camel with three humps, V = scale (2 x^2 - 1.05 x^4 + x^6/6 + x y + y^2): the minimum at 0, two more near +-(1.748, -0.874)
 * at V = 0.299 scale, and a saddle between each of them and the middle. */
#include <kramers/candidates.h>

#include <math.h>

typedef struct three_hump_camel {
    double scale;
} three_hump_camel;

static const kr_parameter parameters[] = {{"scale", NULL, "factor in front of the energy", NULL, KR_NUMBER,
                                           KR_ABOVE_MINIMUM | KR_LOG_SCALE, offsetof(three_hump_camel, scale), .initial = 1,
                                           .minimum = 0, .maximum = 1e9},
                                          KR_END};

static double scale_of(const kr_landscape *self) {
    return ((const three_hump_camel *)self->values)->scale;
}

static void energy_at(double scale, size_t n, const double *restrict x, const double *restrict y, double *restrict energy) {
    const double sixth = 1.0 / 6;
    for (size_t p = 0; p < n; p++) {
        double s = x[p] * x[p];
        energy[p] = scale * fma(s, fma(s, fma(s, sixth, -1.05), 2), y[p] * (x[p] + y[p]));
    }
}

static void energy(const kr_landscape *self, size_t n, const double *restrict x, double *restrict energy) {
    energy_at(scale_of(self), n, x, x + n, energy);
}

static void gradient_at(double scale, size_t n, const double *restrict x, const double *restrict y, double *restrict gx,
                        double *restrict gy) {
    for (size_t p = 0; p < n; p++) {
        double s = x[p] * x[p];
        gx[p] = scale * fma(x[p], fma(s, s - 4.2, 4), y[p]);
        gy[p] = scale * fma(2, y[p], x[p]);
    }
}

static void gradient(const kr_landscape *self, size_t n, const double *restrict x, double *restrict gradient) {
    gradient_at(scale_of(self), n, x, x + n, gradient, gradient + n);
}

static void curvature_along(double scale, size_t n, const double *restrict x, double *restrict xx) {
    for (size_t p = 0; p < n; p++) {
        double s = x[p] * x[p];
        xx[p] = scale * fma(s, fma(5, s, -12.6), 4);
    }
}

static void fill(double value, size_t n, double *restrict row) {
    for (size_t p = 0; p < n; p++) row[p] = value;
}

static void curvature(const kr_landscape *self, size_t n, const double *restrict x, double *restrict curvature) {
    curvature_along(scale_of(self), n, x, curvature);
    fill(2 * scale_of(self), n, curvature + n);
}

static void hessian(const kr_landscape *self, size_t n, const double *restrict x, double *restrict hessian) {
    curvature_along(scale_of(self), n, x, hessian);
    fill(scale_of(self), 2 * n, hessian + n);
    fill(2 * scale_of(self), n, hessian + 3 * n);
}

static size_t candidates(const kr_landscape *self, size_t axis, size_t capacity, double *points) {
    (void)axis;
    return kr_candidates_in_box(self, (const double[]){-2.5, -1.5}, (const double[]){2.5, 1.5}, 97, capacity, points);
}

KR_LANDSCAPE = {
    .about = {.name = KR_PLUGIN_NAME,
              .equation = "V = scale (2 x^2 - 1.05 x^4 + x^6/6 + x y + y^2)",
              .doc = "Three minima in the plane, the middle one the deepest, V = scale (2 x^2 - 1.05 x^4 + x^6/6 + x y + y^2)",
              .reference = "M. Jamil and X.-S. Yang, Int. J. Math. Model. Numer. Optim. 4, 150 (2013)",
              .parameters = parameters,
              .values_size = sizeof(three_hump_camel)},
    .dim = 2,
    .energy = energy,
    .gradient = gradient,
    .curvature = curvature,
    .hessian = hessian,
    .candidates = candidates,
};
