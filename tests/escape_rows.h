/* Rows of measured escapes beside the exact chain, as results.csv has them: scenes from a row's texts, seeds, what z would be with
 * a theory whose temperature is off, and whether many z look standard normal. */
#ifndef ESCAPE_ROWS_H
#define ESCAPE_ROWS_H

#include "plugin_setup.h"
#include "sanitized.h"

#include <kramers/model.h>
#include <kramers/run.h>

#include <gsl/gsl_cdf.h>

#include <math.h>
#include <stdlib.h>

typedef struct escape_case {
    const char *landscape, *dynamics, *noise;
    double learning_rate;
    const char *start, *until;
    int particles, steps; /* steps > 20 mean times each */
} escape_case;

/* Each case has a seed of its own, derived from its number (the finaliser of splitmix64). */
static inline uint32_t escape_seed(uint64_t number) {
    uint64_t z = (number + 1) * 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return (uint32_t)(z >> 33);
}

static inline void escape_require(kr_status status, const kr_error *error) {
    if (status != KR_OK) fail_msg("%s", error->message);
}

/* The scene of a case with this seed. */
static inline void escape_case_load(kr_scene *scene, const escape_case *c, uint32_t seed) {
    char text[2048];
    kr_error error;
    snprintf(text, sizeof text,
             "landscape: %s\ndynamics: %s\nnoise: %s\nschedule: {name: constant, lr: %.17g}\n"
             "ensemble: {particles: %d, steps: %d, seed: %lu, start: %s}\nescape: {until: %s}\n",
             c->landscape, c->dynamics, c->noise, c->learning_rate, c->particles, c->steps, (unsigned long)seed, c->start,
             c->until);
    escape_require(kr_scene_parse(scene, best_registry(), "case", NULL, text, NULL, 0, &error), &error);
}

static inline void escape_scale(kr_settings *settings, const char *name, double factor) {
    const kr_parameter *parameter = kr_parameter_find(settings->about, name);
    if (parameter) assert_int_equal(kr_set_number(settings, parameter, factor * kr_get_number(settings, parameter), NULL), KR_OK);
}

static inline kr_prediction escape_predict_scene(kr_scene *scene, const char *theory) {
    kr_model model;
    kr_error error;
    kr_prediction prediction;
    escape_require(kr_model_create(&model, scene, &error), &error);
    kr_problem problem = kr_model_problem(&model);
    kr_theory_predict(find_theory(scene->registry, theory), &problem, &prediction);
    kr_model_destroy(&model);
    kr_scene_destroy(scene);
    return prediction;
}

/* What one theory says of a case. */
static inline kr_prediction escape_predict(const escape_case *c, const char *theory) {
    kr_scene scene;
    escape_case_load(&scene, c, 1);
    return escape_predict_scene(&scene, theory);
}

/* z that the run would have got if the theory's temperature (of the dynamics and of the gradient noise) were off by this factor. */
static inline double escape_z_at_wrong_temperature(const escape_case *c, const kr_escape_estimate *estimate, double factor) {
    kr_scene scene;
    escape_case_load(&scene, c, 1);
    escape_scale(&scene.dynamics, "temperature", factor);
    escape_scale(&scene.noise, "strength", factor);
    escape_scale(&scene.noise, "sigma", sqrt(factor));
    kr_prediction chain = escape_predict_scene(&scene, "chain");
    return kr_escape_z(estimate, chain.mfpt_steps, chain.variation);
}

/* The count alone, for z by renewal theory: nothing in it is chosen by the data, and all runs of tables are twenty means long. */
static inline kr_escape_estimate escape_counted(const kr_result *result) {
    const kr_escape_estimate *e = &result->escape;
    return kr_escape_estimate_make(e->events, e->exposure_steps, e->exposure_time, e->particles);
}

static inline const kr_theory_result *escape_theory(const kr_result *result, const char *name) {
    for (size_t i = 0; i < result->theory_count; i++)
        if (!strcmp(result->theory[i].type->about.name, name)) return &result->theory[i];
    fail_msg("there is no theory %s", name);
    return NULL;
}

static inline int escape_ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Kolmogorov and Smirnov against the standard normal: p from the asymptotic law at Stephens' (1970) effective distance. */
static inline double kolmogorov_smirnov_p(size_t n, const double *z) {
    double *sorted = malloc(n * sizeof *sorted), distance = 0, p = 0;
    assert_non_null(sorted);
    memcpy(sorted, z, n * sizeof *z);
    qsort(sorted, n, sizeof *sorted, escape_ascending);
    for (size_t i = 0; i < n; i++) {
        double f = gsl_cdf_ugaussian_P(sorted[i]);
        distance = fmax(distance, fmax(((double)i + 1) / (double)n - f, f - (double)i / (double)n));
    }
    free(sorted);
    double root = sqrt((double)n), x = (root + 0.12 + 0.11 / root) * distance;
    for (int k = 1; k < 100; k++) p += (k % 2 ? 2 : -2) * exp(-2.0 * k * k * x * x);
    return fmin(1, fmax(0, p));
}

/* The probability of a sum of squares at least as far out, on either side, as that of n standard normal numbers. */
static inline double chi_square_p(size_t n, const double *z) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += z[i] * z[i];
    return 2 * fmin(gsl_cdf_chisq_P(sum, (double)n), gsl_cdf_chisq_Q(sum, (double)n));
}

#endif
