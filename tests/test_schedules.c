/* Schedules against the formulas of torch.optim.lr_scheduler, written out here in the recursive form in which PyTorch runs them
 * where it has one, and against exact values where PyTorch is wrong or has no answer. */
#include "plugin_setup.h"

#include <time.h>

static const double pi = 3.14159265358979323846;

typedef struct made {
    kr_settings settings;
    kr_schedule schedule;
} made;

static made make(const char *name, const char *parameters, kr_warmup warmup, uint64_t run_steps) {
    const kr_schedule_type *type = find_schedule(best_registry(), name);
    made m = {.settings = make_settings(&type->about, parameters)};
    kr_error error;
    if (kr_schedule_create(&m.schedule, &m.settings, NULL, warmup, run_steps, &error) != KR_OK) fail_msg("%s", error.message);
    return m;
}

static const kr_warmup none = {0, 1};

/* One rate, with a schedule made for it. */
static double rate(const char *name, const char *parameters, uint64_t run_steps, uint64_t k) {
    made m = make(name, parameters, none, run_steps);
    double value = kr_schedule_at(&m.schedule, k);
    kr_settings_destroy(&m.settings);
    return value;
}

static void StepAndExponentialAsPyTorch(void **state) {
    (void)state;
    made step = make("step", "lr=0.3 every=7 factor=0.9", none, 1), decay = make("exponential", "lr=0.3 factor=0.97", none, 1);
    double stepped = 0.3, decayed = 0.3;
    for (uint64_t k = 0; k < 300; k++) {
        if (k > 0 && k % 7 == 0) stepped *= 0.9;
        if (k > 0) decayed *= 0.97;
        assert_close(kr_schedule_at(&step.schedule, k), stepped, 1e-14, 0);
        assert_close(kr_schedule_at(&decay.schedule, k), decayed, 1e-14, 0);
    }
    kr_settings_destroy(&step.settings), kr_settings_destroy(&decay.settings);
}

/* LinearLR(1, lr_end/lr, K) and PolynomialLR(K, p), recursive forms. */
static void LinearAndPolynomialAsPyTorch(void **state) {
    (void)state;
    const double lr = 0.4, end = 0.25, length = 150, power = 1.7;
    made linear = make("linear", "lr=0.4 lr_end=0.1 steps=150", none, 1),
         poly = make("polynomial", "lr=0.4 steps=150 power=1.7", none, 1);
    double line = lr, curve = lr;
    for (uint64_t k = 0; k < 200; k++) {
        double t = (double)k;
        if (k > 0 && t <= length) {
            line *= 1 + (end - 1) / (length * 1 + (t - 1) * (end - 1));
            curve *= pow((1 - t / length) / (1 - (t - 1) / length), power);
        }
        assert_close(kr_schedule_at(&linear.schedule, k), line, 1e-14, 0);
        assert_close(kr_schedule_at(&poly.schedule, k), curve, 1e-14, 0);
    }
    assert_true(kr_schedule_at(&poly.schedule, 150) == 0 && kr_schedule_at(&poly.schedule, UINT64_MAX) == 0);
    assert_true(kr_schedule_at(&linear.schedule, 150) == 0.1 && kr_schedule_at(&linear.schedule, UINT64_MAX) == 0.1);
    kr_settings_destroy(&linear.settings), kr_settings_destroy(&poly.settings);
}

/* CosineAnnealingLR, recursive form, down to K; from there on the three ways to go on. */
static void CosineAsPyTorchAndAfter(void **state) {
    (void)state;
    const double lr = 0.2, low = 0.002, length = 130;
    const uint64_t steps = 130;
    made hold = make("cosine", "lr=0.2 lr_min=0.002 steps=130", none, 1);
    made repeat = make("cosine", "lr=0.2 lr_min=0.002 steps=130 after=repeat", none, 1);
    made mirror = make("cosine", "lr=0.2 lr_min=0.002 steps=130 after=mirror", none, 1);
    double recursive = lr;
    for (uint64_t k = 0; k < 2 * steps; k++) {
        double t = (double)k;
        if (k > 0 && k <= steps)
            recursive = (1 + cos(pi * t / length)) / (1 + cos(pi * (t - 1) / length)) * (recursive - low) + low;
        double closed = low + (lr - low) * (1 + cos(pi * t / length)) / 2;
        if (k <= steps) assert_close(kr_schedule_at(&hold.schedule, k), recursive, 1e-14, 0);
        if (k > steps) assert_true(kr_schedule_at(&hold.schedule, k) == low);
        assert_close(kr_schedule_at(&mirror.schedule, k), closed, 1e-15, 0);
        assert_true(kr_schedule_at(&repeat.schedule, k) == kr_schedule_at(&hold.schedule, k % steps));
        assert_true(kr_schedule_at(&mirror.schedule, k + 2 * steps * (UINT64_C(1) << 50)) == kr_schedule_at(&mirror.schedule, k));
    }
    kr_settings_destroy(&hold.settings), kr_settings_destroy(&repeat.settings), kr_settings_destroy(&mirror.settings);
}

/* CosineAnnealingWarmRestarts counted step by step, as PyTorch does when its step() gets no argument (there it is right). */
static void CosineRestartsAsPyTorch(void **state) {
    (void)state;
    for (uint64_t mult = 1; mult <= 10; mult++) {
        char text[100];
        snprintf(text, sizeof text, "lr=0.05 lr_min=0.0005 period=3 period_mult=%d amplitude_factor=0.9", (int)mult);
        made m = make("cosine_restarts", text, none, 1);
        uint64_t position = 0, length = 3, cycle = 0;
        for (uint64_t k = 0; k < 40000; k++) {
            double amplitude = (0.05 - 0.0005) * pow(0.9, (double)cycle);
            double expected = 0.0005 + amplitude * (1 + cos(pi * (double)position / (double)length)) / 2;
            assert_close(kr_schedule_at(&m.schedule, k), expected, 1e-14, 0);
            if (++position == length) {
                position = 0;
                length *= mult;
                cycle++;
            }
        }
        kr_settings_destroy(&m.settings);
    }
}

typedef struct border {
    int period;
    double factor;
    int cycle;
    uint64_t begins, ends;
} border;

/* Sums of powers of the doubles that these factors are, in rational arithmetic (Python's Fraction), to the nearest step. */
static const border borders[] = {{10, 1.1, 1, UINT64_C(10), UINT64_C(21)},
                                 {10, 1.1, 50, UINT64_C(11639), UINT64_C(12813)},
                                 {10, 1.1, 300, UINT64_C(261701099618746), UINT64_C(287871209580631)},
                                 {10, 1.1, 371, UINT64_C(227345411716556850), UINT64_C(250079952888212565)},
                                 {3, 1.0001, 2, UINT64_C(6), UINT64_C(9)},
                                 {3, 1.0001, 60000, UINT64_C(12069234), UINT64_C(12070444)},
                                 {3, 1.0001, 321000, UINT64_C(2613828732509187247), UINT64_C(2614090115382438140)},
                                 {1, 1.5, 1, UINT64_C(1), UINT64_C(3)},
                                 {1, 1.5, 2, UINT64_C(3), UINT64_C(5)},
                                 {1, 1.5, 100, UINT64_C(813122355070430473), UINT64_C(1219683532605645710)},
                                 {1000, 2.5, 2, UINT64_C(3500), UINT64_C(9750)},
                                 {1000, 2.5, 38, UINT64_C(882325986723228853), UINT64_C(2205814966808073133)},
                                 {1, 1.000000001, 40000, UINT64_C(40001), UINT64_C(40002)}};

static void CyclesGrowByAnyFactor(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof borders / sizeof *borders; i++) {
        const border *b = &borders[i];
        char text[200];
        snprintf(text, sizeof text, "lr=1 period=%d period_mult=%.17g", b->period, b->factor);
        made m = make("cosine_restarts", text, none, 1);
        uint64_t length = b->ends - b->begins, middle = b->begins + length / 2;
        assert_int_equal(kr_schedule_next_cycle(&m.schedule, b->begins), b->ends);
        assert_int_equal(kr_schedule_next_cycle(&m.schedule, b->ends - 1), b->ends);
        assert_int_equal(kr_schedule_next_cycle(&m.schedule, b->begins - 1), b->begins);
        assert_true(kr_schedule_at(&m.schedule, b->begins) == 1 && kr_schedule_at(&m.schedule, b->ends) == 1);
        assert_close(kr_schedule_at(&m.schedule, middle), (1 + cos(pi * (double)(length / 2) / (double)length)) / 2, 1e-14, 1e-15);
        kr_settings_destroy(&m.settings);
        snprintf(text, sizeof text, "lr=1 period=%d period_mult=%.17g amplitude_factor=0.9999", b->period, b->factor);
        assert_close(rate("cosine_restarts", text, 1, b->begins), pow(0.9999, b->cycle), 1e-13, 0);
    }
    assert_true(rate("cosine_restarts", "lr=1 period=3 period_mult=1.0001", 1, UINT64_MAX) <= 1);
}

/* The last step of a cycle has lr_min, its first lr; one step alone has lr. */
static void CyclesReachTheirMinimum(void **state) {
    (void)state;
    made m = make("cosine_restarts", "lr=0.7 lr_min=0.1 period=4 period_mult=1.5 reach_min=true", none, 1);
    const uint64_t first[] = {0, 4, 10, 19, 33}; /* 4, 6, 9, 13.5: the border 32.5 is rounded up */
    for (size_t i = 0; i < 4; i++) {
        assert_true(kr_schedule_at(&m.schedule, first[i]) == 0.7);
        assert_true(kr_schedule_at(&m.schedule, first[i + 1] - 1) == 0.1);
        assert_true(kr_schedule_at(&m.schedule, first[i + 1] - 2) > 0.1);
        assert_close(kr_schedule_at(&m.schedule, first[i] + 1), 0.1 + 0.3 * (1 + cos(pi / (double)(first[i + 1] - first[i] - 1))),
                     1e-14, 0);
    }
    kr_settings_destroy(&m.settings);
    assert_true(rate("cosine_restarts", "lr=0.7 lr_min=0.1 period=1 reach_min=true", 1, 5) == 0.7);
}

/* a (b + k)^-gamma of Welling and Teh, and as far out as steps go. */
static void InverseTimeAsRobbinsAndMonro(void **state) {
    (void)state;
    const double b = 230, gamma = 0.55, a = 0.01 * pow(b, gamma);
    made m = make("inverse_time", "lr=0.01 decay=0.0043478260869565218 power=0.55", none, 1);
    for (uint64_t k = 0; k < 100000; k += 37)
        assert_close(kr_schedule_at(&m.schedule, k), a * pow(b + (double)k, -gamma), 1e-14, 0);
    assert_true(kr_schedule_at(&m.schedule, 0) == 0.01);
    assert_true(kr_schedule_at(&m.schedule, UINT64_MAX) > 0);
    kr_settings_destroy(&m.settings);
}

static void OneMinusPower(void **state) {
    (void)state;
    for (uint64_t k = 0; k <= 120; k++) {
        double part = fmin((double)k / 100, 1);
        assert_close(rate("one_minus_power", "lr=0.3 steps=100", 1, k), 0.3 * (1 - sqrt(part)), 1e-14, 0);
        assert_close(rate("one_minus_power", "lr=0.3 power=1.7", 100, k), 0.3 * (1 - pow(part, 1.7)), 1e-13, 0);
    }
}

/* Restarts at the sums of the cycles' lengths, (m^i - 1)/(m - 1) K_0, however far out; PyTorch's floating logarithm misses some of
 * these (m = 3 and 10). */
static void RestartsAreExactFarOut(void **state) {
    (void)state;
    const int mults[] = {2, 3, 5, 10};
    for (size_t i = 0; i < 4; i++) {
        char text[100];
        snprintf(text, sizeof text, "lr=1 period=1 period_mult=%d", mults[i]);
        uint64_t m = (uint64_t)mults[i], sum = 0, length = 1;
        while (length < UINT64_MAX / 4 / m) {
            assert_true(rate("cosine_restarts", text, 1, sum) == 1);
            if (sum > 1) assert_true(rate("cosine_restarts", text, 1, sum - 1) < 1);
            sum += length;
            length *= m;
        }
    }
    /* period_mult 1: 2^60 = 7 * 164703072086692425 + 1. */
    uint64_t far = UINT64_C(1) << 60;
    assert_int_equal(far % 7, 1);
    assert_true(rate("cosine_restarts", "lr=1 period=7", 1, far) == rate("cosine_restarts", "lr=1 period=7", 1, 1));
    assert_true(rate("cosine_restarts", "lr=1 period=1000000000000000000 period_mult=1000000000", 1, UINT64_MAX) <= 1);
    /* The fifth cycle would be 2^64 steps long, one more than fits. */
    uint64_t fifth = (UINT64_C(1) << 48) + (UINT64_C(1) << 32) + (UINT64_C(1) << 16) + 1;
    const char *const long_cycles = "lr=1 period=1 period_mult=65536 amplitude_factor=0.5";
    assert_true(rate("cosine_restarts", long_cycles, 1, fifth) == 0.0625);
    assert_true(rate("cosine_restarts", long_cycles, 1, fifth - 1) < 0.125);
    assert_true(rate("cosine_restarts", long_cycles, 1, UINT64_MAX) < 1e-9);
    assert_true(rate("cyclic", "lr=1 steps_up=3 steps_down=4", 1, far) == 1.0 / 3);
    made m = make("cosine_restarts", "lr=1 period=1 period_mult=1", none, 1);
    clock_t begin = clock();
    double sum = 0;
    for (uint64_t k = 0; k < 100000; k++) sum += kr_schedule_at(&m.schedule, far + k);
    assert_true(sum == 100000 && (double)(clock() - begin) / CLOCKS_PER_SEC < 1); /* no walk over cycles */
    kr_settings_destroy(&m.settings);
}

static double one_cycle_anneal(bool linear, double start, double end, double fraction) {
    if (linear) return (end - start) * fraction + start;
    return end + (start - end) / 2.0 * (cos(pi * fraction) + 1);
}

/* OneCycleLR's loop over phases. */
static double one_cycle(double lr, double total, double pct, double div, double final, bool linear, bool three, double k) {
    double initial = lr / div, last = initial / final;
    double ends[3] = {pct * total - 1, three ? 2 * pct * total - 2 : total - 1, total - 1};
    double from[3] = {initial, lr, initial}, to[3] = {lr, three ? initial : last, last}, begins = 0;
    int phases = three ? 3 : 2;
    for (int i = 0;; i++) {
        if (k <= ends[i] || i == phases - 1) return one_cycle_anneal(linear, from[i], to[i], (k - begins) / (ends[i] - begins));
        begins = ends[i];
    }
}

static void OneCycleAsPyTorch(void **state) {
    (void)state;
    for (int linear = 0; linear < 2; linear++)
        for (int three = 0; three < 2; three++)
            for (int p = 0; p < 4; p++) {
                const double pct[] = {0.3, 0.25, 0.117, 0.45};
                char text[200];
                snprintf(text, sizeof text,
                         "lr=0.1 steps=173 pct_start=%.17g anneal_strategy=%s three_phase=%s div_factor=20 final_div_factor=50",
                         pct[p], linear ? "linear" : "cos", three ? "true" : "false");
                made m = make("one_cycle", text, none, 1);
                for (uint64_t k = 0; k < 173; k++)
                    assert_close(kr_schedule_at(&m.schedule, k), one_cycle(0.1, 173, pct[p], 20, 50, linear, three, (double)k),
                                 1e-14, 0);
                assert_true(kr_schedule_at(&m.schedule, 173) ==
                            kr_schedule_at(&m.schedule, 172)); /* where PyTorch raises an error */
                kr_settings_destroy(&m.settings);
            }
    assert_close(rate("one_cycle", "lr=0.1 steps=10 pct_start=0.1", 1, 0), 0.1, 1e-15, 0); /* PyTorch: division by zero */
    assert_true(isfinite(rate("one_cycle", "lr=0.1 steps=1", 1, 0)));
    assert_true(isfinite(rate("one_cycle", "lr=0.1 steps=2 pct_start=0 three_phase=true", 1, 1)));
}

/* CyclicLR's get_lr. */
static double cyclic(double lr, double low, double up, double down, const char *mode, double factor, double k) {
    double total = up + down, ratio = up / total, cycle = floor(1 + k / total), x = 1.0 + k / total - cycle;
    double scale = x <= ratio ? x / ratio : (x - 1) / (ratio - 1), height = (lr - low) * scale;
    if (!strcmp(mode, "triangular2")) height *= 1 / pow(2.0, cycle - 1);
    if (!strcmp(mode, "exp_range")) height *= pow(factor, k);
    return low + height;
}

static void CyclicAsPyTorch(void **state) {
    (void)state;
    const char *const modes[] = {"triangular", "triangular2", "exp_range"};
    for (int i = 0; i < 3; i++)
        for (int down = 13; down <= 29; down += 8) {
            char text[200];
            snprintf(text, sizeof text, "lr=0.1 lr_min=0.001 steps_up=13 steps_down=%d mode=%s%s", down, modes[i],
                     i == 2 ? " factor=0.999" : "");
            made m = make("cyclic", text, none, 1);
            for (uint64_t k = 0; k < 2000; k++)
                assert_close(kr_schedule_at(&m.schedule, k), cyclic(0.1, 0.001, 13, down, modes[i], 0.999, (double)k), 1e-14, 0);
            kr_settings_destroy(&m.settings);
        }
    /* After 10^15 cycles PyTorch's own sum has lost every digit of the position; the corners are exact here. */
    uint64_t far = 26 * UINT64_C(1000000000000000);
    assert_true(rate("cyclic", "lr=1 lr_min=0.5 steps_up=13", 1, far) == 0.5);
    assert_true(rate("cyclic", "lr=1 lr_min=0.5 steps_up=13", 1, far + 13) == 1);
    assert_close(rate("cyclic", "lr=1 lr_min=0 steps_up=13", 1, far + 4), 4.0 / 13, 1e-15, 0);
    /* Both ways to find the position agree where one takes over from the other. */
    for (uint64_t k = 26 * 1000; k < 26 * 1001; k++)
        assert_close(rate("cyclic", "lr=1 steps_up=13", 1, k), rate("cyclic", "lr=1 steps_up=13", 1, k - 26), 0, 1e-12);
}

/* SequentialLR of LinearLR and the schedule. */
static void WarmupAsPyTorch(void **state) {
    (void)state;
    made m = make("cosine", "lr=0.3", (kr_warmup){40, 0.1}, 240);
    double rising = 0.3 * 0.1;
    for (uint64_t k = 0; k <= 40; k++) {
        if (k > 0) rising *= 1 + (1 - 0.1) / (40 * 0.1 + ((double)k - 1) * (1 - 0.1));
        assert_close(kr_schedule_at(&m.schedule, k), rising, 1e-14, 0);
    }
    assert_true(kr_schedule_at(&m.schedule, 240) == 0); /* steps defaults to the run's less the warmup: 200 */
    assert_true(kr_schedule_at(&m.schedule, 239) > 0);
    assert_close(kr_schedule_at(&m.schedule, 140), 0.15, 1e-15, 0);
    kr_settings_destroy(&m.settings);
}

static void refuse(const char *name, const char *parameters, const char *named, const char *remedy) {
    const kr_schedule_type *type = find_schedule(best_registry(), name);
    kr_settings settings = make_settings(&type->about, parameters);
    kr_schedule schedule;
    kr_error error;
    assert_int_equal(kr_schedule_create(&schedule, &settings, NULL, none, 100, &error), KR_BAD_ARGUMENT);
    assert_non_null(strstr(error.message, named));
    assert_non_null(strstr(error.message, remedy));
    kr_settings_destroy(&settings);
}

static void ParametersThatDoNotFitAreRefused(void **state) {
    (void)state;
    refuse("cosine", "lr=0.01 lr_min=0.02", "lr_min = 0.02", "give lr_min <= lr");
    refuse("cosine_restarts", "lr=0.01 lr_min=0.02", "lr = 0.01", "give lr_min <= lr");
    refuse("cyclic", "lr=0.01 lr_min=0.02", "lr_min = 0.02", "give lr_min <= lr");
    refuse("cyclic", "factor=0.9", "factor = 0.9", "exp_range");
    refuse("linear", "lr=0.01 lr_end=0.02", "lr_end = 0.02", "warmup");
    refuse("one_cycle", "pct_start=0.6 three_phase=true", "pct_start = 0.6", "pct_start <= 0.5");
    kr_settings settings = make_settings(&find_schedule(best_registry(), "constant")->about, "");
    kr_schedule schedule;
    kr_error error;
    assert_int_equal(kr_schedule_create(&schedule, &settings, NULL, (kr_warmup){-1, 1}, 100, &error), KR_BAD_ARGUMENT);
    assert_non_null(strstr(error.message, "warmup.steps is -1"));
    assert_int_equal(kr_schedule_create(&schedule, &settings, NULL, (kr_warmup){1, NAN}, 100, &error), KR_BAD_ARGUMENT);
    assert_non_null(strstr(error.message, "warmup.factor"));
    kr_settings_destroy(&settings);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(StepAndExponentialAsPyTorch),
        cmocka_unit_test(LinearAndPolynomialAsPyTorch),
        cmocka_unit_test(CosineAsPyTorchAndAfter),
        cmocka_unit_test(CosineRestartsAsPyTorch),
        cmocka_unit_test(RestartsAreExactFarOut),
        cmocka_unit_test(CyclesGrowByAnyFactor),
        cmocka_unit_test(CyclesReachTheirMinimum),
        cmocka_unit_test(InverseTimeAsRobbinsAndMonro),
        cmocka_unit_test(OneMinusPower),
        cmocka_unit_test(OneCycleAsPyTorch),
        cmocka_unit_test(CyclicAsPyTorch),
        cmocka_unit_test(WarmupAsPyTorch),
        cmocka_unit_test(ParametersThatDoNotFitAreRefused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
