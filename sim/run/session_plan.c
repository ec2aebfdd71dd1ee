#include "session_plan.h"

#include "engine/ensemble_state.h"
#include "scene/scene_parts.h"

#include <stdlib.h>
#include <string.h>

static kr_status no_memory(kr_error *error) {
    return kr_fail(error, KR_NO_MEMORY, "not enough memory for a session");
}

/* The lesson is no setting: it stays, but is left out while its steps can't be done from the present settings, so that what is
 * written can be read again. */
kr_status kr_plan_keep_lesson(const kr_session *session, kr_scene *scene, kr_error *error) {
    scene->lesson = session->first.lesson;
    scene->lesson_count = session->first.lesson_count;
    bool fits = kr_lesson_fits(scene);
    scene->lesson = NULL;
    scene->lesson_count = 0;
    if (!fits) return KR_OK;
    kr_status status = kr_lesson_copy(&scene->lesson, session->first.lesson, session->first.lesson_count, error);
    if (status == KR_OK) scene->lesson_count = session->first.lesson_count;
    return status;
}

/* ---- phases ---- */

kr_status kr_plan_phase_scene(const kr_session *session, const kr_scene *now, size_t number, kr_scene *scene, kr_error *error) {
    kr_scene mixed = session->phased.phases[number].scene;
    mixed.ensemble = now->ensemble;
    mixed.start = now->start;
    mixed.compare_count = now->compare_count;
    memcpy(mixed.compare, now->compare, sizeof mixed.compare);
    memcpy(mixed.observers, now->observers, sizeof mixed.observers);
    return kr_scene_copy(scene, &mixed, error);
}

kr_status kr_plan_enter(const kr_session *session, kr_plan *plan, size_t number, kr_error *error) {
    const kr_phase *phase = &session->phased.phases[number];
    plan->begins = true;
    plan->number = number;
    plan->restart = !phase->continues;
    plan->prunes = phase->prunes;
    plan->prune = phase->prune;
    plan->rewinds = phase->rewinds;
    plan->back_step = (uint64_t)phase->rewind_step;
    plan->anew = phase->optimizer == KR_OPTIMIZER_RESET;
    plan->name = strdup(phase->name);
    if (phase->rewinds) plan->back_phase = strdup(session->phased.phases[phase->rewind_phase].name);
    if (!plan->name || (phase->rewinds && !plan->back_phase)) return no_memory(error);
    kr_status status = kr_plan_phase_scene(session, &session->scene, number, &plan->scene, error);
    return status == KR_OK ? kr_plan_keep_lesson(session, &plan->scene, error) : status;
}

/* After a reset the scene's phases come again from the first one on, the settings of which stay as they are now. */
static kr_status begin_again(const kr_session *session, kr_plan *plan, kr_error *error) {
    kr_scene first;
    const kr_scene *phased = plan->replans ? &plan->phased : &session->phased;
    if (!phased->phase_count) return KR_OK;
    free(plan->name);
    plan->begins = true;
    plan->number = 0;
    if (!(plan->name = strdup(phased->phases[0].name))) return no_memory(error);
    if (session->phase.number == 0 || plan->replans) return KR_OK;
    kr_status status = kr_plan_phase_scene(session, &plan->scene, 0, &first, error);
    if (status != KR_OK) return status;
    kr_scene_destroy(&plan->scene);
    plan->scene = first;
    return KR_OK;
}

/* Positions at the end of one phase and the beginning of the next can be gone back to. */
static kr_status make_places(kr_session *session, kr_plan *plan, kr_error *error) {
    const kr_ensemble *first = session->variant[0].ensemble;
    uint64_t step = plan->again ? 0 : kr_session_step(session);
    size_t numbers = plan->variant[0].stage->model.landscape.dim * kr_padded((size_t)kr_scene_ensemble(&plan->scene)->particles);
    bool ends = session->phase.name && !plan->again && session->phase.number == KR_NO_PHASE && step > session->phase.begin;
    kr_status status = KR_OK;
    if (!plan->begins) return KR_OK;
    if (ends)
        status = kr_session_place_make(&plan->end, &session->places, session->phase.name, step - session->phase.begin, step,
                                       session->variants, first->dim * first->stride, error);
    return status == KR_OK
               ? kr_session_place_make(&plan->beginning, &session->places, plan->name, 0, step, plan->variants, numbers, error)
               : status;
}

static kr_status prepare_jumps(kr_session *session, kr_plan *plan, kr_error *error) {
    const kr_session_place *back = NULL, *first = kr_session_places_first(&session->places);
    bool initial = plan->prunes && plan->prune.by == KR_PRUNE_INITIAL_MAGNITUDE;
    plan->jumps = plan->prunes || plan->rewinds || plan->anew;
    if (!plan->jumps) return KR_OK;
    if (initial && !first)
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "positions at step 0 were not kept, which initial_magnitude asks for: begin with a phase");
    kr_status status =
        plan->rewinds ? kr_session_places_find(&session->places, plan->back_phase, plan->back_step, &back, error) : KR_OK;
    for (size_t v = 0; status == KR_OK && v < session->variants; v++) {
        plan->jump[v].position = back ? back->position[v] : NULL;
        status = kr_jump_prepare(&plan->jump[v], session->variant[v].ensemble, plan->prunes ? &plan->prune : NULL,
                                 initial ? first->position[v] : NULL, error);
        if (status != KR_OK && v > 0) return kr_fail_at(error, status, "compare.%zu", v - 1);
    }
    return status;
}

static bool make_room(kr_session *session) {
    uint64_t *restart = realloc(session->restart, (session->restarts + 1) * sizeof *restart);
    if (restart) session->restart = restart;
    return restart;
}

/* ---- what that means ---- */

static bool same_physics(const kr_scene *a, const kr_scene *b) {
    if (!kr_settings_equal(&a->landscape, &b->landscape) || !kr_settings_equal(&a->dynamics, &b->dynamics) ||
        !kr_settings_equal(&a->noise, &b->noise) || !kr_settings_equal(&a->schedule, &b->schedule) ||
        !kr_settings_equal(&a->ensemble, &b->ensemble) || !kr_settings_equal(&a->escape, &b->escape) ||
        !kr_scene_same_compare(a, b) || a->warmup.steps != b->warmup.steps || a->warmup.factor != b->warmup.factor)
        return false;
    return kr_scene_same_start(a, b) && kr_scene_same_targets(a, b);
}

/* What all particles begin with. */
static bool same_beginning(const kr_scene *a, const kr_scene *b) {
    const kr_ensemble_settings *x = kr_scene_ensemble(a), *y = kr_scene_ensemble(b);
    return x->particles == y->particles && x->seed == y->seed && a->compare_count == b->compare_count &&
           kr_scene_escape(a)->renewal == kr_scene_escape(b)->renewal && kr_scene_same_start(a, b);
}

kr_status kr_plan_make(kr_session *session, kr_plan *plan, kr_error *error) {
    bool same = same_beginning(&session->scene, &plan->scene) && kr_variant_fits(&session->variant[0], &plan->scene);
    plan->again = plan->again || !same;
    kr_status status = make_room(session) ? KR_OK : no_memory(error);
    if (status == KR_OK && plan->again) status = begin_again(session, plan, error);
    if (status == KR_OK && !plan->again) status = prepare_jumps(session, plan, error);
    if (status != KR_OK) return status;
    plan->physics = plan->jumps || plan->begins || !same_physics(&session->scene, &plan->scene);
    plan->origin = plan->again ? 0 : plan->restart ? kr_session_step(session) : kr_session_origin(session, UINT64_MAX);
    plan->phase_origin = plan->again ? 0 : plan->begins && plan->restart ? plan->origin : session->phase.origin;
    plan->variants = 1 + plan->scene.compare_count;
    for (size_t v = 0; status == KR_OK && v < plan->variants; v++)
        status =
            kr_variant_prepare(&plan->variant[v], session, &plan->scene, v, plan->origin, plan->phase_origin, !plan->again, error);
    size_t dim = plan->variant[0].stage ? plan->variant[0].stage->model.landscape.dim : 0;
    uint64_t particles = (uint64_t)kr_scene_ensemble(&plan->scene)->particles;
    if (status == KR_OK && !kr_history_fits(&session->history, particles, dim))
        status = kr_history_create(&plan->history, particles, dim, error);
    return status == KR_OK ? make_places(session, plan, error) : status;
}

void kr_plan_drop(kr_plan *plan) {
    for (size_t v = 0; v < KR_MAX_VARIANTS; v++) kr_variant_drop_plan(&plan->variant[v]);
    for (size_t v = 0; v < KR_MAX_VARIANTS; v++) kr_jump_drop(&plan->jump[v]);
    kr_session_place_destroy(&plan->end);
    kr_session_place_destroy(&plan->beginning);
    kr_history_destroy(&plan->history);
    kr_scene_destroy(&plan->scene);
    kr_scene_destroy(&plan->phased);
    free(plan->back_phase);
    free(plan->name);
}

/* ---- and is done: nothing here fails ---- */

static void begin_phase(kr_session *session, kr_plan *plan) {
    if (plan->again && !plan->begins) kr_phase_now_clear(&session->phase);
    session->phase.origin = plan->phase_origin;
    if (!plan->begins) return;
    free(session->phase.name);
    session->phase =
        (kr_phase_now){.name = plan->name, .number = plan->number, .begin = kr_session_step(session), .origin = plan->phase_origin};
    plan->name = NULL;
    if (plan->beginning.phase) kr_session_keep(session, &plan->beginning);
}

static void take_variant(kr_session *session, kr_plan *plan, size_t number) {
    kr_variant *variant = &session->variant[number];
    bool begins = plan->again && plan->variant[number].change;
    if (plan->jumps) kr_jump_commit(&plan->jump[number], variant->ensemble);
    kr_variant_commit(variant, &plan->variant[number]);
    if (plan->anew && !plan->again) kr_jump_begin_anew(&plan->jump[number], variant->ensemble);
    if (begins) kr_ensemble_begin(variant->ensemble, NULL); /* nobody's arrival is recorded, so no memory is needed */
}

void kr_plan_carry_out(kr_session *session, kr_plan *plan) {
    if (plan->end.phase) kr_session_keep(session, &plan->end);
    if (plan->again) kr_session_places_clear(&session->places);
    for (size_t v = 0; v < plan->variants; v++) take_variant(session, plan, v);
    for (size_t v = plan->variants; v < session->variants; v++) kr_variant_destroy(&session->variant[v]);
    session->variants = plan->variants;
    kr_scene_destroy(&session->scene);
    session->scene = plan->scene;
    plan->scene = (kr_scene){0};
    if (plan->replans) {
        kr_scene_destroy(&session->phased);
        session->phased = plan->phased;
        plan->phased = (kr_scene){0};
    }
    session->version += plan->physics;
    session->generation += plan->again;
    if (plan->again) session->restarts = 0;
    if (plan->restart && !plan->again) session->restart[session->restarts++] = plan->origin;
    begin_phase(session, plan);
    for (size_t v = 0; v < session->variants && (plan->again || plan->physics); v++)
        kr_variant_begin_counting(&session->variant[v]);
    if (plan->history.step) {
        kr_history_destroy(&session->history);
        session->history = plan->history;
        plan->history = (kr_history){.dim = 0};
    }
    if (plan->again) kr_history_clear(&session->history);
    kr_session_sample(session);
}
