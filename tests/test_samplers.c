/* What the samplers say of themselves: which theories take them and why others do not, the time of a step, the acceptance of hmc.
 */
#include "rig.h"

#include <kramers/run.h>

enum { MOST_PARTS = KR_MAX_PARTS };

/* ---- theories ---- */

static kr_theory_result results[KR_MAX_THEORIES];

static size_t theories_of(const char *dynamics, bool target) {
    char text[400];
    kr_scene scene;
    kr_error error;
    size_t count;
    snprintf(text, sizeof text, "{landscape: {name: double_well}, dynamics: %s, schedule: {name: constant, lr: 0.0025}%s}",
             dynamics, target ? ", escape: {until: {coordinate: 0, above: 1}}" : "");
    require(kr_scene_parse(&scene, best_registry(), "theory", NULL, text, NULL, 0, &error), &error);
    require(kr_run_theories(&scene, results, &count, &error), &error);
    kr_scene_destroy(&scene);
    return count;
}

static kr_prediction of(const char *theory, const char *dynamics, bool target) {
    size_t count = theories_of(dynamics, target);
    for (size_t i = 0; i < count; i++)
        if (!strcmp(results[i].type->about.name, theory)) return results[i].prediction;
    fail_msg("no theory %s", theory);
    return (kr_prediction){0};
}

static void refuses(const char *theory, const char *dynamics, bool target, const char *why) {
    kr_prediction p = of(theory, dynamics, target);
    if (p.applies || !strstr(p.why, why)) fail_msg("%s of %s: applies %d, %s", theory, dynamics, p.applies, p.why);
}

static const char lm[] = "{name: leimkuhler_matthews, temperature: 0.3}", sgld[] = "{name: sgld, temperature: 0.3}";

static void CorrelatedNoiseIsNoChainButHasAContinuousTime(void **state) {
    (void)state;
    static const char *const equal[] = {"kramers", "quadrature", "eyring_kramers", "ito"};
    for (int i = 0; i < 4; i++) {
        kr_prediction a = of(equal[i], lm, true), b = of(equal[i], sgld, true);
        if (!(a.applies && b.applies && a.mfpt_time == b.mfpt_time)) fail_msg("%s differs from that of sgld", equal[i]);
    }
    kr_prediction gap = of("spectral_gap", lm, true), of_steps = of("spectral_gap", sgld, true);
    assert_true(gap.applies && gap.spectral_gap == of_steps.spectral_gap);
    assert_true(isnan(gap.spectral_gap_steps) && of_steps.spectral_gap_steps > 0);
    refuses("chain", lm, true, "correlated from step to step");
    refuses("finite_rate", lm, true, "correlated from step to step");
    assert_true(of("stationary", lm, false).applies);
}

static void FrictionIsThatOfLangevinDynamics(void **state) {
    (void)state;
    static const char *const equal[] = {"klein_kramers", "kramers_friction", "melnikov_meshkov", "pollak_grabert_hanggi"};
    for (int i = 0; i < 4; i++) {
        kr_prediction a = of(equal[i], "{name: sghmc, alpha: 0.1}", true), b = of(equal[i], "{name: langevin, friction: 2}", true);
        assert_true(a.applies && b.applies);
        assert_close(a.rate, b.rate, 1e-9, 0);
    }
    refuses("chain", "sghmc", true, "'sghmc' is not gradient descent");
    refuses("klein_kramers", "sgnht", true, "'sgnht' has no friction parameter");
    refuses("klein_kramers", "hmc", true, "'hmc' has no friction parameter");
    refuses("chain", "psgld", true, "'psgld' is not gradient descent");
    refuses("stationary", "psgld", false, "the scale follows the slope");
    assert_true(of("stationary", "hmc", false).applies && of("stationary", "sgnht", false).applies);
}

/* A theory that does not apply to a dynamics of the registry says why, in a sentence. */
static void EveryTheorySpeaks(void **state) {
    (void)state;
    const kr_registry *registry = best_registry();
    for (size_t d = 0; registry->dynamics[d]; d++) {
        const char *name = registry->dynamics[d]->about.name;
        if (!strcmp(name, "microcanonical")) continue; /* one dimension here */
        size_t count = theories_of(name, true);
        for (size_t i = 0; i < count; i++) {
            const kr_prediction *p = &results[i].prediction;
            if (!p->applies && (strlen(p->why) < 20 || p->why[strlen(p->why) - 1] != '.'))
                fail_msg("%s says of %s: %s", results[i].type->about.name, name, p->why);
        }
    }
}

/* ---- hmc ---- */

static void AStepOfHmcLastsItsTrajectory(void **state) {
    (void)state;
    rig r = {.landscape = "harmonic",
             .dynamics = "hmc",
             .dynamics_parameters = "leapfrog=7",
             .schedule_parameters = "lr=0.04",
             .particles = 1};
    rig_create(&r);
    kr_view view = rig_advance(&r, 10);
    assert_close(view.time, 10 * 7 * 0.2, 1e-14, 0);
    rig_destroy(&r);
}

/* Mean of min(1, exp(-dH/T)) over exp(-H/T) on V = x^2/2, T = 1. */
static double expected_acceptance(double h, int steps) {
    enum { NODES = 801 };
    double sum = 0, norm = 0;
    for (int i = 0; i < NODES; i++)
        for (int j = 0; j < NODES; j++) {
            double x = -8 + 16.0 * i / (NODES - 1), p = -8 + 16.0 * j / (NODES - 1), energy = 0.5 * (x * x + p * p);
            double weight = exp(-energy);
            for (int k = 0; k < steps; k++) {
                p -= 0.5 * h * x;
                x += h * p;
                p -= 0.5 * h * x;
            }
            norm += weight;
            sum += weight * fmin(1, exp(energy - 0.5 * (x * x + p * p)));
        }
    return sum / norm;
}

static void AcceptanceIsReported(void **state) {
    (void)state;
    static const struct {
        double h;
        int steps;
    } cases[] = {{1.2, 1}, {1.7, 3}, {1.99, 2}};
    for (int i = 0; i < 3; i++) {
        char text[300];
        kr_scene scene;
        kr_run *run;
        kr_error error;
        kr_result_part parts[MOST_PARTS];
        snprintf(
            text, sizeof text,
            "{landscape: {name: harmonic}, dynamics: {name: hmc, leapfrog: %d, temperature: 1}, schedule: {name: constant, lr: "
            "%.17g}, ensemble: {particles: 8192, steps: 60, seed: 4, start: {gibbs: 0}}}",
            cases[i].steps, cases[i].h * cases[i].h);
        require(kr_scene_parse(&scene, best_registry(), "hmc", NULL, text, NULL, 0, &error), &error);
        require(kr_run_create(&run, &scene, &(kr_run_options){.threads = 1}, &error), &error);
        while (!kr_run_finished(run)) require(kr_run_advance(run, &error), &error);
        size_t count = kr_result_parts(scene.registry, kr_run_result(run), parts);
        double fraction = kr_result_number(parts, count, "acceptance.fraction"),
               expected = expected_acceptance(cases[i].h, cases[i].steps);
        assert_true(kr_result_number(parts, count, "acceptance.proposals") == 8192.0 * 60);
        /* proposals of one particle depend on each other: the error of 8192 independent ones */
        if (!(fabs(fraction - expected) < 4 * sqrt(0.25 / 8192) && expected < 0.99))
            fail_msg("h = %g: %g, expected %g", cases[i].h, fraction, expected);
        kr_run_destroy(run);
        kr_scene_destroy(&scene);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(CorrelatedNoiseIsNoChainButHasAContinuousTime),
        cmocka_unit_test(FrictionIsThatOfLangevinDynamics),
        cmocka_unit_test(EveryTheorySpeaks),
        cmocka_unit_test(AStepOfHmcLastsItsTrajectory),
        cmocka_unit_test(AcceptanceIsReported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
