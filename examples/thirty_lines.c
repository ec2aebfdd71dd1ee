/* How long does SGD with momentum stay in a minimum, and what do the theories say? */
#include <kramers/kramers.h>
#include <stdio.h>

static int complain(const kr_error *error) {
    fprintf(stderr, "%s\n", error->message);
    return kr_status_exit(error->status);
}

int main(int argc, char **argv) {
    kr_error error;
    kr_problem *problem;
    kr_ensemble *ensemble;
    const kr_problem_text text = {.landscape = argc > 1 ? argv[1] : "double_well barrier=1",
                                  .dynamics = argc > 2 ? argv[2] : "momentum momentum=0.5",
                                  .noise = "isotropic sigma=5",
                                  .schedule = "constant lr=0.02",
                                  .until = "above=1"};
    if (kr_problem_create(&problem, &text, &error)) return complain(&error);
    kr_ensemble_setup setup = kr_ensemble_setup_default(problem);
    setup.particles = 2048;
    if (kr_ensemble_create(&ensemble, &setup, &error) || kr_ensemble_advance(ensemble, 20000, &error)) return complain(&error);
    kr_view view = kr_ensemble_view(ensemble);
    kr_escape_estimate measured =
        kr_escape_estimate_make(view.events, (double)view.exposure_steps, view.exposure_time, (double)view.particles);
    printf("%-22s%10.1f steps, 95 %%: %.1f to %.1f\n", "measured", measured.mfpt_steps, measured.mfpt_steps_ci95.low,
           measured.mfpt_steps_ci95.high);
    for (const kr_theory_type *const *theory = setup.registry->theories; *theory; theory++) {
        kr_prediction prediction;
        kr_theory_predict(*theory, problem, &prediction);
        if (prediction.applies && prediction.mfpt_steps > 0)
            printf("%-22s%10.1f steps\n", (*theory)->about.name, prediction.mfpt_steps);
    }
    kr_ensemble_destroy(ensemble);
    kr_problem_destroy(problem);
    return 0;
}
