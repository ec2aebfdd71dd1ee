/* Scenes: round trip of every plug-in, --set, and errors with their place. */
#include <kramers/scene.h>
#include <kramers/transitions.h>

#include "assert_close.h"
#include "scene_errors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const kr_registry *registry;

static int find_registry(void **state) {
    (void)state;
    return kr_registry_find(NULL, &registry, NULL) == KR_OK ? 0 : -1;
}

/* ---- every instruction set ---- */

static void instruction_sets(void **state) {
    (void)state;
    const kr_registry *all[8], *found;
    kr_error error;
    size_t count = kr_registry_available(all, 8);
    assert_true(count >= 1);
    assert_string_equal(all[count - 1]->isa, "baseline");
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(kr_registry_find(all[i]->isa, &found, &error), KR_OK);
        assert_ptr_equal(found, all[i]);
        setenv("KRAMERS_ISA", all[i]->isa, 1);
        assert_int_equal(kr_registry_find(NULL, &found, &error), KR_OK);
        assert_ptr_equal(found, all[i]);
        for (size_t t = 1; found->theories[0] && found->theories[t]; t++)
            assert_true(found->theories[t - 1]->rank <= found->theories[t]->rank);
    }
    setenv("KRAMERS_ISA", "v9", 1);
    assert_int_equal(kr_registry_find(NULL, &found, &error), KR_BAD_ARGUMENT);
    assert_non_null(strstr(error.message, "unknown instruction set 'v9' (from KRAMERS_ISA); this processor has auto, "));
    unsetenv("KRAMERS_ISA");
    assert_int_equal(kr_registry_find("auto", &found, &error), KR_OK);
    assert_ptr_equal(found, all[0]);
}

/* ---- round trip ---- */

static double draw(uint64_t *state) {
    *state ^= *state << 13, *state ^= *state >> 7, *state ^= *state << 17;
    return (double)(*state >> 11) * 0x1p-53;
}

/* Another value than the default that the row allows. */
static double other_number(const kr_parameter *row, uint64_t *state) {
    double low = row->minimum, high = row->maximum, start = isfinite(row->initial) ? row->initial : 0.25;
    if (low == 0 && high == 0) low = -INFINITY, high = INFINITY;
    double value = start + (draw(state) - 0.3) * (start != 0 ? fabs(start) : 0.02);
    if (!(value > low)) value = isfinite(high) && high < low + 1 ? low + (high - low) * draw(state) : low + draw(state) + 0x1p-30;
    if (!(value < high)) value = isfinite(low) && low > high - 1 ? low + (high - low) * draw(state) : high - draw(state) - 0x1p-30;
    return value;
}

/* A list that is given by default keeps its length and its order; numbers of things stay whole. */
static kr_status scale_list(kr_settings *settings, const kr_parameter *row, uint64_t *state, kr_error *error) {
    const kr_list *list = (const void *)((const char *)settings->values + row->offset);
    double copy[64], factor = 0.5 + draw(state);
    assert_in_range(list->count, 1, 64);
    for (size_t i = 0; i < list->count; i++) copy[i] = row->minimum >= 1 ? ceil(factor * list->value[i]) : factor * list->value[i];
    return kr_set_list(settings, row, copy, list->count, error);
}

static void change(kr_settings *settings, const kr_parameter *row, uint64_t *state) {
    kr_error error = {0};
    kr_status status = KR_OK;
    double number = other_number(row, state), list[3] = {number, other_number(row, state), other_number(row, state)};
    int choices = 0;
    switch (row->type) {
    case KR_NUMBER: status = kr_set_number(settings, row, number, &error); break;
    case KR_INTEGER: {
        int64_t integer = (int64_t)row->initial + (int64_t)(5 * draw(state));
        if (row->maximum != 0 && (double)integer > row->maximum) integer = (int64_t)row->maximum;
        if ((row->maximum != 0 || row->minimum != 0) && (double)integer < row->minimum) integer = (int64_t)row->minimum;
        status = kr_set_integer(settings, row, integer, &error);
        break;
    }
    case KR_NATURAL: status = kr_set_natural(settings, row, UINT64_MAX - (uint64_t)(1000 * draw(state)), &error); break;
    case KR_SWITCH: status = kr_set_switch(settings, row, row->initial == 0, &error); break;
    case KR_CHOICE:
        while (row->choices[choices]) choices++;
        status = kr_set_text(settings, row, row->choices[(int)(choices * draw(state))], &error);
        break;
    case KR_TEXT:
        status = kr_set_text(settings, row, row->flags & KR_REQUIRED ? "a \"b\"\\c\té: #1" : row->initial_text, &error);
        break;
    case KR_LIST:
        status = row->initial_text ? scale_list(settings, row, state, &error)
                                   : kr_set_list(settings, row, list, draw(state) < 0.5 ? 1 : 3, &error);
        break;
    case KR_SCHEDULES: break; /* children: test_schedule_parts.c */
    }
    if (status) fail_msg("%s", error.message);
}

/* Some rows to other values, the others to their defaults; returns which. */
static uint64_t change_some(kr_settings *settings, double share, uint64_t *state) {
    uint64_t changed = 0, bit = 1;
    kr_settings before = *settings;
    assert_int_equal(kr_settings_create(settings, before.about, NULL), KR_OK);
    assert_int_equal(kr_settings_copy_children(settings, &before, NULL), KR_OK); /* schedules within: test_schedule_parts.c */
    kr_settings_destroy(&before);
    for (const kr_parameter *row = settings->about->parameters; row && row->name; row++, bit <<= 1)
        if (row->flags & KR_REQUIRED || draw(state) < share) {
            change(settings, row, state);
            changed |= bit;
        }
    return changed;
}

static void assert_same_settings(const kr_settings *a, const kr_settings *b) {
    assert_ptr_equal(a->about, b->about);
    for (const kr_parameter *row = a->about->parameters; row && row->name; row++) {
        const char *x = (const char *)a->values + row->offset, *y = (const char *)b->values + row->offset;
        const kr_list *left = (const kr_list *)(const void *)x, *right = (const kr_list *)(const void *)y;
        const char *const *first = (const char *const *)(const void *)x, *const *second = (const char *const *)(const void *)y;
        switch (row->type) {
        case KR_NUMBER: assert_memory_equal(x, y, sizeof(double)); break;
        case KR_INTEGER: assert_memory_equal(x, y, sizeof(int64_t)); break;
        case KR_NATURAL: assert_memory_equal(x, y, sizeof(uint64_t)); break;
        case KR_SWITCH: assert_memory_equal(x, y, sizeof(bool)); break;
        case KR_CHOICE: assert_memory_equal(x, y, sizeof(int)); break;
        case KR_TEXT:
            assert_true(!*first == !*second);
            if (*first) assert_string_equal(*first, *second);
            break;
        case KR_LIST:
            assert_int_equal(left->count, right->count);
            if (left->count) assert_memory_equal(left->value, right->value, left->count * sizeof(double));
            break;
        case KR_SCHEDULES: break;
        }
    }
}

static kr_settings *section_of(kr_scene *scene, const char *observer) {
    return &scene->observers[kr_scene_observer(scene, observer) - scene->observers];
}

static void assert_same_scene(const kr_scene *a, const kr_scene *b) {
    assert_same_settings(&a->landscape, &b->landscape);
    assert_same_settings(&a->dynamics, &b->dynamics);
    assert_same_settings(&a->noise, &b->noise);
    assert_same_settings(&a->schedule, &b->schedule);
    assert_same_settings(&a->ensemble, &b->ensemble);
    for (size_t i = 0; i < KR_MAX_OBSERVERS; i++) {
        assert_ptr_equal(a->observers[i].about, b->observers[i].about);
        if (a->observers[i].about) assert_same_settings(&a->observers[i], &b->observers[i]);
    }
    assert_same_settings(&a->trajectory, &b->trajectory);
    assert_int_equal(a->warmup.steps, b->warmup.steps);
    assert_memory_equal(&a->warmup.factor, &b->warmup.factor, sizeof(double));
    assert_int_equal(a->start.kind, b->start.kind);
    assert_int_equal(a->start.minimum, b->start.minimum);
    assert_int_equal(a->start.point.count, b->start.point.count);
    if (a->start.point.count)
        assert_memory_equal(a->start.point.value, b->start.point.value, a->start.point.count * sizeof(double));
    assert_int_equal(a->target_count, b->target_count);
    for (size_t i = 0; i < a->target_count; i++) {
        assert_int_equal(a->targets[i].coordinate, b->targets[i].coordinate);
        assert_int_equal(a->targets[i].minimum, b->targets[i].minimum);
        assert_memory_equal(&a->targets[i].above, &b->targets[i].above, sizeof(double));
        assert_memory_equal(&a->targets[i].below, &b->targets[i].below, sizeof(double));
        assert_memory_equal(&a->targets[i].radius, &b->targets[i].radius, sizeof(double));
    }
}

/* Writes, parses back, compares, writes again: the same text. True when the values fit together. */
static bool round_trip(const kr_scene *scene) {
    char *text, *again;
    kr_scene back;
    kr_error error = {0};
    assert_int_equal(kr_scene_write(scene, &text, &error), KR_OK);
    kr_status status = kr_scene_parse(&back, registry, "back", ".", text, NULL, 0, &error);
    /* Values drawn one by one need not fit together; then the message has the place of the whole section. */
    if (status && strstr(error.message, ":3: ")) return free(text), false;
    if (status) fail_msg("%s\n%s", error.message, text);
    assert_same_scene(scene, &back);
    assert_int_equal(kr_scene_write(&back, &again, &error), KR_OK);
    assert_string_equal(text, again);
    free(text);
    free(again);
    kr_scene_destroy(&back);
    return true;
}

static void parse_plugin(kr_scene *scene, const char *section, const kr_descriptor *about) {
    char text[500];
    kr_error error = {0};
    const char *required = "";
    for (const kr_parameter *row = about->parameters; row && row->name; row++)
        if (row->flags & KR_REQUIRED && row->type == KR_TEXT) required = ", file: x";
    snprintf(text, sizeof text, "%s: {name: %s%s}\n", section, about->name, required);
    if (kr_scene_parse(scene, registry, "test", ".", text, NULL, 0, &error)) fail_msg("%s\n%s", error.message, text);
    assert_ptr_equal((!strcmp(section, "landscape")  ? &scene->landscape
                      : !strcmp(section, "dynamics") ? &scene->dynamics
                      : !strcmp(section, "noise")    ? &scene->noise
                                                     : &scene->schedule)
                         ->about,
                     about);
}

static void every_plugin_round_trips(void **state) {
    (void)state;
    const struct {
        const char *section;
        const void *list;
        size_t offset;
    } kinds[] = {{"landscape", registry->landscapes, offsetof(kr_scene, landscape)},
                 {"dynamics", registry->dynamics, offsetof(kr_scene, dynamics)},
                 {"noise", registry->noises, offsetof(kr_scene, noise)},
                 {"schedule", registry->schedules, offsetof(kr_scene, schedule)}};
    uint64_t random = 88172645463325252u;
    for (size_t kind = 0; kind < 4; kind++)
        for (const kr_descriptor *const *about = kinds[kind].list; *about; about++) {
            kr_scene scene;
            parse_plugin(&scene, kinds[kind].section, *about);
            assert_true(round_trip(&scene));
            uint64_t all = 0, covered = 0, bit = 1;
            for (const kr_parameter *row = (*about)->parameters; row && row->name; row++, bit <<= 1) all |= bit;
            for (int trial = 0; trial < 2000 && (trial < 20 || covered != all); trial++) {
                uint64_t changed =
                    change_some((kr_settings *)(void *)((char *)&scene + kinds[kind].offset), draw(&random), &random);
                covered |= round_trip(&scene) ? changed : 0;
            }
            if (covered != all) fail_msg("%s %s: some parameters were never changed", kinds[kind].section, (*about)->name);
            kr_scene_destroy(&scene);
        }
}

static void sections_round_trip(void **state) {
    (void)state;
    uint64_t random = 1234567;
    for (int trial = 0; trial < 50; trial++) {
        kr_scene scene, copy;
        assert_int_equal(
            kr_scene_parse(
                &scene, registry, "t", ".",
                "landscape: {name: double_well, dim: 3}\nensemble: {start: {point: [0.1, -2, 1e-300]}, seed: 9223372036854775807}\n"
                "escape: {until: [{coordinate: 2, above: 0.3, below: -0.1}, {coordinate: 1, below: -7}, {minimum: 1, radius: "
                "0.3}]}\n"
                "schedule: {warmup: {steps: 7, factor: 0.1}}",
                NULL, 0, NULL),
            KR_OK);
        if (trial) {
            change_some(&scene.ensemble, 1, &random);
            change_some(section_of(&scene, "statistics"), 1, &random);
            change_some(section_of(&scene, "energy"), 0, &random);
            change_some(&scene.trajectory, 1, &random);
            ((kr_transitions_settings *)section_of(&scene, "transitions")->values)->margin = 7 * draw(&random);
            scene.start.point.value[0] = draw(&random);
            scene.targets[0].above = 5 * draw(&random);
            scene.warmup.factor = draw(&random);
        }
        assert_true(round_trip(&scene));
        assert_int_equal(kr_scene_copy(&copy, &scene, NULL), KR_OK);
        assert_same_scene(&copy, &scene);
        kr_scene_destroy(&scene);
        assert_true(round_trip(&copy));
        kr_scene_destroy(&copy);
    }
}

static void every_shipped_scene_parses(void **state) {
    (void)state;
    assert_non_null(kr_shipped_scenes[0].name);
    for (const kr_shipped_scene *shipped = kr_shipped_scenes; shipped->name; shipped++) {
        kr_scene scene;
        kr_error error = {0};
        if (kr_scene_load(&scene, registry, shipped->name, NULL, 0, &error)) fail_msg("%s: %s", shipped->name, error.message);
        assert_true(round_trip(&scene));
        kr_scene_destroy(&scene);
    }
}

static void a_written_scene_has_no_path(void **state) {
    (void)state;
    kr_scene scene;
    char *text;
    const char *set[] = {"trajectory.file=/somewhere/x.h5"};
    assert_int_equal(kr_scene_load(&scene, registry, NULL, set, 1, NULL), KR_OK);
    assert_string_equal(kr_scene_trajectory(&scene)->file, "/somewhere/x.h5");
    assert_int_equal(kr_scene_write(&scene, &text, NULL), KR_OK);
    assert_null(strstr(text, "somewhere"));
    assert_null(strstr(text, " file:"));
    free(text);
    kr_scene_destroy(&scene);
}

/* ---- --set ---- */

static void parse_set(kr_scene *scene, const char *text, const char *first, const char *second) {
    const char *set[] = {first, second};
    kr_error error = {0};
    if (kr_scene_parse(scene, registry, "test", ".", text, set, second ? 2 : 1, &error)) fail_msg("%s", error.message);
}

static double parameter(const kr_settings *settings, const char *name) {
    return kr_get_by_name(settings->about, settings->values, name, NAN);
}

static void set_goes_before_the_file(void **state) {
    (void)state;
    kr_scene scene;
    parse_set(&scene, "landscape: {name: double_well, barrier: 3}", "landscape.barrier=2", "landscape.barrier=1.5");
    assert_close(parameter(&scene.landscape, "barrier"), 1.5, 0, 0);
    kr_scene_destroy(&scene);
    parse_set(&scene, "", "ensemble.seed=7", "ensemble.particles=1e3");
    assert_int_equal(kr_scene_ensemble(&scene)->seed, 7);
    assert_int_equal(kr_scene_ensemble(&scene)->particles, 1000);
    kr_scene_destroy(&scene);
    parse_set(&scene, "schedule: {lr: 0.5}", "schedule.warmup.steps=3", NULL);
    assert_close(parameter(&scene.schedule, "lr"), 0.5, 0, 0);
    assert_int_equal(scene.warmup.steps, 3);
    kr_scene_destroy(&scene);
}

static void set_of_a_name_drops_what_the_new_one_does_not_have(void **state) {
    (void)state;
    kr_scene scene;
    parse_set(&scene, "landscape: {name: double_well, barrier: 3, dim: 2}", "landscape.name=harmonic", NULL);
    assert_string_equal(scene.landscape.about->name, "harmonic");
    assert_close(parameter(&scene.landscape, "dim"), 2, 0, 0);
    kr_scene_destroy(&scene);
    parse_set(&scene, "landscape: {name: double_well, barrier: 3, dim: 2}", "landscape=harmonic", "landscape.stiffness=[2]");
    assert_string_equal(scene.landscape.about->name, "harmonic");
    assert_close(parameter(&scene.landscape, "dim"), 1, 0, 0); /* the whole section was replaced */
    kr_scene_destroy(&scene);
    parse_set(&scene, "landscape: harmonic", "landscape.dim=4", NULL);
    assert_string_equal(scene.landscape.about->name, "harmonic");
    assert_close(parameter(&scene.landscape, "dim"), 4, 0, 0);
    kr_scene_destroy(&scene);
}

static void set_takes_yaml(void **state) {
    (void)state;
    kr_scene scene;
    parse_set(&scene, "escape: {until: {coordinate: 0, above: 1}}", "escape.until={coordinate: 0, below: -0.5}", NULL);
    assert_int_equal(scene.target_count, 1);
    assert_close(scene.targets[0].below, -0.5, 0, 0);
    assert_true(scene.targets[0].above == INFINITY);
    kr_scene_destroy(&scene);
    parse_set(&scene, "escape: {until: {coordinate: 0, above: 1}}", "escape.until.below=-2", NULL);
    assert_close(scene.targets[0].below, -2, 0, 0);
    assert_close(scene.targets[0].above, 1, 0, 0);
    kr_scene_destroy(&scene);
    parse_set(&scene, "escape: {until: {coordinate: 0, above: 1}}", "escape.until.minimum=1", "escape.until.radius=0.5");
    assert_close(scene.targets[0].radius, 0.5, 0, 0);
    kr_scene_destroy(&scene);
    parse_set(&scene, "escape: {until: {coordinate: 0, above: 1}}", "escape=null", NULL);
    assert_int_equal(scene.target_count, 0);
    kr_scene_destroy(&scene);
    parse_set(&scene, "ensemble: {start: {minimum: 1}}", "ensemble.start.point=[0.5]", NULL);
    assert_int_equal(scene.start.kind, KR_START_POINT);
    assert_close(scene.start.point.value[0], 0.5, 0, 0);
    kr_scene_destroy(&scene);
    parse_set(&scene, "ensemble: {steps: 5, start: {point: 2}}", "ensemble.start.minimum=1", "ensemble={seed: 3}");
    assert_int_equal(kr_scene_ensemble(&scene)->steps, 100000);
    assert_int_equal(scene.start.kind, KR_START_MINIMUM);
    kr_scene_destroy(&scene);
    parse_set(&scene, "ensemble: {start: {gibbs: 0}}", "ensemble.start.boltzmann=1", NULL);
    assert_int_equal(scene.start.kind, KR_START_GIBBS);
    assert_int_equal(scene.start.minimum, 1);
    char *text;
    kr_error error;
    assert_int_equal(kr_scene_write(&scene, &text, &error), KR_OK);
    assert_non_null(strstr(text, "start: {gibbs: 1")); /* written with the one name */
    free(text);
    kr_scene_destroy(&scene);
}

/* ---- errors ---- */

static const broken_scene broken[] = {
    {"landscape: {name: doublewell}", NULL, "test:1:19: unknown landscape 'doublewell'; did you mean 'double_well'?"},
    {"landscape: doublewell", NULL, "test:1:12: unknown landscape 'doublewell'; did you mean 'double_well'?"},
    {"landscape: {name: double_well, barrer: 1}", NULL,
     "test:1:32: unknown parameter of landscape 'double_well' 'barrer'; did you mean 'barrier'?"},
    {"landscap: {name: double_well}", NULL, "test:1:1: unknown section 'landscap'; did you mean 'landscape'?"},
    {"zzz: 1", NULL,
     "test:1:1: unknown section 'zzz'; there are landscape, dynamics, noise, schedule, keep, ensemble, escape, statistics, "
     "transitions, "
     "energy, histogram, autocorrelation, average"},
    {"\n\ndynamics:\n  name: sgld\n  temperature: -1\n", NULL, "test:5:16: temperature = -1 is out of range; allowed: "},
    {"dynamics: {name: sgld, temperature: hot}", NULL, "test:1:37: temperature must be a number, not 'hot'"},
    {"dynamics: {name: sgld, temperature: \"0.1\"}", NULL,
     "test:1:37: temperature must be a number, not the text \"0.1\"; leave the quotes out"},
    {"dynamics: {name: sgld, temperature: [0.1]}", NULL, "test:1:37: temperature must be a number, not a list"},
    {"dynamics: {name: sgld, temperature: {a: 0.1}}", NULL,
     "test:1:37: temperature must be a number, or the schedule that it follows: {name: cosine, value: ...}"},
    {"dynamics:\n  name: sgld\n  temperature:\n", NULL, "test:3:3: temperature must be a number, not empty"},
    {"dynamics: {name: sgld, temperature: .inf}", NULL, "test:1:37: temperature must be finite, not .inf"},
    {"dynamics: {name: sgld, temperature: .nan}", NULL, "test:1:37: temperature must be finite, not .nan"},
    {"dynamics: {name: [sgld]}", NULL, "test:1:18: name must be a name, not a list"},
    {"dynamics: [sgld]", NULL, "test:1:11: dynamics must be a name, not a list"},
    {"ensemble: {steps: -5}", NULL, "test:1:19: steps = -5 is out of range; allowed: 1 <= steps <= 1e18"},
    {"ensemble: {steps: 2.5}", NULL, "test:1:19: steps must be an integer, not 2.5"},
    {"ensemble: {steps: 1e30}", NULL, "test:1:19: steps = 1e30 is out of range; allowed: 1 <= steps <= 1e18"},
    {"ensemble: {seed: -1}", NULL, "test:1:18: seed = -1 is out of range; allowed: 0 <= seed <= 18446744073709551615"},
    {"ensemble: {seed: 18446744073709551616}", NULL,
     "test:1:18: seed = 1.8446744073709552e19 is out of range; allowed: 0 <= seed <= 18446744073709551615"},
    {"ensemble: {particles: 0}", NULL, "test:1:23: particles = 0 is out of range; allowed: 1 <= N <= 1e12"},
    {"ensemble: {particle: 10}", NULL, "test:1:12: unknown key of ensemble 'particle'; did you mean 'particles'?"},
    {"ensemble: 5", NULL, "test:1:11: ensemble must be a mapping {key: value, ...}, not '5'"},
    {"ensemble: {start: {minimum: 0, point: [1]}}", NULL,
     "test:1:19: start is one of minimum, point, gibbs, random and file; only one of them can be given"},
    {"ensemble: {start: {gibbs: 0, boltzmann: 1}}", NULL,
     "test:1:19: boltzmann is another word for gibbs; only one of them can be given"},
    {"ensemble: {start: {point: [1, 2]}}", NULL, "test:1:27: point has 2 coordinates; landscape 'double_well' has 1"},
    {"ensemble: {start: {point: [x]}}", NULL, "test:1:28: point must be a number or a list of numbers, not 'x'"},
    {"ensemble: {start: {minimum: left}}", NULL, "test:1:29: minimum must be an integer, not 'left'"},
    {"ensemble: {until_events: 10}", NULL, "test:1:26: until_events counts escapes, but the scene has no target (escape.until)"},
    {"escape: {until: {coordinate: 1, above: 1}}", NULL,
     "test:1:30: coordinate = 1 is out of range; landscape 'double_well' has coordinates 0 to 0"},
    {"escape: {until: {coordinate: 0}}", NULL,
     "test:1:17: a target needs 'above' or 'below' or both (of a coordinate), or 'minimum' and 'radius'"},
    {"escape: {until: {above: -1, below: 1}}", NULL,
     "test:1:17: below = 1 must be less than above = -1; otherwise every point is in the target"},
    {"escape: {until: {above: 1, minimum: 1}}", NULL,
     "test:1:17: a target is either a coordinate with 'above' or 'below', or a minimum with 'radius', not both"},
    {"escape: {until: 1}", NULL, "test:1:17: a target must be a mapping such as {coordinate: 0, above: 1}, not '1'"},
    {"escape: {until: {minimum: 1, radius: 0}}", NULL, "test:1:38: radius = 0 is out of range; allowed: 0 < r <= 1e9"},
    {"escape: {untill: {above: 1}}", NULL, "test:1:10: unknown key of escape 'untill'; did you mean 'until'?"},
    {"trajectory: {profile: vmd}", NULL, "test:1:23: profile must be one of native or mdanalysis, not 'vmd'"},
    {"trajectory: {force: yes}", NULL, "test:1:21: force must be true or false, not 'yes'"},
    {"schedule: {warmup: {steps: -1}}", NULL, "test:1:28: steps = -1 is out of range; allowed: 0 <= W <= 1e18"},
    {"landscape: {name: harmonic, stiffness: [1, 2, 3], dim: 2}", NULL,
     "test:1:12: landscape 'harmonic': stiffness lists 3 numbers for dim 2"},
    {"landscape: {name: surface}", NULL, "test:1:12: 'surface' needs 'file': "},
    {"a: 1\na: 2", NULL, "test:2:1: 'a' stands here for the second time; the first is in line 1"},
    {"schedule:\n  lr: 1\n  name: constant\n  lr: 2\n", NULL,
     "test:4:3: 'lr' stands here for the second time; the first is in line 2"},
    {"schedule: &s {lr: 1}", NULL, "anchors are not used in scenes"},
    {"schedule: {lr: *x}", NULL, "aliases are not used in scenes"},
    {"schedule: {lr: !!float 1}", NULL, "tags are not used in scenes"},
    {"schedule: {lr: 1}\n---\nnoise: {name: none}\n", NULL, "test:2:1: a second document begins here; a scene is one document"},
    {"schedule:\n\tlr: 1\n", NULL, "test:2:1: tab character may not be used as indentation; use blanks"},
    {"schedule: {lr: 1", NULL, "the map needs ',' or '}' here"},
    {"schedule: \"x", NULL, "test:1:11: this quotation mark has no other that ends the text"},
    {"[1, 2]: 3", NULL, "a key must be a plain name"},
    {"- 1\n- 2\n", NULL, "test:1:1: a scene must be a mapping of sections (landscape: {...}, dynamics: {...}, ...), not a list"},
    {"hello", NULL, "test:1:1: a scene must be a mapping of sections (landscape: {...}, dynamics: {...}, ...), not 'hello'"},
    {"schedule: {lr: 0.1}\n# caf\xe9\nnoise: {name: nonsense}", NULL, "test:2:6: byte 0xe9 is no UTF-8 text; is this a scene?"},
    {"{a: {b: {c: {d: {e: {f: {g: {h: {i: {j: {k: {l: {m: {n: {o: {p: {q: {r: 1}}}}}}}}}}}}}}}}}}", NULL, "nested too deeply"},
    {"", "landscape.barrer=1",
     "--set landscape.barrer=1: unknown parameter of landscape 'double_well' 'barrer'; did you mean 'barrier'?"},
    {"", "landscape.barrier=-1", "--set landscape.barrier=-1: barrier = -1 is out of range; allowed: "},
    {"", "landscape.barrier=[1", "--set landscape.barrier=[1: "},
    {"", "landscape.barrier=", "--set landscape.barrier=: there is no value after '='"},
    {"", "landscape.barrier", "--set landscape.barrier: needs KEY=VALUE, for instance ensemble.seed=7"},
    {"", "=1", "--set =1: a name is missing in the key"},
    {"", "landscape..barrier=1", "--set landscape..barrier=1: a name is missing in the key"},
    {"", "barrier=1", "--set barrier=1: unknown section 'barrier'; there are landscape, "},
    {"", "landscape.name=doublewell",
     "--set landscape.name=doublewell: unknown landscape 'doublewell'; did you mean 'double_well'?"},
    {"landscape: {barrer: 1}", "landscape.barrier=2",
     "test:1:13: unknown parameter of landscape 'double_well' 'barrer'; did you mean 'barrier'?"},
    {"escape: {until: {above: 1}}", "escape.until.0.above=1",
     "--set escape.until.0.above=1: unknown key of escape.until '0'; there are "},
    {"escape: {until: [{above: 1}]}", "escape.until.2.above=1",
     "--set escape.until.2.above=1: there is no entry 2; the list has 1, and the next would be 1"},
    {"escape: {until: [{above: 1}]}", "escape.until.above=1", "--set escape.until.above=1: a list is set as a whole, [...]"},
    {"", "landscape.barrier={a: 1, a: 2}", "--set landscape.barrier={a: 1, a: 2}: 'a' stands here for the second time"},
};

static void errors_have_their_place(void **state) {
    (void)state;
    refuse_scenes(registry, broken, sizeof broken / sizeof *broken);
}

static void files(void **state) {
    (void)state;
    static const struct {
        const char *source, *message;
        kr_status status;
    } cases[] = {
        {"duble_well", "there is no scene and no file 'duble_well'; did you mean 'double_well'?", KR_BAD_ARGUMENT},
        {"zzz", "there is no scene and no file 'zzz'; 'kramers list scenes' names those that are shipped", KR_BAD_ARGUMENT},
        {"nowhere/scene.yaml", "nowhere/scene.yaml: No such file or directory", KR_IO},
        {"/tmp", "/tmp: is a directory; a scene is a YAML file", KR_IO},
        {"/dev/zero", "/dev/zero: is larger than 1 MiB; this is no scene", KR_BAD_ARGUMENT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        kr_scene scene;
        kr_error error = {0};
        assert_int_equal(kr_scene_load(&scene, registry, cases[i].source, NULL, 0, &error), cases[i].status);
        if (!strstr(error.message, cases[i].message)) fail_msg("%s\nwithout %s", error.message, cases[i].message);
    }
}

static void a_file_has_its_directory(void **state) {
    (void)state;
    char directory[] = "/tmp/kramers_test_XXXXXX", file[64];
    assert_non_null(mkdtemp(directory));
    snprintf(file, sizeof file, "%s/scene.yaml", directory);
    FILE *out = fopen(file, "w");
    assert_non_null(out);
    fputs("\xef\xbb\xbf# with a byte order mark\r\nschedule: {lr: 0.25}\r\n", out);
    fclose(out);
    kr_scene scene;
    kr_error error = {0};
    if (kr_scene_load(&scene, registry, file, NULL, 0, &error)) fail_msg("%s", error.message);
    assert_string_equal(scene.directory, directory);
    assert_close(parameter(&scene.schedule, "lr"), 0.25, 0, 0);
    kr_scene_destroy(&scene);
    setenv("KRAMERS_DATA", "/somewhere", 1);
    assert_int_equal(kr_scene_load(&scene, registry, "double_well", NULL, 0, &error), KR_OK);
    assert_string_equal(scene.directory, "/somewhere");
    kr_scene_destroy(&scene);
    unsetenv("KRAMERS_DATA");
    unlink(file);
    rmdir(directory);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instruction_sets),
        cmocka_unit_test(every_plugin_round_trips),
        cmocka_unit_test(sections_round_trip),
        cmocka_unit_test(every_shipped_scene_parses),
        cmocka_unit_test(a_written_scene_has_no_path),
        cmocka_unit_test(set_goes_before_the_file),
        cmocka_unit_test(set_of_a_name_drops_what_the_new_one_does_not_have),
        cmocka_unit_test(set_takes_yaml),
        cmocka_unit_test(errors_have_their_place),
        cmocka_unit_test(files),
        cmocka_unit_test(a_file_has_its_directory),
    };
    return cmocka_run_group_tests(tests, find_registry, NULL);
}
