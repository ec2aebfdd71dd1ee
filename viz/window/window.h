/* The window, or pictures of it without one. */
#ifndef KR_WINDOW_H
#define KR_WINDOW_H

#include <kramers/scene.h>

typedef struct kr_window_options {
    const char *source; /* scene, session file or trajectory file; NULL: double_well */
    const char *const *overrides;
    size_t override_count;
    const char *output;     /* session file written at the end; NULL: none */
    bool overwrite;         /* else an existing output is an error */
    uint64_t frames;        /* > 0: so many frames with a fixed number of steps each, without a display, then end */
    const char *screenshot; /* PNG of the last frame */
    const char *record;     /* film, or folder of numbered PNGs */
    const char *describe;   /* JSON file of what is on the screen, kept up to date; description.h */
    int width, height;      /* 0: 1280 x 800 */
    double scale;           /* of text and controls; 0: that of the display, more in a window larger than 1280x800 */
    bool light, present;
    int64_t lesson_step;  /* opens this step of the lesson; 0: the first; -1: none */
    const char *language; /* of captions: "en" or one of kr_languages; NULL: that of the environment */
    const char *open;     /* instrument that is opened, by its title; NULL: those that have room */
    const char *view;     /* of the landscape, as in kr_landscape_view_name; NULL: flat */
    double speed;         /* steps per second; 0: the default */
    bool paused;
    int threads;
    double seconds;                      /* > 0: ends after so long by itself */
    int (*interrupted)(void);            /* asked for each frame; not 0: end, and keep what there is; NULL: never */
    const char *(*interrupted_by)(void); /* for people; NULL: not known */
} kr_window_options;

/* How it went, after the first second. */
typedef struct kr_window_report {
    char driver[96]; /* of the display; empty: none */
    int width, height;
    uint64_t frames;    /* drawn */
    uint64_t snapshots; /* of the simulation that were in them: one may be in several frames */
    uint64_t steps;     /* of the simulation, as the window saw them; 0: a file, or a reset between */
    uint64_t particles, variants;
    double seconds;
    double drawing;               /* processor seconds of the window's thread */
    double simulated, simulating; /* seconds and processor seconds that the simulation took for the steps */
} kr_window_report;

/* Returns at the end. report: NULL, or what came of it. Where a film goes is said on stderr. Where something else than the user
 * ends the window, what was done in it and not saved is kept in a session file, which the message names. */
kr_status kr_window_run(const kr_window_options *options, const kr_registry *registry, kr_window_report *report, kr_error *error);

#endif
