/* Lion (Chen et al. 2023): the sign of a mean of the gradient with one memory, which is then updated with a longer one.
 *
 *   x' = (1 - eta lambda) x - eta sign(beta1 m + (1 - beta1) (g + n)),  m' = beta2 m + (1 - beta2) (g + n)
 *
 * Temperature where noise dominates: c = beta1 m + (1 - beta1) n is Gaussian of variance s^2 and correlation rho_l = C beta2^(l-1)
 * l steps later. A slope g moves the mean of its sign by sqrt(2 / pi) g / s; the signs diffuse with the correlation (2 / pi)
 * asin(rho_l) (arcsine law), so T = eta s sqrt(pi / 8) (1 + (4 / pi) sum over l of asin(rho_l)). */
#include <kramers/block.h>
#include <kramers/parameter_rows.h>

#include <math.h>

static const double pi = 3.14159265358979323846;

typedef struct values {
    double beta1, beta2, weight_decay;
} values;

static const kr_parameter parameters[] = {KR_ROW_MEMORY(values, beta1, "beta1", "share of the mean in what gives the sign", 0.9),
                                          KR_ROW_MEMORY(values, beta2, "beta2", "memory of the mean of the gradient", 0.99),
                                          KR_ROW_DECOUPLED_DECAY(values, 0), KR_END};

static size_t auxiliaries(const kr_dynamics *self) {
    (void)self;
    return 1;
}

static void follow(size_t count, double rate, double keep, double beta1, double beta2, const double *restrict gradient,
                   double *restrict m, double *restrict x) {
    for (size_t i = 0; i < count; i++) {
        double g = gradient[i], c = fma(beta1, m[i], (1.0 - beta1) * g);
        double move = c > 0.0 ? rate : c < 0.0 ? -rate : c;
        m[i] = fma(beta2, m[i], (1.0 - beta2) * g);
        x[i] = fma(keep, x[i], -move);
    }
}

static void step(const kr_dynamics *self, const kr_controls *controls, kr_block *block) {
    const values *v = self->values;
    double rate = controls->learning_rate;
    const double *gradient = kr_block_gradient(block, controls, block->position, KR_STREAM_GRADIENT_NOISE);
    follow(block->dim * block->n, rate, 1.0 - rate * v->weight_decay, v->beta1, v->beta2, gradient, block->auxiliary[0],
           block->position);
}

/* Sum over l >= 1 of asin(C q^(l-1)), term by term of the arcsine's series, each a geometric series in l. */
static double arcsine_sum(double c, double q) {
    double sum = 0.0, coefficient = 1.0, power = c, q_power = q;
    for (int j = 0; j < 100000; j++) {
        double n = 2.0 * j + 1.0, term = coefficient / n * power / (1.0 - q_power);
        sum += term;
        if (!(term > 1e-16 * sum)) break;
        coefficient *= n / (n + 1.0);
        power *= c * c;
        q_power *= q * q;
    }
    return sum;
}

/* Variance of c in noise of variance 1, and its covariance with the next. */
static void covariances(const values *v, double *variance, double *next) {
    double fresh = 1.0 - v->beta1, mean_variance = (1.0 - v->beta2) / (1.0 + v->beta2);
    *variance = v->beta1 * v->beta1 * mean_variance + fresh * fresh;
    *next = v->beta1 * v->beta1 * v->beta2 * mean_variance + v->beta1 * fresh * (1.0 - v->beta2);
}

static double temperature(const kr_dynamics *self, double learning_rate, double noise_variance) {
    double variance, next, q = ((const values *)self->values)->beta2;
    covariances(self->values, &variance, &next);
    return learning_rate * sqrt(noise_variance * variance * pi / 8.0) * (1.0 + 4.0 / pi * arcsine_sum(next / variance, q));
}

/* The sign is on average the slope over this. */
static double preconditioner(const kr_dynamics *self, double noise_variance) {
    double variance, next;
    covariances(self->values, &variance, &next);
    return sqrt(noise_variance * variance * pi / 2.0);
}

static const char *temperature_regime(const kr_dynamics *self) {
    (void)self;
    return "in Gaussian noise far above the slopes, where a well's relaxation takes many times 1 / (1 - beta2) steps; each "
           "coordinate "
           "has its own";
}

static const kr_twin twins[] = {
    {"PyTorch", NULL, "the authors' lion_pytorch, Lion(lr, betas, weight_decay), is equal"},
    {"optax", "lion(learning_rate=schedule.lr, b1=beta1, b2=beta2, weight_decay=weight_decay)",
     "equal; weight_decay is 1e-3 there unless it is given"},
    {"Keras", "Lion(learning_rate=schedule.lr, beta_1=beta1, beta_2=beta2, weight_decay=weight_decay)", NULL},
    {NULL, NULL, NULL}};

KR_DYNAMICS = {
    .about = {.name = KR_PLUGIN_NAME,
              .equation = "x' = (1 - eta lambda) x - eta sign(beta1 m + (1 - beta1) (g + n))\n"
                          "m' = beta2 m + (1 - beta2) (g + n); m = 0 at a start, sign(0) = 0",
              .doc = "Lion: sign descent along a mean of the gradient, with decay apart from it",
              .reference = "X. Chen et al. 2023, arXiv:2302.06675",
              .parameters = parameters,
              .twins = twins,
              .values_size = sizeof(values)},
    .by_coordinate = true,
    .decoupled_decay = true,
    .auxiliaries = auxiliaries,
    .step = step,
    .temperature = temperature,
    .temperature_regime = temperature_regime,
    .stability_limit = kr_never_unstable,
    .preconditioner = preconditioner,
};
