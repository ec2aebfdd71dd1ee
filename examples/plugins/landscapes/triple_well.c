/* Three wells of equal depth:  V = 27/4 h x^2 (x^2 - 1)^2.  Minima at -1, 0 and 1, where V = 0; tops at +-1/sqrt(3), where V = h.
 * Curvature 54 h at the outer minima, 27/2 h at the middle one. */
#include <kramers/landscape.h>

#include <math.h>

typedef struct triple_well {
    double barrier;
} triple_well;

static const kr_parameter parameters[] = {{.name = "barrier",
                                           .symbol = "h",
                                           .doc = "height of both barriers",
                                           .type = KR_NUMBER,
                                           .flags = KR_ABOVE_MINIMUM | KR_LOG_SCALE,
                                           .offset = offsetof(triple_well, barrier),
                                           .initial = 1,
                                           .minimum = 0,
                                           .maximum = 1e9},
                                          KR_END};

/* Kernels take plain numbers and restrict pointers as parameters, or GCC does not vectorise them. */
static void energy_of(double scale, size_t n, const double *restrict x, double *restrict energy) {
    for (size_t p = 0; p < n; p++) {
        double square = x[p] * x[p], well = square - 1;
        energy[p] = scale * square * well * well;
    }
}

static void gradient_of(double scale, size_t n, const double *restrict x, double *restrict gradient) {
    for (size_t p = 0; p < n; p++) {
        double square = x[p] * x[p];
        gradient[p] = 2 * scale * x[p] * fma(square, fma(3, square, -4), 1);
    }
}

static void curvature_of(double scale, size_t n, const double *restrict x, double *restrict curvature) {
    for (size_t p = 0; p < n; p++) {
        double square = x[p] * x[p];
        curvature[p] = 2 * scale * fma(square, fma(15, square, -12), 1);
    }
}

static double scale_of(const kr_landscape *self) {
    return 6.75 * ((const triple_well *)self->values)->barrier;
}

static void energy(const kr_landscape *self, size_t n, const double *restrict x, double *restrict out) {
    energy_of(scale_of(self), n, x, out);
}

static void gradient(const kr_landscape *self, size_t n, const double *restrict x, double *restrict out) {
    gradient_of(scale_of(self), n, x, out);
}

static void curvature(const kr_landscape *self, size_t n, const double *restrict x, double *restrict out) {
    curvature_of(scale_of(self), n, x, out);
}

/* Critical points for Newton's method to start from: the roots of 2 A x (3 x^4 - 4 x^2 + 1) + lambda x, with u = x^2. */
static size_t candidates(const kr_landscape *self, size_t axis, size_t capacity, double *points) {
    (void)axis;
    double root = 4 - 6 * self->weight_decay / scale_of(self);
    double all[5] = {0};
    size_t count = 1;
    for (double sign = -1; root >= 0 && sign <= 1; sign += 2) {
        double square = (4 + sign * sqrt(root)) / 6;
        if (square > 0) {
            all[count++] = sqrt(square);
            all[count++] = -sqrt(square);
        }
    }
    for (size_t i = 0; i < count && i < capacity; i++) points[i] = all[i];
    return count;
}

KR_LANDSCAPE = {
    .about = {.name = KR_PLUGIN_NAME,
              .doc = "Three wells of equal depth, the middle one flat, V = 27/4 h x^2 (x^2 - 1)^2",
              .parameters = parameters,
              .values_size = sizeof(triple_well)},
    .dim = 1,
    .separable = true,
    .energy = energy,
    .gradient = gradient,
    .curvature = curvature,
    .candidates = candidates,
};
