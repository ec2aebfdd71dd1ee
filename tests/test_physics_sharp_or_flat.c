/* Escape from the sharp and from the flat minimum of sharp_flat, by SGLD and by SGD whose noise follows the curvature, over
 * learning rate, batch size and curvature; and from the double well with noise that follows the loss. Measured, beside the exact
 * chain, the Ito quadrature and the literature estimate with the s it would need.
 *
 * out_of_range: how many times the exact mean time lies beyond all that the estimate can give with 0 < s < 1 (1: within).
 * chain_ratio, on the rows of the flat minimum: its mean time over that of the sharp one.
 *
 * Runs are the same bits everywhere, so the counts must equal those in tests/results_sharp_or_flat.csv to the last event. After a
 * deliberate change of the numbers, write the file anew and look at its difference:
 *
 *     KRAMERS_WRITE_RESULTS=1 build/release/tests/test_physics_sharp_or_flat
 */
#include "escape_rows.h"
#include "result_rows.h"

static const escape_case cases[] = {
    {"{name: sharp_flat, barrier: 1}", "{name: sgld, temperature: 0.3}", "{name: none}", 0.005, "{minimum: 0}",
     "{coordinate: 0, above: 1}", 400, 96000},
    {"{name: sharp_flat, barrier: 1}", "{name: sgld, temperature: 0.3}", "{name: none}", 0.005, "{minimum: 1}",
     "{coordinate: 0, below: -1}", 100, 280000},
    {"{name: sharp_flat, barrier: 1}", "{name: sgld, temperature: 0.3}", "{name: none}", 0.01, "{minimum: 0}",
     "{coordinate: 0, above: 1}", 400, 47000},
    {"{name: sharp_flat, barrier: 1}", "{name: sgld, temperature: 0.3}", "{name: none}", 0.01, "{minimum: 1}",
     "{coordinate: 0, below: -1}", 100, 140000},
    {"{name: sharp_flat, barrier: 1}", "{name: sgld, temperature: 0.3}", "{name: none}", 0.02, "{minimum: 0}",
     "{coordinate: 0, above: 1}", 400, 22000},
    {"{name: sharp_flat, barrier: 1}", "{name: sgld, temperature: 0.3}", "{name: none}", 0.02, "{minimum: 1}",
     "{coordinate: 0, below: -1}", 400, 70000},
    {"{name: sharp_flat, barrier: 1}", "{name: sgld, temperature: 0.2}", "{name: none}", 0.02, "{minimum: 0}",
     "{coordinate: 0, above: 1}", 100, 110000},
    {"{name: sharp_flat, barrier: 1}", "{name: sgld, temperature: 0.2}", "{name: none}", 0.02, "{minimum: 1}",
     "{coordinate: 0, below: -1}", 100, 370000},
    {"{name: sharp_flat, barrier: 2}", "{name: sgld, temperature: 0.5}", "{name: none}", 0.01, "{minimum: 0}",
     "{coordinate: 0, above: 1}", 400, 41000},
    {"{name: sharp_flat, barrier: 2}", "{name: sgld, temperature: 0.5}", "{name: none}", 0.01, "{minimum: 1}",
     "{coordinate: 0, below: -1}", 100, 140000},
    {"{name: sharp_flat, barrier: 1}", "{name: sgd}", "{name: curvature, strength: 20, batch_size: 1, epsilon: 0}", 0.015,
     "{minimum: 0}", "{coordinate: 0, above: 1}", 4000, 2000},
    {"{name: sharp_flat, barrier: 1}", "{name: sgd}", "{name: curvature, strength: 20, batch_size: 1, epsilon: 0}", 0.015,
     "{minimum: 1}", "{coordinate: 0, below: -1}", 100, 330000},
    {"{name: sharp_flat, barrier: 1}", "{name: sgd}", "{name: curvature, strength: 20, batch_size: 1, epsilon: 0}", 0.02,
     "{minimum: 0}", "{coordinate: 0, above: 1}", 4000, 1000},
    {"{name: sharp_flat, barrier: 1}", "{name: sgd}", "{name: curvature, strength: 20, batch_size: 1, epsilon: 0}", 0.02,
     "{minimum: 1}", "{coordinate: 0, below: -1}", 400, 52000},
    {"{name: sharp_flat, barrier: 1}", "{name: sgd}", "{name: curvature, strength: 20, batch_size: 1, epsilon: 1}", 0.01,
     "{minimum: 0}", "{coordinate: 0, above: 1}", 4000, 5400},
    {"{name: sharp_flat, barrier: 1}", "{name: sgd}", "{name: curvature, strength: 20, batch_size: 1, epsilon: 1}", 0.01,
     "{minimum: 1}", "{coordinate: 0, below: -1}", 100, 350000},
    {"{name: sharp_flat, barrier: 1}", "{name: sgd}", "{name: curvature, strength: 20, batch_size: 1, epsilon: 1}", 0.02,
     "{minimum: 0}", "{coordinate: 0, above: 1}", 4000, 920},
    {"{name: sharp_flat, barrier: 1}", "{name: sgd}", "{name: curvature, strength: 20, batch_size: 1, epsilon: 1}", 0.02,
     "{minimum: 1}", "{coordinate: 0, below: -1}", 400, 12000},
    {"{name: sharp_flat, barrier: 1}", "{name: sgd}", "{name: curvature, strength: 20, batch_size: 0.5, epsilon: 1}", 0.01,
     "{minimum: 0}", "{coordinate: 0, above: 1}", 4000, 2400},
    {"{name: sharp_flat, barrier: 1}", "{name: sgd}", "{name: curvature, strength: 20, batch_size: 0.5, epsilon: 1}", 0.01,
     "{minimum: 1}", "{coordinate: 0, below: -1}", 400, 32000},
    {"{name: sharp_flat, barrier: 1}", "{name: sgd}", "{name: curvature, strength: 20, batch_size: 2, epsilon: 1}", 0.02,
     "{minimum: 0}", "{coordinate: 0, above: 1}", 4000, 1700},
    {"{name: sharp_flat, barrier: 1}", "{name: sgd}", "{name: curvature, strength: 20, batch_size: 2, epsilon: 1}", 0.02,
     "{minimum: 1}", "{coordinate: 0, below: -1}", 100, 130000},
    {"{name: sharp_flat, barrier: 1}", "{name: sgd}", "{name: curvature, strength: 20, batch_size: 4, epsilon: 1}", 0.04,
     "{minimum: 0}", "{coordinate: 0, above: 1}", 4000, 630},
    {"{name: sharp_flat, barrier: 1}", "{name: sgd}", "{name: curvature, strength: 20, batch_size: 4, epsilon: 1}", 0.04,
     "{minimum: 1}", "{coordinate: 0, below: -1}", 400, 34000},
    {"{name: sharp_flat, barrier: 0.5}", "{name: sgd}", "{name: curvature, strength: 20, batch_size: 2, epsilon: 1}", 0.02,
     "{minimum: 0}", "{coordinate: 0, above: 1}", 4000, 4600},
    {"{name: sharp_flat, barrier: 0.5}", "{name: sgd}", "{name: curvature, strength: 20, batch_size: 2, epsilon: 1}", 0.02,
     "{minimum: 1}", "{coordinate: 0, below: -1}", 400, 91000},
    {"{name: sharp_flat, barrier: 2}", "{name: sgd}", "{name: curvature, strength: 20, batch_size: 2, epsilon: 1}", 0.02,
     "{minimum: 0}", "{coordinate: 0, above: 1}", 4000, 650},
    {"{name: sharp_flat, barrier: 2}", "{name: sgd}", "{name: curvature, strength: 20, batch_size: 2, epsilon: 1}", 0.02,
     "{minimum: 1}", "{coordinate: 0, below: -1}", 400, 67000},
    {"{name: double_well}", "{name: sgd}", "{name: loss, strength: 250, floor: -0.2}", 0.004, "{minimum: 0}",
     "{coordinate: 0, above: 1}", 100, 470000},
    {"{name: double_well}", "{name: sgd}", "{name: loss, strength: 250, floor: -0.4}", 0.004, "{minimum: 0}",
     "{coordinate: 0, above: 1}", 100, 130000},
    {"{name: double_well}", "{name: sgd}", "{name: loss, strength: 250, floor: -0.8}", 0.004, "{minimum: 0}",
     "{coordinate: 0, above: 1}", 400, 45000},
    {"{name: double_well}", "{name: sgd}", "{name: loss, strength: 250, floor: -1.6}", 0.004, "{minimum: 0}",
     "{coordinate: 0, above: 1}", 400, 20000},
    {"{name: sharp_flat, barrier: 1}", "{name: sgd}", "{name: curvature, strength: 20, batch_size: 2, epsilon: 0}", 0.02,
     "{minimum: 0}", "{coordinate: 0, above: 1}", 4000, 1900},
    {"{name: sharp_flat, barrier: 1}", "{name: sgd}", "{name: curvature, strength: 20, batch_size: 2, epsilon: 0}", 0.02,
     "{minimum: 1}", "{coordinate: 0, below: -1}", 100, 1100000},
    {"{name: sharp_flat, barrier: 1}", "{name: sgd}", "{name: curvature, strength: 20, batch_size: 1, epsilon: 0}", 0.01,
     "{minimum: 0}", "{coordinate: 0, above: 1}", 4000, 6600},
    {"{name: sharp_flat, barrier: 1}", "{name: sgd}", "{name: curvature, strength: 20, batch_size: 1, epsilon: 0}", 0.01,
     "{minimum: 1}", "{coordinate: 0, below: -1}", 64, 12000000},
};
enum { CASES = sizeof cases / sizeof *cases, STRIDE = SANITIZED ? 11 : 1, FIRST_LOSS = 28 };
static const uint64_t first_seed = 1000; /* results.csv has those from 0 on */

typedef struct outcome {
    double events, mean, chain, ito, xie, s, z, hot, cold;
} outcome;

static outcome outcomes[CASES];

/* Where the noise vanishes on the way, the chain takes seconds: once is enough. */
static bool is_slow(const escape_case *c) {
    return strstr(c->noise, "epsilon: 0") != NULL;
}

static bool is_loss(size_t number) {
    return strstr(cases[number].noise, "loss") != NULL;
}

static double extra(const kr_prediction *p, const char *name) {
    for (size_t i = 0; i < p->extra_count; i++)
        if (!strcmp(p->extra[i].name, name)) return p->extra[i].value;
    return NAN;
}

static void measure(size_t number) {
    kr_scene scene;
    kr_run *run;
    kr_error error;
    const escape_case *c = &cases[number];
    escape_case_load(&scene, c, escape_seed(first_seed + number));
    require(kr_run_create(&run, &scene, &(kr_run_options){.threads = 1}, &error), &error);
    while (!kr_run_finished(run)) require(kr_run_advance(run, &error), &error);
    const kr_result *result = kr_run_result(run);
    const kr_theory_result *chain = escape_theory(result, "chain");
    if (!chain->prediction.applies) fail_msg("case %zu: %s", number, chain->prediction.why);
    kr_escape_estimate counted = escape_counted(result);
    outcomes[number] = (outcome){.events = (double)counted.events,
                                 .mean = counted.mfpt_steps,
                                 .chain = chain->prediction.mfpt_steps,
                                 .ito = escape_theory(result, "ito")->prediction.mfpt_steps,
                                 .xie = escape_theory(result, "xie")->prediction.mfpt_steps,
                                 .s = extra(&escape_theory(result, "xie")->prediction, "s_implied"),
                                 .z = kr_escape_z(&counted, chain->prediction.mfpt_steps, chain->prediction.variation),
                                 .hot = is_slow(c) ? NAN : escape_z_at_wrong_temperature(c, &counted, 1.02),
                                 .cold = is_slow(c) ? NAN : escape_z_at_wrong_temperature(c, &counted, 1 / 1.02)};
    if (c->steps < 20 * outcomes[number].chain)
        fail_msg("case %zu is too short for its mean of %g", number, outcomes[number].chain);
    kr_run_destroy(run);
    kr_scene_destroy(&scene);
}

/* log(exact / estimate) is proportional to s - 1/2. */
static double out_of_range(const outcome *o) {
    double beyond = fmax(0, fmax(-o->s, o->s - 1));
    return exp(fabs(log(o->chain / o->xie) / (o->s - 0.5)) * beyond);
}

static size_t put(char *row, size_t used, double value, const char *format) {
    row[used++] = ',';
    if (isnan(value)) return used;
    char number[32];
    int length = snprintf(number, sizeof number, format, value);
    memcpy(row + used, number, (size_t)length + 1);
    return used + (size_t)length;
}

static const char header[] = "landscape,dynamics,noise,learning_rate,start,target,particles,steps,seed,events,mfpt_steps,chain,z,"
                             "ito,xie,s_implied,out_of_range,chain_ratio";

static void write_row(char *row, size_t number) {
    const escape_case *c = &cases[number];
    const outcome *o = &outcomes[number];
    bool flat = number % 2 == 1 && !is_loss(number);
    size_t used = (size_t)snprintf(row, RESULT_ROW, "\"%s\",\"%s\",\"%s\",%.12g,\"%s\",\"%s\",%d,%d,%lu,%.0f", c->landscape,
                                   c->dynamics, c->noise, c->learning_rate, c->start, c->until, c->particles, c->steps,
                                   (unsigned long)escape_seed(first_seed + number), o->events);
    used = put(row, used, o->mean, "%.9g");
    used = put(row, used, o->chain, "%.9g");
    used = put(row, used, o->z, "%.3f");
    used = put(row, used, o->ito, "%.9g");
    used = put(row, used, o->xie, "%.9g");
    used = put(row, used, o->s, "%.4f");
    used = put(row, used, out_of_range(o), "%.5g");
    used = put(row, used, flat && STRIDE == 1 ? o->chain / o[-1].chain : NAN, "%.6g");
    row[used++] = '\n';
    row[used] = 0;
}

static void every_row_is_the_committed_one(void **state) {
    (void)state;
    result_rows rows = {.name = "results_sharp_or_flat.csv", .exact = 10, .relative = 2e-5};
    result_rows_open(&rows, STRIDE == 1, header);
    for (size_t i = 0; i < CASES; i++) {
        char row[RESULT_ROW];
        if (i % STRIDE == 0) {
            measure(i);
            write_row(row, i);
        }
        result_rows_next(&rows, i % STRIDE ? NULL : row);
    }
    result_rows_close(&rows);
}

/* 4 is passed by one of 36 standard normal numbers with p = 0.0023; each of the two tests fails at one random set of seeds in a
 * hundred. With a temperature off by 2 % both do. */
static void z_is_standard_normal(void **state) {
    (void)state;
    if (STRIDE > 1) skip();
    double z[CASES], hot[CASES], cold[CASES];
    size_t shifted = 0;
    for (size_t i = 0; i < CASES; i++) {
        z[i] = outcomes[i].z;
        if (!(fabs(z[i]) < 4)) fail_msg("case %zu: z = %g", i, z[i]);
        if (is_slow(&cases[i])) continue;
        hot[shifted] = outcomes[i].hot;
        cold[shifted++] = outcomes[i].cold;
    }
    print_message("chi-square p = %.3f, Kolmogorov-Smirnov p = %.3f; 2 %% hot: %.2g, %.2g; cold: %.2g, %.2g\n",
                  chi_square_p(CASES, z), normality_p(CASES, z), chi_square_p(shifted, hot), normality_p(shifted, hot),
                  chi_square_p(shifted, cold), normality_p(shifted, cold));
    assert_true(chi_square_p(CASES, z) > 0.01 && normality_p(CASES, z) > 0.01);
    assert_true(chi_square_p(shifted, hot) < 1e-9 && normality_p(shifted, hot) < 1e-9);
    assert_true(chi_square_p(shifted, cold) < 1e-9 && normality_p(shifted, cold) < 1e-9);
}

/* Flat over sharp, measured: about the root of 17.86 / 1.37 = 3.6 at one temperature, but from ten to thousands with noise that
 * follows the curvature. */
static void noise_that_follows_curvature_prefers_the_flat_minimum(void **state) {
    (void)state;
    if (STRIDE > 1) skip();
    for (size_t i = 0; i + 1 < CASES; i += 2) {
        if (is_loss(i)) continue;
        double ratio = outcomes[i + 1].mean / outcomes[i].mean;
        if (!strcmp(cases[i].noise, "{name: none}"))
            assert_true(ratio > 2.5 && ratio < 4);
        else
            assert_true(ratio > 5);
    }
}

/* Without a floor the noise vanishes where V'' does, and ito refuses. The smaller the step the rarer the jump across the quiet gap:
 * at a quarter of the committed learning rate the exact time is hundreds of times beyond all that 0 < s < 1 gives. */
static void the_published_exponent_fails(void **state) {
    (void)state;
    if (STRIDE > 1) skip();
    for (size_t i = 0; i < CASES; i++)
        if (is_slow(&cases[i])) assert_true(isnan(outcomes[i].ito));
    static const escape_case slow_steps = {.landscape = "{name: sharp_flat}",
                                           .dynamics = "{name: sgd}",
                                           .noise = "{name: curvature, strength: 20}",
                                           .learning_rate = 0.005,
                                           .start = "{minimum: 1}",
                                           .until = "{coordinate: 0, below: -1}",
                                           .particles = 1,
                                           .steps = 1};
    kr_prediction xie = escape_predict(&slow_steps, "xie");
    double s = extra(&xie, "s_implied"), climb = 2 / (20 * 0.005);
    double beyond = exp(climb * (s - 1) * (1 / 1.373907318 - 1 / 5.335105539));
    print_message("s implied %.4f: exact time %.3g times beyond the estimate's range\n", s, beyond);
    assert_true(s > 1.5 && beyond > 300);
}

/* Noise that follows the loss: the Ito quadrature is the measured time but for O(eta), with a power of the loss at the minimum
 * where Kramers has an exponential (Mori et al. 2022). */
static void loss_noise_gives_a_power_law(void **state) {
    (void)state;
    if (STRIDE > 1) skip();
    for (size_t i = FIRST_LOSS; i < FIRST_LOSS + 4; i++)
        assert_true(fabs(outcomes[i].mean / outcomes[i].ito - 1) < 0.04 + 4 / sqrt(outcomes[i].events));
    const outcome *o = &outcomes[FIRST_LOSS];
    double measured = log(o[0].mean / o[1].mean) / log(2), predicted = log(o[0].ito / o[1].ito) / log(2);
    print_message("power of the loss: measured %.3f, ito %.3f\n", measured, predicted);
    assert_true(fabs(measured - predicted) < 0.1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_the_committed_one),
        cmocka_unit_test(z_is_standard_normal),
        cmocka_unit_test(noise_that_follows_curvature_prefers_the_flat_minimum),
        cmocka_unit_test(the_published_exponent_fails),
        cmocka_unit_test(loss_noise_gives_a_power_law),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
