/* The method of Leimkuhler and Matthews (2013): x' = x - eta g~ + sqrt(eta T / 2) (xi_k + xi_k+1).
 *
 * The limit of BAOAB at high friction. Each normal number enters two steps, both with the learning rate and the temperature of the
 * step that it enters. For one gradient a step, as sgld, the density in the end is right to second order in eta where that of sgld
 * is to first, and on a parabola it is exact at every eta k < 2: with x = y + sqrt(eta T / 2) xi_k the position is a gradient
 * step's y, whose noise is independent, plus a draw (Vilmart 2015), and the two variances add up to T / k.
 *
 * A particle carries the number of its last step along; at a fresh start it draws one that no passage has depended on. Since the
 * noise is correlated in time, positions alone are no Markov chain. */
#include <kramers/block.h>
#include <kramers/parameter_rows.h>

#include <math.h>

typedef struct values {
    double temperature, weight_decay;
} values;

static const kr_parameter parameters[] = {KR_ROW_TEMPERATURE(values, "of the added thermal noise"), KR_ROW_WEIGHT_DECAY(values),
                                          KR_END};

enum { CARRIED, AUXILIARIES };

static size_t auxiliaries(const kr_dynamics *self) {
    (void)self;
    return AUXILIARIES;
}

static void start(const kr_dynamics *self, const kr_controls *controls, kr_block *block, const uint32_t *which, size_t count) {
    (void)self;
    double *carried = block->auxiliary[CARRIED];
    const double *normal = kr_block_normals(block, controls, KR_STREAM_START_MOMENTUM);
    for (size_t i = 0; i < block->dim; i++)
        for (size_t j = 0; j < count; j++) carried[i * block->n + which[j]] = normal[i * block->n + which[j]];
}

static void move(size_t count, double rate, double amplitude, const double *restrict gradient, const double *restrict normal,
                 double *restrict carried, double *restrict x) {
    for (size_t i = 0; i < count; i++) {
        double fresh = normal[i], shaken = fma(amplitude, carried[i] + fresh, x[i]);
        x[i] = fma(-rate, gradient[i], shaken);
        carried[i] = fresh;
    }
}

static void step(const kr_dynamics *self, const kr_controls *controls, kr_block *block) {
    const values *v = self->values;
    double rate = controls->learning_rate;
    const double *gradient = kr_block_gradient(block, controls, block->position, KR_STREAM_GRADIENT_NOISE);
    const double *normal = kr_block_normals(block, controls, KR_STREAM_THERMAL);
    move(block->dim * block->n, rate, sqrt(0.5 * rate * v->temperature), gradient, normal, block->auxiliary[CARRIED],
         block->position);
}

/* Of many steps: each number has twice the amplitude. */
static double thermal_variance(const kr_dynamics *self, double learning_rate) {
    const values *v = self->values;
    return 2.0 * learning_rate * v->temperature;
}

/* Gradient noise of variance s^2 adds eta s^2 / 2. */
static double temperature(const kr_dynamics *self, double learning_rate, double noise_variance) {
    const values *v = self->values;
    return v->temperature + 0.5 * learning_rate * noise_variance;
}

KR_DYNAMICS = {
    .about = {.name = KR_PLUGIN_NAME,
              .equation = "x' = x - eta (g + n + lambda x) + sqrt(eta T / 2) (xi_k + xi_k+1)",
              .doc = "overdamped Langevin dynamics with noise averaged over two steps: Boltzmann's density to second order in eta",
              .reference = "B. Leimkuhler, C. Matthews, Appl. Math. Res. Express 2013, 34",
              .parameters = parameters,
              .values_size = sizeof(values)},
    .by_coordinate = true,
    .correlated = true,
    .auxiliaries = auxiliaries,
    .start = start,
    .step = step,
    .thermal_variance = thermal_variance,
    .temperature = temperature,
};
