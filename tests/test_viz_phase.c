/* The phase plane and the map from one step to the next: what is drawn are the engine's momenta, energies and steps, and closed
 * forms. */
#include "assert_close.h"
#include "landscape_panel_rig.h"
#include "sanitized.h"

#include "landscape/landscape_panel.h"
#include "landscape/landscape_step.h"

static const kr_rectangle area = {0, 0, 700, 560};

static void open_view(rig *r, const char *scene, const char *const *overrides, kr_landscape_view view, uint64_t steps) {
    char why[256] = "";
    rig_open(r, scene, overrides, (int)area.width, (int)area.height, true, 1);
    rig_advance(r, steps);
    if (!kr_landscape_panel_view(r->panel, &r->analysis, &r->snapshot, view, why, sizeof why))
        fprintf(stderr, "%s\n", why), abort();
    rig_draw(r, area, NULL);
    assert_int_equal(r->panel->shown, view);
}

/* On every point of a curve p^2 / 2 + V is the energy, and it is closed at the turning points. */
static void curves_have_one_energy(void **state) {
    (void)state;
    enum { N = 700 };
    rig r;
    open_view(&r, "heavy_ball", (const char *[]){"ensemble.particles=64", NULL}, KR_VIEW_PHASE, 10);
    const kr_landscape *landscape = kr_present_landscape(&r.analysis);
    double x[N], potential[N];
    static kr_point curve[2 * N + 2];
    for (size_t i = 0; i < N; i++) x[i] = -2 + 4.0 * (double)i / (N - 1);
    kr_landscape_energy(landscape, N, x, potential);
    const double energies[] = {0.3, 1, 1.7};
    for (int k = 0; k < 3; k++) {
        size_t count = kr_landscape_energy_curve(N, x, potential, energies[k], curve), turns = 0;
        for (size_t i = 0; i < count; i++) {
            if (isnan(curve[i].x)) continue;
            double energy = kr_landscape_energy_at(landscape, curve[i].x) + 0.5 * curve[i].y * curve[i].y;
            assert_close(energy, energies[k], 0, curve[i].y > 0 ? 1e-12 : 2e-3); /* turning points lie between two columns */
            turns += curve[i].y == 0;
        }
        assert_int_equal(turns, energies[k] < 1 ? 4 : 2); /* of two wells by themselves, or of both together */
    }
    assert_int_equal(r.panel->separatrices, 1);
    assert_close(r.panel->separatrix[0], 1, 0, 1e-12); /* the barrier */
    rig_close(&r);
}

/* Momenta are the engine's: their kinetic energy is the ensemble's, which for the heavy ball is eta b^2 / 2. */
static void momenta_are_those_of_the_engine(void **state) {
    (void)state;
    rig r;
    open_view(&r, "heavy_ball", (const char *[]){"ensemble.particles=500", NULL}, KR_VIEW_PHASE, 300);
    const kr_snapshot_variant *ensemble = &r.snapshot.variant[0];
    kr_view view = kr_session_view(r.session, 0);
    double drawn = 0, engine = 0;
    for (size_t p = 0; p < 500; p++) {
        kr_point at;
        assert_true(kr_landscape_phase_of(r.panel, ensemble, p, &at));
        double buffer = view.auxiliary[0][p];
        assert_close(at.x, view.position[p], 1e-6, 1e-7);
        assert_close(fabs(at.y), sqrt(view.learning_rate) * fabs(buffer), 1e-6, 1e-7);
        drawn += 0.5 * at.y * at.y;
        engine += 0.5 * view.learning_rate * buffer * buffer;
    }
    assert_close(drawn, engine, 1e-5, 0);
    assert_true(engine > 1);
    rig_close(&r);
}

/* Without friction and noise a particle stays on one of the curves. */
static void newtons_particles_stay_on_a_curve(void **state) {
    (void)state;
    rig r;
    open_view(&r, "double_well",
              (const char *[]){"dynamics={name: hamiltonian}", "ensemble.start={point: 0.2}", "schedule.lr=0.0001",
                               "escape.until=[]", "ensemble.particles=50", NULL},
              KR_VIEW_PHASE, 1);
    double before[50], most = 0;
    for (int round = 0; round < 4; round++) {
        for (size_t p = 0; p < 50; p++) {
            kr_point at;
            assert_true(kr_landscape_phase_of(r.panel, &r.snapshot.variant[0], p, &at));
            double energy = kr_landscape_energy_at(kr_present_landscape(&r.analysis), at.x) + 0.5 * at.y * at.y;
            if (round) assert_close(energy, before[p], 0, 1e-3);
            before[p] = round ? before[p] : energy;
            most = fmax(most, energy);
        }
        rig_advance(&r, 137);
    }
    assert_true(most > 0.1);
    rig_close(&r);
}

/* Along a direction of more coordinates position and momentum are the projections on it. */
static void a_direction_of_more_coordinates(void **state) {
    (void)state;
    rig r;
    open_view(&r, "muller_brown", (const char *[]){"ensemble.particles=100", NULL}, KR_VIEW_PHASE, 50);
    assert_true(kr_landscape_choose_directions(r.panel, &r.frame, 1, 0));
    rig_draw(&r, area, NULL);
    double *velocity = malloc(200 * sizeof *velocity);
    kr_view view = kr_session_view(r.session, 0);
    kr_ensemble_velocity_of(&view, 0, 100, velocity);
    for (size_t p = 0; p < 100; p++) {
        kr_point at;
        assert_true(kr_landscape_phase_of(r.panel, &r.snapshot.variant[0], p, &at));
        assert_close(at.x, view.position[view.stride + p], 1e-6, 1e-7);
        assert_close(at.y, velocity[100 + p], 1e-6, 1e-6);
    }
    free(velocity);
    rig_close(&r);
}

static void views_say_why_they_are_not_there(void **state) {
    (void)state;
    char why[256];
    rig r;
    rig_open(&r, "double_well", NULL, 640, 480, true, 1);
    assert_false(kr_landscape_panel_view(r.panel, &r.analysis, &r.snapshot, KR_VIEW_PHASE, why, sizeof why));
    assert_non_null(strstr(why, "sgld has no momentum"));
    assert_true(kr_landscape_panel_view(r.panel, &r.analysis, &r.snapshot, KR_VIEW_STEP, why, sizeof why));
    rig_close(&r);
    rig_open(&r, "heavy_ball", NULL, 640, 480, true, 1);
    assert_false(kr_landscape_panel_view(r.panel, &r.analysis, &r.snapshot, KR_VIEW_STEP, why, sizeof why));
    assert_non_null(strstr(why, "step of momentum"));
    rig_close(&r);
}

/* The map is the engine's step, weight decay and all. */
static void the_map_is_a_step_of_the_engine(void **state) {
    (void)state;
    rig r;
    open_view(&r, "double_well",
              (const char *[]){"dynamics={name: sgd, weight_decay: 0.2}", "schedule.lr=0.21", "escape.until=[]",
                               "ensemble.particles=64", "ensemble.start={point: 0.37}", NULL},
              KR_VIEW_STEP, 0);
    kr_step_map map = {kr_present_landscape(&r.analysis), 0.21};
    double x = 0.37;
    for (int k = 0; k < 20; k++) {
        kr_view view = kr_session_view(r.session, 0);
        assert_close(view.position[0], x, 1e-12, 1e-12);
        x = kr_step_next(&map, x);
        rig_advance(&r, 1);
    }
    rig_close(&r);
}

/* V = (x^2 - 1)^2, r = 4 lr: x' = (1 + r) x - r x^3. For r > 1, which is lr V'' > 2, each minimum has an orbit of two points of sum
 * s and product q around it: s^2 - 3 q = 1 and s^2 - q = (2 + r) / r, so that q = 1 / r and s^2 = 1 + 3 / r. Another one goes from
 * -x to x, x^2 = (2 + r) / r. */
static void orbits_are_those_of_the_closed_form(void **state) {
    (void)state;
    static const double rates[] = {0.2, 0.249, 0.26, 0.3, 0.34};
    for (size_t k = 0; k < sizeof rates / sizeof *rates; k++) {
        char lr[64];
        rig r;
        snprintf(lr, sizeof lr, "schedule.lr=%g", rates[k]);
        open_view(&r, "double_well", (const char *[]){"dynamics={name: sgd}", lr, "ensemble.particles=64", NULL}, KR_VIEW_STEP, 0);
        kr_step_map map = {kr_present_landscape(&r.analysis), rates[k]};
        kr_step_orbit orbit[8];
        double rr = 4 * rates[k], s = sqrt(1 + 3 / rr), d = sqrt(fmax(1 - 1 / rr, 0));
        size_t count = kr_step_orbits(&map, -2.1, 2.2, 8, orbit), found = 0, stable = 0;
        for (size_t j = 0; j < count; j++) {
            double product = orbit[j].low * orbit[j].high;
            if (product < 0) {
                assert_close(orbit[j].high, sqrt((2 + rr) / rr), 0, 1e-9);
                assert_true(fabs(orbit[j].multiplier) > 1);
                continue;
            }
            found++;
            assert_close(fabs(orbit[j].low + orbit[j].high), s, 0, 1e-9);
            assert_close(orbit[j].high - orbit[j].low, d, 0, 1e-9);
            assert_close(orbit[j].multiplier,
                         (1 - rates[k] * (12 * orbit[j].low * orbit[j].low - 4)) *
                             (1 - rates[k] * (12 * orbit[j].high * orbit[j].high - 4)),
                         1e-9, 1e-9);
        }
        assert_int_equal(found, rr > 1 ? 2 : 0);
        assert_int_equal(count, found + 1);
        for (size_t j = 0; j < count; j++) stable += fabs(orbit[j].multiplier) < 1;
        assert_int_equal(stable, rr > 1 && rr < sqrt(5) - 1 ? 2 : 0);
        assert_int_equal(r.panel->stable_orbits, stable);
        assert_close(kr_step_slope(&map, 1), 1 - 8 * rates[k], 1e-12, 0);
        rig_close(&r);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(curves_have_one_energy),
        cmocka_unit_test(momenta_are_those_of_the_engine),
        cmocka_unit_test(newtons_particles_stay_on_a_curve),
        cmocka_unit_test(a_direction_of_more_coordinates),
        cmocka_unit_test(views_say_why_they_are_not_there),
        cmocka_unit_test(the_map_is_a_step_of_the_engine),
        cmocka_unit_test(orbits_are_those_of_the_closed_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
