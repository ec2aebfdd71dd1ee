/* Another landscape comes with numbers that fit it. */
#include "controls_panel.h"

#include <kramers/landscape_scales.h>
#include <kramers/number_text.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

/* At this learning rate, in the heat bath or, where there is none, by the gradient noise. */
static void append_temperature(const kr_controls_panel *panel, double temperature, double rate, char *text, size_t size) {
    const kr_model *model = &panel->frame->analysis->model;
    char said[160];
    if (kr_parameter_find(panel->shown.dynamics.about, "temperature"))
        kr_controls_append_number(text, size, "dynamics.temperature", temperature);
    else if (kr_noise_is_additive(&model->noise, true))
        kr_controls_fit_noise(panel, &model->dynamics, rate, temperature, kr_noise_additive_variance(&model->noise), text, size,
                              said, sizeof said);
    for (size_t i = 0; i < panel->shown.compare_count; i++) {
        char key[64];
        const kr_descriptor *about = panel->shown.compare[i].own[KR_COMPARED_DYNAMICS].about;
        snprintf(key, sizeof key, "compare.%zu.temperature", i);
        if (about && kr_parameter_find(about, "temperature")) kr_controls_append_number(text, size, key, temperature);
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
    kr_controls_append(text, size, "\nensemble.start=");
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
    kr_landscape_scales scales = scales_of(&from->landscape, from->directory);
    if (from->dynamics.about != panel->shown.dynamics.about && rate * scales.curvature > 0.05)
        rate = two_digits(0.05 / scales.curvature);
    if (isnan(temperature) && scales.barrier > 0) temperature = two_digits(0.2 * scales.barrier);
    kr_controls_write(&from->landscape, value, sizeof value);
    snprintf(line, sizeof line, "set landscape=%s", value);
    kr_controls_append(text, size, line);
    kr_controls_append_number(text, size, "schedule.lr", rate);
    if (!isnan(temperature)) append_temperature(panel, temperature, rate, text, size);
    const kr_target *t = from->targets;
    if (from->target_count && t->radius > 0)
        snprintf(target, sizeof target, "\nescape.until={minimum: %lld, radius: %s}", (long long)t->minimum,
                 kr_number_text(t->radius, high));
    else if (from->target_count)
        snprintf(target, sizeof target, "\nescape.until={coordinate: %zu%s%s%s%s}", t->coordinate,
                 isfinite(t->above) ? ", above: " : "", isfinite(t->above) ? kr_number_text(t->above, high) : "",
                 isfinite(t->below) ? ", below: " : "", isfinite(t->below) ? kr_number_text(t->below, low) : "");
    kr_controls_append(text, size, target);
    append_start(&from->start, text, size);
}

/* Without such a scene: a twentieth of the inverse curvature, and a fifth of the barrier. */
static void numbers_of_landscape(const kr_controls_panel *panel, const kr_descriptor *about, char *text, size_t size) {
    kr_settings settings;
    kr_landscape_scales scales = {NAN, NAN};
    kr_controls_append(text, size, "set landscape={name: ");
    kr_controls_append(text, size, about->name);
    kr_controls_append(text, size, "}\nescape.until=[]\nensemble.start={}");
    /* Of a mean over data each particle costs a pass over them. */
    if (((const kr_landscape_type *)(const void *)about)->data) kr_controls_append_number(text, size, "ensemble.particles", 64);
    if (kr_settings_create(&settings, about, NULL) == KR_OK) {
        scales = scales_of(&settings, panel->shown.directory);
        kr_settings_destroy(&settings);
    }
    double rate = kr_get_by_name(panel->shown.schedule.about, panel->shown.schedule.values, "lr", NAN);
    if (scales.curvature > 0) rate = two_digits(0.05 / scales.curvature);
    if (scales.curvature > 0) kr_controls_append_number(text, size, "schedule.lr", rate);
    if (scales.barrier > 0) append_temperature(panel, two_digits(0.2 * scales.barrier), rate, text, size);
}

/* Energies of landscapes differ by factors of thousands, and with them the learning rate at which a step is stable, and the
 * temperature at which anything happens: another landscape comes with numbers that fit it, and particles begin in its first
 * minimum. */
void kr_controls_choose_landscape(kr_controls_panel *panel, const char *identity, const kr_descriptor *about) {
    char text[2048] = "", said[200];
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
        found = false;
    }
    snprintf(said, sizeof said,
             found
                 ? "%s comes with the numbers of its scene: learning rate, temperature, start and target."
                 : "%s: learning rate and temperature by its curvature and its barrier, all start in the first minimum, no target.",
             about->name);
    kr_controls_promise(panel, said);
    kr_controls_send(panel, identity, text);
    kr_controls_send(panel, identity, "reset"); /* where particles are now may be nowhere in the other landscape */
}
