/* A forged trajectory (hdf5_recipe.h): it is looked through and gone on with. The first byte chooses the valid file.
 * Its checksums are made anew, or nobody would read what was changed, unless the highest bit is set. */
#include "fuzz.h"

#include "hdf5_recipe.h"
#include "readers.h"

#include <kramers/file_check.h>
#include <kramers/run.h>

enum { KINDS = 3 };
static fuzz_hdf5 *valid[KINDS];

/* Small runs with what files can have: events, momenta, snapshots, phases; and with dynamics of which no theory speaks, since at
 * its end a run asks all that do, which takes longer than the rest. */
static const char *const texts[KINDS] = {
    "landscape: {name: double_well, barrier: 0.5}\ndynamics: {name: adam}\nschedule: {lr: 0.3}\n",
    "landscape: {name: rosenbrock}\ndynamics: {name: langevin}\nschedule: {lr: 0.001}\nsnapshots: {at: end}\nhistogram: {}\n",
    "dynamics: {name: adam}\nphases: [{name: a, steps: 40}, {name: b, steps: 60, schedule: {lr: 0.01}}]\n",
};

static void run(const char *text, const char *output) {
    static const char *const small[] = {"ensemble.particles=6", "ensemble.steps=100", "trajectory.every=10", "trajectory.flush=3"};
    kr_scene scene;
    kr_run *run;
    kr_error error;
    kr_run_options options = {.threads = 1, .output = output, .overwrite = true};
    kr_status status = kr_scene_parse(&scene, fuzz_registry(), "scene", NULL, text, small, 4, &error);
    if (!status) status = kr_run_create(&run, &scene, &options, &error);
    while (!status && !kr_run_finished(run)) status = kr_run_advance(run, &error);
    if (!status) status = kr_run_finish(run, &error);
    fuzz_check(!status, "set-up", error.message);
    kr_run_destroy(run);
    kr_scene_destroy(&scene);
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    (void)count, (void)arguments;
    for (int i = 0; i < KINDS; i++) {
        run(texts[i], fuzz_path("valid.h5"));
        valid[i] = fuzz_hdf5_take(fuzz_path("valid.h5"));
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *path = fuzz_path("forged.h5");
    if (!size) return 0;
    fuzz_hdf5_forge(valid[(data[0] & 0x7f) % KINDS], data + 1, size - 1, path);
    if (!(data[0] & 0x80)) kr_file_renew(path, NULL);
    fuzz_read_recording(path);
    fuzz_resume(path);
    return 0;
}
