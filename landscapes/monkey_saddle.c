/* Three valleys and three ridges that meet in one flat point:  V = scale [x^3 - 3 x y^2 + c r^4/4], r^2 = x^2 + y^2.
 *
 * In polar coordinates V = scale [r^3 cos(3 phi) + c r^4/4]: minima at r = 3/c where cos(3 phi) = -1, at V = -27 scale / (4 c^3),
 * and between them the point 0, where not only the slope but the whole Hessian vanishes. Rates that are made of Hessians know no
 * way from one minimum to the other there. Weight decay unfolds it: 0 becomes a minimum with three ordinary saddles around it. */
#include <kramers/landscape.h>

#include <math.h>

typedef struct monkey_saddle {
    double scale, confinement;
} monkey_saddle;

static const kr_parameter parameters[] = {
    {"scale", NULL, "factor in front of the energy", NULL, KR_NUMBER, KR_ABOVE_MINIMUM | KR_LOG_SCALE,
     offsetof(monkey_saddle, scale), .initial = 1, .minimum = 0, .maximum = 1e9},
    {"confinement", "c", "factor of r^4/4, which keeps particles in: minima are at r = 3/c", NULL, KR_NUMBER,
     KR_ABOVE_MINIMUM | KR_LOG_SCALE, offsetof(monkey_saddle, confinement), .initial = 1, .minimum = 0, .maximum = 1e9},
    KR_END};

static void energy_at(double scale, double c, size_t n, const double *restrict x, const double *restrict y,
                      double *restrict energy) {
    double quarter = 0.25 * c;
    for (size_t p = 0; p < n; p++) {
        double xx = x[p] * x[p], yy = y[p] * y[p], square = xx + yy;
        energy[p] = scale * fma(x[p], fma(-3, yy, xx), quarter * square * square);
    }
}

static void energy(const kr_landscape *self, size_t n, const double *restrict x, double *restrict energy) {
    const monkey_saddle *v = self->values;
    energy_at(v->scale, v->confinement, n, x, x + n, energy);
}

static void gradient_at(double scale, double c, size_t n, const double *restrict x, const double *restrict y, double *restrict gx,
                        double *restrict gy) {
    for (size_t p = 0; p < n; p++) {
        double xx = x[p] * x[p], yy = y[p] * y[p], outward = c * (xx + yy);
        gx[p] = scale * fma(outward, x[p], 3 * (xx - yy));
        gy[p] = scale * y[p] * fma(-6, x[p], outward);
    }
}

static void gradient(const kr_landscape *self, size_t n, const double *restrict x, double *restrict gradient) {
    const monkey_saddle *v = self->values;
    gradient_at(v->scale, v->confinement, n, x, x + n, gradient, gradient + n);
}

static void curvature_at(double scale, double c, size_t n, const double *restrict x, const double *restrict y, double *restrict xx,
                         double *restrict yy) {
    for (size_t p = 0; p < n; p++) {
        double x2 = x[p] * x[p], y2 = y[p] * y[p];
        xx[p] = scale * fma(6, x[p], c * fma(3, x2, y2));
        yy[p] = scale * fma(-6, x[p], c * fma(3, y2, x2));
    }
}

static void curvature(const kr_landscape *self, size_t n, const double *restrict x, double *restrict curvature) {
    const monkey_saddle *v = self->values;
    curvature_at(v->scale, v->confinement, n, x, x + n, curvature, curvature + n);
}

static void mixed_at(double scale, double c, size_t n, const double *restrict x, const double *restrict y, double *restrict xy,
                     double *restrict yx) {
    for (size_t p = 0; p < n; p++) {
        double mixed = scale * y[p] * fma(2 * c, x[p], -6);
        xy[p] = mixed;
        yx[p] = mixed;
    }
}

static void hessian(const kr_landscape *self, size_t n, const double *restrict x, double *restrict hessian) {
    const monkey_saddle *v = self->values;
    curvature_at(v->scale, v->confinement, n, x, x + n, hessian, hessian + 3 * n);
    mixed_at(v->scale, v->confinement, n, x, x + n, hessian + n, hessian + 2 * n);
}

/* 0, and the roots of c r^2 - 3 r + lambda / scale = 0 in the three valleys. */
static size_t candidates(const kr_landscape *self, size_t axis, size_t capacity, double *points) {
    (void)axis;
    const monkey_saddle *v = self->values;
    const double half_root_3 = 0.86602540378443865;
    const double valley[3][2] = {{-1, 0}, {0.5, half_root_3}, {0.5, -half_root_3}};
    double decay = self->weight_decay / v->scale, root = sqrt(fmax(0, 9 - 4 * v->confinement * decay));
    size_t count = 1;
    if (capacity > 0) points[0] = points[1] = 0;
    for (int side = -1; side <= 1; side += 2) {
        double r = 0.5 * (3 + side * root) / v->confinement;
        for (int k = 0; k < 3; k++, count++)
            for (int i = 0; count < capacity && i < 2; i++) points[2 * count + (size_t)i] = r * valley[k][i];
    }
    return count;
}

KR_LANDSCAPE = {
    .about = {.name = KR_PLUGIN_NAME,
              .equation = "V = scale [x^3 - 3 x y^2 + c r^4/4],  r^2 = x^2 + y^2",
              .doc = "Three minima around a degenerate saddle, V = scale [x^3 - 3 x y^2 + c r^4/4]: the Hessian vanishes at 0",
              .reference = "D. Hilbert and S. Cohn-Vossen, Anschauliche Geometrie, section 29 (1932)",
              .parameters = parameters,
              .values_size = sizeof(monkey_saddle)},
    .dim = 2,
    .energy = energy,
    .gradient = gradient,
    .curvature = curvature,
    .hessian = hessian,
    .candidates = candidates,
};
