/* Stochastic gradient Nose-Hoover thermostat (Ding et al. 2014): each particle has one friction zeta of its own, which grows while
 * its kinetic energy is above that of the temperature and shrinks while it is below:
 *
 *   p' = (1 - h zeta) p - h g~ + sqrt(2 A T h) xi,  x' = x + h p',  zeta' = zeta + h (|p'|^2 / d - T),  h = sqrt(eta)
 *
 * At T = 1 this is the paper's step. In the limit of small h the density is exp(-(V + p^2/2)/T), and zeta is Gaussian with mean A
 * and variance T / d; isotropic gradient noise of any unknown variance s^2 only moves that mean, to A + h s^2 / (2T). In a
 * stationary state zeta has no drift, and so the kinetic temperature is exactly T at every h; on a parabola the positions are those
 * of heavy ball with mu = 1 - h zeta: <x^2> = (T/k) (1 - h zeta / 2) where zeta hardly fluctuates (many coordinates).
 *
 * The friction is explicit, as in the paper: with few coordinates and noise that asks for h zeta near 1 a fluctuation of zeta can
 * carry a particle off. Such particles are counted as diverged; a smaller rate holds them. */
#include "kinetic_energy.h"

#include <kramers/block.h>
#include <kramers/parameter_rows.h>

#include <math.h>
#include <string.h>

typedef struct values {
    double diffusion, temperature, weight_decay;
} values;

static const kr_parameter parameters[] = {
    {.name = "diffusion",
     .symbol = "A",
     .doc = "friction of the thermostat without gradient noise, which the thermal noise makes up for; 0: gradient noise alone",
     .unit = "1/time",
     .type = KR_NUMBER,
     .flags = KR_LOG_SCALE,
     .offset = offsetof(values, diffusion),
     .initial = 0.1,
     .minimum = 0,
     .maximum = 1e9},
    KR_ROW_TEMPERATURE(values, "that the thermostat holds, and of the momenta at the start"),
    KR_ROW_WEIGHT_DECAY(values),
    KR_END};

enum { MOMENTUM, FRICTION, AUXILIARIES }; /* the friction stands in the place of the first coordinate */
enum { SQUARES, BEFORE, AFTER, WORK_NUMBERS };

static kr_status fits(const kr_dynamics *self, const kr_landscape *landscape, const kr_noise *noise, kr_error *error) {
    (void)self;
    char why[160];
    if (!kr_noise_objects(noise, landscape->type->separable, KR_NOISE_NO_VARIANCE, why, sizeof why)) return KR_OK;
    return kr_fail(error, KR_BAD_ARGUMENT,
                   "sgnht finds the friction that balances the heat of the noise, and there is none: %s. Take dynamics: sghmc or "
                   "langevin, whose friction is set.",
                   why);
}

static size_t auxiliaries(const kr_dynamics *self) {
    (void)self;
    return AUXILIARIES;
}

static void start(const kr_dynamics *self, const kr_controls *controls, kr_block *block, const uint32_t *which, size_t count) {
    const values *v = self->values;
    double thermal = sqrt(v->temperature), *p = block->auxiliary[MOMENTUM];
    const double *normal = kr_block_normals(block, controls, KR_STREAM_START_MOMENTUM);
    for (size_t j = 0; j < count; j++) {
        for (size_t i = 0; i < block->dim; i++) p[i * block->n + which[j]] = thermal * normal[i * block->n + which[j]];
        block->auxiliary[FRICTION][which[j]] = v->diffusion;
    }
}

/* One coordinate of all particles. */
static void rub(size_t n, double h, const double *restrict zeta, const double *restrict p, double *restrict to) {
    for (size_t j = 0; j < n; j++) to[j] = fma(-h, zeta[j], 1.0) * p[j];
}

static void kick(size_t count, double h, const double *restrict gradient, double *restrict p) {
    for (size_t i = 0; i < count; i++) p[i] = fma(-h, gradient[i], p[i]);
}

static void rub_and_kick(size_t n, double h, const double *restrict zeta, const double *restrict gradient, double *restrict p) {
    for (size_t j = 0; j < n; j++) p[j] = fma(-h, gradient[j], fma(-h, zeta[j], 1.0) * p[j]);
}

static void shake(size_t count, double amplitude, const double *restrict normal, double *restrict p) {
    for (size_t i = 0; i < count; i++) p[i] = fma(amplitude, normal[i], p[i]);
}

static void drift(size_t n, double h, const double *restrict p, double *restrict x, double *restrict squares) {
    for (size_t j = 0; j < n; j++) {
        x[j] = fma(h, p[j], x[j]);
        squares[j] = fma(p[j], p[j], squares[j]);
    }
}

static void control(size_t n, double h, double temperature, double per_dim, const double *restrict squares, double *restrict zeta) {
    for (size_t j = 0; j < n; j++) zeta[j] = fma(h, fma(per_dim, squares[j], -temperature), zeta[j]);
}

/* p = (1 - h zeta) p - h g~ + amplitude xi, with entries in the ledger and the same bits as without. */
static void change_momenta_accounted(kr_block *block, const kr_controls *controls, double h, double amplitude) {
    size_t n = block->n, count = block->dim * n;
    double *p = block->auxiliary[MOMENTUM], *zeta = block->auxiliary[FRICTION];
    double *before = block->work + BEFORE * n, *after = block->work + AFTER * n;
    kr_kinetic_energy(block, p, before);
    for (size_t i = 0; i < block->dim; i++) rub(n, h, zeta, p + i * n, block->scratch + i * n);
    memcpy(p, block->scratch, count * sizeof *p);
    kr_kinetic_energy(block, p, after);
    kr_ledger_friction(block, before, after);
    kr_ledger_kick(block, 1, 1, p, -h, NULL, block->position, block->gradient);
    kick(count, h, block->gradient, p);
    const double *normal = kr_block_normals(block, controls, KR_STREAM_THERMAL);
    kr_ledger_thermostat(block, 1, amplitude, normal, p);
    shake(count, amplitude, normal, p);
}

static void change_momenta(kr_block *block, const kr_controls *controls, double h, double amplitude) {
    size_t n = block->n;
    double *p = block->auxiliary[MOMENTUM];
    for (size_t i = 0; i < block->dim; i++) rub_and_kick(n, h, block->auxiliary[FRICTION], block->gradient + i * n, p + i * n);
    kr_block_shake(block, controls, KR_STREAM_THERMAL, amplitude, 1, p);
}

static void step(const kr_dynamics *self, const kr_controls *controls, kr_block *block) {
    const values *v = self->values;
    size_t n = block->n;
    double h = controls->root_rate, amplitude = sqrt(2 * v->diffusion * v->temperature * h);
    double *p = block->auxiliary[MOMENTUM], *squares = block->work + SQUARES * n;
    kr_block_gradient(block, controls, block->position, KR_STREAM_GRADIENT_NOISE);
    (block->ledger ? change_momenta_accounted : change_momenta)(block, controls, h, amplitude);
    memset(squares, 0, n * sizeof *squares);
    for (size_t i = 0; i < block->dim; i++) drift(n, h, p + i * n, block->position + i * n, squares);
    if (block->ledger) kr_ledger_moved(block);
    control(n, h, v->temperature, 1 / (double)block->dim, squares, block->auxiliary[FRICTION]);
}

static void velocity(const kr_dynamics *self, double learning_rate, size_t n, const double *const *auxiliary, double *p) {
    (void)self, (void)learning_rate;
    memcpy(p, auxiliary[MOMENTUM], n * sizeof *p);
}

/* Whatever the noise. */
static double temperature(const kr_dynamics *self, double learning_rate, double noise_variance) {
    (void)learning_rate, (void)noise_variance;
    return ((const values *)self->values)->temperature;
}

/* On a parabola with zeta = A, its value at the start. */
static double stability_limit(const kr_dynamics *self, double learning_rate) {
    const values *v = self->values;
    return 4 - 2 * v->diffusion * sqrt(learning_rate);
}

static const kr_twin twins[] = {
    {"BlackJAX", "sgnht(alpha=diffusion)",
     "equal at temperature 1; step_size there is sqrt(schedule.lr), and the momentum is drawn anew for each call"},
    {NULL, NULL, NULL}};

KR_DYNAMICS = {
    .about = {.name = KR_PLUGIN_NAME,
              .equation = "p' = (1 - h zeta) p - h (g + n + lambda x) + sqrt(2 A T h) xi,  x' = x + h p'\n"
                          "zeta' = zeta + h (|p'|^2 / d - T),  h = sqrt(eta); zeta = A at the start",
              .doc =
                  "stochastic gradient Nose-Hoover thermostat: a friction that finds the strength of the gradient noise by itself",
              .reference = "N. Ding, Y. Fang, R. Babbush, C. Chen, R. D. Skeel, H. Neven, NIPS 2014",
              .parameters = parameters,
              .twins = twins,
              .values_size = sizeof(values)},
    .physical_time = true,
    .fits = fits,
    .not_pruned = "its friction balances the momenta of all coordinates",
    .auxiliaries = auxiliaries,
    .work_numbers = WORK_NUMBERS,
    .start = start,
    .step = step,
    .velocity = velocity,
    .temperature = temperature,
    .stability_limit = stability_limit,
};
