/* What is compared with the scene, each in its colour: entries with a dynamics, a schedule or noise of their own. */
#include "controls_panel.h"

#include "model/variant_title.h"

#include <kramers/number_text.h>

#include <stdio.h>
#include <string.h>

static void draw_marker(const kr_controls_panel *panel, kr_rectangle area, size_t variant) {
    const kr_theme *theme = panel->frame->theme;
    kr_canvas_disc(panel->frame->canvas, (kr_point){area.x + 0.5 * theme->gap + 5 * theme->scale, area.y + 0.5 * area.height},
                   6 * theme->scale, theme->variant[variant]);
}

/* ---- the list as text ---- */

typedef struct entry_text {
    size_t used;
    char text[KR_CONTROLS_TEXT];
} entry_text;

static void append(entry_text *list, const char *text) {
    int length = snprintf(list->text + list->used, sizeof list->text - list->used, "%s", text);
    list->used += length > 0 ? (size_t)length : 0;
    if (list->used >= sizeof list->text) list->used = sizeof list->text - 1;
}

static void append_entry(entry_text *list, const kr_compared *entry) {
    char one[KR_CONTROLS_TEXT] = "";
    FILE *out = fmemopen(one, sizeof one, "w");
    if (!out) return;
    kr_scene_compared_print(out, entry);
    fclose(out);
    append(list, one);
}

/* With this entry, of which a section is taken away (KR_COMPARED_SECTIONS: all of it). */
static void remove_section(kr_controls_panel *panel, const char *identity, size_t number, kr_compared_section section) {
    entry_text list = {0};
    size_t left = 0;
    append(&list, "set compare=[");
    for (size_t i = 0; i < panel->shown.compare_count; i++) {
        kr_compared entry = panel->shown.compare[i];
        bool empty = i == number;
        if (i == number && section < KR_COMPARED_SECTIONS) entry.own[section].about = NULL;
        for (size_t s = 0; s < KR_COMPARED_SECTIONS && section < KR_COMPARED_SECTIONS; s++) empty = empty && !entry.own[s].about;
        if (empty) continue;
        if (left++) append(&list, ", ");
        append_entry(&list, &entry);
    }
    append(&list, "]");
    kr_controls_send(panel, identity, list.text);
}

/* ---- an entry ---- */

static const struct {
    const char *other, *tip;
} sections[KR_COMPARED_SECTIONS] = {
    [KR_COMPARED_DYNAMICS] = {"another dynamics", "How its particles move; its × makes it the scene's again."},
    [KR_COMPARED_NOISE] = {"other gradient noise", "What minibatches add to its gradient; its × makes it the scene's again."},
    [KR_COMPARED_SCHEDULE] = {"another schedule", "Its learning rate; its × makes it the scene's again."}};

static const void *plugins_of(const kr_scene *scene, kr_compared_section section) {
    const void *const lists[] = {[KR_COMPARED_DYNAMICS] = scene->registry->dynamics,
                                 [KR_COMPARED_NOISE] = scene->registry->noises,
                                 [KR_COMPARED_SCHEDULE] = scene->registry->schedules};
    return lists[section];
}

static kr_settings *scenes_own(kr_scene *scene, kr_compared_section section) {
    kr_settings *const own[] = {
        [KR_COMPARED_DYNAMICS] = &scene->dynamics, [KR_COMPARED_NOISE] = &scene->noise, [KR_COMPARED_SCHEDULE] = &scene->schedule};
    return own[section];
}

/* What makes an entry differ from the scene in this section, to begin with: half the learning rate; noise where there is none, else
 * none. Of a dynamics its name is chosen. */
static void send_other(kr_controls_panel *panel, const char *identity, size_t number, kr_compared_section section) {
    const kr_settings *own = scenes_own(&panel->shown, section);
    char text[256], rate[KR_NUMBER_TEXT];
    const kr_parameter *row = kr_parameter_find(own->about, "lr");
    double now = row && row->type == KR_NUMBER ? kr_get_number(own, row) : panel->frame->snapshot->learning_rate;
    if (section == KR_COMPARED_SCHEDULE)
        snprintf(text, sizeof text, "set compare.%zu.schedule={%slr: %s}", number,
                 row && row->type == KR_NUMBER ? "" : "name: constant, ", kr_number_text(0.5 * now, rate));
    else if (section == KR_COMPARED_NOISE)
        snprintf(text, sizeof text, "set compare.%zu.noise={name: %s}", number,
                 strcmp(own->about->name, "none") ? "none" : "isotropic");
    else
        snprintf(text, sizeof text, "set compare.%zu.dynamics={name: %s}", number,
                 strcmp(own->about->name, "momentum") ? "momentum" : "sgd");
    kr_controls_send(panel, identity, text);
}

static void draw_own(kr_controls_panel *panel, size_t number, kr_compared_section section) {
    static const kr_controls_menu menus[] = {
        [KR_COMPARED_DYNAMICS] = KR_MENU_DYNAMICS, [KR_COMPARED_NOISE] = KR_MENU_NOISE, [KR_COMPARED_SCHEDULE] = KR_MENU_SCHEDULE};
    const kr_theme *theme = panel->frame->theme;
    kr_widgets *widgets = panel->frame->widgets;
    kr_settings *settings = &panel->shown.compare[number].own[section];
    bool several = section == KR_COMPARED_NOISE && kr_scene_noise_part(settings, 1);
    const char *const *names =
        kr_controls_names(panel, menus[section], plugins_of(&panel->shown, section), several ? settings->about->name : NULL);
    char identity[2][KR_IDENTITY], key[64], prefix[32];
    int chosen = 0;
    while (names[chosen] && strcmp(names[chosen], settings->about->name)) chosen++;
    kr_compared_key(prefix, sizeof prefix, number, section);
    snprintf(identity[0], KR_IDENTITY, "controls.%s.name", prefix);
    snprintf(identity[1], KR_IDENTITY, "controls.%s.remove", prefix);
    kr_rectangle area = kr_controls_place(panel, 1);
    double side = area.height;
    if (kr_menu(widgets, identity[0], (kr_rectangle){area.x, area.y, area.width - side - 0.5 * theme->gap, area.height}, NULL,
                names, &chosen, settings->about->doc) &&
        strcmp(names[chosen], settings->about->name)) {
        snprintf(key, sizeof key, "%s.name", prefix);
        kr_controls_set(panel, identity[0], key, kr_text_value(names[chosen]));
    }
    bool gone = kr_button(widgets, identity[1], (kr_rectangle){area.x + area.width - side, area.y, side, side}, "×", false,
                          sections[section].tip);
    for (int i = 0; i < 2; i++) kr_controls_after(panel, identity[i], area);
    kr_controls_parameters(panel, prefix, settings);
    if (section == KR_COMPARED_SCHEDULE) {
        kr_settings warmup = {.about = &kr_warmup_descriptor, .values = &panel->shown.compare[number].warmup};
        snprintf(key, sizeof key, "%s.warmup", prefix);
        kr_controls_heading(panel, "Warmup");
        kr_controls_parameters(panel, key, &warmup);
    }
    if (gone) remove_section(panel, identity[1], number, section);
}

/* What else of it may differ. */
static void draw_more(kr_controls_panel *panel, size_t number) {
    const char *names[KR_COMPARED_SECTIONS + 2] = {"it also has ..."};
    kr_compared_section which[KR_COMPARED_SECTIONS + 1];
    char identity[KR_IDENTITY];
    int count = 1, chosen = 0;
    for (size_t s = 0; s < KR_COMPARED_SECTIONS; s++) {
        if (panel->shown.compare[number].own[s].about) continue;
        which[count] = (kr_compared_section)s;
        names[count++] = sections[s].other;
    }
    const char **kept = panel->compare_names[number]; /* an open menu reads them when the frame ends */
    memcpy(kept, names, sizeof names);
    kept[count] = NULL;
    if (count == 1) return;
    snprintf(identity, sizeof identity, "controls.compare.%zu.more", number);
    kr_rectangle area = kr_controls_place(panel, 1);
    if (kr_menu(panel->frame->widgets, identity, area, NULL, kept, &chosen,
                "What else of this entry differs from the scene; everything starts again.") &&
        chosen > 0)
        send_other(panel, identity, number, which[chosen]);
    kr_controls_after(panel, identity, area);
}

/* A line with the colour and the name of an entry, as the instruments call it; returns where a button may stand in it. */
static kr_rectangle draw_title(kr_controls_panel *panel, size_t variant) {
    const kr_frame *frame = panel->frame;
    char title[64];
    kr_rectangle area = kr_controls_place(panel, variant ? 1 : 0.8);
    double mark = 3 * frame->theme->gap, side = area.height;
    kr_variant_title(&panel->shown, variant, title, sizeof title);
    draw_marker(panel, area, variant);
    kr_text_fit(frame->fonts, frame->canvas, area.x + mark, area.y + 0.5 * area.height, area.width - mark - side,
                frame->theme->normal, KR_REGULAR, KR_LEFT, frame->theme->text, title);
    return (kr_rectangle){area.x + area.width - side, area.y, side, side};
}

static void draw_variant(kr_controls_panel *panel, size_t number) {
    char identity[KR_IDENTITY];
    kr_rectangle button = draw_title(panel, number + 1);
    snprintf(identity, sizeof identity, "controls.compare.%zu.gone", number);
    bool gone = kr_button(panel->frame->widgets, identity, button, "×", false, "Takes it away; everything starts again.");
    kr_controls_after(panel, identity, button);
    double mark = 3 * panel->frame->theme->gap;
    panel->indent += mark;
    for (size_t s = 0; s < KR_COMPARED_SECTIONS; s++)
        if (panel->shown.compare[number].own[s].about) draw_own(panel, number, (kr_compared_section)s);
    draw_more(panel, number);
    panel->indent -= mark;
    if (gone) remove_section(panel, identity, number, KR_COMPARED_SECTIONS);
}

/* The names of dynamics come first, since those are most often compared. */
static void draw_add(kr_controls_panel *panel) {
    static const char identity[] = "controls.compare.add";
    const char **names = panel->names[KR_MENU_ADD];
    const kr_descriptor *const *dynamics = (const kr_descriptor *const *)(const void *)panel->shown.registry->dynamics;
    size_t count = panel->shown.compare_count;
    int chosen = 0, other = 1;
    if (count == KR_MAX_COMPARE) return;
    names[0] = "compare with ...";
    names[other++] = sections[KR_COMPARED_SCHEDULE].other;
    names[other++] = sections[KR_COMPARED_NOISE].other;
    for (size_t i = 0; dynamics[i] && other < KR_CONTROLS_NAMES; i++) names[other++] = dynamics[i]->name;
    names[other] = NULL;
    kr_rectangle area = kr_controls_place(panel, 1);
    if (kr_menu(panel->frame->widgets, identity, area, NULL, names, &chosen,
                "The scene once more with another schedule, noise or dynamics, on the same landscape with the same random numbers; "
                "everything starts again.") &&
        chosen > 0) {
        char key[64];
        snprintf(key, sizeof key, "compare.%zu.name", count);
        if (chosen < 3)
            send_other(panel, identity, count, chosen == 1 ? KR_COMPARED_SCHEDULE : KR_COMPARED_NOISE);
        else
            kr_controls_set(panel, identity, key, kr_text_value(names[chosen]));
    }
    kr_controls_after(panel, identity, area);
}

void kr_controls_compare(kr_controls_panel *panel) {
    char name[40] = "with nothing else";
    size_t count = panel->shown.compare_count;
    if (count) snprintf(name, sizeof name, "%zu side by side", count + 1);
    if (!kr_controls_open(panel, KR_SECTION_COMPARE, "Compare", name,
                          "Up to four side by side that differ in schedule, noise or dynamics, with the same random numbers."))
        return;
    draw_title(panel, 0);
    for (size_t i = 0; i < panel->shown.compare_count; i++) draw_variant(panel, i);
    draw_add(panel);
}
