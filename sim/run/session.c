/* A session as a caller sees it between interventions. What an intervention does is in session_intervene.c. */
#include "measured_escape.h"
#include "sampling.h"
#include "session_state.h"
#include "statistics/passage_times_find.h"

#include <kramers/schedule.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- life ---- */

void kr_session_keep(kr_session *session, kr_session_place *place) {
    for (size_t v = 0; v < session->variants; v++) {
        const kr_ensemble *e = session->variant[v].ensemble;
        memcpy(place->position[v], e->position, e->dim * e->stride * sizeof *e->position);
    }
    kr_session_places_add(&session->places, place);
}

static kr_status create_variant(kr_session *session, size_t number, kr_error *error) {
    kr_variant_plan plan = {0};
    kr_status status = kr_variant_prepare(&plan, session, &session->scene, number, 0, 0, false, error);
    if (status == KR_OK) {
        kr_variant *variant = &session->variant[session->variants++];
        kr_variant_commit(variant, &plan);
        kr_variant_begin_counting(variant);
    }
    kr_variant_drop_plan(&plan);
    return status;
}

/* With phases, the settings of the first of them; the lesson is that of the whole. */
static kr_status first_scene(kr_session *session, kr_error *error) {
    kr_scene mixed = session->first.phase_count ? session->first.phases[0].scene : session->first;
    mixed.lesson = session->first.lesson;
    mixed.lesson_count = session->first.lesson_count;
    return kr_scene_copy(&session->scene, &mixed, error);
}

static kr_status begin_first_phase(kr_session *session, kr_error *error) {
    const kr_ensemble *first = session->variant[0].ensemble;
    kr_session_place place;
    kr_status status = kr_session_place_make(&place, &session->places, session->first.phases[0].name, 0, 0, session->variants,
                                             first->dim * first->stride, error);
    if (status != KR_OK) return status;
    kr_session_keep(session, &place);
    session->phase = (kr_phase_now){.name = strdup(session->first.phases[0].name)};
    return session->phase.name ? KR_OK : kr_fail(error, KR_NO_MEMORY, "not enough memory for a session");
}

kr_status kr_session_create(kr_session **result, const kr_scene *scene, int threads, kr_error *error) {
    *result = NULL;
    if (threads < 0) return kr_fail(error, KR_BAD_ARGUMENT, "%d threads: must be positive, or 0 for all", threads);
    kr_session *session = calloc(1, sizeof *session);
    if (!session) return kr_fail(error, KR_NO_MEMORY, "not enough memory for a session");
    session->threads = threads;
    kr_status status = kr_scene_copy(&session->first, scene, error);
    session->phase.number = KR_NO_PHASE;
    if (status == KR_OK) status = kr_scene_copy(&session->phased, scene, error);
    if (status == KR_OK) status = first_scene(session, error);
    for (size_t v = 0; status == KR_OK && v <= scene->compare_count; v++) status = create_variant(session, v, error);
    const kr_ensemble *first = session->variant[0].ensemble;
    if (status == KR_OK) status = kr_history_create(&session->history, first->setup.particles, first->dim, error);
    if (status == KR_OK && scene->phase_count) status = begin_first_phase(session, error);
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
    for (size_t v = 0; v < session->variants; v++) kr_variant_destroy(&session->variant[v]);
    for (size_t i = 0; i < session->logged; i++) free(session->log[i].text);
    free(session->log);
    free(session->restart);
    kr_history_destroy(&session->history);
    kr_session_places_destroy(&session->places);
    kr_phase_now_clear(&session->phase);
    kr_scene_destroy(&session->first);
    kr_scene_destroy(&session->phased);
    kr_scene_destroy(&session->scene);
    free(session);
}

void kr_session_sample(kr_session *session) {
    kr_view view = kr_ensemble_view(session->variant[0].ensemble);
    kr_history_sample(&session->history, &view);
}

/* ---- what there is ---- */

const kr_scene *kr_session_scene(const kr_session *session) {
    return &session->scene;
}

const kr_scene *kr_session_phased_scene(const kr_session *session) {
    return &session->phased;
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
    *estimate = kr_measured_escape(&v->stage->model, &v->durations, &view, view.events - v->events,
                                   (double)(view.exposure_steps - v->exposure_steps), view.exposure_time - v->exposure_time);
    return true;
}

bool kr_session_passage_times(const kr_session *session, size_t variant, kr_passage_times *times) {
    const kr_variant *v = &session->variant[variant];
    if (!v->stage->model.target_count) return false;
    kr_view view = kr_ensemble_view(v->ensemble);
    kr_passage_times_find(&v->durations, &view, times);
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
    for (size_t k = 0; e->kept && k < e->dim * (e->stride / KR_GRANULE); k++) hash = mix(hash, e->kept[k]);
    for (uint64_t p = 0; p < e->setup.particles; p++) hash = mix(mix(hash, e->departure[p]), e->stopped_at[p]);
    return hash;
}

uint64_t kr_session_digest(const kr_session *session) {
    uint64_t hash = mix(mix(UINT64_C(0x9e3779b97f4a7c15), session->generation), session->variants);
    for (size_t v = 0; v < session->variants; v++) hash = mix_ensemble(hash, session->variant[v].ensemble);
    return hash;
}
