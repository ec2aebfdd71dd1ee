/* Critical points that landscapes name against those that a search without any analysis finds: the same ones, every one, over all
 * registered landscapes in low dimensions. */
#include "landscape_fixture.h"

#include <kramers/critical_points.h>

#include <math.h>

static void search_finds_what_is_known(const char *name, const char *options, double weight_decay) {
    fixture f = fixture_open(name, weight_decay, options);
    kr_critical_points known, found;
    kr_error error;
    if (kr_critical_points_all(&f.landscape, 1000, &known, &error) != KR_OK ||
        kr_critical_points_search(&f.landscape, 0, &found, &error) != KR_OK)
        fail_msg("%s %s: %s", name, options, error.message);
    if (found.count != known.count) fail_msg("%s %s: %zu known, %zu found", name, options, known.count, found.count);
    assert_true(known.count > 0);
    for (size_t k = 0; k < known.count; k++) {
        assert_int_equal(found.point[k].index, known.point[k].index);
        assert_close(found.point[k].energy, known.point[k].energy, 1e-9, 1e-9);
        for (size_t i = 0; i < known.dim; i++) {
            assert_close(found.point[k].position[i], known.point[k].position[i], 1e-8, 1e-8);
            assert_close(found.point[k].eigenvalues[i], known.point[k].eigenvalues[i], 1e-6, 1e-9);
        }
    }
    kr_critical_points_destroy(&known);
    kr_critical_points_destroy(&found);
    fixture_close(&f);
}

/* Not those of a circle, and not thousands; NULL: there is no such landscape. */
static bool can_be_listed(const kr_landscape_type *type, const char *options) {
    fixture f;
    kr_critical_points points = {.dim = 0};
    kr_error error;
    if (!options) return false;
    if (fixture_try(&f, type, 0, options, &error) != KR_OK) fail_msg("%s", error.message);
    bool listed =
        !(type->unlisted && type->unlisted(&f.landscape)) && kr_critical_points_all(&f.landscape, 64, &points, &error) == KR_OK;
    kr_critical_points_destroy(&points);
    fixture_close(&f);
    return listed;
}

static void every_registered_landscape(void **state) {
    (void)state;
    const kr_registry *registry;
    kr_error error;
    assert_int_equal(kr_registry_find(NULL, &registry, &error), KR_OK);
    for (const kr_landscape_type *const *type = registry->landscapes; *type; type++) {
        const char *name = (*type)->about.name;
        const kr_parameter *named = kr_parameter_find(&(*type)->about, "file");
        bool file = named && named->flags & KR_REQUIRED;
        if (file) search_finds_what_is_known(name, "file=" DIGITS_FILE, 0);
        for (int dim = 1; !file && dim <= 3; dim++) {
            char options[32] = "";
            const kr_parameter *row = kr_parameter_find(&(*type)->about, "dim");
            if (!row && dim > 1) break;
            if (row) snprintf(options, sizeof options, "dim=%d", dim);
            if (can_be_listed(*type, row && dim < row->minimum ? NULL : options)) search_finds_what_is_known(name, options, 0);
        }
    }
}

static void parameters_away_from_their_defaults(void **state) {
    (void)state;
    search_finds_what_is_known("double_well", "barrier=2.5 tilt=-1 dim=2 stiffness=0.3", 0.2);
    search_finds_what_is_known("muller_brown", "scale=0.05", 0);
    search_finds_what_is_known("muller_brown", "", 20);
    search_finds_what_is_known("himmelblau", "", 1.5);
    search_finds_what_is_known("sharp_flat", "barrier=7", 0);
    search_finds_what_is_known("washboard", "force=1.5", 0);
    search_finds_what_is_known("rastrigin", "amplitude=0.7", 0);
    search_finds_what_is_known("rastrigin", "amplitude=0.7 dim=1", 0.5);
    search_finds_what_is_known("quadruple_well", "coupling=0.4", 0);
    search_finds_what_is_known("quadruple_well", "coupling=-7", 0.3);
    search_finds_what_is_known("monkey_saddle", "confinement=0.7", 0.4);
    search_finds_what_is_known("mexican_hat", "barrier=0.1", 0.5);
    search_finds_what_is_known("rosenbrock", "dim=3 steepness=3", 0.2);
    search_finds_what_is_known("rosenbrock", "dim=4 steepness=10", 0);
    search_finds_what_is_known("phi4_chain", "dim=3 coupling=0.3 periodic=false", 0.1);
    search_finds_what_is_known("residual_block", "skip=false", 0.01);
    search_finds_what_is_known("surface", "scale=40 file=" DIGITS_FILE, 0);
}

static void products_are_limited(void **state) {
    (void)state;
    fixture f = fixture_open("styblinski_tang", 0, "dim=8");
    kr_critical_points points;
    kr_error error;
    assert_int_equal(kr_critical_points_all(&f.landscape, 6560, &points, &error), KR_BAD_ARGUMENT);
    assert_int_equal(kr_critical_points_all(&f.landscape, 6561, &points, &error), KR_OK);
    assert_int_equal(points.count, 6561);
    kr_critical_points_destroy(&points);
    fixture_close(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_registered_landscape),
        cmocka_unit_test(parameters_away_from_their_defaults),
        cmocka_unit_test(products_are_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
