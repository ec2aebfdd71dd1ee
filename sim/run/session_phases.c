#include "session_phases.h"

#include "engine/ensemble_state.h"
#include "scene/scene_parts.h"

#include <stdlib.h>
#include <string.h>

/* ---- texts ---- */

/* "key=value key=value" into values of this descriptor. */
static kr_status read_words(kr_settings *settings, const char *text, kr_error *error) {
    const kr_descriptor *about = settings->about;
    char *copy = strdup(text), *rest = NULL;
    kr_status status = copy ? KR_OK : kr_fail(error, KR_NO_MEMORY, "not enough memory for a session");
    for (char *word = copy ? strtok_r(copy, " \t\r\n", &rest) : NULL; word && status == KR_OK;
         word = strtok_r(NULL, " \t\r\n", &rest)) {
        char *equal = strchr(word, '=');
        if (equal) *equal = 0;
        const kr_parameter *row = equal ? kr_parameter_find(about, word) : NULL;
        if (!row)
            status = kr_fail(error, KR_BAD_ARGUMENT, "%s needs KEY=VALUE, for instance %s; there is no '%.80s'", about->name,
                             about == &kr_prune_descriptor ? "fraction=0.5 by=magnitude" : "phase=first step=0", word);
        else if (row->type == KR_TEXT || row->type == KR_CHOICE)
            status = kr_set_text(settings, row, equal + 1, error);
        else
            status = kr_set_from_text(settings, row, equal + 1, error);
    }
    for (const kr_parameter *row = about->parameters; row->name && status == KR_OK; row++) {
        size_t length = strlen(row->name);
        bool given = !strncmp(text, row->name, length) && text[length] == '=';
        for (const char *at = text; !given && (at = strstr(at, row->name)); at += length)
            given = at[length] == '=' && (at == text || strchr(" \t\r\n", at[-1]));
        if (row->flags & KR_REQUIRED && !given) status = kr_section_missing(about, row, error);
    }
    free(copy);
    return status;
}

kr_status kr_plan_prune(kr_plan *plan, const char *text, kr_error *error) {
    kr_settings settings;
    kr_status status = kr_settings_create(&settings, &kr_prune_descriptor, error);
    if (status != KR_OK) return status;
    status = read_words(&settings, text, error);
    if (status == KR_OK) memcpy(&plan->prune, settings.values, sizeof plan->prune);
    plan->prunes = status == KR_OK;
    kr_settings_destroy(&settings);
    return status;
}

kr_status kr_plan_rewind(kr_plan *plan, const char *text, kr_error *error) {
    kr_settings settings;
    kr_status status = kr_settings_create(&settings, &kr_rewind_descriptor, error);
    if (status != KR_OK) return status;
    if ((status = read_words(&settings, text, error)) == KR_OK) {
        kr_rewind_values *read = settings.values;
        plan->rewinds = true;
        plan->back_phase = read->phase;
        plan->back_step = (uint64_t)read->step;
        read->phase = NULL; /* the plan owns it now */
    }
    kr_settings_destroy(&settings);
    return status;
}

kr_status kr_plan_optimizer(kr_plan *plan, const char *text, kr_error *error) {
    plan->anew = !strcmp(text, "reset");
    return plan->anew ? KR_OK
                      : kr_fail(error, KR_BAD_ARGUMENT, "'optimizer %.80s' is no intervention; there is optimizer reset", text);
}

/* One of the scene, with all that it says; where that has none, from here on with settings as they are. */
kr_status kr_plan_phase(const kr_session *session, kr_plan *plan, const char *text, kr_error *error) {
    size_t number;
    if (session->phased.phase_count) {
        kr_status status = kr_scene_find_phase(&session->phased, text, &number, error);
        return status == KR_OK ? kr_plan_enter(session, plan, number, error) : status;
    }
    if (!kr_phase_is_name(text))
        return kr_fail(error, KR_BAD_ARGUMENT, "phase needs a name of up to 60 letters, digits, _ and -, not '%.80s'", text);
    plan->begins = plan->restart = true;
    plan->number = KR_NO_PHASE;
    if (!(plan->name = strdup(text))) return kr_fail(error, KR_NO_MEMORY, "not enough memory for a session");
    return kr_scene_copy(&plan->scene, &session->scene, error);
}

/* ---- as they come ---- */

uint64_t kr_session_phase_end(const kr_session *session) {
    const kr_phase_now *now = &session->phase;
    if (!now->name || now->number == KR_NO_PHASE || now->number + 1 >= session->phased.phase_count) return UINT64_MAX;
    return now->begin + (uint64_t)session->phased.phases[now->number].steps;
}

kr_status kr_session_enter_due(kr_session *session, kr_error *error) {
    kr_plan plan = {.restart = false};
    size_t recent[KR_MAX_VARIANTS], next = session->phase.number + 1;
    if (kr_session_step(session) < kr_session_phase_end(session)) return KR_OK;
    kr_status status = kr_plan_enter(session, &plan, next, error);
    if (status == KR_OK) status = kr_plan_make(session, &plan, error);
    if (status == KR_OK) {
        for (size_t v = 0; v < session->variants; v++) recent[v] = session->variant[v].recent.count;
        kr_plan_carry_out(session, &plan);
        for (size_t v = 0; v < session->variants; v++) session->variant[v].recent.count = recent[v];
    }
    kr_plan_drop(&plan);
    return status == KR_OK ? KR_OK : kr_fail_at(error, status, "phases.%zu", next);
}

/* The step at which a phase of the scene wants positions of the present one; UINT64_MAX: none. */
static uint64_t wanted(const kr_session *session, size_t i) {
    const kr_phase *phase = &session->phased.phases[i];
    bool here = session->phase.name && phase->rewinds && phase->rewind_phase == session->phase.number;
    return here ? session->phase.begin + (uint64_t)phase->rewind_step : UINT64_MAX;
}

uint64_t kr_session_next_stop(const kr_session *session, uint64_t limit) {
    uint64_t step = kr_session_step(session), end = kr_session_phase_end(session);
    if (end < limit) limit = end;
    for (size_t i = 0; i < session->phased.phase_count; i++) {
        uint64_t at = wanted(session, i);
        if (at > step && at < limit) limit = at;
    }
    return limit;
}

kr_status kr_session_keep_due(kr_session *session, kr_error *error) {
    uint64_t step = kr_session_step(session);
    for (size_t i = 0; i < session->phased.phase_count; i++) {
        const kr_session_place *known;
        const kr_ensemble *e = session->variant[0].ensemble;
        kr_session_place place;
        if (wanted(session, i) != step ||
            (kr_session_places_find(&session->places, session->phase.name, step - session->phase.begin, &known, NULL) == KR_OK &&
             known->at == step))
            continue;
        kr_status status = kr_session_place_make(&place, &session->places, session->phase.name, step - session->phase.begin, step,
                                                 session->variants, e->dim * e->stride, error);
        if (status != KR_OK) return status;
        kr_session_keep(session, &place);
    }
    return KR_OK;
}

/* ---- what there is ---- */

bool kr_session_phase(const kr_session *session, kr_session_phase_now *now) {
    *now = (kr_session_phase_now){.name = session->phase.name,
                                  .begin = session->phase.begin,
                                  .end = kr_session_phase_end(session),
                                  .number = session->phase.number};
    return now->name;
}

const kr_phase *kr_session_phases(const kr_session *session, size_t *count) {
    *count = session->phased.phase_count;
    return session->phased.phases;
}
