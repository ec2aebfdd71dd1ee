#include "valid_files.h"

#include "fuzz.h"

#include <kramers/run.h>
#include <kramers/session.h>
#include <kramers/sweep.h>

#include <unistd.h>

/* Small runs with what files can have: events, momenta, snapshots, phases. Of dynamics and landscapes about which theories have
 * little to say: they are asked at the end of each run, and most of the time would go there. */
static const char *const texts[FUZZ_TRAJECTORIES] = {
    "landscape: {name: double_well, barrier: 0.5}\ndynamics: {name: adam}\nschedule: {lr: 0.3}\n",
    "landscape: {name: harmonic, dim: 2}\ndynamics: {name: momentum}\nsnapshots: {at: end}\nhistogram: {}\n",
    "dynamics: {name: adam}\nphases: [{name: a, steps: 30}, {name: b, steps: 30, schedule: {lr: 0.01}}]\n",
};

static kr_status make_trajectory(const char *text, const char *path, kr_error *error) {
    static const char *const small[] = {"ensemble.particles=6", "ensemble.steps=60", "trajectory.every=15", "trajectory.flush=2"};
    kr_scene scene;
    kr_run *run;
    kr_run_options options = {.threads = 1, .output = path, .overwrite = true};
    kr_status status = kr_scene_parse(&scene, fuzz_registry(), "scene", NULL, text, small, 4, error);
    if (status) return status;
    status = kr_run_create(&run, &scene, &options, error);
    if (!status) {
        while (!status && !kr_run_finished(run)) status = kr_run_advance(run, error);
        if (!status) status = kr_run_finish(run, error);
        kr_run_destroy(run);
    }
    kr_scene_destroy(&scene);
    return status;
}

static kr_status make_session(const char *path, kr_error *error) {
    static const char *const small[] = {"ensemble.particles=6", "compare=[adam]"};
    static const char *const interventions[] = {"set schedule.lr=0.02", "restart", "set landscape.barrier=2\nensemble.seed=3",
                                                "drop 0.5", "optimizer reset"};
    kr_scene scene;
    kr_session *session;
    kr_status status = kr_scene_load(&scene, fuzz_registry(), NULL, small, 2, error);
    if (status) return status;
    status = kr_session_create(&session, &scene, 1, error);
    if (!status) {
        for (size_t i = 0; i < sizeof interventions / sizeof *interventions && !status; i++) {
            status = kr_session_advance(session, 7, error);
            if (!status) status = kr_session_intervene(session, interventions[i], error);
        }
        if (!status) status = kr_session_save(session, path, true, error);
        kr_session_destroy(session);
    }
    kr_scene_destroy(&scene);
    return status;
}

kr_status fuzz_sweep(const char *output, bool compute, kr_error *error) {
    static const char *const overrides[] = {"ensemble.particles=4", "ensemble.steps=20", "dynamics.name=adam"};
    static const char *const vary[] = {"schedule.lr=0.01,0.02"};
    const kr_sweep_setup setup = {.registry = fuzz_registry(),
                                  .overrides = overrides,
                                  .override_count = sizeof overrides / sizeof *overrides,
                                  .vary = vary,
                                  .vary_count = 1,
                                  .threads = 1,
                                  .output = output};
    kr_sweep *sweep;
    kr_status status = kr_sweep_create(&sweep, &setup, error);
    if (status) return status;
    while (compute && !status && !kr_sweep_finished(sweep)) status = kr_sweep_advance(sweep, 1, error);
    if (compute && !status) status = kr_sweep_finish(sweep, error);
    kr_sweep_destroy(sweep);
    return status;
}

void fuzz_make_file(int which, const char *path) {
    kr_error error = {.message = ""};
    kr_status status;
    unlink(path); /* sweeps go on with what is there */
    switch (which) {
    case FUZZ_SESSION: status = make_session(path, &error); break;
    case FUZZ_SWEEP: status = fuzz_sweep(path, true, &error); break;
    default: status = make_trajectory(texts[which], path, &error);
    }
    fuzz_check(!status, "set-up", error.message);
}
