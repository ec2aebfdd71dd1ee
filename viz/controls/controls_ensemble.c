/* How many particles, and where they begin. */
#include "controls_panel.h"

#include <kramers/number_text.h>

#include <inttypes.h>
#include <stdio.h>

enum { AT_MINIMUM, AT_POINT, GIBBS };

static int kind_of(const kr_start *start) {
    return start->at_point ? AT_POINT : start->gibbs ? GIBBS : AT_MINIMUM;
}

/* The point where particles begin now, as text; a single number when there are too many coordinates to be typed. */
static void present_point(const kr_controls_panel *panel, char *text, size_t size) {
    const kr_analysis *analysis = panel->frame->analysis;
    char number[KR_NUMBER_TEXT];
    size_t dim = analysis ? analysis->model.landscape.dim : 0, used = (size_t)snprintf(text, size, "[");
    if (dim > 8) dim = 1;
    for (size_t i = 0; i < dim && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ", " : "", kr_number_text(analysis->model.start[i], number));
    if (!dim) used += (size_t)snprintf(text + used, size - used, "0");
    if (used < size) snprintf(text + used, size - used, "]");
}

static void choose_kind(kr_controls_panel *panel, const char *identity, int kind) {
    const kr_start *start = &panel->shown.start;
    char text[400], point[300];
    if (kind == AT_POINT) {
        present_point(panel, point, sizeof point);
        snprintf(text, sizeof text, "set ensemble.start={point: %s}", point);
    } else {
        snprintf(text, sizeof text, "set ensemble.start={%s: %" PRId64 "}", kind == GIBBS ? "gibbs" : "minimum",
                 start->at_point ? 0 : start->minimum);
    }
    kr_controls_send(panel, identity, text);
}

/* Numbers of minima as far as there are any: a slider over them, where their number is known and not too large. */
static bool draw_number(kr_controls_panel *panel, const char *key, kr_settings *start, const kr_parameter *row) {
    const kr_analysis *analysis = panel->frame->analysis;
    int64_t count = 0;
    char identity[KR_IDENTITY];
    if (!analysis || kr_minimum_count(&analysis->model.landscape, &count, NULL) != KR_OK || count < 2 || count > 1000000)
        return false;
    double value = kr_get_number(start, row), before = value;
    snprintf(identity, sizeof identity, "controls.%s", key);
    kr_rectangle area = kr_controls_place(panel, 1.05);
    if (kr_slider(panel->frame->widgets, identity, area, "minimum", &value, 0, (double)count - 1, false, true, row->doc) &&
        value != before) {
        kr_set_number(start, row, value, NULL);
        kr_controls_set(panel, identity, key, kr_get_value(start, row));
    }
    kr_controls_after(panel, identity, area);
    return true;
}

static void draw_start(kr_controls_panel *panel) {
    static const char identity[] = "controls.start";
    static const char *const kinds[] = {
        [AT_MINIMUM] = "in a minimum", [AT_POINT] = "at a point", [GIBBS] = "Boltzmann in a basin", NULL};
    static const char *const rows[] = {[AT_MINIMUM] = "minimum", [AT_POINT] = "point", [GIBBS] = "gibbs"};
    int kind = kind_of(&panel->shown.start), chosen = kind;
    kr_rectangle area = kr_controls_place(panel, 1);
    if (kr_menu(panel->frame->widgets, identity, area, "start", kinds, &chosen, kr_start_descriptor.doc) && chosen != kind)
        choose_kind(panel, identity, chosen);
    kr_controls_after(panel, identity, area);
    kr_settings start = {.about = &kr_start_descriptor, .values = &panel->shown.start};
    const char *const shown[] = {rows[kind], "burn_in"};
    for (size_t i = 0; i < 2; i++) {
        char key[64];
        const kr_parameter *row = kr_parameter_find(&kr_start_descriptor, shown[i]);
        snprintf(key, sizeof key, "ensemble.start.%s", shown[i]);
        bool number = i == 0 && kind != AT_POINT;
        if (row && !(number && draw_number(panel, key, &start, row))) kr_controls_parameter(panel, key, &start, row);
    }
}

void kr_controls_ensemble(kr_controls_panel *panel) {
    static const char *const shown[] = {"particles", "steps", "seed"}; /* the others end a run, and the window never does */
    char name[64];
    int64_t count = kr_scene_ensemble(&panel->shown)->particles;
    snprintf(name, sizeof name, count == 1 ? "%" PRId64 " particle" : "%" PRId64 " particles", count);
    if (!kr_controls_open(panel, KR_SECTION_ENSEMBLE, "Ensemble", name, kr_ensemble_descriptor.doc)) return;
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        char key[64];
        const kr_parameter *row = kr_parameter_find(&kr_ensemble_descriptor, shown[i]);
        snprintf(key, sizeof key, "ensemble.%s", shown[i]);
        if (row) kr_controls_parameter(panel, key, &panel->shown.ensemble, row);
    }
    draw_start(panel);
}
