/* Rows of measured escapes beside the exact chain, as results.csv has them: scenes from a row's texts, seeds, what z would be with
 * a theory whose temperature is off, and whether many z look standard normal. */
#ifndef ESCAPE_ROWS_H
#define ESCAPE_ROWS_H

#include "kolmogorov_smirnov.h"
#include "plugin_setup.h"
#include "sanitized.h"

#include <kramers/model.h>
#include <kramers/run.h>
#include <kramers/survival_predicted.h>

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

/* The scene of a case with this seed. */
static inline void escape_case_load(kr_scene *scene, const escape_case *c, uint32_t seed) {
    char text[2048];
    kr_error error;
    snprintf(text, sizeof text,
             "landscape: %s\ndynamics: %s\nnoise: %s\nschedule: {name: constant, lr: %.17g}\n"
             "ensemble: {particles: %d, steps: %d, seed: %lu, start: %s}\nescape: {until: %s}\n",
             c->landscape, c->dynamics, c->noise, c->learning_rate, c->particles, c->steps, (unsigned long)seed, c->start,
             c->until);
    require(kr_scene_parse(scene, best_registry(), "case", NULL, text, NULL, 0, &error), &error);
}

static inline void escape_scale(kr_settings *settings, const char *name, double factor) {
    const kr_parameter *parameter = kr_parameter_find(settings->about, name);
    if (parameter) assert_int_equal(kr_set_number(settings, parameter, factor * kr_get_number(settings, parameter), NULL), KR_OK);
}

static inline kr_prediction escape_predict_scene(kr_scene *scene, const char *theory) {
    kr_model model;
    kr_error error;
    kr_prediction prediction;
    require(kr_model_create(&model, scene, &error), &error);
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

/* The probability to have crossed within so many steps, step by step and from the rates of each step; adiabatic may be NULL. */
static inline void escape_predict_crossing(const kr_model *model, uint64_t steps, double *chain, double *adiabatic) {
    char why[256];
    uint64_t step[2] = {0, steps};
    double survival[2], accuracy;
    kr_problem problem = kr_model_problem(model);
    if (!kr_survival_chain(&problem, 2, step, survival, &accuracy, why)) fail_msg("%s", why);
    assert_true(accuracy < 1e-9);
    *chain = 1 - survival[1];
    if (!adiabatic) return;
    if (!kr_survival_adiabatic(&problem, 2, step, survival, why)) fail_msg("%s", why);
    *adiabatic = 1 - survival[1];
}

/* The model's ensemble after so many steps. */
static inline kr_ensemble *escape_advance(kr_model *model, uint64_t steps) {
    kr_ensemble *ensemble;
    kr_ensemble_setup setup;
    kr_error error;
    require(kr_model_ensemble_setup(model, &setup, &error), &error);
    require(kr_ensemble_create(&ensemble, &setup, &error), &error);
    require(kr_ensemble_advance(ensemble, steps, &error), &error);
    return ensemble;
}

/* How many have crossed then. */
static inline uint64_t escape_crossings(kr_model *model, uint64_t steps) {
    kr_ensemble *ensemble = escape_advance(model, steps);
    uint64_t count = kr_ensemble_view(ensemble).absorbed;
    kr_ensemble_destroy(ensemble);
    return count;
}

/* z of a binomial count. */
static inline double escape_count_z(double crossed, double p, double particles) {
    return (crossed - particles * p) / sqrt(particles * p * (1 - p));
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

/* Kolmogorov and Smirnov against the standard normal. */
static inline double normality_p(size_t n, const double *z) {
    return kolmogorov_smirnov_p(n, z, normal_distribution, 1);
}

/* The probability of a sum of squares at least as far out, on either side, as that of n standard normal numbers. */
static inline double chi_square_p(size_t n, const double *z) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += z[i] * z[i];
    return 2 * fmin(gsl_cdf_chisq_P(sum, (double)n), gsl_cdf_chisq_Q(sum, (double)n));
}

#endif
