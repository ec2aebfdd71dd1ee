/* Where the particles would be in the end: which law their density follows, and the share of each minimum. In one dimension
 * integrals of the stationary density between the tops: Boltzmann's exp(-V/T) where the noise is the same everywhere, Ito's
 * exp(-int V'/D) / D for gradient descent with noise of each place, that of the steps themselves where a grid resolves them, and
 * with a target the current to it. In a valley between walls the same of the density of x0 (free_energy.h), divided at the saddles'
 * x0. In other landscapes of several dimensions Boltzmann's law in the harmonic approximation, exp(-V/T) / sqrt(det H).
 *
 * Holds at a constant learning rate; the harmonic shares to order T / barrier.
 */
#include <kramers/stationary_populations.h>

#include "geometry/walls.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const shares[] = {
    "population_0", "population_1", "population_2", "population_3", "population_4", "population_5", NULL};

static void describe(const kr_stationary_populations *populations, bool walls, char *note, size_t size) {
    static const char *const law[KR_STATIONARY_LAWS] = {[KR_STATIONARY_BOLTZMANN] = "Boltzmann's law exp(-V/T)",
                                                        [KR_STATIONARY_ITO] = "Ito's law exp(-int V'/D)/D, noise of each place"};
    snprintf(note, size, "%s%s%s%s", law[populations->law],
             populations->harmonic ? ", harmonic"
             : walls               ? ", of coordinate 0, divided at the saddles"
                                   : "",
             populations->of_steps                          ? ", as the steps of this learning rate have it"
             : populations->part == KR_STATIONARY_RETURNS   ? ", who arrives starts again"
             : populations->part == KR_STATIONARY_REMAINING ? ", of those that have not arrived"
                                                            : "",
             populations->minima > KR_MAX_EXTRAS ? "; the first minima only" : "");
}

static void predict(const kr_problem *problem, kr_prediction *out) {
    kr_stationary_populations populations;
    kr_error error;
    if (!(kr_schedule_constant(problem->schedule) > 0.0)) {
        kr_theory_refuse(out, "The learning rate is not constant.");
        return;
    }
    if (kr_stationary_populations_create(&populations, problem, NAN, NULL, &error) != KR_OK) {
        kr_theory_refuse(out, "%.200s.", error.message);
        return;
    }
    if (populations.law == KR_STATIONARY_UNKNOWN) {
        kr_theory_refuse(out, "The density in the end is not known: %s.", populations.why);
    } else {
        const double *share = populations.of_steps ? populations.of_steps : populations.share;
        out->temperature = populations.temperature;
        for (size_t i = 0; i < populations.minima && shares[i]; i++) kr_theory_add(out, shares[i], share[i]);
        describe(&populations, kr_has_walls(problem->landscape), out->note, sizeof out->note);
    }
    kr_stationary_populations_destroy(&populations);
}

KR_THEORY = {.about = {.name = KR_PLUGIN_NAME,
                       .doc = "law of the density in the end and the shares of the minima; exact in one dimension, else harmonic",
                       .reference = "Risken, The Fokker-Planck Equation, 5.2; Gardiner, Handbook of Stochastic Methods, 5.2"},
             .rank = 5,
             .extras = shares,
             .predict = predict};
