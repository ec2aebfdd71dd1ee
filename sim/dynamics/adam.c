/* Adam (Kingma and Ba 2015), with amsgrad (Reddi, Kale, Kumar 2018), as PyTorch 1.13 does it:
 *
 *   m = beta1 m + (1 - beta1) g~,  v = beta2 v + (1 - beta2) g~^2
 *   x' = x - eta (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon),  t steps since the start
 *
 * g~ = g + n + lambda x: weight decay is part of the loss here, and is divided like the rest; adamw has the other one. */
#include "adam.h"

static const kr_parameter parameters[] = {ADAM_ROWS, KR_ROW_WEIGHT_DECAY(adam_values), KR_END};

static const kr_twin twins[] = {
    {"PyTorch", "Adam(lr=schedule.lr, betas=[beta1, beta2], eps=epsilon, weight_decay=weight_decay, amsgrad=amsgrad)",
     "equal without maximize, for which the landscape is turned over"},
    {"optax", "adam(learning_rate=schedule.lr, b1=beta1, b2=beta2, eps=epsilon)",
     "equal with eps_root 0, without amsgrad and weight_decay"},
    {"Keras", "Adam(learning_rate=schedule.lr, beta_1=beta1, beta_2=beta2, epsilon=epsilon, amsgrad=amsgrad)",
     "not quite: epsilon, 1e-7 there, is added before the square's correction"},
    {NULL, NULL, NULL}};

KR_DYNAMICS = {
    .about = {.name = KR_PLUGIN_NAME,
              .equation = "m' = beta1 m + (1 - beta1) g~,  v' = beta2 v + (1 - beta2) g~^2\n"
                          "x' = x - eta (m' / (1 - beta1^t)) / (sqrt(v' / (1 - beta2^t)) + epsilon)\n"
                          "amsgrad: the largest v' so far instead of v'\n"
                          "g~ = g + n + lambda x; t = 1 in the first step after a start",
              .doc = "Adam: a running mean of the gradient, divided by the root of that of its square",
              .reference = "D. Kingma, J. Ba, ICLR 2015; amsgrad: S. Reddi, S. Kale, S. Kumar, ICLR 2018",
              .parameters = parameters,
              .twins = twins,
              .values_size = sizeof(adam_values)},
    ADAM_FUNCTIONS,
};
