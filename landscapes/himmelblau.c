/* Himmelblau's function, V = scale [(x^2 + y - 11)^2 + (x + y^2 - 7)^2]: four minima at V = 0, four saddles and a maximum. */
#include <kramers/candidates.h>

#include <math.h>

typedef struct himmelblau {
    double scale;
} himmelblau;

static const kr_parameter parameters[] = {{"scale", NULL, "factor in front of the energy", NULL, KR_NUMBER,
                                           KR_ABOVE_MINIMUM | KR_LOG_SCALE, offsetof(himmelblau, scale), .initial = 1, .minimum = 0,
                                           .maximum = 1e9},
                                          KR_END};

static double scale_of(const kr_landscape *self) {
    return ((const himmelblau *)self->values)->scale;
}

static void energy_at(double scale, size_t n, const double *restrict x, const double *restrict y, double *restrict energy) {
    for (size_t p = 0; p < n; p++) {
        double a = fma(x[p], x[p], y[p] - 11), b = fma(y[p], y[p], x[p] - 7);
        energy[p] = scale * fma(a, a, b * b);
    }
}

static void energy(const kr_landscape *self, size_t n, const double *restrict x, double *restrict energy) {
    energy_at(scale_of(self), n, x, x + n, energy);
}

static void gradient_at(double scale, size_t n, const double *restrict x, const double *restrict y, double *restrict gx,
                        double *restrict gy) {
    for (size_t p = 0; p < n; p++) {
        double a = fma(x[p], x[p], y[p] - 11), b = fma(y[p], y[p], x[p] - 7);
        gx[p] = scale * fma(4 * x[p], a, 2 * b);
        gy[p] = scale * fma(4 * y[p], b, 2 * a);
    }
}

static void gradient(const kr_landscape *self, size_t n, const double *restrict x, double *restrict gradient) {
    gradient_at(scale_of(self), n, x, x + n, gradient, gradient + n);
}

static void curvature_at(double scale, size_t n, const double *restrict x, const double *restrict y, double *restrict xx,
                         double *restrict yy) {
    for (size_t p = 0; p < n; p++) {
        xx[p] = scale * fma(12 * x[p], x[p], fma(4, y[p], -42));
        yy[p] = scale * fma(12 * y[p], y[p], fma(4, x[p], -26));
    }
}

static void curvature(const kr_landscape *self, size_t n, const double *restrict x, double *restrict curvature) {
    curvature_at(scale_of(self), n, x, x + n, curvature, curvature + n);
}

static void hessian_at(double scale, size_t n, const double *restrict x, const double *restrict y, double *restrict xy,
                       double *restrict yx) {
    for (size_t p = 0; p < n; p++) {
        double mixed = 4 * scale * (x[p] + y[p]);
        xy[p] = mixed;
        yx[p] = mixed;
    }
}

static void hessian(const kr_landscape *self, size_t n, const double *restrict x, double *restrict hessian) {
    curvature_at(scale_of(self), n, x, x + n, hessian, hessian + 3 * n);
    hessian_at(scale_of(self), n, x, x + n, hessian + n, hessian + 2 * n);
}

static size_t candidates(const kr_landscape *self, size_t axis, size_t capacity, double *points) {
    (void)axis;
    return kr_candidates_in_box(self, (const double[]){-5.5, -5.5}, (const double[]){5.5, 5.5}, 97, capacity, points);
}

KR_LANDSCAPE = {
    .about = {.name = KR_PLUGIN_NAME,
              .equation = "V = scale [(x^2 + y - 11)^2 + (x + y^2 - 7)^2]",
              .doc = "Four equal minima in the plane, V = scale [(x^2 + y - 11)^2 + (x + y^2 - 7)^2]",
              .reference = "D. M. Himmelblau, Applied Nonlinear Programming (1972)",
              .parameters = parameters,
              .values_size = sizeof(himmelblau)},
    .dim = 2,
    .energy = energy,
    .gradient = gradient,
    .curvature = curvature,
    .hessian = hessian,
    .candidates = candidates,
};
