/* The help page, made from the table of keys. */
#include "window_state.h"

#include <math.h>

/* So many columns of equal width, in letters of this size, with room for the longest key and the longest line. */
typedef struct page {
    size_t columns, rows;
    double size, row, key, column;
} page;

static double widest(kr_window *w, double size, bool keys, const kr_help_line *lines, size_t count) {
    double most = 0;
    for (size_t i = 0; i < count; i++)
        most = fmax(most, kr_text_width(w->fonts, size, keys ? KR_BOLD : KR_REGULAR, keys ? lines[i].key : lines[i].what));
    return most;
}

static page lay_out(kr_window *w, const kr_help_line *lines, size_t count, size_t columns, double size) {
    page p = {.columns = columns, .rows = (count + columns - 1) / columns, .size = size, .row = floor(1.5 * size)};
    p.key = widest(w, size, true, lines, count) + size;
    p.column = p.key + widest(w, size, false, lines, count) + 2 * size;
    return p;
}

/* In the largest letters, up to the usual ones, in which one, two or three columns have room; the fewest of these. */
static page choose(kr_window *w, const kr_help_line *lines, size_t count, double width, double height) {
    enum { COLUMNS = 3, SMALLEST = 6 };
    page p = {0};
    for (double size = floor(w->theme.normal); size >= SMALLEST; size--)
        for (size_t columns = 1; columns <= COLUMNS; columns++) {
            p = lay_out(w, lines, count, columns, size);
            if (p.column * (double)columns <= width && p.row * (double)p.rows <= height) return p;
        }
    return p;
}

void kr_window_draw_help(kr_window *w) {
    if (!w->help) return;
    const kr_theme *theme = &w->theme;
    const kr_help_line *lines;
    size_t count = kr_window_help_lines(&lines);
    double width = w->canvas.width, height = w->canvas.height, title = 2.2 * theme->large, pad = theme->gap;
    page p = choose(w, lines, count, width - 4 * pad, height - title - 2 * pad);
    double all = p.column * (double)p.columns;
    kr_rectangle box = {floor(0.5 * (width - all)) - pad, 0, all + 2 * pad, title + p.row * (double)p.rows + 2 * pad};
    box.y = fmax(0.0, floor(0.5 * (height - box.height)));
    kr_canvas_fill(&w->canvas, (kr_rectangle){0, 0, width, height}, kr_color_fade(theme->background, 0.7));
    kr_canvas_fill_round(&w->canvas, box, 8 * theme->scale, theme->panel);
    kr_canvas_frame(&w->canvas, box, 8 * theme->scale, theme->scale, theme->edge);
    kr_text_draw(w->fonts, &w->canvas, box.x + 2 * pad, box.y + 0.6 * title, theme->large, KR_BOLD, KR_LEFT, theme->text,
                 "Keys and mouse");
    for (size_t i = 0; i < count; i++) {
        double x = box.x + 2 * pad + p.column * (double)(i / p.rows), y = box.y + title + p.row * ((double)(i % p.rows) + 0.5);
        kr_text_draw(w->fonts, &w->canvas, x, y, p.size, KR_BOLD, KR_LEFT, theme->accent, lines[i].key);
        kr_text_draw(w->fonts, &w->canvas, x + p.key, y, p.size, KR_REGULAR, KR_LEFT, theme->text, lines[i].what);
    }
}
