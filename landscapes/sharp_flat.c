/* A sharp and a flat minimum of equal depth:  V = (h/N) (x^2 - 1)^2 (x^2 - 3x + 5/2).
 *
 * Minima at -1 (curvature 52 h/N, sharp) and +1 (4 h/N, flat), both at V = 0; N is chosen so that the top, at the root
 * -0.2481161405 of 6x^3 - 15x^2 + 8x + 3, has height h. In equilibrium the flat well holds more weight by the square root of the
 * ratio of curvatures, which is the simplest case of "SGD prefers flat minima". */
#include <kramers/candidates.h>

#include <math.h>

static const double normalisation = 2.911404537584607;

typedef struct sharp_flat {
    double barrier;
} sharp_flat;

static const kr_parameter parameters[] = {{"barrier", "h", "height of the barrier above both minima", NULL, KR_NUMBER,
                                           KR_ABOVE_MINIMUM | KR_LOG_SCALE, offsetof(sharp_flat, barrier), .initial = 1,
                                           .minimum = 0, .maximum = 1e9},
                                          KR_END};

static double factor(const kr_landscape *self) {
    return ((const sharp_flat *)self->values)->barrier / normalisation;
}

static void energy_of(double a, size_t n, const double *restrict x, double *restrict energy) {
    for (size_t p = 0; p < n; p++) {
        double s = fma(x[p], x[p], -1);
        energy[p] = a * s * s * fma(x[p], x[p] - 3, 2.5);
    }
}

static void energy(const kr_landscape *self, size_t n, const double *restrict x, double *restrict energy) {
    energy_of(factor(self), n, x, energy);
}

/* V' = (h/N) (x^2 - 1) (6x^3 - 15x^2 + 8x + 3) */
static void gradient_of(double a, size_t n, const double *restrict x, double *restrict gradient) {
    for (size_t p = 0; p < n; p++) gradient[p] = a * fma(x[p], x[p], -1) * fma(x[p], fma(x[p], fma(x[p], 6, -15), 8), 3);
}

static void gradient(const kr_landscape *self, size_t n, const double *restrict x, double *restrict gradient) {
    gradient_of(factor(self), n, x, gradient);
}

/* V'' = (h/N) (30x^4 - 60x^3 + 6x^2 + 36x - 8) */
static void curvature_of(double a, size_t n, const double *restrict x, double *restrict curvature) {
    for (size_t p = 0; p < n; p++) curvature[p] = a * fma(x[p], fma(x[p], fma(x[p], fma(x[p], 30, -60), 6), 36), -8);
}

static void curvature(const kr_landscape *self, size_t n, const double *restrict x, double *restrict curvature) {
    curvature_of(factor(self), n, x, curvature);
}

/* Beyond +-1 the slope points outward, and weight decay adds to that. */
static size_t candidates(const kr_landscape *self, size_t axis, size_t capacity, double *points) {
    (void)axis;
    return kr_candidates_on_line(self, -1.001, 1.001, 997, capacity, points);
}

KR_LANDSCAPE = {
    .about = {.name = KR_PLUGIN_NAME,
              .equation = "V = (h/N) (x^2 - 1)^2 (x^2 - 3x + 5/2), N so that the top is h high",
              .doc = "One sharp and one flat minimum of equal depth, V = (h/N) (x^2 - 1)^2 (x^2 - 3x + 5/2); parabolic_wells has "
                     "the sharpness as parameters",
              .parameters = parameters,
              .values_size = sizeof(sharp_flat)},
    .dim = 1,
    .separable = true,
    .energy = energy,
    .gradient = gradient,
    .curvature = curvature,
    .candidates = candidates,
};
