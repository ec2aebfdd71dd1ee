/* What all instruments share: colours, notes, what the mouse points at, ends of axes. */
#include "instruments_parts.h"

#include <math.h>
#include <stdio.h>

double kr_instrument_row(const kr_frame *frame) {
    return floor(1.3 * frame->theme->small + 0.5);
}

bool kr_instrument_compares(const kr_frame *frame) {
    return frame->snapshot->variants > 1;
}

bool kr_instrument_is_logarithmic(const kr_instruments *self, const kr_frame *frame, const kr_instrument *instrument) {
    kr_scale chosen = self->scale[instrument->axis];
    return chosen == KR_FITTING ? instrument->fits_logarithm(self, frame) : chosen == KR_LOGARITHMIC;
}

kr_shown_rate kr_instrument_escape_rate(const kr_frame *frame, const kr_escape_estimate *escape) {
    if (!kr_instrument_compares(frame)) return (kr_shown_rate){escape->rate, escape->rate_ci95};
    return (kr_shown_rate){.rate = escape->mfpt_steps > 0 ? 1 / escape->mfpt_steps : 0,
                           .ci95 = {1 / escape->mfpt_steps_ci95.high, 1 / escape->mfpt_steps_ci95.low}};
}

double kr_instrument_predicted_rate(const kr_frame *frame, const kr_prediction *prediction) {
    if (!kr_instrument_compares(frame)) {
        if (prediction->rate > 0) return prediction->rate;
        return prediction->mfpt_time > 0 ? 1 / prediction->mfpt_time : NAN;
    }
    const kr_escape_estimate *escape = &frame->snapshot->variant[0].escape;
    return prediction->mfpt_steps > 0 ? 1 / prediction->mfpt_steps
                                      : prediction->rate * escape->exposure_time / escape->exposure_steps;
}

kr_color kr_instrument_color(const kr_frame *frame, size_t variant) {
    return frame->theme->variant[variant % 4];
}

void kr_instrument_note(const kr_frame *frame, kr_rectangle area, const char *text) {
    const kr_theme *theme = frame->theme;
    double height = kr_text_wrap(frame->fonts, NULL, 0, 0, area.width, theme->small, KR_REGULAR, theme->faint_text, text);
    double top = area.y + fmax(0, 0.5 * (area.height - height));
    kr_text_wrap(frame->fonts, frame->canvas, area.x, top, area.width, theme->small, KR_REGULAR, theme->faint_text, text);
}

bool kr_instrument_points_at(const kr_frame *frame, const kr_plot *plot, double *step) {
    const kr_input *input = &frame->widgets->input;
    kr_rectangle inner = plot->inner;
    bool over = input->inside && input->mouse.x >= inner.x && input->mouse.x < inner.x + inner.width && input->mouse.y >= inner.y &&
                input->mouse.y < inner.y + inner.height;
    *step = fmax(0, round(kr_plot_x(plot, input->mouse.x)));
    return over && !kr_widgets_own_mouse(frame->widgets);
}

void kr_instrument_readout(const kr_frame *frame, const kr_plot *plot, double step, const char *text) {
    const kr_theme *theme = frame->theme;
    char number[64], all[256];
    snprintf(all, sizeof all, "step %s: %s", kr_text_number(step, 15, number, sizeof number), text);
    double width = fmin(kr_text_width(frame->fonts, theme->small, KR_REGULAR, all) + theme->gap, plot->outer.width);
    double x = kr_plot_point(plot, step, NAN).x,
           left = fmin(fmax(x - 0.5 * width, plot->outer.x), plot->outer.x + plot->outer.width - width);
    double height = 1.4 * theme->small, middle = plot->inner.y + 0.5 * plot->inner.height;
    /* Away from the mouse, which is where the user looks. */
    bool low = frame->widgets->input.mouse.y < middle;
    kr_rectangle box = {left, low ? plot->inner.y + plot->inner.height - height : plot->inner.y, width, height};
    kr_plot_vertical(plot, step, theme->scale, 0, theme->focus);
    kr_canvas_fill_round(frame->canvas, box, 3 * theme->scale, kr_color_fade(kr_color_mix(theme->panel, theme->text, 0.12), 0.93));
    kr_text_fit(frame->fonts, frame->canvas, box.x + 0.5 * theme->gap, box.y + 0.5 * box.height, width - theme->gap + 1,
                theme->small, KR_REGULAR, KR_LEFT, theme->text, all);
}

double kr_instrument_end(double before, double value) {
    if (!(value > 0) || !isfinite(value)) return before > 0 ? before : 1;
    if (before > 0 && value <= before && (value > 0.22 * before || value < 1e-12 * before))
        return before; /* not down into rounding */
    double power = pow(10, floor(log10(1.25 * value))), mantissa = 1.25 * value / power;
    return (mantissa <= 1.5 ? 1.5 : mantissa <= 2 ? 2 : mantissa <= 3 ? 3 : mantissa <= 5 ? 5 : 10) * power;
}
