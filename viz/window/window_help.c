/* The help page, made from the table of keys. */
#include "window_state.h"

#include <math.h>

void kr_window_draw_help(kr_window *w) {
    if (!w->help) return;
    const kr_theme *theme = &w->theme;
    const kr_help_line *lines;
    size_t count = kr_window_help_lines(&lines);
    double width = w->canvas.width, height = w->canvas.height, title = 2.2 * theme->large;
    /* As large as there is room for: two columns, one in a narrow window. */
    size_t columns = width > 640 * theme->scale ? 2 : 1, rows = (count + columns - 1) / columns;
    double row = fmin(1.75 * theme->normal, (height - title - 4 * theme->gap) / (double)rows),
           size = fmin(theme->normal, 0.75 * row);
    double key = 8 * size, column = fmin(36 * size, (width - 4 * theme->gap) / (double)columns);
    kr_rectangle box = {0.5 * (width - column * (double)columns) - theme->gap, 0, column * (double)columns + 2 * theme->gap,
                        title + row * (double)rows + 2 * theme->gap};
    box.y = fmax(0.0, 0.5 * (height - box.height));
    kr_canvas_fill(&w->canvas, (kr_rectangle){0, 0, width, height}, kr_color_fade(theme->background, 0.7));
    kr_canvas_fill_round(&w->canvas, box, 8 * theme->scale, theme->panel);
    kr_canvas_frame(&w->canvas, box, 8 * theme->scale, theme->scale, theme->edge);
    kr_text_draw(w->fonts, &w->canvas, box.x + 2 * theme->gap, box.y + 0.6 * title, theme->large, KR_BOLD, KR_LEFT, theme->text,
                 "Keys and mouse");
    for (size_t i = 0; i < count; i++) {
        double x = box.x + 2 * theme->gap + column * (double)(i / rows), y = box.y + title + row * ((double)(i % rows) + 0.5);
        kr_text_draw(w->fonts, &w->canvas, x, y, size, KR_BOLD, KR_LEFT, theme->accent, lines[i].key);
        kr_text_fit(w->fonts, &w->canvas, x + key, y, column - key - 2 * theme->gap, size, KR_REGULAR, KR_LEFT, theme->text,
                    lines[i].what);
    }
}
