/* Immediate-mode controls: called every frame, they draw themselves and say what the user did. A control is known by the text of
 * its identity (unique in the window), so that focus, dragging and typing survive from frame to frame. Everything works from the
 * keyboard: Tab and Shift-Tab move the focus, arrows change a value, Space or Enter press. */
#ifndef KR_WIDGET_H
#define KR_WIDGET_H

#include "draw/description.h"
#include "draw/text.h"
#include "draw/theme.h"

#include <kramers/parameter.h>

enum { KR_MAX_KEYS = 32 };

/* What happened since the last frame; filled in by the window (or a test) from events. */
typedef struct kr_input {
    kr_point mouse;
    bool inside;                                /* the mouse is in the window */
    bool down, pressed, released, double_click; /* left button */
    bool right_down, right_pressed, middle_down;
    double wheel; /* notches, up is positive */
    bool shift, control, alt;
    int32_t key[KR_MAX_KEYS]; /* SDL key codes, in order */
    size_t key_count;
    char text[64];  /* typed, UTF-8 */
    double seconds; /* since the window opened */
} kr_input;

enum { KR_IDENTITY = 64 };

enum { KR_MAX_FOCUS = 256, KR_TIP = 768, KR_MENU_NAMES = 256 };

/* Of widget*.c: what has to be known from frame to frame. */
typedef struct kr_widget_state {
    char order[KR_MAX_FOCUS][KR_IDENTITY]; /* controls of this frame in the order of Tab */
    char wanted[KR_IDENTITY];              /* the one that gets the focus */
    size_t order_count;
    char held[KR_IDENTITY];    /* the one that was pressed last: a double click is two on the same */
    char hovered[KR_IDENTITY]; /* under the mouse in the frame before, and the mouse is there still */
    kr_rectangle hot_area;     /* of kr_widgets.hot */
    char tipped[KR_IDENTITY];  /* whose tip is waiting, and since when */
    double tip_since;
    bool tip_of_focus, focus_by_key;
    kr_rectangle focus_area, tip_area;
    char tip_text[KR_TIP];
    size_t caret;
    bool select_all, edit_seen, open_seen;
    int tab_waits;                                         /* a field was left by Tab (1) or Shift-Tab (-1) */
    bool drag_number;                                      /* the slider's number is held, not its knob */
    double drag_fraction, drag_mouse, drag_low, drag_high; /* of the slider that is held; the ends it had when it was taken */
    kr_rectangle popup;                                    /* of the open menu */
    const char *popup_names[KR_MENU_NAMES]; /* drawn when the frame ends: the list itself may be gone by then, its texts not */
    int popup_count, popup_marked, popup_first, popup_rows;
    kr_point popup_mouse;
} kr_widget_state;

typedef struct kr_widgets {
    kr_canvas *canvas;
    kr_fonts *fonts;
    const kr_theme *theme;
    kr_input input;                                                 /* controls consume keys: they take out what they used */
    char hot[KR_IDENTITY], active[KR_IDENTITY], focus[KR_IDENTITY]; /* under the mouse, held, of the keyboard */
    char edited[KR_IDENTITY];                                       /* field that is being typed into */
    char edit_text[128];
    char open[KR_IDENTITY];      /* menu that is open */
    const char *tip;             /* shown by kr_widgets_end near the mouse or the focus */
    bool disabled;               /* set around controls that are drawn faintly and ignore input */
    kr_description *description; /* every control is added to it; NULL: none */
    kr_widget_state state;
} kr_widgets;

void kr_widgets_begin(kr_widgets *widgets, kr_canvas *canvas, kr_fonts *fonts, const kr_theme *theme, const kr_input *input);
/* Draws what lies above everything else: the open menu and the tip. */
void kr_widgets_end(kr_widgets *widgets);
/* True when a control or menu owns the mouse, or a field the keyboard: panels then leave it alone. */
bool kr_widgets_own_mouse(const kr_widgets *widgets);
bool kr_widgets_own_keyboard(const kr_widgets *widgets);
/* Takes the key out of the input; false when it was not pressed. */
bool kr_widgets_key(kr_widgets *widgets, int32_t key);

/* Each returns true in the frame in which the user did something with it. tip: one line, NULL: none. */
bool kr_button(kr_widgets *widgets, const char *identity, kr_rectangle area, const char *label, bool lit, const char *tip);
/* The same in small letters, for what stands in a title. */
bool kr_small_button(kr_widgets *widgets, const char *identity, kr_rectangle area, const char *label, const char *tip);
bool kr_switch(kr_widgets *widgets, const char *identity, kr_rectangle area, const char *label, bool *on, const char *tip);
/* A slider with its number, which can be typed. low, high: ends of the slider; the value may lie outside. */
bool kr_slider(kr_widgets *widgets, const char *identity, kr_rectangle area, const char *label, double *value, double low,
               double high, bool logarithmic, bool integer, const char *tip);
/* names ends with NULL; the texts, not the list, must last until the frame ends. At most KR_MENU_NAMES are shown. */
bool kr_menu(kr_widgets *widgets, const char *identity, kr_rectangle area, const char *label, const char *const *names, int *chosen,
             const char *tip);
/* Text to type into; true when it was finished with Enter or by leaving. */
bool kr_field(kr_widgets *widgets, const char *identity, kr_rectangle area, const char *label, char *text, size_t size,
              const char *tip);
/* A heading that opens and closes what is below it. */
bool kr_section(kr_widgets *widgets, const char *identity, kr_rectangle area, const char *label, bool *open, const char *tip);

/* A symbol as it is printed: "gamma_max" with the Greek letter. */
void kr_symbol_text(const char *symbol, char *text, size_t size);
/* Name, symbol and unit of a parameter. */
void kr_parameter_label(const kr_parameter *parameter, char *label, size_t size);
/* The control of a parameter, made from its descriptor: slider, switch, menu or field, its doc line and range as the tip. Returns
 * true when the user changed the settings. */
bool kr_parameter_control(kr_widgets *widgets, const char *identity, kr_rectangle area, kr_settings *settings,
                          const kr_parameter *parameter);

#endif
