/* Further dynamics beside the scene's own, each in its colour. */
#include "controls_panel.h"

#include <stdio.h>
#include <string.h>

static void draw_marker(const kr_controls_panel *panel, kr_rectangle area, size_t variant) {
    const kr_theme *theme = panel->frame->theme;
    kr_canvas_disc(panel->frame->canvas, (kr_point){area.x + 0.5 * theme->gap + 5 * theme->scale, area.y + 0.5 * area.height},
                   6 * theme->scale, theme->variant[variant]);
}

/* The list without one of its entries. */
static void remove_variant(kr_controls_panel *panel, const char *identity, size_t number) {
    char text[KR_CONTROLS_TEXT] = "set compare=[", one[1024];
    size_t used = strlen(text), left = 0;
    for (size_t i = 0; i < panel->shown.compare_count; i++) {
        if (i == number) continue;
        kr_controls_write(&panel->shown.compare[i], one, sizeof one);
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", left++ ? ", " : "", one);
        if (used >= sizeof text) return;
    }
    snprintf(text + used, sizeof text - used, "]");
    kr_controls_send(panel, identity, text);
}

static void draw_variant(kr_controls_panel *panel, size_t number) {
    const kr_theme *theme = panel->frame->theme;
    kr_widgets *widgets = panel->frame->widgets;
    kr_settings *settings = &panel->shown.compare[number];
    const char *const *names = kr_controls_names(panel, KR_MENU_DYNAMICS, panel->shown.registry->dynamics, NULL);
    char identity[2][KR_IDENTITY], key[64], prefix[32];
    int chosen = 0;
    while (names[chosen] && strcmp(names[chosen], settings->about->name)) chosen++;
    snprintf(identity[0], KR_IDENTITY, "controls.compare.%zu.name", number);
    snprintf(identity[1], KR_IDENTITY, "controls.compare.%zu.remove", number);
    snprintf(prefix, sizeof prefix, "compare.%zu", number);
    kr_rectangle area = kr_controls_place(panel, 1);
    double mark = 3 * theme->gap, side = area.height;
    draw_marker(panel, area, number + 1);
    if (kr_menu(widgets, identity[0],
                (kr_rectangle){area.x + mark, area.y, area.width - mark - side - 0.5 * theme->gap, area.height}, NULL, names,
                &chosen, settings->about->doc) &&
        strcmp(names[chosen], settings->about->name)) {
        snprintf(key, sizeof key, "%s.name", prefix);
        kr_controls_set(panel, identity[0], key, kr_text_value(names[chosen]));
    }
    bool gone = kr_button(widgets, identity[1], (kr_rectangle){area.x + area.width - side, area.y, side, side}, "×", false,
                          "Takes this dynamics away; everything starts again.");
    for (int i = 0; i < 2; i++) kr_controls_after(panel, identity[i], area);
    panel->indent += mark;
    kr_controls_parameters(panel, prefix, settings);
    panel->indent -= mark;
    if (gone) remove_variant(panel, identity[1], number);
}

static void draw_add(kr_controls_panel *panel) {
    static const char identity[] = "controls.compare.add";
    int chosen = 0;
    if (panel->shown.compare_count == KR_MAX_COMPARE) return;
    const char *const *names = kr_controls_names(panel, KR_MENU_ADD, panel->shown.registry->dynamics, "add a dynamics ...");
    kr_rectangle area = kr_controls_place(panel, 1);
    if (kr_menu(panel->frame->widgets, identity, area, NULL, names, &chosen,
                "One more dynamics on the same landscape with the same random numbers; everything starts again.") &&
        chosen > 0) {
        char key[64];
        snprintf(key, sizeof key, "compare.%zu.name", panel->shown.compare_count);
        kr_controls_set(panel, identity, key, kr_text_value(names[chosen]));
    }
    kr_controls_after(panel, identity, area);
}

void kr_controls_compare(kr_controls_panel *panel) {
    const kr_frame *frame = panel->frame;
    char name[40] = "no other dynamics";
    size_t count = panel->shown.compare_count;
    if (count) snprintf(name, sizeof name, "%zu dynamics", count + 1);
    if (!kr_controls_open(panel, KR_SECTION_COMPARE, "Compare", name,
                          "Up to four dynamics side by side, with the same random numbers."))
        return;
    kr_rectangle area = kr_controls_place(panel, 0.8);
    draw_marker(panel, area, 0);
    kr_text_fit(frame->fonts, frame->canvas, area.x + 3 * frame->theme->gap, area.y + 0.5 * area.height,
                area.width - 3 * frame->theme->gap, frame->theme->normal, KR_REGULAR, KR_LEFT, frame->theme->text,
                panel->shown.dynamics.about->name);
    for (size_t i = 0; i < panel->shown.compare_count; i++) draw_variant(panel, i);
    draw_add(panel);
}
