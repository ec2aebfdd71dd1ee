/* How many particles, and where they begin. */
#include "controls_panel.h"

#include <kramers/data_sum.h>
#include <kramers/number_text.h>

#include <inttypes.h>
#include <stdio.h>

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

static bool has_layers(const kr_controls_panel *panel) {
    const kr_data_sum *data = ((const kr_landscape_type *)(const void *)panel->shown.landscape.about)->data;
    return data && data->layers;
}

static void choose_kind(kr_controls_panel *panel, const char *identity, kr_start_kind kind) {
    const kr_start *start = &panel->shown.start;
    char text[400], point[300];
    switch (kind) {
    case KR_START_POINT:
        present_point(panel, point, sizeof point);
        snprintf(text, sizeof text, "set ensemble.start={point: %s}", point);
        break;
    case KR_START_RANDOM:
        snprintf(text, sizeof text, "set ensemble.start={random: %s}", has_layers(panel) ? "kaiming_uniform" : "normal");
        break;
    case KR_START_MINIMUM:
    case KR_START_GIBBS:
        snprintf(text, sizeof text, "set ensemble.start={%s: %" PRId64 "}", kind == KR_START_GIBBS ? "gibbs" : "minimum",
                 start->minimum);
        break;
    case KR_START_FILE: return; /* which a scene names */
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
    static const char *const kinds[] = {[KR_START_MINIMUM] = "in a minimum",
                                        [KR_START_POINT] = "at a point",
                                        [KR_START_GIBBS] = "Boltzmann in a basin",
                                        [KR_START_RANDOM] = "at random",
                                        [KR_START_FILE] = "from a file"};
    static const char *const rows[][2] = {[KR_START_MINIMUM] = {"minimum"},
                                          [KR_START_POINT] = {"point"},
                                          [KR_START_GIBBS] = {"gibbs"},
                                          [KR_START_RANDOM] = {"random", "scale"},
                                          [KR_START_FILE] = {"file", "dataset"}};
    const char *offered[KR_START_FILE + 2] = {NULL};
    int kind = (int)panel->shown.start.kind, chosen = kind;
    for (int i = 0; i <= KR_START_FILE; i++) offered[i] = i < KR_START_FILE || i == kind ? kinds[i] : NULL;
    kr_rectangle area = kr_controls_place(panel, 1);
    if (kr_menu(panel->frame->widgets, identity, area, "start", offered, &chosen, kr_start_descriptor.doc) && chosen != kind)
        choose_kind(panel, identity, (kr_start_kind)chosen);
    kr_controls_after(panel, identity, area);
    kr_settings start = {.about = &kr_start_descriptor, .values = &panel->shown.start};
    const char *const shown[] = {rows[kind][0], rows[kind][1], "burn_in"};
    for (size_t i = 0; i < 3; i++) {
        char key[64];
        const kr_parameter *row = shown[i] ? kr_parameter_find(&kr_start_descriptor, shown[i]) : NULL;
        snprintf(key, sizeof key, "ensemble.start.%s", shown[i] ? shown[i] : "");
        bool number = i == 0 && (kind == KR_START_MINIMUM || kind == KR_START_GIBBS);
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
