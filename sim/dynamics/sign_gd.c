/* Sign descent: x' = x - eta sign(g~), the same step for any gradient, as Adam's without memory.
 *
 * In Gaussian noise of standard deviation sigma a slope g moves the mean by -eta erf(g / (sigma sqrt 2)), which is linear for small
 * g: a mobility of eta sqrt(2 / pi) / sigma against a diffusion of eta^2 / 2 a step, so T = eta sigma sqrt(pi / 8). */
#include <kramers/block.h>
#include <kramers/parameter_rows.h>

#include <math.h>

typedef struct values {
    double weight_decay;
} values;

static const kr_parameter parameters[] = {KR_ROW_WEIGHT_DECAY(values), KR_END};

static void follow(size_t count, double rate, const double *restrict gradient, double *restrict x) {
    for (size_t i = 0; i < count; i++) {
        double g = gradient[i], move = g > 0.0 ? rate : g < 0.0 ? -rate : g;
        x[i] -= move;
    }
}

static void step(const kr_dynamics *self, const kr_controls *controls, kr_block *block) {
    (void)self;
    const double *gradient = kr_block_gradient(block, controls, block->position, KR_STREAM_GRADIENT_NOISE);
    follow(block->dim * block->n, controls->learning_rate, gradient, block->position);
}

static double temperature(const kr_dynamics *self, double learning_rate, double noise_variance) {
    (void)self;
    const double root_pi_over_eight = 0.62665706865775012560;
    return root_pi_over_eight * learning_rate * sqrt(noise_variance);
}

static const char *temperature_regime(const kr_dynamics *self) {
    (void)self;
    return "in Gaussian noise far above the slopes (eta x curvature << sigma); each coordinate has its own";
}

/* sign(g + n) is on average g over this. */
static double preconditioner(const kr_dynamics *self, double noise_variance) {
    (void)self;
    const double root_half_pi = 1.25331413731550025121;
    return root_half_pi * sqrt(noise_variance);
}

static const kr_twin twins[] = {{"PyTorch", NULL, "Adam without memory and epsilon, betas (0, 0), does the same"},
                                {"optax", "sign_sgd(learning_rate=schedule.lr)", "equal without weight_decay"},
                                {"Keras", NULL, "Lion with beta_1 0 does the same"},
                                {NULL, NULL, NULL}};

KR_DYNAMICS = {
    .about = {.name = KR_PLUGIN_NAME,
              .equation = "x' = x - eta sign(g + n + lambda x), for each coordinate; sign(0) = 0",
              .doc = "sign descent: steps of one length along each coordinate",
              .reference = "J. Bernstein, Y.-X. Wang, K. Azizzadenesheli, A. Anandkumar, ICML 2018",
              .parameters = parameters,
              .twins = twins,
              .values_size = sizeof(values)},
    .by_coordinate = true,
    .step = step,
    .temperature = temperature,
    .temperature_regime = temperature_regime,
    .stability_limit = kr_never_unstable,
    .preconditioner = preconditioner,
};
