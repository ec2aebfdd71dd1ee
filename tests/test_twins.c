/* What schedules are called in PyTorch, optax and Keras: the formulas of those libraries, written out here, against ours; and names
 * from there as hints. PyTorch's are in test_schedules.c. */
#include "plugin_setup.h"

#include <kramers/scene.h>
#include <kramers/twins.h>

static const double pi = 3.14159265358979323846;

/* ---- optax and Keras, in the names of their own arguments ---- */

static double cosine_decay(double init, double decay_steps, double alpha, double count) {
    double decay = 0.5 * (1 + cos(pi * fmin(count, decay_steps) / decay_steps));
    return init * ((1 - alpha) * decay + alpha);
}

static double keras_cosine_decay_restarts(double initial, double first, double t_mul, double m_mul, double alpha, int step) {
    int cycle = 0;
    double length = first, position = step;
    for (; position >= length; cycle++) position -= length, length *= t_mul;
    double cosine_decayed = 0.5 * pow(m_mul, cycle) * (1 + cos(pi * position / length));
    return initial * ((1 - alpha) * cosine_decayed + alpha);
}

static double polynomial(double init, double end, double power, double steps, double count) {
    return (init - end) * pow(1 - fmin(count, steps) / steps, power) + end;
}

static double exponential_decay(double init, double transition_steps, double decay_rate, bool staircase, double count) {
    double p = count / transition_steps;
    return init * pow(decay_rate, staircase ? floor(p) : p);
}

static double inverse_time_decay(double initial, double decay_steps, double decay_rate, double step) {
    return initial / (1 + decay_rate * step / decay_steps);
}

/* piecewise_interpolate_schedule('cosine', peak / div, {int(pct K): div, K: 1 / (div final_div)}) */
static double cosine_onecycle(double steps, double peak, double pct, double div, double final_div, double count) {
    double top = floor(pct * steps), from = peak / div, to = peak, begins = 0, ends = top;
    if (count >= top) from = peak, to = peak / (div * final_div), begins = top, ends = steps;
    double part = fmin(1, (count - begins) / (ends - begins));
    return to + (from - to) / 2 * (1 + cos(pi * part));
}

/* ---- beside ours ---- */

typedef struct made {
    kr_settings settings;
    kr_schedule schedule;
} made;

static double rate(const char *name, const char *parameters, uint64_t k) {
    const kr_schedule_type *type = find_schedule(best_registry(), name);
    made m = {.settings = make_settings(&type->about, parameters)};
    kr_error error;
    if (kr_schedule_create(&m.schedule, &m.settings, NULL, (kr_warmup){0, 1}, 1000, &error) != KR_OK) fail_msg("%s", error.message);
    double value = kr_schedule_at(&m.schedule, k);
    kr_schedule_destroy(&m.schedule);
    kr_settings_destroy(&m.settings);
    return value;
}

static void the_formulas_are_equal(void **state) {
    (void)state;
    for (int k = 0; k < 700; k += 3) {
        double t = k;
        uint64_t u = (uint64_t)k;
        assert_close(rate("cosine", "lr=0.3 lr_min=0.03 steps=250", u), cosine_decay(0.3, 250, 0.1, t), 1e-12, 1e-16);
        assert_close(rate("cosine_restarts", "lr=0.3 lr_min=0.03 period=20 period_mult=3 amplitude_factor=0.8", u),
                     keras_cosine_decay_restarts(0.3, 20, 3, 0.8, 0.1, k), 1e-12, 1e-16);
        assert_close(rate("cosine_restarts", "lr=0.3 lr_min=0.03 period=50 amplitude_factor=0.5", u),
                     keras_cosine_decay_restarts(0.3, 50, 1, 0.5, 0.1, k), 1e-12, 1e-16);
        assert_close(rate("linear", "lr=0.3 lr_end=0.1 steps=333", u), polynomial(0.3, 0.1, 1, 333, t), 1e-12, 1e-16);
        assert_close(rate("polynomial", "lr=0.3 steps=333 power=1.7", u), polynomial(0.3, 0, 1.7, 333, t), 1e-12, 1e-16);
        assert_close(rate("exponential", "lr=0.3 factor=0.99", u), exponential_decay(0.3, 1, 0.99, false, t), 1e-12, 0);
        assert_close(rate("inverse_time", "lr=0.3 decay=0.02", u), inverse_time_decay(0.3, 1, 0.02, t), 1e-15, 0);
        assert_close(rate("inverse_time", "lr=0.3 decay=0.002", u), inverse_time_decay(0.3, 10, 0.02, t), 1e-15, 0);
        assert_close(rate("step", "lr=0.3 every=70 factor=0.5", u), exponential_decay(0.3, 70, 0.5, true, t), 1e-12, 0);
    }
}

/* Where a list says that they are not, they are not. */
static void the_one_cycle_of_optax_is_another(void **state) {
    (void)state;
    const char *ours = "lr=0.1 steps=100 pct_start=0.3 div_factor=25 final_div_factor=1e4";
    assert_close(rate("one_cycle", ours, 29), 0.1, 1e-12, 0);
    assert_close(cosine_onecycle(100, 0.1, 0.3, 25, 1e4, 30), 0.1, 1e-12, 0); /* the top, one step later */
    assert_true(fabs(rate("one_cycle", ours, 15) / cosine_onecycle(100, 0.1, 0.3, 25, 1e4, 15) - 1) > 0.02);
    assert_close(rate("one_cycle", ours, 99), cosine_onecycle(100, 0.1, 0.3, 25, 1e4, 100), 1e-9, 0);
}

/* ---- lists and hints ---- */

static void every_schedule_names_its_twins(void **state) {
    (void)state;
    const kr_schedule_type *const *schedules = best_registry()->schedules;
    static const char *const libraries[] = {"PyTorch", "optax", "Keras"};
    for (size_t i = 0; schedules[i]; i++) {
        const kr_descriptor *about = &schedules[i]->about;
        for (size_t k = 0; k < 3; k++) {
            const kr_twin *twin = about->twins;
            while (twin && twin->library && strcmp(twin->library, libraries[k]) != 0) twin++;
            if (!twin || !twin->library || (!twin->call && !twin->differs)) fail_msg("%s of %s", about->name, libraries[k]);
        }
    }
}

static void every_optimizer_names_its_twins(void **state) {
    (void)state;
    static const char *const optimizers[] = {"sgd", "momentum", "adam", "adamw", "rmsprop", "adagrad", "sign_gd", "lion", "sam"};
    static const char *const libraries[] = {"PyTorch", "optax", "Keras"};
    for (size_t i = 0; i < sizeof optimizers / sizeof *optimizers; i++) {
        const kr_descriptor *about = &find_dynamics(best_registry(), optimizers[i])->about;
        for (size_t k = 0; k < 3; k++) {
            const kr_twin *twin = about->twins;
            while (twin && twin->library && strcmp(twin->library, libraries[k]) != 0) twin++;
            if (!twin || !twin->library || (!twin->call && !twin->differs)) fail_msg("%s of %s", optimizers[i], libraries[k]);
        }
    }
}

static void hint(const char *setting, const char *wanted) {
    kr_scene scene;
    kr_error error;
    const char *const set[] = {setting};
    assert_int_equal(kr_scene_parse(&scene, best_registry(), "x", ".", "", set, 1, &error), KR_BAD_ARGUMENT);
    if (!strstr(error.message, wanted)) fail_msg("%s: %s\n  without: %s", setting, error.message, wanted);
}

static void names_from_there_are_hints(void **state) {
    (void)state;
    hint("schedule={name: cosine_restarts, T_0: 50}", "PyTorch's T_0 is 'period' here");
    hint("schedule={name: cosine_restarts, T_mult: 2}", "PyTorch's T_mult is 'period_mult' here");
    hint("schedule={name: cosine_restarts, first_decay_steps: 2}", "Keras's first_decay_steps is 'period' here");
    hint("schedule={name: cosine, eta_min: 0}", "PyTorch's eta_min is 'lr_min' here");
    hint("schedule={name: cosine, T_max: 100}", "PyTorch's T_max is 'steps' here");
    hint("schedule={name: inverse_time, decay_rate: 1}", "Keras's decay_rate is 'decay' here");
    hint("schedule={name: step, gamma: 0.1}", "PyTorch's gamma is 'factor' here");
    hint("schedule={name: step, step_size: 10}", "PyTorch's step_size is 'every' here");
    hint("schedule={name: step, milestones: [3, 6]}", "milestones have no equal here; schedule 'step'");
    hint("schedule={name: linear, end_factor: 0.1}", "PyTorch's end_factor is lr_end/lr here");
    hint("schedule={name: cosine, T_0: 50}", "PyTorch's T_0 is 'period' here, in 'cosine_restarts'");
    hint("schedule={name: cosine, gamma: 0.5}", "PyTorch's gamma is 'factor' here, in 'cyclic', 'exponential', 'step'");
    hint("schedule={name: constant, warmup: {start_factor: 0.1}}", "PyTorch's start_factor is 'factor' here");
    hint("schedule.name=CosineAnnealingWarmRestarts", "PyTorch's is 'cosine_restarts' here");
    hint("schedule.name=torch.optim.lr_scheduler.StepLR", "PyTorch's is 'step' here");
    hint("schedule.name=cosine_decay_schedule", "optax's is 'cosine' here");
    hint("schedule.name=MultiStepLR", "'step' drops at equal distances");
    hint("dynamics={name: momentum, betas: [0.9, 0.999]}", "the first is 'momentum' of dynamics 'momentum'");
    hint("dynamics={name: sgd, lr: 0.1}", "PyTorch's lr is 'schedule.lr' here");
    hint("dynamics.name=SGD", "did you mean 'sgd'?");
    hint("dynamics={name: sgd, friction: 1}", "it is a parameter of 'langevin'");
    hint("schedule={name: cosine, stps: 1}", "did you mean 'steps'?"); /* as before */
    hint("schedule={name: cosine, banana: 1}", "there are lr, lr_min, steps, after");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_formulas_are_equal),         cmocka_unit_test(the_one_cycle_of_optax_is_another),
        cmocka_unit_test(every_schedule_names_its_twins), cmocka_unit_test(every_optimizer_names_its_twins),
        cmocka_unit_test(names_from_there_are_hints),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
