/* What keys and buttons do, and what the window says of it. */
#include "window_state.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const double kr_speeds[KR_SPEEDS] = {0.01, 0.1, 0.2, 0.5, 1, 2, 5, 10, 100, 1000, INFINITY};

void kr_window_say(kr_window *w, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(w->message, sizeof w->message, format, arguments);
    va_end(arguments);
    w->message_until = w->seconds + 3.0 + 0.04 * (double)strlen(w->message);
    if (w->awake_until < w->message_until + 0.1) w->awake_until = w->message_until + 0.1;
}

void kr_window_check_accepted(kr_window *w, bool accepted) {
    if (!accepted) kr_window_say(w, "the simulation is busy with earlier commands: try again");
}

void kr_window_play(kr_window *w, bool play) {
    if (w->player)
        kr_player_play(w->player, play);
    else
        kr_window_check_accepted(w, kr_simulation_play(w->simulation, play));
}

void kr_window_steps(kr_window *w, int64_t steps) {
    if (w->player)
        kr_player_move(w->player, steps);
    else if (steps > 0)
        kr_window_check_accepted(w, kr_simulation_single_step(w->simulation, (uint64_t)steps));
}

void kr_window_set_speed(kr_window *w, int speed) {
    w->speed = speed < 0 ? 0 : speed >= KR_SPEEDS ? KR_SPEEDS - 1 : speed;
    double rate = kr_speeds[w->speed] * w->unit_speed;
    if (w->player)
        kr_player_speed(w->player, rate);
    else
        kr_window_check_accepted(w, kr_simulation_speed(w->simulation, rate));
}

void kr_window_apply_lesson_speed(kr_window *w) {
    double asked = w->simulation && w->options->speed == 0 ? kr_lesson_panel_speed(w->lesson) : 0;
    if (asked == w->lesson_speed) return;
    w->lesson_speed = asked;
    w->unit_speed = asked > 0 ? asked : w->run_speed;
    kr_window_set_speed(w, KR_UNIT_SPEED);
}

void kr_window_intervene(kr_window *w, const char *text) {
    if (w->simulation)
        kr_window_check_accepted(w, kr_simulation_intervene(w->simulation, text));
    else
        kr_window_say(w, "a file is shown: its settings are past");
}
