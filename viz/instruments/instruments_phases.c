/* The phases of the run in turn, and which is the present one. */
#include "instruments_parts.h"

#include <math.h>
#include <stdio.h>

static const kr_snapshot_phases *phases_of(const kr_frame *frame) {
    return &frame->snapshot->phases;
}

/* The steps that are shown: all of the scene's phases, else those of the one by hand; beyond them as far as it has come. */
static double end_of(const kr_frame *frame) {
    const kr_snapshot_phases *phases = phases_of(frame);
    double end =
        phases->count ? (double)phases->phase[phases->count - 1].end : (double)kr_scene_ensemble(&frame->analysis->scene)->steps;
    return fmax(fmax(end, 1.05 * (double)frame->snapshot->step), 1);
}

static void draw_phase(const kr_frame *frame, const kr_plot *plot, const kr_snapshot_phase *phase, bool now, size_t number) {
    const kr_theme *theme = frame->theme;
    double step = (double)frame->snapshot->step, end = fmin((double)phase->end, plot->x.high);
    if (now && step > end) end = plot->x.high; /* the last one does not end */
    double left = kr_plot_point(plot, (double)phase->begin, NAN).x, right = kr_plot_point(plot, end, NAN).x;
    kr_rectangle bar = {left + 0.5 * theme->scale, plot->inner.y, right - left - theme->scale, plot->inner.height};
    if (!(bar.width > 0)) return;
    double weight = now ? 0.55 : number % 2 ? 0.16 : 0.24;
    kr_canvas_fill(frame->canvas, bar, kr_color_mix(theme->panel, now ? theme->accent : theme->text, weight));
    double pad = 0.5 * theme->gap, width = bar.width - 2 * pad;
    char place[24];
    const char *names[] = {phase->name, place, "", NULL};
    kr_face face = now ? KR_BOLD : KR_REGULAR;
    snprintf(place, sizeof place, "%zu", number + 1);
    kr_text_draw(frame->fonts, frame->canvas, bar.x + pad, bar.y + 0.5 * bar.height, theme->small, face, KR_LEFT, theme->text,
                 kr_text_choose(frame->fonts, theme->small, face, width, names));
}

static void draw(kr_instruments *self, const kr_frame *frame, kr_rectangle area) {
    (void)self;
    const kr_theme *theme = frame->theme;
    const kr_snapshot_phases *phases = phases_of(frame);
    kr_plot plot = {.canvas = frame->canvas, .fonts = frame->fonts, .theme = theme, .outer = area};
    plot.x = (kr_axis){.low = 0, .high = end_of(frame)};
    plot.y = (kr_axis){.low = 0, .high = 1, .hide = true};
    kr_plot_axes(&plot);
    for (size_t k = 0; k < phases->count; k++) draw_phase(frame, &plot, &phases->phase[k], phases->any && phases->number == k, k);
    if (phases->any && phases->number == SIZE_MAX) draw_phase(frame, &plot, &phases->now, true, 0);
    double step = (double)frame->snapshot->step, x = kr_plot_point(&plot, step, NAN).x, size = 4 * theme->scale;
    kr_plot_vertical(&plot, step, 1.6 * theme->scale, 0, theme->text);
    kr_point flag[3] = {{x - size, plot.inner.y}, {x + size, plot.inner.y}, {x, plot.inner.y + 1.5 * size}};
    kr_canvas_polygon(frame->canvas, 3, flag, theme->text);
    double pointed;
    if (!kr_instrument_points_at(frame, &plot, &pointed)) return;
    for (size_t k = 0; k < phases->count; k++) {
        const kr_snapshot_phase *phase = &phases->phase[k];
        char text[128], from[32], to[32];
        if (pointed < (double)phase->begin || pointed >= (double)phase->end) continue;
        snprintf(text, sizeof text, "%s, steps %s to %s", phase->name, kr_text_number((double)phase->begin, 12, from, sizeof from),
                 kr_text_number((double)phase->end, 12, to, sizeof to));
        kr_instrument_readout(frame, &plot, pointed, text);
    }
}

static void headline(const kr_instruments *self, const kr_frame *frame, char *text, size_t size) {
    (void)self;
    const kr_snapshot_phases *phases = phases_of(frame);
    double pruned = frame->snapshot->variant[0].pruned;
    char share[48] = "", number[32], own[32];
    if (pruned > 0) snprintf(share, sizeof share, ", %s %% pruned", kr_text_number(100 * pruned, 3, number, sizeof number));
    if (!phases->any)
        snprintf(text, size, "%s", pruned > 0 ? share + 2 : "");
    else
        snprintf(text, size, "%s: step %s%s", phases->now.name,
                 kr_text_number((double)frame->snapshot->step - (double)phases->now.begin, 12, own, sizeof own), share);
}

static bool applies(const kr_instruments *self, const kr_frame *frame) {
    (void)self;
    return phases_of(frame)->any || frame->snapshot->variant[0].pruned > 0;
}

static void heights(const kr_instruments *self, const kr_frame *frame, double *least, double *wanted, double *most) {
    (void)self;
    *least = *wanted = *most = 56 * frame->theme->scale;
}

const kr_instrument kr_phase_instrument = {
    .identity = "instrument phases",
    .title = "Phases",
    .tip = "What happens in turn: each phase of the run with its steps, and where it has come to. "
           "Pruned: the share of all coordinates that stay at 0.",
    .rank = 0,
    .applies = applies,
    .heights = heights,
    .draw = draw,
    .headline = headline};
