/* For tests of observers: a scene from its text, run to its end in one go, and the numbers that an observer has found. */
#ifndef OBSERVED_SCENE_H
#define OBSERVED_SCENE_H

#include "plugin_setup.h"

#include "run/run_state.h"

#include <kramers/run.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct observed {
    kr_scene scene;
    kr_run *run;
} observed;

static inline void observed_begin(observed *o, const char *text, const kr_run_options *options) {
    kr_error error;
    require(kr_scene_parse(&o->scene, best_registry(), "test", NULL, text, NULL, 0, &error), &error);
    require(kr_run_create(&o->run, &o->scene, options, &error), &error);
}

static inline void observed_finish(observed *o) {
    kr_error error;
    while (!kr_run_finished(o->run)) require(kr_run_advance(o->run, &error), &error);
    kr_run_result(o->run);
}

static inline void observed_run(observed *o, const char *text, int threads) {
    observed_begin(o, text, &(kr_run_options){.threads = threads});
    observed_finish(o);
}

static inline void observed_end(observed *o) {
    kr_run_destroy(o->run);
    kr_scene_destroy(&o->scene);
}

/* name: "sharpness.largest". false: there is no such number now. */
static inline bool observed_value(const observed *o, const char *name, kr_value *value) {
    char of[64];
    const void *source;
    snprintf(of, sizeof of, "%.*s", (int)strcspn(name, "."), name);
    const kr_observer *observer = kr_observers_find(&o->run->observers, of);
    assert_non_null(observer);
    const kr_observer_type *type = observer->type;
    const kr_result_part part = {.name = of, .rows = type->rows, .source = type->result ? type->result(observer) : observer};
    const kr_result_row *row = kr_result_find(&part, 1, name, &source);
    if (!row) fail_msg("there is no row %s", name);
    return kr_result_get(row, source, value);
}

static inline double observed_number(const observed *o, const char *name) {
    kr_value value;
    return observed_value(o, name, &value) ? *(const double *)value.data : NAN;
}

static inline uint64_t observed_count(const observed *o, const char *name) {
    kr_value value;
    assert_true(observed_value(o, name, &value));
    return *(const uint64_t *)value.data;
}

static inline kr_interval observed_interval(const observed *o, const char *name) {
    kr_value value;
    return observed_value(o, name, &value) ? *(const kr_interval *)value.data : (kr_interval){NAN, NAN};
}

/* Of every kind of row, for equality. */
static inline void assert_observed_same(const observed *a, const observed *b, const char *name) {
    const kr_observer *one = kr_observers_find(&a->run->observers, name), *two = kr_observers_find(&b->run->observers, name);
    size_t words = one->type->state_words(one);
    assert_int_equal(two->type->state_words(two), words);
    uint64_t *kept = malloc(2 * words * sizeof *kept);
    assert_non_null(kept);
    one->type->save(one, kept);
    two->type->save(two, kept + words);
    assert_memory_equal(kept, kept + words, words * sizeof *kept);
    free(kept);
    for (const kr_result_row *row = one->type->rows; row->name; row++) {
        kr_value left, right;
        bool there = observed_value(a, row->name, &left);
        assert_int_equal(observed_value(b, row->name, &right), there);
        if (!there || row->kind == KR_VALUE_TEXT || row->kind == KR_VALUE_SWITCH) continue;
        size_t size = row->kind == KR_VALUE_INTERVAL ? sizeof(kr_interval) : 8;
        for (int axis = 0; axis < row->rank; axis++) {
            assert_int_equal(left.size[axis], right.size[axis]);
            size *= left.size[axis];
        }
        assert_memory_equal(left.data, right.data, size);
    }
}

/* The observer's rows are the same however the particles are divided. */
static inline void observed_division_cannot_be_seen(const char *text, const char *observer) {
    static const kr_run_options how[] = {{.threads = 3, .block_size = 64}, {.threads = 2}};
    observed first, other;
    observed_run(&first, text, 1);
    for (size_t h = 0; h < sizeof how / sizeof *how; h++) {
        observed_begin(&other, text, &how[h]);
        observed_finish(&other);
        assert_observed_same(&first, &other, observer);
        observed_end(&other);
    }
    observed_end(&first);
}

/* A run of the scene, which has "steps: 30", that ended after 18 and was resumed has the rows of an unbroken one. */
static inline void observed_resumed_is_the_same(const char *text, const char *observer) {
    char file[2][80], *part = strdup(text);
    kr_error error;
    observed straight, resumed;
    for (int i = 0; i < 2; i++) {
        snprintf(file[i], sizeof file[i], "%s_%s.h5", observer, i ? "resumed" : "straight");
        unlink(file[i]);
    }
    observed_begin(&straight, text, &(kr_run_options){.threads = 1, .output = file[0]});
    observed_finish(&straight);
    memcpy(strstr(part, "steps: 30"), "steps: 18", 9);
    observed_begin(&resumed, part, &(kr_run_options){.threads = 1, .output = file[1]});
    free(part);
    observed_finish(&resumed);
    require(kr_run_finish(resumed.run, &error), &error);
    observed_end(&resumed);
    resumed.scene = (kr_scene){0};
    require(kr_run_resume(&resumed.run, &resumed.scene, file[1], 30, NULL, &(kr_run_options){.threads = 2}, &error), &error);
    observed_finish(&resumed);
    assert_observed_same(&straight, &resumed, observer);
    observed_end(&resumed);
    observed_end(&straight);
    for (int i = 0; i < 2; i++) unlink(file[i]);
}

#endif
