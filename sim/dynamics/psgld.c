/* Preconditioned stochastic gradient Langevin dynamics (Li, Chen, Carlson, Carin 2016): the steps of RMSprop, and thermal noise in
 * the same measure,
 *
 *   s' = alpha s + (1 - alpha) g~^2,  G = 1 / (epsilon + sqrt(s')),  x' = x - eta G g~ + sqrt(2 eta T G) xi
 *
 * (their learning rate is 2 eta). The paper's term Gamma, the divergence of G, is left out, as there and everywhere in practice, so
 * that the density in the end is not Boltzmann's. How far off it is depends on what a particle forgets first. Where it crosses the
 * well within the 1 / (1 - alpha) steps that s remembers, G is a constant and nothing is wrong beyond the learning rate's own
 * error; where the steps are small, G follows the slope, and the density is (epsilon + |V'|) exp(-V/T): in one coordinate on a
 * parabola <x^2> = 2T/k, twice too hot.
 *
 * s is 1 at the start: from the paper's 0 a particle that starts at a minimum, where there is no slope, would leap by
 * sqrt(2 eta T / epsilon). */
#include "preconditioned.h"

#include <kramers/block.h>
#include <kramers/parameter_rows.h>

typedef struct values {
    double alpha, epsilon, temperature, weight_decay;
} values;

static const kr_parameter parameters[] = {{.name = "alpha",
                                           .symbol = "alpha",
                                           .doc = "part of the mean of squared gradients that survives a step",
                                           .type = KR_NUMBER,
                                           .flags = KR_BELOW_MAXIMUM,
                                           .offset = offsetof(values, alpha),
                                           .initial = 0.99,
                                           .minimum = 0,
                                           .maximum = 1},
                                          {.name = "epsilon",
                                           .symbol = "epsilon",
                                           .doc = "slope below which the step is no longer scaled up",
                                           .type = KR_NUMBER,
                                           .flags = KR_LOG_SCALE | KR_ABOVE_MINIMUM,
                                           .offset = offsetof(values, epsilon),
                                           .initial = 1e-5,
                                           .minimum = 0,
                                           .maximum = 1e9},
                                          KR_ROW_TEMPERATURE(values, "of the added thermal noise"),
                                          KR_ROW_WEIGHT_DECAY(values),
                                          KR_END};

enum { SQUARE, AUXILIARIES };

static size_t auxiliaries(const kr_dynamics *self) {
    (void)self;
    return AUXILIARIES;
}

static void start(const kr_dynamics *self, const kr_controls *controls, kr_block *block, const uint32_t *which, size_t count) {
    (void)self, (void)controls;
    for (size_t i = 0; i < block->dim; i++)
        for (size_t j = 0; j < count; j++) block->auxiliary[SQUARE][i * block->n + which[j]] = 1;
}

/* variance: of the noise that is to come. */
static void descend(size_t count, double alpha, double epsilon, double rate, double heat, const double *restrict gradient,
                    double *restrict square, double *restrict x, double *restrict variance) {
    for (size_t i = 0; i < count; i++) {
        double g = gradient[i], s = fma(alpha, square[i], (1 - alpha) * (g * g));
        double scale = 1 / (epsilon + sqrt(s));
        square[i] = s;
        x[i] = fma(-rate * scale, g, x[i]);
        variance[i] = heat * scale;
    }
}

static void step(const kr_dynamics *self, const kr_controls *controls, kr_block *block) {
    const values *v = self->values;
    double rate = controls->learning_rate;
    const double *gradient = kr_block_gradient(block, controls, block->position, KR_STREAM_GRADIENT_NOISE);
    descend(block->dim * block->n, v->alpha, v->epsilon, rate, 2 * rate * v->temperature, gradient, block->auxiliary[SQUARE],
            block->position, block->scratch);
    kr_block_spread(block, controls, KR_STREAM_THERMAL, block->scratch, block->position);
}

/* Gradient noise of variance s^2 adds eta G s^2 / 2, with G = 1 / (epsilon + s) where it is stronger than the slope. */
static double temperature(const kr_dynamics *self, double learning_rate, double noise_variance) {
    const values *v = self->values;
    return v->temperature + 0.5 * learning_rate * noise_variance / kr_noise_preconditioner(noise_variance, v->epsilon);
}

/* Of G that stands still, x' = (1 - eta G k) x. */
static double preconditioned_limit(const kr_dynamics *self) {
    (void)self;
    return 2.0;
}

static double preconditioner(const kr_dynamics *self, double noise_variance) {
    return kr_noise_preconditioner(noise_variance, ((const values *)self->values)->epsilon);
}

static const kr_twin twins[] = {
    {"TensorFlow Probability",
     "optimizer.StochasticGradientLangevinDynamics(preconditioner_decay_rate=alpha, diagonal_bias=epsilon)",
     "at temperature 1; learning_rate there is 2 schedule.lr, and diagonal_bias stands under the root"},
    {NULL, NULL, NULL}};

KR_DYNAMICS = {
    .about = {.name = KR_PLUGIN_NAME,
              .equation = "s' = alpha s + (1 - alpha) g~^2,  G = 1 / (epsilon + sqrt(s'))\n"
                          "x' = x - eta G g~ + sqrt(2 eta T G) xi,  g~ = g + n + lambda x; s = 1 at the start",
              .doc = "Langevin dynamics with RMSprop's scale for each coordinate; without the term Gamma up to twice too hot at "
                     "small steps",
              .reference = "C. Li, C. Chen, D. Carlson, L. Carin, AAAI 2016, arXiv:1512.07666",
              .parameters = parameters,
              .twins = twins,
              .values_size = sizeof(values)},
    .by_coordinate = true,
    .not_boltzmann = "the scale follows the slope, and the term for that is left out",
    .auxiliaries = auxiliaries,
    .start = start,
    .step = step,
    .temperature = temperature,
    .stability_limit = kr_never_unstable, /* No step is longer than eta / sqrt(1 - alpha). */
    .preconditioned_limit = preconditioned_limit,
    .preconditioner = preconditioner,
};
