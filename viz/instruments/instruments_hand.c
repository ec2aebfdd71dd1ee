/* A schedule drawn by hand: a drag across the plot of the learning rate moves the nodes of a table, joined by straight lines, that
 * the present schedule has been sampled into. */
#include "instruments_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Nodes are so dense that a cycle keeps its form, and not so many that the scene could not be read any more. */
static uint64_t spacing(const kr_planned *planned, double steps) {
    enum { COARSE = 128, IN_A_CYCLE = 32 };
    uint64_t first = planned->jump(planned, planned->origin), next = first == UINT64_MAX ? first : planned->jump(planned, first);
    double every = steps / COARSE;
    if (next != UINT64_MAX) every = fmin(every, (double)(next - first) / IN_A_CYCLE);
    return (uint64_t)fmax(1, ceil(fmax(every, steps / (KR_HAND_NODES - 1))));
}

static void begin(kr_hand_schedule *drawn, const kr_frame *frame, const kr_plot *plot, const kr_planned *planned) {
    double steps = fmax(1, (double)kr_scene_ensemble(&frame->analysis->scene)->steps);
    uint64_t every = spacing(planned, steps);
    *drawn = (kr_hand_schedule){.active = true, .every = every, .origin = planned->origin, .axis = plot->y};
    drawn->count = (size_t)fmin(KR_HAND_NODES, floor(steps / (double)every) + 1);
    for (size_t i = 0; i < drawn->count; i++) drawn->value[i] = planned->at(planned, planned->origin + i * every);
}

/* All nodes between two places of the mouse come to lie on the line between them. */
void kr_hand_move(kr_hand_schedule *drawn, double from_step, double from_rate, double to_step, double to_rate) {
    double every = (double)drawn->every, origin = (double)drawn->origin;
    double a = (from_step - origin) / every, b = (to_step - origin) / every;
    if (a > b) {
        double step = a, rate = from_rate;
        a = b, from_rate = to_rate;
        b = step, to_rate = rate;
    }
    double first = fmax(0, fmin(ceil(a), round(b))), last = fmin(fmax(floor(b), round(a)), (double)drawn->count - 1);
    for (double i = first; i <= last; i++) {
        double part = b > a ? fmin(1, fmax(0, (i - a) / (b - a))) : 1;
        drawn->value[(size_t)i] = fmax(0, from_rate + part * (to_rate - from_rate));
    }
}

char *kr_hand_text(const kr_hand_schedule *drawn) {
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out) return NULL;
    fputs("set schedule={name: table, values: [", out);
    for (size_t i = 0; i < drawn->count; i++) fprintf(out, "%s%.4g", i ? ", " : "", drawn->value[i]);
    fprintf(out, "], every: %llu, interpolate: linear}", (unsigned long long)drawn->every);
    if (!fclose(out)) return text;
    free(text);
    return NULL;
}

static double rate_of(const kr_plot *plot, double pixel) {
    double y = fmin(plot->inner.y + plot->inner.height, fmax(plot->inner.y, pixel));
    return kr_plot_y(plot, y);
}

void kr_hand_update(kr_instruments *self, const kr_frame *frame, const kr_plot *plot, const kr_planned *planned) {
    kr_hand_schedule *drawn = &self->drawn;
    const kr_input *input = &frame->widgets->input;
    double step;
    if (!frame->simulation) return;
    if (!drawn->active && input->pressed && kr_instrument_points_at(frame, plot, &step)) {
        begin(drawn, frame, plot, planned);
        drawn->pressed = drawn->mouse = input->mouse;
    }
    if (!drawn->active) return;
    kr_point before = drawn->mouse, now = input->mouse;
    drawn->moved = drawn->moved || hypot(now.x - drawn->pressed.x, now.y - drawn->pressed.y) > 3 * frame->theme->scale;
    if (drawn->moved && (now.x != before.x || now.y != before.y))
        kr_hand_move(drawn, kr_plot_x(plot, before.x), rate_of(plot, before.y), kr_plot_x(plot, now.x), rate_of(plot, now.y));
    drawn->mouse = now;
    if (input->down && !input->released) return;
    drawn->active = false;
    char *text = drawn->moved ? kr_hand_text(drawn) : NULL; /* a click alone changes nothing */
    if (text) kr_simulation_intervene(frame->simulation, text);
    free(text);
}

void kr_hand_draw(const kr_instruments *self, const kr_frame *frame, const kr_plot *plot) {
    const kr_hand_schedule *drawn = &self->drawn;
    double x[KR_HAND_NODES];
    if (!drawn->active || !drawn->moved) return;
    for (size_t i = 0; i < drawn->count; i++) x[i] = (double)(drawn->origin + i * drawn->every);
    kr_plot_curve(plot, drawn->count, x, drawn->value, 2.5 * frame->theme->scale, 0, frame->theme->focus);
}
