/* The inside of the window: window.c has the loop of frames, window_bar.c and window_help.c draw what is its own, window_keys.c
 * holds the table of keys, window_keep.c writes files. */
#ifndef KR_WINDOW_STATE_H
#define KR_WINDOW_STATE_H

#include "display.h"
#include "draw/legibility.h"
#include "film.h"
#include "model/analysis.h"
#include "model/frame.h"
#include "model/player.h"
#include "window.h"

/* A column is shown where there is room for it, unless the user has said what is wanted. */
typedef enum kr_column { KR_COLUMN_AUTOMATIC, KR_COLUMN_SHOWN, KR_COLUMN_HIDDEN } kr_column;

/* What is between the columns where there are networks. */
typedef enum kr_middle { KR_MIDDLE_BOTH, KR_MIDDLE_NETWORK, KR_MIDDLE_LANDSCAPE, KR_MIDDLES } kr_middle;

/* Of scenes and lessons. */
typedef struct kr_window_menu {
    bool open;
    char search[64];
    size_t first, chosen; /* among what is found: the first that is seen, and the marked one */
    kr_point mouse;       /* where it was: lines are marked when it moves */
} kr_window_menu;

typedef struct kr_window {
    const kr_window_options *options; /* of what was opened first, or own */
    kr_window_options own;
    char source[64], wanted[64]; /* shipped scene of own; the one that is to be opened, "": none */
    kr_window_menu menu;
    kr_input menu_input;
    const kr_registry *registry;
    kr_display *display; /* NULL: pictures only */
    kr_canvas canvas;
    kr_fonts *fonts;
    kr_theme theme;
    kr_widgets widgets;

    /* What is shown: a simulation or a file. */
    kr_simulation *simulation;
    kr_player *player;
    kr_analyser *analyser;
    const kr_snapshot *snapshot;
    const kr_analysis *analysis;
    char name[256];  /* of scene or file, without folder and extension */
    char title[256]; /* the same, or the landscape, where that is no longer the scene's */
    char landscape_opened[64];

    kr_landscape_panel *landscape;
    kr_network_panel *network;
    kr_instruments *instruments;
    kr_controls_panel *controls;
    kr_lesson_panel *lesson;
    kr_rectangle bar_area, controls_area, landscape_area, network_area, instruments_area, lesson_area,
        foot_area; /* width or height 0: not shown */
    kr_column controls_column, instruments_column;
    kr_middle middle;

    bool view_opened;       /* of the landscape, as the command line says */
    kr_landscape_view view; /* of the scene before */
    bool presents;          /* the layout for a room: no controls, a row of instruments, large text */
    bool dark, help, drawing_frozen, quit, began_playing;
    bool lost;           /* the display, without an error */
    bool output_written; /* the session file that was asked for */
    double display_scale, zoom;
    double unit_speed;              /* steps (frames of a file) per second at 1x */
    int speed;                      /* of kr_speeds */
    double run_speed, lesson_speed; /* 1x of the scene itself; what the lesson's step asks for, 0: nothing */
    uint64_t followed;
    double seconds; /* since the beginning; counted in frames where there is no clock */
    double frames_per_second;
    uint64_t frame, shown; /* frames drawn, and how many of them showed something new */
    double last_drawn;
    bool report_began;
    kr_window_report report_first; /* when it began */
    uint64_t report_generation;
    uint64_t progress;  /* of the analyser, when the last frame was drawn */
    double awake_until; /* until then frames are drawn even when nothing seems to change */

    kr_description *description; /* NULL: not wanted */
    double described;            /* when */
    kr_legibility legibility;    /* of the frame that is described */

    bool unstable; /* it was said */
    char message[512];
    double message_until;
    uint64_t message_number; /* of the last one of the simulation */
    kr_film *film;
    kr_error film_error; /* of a film asked for on the command line */
} kr_window;

enum { KR_SPEEDS = 11, KR_UNIT_SPEED = 4 }; /* the second: 1x */
extern const double kr_speeds[KR_SPEEDS];   /* the last one is INFINITY */

/* Shown for some seconds. */
void kr_window_say(kr_window *window, const char *format, ...) KR_PRINTF(2, 3);
void kr_window_check_accepted(kr_window *window, bool accepted); /* says so where a command was not accepted */

/* Begins what the options name, scene or file, with its speed and its lesson. */
kr_status kr_window_open_source(kr_window *window, kr_error *error);

/* That of a shipped name is opened in place of what is shown, before the next frame. */
void kr_window_want(kr_window *window, const char *name);
void kr_window_open_wanted(kr_window *window);
kr_status kr_window_open_panels(kr_window *window, kr_error *error);
void kr_window_close_source(kr_window *window); /* panels, simulation and all that is known of it */
void kr_window_begin_speed(kr_window *window);

/* After a change of the analysis: the title follows the landscape. */
void kr_window_name_shown(kr_window *window);

/* A window whose options and registry are set and everything else is 0: with all that it shows and draws with. Closed in any case.
 */
kr_status kr_window_open(kr_window *window, kr_error *error);
void kr_window_close(kr_window *window);

/* One frame into the canvas, with what the user did in it. */
kr_status kr_window_draw(kr_window *window, const kr_input *input, kr_error *error);
double kr_window_scale(const kr_window *window);
void kr_window_place(kr_window *window); /* areas of the panels */
void kr_window_draw_bar(kr_window *window);
void kr_window_draw_foot(kr_window *window); /* time slider of a file */
void kr_window_draw_message(kr_window *window);
void kr_window_draw_help(kr_window *window);
void kr_window_open_menu(kr_window *window);
void kr_window_draw_menu(kr_window *window); /* and what is done in it, with menu_input */
/* Around what is drawn of a frame: what it shows is described, some twenty times a second. */
void kr_window_describe(kr_window *window);
kr_status kr_window_described(kr_window *window, kr_error *error);

/* Keys that no control has used. */
void kr_window_keys(kr_window *window, const kr_frame *frame);
size_t kr_window_help_lines(const kr_help_line **lines);

/* What keys and buttons do. */
void kr_window_play(kr_window *window, bool play);
void kr_window_steps(kr_window *window, int64_t steps);
void kr_window_set_speed(kr_window *window, int speed);
/* 1x becomes what the lesson's step asks for, unless the command line has said how fast. */
void kr_window_apply_lesson_speed(kr_window *window);
void kr_window_intervene(kr_window *window, const char *text);

void kr_window_save_picture(kr_window *window);
void kr_window_save_scene(kr_window *window);
void kr_window_save_session(kr_window *window);
void kr_window_guard_session(kr_window *window); /* from now on */
/* At the end: of what was done and not saved nothing is kept where the user has closed the window; else it is, and the error says
 * where besides why the window ended. */
kr_status kr_window_end_session(kr_window *window, kr_status status, kr_error *error);
void kr_window_toggle_film(kr_window *window);
void kr_window_add_to_film(kr_window *window);
void kr_window_end_film(kr_window *window);
/* That of the command line, at the end. */
kr_status kr_window_keep_session(kr_window *window, kr_error *error);

#endif
