/* Minima, maxima and saddles against values computed independently (mpmath, 30 digits) or in closed form. */
#include "landscape_fixture.h"

#include <kramers/critical_points.h>

static const double pi = 3.14159265358979323846;

static kr_critical_points find(const fixture *f) {
    kr_critical_points points;
    kr_error error;
    if (kr_critical_points_find(&f->landscape, 0, &points, &error) != KR_OK) fail_msg("%s", error.message);
    return points;
}

static void assert_point(const kr_critical_point *point, const double *position, size_t dim, double energy, size_t index) {
    for (size_t i = 0; i < dim; i++) assert_close(point->position[i], position[i], 0, 1e-10);
    assert_close(point->energy, energy, 1e-10, 1e-12);
    assert_int_equal(point->index, index);
}

static double minimum_at(const fixture *f, int64_t number, size_t coordinate) {
    double position[64];
    kr_error error;
    assert_true(f->landscape.dim <= 64);
    if (kr_minimum_position(&f->landscape, number, position, &error) != KR_OK) fail_msg("%s", error.message);
    return position[coordinate];
}

static void assert_no_minimum(const fixture *f, int64_t number, const char *says) {
    double position[64];
    kr_error error;
    assert_int_equal(kr_minimum_position(&f->landscape, number, position, &error), KR_BAD_ARGUMENT);
    if (!strstr(error.message, says)) fail_msg("'%s' does not say '%s'", error.message, says);
}

static int64_t count_of(const fixture *f) {
    int64_t count;
    kr_error error;
    if (kr_minimum_count(&f->landscape, &count, &error) != KR_OK) fail_msg("%s", error.message);
    return count;
}

static void muller_brown_has_three_minima_and_two_saddles(void **state) {
    (void)state;
    fixture f = fixture_open("muller_brown", 0, "");
    kr_critical_points points = find(&f);
    assert_int_equal(points.count, 5);
    static const double expected[5][3] = {{-0.822001558733, 0.624312802815, -40.664843509},
                                          {-0.558223634633, 1.441725841805, -146.699517210},
                                          {-0.050010822998, 0.466694104872, -80.767818130},
                                          {0.212486582001, 0.292988325107, -72.248940112},
                                          {0.623499404931, 0.028037758529, -108.166724117}};
    static const size_t index[5] = {1, 0, 0, 1, 0};
    for (size_t i = 0; i < 5; i++) {
        assert_close(points.point[i].position[0], expected[i][0], 0, 1e-12);
        assert_close(points.point[i].position[1], expected[i][1], 0, 1e-12);
        assert_close(points.point[i].energy, expected[i][2], 0, 1e-9);
        assert_int_equal(points.point[i].index, index[i]);
    }
    size_t ends[2];
    assert_int_equal(kr_saddle_ends(&f.landscape, &points, 0, ends, NULL), KR_OK);
    assert_true(ends[0] == 1 && ends[1] == 2);
    assert_int_equal(kr_saddle_ends(&f.landscape, &points, 3, ends, NULL), KR_OK);
    assert_true(ends[0] == 2 && ends[1] == 4);
    assert_int_equal(kr_saddle_ends(&f.landscape, &points, 1, ends, NULL), KR_BAD_ARGUMENT);
    kr_critical_points_destroy(&points);
    assert_int_equal(count_of(&f), 3);
    assert_close(minimum_at(&f, 2, 0), 0.623499404931, 0, 1e-12);
    assert_no_minimum(&f, 3, "has 3 minima, numbered 0 to 2; there is no minimum 3");
    assert_no_minimum(&f, -1, "there is no minimum -1");
    fixture_close(&f);
}

static void double_well_follows_its_tilt(void **state) {
    (void)state;
    fixture f = fixture_open("double_well", 0, "");
    kr_critical_points points = find(&f);
    assert_int_equal(points.count, 3);
    assert_point(&points.point[0], (double[]){-1}, 1, 0, 0);
    assert_point(&points.point[1], (double[]){0}, 1, 1, 1);
    assert_point(&points.point[2], (double[]){1}, 1, 0, 0);
    assert_close(points.point[0].eigenvalues[0], 8, 1e-12, 0);
    assert_close(points.point[1].eigenvalues[0], -4, 1e-12, 0);
    size_t ends[2];
    assert_int_equal(kr_saddle_ends(&f.landscape, &points, 1, ends, NULL), KR_OK);
    assert_true(ends[0] == 0 && ends[1] == 2);
    kr_critical_points_destroy(&points);
    fixture_close(&f);

    /* Roots of 4x^3 - 4x + 1/4. */
    f = fixture_open("double_well", 0, "tilt=0.25");
    points = find(&f);
    assert_int_equal(points.count, 3);
    assert_close(points.point[0].position[0], -1.02989598505066038, 1e-14, 0);
    assert_close(points.point[1].position[0], 0.0627470471676303446, 1e-14, 0);
    assert_close(points.point[2].position[0], 0.967148937883030039, 1e-14, 0);
    kr_critical_points_destroy(&points);
    fixture_close(&f);

    /* Weight decay k moves the minima to +-sqrt(1 - k/4) and takes the top with it: V(0) = h. */
    f = fixture_open("double_well", 1, "");
    points = find(&f);
    assert_int_equal(points.count, 3);
    assert_point(&points.point[2], (double[]){sqrt(0.75)}, 1, 0.0625 + 0.375, 0);
    assert_close(points.point[2].eigenvalues[0], 4 * (3 * 0.75 - 1) + 1, 1e-12, 0);
    kr_critical_points_destroy(&points);
    fixture_close(&f);
}

static void folded_wells_are_no_minima(void **state) {
    (void)state;
    /* The fold is at 8/(3 sqrt 3) = 1.5396007178390020. */
    static const char *const tilts[] = {"tilt=1.53",          "tilt=1.539600717839", "tilt=1.5396007178390020",
                                        "tilt=1.53960071785", "tilt=1.55",           "tilt=1e6"};
    static const int64_t counts[] = {2, 1, 1, 1, 1, 1};
    for (size_t i = 0; i < 6; i++) {
        fixture f = fixture_open("double_well", 0, tilts[i]);
        assert_int_equal(count_of(&f), counts[i]);
        fixture_close(&f);
    }
    fixture f = fixture_open("double_well", 5, ""); /* 4 or more leaves one well at 0 */
    assert_int_equal(count_of(&f), 1);
    assert_close(minimum_at(&f, 0, 0), 0, 0, 1e-15);
    assert_no_minimum(&f, 1, "has one minimum, number 0");
    fixture_close(&f);
}

static void sharp_flat_has_equal_minima_and_a_top_of_height_h(void **state) {
    (void)state;
    for (double h = 0.01; h < 1e3; h *= 30) {
        char option[64];
        snprintf(option, sizeof option, "barrier=%.17g", h);
        fixture f = fixture_open("sharp_flat", 0, option);
        kr_critical_points points = find(&f);
        assert_int_equal(points.count, 3);
        assert_point(&points.point[0], (double[]){-1}, 1, 0, 0);
        assert_point(&points.point[1], (double[]){-0.2481161405}, 1, h, 1);
        assert_point(&points.point[2], (double[]){1}, 1, 0, 0);
        assert_close(points.point[0].eigenvalues[0], 17.86079513 * h, 1e-9, 0);
        assert_close(points.point[1].eigenvalues[0], -5.335105539 * h, 1e-9, 0);
        assert_close(points.point[2].eigenvalues[0], 1.373907318 * h, 1e-9, 0);
        kr_critical_points_destroy(&points);
        fixture_close(&f);
    }
}

static void washboard_minima_are_numbered_to_both_sides(void **state) {
    (void)state;
    fixture f = fixture_open("washboard", 0, "");
    assert_int_equal(count_of(&f), 0);
    for (int64_t k = -1000; k <= 1000; k += 50) assert_close(minimum_at(&f, k, 0), (double)k, 0, 0);
    assert_close(minimum_at(&f, INT64_C(1) << 40, 0), 0x1p40, 0, 0);
    assert_no_minimum(&f, INT64_MAX, "too far out");
    kr_critical_points points = find(&f);
    assert_int_equal(points.count, 2);
    kr_critical_points_destroy(&points);
    fixture_close(&f);

    static const double forces[] = {1, -1, 3, 3.14159, 3.1415926, -3.1415926};
    for (size_t i = 0; i < sizeof forces / sizeof *forces; i++) {
        char option[64];
        snprintf(option, sizeof option, "force=%.17g", forces[i]);
        f = fixture_open("washboard", 0, option);
        double x = asin(forces[i] / pi) / (2 * pi);
        assert_close(minimum_at(&f, 0, 0), x, 0, 1e-11);
        assert_close(minimum_at(&f, -7, 0), x - 7, 0, 1e-11);
        fixture_close(&f);
    }
    static const char *const beyond[] = {"force=3.14159265358979312", "force=3.15", "force=-1e9"};
    for (size_t i = 0; i < 3; i++) {
        f = fixture_open("washboard", 0, beyond[i]);
        assert_no_minimum(&f, 0, "landscape 'washboard' has no minimum with these parameters (barrier 1, force ");
        int64_t count;
        assert_int_equal(kr_minimum_count(&f.landscape, &count, NULL), KR_BAD_ARGUMENT);
        fixture_close(&f);
    }

    /* Weight decay breaks the period: minima move to the origin and end where its pull, lambda x, is pi h. */
    f = fixture_open("washboard", 0.1, "");
    double slope, x = minimum_at(&f, 20, 0);
    kr_landscape_gradient(&f.landscape, 1, &x, &slope);
    assert_close(slope, 0, 0, 1e-13);
    assert_true(x > 19.75 && x < 20);
    assert_no_minimum(&f, 40, "leaves none in that period");
    fixture_close(&f);
}

static void styblinski_tang_minima_are_numbered_lexicographically(void **state) {
    (void)state;
    /* Roots of 2x^3 - 16x + 5/2. */
    const double low = -2.903534027771177, high = 2.7468027709908369;
    fixture f = fixture_open("styblinski_tang", 0, "dim=16");
    assert_int_equal(count_of(&f), 65536);
    for (int64_t number = 0; number < 65536; number += 4681)
        for (size_t i = 0; i < 16; i++) assert_close(minimum_at(&f, number, i), (number >> (15 - i)) & 1 ? high : low, 1e-14, 0);
    assert_no_minimum(&f, 65536, "has 65536 minima, numbered 0 to 65535");
    kr_critical_points points = find(&f);
    assert_int_equal(points.count, 3);
    assert_int_equal(points.dim, 1);
    assert_close(points.point[1].position[0], 0.156731256780340103, 1e-14, 0);
    assert_close(points.point[0].energy, -39.16616570377142, 1e-13, 0);
    kr_critical_points_destroy(&points);
    assert_int_equal(kr_critical_points_find(&f.landscape, 16, &points, NULL), KR_BAD_ARGUMENT);
    fixture_close(&f);

    f = fixture_open("styblinski_tang", 0, "dim=64");
    assert_true(count_of(&f) == INT64_MAX);
    assert_close(minimum_at(&f, INT64_MAX, 0), low, 1e-14, 0);
    assert_close(minimum_at(&f, INT64_MAX, 1), high, 1e-14, 0);
    fixture_close(&f);

    f = fixture_open("styblinski_tang", 0, "dim=100000");
    double *position = malloc(100000 * sizeof *position);
    assert_int_equal(kr_minimum_position(&f.landscape, 1, position, NULL), KR_OK);
    assert_close(position[0], low, 1e-14, 0);
    assert_close(position[99999], high, 1e-14, 0);
    free(position);
    fixture_close(&f);
}

static void himmelblau_has_nine_critical_points(void **state) {
    (void)state;
    fixture f = fixture_open("himmelblau", 0, "");
    kr_critical_points points = find(&f);
    size_t of_index[3] = {0, 0, 0};
    for (size_t i = 0; i < points.count; i++) of_index[points.point[i].index]++;
    assert_int_equal(of_index[0], 4);
    assert_int_equal(of_index[1], 4);
    assert_int_equal(of_index[2], 1);
    for (size_t i = 0; i < points.count; i++) {
        size_t ends[2];
        if (points.point[i].index != 1) continue;
        assert_int_equal(kr_saddle_ends(&f.landscape, &points, i, ends, NULL), KR_OK);
        assert_true(ends[0] < ends[1] && ends[1] < points.count);
    }
    kr_critical_points_destroy(&points);
    assert_close(minimum_at(&f, 3, 0), 3.584428340330492, 1e-13, 0);
    assert_close(minimum_at(&f, 2, 0), 3, 1e-13, 0);
    assert_close(minimum_at(&f, 2, 1), 2, 1e-13, 0);
    assert_close(minimum_at(&f, 0, 0), -3.779310253377747, 1e-13, 0);
    assert_close(minimum_at(&f, 1, 0), -2.805118086952745, 1e-13, 0);
    fixture_close(&f);
}

static void harmonic_has_one_minimum_in_any_dimension(void **state) {
    (void)state;
    fixture f = fixture_open("harmonic", 0.5, "dim=3 stiffness=[1,1e-9,1e9]");
    assert_int_equal(count_of(&f), 1);
    for (size_t i = 0; i < 3; i++) assert_close(minimum_at(&f, 0, i), 0, 0, 0);
    kr_critical_points points;
    assert_int_equal(kr_critical_points_find(&f.landscape, 2, &points, NULL), KR_OK);
    assert_int_equal(points.count, 1);
    assert_close(points.point[0].eigenvalues[0], 1e9 + 0.5, 1e-15, 0);
    kr_critical_points_destroy(&points);
    fixture_close(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(muller_brown_has_three_minima_and_two_saddles),
        cmocka_unit_test(double_well_follows_its_tilt),
        cmocka_unit_test(folded_wells_are_no_minima),
        cmocka_unit_test(sharp_flat_has_equal_minima_and_a_top_of_height_h),
        cmocka_unit_test(washboard_minima_are_numbered_to_both_sides),
        cmocka_unit_test(styblinski_tang_minima_are_numbered_lexicographically),
        cmocka_unit_test(himmelblau_has_nine_critical_points),
        cmocka_unit_test(harmonic_has_one_minimum_in_any_dimension),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
