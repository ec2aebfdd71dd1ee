/* All parameters of a section. */
#include "controls_panel.h"

#include <stdio.h>

/* Whose numbers may follow a schedule. */
static bool can_be_driven(const kr_controls_panel *panel, const kr_settings *settings) {
    const kr_scene *scene = &panel->shown;
    kr_compared_section section;
    bool compared = kr_controls_variant(panel, settings, &section) && section != KR_COMPARED_SCHEDULE;
    return compared || settings == &scene->landscape || settings == &scene->dynamics || settings == &scene->noise;
}

void kr_controls_parameters(kr_controls_panel *panel, const char *prefix, kr_settings *settings) {
    char key[128];
    bool driven = can_be_driven(panel, settings);
    for (const kr_parameter *row = settings->about->parameters; row && row->name; row++) {
        snprintf(key, sizeof key, "%s.%s", prefix, row->name);
        if (row->type == KR_SCHEDULES)
            kr_controls_schedules(panel, key, settings, row);
        else if (driven && kr_parameter_may_follow(row))
            kr_controls_number(panel, key, settings, row);
        else
            kr_controls_parameter(panel, key, settings, row);
    }
}
