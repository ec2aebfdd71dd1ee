/* One dimension: the stationary density beside the particles, and its name in the legend. */
#include "landscape_panel.h"

#include <kramers/model.h>

#include <math.h>
#include <stdio.h>

static void name_density(kr_stationary *stationary) {
    static const char *const part[] = {
        [KR_STATIONARY_ALL] = "",
        [KR_STATIONARY_RETURNS] = ", who arrives starts again",
        [KR_STATIONARY_REMAINING] = ", of those not yet arrived",
        [KR_STATIONARY_VALLEY] = ", in the start's valley",
    };
    const kr_stationary_density *density = &stationary->density;
    bool taken = density->part == KR_STATIONARY_RETURNS || density->part == KR_STATIONARY_REMAINING;
    char number[32], law[64];
    kr_text_number(density->temperature, 3, number, sizeof number);
    if (density->law == KR_STATIONARY_ITO)
        snprintf(law, sizeof law, taken ? "noise of each place (Itô)" : "stationary density, noise of each place (Itô)");
    else
        snprintf(law, sizeof law, taken ? "T = %s" : "Boltzmann, T = %s", number);
    if (stationary->known)
        snprintf(stationary->what, sizeof stationary->what, "%s%s", law, part[density->part]);
    else if (isnan(density->no_noise_at))
        snprintf(stationary->what, sizeof stationary->what, "%s", density->why);
    else
        snprintf(stationary->what, sizeof stationary->what, "no unique stationary density: no noise at x = %s",
                 kr_text_number(density->no_noise_at, 3, number, sizeof number));
}

kr_status kr_stationary_update(kr_stationary *stationary, const kr_analysis *analysis, size_t variant, double learning_rate,
                               kr_interval window, kr_error *error) {
    kr_problem problem;
    if (stationary->made && stationary->version == analysis->version && stationary->moment == kr_present_moment(analysis) &&
        stationary->learning_rate == learning_rate)
        return KR_OK;
    kr_stationary_destroy(stationary);
    if (kr_present_problem(analysis, variant, &problem)) {
        kr_status status = kr_stationary_density_create(&stationary->density, &problem, 0, learning_rate, window, error);
        if (status != KR_OK) return status;
    } else {
        stationary->density = (kr_stationary_density){.why = "no stationary density", .no_noise_at = NAN};
    }
    stationary->made = true;
    stationary->version = analysis->version;
    stationary->moment = kr_present_moment(analysis);
    stationary->learning_rate = learning_rate;
    stationary->known = stationary->density.law != KR_STATIONARY_UNKNOWN;
    name_density(stationary);
    return KR_OK;
}

void kr_stationary_destroy(kr_stationary *stationary) {
    kr_stationary_density_destroy(&stationary->density);
    *stationary = (kr_stationary){.known = false};
}
