/* Harmonic well, V = 1/2 sum_i k_i x_i^2: the one landscape whose stationary moments are known exactly at any learning rate. */
#include <kramers/landscape.h>
#include <kramers/parameter_rows.h>

#include <math.h>

typedef struct harmonic {
    kr_list stiffness;
    int64_t dim;
} harmonic;

static const kr_parameter parameters[] = {{"stiffness", "k", "curvature: one number, or one for each coordinate", NULL, KR_LIST,
                                           KR_ABOVE_MINIMUM | KR_LOG_SCALE, offsetof(harmonic, stiffness), .initial = 1,
                                           .minimum = 0, .maximum = 1e9},
                                          KR_ROW_DIM(harmonic, 1, 1),
                                          KR_END};

static double stiffness_of(const kr_landscape *self, size_t i) {
    const kr_list *list = &((const harmonic *)self->values)->stiffness;
    return list->value[list->count == 1 ? 0 : i];
}

static kr_status prepare(kr_landscape *self, kr_error *error) {
    size_t count = ((const harmonic *)self->values)->stiffness.count;
    if (count == 1 || count == self->dim) return KR_OK;
    return kr_fail(error, KR_BAD_ARGUMENT,
                   "landscape 'harmonic': stiffness lists %zu numbers for dim %zu; give one number, or one for each coordinate",
                   count, self->dim);
}

static void energy_of(double k, size_t n, const double *restrict x, double *restrict energy) {
    double half = 0.5 * k;
    for (size_t p = 0; p < n; p++) energy[p] = fma(half * x[p], x[p], energy[p]);
}

static void energy(const kr_landscape *self, size_t n, const double *restrict x, double *restrict energy) {
    for (size_t p = 0; p < n; p++) energy[p] = 0;
    for (size_t i = 0; i < self->dim; i++) energy_of(stiffness_of(self, i), n, x + i * n, energy);
}

static void gradient_of(double k, size_t n, const double *restrict x, double *restrict gradient) {
    for (size_t p = 0; p < n; p++) gradient[p] = k * x[p];
}

static void gradient(const kr_landscape *self, size_t n, const double *restrict x, double *restrict gradient) {
    for (size_t i = 0; i < self->dim; i++) gradient_of(stiffness_of(self, self->coordinate + i), n, x + i * n, gradient + i * n);
}

static void curvature(const kr_landscape *self, size_t n, const double *restrict x, double *restrict curvature) {
    (void)x;
    for (size_t i = 0; i < self->dim; i++) {
        double k = stiffness_of(self, self->coordinate + i);
        for (size_t p = 0; p < n; p++) curvature[i * n + p] = k;
    }
}

static size_t candidates(const kr_landscape *self, size_t axis, size_t capacity, double *points) {
    (void)self, (void)axis;
    if (capacity) points[0] = 0;
    return 1;
}

KR_LANDSCAPE = {
    .about = {.name = KR_PLUGIN_NAME,
              .equation = "V = 1/2 sum_i k_i x_i^2",
              .doc = "Harmonic well, V = 1/2 sum_i k_i x_i^2",
              .parameters = parameters,
              .values_size = sizeof(harmonic)},
    .separable = true,
    .tiles = true,
    .prepare = prepare,
    .energy = energy,
    .gradient = gradient,
    .curvature = curvature,
    .candidates = candidates,
};
