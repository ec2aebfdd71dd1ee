/* Valleys between harmonic walls (river_valley, double_well_bath): the exact gap beside other ways to compute it, and the theories
 * of the free energy along the floor. */
#include "landscape_fixture.h"
#include "plugin_setup.h"
#include "sanitized.h"

#include "solvers/fokker_planck/spectral_gap_1d.h"
#include "solvers/fokker_planck/spectral_gap_2d.h"
#include "solvers/fokker_planck/spectral_gap_walls.h"

#include <kramers/model.h>
#include <kramers/scene.h>
#include <kramers/stationary_density.h>

#include <math.h>

/* ---- the exact gap ---- */

static kr_wall_gap gap_of(const kr_landscape *v, double temperature, double *adiabatic) {
    double start[8] = {0};
    kr_problem problem = {.landscape = v, .start = start};
    kr_free_energy w;
    kr_wall_gap found;
    kr_prediction out;
    const char *why;
    if (!kr_free_energy_make(&problem, temperature, false, &w, &out)) fail_msg("%s", out.why);
    if (!kr_spectral_gap_walls(&w, &found, &why)) fail_msg("%s: %s", v->type->about.name, why);
    if (adiabatic) {
        double none;
        assert_true(kr_spectral_gap_1d(&w.landscape, 0, temperature, 0, adiabatic, &none, &why));
    }
    return found;
}

/* Two dimensions by finite volumes in the plane, which know nothing of walls. */
static void the_gap_in_the_plane_is_that_of_finite_volumes(void **state) {
    (void)state;
    static const struct {
        const char *name, *options;
        double temperature, decay;
    } all[] = {{"double_well_bath", "dim=2 k_left=1 k_right=10", 0.2, 0},
               {"double_well_bath", "dim=2 k_left=2 k_right=0.5 tilt=0.1", 0.5, 0.2},
               {"river_valley", "dim=2 wall=4 growth=0.5", 0.2, 0},
               {"river_valley", "dim=2 wall=4 growth=0.5 bend=0.5", 0.2, 0.3},
               {"river_valley", "dim=2 wall=4 growth=-0.3 bend=1.5", 0.1, 0}};
    for (size_t k = 0; k < (SANITIZED ? 1 : sizeof all / sizeof *all); k++) {
        fixture f = fixture_open(all[k].name, all[k].decay, all[k].options);
        double gap, accuracy;
        const char *why;
        assert_true(kr_spectral_gap_2d(&f.landscape, all[k].temperature, &gap, &accuracy, &why));
        kr_wall_gap exact = gap_of(&f.landscape, all[k].temperature, NULL);
        assert_true(exact.accuracy < 1e-6);
        assert_close(exact.gap, gap, 3 * accuracy + 1e-6, 0);
        fixture_close(&f);
    }
}

/* How the gap rises with the learning rate, beside finite volumes at a small one. */
static void the_steps_gap_rises_as_that_of_finite_volumes(void **state) {
    (void)state;
    const double rate = 1e-3;
    fixture f = fixture_open("double_well_bath", 0, "dim=2 k_left=1 k_right=3 tilt=0.1");
    kr_wall_gap exact = gap_of(&f.landscape, 0.25, NULL);
    double factor = kr_spectral_gap_2d_factor(&f.landscape, 0.25, rate);
    assert_close(exact.rise, (factor - 1) / rate, 0.01, 0);
    fixture_close(&f);
}

/* Reduced gap over true gap, computed elsewhere (barrier 1, T = 1/5). */
static void ratios_are_the_known_ones(void **state) {
    (void)state;
    static const struct {
        const char *options;
        double ratio;
    } known[] = {{"dim=2 k_left=1 k_right=10", 1.034},
                 {"dim=10 k_left=1 k_right=2", 1.044},
                 {"dim=10 k_left=0.2 k_right=0.4", 1.077},
                 {"dim=10 k_left=10 k_right=20", 1.009}};
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        fixture f = fixture_open("double_well_bath", 0, known[k].options);
        double adiabatic;
        kr_wall_gap exact = gap_of(&f.landscape, 0.2, &adiabatic);
        assert_close(adiabatic / exact.gap, known[k].ratio, 0, 6e-4);
        fixture_close(&f);
    }
}

/* Equal walls: the double well's gap in any dimension, at a barrier where matrices lose it. */
static void equal_walls_change_nothing(void **state) {
    (void)state;
    static const char *const options[] = {"dim=2 k_left=3 k_right=3", "dim=10000 k_left=3 k_right=3"};
    for (size_t k = 0; k < 2; k++) {
        fixture f = fixture_open("double_well_bath", 0, options[k]);
        assert_close(gap_of(&f.landscape, 1 / 20.0, NULL).gap, 3.6386057e-9, 1e-7, 0);
        assert_close(gap_of(&f.landscape, 1 / 5.0, NULL).gap, 0.01110456255, 1e-9, 0);
        fixture_close(&f);
    }
}

/* ---- theories ---- */

typedef struct asked {
    kr_scene scene;
    kr_model model;
    kr_problem problem;
} asked;

static void ask(asked *a, const char *const *overrides, size_t count) {
    kr_error error;
    if (kr_scene_load(&a->scene, best_registry(), "bath", overrides, count, &error) != KR_OK) fail_msg("%s", error.message);
    if (kr_model_create(&a->model, &a->scene, &error) != KR_OK) fail_msg("%s", error.message);
    a->problem = kr_model_problem(&a->model);
}

static kr_prediction predicted(const asked *a, const char *theory) {
    kr_prediction p;
    kr_theory_predict(find_theory(best_registry(), theory), &a->problem, &p);
    return p;
}

static void done_with(asked *a) {
    kr_model_destroy(&a->model);
    kr_scene_destroy(&a->scene);
}

/* Without a change of stiffness the free energy is the loss, and the passage that of the double well (PHYSICS: T = 1/5). */
static void adiabatic_passages_are_quadratures(void **state) {
    (void)state;
    static const char *const overrides[] = {"landscape={name: double_well_bath, k_left: 2, k_right: 2, dim: 1000}",
                                            "transitions.every=0", "escape.until={coordinate: 0, above: 1}",
                                            "ensemble.start={minimum: 0}"};
    asked a;
    ask(&a, overrides, 4);
    kr_prediction p = predicted(&a, "adiabatic");
    assert_true(p.applies);
    assert_close(p.mfpt_time, 182.4176730, 1e-8, 0);
    assert_close(p.spectral_gap, 0.01110456255, 1e-8, 0);
    assert_close(kr_theory_extra(&p, "entropic_force"), 0, 0, 1e-12);
    assert_close(kr_theory_extra(&p, "wall_speed"), 1, 1e-9, 0);
    done_with(&a);
}

/* W = k x0^2/2 + (T/2)(d - 1) a x0: a parabola whose minimum the entropic force has moved, whatever the bend. */
static void a_river_has_a_parabola_moved_by_entropy(void **state) {
    (void)state;
    static const char *const bends[] = {"landscape={name: river_valley, dim: 11, growth: 0.5, bend: 0, stiffness: 2}",
                                        "landscape={name: river_valley, dim: 11, growth: 0.5, bend: 0.7, stiffness: 2}"};
    for (size_t k = 0; k < 2; k++) {
        const char *overrides[] = {bends[k], "transitions.every=0"};
        asked a;
        ask(&a, overrides, 2);
        kr_stationary_density density;
        kr_error error;
        assert_int_equal(kr_stationary_density_create(&density, &a.problem, 0, NAN, (kr_interval){NAN, NAN}, &error), KR_OK);
        assert_int_equal(density.law, KR_STATIONARY_BOLTZMANN);
        assert_int_equal(density.steps.count, 0);
        for (double z = -3; z <= 3; z += 0.75) { /* mean -(T/2) 10 a / k = -0.25, variance T / k */
            double x = -0.25 + z * sqrt(0.1), expected = exp(-0.5 * z * z) / sqrt(2 * 3.14159265358979 * 0.1);
            assert_close(kr_density_at(&density.continuous, x), expected, 1e-4, 1e-6);
        }
        kr_prediction p = predicted(&a, "adiabatic");
        assert_close(kr_theory_extra(&p, "entropic_force"), -0.5, 1e-12, 0);
        assert_close(p.spectral_gap, 2, 1e-8, 0);
        assert_true((strstr(p.note, "bend") != NULL) == (k == 1));
        kr_stationary_density_destroy(&density);
        done_with(&a);
    }
}

static void refused(const char *theory, const char *const *overrides, size_t count, const char *reason) {
    asked a;
    ask(&a, overrides, count);
    kr_prediction p = predicted(&a, theory);
    if (p.applies) fail_msg("%s applies", theory);
    if (!strstr(p.why, reason)) fail_msg("%s: %s", theory, p.why);
    done_with(&a);
}

static void what_does_not_apply_says_why(void **state) {
    (void)state;
#define REFUSED(theory, reason, ...)                                                                                               \
    refused(theory, (const char *const[]){"transitions.every=0", __VA_ARGS__},                                                     \
            sizeof((const char *const[]){"transitions.every=0", __VA_ARGS__}) / sizeof(char *), reason)
    REFUSED("adiabatic", "no valley between harmonic walls", "landscape={name: double_well}");
    REFUSED("adiabatic", "In one dimension", "landscape.dim=1");
    REFUSED("adiabatic", "not gradient descent", "dynamics={name: langevin}", "ensemble.start={minimum: 0}");
    REFUSED("adiabatic", "a ball around a minimum", "ensemble.start={minimum: 0}", "escape.until={minimum: 1, radius: 0.2}");
    REFUSED("adiabatic", "on another one", "ensemble.start={minimum: 0}", "escape.until={coordinate: 3, above: 1}");
    REFUSED("adiabatic", "depends on the position", "noise={name: curvature}", "ensemble.start={minimum: 0}");
    REFUSED("spectral_gap", "too slow, or too bent", "landscape={name: river_valley, dim: 2000}", "ensemble.start={minimum: 0}");
    REFUSED("stationary", "a target takes particles away", "ensemble.start={minimum: 0}", "escape.until={coordinate: 0, above: 1}");
    REFUSED("eyring_kramers", "see adiabatic", "landscape={name: double_well_bath, dim: 1000}", "ensemble.start={minimum: 0}");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_gap_in_the_plane_is_that_of_finite_volumes),
        cmocka_unit_test(the_steps_gap_rises_as_that_of_finite_volumes),
        cmocka_unit_test(ratios_are_the_known_ones),
        cmocka_unit_test(equal_walls_change_nothing),
        cmocka_unit_test(adiabatic_passages_are_quadratures),
        cmocka_unit_test(a_river_has_a_parabola_moved_by_entropy),
        cmocka_unit_test(what_does_not_apply_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
