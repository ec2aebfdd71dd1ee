/* AdamW (Loshchilov and Hutter 2019), as PyTorch 1.13 does it: Adam with decay apart from the gradient,
 *
 *   x' = (1 - eta lambda) x - eta (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)
 *
 * The decay is no part of the loss: where noise dominates, it does what lambda (sigma + epsilon) |x|^2 / 2 would do there. */
#include "adam.h"

static const kr_parameter parameters[] = {ADAM_ROWS, KR_ROW_DECOUPLED_DECAY(adam_values, 0.01), KR_END};

static const kr_twin twins[] = {
    {"PyTorch", "AdamW(lr=schedule.lr, betas=[beta1, beta2], eps=epsilon, weight_decay=weight_decay, amsgrad=amsgrad)",
     "equal without maximize, for which the landscape is turned over"},
    {"optax", "adamw(learning_rate=schedule.lr, b1=beta1, b2=beta2, eps=epsilon, weight_decay=weight_decay)",
     "equal with eps_root 0 and without amsgrad; weight_decay is 1e-4 there unless it is given"},
    {"Keras",
     "AdamW(learning_rate=schedule.lr, beta_1=beta1, beta_2=beta2, epsilon=epsilon, weight_decay=weight_decay, amsgrad=amsgrad)",
     "not quite: epsilon, 1e-7 there, is added before the square's correction; weight_decay is 0.004 there unless it is given"},
    {NULL, NULL, NULL}};

KR_DYNAMICS = {
    .about = {.name = KR_PLUGIN_NAME,
              .equation = "m' = beta1 m + (1 - beta1) (g + n),  v' = beta2 v + (1 - beta2) (g + n)^2\n"
                          "x' = (1 - eta lambda) x - eta (m' / (1 - beta1^t)) / (sqrt(v' / (1 - beta2^t)) + epsilon)\n"
                          "amsgrad: the largest v' so far instead of v'; t = 1 in the first step after a start",
              .doc = "Adam with weight decay apart from the gradient",
              .reference = "I. Loshchilov, F. Hutter, ICLR 2019",
              .parameters = parameters,
              .twins = twins,
              .values_size = sizeof(adam_values)},
    .decoupled_decay = true,
    ADAM_FUNCTIONS,
};
