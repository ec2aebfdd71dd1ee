/* What the kinds of controls share. */
#ifndef KR_WIDGET_PARTS_H
#define KR_WIDGET_PARTS_H

#include "widget.h"

#include <SDL_keycode.h>
#include <string.h>

/* Mouse and keyboard in this frame, for one control. */
typedef struct kr_touch {
    bool hot;     /* the mouse is over it and held by no other control */
    bool pressed; /* the left button went down on it in this frame */
    bool held;    /* it went down here and is still down (or went up in this frame) */
    bool clicked; /* and went up over it */
    bool focused; /* has the keyboard */
} kr_touch;

/* Registers the control in the order of Tab and finds out about mouse and keyboard. Disabled controls get nothing. */
kr_touch kr_widget_touch(kr_widgets *widgets, const char *identity, kr_rectangle area, const char *tip);
void kr_widget_focus(kr_widgets *widgets, const char *identity);
bool kr_widget_inside(kr_rectangle area, kr_point point);

/* As far as identities are kept. */
static inline bool kr_widget_is(const char *state, const char *identity) {
    return strncmp(state, identity, KR_IDENTITY - 1) == 0;
}
void kr_widget_assign(char *state, const char *identity);

/* Adds the control to the description, to which its value is then added. */
void kr_widget_describe(kr_widgets *widgets, const char *kind, const char *identity, kr_rectangle area, const char *label,
                        kr_touch touch, const char *tip);

/* Colours that follow from theme and touch. */
kr_color kr_widget_text_color(const kr_widgets *widgets);
kr_color kr_widget_face_color(const kr_widgets *widgets, kr_touch touch);
void kr_widget_focus_ring(kr_widgets *widgets, kr_rectangle area, kr_touch touch);

/* Typing into a line of text. Begins with everything selected. */
typedef enum kr_edit_result { KR_EDIT_GOES_ON, KR_EDIT_DONE, KR_EDIT_CANCELLED } kr_edit_result;
void kr_edit_begin(kr_widgets *widgets, const char *identity, const char *text);
void kr_edit_end(kr_widgets *widgets);
bool kr_edit_is(const kr_widgets *widgets, const char *identity);
/* Takes keys and text out of the input; draws the text with its caret. wrong: drawn as not valid. */
kr_edit_result kr_edit_line(kr_widgets *widgets, kr_rectangle area, bool wrong);

/* The slider without its own rules: of parameters. reset: the value after a double click or Delete, NAN: none. check: what is wrong
 * with a typed number, NULL: nothing. */
typedef struct kr_slider_rules {
    double low, high, reset;
    bool logarithmic, integer;
    const char *(*check)(const void *context, double value);
    const void *context;
} kr_slider_rules;
bool kr_slider_with_rules(kr_widgets *widgets, const char *identity, kr_rectangle area, const char *label, double *value,
                          const kr_slider_rules *rules, const char *tip);

/* A text field whose text is checked before it is taken. */
typedef const char *(*kr_text_check)(const void *context, const char *text);
bool kr_field_with_check(kr_widgets *widgets, const char *identity, kr_rectangle area, const char *label, char *text, size_t size,
                         const char *tip, kr_text_check check, const void *context);

/* The open menu, above everything else. */
void kr_menu_draw_popup(kr_widgets *widgets);

#endif
