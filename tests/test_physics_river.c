/* The entropic force of a river valley, measured: positions along the river, nearly independent of each other, against e^{-W/T}
 * with W = k x0^2/2 + (T/2)(d - 1) a x0, by chi-square at fixed seeds, for a straight river and a bent one. The learning rate's
 * known bias, the factor 1 + eta (|grad V|^2 / (4 T) - tr H / 2) averaged over the walls, is in what is expected. */
#include "plugin_setup.h"
#include "sanitized.h"

#include <kramers/model.h>
#include <kramers/run.h>

#include <gsl/gsl_cdf.h>

#include <math.h>
#include <string.h>

enum { BINS = 24, DIM = 5, FINE = 64 };
static const double temperature = 0.2, rate = 0.004, low = -1.6, high = 0.8;

static void load(kr_scene *scene, const char *bend) {
    char landscape[128];
    const char *overrides[] = {landscape,
                               "transitions.every=0",
                               "schedule.lr=0.004",
                               SANITIZED ? "ensemble={particles: 256, steps: 14500, seed: 5}"
                                         : "ensemble={particles: 2048, steps: 42500, seed: 5}",
                               "ensemble.start={minimum: 0}",
                               "histogram={every: 2000, discard: 2500, low: -1.6, high: 0.8, bins: 24}"};
    kr_error error;
    snprintf(landscape, sizeof landscape, "landscape={name: river_valley, dim: %d, wall: 8, bend: %s}", (int)DIM, bend);
    require(kr_scene_load(scene, best_registry(), "bath", overrides, sizeof overrides / sizeof *overrides, &error), &error);
}

typedef struct counts {
    uint64_t bin[BINS], below, above;
    double expected[BINS]; /* in small steps, as the histogram has it */
} counts;

static const void *row_of(const kr_observer *observer, const char *name) {
    const kr_result_part part = {.rows = observer->type->rows};
    const void *unused;
    kr_value value;
    const kr_result_row *row = kr_result_find(&part, 1, name, &unused);
    assert_true(row && kr_result_get(row, observer, &value) && value.size[0] == BINS);
    return value.data;
}

static counts measure(const char *bend) {
    kr_scene scene;
    kr_run *run;
    kr_error error;
    counts c = {.below = 0};
    load(&scene, bend);
    kr_run_options options = {.threads = 0};
    require(kr_run_create(&run, &scene, &options, &error), &error);
    while (!kr_run_finished(run)) require(kr_run_advance(run, &error), &error);
    require(kr_run_finish(run, &error), &error);
    const kr_observer *observer = NULL;
    for (size_t i = 0; i < kr_run_result(run)->observer_count; i++)
        if (!strcmp(kr_run_result(run)->observers[i]->type->about.name, "histogram")) observer = kr_run_result(run)->observers[i];
    assert_non_null(observer);
    const kr_result_part part = {.rows = observer->type->rows, .source = observer};
    memcpy(c.bin, row_of(observer, "histogram.count"), sizeof c.bin);
    memcpy(c.expected, row_of(observer, "histogram.expected"), sizeof c.expected);
    c.below = (uint64_t)kr_result_number(&part, 1, "histogram.below");
    c.above = (uint64_t)kr_result_number(&part, 1, "histogram.above");
    kr_run_destroy(run);
    kr_scene_destroy(&scene);
    return c;
}

/* e^{-W/T}, with entropy or without, and the average of |grad V|^2 / (4 T) - tr H / 2 over the walls: k Q has the mean (d - 1) T
 * and the mean square (d - 1)(d + 1) T^2, k S^2 has the mean (d - 1) T. */
static double density(const kr_landscape *v, double x, double learning_rate, double entropy) {
    kr_walls w;
    v->type->walls(v, x, &w);
    double others = DIM - 1, k = exp(w.log_stiffness[0]), l = w.log_stiffness[1], c = w.place[1], force = w.floor[1];
    double square = force * force + force * l * others * temperature +
                    0.25 * l * l * others * (DIM + 1) * temperature * temperature + k * temperature * others * (1 + c * c);
    double trace = w.floor[2] + 0.5 * (l * l + w.log_stiffness[2]) * others * temperature + others * k * (1 + c * c);
    double factor = 1 + learning_rate * (square / (4 * temperature) - trace / 2);
    return factor * exp(-w.floor[0] / temperature - entropy * 0.5 * others * w.log_stiffness[0]);
}

static double integral(const kr_landscape *v, double from, double to, double learning_rate, double entropy) {
    double sum = 0, width = (to - from) / FINE;
    for (int i = 0; i < FINE; i++) sum += density(v, from + ((double)i + 0.5) * width, learning_rate, entropy);
    return sum * width;
}

static double chi_square(const kr_landscape *v, const counts *c, double learning_rate, double entropy) {
    double probability[BINS + 2], all = 0, positions = (double)(c->below + c->above), sum = 0;
    for (int i = 0; i < BINS + 2; i++) {
        double width = (high - low) / BINS, from = i == 0 ? low - 2.5 : low + width * (i - 1);
        double to = i == 0 ? low : i == BINS + 1 ? high + 2.5 : from + width;
        all += probability[i] = integral(v, from, to, learning_rate, entropy);
    }
    for (int i = 0; i < BINS; i++) positions += (double)c->bin[i];
    for (int i = 0; i < BINS + 2; i++) {
        double expected = positions * probability[i] / all;
        double found = (double)(i == 0 ? c->below : i == BINS + 1 ? c->above : c->bin[i - 1]);
        sum += (found - expected) * (found - expected) / expected;
    }
    return sum;
}

static void check(const char *bend) {
    kr_scene scene;
    kr_model model;
    kr_error error;
    counts c = measure(bend);
    load(&scene, bend);
    require(kr_model_create(&model, &scene, &error), &error);
    const kr_landscape *v = &model.landscape;
    for (int i = 0; i < BINS; i++) { /* what the histogram expects is the same law, without the bias */
        double width = (high - low) / BINS,
               all = integral(v, low - 2.5, low, 0, 1) + integral(v, low, high, 0, 1) + integral(v, high, high + 2.5, 0, 1);
        assert_close(c.expected[i], integral(v, low + width * i, low + width * (i + 1), 0, 1) / all, 2e-3, 1e-6);
    }
    double p = gsl_cdf_chisq_Q(chi_square(v, &c, rate, 1), BINS + 1);
    print_message("bend %s: p = %.3g; without the entropic force chi-square %.4g\n", bend, p, chi_square(v, &c, rate, 0));
    if (!(p > 1e-3)) fail_msg("bend %s: positions follow e^{-W/T} with p = %g only", bend, p);
    assert_true(chi_square(v, &c, rate, 0) > 1000);                  /* no entropic force */
    if (!SANITIZED) assert_true(chi_square(v, &c, rate, 1.05) > 60); /* one of 5 % more: p < 1e-4 */
    kr_model_destroy(&model);
    kr_scene_destroy(&scene);
}

static void a_straight_river(void **state) {
    (void)state;
    check("0");
}

static void a_bent_river(void **state) {
    (void)state;
    check("0.6");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_straight_river), cmocka_unit_test(a_bent_river)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
