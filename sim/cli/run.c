#include "command.h"

static const struct argp_option rows[] = {KR_ROW_SET,
                                          KR_ROW_OUTPUT("write the trajectory and the result to this HDF5 file"),
                                          KR_ROW_JSON,
                                          KR_ROW_THREADS,
                                          KR_ROW_ISA,
                                          KR_ROW_QUIET,
                                          KR_ROW_FORCE,
                                          KR_ROW_PLUGIN,
                                          KR_ROW_VERBOSE,
                                          KR_ROW_DURABILITY,
                                          {0}};

static const char doc[] = "Runs a scene and prints what was measured beside every theory.\v"
                          "SCENE is a YAML file or the name of a shipped scene; without one it is double_well.\n\n"
                          "  kramers run\n"
                          "  kramers run muller_brown --threads 2 -o out.h5\n"
                          "  kramers run my.yaml --set schedule.lr=0.02 --json";

int kr_command_run(int argc, char **argv) {
    kr_options options;
    kr_options_parse(&options, 1, rows, "[SCENE]", doc, argc, argv);
    kr_interrupts_begin(kr_phase_progress(&options));
    kr_error error = {.status = KR_OK};
    kr_scene scene = {0};
    kr_run *run = NULL;
    kr_run_options how = {
        .threads = options.threads, .output = options.output, .overwrite = options.force, .durability = options.durability};
    if (!(error.status = kr_options_registry(&options, &error)) &&
        !(error.status = kr_scene_load(&scene, options.registry, options.argument[0], options.set, options.set_count, &error)))
        error.status = kr_run_create(&run, &scene, &how, &error);
    const char *file = options.output || error.status ? options.output : kr_scene_trajectory(&scene)->file;
    int status = error.status ? kr_complain_or_stop(&error) : kr_lead(run, &scene, &options, file);
    kr_run_destroy(run);
    kr_scene_destroy(&scene);
    kr_options_free(&options);
    return status;
}
