#include <kramers/noise.h>
#include <kramers/parameter_rows.h>

#include <math.h>

typedef struct values {
    double sigma, batch_size;
} values;

static const kr_parameter parameters[] = {KR_ROW_SIGMA(values, "standard deviation of one sample's gradient, per coordinate"),
                                          KR_ROW_BATCH_SIZE(values), KR_END};

static void variance(const kr_noise *self, size_t n, const double *energy, const double *curvature, double *out) {
    (void)energy, (void)curvature;
    const values *v = self->values;
    for (size_t i = 0; i < n; i++) out[i] = v->sigma * v->sigma / v->batch_size;
}

KR_NOISE = {.about = {.name = KR_PLUGIN_NAME,
                      .equation = "n = sigma / sqrt(B) xi",
                      .doc = "the same Gaussian noise in every direction and everywhere: n = sigma / sqrt(B) xi",
                      .reference = "S. L. Smith, Q. V. Le, A Bayesian perspective on generalization and SGD, ICLR 2018",
                      .parameters = parameters,
                      .values_size = sizeof(values)},
            .by_coordinate = true,
            .variance = variance};
