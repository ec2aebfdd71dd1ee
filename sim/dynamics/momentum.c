/* Momentum (Polyak 1964) and Nesterov's gradient (1983), in the two conventions that are in use:
 *
 *   pytorch    b = mu b + (1 - tau) g~;     x -= eta b,  Nesterov: x -= eta (g~ + mu b)
 *   sutskever  v = mu v - eta (1 - tau) g~; x += v,      Nesterov: g~ taken at x + mu v   (Sutskever et al. 2013)
 *
 * At a constant learning rate v = -eta b and both are one method (but for Nesterov's shifted variable). When the rate changes, the
 * buffer b survives the change in the first and the velocity v in the second.
 *
 * Dampening tau weights the gradient by 1 - tau except in the first step after a fresh start, as PyTorch does it; the sutskever
 * convention follows the same rule, so that v = -eta b holds there too. */
#include <kramers/block.h>
#include <kramers/parameter_rows.h>

#include <math.h>

enum { PYTORCH, SUTSKEVER };

typedef struct values {
    double momentum, dampening, weight_decay;
    int convention;
    bool nesterov;
} values;

static const char *const conventions[] = {"pytorch", "sutskever", NULL};

static const kr_parameter parameters[] = {
    {.name = "momentum",
     .symbol = "mu",
     .doc = "part of the velocity that survives a step",
     .type = KR_NUMBER,
     .flags = KR_BELOW_MAXIMUM,
     .offset = offsetof(values, momentum),
     .initial = 0.9,
     .minimum = 0,
     .maximum = 1},
    {.name = "dampening",
     .symbol = "tau",
     .doc = "the gradient enters with weight 1 - tau, from the second step on",
     .type = KR_NUMBER,
     .flags = KR_BELOW_MAXIMUM,
     .offset = offsetof(values, dampening),
     .initial = 0,
     .minimum = 0,
     .maximum = 1},
    {.name = "nesterov",
     .doc = "gradient where the momentum leads instead of where the particle is",
     .type = KR_SWITCH,
     .offset = offsetof(values, nesterov),
     .initial = 0},
    KR_ROW_WEIGHT_DECAY(values),
    {.name = "convention",
     .doc = "what a change of the learning rate leaves alone: pytorch the buffer, sutskever the velocity",
     .type = KR_CHOICE,
     .offset = offsetof(values, convention),
     .initial = PYTORCH,
     .choices = conventions},
    KR_END};

static kr_status prepare(kr_dynamics *self, kr_error *error) {
    const values *v = self->values;
    if (v->nesterov && v->convention == PYTORCH && (v->momentum == 0 || v->dampening != 0))
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "nesterov needs momentum > 0 and dampening = 0 in the pytorch convention, not momentum = %.10g and "
                       "dampening = %.10g; change these, or give convention: sutskever.",
                       v->momentum, v->dampening);
    return KR_OK;
}

/* As in PyTorch, whose step without momentum has no buffer that could be dampened. */
static double dampening_of(const values *v) {
    return v->momentum == 0 && v->convention == PYTORCH ? 0 : v->dampening;
}

/* Buffer or velocity; with dampening also which particles are about to do their first step. */
static size_t auxiliaries(const kr_dynamics *self) {
    const values *v = self->values;
    return v->dampening != 0 ? 2 : 1;
}

static void start(const kr_dynamics *self, const kr_controls *controls, kr_block *block, const uint32_t *which, size_t count) {
    (void)controls;
    if (auxiliaries(self) < 2) return;
    double *fresh = block->auxiliary[1];
    for (size_t i = 0; i < block->dim; i++)
        for (size_t j = 0; j < count; j++) fresh[i * block->n + which[j]] = 1;
}

static void dampen(size_t count, double weight, double *restrict fresh, double *restrict gradient) {
    for (size_t i = 0; i < count; i++) {
        gradient[i] *= fresh[i] > 0 ? 1 : weight;
        fresh[i] = 0;
    }
}

static void follow_buffer(size_t count, double rate, double mu, const double *restrict gradient, double *restrict b,
                          double *restrict x) {
    for (size_t i = 0; i < count; i++) {
        b[i] = fma(mu, b[i], gradient[i]);
        x[i] = fma(-rate, b[i], x[i]);
    }
}

static void follow_buffer_nesterov(size_t count, double rate, double mu, const double *restrict gradient, double *restrict b,
                                   double *restrict x) {
    for (size_t i = 0; i < count; i++) {
        b[i] = fma(mu, b[i], gradient[i]);
        x[i] = fma(-rate, fma(mu, b[i], gradient[i]), x[i]);
    }
}

static void follow_velocity(size_t count, double rate, double mu, const double *restrict gradient, double *restrict v,
                            double *restrict x) {
    for (size_t i = 0; i < count; i++) {
        v[i] = fma(-rate, gradient[i], mu * v[i]);
        x[i] += v[i];
    }
}

static void look_ahead(size_t count, double mu, const double *restrict x, const double *restrict v, double *restrict ahead) {
    for (size_t i = 0; i < count; i++) ahead[i] = fma(mu, v[i], x[i]);
}

static void shares(size_t count, double weight, const double *restrict fresh, double *restrict share) {
    for (size_t i = 0; i < count; i++) share[i] = fresh[i] > 0 ? 1 : weight;
}

/* The buffer b has kinetic energy eta b^2 / 2, the velocity v^2 / (2 eta): both are p^2 / 2 with p = v / sqrt(eta). */
static void account(const values *v, double rate, kr_block *block, const double *where) {
    bool buffer = v->convention == PYTORCH;
    double *share = dampening_of(v) != 0 ? block->normal : NULL;
    if (share) shares(block->dim * block->n, 1 - dampening_of(v), block->auxiliary[1], share);
    kr_ledger_kick(block, buffer ? rate : 1 / rate, v->momentum, block->auxiliary[0], buffer ? 1 : -rate, share, where,
                   block->gradient);
}

static void step(const kr_dynamics *self, const kr_controls *controls, kr_block *block) {
    const values *v = self->values;
    size_t count = block->dim * block->n;
    double rate = controls->learning_rate, mu = v->momentum, *x = block->position, *moving = block->auxiliary[0];
    const double *where = x;
    if (v->nesterov && v->convention == SUTSKEVER) {
        look_ahead(count, mu, x, moving, block->scratch);
        where = block->scratch;
    }
    double *gradient = kr_block_gradient(block, controls, where, KR_STREAM_GRADIENT_NOISE);
    if (block->ledger) account(v, rate, block, where);
    if (dampening_of(v) != 0) dampen(count, 1 - dampening_of(v), block->auxiliary[1], gradient);
    if (v->convention == SUTSKEVER)
        follow_velocity(count, rate, mu, gradient, moving, x);
    else if (v->nesterov)
        follow_buffer_nesterov(count, rate, mu, gradient, moving, x);
    else
        follow_buffer(count, rate, mu, gradient, moving, x);
    if (block->ledger) kr_ledger_moved(block);
}

static void scale(size_t n, double factor, const double *restrict from, double *restrict to) {
    for (size_t i = 0; i < n; i++) to[i] = factor * from[i];
}

/* p = v / h with h = sqrt(eta): Langevin units, in which heavy ball has friction (1 - mu)/h. Not finite at a rate of zero in
 * the sutskever convention, where particles move although no time passes. */
static void velocity(const kr_dynamics *self, double learning_rate, size_t n, const double *const *auxiliary, double *p) {
    const values *v = self->values;
    double h = sqrt(learning_rate);
    scale(n, v->convention == SUTSKEVER ? 1 / h : -h, auxiliary[0], p);
}

/* Kicks of variance eta^2 (1 - tau)^2 s^2 against friction 1 - mu. */
static double temperature(const kr_dynamics *self, double learning_rate, double noise_variance) {
    const values *v = self->values;
    return learning_rate * (1 - dampening_of(v)) * noise_variance / (2 * (1 - v->momentum));
}

/* Noise alone gives <p^2> = eta (1 - tau)^2 s^2 / (1 - mu^2). Half of a kick is lost before the next in T, but not in p. */
static double kinetic_temperature(const kr_dynamics *self, double temperature) {
    const values *v = self->values;
    return 2 * (1 - dampening_of(v)) / (1 + v->momentum) * temperature;
}

/* v = h p with h = sqrt(eta) keeps the part mu = 1 - gamma h in a step. Nesterov's step has a friction that depends on the
 * curvature, and dampening scales the forces: neither is Langevin dynamics on this landscape. */
static double friction(const kr_dynamics *self, double learning_rate) {
    const values *v = self->values;
    return v->nesterov || dampening_of(v) != 0 ? NAN : (1 - v->momentum) / sqrt(learning_rate);
}

/* Largest eta k with both roots of z^2 - (1 + mu - e) z + mu = 0 (heavy ball) or z^2 - (1 + mu)(1 - e) z + mu (1 - e) = 0
 * (Nesterov, either form) inside the unit circle; e = eta (1 - tau) k. The first to leave is z = -1. */
static double stability_limit(const kr_dynamics *self, double learning_rate) {
    (void)learning_rate;
    const values *v = self->values;
    double mu = v->momentum, limit = 2 * (1 + mu);
    return (v->nesterov ? limit / (1 + 2 * mu) : limit) / (1 - dampening_of(v));
}

static const kr_twin twins[] = {
    {"PyTorch", "SGD(lr=schedule.lr, momentum=momentum, dampening=dampening, nesterov=nesterov, weight_decay=weight_decay)",
     "equal with convention: pytorch"},
    {"optax", "sgd(learning_rate=schedule.lr, momentum=momentum, nesterov=nesterov)",
     "equal with convention: pytorch, dampening 0 and without weight_decay"},
    {"Keras", "SGD(learning_rate=schedule.lr, momentum=momentum, nesterov=nesterov)",
     "equal with convention: sutskever, without nesterov and weight_decay"},
    {NULL, NULL, NULL}};

KR_DYNAMICS = {
    .about = {.name = KR_PLUGIN_NAME,
              .equation = "pytorch:   b' = mu b + (1 - tau) g~,  x' = x - eta b'\n"
                          "           Nesterov: x' = x - eta (g~ + mu b')\n"
                          "sutskever: v' = mu v - eta (1 - tau) g~,  x' = x + v'\n"
                          "           Nesterov: g~ at x + mu v\n"
                          "g~ = g + n + lambda x; tau = 0 in the first step after a start and, in pytorch, for mu = 0",
              .doc = "gradient descent with momentum: heavy ball or Nesterov, in PyTorch's or Sutskever's convention",
              .reference = "B. T. Polyak 1964; Y. Nesterov 1983; I. Sutskever, J. Martens, G. Dahl, G. Hinton, ICML 2013",
              .parameters = parameters,
              .twins = twins,
              .values_size = sizeof(values)},
    .by_coordinate = true,
    .prepare = prepare,
    .auxiliaries = auxiliaries,
    .start = start,
    .step = step,
    .velocity = velocity,
    .temperature = temperature,
    .kinetic_temperature = kinetic_temperature,
    .friction = friction,
    .stability_limit = stability_limit,
};
