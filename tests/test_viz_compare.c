/* Schedules, noise and dynamics side by side in the window: added and taken away by the controls, called by what tells them apart,
 * and each with the learning rate, the landscape's strip and the theory of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "assert_close.h"
#include "controls/controls_panel.h"
#include "controls_fixture.h"
#include "instruments/instruments_parts.h"
#include "model/variant_title.h"

#include <math.h>

static const char few[] = "ensemble.particles=64";

static void choose(desk *d, const char *identity, size_t entry) {
    desk_focus(d, identity);
    desk_key(d, SDLK_RETURN);
    for (size_t i = 0; i < entry; i++) desk_key(d, SDLK_DOWN);
    desk_key(d, SDLK_RETURN);
    desk_frame(d);
}

static void press(desk *d, const char *identity) {
    desk_focus(d, identity);
    desk_key(d, SDLK_SPACE);
    desk_frame(d);
}

static const kr_compared *entry_of(const desk *d, size_t number) {
    return &d->snapshot->scene.compare[number];
}

static void sections_come_and_go(void **state) {
    (void)state;
    desk d;
    desk_open(&d, "double_well", (const char *const[]){few, "schedule={name: cosine, lr: 0.04, lr_min: 0.004}"}, 2, 700, 800, true,
              1);
    for (int i = 0; i < 2; i++) desk_frame(&d);
    for (size_t i = 0; i < KR_SECTION_COUNT; i++) d.controls->open[i] = true;
    desk_frame(&d);
    choose(&d, "controls.compare.add", 1); /* another schedule: half the rate, and all else as it is */
    assert_int_equal(d.snapshot->variants, 2);
    const kr_settings *schedule = &entry_of(&d, 0)->own[KR_COMPARED_SCHEDULE];
    assert_string_equal(schedule->about->name, "cosine");
    assert_close(kr_get_by_name(schedule->about, schedule->values, "lr", 0), 0.02, 1e-12, 0);
    assert_close(kr_get_by_name(schedule->about, schedule->values, "lr_min", 0), 0.004, 1e-12, 0);
    assert_null(entry_of(&d, 0)->own[KR_COMPARED_DYNAMICS].about);
    assert_string_equal(d.snapshot->variant[0].name, "\xce\xb7=0.04");
    assert_string_equal(d.snapshot->variant[1].name, "\xce\xb7=0.02");
    desk_focus(&d, "controls.compare.0.schedule.lr");
    desk_key(&d, SDLK_LEFT);
    assert_true(kr_get_by_name(entry_of(&d, 0)->own[KR_COMPARED_SCHEDULE].about, entry_of(&d, 0)->own[KR_COMPARED_SCHEDULE].values,
                               "lr", 0) < 0.02);
    const kr_schedule_type *const *next = d.snapshot->scene.registry->schedules;
    while (strcmp((*next++)->about.name, "cosine") != 0) {
    }
    choose(&d, "controls.compare.0.schedule.name", 1); /* one further down */
    assert_string_equal(entry_of(&d, 0)->own[KR_COMPARED_SCHEDULE].about->name, (*next)->about.name);
    choose(&d, "controls.compare.0.more", 2); /* and noise where the scene has none */
    assert_string_equal(entry_of(&d, 0)->own[KR_COMPARED_NOISE].about->name, "isotropic");
    press(&d, "controls.compare.0.schedule.remove");
    assert_int_equal(d.snapshot->variants, 2);
    assert_null(entry_of(&d, 0)->own[KR_COMPARED_SCHEDULE].about);
    choose(&d, "controls.compare.add", 2); /* other noise */
    assert_int_equal(d.snapshot->variants, 3);
    press(&d, "controls.compare.0.noise.remove"); /* its last section: the entry goes */
    assert_int_equal(d.snapshot->variants, 2);
    press(&d, "controls.compare.0.gone");
    assert_int_equal(d.snapshot->variants, 1);
    desk_close(&d);
}

/* What instruments and theories take for a variant is its own. */
static void each_has_its_own_learning_rate(void **state) {
    (void)state;
    desk d;
    kr_error error;
    static const char list[] = "compare=[{schedule: {name: linear, lr: 0.02, lr_end: 0.002}}, {name: momentum}]";
    desk_open(&d, "double_well", (const char *const[]){few, "ensemble.steps=1000", list}, 3, 100, 100, true, 1);
    require(kr_simulation_run_steps(d.simulation, 500, &error), &error);
    desk_look(&d);
    double own = d.snapshot->variant[1].learning_rate, first = d.snapshot->learning_rate;
    uint64_t step = d.snapshot->step;
    assert_close(own, 0.02 - 0.018 * (double)step / 1000, 1e-12, 0);
    assert_true(fabs(first - own) > 1e-4);
    assert_true(d.snapshot->variant[2].learning_rate == first);
    const kr_schedule *schedule = kr_present_schedule(d.analysis, 1);
    assert_close(kr_schedule_at(schedule, 250), 0.02 - 0.018 * 0.25, 1e-12, 0);
    assert_true(kr_schedule_at(kr_present_schedule(d.analysis, 2), 250) == kr_schedule_at(kr_present_schedule(d.analysis, 0), 250));
    kr_instruments *instruments;
    require(kr_instruments_create(&instruments, &error), &error);
    kr_frame frame = {.analysis = d.analysis, .snapshot = d.snapshot};
    kr_planned planned = kr_rate_planned(instruments, &frame, 1);
    assert_close(planned.at(&planned, 250), 0.02 - 0.018 * 0.25, 1e-12, 0);
    kr_instruments_destroy(instruments);
    desk_close(&d);
}

static void they_are_called_by_what_tells_them_apart(void **state) {
    (void)state;
    static const struct {
        const char *compare, *titles[3];
    } rows[] = {
        {"[]", {"sgld"}},
        {"[momentum]", {"sgld", "momentum"}},
        {"[{name: sgld, temperature: 0.3}]", {"sgld T=0.2", "sgld T=0.3"}},
        {"[{schedule: {lr: 0.02}}, {schedule: {lr: 0.04}}]", {"\xce\xb7=0.01", "\xce\xb7=0.02", "\xce\xb7=0.04"}},
        {"[{schedule: {name: cosine, lr: 0.01}}]", {"constant", "cosine"}},
        {"[{schedule: {warmup: {steps: 50}}}]", {"warmup 0", "warmup 50"}},
        {"[{noise: {name: isotropic, sigma: 2}}]", {"none", "isotropic"}},
        {"[{name: momentum, schedule: {lr: 0.02}}, {noise: {name: isotropic, sigma: 2}}]",
         {"the scene", "momentum \xce\xb7=0.02", "isotropic"}},
        {"[{schedule: {name: cosine, lr: 0.02}}, momentum]", {"the scene", "cosine", "momentum"}},
        {"[{name: sgld, temperature: 0.2}]", {"sgld", "sgld"}},
    };
    const kr_registry *registry;
    kr_error error;
    require(kr_registry_find(NULL, &registry, &error), &error);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char set[200], title[64];
        kr_scene scene;
        snprintf(set, sizeof set, "compare=%s", rows[i].compare);
        const char *const overrides[] = {set, "schedule={name: constant, lr: 0.01}", "dynamics={name: sgld, temperature: 0.2}"};
        require(kr_scene_load(&scene, registry, "double_well", overrides, 3, &error), &error);
        for (size_t v = 0; v <= scene.compare_count; v++) {
            kr_variant_title(&scene, v, title, sizeof title);
            assert_string_equal(title, rows[i].titles[v]);
        }
        kr_scene_destroy(&scene);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(sections_come_and_go), cmocka_unit_test(each_has_its_own_learning_rate),
                                       cmocka_unit_test(they_are_called_by_what_tells_them_apart)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
