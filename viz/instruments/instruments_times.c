/* When particles arrive after they left the start: a histogram, in which those who are still on their way count as long as they
 * were seen, beside the law that theory predicts. */
#include "instruments_parts.h"

#include <math.h>
#include <stdio.h>

static const kr_passage_times *times_of(const kr_frame *frame, size_t variant) {
    return &frame->snapshot->variant[variant].times;
}

/* The most exact theory that predicts a mean number of steps; NULL: none does. */
static const kr_theory_result *best_theory(const kr_frame *frame) {
    const kr_analysis *analysis = frame->analysis;
    for (size_t i = analysis->theory_count; i-- > 0;)
        if (analysis->theory[i].prediction.applies && analysis->theory[i].prediction.mfpt_steps > 0) return &analysis->theory[i];
    return NULL;
}

/* Whether the exact survival of a run from step 0 on is what is measured. */
static bool is_exact(const kr_instruments *self, const kr_frame *frame) {
    const kr_survival *survival = &frame->analysis->survival;
    return survival->count > 1 && survival->chain && !self->settings_changed && !frame->snapshot->schedule_origin &&
           !kr_scene_escape(&frame->analysis->scene)->renewal;
}

size_t kr_times_predicted(const kr_instruments *self, const kr_frame *frame, double last, double *age, double *density, char *what,
                          size_t size) {
    const kr_survival *survival = &frame->analysis->survival;
    size_t count = 0;
    if (is_exact(self, frame)) {
        for (size_t i = 1; i < survival->count && count < KR_TIMES_POINTS; i++) {
            double width = (double)(survival->step[i] - survival->step[i - 1]);
            age[count] = 0.5 * (double)(survival->step[i] + survival->step[i - 1]);
            density[count++] = (survival->chain[i - 1] - survival->chain[i]) / width;
        }
        snprintf(what, size, "predicted: exact");
        return count;
    }
    const kr_problem problem = kr_model_problem(&frame->analysis->model);
    const kr_theory_result *theory = best_theory(frame);
    snprintf(what, size, isnan(kr_problem_constant_rate(&problem)) ? "no one law: \xce\xb7 changes" : "no theory");
    if (!theory || isnan(kr_problem_constant_rate(&problem))) return 0;
    /* Exponential after a delay, with the mean and the variation of the theory, as of relaxation in the well. */
    double mean = theory->prediction.mfpt_steps, variation = theory->prediction.variation;
    double delay = variation > 0 && variation < 1 ? mean * (1 - variation) : 0, decay = mean - delay;
    for (; count < KR_TIMES_POINTS; count++) {
        age[count] = delay + (last - delay) * (double)count / (KR_TIMES_POINTS - 1);
        density[count] = exp(-(age[count] - delay) / decay) / decay;
    }
    snprintf(what, size, "exponential (%s)", theory->type->about.name);
    return last > delay ? count : 0;
}

/* As of a bar: level from edge to edge, with upright lines between. */
static void draw_outline(const kr_plot *plot, const kr_passage_times *times, kr_color color) {
    double x[2 * KR_PASSAGE_BINS + 2], y[2 * KR_PASSAGE_BINS + 2], floor = plot->y.logarithmic ? plot->y.low : 0;
    size_t n = 0;
    for (size_t k = 0; k < times->count; k++)
        for (size_t side = 0; side < 2; side++) {
            x[n] = times->edge[k + side];
            y[n++] = fmax(times->density[k], floor);
        }
    kr_plot_curve(plot, n, x, y, 1.6 * plot->theme->scale, 0, color);
}

static void draw_bars(const kr_plot *plot, const kr_passage_times *times, kr_color color) {
    const kr_theme *theme = plot->theme;
    double bottom = plot->inner.y + plot->inner.height;
    kr_rectangle before = kr_canvas_clip(plot->canvas, plot->inner);
    for (size_t k = 0; k < times->count; k++) {
        kr_point low = kr_plot_point(plot, times->edge[k], times->density[k]), high = kr_plot_point(plot, times->edge[k + 1], 1);
        if (times->density[k] > 0)
            kr_canvas_fill(plot->canvas,
                           (kr_rectangle){low.x + 0.5 * theme->scale, low.y, high.x - low.x - theme->scale, bottom - low.y},
                           kr_color_fade(color, 0.55));
        double middle = 0.5 * (low.x + high.x), from = kr_plot_point(plot, 1, times->ci95[k].low).y,
               to = kr_plot_point(plot, 1, times->ci95[k].high).y;
        if (high.x - low.x < 5 * theme->scale || !isfinite(to)) continue;
        kr_canvas_line(plot->canvas, (kr_point){middle, isfinite(from) ? from : bottom}, (kr_point){middle, to}, 1.3 * theme->scale,
                       theme->text);
    }
    kr_canvas_unclip(plot->canvas, before);
}

static void choose_axes(const kr_frame *frame, bool logarithmic, size_t count, const double *density, char *power, kr_plot *plot) {
    double last = 0, high = 0, low = INFINITY;
    for (size_t v = 0; v < frame->snapshot->variants; v++) {
        const kr_passage_times *times = times_of(frame, v);
        if (times->count) last = fmax(last, times->edge[times->count]);
        for (size_t k = 0; k < times->count; k++) {
            high = fmax(high, times->passages[k] > 2 ? times->ci95[k].high : times->density[k]);
            if (times->density[k] > 0) low = fmin(low, times->density[k]);
        }
    }
    for (size_t i = 0; i < count; i++) high = fmax(high, density[i]);
    plot->x = (kr_axis){.low = 0,
                        .high = last > 0 ? last : 1,
                        .label = plot->outer.height > 110 * frame->theme->scale ? "steps since the departure" : NULL};
    plot->y = (kr_axis){.low = logarithmic && low < high ? 0.6 * low : 0,
                        .high = (logarithmic ? 4 : 1.3) /* room for what the numbers are in units of */ * (high > 0 ? high : 1),
                        .logarithmic = logarithmic && low < INFINITY && high > 0,
                        .power = power};
}

static double longest(const kr_frame *frame) {
    double last = 0;
    for (size_t v = 0; v < frame->snapshot->variants; v++)
        if (times_of(frame, v)->count) last = fmax(last, times_of(frame, v)->edge[times_of(frame, v)->count]);
    return last;
}

static void draw(kr_instruments *self, const kr_frame *frame, kr_rectangle area) {
    const kr_theme *theme = frame->theme;
    double age[KR_TIMES_POINTS], density[KR_TIMES_POINTS], last = longest(frame);
    char what[128];
    if (!(last > 0)) {
        kr_instrument_note(frame, area, "Nobody has arrived since the last change.");
        return;
    }
    size_t count = kr_times_predicted(self, frame, last, age, density, what, sizeof what);
    kr_plot plot = {.canvas = frame->canvas, .fonts = frame->fonts, .theme = theme, .outer = area};
    double line = kr_instrument_row(frame);
    char power[KR_TICK_TEXT] = "", share[32], text[256];
    plot.outer.height -= line;
    choose_axes(frame, kr_instrument_is_logarithmic(self, frame, &kr_times_instrument), count, density, power, &plot);
    kr_plot_axes(&plot);
    bool alone = !kr_instrument_compares(frame);
    for (size_t v = frame->snapshot->variants; v-- > 0;) {
        if (alone)
            draw_bars(&plot, times_of(frame, v), kr_instrument_color(frame, v));
        else
            draw_outline(&plot, times_of(frame, v), kr_instrument_color(frame, v));
    }
    kr_plot_curve(&plot, count, age, density, 1.9 * theme->scale, 0, theme->prediction);
    snprintf(text, sizeof text, power[0] ? "%s per step" : "per step", power);
    kr_text_draw(frame->fonts, frame->canvas, plot.inner.x + plot.inner.width, plot.inner.y + 0.7 * theme->small, theme->small,
                 KR_REGULAR, KR_RIGHT, theme->faint_text, text);
    snprintf(text, sizeof text, alone ? "%s %% on their way; %s" : "%.0s%s",
             kr_text_number(100 * kr_times_censored(times_of(frame, 0)), 2, share, sizeof share), what);
    kr_text_fit(frame->fonts, frame->canvas, area.x, area.y + area.height - 0.5 * line, area.width, theme->small, KR_REGULAR,
                KR_LEFT, count ? theme->prediction : theme->faint_text, text);
}

/* Who has not arrived is censored: of all that departed so large a part. */
double kr_times_censored(const kr_passage_times *times) {
    double all = (double)times->events + (double)times->under_way;
    return all > 0 ? (double)times->under_way / all : NAN;
}

static void headline(const kr_instruments *self, const kr_frame *frame, char *text, size_t size) {
    const kr_passage_times *times = times_of(frame, 0);
    char number[32];
    (void)self;
    if (kr_instrument_compares(frame) || !times->events) return;
    snprintf(text, size, "%s arrived", kr_text_number((double)times->events, 12, number, sizeof number));
}

static bool fits_logarithm(const kr_instruments *self, const kr_frame *frame) {
    (void)self, (void)frame;
    return false;
}

static bool applies(const kr_instruments *self, const kr_frame *frame) {
    (void)self;
    return frame->analysis->model.target_count && frame->snapshot->variant[0].escape_measured;
}

static void heights(const kr_instruments *self, const kr_frame *frame, double *least, double *wanted, double *most) {
    (void)self;
    *least = 110 * frame->theme->scale;
    *wanted = 150 * frame->theme->scale;
    *most = 400 * frame->theme->scale;
}

const kr_instrument kr_times_instrument = {
    .identity = "instrument escape times",
    .title = "Escape times",
    .tip = "How many steps after the departure particles arrive, per step, with 95 % intervals. Those who are still on their way "
           "count as "
           "long as they were seen (Kaplan and Meier), so that a short run does not look like a fast escape. The line is the exact "
           "law, "
           "or the exponential one with the mean of the most exact theory, after the delay that its variation says.",
    .rank = 10,
    .on_demand = true,
    .applies = applies,
    .heights = heights,
    .draw = draw,
    .axis = KR_TIMES_AXIS,
    .fits_logarithm = fits_logarithm,
    .headline = headline};
