#include "course.h"
#include "frame.h"
#include "widgets/widget_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct kr_lesson_panel {
    kr_scene scene; /* as loaded */
    size_t step;
    const char *next_lesson; /* NULL: there is none */
    bool finished;
    size_t pauses_for;    /* the step whose pauses the simulation knows, from 1 on; 0: none */
    const char *language; /* NULL: English */
    size_t *recorded;     /* [recorded_count] step after so many interventions of a record; NULL: none is followed; owned */
    size_t recorded_count;
};

/* The words of the bar itself. */
typedef struct words {
    const char *language, *watch, *previous, *next, *step, *hint_previous, *hint_next, *next_lesson, *hint_lesson;
} words;

static const words all_words[] = {
    {"en", "Watch", "‹ Previous", "Next ›", "Step %zu of %zu", "Page Up: the step before", "Page Down: the next step",
     "Next lesson", "Page Down: the next lesson, %s"},
    {"de", "Siehe", "‹ Zurück", "Weiter ›", "Schritt %zu von %zu", "Bild auf: der Schritt davor", "Bild ab: der nächste Schritt",
     "Nächste", "Bild ab: die nächste Lektion, %s"},
};

static const words *words_of(const char *language) {
    for (size_t i = 0; language && i < sizeof all_words / sizeof *all_words; i++)
        if (!strcmp(all_words[i].language, language)) return &all_words[i];
    return all_words;
}

kr_status kr_lesson_panel_create(kr_lesson_panel **panel, const kr_scene *scene, kr_error *error) {
    *panel = calloc(1, sizeof **panel);
    if (!*panel) return kr_fail(error, KR_NO_MEMORY, "not enough memory for a lesson");
    kr_status status = kr_scene_copy(&(*panel)->scene, scene, error);
    if (scene->lesson_count) (*panel)->next_lesson = kr_course_next(scene->name);
    if (status != KR_OK) {
        free(*panel);
        *panel = NULL;
    }
    return status;
}

void kr_lesson_panel_destroy(kr_lesson_panel *panel) {
    if (!panel) return;
    kr_scene_destroy(&panel->scene);
    free(panel->recorded);
    free(panel);
}

bool kr_lesson_panel_finished(kr_lesson_panel *panel) {
    bool finished = panel->finished;
    panel->finished = false;
    return finished;
}

/* A step on, or behind the last. */
static void go_on(kr_lesson_panel *panel, kr_simulation *simulation) {
    if (panel->step + 1 < panel->scene.lesson_count)
        kr_lesson_panel_go(panel, simulation, panel->step + 1);
    else
        panel->finished = panel->next_lesson != NULL;
}

/* ---- languages ---- */

void kr_lesson_panel_speak(kr_lesson_panel *panel, const char *language) {
    panel->language = language && strcmp(language, "en") != 0 ? language : NULL;
}

const char *kr_lesson_panel_language(const kr_lesson_panel *panel) {
    return panel->language ? panel->language : "en";
}

const char *kr_lesson_language_of_environment(void) {
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    const char *value = NULL;
    for (size_t i = 0; i < 3 && !(value && *value); i++) value = getenv(names[i]);
    for (const kr_language *one = kr_languages; value && one->code; one++)
        if (!strncmp(value, one->code, 2) && (!value[2] || strchr("_.@", value[2]))) return one->code;
    return NULL;
}

/* The language behind this one of those that the lesson has, English first; NULL: there is English only. */
static const char *next_language(const kr_lesson_panel *panel) {
    const kr_lesson_step *first = panel->scene.lesson;
    if (!panel->scene.lesson_count || !first->translation_count) return NULL;
    if (!panel->language) return first->translation[0].language;
    for (size_t i = 0; i + 1 < first->translation_count; i++)
        if (!strcmp(first->translation[i].language, panel->language)) return first->translation[i + 1].language;
    return "en";
}

size_t kr_lesson_panel_steps(const kr_lesson_panel *panel) {
    return panel->scene.lesson_count;
}

size_t kr_lesson_panel_step(const kr_lesson_panel *panel) {
    return panel->step;
}

double kr_lesson_panel_speed(const kr_lesson_panel *panel) {
    double speed = 0;
    for (size_t i = 0; i < panel->scene.lesson_count && i <= panel->step; i++)
        if (panel->scene.lesson[i].speed > 0) speed = panel->scene.lesson[i].speed;
    return speed;
}

const char *kr_lesson_panel_watch(const kr_lesson_panel *panel) {
    return panel->scene.lesson_count ? panel->scene.lesson[panel->step].watch : NULL;
}

/* ---- pauses ---- */

/* "20 000" behind "step "; 0: it is no such number. */
static uint64_t read_step(const char *text) {
    uint64_t number = 0;
    size_t digits = 0;
    for (; *text >= '0' && *text <= '9' && digits < 15; digits++) {
        number = 10 * number + (uint64_t)(*text++ - '0');
        if (*text == ' ' && strspn(text + 1, "0123456789") == 3) text++; /* between thousands */
    }
    bool fraction = *text == '.' && text[1] >= '0' && text[1] <= '9';
    return digits && !fraction ? number : 0;
}

static size_t add_quoted(const char *text, size_t count, uint64_t steps[KR_QUOTED_STEPS]) {
    static const char word[] = "step ";
    for (const char *at = text; at && (at = strstr(at, word)) && count < KR_QUOTED_STEPS; at += sizeof word - 1) {
        uint64_t number = read_step(at + sizeof word - 1);
        bool known = number == 0;
        for (size_t i = 0; i < count; i++) known |= steps[i] == number;
        if (!known) steps[count++] = number;
    }
    return count;
}

size_t kr_lesson_quoted_steps(const kr_lesson_step *step, uint64_t steps[KR_QUOTED_STEPS]) {
    return add_quoted(step->watch, add_quoted(step->caption, 0, steps), steps);
}

static void pause_where_quoted(kr_lesson_panel *panel, kr_simulation *simulation) {
    uint64_t steps[KR_QUOTED_STEPS];
    if (!simulation || panel->pauses_for == panel->step + 1) return;
    size_t count = kr_lesson_quoted_steps(&panel->scene.lesson[panel->step], steps);
    if (kr_simulation_pause_at_steps(simulation, count, steps)) panel->pauses_for = panel->step + 1;
}

/* ---- settings ---- */

/* The scene with the settings of all steps up to this one, step by step (a schedule's parameters go when another schedule comes),
 * as text; malloc'd. */
static kr_status settings_at(const kr_lesson_panel *panel, size_t step, char **text, kr_error *error) {
    kr_scene base = panel->scene, now;
    base.lesson = NULL;
    base.lesson_count = 0;
    kr_status status = kr_scene_write(&base, text, error);
    for (size_t i = 0; status == KR_OK && i <= step; i++) {
        const kr_lesson_step *at = &panel->scene.lesson[i];
        if (!at->setting_count) continue;
        char *before = *text;
        *text = NULL;
        status = kr_scene_parse(&now, base.registry, base.name, base.directory, before, (const char *const *)at->settings,
                                at->setting_count, error);
        free(before);
        if (status != KR_OK) return status;
        status = kr_scene_write(&now, text, error);
        kr_scene_destroy(&now);
    }
    return status;
}

/* "scene\n" and the settings, as kr_lesson_panel_go sends them; malloc'd, NULL when memory is short. */
static char *intervention_at(const kr_lesson_panel *panel, size_t step, kr_error *error) {
    char *text = NULL, *all = NULL;
    bool made = settings_at(panel, step, &text, error) == KR_OK; /* checked before: only memory can be short */
    if (made && (all = malloc(strlen(text) + sizeof "scene\n"))) strcat(strcpy(all, "scene\n"), text);
    free(text);
    return all;
}

bool kr_lesson_panel_go(kr_lesson_panel *panel, kr_simulation *simulation, size_t step) {
    size_t count = panel->scene.lesson_count;
    if (!count) return false;
    panel->step = step < count ? step : count - 1;
    free(panel->recorded);
    panel->recorded = NULL;
    if (!simulation) return false;
    kr_error error;
    char *text = intervention_at(panel, panel->step, &error);
    bool sent = text && kr_simulation_intervene(simulation, text);
    panel->pauses_for = 0;
    pause_where_quoted(panel, simulation);
    free(text);
    return sent;
}

kr_status kr_lesson_panel_follow(kr_lesson_panel *panel, const kr_session_record *record, kr_error *error) {
    size_t steps = panel->scene.lesson_count;
    if (!steps) return KR_OK;
    if (!(panel->recorded = calloc(record->count + 1, sizeof *panel->recorded)))
        return kr_fail(error, KR_NO_MEMORY, "not enough memory for a lesson");
    panel->recorded_count = record->count + 1;
    for (size_t step = 0; step < steps; step++) {
        char *text = intervention_at(panel, step, error);
        if (!text) return kr_fail(error, KR_NO_MEMORY, "not enough memory for a lesson");
        for (size_t i = 0; i < record->count; i++)
            if (!strcmp(record->intervention[i].text, text)) panel->recorded[i + 1] = step + 1; /* 0: none of the lesson's */
        free(text);
    }
    size_t last = 0;
    for (size_t i = 0; i < panel->recorded_count; i++) {
        if (panel->recorded[i]) last = panel->recorded[i] - 1;
        panel->recorded[i] = last;
    }
    return KR_OK;
}

bool kr_lesson_panel_key(kr_lesson_panel *panel, const kr_frame *frame, int32_t key) {
    if (!panel->scene.lesson_count) return false;
    if (key == SDLK_PAGEDOWN)
        go_on(panel, frame->simulation);
    else if (key == SDLK_PAGEUP && panel->step > 0)
        kr_lesson_panel_go(panel, frame->simulation, panel->step - 1);
    return key == SDLK_PAGEDOWN || key == SDLK_PAGEUP;
}

/* ---- the bar ---- */

typedef struct layout {
    double pad, text_width, buttons; /* buttons: width of the column of them */
    bool narrow;
} layout;

static layout lay_out(const kr_theme *theme, double width) {
    layout l = {.pad = 1.5 * theme->gap, .narrow = width < 800 * theme->scale};
    l.buttons = (l.narrow ? 92 : 200) * theme->scale;
    l.text_width = fmax(width - l.buttons - 4 * l.pad, 60 * theme->scale);
    return l;
}

static double caption_size(const kr_theme *theme, const layout *l) {
    return l->narrow ? theme->normal : theme->large;
}

/* Caption and below it what to watch; canvas NULL: only measures. */
static double draw_text(const kr_lesson_step *of, const char *language, kr_fonts *fonts, kr_canvas *canvas, const kr_theme *theme,
                        const layout *l, double x, double y) {
    double top = y;
    kr_caption caption = kr_lesson_caption(of, language);
    const kr_caption *step = &caption;
    y += kr_text_wrap(fonts, canvas, x, y, l->text_width, caption_size(theme, l), KR_REGULAR, theme->text, step->caption);
    if (!step->watch) return y - top;
    y += 0.6 * theme->gap;
    const char *title = words_of(caption.caption == of->caption ? NULL : language)->watch;
    double indent = kr_text_width(fonts, theme->normal, KR_BOLD, title) + 1.25 * theme->gap;
    double line = kr_text_wrap(fonts, canvas, x, y, l->text_width, theme->normal, KR_BOLD, theme->accent, title);
    double height =
        kr_text_wrap(fonts, canvas, x + indent, y, l->text_width - indent, theme->normal, KR_REGULAR, theme->text, step->watch);
    return y + fmax(line, height) - top;
}

double kr_lesson_panel_height(const kr_lesson_panel *panel, kr_fonts *fonts, const kr_theme *theme, double width) {
    if (!panel->scene.lesson_count) return 0;
    layout l = lay_out(theme, width);
    double height = next_language(panel) ? 3 * theme->line + 2.4 * theme->normal + 2 * theme->gap : 2 * theme->line;
    for (size_t i = 0; i < panel->scene.lesson_count; i++)
        height = fmax(height, draw_text(&panel->scene.lesson[i], panel->language, fonts, NULL, theme, &l, 0, 0));
    return ceil(height + 2 * l.pad);
}

/* One mark a step; those that are behind are filled. */
static void draw_progress(const kr_lesson_panel *panel, const kr_frame *frame, kr_rectangle area) {
    const kr_theme *theme = frame->theme;
    size_t count = panel->scene.lesson_count;
    double pitch = fmin(14 * theme->scale, area.width / (double)count), radius = fmin(3.5 * theme->scale, 0.4 * pitch);
    double x = area.x + 0.5 * (area.width - pitch * (double)(count - 1)), y = area.y + 0.5 * area.height;
    for (size_t i = 0; i < count; i++, x += pitch) {
        kr_point center = {x, y};
        if (i <= panel->step)
            kr_canvas_disc(frame->canvas, center, i == panel->step ? 1.35 * radius : radius, theme->accent);
        else
            kr_canvas_ring(frame->canvas, center, radius, theme->scale, theme->faint_text);
    }
}

/* A button with the language that comes next, where the lesson has several. */
static void draw_language(kr_lesson_panel *panel, const kr_frame *frame, kr_rectangle area, bool narrow) {
    const char *next = next_language(panel);
    char label[40];
    if (!next) return;
    const char *name = "English";
    for (const kr_language *one = kr_languages; one->code; one++)
        if (!strcmp(one->code, next)) name = !strcmp(next, "de") ? "Deutsch" : one->name;
    snprintf(label, sizeof label, "%s", narrow ? next : name);
    if (kr_button(frame->widgets, "lesson.language", area, label, false, "captions in this language"))
        kr_lesson_panel_speak(panel, next);
}

static void draw_buttons(kr_lesson_panel *panel, const kr_frame *frame, kr_rectangle area, bool narrow) {
    const kr_theme *theme = frame->theme;
    kr_widgets *widgets = frame->widgets;
    const words *say = words_of(panel->language);
    size_t step = panel->step, last = panel->scene.lesson_count - 1;
    double half = 0.5 * (area.width - theme->gap);
    kr_rectangle left = {area.x, area.y, half, theme->line}, right = {area.x + half + theme->gap, area.y, half, theme->line};
    bool disabled = widgets->disabled;
    widgets->disabled = disabled || step == 0;
    if (kr_button(widgets, "lesson.previous", left, narrow ? "‹" : say->previous, false, say->hint_previous))
        kr_lesson_panel_go(panel, frame->simulation, step - 1);
    widgets->disabled = disabled || (step == last && !panel->next_lesson);
    static char tip[160];
    snprintf(tip, sizeof tip, say->hint_lesson, panel->next_lesson ? panel->next_lesson : "");
    if (kr_button(widgets, "lesson.next", right,
                  narrow        ? step < last ? "›" : "››"
                  : step < last ? say->next
                                : say->next_lesson,
                  true, step < last ? say->hint_next : tip))
        go_on(panel, frame->simulation);
    widgets->disabled = disabled;
    char text[64];
    snprintf(text, sizeof text, narrow ? "%zu / %zu" : say->step, panel->step + 1, last + 1);
    double y = area.y + theme->line + theme->gap;
    kr_text_draw(frame->fonts, frame->canvas, area.x + 0.5 * area.width, y + 0.5 * theme->normal, theme->normal, KR_REGULAR,
                 KR_CENTER, theme->faint_text, text);
    draw_progress(panel, frame, (kr_rectangle){area.x, y + 1.2 * theme->normal, area.width, theme->normal});
    draw_language(panel, frame, (kr_rectangle){area.x, y + 2.4 * theme->normal + theme->gap, area.width, theme->line}, narrow);
}

void kr_lesson_panel_draw(kr_lesson_panel *panel, const kr_frame *frame, kr_rectangle area) {
    if (!panel->scene.lesson_count) return;
    const kr_theme *theme = frame->theme;
    layout l = lay_out(theme, area.width);
    if (panel->recorded) {
        uint64_t done = frame->snapshot ? frame->snapshot->interventions : 0;
        panel->step = panel->recorded[done < panel->recorded_count ? done : panel->recorded_count - 1];
    } else {
        pause_where_quoted(panel, frame->simulation);
    }
    kr_canvas_fill(frame->canvas, area, theme->panel);
    kr_canvas_fill(frame->canvas, (kr_rectangle){area.x, area.y, area.width, theme->scale}, theme->edge);
    kr_canvas_fill(frame->canvas, (kr_rectangle){area.x, area.y, 4 * theme->scale, area.height}, theme->accent);
    kr_rectangle before = kr_canvas_clip(frame->canvas, area);
    draw_text(&panel->scene.lesson[panel->step], panel->language, frame->fonts, frame->canvas, theme, &l, area.x + 1.5 * l.pad,
              area.y + l.pad);
    draw_buttons(panel, frame,
                 (kr_rectangle){area.x + area.width - l.pad - l.buttons, area.y + l.pad, l.buttons, area.height - 2 * l.pad},
                 l.narrow);
    kr_canvas_unclip(frame->canvas, before);
}
