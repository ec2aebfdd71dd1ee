/* What every panel gets to draw one frame, and where it says what the user wants. */
#ifndef KR_FRAME_H
#define KR_FRAME_H

#include "simulation.h"
#include "widgets/widget.h"

#include <kramers/critical_points.h>
#include <kramers/path.h>

typedef struct kr_present kr_present; /* present.h */

/* What is known about the present scene, made by the window (or in the background where it takes long) whenever
 * kr_snapshot.version changes. Everything is read only for panels. */
typedef struct kr_analysis {
    uint64_t version; /* of the settings this belongs to */
    kr_scene scene;
    kr_model model;              /* of the main dynamics */
    kr_critical_points critical; /* minima and saddles; count 0 where there are none or too many */
    kr_present *present;         /* the scene at the step that is shown; NULL: as at step 0 */
    kr_path path;                /* between the start's minimum and the target's, or the two lowest; count 0: none */
    bool theories_ready;         /* computed in the background */
    kr_theory_result theory[KR_MAX_THEORIES];
    size_t theory_count;
    kr_survival survival; /* predicted; count 0: none */
} kr_analysis;

typedef struct kr_frame {
    kr_canvas *canvas;
    kr_fonts *fonts;
    const kr_theme *theme;
    kr_widgets *widgets; /* with the input */
    const kr_snapshot *snapshot;
    const kr_analysis *analysis;
    kr_simulation *simulation; /* commands go here; NULL when a file is shown */
    const char *watch;         /* what a lesson says is to be watched, by the names of instruments; NULL: nothing */
    bool still;                /* frames of a picture or a film: the same every time, so no clock may be read */
} kr_frame;

/* Each panel: create once, draw every frame into an area, destroy. Panels keep what they need between frames (zoom, history). */
typedef struct kr_landscape_panel kr_landscape_panel;
kr_status kr_landscape_panel_create(kr_landscape_panel **panel, kr_error *error);
void kr_landscape_panel_draw(kr_landscape_panel *panel, const kr_frame *frame, kr_rectangle area);
void kr_landscape_panel_destroy(kr_landscape_panel *panel);
/* Keys of the panel, for the help page and the window: act on the panel under the mouse or the only one. True when used. */
bool kr_landscape_panel_key(kr_landscape_panel *panel, const kr_frame *frame, int32_t key);

/* How the landscape is shown. A view that the landscape has not is refused, and why says the reason. */
typedef enum kr_landscape_view {
    KR_VIEW_FLAT,
    KR_VIEW_SURFACE,
    KR_VIEW_PHASE, /* position and momentum */
    KR_VIEW_STEP,  /* from one position to the next */
    KR_LANDSCAPE_VIEWS
} kr_landscape_view;
extern const char *const kr_landscape_view_name[KR_LANDSCAPE_VIEWS + 1]; /* of the command line; ends with NULL */
bool kr_landscape_panel_view(kr_landscape_panel *panel, const kr_analysis *analysis, const kr_snapshot *snapshot,
                             kr_landscape_view view, char *why, size_t size);

/* The user's choice, for the panel of the next scene: where that has no such view, the flat one is shown. */
kr_landscape_view kr_landscape_panel_choice(const kr_landscape_panel *panel);
void kr_landscape_panel_choose(kr_landscape_panel *panel, kr_landscape_view view);

/* What networks make of their inputs: classes over two inputs, first weights as images. Only where they are
 * classified. */
typedef struct kr_network_panel kr_network_panel;
kr_status kr_network_panel_create(kr_network_panel **panel, kr_error *error);
bool kr_network_panel_applies(const kr_analysis *analysis); /* NULL: false */
void kr_network_panel_draw(kr_network_panel *panel, const kr_frame *frame, kr_rectangle area);
void kr_network_panel_destroy(kr_network_panel *panel);
bool kr_network_panel_key(kr_network_panel *panel, const kr_frame *frame, int32_t key);

typedef struct kr_instruments kr_instruments;
kr_status kr_instruments_create(kr_instruments **instruments, kr_error *error);
/* Opens the one of this title, in letters of any case; false: there is none, and all gets their titles. */
bool kr_instruments_open(kr_instruments *instruments, const char *title, char *all, size_t size);
void kr_instruments_draw(kr_instruments *instruments, const kr_frame *frame, kr_rectangle area);
/* A few of them beside each other, for people who look from far away: the learning rate, the survival, what else matters most. */
void kr_instruments_present(kr_instruments *instruments, const kr_frame *frame, kr_rectangle area);
void kr_instruments_destroy(kr_instruments *instruments);

/* The column of parameters, and the compared dynamics. */
typedef struct kr_controls_panel kr_controls_panel;
kr_status kr_controls_panel_create(kr_controls_panel **panel, kr_error *error);
void kr_controls_panel_draw(kr_controls_panel *panel, const kr_frame *frame, kr_rectangle area);
void kr_controls_panel_destroy(kr_controls_panel *panel);
/* What a change has done besides what was asked for, once; NULL: nothing is new. Valid until the next call. */
const char *kr_controls_panel_news(kr_controls_panel *panel);
/* Keys that prune, go back and go on to the next phase. True when used. */
bool kr_controls_panel_key(kr_controls_panel *panel, const kr_frame *frame, int32_t key);

/* The lesson of a scene: a bar with the caption of the present step, what to watch, and buttons to the steps around it. Going to a
 * step makes all settings what the lesson says they are there, whatever was changed by hand; particles go on from where they are
 * unless the step changes what they begin with (ensemble.seed, for instance). */
typedef struct kr_lesson_panel kr_lesson_panel;
/* scene: as loaded, with its lesson; copied. A scene without one has no steps, and its bar no height. */
kr_status kr_lesson_panel_create(kr_lesson_panel **panel, const kr_scene *scene, kr_error *error);
void kr_lesson_panel_destroy(kr_lesson_panel *panel);
/* Of a session that is replayed: the panel shows the step that the record has come to, until somebody goes to another. */
kr_status kr_lesson_panel_follow(kr_lesson_panel *panel, const kr_session_record *record, kr_error *error);
/* In which captions are, where a step has them; NULL: English, which all have. language: of kr_languages, or "en"; borrowed. */
void kr_lesson_panel_speak(kr_lesson_panel *panel, const char *language);
const char *kr_lesson_panel_language(const kr_lesson_panel *panel);
/* What people have said that they speak, in the order of POSIX: LC_ALL, LC_MESSAGES, LANG; NULL: English, or none that captions
 * may have. */
const char *kr_lesson_language_of_environment(void);
size_t kr_lesson_panel_steps(const kr_lesson_panel *panel);
size_t kr_lesson_panel_step(const kr_lesson_panel *panel);
/* From 0 on; beyond the ends: the last or the first. False when it could not be asked for. */
bool kr_lesson_panel_go(kr_lesson_panel *panel, kr_simulation *simulation, size_t step);
/* Steps per second that the lesson asks for here, in this step or the last one before that does; 0: none has. */
double kr_lesson_panel_speed(const kr_lesson_panel *panel);
/* True once when the user has gone on behind the last step, and there is a next lesson (course.h). */
bool kr_lesson_panel_finished(kr_lesson_panel *panel);
/* Steps that caption and watch quote, "step 20 000", each once; the window pauses there. Returns how many, at most
 * KR_QUOTED_STEPS. */
size_t kr_lesson_quoted_steps(const kr_lesson_step *step, uint64_t steps[KR_QUOTED_STEPS]);
/* What to watch at the present step, which may name instruments; NULL: nothing. */
const char *kr_lesson_panel_watch(const kr_lesson_panel *panel);
/* That the bar wants at this width; the same for all steps. */
double kr_lesson_panel_height(const kr_lesson_panel *panel, kr_fonts *fonts, const kr_theme *theme, double width);
void kr_lesson_panel_draw(kr_lesson_panel *panel, const kr_frame *frame, kr_rectangle area);
/* Page Up and Page Down: a step back, a step on. True when used. */
bool kr_lesson_panel_key(kr_lesson_panel *panel, const kr_frame *frame, int32_t key);

/* One line per key and mouse action: the help page and the README's table come from it. */
typedef struct kr_help_line {
    const char *key, *what;
} kr_help_line;

#endif
