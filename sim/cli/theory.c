#include "command.h"

#include <math.h>
#include <stdio.h>

static const struct argp_option rows[] = {
    KR_ROW_SET,
    KR_ROW_JSON,
    KR_ROW_VERBOSE,
    KR_ROW_PLUGIN,
    {"phase", KR_OPTION_PHASE, "NAME", 0, "of this phase of the scene, by its name or its number from 0; default: of the first", 0},
    {"critical-points", KR_OPTION_CRITICAL_POINTS, NULL, 0, "minima, saddles and minimum-energy paths of the landscape instead", 0},
    {0}};

static const char doc[] = "What every theory predicts for a scene, without a run, from the simplest to the most exact.\v"
                          "Theories that do not apply are named; --verbose has their reasons.\n\n"
                          "  kramers theory\n"
                          "  kramers theory sharp_flat --set dynamics.temperature=0.1 --json\n"
                          "  kramers theory muller_brown --critical-points";

static void print_json(const kr_theory_result *theories, size_t count, const kr_cycle_survival *cycles) {
    json_object *array = json_object_new_array();
    for (size_t i = 0; i < count; i++) json_object_array_add(array, kr_json_theory(&theories[i]));
    if (cycles->count) json_object_array_add(array, kr_json_cycle_survival(cycles));
    kr_json_print(array);
}

/* Where the learning rate changes, the answer is the fraction that has not arrived at each step. Says on the way what is to be said
 * of the landscape. */
static kr_status predict_cycles(const kr_scene *scene, kr_cycle_survival *cycles, kr_error *error) {
    kr_model model;
    kr_status status = kr_model_create(&model, scene, error);
    if (status != KR_OK) return status;
    kr_warn_of_landscape(&model.landscape);
    kr_problem problem = kr_model_problem(&model);
    if (model.target_count && isnan(kr_problem_constant_rate(&problem)))
        status = kr_cycle_survival_predict(cycles, &problem, kr_scene_schedule_steps(scene), error);
    kr_model_destroy(&model);
    return status;
}

/* A theory is of one phase; where nobody says which, of the first. */
static kr_status choose_phase(const kr_scene *scene, const char *name, const kr_scene **one, kr_error *error) {
    size_t number = 0;
    *one = scene;
    if (!scene->phase_count && !name) return KR_OK;
    kr_status status = name ? kr_scene_find_phase(scene, name, &number, error) : KR_OK;
    if (status != KR_OK) return kr_fail_at(error, status, "--phase");
    *one = &scene->phases[number].scene;
    if (!name)
        fprintf(stderr,
                "kramers: warning: theories are of the first of %zu phases, '%s', by itself; --phase NAME chooses another\n",
                scene->phase_count, scene->phases[0].name);
    return KR_OK;
}

int kr_command_theory(int argc, char **argv) {
    kr_options options;
    kr_options_parse(&options, 1, rows, "[SCENE]", doc, argc, argv);
    kr_error error = {.status = KR_OK};
    kr_scene scene = {0};
    static kr_theory_result theories[KR_MAX_THEORIES];
    const kr_scene *one = &scene;
    size_t count = 0;
    kr_cycle_survival cycles = {0};
    if (!(error.status = kr_options_registry(&options, &error)) &&
        !(error.status = kr_scene_load(&scene, options.registry, options.argument[0], options.set, options.set_count, &error)))
        error.status = choose_phase(&scene, options.phase, &one, &error);
    if (!error.status)
        error.status = options.critical_points ? kr_report_critical_points(one, options.json, &error)
                                               : kr_run_theories(one, theories, &count, &error);
    if (!error.status && !options.critical_points) error.status = predict_cycles(one, &cycles, &error);
    if (options.critical_points) {
        /* reported */
    } else if (!error.status && options.json) {
        print_json(theories, count, &cycles);
    } else if (!error.status) {
        kr_report_scene(stdout, one);
        fputc('\n', stdout);
        kr_report_theories(stdout, theories, count, options.verbose);
        if (cycles.count) kr_report_cycle_survival(stdout, &cycles);
    }
    kr_cycle_survival_destroy(&cycles);
    kr_scene_destroy(&scene);
    kr_options_free(&options);
    return error.status ? kr_complain(&error) : 0;
}
