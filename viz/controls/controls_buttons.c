/* The buttons above the parameters. */
#include "controls_panel.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct button {
    const char *identity, *label, *intervention, *tip;
} button;

/* NAME.yaml with the first number that is free, in the working directory: nothing is ever overwritten. */
static void save_scene(kr_controls_panel *panel, const char *identity) {
    const kr_snapshot *snapshot = panel->frame->snapshot;
    char file[64], text[128];
    FILE *out = NULL;
    for (int number = 1; !out && number < 10000; number++) {
        snprintf(file, sizeof file, number == 1 ? "kramers_scene.yaml" : "kramers_scene_%d.yaml", number);
        out = fopen(file, "wx");
        if (!out && errno != EEXIST) break;
    }
    char *yaml = NULL;
    bool good = out && snapshot && kr_scene_write_beside(&snapshot->scene, file, &yaml, NULL) == KR_OK && fputs(yaml, out) >= 0;
    free(yaml);
    if (out && fclose(out)) good = false;
    if (out && !good) remove(file); /* no half of a scene */
    if (good)
        snprintf(text, sizeof text, "saved: kramers view %s", file);
    else
        snprintf(text, sizeof text, "The scene could not be saved: is the working directory writable?");
    kr_controls_say(panel, identity, good, text);
}

static bool draw(kr_controls_panel *panel, const button *b, kr_rectangle row, int place, int places) {
    double gap = 0.75 * panel->frame->theme->gap, width = (row.width - gap * (places - 1)) / places;
    kr_rectangle area = {row.x + place * (width + gap), row.y, width, row.height};
    if (!kr_button(panel->frame->widgets, b->identity, area, b->label, false, b->tip)) return false;
    if (b->intervention) kr_controls_send(panel, b->identity, b->intervention);
    return true;
}

void kr_controls_buttons(kr_controls_panel *panel) {
    static const button first[] = {
        {"controls.reset", "Reset", "reset", "Everything from step 0; the settings stay."},
        {"controls.restart", "Restart now", "restart",
         "A warm restart by hand: the schedule goes on from its own first step. The particles stay where they are."},
    };
    static const button second[] = {
        {"controls.undo", "Undo", "undo", "Takes back the last change of a setting."},
        {"controls.seed", "New seed", NULL, "Other random numbers: everything from step 0 with the next seed."},
        {"controls.save", "Save", NULL, "Saves the present settings as a scene: kramers_scene.yaml in the working directory."},
    };
    kr_rectangle row = kr_controls_place(panel, 1);
    for (int i = 0; i < 2; i++) draw(panel, &first[i], row, i, 2);
    for (int i = 0; i < 2; i++) kr_controls_after(panel, first[i].identity, row);
    row = kr_controls_place(panel, 1);
    draw(panel, &second[0], row, 0, 3);
    if (draw(panel, &second[1], row, 1, 3)) {
        uint64_t seed = kr_scene_ensemble(&panel->shown)->seed;
        kr_controls_set(panel, second[1].identity, "ensemble.seed", kr_natural_value(seed + 1) /* behind the last one comes 0 */);
    }
    if (draw(panel, &second[2], row, 2, 3)) save_scene(panel, second[2].identity);
    for (int i = 0; i < 3; i++) kr_controls_after(panel, second[i].identity, row);
}
