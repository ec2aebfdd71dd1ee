/* Mueller and Brown's surface, V = scale sum_k A_k exp[a_k (x - X_k)^2 + b_k (x - X_k)(y - Y_k) + c_k (y - Y_k)^2]: three minima
 * on a bent valley, the standard test of methods for transition paths. */
#include <kramers/candidates.h>

#include <kramers/vector_math.h>

typedef struct muller_brown {
    double scale;
} muller_brown;

static const kr_parameter parameters[] = {{"scale", NULL, "factor in front of the energy", NULL, KR_NUMBER,
                                           KR_ABOVE_MINIMUM | KR_LOG_SCALE, offsetof(muller_brown, scale), .initial = 1,
                                           .minimum = 0, .maximum = 1e9},
                                          KR_END};

static double scale_of(const kr_landscape *self) {
    return ((const muller_brown *)self->values)->scale;
}

/* One Gaussian with its logarithmic derivatives. */
typedef struct term {
    double value, slope_x, slope_y;
} term;

static inline term term_at(double x, double y, double amplitude, double a, double b, double c, double x0, double y0) {
    double dx = x - x0, dy = y - y0, ax = fma(a, dx, b * dy), cy = c * dy;
    double value = amplitude * kr_exp(fma(ax, dx, cy * dy));
    return (term){.value = value, .slope_x = fma(a, dx, ax), .slope_y = fma(b, dx, 2 * cy)};
}

/* Written out, so that one loop holds all four and is vectorised. */
#define TERMS(x, y)                                                                                                                \
    {                                                                                                                              \
        term_at(x, y, -200, -1, 0, -10, 1, 0), term_at(x, y, -100, -1, 0, -10, 0, 0.5),                                            \
            term_at(x, y, -170, -6.5, 11, -6.5, -0.5, 1.5), term_at(x, y, 15, 0.7, 0.6, 0.7, -1, 1)                                \
    }

static void energy_at(double scale, size_t n, const double *restrict x, const double *restrict y, double *restrict energy) {
    for (size_t p = 0; p < n; p++) {
        const term t[4] = TERMS(x[p], y[p]);
        energy[p] = scale * ((t[0].value + t[1].value) + (t[2].value + t[3].value));
    }
}

static void energy(const kr_landscape *self, size_t n, const double *restrict x, double *restrict energy) {
    energy_at(scale_of(self), n, x, x + n, energy);
}

static void gradient_at(double scale, size_t n, const double *restrict x, const double *restrict y, double *restrict gx,
                        double *restrict gy) {
    for (size_t p = 0; p < n; p++) {
        const term t[4] = TERMS(x[p], y[p]);
        double sx = t[0].value * t[0].slope_x, sy = t[0].value * t[0].slope_y;
        sx = fma(t[1].value, t[1].slope_x, sx);
        sy = fma(t[1].value, t[1].slope_y, sy);
        sx = fma(t[2].value, t[2].slope_x, sx);
        sy = fma(t[2].value, t[2].slope_y, sy);
        gx[p] = scale * fma(t[3].value, t[3].slope_x, sx);
        gy[p] = scale * fma(t[3].value, t[3].slope_y, sy);
    }
}

static void gradient(const kr_landscape *self, size_t n, const double *restrict x, double *restrict gradient) {
    gradient_at(scale_of(self), n, x, x + n, gradient, gradient + n);
}

static inline double bend(term t, double slope, double second) {
    return t.value * fma(slope, slope, second);
}

static void curvature_at(double scale, size_t n, const double *restrict x, const double *restrict y, double *restrict xx,
                         double *restrict yy) {
    for (size_t p = 0; p < n; p++) {
        const term t[4] = TERMS(x[p], y[p]);
        xx[p] = scale * ((bend(t[0], t[0].slope_x, -2) + bend(t[1], t[1].slope_x, -2)) +
                         (bend(t[2], t[2].slope_x, -13) + bend(t[3], t[3].slope_x, 1.4)));
        yy[p] = scale * ((bend(t[0], t[0].slope_y, -20) + bend(t[1], t[1].slope_y, -20)) +
                         (bend(t[2], t[2].slope_y, -13) + bend(t[3], t[3].slope_y, 1.4)));
    }
}

static void curvature(const kr_landscape *self, size_t n, const double *restrict x, double *restrict curvature) {
    curvature_at(scale_of(self), n, x, x + n, curvature, curvature + n);
}

static void mixed_at(double scale, size_t n, const double *restrict x, const double *restrict y, double *restrict xy,
                     double *restrict yx) {
    for (size_t p = 0; p < n; p++) {
        const term t[4] = TERMS(x[p], y[p]);
        double sum = t[0].value * t[0].slope_x * t[0].slope_y;
        sum = fma(t[1].value * t[1].slope_x, t[1].slope_y, sum);
        sum = fma(t[2].value, fma(t[2].slope_x, t[2].slope_y, 11), sum);
        sum = fma(t[3].value, fma(t[3].slope_x, t[3].slope_y, 0.6), sum);
        xy[p] = scale * sum;
        yx[p] = scale * sum;
    }
}

static void hessian(const kr_landscape *self, size_t n, const double *restrict x, double *restrict hessian) {
    curvature_at(scale_of(self), n, x, x + n, hessian, hessian + 3 * n);
    mixed_at(scale_of(self), n, x, x + n, hessian + n, hessian + 2 * n);
}

static size_t candidates(const kr_landscape *self, size_t axis, size_t capacity, double *points) {
    (void)axis;
    return kr_candidates_in_box(self, (const double[]){-1.6, -0.6}, (const double[]){1.3, 2.1}, 97, capacity, points);
}

KR_LANDSCAPE = {
    .about = {.name = KR_PLUGIN_NAME,
              .equation = "V = scale sum_k A_k exp[a_k (x - X_k)^2 + b_k (x - X_k)(y - Y_k) + c_k (y - Y_k)^2], k = 1 .. 4",
              .doc = "Three minima on a bent valley in the plane: four Gaussians of Mueller and Brown",
              .reference = "K. Mueller and L. D. Brown, Theoretica Chimica Acta 53, 75 (1979)",
              .bound = "four exponentials a gradient",
              .parameters = parameters,
              .values_size = sizeof(muller_brown)},
    .dim = 2,
    .energy = energy,
    .gradient = gradient,
    .curvature = curvature,
    .hessian = hessian,
    .candidates = candidates,
};
