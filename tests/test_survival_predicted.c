/* Survival under a schedule: the density led step by step against published and independent numbers, the adiabatic product beside
 * it. */
#include "assert_close.h"
#include "case.h"
#include "sanitized.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

static void use_schedule(problem_case *c, const char *name, const char *values, uint64_t steps) {
    kr_error error;
    kr_settings_destroy(&c->settings[3]);
    const kr_schedule_type *type = find_schedule(c->registry, name);
    c->settings[3] = make_settings(&type->about, values);
    require(kr_schedule_create(&c->schedule, &c->settings[3], NULL, (kr_warmup){0, 1.0}, steps, &error), &error);
}

typedef struct curve {
    double chain, adiabatic, accuracy;
} curve;

static curve at_end(const problem_case *c, uint64_t steps) {
    uint64_t step[2] = {0, steps};
    double chain[2], adiabatic[2], accuracy;
    char why[256];
    if (!kr_survival_chain(&c->problem, 2, step, chain, &accuracy, why)) fail_msg("%s", why);
    if (!kr_survival_adiabatic(&c->problem, 2, step, adiabatic, why)) fail_msg("%s", why);
    return (curve){1 - chain[1], 1 - adiabatic[1], accuracy};
}

/* SGD on the double well through one cosine, noise variance 16. */
static void one_cosine_cycle(void **state) {
    (void)state;
    static const struct { double above, escaped; } cases[] = {{0.0, 0.0523364}, {1.0, 0.0312497}};
    for (size_t i = 0; i < 2; i++) {
        problem_case c;
        case_make(&c, (part){"double_well", ""}, (part){"sgd", ""}, (part){"isotropic", "sigma=4"}, 0.01, -1.0);
        use_schedule(&c, "cosine", "lr=0.025 lr_min=0.0025 steps=1000", 1000);
        case_target(&c, -INFINITY, cases[i].above);
        clock_t before = clock();
        curve got = at_end(&c, 1000);
        printf("%.9g %.9g accuracy %.2g, %.2f s\n", got.chain, got.adiabatic, got.accuracy,
               (double)(clock() - before) / CLOCKS_PER_SEC);
        assert_close(got.chain, cases[i].escaped, 0, 5e-8);
        assert_true(got.accuracy < 1e-9);
        assert_close(got.adiabatic, got.chain, 0.15, 0);
        case_free(&c);
    }
}

/* Two rhythms, restarts of the learning rate and pulses of the noise: where the pulse falls matters by a factor of 51. Numbers of
 * an independent propagation, which agree to 1e-14 between two resolutions. */
static void pulses_under_restarts(void **state) {
    (void)state;
    static const struct {
        const char *phase;
        double escaped, slowly; /* as if each step's rate held for long: off by 1 % and by a factor of nearly two */
    } cases[] = {{"0", 0.549172682, 0.542900746}, {"150", 0.010741873, 0.0195166}};
    for (size_t i = 0; i < 2; i++) {
        problem_case c;
        char noise[80];
        snprintf(noise, sizeof noise, "high=6 low=3 period=200 width=50 phase=%s", cases[i].phase);
        case_make(&c, (part){"double_well", ""}, (part){"sgd", ""}, (part){"pulse", noise}, 0.01, -1.0);
        use_schedule(&c, "cosine_restarts", "lr=0.03 lr_min=0.01 period=200", 1000);
        case_target(&c, -INFINITY, 1.0);
        curve got = at_end(&c, 1000);
        assert_close(got.chain, cases[i].escaped, 0, 1e-9);
        assert_true(got.accuracy < 1e-9);
        assert_close(got.adiabatic, cases[i].slowly, 0, 5e-8);
        assert_false(case_predict(&c, "chain").applies);
        case_free(&c);
    }
}

/* Steps of one kind taken one by one are the same as by powers and extrapolation: a pulse that is always, or never, there is
 * isotropic noise, and one that is rare changes little. */
static void long_runs_with_pulses(void **state) {
    (void)state;
    static const char *const noises[][2] = {{"isotropic", "sigma=3.5"},
                                            {"pulse", "high=3.5 low=1 period=100 width=100"},
                                            {"pulse", "high=9 low=3.5 period=100 width=0"},
                                            {"pulse", "high=3.5 low=3.4999999999 period=5000 width=2500 phase=-100"}};
    double isotropic = NAN;
    for (size_t i = 0; i < 4; i++) {
        problem_case c;
        case_make(&c, (part){"double_well", ""}, (part){"sgd", ""}, (part){noises[i][0], noises[i][1]}, 0.03, -1.0);
        case_target(&c, -INFINITY, 1.0);
        curve got = at_end(&c, 40000);
        if (i == 0) isotropic = got.chain;
        assert_close(got.chain, isotropic, i < 3 ? 1e-11 : 1e-8, 0);
        assert_close(got.adiabatic, got.chain, 0.01, 0);
        case_free(&c);
    }
}

/* As many rows as there are steps of a long run; the last row is the same as in a curve of one. */
static void any_number_of_rows(void **state) {
    (void)state;
    enum { ROWS = 70000 };
    uint64_t *step = malloc(ROWS * sizeof *step);
    double *survival = malloc(ROWS * sizeof *survival), accuracy;
    char why[256];
    problem_case c;
    case_make(&c, (part){"double_well", ""}, (part){"sgld", "temperature=0.4"}, (part){"none", ""}, 0.01, -1.0);
    case_target(&c, -INFINITY, 0.0);
    assert_true(step && survival);
    for (size_t i = 0; i < ROWS; i++) step[i] = i;
    if (!kr_survival_chain(&c.problem, ROWS, step, survival, &accuracy, why)) fail_msg("%s", why);
    assert_close(1.0 - survival[ROWS - 1], at_end(&c, ROWS - 1).chain, 0, 1e-9);
    case_free(&c);
    free(step);
    free(survival);
}

static void depart_from_gibbs(problem_case *c, double temperature, uint64_t burn_in) {
    c->problem.start_temperature = temperature;
    c->problem.start_minimum = 0;
    c->problem.burn_in = burn_in;
}

/* In a harmonic well one step leads from one Gaussian to another: variance (1 - eta k)^2 T/k + 2 eta T. */
static void one_step_from_a_gaussian(void **state) {
    (void)state;
    problem_case c;
    case_make(&c, (part){"harmonic", "stiffness=3"}, (part){"sgld", "temperature=0.4"}, (part){"none", ""}, 0.05, 0);
    case_target(&c, -INFINITY, 0.3); /* a fifth of the starts lies in it */
    depart_from_gibbs(&c, 0.4, 0);
    double deviation = sqrt(pow(1 - 0.05 * 3, 2) * 0.4 / 3 + 2 * 0.05 * 0.4);
    assert_close(at_end(&c, 1).chain, 0.5 * erfc(0.3 / deviation / sqrt(2)), 1e-11, 0);
    case_free(&c);
}

/* By Simpson's rule on a fixed grid: n = 1 + P n for the mean, the density step by step for survival. */
enum { POINTS = 1601, BASIN = 1401, STEPS = 40 }; /* from -2.8 to the target at 0.4; the top is number BASIN - 1 */

static double rule(size_t i, size_t points) {
    const double h = 3.2 / (POINTS - 1);
    return (i == 0 || i == points - 1 ? 1 : i % 2 ? 4 : 2) * h / 3;
}

static double simpson_survival(double temperature, double eta, uint64_t burn_in, uint64_t steps) {
    double *x = calloc(5 * POINTS, sizeof *x), *start = x + POINTS, *density = start + POINTS, *next = density + POINTS;
    double *gone = next + POINTS, *kernel = malloc(sizeof(double) * POINTS * POINTS), s = sqrt(2 * eta * temperature);
    assert_true(x && kernel);
    double sum = 0, departing = 1, survival = 1;
    for (size_t i = 0; i < POINTS; i++) {
        x[i] = -2.8 + 3.2 * (double)i / (POINTS - 1);
        if (i < BASIN) sum += start[i] = rule(i, BASIN) * exp(-pow(x[i] * x[i] - 1, 2) / temperature);
        double mean = x[i] - eta * 4 * x[i] * (x[i] * x[i] - 1);
        for (size_t j = 0; j < POINTS; j++) {
            double y = -2.8 + 3.2 * (double)j / (POINTS - 1), z = (y - mean) / s;
            kernel[i * POINTS + j] = exp(-z * z / 2) / s / sqrt(2 * acos(-1)) * rule(j, POINTS);
        }
        gone[i] = 0.5 * erfc((0.4 - mean) / s / sqrt(2));
    }
    for (uint64_t k = 0; k < burn_in + steps; k++) {
        double absorbed = 0;
        memset(next, 0, POINTS * sizeof *next);
        for (size_t i = 0; i < POINTS; i++) {
            double mass = density[i] + departing * start[i] / sum;
            absorbed += mass * gone[i];
            for (size_t j = 0; j < POINTS; j++) next[j] += mass * kernel[i * POINTS + j];
        }
        memcpy(density, next, POINTS * sizeof *next);
        departing = k < burn_in ? absorbed : 0;
        if (k >= burn_in) survival -= absorbed;
    }
    free(x);
    free(kernel);
    return survival;
}

static void boltzmann_starts_and_burn_in(void **state) {
    (void)state;
    for (uint64_t burn_in = 0; burn_in <= 25; burn_in += 25) {
        problem_case c;
        case_make(&c, (part){"double_well", ""}, (part){"sgld", "temperature=0.4"}, (part){"none", ""}, 0.03, -1);
        case_target(&c, -INFINITY, 0.4);
        depart_from_gibbs(&c, 0.4, burn_in);
        curve got = at_end(&c, STEPS);
        double exact = 1 - simpson_survival(0.4, 0.03, burn_in, STEPS);
        printf("burn-in %d: %.10f, by Simpson's rule %.10f, adiabatic %.5f\n", (int)burn_in, got.chain, exact, got.adiabatic);
        assert_close(got.chain, exact, 0, 1e-8);
        assert_true(got.accuracy < 1e-9);
        /* Leaving is not much slower than relaxing here. */
        assert_close(got.adiabatic, exact, 0.2, 0);
        case_free(&c);
    }
}

/* The mean over Boltzmann starts at a small learning rate: one step more than P applied to it is what the chain of point starts
 * says, averaged by the trapezoidal rule. */
static void mean_over_boltzmann_starts(void **state) {
    (void)state;
    enum { STARTS = 400 };
    double sum = 0, all = 0;
    problem_case c;
    case_make(&c, (part){"double_well", ""}, (part){"sgld", "temperature=0.3333333333333333"}, (part){"none", ""}, 0.01, -1);
    case_target(&c, -INFINITY, 1);
    for (int i = 0; i <= STARTS; i++) {
        c.start[0] = -2.4 * i / STARTS;
        double weight = exp(-3 * pow(c.start[0] * c.start[0] - 1, 2)) * (i == 0 || i == STARTS ? 1 : i % 2 ? 4 : 2);
        if (weight < 1e-12) continue;
        kr_prediction p = case_predict(&c, "chain");
        sum += weight * p.mfpt_steps;
        all += weight;
    }
    c.start[0] = -1;
    kr_prediction point = case_predict(&c, "chain");
    depart_from_gibbs(&c, 1.0 / 3, 0);
    kr_prediction gibbs = case_predict(&c, "chain");
    printf("mean steps from the minimum %.6f, from the Boltzmann distribution %.6f\n", point.mfpt_steps, gibbs.mfpt_steps);
    assert_close(gibbs.mfpt_steps, sum / all, 1e-8, 0);
    assert_true(gibbs.mfpt_steps < 0.99 * point.mfpt_steps);
    case_free(&c);
}

/* ---- the Brownian bridge ---- */

/* Mean steps from -1 to leave (low, high), low may be far away: n = 1 + P n by Simpson's rule and elimination, moves that stay
 * inside kept with the probability that a Brownian bridge between their ends has crossed neither level. */
static double simpson_bridge(double temperature, double eta, double low, double high, bool lower_target) {
    enum { N = 601 };
    double *a = malloc(sizeof(double) * N * (N + 1)), x[N], s2 = 2 * eta * temperature, h = (high - low) / (N - 1), start = 1;
    assert_non_null(a);
    for (size_t i = 0; i < N; i++) x[i] = low + h * (double)i;
    for (size_t i = 0; i <= N; i++) {
        double from = i < N ? x[i] : -1, mean = from - eta * 4 * from * (from * from - 1);
        for (size_t j = 0; j < N; j++) {
            double p = exp(-(x[j] - mean) * (x[j] - mean) / (2 * s2)) / sqrt(2 * acos(-1) * s2);
            p *= 1 - exp(-2 * (high - from) * (high - x[j]) / s2);
            if (lower_target) p *= 1 - exp(-2 * (from - low) * (x[j] - low) / s2);
            p *= h / 3 * (j == 0 || j == N - 1 ? 1 : j % 2 ? 4 : 2);
            if (i < N)
                a[i * (N + 1) + j] = (i == j) - p;
            else
                x[j] = p; /* the start's row, last of all */
        }
        if (i < N) a[i * (N + 1) + N] = 1;
    }
    for (size_t k = 0; k < N; k++) /* diagonally dominant: no pivoting */
        for (size_t i = k + 1; i < N; i++) {
            double f = a[i * (N + 1) + k] / a[k * (N + 1) + k];
            for (size_t j = k; f != 0 && j <= N; j++) a[i * (N + 1) + j] -= f * a[k * (N + 1) + j];
        }
    for (size_t i = N; i-- > 0;) {
        double *row = a + i * (N + 1);
        for (size_t j = i + 1; j < N; j++) row[N] -= row[j] * a[j * (N + 1) + N];
        row[N] /= row[i];
        start += x[i] * row[N];
    }
    free(a);
    return start;
}

static void chain_with_the_bridge(void **state) {
    (void)state;
    static const double below[] = {-INFINITY, -1.4};
    for (int i = 0; i < 2; i++) {
        problem_case c;
        case_make(&c, (part){"double_well", ""}, (part){"sgld", "temperature=0.4"}, (part){"none", ""}, 0.05, -1);
        case_target(&c, below[i], 0.2);
        c.problem.bridge = true;
        kr_prediction p = case_predict(&c, "chain");
        double exact = simpson_bridge(0.4, 0.05, i ? below[i] : -3, 0.2, i);
        printf("with the bridge %.8f, by Simpson's rule %.8f\n", p.mfpt_steps, exact);
        assert_close(p.mfpt_steps, exact, 1e-6, 0);
        case_free(&c);
    }
    /* To the top the leading correction of the rate is eta (V''(a) - |V''(b)|) / 4, now that none of order sqrt(eta) is left. */
    double excess[2];
    for (int k = 0; k < 2; k++) {
        double eta = k ? 0.0002 : 0.0008;
        problem_case c;
        case_make(&c, (part){"double_well", ""}, (part){"sgld", "temperature=0.05"}, (part){"none", ""}, eta, -1);
        case_target(&c, -INFINITY, 0);
        c.problem.bridge = true;
        kr_prediction p = case_predict(&c, "chain");
        if (!p.applies) fail_msg("%s", p.why);
        excess[k] = (274830549.2 / p.mfpt_time - 1) / eta;
        case_free(&c);
    }
    printf("rate = continuous (1 + %.3f eta), then (1 + %.3f eta)\n", excess[0], excess[1]);
    /* What is left goes as sqrt(eta): it halves, and taking that out leaves less than half of it. */
    assert_close(excess[1], 1, 0, 0.6 * fabs(excess[0] - 1));
    assert_close(2 * excess[1] - excess[0], 1, 0, 0.5 * fabs(excess[1] - 1));
}

/* ---- a learning rate that stays ---- */

static double log_survival_chain(const problem_case *c, size_t count, const uint64_t *step, double *survival) {
    double accuracy;
    char why[256];
    if (!kr_survival_chain(&c->problem, count, step, survival, &accuracy, why)) fail_msg("%s", why);
    assert_true(accuracy < 1e-10);
    return log(survival[count - 1]);
}

/* Sum of S(k) from the first of four steps `apart` on, where S is a sum of two exponentials (Prony's method) or is one. */
static double tail_of_two(const double s[4], double apart) {
    double determinant = s[0] * s[2] - s[1] * s[1];
    if (fabs(determinant) < 1e-9 * s[1] * s[1]) return s[0] / -expm1(log(s[2] / s[0]) / (2 * apart));
    double product = (s[1] * s[3] - s[2] * s[2]) / determinant, half = (s[0] * s[3] - s[1] * s[2]) / determinant / 2;
    double slow = half + sqrt(half * half - product), fast = product / slow, share = (s[1] - s[0] * fast) / (slow - fast);
    return share / -expm1(log(slow) / apart) + (s[0] - share) / -expm1(log(fast) / apart);
}

/* The sum of the survival over all steps is the mean number of steps, which the equation of the chain has without any survival: the
 * curve step by step first, then the tail over which jumps and powers lead. Wells on the way or beside it make it one of two
 * exponentials. Under sanitizers without the two that take longest: the same code with more nodes. */
static void survival_adds_up_to_the_mean(void **state) {
    (void)state;
    static const struct {
        const char *landscape, *values;
        double temperature, eta, start, below, above;
        bool is_long;
    } cases[] = {
        {"double_well", "", 0.2, 0.01, -1, -INFINITY, 1, false},
        {"double_well", "", 0.05, 0.02, -1, -INFINITY, 1, false},
        {"double_well", "", 0.2, 0.01, -1, -1.9, INFINITY, true}, /* the other well lies beside the way: its return is slow */
        {"washboard", "", 0.3, 0.02, 0, -1.8, 1.8, false},
        {"washboard", "", 0.12, 0.02, 0, -1.8, 1.8, true},
        {"harmonic", "stiffness=1.9", 0.3, 1.0, 0, -INFINITY, 2.0, false},
    };
    enum { EACH = 4000 };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (SANITIZED && cases[i].is_long) continue;
        problem_case c;
        char temperature[64];
        snprintf(temperature, sizeof temperature, "temperature=%.17g", cases[i].temperature);
        case_make(&c, (part){cases[i].landscape, cases[i].values}, (part){"sgld", temperature}, (part){"none", ""}, cases[i].eta,
                  cases[i].start);
        case_target(&c, cases[i].below, cases[i].above);
        kr_prediction chain = case_predict(&c, "chain");
        assert_true(chain.applies);
        uint64_t *step = malloc((EACH + 4) * sizeof *step), apart = (uint64_t)(chain.mfpt_steps / 4) + 1;
        double *survival = malloc((EACH + 4) * sizeof *survival), sum = 0;
        for (uint64_t k = 0; k <= EACH; k++) step[k] = k;
        for (uint64_t k = 1; k <= 3; k++) step[EACH + k] = EACH + k * apart;
        log_survival_chain(&c, EACH + 4, step, survival);
        for (uint64_t k = 0; k < EACH; k++) sum += survival[k];
        sum += tail_of_two(survival + EACH, (double)apart);
        printf("%s: mean %.12g, from survival %.12g\n", cases[i].landscape, chain.mfpt_steps, sum);
        assert_close(sum, chain.mfpt_steps, 1e-7, 0);
        free(step);
        free(survival);
        case_free(&c);
    }
}

/* The same rates from another schedule, and a rate that stays only after a while, or for a while at a time. Alone, the last of
 * these is 10^12 steps long. */
static void stretches_of_other_schedules(void **state) {
    (void)state;
    enum { LONG = 100000 };
    problem_case c;
    uint64_t step[] = {0, 900, LONG, 2 * LONG}, far[] = {0, 1000000000000};
    double constant[4], steps[4], hold[4], alone[2];
    case_make(&c, (part){"double_well", ""}, (part){"sgld", "temperature=0.15"}, (part){"none", ""}, 0.01, -1);
    case_target(&c, -INFINITY, 1);
    log_survival_chain(&c, 4, step, constant);
    use_schedule(&c, "step", "lr=0.01 every=30000 factor=1", 2 * LONG);
    log_survival_chain(&c, 4, step, steps);
    for (int i = 1; i < 4; i++) assert_close(steps[i], constant[i], 1e-11, 0);
    use_schedule(&c, "cosine", "lr=0.02 lr_min=0.01 steps=1000 after=hold", 2 * LONG);
    log_survival_chain(&c, 4, step, hold);
    assert_close(log(hold[3] / hold[2]), log(constant[3] / constant[2]), 1e-9, 0); /* settled by then at the same rate */
    assert_true(hold[1] < constant[1]);
    case_free(&c);
    case_make(&c, (part){"double_well", ""}, (part){"sgld", "temperature=0.05"}, (part){"none", ""}, 0.01, -1);
    case_target(&c, -INFINITY, 1);
    kr_prediction chain = case_predict(&c, "chain");
    assert_close(log_survival_chain(&c, 2, far, alone), -1e12 / chain.mfpt_steps, 1e-7, 0);
    case_free(&c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(survival_adds_up_to_the_mean), cmocka_unit_test(stretches_of_other_schedules),
        cmocka_unit_test(any_number_of_rows),           cmocka_unit_test(one_cosine_cycle),
        cmocka_unit_test(pulses_under_restarts),        cmocka_unit_test(long_runs_with_pulses),
        cmocka_unit_test(one_step_from_a_gaussian),     cmocka_unit_test(boltzmann_starts_and_burn_in),
        cmocka_unit_test(mean_over_boltzmann_starts),   cmocka_unit_test(chain_with_the_bridge)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
