/* Adam as PyTorch 1.13 does it, for adam.c and adamw.c: all but what they are called and where the weight decay goes. */
#ifndef KR_DYNAMICS_ADAM_H
#define KR_DYNAMICS_ADAM_H

#include "preconditioned.h"

#include <kramers/block.h>
#include <kramers/parameter_rows.h>

typedef struct adam_values {
    double beta1, beta2, epsilon, weight_decay;
    bool amsgrad;
} adam_values;

/* Numbers that are the same for all particles in a step. */
typedef struct adam_step {
    double rate, beta1, beta2, epsilon;
    double keep; /* part of the position that decoupled decay leaves */
} adam_step;

/* Auxiliaries. The corrections 1 - beta^t count the steps since the particle's own start: they are the running means of 1, begin at
 * 0 as all auxiliaries do, and, unlike products beta^t, neither gather rounding errors nor end as subnormal numbers. */
enum { ADAM_MEAN, ADAM_SQUARE, ADAM_MEAN_CORRECTION, ADAM_SQUARE_CORRECTION, ADAM_LARGEST };

#define ADAM_ROWS                                                                                                                  \
    KR_ROW_MEMORY(adam_values, beta1, "beta1", "memory of the mean of the gradient", 0.9),                                         \
        KR_ROW_MEMORY(adam_values, beta2, "beta2", "memory of the mean of its square", 0.999), KR_ROW_EPSILON(adam_values, 1e-8),  \
    {                                                                                                                              \
        .name = "amsgrad", .doc = "divides by the largest mean of squares so far instead of the present one", .type = KR_SWITCH,   \
        .offset = offsetof(adam_values, amsgrad), .initial = 0                                                                     \
    }

/* 1 - beta^t from 1 - beta^(t-1). */
static inline double adam_correction(double memory, double correction) {
    return fma(memory, correction, 1.0 - memory);
}

/* x - eta (m / c1) / (sqrt(v / c2) + epsilon), with one division for three. */
static inline double adam_move(adam_step s, double x, double mean, double square, double mean_correction,
                               double square_correction) {
    double root = sqrt(square_correction);
    double divisor = mean_correction * fma(s.epsilon, root, sqrt(square));
    return fma(-s.rate, mean * root / divisor, s.keep * x);
}

static size_t adam_auxiliaries(const kr_dynamics *self) {
    return ((const adam_values *)self->values)->amsgrad ? ADAM_LARGEST + 1 : ADAM_LARGEST;
}

static void adam_follow(size_t count, adam_step s, const double *restrict gradient, double *restrict m, double *restrict v,
                        double *restrict c1, double *restrict c2, double *restrict x) {
    for (size_t i = 0; i < count; i++) {
        double g = gradient[i];
        m[i] = kr_running_mean(s.beta1, m[i], g);
        v[i] = kr_running_square(s.beta2, v[i], g);
        c1[i] = adam_correction(s.beta1, c1[i]);
        c2[i] = adam_correction(s.beta2, c2[i]);
        x[i] = adam_move(s, x[i], m[i], v[i], c1[i], c2[i]);
    }
}

static void adam_follow_amsgrad(size_t count, adam_step s, const double *restrict gradient, double *restrict m, double *restrict v,
                                double *restrict c1, double *restrict c2, double *restrict largest, double *restrict x) {
    for (size_t i = 0; i < count; i++) {
        double g = gradient[i];
        m[i] = kr_running_mean(s.beta1, m[i], g);
        v[i] = kr_running_square(s.beta2, v[i], g);
        c1[i] = adam_correction(s.beta1, c1[i]);
        c2[i] = adam_correction(s.beta2, c2[i]);
        largest[i] = v[i] > largest[i] ? v[i] : largest[i];
        x[i] = adam_move(s, x[i], m[i], largest[i], c1[i], c2[i]);
    }
}

static void adam_take_step(const kr_dynamics *self, const kr_controls *controls, kr_block *block) {
    const adam_values *v = self->values;
    adam_step s = {controls->learning_rate, v->beta1, v->beta2, kr_above_zero(v->epsilon),
                   self->type->decoupled_decay ? 1.0 - controls->learning_rate * v->weight_decay : 1.0};
    const double *gradient = kr_block_gradient(block, controls, block->position, KR_STREAM_GRADIENT_NOISE);
    size_t count = block->dim * block->n;
    if (v->amsgrad)
        adam_follow_amsgrad(count, s, gradient, block->auxiliary[ADAM_MEAN], block->auxiliary[ADAM_SQUARE],
                            block->auxiliary[ADAM_MEAN_CORRECTION], block->auxiliary[ADAM_SQUARE_CORRECTION],
                            block->auxiliary[ADAM_LARGEST], block->position);
    else
        adam_follow(count, s, gradient, block->auxiliary[ADAM_MEAN], block->auxiliary[ADAM_SQUARE],
                    block->auxiliary[ADAM_MEAN_CORRECTION], block->auxiliary[ADAM_SQUARE_CORRECTION], block->position);
}

static double adam_temperature(const kr_dynamics *self, double learning_rate, double noise_variance) {
    const adam_values *v = self->values;
    return v->amsgrad ? NAN : kr_preconditioned_temperature(learning_rate, noise_variance, v->epsilon);
}

static const char *adam_temperature_regime(const kr_dynamics *self) {
    return ((const adam_values *)self->values)->amsgrad
               ? "with amsgrad the divisor is the largest so far, which noise raises for ever: there is no stationary temperature"
               : kr_preconditioned_regime;
}

/* Cohen et al. 2022, arXiv:2207.14484: heavy ball in the form of a running mean, which has the rate eta (1 - beta1). */
static double adam_preconditioned_limit(const kr_dynamics *self) {
    double beta1 = ((const adam_values *)self->values)->beta1;
    return 2.0 * (1.0 + beta1) / (1.0 - beta1);
}

static double adam_preconditioner(const kr_dynamics *self, double noise_variance) {
    const adam_values *v = self->values;
    return v->amsgrad ? NAN : kr_noise_preconditioner(noise_variance, v->epsilon);
}

/* Members of KR_DYNAMICS. */
#define ADAM_FUNCTIONS                                                                                                             \
    .by_coordinate = true, .auxiliaries = adam_auxiliaries, .step = adam_take_step, .temperature = adam_temperature,               \
    .temperature_regime = adam_temperature_regime, .stability_limit = kr_never_unstable,                                           \
    .preconditioned_limit = adam_preconditioned_limit, .preconditioner = adam_preconditioner

#endif
