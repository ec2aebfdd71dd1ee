/* What the window shows, in words: for kramers view --describe. */
#include "window_state.h"

#include <math.h>

/* Where each text is and whether it can be read; those that no pixel shows are left out. */
static void describe_texts(kr_window *w) {
    kr_description *d = w->description;
    kr_legibility_end(&w->legibility, &w->canvas);
    for (size_t i = 0; i < w->legibility.count; i++) {
        const kr_seen_text *seen = &w->legibility.text[i];
        kr_describe_item(d, "texts");
        kr_describe_text(d, "text", seen->text);
        kr_describe_place_within(d, seen->clip, seen->area);
        kr_describe_area(d, "ink", seen->ink);
        kr_describe_number(d, "cut", seen->cut);
        kr_describe_number(d, "covered", round(1e3 * seen->covered) / 1e3);
        kr_describe_number(d, "contrast", round(1e2 * seen->contrast) / 1e2);
    }
}

static void describe_window(kr_window *w) {
    kr_description *d = w->description;
    kr_describe_part(d, "window");
    kr_describe_text(d, "name", w->title);
    kr_describe_count(d, "width", (uint64_t)w->canvas.width);
    kr_describe_count(d, "height", (uint64_t)w->canvas.height);
    kr_describe_number(d, "scale", w->theme.scale);
    kr_describe_flag(d, "dark", w->dark);
    kr_describe_flag(d, "presenter", w->presents);
    kr_describe_flag(d, "help", w->help);
    kr_describe_flag(d, "menu", w->menu.open);
    kr_describe_flag(d, "frozen", w->drawing_frozen);
    kr_describe_flag(d, "film", w->film != NULL);
    kr_describe_text(d, "message", w->seconds <= w->message_until ? w->message : "");
    kr_describe_text(d, "focus", w->widgets.focus);
    kr_describe_text(d, "edited", w->widgets.edited);
    kr_describe_text(d, "open", w->widgets.open);
    kr_describe_area(d, "bar", w->bar_area);
    kr_describe_area(d, "controls", w->controls_area);
    kr_describe_area(d, "landscape", w->landscape_area);
    kr_describe_area(d, "networks", w->network_area);
    kr_describe_area(d, "instruments", w->instruments_area);
    kr_describe_area(d, "lesson", w->lesson_area);
    kr_describe_count(d, "lesson_step", kr_lesson_panel_step(w->lesson) + (kr_lesson_panel_steps(w->lesson) > 0));
    kr_describe_text(d, "lesson_language", kr_lesson_panel_steps(w->lesson) ? kr_lesson_panel_language(w->lesson) : "");
    kr_describe_count(d, "lesson_steps", kr_lesson_panel_steps(w->lesson));
}

static void describe_networks(kr_description *d, const kr_snapshot_networks *networks) {
    if (!networks->evaluated) return;
    kr_describe_count(d, "evaluated", networks->evaluated);
    kr_describe_number(d, "train_loss", networks->mean[KR_TRAIN_LOSS]);
    kr_describe_number(d, "train_accuracy", networks->mean[KR_TRAIN_ACCURACY]);
    kr_describe_number(d, "test_loss", networks->mean[KR_TEST_LOSS]);
    kr_describe_number(d, "test_accuracy", networks->mean[KR_TEST_ACCURACY]);
}

static void describe_simulation(kr_window *w) {
    kr_description *d = w->description;
    const kr_snapshot *s = w->snapshot;
    kr_describe_part(d, "simulation");
    kr_describe_flag(d, "playing", s->playing);
    kr_describe_flag(d, "diverged", s->diverged);
    kr_describe_number(d, "speed", kr_speeds[w->speed] * w->unit_speed); /* null: as fast as it goes */
    kr_describe_count(d, "generation", s->generation);
    kr_describe_count(d, "step", s->step);
    kr_describe_number(d, "time", s->time);
    kr_describe_number(d, "learning_rate", s->learning_rate);
    kr_describe_count(d, "schedule_origin", s->schedule_origin);
    kr_describe_count(d, "version", s->version);
    kr_describe_flag(d, "controls_current", w->analysis->version == s->version);
    kr_describe_count(d, "interventions", s->interventions);
    if (s->followed == UINT64_MAX)
        kr_describe_text(d, "followed", NULL);
    else
        kr_describe_count(d, "followed", s->followed);
    for (size_t v = 0; v < s->variants; v++) {
        const kr_snapshot_variant *variant = &s->variant[v];
        double first[KR_PICKED_NUMBERS];
        size_t dim = variant->dim < KR_PICKED_NUMBERS ? variant->dim : KR_PICKED_NUMBERS;
        for (size_t i = 0; i < dim && variant->position; i++) first[i] = (double)variant->position[i * variant->count];
        kr_describe_item(d, "variants");
        kr_describe_text(d, "dynamics", variant->name);
        kr_describe_count(d, "particles", variant->particles);
        kr_describe_count(d, "dim", variant->dim);
        kr_describe_numbers(d, "first_particle", variant->position && variant->count ? dim : 0, first);
        kr_describe_number(d, "potential", variant->potential);
        kr_describe_number(d, "kinetic", variant->kinetic);
        describe_networks(d, &variant->networks);
    }
}

void kr_window_describe(kr_window *w) {
    static const double every = 0.015;
    bool due =
        w->description && (w->display ? !w->frame || w->seconds - w->described >= every : w->frame + 1 >= w->options->frames);
    w->widgets.description = due ? w->description : NULL;
    if (!due) return;
    w->described = w->seconds;
    kr_description_begin(w->description);
    kr_legibility_begin(&w->legibility);
    kr_fonts_listen(w->fonts, kr_legibility_add, &w->legibility);
}

kr_status kr_window_described(kr_window *w, kr_error *error) {
    if (!w->widgets.description) return KR_OK;
    kr_fonts_listen(w->fonts, NULL, NULL);
    describe_texts(w);
    describe_window(w);
    describe_simulation(w);
    return kr_description_end(w->description, error);
}
