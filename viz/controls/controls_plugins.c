/* Landscape, dynamics, noise and schedule: a menu of the registry's names, and the parameters of the one that is chosen. */
#include "controls_panel.h"

#include <kramers/landscape_scales.h>
#include <kramers/number_text.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct plugin {
    kr_controls_section section;
    kr_controls_menu menu;
    const char *key, *title, *tip;
    kr_settings *settings;
    const void *list;
} plugin;

static void append(char *text, size_t size, const char *line) {
    size_t used = strlen(text);
    if (used + 1 < size) snprintf(text + used, size - used, "%s", line);
}

static void append_number(char *text, size_t size, const char *key, double value) {
    char number[KR_NUMBER_TEXT], line[160];
    snprintf(line, sizeof line, "\n%s=%s", key, kr_number_text(value, number));
    append(text, size, line);
}

static void append_temperature(const kr_controls_panel *panel, double temperature, char *text, size_t size) {
    if (kr_parameter_find(panel->shown.dynamics.about, "temperature"))
        append_number(text, size, "dynamics.temperature", temperature);
    for (size_t i = 0; i < panel->shown.compare_count; i++) {
        char key[64];
        snprintf(key, sizeof key, "compare.%zu.temperature", i);
        if (kr_parameter_find(panel->shown.compare[i].about, "temperature")) append_number(text, size, key, temperature);
    }
}

static double two_digits(double value) {
    double unit = pow(10, floor(log10(value)) - 1);
    return floor(value / unit) * unit;
}

static kr_landscape_scales scales_of(const kr_settings *settings, const char *directory) {
    kr_landscape landscape;
    kr_landscape_scales scales = {NAN, NAN};
    const kr_landscape_type *type = (const kr_landscape_type *)(const void *)settings->about;
    if (kr_landscape_create(&landscape, type, settings->values, directory, 0, NULL) != KR_OK) return scales;
    scales = kr_landscape_scales_find(&landscape);
    kr_landscape_destroy(&landscape);
    return scales;
}

static void append_start(const kr_start *start, char *text, size_t size) {
    append(text, size, "\nensemble.start=");
    size_t used = strlen(text);
    FILE *out = used + 1 < size ? fmemopen(text + used, size - used, "w") : NULL;
    if (!out) return;
    kr_scene_start_print(out, start);
    fclose(out);
}

/* From the shipped scene of the landscape's name. A rate at which its dynamics is stable may be too large for another's. */
static void numbers_of_scene(const kr_controls_panel *panel, const kr_scene *from, char *text, size_t size) {
    char target[200] = "\nescape.until=[]", low[KR_NUMBER_TEXT], high[KR_NUMBER_TEXT], value[512], line[600];
    double temperature = kr_get_by_name(from->dynamics.about, from->dynamics.values, "temperature", NAN);
    double rate = kr_get_by_name(from->schedule.about, from->schedule.values, "lr", 0.01);
    double curvature = scales_of(&from->landscape, from->directory).curvature;
    if (from->dynamics.about != panel->shown.dynamics.about && rate * curvature > 0.05) rate = two_digits(0.05 / curvature);
    kr_controls_write(&from->landscape, value, sizeof value);
    snprintf(line, sizeof line, "set landscape=%s", value);
    append(text, size, line);
    append_number(text, size, "schedule.lr", rate);
    if (!isnan(temperature)) append_temperature(panel, temperature, text, size);
    const kr_target *t = from->targets;
    if (from->target_count && t->radius > 0)
        snprintf(target, sizeof target, "\nescape.until={minimum: %lld, radius: %s}", (long long)t->minimum,
                 kr_number_text(t->radius, high));
    else if (from->target_count)
        snprintf(target, sizeof target, "\nescape.until={coordinate: %zu%s%s%s%s}", t->coordinate,
                 isfinite(t->above) ? ", above: " : "", isfinite(t->above) ? kr_number_text(t->above, high) : "",
                 isfinite(t->below) ? ", below: " : "", isfinite(t->below) ? kr_number_text(t->below, low) : "");
    append(text, size, target);
    append_start(&from->start, text, size);
}

/* Without such a scene: a twentieth of the inverse curvature, and a fifth of the barrier. */
static void numbers_of_landscape(const kr_controls_panel *panel, const kr_descriptor *about, char *text, size_t size) {
    kr_settings settings;
    kr_landscape_scales scales = {NAN, NAN};
    append(text, size, "set landscape={name: ");
    append(text, size, about->name);
    append(text, size, "}\nescape.until=[]\nensemble.start={}");
    /* Of a mean over data each particle costs a pass over them. */
    if (((const kr_landscape_type *)(const void *)about)->data) append_number(text, size, "ensemble.particles", 64);
    if (kr_settings_create(&settings, about, NULL) == KR_OK) {
        scales = scales_of(&settings, panel->shown.directory);
        kr_settings_destroy(&settings);
    }
    if (scales.curvature > 0) append_number(text, size, "schedule.lr", two_digits(0.05 / scales.curvature));
    if (scales.barrier > 0) append_temperature(panel, two_digits(0.2 * scales.barrier), text, size);
}

/* Energies of landscapes differ by factors of thousands, and with them the learning rate at which a step is stable, and the
 * temperature at which anything happens: another landscape comes with numbers that fit it, and particles begin in its first
 * minimum. */
static void choose_landscape(kr_controls_panel *panel, const char *identity, const kr_descriptor *about) {
    char text[2048] = "";
    kr_scene scene;
    const char *shipped = strcmp(about->name, "surface") ? about->name : "digits"; /* the one surface that is shipped */
    bool found = false;
    for (const kr_shipped_scene *s = kr_shipped_scenes; s->name; s++) found = found || !strcmp(s->name, shipped);
    if (found && kr_scene_load(&scene, panel->shown.registry, shipped, NULL, 0, NULL) == KR_OK) {
        kr_scene_move(&scene, NULL, NULL); /* the shown scene's files are elsewhere */
        numbers_of_scene(panel, &scene, text, sizeof text);
        kr_scene_destroy(&scene);
    } else {
        numbers_of_landscape(panel, about, text, sizeof text);
    }
    kr_controls_send(panel, identity, text);
    kr_controls_send(panel, identity, "reset"); /* where particles are now may be nowhere in the other landscape */
}

static void draw_menu(kr_controls_panel *panel, const plugin *p) {
    /* A list of noise models is no name of the registry's: it stands above them. */
    bool several = p->section == KR_SECTION_NOISE && kr_scene_noise_part(p->settings, 1);
    const char *const *names = kr_controls_names(panel, p->menu, p->list, several ? p->settings->about->name : NULL);
    char identity[KR_IDENTITY], key[40];
    int chosen = 0;
    while (names[chosen] && strcmp(names[chosen], p->settings->about->name)) chosen++;
    snprintf(identity, sizeof identity, "controls.%s.name", p->key);
    kr_rectangle area = kr_controls_place(panel, 1);
    if (kr_menu(panel->frame->widgets, identity, area, NULL, names, &chosen, p->settings->about->doc) &&
        strcmp(names[chosen], p->settings->about->name)) {
        snprintf(key, sizeof key, "%s.name", p->key);
        if (p->section == KR_SECTION_LANDSCAPE)
            choose_landscape(panel, identity, ((const kr_descriptor *const *)p->list)[chosen]);
        else
            kr_controls_set(panel, identity, key, kr_text_value(names[chosen]));
    }
    kr_controls_after(panel, identity, area);
}

/* One more model beside those that there are. */
static void draw_more_noise(kr_controls_panel *panel, const plugin *p) {
    char key[40];
    const char *identity = "controls.noise.add", *const * names;
    size_t count = 0;
    int chosen = 0;
    while (kr_scene_noise_part(p->settings, count)) count++;
    if (count == KR_MAX_NOISE_PARTS || !strcmp(p->settings->about->name, "none")) return;
    names = kr_controls_names(panel, KR_MENU_ADD_NOISE, p->list, "add a model ...");
    kr_rectangle area = kr_controls_place(panel, 1);
    if (kr_menu(
            panel->frame->widgets, identity, area, NULL, names, &chosen,
            "One more noise model, with random numbers of its own; what they add is summed. The menu above goes back to one.") &&
        chosen > 0) {
        snprintf(key, sizeof key, "noise.%zu.name", count);
        kr_controls_set(panel, identity, key, kr_text_value(names[chosen]));
    }
    kr_controls_after(panel, identity, area);
}

void kr_controls_plugins(kr_controls_panel *panel) {
    kr_scene *scene = &panel->shown;
    const kr_registry *registry = scene->registry;
    const plugin plugins[] = {{KR_SECTION_LANDSCAPE, KR_MENU_LANDSCAPE, "landscape", "Landscape", "The loss that is descended.",
                               &scene->landscape, registry->landscapes},
                              {KR_SECTION_DYNAMICS, KR_MENU_DYNAMICS, "dynamics", "Dynamics",
                               "How a particle moves: the optimizer.", &scene->dynamics, registry->dynamics},
                              {KR_SECTION_NOISE, KR_MENU_NOISE, "noise", "Gradient noise", "What minibatches add to the gradient.",
                               &scene->noise, registry->noises},
                              {KR_SECTION_SCHEDULE, KR_MENU_SCHEDULE, "schedule", "Schedule",
                               "The learning rate as a function of the step.", &scene->schedule, registry->schedules}};
    for (size_t i = 0; i < sizeof plugins / sizeof *plugins; i++) {
        const plugin *p = &plugins[i];
        if (!kr_controls_open(panel, p->section, p->title, p->settings->about->name, p->tip)) continue;
        draw_menu(panel, p);
        kr_controls_parameters(panel, p->key, p->settings);
        if (p->section == KR_SECTION_NOISE) draw_more_noise(panel, p);
        if (p->section == KR_SECTION_LANDSCAPE) kr_controls_points(panel);
        if (p->section == KR_SECTION_SCHEDULE) {
            kr_settings warmup = {.about = &kr_warmup_descriptor, .values = &scene->warmup};
            kr_controls_heading(panel, "Warmup");
            kr_controls_parameters(panel, "schedule.warmup", &warmup);
        }
    }
}
