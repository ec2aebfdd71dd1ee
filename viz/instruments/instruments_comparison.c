/* The compared dynamics' numbers, in their colours. */
#include "instruments_parts.h"

#include <math.h>
#include <stdio.h>

enum { COLUMNS = 4 };

static const char *const heads[COLUMNS] = {"T", "V", "rate", "at start"};

/* Fraction in the basin where all began. */
static double at_start(const kr_frame *frame, const kr_snapshot_variant *variant) {
    const kr_start *start = &frame->analysis->scene.start;
    bool in_basin = start->kind == KR_START_MINIMUM || start->kind == KR_START_GIBBS;
    if (!in_basin || start->minimum < 0 || (size_t)start->minimum >= variant->wells) return NAN;
    return variant->population[start->minimum];
}

/* 3.21(4)×10⁻³ would be shorter, but is not read by everybody. */
static void rate_text(const kr_snapshot_variant *variant, bool with_error, char *text, size_t size) {
    const kr_escape_estimate *escape = &variant->escape;
    char number[64], error[64];
    if (!variant->escape_measured) {
        snprintf(text, size, "\xe2\x80\x93");
    } else if (escape->needed_steps > 0) {
        snprintf(text, size, "too early");
    } else if (escape->events == 0) {
        snprintf(text, size, "< %s", kr_text_number(escape->rate_ci95.high, 2, number, sizeof number));
    } else if (!with_error) {
        snprintf(text, size, "%s", kr_text_number(escape->rate, 3, number, sizeof number));
    } else {
        /* One standard error. */
        snprintf(text, size, "%s \xc2\xb1 %s\xe2\x80\x89%%", kr_text_number(escape->rate, 3, number, sizeof number),
                 kr_text_number(100 * kr_escape_relative_error(escape), 1, error, sizeof error));
    }
}

static void cells_of(const kr_frame *frame, const kr_snapshot_variant *variant, bool with_error, char cells[COLUMNS][96]) {
    char number[64];
    double temperature =
        isfinite(variant->kinetic_temperature) ? variant->kinetic_temperature : variant->configurational_temperature;
    snprintf(cells[0], 96, "%s", kr_text_number(temperature, 3, number, sizeof number));
    snprintf(cells[1], 96, "%s", kr_text_number(variant->potential, 3, number, sizeof number));
    rate_text(variant, with_error, cells[2], 96);
    snprintf(cells[3], 96, "%s", kr_text_number(at_start(frame, variant), 2, number, sizeof number));
}

static void draw(kr_instruments *self, const kr_frame *frame, kr_rectangle area) {
    const kr_theme *theme = frame->theme;
    double row = kr_instrument_row(frame), y = area.y + 0.5 * row, swatch = 10 * theme->scale;
    /* Right ends of the columns, as parts of the width; the last column is left out where it has no room, and likewise below. */
    bool wide = area.width > 400 * theme->scale;
    size_t columns = wide ? COLUMNS : COLUMNS - 1;
    static const double narrow_ends[COLUMNS] = {0.51, 0.66, 1.0, 0}, wide_ends[COLUMNS] = {0.38, 0.53, 0.82, 1.0},
                        without_rates[COLUMNS] = {0.52, 0.78, 1.0, 0};
    const double *ends = wide ? wide_ends : frame->analysis->model.target_count ? narrow_ends : without_rates;
    (void)self;
    for (size_t c = 0; c < columns; c++)
        kr_text_draw(frame->fonts, frame->canvas, area.x + ends[c] * area.width, y, theme->small, KR_REGULAR, KR_RIGHT,
                     theme->faint_text, heads[c]);
    for (size_t v = 0; v < frame->snapshot->variants; v++) {
        const kr_snapshot_variant *variant = &frame->snapshot->variant[v];
        char cells[COLUMNS][96];
        y += row;
        cells_of(frame, variant, area.width > 290 * theme->scale, cells);
        kr_canvas_fill_round(frame->canvas, (kr_rectangle){area.x, y - 0.5 * swatch, swatch, swatch}, 2 * theme->scale,
                             kr_instrument_color(frame, v));
        double used = kr_text_width(frame->fonts, theme->small, KR_REGULAR, cells[0]) + 2 * swatch;
        kr_text_fit(frame->fonts, frame->canvas, area.x + 1.5 * swatch, y, ends[0] * area.width - used, theme->small, KR_BOLD,
                    KR_LEFT, kr_instrument_color(frame, v), variant->name);
        for (size_t c = 0; c < columns; c++)
            kr_text_draw(frame->fonts, frame->canvas, area.x + ends[c] * area.width, y, theme->small, KR_REGULAR, KR_RIGHT,
                         theme->text, cells[c]);
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
           "particle and unit "
           "of time, with the standard deviation of the count. At start: fraction in the basin of the start.",
    .rank = 0,
    .applies = applies,
    .heights = heights,
    .draw = draw,
    .headline = headline};
