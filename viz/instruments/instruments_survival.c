/* Survival: the fraction that has not arrived yet, where each particle arrives once, beside the predictions. */
#include "instruments_parts.h"

#include <math.h>
#include <stdio.h>

static double alive(const kr_instruments *self, const kr_sample *sample, size_t variant) {
    (void)self;
    return fmax(sample->alive[variant], 1e-12); /* none left: the line leaves the axis */
}

/* The predictions are of a run from step 0 on with the present settings: after a restart by hand they are those of another run, and
 * after a change of settings nothing that was seen belongs to them. */
static double predicted_until(const kr_instruments *self, const kr_frame *frame) {
    if (self->settings_changed) return 0;
    return frame->snapshot->schedule_origin ? (double)frame->snapshot->schedule_origin : INFINITY;
}

static void predicted(const kr_plot *plot, const kr_survival *survival, const double *values, double until, kr_color color) {
    if (!values) return;
    for (size_t i = 1; i < survival->count && (double)survival->step[i] <= until; i++) {
        double x[2] = {(double)survival->step[i - 1], (double)survival->step[i]};
        kr_plot_curve(plot, 2, x, values + i - 1, 1.75 * plot->theme->scale, 0, color);
    }
}

/* Down to where there is still something to be seen: the last particle, or the prediction's end. */
static double lowest(const kr_instruments *self, const kr_frame *frame) {
    const kr_survival *survival = &frame->analysis->survival;
    double low = 1, high = 0;
    for (size_t v = 0; v < frame->snapshot->variants; v++) {
        double one = 0.5 / fmax(1, (double)frame->snapshot->variant[v].particles), least = 1;
        kr_instrument_range(self, alive, v, 0, &least, &high);
        low = fmin(low, fmax(least, one));
    }
    if (survival->count && survival->chain && isinf(predicted_until(self, frame)))
        low = fmin(low, fmax(survival->chain[survival->count - 1], 1e-4));
    return low;
}

static void draw_legend(const kr_frame *frame, const kr_plot *plot, double until) {
    const kr_theme *theme = frame->theme;
    const bool two = frame->analysis->survival.adiabatic != NULL, all = isinf(until);
    double y = plot->inner.y + 0.8 * theme->small, x = plot->inner.x + plot->inner.width - 0.5 * theme->gap; /* curves fall */
    static const char *const words[2][2] = {{"predicted", "predicted: exact"},
                                            {"predicted until the restart", "until the restart: exact"}};
    if (until == 0) {
        kr_text_fit(frame->fonts, frame->canvas, x, y, plot->inner.width - theme->gap, theme->small, KR_REGULAR, KR_RIGHT,
                    theme->faint_text, "settings have changed: no prediction");
        return;
    }
    static const char other[] = "adiabatic";
    if (two) {
        kr_text_draw(frame->fonts, frame->canvas, x, y, theme->small, KR_REGULAR, KR_RIGHT, theme->faint_text, other);
        x -= kr_text_width(frame->fonts, theme->small, KR_REGULAR, other) + theme->gap;
    }
    kr_text_draw(frame->fonts, frame->canvas, x, y, theme->small, KR_REGULAR, KR_RIGHT, theme->prediction, words[!all][two]);
}

static void draw(kr_instruments *self, const kr_frame *frame, kr_rectangle area) {
    const kr_theme *theme = frame->theme;
    const kr_survival *survival = &frame->analysis->survival;
    double low = lowest(self, frame), last = fmax(1, (double)frame->snapshot->step);
    if (survival->count) last = fmax(last, (double)survival->step[survival->count - 1]);
    kr_plot plot = {.canvas = frame->canvas, .fonts = frame->fonts, .theme = theme, .outer = area};
    plot.x = (kr_axis){.low = 0, .high = last, .label = area.height > 130 * theme->scale ? "step" : NULL};
    bool logarithmic = kr_instrument_is_logarithmic(self, frame, &kr_survival_instrument);
    /* All of its height for what there is to be seen, also where hardly anybody leaves. */
    double bottom = fmin(pow(low, 1.15), 0.99);
    plot.y = (kr_axis){.low = logarithmic || low > 0.5 ? bottom : 0, .high = pow(bottom, -0.04), .logarithmic = logarithmic};
    kr_plot_axes(&plot);
    double until = predicted_until(self, frame);
    predicted(&plot, survival, survival->adiabatic, until, theme->faint_text);
    predicted(&plot, survival, survival->chain, until, theme->prediction);
    for (size_t v = 0; v < frame->snapshot->variants; v++) {
        /* From step 0, where all are there. */
        const kr_sample *first = self->history.count ? &self->history.sample[0] : &self->history.newest;
        double x[2] = {0, first->step}, y[2] = {1, alive(self, first, v)};
        kr_plot_curve(&plot, 2, x, y, 2 * theme->scale, 0, kr_instrument_color(frame, v));
        kr_instrument_curve(self, &plot, alive, v, 2 * theme->scale, 0, kr_instrument_color(frame, v));
    }
    if (survival->count && survival->chain) draw_legend(frame, &plot, until);
    double pointed;
    if (!kr_instrument_points_at(frame, &plot, &pointed)) return;
    const kr_sample *sample = kr_history_nearest(&self->history, pointed);
    char number[64];
    kr_instrument_readout(frame, &plot, sample->step, kr_text_number(sample->alive[0], 4, number, sizeof number));
}

static void headline(const kr_instruments *self, const kr_frame *frame, char *text, size_t size) {
    char number[64];
    if (kr_instrument_compares(frame)) return;
    snprintf(text, size, "%s", kr_text_number(self->history.newest.alive[0], 3, number, sizeof number));
}

/* Exponential decay is a straight line. */
static bool fits_logarithm(const kr_instruments *self, const kr_frame *frame) {
    (void)self, (void)frame;
    return true;
}

static bool applies(const kr_instruments *self, const kr_frame *frame) {
    (void)self;
    return frame->analysis->model.target_count && !kr_scene_escape(&frame->analysis->scene)->renewal;
}

static void heights(const kr_instruments *self, const kr_frame *frame, double *least, double *wanted, double *most) {
    (void)self;
    *least = 84 * frame->theme->scale;
    *wanted = 120 * frame->theme->scale;
    *most = 400 * frame->theme->scale;
}

const kr_instrument kr_survival_instrument = {
    .identity = "instrument survival",
    .title = "Survival",
    .tip = "The fraction of the particles that have not reached the target yet. Predicted: the "
           "density led from step to step with the learning rate of each (exact), and rates at the "
           "momentary learning rate (adiabatic), both of a run from step 0 on: they end at a restart by hand, and a change of "
           "settings ends them altogether.",
    .rank = 2, /* where each particle arrives once it is what is measured */
    .presented = 2,
    .applies = applies,
    .heights = heights,
    .draw = draw,
    .axis = KR_SURVIVAL_AXIS,
    .fits_logarithm = fits_logarithm,
    .headline = headline};
