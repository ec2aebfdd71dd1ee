/* The compared dynamics' numbers, in their colours. */
#include "instruments_parts.h"

#include <math.h>
#include <stdio.h>

enum { COLUMNS = 4 };

static const char *const heads[COLUMNS] = {"T", "V", "rate per step", "at start"};

/* Fraction in the basin where all began. */
static double at_start(const kr_frame *frame, const kr_snapshot_variant *variant) {
    const kr_start *start = &frame->analysis->scene.start;
    bool in_basin = start->kind == KR_START_MINIMUM || start->kind == KR_START_GIBBS;
    if (!in_basin || start->minimum < 0 || (size_t)start->minimum >= variant->wells) return NAN;
    return variant->population[start->minimum];
}

/* 3.21(4)×10⁻³ would be shorter, but is not read by everybody. */
static void rate_text(const kr_frame *frame, const kr_snapshot_variant *variant, bool with_error, char *text, size_t size) {
    const kr_escape_estimate *escape = &variant->escape;
    const kr_shown_rate measured = kr_instrument_escape_rate(frame, escape);
    char number[64], error[64];
    if (!variant->escape_measured) {
        snprintf(text, size, "\xe2\x80\x93");
    } else if (escape->needed_steps > 0) {
        snprintf(text, size, "too early");
    } else if (escape->events == 0) {
        snprintf(text, size, "< %s", kr_text_number(measured.ci95.high, 2, number, sizeof number));
    } else if (!with_error) {
        snprintf(text, size, "%s", kr_text_number(measured.rate, 3, number, sizeof number));
    } else {
        /* One standard error. */
        snprintf(text, size, "%s \xc2\xb1 %s\xe2\x80\x89%%", kr_text_number(measured.rate, 3, number, sizeof number),
                 kr_text_number(100 * kr_escape_relative_error(escape), 1, error, sizeof error));
    }
}

static void cells_of(const kr_frame *frame, const kr_snapshot_variant *variant, bool with_error, char cells[COLUMNS][96]) {
    char number[64];
    double temperature =
        isfinite(variant->kinetic_temperature) ? variant->kinetic_temperature : variant->configurational_temperature;
    snprintf(cells[0], 96, "%s", kr_text_number(temperature, 3, number, sizeof number));
    snprintf(cells[1], 96, "%s", kr_text_number(variant->potential, 3, number, sizeof number));
    rate_text(frame, variant, with_error, cells[2], 96);
    snprintf(cells[3], 96, "%s", kr_text_number(at_start(frame, variant), 2, number, sizeof number));
}

typedef struct table {
    size_t columns;
    char cells[KR_MAX_VARIANTS][COLUMNS][96];
    double ends[COLUMNS], name; /* right ends of the columns, and the room that is left for names */
} table;

/* From the right, each column as wide as its widest cell. */
static void lay_out(const kr_frame *frame, table *t, size_t columns, bool with_error, double width) {
    const kr_theme *theme = frame->theme;
    t->columns = columns;
    for (size_t v = 0; v < frame->snapshot->variants; v++) cells_of(frame, &frame->snapshot->variant[v], with_error, t->cells[v]);
    for (size_t c = columns; c-- > 0;) {
        double widest = kr_text_width(frame->fonts, theme->small, KR_REGULAR, heads[c]);
        for (size_t v = 0; v < frame->snapshot->variants; v++)
            widest = fmax(widest, kr_text_width(frame->fonts, theme->small, KR_REGULAR, t->cells[v][c]));
        t->ends[c] = width;
        width -= widest + theme->gap;
    }
    t->name = width;
}

/* With all there is to say where names stay whole beside it. */
static void choose_layout(const kr_frame *frame, table *t, double swatch, double width) {
    double names = 0;
    for (size_t v = 0; v < frame->snapshot->variants; v++)
        names = fmax(names, kr_text_width(frame->fonts, frame->theme->small, KR_BOLD, frame->snapshot->variant[v].name));
    names = fmin(names + 1.5 * swatch, 0.45 * width);
    static const struct {
        size_t columns;
        bool with_error;
    } ways[] = {{COLUMNS, true}, {COLUMNS - 1, true}, {COLUMNS - 1, false}, {COLUMNS - 2, false}};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        lay_out(frame, t, ways[i].columns, ways[i].with_error, width);
        if (t->name >= names) return;
    }
}

static void draw(kr_instruments *self, const kr_frame *frame, kr_rectangle area) {
    const kr_theme *theme = frame->theme;
    double row = kr_instrument_row(frame), y = area.y + 0.5 * row, swatch = 10 * theme->scale;
    table t;
    (void)self;
    choose_layout(frame, &t, swatch, area.width);
    for (size_t c = 0; c < t.columns; c++)
        kr_text_draw(frame->fonts, frame->canvas, area.x + t.ends[c], y, theme->small, KR_REGULAR, KR_RIGHT, theme->faint_text,
                     heads[c]);
    for (size_t v = 0; v < frame->snapshot->variants; v++) {
        y += row;
        kr_canvas_fill_round(frame->canvas, (kr_rectangle){area.x, y - 0.5 * swatch, swatch, swatch}, 2 * theme->scale,
                             kr_instrument_color(frame, v));
        kr_text_fit(frame->fonts, frame->canvas, area.x + 1.5 * swatch, y, t.name - 1.5 * swatch + 1, theme->small, KR_BOLD,
                    KR_LEFT, kr_instrument_color(frame, v), frame->snapshot->variant[v].name);
        for (size_t c = 0; c < t.columns; c++)
            kr_text_draw(frame->fonts, frame->canvas, area.x + t.ends[c], y, theme->small, KR_REGULAR, KR_RIGHT, theme->text,
                         t.cells[v][c]);
    }
}

static void headline(const kr_instruments *self, const kr_frame *frame, char *text, size_t size) {
    char number[64];
    (void)self;
    snprintf(text, size, "step %s", kr_text_number((double)frame->snapshot->step, 15, number, sizeof number));
}

static bool applies(const kr_instruments *self, const kr_frame *frame) {
    (void)self;
    return kr_instrument_compares(frame);
}

static void heights(const kr_instruments *self, const kr_frame *frame, double *least, double *wanted, double *most) {
    (void)self;
    *least = *wanted = *most = (1 + (double)frame->snapshot->variants) * kr_instrument_row(frame) + frame->theme->gap;
}

const kr_instrument kr_comparison_instrument = {
    .identity = "instrument comparison",
    .title = "Compared",
    .tip = "T: kinetic temperature where there is a velocity, else the configurational one. V: mean potential. Rate: escapes per "
           "particle and step, since units of time differ, with the standard deviation of the count. At start: fraction in the "
           "basin of the start.",
    .rank = 0,
    .presented = 5,
    .applies = applies,
    .heights = heights,
    .draw = draw,
    .headline = headline};
