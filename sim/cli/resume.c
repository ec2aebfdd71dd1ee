#include "command.h"

static const struct argp_option rows[] = {
    {"steps", KR_OPTION_STEPS, "N", 0, "go on until step N instead of the scene's last", 0},
    {"seed", KR_OPTION_SEED, "S", 0, "branch: from here on with this seed, into the file of -o", 0},
    {"directory", KR_OPTION_DIRECTORY, "DIR", 0, "where the scene's files are now (default: where they were, as seen from FILE.h5)",
     0},
    KR_ROW_OUTPUT("the new file of a branch"),
    KR_ROW_JSON,
    KR_ROW_THREADS,
    KR_ROW_ISA,
    KR_ROW_QUIET,
    KR_ROW_VERBOSE,
    KR_ROW_FORCE,
    KR_ROW_PLUGIN,
    KR_ROW_DURABILITY,
    {0}};

static const char doc[] = "Goes on with the run that wrote FILE.h5, from its last complete frame.\v"
                          "The file then has the same bytes as that of a run that never stopped.\n\n"
                          "  kramers resume out.h5\n"
                          "  kramers resume out.h5 --steps 200000\n"
                          "  kramers resume out.h5 --seed 2 -o branch.h5";

static int refuse(kr_options *options, const char *message) {
    fprintf(stderr, "kramers: %s\n", message);
    kr_options_free(options);
    return 2;
}

int kr_command_resume(int argc, char **argv) {
    kr_options options;
    kr_options_parse(&options, 1, rows, "FILE.h5", doc, argc, argv);
    if (!options.argument_count) return refuse(&options, "resume needs the HDF5 file of a run");
    if (options.branch && !options.output) return refuse(&options, "--seed needs -o NEW.h5: a branch goes into a file of its own");
    if (!options.branch && options.output)
        return refuse(&options, "-o is for a branch, with --seed; without one the run goes on in its own file");
    kr_interrupts_begin(kr_phase_progress(&options));
    kr_error error = {.status = KR_OK};
    kr_run *run = NULL;
    kr_run_options how = {.threads = options.threads,
                          .output = options.output,
                          .overwrite = options.force,
                          .durability = options.durability,
                          .directory = options.directory};
    error.status = kr_options_registry(&options, &error);
    kr_scene scene = {.registry = options.registry};
    if (!error.status)
        error.status = kr_run_resume(&run, &scene, options.argument[0], (uint64_t)options.steps,
                                     options.branch ? &options.seed : NULL, &how, &error);
    const char *file = options.output ? options.output : options.argument[0];
    int status = error.status ? kr_complain_or_stop(&error) : kr_lead(run, &scene, &options, file);
    kr_run_destroy(run);
    kr_scene_destroy(&scene);
    kr_options_free(&options);
    return status;
}
