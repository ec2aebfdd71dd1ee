/* Velocity Verlet conserves energy to second order in h = sqrt(eta), is reversible and area-preserving. No chance is involved. */
#include "rig.h"
#include <kramers/block.h>

/* Largest deviation of the energy over a time of 12 on Himmelblau's landscape, from rest on a slope. */
static double energy_error(double h) {
    char schedule[64];
    snprintf(schedule, sizeof schedule, "lr=%.17g", h * h);
    rig r = {.landscape = "himmelblau",
             .dynamics = "hamiltonian",
             .schedule_parameters = schedule,
             .start = {0.3, -0.7},
             .particles = 1};
    rig_create(&r);
    kr_view view = kr_ensemble_view(r.ensemble);
    double start = NAN, worst = 0, velocity[2 * KR_GRANULE];
    for (uint64_t k = 0; k <= (uint64_t)(12 / h); k++) {
        double x[2] = {view.position[0], view.position[view.stride]}, energy;
        kr_landscape_energy(&r.made_landscape, 1, x, &energy);
        kr_ensemble_velocity(&view, velocity);
        energy += 0.5 * (velocity[0] * velocity[0] + velocity[view.stride] * velocity[view.stride]);
        if (k == 0) start = energy;
        worst = fmax(worst, fabs(energy - start));
        view = rig_advance(&r, 1);
    }
    assert_close(view.time, (double)view.step * h, 1e-12, 0); /* physical time */
    rig_destroy(&r);
    return worst;
}

static void EnergyErrorIsOfSecondOrder(void **state) {
    (void)state;
    double error[4];
    for (int i = 0; i < 4; i++) error[i] = energy_error(0.004 / (1 << i));
    for (int i = 0; i < 3; i++) assert_close(error[i] / error[i + 1], 4, 0.01, 0);
    assert_true(error[3] < 1e-2 && error[3] > 0);
}

/* A block that the test moves by hand. */
typedef struct hand {
    rig rig;
    kr_block block;
    double memory[KR_MAX_AUXILIARIES + 5][2 * KR_GRANULE];
} hand;

static hand *hand_create(const char *dynamics, const char *parameters) {
    hand *m = calloc(1, sizeof *m);
    assert_non_null(m);
    m->rig = (rig){.landscape = "himmelblau", .dynamics = dynamics, .dynamics_parameters = parameters, .particles = 1};
    rig_create(&m->rig);
    m->block = (kr_block){.n = KR_GRANULE,
                          .dim = 2,
                          .position = m->memory[0],
                          .gradient = m->memory[1],
                          .normal = m->memory[2],
                          .scratch = m->memory[3],
                          .noise_input = m->memory[4],
                          .landscape = &m->rig.made_landscape,
                          .noise = &m->rig.made_noise,
                          .kernels = m->rig.registry->kernels};
    for (size_t a = 0; a < KR_MAX_AUXILIARIES; a++) m->block.auxiliary[a] = m->memory[5 + a];
    for (size_t i = 0; i < 2 * KR_GRANULE; i++) m->block.position[i] = sin((double)i);
    uint32_t all[KR_GRANULE];
    for (uint32_t p = 0; p < KR_GRANULE; p++) all[p] = p;
    kr_controls controls = {.learning_rate = 1e-4, .root_rate = 1e-2};
    m->rig.made_dynamics.type->start(&m->rig.made_dynamics, &controls, &m->block, all, KR_GRANULE);
    return m;
}

static void hand_advance(hand *m, uint64_t steps) {
    kr_controls controls = {.learning_rate = 1e-4, .root_rate = 1e-2};
    for (; steps > 0; steps--) m->rig.made_dynamics.type->step(&m->rig.made_dynamics, &controls, &m->block);
}

static void hand_destroy(hand *m) {
    rig_destroy(&m->rig);
    free(m);
}

/* Forwards, momenta turned round, and as many steps again lead back. The force at a place does not depend on the way there, so
 * the carried gradient stays. */
static void TimeReversal(void **state) {
    (void)state;
    const char *const dynamics[][2] = {
        {"hamiltonian", ""}, {"langevin", "friction=0 splitting=BAB"}, {"langevin", "friction=0 splitting=ABA"}};
    for (int i = 0; i < 3; i++) {
        hand *m = hand_create(dynamics[i][0], dynamics[i][1]);
        double before[2 * KR_GRANULE], *p = m->block.auxiliary[0], moved = 0;
        memcpy(before, m->block.position, sizeof before);
        hand_advance(m, 300);
        for (size_t j = 0; j < 2 * KR_GRANULE; j++) {
            moved = fmax(moved, fabs(m->block.position[j] - before[j]));
            p[j] = -p[j];
        }
        assert_true(moved > 1);
        hand_advance(m, 300);
        for (size_t j = 0; j < 2 * KR_GRANULE; j++) assert_close(m->block.position[j], before[j], 0, 1e-9);
        hand_destroy(m);
    }
}

/* The same method by two routes. */
static void VerletIsTheSplittingBAB(void **state) {
    (void)state;
    hand *verlet = hand_create("hamiltonian", ""), *splitting = hand_create("langevin", "temperature=0 friction=0 splitting=BAB");
    hand_advance(verlet, 100);
    hand_advance(splitting, 100);
    for (size_t j = 0; j < 2 * KR_GRANULE; j++) {
        assert_close(splitting->block.position[j], verlet->block.position[j], 1e-12, 1e-12);
        assert_close(splitting->block.auxiliary[0][j], verlet->block.auxiliary[0][j], 1e-11, 1e-11);
    }
    hand_destroy(verlet);
    hand_destroy(splitting);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(EnergyErrorIsOfSecondOrder),
        cmocka_unit_test(TimeReversal),
        cmocka_unit_test(VerletIsTheSplittingBAB),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
