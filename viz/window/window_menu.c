/* The menu of scenes and lessons: a page over the window, searched by typing. */
#include "window_state.h"

#include "model/course.h"
#include "widgets/widget_parts.h"

#include <SDL.h>
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct line {
    const kr_shipped_scene *scene;
    bool lesson;
    char about[200];
} line;

enum { MOST_LINES = 256 };

/* Whether each word of what is searched for is somewhere in the text. */
static bool has_words(const char *text, const char *words) {
    char low[300], word[64];
    size_t length = 0;
    for (; text[length] && length + 1 < sizeof low; length++) low[length] = (char)tolower((unsigned char)text[length]);
    low[length] = 0;
    while (*(words += strspn(words, " "))) {
        size_t count = strcspn(words, " ");
        if (count >= sizeof word) return false;
        for (size_t i = 0; i < count; i++) word[i] = (char)tolower((unsigned char)words[i]);
        word[count] = 0;
        if (!strstr(low, word)) return false;
        words += count;
    }
    return true;
}

static size_t find_lines(const kr_window *w, line lines[MOST_LINES]) {
    const kr_shipped_scene *const *scenes;
    size_t lessons, all = kr_course(&scenes, &lessons), count = 0;
    for (size_t i = 0; i < all && count < MOST_LINES; i++) {
        line *l = &lines[count];
        char text[300];
        *l = (line){.scene = scenes[i], .lesson = i < lessons};
        kr_course_about(scenes[i], l->about, sizeof l->about);
        snprintf(text, sizeof text, "%s %s", scenes[i]->name, l->about);
        count += has_words(text, w->menu.search);
    }
    return count;
}

void kr_window_open_menu(kr_window *w) {
    line lines[MOST_LINES];
    w->help = false;
    w->menu = (kr_window_menu){.open = true, .mouse = w->menu_input.mouse};
    size_t count = find_lines(w, lines);
    for (size_t i = 0; i < count; i++)
        if (!strcmp(lines[i].scene->name, w->name)) w->menu.chosen = i;
}

/* ---- what the user does ---- */

static void type(kr_window_menu *menu, const kr_input *input) {
    size_t used = strlen(menu->search);
    if (!input->text[0] || input->control) return;
    snprintf(menu->search + used, sizeof menu->search - used, "%s", input->text);
    menu->chosen = 0;
}

static void erase(kr_window_menu *menu) {
    size_t length = strlen(menu->search);
    while (length && ((unsigned char)menu->search[--length] & 0xc0) == 0x80) continue; /* of one letter in UTF-8 */
    menu->search[length] = 0;
    menu->chosen = 0;
}

static void choose(kr_window *w, const line *lines, size_t count) {
    if (w->menu.chosen < count) kr_window_want(w, lines[w->menu.chosen].scene->name);
    w->menu.open = false;
}

static void take_keys(kr_window *w, const line *lines, size_t count, size_t page) {
    kr_window_menu *menu = &w->menu;
    const kr_input *input = &w->menu_input;
    size_t last = count ? count - 1 : 0, *at = &menu->chosen;
    for (size_t i = 0; i < input->key_count; i++) switch (input->key[i]) {
        case SDLK_DOWN: *at += *at < last; break;
        case SDLK_UP: *at -= *at > 0; break;
        case SDLK_PAGEDOWN: *at = *at + page < last ? *at + page : last; break;
        case SDLK_PAGEUP: *at = *at > page ? *at - page : 0; break;
        case SDLK_HOME: *at = 0; break;
        case SDLK_END: *at = last; break;
        case SDLK_BACKSPACE: erase(menu); break;
        case SDLK_RETURN:
        case SDLK_KP_ENTER: choose(w, lines, count); return;
        case SDLK_ESCAPE:
        case SDLK_F2: menu->open = false; return;
        default: break;
        }
    type(menu, input);
}

/* Lines are as high as row, from top on; the first one that is seen is the menu's first. */
static void take_mouse(kr_window *w, const line *lines, size_t count, kr_rectangle list, double row, size_t page,
                       kr_rectangle box) {
    kr_window_menu *menu = &w->menu;
    const kr_input *input = &w->menu_input;
    bool inside = input->inside && kr_widget_inside(list, input->mouse);
    size_t under = menu->first + (size_t)fmax(0, (input->mouse.y - list.y) / row);
    if (input->wheel != 0) {
        double most = count > page ? (double)(count - page) : 0, to = fmin(fmax((double)menu->first - 3 * input->wheel, 0), most);
        menu->first = (size_t)to;
        if (menu->chosen < menu->first) menu->chosen = menu->first;
        if (menu->chosen >= menu->first + page) menu->chosen = menu->first + page - 1;
    } else if (inside && under < count && under < menu->first + page &&
               (input->mouse.x != menu->mouse.x || input->mouse.y != menu->mouse.y)) {
        menu->chosen = under;
    }
    menu->mouse = input->mouse;
    if (!input->pressed) return;
    if (inside && under < count && under < menu->first + page) {
        menu->chosen = under;
        choose(w, lines, count);
    } else if (!kr_widget_inside(box, input->mouse)) {
        menu->open = false;
    }
}

static void keep_chosen_seen(kr_window_menu *menu, size_t count, size_t page) {
    if (count && menu->chosen >= count) menu->chosen = count - 1;
    if (menu->chosen < menu->first) menu->first = menu->chosen;
    if (menu->chosen >= menu->first + page) menu->first = menu->chosen - page + 1;
    if (menu->first + page > count) menu->first = count > page ? count - page : 0;
}

/* ---- drawing ---- */

/* As many whole sentences as there is room for, else parts of the first, which end with a comma or the like. */
static void draw_about(kr_window *w, double x, double y, double room, const char *about) {
    const kr_theme *theme = &w->theme;
    static const char *const ends[] = {".", ":;,"};
    char text[200];
    snprintf(text, sizeof text, "%s", about);
    for (int kind = 0; kind < 2 && kr_text_width(w->fonts, theme->normal, KR_REGULAR, text) > room; kind++) {
        size_t length = strlen(text), end = length;
        while (end > 1 && kr_text_width(w->fonts, theme->normal, KR_REGULAR, text) > room) {
            for (end--; end > 1 && !(text[end] == ' ' && strchr(ends[kind], text[end - 1]));) end--;
            if (end > 1) text[end - (kind > 0)] = '\0';
        }
        if (end <= 1) snprintf(text, sizeof text, "%s", about);
    }
    kr_text_fit(w->fonts, &w->canvas, x, y, room, theme->normal, KR_REGULAR, KR_LEFT, theme->text, text);
}

static void draw_line(kr_window *w, const line *l, kr_rectangle at, double names, bool chosen) {
    const kr_theme *theme = &w->theme;
    double middle = at.y + 0.5 * at.height, gap = theme->gap;
    if (chosen) kr_canvas_fill_round(&w->canvas, at, 4 * theme->scale, kr_color_fade(theme->accent, 0.25));
    kr_text_fit(w->fonts, &w->canvas, at.x + gap, middle, names - gap, theme->normal, KR_BOLD, KR_LEFT,
                l->lesson ? theme->accent : theme->text, l->scene->name);
    draw_about(w, at.x + names + gap, middle, at.width - names - 2 * gap, l->about);
}

static void draw_head(kr_window *w, kr_rectangle box, double head, size_t count) {
    const kr_theme *theme = &w->theme;
    double x = box.x + 2 * theme->gap, y = box.y + 0.32 * head;
    char text[120];
    kr_text_draw(w->fonts, &w->canvas, x, y, theme->large, KR_BOLD, KR_LEFT, theme->text, "Lessons and scenes");
    snprintf(text, sizeof text, count == 1 ? "1 found" : "%zu found", count);
    kr_text_draw(w->fonts, &w->canvas, box.x + box.width - 2 * theme->gap, y, theme->small, KR_REGULAR, KR_RIGHT, theme->faint_text,
                 text);
    kr_rectangle field = {x, box.y + 0.55 * head, box.width - 4 * theme->gap, 0.36 * head};
    kr_canvas_frame(&w->canvas, field, 4 * theme->scale, theme->scale, theme->accent);
    bool searched = w->menu.search[0];
    snprintf(text, sizeof text, searched ? "%s|" : "%stype to search; arrows and Enter, or a click", w->menu.search);
    kr_text_fit(w->fonts, &w->canvas, x + theme->gap, field.y + 0.5 * field.height, field.width - 2 * theme->gap, theme->normal,
                KR_REGULAR, KR_LEFT, searched ? theme->text : theme->faint_text, text);
}

static double name_width(const kr_window *w, const line *lines, size_t count) {
    double width = 0;
    for (size_t i = 0; i < count; i++) width = fmax(width, kr_text_width(w->fonts, w->theme.normal, KR_BOLD, lines[i].scene->name));
    return width;
}

void kr_window_draw_menu(kr_window *w) {
    if (!w->menu.open) return;
    line lines[MOST_LINES];
    const kr_theme *theme = &w->theme;
    size_t count = find_lines(w, lines);
    double width = w->canvas.width, height = w->canvas.height, margin = 2 * theme->gap, row = 1.6 * theme->normal,
           head = 5 * theme->normal;
    kr_rectangle box = {0, margin, fmin(width - 2 * margin, 1150 * theme->scale), height - 2 * margin};
    box.x = 0.5 * (width - box.width);
    size_t page = (size_t)fmax(1, floor((box.height - head - theme->gap) / row));
    kr_rectangle list = {box.x + theme->gap, box.y + head, box.width - 2 * theme->gap, row * (double)page};
    keep_chosen_seen(&w->menu, count, page);
    kr_canvas_fill(&w->canvas, (kr_rectangle){0, 0, width, height}, kr_color_fade(theme->background, 0.7));
    kr_canvas_fill_round(&w->canvas, box, 8 * theme->scale, theme->panel);
    kr_canvas_frame(&w->canvas, box, 8 * theme->scale, theme->scale, theme->edge);
    draw_head(w, box, head, count);
    double names = fmin(name_width(w, lines, count) + 3 * theme->gap, 0.42 * list.width);
    for (size_t i = 0; i < page && w->menu.first + i < count; i++)
        draw_line(w, &lines[w->menu.first + i], (kr_rectangle){list.x, list.y + row * (double)i, list.width - theme->gap, row},
                  names, w->menu.first + i == w->menu.chosen);
    if (count > page) {
        double part = (double)page / (double)count, top = (double)w->menu.first / (double)count;
        kr_canvas_fill_round(&w->canvas,
                             (kr_rectangle){list.x + list.width - 0.5 * theme->gap, list.y + top * list.height, 0.5 * theme->gap,
                                            part * list.height},
                             2 * theme->scale, kr_color_fade(theme->text, 0.3));
    }
    take_keys(w, lines, count, page);
    if (w->menu.open) take_mouse(w, lines, count, list, row, page, box);
}
