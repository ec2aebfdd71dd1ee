/* An ensemble is advanced to each step that somebody samples and to no other; first passages are handed on once. Runs need their
 * scene only to begin with. */
#include "rig.h"

#include "run/sampling.h"

#include <kramers/run.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { MOST = 64 };

typedef struct follower {
    uint64_t every, passages, step[MOST];
    size_t samples, kept;
    char **order; /* shared: a letter for each call */
    char letter;
    bool fails_to_keep, fails_to_sample;
} follower;

static uint64_t next_step(const void *context, uint64_t step, uint64_t limit) {
    return kr_next_multiple(step, ((const follower *)context)->every, limit);
}

static kr_status keep(void *context, const kr_view *view, kr_error *error) {
    follower *f = context;
    f->kept++;
    f->passages += view->recent_count;
    return f->fails_to_keep ? kr_fail(error, KR_NO_MEMORY, "%c keeps nothing", f->letter) : KR_OK;
}

static kr_status sample(void *context, const kr_view *view, kr_error *error) {
    follower *f = context;
    assert_true(f->samples < MOST);
    f->step[f->samples++] = view->step;
    *(*f->order)++ = f->letter;
    return f->fails_to_sample ? kr_fail(error, KR_IO, "%c is full", f->letter) : KR_OK;
}

static void make_rig(rig *r, const kr_target *target) {
    *r = (rig){.landscape = "double_well",
               .dynamics = "sgld",
               .dynamics_parameters = "temperature=2",
               .schedule_parameters = "lr=0.05",
               .start = {-1},
               .particles = 50,
               .seed = 3,
               .steps = 100,
               .targets = target,
               .target_count = 1};
    rig_create(r);
}

static const kr_target over_the_top = {.coordinate = 0, .below = -INFINITY, .above = 0.9};

static void stops_where_somebody_samples(void **state) {
    (void)state;
    char order[4 * MOST] = "", *at = order;
    follower a = {.every = 10, .order = &at, .letter = 'a'}, b = {.every = 14, .order = &at, .letter = 'b'};
    const kr_sampler samplers[] = {{&a, next_step, keep, sample}, {&b, next_step, NULL, sample}, {&b, NULL, NULL, NULL}};
    static const uint64_t expected[] = {10, 14, 20, 28, 30, 33};
    rig r;
    make_rig(&r, &over_the_top);
    kr_error error;
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        require(kr_sampled_advance(r.ensemble, samplers, 3, NULL, 0, 33, &error), &error);
        assert_int_equal(kr_ensemble_view(r.ensemble).step, expected[i]);
    }
    assert_int_equal(a.samples, 6);
    assert_int_equal(b.samples, 6);
    assert_memory_equal(a.step, expected, sizeof expected);
    assert_string_equal(order, "abababababab");
    assert_int_equal(a.kept, 6);
    assert_true(a.passages > 10);
    assert_int_equal(a.passages, kr_ensemble_view(r.ensemble).events);
    rig_destroy(&r);
}

/* Who keeps the passages gets them all the same; the first failure is told, and nobody samples after it. */
static void the_first_failure_ends_it(void **state) {
    (void)state;
    char order[MOST] = "", *at = order;
    follower a = {.order = &at, .letter = 'a', .fails_to_keep = true}, b = {.order = &at, .letter = 'b', .fails_to_keep = true};
    const kr_sampler samplers[] = {{&a, NULL, keep, sample}, {&b, NULL, keep, sample}};
    rig r;
    make_rig(&r, &over_the_top);
    kr_error error;
    assert_int_equal(kr_sampled_advance(r.ensemble, samplers, 2, NULL, 0, 5, &error), KR_NO_MEMORY);
    assert_string_equal(error.message, "a keeps nothing");
    assert_int_equal(a.kept + b.kept, 2);
    assert_string_equal(order, "");
    a.fails_to_keep = b.fails_to_keep = false;
    a.fails_to_sample = true;
    assert_int_equal(kr_sampled_advance(r.ensemble, samplers, 2, NULL, 0, 9, &error), KR_IO);
    assert_string_equal(error.message, "a is full");
    assert_string_equal(order, "a");
    rig_destroy(&r);
}

static void multiples(void **state) {
    (void)state;
    assert_int_equal(kr_next_multiple(0, 7, 100), 7);
    assert_int_equal(kr_next_multiple(7, 7, 100), 14);
    assert_int_equal(kr_next_multiple(99, 7, 100), 100);
    assert_int_equal(kr_next_multiple(5, 0, 100), 100);
}

static void a_run_copies_its_scene(void **state) {
    (void)state;
    kr_scene scene = {.registry = best_registry()};
    kr_run *run;
    kr_error error;
    const char *shorter = "ensemble.steps=3000";
    require(kr_scene_load(&scene, scene.registry, "double_well", &shorter, 1, &error), &error);
    require(kr_run_create(&run, &scene, &(kr_run_options){.threads = 1}, &error), &error);
    kr_scene_destroy(&scene);
    memset(&scene, 0x5a, sizeof scene);
    while (!kr_run_finished(run)) require(kr_run_advance(run, &error), &error);
    require(kr_run_finish(run, &error), &error);
    const kr_result *result = kr_run_result(run);
    assert_int_equal(result->steps, 3000);
    assert_int_equal(result->target_events[0], result->escape.events);
    assert_int_equal(result->exponential.intervals, result->escape.events);
    kr_run_destroy(run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stops_where_somebody_samples),
        cmocka_unit_test(the_first_failure_ends_it),
        cmocka_unit_test(multiples),
        cmocka_unit_test(a_run_copies_its_scene),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
