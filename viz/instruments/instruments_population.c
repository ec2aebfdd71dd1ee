/* How many particles are in which basin, beside Boltzmann's distribution where it is cheap: exact in one dimension, from the
 * curvatures of the minima (harmonic) in several. */
#include "instruments_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static size_t wells_of(const kr_frame *frame) {
    size_t wells = 0;
    for (size_t v = 0; v < frame->snapshot->variants; v++)
        wells = frame->snapshot->variant[v].wells > wells ? frame->snapshot->variant[v].wells : wells;
    return wells < KR_MAX_WELLS ? wells : KR_MAX_WELLS;
}

/* At the momentary learning rate; NAN: noise that depends on the position has another law. */
static double boltzmann_temperature(const kr_frame *frame) {
    kr_problem now;
    kr_present_problem(frame->analysis, 0, &now);
    if (!kr_noise_is_additive(now.noise, now.landscape->type->separable)) return NAN;
    double variance = kr_noise_additive_variance(now.noise);
    double temperature = kr_dynamics_temperature(now.dynamics, frame->snapshot->learning_rate, variance);
    return temperature > 0 && isfinite(temperature) ? temperature : NAN;
}

/* Boltzmann's shares, made anew when the temperature has changed by what can be seen. With a target particles leave, and these
 * shares are never reached. */
static bool predict(kr_instruments *self, const kr_frame *frame, size_t wells) {
    const kr_analysis *analysis = frame->analysis;
    const kr_critical_points *critical = kr_present_critical(analysis);
    kr_stationary_populations *shares = &self->shares;
    double temperature = boltzmann_temperature(frame);
    if (analysis->model.target_count || isnan(temperature) || !critical->count) return false;
    bool other = self->shares_version != analysis->version || self->shares_shape != kr_present_shape(analysis);
    if (other || !(fabs(self->shares_temperature / temperature - 1) < 0.005)) {
        kr_problem problem;
        kr_present_problem(analysis, 0, &problem);
        kr_stationary_populations_destroy(shares);
        kr_stationary_populations_create(shares, &problem, frame->snapshot->learning_rate, critical, NULL);
        self->shares_version = analysis->version;
        self->shares_shape = kr_present_shape(analysis);
        self->shares_temperature = temperature;
    }
    return shares->minima == wells;
}

void kr_boltzmann_populations(kr_instruments *self, const kr_frame *frame, float boltzmann[KR_WELL_CURVES]) {
    size_t wells = wells_of(frame);
    bool known = wells > 1 && predict(self, frame, wells);
    for (size_t w = 0; w < KR_WELL_CURVES; w++) boltzmann[w] = known && w < wells ? (float)self->shares.share[w] : NAN;
}

typedef enum style { NUMBER, WORD, PLACE } style;

/* Returns the width. */
static double label_text(const kr_frame *frame, style how, size_t well, const kr_critical_point *point, char *text, size_t size) {
    char number[64];
    if (how == NUMBER)
        snprintf(text, size, "%zu", well);
    else if (how == WORD || !point || kr_present_critical(frame->analysis)->dim != 1)
        snprintf(text, size, "minimum %zu", well);
    else
        snprintf(text, size, "minimum %zu, x = %s", well, kr_text_number(point->position[0], 2, number, sizeof number));
    return kr_text_width(frame->fonts, frame->theme->small, KR_REGULAR, text);
}

/* False: not all labels have room. really: draws them, else only measures. */
static bool draw_labels(const kr_frame *frame, const kr_plot *plot, style how, size_t wells, double y, bool really) {
    const kr_theme *theme = frame->theme;
    const kr_critical_points *critical = kr_present_critical(frame->analysis);
    double room = plot->inner.width / (double)wells, free = -INFINITY;
    size_t next = 0;
    for (size_t well = 0; well < wells; well++, next++) {
        while (next < critical->count && critical->point[next].index != 0) next++;
        char text[96];
        double half = 0.5 * label_text(frame, how, well, next < critical->count ? &critical->point[next] : NULL, text, sizeof text);
        double middle = plot->inner.x + ((double)well + 0.5) * room;
        if (how != NUMBER && 2 * half > room - 0.5 * theme->gap) return false;
        if (!really || middle - half < free) continue;
        kr_text_draw(frame->fonts, frame->canvas, middle, y, theme->small, KR_REGULAR, KR_CENTER, theme->faint_text, text);
        free = middle + half + 0.5 * theme->gap;
    }
    return true;
}

/* Above the bar; in its upper end where there is no room, or the line of the prediction, at this height. */
static void draw_number(const kr_frame *frame, const kr_plot *plot, kr_rectangle bar, double share, double line) {
    const kr_theme *theme = frame->theme;
    char number[32];
    double row = 1.2 * theme->small, y = bar.y - 0.5 * row;
    snprintf(number, sizeof number, "%.2f", share);
    if (kr_text_width(frame->fonts, theme->small, KR_BOLD, number) > bar.width) return;
    bool inside = y - 0.5 * row < plot->inner.y;
    if (!inside && fabs(line - y) < 0.7 * row) {
        inside = bar.height > 1.8 * row;
        if (!inside) y = fmin(y, line - 0.6 * row);
    }
    double below = fabs(line - bar.y - 0.5 * row) < 0.6 * row ? fmax(line - bar.y, 0) : 0;
    kr_text_draw(frame->fonts, frame->canvas, bar.x + 0.5 * bar.width, inside ? bar.y + below + 0.6 * row : y, theme->small,
                 KR_BOLD, KR_CENTER, inside ? 0xff101318 : theme->text, number);
}

static void draw_bars(kr_instruments *self, const kr_frame *frame, kr_rectangle area) {
    const kr_theme *theme = frame->theme;
    size_t wells = wells_of(frame), variants = frame->snapshot->variants;
    bool predicted = predict(self, frame, wells);
    double foot = 1.25 * theme->small, most = 0;
    for (size_t v = 0; v < variants; v++)
        for (size_t i = 0; i < wells; i++) most = fmax(most, frame->snapshot->variant[v].population[i]);
    kr_plot plot = {.canvas = frame->canvas, .fonts = frame->fonts, .theme = theme};
    plot.outer = (kr_rectangle){area.x, area.y, area.width, area.height - foot};
    plot.x = (kr_axis){.low = 0, .high = (double)wells, .hide = true};
    plot.y = (kr_axis){.low = 0, .high = most > 0.5 || most <= 0 ? 1 : most > 0.2 ? 0.5 : 0.2};
    kr_plot_axes(&plot);
    kr_rectangle bar[KR_MAX_WELLS] = {{0}};
    double group = 0.72, thick = group / (double)variants;
    for (size_t i = 0; i < wells; i++) {
        double start = (double)i + 0.5 * (1 - group);
        for (size_t v = 0; v < variants; v++) {
            kr_point top = kr_plot_point(&plot, start + (double)v * thick, frame->snapshot->variant[v].population[i]);
            double right = kr_plot_point(&plot, start + ((double)v + 1) * thick, 0).x, bottom = plot.inner.y + plot.inner.height;
            bar[i] = (kr_rectangle){top.x, top.y, right - top.x - (variants > 1 ? theme->scale : 0), bottom - top.y};
            kr_canvas_fill(frame->canvas, bar[i], kr_instrument_color(frame, v));
        }
        if (!predicted) continue;
        kr_point ends[2] = {kr_plot_point(&plot, (double)i + 0.06, self->shares.share[i]),
                            kr_plot_point(&plot, (double)i + 0.94, self->shares.share[i])};
        kr_canvas_polyline(frame->canvas, 2, ends, 2 * theme->scale, self->shares.harmonic ? 4 * theme->scale : 0,
                           theme->prediction);
    }
    for (size_t i = 0; i < wells && variants == 1; i++)
        draw_number(frame, &plot, bar[i], frame->snapshot->variant[0].population[i],
                    predicted ? kr_plot_point(&plot, 0, self->shares.share[i]).y : NAN);
    style how = PLACE;
    while (how > NUMBER && !draw_labels(frame, &plot, how, wells, 0, false)) how--;
    draw_labels(frame, &plot, how, wells, area.y + area.height - 0.5 * foot, true);
}

static double population(const kr_instruments *self, const kr_sample *sample, size_t well) {
    (void)self;
    return sample->population[well];
}

static double boltzmann(const kr_instruments *self, const kr_sample *sample, size_t well) {
    (void)self;
    return sample->boltzmann[well];
}

static void read_out(const kr_instruments *self, const kr_frame *frame, const kr_plot *plot, size_t wells) {
    double pointed;
    char text[192] = "";
    if (!kr_instrument_points_at(frame, plot, &pointed)) return;
    const kr_sample *sample = kr_history_nearest(&self->history, pointed);
    for (size_t w = 0; w < wells; w++) {
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "%s%.2f", w ? ", " : "", (double)sample->population[w]);
        used = strlen(text);
        if (isfinite((double)sample->boltzmann[w]))
            snprintf(text + used, sizeof text - used, " (%.2f)", (double)sample->boltzmann[w]);
    }
    kr_instrument_readout(frame, plot, sample->step, text);
}

/* Numbers of the minima at the ends of their curves: above, below where that is outside or taken, further left where both are. */
static void name_curves(const kr_instruments *self, const kr_frame *frame, const kr_plot *plot, size_t wells) {
    const kr_theme *theme = frame->theme;
    double right = plot->inner.x + plot->inner.width - 0.5 * theme->gap, above = 0.7 * theme->small, high = 1.1 * theme->small;
    double middle[KR_WELL_CURVES], column[KR_WELL_CURVES];
    for (size_t w = 0; w < wells; w++) {
        char number[16];
        double y = kr_plot_point(plot, 0, population(self, &self->history.newest, w)).y;
        for (int place = 0; place < 2 * KR_WELL_CURVES; place++) {
            bool free = true;
            middle[w] = place % 2 ? y + above : y - above;
            column[w] = place / 2 * 1.2 * theme->small;
            for (size_t k = 0; k < w; k++) free &= column[k] != column[w] || fabs(middle[k] - middle[w]) >= high;
            if (free && middle[w] - 0.5 * high >= plot->inner.y - 0.3 * theme->small &&
                middle[w] + 0.5 * high <= plot->inner.y + plot->inner.height)
                break;
        }
        snprintf(number, sizeof number, "%zu", w);
        kr_text_draw(frame->fonts, frame->canvas, right - column[w], middle[w], theme->small, KR_REGULAR, KR_RIGHT, theme->text,
                     number);
    }
}

/* Over the steps, each beside Boltzmann at the temperature of its time: where they part, particles no longer follow. */
static void draw_history(kr_instruments *self, const kr_frame *frame, kr_rectangle area, size_t wells) {
    const kr_theme *theme = frame->theme;
    kr_plot plot = {.canvas = frame->canvas, .fonts = frame->fonts, .theme = theme, .outer = area};
    plot.x =
        (kr_axis){.low = 0, .high = fmax(self->history.newest.step, 1), .label = area.height > 130 * theme->scale ? "step" : NULL};
    plot.y = (kr_axis){.low = 0, .high = 1};
    kr_plot_axes(&plot);
    for (size_t w = 0; w < wells; w++) {
        kr_instrument_curve(self, &plot, boltzmann, w, 1.5 * theme->scale, 4 * theme->scale, theme->prediction);
        kr_instrument_curve(self, &plot, population, w, 2 * theme->scale, 0, kr_instrument_color(frame, 0));
    }
    name_curves(self, frame, &plot, wells);
    read_out(self, frame, &plot, wells);
}

/* Where particles leave at a target, their number is what there is to see over the steps. */
static bool has_history(const kr_frame *frame) {
    return !kr_instrument_compares(frame) && wells_of(frame) <= KR_WELL_CURVES && !frame->analysis->model.target_count;
}

static void draw(kr_instruments *self, const kr_frame *frame, kr_rectangle area) {
    size_t wells = wells_of(frame);
    bool history = has_history(frame) && area.height > 140 * frame->theme->scale;
    double bars = history ? 0.45 * area.height : area.height, gap = 0.5 * frame->theme->gap;
    draw_bars(self, frame, (kr_rectangle){area.x, area.y, area.width, bars});
    if (history)
        draw_history(self, frame, (kr_rectangle){area.x, area.y + bars + gap, area.width, area.height - bars - gap}, wells);
}

static void headline(const kr_instruments *self, const kr_frame *frame, char *text, size_t size) {
    if (frame->analysis->model.target_count) {
        snprintf(text, size,
                 kr_scene_escape(&frame->analysis->scene)->renewal ? "who arrives starts again" : "of those not yet arrived");
        return;
    }
    if (!isnan(boltzmann_temperature(frame)) && kr_present_critical(frame->analysis)->count)
        snprintf(text, size, self->shares.harmonic ? "line: Boltzmann, harmonic" : "line: Boltzmann");
}

static bool applies(const kr_instruments *self, const kr_frame *frame) {
    (void)self;
    return wells_of(frame) > 1;
}

static void heights(const kr_instruments *self, const kr_frame *frame, double *least, double *wanted, double *most) {
    (void)self;
    *least = 68 * frame->theme->scale;
    *wanted = (has_history(frame) ? 190 : 92) * frame->theme->scale;
    *most = (has_history(frame) ? 400 : 300) * frame->theme->scale;
}

const kr_instrument kr_population_instrument = {.identity = "instrument populations",
                                                .title = "Populations",
                                                .tip =
                                                    "The fraction of the particles in the basin of each minimum, numbered from "
                                                    "left to right. The line is Boltzmann's distribution at the "
                                                    "temperature that is set: where everything would end if it were left alone; "
                                                    "there is none where a target takes particles away. Below, where there is "
                                                    "room: over the steps, beside Boltzmann's distribution at the temperature of "
                                                    "each (dashed).",
                                                .rank = 5,
                                                .presented = 7,
                                                .applies = applies,
                                                .heights = heights,
                                                .draw = draw,
                                                .headline = headline};
