/* A number of landscape, dynamics or noise: constant, or one that follows a schedule of its own, or the learning rate so that an
 * invariant is kept. A small menu beside the slider makes it follow; a button makes it constant again. */
#include "controls_panel.h"
#include "model/present.h"

#include <kramers/number_text.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { KEY = 128 };

typedef struct number {
    const char *key;
    kr_settings *settings;
    const kr_parameter *row;
} number;

/* ---- what can be kept ---- */

typedef struct promise {
    const char *entry, *before, *after; /* in the menu, and around the key in the scene's list; after NULL: without the key */
} promise;

static const promise promises[] = {{"keep lr \xc3\x97 this", "lr*", ""},
                                   {"keep lr / this", "lr/", ""},
                                   {"keep the temperature", "temperature", NULL},
                                   {"keep the friction", "friction", NULL}};
enum { PROMISES = sizeof promises / sizeof *promises };

static bool is_called(const kr_parameter *row, const char *name) {
    const char *point = strrchr(row->name, '.');
    return !strcmp(point ? point + 1 : row->name, name);
}

/* Further dynamics keep what the scene keeps; friction is that of dynamics that have one. */
static bool can_promise(const kr_controls_panel *panel, const number *n, size_t i) {
    if (n->settings != &panel->shown.landscape && n->settings != &panel->shown.dynamics && n->settings != &panel->shown.noise)
        return false;
    if (i == 2) return n->settings == &panel->shown.noise && (is_called(n->row, "batch_size") || is_called(n->row, "sigma"));
    if (i < 2) return true;
    const kr_dynamics_type *type = (const kr_dynamics_type *)n->settings->about;
    bool follows = is_called(n->row, "momentum") || is_called(n->row, "alpha");
    return n->settings == &panel->shown.dynamics && follows && type->friction;
}

/* The invariant for which the number follows; NULL: none. That of a temperature does not name what follows: the model does. */
static const kr_driven *kept(const kr_controls_panel *panel, const number *n) {
    const kr_analysis *analysis = panel->frame->analysis;
    const kr_drive *drive = analysis ? analysis->model.drive : NULL;
    for (size_t i = 0; i < kr_drive_count(drive); i++) {
        const kr_driven *driven = kr_drive_number(drive, i);
        if (driven->keep != KR_KEEP_NOTHING && !strcmp(driven->name, n->key)) return driven;
    }
    return NULL;
}

/* The scene's list without this invariant, and with one more (NULL: none). */
static void send_kept(kr_controls_panel *panel, const char *identity, const char *without, const char *more) {
    char text[KR_CONTROLS_TEXT] = "set keep=[";
    size_t used = strlen(text), count = 0;
    for (size_t i = 0; i < panel->shown.keep_count; i++) {
        const kr_keep *keep = &panel->shown.keep[i];
        if (without && !strcmp(keep->invariant, without)) continue;
        used += (size_t)snprintf(text + used, sizeof text - used, "%s{product: '%s', integer: %s}", count++ ? ", " : "",
                                 keep->invariant, keep->integer ? "true" : "false");
    }
    if (more) used += (size_t)snprintf(text + used, sizeof text - used, "%s'%s'", count ? ", " : "", more);
    snprintf(text + used, sizeof text - used, "]");
    kr_controls_send(panel, identity, text);
}

/* ---- a constant number ---- */

/* Where it begins: at its present value; 0 would lead nowhere. Ends are a tenth of it, which the limits of the number allow where
 * they do not allow 0. */
static void send_schedule(kr_controls_panel *panel, const char *identity, const number *n, const kr_schedule_type *type) {
    char text[512], value[KR_NUMBER_TEXT], end[KR_NUMBER_TEXT];
    double now = kr_get_number(n->settings, n->row);
    if (n->row->type == KR_LIST) now = ((const kr_list *)((const char *)n->settings->values + n->row->offset))->value[0];
    if (now == 0 || !isfinite(now)) now = n->row->type == KR_INTEGER ? 1 : n->row->maximum > 0 ? fmin(0.1, n->row->maximum) : 0.1;
    kr_number_text(now, value);
    kr_number_text(n->row->type == KR_INTEGER ? fmax(round(0.1 * now), 1) : 0.1 * now, end);
    const kr_schedule_type *own = kr_schedule_for_value(type, n->row);
    int used = snprintf(text, sizeof text, "set %s={name: %s", n->key, type->about.name);
    static const char *const ends[] = {"value_min", "value_end"};
    bool table = own && kr_parameter_find(&own->about, "values"), parts = own && kr_parameter_find(&own->about, "parts");
    if (table)
        used += snprintf(text + used, sizeof text - (size_t)used, ", values: [%s, %s]", value, end);
    else if (parts)
        used += snprintf(text + used, sizeof text - (size_t)used,
                         ", parts: [{name: constant, value: %s, steps: 1000}, {name: linear, value: %s, value_end: %s}]", value,
                         value, end);
    else
        used += snprintf(text + used, sizeof text - (size_t)used, ", value: %s", value);
    for (size_t i = 0; own && !table && !parts && i < 2; i++)
        if (kr_parameter_find(&own->about, ends[i]))
            used += snprintf(text + used, sizeof text - (size_t)used, ", %s: %s", ends[i], end);
    snprintf(text + used, sizeof text - (size_t)used, "}");
    kr_controls_send(panel, identity, text);
}

static void draw_follow(kr_controls_panel *panel, const number *n, kr_rectangle area) {
    const char **names = panel->names[KR_MENU_FOLLOW];
    const kr_schedule_type *const *schedules = panel->shown.registry->schedules;
    char identity[KR_IDENTITY];
    size_t count = 0, first = 0, which[PROMISES] = {0};
    for (; count < KR_CONTROLS_NAMES - PROMISES && schedules[count]; count++) names[count] = schedules[count]->about.name;
    for (size_t i = 0; i < PROMISES; i++)
        if (can_promise(panel, n, i)) {
            which[first++] = i;
            names[count + first - 1] = promises[i].entry;
        }
    names[count + first] = NULL;
    int chosen = -1;
    snprintf(identity, sizeof identity, "controls.%s.follow", n->key);
    bool picked = kr_menu(panel->frame->widgets, identity, area, NULL, names, &chosen,
                          "Makes the number follow a schedule of its own, or the learning rate.");
    if (picked && chosen >= (int)count) {
        char invariant[KR_DRIVEN_NAME];
        const promise *p = &promises[which[(size_t)chosen - count]];
        snprintf(invariant, sizeof invariant, "%s%s%s", p->before, p->after ? n->key : "", p->after ? p->after : "");
        send_kept(panel, identity, NULL, invariant);
    } else if (picked && chosen >= 0) {
        send_schedule(panel, identity, n, schedules[chosen]);
    }
    kr_controls_after(panel, identity, area);
}

static void draw_constant(kr_controls_panel *panel, const number *n) {
    char identity[KR_IDENTITY];
    double wide = 2.6 * panel->frame->theme->gap;
    kr_rectangle area = kr_controls_place(panel, n->row->type == KR_LIST ? 0.95 : 1.05), slider = area;
    slider.width -= wide + 0.5 * panel->frame->theme->gap;
    snprintf(identity, sizeof identity, "controls.%s", n->key);
    if (kr_parameter_control(panel->frame->widgets, identity, slider, n->settings, n->row))
        kr_controls_set(panel, identity, n->key, kr_get_value(n->settings, n->row));
    kr_controls_after(panel, identity, area);
    if (!kept(panel, n)) draw_follow(panel, n, (kr_rectangle){area.x + area.width - wide, area.y, wide, area.height});
}

/* ---- a number that changes ---- */

/* At the step that is shown; false: it is not known. */
static bool value_now(const kr_controls_panel *panel, const number *n, char *text, size_t size) {
    char shown[64];
    kr_compared_section section;
    size_t variant = kr_controls_variant(panel, n->settings, &section);
    const char *name = n->key;
    double value;
    char own[KEY];
    if (variant) {
        snprintf(own, sizeof own, "%s.%s", kr_compared_sections[section], n->row->name);
        name = own;
    }
    const kr_frame *frame = panel->frame;
    if (!frame->analysis || !frame->snapshot || !kr_present_value(frame->analysis, variant, name, frame->snapshot->step, &value))
        return false;
    snprintf(text, size, "now %s", kr_text_number(value, 3, shown, sizeof shown));
    return true;
}

static kr_rectangle draw_line(kr_controls_panel *panel, const number *n, const char *text, double size, kr_color color) {
    const kr_frame *frame = panel->frame;
    const kr_theme *theme = frame->theme;
    char now[80] = "";
    kr_rectangle area = kr_controls_place(panel, 0.75);
    double middle = area.y + 0.5 * area.height, side = area.height, right = area.x + area.width - side - 0.75 * theme->gap;
    value_now(panel, n, now, sizeof now);
    double used = now[0] ? kr_text_width(frame->fonts, size, KR_REGULAR, now) + theme->gap : 0;
    kr_text_draw(frame->fonts, frame->canvas, right, middle, size, KR_REGULAR, KR_RIGHT, color, now);
    kr_text_fit(frame->fonts, frame->canvas, area.x + 2 * theme->scale, middle, right - area.x - used, size, KR_REGULAR, KR_LEFT,
                color, text);
    return (kr_rectangle){area.x + area.width - side, area.y, side, side};
}

static void draw_driven(kr_controls_panel *panel, const number *n, kr_settings *schedule) {
    const kr_theme *theme = panel->frame->theme;
    char identity[KR_IDENTITY], label[160], text[KEY + 80], value[KR_NUMBER_TEXT];
    kr_parameter plain = *n->row; /* beside the present value there is no room for its unit */
    plain.unit = NULL;
    kr_parameter_label(&plain, label, sizeof label);
    kr_rectangle button = draw_line(panel, n, label, theme->normal, theme->text);
    snprintf(identity, sizeof identity, "controls.%s.constant", n->key);
    if (kr_button(panel->frame->widgets, identity, button, "\xc3\x97", false, "Makes the number constant, at its present value.")) {
        double now = kr_get_number(n->settings, n->row);
        const kr_frame *frame = panel->frame;
        if (n->settings == &panel->shown.landscape || n->settings == &panel->shown.dynamics || n->settings == &panel->shown.noise)
            kr_present_value(frame->analysis, 0, n->key, frame->snapshot->step, &now);
        snprintf(text, sizeof text, "set %s=%s", n->key, kr_number_text(now, value));
        kr_controls_send(panel, identity, text);
    }
    kr_controls_after(panel, identity, button);
    panel->indent += 1.5 * theme->gap;
    kr_controls_schedule(panel, n->key, n->row, schedule);
    panel->indent -= 1.5 * theme->gap;
}

/* Its slider stays: it says where the number begins. */
static void draw_kept(kr_controls_panel *panel, const number *n, const kr_driven *driven) {
    const kr_theme *theme = panel->frame->theme;
    static const char *const what[] = {[KR_KEEP_NOTHING] = "",
                                       [KR_KEEP_PRODUCT] = "lr \xc3\x97 this",
                                       [KR_KEEP_RATIO] = "lr / this",
                                       [KR_KEEP_TEMPERATURE] = "the temperature",
                                       [KR_KEEP_FRICTION] = "the friction"};
    char identity[KR_IDENTITY], text[64];
    snprintf(text, sizeof text, "keeps %s", what[driven->keep]);
    panel->indent += 1.5 * theme->gap;
    kr_rectangle button = draw_line(panel, n, text, theme->small, theme->faint_text);
    panel->indent -= 1.5 * theme->gap;
    snprintf(identity, sizeof identity, "controls.%s.constant", n->key);
    if (kr_button(panel->frame->widgets, identity, button, "\xc3\x97", false, "Makes the number constant, at its value of step 0."))
        send_kept(panel, identity, driven->invariant, NULL);
    kr_controls_after(panel, identity, button);
}

void kr_controls_number(kr_controls_panel *panel, const char *key, kr_settings *settings, const kr_parameter *row) {
    number n = {key, settings, row};
    kr_settings *schedule = kr_settings_child(settings, row, NULL);
    if (schedule) {
        draw_driven(panel, &n, schedule);
        return;
    }
    draw_constant(panel, &n);
    const kr_driven *driven = kept(panel, &n);
    if (driven) draw_kept(panel, &n, driven);
}
