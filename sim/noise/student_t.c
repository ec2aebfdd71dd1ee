/* Noise with power-law tails: n = sigma / sqrt(B) T with T of Student's distribution, P(|T| > t) ~ t^-nu. sigma / sqrt(B) is the
 * unit of T; the variance, where there is one, is sigma^2 nu / ((nu - 2) B). nu = 1 is Cauchy's distribution, nu to infinity the
 * Gaussian.
 *
 * From two uniform numbers, exactly for any nu (Bailey 1994, as Box and Muller for the normal):
 *     T = sqrt(nu (u^(-2/nu) - 1)) cos(2 pi v). */
#include <kramers/noise.h>
#include <kramers/parameter_rows.h>
#include <kramers/vector_math.h>

typedef struct values {
    double sigma, nu, batch_size;
} values;

static const kr_parameter parameters[] = {KR_ROW_SIGMA(values, "unit of one sample's gradient noise, per coordinate"),
                                          {.name = "nu",
                                           .symbol = "nu",
                                           .doc = "degrees of freedom: the tail falls as |n|^-nu; there is a variance above 2",
                                           .type = KR_NUMBER,
                                           .flags = KR_LOG_SCALE,
                                           .offset = offsetof(values, nu),
                                           .initial = 3,
                                           .minimum = 0.5,
                                           .maximum = 1e9},
                                          KR_ROW_BATCH_SIZE(values),
                                          KR_END};

/* exp(x) - 1 for 0 <= x < 700, with its digits near 0. */
static double exp_minus_one(double x) {
    double rounded, e = kr_exp_reduced(x, &rounded);
    double scale = kr_from_bits((kr_bits(rounded) - kr_bits(KR_ROUND) + 1023) << 52);
    return fma(scale, e, scale - 1);
}

static void add_student(size_t count, double unit, double nu, const double *restrict chance, const double *restrict turn,
                        double *restrict gradient) {
    const double power = -2 / nu;
    for (size_t i = 0; i < count; i++) {
        double sine, cosine, square = nu * exp_minus_one(power * kr_log(chance[i]));
        kr_sincos_turns(turn[i], &sine, &cosine);
        gradient[i] = fma(unit * sqrt(square), cosine, gradient[i]);
    }
}

static void add(const kr_noise *self, kr_noise_input kind, size_t dim, size_t n, double *restrict input,
                const double *restrict random, double *restrict gradient) {
    const values *v = self->values;
    (void)kind, (void)input;
    add_student(dim * n, v->sigma / sqrt(v->batch_size), v->nu, random, random + dim * n, gradient);
}

static void variance(const kr_noise *self, size_t n, const double *energy, const double *curvature, double *out) {
    (void)energy, (void)curvature;
    const values *v = self->values;
    double all = v->sigma == 0 ? 0 : v->nu > 2 ? v->sigma * v->sigma / v->batch_size * (v->nu / (v->nu - 2)) : INFINITY;
    for (size_t i = 0; i < n; i++) out[i] = all;
}

static unsigned traits(const kr_noise *self) {
    const values *v = self->values;
    return v->sigma == 0 ? 0 : v->nu > 2 ? KR_NOISE_NOT_GAUSSIAN : KR_NOISE_NO_VARIANCE | KR_NOISE_NOT_GAUSSIAN;
}

static kr_noise_tail tail(const kr_noise *self) {
    const values *v = self->values;
    return (kr_noise_tail){.law = KR_TAIL_STUDENT, .exponent = v->nu, .unit = v->sigma / sqrt(v->batch_size)};
}

KR_NOISE = {
    .about = {.name = KR_PLUGIN_NAME,
              .bound = "a number takes a logarithm, an exponential, a root and a cosine of its own, where normals come in pairs",
              .equation = "n = sigma / sqrt(B) T,  T of Student's distribution with nu degrees of freedom",
              .doc = "noise with tails |n|^-nu: n = sigma / sqrt(B) T, variance sigma^2 nu / ((nu - 2) B) where nu > 2",
              .reference = "M. Gurbuzbalaban, U. Simsekli, L. Zhu, The heavy-tail phenomenon in SGD, ICML 2021; R. Bailey, "
                           "Math. Comp. 62, 779 (1994)",
              .parameters = parameters,
              .values_size = sizeof(values)},
    .by_coordinate = true,
    .uniforms = 2,
    .add = add,
    .variance = variance,
    .tail = tail,
    .traits = traits};
