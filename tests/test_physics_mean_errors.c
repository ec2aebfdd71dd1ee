/* Standard errors of the means: z against the exact discrete-time values has unit variance although samples follow one another in a
 * fraction of the relaxation time. */
#include "plugin_setup.h"

#include <kramers/run.h>

#include <gsl/gsl_cdf.h>

#include <math.h>

/* z of position, variance and potential on a harmonic well, x' = (1 - eta) x + sqrt(2 eta T) xi, T = 1: the variance is 2 / (2 -
 * eta). */
static void z_of_a_run(const char *ensemble, int seed, double z[3]) {
    char text[512];
    kr_error error;
    kr_scene scene;
    kr_run *run;
    kr_run_options options = {.threads = 1};
    snprintf(text, sizeof text,
             "landscape: {name: harmonic}\ndynamics: {name: sgld, temperature: 1}\nschedule: {name: constant, lr: 0.05}\n"
             "ensemble: {seed: %d, %s}\nstatistics: {every: 2, discard: 300}\n",
             seed, ensemble);
    require(kr_scene_parse(&scene, best_registry(), "test", NULL, text, NULL, 0, &error), &error);
    require(kr_run_create(&run, &scene, &options, &error), &error);
    while (!kr_run_finished(run)) require(kr_run_advance(run, &error), &error);
    const kr_statistics *mean = kr_run_result(run)->mean;
    assert_non_null(mean->error);
    double variance = 2 / (2 - 0.05);
    z[0] = mean->position[0] / mean->error->position[0];
    z[1] = (mean->position_variance[0] - variance) / mean->error->position_variance[0];
    z[2] = (mean->potential - variance / 2) / mean->error->potential;
    kr_run_destroy(run);
    kr_scene_destroy(&scene);
}

/* t of 31 degrees of freedom has variance 31/29; sum over 100 seeds, two-sided p of chi-square above 1e-3 each. Of a single
 * particle the error comes from 17 to 32 batches of 60 relaxation times or more. */
static void errors_know_of_correlation(void **state) {
    (void)state;
    static const char *const ensembles[] = {"particles: 500, steps: 600", "particles: 20, steps: 3000",
                                            "particles: 1, steps: 60000"};
    for (size_t i = 0; i < 3; i++) {
        enum { SEEDS = 100 };
        double square[3] = {0}, freedom = i == 1 ? 19 : 31;
        for (int seed = 0; seed < SEEDS; seed++) {
            double z[3];
            z_of_a_run(ensembles[i], seed, z);
            for (int q = 0; q < 3; q++) square[q] += z[q] * z[q] * (freedom - 2) / freedom;
        }
        for (int q = 0; q < 3; q++) {
            double p = 2 * fmin(gsl_cdf_chisq_P(square[q], SEEDS), gsl_cdf_chisq_Q(square[q], SEEDS));
            print_message("%s: sum of z^2 %.1f of %d, p = %.3f\n", ensembles[i], square[q], (int)SEEDS, p);
            assert_true(p > 1e-3);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(errors_know_of_correlation)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
