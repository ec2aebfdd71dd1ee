/* Schedules made of schedules: wsd and sequence, from scenes, against formulas written out here; how they are set, kept and
 * refused. */
#include "plugin_setup.h"
#include "scene_errors.h"

#include <stdlib.h>
#include <time.h>

static const double pi = 3.14159265358979323846;

typedef struct made {
    kr_scene scene;
    kr_schedule schedule;
} made;

static made make(const char *text, const char *set) {
    made m;
    kr_error error;
    if (kr_scene_parse(&m.scene, best_registry(), "test", ".", text, &set, set ? 1 : 0, &error) != KR_OK ||
        kr_schedule_create(&m.schedule, &m.scene.schedule, ".", m.scene.warmup, (uint64_t)kr_scene_ensemble(&m.scene)->steps,
                           &error) != KR_OK)
        fail_msg("%s", error.message);
    return m;
}

static void drop(made *m) {
    kr_schedule_destroy(&m->schedule);
    kr_scene_destroy(&m->scene);
}

static const char *const three = "schedule:\n"
                                 "  name: sequence\n"
                                 "  parts:\n"
                                 "    - {name: cosine, lr: 0.4, lr_min: 0.1, warmup: {steps: 20, factor: 0.5}, steps: 220}\n"
                                 "    - {name: cosine_restarts, lr: 0.3, period: 40, steps: 100}\n"
                                 "    - {name: linear, lr: 0.2, lr_end: 0.1}\n"
                                 "ensemble: {steps: 420}\n";

static double of_three(double k) {
    if (k < 20) return 0.4 * (0.5 + 0.5 * k / 20);
    if (k < 220) return 0.1 + 0.3 * (1 + cos(pi * (k - 20) / 200)) / 2;
    if (k < 320) return 0.3 * (1 + cos(pi * fmod(k - 220, 40) / 40)) / 2;
    return 0.2 - 0.1 * fmin(k - 320, 100) / 100;
}

static void parts_follow_each_other(void **state) {
    (void)state;
    made m = make(three, NULL);
    for (uint64_t k = 500; k-- > 0;) assert_close(kr_schedule_at(&m.schedule, k), of_three((double)k), 1e-13, 0);
    assert_true(kr_schedule_at(&m.schedule, UINT64_MAX) == 0.1);
    assert_true(kr_schedule_largest(&m.schedule) == 0.4);
    assert_true(isnan(kr_schedule_constant(&m.schedule)));
    drop(&m);
    m = make(three, "schedule.lr=0.1");
    for (uint64_t k = 0; k < 500; k++) assert_close(kr_schedule_at(&m.schedule, k), of_three((double)k) / 4, 1e-13, 0);
    assert_true(kr_schedule_at(&m.schedule, 20) == 0.1);
    drop(&m);
}

/* A part begins a cycle, and has its own. */
static void cycles_of_parts(void **state) {
    (void)state;
    static const uint64_t next[] = {220, 260, 300, 320, UINT64_MAX};
    made m = make(three, NULL);
    uint64_t k = 0;
    for (size_t i = 0; i < 5; i++) {
        assert_true(kr_schedule_next_cycle(&m.schedule, k) == next[i]);
        if (i < 4) assert_true(kr_schedule_next_cycle(&m.schedule, next[i] - 1) == next[i]);
        k = next[i];
    }
    drop(&m);
}

static void sums_are_those_of_the_last(void **state) {
    (void)state;
    kr_rate_sums sums;
    made m = make(three, NULL);
    assert_true(kr_schedule_sums(&m.schedule, &sums) && sums.diverges && !sums.squares_converge);
    drop(&m);
    m = make(three, "schedule.parts.2={name: inverse_time, power: 0.7}");
    assert_true(kr_schedule_sums(&m.schedule, &sums) && sums.diverges && sums.squares_converge);
    drop(&m);
    m = make("schedule: {name: wsd}", NULL);
    assert_true(kr_schedule_sums(&m.schedule, &sums) && !sums.diverges && sums.squares_converge);
    drop(&m);
    m = make("schedule: {name: wsd, lr_min: 1e-5}", NULL);
    assert_true(kr_schedule_sums(&m.schedule, &sums) && sums.diverges && !sums.squares_converge);
    drop(&m);
    m = make("schedule: {name: wsd, decay: {name: inverse_time, decay: 0.1, power: 0.6}}", NULL);
    assert_true(kr_schedule_sums(&m.schedule, &sums) && sums.diverges && sums.squares_converge);
    drop(&m);
}

/* min_lr + (lr - min_lr) c(j / D), as get_wsd_schedule of Transformers and Megatron have it. */
static void warmup_stable_decay(void **state) {
    (void)state;
    static const struct {
        const char *decay, *minimum;
        double lr_min;
        int shape;
    } cases[] = {
        {"linear", "0", 0, 0},       {"linear", "0.05", 0.05, 0},          {"cosine", "0", 0, 1},
        {"cosine", "0.05", 0.05, 1}, {"one_minus_power", "0.05", 0.05, 2}, {"{name: one_minus_power, power: 0.5}", "0", 0, 2}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[300];
        snprintf(text, sizeof text,
                 "schedule: {name: wsd, lr: 0.25, lr_min: %s, decay_steps: 80, decay: %s, warmup: {steps: 50, factor: 0}}\n"
                 "ensemble: {steps: 400}",
                 cases[i].minimum, cases[i].decay);
        made m = make(text, NULL);
        for (uint64_t k = 0; k < 450; k++) {
            double t = (double)k, j = fmin(fmax(t - 320, 0), 80) / 80;
            double c = cases[i].shape == 0 ? 1 - j : cases[i].shape == 1 ? (1 + cos(pi * j)) / 2 : 1 - sqrt(j);
            double expected = k < 50 ? 0.25 * t / 50 : cases[i].lr_min + (0.25 - cases[i].lr_min) * c;
            assert_close(kr_schedule_at(&m.schedule, k), expected, 1e-13, 1e-16);
        }
        assert_true(kr_schedule_next_cycle(&m.schedule, 0) == UINT64_MAX);
        drop(&m);
    }
    made m =
        make("schedule: {name: wsd, lr: 0.25, decay_fraction: 0.25, decay: {name: cosine, lr_min: 0.1}}\nensemble: {steps: 401}",
             NULL); /* a quarter of 401 is 100 steps */
    assert_true(kr_schedule_at(&m.schedule, 301) == 0.25 && kr_schedule_at(&m.schedule, 302) < 0.25);
    assert_true(kr_schedule_at(&m.schedule, 401) == 0.1);
    drop(&m);
    m = make("schedule: {name: wsd, decay_fraction: 0}", NULL);
    assert_true(kr_schedule_at(&m.schedule, 1 << 30) == 0.01);
    drop(&m);
}

static void constant_parts_are_constant(void **state) {
    (void)state;
    made m = make("schedule: {name: sequence, parts: [{name: constant, lr: 0.02, steps: 5}, {name: constant, lr: 0.02}]}", NULL);
    assert_true(kr_schedule_constant(&m.schedule) == 0.02);
    drop(&m);
    m = make("schedule: {name: sequence, parts: [{name: constant, lr: 0.02, steps: 5}, {name: constant, lr: 0.03}]}", NULL);
    assert_true(isnan(kr_schedule_constant(&m.schedule)));
    drop(&m);
}

/* What a scene says stays what it says: written, read again, copied, changed. */
static void scenes_keep_them(void **state) {
    (void)state;
    static const char *const texts[] = {
        three, "schedule: {name: sequence}", "schedule: {name: wsd}",
        "schedule: {name: wsd, decay: {name: cosine_restarts, period: 10, lr_min: 0.001}, lr: 0.1, decay_steps: 30}",
        "schedule: {name: sequence, parts: [{name: sequence, steps: 60, warmup: {steps: 5}, parts: [{name: wsd, steps: 20, decay: "
        "cosine}, "
        "{name: step}]}, {name: table, values: [0.3, 0.2], every: 7, steps: 70}]}"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        made m = make(texts[i], NULL);
        kr_error error;
        kr_scene copy;
        char *text;
        assert_int_equal(kr_scene_write(&m.scene, &text, &error), KR_OK);
        made again = make(text, NULL);
        assert_true(kr_settings_equal(&m.scene.schedule, &again.scene.schedule));
        assert_int_equal(kr_scene_copy(&copy, &m.scene, &error), KR_OK);
        assert_true(kr_settings_equal(&m.scene.schedule, &copy.schedule));
        for (uint64_t k = 0; k < 300; k++) assert_true(kr_schedule_at(&m.schedule, k) == kr_schedule_at(&again.schedule, k));
        kr_scene_destroy(&copy);
        drop(&again);
        drop(&m);
        free(text);
    }
}

static void keys_lead_into_parts(void **state) {
    (void)state;
    static const struct {
        const char *set;
        uint64_t step;
        double rate;
    } cases[] = {{"schedule.parts.1.lr=0.25", 220, 0.25},     {"schedule.parts.0.steps=120", 120, 0.3},
                 {"schedule.parts.0.warmup.factor=0", 0, 0},  {"schedule.parts.2.lr_end=0.05", 420, 0.05},
                 {"schedule.parts.2.steps=50", 370, 0.1},     {"schedule.parts.1={name: constant, lr: 0.07, steps: 10}", 229, 0.07},
                 {"schedule.parts.1.name=constant", 230, 0.3}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        made m = make(three, cases[i].set), base = make(three, NULL);
        const char *equal = strchr(cases[i].set, '=');
        char key[64];
        assert_close(kr_schedule_at(&m.schedule, cases[i].step), cases[i].rate, 1e-14, 1e-16);
        snprintf(key, sizeof key, "%.*s", (int)(equal - cases[i].set), cases[i].set);
        const kr_parameter *row = kr_scene_parameter(&base.scene, key);
        if (!strstr(key, ".name") && !strchr(equal, '{')) assert_string_equal(row ? row->name : "", strrchr(key, '.') + 1);
        drop(&base);
        drop(&m);
    }
}

static const broken_scene broken[] = {
    {"schedule: {name: sequence, parts: []}", NULL, "test:1:35: parts is an empty list"},
    {"schedule: {name: sequence, parts: 3}", NULL, "test:1:35: parts must be a list of schedules"},
    {"schedule: {name: sequence, parts: [cosine]}", NULL, "test:1:36: a part must be a mapping {name: cosine, ...}, not 'cosine'"},
    {"schedule: {name: sequence, parts: [{lr: 0.1}]}", NULL, "test:1:36: a schedule of parts needs a name"},
    {"schedule: {name: sequence, parts: [{name: cosin}]}", NULL, "did you mean 'cosine'?"},
    {"schedule:\n  name: sequence\n  parts:\n    - {name: constant}\n    - {name: constant}", NULL,
     "test:4:7: this part needs 'steps', its length: only the last part goes on"},
    {"schedule: {name: sequence, parts: [{name: constant, steps: 0}, {name: linear}]}", NULL, "a part of 0 steps is none"},
    {"schedule: {name: sequence, parts: [{name: constant, steps: -1}, {name: linear}]}", NULL, "steps = -1 is out of range"},
    {"schedule: {name: sequence, parts: [{name: cosine, T_max: 3}]}", NULL, "PyTorch's T_max is 'steps' here"},
    {"schedule: {name: sequence, parts: [{name: constant, steps: 3}, {name: cosine, lr: 0.1, lr_min: 0.2}]}", NULL,
     "test:1:64: parts.1: lr_min = 0.2 is larger than lr = 0.1"},
    {"schedule: {name: sequence, parts: [{name: constant, lr: {name: cosine}}]}", NULL, "lr must be a number, not a mapping"},
    {"schedule: {name: wsd, decay: {name: cosine, lr: 0.1}}", NULL, "test:1:45: decay has no 'lr': it begins at that"},
    {"schedule: {name: wsd, decay: {name: cosine, steps: 9}}", NULL, "decay_steps says how long it is"},
    {"schedule: {name: wsd, decay: [cosine]}", NULL, "decay must be a schedule"},
    {"schedule: {name: wsd, lr: 0.1, decay: {name: cosine, lr_min: 0.2}}", NULL, "decay: lr_min = 0.2 is larger than lr = 0.1"},
    {"schedule: {name: wsd, lr: 0.1, lr_min: 0.2}", NULL, "lr_min = 0.2 is larger than lr = 0.1"},
    {"schedule: {name: wsd, decay_steps: 11}\nensemble: {steps: 10}", NULL, "decay_steps = 11 is more than the 10 steps"},
    {"schedule: {name: wsd, decay_steps: 5, decay_fraction: 0.5}", NULL, "are both given; leave one of them out"},
};

static void what_does_not_fit_is_refused(void **state) {
    (void)state;
    refuse_scenes(best_registry(), broken, sizeof broken / sizeof *broken);
}

/* Three thousand parts cost no more a step than a few do. */
static void many_parts_are_found_at_once(void **state) {
    (void)state;
    enum { PARTS = 3000, ASKED = 200000 };
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    fputs("schedule: {name: sequence, parts: [", out);
    for (int i = 0; i < PARTS; i++) fprintf(out, "%s{name: constant, lr: %d, steps: 7}", i ? ", " : "", i + 1);
    fputs("]}", out);
    fclose(out);
    made m = make(text, NULL);
    clock_t begin = clock();
    for (uint64_t k = 0; k < ASKED; k++) {
        uint64_t part = k / 7 < PARTS ? k / 7 : PARTS - 1;
        assert_true(kr_schedule_at(&m.schedule, k) == (double)(part + 1));
    }
    assert_true((double)(clock() - begin) / CLOCKS_PER_SEC < 2);
    drop(&m);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_follow_each_other),      cmocka_unit_test(cycles_of_parts),
        cmocka_unit_test(sums_are_those_of_the_last),   cmocka_unit_test(warmup_stable_decay),
        cmocka_unit_test(constant_parts_are_constant),  cmocka_unit_test(scenes_keep_them),
        cmocka_unit_test(keys_lead_into_parts),         cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(many_parts_are_found_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
