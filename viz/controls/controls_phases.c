/* What is done by hand between phases: coordinates pruned, particles sent back, the next phase begun. */
#include "controls_panel.h"

#include <SDL_keycode.h>

#include <stdio.h>
#include <string.h>

/* Where there are phases, or weights that can be done without. */
static bool apply(const kr_controls_panel *panel) {
    const kr_snapshot *snapshot = panel->frame->snapshot;
    return (snapshot && snapshot->phases.any) || kr_network_panel_applies(panel->frame->analysis);
}

static const char *choice(const kr_settings *settings, const char *name) {
    for (const kr_parameter *row = settings->about->parameters; row && row->name; row++)
        if (!strcmp(row->name, name)) return row->choices[(int)kr_get_number(settings, row)];
    return "";
}

static kr_settings settings_of(kr_controls_panel *panel) {
    return (kr_settings){.about = &kr_prune_descriptor, .values = &panel->prune};
}

static void write_prune(kr_controls_panel *panel, char *text, size_t size) {
    kr_settings settings = settings_of(panel);
    snprintf(text, size, "prune fraction=%g by=%s scope=%s biases=%s iterative=%s", panel->prune.fraction, choice(&settings, "by"),
             choice(&settings, "scope"), panel->prune.biases ? "true" : "false", panel->prune.iterative ? "true" : "false");
}

/* The beginning of the first phase: of one that was begun by hand where the scene has none. */
static bool write_back(const kr_snapshot_phases *phases, char *text, size_t size) {
    if (!phases->any) return false;
    snprintf(text, size, "rewind phase=%s step=0", phases->count ? phases->phase[0].name : phases->now.name);
    return true;
}

/* That of the scene that comes next; else one by hand, with a name of its own. */
static bool write_next(const kr_snapshot *snapshot, char *text, size_t size) {
    const kr_snapshot_phases *phases = &snapshot->phases;
    if (phases->count && phases->number + 1 >= phases->count) return false;
    if (phases->count)
        snprintf(text, size, "phase %s", phases->phase[phases->number + 1].name);
    else
        snprintf(text, size, "phase step_%llu", (unsigned long long)snapshot->step);
    return true;
}

bool kr_controls_panel_key(kr_controls_panel *panel, const kr_frame *frame, int32_t key) {
    char text[160] = "";
    panel->frame = frame;
    if (!frame->simulation || !frame->snapshot || !panel->known || !apply(panel)) return false;
    if (key == SDLK_u) write_prune(panel, text, sizeof text);
    if (key == SDLK_BACKSPACE && !write_back(&frame->snapshot->phases, text, sizeof text)) return false;
    if (key == SDLK_END && !write_next(frame->snapshot, text, sizeof text)) return false;
    return *text && kr_simulation_intervene(frame->simulation, text);
}

void kr_controls_phases(kr_controls_panel *panel) {
    const kr_theme *theme = panel->frame->theme;
    kr_widgets *widgets = panel->frame->widgets;
    const kr_snapshot *snapshot = panel->frame->snapshot;
    if (!apply(panel) || !snapshot) return;
    static const char *const identity[3] = {"controls.prune", "controls.back", "controls.next"};
    static const char *const tip[3] = {
        "Sets weights to 0 for good, as the section Pruning says (u).",
        "Every particle goes back to where the first phase began; what is pruned stays pruned (backspace).",
        "Begins the next phase of the scene, or one by hand to go back to: the schedule begins anew (End)."};
    char label[32], text[3][160] = {""};
    bool can[3] = {true, write_back(&snapshot->phases, text[1], sizeof text[1]), write_next(snapshot, text[2], sizeof text[2])};
    write_prune(panel, text[0], sizeof text[0]);
    snprintf(label, sizeof label, "Prune %.0f %%", 100 * panel->prune.fraction);
    const char *labels[3] = {label, "Go back", snapshot->phases.count ? "Next phase" : "New phase"};
    kr_rectangle row = kr_controls_place(panel, 1);
    double gap = 0.75 * theme->gap, half = 0.5 * (row.width - gap);
    bool disabled = widgets->disabled;
    for (int k = 0; k < 3; k++) {
        if (k == 2 && !can[k]) continue;
        if (k == 2) row = kr_controls_place(panel, 1);
        kr_rectangle area = {k == 1 ? row.x + half + gap : row.x, row.y, k == 2 ? row.width : half, row.height};
        widgets->disabled = disabled || !can[k];
        if (kr_button(widgets, identity[k], area, labels[k], false, tip[k])) kr_controls_send(panel, identity[k], text[k]);
        widgets->disabled = disabled;
        kr_controls_after(panel, identity[k], area);
    }
}

void kr_controls_pruning(kr_controls_panel *panel) {
    char identity[KR_IDENTITY];
    if (!apply(panel)) return;
    if (!kr_controls_open(panel, KR_SECTION_PRUNE, "Pruning", NULL,
                          "What the button Prune does; nothing changes before it is pressed."))
        return;
    kr_settings settings = settings_of(panel);
    for (const kr_parameter *row = settings.about->parameters; row && row->name; row++) {
        snprintf(identity, sizeof identity, "controls.prune.%s", row->name);
        kr_rectangle area = kr_controls_place(panel, row->type == KR_NUMBER ? 1.05 : 1);
        kr_parameter_control(panel->frame->widgets, identity, area, &settings, row);
        kr_controls_after(panel, identity, area);
    }
}
