/* Sums over particles: by hand on a small ensemble with a gap in it, and the same in parts as at once. */
#include "assert_close.h"
#include "plugin_setup.h"

#include <kramers/ensemble_means.h>

enum { DIM = 2, STRIDE = 4096, PARTICLES = 3000 };

static double uniform(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 11) * 0x1p-53 - 0.5;
}

static void sums_leave_out_who_has_stopped(void **state) {
    (void)state;
    static double position[DIM * STRIDE], velocity[DIM * STRIDE], work[(3 * DIM + 1) * 1024];
    static uint64_t stopped_at[PARTICLES];
    const double stiffness[DIM] = {2, 5}, origin[DIM] = {1, -1};
    double expected[KR_ENSEMBLE_SUMS] = {0}, moment[2 * DIM] = {0};
    uint64_t seed = 1;
    const kr_landscape_type *type = find_landscape(best_registry(), "harmonic");
    kr_settings settings = make_settings(&type->about, "dim=2 stiffness=[2,5]");
    kr_landscape landscape;
    kr_error error;
    assert_int_equal(kr_landscape_create(&landscape, type, settings.values, NULL, 0, &error), KR_OK);
    assert_true(kr_ensemble_sums_work(DIM) <= sizeof work / sizeof *work);
    for (size_t p = 0; p < PARTICLES; p++) {
        stopped_at[p] = p % 7 == 3 ? 5 : 0;
        for (size_t i = 0; i < DIM; i++) {
            double x = uniform(&seed), v = uniform(&seed), slope = stiffness[i] * x;
            position[i * STRIDE + p] = stopped_at[p] ? NAN : x;
            velocity[i * STRIDE + p] = stopped_at[p] ? NAN : v;
            if (stopped_at[p]) continue;
            expected[KR_SUM_PARTICLES] += 1.0 / DIM;
            expected[KR_SUM_POTENTIAL] += 0.5 * slope * x;
            expected[KR_SUM_KINETIC] += v * v;
            expected[KR_SUM_SLOPE] += slope * slope;
            expected[KR_SUM_LAPLACIAN] += stiffness[i];
            moment[i] += x - origin[i];
            moment[DIM + i] += (x - origin[i]) * (x - origin[i]);
        }
    }
    kr_view view = {.particles = PARTICLES, .stride = STRIDE, .dim = DIM, .position = position, .stopped_at = stopped_at};
    double sums[KR_ENSEMBLE_SUMS] = {0}, parts[KR_ENSEMBLE_SUMS] = {0}, moments[2 * DIM] = {0};
    kr_ensemble_moments_add(&view, &landscape, 0, PARTICLES, velocity, STRIDE, work, sums, origin, moments);
    for (size_t first = 0; first < PARTICLES; first += 500)
        kr_ensemble_sums_add(&view, &landscape, first, first + 500, velocity + first, STRIDE, work, parts);
    for (int k = 0; k < KR_ENSEMBLE_SUMS; k++) {
        assert_close(sums[k], expected[k], 1e-12, 0);
        assert_close(parts[k], expected[k], 1e-12, 0);
    }
    for (int k = 0; k < 2 * DIM; k++) assert_close(moments[k], moment[k], 1e-12, 0);
    assert_close(kr_sums_kinetic_temperature(sums, DIM), expected[KR_SUM_KINETIC] / (2 * expected[KR_SUM_PARTICLES]), 1e-12, 0);
    assert_close(kr_sums_configurational_temperature(sums), expected[KR_SUM_SLOPE] / expected[KR_SUM_LAPLACIAN], 1e-12, 0);
    kr_landscape_destroy(&landscape);
    kr_settings_destroy(&settings);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(sums_leave_out_who_has_stopped)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
