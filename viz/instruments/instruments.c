/* The column of instruments: which are open, and their heights. */
#include "instruments_parts.h"

#include <kramers/data_sum.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* In the order in which they are drawn. */
static const kr_instrument *const instruments[KR_INSTRUMENTS] = {
    &kr_loss_instrument,          &kr_accuracy_instrument,  &kr_histogram_instrument, &kr_cycle_instrument,
    &kr_learning_rate_instrument, &kr_stability_instrument, &kr_phase_instrument,     &kr_driven_instrument,
    &kr_thermometer_instrument,   &kr_energy_instrument,    &kr_escape_instrument,    &kr_survival_instrument,
    &kr_hazard_instrument,        &kr_times_instrument,     &kr_arrhenius_instrument, &kr_population_instrument,
    &kr_comparison_instrument};

kr_status kr_instruments_create(kr_instruments **self, kr_error *error) {
    *self = calloc(1, sizeof **self);
    if (!*self) return kr_fail(error, KR_NO_MEMORY, "There is not enough memory for the instruments.");
    (*self)->version = (*self)->shares_version = UINT64_MAX;
    (*self)->asked = SIZE_MAX;
    return KR_OK;
}

void kr_instruments_destroy(kr_instruments *self) {
    if (self) kr_stationary_populations_destroy(&self->shares);
    if (self) kr_arrhenius_runs_destroy(self->runs);
    free(self);
}

/* Zero of the potential, which stays for a run whatever is seen and changed in it: the deepest minimum where all are known, else
 * the start; of a loss over data, which has a zero of its own, nothing. */
static double zero_of(const kr_frame *frame) {
    const kr_critical_points *critical = &frame->analysis->critical;
    const kr_landscape *landscape = &frame->analysis->model.landscape;
    double lowest = INFINITY;
    if (kr_landscape_data(landscape)) return 0;
    if (critical->count && critical->dim == landscape->dim)
        for (size_t i = 0; i < critical->count; i++)
            if (critical->point[i].index == 0) lowest = fmin(lowest, critical->point[i].energy);
    for (size_t v = 0; !isfinite(lowest) && v < frame->snapshot->variants; v++) lowest = frame->snapshot->variant[v].potential;
    return isfinite(lowest) ? lowest : 0;
}

static void record_snapshot(kr_instruments *self, const kr_frame *frame) {
    const kr_snapshot *snapshot = frame->snapshot;
    bool cleared = false;
    if (snapshot->generation != self->history.generation) self->curve_count = 0;
    float curve[KR_MAX_CURVES], boltzmann[KR_WELL_CURVES];
    kr_driven_values(self, frame, curve);
    kr_boltzmann_populations(self, frame, boltzmann);
    kr_history_append(&self->history, snapshot, curve, boltzmann, &cleared);
    if (cleared) {
        self->regime_step = 0;
        self->settings_changed = false;
        self->energy_zero = zero_of(frame);
        self->temperature_end = self->energy_end = self->heat_end = self->energy_most = 0;
    } else if (frame->analysis->version != self->version || snapshot->schedule_origin != self->origin) {
        self->regime_step = (double)snapshot->step;
        self->settings_changed = self->settings_changed || (snapshot->step && frame->analysis->version != self->version);
    }
    self->version = frame->analysis->version;
    self->origin = snapshot->schedule_origin;
}

/* Where a text speaks of it first; SIZE_MAX: nowhere. */
static size_t first_named(const kr_instrument *instrument, const char *text) {
    const char *found = strstr(text, instrument->title);
    size_t first = found ? (size_t)(found - text) : SIZE_MAX;
    for (const char *const *name = instrument->other_names; name && *name; name++)
        if ((found = strstr(text, *name)) && (size_t)(found - text) < first) first = (size_t)(found - text);
    return first;
}

/* A lesson opens what it names when it comes to a step; after that the user has the say. */
static void follow_lesson(kr_instruments *self, const kr_frame *frame) {
    if (self->watch == frame->watch) return;
    self->watch = frame->watch;
    for (size_t i = 0; i < KR_INSTRUMENTS; i++)
        if (self->choice[i] == KR_OPENED && i != self->asked) self->choice[i] = KR_AUTOMATIC;
    /* What is named first is the last to give way where not all have room. */
    uint64_t length = self->watch ? strlen(self->watch) : 0;
    self->choices += length;
    for (size_t i = 0; i < KR_INSTRUMENTS; i++) {
        size_t first = self->watch ? first_named(instruments[i], self->watch) : SIZE_MAX;
        self->named[i] = first != SIZE_MAX && instruments[i]->applies(self, frame);
        if (!self->named[i]) continue;
        self->choice[i] = KR_OPENED;
        self->choice_time[i] = self->choices - first;
    }
}

bool kr_instruments_open(kr_instruments *self, const char *title, char *all, size_t size) {
    size_t used = 0;
    for (size_t i = 0; i < KR_INSTRUMENTS; i++) {
        if (!strcasecmp(instruments[i]->title, title)) {
            self->choice[i] = KR_OPENED;
            self->choice_time[i] = ++self->choices;
            self->asked = i;
            return true;
        }
        if (used < size) used += (size_t)snprintf(all + used, size - used, "%s%s", i ? ", " : "", instruments[i]->title);
    }
    return false;
}

typedef struct place {
    bool applies, open;
    double least, wanted, most, height;
} place;

/* What the user opened last comes first, then by rank. */
static bool comes_before(const kr_instruments *self, size_t a, size_t b) {
    bool by_hand_a = self->choice[a] == KR_OPENED, by_hand_b = self->choice[b] == KR_OPENED;
    if (by_hand_a != by_hand_b) return by_hand_a;
    if (by_hand_a && self->choice_time[a] != self->choice_time[b]) return self->choice_time[a] > self->choice_time[b];
    return instruments[a]->rank < instruments[b]->rank;
}

/* What is left goes to those that want more, in parts of what they want; first to what they want, then up to the most. */
static double distribute(place places[KR_INSTRUMENTS], double room, bool to_most) {
    double asked = 0;
    for (size_t i = 0; i < KR_INSTRUMENTS; i++)
        if (places[i].open) asked += fmax(0, (to_most ? places[i].most : places[i].wanted) - places[i].height);
    double part = asked > room ? room / asked : 1;
    for (size_t i = 0; i < KR_INSTRUMENTS && asked > 0; i++)
        if (places[i].open) places[i].height += part * fmax(0, (to_most ? places[i].most : places[i].wanted) - places[i].height);
    return room - part * asked;
}

static void lay_out(const kr_instruments *self, const kr_frame *frame, double height, double title, place places[KR_INSTRUMENTS]) {
    size_t order[KR_INSTRUMENTS];
    double room = height;
    for (size_t i = 0; i < KR_INSTRUMENTS; i++) {
        places[i] = (place){.applies = instruments[i]->applies(self, frame)};
        order[i] = i;
        if (!places[i].applies) continue;
        instruments[i]->heights(self, frame, &places[i].least, &places[i].wanted, &places[i].most);
        places[i].height = places[i].least;
    }
    for (size_t i = 1; i < KR_INSTRUMENTS; i++)
        for (size_t j = i; j > 0 && comes_before(self, order[j], order[j - 1]); j--) {
            size_t other = order[j];
            order[j] = order[j - 1];
            order[j - 1] = other;
        }
    /* What is wanted first, then titles; where not even they have room the last ones are left out. */
    for (size_t i = 0; i < KR_INSTRUMENTS; i++) {
        place *at = &places[order[i]];
        if (!at->applies) continue;
        at->open = self->choice[order[i]] == KR_OPENED && room >= title + at->least;
        at->applies = room >= title;
        if (at->applies) room -= title + (at->open ? at->least : 0);
    }
    for (size_t i = 0; i < KR_INSTRUMENTS; i++) {
        place *at = &places[order[i]];
        bool wanted =
            self->choice[order[i]] == KR_OPENED || (self->choice[order[i]] == KR_AUTOMATIC && !instruments[order[i]]->on_demand);
        if (!at->applies || at->open || !wanted || at->least > room) continue;
        at->open = true;
        room -= at->least;
    }
    double left = distribute(places, room, false);
    for (size_t i = 0; i < KR_INSTRUMENTS; i++) {
        place *at = &places[i];
        if (!at->open || !instruments[i]->least_is_enough || at->height - at->least > 0.75 * (at->wanted - at->least)) continue;
        left += at->height - at->least;
        at->height = at->wanted = at->most = at->least;
    }
    left = distribute(places, left, false);
    distribute(places, left, true);
}

/* At the right end of the title, which is the shorter by it. */
static void draw_scale(kr_instruments *self, const kr_frame *frame, size_t i, kr_rectangle *line) {
    const kr_theme *theme = frame->theme;
    bool logarithmic = kr_instrument_is_logarithmic(self, frame, instruments[i]);
    double width = kr_text_width(frame->fonts, theme->small, KR_REGULAR, "linear") + theme->gap;
    kr_rectangle button = {line->x + line->width - width, line->y + 0.12 * line->height, width, 0.76 * line->height};
    char identity[KR_IDENTITY];
    snprintf(identity, sizeof identity, "scale %s", instruments[i]->identity);
    line->width -= width + 0.5 * theme->gap;
    if (kr_small_button(frame->widgets, identity, button, logarithmic ? "log" : "linear",
                        "The scale of the upright axis: linear or logarithmic"))
        self->scale[instruments[i]->axis] = logarithmic ? KR_LINEAR : KR_LOGARITHMIC;
}

static void draw_title(kr_instruments *self, const kr_frame *frame, size_t i, kr_rectangle line, bool open) {
    const kr_theme *theme = frame->theme;
    char headline[160] = "";
    if (open && instruments[i]->fits_logarithm) draw_scale(self, frame, i, &line);
    instruments[i]->headline(self, frame, headline, sizeof headline);
    bool now = open;
    if (kr_section(frame->widgets, instruments[i]->identity, line, instruments[i]->title, &now, instruments[i]->tip)) {
        self->choice[i] = now ? KR_OPENED : KR_CLOSED;
        self->choice_time[i] = ++self->choices;
    }
    double used = kr_text_width(frame->fonts, theme->normal, KR_BOLD, instruments[i]->title) + 3.5 * theme->gap;
    if (headline[0])
        kr_text_fit(frame->fonts, frame->canvas, line.x + line.width - 0.5 * theme->gap, line.y + 0.5 * line.height,
                    line.width - used, theme->small, KR_REGULAR, KR_RIGHT, theme->text, headline);
}

void kr_instruments_draw(kr_instruments *self, const kr_frame *frame, kr_rectangle area) {
    const kr_theme *theme = frame->theme;
    if (!frame->snapshot || !frame->snapshot->variants || !frame->analysis) return;
    record_snapshot(self, frame);
    follow_lesson(self, frame);
    kr_rectangle before = kr_canvas_clip(frame->canvas, area);
    kr_canvas_fill(frame->canvas, area, theme->panel);
    double pad = theme->gap, title = floor(0.83 * theme->line), y = area.y + 0.5 * pad;
    place places[KR_INSTRUMENTS];
    lay_out(self, frame, area.height - pad, title, places);
    for (size_t i = 0; i < KR_INSTRUMENTS; i++) {
        self->open[i] = false;
        if (!places[i].applies) continue;
        kr_rectangle line = {area.x + 0.5 * pad, y, area.width - pad, title};
        draw_title(self, frame, i, line, places[i].open);
        self->open[i] = places[i].open;
        y += title;
        if (!places[i].open) continue;
        kr_rectangle body = {area.x + pad, y, area.width - 2 * pad, floor(places[i].height) - 0.75 * pad};
        if (body.width > 1 && body.height > 1) {
            kr_rectangle outer = kr_canvas_clip(frame->canvas, (kr_rectangle){area.x, body.y, area.width, body.height + 0.5 * pad});
            instruments[i]->draw(self, frame, body);
            kr_canvas_unclip(frame->canvas, outer);
        }
        y += floor(places[i].height);
    }
    kr_canvas_unclip(frame->canvas, before);
}

/* ---- a few in a row ---- */

/* How many of them, kept first the ones that come first; into chosen in the order in which they are drawn. */
static size_t choose_presented(const kr_instruments *self, const kr_frame *frame, size_t room, size_t chosen[KR_INSTRUMENTS]) {
    bool taken[KR_INSTRUMENTS] = {false};
    size_t count = 0;
    for (size_t k = 0; k < room; k++) {
        size_t best = KR_INSTRUMENTS;
        for (size_t i = 0; i < KR_INSTRUMENTS; i++) {
            bool fits = instruments[i]->presented && !taken[i] && instruments[i]->applies(self, frame);
            if (fits && (best == KR_INSTRUMENTS || instruments[i]->presented < instruments[best]->presented)) best = i;
        }
        if (best < KR_INSTRUMENTS) taken[best] = true;
    }
    for (size_t i = 0; i < KR_INSTRUMENTS; i++)
        if (taken[i]) chosen[count++] = i;
    return count;
}

static void draw_presented(kr_instruments *self, const kr_frame *frame, size_t i, kr_rectangle area) {
    const kr_theme *theme = frame->theme;
    double title = floor(0.83 * theme->line), least, wanted, most, used;
    char headline[160] = "";
    instruments[i]->headline(self, frame, headline, sizeof headline);
    kr_text_draw(frame->fonts, frame->canvas, area.x, area.y + 0.5 * title, theme->normal, KR_BOLD, KR_LEFT, theme->text,
                 instruments[i]->title);
    used = kr_text_width(frame->fonts, theme->normal, KR_BOLD, instruments[i]->title) + theme->gap;
    if (headline[0])
        kr_text_fit(frame->fonts, frame->canvas, area.x + area.width, area.y + 0.5 * title, area.width - used, theme->small,
                    KR_REGULAR, KR_RIGHT, theme->text, headline);
    instruments[i]->heights(self, frame, &least, &wanted, &most);
    kr_rectangle body = {area.x, area.y + title, area.width, fmin(area.height - title, most)};
    if (body.height >= least - theme->gap) instruments[i]->draw(self, frame, body);
}

void kr_instruments_present(kr_instruments *self, const kr_frame *frame, kr_rectangle area) {
    const kr_theme *theme = frame->theme;
    if (!frame->snapshot || !frame->snapshot->variants || !frame->analysis) return;
    record_snapshot(self, frame);
    kr_canvas_fill(frame->canvas, area, theme->panel);
    size_t chosen[KR_INSTRUMENTS], room = area.width > 900 * theme->scale ? 3 : area.width > 420 * theme->scale ? 2 : 1;
    size_t count = choose_presented(self, frame, room, chosen);
    double pad = theme->gap, between = 2.5 * pad, width = (area.width - 2 * pad + between) / (double)count - between;
    for (size_t k = 0; k < count; k++) {
        kr_rectangle own = {floor(area.x + pad + (double)k * (width + between)), area.y + 0.5 * pad, floor(width),
                            area.height - pad};
        kr_rectangle before = kr_canvas_clip(frame->canvas, own);
        draw_presented(self, frame, chosen[k], own);
        kr_canvas_unclip(frame->canvas, before);
    }
}
