/* Noise that grows with the loss, as that of a regression does: variance s (V - floor + epsilon) / B in each coordinate (Mori,
 * Ziyin, Liu, Ueda 2022). Where this would be negative there is none. */
#include <kramers/noise.h>
#include <kramers/parameter_rows.h>

#include <math.h>

typedef struct values {
    double strength, floor, epsilon, batch_size;
} values;

static const kr_parameter parameters[] = {{.name = "strength",
                                           .symbol = "s",
                                           .doc = "variance of one sample's gradient per unit of loss",
                                           .type = KR_NUMBER,
                                           .flags = KR_LOG_SCALE,
                                           .offset = offsetof(values, strength),
                                           .initial = 1,
                                           .minimum = 0,
                                           .maximum = 1e12},
                                          {.name = "floor",
                                           .doc = "loss at which the noise vanishes",
                                           .unit = "energy",
                                           .type = KR_NUMBER,
                                           .offset = offsetof(values, floor),
                                           .initial = 0,
                                           .minimum = -1e12,
                                           .maximum = 1e12},
                                          {.name = "epsilon",
                                           .symbol = "epsilon",
                                           .doc = "added to the loss above the floor",
                                           .unit = "energy",
                                           .type = KR_NUMBER,
                                           .flags = KR_LOG_SCALE,
                                           .offset = offsetof(values, epsilon),
                                           .initial = 0,
                                           .minimum = 0,
                                           .maximum = 1e12},
                                          KR_ROW_BATCH_SIZE(values),
                                          KR_END};

static kr_noise_input input(const kr_noise *self, bool separable) {
    (void)self, (void)separable;
    return KR_NOISE_INPUT_ENERGY;
}

static double variance_at(double energy, double offset, double factor) {
    double above = energy + offset;
    return factor * (above < 0 ? 0 : above); /* NaN stays NaN */
}

static void amplitudes(size_t n, double offset, double factor, double *restrict energy) {
    for (size_t i = 0; i < n; i++) energy[i] = sqrt(variance_at(energy[i], offset, factor));
}

static void add_scaled(size_t n, const double *restrict amplitude, const double *restrict normal, double *restrict gradient) {
    for (size_t i = 0; i < n; i++) gradient[i] = fma(amplitude[i], normal[i], gradient[i]);
}

static void add(const kr_noise *self, kr_noise_input kind, size_t dim, size_t n, double *restrict energy,
                const double *restrict normal, double *restrict gradient) {
    (void)kind;
    const values *v = self->values;
    amplitudes(n, v->epsilon - v->floor, v->strength / v->batch_size, energy);
    for (size_t i = 0; i < dim; i++) add_scaled(n, energy, normal + i * n, gradient + i * n);
}

static void variance(const kr_noise *self, size_t n, const double *energy, const double *curvature, double *out) {
    (void)curvature;
    const values *v = self->values;
    for (size_t i = 0; i < n; i++) out[i] = variance_at(energy[i], v->epsilon - v->floor, v->strength / v->batch_size);
}

KR_NOISE = {.about = {.name = KR_PLUGIN_NAME,
                      .equation = "n = sqrt(max(s (V - floor + epsilon), 0) / B) xi",
                      .doc = "noise proportional to the loss: n = sqrt(s (V - floor + epsilon) / B) xi",
                      .reference = "T. Mori, L. Ziyin, K. Liu, M. Ueda, Power-law escape rate of SGD, ICML 2022",
                      .parameters = parameters,
                      .values_size = sizeof(values)},
            .input = input,
            .add = add,
            .variance = variance};
