/* Gaussian noise that remembers: an Ornstein-Uhlenbeck process in steps, z' = rho z + sqrt(1 - rho^2) xi with rho = exp(-1/time),
 * so that z is standard normal at every step and <z_k z_(k+j)> = rho^j; n = sigma / sqrt(B) z has the variance of isotropic noise.
 * A fresh start draws z anew from its stationary distribution.
 *
 * A sum of many n has (1 + rho) / (1 - rho) times the variance that independent ones would give, which is what a temperature
 * follows where the memory is short beside 1 / (learning rate x curvature). */
#include <kramers/noise.h>
#include <kramers/parameter_rows.h>
#include <kramers/vector_math.h>

typedef struct values {
    double sigma, time, batch_size;
} values;

static const kr_parameter parameters[] = {KR_ROW_SIGMA(values, "standard deviation of one sample's gradient, per coordinate"),
                                          {.name = "time",
                                           .symbol = "tau",
                                           .doc = "steps after which the correlation has fallen to 1/e",
                                           .unit = "steps",
                                           .type = KR_NUMBER,
                                           .flags = KR_ABOVE_MINIMUM | KR_LOG_SCALE,
                                           .offset = offsetof(values, time),
                                           .initial = 10,
                                           .minimum = 0,
                                           .maximum = 1e9},
                                          KR_ROW_BATCH_SIZE(values),
                                          KR_END};

/* 1 - rho, with its digits where rho is near 1. */
static double forgotten(double time) {
    double rounded, x = -1 / time;
    if (x < -700) return 1;
    double e = kr_exp_reduced(x, &rounded);
    return rounded == KR_ROUND ? -e : 1 - kr_exp(x);
}

static void relax(size_t count, double keep, double spread, const double *restrict normal, double *restrict memory) {
    for (size_t i = 0; i < count; i++) memory[i] = fma(spread, normal[i], keep * memory[i]);
}

static void remember(const kr_noise *self, size_t count, const double *restrict normal, double *restrict memory) {
    const values *v = self->values;
    double lost = forgotten(v->time);
    relax(count, 1 - lost, sqrt(lost * (2 - lost)), normal, memory);
}

static double persistence(const kr_noise *self) {
    const values *v = self->values;
    double lost = forgotten(v->time);
    return (2 - lost) / lost;
}

static void variance(const kr_noise *self, size_t n, const double *energy, const double *curvature, double *out) {
    (void)energy, (void)curvature;
    const values *v = self->values;
    for (size_t i = 0; i < n; i++) out[i] = v->sigma * v->sigma / v->batch_size;
}

KR_NOISE = {.about = {.name = KR_PLUGIN_NAME,
                      .equation = "n = sigma / sqrt(B) z,  z' = rho z + sqrt(1 - rho^2) xi,  rho = exp(-1 / tau)",
                      .doc = "Gaussian noise that remembers, correlation exp(-j / tau) after j steps: gradients from batches that "
                             "overlap",
                      .reference = "P. Haenggi, P. Jung, Colored noise in dynamical systems, Adv. Chem. Phys. 89, 239 (1995)",
                      .parameters = parameters,
                      .values_size = sizeof(values)},
            .by_coordinate = true,
            .variance = variance,
            .remember = remember,
            .persistence = persistence};
