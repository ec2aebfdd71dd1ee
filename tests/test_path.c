/* Minimum-energy paths against what is known of them: exact curves, saddles, energies, and the projection on them. */
#include "landscape_fixture.h"

#include <kramers/critical_points.h>
#include <kramers/path.h>

#include <math.h>

static kr_path path_between(const fixture *f, int64_t from, int64_t to, size_t images) {
    double *ends = malloc(2 * f->landscape.dim * sizeof *ends);
    kr_path path = {0};
    kr_error error;
    if (kr_minimum_position(&f->landscape, from, ends, &error) != KR_OK ||
        kr_minimum_position(&f->landscape, to, ends + f->landscape.dim, &error) != KR_OK ||
        kr_path_create(&path, &f->landscape, ends, ends + f->landscape.dim, images, &error) != KR_OK)
        fail_msg("%s", error.message);
    free(ends);
    return path;
}

/* Part of the gradient across the path relative to the whole of it, at worst; the tangent from both neighbours. Near the ends of a
 * leg and at its saddle there is no gradient to compare with. */
static double gradient_across(const fixture *f, const kr_path *path) {
    double worst = 0, strongest = 0, g[2];
    for (size_t k = 0; k < path->count; k++) {
        kr_landscape_gradient(&f->landscape, 1, path->position + 2 * k, g);
        strongest = fmax(strongest, hypot(g[0], g[1]));
    }
    for (size_t leg = 0; leg < path->leg_count; leg++)
        for (size_t k = path->leg[leg] + 1; k < path->leg[leg + 1]; k++) {
            const double *x = path->position + 2 * k;
            double tx = x[2] - x[-2], ty = x[3] - x[-1], t = hypot(tx, ty);
            kr_landscape_gradient(&f->landscape, 1, x, g);
            worst = fmax(worst, fabs(g[0] * ty - g[1] * tx) / t / strongest);
        }
    return worst;
}

static double distance_to_path(const kr_path *path, const double *point) {
    double nearest = INFINITY;
    for (size_t k = 1; k < path->count; k++) {
        const double *a = path->position + 2 * (k - 1), *b = path->position + 2 * k;
        double dx = b[0] - a[0], dy = b[1] - a[1], t = ((point[0] - a[0]) * dx + (point[1] - a[1]) * dy) / (dx * dx + dy * dy);
        t = fmin(1, fmax(0, t));
        nearest = fmin(nearest, hypot(point[0] - a[0] - t * dx, point[1] - a[1] - t * dy));
    }
    return nearest;
}

static void muller_brown_goes_over_both_saddles(void **state) {
    (void)state;
    fixture f = fixture_open("muller_brown", 0, "");
    const double saddle[2][2] = {{-0.822001558733, 0.624312802815}, {0.212486582001, 0.292988325107}};
    const double energy[2] = {-40.664843509, -72.248940112};
    kr_path path = path_between(&f, 0, 2, 0);
    assert_int_equal(path.leg_count, 2);
    assert_close(path.highest, energy[0], 1e-9, 0);
    for (int s = 0; s < 2; s++) assert_true(distance_to_path(&path, saddle[s]) < 1e-3);
    assert_true(path.deviation < 1e-7);
    double coarse = gradient_across(&f, &path), length = path.length[path.count - 1];
    kr_path_destroy(&path);
    path = path_between(&f, 0, 2, 257);
    double fine = gradient_across(&f, &path);
    printf("gradient across the path: %.2g with 64 segments a leg, %.2g with 256; length %.6f, %.6f\n", coarse, fine, length,
           path.length[path.count - 1]);
    assert_true(coarse < 2e-2 && fine < 2e-3);
    assert_close(path.length[path.count - 1], length, 1e-3, 0);
    /* images of a leg are equally far apart */
    for (size_t leg = 0; leg < 2; leg++) {
        double step = (path.length[path.leg[leg + 1]] - path.length[path.leg[leg]]) / 256;
        for (size_t k = path.leg[leg]; k < path.leg[leg + 1]; k++) assert_close(path.length[k + 1] - path.length[k], step, 1e-4, 0);
    }
    kr_path_destroy(&path);
    fixture_close(&f);
}

/* From the straight line, the method finds the saddle that it knows nothing of; over a given one, it stays there. */
static void a_guess_relaxes(void **state) {
    (void)state;
    fixture f = fixture_open("muller_brown", 0, "");
    const double line[4] = {-0.558223634633, 1.441725841805, -0.050010822998, 0.466694104872};
    kr_path path = {0};
    kr_error error;
    assert_int_equal(kr_path_relax(&path, &f.landscape, 2, line, 0, &error), KR_OK);
    assert_close(path.highest, -40.664843509, 1e-9, 0);
    assert_true(distance_to_path(&path, (double[]){-0.822001558733, 0.624312802815}) < 1e-3);
    kr_path_destroy(&path);
    fixture_close(&f);
    f = fixture_open("surface", 0, "file=" DIGITS_FILE);
    const double over[6] = {0.19752, 0.08761, 1.19972, 8.62941, 8.40569, 13.71399};
    assert_int_equal(kr_path_relax(&path, &f.landscape, 3, over, 0, &error), KR_OK);
    assert_close(path.highest, 0.789554, 2e-6, 0);
    assert_true(gradient_across(&f, &path) < 2e-2);
    kr_path_destroy(&path);
    fixture_close(&f);
}

static void a_path_back_is_the_same(void **state) {
    (void)state;
    fixture f = fixture_open("himmelblau", 0, "");
    for (int from = 0; from < 4; from++)
        for (int to = 0; to < from; to++) {
            kr_path there = path_between(&f, from, to, 33), back = path_between(&f, to, from, 33);
            assert_int_equal(there.leg_count, back.leg_count);
            assert_close(there.highest, back.highest, 1e-10, 0);
            for (size_t k = 0; k < there.count; k++)
                for (int i = 0; i < 2; i++)
                    assert_close(there.position[2 * k + (size_t)i], back.position[2 * (back.count - 1 - k) + (size_t)i], 0, 1e-5);
            assert_true(gradient_across(&f, &there) < 3e-2);
            kr_path_destroy(&there);
            kr_path_destroy(&back);
        }
    fixture_close(&f);
}

static void surface_of_digits(void **state) {
    (void)state;
    fixture f = fixture_open("surface", 0, "file=" DIGITS_FILE);
    const double saddle[3][2] = {{1.19972, 8.62941}, {8.21206, -0.36524}, {13.64350, 7.50677}};
    const double energy[3] = {0.789554, 0.507824, 0.628113};
    const int pair[3][2] = {{0, 1}, {0, 2}, {1, 2}};
    for (int k = 0; k < 3; k++) {
        kr_path path = path_between(&f, pair[k][0], pair[k][1], 0);
        /* from 0 to 1 the way over 2 is lower */
        assert_int_equal(path.leg_count, k == 0 ? 2 : 1);
        assert_close(path.highest, k == 0 ? energy[2] : energy[k], 2e-6, 0);
        if (k > 0) assert_true(distance_to_path(&path, saddle[k]) < 0.02);
        assert_true(gradient_across(&f, &path) < 2e-2);
        kr_path_destroy(&path);
    }
    fixture_close(&f);
}

static void separable_paths_follow_the_axes(void **state) {
    (void)state;
    fixture f = fixture_open("styblinski_tang", 0, "dim=3");
    kr_path path = path_between(&f, 7, 0, 17); /* every coordinate from its shallow to its deep minimum */
    assert_int_equal(path.leg_count, 3);
    assert_int_equal(path.count, 49);
    for (size_t k = 1; k < path.count; k++) {
        int changed = 0;
        for (size_t i = 0; i < 3; i++) changed += fabs(path.position[3 * k + i] - path.position[3 * k - 3 + i]) > 1e-12;
        assert_int_equal(changed, 1);
    }
    double shallow = 2.746803, top = 0.156731, v[2] = {shallow, top};
    for (int i = 0; i < 2; i++) v[i] = (pow(v[i], 4) - 16 * v[i] * v[i] + 5 * v[i]) / 2;
    assert_close(path.highest, 2 * v[0] + v[1], 1e-6, 0);
    kr_path_destroy(&path);
    fixture_close(&f);
    f = fixture_open("washboard", 0, "force=0.3");
    path = path_between(&f, -1, 2, 9);
    assert_int_equal(path.leg_count, 3);
    assert_close(path.length[path.count - 1], 3, 1e-9, 0);
    kr_path_destroy(&path);
    fixture_close(&f);
}

/* Against the definition, point by point. */
static void progress_is_the_nearest_point(void **state) {
    (void)state;
    enum { N = 1000, STRIDE = 1016 };
    fixture f = fixture_open("muller_brown", 0, "");
    kr_path path = path_between(&f, 0, 2, 0);
    static double x[2 * STRIDE], progress[N], one;
    uint64_t random = 1;
    for (size_t p = 0; p < 2 * STRIDE; p++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        x[p] = -1.5 + 3.5 * (double)(random >> 11) * 0x1p-53;
    }
    kr_path_progress(&path, N, STRIDE, x, progress);
    for (size_t p = 0; p < N; p++) {
        double point[2] = {x[p], x[STRIDE + p]}, nearest = INFINITY, expected = 0;
        for (size_t k = 1; k < path.count; k++)
            for (int step = 0; step <= 20; step++) {
                double t = step / 20.0;
                double d = hypot(point[0] - (1 - t) * path.position[2 * k - 2] - t * path.position[2 * k],
                                 point[1] - (1 - t) * path.position[2 * k - 1] - t * path.position[2 * k + 1]);
                if (d >= nearest) continue;
                nearest = d;
                expected = (path.length[k - 1] + t * (path.length[k] - path.length[k - 1])) / path.length[path.count - 1];
            }
        /* where two stretches are equally near, the coarse search may take the other */
        kr_path_progress(&path, 1, 1, point, &one);
        assert_true(one == progress[p]);
        size_t k = 1;
        while (k + 1 < path.count && path.length[k] < one * path.length[path.count - 1]) k++;
        double t = (one * path.length[path.count - 1] - path.length[k - 1]) / (path.length[k] - path.length[k - 1]);
        double d = hypot(point[0] - (1 - t) * path.position[2 * k - 2] - t * path.position[2 * k],
                         point[1] - (1 - t) * path.position[2 * k - 1] - t * path.position[2 * k + 1]);
        assert_true(d <= nearest + 1e-9);
        if (nearest - d < 1e-6) assert_close(one, expected, 0, 2e-2);
    }
    for (size_t k = 0; k < path.count; k++) { /* images are where they say they are */
        kr_path_progress(&path, 1, 1, path.position + 2 * k, &one);
        assert_close(one, path.length[k] / path.length[path.count - 1], 0, 1e-12);
    }
    kr_path_progress(&path, 1, 1, (double[]){NAN, 0}, &one);
    assert_true(isnan(one));
    kr_path_destroy(&path);
    fixture_close(&f);
}

static void bad_requests(void **state) {
    (void)state;
    fixture f = fixture_open("muller_brown", 0, "");
    double x[2] = {-0.558223634633, 1.441725841805};
    kr_path path = {0};
    kr_error error;
    assert_int_equal(kr_path_create(&path, &f.landscape, x, x, 0, &error), KR_BAD_ARGUMENT);
    assert_int_equal(kr_path_create(&path, &f.landscape, x, (double[]){0.62, 0.03}, 2, &error), KR_BAD_ARGUMENT);
    fixture_close(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(muller_brown_goes_over_both_saddles),
        cmocka_unit_test(a_guess_relaxes),
        cmocka_unit_test(a_path_back_is_the_same),
        cmocka_unit_test(surface_of_digits),
        cmocka_unit_test(separable_paths_follow_the_axes),
        cmocka_unit_test(progress_is_the_nearest_point),
        cmocka_unit_test(bad_requests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
