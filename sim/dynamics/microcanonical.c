/* Microcanonical Langevin Monte Carlo (Robnik, De Luca, Silverstein, Seljak 2022): the momentum has a fixed length and only its
 * direction changes, turned towards -g by the forces and a little at random, so that the energy of no particle can run away.
 *
 *   dx = p dt,  dp = -d/(d-1) (1 - p p^T/|p|^2) g dt + random turns,  |p|^2 = d T
 *
 * Their variables are the direction u = p/|p|, the path l = |p| t and the energy S = V/T with dS/(d-1) as the force on u: this
 * target and this factor make the density along the path exp(-V/T), all weights being 1. The length makes the kinetic temperature
 * T, and time that of Langevin dynamics of mass 1. Per step: a random turn, half a drift, the exact turn by the force, half a
 * drift; one gradient. The turn is u' = (u + nu xi)/|u + nu xi| with nu^2 = (exp(2h/tau) - 1)/d, by which a direction is forgotten
 * in the time tau, their length L = tau sqrt(d T). The error is of order h^2. */
#include "kinetic_energy.h"

#include <kramers/block.h>
#include <kramers/parameter_rows.h>

#include <kramers/vector_math.h>
#include <math.h>
#include <string.h>

typedef struct values {
    double decoherence, temperature, weight_decay;
} values;

static const kr_parameter parameters[] = {{.name = "decoherence",
                                           .symbol = "tau",
                                           .doc = "time after which the direction of the motion is forgotten",
                                           .unit = "time",
                                           .type = KR_NUMBER,
                                           .flags = KR_LOG_SCALE | KR_ABOVE_MINIMUM,
                                           .offset = offsetof(values, decoherence),
                                           .initial = 1,
                                           .minimum = 0,
                                           .maximum = 1e9},
                                          {.name = "temperature",
                                           .symbol = "T",
                                           .doc = "of Boltzmann's density; |p|^2 = d T",
                                           .unit = "energy",
                                           .type = KR_NUMBER,
                                           .flags = KR_LOG_SCALE | KR_ABOVE_MINIMUM,
                                           .offset = offsetof(values, temperature),
                                           .initial = 0.2,
                                           .minimum = 0,
                                           .maximum = 1e9},
                                          KR_ROW_WEIGHT_DECAY(values),
                                          KR_END};

enum { MOMENTUM, AUXILIARIES };
enum { SQUARES, PRODUCTS, BEFORE, AFTER, WORK_NUMBERS };

static kr_status fits(const kr_dynamics *self, const kr_landscape *landscape, const kr_noise *noise, kr_error *error) {
    (void)self, (void)noise;
    if (landscape->dim >= 2) return KR_OK;
    return kr_fail(
        error, KR_BAD_ARGUMENT,
        "microcanonical needs two dimensions or more: with one there is no direction that a momentum of fixed length could "
        "turn to, and '%s' has one here. Give the landscape dim: 2 where it has that key, or take dynamics: langevin.",
        landscape->type->about.name);
}

static size_t auxiliaries(const kr_dynamics *self) {
    (void)self;
    return AUXILIARIES;
}

/* A direction at random. */
static void start(const kr_dynamics *self, const kr_controls *controls, kr_block *block, const uint32_t *which, size_t count) {
    const values *v = self->values;
    size_t n = block->n;
    double length = sqrt((double)block->dim * v->temperature), *p = block->auxiliary[MOMENTUM];
    const double *normal = kr_block_normals(block, controls, KR_STREAM_START_MOMENTUM);
    for (size_t j = 0; j < count; j++) {
        double square = 0;
        for (size_t i = 0; i < block->dim; i++) square = fma(normal[i * n + which[j]], normal[i * n + which[j]], square);
        for (size_t i = 0; i < block->dim; i++) p[i * n + which[j]] = length / sqrt(square) * normal[i * n + which[j]];
    }
}

static void add_squares(size_t n, const double *restrict a, double *restrict sum) {
    for (size_t j = 0; j < n; j++) sum[j] = fma(a[j], a[j], sum[j]);
}

static void add_products(size_t n, const double *restrict a, const double *restrict b, double *restrict squares,
                         double *restrict products) {
    for (size_t j = 0; j < n; j++) {
        squares[j] = fma(a[j], a[j], squares[j]);
        products[j] = fma(a[j], b[j], products[j]);
    }
}

/* squares becomes what makes the length right. */
static void restore(size_t n, double length, double *restrict squares) {
    for (size_t j = 0; j < n; j++) squares[j] = length / sqrt(squares[j]);
}

static void scale_and_drift(size_t n, double h, const double *restrict factor, double *restrict p, double *restrict x) {
    for (size_t j = 0; j < n; j++) {
        p[j] *= factor[j];
        x[j] = fma(h, p[j], x[j]);
    }
}

/* From |g|^2 and p g to p' = a p + b g: the turn along e = -g/|g| by delta = strength |g|, in powers of z = exp(-delta). The
 * smallest numbers are for a p that points exactly along g where z is 0. */
static void turns(size_t n, double strength, double length, double *restrict squares, double *restrict products) {
    for (size_t j = 0; j < n; j++) {
        double size = sqrt(squares[j]), inverse = size > 0 ? 1 / size : 0.0;
        double c = -products[j] * inverse / length, z = kr_exp(-strength * size);
        double grown = (1 - z) * (1 + z), divisor = 1 / (fma(z, z, 1.0) + c * grown + 1e-300);
        squares[j] = 2 * z * divisor;
        products[j] = -length * inverse * divisor * fma(c * (1 - z), 1 - z, grown);
    }
}

static void turn_and_drift(size_t n, double h, const double *restrict a, const double *restrict b, const double *restrict gradient,
                           double *restrict p, double *restrict x) {
    for (size_t j = 0; j < n; j++) {
        p[j] = fma(a[j], p[j], b[j] * gradient[j]);
        x[j] = fma(h, p[j], x[j]);
    }
}

static void kick(size_t count, double h, const double *restrict gradient, const double *restrict p, double *restrict to) {
    for (size_t i = 0; i < count; i++) to[i] = fma(-h, gradient[i], p[i]);
}

/* For the ledger: where the temperature changes, so does the length. */
static void account_length(kr_block *block) {
    kr_kinetic_energy(block, block->auxiliary[MOMENTUM], block->work + AFTER * block->n);
    kr_ledger_heat(block, block->work + BEFORE * block->n, block->work + AFTER * block->n);
}

/* For the ledger: the kick that a free momentum would get. What the fixed length takes of it, or adds, is the thermostat's. */
static void account_kick(kr_block *block, double h, const double *gradient) {
    const double *p = block->auxiliary[MOMENTUM];
    kr_ledger_kick(block, 1, 1, p, -h, NULL, block->position, gradient);
    kick(block->dim * block->n, h, gradient, p, block->scratch);
    kr_kinetic_energy(block, block->scratch, block->work + BEFORE * block->n);
}

static void account_turn(kr_block *block) {
    kr_kinetic_energy(block, block->auxiliary[MOMENTUM], block->work + AFTER * block->n);
    kr_ledger_heat(block, block->work + BEFORE * block->n, block->work + AFTER * block->n);
    kr_ledger_moved(block);
}

/* In units of the momentum's length. Beyond 60 all is forgotten. */
static double random_turn(double decoherence, double h, size_t dim) {
    double exponent = fmin(2 * h / decoherence, 60);
    return sqrt((kr_exp(exponent) - 1) / (double)dim);
}

static void step(const kr_dynamics *self, const kr_controls *controls, kr_block *block) {
    const values *v = self->values;
    size_t n = block->n, dim = block->dim;
    double d = (double)dim, h = controls->root_rate, length = sqrt(d * v->temperature);
    double *p = block->auxiliary[MOMENTUM], *x = block->position;
    double *squares = block->work + SQUARES * n, *products = block->work + PRODUCTS * n;
    if (block->ledger) kr_kinetic_energy(block, p, block->work + BEFORE * n);
    kr_block_shake(block, controls, KR_STREAM_THERMAL, length * random_turn(v->decoherence, h, dim), 1, p);
    memset(squares, 0, n * sizeof *squares);
    for (size_t i = 0; i < dim; i++) add_squares(n, p + i * n, squares);
    restore(n, length, squares);
    for (size_t i = 0; i < dim; i++) scale_and_drift(n, 0.5 * h, squares, p + i * n, x + i * n);
    if (block->ledger) account_length(block);
    const double *gradient = kr_block_gradient(block, controls, x, KR_STREAM_GRADIENT_NOISE);
    if (block->ledger) account_kick(block, h, gradient);
    memset(squares, 0, n * sizeof *squares);
    memset(products, 0, n * sizeof *products);
    for (size_t i = 0; i < dim; i++) add_products(n, gradient + i * n, p + i * n, squares, products);
    turns(n, h * sqrt(d / v->temperature) / (d - 1), length, squares, products);
    for (size_t i = 0; i < dim; i++) turn_and_drift(n, 0.5 * h, squares, products, gradient + i * n, p + i * n, x + i * n);
    if (block->ledger) account_turn(block);
}

static void velocity(const kr_dynamics *self, double learning_rate, size_t n, const double *const *auxiliary, double *p) {
    (void)self, (void)learning_rate;
    memcpy(p, auxiliary[MOMENTUM], n * sizeof *p);
}

/* Kicks of variance h^2 s^2 turn the momentum at random, as the turns of their own do: the density stays. */
static double temperature(const kr_dynamics *self, double learning_rate, double noise_variance) {
    (void)learning_rate, (void)noise_variance;
    return ((const values *)self->values)->temperature;
}

static const kr_twin twins[] = {
    {"BlackJAX", "mclmc(logdensity_fn)",
     "at temperature 1; step_size there is sqrt(schedule.lr d), L is decoherence sqrt(d), the integrator "
     "is McLachlan's with two gradients a step, and half of the random turn comes before it"},
    {NULL, NULL, NULL}};

KR_DYNAMICS = {
    .about = {.name = KR_PLUGIN_NAME,
              .bound = "a direction is turned twice and refreshed: exponentials, roots and divisions, with sums over the "
                       "coordinates of a particle",
              .equation = "dx = p dt,  dp = -d/(d-1) (1 - p p^T/|p|^2) (g + n + lambda x) dt + random turns,  |p|^2 = d T\n"
                          "per step h = sqrt(eta): p turned at random and to -g exactly, x += h/2 p before and after;\n"
                          "random: p + |p| nu xi, brought back to its length, nu^2 = (exp(2h/tau) - 1)/d",
              .doc = "microcanonical Langevin Monte Carlo: a momentum of fixed length that only turns; two dimensions or more",
              .reference = "J. Robnik, G. B. De Luca, E. Silverstein, U. Seljak, JMLR 24, 311 (2023), arXiv:2212.08549",
              .parameters = parameters,
              .twins = twins,
              .values_size = sizeof(values)},
    .physical_time = true,
    .fits = fits,
    .not_pruned = "its momentum has the length of one with all coordinates",
    .auxiliaries = auxiliaries,
    .work_numbers = WORK_NUMBERS,
    .start = start,
    .step = step,
    .velocity = velocity,
    .temperature = temperature,
    .stability_limit = kr_never_unstable, /* A momentum of fixed length goes nowhere quickly. */
};
