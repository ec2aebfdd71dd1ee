/* The control of a single parameter, and all parameters of a section as text for --set. */
#include "controls_panel.h"

#include <stdio.h>

void kr_controls_parameter(kr_controls_panel *panel, const char *key, kr_settings *settings, const kr_parameter *row) {
    char identity[KR_IDENTITY];
    snprintf(identity, sizeof identity, "controls.%s", key);
    bool tall = row->type == KR_NUMBER || row->type == KR_INTEGER || row->type == KR_NATURAL;
    kr_rectangle area = kr_controls_place(panel, tall ? 1.05 : 0.95);
    if (kr_parameter_control(panel->frame->widgets, identity, area, settings, row))
        kr_controls_set(panel, identity, key, kr_get_value(settings, row));
    kr_controls_after(panel, identity, area);
}

void kr_controls_write(const kr_settings *settings, char *text, size_t size) {
    text[0] = 0;
    FILE *out = fmemopen(text, size, "w");
    if (!out) return;
    fprintf(out, "{name: %s", settings->about->name);
    for (const kr_parameter *row = settings->about->parameters; row && row->name; row++) {
        if (!kr_settings_child(settings, row, NULL) && kr_parameter_value_absent(kr_get_value(settings, row))) continue;
        fprintf(out, ", %s: ", row->name);
        kr_scene_value_print(out, settings, row);
    }
    fputc('}', out);
    fclose(out);
    text[size - 1] = 0;
}

const char *const *kr_controls_names(kr_controls_panel *panel, kr_controls_menu menu, const void *list, const char *first) {
    const char **names = panel->names[menu];
    size_t count = 0;
    if (first) names[count++] = first;
    for (const kr_descriptor *const *about = list; *about && count < KR_CONTROLS_NAMES; about++) names[count++] = (*about)->name;
    names[count] = NULL;
    return names;
}

size_t kr_controls_variant(const kr_controls_panel *panel, const kr_settings *settings, kr_compared_section *section) {
    for (size_t i = 0; i < panel->shown.compare_count; i++)
        for (size_t s = 0; s < KR_COMPARED_SECTIONS; s++)
            if (settings == &panel->shown.compare[i].own[s]) {
                *section = (kr_compared_section)s;
                return i + 1;
            }
    return 0;
}
