/* Loss and accuracy of networks over the steps, on training and test data: the mean over the evaluated networks with its 95 %
 * interval, and the followed network; and how accuracies are distributed over the networks. */
#include "instruments_parts.h"

#include <math.h>
#include <stdio.h>

#define VALUE(name_, q_)                                                                                                           \
    static double name_(const kr_instruments *self, const kr_sample *sample, size_t variant) {                                     \
        (void)self;                                                                                                                \
        return sample->score[variant][q_];                                                                                         \
    }                                                                                                                              \
    static double name_##_one(const kr_instruments *self, const kr_sample *sample, size_t variant) {                               \
        (void)self, (void)variant;                                                                                                 \
        return sample->one[q_];                                                                                                    \
    }
VALUE(train_loss, KR_TRAIN_LOSS)
VALUE(train_accuracy, KR_TRAIN_ACCURACY)
VALUE(test_loss, KR_TEST_LOSS)
VALUE(test_accuracy, KR_TEST_ACCURACY)

typedef struct curves {
    kr_score train, test;
    kr_sample_value of_train, of_test, one_train, one_test;
} curves;

static const curves losses = {KR_TRAIN_LOSS, KR_TEST_LOSS, train_loss, test_loss, train_loss_one, test_loss_one};
static const curves accuracies = {KR_TRAIN_ACCURACY, KR_TEST_ACCURACY,   train_accuracy,
                                  test_accuracy,     train_accuracy_one, test_accuracy_one};

static const kr_snapshot_networks *first_of(const kr_frame *frame) {
    return &frame->snapshot->variant[0].networks;
}

static kr_color train_color(const kr_frame *frame) {
    return frame->theme->potential;
}

static kr_color test_color(const kr_frame *frame) {
    return frame->theme->kinetic;
}

/* The interval of the mean of the first variant. */
static void draw_band(const kr_instruments *self, const kr_plot *plot, kr_score score, kr_color color) {
    const kr_history *history = &self->history;
    double x[KR_HISTORY + 1], low[KR_HISTORY + 1], high[KR_HISTORY + 1];
    size_t count = 0;
    for (size_t i = 0; i <= history->count; i++) {
        const kr_sample *sample = i < history->count ? &history->sample[i] : &history->newest;
        double mean = (double)sample->score[0][score], half = (double)sample->half[score];
        if (!isfinite(mean) || !isfinite(half) || (plot->y.logarithmic && !(mean - half > 0))) continue;
        x[count] = sample->step;
        low[count] = mean - half;
        high[count++] = mean + half;
    }
    kr_plot_band(plot, count, x, low, high, kr_color_fade(color, 0.25));
}

/* Test accuracies at the ends of cycles, where snapshots are taken. */
static void draw_cycle_ends(const kr_instruments *self, const kr_frame *frame, const kr_plot *plot, const kr_steps *shown) {
    const kr_history *history = &self->history;
    for (size_t k = 0; k < shown->mark_count; k++) {
        if (shown->mark[k] < 1 || shown->mark[k] > (double)frame->snapshot->step) continue;
        const kr_sample *before = NULL;
        for (size_t i = 0; i < history->count; i++)
            if (history->sample[i].step <= shown->mark[k]) before = &history->sample[i];
        if (!before || !isfinite(before->score[0][KR_TEST_ACCURACY])) continue;
        kr_point at = kr_plot_point(plot, before->step, (double)before->score[0][KR_TEST_ACCURACY]);
        kr_canvas_disc(frame->canvas, at, 3.6 * frame->theme->scale, test_color(frame));
        kr_canvas_ring(frame->canvas, at, 3.6 * frame->theme->scale, frame->theme->scale, frame->theme->text);
    }
}

/* Returns the height of the row. Several dynamics have their own colours: then full lines are test, dashed ones training data. */
static double draw_legend(const kr_frame *frame, kr_rectangle area, bool follows, bool tests) {
    const kr_theme *theme = frame->theme;
    bool compares = kr_instrument_compares(frame);
    const char *names[3] = {compares ? "dashed: training" : "training", compares ? "full: test" : "test", "followed"};
    kr_color colors[3] = {compares ? theme->text : train_color(frame), compares ? theme->text : test_color(frame), theme->focus};
    double x = area.x, row = kr_instrument_row(frame), y = area.y + 0.5 * row, line = 14 * theme->scale;
    for (int k = 0; k < 2 + follows; k++) {
        if (k == 1 && !tests) continue;
        double width = line + 0.5 * theme->gap + kr_text_width(frame->fonts, theme->small, KR_REGULAR, names[k]) + 1.2 * theme->gap;
        if (x + width > area.x + area.width + theme->gap) break;
        kr_point ends[2] = {{x, y}, {x + line, y}};
        kr_canvas_polyline(frame->canvas, 2, ends, 2.2 * theme->scale, compares && k == 0 ? 3 * theme->scale : 0, colors[k]);
        kr_text_draw(frame->fonts, frame->canvas, x + line + 0.5 * theme->gap, y, theme->small, KR_REGULAR, KR_LEFT, theme->text,
                     names[k]);
        x += width;
    }
    return row;
}

static void read_out(const kr_instruments *self, const kr_frame *frame, const kr_plot *plot, const curves *of) {
    double pointed;
    char text[128], train[32], test[32];
    if (!kr_instrument_points_at(frame, plot, &pointed)) return;
    const kr_sample *sample = kr_history_nearest(&self->history, pointed);
    snprintf(text, sizeof text, "training %s, test %s", kr_text_number((double)sample->score[0][of->train], 3, train, sizeof train),
             kr_text_number((double)sample->score[0][of->test], 3, test, sizeof test));
    kr_instrument_readout(frame, plot, sample->step, text);
}

static void ranges(const kr_instruments *self, const kr_frame *frame, const curves *of, double from, double *low, double *high) {
    for (size_t v = 0; v < frame->snapshot->variants; v++) {
        kr_instrument_range(self, of->of_train, v, from, low, high);
        kr_instrument_range(self, of->of_test, v, from, low, high);
    }
}

static void choose_axis(kr_axis *axis, bool share, double low, double high) {
    if (!(high >= low)) low = 0, high = 1;
    if (share) {
        axis->high = 1;
        axis->low = low > 0.9 ? 0.9 : low > 0.8 ? 0.8 : low > 0.5 ? 0.5 : 0;
        return;
    }
    axis->logarithmic = low > 0 && high > 20 * low;
    axis->low = axis->logarithmic ? low / 1.3 : 0;
    axis->high = axis->logarithmic ? high * 1.3 : 1.1 * high;
}

static void draw_curves(kr_instruments *self, const kr_frame *frame, kr_rectangle area, const curves *of) {
    const kr_theme *theme = frame->theme;
    bool compares = kr_instrument_compares(frame), follows = frame->snapshot->followed != UINT64_MAX;
    kr_planned planned = kr_rate_planned(self, frame, 0);
    kr_steps shown = kr_steps_choose(frame, 1, &planned);
    kr_steps_mark(&shown, &planned, self->regime_step);
    double legend = draw_legend(frame, area, follows && !compares, isfinite(first_of(frame)->mean[of->test])), low = INFINITY,
           high = -INFINITY;
    ranges(self, frame, of, shown.low, &low, &high);
    kr_plot plot = {.canvas = frame->canvas, .fonts = frame->fonts, .theme = theme};
    plot.outer = (kr_rectangle){area.x, area.y + legend, area.width, area.height - legend};
    plot.x = (kr_axis){.low = shown.low, .high = shown.high, .label = area.height > 130 * theme->scale ? "step" : NULL};
    choose_axis(&plot.y, of->test == KR_TEST_ACCURACY, low, high);
    kr_plot_axes(&plot);
    if (of->test == KR_TEST_ACCURACY) kr_steps_draw_marks(frame, &plot, &shown);
    if (!compares) {
        draw_band(self, &plot, of->train, train_color(frame));
        draw_band(self, &plot, of->test, test_color(frame));
    }
    for (size_t v = 0; v < frame->snapshot->variants; v++) {
        kr_instrument_curve(self, &plot, of->of_train, v, 1.6 * theme->scale, compares ? 3 * theme->scale : 0,
                            compares ? kr_instrument_color(frame, v) : train_color(frame));
        kr_instrument_curve(self, &plot, of->of_test, v, 2 * theme->scale, 0,
                            compares ? kr_instrument_color(frame, v) : test_color(frame));
    }
    if (follows && !compares) {
        kr_instrument_curve(self, &plot, of->one_train, 0, theme->scale, 3 * theme->scale, theme->focus);
        kr_instrument_curve(self, &plot, of->one_test, 0, theme->scale, 0, theme->focus);
    }
    if (of->test == KR_TEST_ACCURACY) draw_cycle_ends(self, frame, &plot, &shown);
    read_out(self, frame, &plot, of);
}

static void draw_losses(kr_instruments *self, const kr_frame *frame, kr_rectangle area) {
    draw_curves(self, frame, area, &losses);
}

static void draw_accuracies(kr_instruments *self, const kr_frame *frame, kr_rectangle area) {
    draw_curves(self, frame, area, &accuracies);
}

static void write_pair(const kr_frame *frame, const curves *of, char *text, size_t size) {
    const kr_snapshot_networks *networks = first_of(frame);
    char train[32], test[32];
    kr_text_number(networks->mean[of->train], 3, train, sizeof train);
    kr_text_number(networks->mean[of->test], 3, test, sizeof test);
    if (isfinite(networks->mean[of->test]))
        snprintf(text, size, "training %s, test %s", train, test);
    else
        snprintf(text, size, "training %s", train);
}

static void loss_headline(const kr_instruments *self, const kr_frame *frame, char *text, size_t size) {
    (void)self;
    write_pair(frame, &losses, text, size);
}

static void accuracy_headline(const kr_instruments *self, const kr_frame *frame, char *text, size_t size) {
    (void)self;
    write_pair(frame, &accuracies, text, size);
}

/* ---- the distribution over networks ---- */

/* Test accuracies, or training accuracies where there are no test data. */
static kr_score counted(const kr_snapshot_networks *networks) {
    return isfinite(networks->mean[KR_TEST_ACCURACY]) ? KR_TEST_ACCURACY : KR_TRAIN_ACCURACY;
}

/* Bins from the lowest that has a network on, a few at least. */
static size_t first_bin(const kr_snapshot_networks *networks) {
    size_t first = 0;
    while (first < KR_ACCURACY_BINS && !networks->histogram[first]) first++;
    size_t tenth = KR_ACCURACY_BINS / 10;
    first = first > 0 ? first - 1 : 0;
    first -= first % tenth;
    return first > KR_ACCURACY_BINS - 2 * tenth ? KR_ACCURACY_BINS - 2 * tenth : first;
}

static void draw_histogram(kr_instruments *self, const kr_frame *frame, kr_rectangle area) {
    (void)self;
    const kr_theme *theme = frame->theme;
    const kr_snapshot_networks *networks = first_of(frame);
    size_t first = first_bin(networks);
    uint32_t most = 1;
    for (size_t k = 0; k < KR_ACCURACY_BINS; k++) most = networks->histogram[k] > most ? networks->histogram[k] : most;
    kr_plot plot = {.canvas = frame->canvas, .fonts = frame->fonts, .theme = theme, .outer = area};
    kr_score score = counted(networks);
    plot.x = (kr_axis){.low = (double)first / KR_ACCURACY_BINS,
                       .high = 1,
                       .label = area.height < 100 * theme->scale ? NULL
                                : score == KR_TEST_ACCURACY      ? "test accuracy"
                                                                 : "training accuracy"};
    plot.y = (kr_axis){.low = 0, .high = 1.1 * (double)most};
    kr_plot_axes(&plot);
    for (size_t k = first; k < KR_ACCURACY_BINS; k++) {
        if (!networks->histogram[k]) continue;
        kr_point from = kr_plot_point(&plot, (double)k / KR_ACCURACY_BINS, (double)networks->histogram[k]),
                 to = kr_plot_point(&plot, (double)(k + 1) / KR_ACCURACY_BINS, 0);
        kr_canvas_fill(frame->canvas, (kr_rectangle){from.x, from.y, fmax(1, to.x - from.x - theme->scale), to.y - from.y},
                       test_color(frame));
    }
    kr_plot_vertical(&plot, networks->mean[score], 1.6 * theme->scale, 4 * theme->scale, theme->text);
    if (frame->snapshot->followed != UINT64_MAX) kr_plot_vertical(&plot, networks->one[score], 2 * theme->scale, 0, theme->focus);
}

static void histogram_headline(const kr_instruments *self, const kr_frame *frame, char *text, size_t size) {
    (void)self;
    const kr_snapshot_networks *networks = first_of(frame);
    char number[32];
    snprintf(text, size, "%zu of %s networks", networks->evaluated,
             kr_text_number((double)frame->snapshot->variant[0].particles, 12, number, sizeof number));
}

/* ---- where they are ---- */

static bool evaluates(const kr_instruments *self, const kr_frame *frame) {
    (void)self;
    return first_of(frame)->evaluated > 0;
}

static bool classifies(const kr_instruments *self, const kr_frame *frame) {
    return evaluates(self, frame) && isfinite(first_of(frame)->mean[KR_TRAIN_ACCURACY]);
}

static bool has_many(const kr_instruments *self, const kr_frame *frame) {
    return classifies(self, frame) && first_of(frame)->evaluated > 1;
}

static void heights(const kr_instruments *self, const kr_frame *frame, double *least, double *wanted, double *most) {
    (void)self;
    *least = 92 * frame->theme->scale;
    *wanted = 140 * frame->theme->scale;
    *most = 400 * frame->theme->scale;
}

static void histogram_heights(const kr_instruments *self, const kr_frame *frame, double *least, double *wanted, double *most) {
    (void)self;
    *least = 72 * frame->theme->scale;
    *wanted = 110 * frame->theme->scale;
    *most = 300 * frame->theme->scale;
}

const kr_instrument kr_loss_instrument = {.identity = "instrument loss",
                                          .title = "Loss",
                                          .tip = "The loss over the steps, without weight decay: mean over the networks that are "
                                                 "evaluated, its 95 % interval as a band, and the followed network.",
                                          .rank = 0,
                                          .presented = 4,
                                          .applies = evaluates,
                                          .heights = heights,
                                          .draw = draw_losses,
                                          .headline = loss_headline};

const kr_instrument kr_accuracy_instrument = {.identity = "instrument accuracy",
                                              .title = "Accuracy",
                                              .tip =
                                                  "The share of the data whose class is the likeliest: mean over the networks that "
                                                  "are evaluated, its 95 % interval as a band. Dots: ends of cycles, where "
                                                  "snapshots are taken.",
                                              .rank = -1,
                                              .presented = 3,
                                              .applies = classifies,
                                              .heights = heights,
                                              .draw = draw_accuracies,
                                              .headline = accuracy_headline};

const kr_instrument kr_histogram_instrument = {
    .identity = "instrument accuracies",
    .title = "Networks",
    .tip = "How many of the evaluated networks have which accuracy; dashed: their mean, full: "
           "the followed one. As many are evaluated as there is time for.",
    .rank = 2,
    .applies = has_many,
    .heights = histogram_heights,
    .draw = draw_histogram,
    .headline = histogram_headline};
