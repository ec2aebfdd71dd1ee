/* Schedules in place of a number, and within a schedule: the decay of a warmup-stable-decay, the parts of a sequence. Each has a
 * menu of names and its parameters; a list of parts can grow and shrink. */
#include "controls_panel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY = 128 };

static void draw_name(kr_controls_panel *panel, const char *key, const kr_settings *schedule) {
    const char *const *names = kr_controls_names(panel, KR_MENU_SCHEDULE, panel->shown.registry->schedules, NULL);
    char identity[KR_IDENTITY], name[KEY];
    int chosen = 0;
    while (names[chosen] && strcmp(names[chosen], schedule->about->name)) chosen++;
    snprintf(identity, sizeof identity, "controls.%s.name", key);
    snprintf(name, sizeof name, "%s.name", key);
    kr_rectangle area = kr_controls_place(panel, 1);
    if (kr_menu(panel->frame->widgets, identity, area, NULL, names, &chosen, schedule->about->doc) &&
        strcmp(names[chosen], schedule->about->name))
        kr_controls_set(panel, identity, name, kr_text_value(names[chosen]));
    kr_controls_after(panel, identity, area);
}

/* All but what the schedule around says: the rate of a decay, and lengths. */
static void draw_parameters(kr_controls_panel *panel, const char *key, const kr_parameter *within, kr_settings *schedule) {
    bool inside = within->type == KR_SCHEDULES, part = within->flags & KR_SEVERAL;
    char name[KEY];
    for (const kr_parameter *row = schedule->about->parameters; row && row->name; row++) {
        if (inside && (!strcmp(row->name, "steps") || (!part && row == schedule->about->parameters))) continue;
        snprintf(name, sizeof name, "%s.%s", key, row->name);
        if (row->type == KR_SCHEDULES)
            kr_controls_schedules(panel, name, schedule, row);
        else
            kr_controls_parameter(panel, name, schedule, row);
    }
    kr_settings *length = kr_settings_child(schedule, NULL, &kr_part_descriptor),
                *warmup = kr_settings_child(schedule, NULL, &kr_warmup_descriptor);
    snprintf(name, sizeof name, "%s.steps", key);
    if (length) kr_controls_parameter(panel, name, length, kr_part_descriptor.parameters);
    for (const kr_parameter *row = warmup ? warmup->about->parameters : NULL; row && row->name; row++) {
        char own[KEY];
        snprintf(own, sizeof own, "%s.warmup.%s", key, row->name);
        kr_controls_parameter(panel, own, warmup, row);
    }
}

void kr_controls_schedule(kr_controls_panel *panel, const char *key, const kr_parameter *row, kr_settings *schedule) {
    draw_name(panel, key, schedule);
    draw_parameters(panel, key, row, schedule);
}

/* The parts as text, without the last one or with one more behind it: what was the last needs a length then. */
static void write_parts(const char *key, const kr_settings *settings, const kr_parameter *row, size_t count, bool more, char *text,
                        size_t size) {
    char *whole = NULL, *end;
    size_t length;
    FILE *out = open_memstream(&whole, &length);
    text[0] = 0;
    if (!out) return;
    kr_settings some = *settings;
    size_t seen = 0, kept = 0;
    while (kept < some.child_count && (some.child[kept].row != row || seen < count)) seen += some.child[kept++].row == row;
    some.child_count = kept;
    kr_scene_value_print(out, &some, row);
    fclose(out);
    const kr_settings *last = &some.child[kept - 1].settings, *own = kr_settings_child(last, NULL, &kr_part_descriptor);
    const char *first = last->about->parameters->name; /* lr, or value of a number that follows */
    end = strrchr(whole, '}');
    if (end && more)
        snprintf(text, size, "set %s=%.*s%s}, {name: constant, %s: %.10g}]", key, (int)(end - whole), whole,
                 own ? "" : ", steps: 1000", first, kr_get_by_name(last->about, last->values, first, 0.01));
    else
        snprintf(text, size, "set %s=%s", key, whole);
    free(whole);
}

static void draw_buttons(kr_controls_panel *panel, const char *key, const kr_settings *settings, const kr_parameter *row,
                         size_t count) {
    kr_widgets *widgets = panel->frame->widgets;
    char identity[2][KR_IDENTITY];
    snprintf(identity[0], KR_IDENTITY, "controls.%s.add", key);
    snprintf(identity[1], KR_IDENTITY, "controls.%s.remove", key);
    kr_rectangle area = kr_controls_place(panel, 1), left = area, right = area;
    double gap = 0.75 * panel->frame->theme->gap;
    char text[2048];
    left.width = right.width = (area.width - gap) / 2;
    right.x += left.width + gap;
    bool disabled = widgets->disabled;
    if (kr_button(widgets, identity[0], left, "Add a part", false, "A constant rate behind the last part.")) {
        write_parts(key, settings, row, count, true, text, sizeof text);
        kr_controls_send(panel, identity[0], text);
    }
    kr_controls_after(panel, identity[0], left);
    widgets->disabled = disabled || count < 2;
    if (kr_button(widgets, identity[1], right, "Remove one", false, "The last part goes.")) {
        write_parts(key, settings, row, count - 1, false, text, sizeof text);
        kr_controls_send(panel, identity[1], text);
    }
    widgets->disabled = disabled;
    kr_controls_after(panel, identity[1], right);
}

void kr_controls_schedules(kr_controls_panel *panel, const char *key, kr_settings *settings, const kr_parameter *row) {
    bool several = row->flags & KR_SEVERAL;
    size_t count = 0;
    char name[KEY], title[40];
    for (size_t i = 0; i < settings->child_count; i++) {
        if (settings->child[i].row != row) continue;
        if (several) {
            snprintf(title, sizeof title, "Part %zu", count);
            snprintf(name, sizeof name, "%s.%zu", key, count);
        } else {
            snprintf(title, sizeof title, "Decay");
            snprintf(name, sizeof name, "%s", key);
        }
        kr_controls_heading(panel, title);
        kr_controls_schedule(panel, name, row, &settings->child[i].settings);
        count++;
    }
    if (several) draw_buttons(panel, key, settings, row, count);
}
