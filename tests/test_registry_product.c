/* Every dynamics with every gradient noise on every landscape of the registry: it takes steps, or is refused with the reason and a
 * remedy. A new plug-in is among them at once. */
#include "plugin_setup.h"

#include <kramers/model.h>

#include <math.h>
#include <stdlib.h>

enum { PARTICLES = 65, STEPS = 3, MOST_COORDINATES = 64, MOST_DYNAMICS = 64 };

/* What landscapes need beyond their defaults, and a further set for some. */
static const struct {
    const char *landscape, *parameters;
} given[] = {
    {"surface", "file=data/digits_three_minima.h5"},
    {"table", "points=[-1,1,0,0,1,1,2,3]"},
    {"double_well", "dim=3"},
    {"harmonic", "dim=40"},
    {"gaussian_mixture", "dim=1"},
    {"network", "data=moons points=40 hidden=[3]"},
};
enum { GIVEN = sizeof given / sizeof *given };

typedef struct tally {
    size_t ran, refused;
    size_t of_dynamics[MOST_DYNAMICS]; /* that ran */
} tally;

static kr_schedule make_schedule(kr_settings *settings) {
    const kr_schedule_type *type = find_schedule(best_registry(), "constant");
    kr_schedule schedule;
    kr_error error;
    *settings = make_settings(&type->about, "lr=0.00001");
    require(kr_schedule_create(&schedule, settings, NULL, (kr_warmup){0, 1}, 0, &error), &error);
    return schedule;
}

static void check_refusal(const char *message, const char *dynamics, const char *noise) {
    if (strlen(message) < 60 || !strstr(message, dynamics) || !strchr(message, '.'))
        fail_msg("%s with %s is refused without a reason and a remedy: %s", dynamics, noise, message);
}

/* Whether a particle is where it began. */
static bool rests(const kr_view *view, const double *start, size_t p) {
    for (size_t i = 0; i < view->dim; i++)
        if (view->position[i * view->stride + p] != start[i]) return false;
    return true;
}

/* All particles are somewhere else after some steps, and finite. */
static void check_steps(kr_ensemble *ensemble, const double *start, const char *what) {
    kr_error error;
    require(kr_ensemble_advance(ensemble, STEPS, &error), &error);
    kr_view view = kr_ensemble_view(ensemble);
    if (view.step != STEPS || view.diverged) fail_msg("%s: %d of %d particles diverge", what, (int)view.diverged, PARTICLES);
    for (size_t i = 0; i < view.dim; i++)
        for (size_t p = 0; p < PARTICLES; p++)
            if (!isfinite(view.position[i * view.stride + p])) fail_msg("%s: particle %zu is not finite", what, p);
    for (size_t p = 0; p < PARTICLES; p++)
        if (rests(&view, start, p)) fail_msg("%s: particle %zu rests", what, p);
}

static void try_one(const kr_ensemble_setup *setup, tally *count) {
    kr_ensemble *ensemble;
    kr_error error = {.message = ""};
    const char *dynamics = setup->dynamics->type->about.name, *noise = setup->noise->type->about.name;
    char what[200];
    snprintf(what, sizeof what, "%s with %s on %s", dynamics, noise, setup->landscape->type->about.name);
    kr_status status = kr_ensemble_create(&ensemble, setup, &error);
    if (status != KR_OK) {
        assert_int_equal(status, KR_BAD_ARGUMENT);
        assert_null(ensemble);
        check_refusal(error.message, dynamics, noise);
        count->refused++;
        return;
    }
    check_steps(ensemble, setup->start, what);
    kr_ensemble_destroy(ensemble);
    count->ran++;
}

static void all_dynamics(const kr_registry *registry, const kr_landscape *landscape, const kr_noise *noise, tally *count) {
    double start[MOST_COORDINATES];
    kr_settings of_schedule;
    kr_schedule schedule = make_schedule(&of_schedule);
    for (size_t i = 0; i < MOST_COORDINATES; i++) start[i] = 0.3 + 0.01 * (double)(i % 7);
    for (size_t d = 0; registry->dynamics[d]; d++) {
        kr_settings settings = make_settings(&registry->dynamics[d]->about, "");
        kr_dynamics dynamics;
        kr_error error;
        require(kr_dynamics_create(&dynamics, registry->dynamics[d], settings.values, &error), &error);
        kr_ensemble_setup setup = {.registry = registry,
                                   .landscape = landscape,
                                   .noise = noise,
                                   .dynamics = &dynamics,
                                   .schedule = &schedule,
                                   .start = start,
                                   .particles = PARTICLES,
                                   .seed = 5,
                                   .threads = 1};
        size_t before = count->ran;
        try_one(&setup, count);
        assert_true(d < MOST_DYNAMICS);
        count->of_dynamics[d] += count->ran - before;
        kr_settings_destroy(&settings);
    }
    kr_schedule_destroy(&schedule);
    kr_settings_destroy(&of_schedule);
}

static size_t dynamics_of(const kr_registry *registry) {
    size_t count = 0;
    while (registry->dynamics[count]) count++;
    return count;
}

static void all_noises(const kr_registry *registry, const kr_landscape_type *type, const char *parameters, tally *count) {
    kr_landscape landscape;
    kr_error error;
    kr_settings settings = make_settings(&type->about, parameters);
    kr_status status = kr_landscape_create(&landscape, type, settings.values, KR_SOURCE_DIRECTORY, 0, &error);
    if (status != KR_OK) fail_msg("landscape %s needs parameters, put some into `given`: %s", type->about.name, error.message);
    if (landscape.dim > MOST_COORDINATES) fail_msg("landscape %s has %zu coordinates: too many", type->about.name, landscape.dim);
    for (size_t n = 0; registry->noises[n]; n++)
        for (int full = 0; full < 2; full++) {
            const kr_descriptor *about = &registry->noises[n]->about;
            if (full && !kr_parameter_find(about, "full")) continue;
            kr_settings of_noise = make_settings(about, full ? "full=true" : "");
            kr_noise noise;
            require(kr_noise_create(&noise, registry->noises[n], of_noise.values, landscape.dim, &error), &error);
            size_t before = count->ran;
            bool fits = kr_noise_fits(&noise, &landscape, &error) == KR_OK;
            if (fits)
                all_dynamics(registry, &landscape, &noise, count);
            else
                assert_true(strstr(error.message, about->name) && strstr(error.message, type->about.name));
            if (fits && 2 * (count->ran - before) < dynamics_of(registry))
                fail_msg("%s on %s: most are refused", about->name, type->about.name);
            kr_noise_destroy(&noise);
            kr_settings_destroy(&of_noise);
        }
    kr_landscape_destroy(&landscape);
    kr_settings_destroy(&settings);
}

static bool needs_more(const kr_landscape_type *type) {
    return !strcmp(type->about.name, "surface") || !strcmp(type->about.name, "table") || !strcmp(type->about.name, "network");
}

static void every_product_runs_or_says_why_not(void **state) {
    (void)state;
    const kr_registry *registry = best_registry();
    tally count = {0};
    for (size_t l = 0; registry->landscapes[l]; l++) {
        const kr_landscape_type *type = registry->landscapes[l];
        if (!needs_more(type)) all_noises(registry, type, "", &count);
        for (size_t g = 0; g < GIVEN; g++)
            if (!strcmp(given[g].landscape, type->about.name)) all_noises(registry, type, given[g].parameters, &count);
    }
    print_message("%zu run, %zu are refused\n", count.ran, count.refused);
    assert_true(count.refused > 0);
    for (size_t d = 0; registry->dynamics[d]; d++)
        if (!count.of_dynamics[d]) fail_msg("%s runs nowhere", registry->dynamics[d]->about.name);
}

/* In a scene the place is said, too. */
static void a_scene_says_where(void **state) {
    (void)state;
    static const char *const scenes[] = {
        "dynamics: {name: hmc}\nnoise: {name: isotropic}",
        "dynamics: {name: microcanonical}\nlandscape: {name: washboard}",
        "dynamics: {name: sgnht}\nnoise: {name: levy}",
    };
    for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++) {
        kr_scene scene;
        kr_model model;
        kr_error error;
        require(kr_scene_parse(&scene, best_registry(), "here", NULL, scenes[i], NULL, 0, &error), &error);
        assert_int_equal(kr_model_create(&model, &scene, &error), KR_BAD_ARGUMENT);
        if (strncmp(error.message, "here:1:", 7) != 0 || !strstr(error.message, "dynamics")) fail_msg("%s", error.message);
        kr_scene_destroy(&scene);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_product_runs_or_says_why_not),
        cmocka_unit_test(a_scene_says_where),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
