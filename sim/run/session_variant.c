/* One of the dynamics side by side in a session. */
#include "measured_escape.h"
#include "scene/scene_parts.h"
#include "session_state.h"

static kr_status make_stage(kr_variant_plan *plan, const kr_scene *scene, size_t number, kr_stage *before, bool quick,
                            kr_error *error) {
    const kr_scene plain = kr_scene_variant(scene, number);
    return kr_stage_create(&plan->stage, &plain, before, quick, error);
}

/* A ledger is kept of those dynamics that have a velocity; beside them others may run. before: the ensemble that goes on; NULL:
 * none. */
static kr_status make_ensemble(kr_variant_plan *plan, kr_ensemble *before, int threads, kr_error *error) {
    kr_ensemble_setup setup;
    kr_status status = kr_stage_setup(plan->stage, threads, &setup, error);
    if (status != KR_OK) return status;
    setup.ledger = setup.ledger && plan->stage->model.dynamics.type->velocity;
    status = kr_stage_memory(&setup, 8 * kr_stage_words(&setup, before), kr_memory_available(), error);
    if (status != KR_OK) return status;
    return before ? kr_ensemble_prepare_change(before, &setup, &plan->change, error)
                  : kr_ensemble_create(&plan->ensemble, &setup, error);
}

bool kr_variant_fits(const kr_variant *variant, const kr_scene *scene) {
    const kr_ensemble *e = variant->ensemble;
    size_t dim;
    return kr_scene_dimension(scene, &dim, NULL) == KR_OK && e->dim == dim &&
           e->setup.particles == (uint64_t)kr_scene_ensemble(scene)->particles;
}

kr_status kr_variant_prepare(kr_variant_plan *plan, const kr_session *session, const kr_scene *scene, size_t number,
                             uint64_t origin, uint64_t phase_origin, bool quick, kr_error *error) {
    const kr_variant *before = number < session->variants ? &session->variant[number] : NULL;
    bool goes_on = before && kr_variant_fits(before, scene);
    kr_status status = make_stage(plan, scene, number, before ? before->stage : NULL, quick, error);
    if (status == KR_OK) kr_model_begin_at(&plan->stage->model, phase_origin);
    if (status == KR_OK) plan->stage->model.schedule.origin = origin;
    if (status == KR_OK) status = make_ensemble(plan, goes_on ? before->ensemble : NULL, session->threads, error);
    return status == KR_OK || number == 0 ? status : kr_fail_at(error, status, "compare.%zu", number - 1);
}

void kr_variant_drop_plan(kr_variant_plan *plan) {
    kr_ensemble_destroy(plan->change);
    kr_ensemble_destroy(plan->ensemble);
    kr_stage_destroy(plan->stage);
    *plan = (kr_variant_plan){0};
}

void kr_variant_commit(kr_variant *variant, kr_variant_plan *plan) {
    if (plan->change) {
        kr_ensemble_commit_change(variant->ensemble, plan->change);
    } else {
        kr_ensemble_destroy(variant->ensemble);
        variant->ensemble = plan->ensemble;
    }
    if (variant->stage) kr_model_inherit(&plan->stage->model, &variant->stage->model);
    kr_stage_destroy(variant->stage);
    variant->stage = plan->stage;
    variant->recent.count = 0;
    *plan = (kr_variant_plan){0};
}

void kr_variant_begin_counting(kr_variant *variant) {
    kr_view view = kr_ensemble_view(variant->ensemble);
    variant->events = view.events;
    variant->exposure_steps = view.exposure_steps;
    variant->exposure_time = view.exposure_time;
    kr_measured_escape_begin(&variant->stage->model, &view, &variant->durations);
}

void kr_variant_destroy(kr_variant *variant) {
    kr_ensemble_destroy(variant->ensemble);
    kr_stage_destroy(variant->stage);
    kr_event_list_destroy(&variant->recent);
    *variant = (kr_variant){0};
}
