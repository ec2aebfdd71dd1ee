/* What every landscape promises, tested over the whole registry: a new one is tested without anyone writing a test. */
#include "landscape_fixture.h"
#include "sanitized.h"

#include <kramers/critical_points.h>

enum { MAX_OPTIONS = 32, OPTION_SIZE = 512, POINTS = 1000, LARGE = 100, MOST_SADDLES = 20 };

/* Sets of parameters to test a landscape with: defaults, each number away from its default, several dimensions. */
typedef struct variants {
    size_t count;
    char option[MAX_OPTIONS][OPTION_SIZE];
} variants;

static void add(variants *v, const char *base, const char *name, double value) {
    assert_true(v->count < MAX_OPTIONS);
    if (name)
        snprintf(v->option[v->count++], OPTION_SIZE, "%s %s=%.17g", base, name, value);
    else
        snprintf(v->option[v->count++], OPTION_SIZE, "%s", base);
}

#define small_network "data=" KR_SOURCE_DIRECTORY "/tests/net_b.h5 hidden=[2]"

/* A value off the default that is no round number; limits are far away from it in every landscape. */
static double other_than(const kr_parameter *p, double initial) {
    double value = 1.37 * initial + 0.291;
    bool limited = p->minimum != 0 || p->maximum != 0;
    if (limited && value > p->maximum) value = 0.5 * (initial + p->maximum);
    return value;
}

/* A list of several by default keeps its length and its order. */
static void add_list(variants *v, const char *base, const kr_landscape_type *type, const kr_parameter *p) {
    kr_settings defaults;
    assert_true(v->count < MAX_OPTIONS);
    assert_int_equal(kr_settings_create(&defaults, &type->about, NULL), KR_OK);
    const kr_list *list = (const void *)((const char *)defaults.values + p->offset);
    char *text = v->option[v->count++];
    size_t used = (size_t)snprintf(text, OPTION_SIZE, "%s %s=", base, p->name);
    for (size_t i = 0; i < list->count && used < OPTION_SIZE; i++)
        used += (size_t)snprintf(text + used, OPTION_SIZE - used, "%c%.17g", i ? ',' : '[', other_than(p, list->value[i]));
    assert_true(used + 1 < OPTION_SIZE);
    text[used] = ']';
    text[used + 1] = 0;
    kr_settings_destroy(&defaults);
}

/* What a choice does not allow with this file or these numbers it refuses, which is tested elsewhere. */
static void add_choice(variants *v, const char *base, const kr_landscape_type *type, const kr_parameter *p, size_t choice) {
    fixture f;
    assert_true(v->count < MAX_OPTIONS);
    char *text = v->option[v->count];
    snprintf(text, OPTION_SIZE, "%s %s=%s", base, p->name, p->choices[choice]);
    if (fixture_try(&f, type, 0, text, NULL) == KR_OK) v->count++;
    fixture_close(&f);
}

static variants variants_of(const kr_landscape_type *type) {
    variants v = {.count = 0};
    char base[OPTION_SIZE] = "";
    for (const kr_parameter *p = type->about.parameters; p && p->name; p++)
        if (p->type == KR_TEXT && (p->flags & KR_REQUIRED)) snprintf(base, sizeof base, "%s=%s", p->name, DIGITS_FILE);
    bool network = strcmp(type->about.name, "network") == 0; /* small ones, since what is asked grows with parameters and data */
    if (network) snprintf(base, sizeof base, "%s", small_network);
    add(&v, base, NULL, 0);
    if (network) {
        snprintf(v.option[v.count++], OPTION_SIZE, "%s", small_network " hidden=[3,3] residual=true activation=gelu loss=squared");
        snprintf(v.option[v.count++], OPTION_SIZE, "%s", small_network " hidden=[]");
        snprintf(v.option[v.count++], OPTION_SIZE, "%s", "data=" KR_SOURCE_DIRECTORY "/tests/net_b.h5 hidden=[2]");
    }
    if (strcmp(type->about.name, "gaussian_mixture") == 0) { /* another kernel for wide modes, and one for modes from a file */
        add(&v, "spacing=0.7 per_axis=7 dim=3", "variance", 0.21);
        add(&v, "file=" KR_SOURCE_DIRECTORY "/tests/mixture_modes.csv", "variance", 0.21);
    }
    for (const kr_parameter *p = type->about.parameters; p && p->name; p++) {
        if (p->type == KR_LIST && p->initial_text && !network)
            add_list(&v, base, type, p);
        else if (p->type == KR_NUMBER || (p->type == KR_LIST && !isnan(p->initial)))
            add(&v, base, p->name, other_than(p, isnan(p->initial) ? 1 : p->initial));
        for (size_t c = 1; p->type == KR_CHOICE && p->choices[c]; c++) add_choice(&v, base, type, p, c);
        static const double dims[] = {1, 2, 3, 7, 17, 1000};
        const size_t count = sizeof dims / sizeof *dims - (SANITIZED ? 1 : 0); /* a thousand take minutes then */
        for (size_t d = 0; strcmp(p->name, "dim") == 0 && d < count; d++)
            if (dims[d] >= p->minimum && dims[d] <= p->maximum) add(&v, base, p->name, dims[d]);
    }
    return v;
}

/* Numbers in [0, 1) that fill the cube evenly (R. D. Roberts' additive recurrence with the square roots of primes). */
static double fraction(size_t point, size_t coordinate) {
    static const double prime[] = {2, 3, 5, 7, 11, 13, 17, 19, 23, 29};
    double t = (double)(point + 1) * sqrt(prime[coordinate % 10]) + 0.385 * (double)coordinate;
    return t - floor(t);
}

/* The critical points of coordinate i, or of all of them together (in many coordinates the minima), are between low[] and high[].
 */
static void find_range(const kr_landscape *landscape, size_t i, double *low, double *high) {
    kr_critical_points points = {.dim = 1};
    kr_error error;
    bool separable = landscape->type->separable;
    double *position = malloc(landscape->dim * sizeof *position);
    assert_non_null(position);
    if (separable || landscape->dim <= LARGE) {
        if (kr_critical_points_find(landscape, i, &points, &error) != KR_OK) fail_msg("%s", error.message);
    } else if (kr_minimum_position(landscape, 0, position, &error) != KR_OK) {
        fail_msg("%s", error.message);
    }
    for (size_t j = i; j < (separable ? i + 1 : landscape->dim); j++) {
        low[j] = points.point ? INFINITY : position[j];
        high[j] = points.point ? -INFINITY : position[j];
        for (size_t k = 0; k < points.count; k++) {
            low[j] = fmin(low[j], points.point[k].position[separable ? 0 : j]);
            high[j] = fmax(high[j], points.point[k].position[separable ? 0 : j]);
        }
    }
    free(position);
    kr_critical_points_destroy(&points);
}

/* What is being looked at, for messages; and the ranges of what was looked at before, low[dim] and then high[dim]. */
static char looked_at[OPTION_SIZE + 100];
static struct range {
    char *of;
    double *ends;
} ranges[1024];

/* Of many independent coordinates, those after the second are taken to be like it. */
static const double *find_ranges(const kr_landscape *landscape) {
    size_t dim = landscape->dim, known = 0;
    while (ranges[known].of && strcmp(ranges[known].of, looked_at) != 0) known++;
    assert_true(known + 1 < sizeof ranges / sizeof *ranges);
    if (ranges[known].of) return ranges[known].ends;
    double *low = malloc(2 * dim * sizeof *low), *high = low + dim;
    assert_non_null(low);
    for (size_t i = 0; i < dim; i++) {
        bool separable = landscape->type->separable;
        if (!landscape->type->candidates)
            low[i] = -0.7, high[i] = 0.7;
        else if (i == 0 || (separable && (i == 1 || dim <= LARGE)))
            find_range(landscape, i, low, high);
        else if (separable)
            low[i] = low[1], high[i] = high[1];
    }
    ranges[known] = (struct range){strdup(looked_at), low};
    return low;
}

static int forget_ranges(void **state) {
    (void)state;
    for (size_t k = 0; ranges[k].of; k++) {
        free(ranges[k].of);
        free(ranges[k].ends);
    }
    return 0;
}

/* Points in a box around all minima that is wider than they are apart; [dim][n]. */
static double *odd_points(const kr_landscape *landscape, size_t n) {
    size_t dim = landscape->dim;
    const double *low = find_ranges(landscape), *high = low + dim;
    double *x = malloc(dim * n * sizeof *x);
    assert_non_null(x);
    for (size_t i = 0; i < dim; i++) {
        double margin = 0.5 * (high[i] - low[i]) + 0.385;
        for (size_t p = 0; p < n; p++) x[i * n + p] = low[i] - margin + (high[i] - low[i] + 2 * margin) * fraction(p, i);
    }
    return x;
}

/* Of many coordinates, some: the next one to look at. */
static size_t next_coordinate(const kr_landscape *landscape, size_t i) {
    return i + (landscape->dim <= LARGE || i == 0 || i + 2 >= landscape->dim ? 1 : landscape->dim / 2 - 1);
}

typedef void check(const kr_landscape *landscape);

static void look_at(const kr_landscape_type *type, const char *options, double decay) {
    snprintf(looked_at, sizeof looked_at, "%s%s, weight decay %g", type->about.name, options, decay);
}

/* With KRAMERS_TEST_LANDSCAPE=NAME only the one of this name is asked for, as where all others have been tested already. */
static bool is_asked_for(const kr_landscape_type *type) {
    const char *name = getenv("KRAMERS_TEST_LANDSCAPE");
    return !name || strcmp(landscape_type(name)->about.name, type->about.name) == 0;
}

static void for_all(check *run) {
    const kr_registry *registry;
    assert_int_equal(kr_registry_find(NULL, &registry, NULL), KR_OK);
    static const double decays[] = {0, 0.3};
    for (const kr_landscape_type *const *type = registry->landscapes; *type; type++) {
        if (!is_asked_for(*type)) continue;
        variants v = variants_of(*type);
        for (size_t i = 0; i < v.count; i++) {
            for (size_t d = 0; d < 2; d++) {
                fixture f;
                kr_error error;
                if (fixture_try(&f, *type, decays[d], v.option[i], &error) != KR_OK)
                    fail_msg("%s %s: %s", (*type)->about.name, v.option[i], error.message);
                look_at(*type, v.option[i], decays[d]);
                run(&f.landscape);
                fixture_close(&f);
            }
        }
    }
}

enum { STENCIL = 9, CENTER = STENCIL / 2 };

/* Fourth-order differences of f at distances -4 h .. 4 h. Higher derivatives of a spline jump at its knots: where one lies in the
 * central stencil the difference towards the side without it counts, which is of the same order. The one nearest to expected. */
static double difference(const double f[STENCIL], double h, double expected) {
    const double *c = f + CENTER, central = (8 * (c[1] - c[-1]) - (c[2] - c[-2])) / (12 * h);
    double right = (48 * (c[1] - c[0]) - 36 * (c[2] - c[0]) + 16 * (c[3] - c[0]) - 3 * (c[4] - c[0])) / (12 * h);
    double left = (48 * (c[0] - c[-1]) - 36 * (c[0] - c[-2]) + 16 * (c[0] - c[-3]) - 3 * (c[0] - c[-4])) / (12 * h);
    double best = fabs(right - expected) < fabs(left - expected) ? right : left;
    return fabs(central - expected) <= fabs(best - expected) ? central : best;
}
static double largest(const double f[STENCIL]) {
    double most = 0;
    for (int k = 0; k < STENCIL; k++) most = fmax(most, fabs(f[k]));
    return most;
}

enum { DIFFERENCE_POINTS = 60 };
static const double energy_step = 2e-4;
static const double gradient_step = 1e-4;

/* The cost of a Hessian's differences grows with the square of the dimension. */
static size_t difference_points(const kr_landscape *landscape) {
    return landscape->dim > LARGE || (SANITIZED && landscape->dim > 8) ? 3 : DIFFERENCE_POINTS;
}

static void check_gradient(const kr_landscape *landscape) {
    size_t dim = landscape->dim, count = difference_points(landscape);
    double *x = odd_points(landscape, count), *point = malloc(2 * dim * sizeof *point), *gradient = point + dim;
    for (size_t p = 0; p < count; p++) {
        for (size_t i = 0; i < dim; i++) point[i] = x[i * count + p];
        kr_landscape_gradient(landscape, 1, point, gradient);
        for (size_t i = 0; i < dim; i = next_coordinate(landscape, i)) {
            double center = point[i], energy[STENCIL];
            for (int k = 0; k < STENCIL; k++) {
                point[i] = center + energy_step * (k - CENTER);
                kr_landscape_energy(landscape, 1, point, &energy[k]);
            }
            point[i] = center;
            double slope = difference(energy, energy_step, gradient[i]);
            if (!(fabs(gradient[i] - slope) <= 1e-7 * fabs(slope) + 1e-8 + 1e-11 * largest(energy)))
                fail_msg("%s: slope along %zu is %.12g, not %.12g", looked_at, i, slope, gradient[i]);
        }
    }
    free(point);
    free(x);
}

static void gradient_is_the_slope_of_the_energy(void **state) {
    (void)state;
    for_all(check_gradient);
}

static void check_hessian(const kr_landscape *landscape) {
    size_t dim = landscape->dim, count = difference_points(landscape);
    double *x = odd_points(landscape, count), *point = malloc((2 + STENCIL) * dim * sizeof *point);
    double *curvature = point + dim, *gradient = point + 2 * dim, *hessian = malloc(dim * dim * sizeof *hessian);
    for (size_t p = 0; p < count; p++) {
        for (size_t i = 0; i < dim; i++) point[i] = x[i * count + p];
        kr_landscape_hessian(landscape, 1, point, hessian);
        kr_landscape_curvature(landscape, 1, point, curvature);
        for (size_t i = 0; i < dim; i = next_coordinate(landscape, i)) {
            double center = point[i];
            assert_close(hessian[i * dim + i], curvature[i], 1e-14, 0);
            for (int k = 0; k < STENCIL; k++) {
                point[i] = center + gradient_step * (k - CENTER);
                kr_landscape_gradient(landscape, 1, point, gradient + (size_t)k * dim);
            }
            point[i] = center;
            for (size_t j = 0; j < dim; j++) {
                double along[STENCIL];
                for (size_t k = 0; k < STENCIL; k++) along[k] = gradient[k * dim + j];
                assert_close(hessian[j * dim + i], difference(along, gradient_step, hessian[j * dim + i]), 1e-6,
                             1e-7 + 1e-10 * largest(along));
                assert_true(hessian[j * dim + i] == hessian[i * dim + j]);
            }
        }
    }
    free(hessian);
    free(point);
    free(x);
}

static void hessian_is_the_slope_of_the_gradient(void **state) {
    (void)state;
    for_all(check_hessian);
}

typedef void evaluation(const kr_landscape *landscape, size_t n, const double *x, double *out);
static evaluation *const evaluations[] = {kr_landscape_energy, kr_landscape_gradient, kr_landscape_curvature, kr_landscape_hessian};
static size_t outputs(int which, size_t dim) {
    return which == 0 ? 1 : which == 3 ? dim * dim : dim;
}

/* Second derivatives in several coordinates take long: of a part of the points, more than landscapes take at a time there. */
static size_t most_points(int which, size_t dim, size_t beyond_large) {
    size_t most = which >= 2 && dim > 8 && is_sampled() ? (SANITIZED ? 33 : 257) : POINTS;
    return dim <= LARGE ? most : beyond_large;
}

/* Outputs of points one by one; [output][point]. */
static double *one_by_one(const kr_landscape *landscape, int which, size_t n, const double *x) {
    size_t dim = landscape->dim, count = outputs(which, dim);
    double *point = malloc((dim + count) * sizeof *point), *one = point + dim, *out = malloc(n * count * sizeof *out);
    assert_true(point && out);
    for (size_t p = 0; p < n; p++) {
        for (size_t i = 0; i < dim; i++) point[i] = x[i * POINTS + p];
        evaluations[which](landscape, 1, point, one);
        for (size_t k = 0; k < count; k++) out[k * n + p] = one[k];
    }
    free(point);
    return out;
}

static void check_batches(const kr_landscape *landscape) {
    static const size_t sizes[] = {0, 1, 7, 8, 9, 33, 255, 256, 257, 1000};
    size_t dim = landscape->dim;
    double *all = odd_points(landscape, POINTS);
    for (int which = 0; which < 4; which++) {
        size_t count = outputs(which, dim), most = most_points(which, dim, which < 3 ? POINTS : 1);
        double *expected = one_by_one(landscape, which, most, all);
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
            size_t n = sizes[s];
            if (n > most) continue;
            double *x = malloc(n * dim * sizeof *x + 1), *out = malloc(n * count * sizeof *out + 1); /* exact, for the sanitizer */
            for (size_t i = 0; i < dim; i++) memcpy(x + i * n, all + i * POINTS, n * sizeof *x);
            evaluations[which](landscape, n, x, out);
            for (size_t k = 0; k < count; k++) assert_true(!memcmp(&expected[k * most], &out[k * n], n * sizeof *out));
            free(x);
            free(out);
        }
        free(expected);
    }
    free(all);
}

static void batch_equals_one_by_one(void **state) {
    (void)state;
    for_all(check_batches);
}

/* Moving one coordinate changes the gradient along that one only, to the bit. */
static void check_separable(const kr_landscape *landscape) {
    size_t dim = landscape->dim;
    if (!landscape->type->separable) {
        assert_non_null(landscape->type->hessian);
        return;
    }
    double *x = odd_points(landscape, 2), *before = malloc(2 * dim * sizeof *before), *after = malloc(2 * dim * sizeof *after);
    for (size_t i = 0; i < dim; i = next_coordinate(landscape, i)) {
        kr_landscape_gradient(landscape, 2, x, before);
        double kept = x[2 * i];
        x[2 * i] += 0.7385;
        kr_landscape_gradient(landscape, 2, x, after);
        for (size_t j = 0; j < dim; j++)
            if (j != i) assert_memory_equal(&before[2 * j], &after[2 * j], 2 * sizeof *after);
        x[2 * i] = kept;
    }
    free(after);
    free(before);
    free(x);
}

static void separable_means_what_it_says(void **state) {
    (void)state;
    for_all(check_separable);
}

static void check_minima(const kr_landscape *landscape) {
    size_t dim = landscape->dim;
    int64_t count;
    kr_error error;
    if (!landscape->type->candidates) {
        assert_int_equal(kr_minimum_count(landscape, &count, &error), KR_BAD_ARGUMENT);
        assert_non_null(strstr(error.message, "lists no minima"));
        return;
    }
    if (kr_minimum_count(landscape, &count, &error) != KR_OK) fail_msg("%s", error.message);
    assert_true(landscape->type->period != 0 ? count == 0 : count > 0);
    double *position = malloc((4 * dim + 1) * sizeof *position), *previous = position + dim, *gradient = position + 2 * dim;
    double *nearby = position + 3 * dim, energy, around;
    int64_t most = dim > LARGE ? 2 : landscape->type->separable ? 40 : 9, tested = count > 0 && count < most ? count : most;
    for (int64_t number = 0; number < tested; number++) {
        if (kr_minimum_position(landscape, number, position, &error) != KR_OK) {
            /* Weight decay may end a periodic landscape's minima. */
            if (landscape->weight_decay > 0 && landscape->type->period != 0 && number > 0) break;
            fail_msg("%s", error.message);
        }
        size_t first = 0;
        while (number > 0 && first < dim && fabs(position[first] - previous[first]) < 1e-6) first++;
        /* What is a few 1e-6 apart, with others between, may count as equal. */
        if (number > 0 && !(first < dim && position[first] > previous[first] - 1e-5))
            fail_msg("%s: minimum %d is not behind the one before", looked_at, (int)number);
        memcpy(previous, position, dim * sizeof *position);
        kr_landscape_gradient(landscape, 1, position, gradient);
        kr_landscape_energy(landscape, 1, position, &energy);
        for (size_t i = 0; i < dim; i++) {
            assert_close(gradient[i], 0, 0, 1e-9);
            memcpy(nearby, position, dim * sizeof *nearby);
            for (int side = -1; side <= 1; side += 2) {
                nearby[i] = position[i] + 1e-3 * side;
                kr_landscape_energy(landscape, 1, nearby, &around);
                assert_true(around > energy);
            }
        }
    }
    free(position);
}

static void minima_are_ordered_and_have_no_slope(void **state) {
    (void)state;
    for_all(check_minima);
}

/* Saddles of index 1 are what a path between two minima crosses; eigenvalues ascend and count the index. */
static void check_critical_points(const kr_landscape *landscape) {
    kr_critical_points points;
    kr_error error;
    if (!landscape->type->candidates || (!landscape->type->separable && !landscape->type->walls && landscape->dim > LARGE)) {
        assert_int_equal(kr_critical_points_find(landscape, 0, &points, &error), KR_BAD_ARGUMENT);
        return;
    }
    if (kr_critical_points_find(landscape, 0, &points, &error) != KR_OK) fail_msg("%s", error.message);
    assert_true(points.count > 0);
    for (size_t k = 0, saddles = 0; k < points.count; k++) {
        size_t negative = 0;
        for (size_t i = 0; i < points.dim; i++) {
            if (points.point[k].eigenvalues[i] < 0) negative++;
            if (i > 0) assert_true(points.point[k].eigenvalues[i] >= points.point[k].eigenvalues[i - 1]);
        }
        assert_int_equal(negative, points.point[k].index);
        size_t ends[2];
        if (points.point[k].index != 1 || points.dim != landscape->dim || landscape->type->period != 0) continue;
        if (++saddles > MOST_SADDLES) continue;
        assert_int_equal(kr_saddle_ends(landscape, &points, k, ends, &error), KR_OK);
        /* Of infinitely many minima, those behind the saddles at the rim may have no number. */
        bool endless = landscape->type->unlisted != NULL, numbered = ends[0] < ends[1] && ends[1] < points.count;
        if (!numbered && !(endless && ends[1] == SIZE_MAX)) fail_msg("%s: saddle %zu joins no two minima", looked_at, k);
    }
    kr_critical_points_destroy(&points);
}

static void saddles_join_two_minima(void **state) {
    (void)state;
    for_all(check_critical_points);
}

static void check_period(const kr_landscape *landscape) {
    double period = landscape->type->period;
    if (period == 0 || landscape->weight_decay != 0) return;
    double *x = odd_points(landscape, POINTS), here[2], there[2], moved;
    for (size_t p = 0; p < POINTS; p++) {
        moved = x[p] + period;
        kr_landscape_gradient(landscape, 1, &x[p], here);
        kr_landscape_gradient(landscape, 1, &moved, there);
        assert_close(there[0], here[0], 1e-12, 1e-12);
    }
    free(x);
}

static void period_repeats(void **state) {
    (void)state;
    for_all(check_period);
}

/* NaN is not lost, and no position leads out of an array. */
static void check_strange_positions(const kr_landscape *landscape) {
    static const double strange[] = {INFINITY, -INFINITY, 1.7e308, -1.7e308, 5e-324, 1e18, -1e18, 4294967296.0, 0};
    size_t dim = landscape->dim, n = 9;
    double *x = odd_points(landscape, n), *out = malloc((dim + dim * dim + 1) * n * sizeof *out);
    for (size_t i = 0; i < dim; i = next_coordinate(landscape, i)) {
        double kept[9];
        memcpy(kept, x + i * n, sizeof kept);
        memcpy(x + i * n, strange, sizeof strange);
        for (int which = 0; which < 4; which++) evaluations[which](landscape, n, x, out);
        for (size_t p = 0; p < n; p++) x[i * n + p] = NAN;
        kr_landscape_energy(landscape, n, x, out);
        kr_landscape_gradient(landscape, n, x, out + n);
        for (size_t p = 0; p < n; p++) {
            assert_true(isnan(out[p]));
            assert_true(isnan(out[n + i * n + p]));
        }
        memcpy(x + i * n, kept, sizeof kept);
    }
    free(out);
    free(x);
}

static void nan_stays_nan(void **state) {
    (void)state;
    for_all(check_strange_positions);
}

/* The outputs of some odd points, one behind the other. */
static double *outputs_of(const kr_landscape *landscape, const double *x, size_t *size) {
    size_t dim = landscape->dim, used = 0;
    *size = 0;
    for (int which = 0; which < 4; which++) *size += outputs(which, dim) * most_points(which, dim, 9);
    double *out = calloc(*size, sizeof *out), *some = malloc(dim * POINTS * sizeof *some);
    assert_true(out && some);
    for (int which = 0; which < 4; which++) {
        size_t points = most_points(which, dim, 9);
        for (size_t i = 0; i < dim; i++) memcpy(some + i * points, x + i * POINTS, points * sizeof *some);
        evaluations[which](landscape, points, some, out + used);
        used += outputs(which, dim) * points;
    }
    free(some);
    return out;
}

static void all_instruction_sets_give_the_same_bits(void **state) {
    (void)state;
    const kr_registry *registries[8];
    size_t count = kr_registry_available(registries, 8);
    assert_true(count >= 1);
    for (size_t t = 0; registries[0]->landscapes[t]; t++) {
        if (!is_asked_for(registries[0]->landscapes[t])) continue;
        variants v = variants_of(registries[0]->landscapes[t]);
        for (size_t i = 0; i < v.count; i++) {
            fixture first, other;
            kr_error error;
            size_t size;
            assert_int_equal(fixture_try(&first, registries[0]->landscapes[t], 0.3, v.option[i], &error), KR_OK);
            look_at(registries[0]->landscapes[t], v.option[i], 0.3);
            double *x = odd_points(&first.landscape, POINTS), *a = outputs_of(&first.landscape, x, &size);
            for (size_t r = 1; r < count; r++) {
                assert_int_equal(fixture_try(&other, registries[r]->landscapes[t], 0.3, v.option[i], &error), KR_OK);
                double *b = outputs_of(&other.landscape, x, &size);
                assert_true(!memcmp(a, b, size * sizeof *a));
                free(b);
                fixture_close(&other);
            }
            free(a);
            free(x);
            fixture_close(&first);
        }
    }
}

/* Creates the landscape with these settings and evaluates it once. */
static void assert_works(const kr_landscape_type *type, const kr_settings *settings, const char *name) {
    kr_landscape landscape;
    kr_error error;
    if (kr_landscape_create(&landscape, type, settings->values, NULL, 0, &error) != KR_OK)
        fail_msg("%s at a limit of %s: %s", type->about.name, name, error.message);
    double *x = malloc(2 * landscape.dim * sizeof *x);
    for (size_t i = 0; i < landscape.dim; i++) x[i] = 0.385 + 0.1 * fraction(i, 0);
    kr_landscape_gradient(&landscape, 1, x, x + landscape.dim);
    for (size_t i = 0; i < landscape.dim; i++) assert_true(isfinite(x[landscape.dim + i]));
    free(x);
    kr_landscape_destroy(&landscape);
}

/* The lower limit is for the first number of a list, the upper for the last: a list that must ascend does. */
static kr_status set_list(kr_settings *settings, const kr_parameter *p, double value) {
    const kr_list *list = (const void *)((const char *)settings->values + p->offset);
    double *copy = malloc(list->count * sizeof *copy);
    assert_non_null(copy);
    memcpy(copy, list->value, list->count * sizeof *copy);
    copy[value > 0 ? list->count - 1 : 0] = value;
    kr_status status = kr_set_list(settings, p, copy, list->count, NULL);
    free(copy);
    return status;
}

static kr_status set(kr_settings *settings, const kr_parameter *p, double value) {
    if (p->type == KR_INTEGER) return kr_set_integer(settings, p, (int64_t)value, NULL);
    if (p->type == KR_LIST) return set_list(settings, p, value);
    return kr_set_number(settings, p, value, NULL);
}

static double step_from(const kr_parameter *p, double value, double towards) {
    if (p->type == KR_INTEGER) return value + (towards > value ? 1 : -1);
    return nextafter(value, towards);
}

static void limits_are_accepted_and_one_beyond_is_refused(void **state) {
    (void)state;
    const kr_registry *registry;
    assert_int_equal(kr_registry_find(NULL, &registry, NULL), KR_OK);
    for (const kr_landscape_type *const *type = registry->landscapes; *type; type++) {
        if (!is_asked_for(*type)) continue;
        for (const kr_parameter *p = (*type)->about.parameters; p && p->name; p++) {
            if (p->type != KR_NUMBER && p->type != KR_INTEGER && p->type != KR_LIST) continue;
            assert_true(p->minimum < p->maximum);                  /* every number of a landscape has limits */
            if (p->type == KR_LIST && isnan(p->initial)) continue; /* none is given, and how many there may be is up to the rest */
            double low = p->flags & KR_ABOVE_MINIMUM ? step_from(p, p->minimum, INFINITY) : p->minimum;
            double high = p->flags & KR_BELOW_MAXIMUM ? step_from(p, p->maximum, -INFINITY) : p->maximum;
            fixture f;
            kr_error error;
            variants v = variants_of(*type);
            assert_int_equal(fixture_try(&f, *type, 0, v.option[0], &error), KR_OK);
            assert_int_equal(set(&f.settings, p, low), KR_OK);
            assert_works(*type, &f.settings, p->name);
            assert_int_equal(set(&f.settings, p, high), KR_OK);
            assert_works(*type, &f.settings, p->name);
            assert_int_equal(set(&f.settings, p, step_from(p, low, -INFINITY)), KR_BAD_ARGUMENT);
            assert_int_equal(set(&f.settings, p, step_from(p, high, INFINITY)), KR_BAD_ARGUMENT);
            fixture_close(&f);
        }
    }
}

static void negative_weight_decay_is_refused(void **state) {
    (void)state;
    static const double bad[] = {-1, NAN, INFINITY};
    for (size_t i = 0; i < 3; i++) {
        fixture f;
        kr_error error;
        assert_int_equal(fixture_try(&f, landscape_type("harmonic"), bad[i], "", &error), KR_BAD_ARGUMENT);
        fixture_close(&f);
    }
}

static void stiffness_must_fit_the_dimension(void **state) {
    (void)state;
    fixture f;
    kr_error error;
    assert_int_equal(fixture_try(&f, landscape_type("harmonic"), 0, "dim=3 stiffness=[1,2]", &error), KR_BAD_ARGUMENT);
    assert_non_null(strstr(error.message, "stiffness lists 2 numbers for dim 3"));
    fixture_close(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradient_is_the_slope_of_the_energy),
        cmocka_unit_test(hessian_is_the_slope_of_the_gradient),
        cmocka_unit_test(batch_equals_one_by_one),
        cmocka_unit_test(separable_means_what_it_says),
        cmocka_unit_test(minima_are_ordered_and_have_no_slope),
        cmocka_unit_test(saddles_join_two_minima),
        cmocka_unit_test(period_repeats),
        cmocka_unit_test(nan_stays_nan),
        cmocka_unit_test(all_instruction_sets_give_the_same_bits),
        cmocka_unit_test(limits_are_accepted_and_one_beyond_is_refused),
        cmocka_unit_test(negative_weight_decay_is_refused),
        cmocka_unit_test(stiffness_must_fit_the_dimension),
    };
    return cmocka_run_group_tests(tests, NULL, forget_ranges);
}
