/* The one table of keys: what they do, and what the help page and the README say of them. */
#include "window_state.h"

#include <SDL.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static void play(kr_window *w, int way) {
    (void)way;
    kr_window_play(w, !w->snapshot->playing);
}

static void step(kr_window *w, int way) {
    kr_window_steps(w, way * (w->widgets.input.shift ? 100 : 1));
}

static void speed(kr_window *w, int way) {
    kr_window_set_speed(w, w->speed + way);
    if (kr_speeds[w->speed] < INFINITY)
        kr_window_say(w, "speed %g\xc3\x97: %g %s per second", kr_speeds[w->speed], kr_speeds[w->speed] * w->unit_speed,
                      w->player ? "frames" : "steps");
    else
        kr_window_say(w, "speed: as fast as it goes");
}

static void fastest(kr_window *w, int way) {
    (void)way;
    w->speed = w->speed == KR_SPEEDS - 1 ? KR_UNIT_SPEED : KR_SPEEDS - 1;
    speed(w, 0);
}

static void restart(kr_window *w, int way) {
    (void)way;
    kr_window_intervene(w, "restart");
    if (w->simulation) kr_window_say(w, "warm restart: the schedule begins anew");
}

static void reset(kr_window *w, int way) {
    (void)way;
    if (w->player)
        kr_player_seek(w->player, 0);
    else
        kr_window_intervene(w, "reset");
}

static void undo(kr_window *w, int way) {
    (void)way;
    kr_window_intervene(w, "undo");
}

static void pause_at(kr_window *w, int way) {
    static const char *const said[] = {"pauses by hand only", "pauses where the schedule begins anew", "pauses at the next escape",
                                       "pauses at the next round step (among the controls: at any)"};
    (void)way;
    if (!w->simulation) return;
    int next = (int)w->snapshot->pause;
    do next = (next + 1) % 4;
    while (kr_pause_refused(w->snapshot, (kr_pause)next));
    kr_window_check_accepted(w, kr_simulation_pause_at(w->simulation, (kr_pause)next, 0));
    kr_window_say(w, "%s", said[next]);
}

/* The next seed: consecutive numbers, so that a demonstration can be repeated. */
static void seed(kr_window *w, int way) {
    (void)way;
    char text[64];
    if (!w->analysis) return;
    snprintf(text, sizeof text, "set ensemble.seed=%llu", (unsigned long long)kr_scene_ensemble(&w->analysis->scene)->seed + 1);
    kr_window_intervene(w, text);
    if (w->simulation) kr_window_say(w, "new random numbers: seed %s", strchr(text, '=') + 1);
}

/* The panel takes the particle nearest to the mouse; the same again ends it. With shift the next one, from the first on where none
 * is followed or there is no mouse. */
static void follow(kr_window *w, const kr_frame *frame) {
    uint64_t particles = w->snapshot->variant[0].particles, before = w->snapshot->followed;
    bool next = w->widgets.input.shift, nobody = before == UINT64_MAX;
    if (!next && nobody && kr_landscape_panel_key(w->landscape, frame, SDLK_x)) return;
    w->followed = !next && !nobody ? UINT64_MAX : before + 1 < particles ? before + 1 : 0; /* UINT64_MAX + 1 is 0 */
    if (w->player)
        kr_player_follow(w->player, w->followed);
    else
        kr_window_check_accepted(w, kr_simulation_follow(w->simulation, w->followed));
    if (w->followed == UINT64_MAX)
        kr_window_say(w, "no particle is followed");
    else
        kr_window_say(w, "following particle %llu", (unsigned long long)w->followed);
}

static void freeze(kr_window *w, int way) {
    (void)way;
    w->drawing_frozen = !w->drawing_frozen;
    kr_window_say(w, w->drawing_frozen ? "the drawing stands still, the simulation goes on; d goes on drawing" : "drawing again");
}

static void columns(kr_column *column, bool shown) {
    *column = shown ? KR_COLUMN_HIDDEN : KR_COLUMN_SHOWN;
}

static void controls(kr_window *w, int way) {
    (void)way;
    columns(&w->controls_column, w->controls_area.width > 0);
    if (w->controls_column == KR_COLUMN_SHOWN && w->instruments_column == KR_COLUMN_SHOWN)
        w->instruments_column = KR_COLUMN_AUTOMATIC;
}

static void instruments(kr_window *w, int way) {
    (void)way;
    columns(&w->instruments_column, w->instruments_area.width > 0);
    if (w->instruments_column == KR_COLUMN_SHOWN && w->controls_column == KR_COLUMN_SHOWN) w->controls_column = KR_COLUMN_AUTOMATIC;
}

static void middle(kr_window *w, int way) {
    static const char *const shown[KR_MIDDLES] = {"networks and landscape, where both have room", "networks only",
                                                  "landscape only"};
    (void)way;
    if (!kr_network_panel_applies(w->analysis)) {
        kr_window_say(w, "nothing is classified on this landscape: there are no networks to be shown beside it");
        return;
    }
    w->middle = (kr_middle)((w->middle + 1) % KR_MIDDLES);
    kr_window_say(w, "%s", shown[w->middle]);
}

static void view(kr_window *w, int way) {
    char why[256] = "";
    if (!kr_landscape_panel_view(w->landscape, w->analysis, w->snapshot, (kr_landscape_view)way, why, sizeof why) && *why)
        kr_window_say(w, "%s", why);
}

static void present(kr_window *w, int way) {
    (void)way;
    w->presents = !w->presents;
    kr_window_say(w, w->presents ? "presenter's layout: F5 goes back" : "all controls and instruments");
}

static void light(kr_window *w, int way) {
    (void)way;
    w->dark = !w->dark;
}

static void text_size(kr_window *w, int way) {
    w->zoom = way ? fmin(3.0, fmax(0.75, w->zoom * (way > 0 ? 1.125 : 1 / 1.125))) : 1.0;
}

static void full_screen(kr_window *w, int way) {
    (void)way;
    if (w->display) kr_display_toggle_full_screen(w->display);
}

static void picture(kr_window *w, int way) {
    (void)way;
    kr_window_save_picture(w);
}

static void film(kr_window *w, int way) {
    (void)way;
    kr_window_toggle_film(w);
}

static void save_scene(kr_window *w, int way) {
    (void)way;
    kr_window_save_scene(w);
}

static void save_session(kr_window *w, int way) {
    (void)way;
    kr_window_save_session(w);
}

static void menu(kr_window *w, int way) {
    (void)way;
    kr_window_open_menu(w);
}

static void help(kr_window *w, int way) {
    (void)way;
    w->help = !w->help;
}

static void escape(kr_window *w, int way) {
    (void)way;
    w->help = false;
}

static void quit(kr_window *w, int way) {
    (void)way;
    w->quit = true;
}

/* ---- the table ---- */

/* act NULL: the panels know this key, it only has a line in the help. A line without what belongs to the one before. */
static const struct key_row {
    SDL_Keycode key, other;
    void (*act)(kr_window *window, int way);
    int way;
    kr_help_line line;
} rows[] = {
    {SDLK_SPACE, 0, play, 0, {"space", "play, pause"}},
    {SDLK_DOWN, 0, step, 1, {"down", "one step; with shift 100 (of a file: next frame)"}},
    {SDLK_UP, 0, step, -1, {"up", "of a file: frame before"}},
    {SDLK_F3, 0, pause_at, 0, {"F3", "pause at restarts, the next escape, a step, nowhere"}},
    {SDLK_COMMA, 0, speed, -1, {", .", "slower, faster"}},
    {SDLK_PERIOD, 0, speed, 1, {NULL, NULL}},
    {SDLK_m, 0, fastest, 0, {"m", "as fast as it goes, or 1\xc3\x97"}},
    {SDLK_w, 0, restart, 0, {"w", "warm restart now: the schedule begins anew"}},
    {SDLK_HOME, 0, reset, 0, {"Home", "reset: everything from step 0, settings stay"}},
    {SDLK_g, 0, seed, 0, {"g", "next seed: other random numbers"}},
    {SDLK_z, 0, undo, 0, {"z", "undo the last change of a setting"}},
    {SDLK_r, 0, NULL, 0, {"r", "reset the view"}},
    {SDLK_1, 0, view, KR_VIEW_FLAT, {"1 2 3 4", "the landscape flat, in 3-D, phase plane, step to step"}},
    {SDLK_2, 0, view, KR_VIEW_SURFACE, {NULL, NULL}},
    {SDLK_3, 0, view, KR_VIEW_PHASE, {NULL, NULL}},
    {SDLK_4, 0, view, KR_VIEW_STEP, {NULL, NULL}},
    {SDLK_LEFT, 0, NULL, 0, {"left right", "of a surface: turn it; with shift: tilt it"}},
    {SDLK_8, 0, NULL, 0, {"8 9", "zoom out, in"}},
    {SDLK_i, 0, NULL, 0, {"i o", "longer, shorter trails"}},
    {SDLK_b, 0, NULL, 0, {"b", "density, or dots where there are not too many"}},
    {SDLK_j, 0, NULL, 0, {"j l p", "coordinate across, up; principal directions"}},
    {SDLK_x, 0, NULL, 0, {"x", "follow the nearest particle, or nobody; shift: the next"}},
    {SDLK_d, 0, freeze, 0, {"d", "freeze the drawing while the simulation goes on"}},
    {SDLK_c, 0, controls, 0, {"c", "controls on, off"}},
    {SDLK_n, 0, instruments, 0, {"n", "instruments on, off"}},
    {SDLK_a, 0, middle, 0, {"a", "of networks: they and the landscape, one of them"}},
    {SDLK_y, 0, NULL, 0, {"y", "of networks: classes of one, of the mean, both"}},
    {SDLK_LEFTBRACKET, 0, NULL, 0, {"[ ]", "of networks: the image before, the next"}},
    {SDLK_u, 0, NULL, 0, {"u", "prune, as the section Pruning says"}},
    {SDLK_BACKSPACE, 0, NULL, 0, {"backspace", "back to where the first phase began"}},
    {SDLK_END, 0, NULL, 0, {"End", "the next phase now"}},
    {SDLK_F5, 0, present, 0, {"F5", "presenter's layout: large, with few instruments"}},
    {SDLK_t, 0, light, 0, {"t", "light, dark"}},
    {SDLK_PLUS, SDLK_KP_PLUS, text_size, 1, {"+ - 0", "larger, smaller, normal text"}},
    {SDLK_EQUALS, 0, text_size, 1, {NULL, NULL}},
    {SDLK_MINUS, SDLK_KP_MINUS, text_size, -1, {NULL, NULL}},
    {SDLK_0, SDLK_KP_0, text_size, 0, {NULL, NULL}},
    {SDLK_f, SDLK_F11, full_screen, 0, {"f", "full screen"}},
    {SDLK_e, 0, picture, 0, {"e", "save a picture (PNG)"}},
    {SDLK_v, 0, film, 0, {"v", "record a film; again: end it"}},
    {SDLK_s, 0, save_scene, 0, {"s", "save the settings as a scene"}},
    {SDLK_k, 0, save_session, 0, {"k", "keep the session: kramers view FILE.h5 replays it"}},
    {SDLK_F2, 0, menu, 0, {"F2", "lessons and scenes: search, open"}},
    {SDLK_PAGEDOWN, 0, NULL, 0, {"Pg Dn, Up", "next, previous step of the lesson; behind the last the next lesson"}},
    {SDLK_TAB, 0, NULL, 0, {"Tab", "next control; arrows change it, Enter types"}},
    {SDLK_h, SDLK_F1, help, 0, {"h", "this page"}},
    {SDLK_QUESTION, SDLK_SLASH, help, 0, {NULL, NULL}}, /* a key names what it gives without shift */
    {SDLK_ESCAPE, 0, escape, 0, {NULL, NULL}},
    {SDLK_q, 0, quit, 0, {"q", "quit"}},
};

/* What the mouse does, for the same page. */
static const kr_help_line mouse_lines[] = {
    {"wheel", "zoom about the mouse"},
    {"drag", "move the view, or a point of the spline; turn a surface"},
    {"drag", "in the learning rate: draw a schedule by hand"},
    {"click", "drop all particles there"},
    {"shift click", "follow the nearest particle; again: nobody"},
    {"double click", "on a spline landscape: new point"},
    {"right click", "on a spline landscape: remove a point"},
};

size_t kr_window_help_lines(const kr_help_line **lines) {
    static kr_help_line all[sizeof rows / sizeof *rows + sizeof mouse_lines / sizeof *mouse_lines];
    size_t count = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].line.key) all[count++] = rows[i].line;
    for (size_t i = 0; i < sizeof mouse_lines / sizeof *mouse_lines; i++) all[count++] = mouse_lines[i];
    *lines = all;
    return count;
}

void kr_window_keys(kr_window *w, const kr_frame *frame) {
    kr_input *input = &w->widgets.input;
    if (kr_widgets_own_keyboard(&w->widgets)) return;
    while (input->key_count) {
        int32_t key = input->key[0];
        bool done = false;
        kr_widgets_key(&w->widgets, key);
        /* Control with a letter is what other programs do with it: only undo is known here as well. */
        if (input->control && key != SDLK_z && key != SDLK_q && key != SDLK_PLUS && key != SDLK_MINUS && key != SDLK_EQUALS)
            continue;
        for (size_t i = 0; i < sizeof rows / sizeof *rows && !done; i++)
            if (rows[i].act && (rows[i].key == key || rows[i].other == key)) {
                rows[i].act(w, rows[i].way);
                done = true;
            }
        if (!done && key == SDLK_x)
            follow(w, frame);
        else if (!done && !kr_lesson_panel_key(w->lesson, frame, key) && !kr_network_panel_key(w->network, frame, key) &&
                 !kr_controls_panel_key(w->controls, frame, key))
            kr_landscape_panel_key(w->landscape, frame, key);
    }
}
