/* Landscape, dynamics, noise and schedule: a menu of the registry's names, and the parameters of the one that is chosen. */
#include "controls_panel.h"

#include <stdio.h>
#include <string.h>

typedef struct plugin {
    kr_controls_section section;
    kr_controls_menu menu;
    const char *key, *title, *tip;
    kr_settings *settings;
    const void *list;
} plugin;

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
        const kr_descriptor *about = ((const kr_descriptor *const *)p->list)[chosen];
        if (p->section == KR_SECTION_LANDSCAPE)
            kr_controls_choose_landscape(panel, identity, about);
        else if (p->section == KR_SECTION_DYNAMICS)
            kr_controls_choose_dynamics(panel, identity, about);
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
