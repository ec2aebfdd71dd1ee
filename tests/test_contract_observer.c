/* What every observer must do, whichever there are. */
#include "plugin_setup.h"

#include "run/run_state.h"

#include <kramers/observer.h>
#include <kramers/run.h>

#include <stdlib.h>
#include <string.h>

typedef struct measured {
    kr_scene scene;
    kr_run *run;
} measured;

/* For these a landscape that is a mean over data. */
static bool needs_data(const kr_observer_type *type) {
    kr_settings settings;
    const kr_observer_scene without = {.landscape = "double_well", .dim = 2, .target_count = 1, .velocity = true};
    const char *key = NULL;
    assert_int_equal(kr_settings_create(&settings, &type->about, NULL), KR_OK);
    kr_status status = type->check ? type->check(settings.values, &without, &key, NULL) : KR_OK;
    kr_settings_destroy(&settings);
    return status != KR_OK;
}

static const char *landscape_for(const kr_observer_type *type, const char *otherwise) {
    return needs_data(type) ? "landscape: {name: mean_of_quadratics, dim: 2}\n" : otherwise;
}

/* Momentum, so that all observers have what they look at. */
static void run_with(measured *l, const kr_observer_type *type, int threads) {
    char text[400];
    kr_error error;
    snprintf(text, sizeof text,
             "%sdynamics: {name: langevin, temperature: 0.5}\n"
             "schedule: {lr: 0.001}\nensemble: {particles: 100, steps: 60}\n%s: {every: 7}\n",
             landscape_for(type, "landscape: {name: double_well, dim: 2, barrier: 1}\n"), type->about.name);
    require(kr_scene_parse(&l->scene, best_registry(), type->about.name, NULL, text, NULL, 0, &error), &error);
    kr_run_options options = {.threads = threads};
    require(kr_run_create(&l->run, &l->scene, &options, &error), &error);
    while (!kr_run_finished(l->run)) require(kr_run_advance(l->run, &error), &error);
    kr_run_result(l->run);
}

static void release(measured *l) {
    kr_run_destroy(l->run);
    kr_scene_destroy(&l->scene);
}

static const kr_observer *observer_of(const measured *l, const kr_observer_type *type) {
    const kr_observer *observer = kr_observers_find(&l->run->observers, type->about.name);
    assert_non_null(observer);
    return observer;
}

static const void *source_of(const kr_observer *observer) {
    return observer->type->result ? observer->type->result(observer) : observer;
}

/* Sections, their keys and the names of rows are shared by all. */
static void names_do_not_collide(void **state) {
    (void)state;
    static const char *const taken[] = {"landscape", "dynamics", "noise",   "schedule",  "ensemble", "escape", "trajectory",
                                        "compare",   "lesson",   "version", "generator", "steps",    "time"};
    for (const kr_observer_type *const *type = best_registry()->observers; *type; type++) {
        const kr_descriptor *about = &(*type)->about;
        const kr_parameter *every = kr_parameter_find(about, "every");
        assert_true(every && every->type == KR_INTEGER && every->minimum == 0);
        assert_true((*type)->presence == KR_OBSERVER_WITH_SECTION || every->initial == 0);
        assert_non_null(about->doc);
        assert_true(!(*type)->next || !(*type)->sample_part);
        for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) assert_string_not_equal(about->name, taken[i]);
        for (const kr_result_row *row = (*type)->rows; row && row->name; row++) {
            assert_non_null(row->doc);
            assert_non_null(strchr(row->name, '.'));
            for (const kr_observer_type *const *other = best_registry()->observers; *other; other++)
                for (const kr_result_row *second = (*other)->rows; second && second->name; second++)
                    if (second != row) assert_string_not_equal(row->name, second->name);
        }
    }
}

/* Rows of one number and lists of numbers, for equality of two observers. */
static void assert_same_rows(const kr_observer *a, const kr_observer *b) {
    for (const kr_result_row *row = a->type->rows; row && row->name; row++) {
        kr_value left, right;
        bool there = kr_result_get(row, source_of(a), &left);
        assert_int_equal(kr_result_get(row, source_of(b), &right), there);
        size_t size = row->kind == KR_VALUE_INTERVAL ? sizeof(kr_interval) : 8, count = 1;
        if (!there || row->kind > KR_VALUE_INTERVAL || row->kind == KR_VALUE_SWITCH) continue;
        for (int axis = 0; axis < row->rank; axis++) {
            assert_int_equal(left.size[axis], right.size[axis]);
            count *= left.size[axis];
        }
        assert_memory_equal(left.data, right.data, count * size);
    }
}

static void threads_cannot_be_seen(void **state) {
    (void)state;
    for (const kr_observer_type *const *type = best_registry()->observers; *type; type++) {
        measured one, three;
        run_with(&one, *type, 1);
        run_with(&three, *type, 3);
        assert_same_rows(observer_of(&one, *type), observer_of(&three, *type));
        release(&one);
        release(&three);
    }
}

/* Arrivals that start again or stay away, and particles that diverge, wherever the observer allows a target. */
static const char *const crowds[] = {
    "landscape: {name: double_well, dim: 2, barrier: 1}\ndynamics: {name: langevin, temperature: 0.5}\nschedule: {lr: 0.01}\n"
    "ensemble: {particles: 1500, steps: 600}\n",
    "landscape: {name: double_well, tilt: 0.2}\ndynamics: {name: momentum}\nnoise: {name: isotropic, sigma: 5}\n"
    "schedule: {name: cosine_restarts, lr: 0.01, period: 50}\nensemble: {particles: 700, steps: 1500}\n"
    "escape: {until: {coordinate: 0, above: 0.5}}\n",
    "landscape: {name: double_well, dim: 2}\ndynamics: {name: momentum}\nnoise: {name: isotropic, sigma: 40}\n"
    "schedule: {lr: 0.03}\nensemble: {particles: 900, steps: 300, max_diverged: 1}\n"
    "escape: {renewal: false, until: {coordinate: 1, above: 1.5}}\n"};

static bool begin_run(measured *l, const char *crowd, const kr_observer_type *type, const kr_run_options *options) {
    char text[600];
    kr_error error;
    const char *rest = strchr(crowd, '\n') + 1;
    snprintf(text, sizeof text, "%.*s%s%s%s: {every: 13}\n", needs_data(type) ? 0 : (int)(rest - crowd), crowd,
             needs_data(type) ? landscape_for(type, "") : "", rest, type->about.name);
    if (kr_scene_parse(&l->scene, best_registry(), type->about.name, NULL, text, NULL, 0, &error) == KR_OK) {
        require(kr_run_create(&l->run, &l->scene, options, &error), &error);
        return true;
    }
    assert_non_null(strstr(error.message, "has no escape.until")); /* transitions */
    return false;
}

/* By hand: a sample of the whole ensemble at every multiple of 13, and nothing from inside the loop. */
static void observe_from_outside(measured *l, const kr_observer_type *type) {
    kr_error error;
    kr_observer *observer = kr_observers_find(&l->run->observers, type->about.name);
    for (uint64_t step = 0; step < l->run->steps;) {
        uint64_t next = (step / 13 + 1) * 13 < l->run->steps ? (step / 13 + 1) * 13 : l->run->steps;
        require(kr_ensemble_advance(l->run->ensemble, next - step, &error), &error);
        kr_view view = kr_run_view(l->run);
        if (next % 13 == 0) require(type->sample(observer, &view, &error), &error);
        step = next;
    }
}

static void who_looks_from_inside_sees_the_same(void **state) {
    (void)state;
    static const kr_run_options how[] = {{.threads = 1, .block_size = 64}, {.threads = 3, .block_size = 64}, {.threads = 2}};
    for (const kr_observer_type *const *type = best_registry()->observers; *type; type++)
        for (size_t c = 0; c < sizeof crowds / sizeof *crowds; c++) {
            measured outside, inside;
            kr_error error;
            if (!begin_run(&outside, crowds[c], *type, &(kr_run_options){.threads = 1})) continue;
            observe_from_outside(&outside, *type);
            kr_run_result(outside.run);
            for (size_t h = 0; h < sizeof how / sizeof *how; h++) {
                assert_true(begin_run(&inside, crowds[c], *type, &how[h]));
                while (!kr_run_finished(inside.run)) require(kr_run_advance(inside.run, &error), &error);
                kr_run_result(inside.run);
                assert_same_rows(observer_of(&outside, *type), observer_of(&inside, *type));
                release(&inside);
            }
            release(&outside);
        }
}

/* As a file gives it back. */
static void hand_over(const kr_observer *from, kr_observer *to, size_t numbers) {
    const kr_kept_positions *kept = from->type->kept;
    kr_error error;
    if (!kept) return;
    double *position = malloc(numbers * sizeof *position);
    assert_int_equal(kept->count(to), kept->count(from));
    for (size_t i = 0; i < kept->count(from); i++) {
        uint64_t step;
        double time;
        kept->get(from, i, &step, &time, position);
        require(kept->set(to, i, step, time, position, &error), &error);
    }
    free(position);
}

/* What it has seen is in its state and what files keep beside it, and all of its results come from there and the present view. */
static void state_is_all_it_knows(void **state) {
    (void)state;
    for (const kr_observer_type *const *type = best_registry()->observers; *type; type++) {
        measured l;
        run_with(&l, *type, 1);
        const kr_observer *observer = observer_of(&l, *type);
        size_t words = (*type)->state_words ? (*type)->state_words(observer) : 0;
        uint64_t *kept = malloc((2 * words + 1) * sizeof *kept), *again = kept + words;
        kr_observer_setup setup = kr_observers_setup(&l.run->stage->model, &l.run->schedule, 1);
        kr_observer *fresh;
        kr_error error;
        setup.values = kr_scene_observer(&l.scene, (*type)->about.name)->values;
        require(kr_observer_create(&fresh, *type, &setup, &error), &error);
        if (words) {
            assert_int_equal((*type)->state_words(fresh), words);
            (*type)->save(observer, kept);
            (*type)->restore(fresh, kept);
            (*type)->save(fresh, again);
            assert_memory_equal(kept, again, words * sizeof *kept);
        }
        kr_view view = kr_run_view(l.run);
        hand_over(observer, fresh, (size_t)view.particles * view.dim);
        if ((*type)->end) require((*type)->end(fresh, &view, &error), &error);
        assert_same_rows(observer, fresh);
        kr_observer_destroy(fresh);
        free(kept);
        release(&l);
    }
}

/* Every parameter is written, read back and addressed by its key; a coordinate that the landscape does not have is refused. */
static void its_section_is_like_any_other(void **state) {
    (void)state;
    for (const kr_observer_type *const *type = best_registry()->observers; *type; type++) {
        measured l;
        char *text, key[100];
        kr_scene back;
        kr_error error;
        run_with(&l, *type, 1);
        require(kr_scene_write(&l.scene, &text, &error), &error);
        require(kr_scene_parse(&back, best_registry(), "back", NULL, text, NULL, 0, &error), &error);
        assert_true(
            kr_settings_equal(kr_scene_observer(&l.scene, (*type)->about.name), kr_scene_observer(&back, (*type)->about.name)));
        for (const kr_parameter *row = (*type)->about.parameters; row->name; row++) {
            snprintf(key, sizeof key, "%s.%s", (*type)->about.name, row->name);
            assert_ptr_equal(kr_scene_parameter(&back, key), row);
        }
        kr_scene_destroy(&back);
        if (kr_parameter_find(&(*type)->about, "coordinate")) {
            snprintf(key, sizeof key, "%s.coordinate=2", (*type)->about.name);
            const char *const overrides[] = {key};
            assert_int_equal(kr_scene_parse(&back, best_registry(), "back", NULL, text, overrides, 1, &error), KR_BAD_ARGUMENT);
            assert_non_null(strstr(error.message, "--set"));
            assert_non_null(strstr(error.message, "coordinates 0 to 1"));
        }
        free(text);
        release(&l);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(names_do_not_collide), cmocka_unit_test(threads_cannot_be_seen),
                                       cmocka_unit_test(who_looks_from_inside_sees_the_same),
                                       cmocka_unit_test(state_is_all_it_knows), cmocka_unit_test(its_section_is_like_any_other)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
