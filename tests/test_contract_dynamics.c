/* Every dynamics of the registry, with its defaults and in the variants below, keeps the promises of dynamics.h. */
#include "rig.h"
#include <kramers/block.h>

typedef struct variant {
    const char *dynamics, *parameters;
} variant;

static const variant further[] = {
    {"sgd", "weight_decay=0.1"},
    {"sgld", "weight_decay=0.1"},
    {"momentum", "momentum=0"},
    {"momentum", "dampening=0.5"},
    {"momentum", "nesterov=true weight_decay=0.1"},
    {"momentum", "convention=sutskever"},
    {"momentum", "convention=sutskever dampening=0.5"},
    {"momentum", "convention=sutskever nesterov=true dampening=0.3"},
    {"langevin", "splitting=ABOBA"},
    {"langevin", "splitting=OBABO"},
    {"langevin", "splitting=OABAO"},
    {"langevin", "splitting=BAO"},
    {"langevin", "splitting=BAO friction=20"},
    {"langevin", "splitting=AOB"},
    {"langevin", "splitting=OBAOBAB"},
    {"langevin", "splitting=BAOABAOAB friction=3"},
    {"langevin", "splitting=BABAB friction=0"},
    {"langevin", "splitting=ABABA friction=0"},
    {"langevin", "splitting=BAABABBAABABBAAB"},
    {"sghmc", "alpha=1 weight_decay=0.1"},
    {"sghmc", "alpha=0.01"},
    {"sgnht", "diffusion=3"},
    {"psgld", "alpha=0 epsilon=0.1"},
    {"leimkuhler_matthews", "weight_decay=0.1"},
    {"hmc", "leapfrog=1"},
    {"hmc", "leapfrog=3 weight_decay=0.1"},
    {"microcanonical", "decoherence=0.001"},
    {"microcanonical", "decoherence=1e9"},
    {"adam", "amsgrad=true weight_decay=0.1"},
    {"adam", "beta1=0 beta2=0.9 epsilon=0"},
    {"adamw", "weight_decay=0.1"},
    {"adamw", "amsgrad=true beta1=0.5"},
    {"rmsprop", "momentum=0.9 weight_decay=0.1"},
    {"rmsprop", "centered=true"},
    {"rmsprop", "centered=true momentum=0.5 alpha=0.9"},
    {"adagrad", "lr_decay=0.001"},
    {"adagrad", "initial_accumulator_value=0.1 weight_decay=0.1"},
    {"sign_gd", "weight_decay=0.1"},
    {"lion", "weight_decay=0.1"},
    {"lion", "beta1=0 beta2=0"},
    {"sam", "weight_decay=0.1 rho=0.01"},
    {"sam", "rho=0"},
};

/* Called for every dynamics and variant; parameters ends with temperature=0 where cold and where there is a temperature. One that
 * stands still at temperature 0, and refuses it, is left out where cold. */
typedef void dynamics_check(const char *dynamics, const char *parameters);

static void for_one(const kr_dynamics_type *type, const char *parameters, bool cold, dynamics_check *check) {
    char text[200];
    const kr_parameter *temperature = kr_parameter_find(&type->about, "temperature");
    if (cold && temperature && temperature->flags & KR_ABOVE_MINIMUM) return;
    snprintf(text, sizeof text, "%s%s", parameters, cold && temperature ? " temperature=0" : "");
    check(type->about.name, text);
}

static void for_all(bool cold, dynamics_check *check) {
    const kr_registry *registry = best_registry();
    for (size_t i = 0; registry->dynamics[i]; i++) for_one(registry->dynamics[i], "", cold, check);
    for (size_t i = 0; i < sizeof further / sizeof *further; i++)
        for_one(find_dynamics(registry, further[i].dynamics), further[i].parameters, cold, check);
}

static double potential(const rig *r, const kr_view *view, size_t particle) {
    double x[32], energy;
    for (size_t i = 0; i < view->dim; i++) x[i] = view->position[i * view->stride + particle];
    kr_landscape_energy(&r->made_landscape, 1, x, &energy);
    return energy;
}

static bool has_stationary_state(const rig *r) {
    return !isnan(r->made_dynamics.type->temperature(&r->made_dynamics, 0.01, 0));
}

static void check_descent(const char *dynamics, const char *parameters) {
    rig r = {.landscape = "harmonic",
             .landscape_parameters = "dim=3 stiffness=[1,2,5]",
             .dynamics = dynamics,
             .dynamics_parameters = parameters,
             .schedule_parameters = "lr=0.002",
             .start = {1, -1, 0.5},
             .particles = 5};
    rig_create(&r);
    kr_view view = kr_ensemble_view(r.ensemble);
    double start = potential(&r, &view, 4), end = start;
    for (int i = 0; i < 300; i++) {
        view = rig_advance(&r, 10);
        end = potential(&r, &view, 4);
        assert_true(end < 1.001 * start);
    }
    if (has_stationary_state(&r) && !(end < 1e-3 * start)) fail_msg("%s %s stays at %g of %g", dynamics, parameters, end, start);
    rig_destroy(&r);
}

static void WithoutNoiseItDescends(void **state) {
    (void)state;
    for_all(true, check_descent);
}

/* Steps of one length, which noise far below the slopes does not change. */
static bool goes_by_signs(const char *dynamics) {
    return !strcmp(dynamics, "sign_gd") || !strcmp(dynamics, "lion");
}

static bool any_apart(const kr_view *view) {
    bool apart = false;
    for (size_t i = 0; i < view->dim; i++)
        for (size_t p = 1; p < view->particles; p++)
            apart |= view->position[i * view->stride + p] != view->position[i * view->stride];
    return apart;
}

static void check_finite(const char *dynamics, const char *parameters) {
    const kr_registry *registry = best_registry();
    bool signs = goes_by_signs(dynamics);
    static const char *const landscapes[][2] = {{"double_well", "dim=3"}, {"himmelblau", ""}, {"harmonic", "dim=16"}};
    static const char *const over_data[][2] = {
        {"mean_of_quadratics", "dim=3 points=30"}, {"mean_of_quadratics", "dim=2 points=30"}, {"mean_of_quadratics", "dim=16"}};
    for (size_t l = 0; l < 3; l++)
        for (size_t n = 0; registry->noises[n]; n++)
            for (int full = 0; full < 2; full++) {
                const kr_noise_type *noise = registry->noises[n];
                if (full && !kr_parameter_find(&noise->about, "full")) continue;
                const char *const *landscape = noise->sampler ? over_data[l] : landscapes[l];
                rig r = {.landscape = landscape[0],
                         .landscape_parameters = landscape[1],
                         .dynamics = dynamics,
                         .dynamics_parameters = parameters,
                         .noise = noise->about.name,
                         .noise_parameters = full ? "full=true" : "",
                         .schedule_parameters = "lr=0.001",
                         .start = {0.5, 0.7, 0.1},
                         .particles = 100,
                         .seed = 7};
                if (!rig_create_if_it_fits(&r)) continue;
                kr_view view = rig_advance(&r, 300);
                double *velocity = calloc(view.dim * view.stride, sizeof *velocity);
                bool moves = kr_ensemble_velocity(&view, velocity);
                if (view.diverged) fail_msg("%s %s with %s on %s diverges", dynamics, parameters, noise->about.name, landscape[0]);
                assert_true(view.auxiliary_count <= KR_MAX_AUXILIARIES);
                for (size_t i = 0; i < view.dim; i++)
                    for (size_t p = 0; p < 100; p++) {
                        assert_true(isfinite(view.position[i * view.stride + p]));
                        assert_true(!moves || isfinite(velocity[i * view.stride + p]));
                    }
                /* Particles are independent: no two of them at one place, unless nothing is random. */
                bool apart = signs ? any_apart(&view) : view.position[0] != view.position[1], in_noise = !signs || l == 2;
                assert_true(apart || noise->is_zero || !in_noise);
                free(velocity);
                rig_destroy(&r);
            }
}

static void FiniteWithEveryNoise(void **state) {
    (void)state;
    for_all(false, check_finite);
}

static const kr_dynamics_type *type_of(const char *dynamics) {
    return find_dynamics(best_registry(), dynamics);
}

/* Adaptive ones: a step is about as long as the learning rate, whatever the gradient. */
static bool moves_by_lr(const char *dynamics) {
    return type_of(dynamics)->preconditioner || type_of(dynamics)->preconditioned_limit;
}

/* The first passage of a particle without noise takes as long the tenth time as the first: nothing is left of the past. */
static void check_return(const char *dynamics, const char *parameters) {
    kr_target target = {.coordinate = 0, .below = -INFINITY, .above = 1.2};
    /* The tilt has no minimum on the left of 1.2 and pushes to the right. */
    rig r = {.landscape = "double_well",
             .landscape_parameters = "dim=2 tilt=-5",
             .dynamics = dynamics,
             .dynamics_parameters = parameters,
             .schedule_parameters = moves_by_lr(dynamics) ? "lr=0.03" : "lr=0.003",
             .start = {0.9, 0.4},
             .particles = 3,
             .targets = &target,
             .target_count = 1};
    rig_create(&r);
    uint64_t duration = 0, events = 0;
    for (int i = 0; i < 60 && events < 30; i++) {
        kr_view view = rig_advance(&r, 50);
        for (size_t e = 0; e < view.recent_count; e++, events++) {
            if (duration == 0) duration = view.recent[e].duration;
            assert_int_equal(view.recent[e].duration, duration);
        }
    }
    if (events < 30) fail_msg("%s %s: only %d passages", dynamics, parameters, (int)events);
    rig_destroy(&r);
}

static void ReturnToTheStartBeginsAfresh(void **state) {
    (void)state;
    for_all(true, check_return);
}

/* start() writes auxiliaries of the listed particles and nothing else that lasts. */
static void check_start(const char *dynamics, const char *parameters) {
    enum { N = 128, DIM = 2 };
    rig r = {.landscape = "himmelblau",
             .dynamics = dynamics,
             .dynamics_parameters = parameters,
             .noise = "isotropic",
             .particles = 1,
             .schedule_parameters = "lr=0.01"};
    rig_make(&r);
    static double memory[KR_MAX_AUXILIARIES + 5][DIM * N];
    kr_block block = {.n = N,
                      .dim = DIM,
                      .seed = 3,
                      .position = memory[0],
                      .gradient = memory[1],
                      .normal = memory[2],
                      .scratch = memory[3],
                      .noise_input = memory[4],
                      .landscape = &r.made_landscape,
                      .noise = &r.made_noise,
                      .kernels = r.registry->kernels};
    const uint32_t which[] = {0, 5, 63, 64, 127};
    size_t auxiliaries = kr_dynamics_auxiliaries(&r.made_dynamics);
    for (size_t i = 0; i < DIM * N; i++) block.position[i] = 0.01 * (double)i;
    for (size_t a = 0; a < auxiliaries; a++) {
        block.auxiliary[a] = memory[5 + a];
        for (size_t i = 0; i < DIM * N; i++) block.auxiliary[a][i] = 7;
        for (size_t i = 0; i < DIM; i++)
            for (size_t j = 0; j < 5; j++) block.auxiliary[a][i * N + which[j]] = 0;
    }
    kr_controls controls = {.step = 4, .learning_rate = 0.01, .root_rate = 0.1};
    if (r.made_dynamics.type->start) r.made_dynamics.type->start(&r.made_dynamics, &controls, &block, which, 5);
    for (size_t i = 0; i < DIM * N; i++) {
        bool listed = false;
        for (size_t j = 0; j < 5; j++) listed |= i % N == which[j];
        assert_true(block.position[i] == 0.01 * (double)i);
        for (size_t a = 0; a < auxiliaries; a++) assert_true(listed ? block.auxiliary[a][i] != 7 : block.auxiliary[a][i] == 7);
    }
    rig_destroy(&r);
}

static void StartTouchesWhatIsListed(void **state) {
    (void)state;
    for_all(false, check_start);
}

/* Amplitude after many steps without noise on V = k x^2/2 at eta = 0.04, in units of that at the start, and the highest on the way.
 */
static double amplitude_at(const char *dynamics, const char *parameters, double k, double start, double *peak) {
    char stiffness[64];
    snprintf(stiffness, sizeof stiffness, "stiffness=%.17g", k);
    rig r = {.landscape = "harmonic",
             .landscape_parameters = stiffness,
             .dynamics = dynamics,
             .dynamics_parameters = parameters,
             .schedule_parameters = "lr=0.04",
             .start = {start},
             .particles = 1};
    rig_create(&r);
    double highest = 0, last = 0;
    for (int i = 0; i < 4010; i++) {
        kr_view view = rig_advance(&r, 1);
        double now = view.diverged ? INFINITY : fabs(view.position[0]);
        highest = fmax(highest, now);
        if (i >= 4000) last = fmax(last, now); /* not at a node of an oscillation */
    }
    if (peak) *peak = highest / start;
    rig_destroy(&r);
    return last / start;
}

/* What is divided by stands still where epsilon is far above the gradients. */
static void check_preconditioned(const char *dynamics, const char *parameters, double limit) {
    const double epsilon = 1e6, start = 1e-14;
    char text[200];
    snprintf(text, sizeof text, "%s epsilon=%g", parameters, epsilon);
    double peak, below = amplitude_at(dynamics, text, 0.97 * limit / 0.04 * epsilon, start, NULL);
    amplitude_at(dynamics, text, 1.03 * limit / 0.04 * epsilon, start, &peak); /* later the gradients raise the divisor */
    if (!(below < 1 && peak > 1e6))
        fail_msg("%s %s: preconditioned limit %g, amplitudes %g and %g", dynamics, text, limit, below, peak);
}

static void check_stability(const char *dynamics, const char *parameters) {
    const kr_dynamics_type *type = type_of(dynamics);
    kr_settings settings = make_settings(&type->about, parameters);
    kr_dynamics made;
    kr_error error;
    require(kr_dynamics_create(&made, type, settings.values, &error), &error);
    double limit = type->stability_limit ? type->stability_limit(&made, 0.04) : 2, decay = kr_dynamics_weight_decay(&made);
    /* Some frictions follow the energy, which begins small; a distance that the step itself looks away has to be smaller. */
    const double small = kr_parameter_find(&type->about, "rho") ? 1 : 1e-3;
    if (isinf(limit)) { /* the longest steps do not grow */
        double amplitude = amplitude_at(dynamics, parameters, 1e4, small, NULL);
        if (!(amplitude < 1e6)) fail_msg("%s %s: without a limit, but the amplitude is %g", dynamics, parameters, amplitude);
    } else {
        double below = amplitude_at(dynamics, parameters, 0.97 * limit / 0.04 - decay, small, NULL);
        double beyond = amplitude_at(dynamics, parameters, 1.03 * limit / 0.04 - decay, small, NULL);
        if (!(below < 100 && beyond > 1e6))
            fail_msg("%s %s: limit %g, amplitudes %g and %g", dynamics, parameters, limit, below, beyond);
    }
    if (type->preconditioned_limit && type->preconditioned_limit(&made) < INFINITY && !strstr(parameters, "epsilon"))
        check_preconditioned(dynamics, parameters, type->preconditioned_limit(&made));
    kr_settings_destroy(&settings);
}

static void StableUpToItsLimitAndNotBeyond(void **state) {
    (void)state;
    for_all(true, check_stability);
}

/* The same bits from every instruction set and block size. */
static void check_bits(const char *dynamics, const char *parameters) {
    const kr_registry *registries[8];
    size_t available = kr_registry_available(registries, 8);
    double *first = NULL;
    for (size_t i = 0; i < available + 1; i++) {
        rig r = {.landscape = "himmelblau",
                 .dynamics = dynamics,
                 .dynamics_parameters = parameters,
                 .noise = "curvature",
                 .noise_parameters = "full=true",
                 .schedule_parameters = "lr=0.001",
                 .start = {0.5, 0.7},
                 .particles = 300,
                 .seed = 9,
                 .registry = registries[i < available ? i : 0],
                 .block_size = i < available ? 0 : 64};
        if (!rig_create_if_it_fits(&r)) {
            r.noise = r.noise_parameters = NULL;
            rig_create(&r);
        }
        kr_view view = rig_advance(&r, 25);
        double *copy = calloc(2 * 300, sizeof *copy);
        assert_non_null(copy);
        for (size_t d = 0; d < 2; d++) memcpy(copy + 300 * d, view.position + d * view.stride, 300 * sizeof *copy);
        if (first) assert_memory_equal(first, copy, 600 * sizeof *copy);
        if (first)
            free(copy);
        else
            first = copy;
        rig_destroy(&r);
    }
    free(first);
}

static void SameBitsFromEveryInstructionSet(void **state) {
    (void)state;
    for_all(false, check_bits);
}

/* Momentum as the papers write it, on V = 3 x^2/2 with a rate that drops. */
static double momentum_by_hand(bool sutskever, bool nesterov, double mu, double tau, int steps) {
    double x = 1, b = 0, v = 0;
    for (int k = 0; k < steps; k++) {
        double eta = k < 10 ? 0.05 : 0.05 * 0.3, weight = k == 0 ? 1 : 1 - tau;
        if (sutskever) {
            v = mu * v - eta * weight * 3 * (nesterov ? x + mu * v : x);
            x += v;
        } else {
            double g = 3 * x;
            b = mu * b + weight * g;
            x -= eta * (nesterov ? g + mu * b : b);
        }
    }
    return x;
}

static void MomentumIsWhatThePapersWrite(void **state) {
    (void)state;
    for (int sutskever = 0; sutskever < 2; sutskever++)
        for (int nesterov = 0; nesterov < 2; nesterov++)
            for (int damped = 0; damped < 2; damped++) {
                if (nesterov && damped && !sutskever) continue;
                char parameters[100];
                snprintf(parameters, sizeof parameters, "momentum=0.8 convention=%s nesterov=%s dampening=%s",
                         sutskever ? "sutskever" : "pytorch", nesterov ? "true" : "false", damped ? "0.4" : "0");
                rig r = {.landscape = "harmonic",
                         .landscape_parameters = "stiffness=3",
                         .dynamics = "momentum",
                         .dynamics_parameters = parameters,
                         .schedule = "step",
                         .schedule_parameters = "lr=0.05 every=10 factor=0.3",
                         .start = {1},
                         .particles = 2};
                rig_create(&r);
                for (int k = 1; k <= 19; k++) {
                    kr_view view = rig_advance(&r, 1);
                    assert_close(view.position[1], momentum_by_hand(sutskever, nesterov, 0.8, damped ? 0.4 : 0, k), 1e-13, 1e-15);
                }
                rig_destroy(&r);
            }
}

/* Velocities of both conventions mean the same, displacement over h. */
static void VelocityIsDisplacementPerTime(void **state) {
    (void)state;
    const char *const parameters[] = {"", "dampening=0.5", "convention=sutskever", "convention=sutskever nesterov=true"};
    for (int i = 0; i < 4; i++) {
        rig r = {.landscape = "himmelblau",
                 .dynamics = "momentum",
                 .dynamics_parameters = parameters[i],
                 .schedule_parameters = "lr=0.0004",
                 .start = {0.3, -0.7},
                 .particles = 1};
        rig_create(&r);
        double before = 0, velocity[2 * KR_GRANULE];
        for (int k = 0; k < 20; k++) {
            kr_view view = kr_ensemble_view(r.ensemble);
            before = view.position[view.stride];
            view = rig_advance(&r, 1);
            assert_int_equal(view.stride, KR_GRANULE);
            assert_true(kr_ensemble_velocity(&view, velocity));
            assert_close(velocity[view.stride], (view.position[view.stride] - before) / 0.02, 1e-10, 0);
        }
        rig_destroy(&r);
    }
}

/* Gradient evaluations. */
static const kr_landscape_type *counted;
static size_t evaluations;

static void counting_gradient(const kr_landscape *self, size_t n, const double *restrict x, double *restrict gradient) {
    evaluations++;
    counted->gradient(self, n, x, gradient);
}

static void OneGradientPerPosition(void **state) {
    (void)state;
    static const struct {
        const char *dynamics, *parameters;
        size_t per_step;
    } costs[] = {{"sgd", "", 1},
                 {"momentum", "nesterov=true convention=sutskever", 1},
                 {"hamiltonian", "", 1},
                 {"langevin", "", 1},
                 {"sghmc", "", 1},
                 {"sgnht", "", 1},
                 {"psgld", "", 1},
                 {"leimkuhler_matthews", "", 1},
                 {"microcanonical", "", 1},
                 {"hmc", "leapfrog=7", 8},
                 {"langevin", "splitting=OBABO", 1},
                 {"langevin", "splitting=ABOBA", 1},
                 {"langevin", "splitting=OABAO", 1},
                 {"langevin", "splitting=BAOA", 1},
                 {"langevin", "splitting=BOBAOABOB", 1},
                 {"langevin", "splitting=BABAB", 2},
                 {"langevin", "splitting=ABABA", 2},
                 {"langevin", "splitting=AABOBBA", 1},
                 {"adam", "", 1},
                 {"rmsprop", "centered=true momentum=0.9", 1},
                 {"lion", "", 1},
                 {"sam", "", 2}};
    for (size_t i = 0; i < sizeof costs / sizeof *costs; i++) {
        rig r = {.landscape = "himmelblau",
                 .dynamics = costs[i].dynamics,
                 .dynamics_parameters = costs[i].parameters,
                 .schedule_parameters = "lr=0.0001",
                 .particles = 1};
        rig_create(&r);
        counted = r.made_landscape.type;
        kr_landscape_type counting = *counted;
        counting.gradient = counting_gradient;
        r.made_landscape.type = &counting;
        evaluations = 0;
        rig_advance(&r, 100);
        if (evaluations != 100 * costs[i].per_step)
            fail_msg("%s %s: %zu evaluations", costs[i].dynamics, costs[i].parameters, evaluations);
        r.made_landscape.type = counted;
        rig_destroy(&r);
    }
}

static void refuse(const char *dynamics, const char *parameters, const char *named, const char *remedy) {
    const kr_dynamics_type *type = find_dynamics(best_registry(), dynamics);
    kr_settings settings = make_settings(&type->about, parameters);
    kr_dynamics made;
    kr_error error = {.message = "accepted"};
    kr_status status = kr_dynamics_create(&made, type, settings.values, &error);
    if (status != KR_BAD_ARGUMENT || !strstr(error.message, named) || !strstr(error.message, remedy))
        fail_msg("%s %s: %s", dynamics, parameters, error.message);
    kr_settings_destroy(&settings);
}

static void ParametersThatDoNotFitAreRefused(void **state) {
    (void)state;
    refuse("momentum", "nesterov=true momentum=0", "momentum = 0", "sutskever");
    refuse("momentum", "nesterov=true dampening=0.1", "dampening = 0.1", "sutskever");
    refuse("langevin", "splitting=BAXAB", "'X'", "BAOAB");
    refuse("langevin", "splitting=baoab", "'b'", "BAOAB");
    refuse("langevin", "splitting=BOB", "no A", "at least one A");
    refuse("langevin", "splitting=AO", "no B", "at least one A");
    refuse("langevin", "splitting=BAOOOOOOOOOOOOOOOOOOAB", "18 thermostats", "at most 17");
    refuse("langevin", "splitting=ABABABABABABABABABABABABABABABABABAB", "18 evaluations", "at most 17");
    refuse("langevin", "splitting=ABBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB", "56 letters", "at most 54");
}

static void TheEquationIsSaid(void **state) {
    (void)state;
    const kr_registry *registry = best_registry();
    for (size_t i = 0; registry->dynamics[i]; i++) {
        const kr_descriptor *about = &registry->dynamics[i]->about;
        if (!about->equation || !strchr(about->equation, '=')) fail_msg("%s has no equation", about->name);
        for (const char *c = about->equation; *c; c++) assert_true(*c == '\n' || (*c >= ' ' && *c <= '~'));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(WithoutNoiseItDescends),
        cmocka_unit_test(FiniteWithEveryNoise),
        cmocka_unit_test(ReturnToTheStartBeginsAfresh),
        cmocka_unit_test(StartTouchesWhatIsListed),
        cmocka_unit_test(StableUpToItsLimitAndNotBeyond),
        cmocka_unit_test(SameBitsFromEveryInstructionSet),
        cmocka_unit_test(MomentumIsWhatThePapersWrite),
        cmocka_unit_test(VelocityIsDisplacementPerTime),
        cmocka_unit_test(OneGradientPerPosition),
        cmocka_unit_test(ParametersThatDoNotFitAreRefused),
        cmocka_unit_test(TheEquationIsSaid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
