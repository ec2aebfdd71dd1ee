/* Learning rate against the step: what it was, where it is, where the schedule leads. */
#include "instruments_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static uint64_t own_step(const kr_planned *planned, uint64_t step) {
    return step > planned->origin ? step - planned->origin : 0;
}

static kr_schedule schedule_of(const kr_planned *planned) {
    kr_schedule schedule = *kr_present_schedule(planned->analysis, planned->curve);
    schedule.origin = 0;
    return schedule;
}

static double rate_at(const kr_planned *planned, uint64_t step) {
    const kr_schedule schedule = schedule_of(planned);
    return kr_schedule_at(&schedule, own_step(planned, step));
}

static uint64_t next_cycle(const kr_planned *planned, uint64_t step) {
    const kr_schedule schedule = schedule_of(planned);
    uint64_t next = kr_schedule_next_cycle(&schedule, own_step(planned, step));
    return next > UINT64_MAX - planned->origin ? UINT64_MAX : next + planned->origin;
}

kr_planned kr_rate_planned(const kr_instruments *self, const kr_frame *frame, size_t variant) {
    return (kr_planned){
        .analysis = frame->analysis, .curve = variant, .origin = self->origin, .at = rate_at, .jump = next_cycle, .jumps = 1};
}

/* The scene's own, and those of the compared that have a schedule of their own. */
static size_t rates_of(const kr_instruments *self, const kr_frame *frame, kr_planned planned[KR_MAX_VARIANTS]) {
    const kr_scene *scene = &frame->analysis->scene;
    size_t count = 0;
    planned[count++] = kr_rate_planned(self, frame, 0);
    for (size_t v = 1; v < frame->snapshot->variants && v <= scene->compare_count; v++)
        if (scene->compare[v - 1].own[KR_COMPARED_SCHEDULE].about) planned[count++] = kr_rate_planned(self, frame, v);
    return count;
}

static double measured_rate(const kr_instruments *self, const kr_sample *sample, size_t variant) {
    return sample->step <= self->regime_step ? sample->learning_rate[variant] : NAN;
}

/* Logarithmic where a good part of the run's curve would otherwise lie on the axis; an end that goes to nothing is not worth
 * decades. */
static bool fits_logarithm(const kr_instruments *self, const kr_frame *frame) {
    double x[KR_STEP_POINTS], y[KR_STEP_POINTS], high = 0;
    kr_planned planned = kr_rate_planned(self, frame, 0);
    double last = (double)planned.origin + (double)kr_scene_ensemble(&frame->analysis->scene)->steps;
    kr_steps all = {.low = (double)planned.origin, .high = last};
    size_t count = kr_steps_sample(&all, &planned, all.low, all.high - 1, x, y), low = 0, lost = 0;
    for (size_t i = 0; i < count; i++) high = fmax(high, y[i]);
    for (size_t i = 0; i < count; i++) {
        low += y[i] < high / 30;
        lost += y[i] < high * 1e-6;
    }
    return 5 * low > count && 20 * lost <= count;
}

static void choose_scale(kr_axis *axis, bool logarithmic, double low, double high) {
    axis->logarithmic = logarithmic && high > 0;
    axis->low = axis->logarithmic ? fmax(low / 1.3, high * 1e-6) : 0;
    axis->high = axis->logarithmic ? high * 1.3 : 1.15 * high;
}

/* One of the rates: what it was, and where its schedule leads. */
typedef struct rate_curve {
    size_t count, future;
    double x[KR_STEP_POINTS], y[KR_STEP_POINTS], future_x[KR_STEP_POINTS], future_y[KR_STEP_POINTS];
} rate_curve;

static void sample_rate(const kr_instruments *self, const kr_steps *shown, const kr_planned *planned, double step, rate_curve *c) {
    c->count = kr_steps_sample(shown, planned, fmax(shown->low, self->regime_step), step, c->x, c->y);
    c->future = kr_steps_sample(shown, planned, step, shown->high - 1, c->future_x, c->future_y);
}

static void widen(const kr_instruments *self, const kr_steps *shown, size_t variant, const rate_curve *c, double *low,
                  double *high) {
    for (size_t i = 0; i < c->count; i++) *low = fmin(*low, c->y[i]), *high = fmax(*high, c->y[i]);
    for (size_t i = 0; i < c->future; i++) *low = fmin(*low, c->future_y[i]), *high = fmax(*high, c->future_y[i]);
    kr_instrument_range(self, measured_rate, variant, shown->low, low, high);
}

static void draw_rate(const kr_instruments *self, const kr_frame *frame, const kr_plot *plot, size_t variant, bool alone,
                      const rate_curve *c) {
    const kr_theme *theme = frame->theme;
    kr_color past = alone ? theme->accent : kr_instrument_color(frame, variant);
    kr_plot_curve(plot, c->future, c->future_x, c->future_y, 1.5 * theme->scale, 4 * theme->scale,
                  alone ? theme->prediction : past);
    kr_instrument_curve(self, plot, measured_rate, variant, 2 * theme->scale, 0, past);
    kr_plot_curve(plot, c->count, c->x, c->y, 2 * theme->scale, 0, past);
    kr_canvas_disc(frame->canvas,
                   kr_plot_point(plot, (double)frame->snapshot->step, frame->snapshot->variant[variant].learning_rate),
                   4 * theme->scale, alone ? theme->text : past);
}

static double rate_there(const kr_instruments *self, const kr_planned *planned, double pointed) {
    return pointed >= self->regime_step ? rate_at(planned, (uint64_t)pointed)
                                        : kr_history_nearest(&self->history, pointed)->learning_rate[planned->curve];
}

static void read_out(const kr_instruments *self, const kr_frame *frame, const kr_plot *plot, const kr_planned *planned,
                     size_t count) {
    char number[64], text[160] = "\xce\xb7 = ";
    double pointed;
    if (!kr_instrument_points_at(frame, plot, &pointed)) return;
    size_t used = strlen(text);
    for (size_t i = 0; i < count && used < sizeof text; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", i ? ", " : "",
                                 kr_text_number(rate_there(self, &planned[i], pointed), 4, number, sizeof number));
    kr_instrument_readout(frame, plot, pointed, text);
}

static void draw(kr_instruments *self, const kr_frame *frame, kr_rectangle area) {
    const kr_theme *theme = frame->theme;
    double step = (double)frame->snapshot->step, low = frame->snapshot->learning_rate, high = low;
    kr_planned planned[KR_MAX_VARIANTS];
    rate_curve curve[KR_MAX_VARIANTS];
    size_t rates = rates_of(self, frame, planned);
    kr_steps shown = kr_steps_choose(frame, rates, planned);
    kr_steps_mark(&shown, &planned[0], self->regime_step); /* marks before the regime began belong to other settings */
    for (size_t i = 0; i < rates; i++) {
        kr_steps own = shown; /* jumps are upright where its own cycles begin */
        if (i) kr_steps_mark(&own, &planned[i], self->regime_step);
        sample_rate(self, &own, &planned[i], step, &curve[i]);
        widen(self, &shown, planned[i].curve, &curve[i], &low, &high);
    }
    kr_plot plot = {.canvas = frame->canvas, .fonts = frame->fonts, .theme = theme, .outer = area};
    plot.x = (kr_axis){.low = shown.low, .high = shown.high, .label = area.height > 130 * theme->scale ? "step" : NULL};
    choose_scale(&plot.y, kr_instrument_is_logarithmic(self, frame, &kr_learning_rate_instrument), low, high);
    if (self->drawn.active) plot.y = self->drawn.axis;
    kr_plot_axes(&plot);
    kr_hand_update(self, frame, &plot, &planned[0]);
    kr_steps_draw_marks(frame, &plot, &shown);
    kr_plot_vertical(&plot, step, theme->scale, 0, theme->text);
    for (size_t i = rates; i-- > 0;) draw_rate(self, frame, &plot, planned[i].curve, rates == 1, &curve[i]);
    kr_hand_draw(self, frame, &plot);
    read_out(self, frame, &plot, planned, rates);
}

static void headline(const kr_instruments *self, const kr_frame *frame, char *text, size_t size) {
    char number[64];
    kr_planned planned[KR_MAX_VARIANTS];
    if (rates_of(self, frame, planned) > 1) return;
    snprintf(text, size, "\xce\xb7 = %s", kr_text_number(frame->snapshot->learning_rate, 3, number, sizeof number));
}

static bool applies(const kr_instruments *self, const kr_frame *frame) {
    (void)self;
    (void)frame;
    return true;
}

static void heights(const kr_instruments *self, const kr_frame *frame, double *least, double *wanted, double *most) {
    (void)self;
    *least = 72 * frame->theme->scale;
    *wanted = 120 * frame->theme->scale;
    *most = 400 * frame->theme->scale;
}

const kr_instrument kr_learning_rate_instrument = {
    .identity = "instrument learning rate",
    .title = "Learning rate",
    .tip =
        "The learning rate of each step: so far, and dashed what the schedule will do; of those that are compared, "
        "where they have schedules of their own. Flags mark the beginnings of cycles. Drag in it to draw a schedule of your own.",
    .rank = 1,
    .presented = 1,
    .applies = applies,
    .heights = heights,
    .draw = draw,
    .axis = KR_RATE_AXIS,
    .fits_logarithm = fits_logarithm,
    .headline = headline};
