/* For tests of sessions: sessions from YAML text, and interventions that must succeed. */
#ifndef SESSION_FIXTURE_H
#define SESSION_FIXTURE_H

#include "assert_close.h"

#include <kramers/kramers.h>
#include <kramers/recording.h>

#include <stdlib.h>
#include <string.h>

static inline void succeed(kr_status status, const kr_error *error) {
    if (status != KR_OK) fail_msg("%s", error->message);
}

/* isa NULL: the best. */
static inline kr_session *make_session_on(const char *isa, const char *yaml, int threads) {
    kr_error error = {.status = KR_OK};
    const kr_registry *registry;
    kr_scene scene;
    kr_session *session;
    succeed(kr_registry_find(isa ? isa : "auto", &registry, &error), &error);
    succeed(kr_scene_parse(&scene, registry, "test", NULL, yaml, NULL, 0, &error), &error);
    succeed(kr_session_create(&session, &scene, threads, &error), &error);
    kr_scene_destroy(&scene);
    return session;
}

static inline kr_session *make_session(const char *yaml) {
    return make_session_on(NULL, yaml, 1);
}

static inline void advance(kr_session *session, uint64_t steps) {
    kr_error error = {.status = KR_OK};
    succeed(kr_session_advance(session, steps, &error), &error);
}

static inline void intervene(kr_session *session, const char *text) {
    kr_error error = {.status = KR_OK};
    if (kr_session_intervene(session, text, &error) != KR_OK) fail_msg("%s: %s", text, error.message);
}

static inline char *scene_text(const kr_session *session) {
    kr_error error = {.status = KR_OK};
    char *text;
    succeed(kr_scene_write(kr_session_scene(session), &text, &error), &error);
    return text;
}

/* Positions and auxiliaries, bit by bit but for the kind of NaN. */
static inline bool same_bits(double a, double b) {
    return (isnan(a) && isnan(b)) || !memcmp(&a, &b, sizeof a);
}

static inline void assert_same_view(const kr_view *a, const kr_view *b) {
    assert_int_equal(a->step, b->step);
    assert_true(same_bits(a->time, b->time) && same_bits(a->learning_rate, b->learning_rate));
    assert_int_equal(a->particles, b->particles);
    assert_int_equal(a->dim, b->dim);
    assert_int_equal(a->auxiliary_count, b->auxiliary_count);
    assert_int_equal(a->events, b->events);
    assert_int_equal(a->diverged, b->diverged);
    assert_int_equal(a->absorbed, b->absorbed);
    assert_int_equal(a->exposure_steps, b->exposure_steps);
    for (uint64_t p = 0; p < a->particles; p++) {
        assert_int_equal(a->departure[p], b->departure[p]);
        assert_int_equal(a->stopped_at[p], b->stopped_at[p]);
        for (size_t i = 0; i < a->dim; i++) {
            assert_true(same_bits(a->position[i * a->stride + p], b->position[i * b->stride + p]));
            for (size_t k = 0; k < a->auxiliary_count; k++)
                assert_true(same_bits(a->auxiliary[k][i * a->stride + p], b->auxiliary[k][i * b->stride + p]));
        }
    }
}

/* What can be seen of two sessions is the same, and what follows. */
static inline void assert_same_state(const kr_session *a, const kr_session *b) {
    assert_int_equal(kr_session_variants(a), kr_session_variants(b));
    for (size_t v = 0; v < kr_session_variants(a); v++) {
        kr_view left = kr_session_view(a, v), right = kr_session_view(b, v);
        assert_same_view(&left, &right);
    }
}

#endif
