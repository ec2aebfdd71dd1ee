/* The buttons above the parameters. */
#include "controls_panel.h"

#include <kramers/whole_file.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct button {
    const char *identity, *label, *intervention, *tip;
} button;

static bool is_taken(const char *file) {
    struct stat about;
    return lstat(file, &about) == 0; /* a link that leads nowhere, too */
}

/* NAME.yaml with the first number that is free, in the working directory: nothing is ever overwritten. */
static kr_status write_scene(const kr_scene *scene, char file[64], kr_error *error) {
    kr_status status = KR_BAD_ARGUMENT;
    for (int number = 1; status == KR_BAD_ARGUMENT && number < 10000; number++) {
        char *yaml = NULL;
        snprintf(file, 64, number == 1 ? "kramers_scene.yaml" : "kramers_scene_%d.yaml", number);
        if (is_taken(file)) continue;
        status = kr_scene_write_beside(scene, file, &yaml, error);
        if (status != KR_OK) return status;
        status = kr_whole_file_write(file, yaml, strlen(yaml), false, error); /* KR_BAD_ARGUMENT: it has appeared in the meantime */
        free(yaml);
    }
    return status;
}

static void save_scene(kr_controls_panel *panel, const char *identity) {
    const kr_snapshot *snapshot = panel->frame->snapshot;
    char file[64], text[1200];
    kr_error error = {.message = "there is no scene yet, or all names are taken"};
    bool good = snapshot && write_scene(&snapshot->scene, file, &error) == KR_OK;
    if (good)
        snprintf(text, sizeof text, "saved: kramers view %s", file);
    else
        snprintf(text, sizeof text, "The scene could not be saved: %s", error.message);
    kr_controls_say(panel, identity, good, text);
}

static bool draw(kr_controls_panel *panel, const button *b, kr_rectangle row, int place, int places) {
    double gap = 0.75 * panel->frame->theme->gap, width = (row.width - gap * (places - 1)) / places;
    kr_rectangle area = {row.x + place * (width + gap), row.y, width, row.height};
    if (!kr_button(panel->frame->widgets, b->identity, area, b->label, false, b->tip)) return false;
    if (b->intervention) kr_controls_send(panel, b->identity, b->intervention);
    return true;
}

/* Where the simulation pauses by itself. */
static void draw_pause(kr_controls_panel *panel) {
    static const char *const names[] = {"pause by hand only", "pause at each restart", "pause at the next escape",
                                        "pause at a step", NULL};
    const kr_frame *frame = panel->frame;
    const kr_snapshot *snapshot = frame->snapshot;
    if (!snapshot || !frame->simulation) return;
    kr_rectangle row = kr_controls_place(panel, 1);
    int chosen = (int)snapshot->pause;
    if (kr_menu(frame->widgets, "controls.pause", row, NULL, names, &chosen,
                "Where the simulation pauses by itself (F3: the next of these).")) {
        const char *why = kr_pause_refused(snapshot, (kr_pause)chosen);
        if (why)
            kr_controls_say(panel, "controls.pause", false, why);
        else
            kr_simulation_pause_at(frame->simulation, (kr_pause)chosen, 0);
    }
    kr_controls_after(panel, "controls.pause", row);
    if (snapshot->pause != KR_PAUSE_STEP) return;
    double step = (double)snapshot->pause_step, most = fmax(step, (double)kr_scene_ensemble(&snapshot->scene)->steps);
    kr_rectangle area = kr_controls_place(panel, 1.05);
    if (kr_slider(frame->widgets, "controls.pause.step", area, "pause at step", &step, 0, most, false, true,
                  "The step before which it pauses; it can be typed.") &&
        step >= 0)
        kr_simulation_pause_at(frame->simulation, KR_PAUSE_STEP, (uint64_t)(step + 0.5));
    kr_controls_after(panel, "controls.pause.step", area);
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
    draw_pause(panel);
}
