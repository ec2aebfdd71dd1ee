/* What a change leaves of momenta, energies and counts. */
#include "session_fixture.h"

#include <kramers/energy.h>

/* ---- auxiliaries ---- */

static void first_auxiliary(const kr_session *session, double *copy) {
    kr_view view = kr_session_view(session, 0);
    memcpy(copy, view.auxiliary[0], view.dim * view.stride * sizeof *copy);
}

static void velocity_of(const kr_session *session, double *copy) {
    kr_view view = kr_session_view(session, 0);
    assert_true(kr_ensemble_velocity(&view, copy));
}

static void momenta_stay_while_the_kind_does(void **state) {
    (void)state;
    double before[128], after[128];
    kr_session *session =
        make_session("{dynamics: {name: langevin, temperature: 0.3}, schedule: {lr: 0.01}, ensemble: {particles: 128}}");
    static const char *const sets[] = {"set dynamics.friction=0.1",    "set dynamics.splitting=ABO",
                                       "set dynamics.splitting=BAOAB", "set noise={name: isotropic, sigma: 1}",
                                       "set landscape.barrier=2",      "set schedule.lr=0.02"};
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        advance(session, 10);
        first_auxiliary(session, before);
        intervene(session, sets[i]);
        first_auxiliary(session, after);
        assert_memory_equal(before, after, sizeof before);
    }
    /* BAOAB needs the gradient of the step before, which ABO did not keep. */
    intervene(session, "set dynamics.splitting=ABO");
    intervene(session, "set noise=none\ndynamics.splitting=BAOAB");
    kr_view view = kr_session_view(session, 0);
    double gradient[128];
    assert_int_equal(view.auxiliary_count, 2);
    kr_landscape_gradient(view.landscape, 128, view.position, gradient);
    for (size_t p = 0; p < 128; p++) assert_close(view.auxiliary[1][p], gradient[p], 1e-14, 1e-14);
    kr_session_destroy(session);
}

static void a_convention_keeps_velocities(void **state) {
    (void)state;
    double before[128], after[128];
    kr_session *session = make_session("{dynamics: {name: momentum}, noise: {name: isotropic, sigma: 1}, schedule: {lr: 0.03},"
                                       " ensemble: {particles: 128}}");
    advance(session, 20);
    velocity_of(session, before);
    intervene(session, "set dynamics.convention=sutskever");
    velocity_of(session, after);
    for (size_t p = 0; p < 128; p++) assert_close(after[p], before[p], 4e-16, 0);
    intervene(session, "set dynamics.convention=pytorch");
    velocity_of(session, after);
    for (size_t p = 0; p < 128; p++) assert_close(after[p], before[p], 1e-15, 0);
    /* At a constant rate the two conventions are one method. */
    kr_session *twin = make_session("{dynamics: {name: momentum}, noise: {name: isotropic, sigma: 1}, schedule: {lr: 0.03},"
                                    " ensemble: {particles: 128}}");
    advance(twin, 20);
    intervene(session, "set dynamics.convention=sutskever");
    advance(session, 30), advance(twin, 30);
    kr_view a = kr_session_view(session, 0), b = kr_session_view(twin, 0);
    for (size_t p = 0; p < 128; p++) assert_close(a.position[p], b.position[p], 1e-11, 1e-11);
    kr_session_destroy(session);
    kr_session_destroy(twin);
}

/* Positions stay; the momenta of langevin are drawn from its temperature: chi-square of 4096 squares, |z| < 4 has p = 6e-5. */
static void another_kind_begins_with_its_first_step_rule(void **state) {
    (void)state;
    enum { N = 4096 };
    static double before[N], momentum[N];
    kr_session *session = make_session("{dynamics: {name: sgld, temperature: 0.3}, ensemble: {particles: 4096, seed: 21}}");
    advance(session, 50);
    kr_view view = kr_session_view(session, 0);
    memcpy(before, view.position, sizeof before);
    intervene(session, "set dynamics={name: langevin, temperature: 0.7}");
    view = kr_session_view(session, 0);
    assert_memory_equal(before, view.position, sizeof before);
    assert_int_equal(view.step, 50);
    assert_int_equal(kr_session_generation(session), 0);
    velocity_of(session, momentum);
    double sum = 0;
    for (size_t p = 0; p < N; p++) sum += momentum[p] * momentum[p] / 0.7;
    double z = (sum - N) / sqrt(2.0 * N);
    assert_true(fabs(z) < 4);
    intervene(session, "set dynamics.name=momentum"); /* a heavy ball begins at rest */
    velocity_of(session, momentum);
    for (size_t p = 0; p < N; p++) assert_true(momentum[p] == 0);
    kr_session_destroy(session);
}

/* Particles that have stopped stay where they are. */
static void stopped_particles_stay(void **state) {
    (void)state;
    uint64_t stopped_at[400];
    kr_session *session =
        make_session("{landscape: {name: double_well, dim: 2}, dynamics: {temperature: 0.5}, schedule: {lr: 0.21},"
                     " ensemble: {particles: 400, seed: 11}, escape: {until: {coordinate: 1, above: 1.5}, renewal: false}}");
    advance(session, 100);
    kr_view before = kr_session_view(session, 0);
    assert_true(before.diverged > 0 && before.absorbed > 0 && before.diverged + before.absorbed < 400);
    memcpy(stopped_at, before.stopped_at, sizeof stopped_at);
    intervene(session, "set dynamics.name=langevin\nschedule.lr=0.0001");
    intervene(session, "set dynamics.splitting=ABO");
    for (int later = 0; later < 2; later++) {
        kr_view view = kr_session_view(session, 0);
        for (size_t p = 0; p < 400; p++) {
            if (!stopped_at[p]) continue;
            assert_int_equal(view.stopped_at[p], stopped_at[p]);
            for (size_t i = 0; i < 2; i++)
                assert_true(isnan(view.position[i * view.stride + p]) && isnan(view.auxiliary[0][i * view.stride + p]));
        }
        advance(session, 100);
    }
    kr_session_destroy(session);
}

/* ---- the ledger ---- */

static kr_energy energy_of(const kr_session *session, size_t variant) {
    kr_error error = {.status = KR_OK};
    kr_view view = kr_session_view(session, variant);
    kr_energy energy;
    succeed(kr_energy_sum(&view, &energy, &error), &error);
    return energy;
}

static void the_ledger_balances_across_interventions(void **state) {
    (void)state;
    static const char *const acts[] = {"set schedule.lr=0.02",
                                       "set dynamics.momentum=0.5",
                                       "restart",
                                       "set landscape.barrier=3",
                                       "set landscape=washboard",
                                       "set dynamics={name: langevin, temperature: 2}",
                                       "set dynamics.temperature=1",
                                       "set landscape=double_well",
                                       "set dynamics={name: momentum, weight_decay: 0.5}",
                                       "set noise=none"};
    kr_session *session =
        make_session("{dynamics: {name: momentum}, noise: {name: isotropic, sigma: 1}, schedule: {name: cosine_restarts,"
                     " lr: 0.03, period: 40}, ensemble: {particles: 200}, energy: {every: 1}}");
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
        advance(session, 25);
        kr_energy before = energy_of(session, 0);
        intervene(session, acts[i]);
        kr_energy after = energy_of(session, 0);
        double put_in = after.kinetic + after.potential - before.kinetic - before.potential;
        assert_close(after.account[KR_ENERGY_WORK] - before.account[KR_ENERGY_WORK], put_in, 1e-12, 1e-12 * after.throughput);
        for (int a = 0; a < KR_ENERGY_ACCOUNTS; a++)
            if (a != KR_ENERGY_WORK) assert_true(after.account[a] == before.account[a]);
        assert_true(fabs(after.residual) < 1e-13 * after.throughput);
    }
    advance(session, 100);
    kr_energy end = energy_of(session, 0);
    assert_true(end.throughput > 1 && fabs(end.residual) < 1e-13 * end.throughput);
    kr_session_destroy(session);
}

static void a_ledger_is_kept_where_there_are_velocities(void **state) {
    (void)state;
    kr_session *session = make_session("{dynamics: sgld, ensemble: {particles: 100}, energy: {every: 1}, compare: [langevin]}");
    advance(session, 10);
    kr_view overdamped = kr_session_view(session, 0), underdamped = kr_session_view(session, 1);
    assert_null(overdamped.ledger[0]);
    assert_non_null(underdamped.ledger[0]);
    intervene(session, "set dynamics.name=momentum"); /* opened now: what was before is in no account */
    advance(session, 10);
    kr_energy energy = energy_of(session, 0);
    assert_true(fabs(energy.residual) < 1e-13 * (energy.throughput + energy.potential));
    intervene(session, "set energy.every=0");
    underdamped = kr_session_view(session, 1);
    assert_null(underdamped.ledger[0]);
    kr_session_destroy(session);
}

/* ---- first passages ---- */

static void escapes_are_counted_since_the_physics_changed(void **state) {
    (void)state;
    kr_session *session = make_session("{dynamics: {temperature: 0.6}, schedule: {lr: 0.05}, ensemble: {particles: 1000, seed: 3},"
                                       " escape: {until: {above: 0.5}}, compare: [{name: langevin, temperature: 0.6}]}");
    kr_escape_estimate estimate;
    advance(session, 100);
    intervene(session, "restart"); /* no other physics */
    advance(session, 100);
    for (size_t v = 0; v < 2; v++) {
        kr_view view = kr_session_view(session, v);
        assert_true(kr_session_escape(session, v, &estimate));
        assert_int_equal(estimate.events, view.events);
        assert_true(estimate.events > 0 && estimate.exposure_steps == 200000);
        assert_true(estimate.exposure_time == view.exposure_time && estimate.particles == 1000);
    }
    uint64_t before = kr_session_view(session, 0).events;
    double time = kr_session_view(session, 0).time;
    intervene(session, "set compare.0.friction=2");
    assert_true(kr_session_escape(session, 0, &estimate));
    assert_true(estimate.events == 0 && estimate.exposure_steps == 0 && estimate.exposure_time == 0);
    advance(session, 50);
    kr_view view = kr_session_view(session, 0);
    assert_true(kr_session_escape(session, 0, &estimate));
    assert_int_equal(estimate.events, view.events - before);
    assert_true(estimate.exposure_steps == 50000);
    assert_close(estimate.exposure_time, 1000 * (view.time - time), 1e-12, 0);
    intervene(session, "reset");
    advance(session, 10);
    assert_true(kr_session_escape(session, 0, &estimate));
    assert_true(estimate.exposure_steps == 10000);
    intervene(session, "set escape.until=~");
    assert_false(kr_session_escape(session, 0, &estimate));
    kr_session_destroy(session);
}

/* The events of a whole advance, however the history cuts it. */
static void recent_events_are_those_of_the_advance(void **state) {
    (void)state;
    kr_session *session = make_session("{dynamics: {temperature: 0.6}, schedule: {lr: 0.05}, ensemble: {particles: 1000, seed: 3},"
                                       " escape: {until: {above: 0.5}}}");
    uint64_t total = 0;
    for (int call = 0; call < 5; call++) {
        advance(session, 300);
        kr_view view = kr_session_view(session, 0);
        total += view.recent_count;
        assert_int_equal(total, view.events);
        for (size_t i = 0; i < view.recent_count; i++) {
            assert_true(view.recent[i].step > view.step - 300 && view.recent[i].step <= view.step);
            assert_true(i == 0 || view.recent[i - 1].step <= view.recent[i].step);
        }
    }
    assert_true(total > 1000);
    intervene(session, "set dynamics.temperature=0.5");
    assert_int_equal(kr_session_view(session, 0).recent_count, 0);
    kr_session_destroy(session);
}

/* The same random numbers: two variants of the same dynamics are one. */
static void variants_share_random_numbers(void **state) {
    (void)state;
    kr_session *session =
        make_session("{dynamics: {temperature: 0.6}, noise: {name: isotropic, sigma: 1}, ensemble: {particles: 200},"
                     " compare: [{name: sgld, temperature: 0.6}, {name: sgld, temperature: 0.5}]}");
    advance(session, 100);
    kr_view a = kr_session_view(session, 0), b = kr_session_view(session, 1), c = kr_session_view(session, 2);
    assert_same_view(&a, &b);
    assert_true(a.position[0] != c.position[0]);
    intervene(session, "set compare.1.temperature=0.6");
    intervene(session, "reset");
    advance(session, 100);
    a = kr_session_view(session, 0), c = kr_session_view(session, 2);
    assert_same_view(&a, &c);
    kr_session_destroy(session);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(momenta_stay_while_the_kind_does),
        cmocka_unit_test(a_convention_keeps_velocities),
        cmocka_unit_test(another_kind_begins_with_its_first_step_rule),
        cmocka_unit_test(stopped_particles_stay),
        cmocka_unit_test(the_ledger_balances_across_interventions),
        cmocka_unit_test(a_ledger_is_kept_where_there_are_velocities),
        cmocka_unit_test(escapes_are_counted_since_the_physics_changed),
        cmocka_unit_test(recent_events_are_those_of_the_advance),
        cmocka_unit_test(variants_share_random_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
