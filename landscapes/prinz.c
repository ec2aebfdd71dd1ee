/* Four wells along a line: the test of methods that estimate relaxation times from trajectories.
 *
 *     V = 4 h (x^8 + 0.8 e^{-80 x^2} + 0.2 e^{-80 (x - 1/2)^2} + 0.5 e^{-40 (x + 1/2)^2})
 *
 * Three exponentials a coordinate bound the loops. */
#include <kramers/candidates.h>

#include <kramers/vector_math.h>

typedef struct prinz {
    double barrier;
} prinz;

static const kr_parameter parameters[] = {
    {"barrier", "h", "factor in front of the energy: the barrier in the middle is 3.2 h above V = 0", NULL, KR_NUMBER,
     KR_ABOVE_MINIMUM | KR_LOG_SCALE, offsetof(prinz, barrier), .initial = 1, .minimum = 0, .maximum = 1e9},
    KR_END};

static double factor(const kr_landscape *self) {
    return 4 * ((const prinz *)self->values)->barrier;
}

/* The three bumps and the distances from their middles. */
typedef struct bumps {
    double left, middle, right; /* with their heights */
    double u, v;                /* x - 1/2, x + 1/2 */
} bumps;

static inline bumps bumps_at(double x) {
    double u = x - 0.5, v = x + 0.5;
    return (bumps){0.5 * kr_exp(-40 * v * v), 0.8 * kr_exp(-80 * x * x), 0.2 * kr_exp(-80 * u * u), u, v};
}

static void energy_of(double a, size_t n, const double *restrict x, double *restrict energy) {
    for (size_t p = 0; p < n; p++) {
        bumps b = bumps_at(x[p]);
        double x2 = x[p] * x[p], x4 = x2 * x2;
        energy[p] = a * fma(x4, x4, (b.left + b.right) + b.middle);
    }
}

static void energy(const kr_landscape *self, size_t n, const double *restrict x, double *restrict energy) {
    energy_of(factor(self), n, x, energy);
}

static void gradient_of(double a, size_t n, const double *restrict x, double *restrict gradient) {
    for (size_t p = 0; p < n; p++) {
        bumps b = bumps_at(x[p]);
        double x2 = x[p] * x[p], falling = fma(160 * x[p], b.middle, fma(160 * b.u, b.right, 80 * b.v * b.left));
        gradient[p] = a * fma(8 * x[p] * x2, x2 * x2, -falling);
    }
}

static void gradient(const kr_landscape *self, size_t n, const double *restrict x, double *restrict gradient) {
    gradient_of(factor(self), n, x, gradient);
}

static void curvature_of(double a, size_t n, const double *restrict x, double *restrict curvature) {
    for (size_t p = 0; p < n; p++) {
        bumps b = bumps_at(x[p]);
        double x2 = x[p] * x[p], left = b.left * fma(6400 * b.v, b.v, -80);
        double middle = b.middle * fma(25600, x2, -160), right = b.right * fma(25600 * b.u, b.u, -160);
        curvature[p] = a * fma(56 * x2, x2 * x2, (left + right) + middle);
    }
}

static void curvature(const kr_landscape *self, size_t n, const double *restrict x, double *restrict curvature) {
    curvature_of(factor(self), n, x, curvature);
}

/* Beyond +-1 the slope points outward, and weight decay adds to that. */
static size_t candidates(const kr_landscape *self, size_t axis, size_t capacity, double *points) {
    (void)axis;
    return kr_candidates_on_line(self, -1.1, 1.1, 997, capacity, points);
}

KR_LANDSCAPE = {
    .about = {.name = KR_PLUGIN_NAME,
              .bound = "three exponentials a gradient",
              .equation = "V = 4 h (x^8 + 0.8 e^(-80 x^2) + 0.2 e^(-80 (x - 1/2)^2) + 0.5 e^(-40 (x + 1/2)^2))",
              .doc = "Four wells along a line, as in tests of Markov state models: x^8 and three bumps",
              .reference = "J.-H. Prinz et al., J. Chem. Phys. 134, 174105 (2011)",
              .parameters = parameters,
              .values_size = sizeof(prinz)},
    .dim = 1,
    .separable = true,
    .energy = energy,
    .gradient = gradient,
    .curvature = curvature,
    .candidates = candidates,
};
