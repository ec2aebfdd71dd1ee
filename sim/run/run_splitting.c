/* A run that splits instead of counting: no ensemble, no trajectory, nothing to resume. */
#include "run_state.h"

static kr_status check(const kr_run *run, kr_error *error) {
    const kr_scene *scene = run->scene;
    const kr_ensemble_settings *ensemble = kr_scene_ensemble(scene);
    const kr_escape_settings *escape = kr_scene_escape(scene);
    if (run->output)
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "%s: a splitting has no trajectory, and nothing to resume; leave the file out (--json prints the result)",
                       run->output);
    if (ensemble->until_events > 0 || ensemble->until_relative_error > 0)
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "ensemble.%s is for counted events; the precision of a splitting is set by escape.replicas and "
                       "escape.repeats",
                       ensemble->until_events > 0 ? "until_events" : "until_relative_error");
    if (!escape->renewal)
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "escape.renewal: false measures survival, which needs counted events; use escape.method count");
    if (escape->bridge)
        return kr_fail(error, KR_BAD_ARGUMENT, "escape.bridge is for counted events; turn it off, or use escape.method count");
    if (scene->start.burn_in > 0)
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "ensemble.start.burn_in: a splitting measures by itself how long the start is remembered; leave it out");
    for (size_t i = 0; i < KR_MAX_OBSERVERS; i++) {
        const kr_settings *settings = &scene->observers[i];
        if (settings->about && kr_get_by_name(settings->about, settings->values, "every", 0) > 0)
            return kr_fail(error, KR_BAD_ARGUMENT, "%s.every: a splitting has nothing to observe at a cadence; leave it out",
                           settings->about->name);
    }
    return KR_OK;
}

kr_status kr_run_split(kr_run *run, kr_error *error) {
    const kr_escape_settings *escape = kr_scene_escape(run->scene);
    kr_splitting_setup setup = {
        .replicas = (uint64_t)escape->replicas, .repeats = (uint64_t)escape->repeats, .coordinate = escape->coordinate};
    kr_status status = check(run, error);
    if (status == KR_OK) status = kr_stage_setup(run->stage, run->options.threads, &setup.ensemble, error);
    if (status != KR_OK) return status;
    run->steps = setup.repeats;
    status = kr_splitting_create(&run->splitting, &setup, error);
    return status == KR_OK ? kr_run_estimate_splitting(run, error) : status;
}

kr_view kr_run_view(const kr_run *run) {
    return run->splitting ? (kr_view){.step = kr_run_splitting(run)->repeats,
                                      .landscape = &run->stage->model.landscape,
                                      .dynamics = &run->stage->model.dynamics}
                          : kr_ensemble_view(run->ensemble);
}

const kr_splitting_result *kr_run_splitting(const kr_run *run) {
    return run->splitting ? kr_splitting_result_now(run->splitting) : NULL;
}
