/* What the files of the column of controls share: where the next control goes, and how a change is sent. */
#ifndef KR_CONTROLS_PANEL_H
#define KR_CONTROLS_PANEL_H

#include "model/frame.h"

#include <kramers/prune.h>

enum { KR_CONTROLS_TEXT = 4096 };

typedef enum kr_controls_section {
    KR_SECTION_LANDSCAPE,
    KR_SECTION_DYNAMICS,
    KR_SECTION_NOISE,
    KR_SECTION_SCHEDULE,
    KR_SECTION_ENSEMBLE,
    KR_SECTION_ESCAPE,
    KR_SECTION_COMPARE,
    KR_SECTION_PRUNE,
    KR_SECTION_COUNT
} kr_controls_section;

/* Menus whose entries come from the registry. */
typedef enum kr_controls_menu {
    KR_MENU_LANDSCAPE,
    KR_MENU_DYNAMICS,
    KR_MENU_NOISE,
    KR_MENU_SCHEDULE,
    KR_MENU_FOLLOW,
    KR_MENU_ADD,
    KR_MENU_ADD_NOISE,
    KR_MENU_COUNT
} kr_controls_menu;

enum { KR_CONTROLS_NAMES = 128 };

struct kr_controls_panel {
    const char *names[KR_MENU_COUNT][KR_CONTROLS_NAMES + 1]; /* an open menu reads them when the frame ends */
    const char *compare_names[KR_MAX_COMPARE][KR_COMPARED_SECTIONS + 2];
    kr_scene shown;   /* the settings as the controls show them: ahead of the simulation while something is dragged */
    uint64_t version; /* of the analysis they come from */
    bool known;       /* there are any */
    bool open[KR_SECTION_COUNT];
    kr_prune prune; /* of the button */

    /* A change that failed: its message stands below the control for a while. */
    char changed[KR_IDENTITY], failed[KR_IDENTITY];
    bool waiting; /* for the answer to a change: a message, or one more intervention than sent_at */
    uint64_t sent_at;
    uint64_t message_number;
    char message[256];
    double message_since;
    bool message_is_good;
    char promise[256], news[256], told[256]; /* what is said once the change is accepted; it is; the window has said so */
    double last_temperature;                 /* of the dynamics before; NAN: none had any */

    /* Of this frame. */
    const kr_frame *frame;
    kr_rectangle view; /* what is seen of the column, without its margins */
    double y;          /* where the next control goes, in pixels of the canvas */
    double indent;
    double scroll, content, scroll_wanted; /* scroll_wanted NAN: as it is */
    char focus_before[KR_IDENTITY];
};

/* Place for a control of this height, in lines; moves on. */
kr_rectangle kr_controls_place(kr_controls_panel *panel, double lines);
/* To be called after each control: shows what went wrong with it, and scrolls to it when the keyboard has come to it. */
void kr_controls_after(kr_controls_panel *panel, const char *identity, kr_rectangle area);
/* Sends an intervention on behalf of a control. */
void kr_controls_send(kr_controls_panel *panel, const char *identity, const char *text);
/* Sends a value for a key on behalf of a control; or several that act together. */
void kr_controls_set(kr_controls_panel *panel, const char *identity, const char *key, kr_parameter_value value);
void kr_controls_set_all(kr_controls_panel *panel, const char *identity, const kr_setting *setting, size_t count);
/* A line below the control, as for a failure. */
void kr_controls_say(kr_controls_panel *panel, const char *identity, bool good, const char *text);

/* What the change that is sent next does besides what was asked for: news once it is accepted. */
void kr_controls_promise(kr_controls_panel *panel, const char *text);

/* Texts of changes, which grow. */
void kr_controls_append(char *text, size_t size, const char *line);
void kr_controls_append_number(char *text, size_t size, const char *key, double value); /* a line KEY=VALUE */

/* Another landscape, with learning rate, temperature, start and target that fit it (controls_landscape.c). */
void kr_controls_choose_landscape(kr_controls_panel *panel, const char *identity, const kr_descriptor *about);
/* Another dynamics at the temperature of the one before (controls_dynamics.c). */
void kr_controls_choose_dynamics(kr_controls_panel *panel, const char *identity, const kr_descriptor *about);
/* Gradient noise by which a dynamics without a heat bath has this temperature, as lines of a change; variance: of the noise as it
 * is, per coordinate. said: what was done, in words. False: it can't be fitted, or need not be. */
bool kr_controls_fit_noise(const kr_controls_panel *panel, const kr_dynamics *dynamics, double rate, double temperature,
                           double variance, char *text, size_t size, char *said, size_t said_size);

/* Control of one parameter; sends its value for the key. settings belong to panel->shown, which is changed too. */
void kr_controls_parameter(kr_controls_panel *panel, const char *key, kr_settings *settings, const kr_parameter *row);
/* The same of a number that may follow a schedule or the learning rate, with a menu beside it (controls_driven.c). */
void kr_controls_number(kr_controls_panel *panel, const char *key, kr_settings *settings, const kr_parameter *row);
/* Menu and parameters of the schedule that stands in place of this row, or within it (controls_schedules.c). */
void kr_controls_schedule(kr_controls_panel *panel, const char *key, const kr_parameter *row, kr_settings *schedule);
/* The schedules of a row of that type, with their parameters. */
void kr_controls_schedules(kr_controls_panel *panel, const char *key, kr_settings *settings, const kr_parameter *row);
/* All parameters of a section, at PREFIX.NAME, those of schedules within it too (controls_section.c). */
void kr_controls_parameters(kr_controls_panel *panel, const char *prefix, kr_settings *settings);
/* The number of the compared variant whose section the settings are; 0: they are the scene's. */
size_t kr_controls_variant(const kr_controls_panel *panel, const kr_settings *settings, kr_compared_section *section);
/* A small heading inside a section. */
void kr_controls_heading(kr_controls_panel *panel, const char *text);
/* The heading of a section; true when it is open. */
bool kr_controls_open(kr_controls_panel *panel, kr_controls_section section, const char *title, const char *name, const char *tip);
/* Names of a registry's list, for a menu; first: an entry before them, NULL: none. They stay as long as the panel. */
const char *const *kr_controls_names(kr_controls_panel *panel, kr_controls_menu menu, const void *list, const char *first);
/* KEY=VALUE of all parameters as a flow mapping, {name: ..., ...}, for --set. */
void kr_controls_write(const kr_settings *settings, char *text, size_t size);

void kr_controls_buttons(kr_controls_panel *panel);  /* controls_buttons.c */
void kr_controls_phases(kr_controls_panel *panel);   /* controls_phases.c: buttons that prune, go back, go on */
void kr_controls_pruning(kr_controls_panel *panel);  /* and how the first of them prunes */
void kr_controls_plugins(kr_controls_panel *panel);  /* controls_plugins.c: landscape, dynamics, noise, schedule */
void kr_controls_ensemble(kr_controls_panel *panel); /* controls_ensemble.c: ensemble and its start */
void kr_controls_escape(kr_controls_panel *panel);   /* controls_escape.c */
void kr_controls_compare(kr_controls_panel *panel);  /* controls_compare.c */
void kr_controls_points(kr_controls_panel *panel);   /* controls_points.c: of a spline */

#endif
