/* The instruments beside a real simulation: what they remember, how they share a column, what they predict, and that nothing is
 * drawn outside or depends on anything but the snapshots. */
#include "simulated_view.h"

#include "instruments/instruments_parts.h"

#include "assert_close.h"
#include "sanitized.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct rig {
    simulated_view view;
    kr_instruments *instruments;
} rig;

static rig *make(const char *name, size_t count, const char *const *overrides) {
    rig *r = calloc(1, sizeof *r);
    const kr_registry *registry;
    kr_scene scene;
    kr_error error;
    require(kr_registry_find(NULL, &registry, &error), &error);
    require(kr_scene_load(&scene, registry, name, overrides, count, &error), &error);
    view_open(&r->view, scene, 1280, 800);
    require(kr_instruments_create(&r->instruments, &error), &error);
    return r;
}

static void destroy(rig *r) {
    kr_instruments_destroy(r->instruments);
    view_close(&r->view);
    free(r);
}

static void draw(rig *r, const kr_snapshot *snapshot, kr_rectangle area) {
    kr_frame frame = view_begin(&r->view, snapshot);
    kr_instruments_draw(r->instruments, &frame, area);
    view_end(&r->view);
}

/* Steps, then a frame. */
static void go(rig *r, uint64_t steps, kr_rectangle area) {
    view_run(&r->view, steps, true);
    draw(r, r->view.snapshot, area);
}

static const kr_rectangle column = {950, 38, 330, 762};
static const char small[] = "ensemble.particles=256";

static void history_is_thinned_and_bounded(void **state) {
    (void)state;
    static kr_history history;
    kr_snapshot snapshot = {.generation = 3, .variants = 1};
    bool cleared;
    for (uint64_t i = 1; i <= 50000; i++) {
        snapshot.number = i;
        snapshot.step = 7 * i;
        snapshot.variant[0].learning_rate = (double)i;
        kr_history_append(&history, &snapshot, NULL, NULL, &cleared);
        assert_int_equal(cleared, i == 1);
        assert_true(history.count <= KR_HISTORY);
        assert_close(history.newest.step, 7.0 * (double)i, 0, 0);
    }
    assert_true(history.count >= KR_HISTORY / 4);
    double widest = 0;
    for (size_t i = 1; i < history.count; i++) {
        double gap = history.sample[i].step - history.sample[i - 1].step;
        assert_true(gap > 0);
        widest = fmax(widest, gap);
        assert_close(history.sample[i].learning_rate[0], history.sample[i].step / 7, 0, 0);
    }
    assert_true(widest < 8 * 350000.0 / (double)history.count); /* evenly */
    assert_true(history.sample[0].step < 100);
    kr_history_append(&history, &snapshot, NULL, NULL, &cleared); /* the same one again */
    size_t before = history.count;
    snapshot.number++;
    snapshot.step = 3500; /* back in a file */
    kr_history_append(&history, &snapshot, NULL, NULL, &cleared);
    assert_false(cleared);
    assert_true(history.count < before && history.sample[history.count - 1].step <= 3500);
    snapshot.number++;
    snapshot.generation++;
    kr_history_append(&history, &snapshot, NULL, NULL, &cleared);
    assert_true(cleared);
    assert_int_equal(history.count, 1);
}

static void boltzmann_populations_are_those_of_the_integral(void **state) {
    (void)state;
    const char *overrides[] = {small, "escape.until=[]", "landscape.tilt=0.25", "dynamics.temperature=0.5"};
    rig *r = make("double_well", 4, overrides);
    go(r, 10, column);
    /* Left of the maximum at x = 0.0631: by an independent sum over a fine grid. */
    double left = 0, all = 0, h = 1, c = 0.25, top = 0;
    for (int i = 0; i < 100; i++) top = c / (4 * h) + top * top * top; /* V' = 4 h x (x^2 - 1) + c = 0 */
    for (int i = -400000; i < 400000; i++) {
        double x = (i + 0.5) * 1e-5, weight = exp(-(h * (x * x - 1) * (x * x - 1) + c * x) / 0.5);
        all += weight;
        if (x < top) left += weight;
    }
    assert_false(r->instruments->shares.harmonic);
    assert_close(r->instruments->shares.share[0], left / all, 1e-4, 0);
    assert_close(r->instruments->shares.share[0] + r->instruments->shares.share[1], 1, 1e-12, 0);
    destroy(r);
    /* Harmonic in the plane: weights exp(-V/T) / sqrt(det H). */
    r = make("muller_brown", 2, overrides);
    go(r, 1, column);
    assert_true(r->instruments->shares.harmonic);
    double weight[3], sum = 0;
    size_t well = 0;
    for (size_t i = 0; i < r->view.analysis->critical.count; i++) {
        const kr_critical_point *point = &r->view.analysis->critical.point[i];
        if (point->index) continue;
        weight[well] = exp(-(point->energy + 146.7) / 15) / sqrt(point->eigenvalues[0] * point->eigenvalues[1]);
        sum += weight[well++];
    }
    assert_int_equal(well, 3);
    for (size_t i = 0; i < 3; i++) assert_close(r->instruments->shares.share[i], weight[i] / sum, 1e-9, 0);
    destroy(r);
}

static void no_boltzmann_line_where_the_noise_depends_on_the_position(void **state) {
    (void)state;
    const char *overrides[] = {small};
    rig *r = make("curvature_noise", 1, overrides);
    go(r, 10, column);
    assert_true(r->instruments->shares_version == UINT64_MAX);
    destroy(r);
}

/* Energies that swing every 16 steps, looked at each step: when samples are thinned each of them has seen what came since the one
 * before. */
static void thinned_samples_keep_extremes(void **state) {
    (void)state;
    static kr_history history;
    static kr_snapshot snapshot;
    bool cleared;
    snapshot.generation = 1;
    snapshot.variants = 1;
    for (uint64_t n = 0; n < 1000; n++) {
        snapshot.number = n + 1;
        snapshot.step = (n + 1) * (KR_LOOKS + 1);
        snapshot.looks = KR_LOOKS;
        for (size_t i = 0; i < KR_LOOKS; i++) {
            kr_look *look = &snapshot.look[i];
            look->step = n * (KR_LOOKS + 1) + i + 1;
            double swing = 0.5 * cos(0.3926990817 * (double)look->step);
            look->variant[0].kinetic = 0.5 + swing;
            look->variant[0].potential = 0.5 - swing;
        }
        snapshot.variant[0].kinetic = snapshot.variant[0].potential = 0.5;
        kr_history_append(&history, &snapshot, NULL, NULL, &cleared);
    }
    assert_true(history.interval > 16);
    for (size_t i = 1; i < history.count; i++) {
        const kr_seen *seen = history.sample[i].seen[0];
        assert_true(seen[KR_SEEN_KINETIC].low < 0.04F && seen[KR_SEEN_KINETIC].high > 0.96F);
        assert_true(seen[KR_SEEN_POTENTIAL].low < 0.04F && seen[KR_SEEN_POTENTIAL].high > 0.96F);
        assert_true(seen[KR_SEEN_TOTAL].low > 0.999F && seen[KR_SEEN_TOTAL].high < 1.001F);
    }
}

/* A frame each half period of a pendulum, at which the kinetic energy is 0: looks between frames see it swing to 1/2. */
static void energies_do_not_depend_on_when_frames_are_drawn(void **state) {
    (void)state;
    const char *overrides[] = {"landscape={name: harmonic, stiffness: 1}",
                               "dynamics=hamiltonian",
                               "escape.until=[]",
                               "schedule={name: constant, lr: 0.03855314219}", /* (pi / 16)^2 */
                               "ensemble.start={point: [1]}",
                               "ensemble.particles=8"};
    rig *r = make("double_well", sizeof overrides / sizeof *overrides, overrides);
    const kr_history *history = &r->instruments->history;
    for (int i = 0; i < 20; i++) go(r, 16, column);
    double most = 0, at_frames = 0;
    for (size_t i = 0; i < history->count; i++) {
        double kinetic = (double)history->sample[i].kinetic[0];
        most = fmax(most, kinetic);
        if (fmod(history->sample[i].step, 16) == 0) at_frames = fmax(at_frames, kinetic);
    }
    assert_true(at_frames < 0.01); /* the period of Verlet's steps is a little shorter */
    assert_true(most > 0.47 && most < 0.51);
    destroy(r);
}

static void a_new_generation_begins_empty_and_a_change_begins_a_regime(void **state) {
    (void)state;
    const char *overrides[] = {small};
    rig *r = make("warm_restarts", 1, overrides);
    for (int i = 0; i < 20; i++) go(r, 100, column);
    assert_int_equal(r->instruments->history.count, 20 + 19 * 7); /* frames, and looks between them */
    assert_close(r->instruments->regime_step, 0, 0, 0);
    kr_simulation_intervene(r->view.simulation, "restart");
    go(r, 50, column);
    assert_int_equal(r->view.snapshot->schedule_origin, 2000);
    assert_close(r->instruments->regime_step, 2050, 0, 0);
    assert_false(r->instruments->settings_changed);
    kr_simulation_intervene(r->view.simulation, "set schedule.lr=0.02");
    go(r, 50, column);
    assert_int_equal(r->view.snapshot->schedule_origin, 2000); /* a change of settings does not begin the schedule anew */
    assert_true(r->instruments->settings_changed);
    kr_simulation_intervene(r->view.simulation, "reset");
    go(r, 10, column);
    assert_int_equal(r->instruments->history.count, 1);
    assert_int_equal(r->view.snapshot->schedule_origin, 0);
    assert_false(r->instruments->settings_changed);
    destroy(r);
}

/* Momentum at mu = 0.9 and eta = 0.01 is the particle of Langevin dynamics with friction 1, heated by the same noise, but for the
 * error of steps; its unit of time is ten times as long. */
static void rates_of_the_same_particle_are_equal_where_dynamics_are_compared(void **state) {
    (void)state;
    const char *overrides[] = {"ensemble.particles=4096", "compare=[{name: langevin, friction: 1, temperature: 0}]"};
    rig *r = make("heavy_ball", 2, overrides);
    go(r, 3000, column);
    kr_frame frame = view_begin(&r->view, r->view.snapshot);
    const kr_snapshot_variant *variant = r->view.snapshot->variant;
    kr_shown_rate momentum = kr_instrument_escape_rate(&frame, &variant[0].escape),
                  langevin = kr_instrument_escape_rate(&frame, &variant[1].escape);
    view_end(&r->view);
    assert_true(variant[0].escape.events > 10000 && variant[1].escape.events > 10000);
    assert_close(momentum.rate, langevin.rate, 0.03, 0);
    assert_close(variant[0].escape.rate, 10 * variant[1].escape.rate, 0.03, 0);
    /* The count alone is smaller by the delay at the start, some ten of the 3000 steps. */
    assert_close(momentum.rate, (double)variant[0].escape.events / variant[0].escape.exposure_steps, 0.02, 0);
    assert_true(momentum.ci95.low < momentum.rate && momentum.rate < momentum.ci95.high);
    destroy(r);
}

/* Every shipped scene: an axis that is linear at the beginning is so at the end. */
static void axes_keep_their_scale_during_a_run(void **state) {
    (void)state;
    for (const kr_shipped_scene *scene = kr_shipped_scenes; scene->name; scene++) {
        if (SANITIZED && (scene - kr_shipped_scenes) % 8) continue;
        const char *overrides[] = {"ensemble.particles=4"};
        rig *r = make(scene->name, 1, overrides);
        go(r, 1, column);
        kr_snapshot snapshot = *r->view.snapshot;
        double steps = (double)kr_scene_ensemble(&snapshot.scene)->steps;
        int logarithmic = 0, frames = 0;
        for (double part = 0; part <= 1; part += 0.125, frames++) {
            snapshot.number++;
            snapshot.step = (uint64_t)(part * steps);
            draw(r, &snapshot, column);
            kr_frame frame = view_begin(&r->view, &snapshot);
            logarithmic += kr_instrument_is_logarithmic(r->instruments, &frame, &kr_learning_rate_instrument);
            view_end(&r->view);
        }
        if (logarithmic && logarithmic != frames) fail_msg("%s: %d frames of %d", scene->name, logarithmic, frames);
        destroy(r);
    }
}

/* What was seen stays where it was drawn when the landscape is changed by hand. */
static void the_zero_of_the_energy_stays_for_a_run(void **state) {
    (void)state;
    const char *overrides[] = {small};
    rig *r = make("double_well", 1, overrides);
    go(r, 50, column);
    double zero = r->instruments->energy_zero;
    assert_close(zero, 0, 0, 1e-12);
    kr_simulation_intervene(r->view.simulation, "set landscape.tilt=0.5");
    go(r, 50, column);
    assert_true(r->view.analysis->critical.point[0].energy < -0.4);
    assert_close(r->instruments->energy_zero, zero, 0, 0);
    kr_simulation_intervene(r->view.simulation, "reset");
    go(r, 1, column);
    assert_close(r->instruments->energy_zero, r->view.analysis->critical.point[0].energy, 1e-9, 0);
    destroy(r);
}

/* Pulses, memory and samples have a temperature; noise that follows the curvature has none. */
static void a_thermometer_says_where_the_noise_depends_on_the_position(void **state) {
    (void)state;
    static const struct {
        const char *scene, *noise;
        bool local;
    } cases[] = {{"curvature_noise", NULL, true},
                 {"double_well", "noise={name: loss}", true},
                 {"double_well", "noise={name: isotropic, sigma: 2}", false},
                 {"double_well", "noise={name: coloured, sigma: 2, time: 0.1}", false},
                 {"interference", NULL, false},
                 {"lesson_augmentation", NULL, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *overrides[] = {small, cases[i].noise};
        rig *r = make(cases[i].scene, cases[i].noise ? 2 : 1, overrides);
        go(r, 10, column);
        char text[160] = "";
        kr_frame frame = view_begin(&r->view, r->view.snapshot);
        kr_thermometer_instrument.headline(r->instruments, &frame, text, sizeof text);
        view_end(&r->view);
        if (strncmp(text, cases[i].local ? "noise differs with the place" : "T = ", cases[i].local ? 28 : 4) != 0)
            fail_msg("%s, %s: %s", cases[i].scene, cases[i].noise ? cases[i].noise : "its own noise", text);
        destroy(r);
    }
}

static uint64_t hash(const kr_canvas *canvas) {
    uint64_t value = 1469598103934665603u;
    for (int i = 0; i < canvas->width * canvas->height; i++) value = (value ^ canvas->pixel[i]) * 1099511628211u;
    return value;
}

static void equal_snapshots_give_equal_pixels(void **state) {
    (void)state;
    const char *overrides[] = {small, "compare=[{name: langevin}]", "energy.every=10"};
    uint64_t first = 0;
    for (int again = 0; again < 2; again++) {
        rig *r = make("heavy_ball", 3, overrides);
        for (int i = 0; i < 30; i++) go(r, 20, column);
        if (again) assert_true(hash(&r->view.canvas) == first);
        first = hash(&r->view.canvas);
        destroy(r);
    }
}

/* Every shipped scene, in areas from nothing to a large screen: the column is not left. */
static void nothing_is_drawn_outside(void **state) {
    (void)state;
    static const kr_rectangle areas[] = {{950, 38, 330, 762}, {10, 10, 200, 300}, {100, 100, 40, 40}, {0, 0, 1280, 800},
                                         {5, 5, 0, 0},        {300, 20, 330, 20}, {300, 20, 5, 700},  {-50, -60, 330, 700}};
    for (const kr_shipped_scene *scene = kr_shipped_scenes; scene->name; scene++) {
        if (SANITIZED && (scene - kr_shipped_scenes) % 4) continue;
        const char *overrides[] = {small};
        rig *r = make(scene->name, 1, overrides);
        for (size_t a = 0; a < sizeof areas / sizeof *areas; a++) {
            char what[128];
            view_clear(&r->view);
            go(r, a < 4 ? 5 : 0, areas[a]);
            snprintf(what, sizeof what, "%s in area %zu", scene->name, a);
            size_t colours = view_colours(&r->view, areas[a], what);
            if (a == 0) assert_true(colours > 20); /* letters, curves and axes are there */
        }
        destroy(r);
    }
}

/* Numbers that a simulation may come to, and those it should not, in every place. */
static void no_number_does_harm(void **state) {
    (void)state;
    static const double wild[] = {NAN, INFINITY, -INFINITY, 0, -1, 1e300, -1e300, 1e-300, 1, 0.3};
    enum { WILD = sizeof wild / sizeof *wild };
    const char *overrides[] = {small, "compare=[{name: langevin},{name: sgd},{name: momentum}]", "energy.every=10"};
    rig *r = make("double_well", 3, overrides);
    go(r, 10, column);
    kr_snapshot snapshot = *r->view.snapshot;
    srand(11);
    for (int round = 0; round < 400; round++) {
        snapshot.number++;
        snapshot.step += (uint64_t)(rand() % 1000);
        if (rand() % 50 == 0) snapshot.generation++, snapshot.step = 0;
        snapshot.schedule_origin = rand() % 10 ? 0 : snapshot.step / 2;
        snapshot.variants = (size_t)(1 + rand() % 4);
        snapshot.learning_rate = wild[rand() % WILD];
        for (size_t v = 0; v < KR_MAX_VARIANTS; v++) {
            kr_snapshot_variant *variant = &snapshot.variant[v];
            double *numbers[] = {&variant->learning_rate,
                                 &variant->potential,
                                 &variant->kinetic,
                                 &variant->kinetic_temperature,
                                 &variant->configurational_temperature,
                                 &variant->set_temperature,
                                 &variant->predicted_kinetic_temperature,
                                 &variant->ledger.account[0],
                                 &variant->ledger.account[1],
                                 &variant->population[0],
                                 &variant->population[1],
                                 &variant->escape.rate,
                                 &variant->escape.rate_ci95.low,
                                 &variant->escape.rate_ci95.high,
                                 &variant->escape.mfpt_steps,
                                 &variant->escape.mfpt_steps_ci95.low,
                                 &variant->escape.mfpt_steps_ci95.high,
                                 &variant->escape.exposure_steps};
            for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) *numbers[i] = wild[rand() % WILD];
            variant->escape.events = (uint64_t)(rand() % 3);
            variant->escape_measured = rand() % 4 != 0;
            variant->diverged = (uint64_t)(rand() % 2) * variant->particles;
            variant->absorbed = (uint64_t)(rand() % 2) * variant->particles;
            variant->wells = (size_t)(rand() % 3);
        }
        draw(r, &snapshot, column);
    }
    snapshot.step = UINT64_MAX;
    snapshot.number++;
    draw(r, &snapshot, column);
    destroy(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(history_is_thinned_and_bounded),
        cmocka_unit_test(boltzmann_populations_are_those_of_the_integral),
        cmocka_unit_test(no_boltzmann_line_where_the_noise_depends_on_the_position),
        cmocka_unit_test(thinned_samples_keep_extremes),
        cmocka_unit_test(energies_do_not_depend_on_when_frames_are_drawn),
        cmocka_unit_test(a_new_generation_begins_empty_and_a_change_begins_a_regime),
        cmocka_unit_test(rates_of_the_same_particle_are_equal_where_dynamics_are_compared),
        cmocka_unit_test(the_zero_of_the_energy_stays_for_a_run),
        cmocka_unit_test(a_thermometer_says_where_the_noise_depends_on_the_position),
        cmocka_unit_test(axes_keep_their_scale_during_a_run),
        cmocka_unit_test(equal_snapshots_give_equal_pixels),
        cmocka_unit_test(nothing_is_drawn_outside),
        cmocka_unit_test(no_number_does_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
