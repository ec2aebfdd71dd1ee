/* Noise with tails so heavy that it has no variance: n = sigma / sqrt(B) X with X symmetric alpha-stable, E exp(i t X) =
 * exp(-|t|^alpha), whose tail is P(X > x) = C / alpha x^-alpha, C = Gamma(1 + alpha) sin(pi alpha / 2) / pi. sigma / sqrt(B) is the
 * unit of X, as for the other models; a mean of B such numbers itself would be narrower by B^(1/alpha - 1). At alpha = 2 it is
 * Gaussian of variance 2 sigma^2 / B, at alpha = 1 Cauchy's.
 *
 * From two uniform numbers (Chambers, Mallows, Stuck 1976): U in (-pi/2, pi/2), W = -log u exponential,
 *     X = sin(alpha U) / cos(U)^(1/alpha) [cos((1 - alpha) U) / W]^((1 - alpha) / alpha).
 * The powers are one exponential of a sum of logarithms. */
#include <kramers/noise.h>
#include <kramers/parameter_rows.h>
#include <kramers/vector_math.h>

typedef struct values {
    double sigma, alpha, batch_size;
} values;

static const kr_parameter parameters[] = {KR_ROW_SIGMA(values, "unit of one sample's gradient noise, per coordinate"),
                                          {.name = "alpha",
                                           .symbol = "alpha",
                                           .doc = "the tail falls as |n|^-alpha; 2: Gaussian of variance 2 sigma^2 / B",
                                           .type = KR_NUMBER,
                                           .flags = KR_ABOVE_MINIMUM,
                                           .offset = offsetof(values, alpha),
                                           .initial = 1.5,
                                           .minimum = 0.5,
                                           .maximum = 2},
                                          KR_ROW_BATCH_SIZE(values),
                                          KR_END};

/* cos(U) is taken as the sine of the angle from the nearer end, so that it keeps its digits in the tail. */
static void add_stable(size_t count, double unit, double alpha, const double *restrict place, const double *restrict chance,
                       double *restrict gradient) {
    const double inverse = 1 / alpha;
    for (size_t i = 0; i < count; i++) {
        double v = place[i], half = 0.5 * (v - 0.5), sine, rest, edge, slanted; /* U = 2 pi half */
        kr_sincos_turns(alpha * half, &sine, &rest);
        kr_sincos_turns(0.5 * (v < 0.5 ? v : 1 - v), &edge, &rest);
        kr_sincos_turns((1 - alpha) * half, &rest, &slanted);
        double exponent = fma(1 - alpha, kr_log(slanted / -kr_log(chance[i])), -kr_log(edge));
        gradient[i] = fma(unit * sine, kr_exp(inverse * exponent), gradient[i]);
    }
}

static void add(const kr_noise *self, kr_noise_input kind, size_t dim, size_t n, double *restrict input,
                const double *restrict random, double *restrict gradient) {
    const values *v = self->values;
    (void)kind, (void)input;
    add_stable(dim * n, v->sigma / sqrt(v->batch_size), v->alpha, random, random + dim * n, gradient);
}

static void variance(const kr_noise *self, size_t n, const double *energy, const double *curvature, double *out) {
    (void)energy, (void)curvature;
    const values *v = self->values;
    double all = v->sigma == 0 ? 0 : v->alpha < 2 ? INFINITY : 2 * v->sigma * v->sigma / v->batch_size;
    for (size_t i = 0; i < n; i++) out[i] = all;
}

static unsigned traits(const kr_noise *self) {
    const values *v = self->values;
    return v->alpha < 2 && v->sigma > 0 ? KR_NOISE_NO_VARIANCE | KR_NOISE_NOT_GAUSSIAN : 0;
}

static kr_noise_tail tail(const kr_noise *self) {
    const values *v = self->values;
    return (kr_noise_tail){.law = KR_TAIL_STABLE, .exponent = v->alpha, .unit = v->sigma / sqrt(v->batch_size)};
}

KR_NOISE = {
    .about = {.name = KR_PLUGIN_NAME,
              .bound = "a number takes a sine, two cosines, two logarithms and an exponential, where a normal takes half of a few",
              .equation = "n = sigma / sqrt(B) X,  E exp(i t X) = exp(-|t|^alpha)",
              .doc = "alpha-stable noise without a variance: rare steps carry over a barrier at once, however high it is",
              .reference = "U. Simsekli, L. Sagun, M. Gurbuzbalaban, A tail-index analysis of stochastic gradient noise, "
                           "ICML 2019; J. Chambers, C. Mallows, B. Stuck, JASA 71, 340 (1976)",
              .parameters = parameters,
              .values_size = sizeof(values)},
    .by_coordinate = true,
    .uniforms = 2,
    .add = add,
    .variance = variance,
    .tail = tail,
    .traits = traits};
