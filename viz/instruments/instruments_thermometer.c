/* Temperatures: what is set, what theory expects of the velocities, what is measured. One tube for each of the dynamics; the column
 * is the kinetic temperature where there is a velocity, else the configurational one. */
#include "instruments_parts.h"

#include <kramers/data_sum.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Why no temperature belongs to the noise of a model: it is another in every place. Of data that are sampled nobody says how much
 * it differs: there the measured one stands alone. */
static bool is_local(const kr_frame *frame, char *why, size_t size) {
    kr_problem now;
    kr_present_problem(frame->analysis, 0, &now);
    return !kr_landscape_data(now.landscape) &&
           kr_noise_objects(now.noise, now.landscape->type->separable, KR_NOISE_LOCAL, why, size);
}

/* Where nothing moves and there is no gradient noise it is what is set; where noise depends on the position nothing is. */
static double expected_of(const kr_frame *frame, const kr_snapshot_variant *variant) {
    char why[96];
    double expected = is_local(frame, why, sizeof why) ? NAN : variant->predicted_kinetic_temperature;
    return fabs(expected - variant->set_temperature) < 1e-9 * expected ? NAN : expected;
}

static double largest(const kr_frame *frame) {
    double most = 0;
    for (size_t v = 0; v < frame->snapshot->variants; v++) {
        const kr_snapshot_variant *variant = &frame->snapshot->variant[v];
        double all[4] = {variant->kinetic_temperature, variant->configurational_temperature, variant->set_temperature,
                         expected_of(frame, variant)};
        for (int i = 0; i < 4; i++)
            if (isfinite(all[i])) most = fmax(most, all[i]);
    }
    return most;
}

static double column_of(const kr_snapshot_variant *variant) {
    return isfinite(variant->kinetic_temperature) ? variant->kinetic_temperature : variant->configurational_temperature;
}

static void diamond(const kr_frame *frame, kr_point at, double size, kr_color color) {
    kr_point corners[4] = {{at.x, at.y - size}, {at.x + size, at.y}, {at.x, at.y + size}, {at.x - size, at.y}};
    kr_canvas_polygon(frame->canvas, 4, corners, frame->theme->panel);
    kr_point inner[4];
    for (int i = 0; i < 4; i++) inner[i] = (kr_point){at.x + (corners[i].x - at.x) * 0.72, at.y + (corners[i].y - at.y) * 0.72};
    kr_canvas_polygon(frame->canvas, 4, inner, color);
}

/* Set: a full line across the tube; expected: a dashed one. */
static void needle(const kr_frame *frame, const kr_plot *plot, double value, double top, double bottom, double dash,
                   kr_color color) {
    kr_point ends[2] = {kr_plot_point(plot, value, NAN), kr_plot_point(plot, value, NAN)};
    ends[0].y = top;
    ends[1].y = bottom;
    if (isfinite(value)) kr_canvas_polyline(frame->canvas, 2, ends, 2 * frame->theme->scale, dash, color);
}

static void draw_tube(const kr_frame *frame, const kr_plot *plot, size_t v, double middle, double thick) {
    const kr_theme *theme = frame->theme;
    const kr_snapshot_variant *variant = &frame->snapshot->variant[v];
    kr_color color = kr_instrument_compares(frame) ? kr_instrument_color(frame, v) : theme->heat;
    double left = plot->inner.x, value = column_of(variant), half = 0.5 * thick;
    kr_rectangle tube = {left - half, middle - half, plot->inner.width + half, thick};
    kr_canvas_fill_round(frame->canvas, tube, half, kr_color_mix(theme->panel, theme->text, 0.1));
    kr_canvas_frame(frame->canvas, tube, half, theme->scale, theme->edge);
    double reach = isfinite(value) ? fmin(fmax(kr_plot_point(plot, value, NAN).x - left, 0), plot->inner.width) : 0;
    if (isfinite(value))
        kr_canvas_fill_round(frame->canvas, (kr_rectangle){left - half, middle - 0.28 * thick, reach + half, 0.56 * thick},
                             0.2 * thick, color);
    kr_canvas_disc(frame->canvas, (kr_point){left - half, middle}, 0.8 * thick, isfinite(value) ? color : theme->edge);
    double over = 3 * theme->scale;
    needle(frame, plot, variant->set_temperature, tube.y - over, tube.y + thick + over, 0, theme->text);
    needle(frame, plot, expected_of(frame, variant), tube.y - over, tube.y + thick + over, 3 * theme->scale, theme->prediction);
    if (isfinite(variant->kinetic_temperature) && isfinite(variant->configurational_temperature)) {
        double shown = fmin(fmax(variant->configurational_temperature, 0), plot->x.high);
        diamond(frame, (kr_point){kr_plot_point(plot, shown, NAN).x, middle}, 0.55 * thick, theme->potential);
    }
}

typedef enum mark { COLUMN, DIAMOND, LINE, DASHES } mark;

static void draw_mark(const kr_frame *frame, kr_point at, mark kind, kr_color color) {
    double size = 5 * frame->theme->scale;
    kr_point ends[2] = {{at.x, at.y - 1.3 * size}, {at.x, at.y + 1.3 * size}};
    if (kind == COLUMN)
        kr_canvas_disc(frame->canvas, at, size, color);
    else if (kind == DIAMOND)
        diamond(frame, at, 1.3 * size, color);
    else
        kr_canvas_polyline(frame->canvas, 2, ends, 2 * frame->theme->scale, kind == DASHES ? 3 * frame->theme->scale : 0, color);
}

/* Whether any of the compared dynamics has this number: kinetic, configurational, set, expected. */
static bool of_any(const kr_frame *frame, int which) {
    for (size_t v = 0; v < frame->snapshot->variants; v++) {
        const kr_snapshot_variant *variant = &frame->snapshot->variant[v];
        double value = which == 0   ? variant->kinetic_temperature
                       : which == 1 ? variant->configurational_temperature
                       : which == 2 ? variant->set_temperature
                                    : expected_of(frame, variant);
        if (isfinite(value)) return true;
    }
    return false;
}

/* The key of the marks with their numbers, in two columns; returns its height, or 0 where so many digits find no room. */
static double draw_numbers(const kr_frame *frame, kr_rectangle area, int digits) {
    const kr_theme *theme = frame->theme;
    const kr_snapshot_variant *variant = &frame->snapshot->variant[0];
    bool compares = kr_instrument_compares(frame), moves = compares ? of_any(frame, 0) : isfinite(variant->kinetic_temperature);
    kr_color column = compares ? theme->text : theme->heat;
    struct {
        const char *name;
        double value;
        mark kind;
        kr_color color;
    } all[4] = {
        {"kinetic", variant->kinetic_temperature, COLUMN, column},
        {"configurational", variant->configurational_temperature, moves ? DIAMOND : COLUMN, moves ? theme->potential : column},
        {"set", variant->set_temperature, LINE, theme->text},
        {"expected", expected_of(frame, variant), DASHES, theme->prediction}};
    double row = kr_instrument_row(frame), mark_room = 14 * theme->scale, gap = (compares ? 0.8 : 1.5) * theme->gap, all_wide = 0;
    char text[4][128];
    double wide[4];
    int shown[4], count = 0;
    for (int i = 0; i < 4; i++) {
        if (compares ? !of_any(frame, i) : !isfinite(all[i].value) && !(i == 1 && count == 0)) continue;
        char number[64];
        snprintf(text[i], sizeof text[i], compares ? "%s" : "%s %s", all[i].name,
                 kr_text_number(all[i].value, digits, number, sizeof number));
        wide[count] = mark_room + kr_text_width(frame->fonts, theme->small, KR_REGULAR, text[i]) + gap;
        all_wide += wide[count];
        shown[count++] = i;
    }
    int columns = all_wide - gap <= area.width || count < 2 ? 4 : 2;
    double second = fmax(0.42 * area.width, count > 2 ? fmax(wide[0], wide[2]) : wide[0]), x = area.x;
    double widest = second + fmax(count > 1 ? wide[1] : 0, count > 3 ? wide[3] : 0) - gap;
    if (columns == 2 && !compares && widest > area.width && digits > 1) return 0;
    for (int k = 0; k < count; k++) {
        if (columns == 2) x = area.x + (k % 2 ? second : 0);
        double middle = area.y + (k / columns + 0.5) * row;
        draw_mark(frame, (kr_point){x + 6 * theme->scale, middle}, all[shown[k]].kind, all[shown[k]].color);
        kr_text_fit(frame->fonts, frame->canvas, x + mark_room, middle, area.x + area.width - x - mark_room, theme->small,
                    KR_REGULAR, KR_LEFT, theme->text, text[shown[k]]);
        x += wide[k];
    }
    return (count > columns ? 2 : 1) * row;
}

static void draw(kr_instruments *self, const kr_frame *frame, kr_rectangle area) {
    const kr_theme *theme = frame->theme;
    size_t variants = frame->snapshot->variants;
    self->temperature_end = kr_instrument_end(self->temperature_end, largest(frame));
    double used = 0, bulb = 14 * theme->scale;
    for (int digits = 3; digits > 0 && used == 0; digits--) used = draw_numbers(frame, area, digits);
    used += 0.25 * theme->gap;
    kr_plot plot = {.canvas = frame->canvas, .fonts = frame->fonts, .theme = theme};
    plot.outer = (kr_rectangle){area.x + bulb, area.y + used, area.width - bulb, area.height - used};
    plot.x = (kr_axis){.low = 0, .high = self->temperature_end};
    plot.y = (kr_axis){.low = 0, .high = 1, .hide = true};
    kr_plot_axes(&plot);
    double room = plot.inner.height / (double)variants, thick = fmin(14 * theme->scale, 0.62 * room);
    for (size_t v = 0; v < variants; v++) draw_tube(frame, &plot, v, plot.inner.y + ((double)v + 0.5) * room, thick);
}

static void headline(const kr_instruments *self, const kr_frame *frame, char *text, size_t size) {
    char number[64];
    (void)self;
    char why[96];
    bool local = is_local(frame, why, sizeof why);
    if (local) snprintf(text, size, "noise differs with the place");
    if (local || kr_instrument_compares(frame)) return;
    snprintf(text, size, "T = %s", kr_text_number(column_of(&frame->snapshot->variant[0]), 3, number, sizeof number));
}

/* Without gradient noise and thermostat there is motion, but no temperature. */
static bool applies(const kr_instruments *self, const kr_frame *frame) {
    (void)self;
    if (strcmp(frame->analysis->scene.noise.about->name, "none") != 0) return true;
    for (size_t v = 0; v < frame->snapshot->variants; v++)
        if (frame->snapshot->variant[v].set_temperature > 0) return true;
    return false;
}

static void heights(const kr_instruments *self, const kr_frame *frame, double *least, double *wanted, double *most) {
    (void)self;
    const kr_snapshot_variant *first = &frame->snapshot->variant[0];
    int entries = isfinite(first->kinetic_temperature) + isfinite(first->configurational_temperature) +
                  isfinite(first->set_temperature) + isfinite(expected_of(frame, first));
    double rows = (entries > 2 && !kr_instrument_compares(frame) ? 2 : 1) * kr_instrument_row(frame);
    double tubes = (double)frame->snapshot->variants * 14 * frame->theme->scale;
    *least = rows + tubes + 34 * frame->theme->scale;
    *wanted = *least + 6 * frame->theme->scale;
    *most = *least + (12 + 6 * (double)frame->snapshot->variants) * frame->theme->scale;
}

const kr_instrument kr_thermometer_instrument = {
    .identity = "instrument thermometer",
    .title = "Temperature",
    .other_names = (const char *const[]){"kinetic temperature", NULL},
    .tip = "In units of the loss. Kinetic: from the velocities. Configurational: from gradients and curvatures where the particles "
           "are. Set: of "
           "the thermostat. Expected: what theory says at this learning rate, gradient noise included. Noise that depends on the "
           "position makes no "
           "temperature: what is measured is a mean over the places where particles are, and says nothing of how they are spread.",
    .rank = 2,
    .presented = 9,
    .applies = applies,
    .heights = heights,
    .draw = draw,
    .headline = headline};
