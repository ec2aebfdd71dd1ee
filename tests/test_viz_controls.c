/* The left column: a control for every parameter, that changes what it says; messages of changes that fail; buttons; scrolling.
 * With sanitizers, a third of the plug-ins in each test that goes through all. */
#include "controls_fixture.h"

#include "assert_close.h"
#include "controls/controls_panel.h"
#include "model/present.h"
#include "sanitized.h"

#include <math.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

static void open_desk(desk *d, const char *source, const char *override) {
    desk_open(d, source, &override, override ? 1 : 0, 700, 800, true, 1);
    desk_frame(d);
    desk_frame(d);
}

static void open_sections(desk *d) {
    for (int s = 0; s < KR_SECTION_COUNT; s++) d->controls->open[s] = true;
    desk_frame(d);
}

static bool is_drawn(const desk *d, const char *identity) {
    for (size_t i = 0; i < d->widgets.state.order_count; i++)
        if (!strncmp(d->widgets.state.order[i], identity, KR_IDENTITY - 1)) return true;
    return false;
}

static double number_of(const kr_settings *settings, const char *name) {
    return kr_get_by_name(settings->about, settings->values, name, NAN);
}

static const kr_scene *scene_of(const desk *d) {
    return &d->analysis->scene;
}

static void assert_all_rows(const desk *d, const char *prefix, const kr_descriptor *about) {
    char identity[128];
    for (const kr_parameter *row = about->parameters; row && row->name; row++) {
        snprintf(identity, sizeof identity, "controls.%s.%s%s", prefix, row->name,
                 row->type != KR_SCHEDULES ? ""
                 : row->flags & KR_SEVERAL ? ".1.name"
                                           : ".name");
        if (!is_drawn(d, identity)) fail_msg("there is no control %s", identity);
    }
}

static void every_parameter_has_a_control(void **state) {
    (void)state;
    const kr_registry *registry;
    assert_int_equal(kr_registry_find(NULL, &registry, NULL), KR_OK);
    const struct {
        const char *key;
        const void *list;
    } kinds[] = {{"landscape", registry->landscapes},
                 {"dynamics", registry->dynamics},
                 {"noise", registry->noises},
                 {"schedule", registry->schedules}};
    for (size_t k = 0; k < 4; k++)
        for (size_t i = 0; ((const kr_descriptor *const *)kinds[k].list)[i]; i++) {
            const kr_descriptor *const *about = (const kr_descriptor *const *)kinds[k].list + i;
            if (SANITIZED && i % 3 != 0) continue;
            desk d;
            char override[200];
            bool file = !strcmp((*about)->name, "surface"), sampled = !strcmp((*about)->name, "minibatch");
            /* microcanonical needs two dimensions, minibatches data */
            const char *const overrides[] = {override, "escape.until=[]",
                                             sampled ? "landscape.name=mean_of_quadratics" : "landscape.dim=2"};
            snprintf(override, sizeof override, "%s.name=%s", kinds[k].key, (*about)->name);
            desk_open(&d, file ? "digits" : "double_well", overrides, k == 1 || sampled ? 3 : 2, 700, 800, true, 1);
            desk_frame(&d);
            desk_frame(&d);
            open_sections(&d);
            assert_all_rows(&d, kinds[k].key, *about);
            assert_all_rows(&d, "schedule.warmup", &kr_warmup_descriptor);
            assert_true(is_drawn(&d, "controls.ensemble.particles") && is_drawn(&d, "controls.ensemble.steps") &&
                        is_drawn(&d, "controls.ensemble.seed") && is_drawn(&d, "controls.start"));
            desk_close(&d);
        }
}

/* Of a dynamics in a menu. */
static size_t place_of(const desk *d, const char *name) {
    const kr_registry *registry = scene_of(d)->registry;
    size_t place = 0;
    while (strcmp(registry->dynamics[place]->about.name, name) != 0) place++;
    return place;
}

static void keys_change_a_parameter(void **state) {
    (void)state;
    desk d;
    open_desk(&d, "double_well", NULL);
    uint64_t version = d.snapshot->version;
    desk_focus(&d, "controls.landscape.barrier");
    desk_key(&d, SDLK_RIGHT);
    double barrier = number_of(&scene_of(&d)->landscape, "barrier");
    assert_true(barrier > 1 && barrier < 1.2);
    assert_true(d.snapshot->version == version + 1);
    desk_frame(&d);
    assert_true(number_of(&d.controls->shown.landscape, "barrier") == barrier);
    /* The number is typed. */
    desk_key(&d, SDLK_RETURN);
    desk_type(&d, "1.75");
    desk_key(&d, SDLK_RETURN);
    assert_true(number_of(&scene_of(&d)->landscape, "barrier") == 1.75);
    /* A menu is opened and a name chosen. */
    desk_focus(&d, "controls.dynamics.name");
    desk_key(&d, SDLK_RETURN);
    for (size_t i = place_of(&d, "sgd"); i < place_of(&d, "sgld"); i++) desk_key(&d, SDLK_UP);
    desk_key(&d, SDLK_RETURN);
    assert_string_equal(scene_of(&d)->dynamics.about->name, "sgd");
    desk_frame(&d);
    assert_string_equal(d.controls->shown.dynamics.about->name, "sgd");
    desk_close(&d);
}

static void dragging_sends_at_most_one_change_a_frame(void **state) {
    (void)state;
    desk d;
    open_desk(&d, "double_well", NULL);
    desk_focus(&d, "controls.landscape.barrier");
    kr_rectangle area = d.widgets.state.focus_area;
    double y = area.y + area.height - 5, from = area.x + 0.5 * area.width;
    d.input.mouse = (kr_point){from, y};
    desk_frame(&d);
    d.input.pressed = d.input.down = true;
    desk_frame(&d);
    uint64_t before = d.snapshot->interventions;
    for (int i = 1; i <= 40; i++) {
        d.input.mouse.x = from + 2 * i;
        desk_frame(&d);
        assert_true(d.snapshot->interventions <= before + (uint64_t)i);
        assert_true(number_of(&d.controls->shown.landscape, "barrier") >= 1);
    }
    d.input.down = false;
    d.input.released = true;
    desk_frame(&d);
    desk_frame(&d);
    assert_true(d.snapshot->interventions > before + 20);
    double barrier = number_of(&scene_of(&d)->landscape, "barrier");
    assert_true(barrier > 3 && number_of(&d.controls->shown.landscape, "barrier") == barrier);
    desk_close(&d);
}

static void a_change_that_fails_is_explained_at_its_control(void **state) {
    (void)state;
    desk d;
    open_desk(&d, "muller_brown", NULL);
    assert_string_equal(scene_of(&d)->dynamics.about->name, "langevin");
    desk_focus(&d, "controls.dynamics.splitting");
    desk_key(&d, SDLK_RETURN);
    desk_type(&d, "XYZ");
    desk_key(&d, SDLK_RETURN);
    desk_frame(&d);
    assert_string_equal(d.controls->failed, "controls.dynamics.splitting");
    assert_non_null(strstr(d.controls->message, "XYZ"));
    assert_false(d.controls->message_is_good);
    char *const *splitting = (void *)((char *)d.controls->shown.dynamics.values +
                                      kr_parameter_find(d.controls->shown.dynamics.about, "splitting")->offset);
    assert_string_equal(*splitting, "BAOAB");
    for (int i = 0; i < 600; i++) desk_frame(&d); /* ten seconds */
    assert_int_equal(d.controls->failed[0], 0);
    desk_close(&d);
}

static void buttons_do_what_they_say(void **state) {
    (void)state;
    desk d;
    open_desk(&d, "warm_restarts", NULL);
    for (int i = 0; i < 20; i++) desk_frame(&d);
    uint64_t generation = d.snapshot->generation, step = d.snapshot->step;
    double rate = d.snapshot->learning_rate;
    desk_focus(&d, "controls.restart");
    desk_key(&d, SDLK_SPACE);
    assert_true(d.snapshot->generation == generation && d.snapshot->step > step && d.snapshot->learning_rate > rate);
    desk_focus(&d, "controls.reset");
    desk_key(&d, SDLK_SPACE);
    assert_true(d.snapshot->generation == generation + 1 && d.snapshot->step <= 1);
    /* What something else has to say later is not the button's. */
    uint64_t messages = d.snapshot->message_number;
    desk_frame(&d);
    assert_true(kr_simulation_save(d.simulation, "/nowhere/session.h5"));
    desk_frame(&d);
    desk_frame(&d);
    assert_true(d.snapshot->message_number > messages);
    assert_int_equal(d.controls->failed[0], 0);
    desk_focus(&d, "controls.seed");
    desk_key(&d, SDLK_SPACE);
    assert_int_equal(kr_scene_ensemble(scene_of(&d))->seed, 2);
    assert_true(d.snapshot->generation == generation + 2);
    desk_focus(&d, "controls.undo");
    desk_key(&d, SDLK_SPACE);
    assert_int_equal(kr_scene_ensemble(scene_of(&d))->seed, 1);
    desk_close(&d);
}

static void the_scene_is_saved(void **state) {
    (void)state;
    desk d;
    kr_scene saved;
    kr_error error;
    char directory[] = "/tmp/kramers-controls-XXXXXX", home[1000];
    assert_non_null(mkdtemp(directory));
    assert_non_null(getcwd(home, sizeof home));
    open_desk(&d, "double_well", "landscape.tilt=0.125");
    assert_int_equal(chdir(directory), 0);
    desk_focus(&d, "controls.save");
    desk_key(&d, SDLK_SPACE);
    desk_key(&d, SDLK_SPACE);
    assert_true(d.controls->message_is_good);
    assert_non_null(strstr(d.controls->message, "kramers_scene_2.yaml"));
    for (int i = 0; i < 2; i++) {
        const char *name = i ? "kramers_scene_2.yaml" : "kramers_scene.yaml";
        require(kr_scene_load(&saved, scene_of(&d)->registry, name, NULL, 0, &error), &error);
        assert_true(number_of(&saved.landscape, "tilt") == 0.125);
        kr_scene_destroy(&saved);
        assert_int_equal(unlink(name), 0);
    }
    /* A name that is a link is left alone, wherever it leads; what does not fit leaves nothing, and says why. */
    assert_int_equal(symlink("elsewhere", "kramers_scene.yaml"), 0);
    desk_key(&d, SDLK_SPACE);
    assert_non_null(strstr(d.controls->message, "kramers_scene_2.yaml"));
    assert_int_not_equal(access("elsewhere", F_OK), 0);
    const struct rlimit none = {.rlim_cur = 0, .rlim_max = RLIM_INFINITY};
    struct rlimit before;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    desk_key(&d, SDLK_SPACE);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_false(d.controls->message_is_good);
    assert_non_null(strstr(d.controls->message, "kramers_scene_3.yaml could not be written: File too large"));
    assert_int_equal(unlink("kramers_scene.yaml"), 0);
    assert_int_equal(unlink("kramers_scene_2.yaml"), 0);
    assert_int_equal(chdir(home), 0);
    assert_int_equal(rmdir(directory), 0);
    desk_close(&d);
}

static void dynamics_are_compared(void **state) {
    (void)state;
    desk d;
    open_desk(&d, "double_well", NULL);
    open_sections(&d);
    static const char *const added[KR_MAX_COMPARE] = {"langevin", "momentum", "sgd"};
    for (size_t n = 1; n <= KR_MAX_COMPARE; n++) {
        desk_focus(&d, "controls.compare.add");
        desk_key(&d, SDLK_RETURN);
        for (size_t i = 0; i <= 2 + place_of(&d, added[n - 1]); i++) desk_key(&d, SDLK_DOWN);
        desk_key(&d, SDLK_RETURN);
        desk_frame(&d);
        assert_int_equal(d.snapshot->variants, n + 1);
        assert_int_equal(d.controls->shown.compare_count, n);
    }
    assert_false(is_drawn(&d, "controls.compare.add"));
    assert_string_equal(scene_of(&d)->compare[0].own[KR_COMPARED_DYNAMICS].about->name, "langevin");
    assert_string_equal(scene_of(&d)->compare[1].own[KR_COMPARED_DYNAMICS].about->name, "momentum");
    assert_string_equal(scene_of(&d)->compare[2].own[KR_COMPARED_DYNAMICS].about->name, "sgd");
    desk_focus(&d, "controls.compare.1.momentum");
    desk_key(&d, SDLK_LEFT);
    double momentum = number_of(&scene_of(&d)->compare[1].own[KR_COMPARED_DYNAMICS], "momentum");
    assert_true(momentum < 0.9 && momentum > 0.5);
    desk_focus(&d, "controls.compare.0.remove");
    desk_key(&d, SDLK_SPACE);
    desk_frame(&d);
    assert_int_equal(d.snapshot->variants, 3);
    assert_string_equal(scene_of(&d)->compare[0].own[KR_COMPARED_DYNAMICS].about->name, "momentum");
    assert_true(number_of(&scene_of(&d)->compare[0].own[KR_COMPARED_DYNAMICS], "momentum") == momentum);
    desk_close(&d);
}

/* The whole window but its bar. */
static void draw_all(desk *d) {
    kr_landscape_panel *landscape;
    kr_instruments *instruments;
    kr_error error;
    require(kr_landscape_panel_create(&landscape, &error), &error);
    require(kr_instruments_create(&instruments, &error), &error);
    desk_frame(d);
    const kr_frame frame = desk_begin(d);
    kr_landscape_panel_draw(landscape, &frame, (kr_rectangle){280, 0, 420, 500});
    kr_instruments_draw(instruments, &frame, (kr_rectangle){280, 0, 330, 800});
    kr_widgets_end(&d->widgets);
    kr_instruments_destroy(instruments);
    kr_landscape_panel_destroy(landscape);
}

/* Every landscape of the menu comes with a learning rate and a temperature at which it can be looked at. */
static void landscapes_are_chosen(void **state) {
    (void)state;
    desk d;
    open_desk(&d, "double_well", NULL);
    const kr_registry *registry = scene_of(&d)->registry;
    for (const kr_landscape_type *const *type = registry->landscapes; *type; type++) {
        if (SANITIZED && (type - registry->landscapes) % 3 != 1) continue;
        desk_focus(&d, "controls.landscape.name");
        desk_key(&d, SDLK_RETURN);
        desk_key(&d, SDLK_HOME);
        for (const kr_landscape_type *const *before = registry->landscapes; before != type; before++) desk_key(&d, SDLK_DOWN);
        desk_key(&d, SDLK_RETURN);
        desk_frame(&d);
        if (d.controls->failed[0]) fail_msg("%s: %s", (*type)->about.name, d.controls->message);
        assert_string_equal(scene_of(&d)->landscape.about->name, (*type)->about.name);
        kr_error error;
        bool passes = (*type)->data; /* a step is a pass over data for each particle */
        require(kr_simulation_run_steps(d.simulation, passes ? 1 : SANITIZED ? 20 : 500, &error), &error);
        desk_look(&d);
        draw_all(&d);
        if (d.snapshot->diverged) fail_msg("%s diverged", (*type)->about.name);
        assert_int_equal(d.snapshot->variant[0].diverged, 0);
    }
    desk_close(&d);
}

/* A noise model of the menu, which has one entry above those of the registry where there are several, or one is to be added. */
static void choose_noise(desk *d, const char *identity, const char *name, bool one_above) {
    desk_focus(d, identity);
    desk_key(d, SDLK_RETURN);
    desk_key(d, SDLK_HOME);
    if (one_above) desk_key(d, SDLK_DOWN);
    for (const kr_noise_type *const *type = scene_of(d)->registry->noises; strcmp((*type)->about.name, name) != 0; type++)
        desk_key(d, SDLK_DOWN);
    desk_key(d, SDLK_RETURN);
    desk_frame(d);
    if (d->controls->failed[0]) fail_msg("%s: %s", name, d->controls->message);
}

/* A list of noise models has every parameter of each; the menu adds one more, and goes back to one. */
static void noise_models_are_added(void **state) {
    (void)state;
    desk d;
    open_desk(&d, "double_well", "noise=[{name: isotropic, sigma: 2}, levy]");
    open_sections(&d);
    assert_all_rows(&d, "noise", scene_of(&d)->noise.about);
    assert_true(is_drawn(&d, "controls.noise.isotropic.sigma") && is_drawn(&d, "controls.noise.levy.alpha"));
    choose_noise(&d, "controls.noise.add", "pulse", true);
    assert_string_equal(scene_of(&d)->noise.about->name, "isotropic + levy + pulse");
    assert_true(number_of(&scene_of(&d)->noise, "isotropic.sigma") == 2);
    choose_noise(&d, "controls.noise.name", "coloured", true);
    assert_string_equal(scene_of(&d)->noise.about->name, "coloured");
    choose_noise(&d, "controls.noise.add", "student_t", true);
    assert_string_equal(scene_of(&d)->noise.about->name, "coloured + student_t");
    desk_close(&d);
}

/* The entry of this number of an open or closed menu. */
static void choose_entry(desk *d, const char *identity, size_t place) {
    desk_focus(d, identity);
    desk_key(d, SDLK_RETURN);
    desk_key(d, SDLK_HOME);
    for (size_t i = 0; i < place; i++) desk_key(d, SDLK_DOWN);
    desk_key(d, SDLK_RETURN);
    desk_frame(d);
}

/* Every dynamics, noise and schedule is chosen by its menu, and is shown; none is refused on this landscape. */
static void every_plugin_is_chosen(void **state) {
    (void)state;
    const kr_registry *registry;
    assert_int_equal(kr_registry_find(NULL, &registry, NULL), KR_OK);
    const struct {
        const char *identity;
        const void *list;
        size_t settings;
    } kinds[] = {{"controls.dynamics.name", registry->dynamics, offsetof(kr_scene, dynamics)},
                 {"controls.noise.name", registry->noises, offsetof(kr_scene, noise)},
                 {"controls.schedule.name", registry->schedules, offsetof(kr_scene, schedule)}};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        desk d;
        const kr_descriptor *const *list = kinds[k].list;
        desk_open(&d, "muller_brown", (const char *const[]){"ensemble.particles=64"}, 1, 700, 800, k % 2, 1);
        desk_frame(&d);
        open_sections(&d);
        size_t refused = 0, sampled = 0;
        for (size_t i = 0; list[i]; i++) {
            if (SANITIZED && i % 3 != 2) continue;
            choose_entry(&d, kinds[k].identity, i);
            const kr_settings *now = (const kr_settings *)(const void *)((const char *)scene_of(&d) + kinds[k].settings);
            bool chosen = !strcmp(now->about->name, list[i]->name);
            if (!chosen && !d.controls->failed[0]) fail_msg("%s: %s is not chosen", kinds[k].identity, list[i]->name);
            if (!chosen) print_message("%s: %s\n", list[i]->name, d.controls->message);
            refused += !chosen;
            sampled += !strcmp(list[i]->name, "minibatch"); /* this landscape is no mean over data */
            draw_all(&d);
        }
        assert_int_equal(refused, sampled);
        desk_close(&d);
    }
}

static double driven_value(const desk *d, const char *name) {
    double value = NAN;
    if (!kr_present_value(d->analysis, 0, name, d->snapshot->step, &value)) fail_msg("%s is not driven", name);
    return value;
}

static size_t count_schedules(const kr_registry *registry) {
    size_t count = 0;
    while (registry->schedules[count]) count++;
    return count;
}

/* A number follows every schedule of its menu, whose parameters have controls, and is constant again with the value that it has. */
static void a_number_follows_schedules(void **state) {
    (void)state;
    desk d;
    desk_open(&d, "double_well", (const char *const[]){"ensemble.particles=64", "compare=[{name: langevin}]"}, 2, 700, 800, true,
              1);
    desk_frame(&d);
    open_sections(&d);
    const kr_registry *registry = scene_of(&d)->registry;
    static const char *const numbers[] = {"landscape.barrier", "dynamics.temperature", "landscape.tilt"};
    for (size_t n = 0; n < (SANITIZED ? 1 : 3); n++)
        for (size_t i = 0; registry->schedules[i]; i++) {
            char follow[64], constant[64], name[64], prefix[64];
            snprintf(follow, sizeof follow, "controls.%s.follow", numbers[n]);
            snprintf(constant, sizeof constant, "controls.%s.constant", numbers[n]);
            snprintf(name, sizeof name, "controls.%s.name", numbers[n]);
            choose_entry(&d, follow, i);
            if (d.controls->failed[0]) fail_msg("%s, %s: %s", numbers[n], registry->schedules[i]->about.name, d.controls->message);
            assert_true(is_drawn(&d, name) && is_drawn(&d, constant) && !is_drawn(&d, follow));
            const kr_settings *section = n == 1 ? &scene_of(&d)->dynamics : &scene_of(&d)->landscape;
            const kr_parameter *row = kr_parameter_find(section->about, strchr(numbers[n], '.') + 1);
            const kr_settings *child = kr_settings_child(section, row, NULL);
            assert_non_null(child);
            assert_string_equal(child->about->name, registry->schedules[i]->about.name);
            snprintf(prefix, sizeof prefix, "%s", numbers[n]);
            if (strcmp(child->about->name, "sequence") != 0) assert_all_rows(&d, prefix, child->about);
            draw_all(&d);
            desk_focus(&d, constant);
            double before = driven_value(&d, numbers[n]);
            desk_key(&d, SDLK_SPACE); /* the frame does a step before it can be looked at */
            desk_frame(&d);
            section = n == 1 ? &scene_of(&d)->dynamics : &scene_of(&d)->landscape;
            assert_null(kr_settings_child(section, row, NULL));
            assert_close(kr_get_number(section, row), before, 1e-12, 0);
            assert_true(is_drawn(&d, follow));
        }
    /* Of a compared dynamics too; another schedule by its menu, and a slider of it. */
    choose_entry(&d, "controls.compare.0.friction.follow", 0);
    if (d.controls->failed[0]) fail_msg("%s", d.controls->message);
    choose_entry(&d, "controls.compare.0.friction.name", 1);
    assert_string_equal(scene_of(&d)->compare[0].own[KR_COMPARED_DYNAMICS].child[0].settings.about->name,
                        registry->schedules[1]->about.name);
    desk_focus(&d, "controls.compare.0.friction.value");
    desk_key(&d, SDLK_RIGHT);
    desk_frame(&d);
    assert_true(number_of(&scene_of(&d)->compare[0].own[KR_COMPARED_DYNAMICS].child[0].settings, "value") > 1);
    desk_focus(&d, "controls.compare.0.friction.constant");
    desk_key(&d, SDLK_SPACE);
    desk_frame(&d);
    assert_int_equal(scene_of(&d)->compare[0].own[KR_COMPARED_DYNAMICS].child_count, 0);
    desk_close(&d);
}

/* Batch size and weight decay follow the learning rate by the menu's last entries, and stop to. */
static void a_number_keeps_invariants(void **state) {
    (void)state;
    desk d;
    desk_open(&d, "double_well",
              (const char *const[]){"dynamics={name: momentum, weight_decay: 0.1}", "noise={name: isotropic, sigma: 2}",
                                    "schedule={name: cosine, lr: 0.01, lr_min: 0.001, steps: 100}", "ensemble.particles=64"},
              4, 700, 800, false, 1);
    desk_frame(&d);
    open_sections(&d);
    size_t first = count_schedules(scene_of(&d)->registry);
    const struct {
        const char *key;
        size_t entry;
        const char *invariant;
    } kept[] = {{"dynamics.weight_decay", first, "lr*dynamics.weight_decay"},
                {"noise.batch_size", first + 1, "lr/noise.batch_size"},
                {"dynamics.momentum", first + 2, "friction"},
                {"noise.sigma", first, "lr*noise.sigma"},
                {"noise.batch_size", first + 2, "temperature"}};
    char identity[64];
    for (size_t i = 0; i < 5; i++) {
        if (i == 4) { /* the batch size is taken: it goes first, and comes back for the temperature */
            desk_focus(&d, "controls.noise.batch_size.constant");
            desk_key(&d, SDLK_SPACE);
            desk_frame(&d);
            assert_int_equal(scene_of(&d)->keep_count, 3);
        }
        snprintf(identity, sizeof identity, "controls.%s.follow", kept[i].key);
        choose_entry(&d, identity, kept[i].entry);
        if (d.controls->failed[0]) fail_msg("%s: %s", kept[i].key, d.controls->message);
        const kr_scene *scene = scene_of(&d);
        assert_string_equal(scene->keep[scene->keep_count - 1].invariant, kept[i].invariant);
        assert_false(is_drawn(&d, identity));
        driven_value(&d, kept[i].key);
        draw_all(&d);
    }
    assert_int_equal(scene_of(&d)->keep_count, 4);
    desk_close(&d);
}

static void points_of_a_spline(void **state) {
    (void)state;
    desk d;
    open_desk(&d, "spline", NULL);
    for (int round = 0; round < 70; round++) {
        desk_focus(&d, "controls.points.add");
        desk_key(&d, SDLK_SPACE);
        if (d.controls->failed[0]) fail_msg("%s", d.controls->message);
        if (!is_drawn(&d, "controls.points.add")) break;
    }
    assert_int_equal(((const kr_list *)d.controls->shown.landscape.values)->count, 64);
    for (int round = 0; round < 70 && is_drawn(&d, "controls.points.remove"); round++) {
        desk_focus(&d, "controls.points.remove");
        desk_key(&d, SDLK_SPACE);
        if (d.controls->failed[0]) fail_msg("%s", d.controls->message);
        desk_frame(&d);
    }
    assert_int_equal(((const kr_list *)d.controls->shown.landscape.values)->count, 4);
    desk_close(&d);
}

static void the_kind_of_target_and_of_start_is_chosen(void **state) {
    (void)state;
    desk d;
    open_desk(&d, "muller_brown", NULL);
    open_sections(&d);
    for (int kind = 4; kind >= 0; kind--) { /* near a minimum ... nobody */
        desk_focus(&d, "controls.until");
        desk_key(&d, SDLK_RETURN);
        desk_key(&d, SDLK_HOME);
        for (int i = 0; i < kind; i++) desk_key(&d, SDLK_DOWN);
        desk_key(&d, SDLK_RETURN);
        desk_frame(&d);
        if (d.controls->failed[0]) fail_msg("%s", d.controls->message);
        const kr_target *t = scene_of(&d)->targets;
        assert_int_equal(scene_of(&d)->target_count, kind > 0);
        if (kind == 0) break;
        assert_int_equal(isfinite(t->above), kind == 1 || kind == 3);
        assert_int_equal(isfinite(t->below), kind == 2 || kind == 3);
        assert_int_equal(t->radius > 0, kind == 4);
        assert_int_equal(is_drawn(&d, "controls.escape.until.above"), kind == 1 || kind == 3);
        assert_int_equal(is_drawn(&d, "controls.escape.until.radius"), kind == 4);
    }
    for (int kind = 2; kind >= 0; kind--) {
        desk_focus(&d, "controls.start");
        desk_key(&d, SDLK_RETURN);
        desk_key(&d, SDLK_HOME);
        for (int i = 0; i < kind; i++) desk_key(&d, SDLK_DOWN);
        desk_key(&d, SDLK_RETURN);
        desk_frame(&d);
        if (d.controls->failed[0]) fail_msg("%s", d.controls->message);
        assert_int_equal(scene_of(&d)->start.kind, kind);
    }
    desk_focus(&d, "controls.ensemble.start.minimum");
    desk_key(&d, SDLK_END);
    assert_int_equal(scene_of(&d)->start.minimum, 2); /* there are three */
    desk_close(&d);
}

static void the_keyboard_scrolls(void **state) {
    (void)state;
    desk d;
    open_desk(&d, "muller_brown", NULL);
    open_sections(&d);
    assert_true(d.controls->content > d.controls->view.height);
    desk_key(&d, SDLK_TAB);
    size_t count = d.widgets.state.order_count;
    for (size_t i = 0; i < count; i++) {
        desk_key(&d, SDLK_TAB);
        desk_frame(&d);
        kr_rectangle at = d.widgets.state.focus_area, view = d.controls->view;
        if (strncmp(d.widgets.focus, "controls.", 9)) continue;
        if (at.y < view.y - 1 || at.y + at.height > view.y + view.height + 1) fail_msg("%s is not in view", d.widgets.focus);
    }
    d.input.mouse = (kr_point){3, 400};
    d.input.wheel = 100;
    desk_frame(&d);
    assert_true(d.controls->scroll == 0);
    d.input.wheel = -1;
    desk_frame(&d);
    assert_true(d.controls->scroll > 20);
    d.input.wheel = -1000;
    desk_frame(&d);
    assert_true(fabs(d.controls->scroll - (d.controls->content - d.controls->view.height)) <= 1);
    desk_close(&d);
}

static void a_file_s_settings_are_only_looked_at(void **state) {
    (void)state;
    desk d;
    open_desk(&d, "double_well", NULL);
    kr_simulation *simulation = d.simulation;
    d.input.seconds += 1;
    kr_widgets_begin(&d.widgets, &d.canvas, d.fonts, &d.theme, &d.input);
    kr_frame frame = {.canvas = &d.canvas,
                      .fonts = d.fonts,
                      .theme = &d.theme,
                      .widgets = &d.widgets,
                      .snapshot = d.snapshot,
                      .analysis = d.analysis};
    kr_controls_panel_draw(d.controls, &frame, (kr_rectangle){0, 0, 280, 800});
    kr_widgets_end(&d.widgets);
    assert_false(is_drawn(&d, "controls.landscape.barrier"));
    assert_true(is_drawn(&d, "controls.section.0"));
    d.simulation = simulation;
    desk_close(&d);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_parameter_has_a_control),
        cmocka_unit_test(keys_change_a_parameter),
        cmocka_unit_test(dragging_sends_at_most_one_change_a_frame),
        cmocka_unit_test(a_change_that_fails_is_explained_at_its_control),
        cmocka_unit_test(buttons_do_what_they_say),
        cmocka_unit_test(the_scene_is_saved),
        cmocka_unit_test(dynamics_are_compared),
        cmocka_unit_test(landscapes_are_chosen),
        cmocka_unit_test(noise_models_are_added),
        cmocka_unit_test(points_of_a_spline),
        cmocka_unit_test(every_plugin_is_chosen),
        cmocka_unit_test(a_number_follows_schedules),
        cmocka_unit_test(a_number_keeps_invariants),
        cmocka_unit_test(the_kind_of_target_and_of_start_is_chosen),
        cmocka_unit_test(the_keyboard_scrolls),
        cmocka_unit_test(a_file_s_settings_are_only_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
