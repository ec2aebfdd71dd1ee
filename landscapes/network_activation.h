/* Activations with their first and second derivatives, over rows. */
#ifndef LANDSCAPES_NETWORK_ACTIVATION_H
#define LANDSCAPES_NETWORK_ACTIVATION_H

#include <kramers/activation_math.h>

#include <stdbool.h>
#include <stddef.h>

static const char *const network_activations[] = {"tanh", "relu", "softplus", "silu", "gelu", NULL};

typedef struct activated {
    double value, slope, curl;
} activated;

static inline activated tanh_at(double z) {
    double t = kr_tanh(z), slope = fma(-t, t, 1.0);
    return (activated){t, slope, -2.0 * t * slope};
}

/* NaN stays; at 0 the slope is 0, as in other libraries. */
static inline activated relu_at(double z) {
    return (activated){z <= 0 ? 0 : z, z > 0 ? 1 : 0, 0};
}

/* f' = s = 1 / (1 + exp(-z)), s' = s (1 - s). */
static inline activated softplus_at(double z) {
    double s = kr_sigmoid(z), value = kr_softplus(z), curl = s * kr_sigmoid(-z);
    bool straight = z > 20; /* as in PyTorch; 2e-9 below the curve at most */
    return (activated){straight ? z : value, straight ? 1 : s, straight ? 0 : curl};
}

/* z s(z), with the same s. */
static inline activated silu_at(double z) {
    double s = kr_sigmoid(z), rest = kr_sigmoid(-z), bend = s * rest;
    double slope = fma(z, bend, s), curl = bend * fma(z, rest - s, 2.0);
    return (activated){z * s, slope, curl};
}

/* z becomes f(z); slope and curl as far as they are wanted. */
#define ACTIVATION_LOOPS(name)                                                                                                     \
    static void name##_values(size_t count, double *restrict z) {                                                                  \
        for (size_t i = 0; i < count; i++) z[i] = name##_at(z[i]).value;                                                           \
    }                                                                                                                              \
    static void name##_slopes(size_t count, double *restrict z, double *restrict slope) {                                          \
        for (size_t i = 0; i < count; i++) {                                                                                       \
            activated f = name##_at(z[i]);                                                                                         \
            z[i] = f.value;                                                                                                        \
            slope[i] = f.slope;                                                                                                    \
        }                                                                                                                          \
    }                                                                                                                              \
    static void name##_curls(size_t count, double *restrict z, double *restrict slope, double *restrict curl) {                    \
        for (size_t i = 0; i < count; i++) {                                                                                       \
            activated f = name##_at(z[i]);                                                                                         \
            z[i] = f.value;                                                                                                        \
            slope[i] = f.slope;                                                                                                    \
            curl[i] = f.curl;                                                                                                      \
        }                                                                                                                          \
    }
ACTIVATION_LOOPS(tanh)
ACTIVATION_LOOPS(relu)
ACTIVATION_LOOPS(softplus)
ACTIVATION_LOOPS(silu)

/* gelu is z Phi(z), with the normal distribution function Phi and its density. One after the other: both together are too much for
 * the compiler to make one loop of. */
static inline double normal_below(double z) {
    return 0.5 * (1.0 + kr_erf(z * 0x1.6a09e667f3bcdp-1));
}

static inline double normal_density(double z) {
    return 0x1.9884533d43651p-2 * kr_exp(-0.5 * z * z);
}

static void gelu_values(size_t count, double *restrict z) {
    for (size_t i = 0; i < count; i++) z[i] *= normal_below(z[i]);
}

static void gelu_slopes(size_t count, double *restrict z, double *restrict slope) {
    for (size_t i = 0; i < count; i++) slope[i] = normal_below(z[i]);
    for (size_t i = 0; i < count; i++) {
        double below = slope[i];
        slope[i] = fma(z[i], normal_density(z[i]), below);
        z[i] *= below;
    }
}

static void gelu_curls(size_t count, double *restrict z, double *restrict slope, double *restrict curl) {
    for (size_t i = 0; i < count; i++) curl[i] = normal_density(z[i]) * fma(-z[i], z[i], 2.0);
    gelu_slopes(count, z, slope);
}

typedef struct activation_loops {
    void (*values)(size_t count, double *restrict z);
    void (*slopes)(size_t count, double *restrict z, double *restrict slope);
    void (*curls)(size_t count, double *restrict z, double *restrict slope, double *restrict curl);
} activation_loops;

static const activation_loops activate[] = {{tanh_values, tanh_slopes, tanh_curls},
                                            {relu_values, relu_slopes, relu_curls},
                                            {softplus_values, softplus_slopes, softplus_curls},
                                            {silu_values, silu_slopes, silu_curls},
                                            {gelu_values, gelu_slopes, gelu_curls}};

#endif
