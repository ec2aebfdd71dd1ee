/* Hamiltonian Monte Carlo (Duane et al. 1987): a momentum drawn from exp(-p^2/2T), L leapfrog steps of h = sqrt(eta), and the place
 * where they end is accepted with probability min(1, exp(-dH/T)), H = V + p^2/2 (Metropolis). Boltzmann's density exactly, at any
 * step: the reference for the other samplers. A larger h makes it slower, not wrong, since more is rejected.
 *
 * With gradient noise the proposals are not reversible, the test no longer makes up for the error of the leapfrog, and the density
 * is an unknown one (Chen et al. 2014), so noise is refused. */
#include "kinetic_energy.h"

#include <kramers/block.h>
#include <kramers/parameter_rows.h>

#include <kramers/vector_math.h>
#include <math.h>
#include <string.h>

typedef struct values {
    int64_t leapfrog;
    double temperature, weight_decay;
} values;

static const kr_parameter parameters[] = {{.name = "leapfrog",
                                           .symbol = "L",
                                           .doc = "leapfrog steps of sqrt(lr) in one step",
                                           .type = KR_INTEGER,
                                           .offset = offsetof(values, leapfrog),
                                           .initial = 10,
                                           .minimum = 1,
                                           .maximum = 1e6},
                                          KR_ROW_TEMPERATURE(values, "of Boltzmann's density and of the momenta"),
                                          KR_ROW_WEIGHT_DECAY(values),
                                          KR_END};

enum { TRIED, ACCEPTED, AUXILIARIES }; /* counts, in the place of the first coordinate */
enum { KINETIC, CHANGE, UNIFORM, WORK_NUMBERS };

static kr_status fits(const kr_dynamics *self, const kr_landscape *landscape, const kr_noise *noise, kr_error *error) {
    (void)self, (void)landscape;
    if (noise->type->is_zero) return KR_OK;
    return kr_fail(
        error, KR_BAD_ARGUMENT,
        "hmc needs the exact gradient: with the noise '%s' its Metropolis test no longer gives exp(-V/T). Take noise: none, "
        "or dynamics: sghmc or sgnht, which are made for noise.",
        noise->type->about.name);
}

static size_t auxiliaries(const kr_dynamics *self) {
    (void)self;
    return AUXILIARIES;
}

static void scale(size_t count, double factor, double *restrict p) {
    for (size_t i = 0; i < count; i++) p[i] *= factor;
}

static void kick_and_drift(size_t count, double kick, double h, const double *restrict gradient, double *restrict p,
                           const double *restrict from, double *restrict to) {
    for (size_t i = 0; i < count; i++) {
        p[i] = fma(-kick, gradient[i], p[i]);
        to[i] = fma(h, p[i], from[i]);
    }
}

static void kick(size_t count, double strength, const double *restrict gradient, double *restrict p) {
    for (size_t i = 0; i < count; i++) p[i] = fma(-strength, gradient[i], p[i]);
}

static void add_difference(size_t n, const double *restrict later, const double *restrict earlier, double *restrict sum) {
    for (size_t j = 0; j < n; j++) sum[j] += later[j] - earlier[j];
}

/* uniform becomes 1 where the proposal is accepted, else 0. A change that is not a number is none that is accepted. */
static void decide(size_t n, double temperature, const double *restrict change, double *restrict uniform, double *restrict tried,
                   double *restrict accepted) {
    for (size_t j = 0; j < n; j++) {
        double accept = temperature * kr_log(uniform[j]) <= -change[j] ? 1.0 : 0.0;
        uniform[j] = accept;
        tried[j] += 1;
        accepted[j] += accept;
    }
}

static void adopt(size_t n, const double *restrict accept, const double *restrict proposal, double *restrict x) {
    for (size_t j = 0; j < n; j++) x[j] = accept[j] > 0 ? proposal[j] : x[j];
}

/* The end of the trajectory in scratch, its momenta in normal: without noise a gradient leaves these alone. */
static void propose(kr_block *block, const kr_controls *controls, int64_t steps) {
    size_t count = block->dim * block->n;
    double h = controls->root_rate, *p = block->normal, *x = block->scratch;
    const double *from = block->position;
    for (int64_t k = 0; k < steps; k++) {
        const double *gradient = kr_block_gradient(block, controls, from, KR_STREAM_GRADIENT_NOISE);
        kick_and_drift(count, k ? h : 0.5 * h, h, gradient, p, from, x);
        from = x;
    }
    kick(count, 0.5 * h, kr_block_gradient(block, controls, x, KR_STREAM_GRADIENT_NOISE), p);
}

static void step(const kr_dynamics *self, const kr_controls *controls, kr_block *block) {
    const values *v = self->values;
    size_t n = block->n;
    double *kinetic = block->work + KINETIC * n, *change = block->work + CHANGE * n, *uniform = block->work + UNIFORM * n;
    double *p = kr_block_normals(block, controls, KR_STREAM_THERMAL);
    scale(block->dim * n, sqrt(v->temperature), p);
    kr_kinetic_energy(block, p, kinetic);
    propose(block, controls, v->leapfrog);
    kr_kinetic_energy(block, p, change);
    add_difference(n, change, kinetic, memset(uniform, 0, n * sizeof *uniform));
    kr_block_energy(block, block->position, kinetic);
    kr_block_energy(block, block->scratch, change);
    add_difference(n, change, kinetic, uniform);
    memcpy(change, uniform, n * sizeof *change);
    kr_block_uniforms(block, controls, KR_STREAM_ACCEPTANCE, uniform);
    decide(n, v->temperature, change, uniform, block->auxiliary[TRIED], block->auxiliary[ACCEPTED]);
    for (size_t i = 0; i < block->dim; i++) adopt(n, uniform, block->scratch + i * n, block->position + i * n);
}

static void proposals(const kr_dynamics *self, size_t n, const double *const *auxiliary, double *tried, double *accepted) {
    (void)self;
    for (size_t j = 0; j < n; j++) {
        *tried += isnan(auxiliary[TRIED][j]) ? 0 : auxiliary[TRIED][j];
        *accepted += isnan(auxiliary[ACCEPTED][j]) ? 0 : auxiliary[ACCEPTED][j];
    }
}

static double temperature(const kr_dynamics *self, double learning_rate, double noise_variance) {
    (void)learning_rate;
    return noise_variance > 0 ? NAN : ((const values *)self->values)->temperature;
}

static double time_step(const kr_dynamics *self, double learning_rate) {
    return (double)((const values *)self->values)->leapfrog * sqrt(learning_rate);
}

static const kr_twin twins[] = {
    {"BlackJAX", "hmc(num_integration_steps=leapfrog)", "equal at temperature 1; step_size there is sqrt(schedule.lr)"},
    {"NumPyro", "infer.HMC(num_steps=leapfrog)", "equal at temperature 1 without adaptation; step_size there is sqrt(schedule.lr)"},
    {"TensorFlow Probability", "mcmc.HamiltonianMonteCarlo(num_leapfrog_steps=leapfrog)",
     "equal at temperature 1; step_size there is sqrt(schedule.lr)"},
    {NULL, NULL, NULL}};

KR_DYNAMICS = {
    .about = {.name = KR_PLUGIN_NAME,
              .bound = "leapfrog gradients a step, ten by default, and a test that weighs the energies",
              .equation = "p = sqrt(T) xi;  L times: p -= h/2 g, x* += h p, p -= h/2 g;  h = sqrt(eta)\n"
                          "x' = x* with probability min(1, exp(-dH/T)), else x;  H = V + |p|^2 / 2",
              .doc = "Hamiltonian Monte Carlo: exactly Boltzmann's density at any step, without gradient noise",
              .reference = "S. Duane, A. D. Kennedy, B. J. Pendleton, D. Roweth, Phys. Lett. B 195, 216 (1987)",
              .parameters = parameters,
              .twins = twins,
              .values_size = sizeof(values)},
    .fits = fits,
    .auxiliaries = auxiliaries,
    .work_numbers = WORK_NUMBERS,
    .step = step,
    .temperature = temperature,
    .stability_limit = kr_never_unstable, /* Beyond 4 the leapfrog is unstable and everything is rejected. */
    .time_step = time_step,
    .time_text = "leapfrog sqrt(lr)",
    .proposals = proposals,
};
