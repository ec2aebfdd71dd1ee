/* A session as a caller sees it between interventions. What an intervention does is in session_intervene.c. */
#include "run_state.h"
#include "session_state.h"

#include <kramers/schedule.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- stages ---- */

static kr_status variant_scene(kr_scene *to, const kr_scene *from, size_t variant, kr_error *error) {
    kr_scene plain = *from;
    plain.compare_count = 0;
    plain.lesson_count = 0;
    if (variant > 0) plain.dynamics = from->compare[variant - 1];
    return kr_scene_copy(to, &plain, error);
}

kr_status kr_stage_create(kr_stage **result, const kr_scene *scene, size_t variant, uint64_t origin, kr_stage *before, bool quick,
                          kr_error *error) {
    *result = NULL;
    kr_stage *stage = calloc(1, sizeof *stage);
    if (!stage) return kr_fail(error, KR_NO_MEMORY, "not enough memory for a session");
    kr_status status = variant_scene(&stage->scene, scene, variant, error);
    if (status == KR_OK) status = kr_model_create_from(&stage->model, &stage->scene, before ? &before->model : NULL, quick, error);
    if (status != KR_OK && variant > 0) kr_fail_at(error, status, "compare.%zu", variant - 1);
    stage->model.schedule.origin = origin;
    if (status != KR_OK) {
        kr_stage_destroy(stage);
        return status;
    }
    *result = stage;
    return KR_OK;
}

void kr_stage_destroy(kr_stage *stage) {
    if (!stage) return;
    kr_model_destroy(&stage->model);
    kr_scene_destroy(&stage->scene);
    free(stage);
}

/* A ledger is kept of those dynamics that have a velocity; beside them others may run. */
kr_status kr_stage_setup(kr_stage *stage, int threads, kr_ensemble_setup *setup, kr_error *error) {
    kr_status status = kr_model_ensemble_setup(&stage->model, setup, error);
    setup->threads = threads;
    setup->ledger = setup->ledger && stage->model.dynamics.type->velocity;
    return status;
}

kr_status kr_stage_memory(const kr_ensemble_setup *setup, const kr_ensemble *before, kr_error *error) {
    size_t auxiliaries = kr_dynamics_auxiliaries(setup->dynamics);
    double particles = (double)setup->particles, dim = (double)setup->landscape->dim, words = dim * (double)auxiliaries;
    bool same = before && before->setup.dynamics->type == setup->dynamics->type && before->auxiliary_count >= auxiliaries;
    if (same) words = 0;
    if (!before) words += dim + 3;
    if (setup->ledger && !(before && before->ledger)) words += KR_LEDGER_ROWS;
    double bytes = 8 * words * particles, available = kr_memory_available();
    if (!(bytes > 0.9 * available)) return KR_OK;
    return kr_fail(
        error, KR_NO_MEMORY,
        "ensemble.particles: %.0f particles in %.0f dimensions need %.3g GB of memory and %.3g GB are available; use fewer "
        "particles",
        particles, dim, 1e-9 * bytes, 1e-9 * available);
}

/* ---- life ---- */

static kr_status create_variant(kr_session *session, size_t number, kr_error *error) {
    kr_variant *variant = &session->variant[number];
    kr_ensemble_setup setup;
    kr_status status = kr_stage_create(&variant->stage, &session->scene, number, 0, NULL, false, error);
    if (status != KR_OK) return status;
    session->variants = number + 1;
    status = kr_stage_setup(variant->stage, session->threads, &setup, error);
    if (status == KR_OK) status = kr_stage_memory(&setup, NULL, error);
    if (status == KR_OK) status = kr_ensemble_create(&variant->ensemble, &setup, error);
    return status == KR_OK || number == 0 ? status : kr_fail_at(error, status, "compare.%zu", number - 1);
}

kr_status kr_session_create(kr_session **result, const kr_scene *scene, int threads, kr_error *error) {
    *result = NULL;
    if (threads < 0) return kr_fail(error, KR_BAD_ARGUMENT, "%d threads: must be positive, or 0 for all", threads);
    kr_session *session = calloc(1, sizeof *session);
    if (!session) return kr_fail(error, KR_NO_MEMORY, "not enough memory for a session");
    session->threads = threads;
    kr_status status = kr_scene_copy(&session->first, scene, error);
    if (status == KR_OK) status = kr_scene_copy(&session->scene, scene, error);
    for (size_t v = 0; status == KR_OK && v <= scene->compare_count; v++) status = create_variant(session, v, error);
    const kr_ensemble *first = session->variant[0].ensemble;
    if (status == KR_OK) status = kr_history_create(&session->history, first->setup.particles, first->dim, error);
    if (status == KR_OK) kr_session_sample(session);
    if (status != KR_OK) {
        kr_session_destroy(session);
        return status;
    }
    *result = session;
    return KR_OK;
}

void kr_session_destroy(kr_session *session) {
    if (!session) return;
    for (size_t v = 0; v < session->variants; v++) {
        kr_ensemble_destroy(session->variant[v].ensemble);
        kr_stage_destroy(session->variant[v].stage);
        kr_event_list_destroy(&session->variant[v].recent);
    }
    for (size_t i = 0; i < session->logged; i++) free(session->log[i].text);
    free(session->log);
    free(session->restart);
    kr_history_destroy(&session->history);
    kr_scene_destroy(&session->first);
    kr_scene_destroy(&session->scene);
    free(session);
}

void kr_session_sample(kr_session *session) {
    kr_view view = kr_ensemble_view(session->variant[0].ensemble);
    kr_history_sample(&session->history, &view);
}

kr_status kr_session_advance(kr_session *session, uint64_t steps, kr_error *error) {
    kr_status status = KR_OK;
    for (size_t v = 0; v < session->variants; v++) session->variant[v].recent.count = 0;
    while (status == KR_OK && steps > 0) {
        uint64_t chunk = kr_history_next(&session->history, kr_session_step(session));
        if (chunk > steps) chunk = steps;
        for (size_t v = 0; status == KR_OK && v < session->variants; v++) {
            kr_variant *variant = &session->variant[v];
            status = kr_ensemble_advance(variant->ensemble, chunk, error);
            const kr_event_list *more = &variant->ensemble->recent;
            if (status == KR_OK && !kr_event_list_add(&variant->recent, more->event, more->count))
                status = kr_fail(error, KR_NO_MEMORY, "not enough memory for the first passages; advance by fewer steps at once");
        }
        if (status == KR_OK) kr_session_sample(session);
        steps -= chunk;
    }
    return status;
}

/* ---- what there is ---- */

const kr_scene *kr_session_scene(const kr_session *session) {
    return &session->scene;
}

uint64_t kr_session_generation(const kr_session *session) {
    return session->generation;
}

uint64_t kr_session_step(const kr_session *session) {
    return session->variant[0].ensemble->step;
}

size_t kr_session_variants(const kr_session *session) {
    return session->variants;
}

const kr_model *kr_session_model(const kr_session *session, size_t variant) {
    return &session->variant[variant].stage->model;
}

kr_view kr_session_view(const kr_session *session, size_t variant) {
    kr_view view = kr_ensemble_view(session->variant[variant].ensemble);
    view.recent = session->variant[variant].recent.event;
    view.recent_count = session->variant[variant].recent.count;
    return view;
}

uint64_t kr_session_version(const kr_session *session) {
    return session->version;
}

size_t kr_session_interventions(const kr_session *session, const kr_intervention **list) {
    *list = session->log;
    return session->logged;
}

uint64_t kr_session_origin(const kr_session *session, uint64_t k) {
    uint64_t origin = 0;
    for (size_t i = 0; i < session->restarts && session->restart[i] <= k; i++) origin = session->restart[i];
    return origin;
}

double kr_session_learning_rate(const kr_session *session, uint64_t k) {
    kr_schedule schedule = session->variant[0].stage->model.schedule;
    schedule.origin = kr_session_origin(session, k);
    return kr_schedule_at(&schedule, k);
}

bool kr_session_escape(const kr_session *session, size_t variant, kr_escape_estimate *estimate) {
    const kr_variant *v = &session->variant[variant];
    if (!v->stage->model.target_count) return false;
    kr_view view = kr_ensemble_view(v->ensemble);
    *estimate = kr_escape_estimate_make(view.events - v->events, (double)(view.exposure_steps - v->exposure_steps),
                                        view.exposure_time - v->exposure_time, (double)view.particles);
    return true;
}

/* ---- digest ---- */

static uint64_t mix(uint64_t hash, uint64_t word) {
    hash = (hash ^ word) * UINT64_C(0xff51afd7ed558ccd); /* a bijection of the hash for every word: any single change shows */
    return hash ^ hash >> 32;
}

/* NaN has many bit patterns; which one arithmetic gives is nobody's promise. */
static uint64_t mix_number(uint64_t hash, double x) {
    uint64_t word = UINT64_C(0x7ff8000000000000);
    if (!isnan(x)) memcpy(&word, &x, sizeof word);
    return mix(hash, word);
}

static uint64_t mix_array(uint64_t hash, const kr_ensemble *e, const double *x) {
    for (size_t i = 0; i < e->dim; i++)
        for (uint64_t p = 0; p < e->setup.particles; p++) hash = mix_number(hash, x[i * e->stride + p]);
    return hash;
}

static uint64_t mix_ensemble(uint64_t hash, const kr_ensemble *e) {
    hash = mix(hash, e->step);
    hash = mix_number(hash, e->time_sum);
    hash = mix_number(hash, e->time_rest);
    hash = mix(hash, e->events);
    hash = mix(hash, e->setup.schedule->origin);
    hash = mix_array(hash, e, e->position);
    for (size_t a = 0; a < e->auxiliary_count; a++) hash = mix_array(hash, e, e->auxiliary[a]);
    for (uint64_t p = 0; p < e->setup.particles; p++) hash = mix(mix(hash, e->departure[p]), e->stopped_at[p]);
    return hash;
}

uint64_t kr_session_digest(const kr_session *session) {
    uint64_t hash = mix(mix(UINT64_C(0x9e3779b97f4a7c15), session->generation), session->variants);
    for (size_t v = 0; v < session->variants; v++) hash = mix_ensemble(hash, session->variant[v].ensemble);
    return hash;
}
