/* What counts as escaped, and how it is counted. */
#include "controls_panel.h"
#include "model/present.h"

#include <kramers/number_text.h>

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NEVER, ABOVE, BELOW, OUTSIDE, NEAR, KINDS };

static int kind_of(const kr_target *target) {
    if (target->radius > 0) return NEAR;
    return isfinite(target->above) ? (isfinite(target->below) ? OUTSIDE : ABOVE) : BELOW;
}

/* Where a first target is put: at the next minima on both sides of the start, along coordinate 0; without such a minimum, as far
 * away as the minima reach. other: a minimum in which no particle starts. */
static void propose(const kr_analysis *analysis, double *below, double *above, int *other) {
    double low = INFINITY, high = -INFINITY, start = analysis ? analysis->model.start[0] : 0;
    *below = -INFINITY;
    *above = INFINITY;
    *other = -1;
    int number = 0;
    const kr_critical_points *critical = analysis ? kr_present_critical(analysis) : NULL;
    for (size_t i = 0; critical && i < critical->count; i++) {
        if (critical->point[i].index != 0) continue;
        double x = critical->point[i].position[0];
        low = fmin(low, x);
        high = fmax(high, x);
        if (x < start - 0.05) *below = fmax(*below, x);
        if (x > start + 0.05) *above = fmin(*above, x);
        if (*other < 0 && fabs(x - start) > 0.05) *other = number;
        number++;
    }
    double reach = high > low ? 0.5 * (high - low) : 1;
    if (!isfinite(*below)) *below = start - reach;
    if (!isfinite(*above)) *above = start + reach;
    if (*other < 0) *other = 1;
    *below = round(1e3 * *below) / 1e3;
    *above = round(1e3 * *above) / 1e3;
}

static void choose_kind(kr_controls_panel *panel, const char *identity, int kind) {
    char text[200], below[KR_NUMBER_TEXT], above[KR_NUMBER_TEXT];
    double low, high;
    int other;
    propose(panel->frame->analysis, &low, &high, &other);
    kr_number_text(low, below);
    kr_number_text(high, above);
    switch (kind) {
    case ABOVE: snprintf(text, sizeof text, "set escape.until={coordinate: 0, above: %s}", above); break;
    case BELOW: snprintf(text, sizeof text, "set escape.until={coordinate: 0, below: %s}", below); break;
    case OUTSIDE: snprintf(text, sizeof text, "set escape.until={coordinate: 0, below: %s, above: %s}", below, above); break;
    case NEAR: snprintf(text, sizeof text, "set escape.until={minimum: %d, radius: 0.2}", other); break;
    default: snprintf(text, sizeof text, "set escape.until=[]"); break;
    }
    kr_controls_send(panel, identity, text);
}

static void draw_kind(kr_controls_panel *panel) {
    static const char identity[] = "controls.until";
    static const char *const kinds[] = {[NEVER] = "nobody",           [ABOVE] = "above a value", [BELOW] = "below a value",
                                        [OUTSIDE] = "on either side", [NEAR] = "near a minimum", [KINDS] = NULL};
    int kind = panel->shown.target_count ? kind_of(panel->shown.targets) : NEVER, chosen = kind;
    kr_rectangle area = kr_controls_place(panel, 1);
    if (kr_menu(panel->frame->widgets, identity, area, "arrived", kinds, &chosen, kr_target_descriptor.doc) && chosen != kind)
        choose_kind(panel, identity, chosen);
    kr_controls_after(panel, identity, area);
}

/* A target as a set of values of its descriptor. */
static bool settings_of(const kr_target *target, kr_settings *settings) {
    if (kr_settings_create(settings, &kr_target_descriptor, NULL) != KR_OK) return false;
    const struct {
        const char *name;
        double value;
    } values[] = {{"coordinate", (double)target->coordinate},
                  {"above", target->above},
                  {"below", target->below},
                  {"minimum", (double)target->minimum},
                  {"radius", target->radius}};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        const kr_parameter *row = kr_parameter_find(&kr_target_descriptor, values[i].name);
        if (isfinite(values[i].value)) kr_set_number(settings, row, values[i].value, NULL);
    }
    return true;
}

/* While a slider is held the copy has to go along. */
static void read_back(kr_target *target, const kr_settings *settings) {
    const kr_descriptor *about = settings->about;
    target->coordinate = (size_t)kr_get_by_name(about, settings->values, "coordinate", 0);
    if (isfinite(target->above)) target->above = kr_get_by_name(about, settings->values, "above", 0);
    if (isfinite(target->below)) target->below = kr_get_by_name(about, settings->values, "below", 0);
    if (target->radius > 0) {
        target->radius = kr_get_by_name(about, settings->values, "radius", 0);
        target->minimum = (int64_t)kr_get_by_name(about, settings->values, "minimum", 0);
    }
}

static void draw_target(kr_controls_panel *panel, size_t number) {
    static const char *const rows[KINDS][4] = {[ABOVE] = {"coordinate", "above"},
                                               [BELOW] = {"coordinate", "below"},
                                               [OUTSIDE] = {"coordinate", "below", "above"},
                                               [NEAR] = {"minimum", "radius"}};
    kr_target *target = &panel->shown.targets[number];
    const kr_analysis *analysis = panel->frame->analysis;
    size_t dim = analysis ? analysis->model.landscape.dim : 1;
    kr_settings settings;
    char key[80], heading[40];
    if (!settings_of(target, &settings)) return;
    bool several = panel->shown.target_count > 1;
    snprintf(heading, sizeof heading, "Target %zu", number);
    if (several) kr_controls_heading(panel, heading);
    for (size_t i = 0; i < 4 && rows[kind_of(target)][i]; i++) {
        const char *name = rows[kind_of(target)][i];
        if (dim == 1 && !strcmp(name, "coordinate")) continue;
        snprintf(key, sizeof key, "escape.until.%s", name);
        if (several) snprintf(key, sizeof key, "escape.until.%zu.%s", number, name);
        kr_controls_parameter(panel, key, &settings, kr_parameter_find(&kr_target_descriptor, name));
    }
    read_back(target, &settings);
    kr_settings_destroy(&settings);
}

/* What is said of the targets when the section is closed, too. */
static void summary(const kr_scene *scene, size_t dim, char *text, size_t size) {
    const kr_target *t = scene->targets;
    char axis[32] = "x", number[2][64];
    if (dim > 1) snprintf(axis, sizeof axis, "x%zu", t->coordinate);
    kr_text_number(t->above, 4, number[0], sizeof number[0]);
    kr_text_number(t->below, 4, number[1], sizeof number[1]);
    if (!scene->target_count)
        snprintf(text, size, "nobody arrives");
    else if (scene->target_count > 1)
        snprintf(text, size, "%zu targets", scene->target_count);
    else if (t->radius > 0)
        snprintf(text, size, "near minimum %" PRId64, t->minimum);
    else if (isfinite(t->above) && isfinite(t->below))
        snprintf(text, size, "%s ≤ %s or ≥ %s", axis, number[1], number[0]);
    else
        snprintf(text, size, "%s %s %s", axis, isfinite(t->above) ? "≥" : "≤", number[!isfinite(t->above)]);
}

void kr_controls_escape(kr_controls_panel *panel) {
    static const char *const shown[] = {"renewal", "bridge"}; /* the others are of the splitting, which the window does not do */
    const kr_analysis *analysis = panel->frame->analysis;
    char name[200];
    summary(&panel->shown, analysis ? analysis->model.landscape.dim : 1, name, sizeof name);
    if (!kr_controls_open(panel, KR_SECTION_ESCAPE, "Escape", name, kr_escape_descriptor.doc)) return;
    draw_kind(panel);
    for (size_t i = 0; i < panel->shown.target_count; i++) draw_target(panel, i);
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        char key[64];
        const kr_parameter *row = kr_parameter_find(&kr_escape_descriptor, shown[i]);
        snprintf(key, sizeof key, "escape.%s", shown[i]);
        if (row) kr_controls_parameter(panel, key, &panel->shown.escape, row);
    }
}
