#include "variant_title.h"

#include "widgets/widget.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct variants {
    size_t count, number; /* of all, and of the one that is spoken of */
    kr_scene scene[1 + KR_MAX_COMPARE];
} variants;

typedef struct title {
    char *text;
    size_t used, size;
} title;

static const kr_settings *section_of(const kr_scene *scene, kr_compared_section section) {
    const kr_settings *const all[] = {
        [KR_COMPARED_DYNAMICS] = &scene->dynamics, [KR_COMPARED_NOISE] = &scene->noise, [KR_COMPARED_SCHEDULE] = &scene->schedule};
    return all[section];
}

static void add(title *t, const char *text) {
    if (t->used + 1 < t->size) t->used += (size_t)snprintf(t->text + t->used, t->size - t->used, "%s%s", t->used ? " " : "", text);
}

static bool differs(const variants *all, kr_compared_section section, bool in_name) {
    const kr_settings *first = section_of(&all->scene[0], section);
    for (size_t v = 1; v < all->count; v++) {
        const kr_settings *other = section_of(&all->scene[v], section);
        if (first->about != other->about || (!in_name && !kr_settings_equal(first, other))) return true;
    }
    return false;
}

static void add_value(title *t, const kr_settings *own, const kr_parameter *row) {
    char name[32], text[96], number[64];
    double value = kr_get_number(own, row);
    kr_symbol_text(row->symbol ? row->symbol : row->name, name, sizeof name);
    if (kr_settings_child(own, row, NULL))
        snprintf(text, sizeof text, "%s: %s", name, kr_settings_child(own, row, NULL)->about->name);
    else if (row->type == KR_CHOICE)
        snprintf(text, sizeof text, "%s", row->choices[(int)value]);
    else if (row->type == KR_SWITCH)
        snprintf(text, sizeof text, "%s %s", row->name, value != 0 ? "on" : "off");
    else
        snprintf(text, sizeof text, "%s=%s", name, kr_text_number(value, 3, number, sizeof number));
    add(t, text);
}

static bool is_other(const kr_settings *own, const kr_settings *there, const kr_parameter *row) {
    const kr_settings *mine = kr_settings_child(own, row, NULL), *its = kr_settings_child(there, row, NULL);
    double value = kr_get_number(own, row);
    if (isnan(value) || there->about != own->about) return false;
    return value != kr_get_number(there, row) || !mine != !its || (mine && !kr_settings_equal(mine, its));
}

/* Whether another one of the same kind has another value there. */
static bool is_other_elsewhere(const variants *all, kr_compared_section section, const kr_parameter *row) {
    bool other = false;
    for (size_t v = 0; v < all->count; v++)
        other = other || is_other(section_of(&all->scene[all->number], section), section_of(&all->scene[v], section), row);
    return other;
}

static void add_section(title *t, const variants *all, kr_compared_section section, bool named) {
    const kr_settings *own = section_of(&all->scene[all->number], section);
    if (named) add(t, own->about->name);
    for (const kr_parameter *row = own->about->parameters; row && row->name; row++)
        if (is_other_elsewhere(all, section, row)) {
            add_value(t, own, row);
            return;
        }
}

/* Of the schedule, but none of its parameters. */
static bool warmups_differ(const variants *all) {
    bool same = true;
    for (size_t v = 1; v < all->count; v++) same = same && all->scene[v].warmup.steps == all->scene[0].warmup.steps;
    return !same;
}

static void add_warmup(title *t, const variants *all) {
    char text[48];
    snprintf(text, sizeof text, "warmup %lld", (long long)all->scene[all->number].warmup.steps);
    add(t, text);
}

/* Where they differ in more than one way: what is not as in the scene. */
static void write_changes(title *t, const variants *all) {
    static const kr_compared_section order[] = {KR_COMPARED_DYNAMICS, KR_COMPARED_SCHEDULE, KR_COMPARED_NOISE};
    for (size_t i = 0; i < KR_COMPARED_SECTIONS && all->number; i++) {
        const kr_settings *own = section_of(&all->scene[all->number], order[i]), *scenes = section_of(&all->scene[0], order[i]);
        const kr_parameter *row = own->about->parameters;
        if (own->about != scenes->about) add(t, own->about->name);
        while (row && row->name && !is_other(own, scenes, row)) row++;
        if (row && row->name) add_value(t, own, row);
    }
    if (all->number && all->scene[all->number].warmup.steps != all->scene[0].warmup.steps) add_warmup(t, all);
    if (!t->used) add(t, all->number ? "the same again" : "the scene");
}

void kr_variant_title(const kr_scene *scene, size_t number, char *text, size_t size) {
    variants all = {.count = 1 + scene->compare_count, .number = number};
    title t = {.text = text, .size = size};
    if (size) text[0] = 0;
    for (size_t v = 0; v < all.count; v++) all.scene[v] = kr_scene_variant(scene, v);
    bool dynamics = differs(&all, KR_COMPARED_DYNAMICS, false), schedules = differs(&all, KR_COMPARED_SCHEDULE, false),
         noises = differs(&all, KR_COMPARED_NOISE, false), warmups = warmups_differ(&all);
    if (dynamics + (schedules || warmups) + noises > 1) {
        write_changes(&t, &all);
        return;
    }
    if (schedules) add_section(&t, &all, KR_COMPARED_SCHEDULE, differs(&all, KR_COMPARED_SCHEDULE, true));
    if (warmups) add_warmup(&t, &all);
    if (noises) add_section(&t, &all, KR_COMPARED_NOISE, differs(&all, KR_COMPARED_NOISE, true));
    if (!t.used) add_section(&t, &all, KR_COMPARED_DYNAMICS, true);
}
