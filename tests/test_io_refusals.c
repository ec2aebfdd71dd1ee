/* What a theory says when it does not apply, and what warnings advise: the real reason, said once, and nothing that is not there.
 */
#include "program.h"

#include <stdbool.h>

static json_object *theory_of(json_object *list, const char *name) {
    for (size_t i = 0; i < json_object_array_length(list); i++) {
        json_object *one = json_object_array_get_idx(list, i);
        if (!strcmp(json_object_get_string(member(one, "name")), name)) return one;
    }
    fail_msg("no %s", name);
    return NULL;
}

/* log tau = log(2 pi / |H_b|) + climb (s / H_a + (1 - s) / |H_b|), so that three values of s lie on a line, and s_implied is where
 * it meets the exact mean. */
static void xie_takes_its_s(void **state) {
    (void)state;
    double log_time[3], implied[3], exact = 0;
    for (int i = 0; i < 3; i++) {
        char command[200];
        snprintf(command, sizeof command, "kramers theory curvature_noise --json --set escape.xie_s=%s",
                 (const char *[]){"0.2", "0.5", "0.8"}[i]);
        json_object *o = run_json(command, 0), *xie = theory_of(o, "xie");
        assert_close(json_number(xie, "s"), 0.2 + 0.3 * i, 1e-14, 0);
        log_time[i] = log(json_number(xie, "mfpt_time"));
        implied[i] = json_number(xie, "s_implied");
        exact = log(json_number(theory_of(o, "chain"), "mfpt_time"));
        json_object_put(o);
    }
    assert_close(log_time[2] - log_time[1], log_time[1] - log_time[0], 1e-9, 0);
    assert_true(fabs(log_time[2] - log_time[0]) > 0.1);
    assert_close(implied[0], implied[2], 1e-12, 0);
    assert_close(log_time[0] + (implied[0] - 0.2) / 0.6 * (log_time[2] - log_time[0]), exact, 1e-9, 0);
    json_object *plain = run_json("kramers theory curvature_noise --json", 0);
    assert_close(log(json_number(theory_of(plain, "xie"), "mfpt_time")), log_time[1], 1e-14, 0);
    json_object_put(plain);
    run("kramers theory curvature_noise --set escape.xie_s=1", 2);
    assert_contains("s", "err", "xie_s = 1 is out of range; allowed: 0 < s < 1");
    run("kramers sweep curvature_noise --quiet --set ensemble.steps=10 --set ensemble.particles=4 --vary escape.xie_s=0.1:0.9:3",
        0);
    assert_true(lines("out") >= 4);
}

static void reason(const char *command, const char *theory, const char *wanted) {
    json_object *o = run_json(command, 0), *one = theory_of(o, theory);
    assert_false(json_object_get_boolean(member(one, "applies")));
    const char *why = json_object_get_string(member(one, "why"));
    if (!why || !strstr(why, wanted)) fail_msg("%s: %s: %s", command, theory, why);
    json_object_put(o);
}

static void a_target_short_of_the_other_well(void **state) {
    (void)state;
    const char *beyond = "The target at 0.3 lies beyond the top at 0, but where V'' is still negative";
    reason("kramers theory --json --set escape.until.above=0.3", "finite_rate", beyond);
    reason("kramers theory curvature_noise --json --set escape.until='{coordinate: 0, above: 0.3}'", "xie", beyond);
    reason("kramers theory --json --set ensemble.start.minimum=1 --set escape.until='{coordinate: 0, below: -0.3}'", "finite_rate",
           "The target at -0.3 lies beyond the top at 0, but where V'' is still negative");
    reason("kramers theory --json --set escape.until.above=0", "finite_rate", "The target at 0 is at the top");
    reason("kramers theory curvature_noise --json --set escape.until='{coordinate: 0, above: 0}'", "xie",
           "The target at 0 is at the top");
    json_object *o = run_json("kramers theory --json --set escape.until.above=0.7", 0); /* V'' > 0 from 0.577 on */
    assert_true(json_object_get_boolean(member(theory_of(o, "finite_rate"), "applies")));
    json_object_put(o);
}

static size_t count_of(const char *text, const char *what) {
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, what)); at++) count++;
    return count;
}

static void one_text_is_one_line(void **state) {
    (void)state;
    setenv("COLUMNS", "120", 1);
    run("kramers theory muller_brown --verbose", 0);
    char *text = read_file("out");
    assert_int_equal(count_of(text, "one-dimensional"), 1);
    assert_int_equal(count_of(text, "apply."), 4); /* adiabatic has a reason of its own */
    assert_int_equal(count_of(text, "kramers, finite_rate, xie, quadrature, ito, levy, chain, transition_state,"), 1);
    free(text);
    run("kramers theory --verbose", 0);
    text = read_file("out");
    assert_int_equal(count_of(text, "has no friction parameter"), 1);
    assert_int_equal(count_of(text, "xie                   does not apply. This estimate"), 1);
    free(text);
    unsetenv("COLUMNS");
}

/* A theory that a warning names applies here. */
static void warnings_advise_what_applies(void **state) {
    (void)state;
    run("kramers run --quiet --set ensemble.steps=50 --set ensemble.particles=8 --set schedule.lr=0.05", 0);
    assert_contains(
        "one", "err",
        "continuous-time theories (kramers, eyring_kramers, quadrature, ito) are not to be trusted here; compare with chain");
    run("kramers run muller_brown --quiet --set ensemble.steps=50 --set ensemble.particles=8 --set "
        "dynamics='{name: sgld, temperature: 15}' --set schedule.lr=1e-4",
        0);
    assert_contains("two dimensions", "err",
                    "learning rate x curvature = 0.407 at the start: continuous-time theories (eyring_kramers) are not");
    char *text = read_file("err");
    assert_null(strstr(text, "chain"));
    free(text);
    run("kramers run --quiet --set ensemble.steps=50 --set ensemble.particles=8 --set schedule='{name: cosine, lr: 0.05}'", 0);
    text = read_file("err");
    assert_null(strstr(text, "compare with chain")); /* no constant rate, no chain */
    assert_null(strstr(text, "quadrature"));
    free(text);
}

/* A copy of a particle would be in the middle of another's epoch; batches by themselves can be split. */
static void epochs_are_not_split(void **state) {
    (void)state;
    static const char command[] = "kramers run --quiet --set 'landscape={name: mean_of_quadratics}' --set dynamics=sgd --set "
                                  "schedule.lr=0.1 --set 'escape={method: splitting, replicas: 64, repeats: 4, until: {coordinate: "
                                  "0, above: 0.6}}' --set 'noise={name: minibatch, batch_size: 2, sampling: %s}'";
    char text[500];
    snprintf(text, sizeof text, command, "epoch");
    run(text, 2);
    assert_contains("epoch", "err", "would go on in the epoch of another; draw with noise.sampling without_replacement");
    snprintf(text, sizeof text, command, "without_replacement");
    run(text, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(xie_takes_its_s),      cmocka_unit_test(a_target_short_of_the_other_well),
        cmocka_unit_test(one_text_is_one_line), cmocka_unit_test(warnings_advise_what_applies),
        cmocka_unit_test(epochs_are_not_split),
    };
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
