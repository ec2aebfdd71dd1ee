/* Numbers that change with the step, in the window: everything that is shown is about the step that is shown, and each of them has
 * a curve. Values are compared with their formulas, not with the engine's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "assert_close.h"
#include "controls_fixture.h"
#include "instruments/instruments_parts.h"
#include "landscape/landscape_panel.h"
#include "landscape_panel_rig.h"

#include <kramers/critical_points.h>

#include <math.h>

static const double pi = 3.14159265358979323846;

static const char tilted[] = "landscape={name: double_well, tilt: {name: linear, value: 0.8, value_end: -0.8, steps: 1000}}";
static const char cooled[] = "dynamics={name: sgld, temperature: {name: cosine, value: 0.4, value_min: 0.04, steps: 1000}}";
static const char few[] = "ensemble.particles=64";

static double tilt_at(uint64_t step) {
    return step < 1000 ? 0.8 - 1.6 * (double)step / 1000 : -0.8;
}

static double cosine_at(double high, double low, uint64_t step) {
    return step < 1000 ? low + 0.5 * (high - low) * (1 + cos(pi * (double)step / 1000)) : low;
}

static void run_for(desk *d, uint64_t steps) {
    kr_error error;
    require(kr_simulation_run_steps(d->simulation, steps, &error), &error);
    desk_look(d);
}

static double well(double c, double x) {
    return (x * x - 1) * (x * x - 1) + c * x;
}

/* The mean potential, critical points and the landscape that panels draw. */
static void a_driven_landscape_is_that_of_the_step(void **state) {
    (void)state;
    desk d;
    desk_open(&d, "double_well", (const char *const[]){tilted, few}, 2, 100, 100, true, 1);
    for (int round = 0; round < 6; round++) {
        run_for(&d, 199);
        double c = tilt_at(d.snapshot->step), sum = 0;
        const kr_snapshot_variant *v = d.snapshot->variant;
        for (size_t p = 0; p < v->count; p++) sum += well(c, (double)v->position[p]);
        assert_close(v->potential, sum / (double)v->count, 1e-5, 1e-5); /* positions are floats here */
        assert_close(kr_landscape_energy_at(kr_present_landscape(d.analysis), 1.5), well(c, 1.5), 1e-14, 0);
        const kr_critical_points *critical = kr_present_critical(d.analysis);
        assert_int_equal(critical->count, 3);
        for (size_t k = 0; k < 3; k++) {
            double x = critical->point[k].position[0];
            assert_close(4 * x * (x * x - 1) + c, 0, 0, 1e-6);
            assert_close(critical->point[k].energy, well(c, x), 1e-10, 1e-10);
        }
    }
    assert_int_equal(d.snapshot->step, 1195);
    desk_close(&d);
}

/* Populations belong to the basins of the moment: the barrier's top has moved. */
static void populations_are_of_the_basins_of_the_step(void **state) {
    (void)state;
    desk d;
    static const char spread[] = "ensemble.start={point: [0.12]}";
    desk_open(&d, "double_well", (const char *const[]){tilted, few, spread, "schedule.lr=1e-9", "dynamics={name: sgd}"}, 5, 100,
              100, true, 1);
    /* The top is where 4 x^3 - 4 x + c = 0: at c = 0.8 it is 0.2094, at c = 0 it is 0. */
    assert_close(d.snapshot->variant[0].population[0], 1, 0, 0);
    run_for(&d, 499);
    assert_close(d.snapshot->variant[0].population[1], 1, 0, 0);
    desk_close(&d);
}

static void temperatures_are_those_of_the_step(void **state) {
    (void)state;
    desk d;
    static const char compared[] = "compare=[{name: sgld, temperature: {name: linear, value: 0.1, value_end: 0.3, steps: 1000}}, "
                                   "{name: sgld, temperature: 0.7}]";
    desk_open(&d, "double_well", (const char *const[]){cooled, few, compared, "escape.until=[]"}, 4, 100, 100, true, 1);
    for (int round = 0; round < 3; round++) {
        run_for(&d, 333);
        uint64_t step = d.snapshot->step;
        const double expected[3] = {cosine_at(0.4, 0.04, step), step < 1000 ? 0.1 + 0.2 * (double)step / 1000 : 0.3, 0.7};
        for (size_t v = 0; v < 3; v++) {
            kr_problem problem;
            assert_close(d.snapshot->variant[v].set_temperature, expected[v], 1e-12, 0);
            assert_close(d.snapshot->variant[v].predicted_kinetic_temperature, expected[v], 1e-12, 0);
            assert_true(kr_present_problem(d.analysis, v, &problem));
            assert_close(kr_problem_temperature(&problem, 0.01), expected[v], 1e-12, 0);
        }
    }
    desk_close(&d);
}

/* The stationary density that the panel draws is Boltzmann's of this step: its two sides as the tilt and temperature have them. */
static void stationary_densities_are_those_of_the_step(void **state) {
    (void)state;
    desk d;
    desk_open(&d, "double_well", (const char *const[]){tilted, cooled, few, "escape.until=[]"}, 4, 100, 100, true, 1);
    kr_stationary stationary = {.made = false};
    kr_error error;
    for (int round = 0; round < 3; round++) {
        run_for(&d, 300);
        double c = tilt_at(d.snapshot->step), temperature = cosine_at(0.4, 0.04, d.snapshot->step);
        require(kr_stationary_update(&stationary, d.analysis, 0, 1e-4, (kr_interval){-2, 2}, &error), &error);
        assert_true(stationary.known);
        double ratio = kr_density_at(&stationary.density.continuous, 1) / kr_density_at(&stationary.density.continuous, 0.5);
        assert_close(ratio, exp(-(well(c, 1) - well(c, 0.5)) / temperature), 1e-3, 0);
    }
    kr_stationary_destroy(&stationary);
    desk_close(&d);
}

/* The expected temperature follows what noise does by itself, and a restart by hand carries along what follows the learning rate.
 */
static void pulses_and_kept_numbers_follow(void **state) {
    (void)state;
    desk d;
    kr_error error;
    static const char pulses[] = "noise={name: pulse, high: 3, low: 1, period: 100, width: 40, phase: 10}";
    desk_open(&d, "double_well", (const char *const[]){pulses, "dynamics={name: sgd}", few, "schedule.lr=0.02"}, 4, 100, 100, true,
              1);
    for (uint64_t step = 1; step < 230; step = d.snapshot->step) {
        bool high = (step + 90) % 100 < 40;
        double sigma = high ? 3 : 1;
        assert_int_equal(kr_present_curves(d.analysis), 1);
        assert_close(kr_present_curve_at(d.analysis, 0, step), sigma, 1e-12, 0);
        assert_close(d.snapshot->variant[0].predicted_kinetic_temperature, 0.5 * 0.02 * sigma * sigma, 1e-12, 0);
        run_for(&d, 7);
    }
    desk_close(&d);
    desk_open(&d, "double_well",
              (const char *const[]){"noise={name: isotropic, sigma: 2, batch_size: 4}", "dynamics={name: sgd}", few,
                                    "schedule={name: cosine, lr: 0.02, lr_min: 0.002, steps: 1000}", "keep=[lr/noise.batch_size]"},
              5, 100, 100, true, 1);
    run_for(&d, 699);
    assert_close(kr_present_curve_at(d.analysis, 0, 700), 4 * cosine_at(0.02, 0.002, 700) / 0.02, 1e-12, 0);
    assert_true(kr_simulation_intervene(d.simulation, "restart"));
    require(kr_simulation_run_steps(d.simulation, 100, &error), &error);
    desk_look(&d);
    double rate = cosine_at(0.02, 0.002, 100);
    assert_close(d.snapshot->learning_rate, rate, 1e-12, 0);
    assert_close(kr_present_curve_at(d.analysis, 0, d.snapshot->step), 4 * rate / 0.02, 1e-12, 0);
    assert_close(d.snapshot->variant[0].predicted_kinetic_temperature, 0.5 * 0.02 * 4 / 4, 1e-12, 0);
    desk_close(&d);
}

/* ---- curves ---- */

static void draw_instruments(desk *d, kr_instruments *instruments, double height) {
    kr_frame frame = desk_begin(d);
    frame.still = true;
    kr_instruments_draw(instruments, &frame, (kr_rectangle){0, 0, d->canvas.width, height});
    assert_int_equal(kr_driven_instrument.applies(instruments, &frame), kr_present_curves(d->analysis) > 0);
    kr_widgets_end(&d->widgets);
}

static void curves_have_names_values_and_a_past(void **state) {
    (void)state;
    desk d;
    kr_instruments *instruments;
    kr_error error;
    char name[KR_DRIVEN_NAME];
    static const char weighted[] = "dynamics={name: sgld, temperature: {name: cosine, value: 0.4, value_min: 0.04, steps: 1000}, "
                                   "weight_decay: 0.1}";
    desk_open(&d, "double_well",
              (const char *const[]){tilted, weighted, few, "keep=[lr*dynamics.weight_decay]", "noise={name: pulse}"}, 5, 330, 762,
              true, 1);
    require(kr_instruments_create(&instruments, &error), &error);
    assert_int_equal(kr_present_curves(d.analysis), 4);
    static const char *const names[] = {"landscape.tilt", "dynamics.temperature", "dynamics.weight_decay", "noise.pulse"};
    for (size_t i = 0; i < 4; i++) assert_string_equal(kr_present_curve_name(d.analysis, i, name, sizeof name), names[i]);
    draw_instruments(&d, instruments, 762);
    run_for(&d, 200);
    draw_instruments(&d, instruments, 762);
    uint64_t then = d.snapshot->step;
    assert_close((double)instruments->history.newest.curve[0], tilt_at(then), 1e-6, 1e-6);
    assert_close((double)instruments->history.newest.curve[1], cosine_at(0.4, 0.04, then), 1e-6, 0);
    /* Other settings: the past stays what it was. */
    assert_true(kr_simulation_intervene(d.simulation, "set landscape.tilt=0.1"));
    run_for(&d, 200);
    draw_instruments(&d, instruments, 762);
    assert_int_equal(kr_present_curves(d.analysis), 3);
    const kr_sample *before = kr_history_nearest(&instruments->history, (double)then);
    assert_close((double)before->curve[0], tilt_at(then), 1e-6, 1e-6);
    assert_true(isnan(instruments->history.newest.curve[0]));
    assert_close((double)instruments->history.newest.curve[1], cosine_at(0.4, 0.04, d.snapshot->step), 1e-6, 0);
    kr_instruments_destroy(instruments);
    desk_close(&d);
}

static uint64_t picture_sum(const kr_canvas *canvas) {
    uint64_t sum = 0;
    for (size_t i = 0; i < (size_t)canvas->width * (size_t)canvas->height; i++) sum = sum * 31 + canvas->pixel[i];
    return sum;
}

/* More numbers than have room, every height: nothing is drawn outside, and each turn of the wheel shows one more, down to the last.
 */
static void many_curves_find_room(void **state) {
    (void)state;
    desk d;
    kr_instruments *instruments;
    kr_error error;
    static const char all[] = "landscape={name: muller_brown, scale: {name: linear, value: 1, value_end: 2, steps: 100}}";
    static const char noises[] =
        "noise=[{name: pulse}, {name: pulse, period: 7}, {name: pulse, phase: 3}, {name: pulse, width: 9}, "
        "{name: isotropic, sigma: {name: cyclic, value: 1, value_min: 0, steps_up: 5, steps_down: 5}}]";
    desk_open(&d, "muller_brown", (const char *const[]){all, noises, few, "dynamics={name: sgd}"}, 4, 330, 762, false, 1);
    require(kr_instruments_create(&instruments, &error), &error);
    assert_int_equal(kr_present_curves(d.analysis), 6);
    d.input.mouse = (kr_point){150, 230};
    static const double hidden[] = {4, 5, 4, 4}; /* of six, where rows have room for 2, 1, 2 and 2 beside the other instruments */
    size_t number = 0;
    for (double height = 762; height > 10; height -= 93, number++) {
        uint64_t before = 0;
        instruments->curve_scroll = 0;
        for (int turn = 0; turn < 7; turn++) {
            double scroll = instruments->curve_scroll;
            d.input.wheel = turn ? -1 : 0;
            draw_instruments(&d, instruments, height);
            for (size_t i = ((size_t)height + 1) * (size_t)d.canvas.width; i < 762 * (size_t)d.canvas.width; i++)
                assert_int_equal(d.canvas.pixel[i], d.theme.background);
            uint64_t picture = picture_sum(&d.canvas);
            if (turn) assert_true((picture != before) == (instruments->curve_scroll == scroll + 1));
            before = picture;
        }
        if (number < 4) assert_true(instruments->curve_scroll == hidden[number]); /* the pointer is below the others */
    }
    kr_instruments_destroy(instruments);
    desk_close(&d);
}

/* Nothing is shown where nothing changes. */
static void still_scenes_have_no_curves(void **state) {
    (void)state;
    desk d;
    kr_instruments *instruments;
    kr_error error;
    desk_open(&d, "warm_restarts", (const char *const[]){few}, 1, 330, 762, true, 1);
    require(kr_instruments_create(&instruments, &error), &error);
    draw_instruments(&d, instruments, 762);
    assert_int_equal(kr_present_curves(d.analysis), 0);
    assert_true(kr_present_landscape(d.analysis)->type == d.analysis->model.landscape.type);
    assert_true(kr_present_critical(d.analysis) == &d.analysis->critical);
    kr_instruments_destroy(instruments);
    desk_close(&d);
}

/* ---- the landscape panel ---- */

static void a_tilt_is_seen_to_move(void **state) {
    (void)state;
    rig r;
    static const char *const overrides[] = {tilted, few, "escape.until=[]", "ensemble.start={point: [-1]}", NULL};
    rig_open(&r, "double_well", overrides, 700, 200, true, 1); /* so low that there is no strip of densities */
    kr_rectangle area = {0, 0, 700, 200};
    rig_draw(&r, area, NULL);
    kr_camera camera = r.panel->camera;
    for (uint64_t step = 0; step <= 1000; step += 250) {
        if (step) rig_advance(&r, 250);
        kr_present_set(&r.analysis, r.snapshot.step, 0, true);
        rig_draw(&r, area, NULL);
        camera = r.panel->camera;
        double pixel = kr_camera_pixel(&camera, 1.2, well(tilt_at(step), 1.2)).y;
        int x = (int)kr_camera_pixel(&camera, 1.2, 0).x;
        uint32_t on = r.canvas.pixel[(size_t)(int)pixel * 700 + (size_t)x];
        uint32_t above = r.canvas.pixel[(size_t)((int)pixel - 12) * 700 + (size_t)x];
        if (on == above) fail_msg("step %d: no track at pixel %d, %g", (int)step, x, pixel);
    }
    kr_camera widest = r.panel->camera; /* and at rest when all has been seen */
    for (uint64_t step = 0; step <= 1000; step += 125) {
        kr_present_set(&r.analysis, step, 0, true);
        rig_draw(&r, area, NULL);
        assert_true(kr_camera_same(&widest, &r.panel->camera));
    }
    rig_close(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_driven_landscape_is_that_of_the_step),
        cmocka_unit_test(populations_are_of_the_basins_of_the_step),
        cmocka_unit_test(temperatures_are_those_of_the_step),
        cmocka_unit_test(stationary_densities_are_those_of_the_step),
        cmocka_unit_test(pulses_and_kept_numbers_follow),
        cmocka_unit_test(curves_have_names_values_and_a_past),
        cmocka_unit_test(many_curves_find_room),
        cmocka_unit_test(still_scenes_have_no_curves),
        cmocka_unit_test(a_tilt_is_seen_to_move),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
