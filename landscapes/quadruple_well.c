/* Four wells in the plane, at (+-1, +-1):  V = h [(x^2 - 1)^2 + (y^2 - 1)^2] + c x y.
 *
 * Without coupling two independent double wells; with it the wells in which x and y differ in sign are deeper by 2 c, and beyond
 * |c| about 1.5 h only two are left. */
#include <kramers/candidates.h>

#include <math.h>

typedef struct quadruple_well {
    double barrier, coupling;
} quadruple_well;

static const kr_parameter parameters[] = {{"barrier", "h", "height of the barriers without coupling", NULL, KR_NUMBER,
                                           KR_ABOVE_MINIMUM | KR_LOG_SCALE, offsetof(quadruple_well, barrier), .initial = 1,
                                           .minimum = 0, .maximum = 1e9},
                                          {"coupling", "c", "factor of x y: positive favours unequal signs", NULL, KR_NUMBER, 0,
                                           offsetof(quadruple_well, coupling), .initial = 0, .minimum = -1e9, .maximum = 1e9},
                                          KR_END};

static void energy_at(double h, double c, size_t n, const double *restrict x, const double *restrict y, double *restrict energy) {
    for (size_t p = 0; p < n; p++) {
        double s = fma(x[p], x[p], -1), t = fma(y[p], y[p], -1);
        energy[p] = fma(h, fma(s, s, t * t), c * x[p] * y[p]);
    }
}

static void energy(const kr_landscape *self, size_t n, const double *restrict x, double *restrict energy) {
    const quadruple_well *v = self->values;
    energy_at(v->barrier, v->coupling, n, x, x + n, energy);
}

static void gradient_at(double h, double c, size_t n, const double *restrict x, const double *restrict y, double *restrict gx,
                        double *restrict gy) {
    double h4 = 4 * h;
    for (size_t p = 0; p < n; p++) {
        gx[p] = fma(h4 * x[p], fma(x[p], x[p], -1), c * y[p]);
        gy[p] = fma(h4 * y[p], fma(y[p], y[p], -1), c * x[p]);
    }
}

static void gradient(const kr_landscape *self, size_t n, const double *restrict x, double *restrict gradient) {
    const quadruple_well *v = self->values;
    gradient_at(v->barrier, v->coupling, n, x, x + n, gradient, gradient + n);
}

static void curvature_of(double h, size_t n, const double *restrict x, double *restrict curvature) {
    double h4 = 4 * h;
    for (size_t p = 0; p < n; p++) curvature[p] = h4 * fma(3 * x[p], x[p], -1);
}

static void curvature(const kr_landscape *self, size_t n, const double *restrict x, double *restrict curvature) {
    curvature_of(((const quadruple_well *)self->values)->barrier, 2 * n, x, curvature);
}

static void hessian(const kr_landscape *self, size_t n, const double *restrict x, double *restrict hessian) {
    const quadruple_well *v = self->values;
    curvature_of(v->barrier, n, x, hessian);
    curvature_of(v->barrier, n, x + n, hessian + 3 * n);
    for (size_t p = n; p < 3 * n; p++) hessian[p] = v->coupling;
}

/* Minima are at most at sqrt(1 + |c| / 4h) in each coordinate. */
static size_t candidates(const kr_landscape *self, size_t axis, size_t capacity, double *points) {
    (void)axis;
    const quadruple_well *v = self->values;
    double reach = 1.15 * sqrt(1 + 0.25 * fabs(v->coupling) / v->barrier);
    return kr_candidates_in_box(self, (const double[]){-reach, -reach}, (const double[]){reach, reach}, 97, capacity, points);
}

KR_LANDSCAPE = {
    .about = {.name = KR_PLUGIN_NAME,
              .equation = "V = h [(x^2 - 1)^2 + (y^2 - 1)^2] + c x y",
              .doc = "Four wells in the plane, V = h [(x^2 - 1)^2 + (y^2 - 1)^2] + c x y",
              .parameters = parameters,
              .values_size = sizeof(quadruple_well)},
    .dim = 2,
    .energy = energy,
    .gradient = gradient,
    .curvature = curvature,
    .hessian = hessian,
    .candidates = candidates,
};
