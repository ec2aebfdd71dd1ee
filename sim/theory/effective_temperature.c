/* The temperature that gradient noise of variance sigma^2 / B is worth: for gradient descent T = eta sigma^2 / (2B), added to that
 * of thermal noise; for heavy ball eta sigma^2 / (2B (1 - mu)); for Langevin dynamics by its friction. A thermometer of the
 * velocity shows another value at finite momentum, 2T / (1 + mu).
 *
 * Adaptive dynamics divide the gradient by a root mean square, which noise far above the slopes makes sigma: T = eta sigma / 2.
 *
 * Holds to leading order in learning rate times curvature (the exact variance on a parabola has 2T / (k (2 - eta k)) for T / k), in
 * any number of dimensions. Noise that depends on the position has its temperature at the minimum of the start, and where it
 * differs between directions this is the mean over them.
 */
#include <kramers/basin.h>
#include <kramers/critical_points.h>
#include <kramers/theory.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* x becomes the minimum of the basin that x is in. false: it stays as it is. */
static bool go_to_minimum(const kr_landscape *landscape, double *x) {
    kr_basins *basins;
    kr_error error;
    int32_t number = -1;
    if (kr_basins_create(&basins, landscape, &error) != KR_OK) return false;
    if (basins && kr_basins_assign(basins, 1, 1, x, &number, &error) != KR_OK) number = -1;
    kr_basins_destroy(basins);
    return number >= 0 && kr_minimum_position(landscape, number, x, &error) == KR_OK;
}

static void add_directions(const kr_problem *problem, double learning_rate, const double *variance, kr_prediction *out) {
    const kr_dynamics *dynamics = problem->dynamics;
    double lowest = INFINITY, highest = -INFINITY;
    for (size_t i = 0; i < problem->landscape->dim; i++) {
        double temperature = kr_dynamics_temperature(dynamics, learning_rate, variance[i]);
        lowest = fmin(lowest, temperature);
        highest = fmax(highest, temperature);
    }
    if (highest - lowest <= 1e-12 * highest) return;
    kr_theory_add(out, "temperature_lowest", lowest);
    kr_theory_add(out, "temperature_highest", highest);
}

static void predict_at(const kr_problem *problem, double *x, double *variance, kr_prediction *out) {
    const kr_noise *noise = problem->noise;
    const kr_dynamics *dynamics = problem->dynamics;
    size_t dim = problem->landscape->dim;
    double learning_rate = kr_schedule_constant(problem->schedule), mean = 0.0;
    unsigned traits = kr_noise_traits(noise, problem->landscape->type->separable);
    bool varies = traits & (KR_NOISE_LOCAL | KR_NOISE_DIRECTED);
    char why[160];
    if (kr_noise_objects(noise, problem->landscape->type->separable, KR_NOISE_NO_VARIANCE | KR_NOISE_CHANGES, why, sizeof why)) {
        kr_theory_refuse(out, "T%s.", why + 1);
        return;
    }
    if (varies && problem->start_spread) {
        kr_theory_refuse(out, "The noise depends on the position, and particles start at different points (ensemble.start).");
        return;
    }
    for (size_t i = 0; i < dim; i++) x[i] = problem->start[i];
    bool at_minimum = varies && go_to_minimum(problem->landscape, x);
    kr_error error;
    if (kr_noise_long_variance(noise, problem->landscape, 1, x, variance, &error) != KR_OK) {
        kr_theory_refuse(out, "The noise at the start is not known: %.200s.", error.message);
        return;
    }
    for (size_t i = 0; i < dim; i++) mean += variance[i] / (double)dim;
    out->temperature = kr_dynamics_temperature(dynamics, learning_rate, mean);
    const char *regime = dynamics->type->temperature_regime ? dynamics->type->temperature_regime(dynamics) : NULL;
    if (!isfinite(out->temperature)) {
        kr_theory_refuse(out, "The dynamics '%s' has no stationary temperature%s%s.", dynamics->type->about.name,
                         regime ? ": " : "", regime ? regime : "");
        return;
    }
    if (regime) snprintf(out->note, sizeof out->note, "%s", regime);
    kr_theory_add(out, "kinetic_temperature", kr_dynamics_kinetic_temperature(dynamics, out->temperature));
    if (traits & KR_NOISE_REMEMBERS)
        snprintf(out->note, sizeof out->note, "where the memory of the noise is short beside 1 / (learning rate x curvature)");
    if (!varies) return;
    add_directions(problem, learning_rate, variance, out);
    bool epochs = (traits & KR_NOISE_REMEMBERS) && kr_noise_batch(noise);
    snprintf(out->note, sizeof out->note, "of the noise at %s%s; elsewhere the noise differs%s%s%s",
             at_minimum ? "the minimum of the start" : "the start", dim > 1 ? ", mean over the directions" : "",
             epochs ? "; of single batches: epochs leave less where their steps are few beside 1 / (learning rate x curvature)"
                    : "",
             regime ? "; " : "", regime ? regime : "");
}

static void predict(const kr_problem *problem, kr_prediction *out) {
    size_t dim = problem->landscape->dim;
    if (!(kr_schedule_constant(problem->schedule) > 0.0)) {
        kr_theory_refuse(out, "The learning rate is not constant, and the temperature follows it.");
        return;
    }
    if (!problem->dynamics->type->temperature) {
        kr_theory_refuse(out, "The dynamics '%s' has no stationary temperature.", problem->dynamics->type->about.name);
        return;
    }
    double *x = malloc(2 * dim * sizeof *x);
    if (x)
        predict_at(problem, x, x + dim, out);
    else
        kr_theory_refuse(out, "There is not enough memory for a point in %zu dimensions.", dim);
    free(x);
}

KR_THEORY = {.about = {.name = KR_PLUGIN_NAME,
                       .equation = "T = eta sigma^2 / (2B) for gradient descent, eta sigma^2 / (2B (1 - mu)) for heavy ball, eta "
                                   "sigma / (2 sqrt(B)) for Adam in noise far above the slopes; added to that of thermal noise",
                       .doc = "temperature that the gradient noise amounts to (learning rate x curvature << 1), any dimension",
                       .reference = "S. Mandt, M. Hoffman, D. Blei 2017; S. Smith, Q. Le 2018; S. Jastrzebski et al. 2018"},
             .rank = 4,
             .any_start = true,
             .extras = (const char *const[]){"temperature_lowest", "temperature_highest", "kinetic_temperature", NULL},
             .predict = predict};
