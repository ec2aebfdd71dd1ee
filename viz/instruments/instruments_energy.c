/* Energies per particle, as bars now and as curves over the steps: kinetic, potential above the deepest minimum, their sum, and
 * with a ledger the work that the learning rate has done and the heat given off since step 0. */
#include "instruments_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct bar {
    const char *name;
    double value;
    kr_color color;
    bool sums; /* grows all the run: on a scale of its own */
} bar;

static double kinetic(const kr_instruments *self, const kr_sample *sample, size_t variant) {
    (void)self;
    return sample->kinetic[variant];
}

static double potential(const kr_instruments *self, const kr_sample *sample, size_t variant) {
    return sample->potential[variant] - self->energy_zero;
}

static double total(const kr_instruments *self, const kr_sample *sample, size_t variant) {
    double moving = sample->kinetic[variant];
    return potential(self, sample, variant) + (isfinite(moving) ? moving : 0);
}

static size_t bars_of(const kr_instruments *self, const kr_frame *frame, bar bars[4]) {
    const kr_theme *theme = frame->theme;
    const kr_snapshot_variant *variant = &frame->snapshot->variant[0];
    size_t count = 0;
    if (isfinite(variant->kinetic)) bars[count++] = (bar){"kinetic", variant->kinetic, theme->kinetic, false};
    bars[count++] = (bar){"potential", variant->potential - self->energy_zero, theme->potential, false};
    if (variant->has_ledger) {
        bars[count++] = (bar){"work in", self->history.newest.work, theme->work, false};
        bars[count++] = (bar){"heat out", self->history.newest.heat, theme->heat, true};
    }
    return count;
}

/* What is smaller than the rounding of energies that were seen is 0. */
static double rounded(kr_instruments *self, double value) {
    const double rounding = 1e-15;
    if (isfinite(value)) self->energy_most = fmax(self->energy_most, fabs(value));
    return fabs(value) <= rounding * self->energy_most ? 0 : value;
}

/* One row: name, bar from the zero line, number. low <= 0 < high are the ends. */
static void draw_bar(const kr_frame *frame, kr_rectangle row, const bar *shown, double low, double high) {
    const kr_theme *theme = frame->theme;
    char number[64];
    double name = 72 * theme->scale, digits = 76 * theme->scale, middle = row.y + 0.5 * row.height,
           width = row.width - name - digits;
    double zero = row.x + name - low / (high - low) * width, end = row.x + name + (shown->value - low) / (high - low) * width;
    kr_text_fit(frame->fonts, frame->canvas, row.x, middle, name - 4, theme->small, KR_REGULAR, KR_LEFT, theme->text, shown->name);
    kr_rectangle track = {row.x + name, row.y + 0.2 * row.height, width, 0.6 * row.height};
    kr_canvas_fill(frame->canvas, track, kr_color_mix(theme->panel, theme->text, 0.07));
    if (isfinite(end)) {
        end = fmin(fmax(end, track.x), track.x + track.width);
        kr_canvas_fill(frame->canvas, (kr_rectangle){fmin(zero, end), track.y, fabs(end - zero), track.height}, shown->color);
    }
    kr_canvas_fill(frame->canvas, (kr_rectangle){floor(zero), row.y, fmax(1, floor(theme->scale)), row.height}, theme->faint_text);
    kr_text_draw(frame->fonts, frame->canvas, row.x + row.width, middle, theme->small, KR_REGULAR, KR_RIGHT, theme->text,
                 kr_text_number(shown->value, 3, number, sizeof number));
}

static double draw_bars(kr_instruments *self, const kr_frame *frame, kr_rectangle area) {
    bar bars[4];
    size_t count = bars_of(self, frame, bars);
    double row = kr_instrument_row(frame), most[2] = {0}, *end[2] = {&self->energy_end, &self->heat_end};
    bool negative[2] = {false};
    for (size_t i = 0; i < count; i++) {
        bars[i].value = rounded(self, bars[i].value);
        if (!isfinite(bars[i].value)) continue;
        most[bars[i].sums] = fmax(most[bars[i].sums], fabs(bars[i].value));
        negative[bars[i].sums] |= bars[i].value < 0;
    }
    for (size_t scale = 0; scale < 2; scale++) *end[scale] = kr_instrument_end(*end[scale], most[scale]);
    for (size_t i = 0; i < count; i++) {
        double high = *end[bars[i].sums];
        draw_bar(frame, (kr_rectangle){area.x, area.y + (double)i * row, area.width, row}, &bars[i],
                 negative[bars[i].sums] ? -high : 0, high);
    }
    return (double)count * row;
}

/* Compared dynamics: one row each, kinetic on top of potential. */
static double draw_stacks(kr_instruments *self, const kr_frame *frame, kr_rectangle area) {
    const kr_theme *theme = frame->theme;
    double row = kr_instrument_row(frame), most = 0, name = 84 * theme->scale, digits = 62 * theme->scale;
    for (size_t v = 0; v < frame->snapshot->variants; v++)
        name = fmax(name, kr_text_width(frame->fonts, theme->small, KR_REGULAR, frame->snapshot->variant[v].name) + theme->gap);
    name = fmin(name, 0.4 * area.width);
    for (size_t v = 0; v < frame->snapshot->variants; v++)
        most = fmax(most, isfinite(total(self, &self->history.newest, v)) ? total(self, &self->history.newest, v) : 0);
    self->energy_end = kr_instrument_end(self->energy_end, most);
    double scale = (area.width - name - digits) / self->energy_end;
    for (size_t v = 0; v < frame->snapshot->variants; v++) {
        const kr_snapshot_variant *variant = &frame->snapshot->variant[v];
        kr_color color = kr_instrument_color(frame, v);
        char number[64];
        double y = area.y + (double)v * row, middle = y + 0.5 * row,
               lower = fmax(0, variant->potential - self->energy_zero) * scale;
        double upper = isfinite(variant->kinetic) ? variant->kinetic * scale : 0;
        kr_text_fit(frame->fonts, frame->canvas, area.x, middle, name - 4, theme->small, KR_REGULAR, KR_LEFT, theme->text,
                    variant->name);
        kr_rectangle track = {area.x + name, y + 0.2 * row, area.width - name - digits, 0.6 * row};
        kr_canvas_fill(frame->canvas, track, kr_color_mix(theme->panel, theme->text, 0.07));
        kr_rectangle clip = kr_canvas_clip(frame->canvas, track);
        if (isfinite(lower)) {
            kr_canvas_fill(frame->canvas, (kr_rectangle){track.x, track.y, lower, track.height}, color);
            kr_canvas_fill(frame->canvas, (kr_rectangle){track.x + lower, track.y, upper, track.height},
                           kr_color_mix(theme->panel, color, 0.5));
        }
        kr_canvas_unclip(frame->canvas, clip);
        kr_text_draw(frame->fonts, frame->canvas, area.x + area.width, middle, theme->small, KR_REGULAR, KR_RIGHT, theme->text,
                     kr_text_number(rounded(self, total(self, &self->history.newest, v)), 3, number, sizeof number));
    }
    return (double)frame->snapshot->variants * row;
}

static void read_out(const kr_instruments *self, const kr_frame *frame, const kr_plot *plot) {
    double pointed;
    char text[192] = "", number[64];
    if (!kr_instrument_points_at(frame, plot, &pointed)) return;
    const kr_sample *sample = kr_history_nearest(&self->history, pointed);
    bool compares = kr_instrument_compares(frame);
    for (size_t v = 0; v < (compares ? frame->snapshot->variants : 1); v++) {
        size_t used = strlen(text);
        double value = compares ? total(self, sample, v) : potential(self, sample, v);
        snprintf(text + used, sizeof text - used, "%s%s%s", v ? ", " : "", compares ? "" : "potential ",
                 kr_text_number(value, 3, number, sizeof number));
    }
    if (!compares && isfinite(kinetic(self, sample, 0))) {
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, ", kinetic %s",
                 kr_text_number(kinetic(self, sample, 0), 3, number, sizeof number));
    }
    kr_instrument_readout(frame, plot, sample->step, text);
}

/* What swings faster than samples can show is a band from its lowest to its highest. */
static void draw_energy(const kr_instruments *self, const kr_plot *plot, kr_sample_value value, size_t quantity, size_t variant,
                        double width, kr_color color) {
    const kr_history *history = &self->history;
    double x[KR_HISTORY + 1], low[KR_HISTORY + 1], high[KR_HISTORY + 1], zero = quantity == KR_SEEN_KINETIC ? 0 : self->energy_zero;
    for (size_t i = 0; i <= history->count; i++) {
        const kr_sample *sample = i < history->count ? &history->sample[i] : &history->newest;
        x[i] = sample->step;
        low[i] = (double)sample->seen[variant][quantity].low - zero;
        high[i] = (double)sample->seen[variant][quantity].high - zero;
    }
    kr_plot_band(plot, history->count + 1, x, low, high, kr_color_mix(plot->theme->panel, color, 0.55));
    kr_instrument_curve(self, plot, value, variant, width, 0, color);
}

static void draw_history(kr_instruments *self, const kr_frame *frame, kr_rectangle area) {
    const kr_theme *theme = frame->theme;
    double low = INFINITY, high = -INFINITY, last = fmax(self->history.newest.step, 1);
    bool compares = kr_instrument_compares(frame);
    for (size_t v = 0; v < (compares ? frame->snapshot->variants : 1); v++) {
        kr_instrument_range(self, compares ? total : potential, v, 0, &low, &high);
        if (!compares) kr_instrument_range(self, kinetic, 0, 0, &low, &high);
        if (!compares) kr_instrument_range(self, total, 0, 0, &low, &high);
    }
    kr_plot plot = {.canvas = frame->canvas, .fonts = frame->fonts, .theme = theme, .outer = area};
    plot.x = (kr_axis){.low = 0, .high = last, .label = area.height > 130 * theme->scale ? "step" : NULL};
    plot.y = (kr_axis){.low = fmin(low, 0), .high = isfinite(high) ? high + 0.08 * (high - fmin(low, 0)) : 1};
    kr_plot_axes(&plot);
    for (size_t v = 0; compares && v < frame->snapshot->variants; v++)
        draw_energy(self, &plot, total, KR_SEEN_TOTAL, v, 1.75 * theme->scale, kr_instrument_color(frame, v));
    if (!compares) {
        if (isfinite(self->history.newest.kinetic[0]))
            draw_energy(self, &plot, total, KR_SEEN_TOTAL, 0, 1.5 * theme->scale, theme->text);
        draw_energy(self, &plot, potential, KR_SEEN_POTENTIAL, 0, 1.75 * theme->scale, theme->potential);
        draw_energy(self, &plot, kinetic, KR_SEEN_KINETIC, 0, 1.75 * theme->scale, theme->kinetic);
    }
    read_out(self, frame, &plot);
}

static void draw(kr_instruments *self, const kr_frame *frame, kr_rectangle area) {
    double used = kr_instrument_compares(frame) ? draw_stacks(self, frame, area) : draw_bars(self, frame, area);
    used += 0.6 * frame->theme->gap;
    if (area.height - used > 44 * frame->theme->scale)
        draw_history(self, frame, (kr_rectangle){area.x, area.y + used, area.width, area.height - used});
}

static double rows_height(const kr_instruments *self, const kr_frame *frame) {
    bar bars[4];
    size_t rows = kr_instrument_compares(frame) ? frame->snapshot->variants : bars_of(self, frame, bars);
    return (double)rows * kr_instrument_row(frame);
}

static void headline(const kr_instruments *self, const kr_frame *frame, char *text, size_t size) {
    char number[64];
    (void)frame;
    if (self->energy_zero == 0)
        snprintf(text, size, "per particle");
    else /* the same number as the landscape's mean V, less this */
        snprintf(text, size, "potential above V = %s", kr_text_number(self->energy_zero, 3, number, sizeof number));
}

static bool applies(const kr_instruments *self, const kr_frame *frame) {
    (void)self;
    (void)frame;
    return true;
}

static void heights(const kr_instruments *self, const kr_frame *frame, double *least, double *wanted, double *most) {
    double rows = rows_height(self, frame);
    *least = rows + 14 * frame->theme->scale;
    *wanted = rows + 96 * frame->theme->scale;
    *most = rows + 400 * frame->theme->scale;
}

const kr_instrument kr_energy_instrument = {
    .identity = "instrument energy",
    .title = "Energy",
    .other_names = (const char *const[]){"energy", "mean V", "Heat out", "Work in", NULL},
    .tip =
        "Means per particle. The potential is counted from the deepest minimum, or from the start where not all minima are known, "
        "and stays so all the run: it is the mean V of the landscape less V there (of a loss over data: V itself). Work in: what "
        "changes of the learning rate have put in; heat out, on a scale of its own: what noise and friction have taken out on "
        "balance, both since step 0 and only where the scene keeps an energy ledger. The bright line over the steps is the sum of "
        "kinetic and potential energy.",
    .rank = 4,
    .presented = 8,
    .least_is_enough = true,
    .applies = applies,
    .heights = heights,
    .draw = draw,
    .headline = headline};
