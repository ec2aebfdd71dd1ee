/* The screen: an SDL window that shows a canvas, and what the user does. */
#ifndef KR_DISPLAY_H
#define KR_DISPLAY_H

#include "widgets/widget.h"

typedef struct kr_display kr_display;

/* title: of the window, before the program's name. width, height: in units of the desktop; 0: 1280 x 800 or what fits. Without a
 * display the message says how to do without. */
kr_status kr_display_open(kr_display **display, int width, int height, const char *title, kr_error *error);
void kr_display_title(kr_display *display, const char *title);
/* The window vanishes at once. */
void kr_display_close(kr_display *display);

/* Calls body, in which the display is used, and gives its status. Where the connection to an X server breaks meanwhile, body does
 * not come back, and this is KR_IO: without it Xlib would end the program. Such a display can only be closed. */
kr_status kr_display_guard(kr_display *display, kr_status (*body)(void *context, kr_error *error), void *context, kr_error *error);

/* Pixels, and how many of them a unit of size should have on this display. */
void kr_display_size(const kr_display *display, int *width, int *height);
double kr_display_scale(const kr_display *display);

/* What happened since the last call. */
typedef struct kr_happened {
    bool quit;
    bool lost;     /* quit, and not because the user closed the window */
    bool anything; /* something that is worth a new frame */
} kr_happened;

/* Waits for an event at most so long, and collects all of them. */
kr_happened kr_display_collect(kr_display *display, double wait, kr_input *input);

kr_status kr_display_show(kr_display *display, const kr_canvas *canvas, kr_error *error);
bool kr_display_hidden(const kr_display *display); /* minimised: nothing that is drawn can be seen */
void kr_display_toggle_full_screen(kr_display *display);
/* Seconds between frames that the eye can tell apart here; 0: showing waits for the display by itself. */
double kr_display_frame_seconds(const kr_display *display);
const char *kr_display_driver(const kr_display *display); /* of video and rendering, for people */

#endif
