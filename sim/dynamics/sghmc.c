/* Stochastic gradient Hamiltonian Monte Carlo (Chen, Fox, Guestrin 2014), in their form with a velocity:
 *
 *   v' = (1 - alpha) v - eta g~ + sqrt(2 alpha eta T) xi,  x' = x + v'
 *
 * Langevin dynamics of mass 1 with time step h = sqrt(eta), momentum p = v / h and friction alpha / h. On V = k x^2/2 exactly
 * <x^2> = 2T (2 - alpha) / (k (4 - 2 alpha - eta k)) and <p^2> = 4T / (4 - 2 alpha - eta k): heavy ball with mu = 1 - alpha.
 * Gradient noise heats, since nothing is subtracted for it (the paper's estimate of the noise is zero here). */
#include <kramers/block.h>
#include <kramers/parameter_rows.h>

#include <math.h>

typedef struct values {
    double alpha, temperature, weight_decay;
} values;

static const kr_parameter parameters[] = {{.name = "alpha",
                                           .symbol = "alpha",
                                           .doc = "part of the velocity that friction takes in a step",
                                           .type = KR_NUMBER,
                                           .flags = KR_LOG_SCALE | KR_ABOVE_MINIMUM,
                                           .offset = offsetof(values, alpha),
                                           .initial = 0.1,
                                           .minimum = 0,
                                           .maximum = 1},
                                          KR_ROW_TEMPERATURE(values, "of the heat bath and of the momenta at the start"),
                                          KR_ROW_WEIGHT_DECAY(values),
                                          KR_END};

enum { VELOCITY, AUXILIARIES };

static size_t auxiliaries(const kr_dynamics *self) {
    (void)self;
    return AUXILIARIES;
}

static void start(const kr_dynamics *self, const kr_controls *controls, kr_block *block, const uint32_t *which, size_t count) {
    const values *v = self->values;
    double thermal = sqrt(controls->learning_rate * v->temperature), *moving = block->auxiliary[VELOCITY];
    const double *normal = kr_block_normals(block, controls, KR_STREAM_START_MOMENTUM);
    for (size_t i = 0; i < block->dim; i++)
        for (size_t j = 0; j < count; j++) moving[i * block->n + which[j]] = thermal * normal[i * block->n + which[j]];
}

static void scale(size_t n, double factor, const double *restrict from, double *restrict to) {
    for (size_t i = 0; i < n; i++) to[i] = factor * from[i];
}

static void shake(size_t count, double amplitude, double keep, const double *restrict normal, double *restrict v) {
    for (size_t i = 0; i < count; i++) v[i] = fma(amplitude, normal[i], keep * v[i]);
}

/* v = keep v + amplitude xi. The ledger wants to see the normals, which are the same, and the momentum v / h. */
static void thermalise(kr_block *block, const kr_controls *controls, double keep, double amplitude) {
    double *v = block->auxiliary[VELOCITY], h = controls->root_rate;
    size_t count = block->dim * block->n;
    if (!block->ledger) {
        kr_block_shake(block, controls, KR_STREAM_THERMAL, amplitude, keep, v);
        return;
    }
    const double *normal = kr_block_normals(block, controls, KR_STREAM_THERMAL);
    scale(count, 1 / h, v, block->scratch);
    kr_ledger_thermostat(block, keep, amplitude / h, normal, block->scratch);
    shake(count, amplitude, keep, normal, v);
}

static void follow(size_t count, double rate, const double *restrict gradient, double *restrict v, double *restrict x) {
    for (size_t i = 0; i < count; i++) {
        v[i] = fma(-rate, gradient[i], v[i]);
        x[i] += v[i];
    }
}

static void step(const kr_dynamics *self, const kr_controls *controls, kr_block *block) {
    const values *v = self->values;
    double rate = controls->learning_rate, *moving = block->auxiliary[VELOCITY];
    const double *gradient = kr_block_gradient(block, controls, block->position, KR_STREAM_GRADIENT_NOISE);
    thermalise(block, controls, 1 - v->alpha, sqrt(2 * v->alpha * rate * v->temperature));
    if (block->ledger) kr_ledger_kick(block, 1 / rate, 1, moving, -rate, NULL, block->position, gradient);
    follow(block->dim * block->n, rate, gradient, moving, block->position);
    if (block->ledger) kr_ledger_moved(block);
}

/* Not finite at a rate of zero, where particles move although no time passes. */
static void velocity(const kr_dynamics *self, double learning_rate, size_t n, const double *const *auxiliary, double *p) {
    (void)self;
    scale(n, 1 / sqrt(learning_rate), auxiliary[VELOCITY], p);
}

/* Kicks of variance eta^2 s^2 beside 2 alpha eta T. */
static double temperature(const kr_dynamics *self, double learning_rate, double noise_variance) {
    const values *v = self->values;
    return v->temperature + learning_rate * noise_variance / (2 * v->alpha);
}

static double kinetic_temperature(const kr_dynamics *self, double temperature) {
    const values *v = self->values;
    return 2 * temperature / (2 - v->alpha);
}

static double friction(const kr_dynamics *self, double learning_rate) {
    const values *v = self->values;
    return v->alpha / sqrt(learning_rate);
}

static double stability_limit(const kr_dynamics *self, double learning_rate) {
    (void)learning_rate;
    const values *v = self->values;
    return 4 - 2 * v->alpha;
}

static const kr_twin twins[] = {{"BlackJAX", "sghmc(alpha=alpha, step_size=schedule.lr)",
                                 "equal at temperature 1 and beta = 0 but for the momentum, which is drawn anew every "
                                 "num_integration_steps there; schedule.lr is "
                                 "the square of the time step"},
                                {NULL, NULL, NULL}};

KR_DYNAMICS = {
    .about = {.name = KR_PLUGIN_NAME,
              .equation = "v' = (1 - alpha) v - eta (g + n + lambda x) + sqrt(2 alpha eta T) xi,  x' = x + v'",
              .doc = "stochastic gradient Hamiltonian Monte Carlo: heavy ball with the noise that its friction asks for",
              .reference = "T. Chen, E. B. Fox, C. Guestrin, ICML 2014, arXiv:1402.4102",
              .parameters = parameters,
              .twins = twins,
              .values_size = sizeof(values)},
    .physical_time = true,
    .by_coordinate = true,
    .auxiliaries = auxiliaries,
    .start = start,
    .step = step,
    .velocity = velocity,
    .temperature = temperature,
    .kinetic_temperature = kinetic_temperature,
    .friction = friction,
    .stability_limit = stability_limit,
};
