/* cc ten_lines.c $(pkg-config --cflags --libs kramers) -o ten_lines */
#include <kramers/kramers.h>
#include <stdio.h>

int main(void) {
    kr_error error;
    kr_problem *problem;
    kr_ensemble *ensemble;
    if (kr_problem_create(&problem, &(kr_problem_text){.dynamics = "sgld temperature=0.4", .until = "above=1"}, &error)) return 1;
    kr_ensemble_setup setup = kr_ensemble_setup_default(problem);
    if (kr_ensemble_create(&ensemble, &setup, &error) || kr_ensemble_advance(ensemble, 10000, &error)) return 1;
    kr_view view = kr_ensemble_view(ensemble);
    printf("%llu escapes, one in %.0f steps\n", (unsigned long long)view.events, (double)view.exposure_steps / (double)view.events);
    kr_ensemble_destroy(ensemble), kr_problem_destroy(problem);
}
