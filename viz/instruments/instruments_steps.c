/* Curves over the steps of a run that are known ahead: which steps are shown, their jumps upright, and marks where cycles begin. */
#include "instruments_parts.h"

#include <math.h>

static double next_jump(const kr_planned *planned, double step) {
    uint64_t next = planned->jump(planned, step > 0 ? (uint64_t)step : 0);
    return next == UINT64_MAX || next > (uint64_t)1 << 52 ? INFINITY : (double)next;
}

/* INFINITY: there are no cycles. */
static double cycle_length(const kr_planned *planned, double step) {
    double first = next_jump(planned, step), last = first;
    for (int i = 0; i < planned->jumps && isfinite(last); i++) last = next_jump(planned, last);
    return isfinite(last) ? last - first : INFINITY;
}

/* The whole run; where cycles would be too dense, a few about the cursor: of the longest of them, as far as the shortest can still
 * be told from each other. */
kr_steps kr_steps_choose(const kr_frame *frame, size_t count, const kr_planned *planned) {
    double step = (double)frame->snapshot->step, steps = (double)kr_scene_ensemble(&frame->analysis->scene)->steps;
    kr_steps shown = {.low = 0, .high = step <= steps ? fmax(steps, 1) : 1.15 * step};
    double longest = 0, shortest = INFINITY;
    for (size_t i = 0; i < count; i++) {
        double length = cycle_length(&planned[i], step);
        if (!isfinite(length)) continue;
        longest = fmax(longest, length);
        shortest = fmin(shortest, length);
    }
    double length = fmin(longest, KR_STEP_MARKS / 6.0 * shortest);
    if (longest > 0 && length * 8 < shown.high) {
        shown.low = floor(fmax(0, step - 4 * length));
        shown.high = ceil(shown.low + 6 * length);
    }
    return shown;
}

void kr_steps_mark(kr_steps *shown, const kr_planned *planned, double from) {
    shown->mark_count = 0;
    for (double at = next_jump(planned, fmax(shown->low, from)); at < shown->high && shown->mark_count < KR_STEP_MARKS;
         at = next_jump(planned, at))
        shown->mark[shown->mark_count++] = at;
}

static size_t add_point(const kr_planned *planned, double step, size_t count, double *x, double *y) {
    if (count == KR_STEP_POINTS) return count;
    x[count] = step;
    y[count] = planned->at(planned, step > 0 ? (uint64_t)step : 0);
    return count + 1;
}

size_t kr_steps_sample(const kr_steps *shown, const kr_planned *planned, double from, double to, double *x, double *y) {
    size_t count = 0, mark = 0;
    if (to <= from) return 0;
    double stride = fmax(1, (to - from) / KR_STEP_GRID);
    for (double step = from;; step = fmin(floor(step + stride), to)) {
        for (; mark < shown->mark_count && shown->mark[mark] <= step; mark++)
            if (shown->mark[mark] > from) {
                count = add_point(planned, shown->mark[mark] - 1, count, x, y);
                count = add_point(planned, shown->mark[mark], count, x, y);
            }
        if (count == 0 || step > x[count - 1]) count = add_point(planned, step, count, x, y);
        if (step >= to) break;
    }
    return count;
}

void kr_steps_draw_marks(const kr_frame *frame, const kr_plot *plot, const kr_steps *shown) {
    const kr_theme *theme = frame->theme;
    for (size_t i = 0; i < shown->mark_count; i++) {
        kr_plot_vertical(plot, shown->mark[i], theme->scale, 3 * theme->scale, kr_color_fade(theme->faint_text, 0.8));
        kr_point top = kr_plot_point(plot, shown->mark[i], NAN);
        double size = 4 * theme->scale;
        kr_point flag[3] = {{top.x - size, plot->inner.y}, {top.x + size, plot->inner.y}, {top.x, plot->inner.y + 1.5 * size}};
        kr_canvas_polygon(frame->canvas, 3, flag, theme->faint_text);
    }
}
