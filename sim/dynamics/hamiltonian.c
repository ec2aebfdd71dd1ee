/* Velocity Verlet (Swope et al. 1982): p -= h/2 g, x += h p, p -= h/2 g at the new place, with h = sqrt(eta). Starts at rest;
 * symplectic and reversible, energy conserved to O(h^2). The gradient at the end of a step is that at the beginning of the next
 * and is carried over. */
#include <kramers/block.h>

#include <math.h>
#include <string.h>

static const kr_parameter parameters[] = {KR_END};

enum { MOMENTUM, GRADIENT, AUXILIARIES };

static size_t auxiliaries(const kr_dynamics *self) {
    (void)self;
    return AUXILIARIES;
}

static void start(const kr_dynamics *self, const kr_controls *controls, kr_block *block, const uint32_t *which, size_t count) {
    (void)self;
    const double *gradient = kr_block_gradient(block, controls, block->position, KR_STREAM_START_GRADIENT);
    for (size_t i = 0; i < block->dim; i++)
        for (size_t j = 0; j < count; j++) block->auxiliary[GRADIENT][i * block->n + which[j]] = gradient[i * block->n + which[j]];
}

static void kick_and_drift(size_t count, double h, const double *restrict gradient, double *restrict p, double *restrict x) {
    for (size_t i = 0; i < count; i++) {
        p[i] = fma(-0.5 * h, gradient[i], p[i]);
        x[i] = fma(h, p[i], x[i]);
    }
}

static void kick_and_keep(size_t count, double h, const double *restrict gradient, double *restrict p, double *restrict kept) {
    for (size_t i = 0; i < count; i++) {
        p[i] = fma(-0.5 * h, gradient[i], p[i]);
        kept[i] = gradient[i];
    }
}

static void step(const kr_dynamics *self, const kr_controls *controls, kr_block *block) {
    (void)self;
    size_t count = block->dim * block->n;
    double h = controls->root_rate, *p = block->auxiliary[MOMENTUM], *kept = block->auxiliary[GRADIENT];
    if (block->ledger) kr_ledger_kick(block, 1, 1, p, -0.5 * h, NULL, block->position, kept);
    kick_and_drift(count, h, kept, p, block->position);
    if (block->ledger) kr_ledger_moved(block);
    const double *gradient = kr_block_gradient(block, controls, block->position, KR_STREAM_GRADIENT_NOISE);
    if (block->ledger) kr_ledger_kick(block, 1, 1, p, -0.5 * h, NULL, block->position, gradient);
    kick_and_keep(count, h, gradient, p, kept);
}

static void velocity(const kr_dynamics *self, double learning_rate, size_t n, const double *const *auxiliary, double *p) {
    (void)self, (void)learning_rate;
    memcpy(p, auxiliary[MOMENTUM], n * sizeof *p);
}

/* Nothing takes up the heat of the noise: there is no stationary temperature. */
static double temperature(const kr_dynamics *self, double learning_rate, double noise_variance) {
    (void)self, (void)learning_rate, (void)noise_variance;
    return NAN;
}

static double stability_limit(const kr_dynamics *self, double learning_rate) {
    (void)learning_rate;
    (void)self;
    return 4;
}

KR_DYNAMICS = {
    .about = {.name = KR_PLUGIN_NAME,
              .equation = "p+ = p - h/2 g(x),  x' = x + h p+,  p' = p+ - h/2 g(x'),  h = sqrt(eta); p = 0 at the start",
              .doc = "Newton's equations by velocity Verlet: the energy pump without friction",
              .reference = "W. C. Swope, H. C. Andersen, P. H. Berens, K. R. Wilson, J. Chem. Phys. 76, 637 (1982)",
              .parameters = parameters,
              .values_size = 0},
    .physical_time = true,
    .by_coordinate = true,
    .auxiliaries = auxiliaries,
    .start = start,
    .step = step,
    .velocity = velocity,
    .temperature = temperature,
    .stability_limit = stability_limit,
};
