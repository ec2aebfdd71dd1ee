/* Trajectories that PyTorch computed in float64: learning rates and positions of every row. */
#include "rig.h"

#include <json.h>

typedef struct row_setup {
    const char *optimizer, *schedule; /* as in the file, to find the row */
    const char *schedule_parameters;  /* as deduced from the rates */
    const char *dynamics, *dynamics_parameters;
} row_setup;

static const row_setup setups[] = {
    {"sgd", "cosine_restarts", "lr=0.002 lr_min=2e-5 period=10 period_mult=2", "sgd", ""},
    {"momentum", "cosine_restarts", "lr=0.002 lr_min=2e-5 period=10 period_mult=2", "momentum", "momentum=0.9"},
    {"nesterov", "step", "lr=0.002 every=30 factor=0.3", "momentum", "momentum=0.9 nesterov=true"},
    {"adam", "cosine_restarts", "lr=0.05 lr_min=5e-4 period=10 period_mult=2", "adam", ""},
    {"adamw", "exponential", "lr=0.05 factor=0.98", "adamw", "weight_decay=0.05"},
    {"rmsprop", "polynomial", "lr=0.05 steps=200 power=2", "rmsprop", "alpha=0.95"},
    {"adagrad", "constant", "lr=0.05", "adagrad", ""},
    {"momentum_weight_decay", "one_cycle", "lr=0.002 steps=200", "momentum", "momentum=0.8 weight_decay=0.01"},
};
enum { ROWS = sizeof setups / sizeof *setups };

static json_object *rows;

static int read_rows(void **state) {
    (void)state;
    rows = json_object_from_file(KR_SOURCE_DIRECTORY "/tests/pytorch_trajectories.json");
    return rows ? 0 : -1;
}

static int forget_rows(void **state) {
    (void)state;
    json_object_put(rows);
    return 0;
}

static const char *text_of(json_object *row, const char *key) {
    return json_object_get_string(json_object_object_get(row, key));
}

static double number_of(json_object *list, size_t i) {
    return json_object_get_double(json_object_array_get_idx(list, i));
}

static const row_setup *setup_of(json_object *row) {
    for (size_t i = 0; i < ROWS; i++)
        if (!strcmp(setups[i].optimizer, text_of(row, "optimizer")) && !strcmp(setups[i].schedule, text_of(row, "schedule")))
            return &setups[i];
    fail_msg("no setup for the row of %s", text_of(row, "optimizer"));
    return NULL;
}

static void LearningRatesOfEveryRow(void **state) {
    (void)state;
    assert_int_equal(json_object_array_length(rows), ROWS);
    for (size_t i = 0; i < ROWS; i++) {
        json_object *row = json_object_array_get_idx(rows, i), *rates = json_object_object_get(row, "learning_rate");
        const row_setup *setup = setup_of(row);
        const kr_schedule_type *type = find_schedule(best_registry(), setup->schedule);
        kr_settings settings = make_settings(&type->about, setup->schedule_parameters);
        kr_schedule schedule;
        kr_error error;
        require(kr_schedule_create(&schedule, &settings, NULL, (kr_warmup){0, 1}, 200, &error), &error);
        assert_int_equal(json_object_array_length(rates), 200);
        for (size_t k = 0; k < 200; k++) assert_close(kr_schedule_at(&schedule, k), number_of(rates, k), 1e-14, 0);
        kr_settings_destroy(&settings);
    }
}

static void PositionsOfEveryRow(void **state) {
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        json_object *row = json_object_array_get_idx(rows, i), *positions = json_object_object_get(row, "position");
        const row_setup *setup = setup_of(row);
        json_object *start = json_object_object_get(row, "start");
        rig r = {.landscape = text_of(row, "landscape"),
                 .dynamics = setup->dynamics,
                 .dynamics_parameters = setup->dynamics_parameters,
                 .schedule = setup->schedule,
                 .schedule_parameters = setup->schedule_parameters,
                 .start = {number_of(start, 0), number_of(start, 1)},
                 .particles = 3,
                 .seed = 1,
                 .steps = 200};
        rig_create(&r);
        for (size_t k = 0; k < 200; k++) {
            kr_view view = rig_advance(&r, 1);
            json_object *expected = json_object_array_get_idx(positions, k);
            for (size_t d = 0; d < 2; d++)
                for (size_t p = 0; p < 3; p++) assert_close(view.position[d * view.stride + p], number_of(expected, d), 1e-10, 0);
        }
        rig_destroy(&r);
    }
}

/* ---- pytorch_trajectories_options.json, of make_pytorch_trajectories.py: every few steps of many options together ---- */

static void follow_row(json_object *row, size_t number) {
    json_object *start = json_object_object_get(row, "start"), *positions = json_object_object_get(row, "position");
    size_t every = (size_t)json_object_get_int(json_object_object_get(row, "every")), samples = json_object_array_length(positions);
    rig r = {.landscape = text_of(row, "landscape"),
             .landscape_parameters = text_of(row, "landscape_parameters"),
             .dynamics = text_of(row, "dynamics"),
             .dynamics_parameters = text_of(row, "parameters"),
             .schedule = text_of(row, "schedule"),
             .schedule_parameters = text_of(row, "schedule_parameters"),
             .start = {number_of(start, 0), number_of(start, 1)},
             .particles = 1,
             .steps = every * samples};
    rig_create(&r);
    for (size_t k = 0; k < samples; k++) {
        kr_view view = rig_advance(&r, every);
        json_object *expected = json_object_array_get_idx(positions, k);
        for (size_t d = 0; d < 2; d++) {
            double wanted = number_of(expected, d), x = view.position[d * view.stride];
            if (!(fabs(x - wanted) <= 1e-10 * fabs(wanted)))
                fail_msg("row %zu, %s %s on %s, step %zu: %.17g instead of %.17g", number, r.dynamics, r.dynamics_parameters,
                         r.landscape, (k + 1) * every, x, wanted);
        }
    }
    rig_destroy(&r);
}

static void AllOptionsTogether(void **state) {
    (void)state;
    json_object *many = json_object_from_file(KR_SOURCE_DIRECTORY "/tests/pytorch_trajectories_options.json");
    assert_non_null(many);
    assert_true(json_object_array_length(many) >= 60);
    for (size_t i = 0; i < json_object_array_length(many); i++) follow_row(json_object_array_get_idx(many, i), i);
    json_object_put(many);
}

/* The corrections 1 - beta^t of Adam are running means: as exact as powers after a million steps. */
static void CorrectionsAreAsExactAsPowers(void **state) {
    (void)state;
    static const double memories[] = {0.5, 0.9, 0.999, 0.999999};
    for (size_t m = 0; m < 4; m++) {
        char parameters[100];
        snprintf(parameters, sizeof parameters, "beta1=%.17g beta2=%.17g", memories[m], memories[3 - m]);
        rig r = {.landscape = "harmonic",
                 .dynamics = "adam",
                 .dynamics_parameters = parameters,
                 .schedule_parameters = "lr=0.001",
                 .start = {1},
                 .particles = 1};
        rig_create(&r);
        static const uint64_t until[] = {1, 2, 10, 1000, 100000, 1000000};
        for (size_t i = 0, done = 0; i < 6; done = until[i++]) {
            kr_view view = rig_advance(&r, until[i] - done);
            for (size_t c = 0; c < 2; c++)
                assert_close(view.auxiliary[2 + c][0], -expm1((double)until[i] * log(memories[c ? 3 - m : m])), 1e-10, 0);
        }
        rig_destroy(&r);
    }
}

/* Each particle's own: one that has come to a target goes on from its start, as at its first step. The first step of all is lr
 * times the sign of the gradient, so that all arrive on the way down, at different steps under noise. */
static void CorrectionsCountEachParticlesSteps(void **state) {
    (void)state;
    enum { PARTICLES = 64, STEPS = 300 };
    const double beta[2] = {0.9, 0.99};
    uint64_t age[PARTICLES] = {0}, arrivals[PARTICLES] = {0}, different = 0;
    const kr_target target = {.coordinate = 0, .below = 0.5, .above = INFINITY};
    rig r = {.landscape = "harmonic",
             .dynamics = "adam",
             .dynamics_parameters = "beta1=0.9 beta2=0.99",
             .noise = "isotropic",
             .noise_parameters = "sigma=1",
             .schedule_parameters = "lr=0.02",
             .start = {1},
             .particles = PARTICLES,
             .seed = 3,
             .targets = &target,
             .target_count = 1};
    rig_create(&r);
    for (uint64_t k = 0; k < STEPS; k++) {
        kr_view view = rig_advance(&r, 1);
        for (size_t p = 0; p < PARTICLES; p++) {
            bool begins = view.auxiliary[2][p] == 0; /* it has arrived and is at its start again */
            age[p] = begins ? 0 : age[p] + 1;
            arrivals[p] += begins;
            assert_true(!begins || view.position[p] == 1);
            for (size_t c = 0; c < 2; c++) assert_close(view.auxiliary[2 + c][p], -expm1((double)age[p] * log(beta[c])), 1e-13, 0);
        }
    }
    for (size_t p = 0; p < PARTICLES; p++) {
        assert_true(arrivals[p] > 1);
        different += age[p] != age[0];
    }
    assert_true(different > PARTICLES / 2);
    rig_destroy(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(LearningRatesOfEveryRow),
        cmocka_unit_test(PositionsOfEveryRow),
        cmocka_unit_test(AllOptionsTogether),
        cmocka_unit_test(CorrectionsAreAsExactAsPowers),
        cmocka_unit_test(CorrectionsCountEachParticlesSteps),
    };
    return cmocka_run_group_tests(tests, read_rows, forget_rows);
}
