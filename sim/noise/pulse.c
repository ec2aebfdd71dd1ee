/* Gaussian noise in pulses: standard deviation high / sqrt(B) while (k - phase) mod period < width, low / sqrt(B) otherwise, at
 * step k. In whole steps, so that the rhythm never drifts; steps before step 0 are like step 0, as the schedule has it. */
#include <kramers/noise.h>
#include <kramers/parameter_rows.h>

typedef struct values {
    double high, low;
    int64_t period, width, phase;
    double batch_size;
} values;

static const kr_parameter parameters[] = {{.name = "high",
                                           .symbol = "high",
                                           .doc = "standard deviation of one sample's gradient in a pulse, per coordinate",
                                           .type = KR_NUMBER,
                                           .flags = KR_LOG_SCALE,
                                           .offset = offsetof(values, high),
                                           .initial = 2,
                                           .minimum = 0,
                                           .maximum = 1e9},
                                          {.name = "low",
                                           .symbol = "low",
                                           .doc = "the same between pulses",
                                           .type = KR_NUMBER,
                                           .flags = KR_LOG_SCALE,
                                           .offset = offsetof(values, low),
                                           .initial = 1,
                                           .minimum = 0,
                                           .maximum = 1e9},
                                          {.name = "period",
                                           .symbol = "period",
                                           .doc = "steps from the beginning of a pulse to that of the next",
                                           .unit = "steps",
                                           .type = KR_INTEGER,
                                           .flags = KR_LOG_SCALE,
                                           .offset = offsetof(values, period),
                                           .initial = 100,
                                           .minimum = 1,
                                           .maximum = 1e15},
                                          {.name = "width",
                                           .symbol = "width",
                                           .doc = "steps of a pulse; from the period on it never ends",
                                           .unit = "steps",
                                           .type = KR_INTEGER,
                                           .offset = offsetof(values, width),
                                           .initial = 25,
                                           .minimum = 0,
                                           .maximum = 1e15},
                                          {.name = "phase",
                                           .symbol = "phase",
                                           .doc = "step at which a pulse begins",
                                           .unit = "steps",
                                           .type = KR_INTEGER,
                                           .offset = offsetof(values, phase),
                                           .initial = 0,
                                           .minimum = -1e15,
                                           .maximum = 1e15},
                                          KR_ROW_BATCH_SIZE(values),
                                          KR_END};

/* Steps since the last pulse began. */
static uint64_t place(const values *v, uint64_t step) {
    int64_t first = v->phase % v->period;
    uint64_t period = (uint64_t)v->period, begin = (uint64_t)(first < 0 ? first + v->period : first);
    uint64_t now = step >> 63 ? 0 : step % period;
    return now >= begin ? now - begin : now + period - begin;
}

static void variance(const kr_noise *self, size_t n, const double *energy, const double *curvature, double *out) {
    (void)energy, (void)curvature;
    const values *v = self->values;
    double sigma = place(v, self->step) < (uint64_t)v->width ? v->high : v->low;
    for (size_t i = 0; i < n; i++) out[i] = sigma * sigma / v->batch_size;
}

static uint64_t next_change(const kr_noise *self) {
    const values *v = self->values;
    uint64_t step = self->step >> 63 ? 0 : self->step, now = place(v, step), width = (uint64_t)v->width;
    if (width == 0 || v->width >= v->period || v->high == v->low) return UINT64_MAX;
    return step + (now < width ? width : (uint64_t)v->period) - now;
}

KR_NOISE = {.about = {.name = KR_PLUGIN_NAME,
                      .equation = "n = s_k / sqrt(B) xi,  s_k = high while (k - phase) mod period < width, else low",
                      .doc = "Gaussian noise that comes in pulses: a rhythm beside that of the learning rate",
                      .reference =
                          "L. Gammaitoni, P. Haenggi, P. Jung, F. Marchesoni, Stochastic resonance, Rev. Mod. Phys. 70, 223 "
                          "(1998)",
                      .parameters = parameters,
                      .values_size = sizeof(values)},
            .by_coordinate = true,
            .variance = variance,
            .next_change = next_change};
