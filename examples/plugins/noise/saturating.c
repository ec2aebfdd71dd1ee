/* Curvature noise that stops growing: variance s |H_ii| / (1 + |H_ii| / limit) in each coordinate. */
#include <kramers/noise.h>

#include <math.h>

typedef struct values {
    double strength, limit;
} values;

static const kr_parameter parameters[] = {{.name = "strength",
                                           .symbol = "s",
                                           .doc = "variance per unit of curvature where that is small",
                                           .type = KR_NUMBER,
                                           .flags = KR_LOG_SCALE,
                                           .offset = offsetof(values, strength),
                                           .initial = 1,
                                           .minimum = 0,
                                           .maximum = 1e12},
                                          {.name = "limit",
                                           .doc = "curvature above which the noise grows no more",
                                           .type = KR_NUMBER,
                                           .flags = KR_ABOVE_MINIMUM | KR_LOG_SCALE,
                                           .offset = offsetof(values, limit),
                                           .initial = 10,
                                           .minimum = 0,
                                           .maximum = 1e12},
                                          KR_END};

static kr_noise_input input(const kr_noise *self, bool separable) {
    (void)self, (void)separable;
    return KR_NOISE_INPUT_CURVATURE;
}

static double variance_of(double strength, double limit, double curvature) {
    double size = fabs(curvature);
    return strength * size / (1 + size / limit);
}

static void variances(size_t n, double strength, double limit, const double *restrict curvature, double *restrict out) {
    for (size_t i = 0; i < n; i++) out[i] = variance_of(strength, limit, curvature[i]);
}

static void variance(const kr_noise *self, size_t n, const double *energy, const double *curvature, double *out) {
    (void)energy;
    const values *v = self->values;
    variances(n, v->strength, v->limit, curvature, out);
}

KR_NOISE = {.about = {.name = KR_PLUGIN_NAME,
                      .doc = "curvature noise that stops growing: variance s |H| / (1 + |H| / limit)",
                      .parameters = parameters,
                      .values_size = sizeof(values)},
            .by_coordinate = true,
            .input = input,
            .variance = variance};
