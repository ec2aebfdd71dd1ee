/* Values that change in a scene without its text: what a key of --set addresses, and the assignment in place. */
#include "scene_parts.h"

#include <kramers/observer.h>

#include <stdlib.h>
#include <string.h>

typedef enum address_kind { OF_SECTION, OF_NAME, OF_START, OF_TARGET } address_kind;

/* Where a key leads. */
typedef struct address {
    address_kind kind;
    kr_settings *section; /* a name: the settings of the plug-in; else NULL or those of the row */
    kr_settings settings; /* borrowed, of the row; values are NULL for targets; its children are those of section */
    const kr_parameter *row;
    const char *plugin; /* a name: its kind, and the list of the registry */
    const void *list;
    size_t number; /* of the target */
    bool numbered; /* the key gives it */
    bool within;   /* it leads into the schedule of a number */
} address;

/* The rest of the key behind "word."; NULL: it begins otherwise. */
static const char *behind(const char *key, const char *word) {
    size_t length = strlen(word);
    return !strncmp(key, word, length) && key[length] == '.' ? key + length + 1 : NULL;
}

/* Takes "N." off the key. */
static bool read_number(const char **key, size_t *number) {
    size_t digits = strspn(*key, "0123456789");
    if (!digits || digits > 4 || (*key)[digits] != '.') return false;
    *number = strtoul(*key, NULL, 10);
    *key += digits + 1;
    return true;
}

/* The length of a part, which is not the parameter steps that its schedule may have. values NULL: it is not given. */
static bool in_length(address *to, const kr_child *part) {
    const kr_settings *length = kr_settings_child(&part->settings, NULL, &kr_part_descriptor);
    to->settings = length ? *length : (kr_settings){.about = &kr_part_descriptor};
    to->row = part->row->flags & KR_SEVERAL ? kr_part_descriptor.parameters : NULL;
    return to->row != NULL;
}

/* "row.key" of a schedule that the number of this row follows. */
static bool in_child(address *to, kr_settings *settings, const char *name) {
    size_t several = 0;
    for (size_t i = 0; i < settings->child_count; i++) {
        kr_child *child = &settings->child[i];
        const char *key = child->row ? child->row->name : child->settings.about->name, *rest = behind(name, key);
        size_t number;
        if (!rest) continue;
        if (child->row && child->row->flags & KR_SEVERAL && (!read_number(&rest, &number) || number != several++)) continue;
        to->section = &child->settings;
        to->settings = child->settings;
        to->within = true;
        if (child->row && child->row->type == KR_SCHEDULES && !strcmp(rest, "steps")) return in_length(to, child);
        to->row = kr_parameter_find(child->settings.about, rest);
        return to->row || in_child(to, &child->settings, rest);
    }
    return false;
}

static bool in_settings(address *to, kr_settings *settings, const char *name) {
    to->section = settings;
    to->settings = *settings;
    to->row = kr_parameter_find(settings->about, name);
    return to->row || in_child(to, settings, name);
}

static bool in_plugin(address *to, kr_settings *settings, const char *kind, const void *list, const char *name) {
    if (in_settings(to, settings, name)) return true;
    *to = (address){.kind = OF_NAME, .section = settings, .plugin = kind, .list = list};
    return !strcmp(name, "name");
}

/* A section that the entry does not have of its own is made by the text. */
static bool in_compared(address *to, kr_compared *compared, const kr_registry *registry, const char *name) {
    const void *const list[KR_COMPARED_SECTIONS] = {[KR_COMPARED_DYNAMICS] = registry->dynamics,
                                                    [KR_COMPARED_NOISE] = registry->noises,
                                                    [KR_COMPARED_SCHEDULE] = registry->schedules};
    size_t section = KR_COMPARED_DYNAMICS;
    for (size_t i = 0; i < KR_COMPARED_SECTIONS; i++) {
        const char *rest = behind(name, kr_compared_sections[i]);
        if (!rest) continue;
        section = i;
        name = rest;
        break;
    }
    kr_settings *own = &compared->own[section];
    const char *warmup = section == KR_COMPARED_SCHEDULE ? behind(name, "warmup") : NULL;
    if (!own->about) return false;
    if (!warmup) return in_plugin(to, own, kr_compared_sections[section], list[section], name);
    to->settings = (kr_settings){.about = &kr_warmup_descriptor, .values = &compared->warmup};
    to->row = kr_parameter_find(&kr_warmup_descriptor, warmup);
    return to->row != NULL;
}

static bool in_target(address *to, const char *name) {
    to->kind = OF_TARGET;
    to->numbered = read_number(&name, &to->number);
    to->row = kr_parameter_find(&kr_target_descriptor, name);
    return to->row != NULL;
}

static bool find(kr_scene *scene, const char *key, address *to) {
    const kr_registry *registry = scene->registry;
    const struct {
        const char *name;
        kr_settings *settings;
        const void *list; /* of plug-ins */
    } sections[] = {{"landscape", &scene->landscape, registry->landscapes},
                    {"dynamics", &scene->dynamics, registry->dynamics},
                    {"noise", &scene->noise, registry->noises},
                    {"schedule", &scene->schedule, registry->schedules},
                    {"ensemble", &scene->ensemble, NULL},
                    {"escape", &scene->escape, NULL},
                    {"trajectory", &scene->trajectory, NULL}};
    const char *rest;
    size_t number;
    *to = (address){.kind = OF_SECTION};
    if ((rest = behind(key, "ensemble.start"))) {
        to->kind = OF_START;
        to->settings = (kr_settings){.about = &kr_start_descriptor, .values = &scene->start};
        to->row = kr_parameter_find(&kr_start_descriptor, rest);
        return to->row != NULL;
    }
    if ((rest = behind(key, "escape.until"))) return in_target(to, rest);
    if ((rest = behind(key, "schedule.warmup"))) {
        to->settings = (kr_settings){.about = &kr_warmup_descriptor, .values = &scene->warmup};
        to->row = kr_parameter_find(&kr_warmup_descriptor, rest);
        return to->row != NULL;
    }
    if ((rest = behind(key, "compare")))
        return read_number(&rest, &number) && number < scene->compare_count &&
               in_compared(to, &scene->compare[number], registry, rest);
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
        if ((rest = behind(key, sections[i].name)))
            return sections[i].list ? in_plugin(to, sections[i].settings, sections[i].name, sections[i].list, rest)
                                    : in_settings(to, sections[i].settings, rest);
    for (size_t i = 0; i < KR_MAX_OBSERVERS; i++)
        if (scene->observers[i].about && (rest = behind(key, scene->observers[i].about->name)))
            return in_settings(to, &scene->observers[i], rest);
    return false;
}

/* "NAME.schedule.lr" or "1.steps". */
static const kr_parameter *of_phase(const kr_scene *scene, const char *key) {
    char name[80];
    size_t number, length = strcspn(key, ".");
    snprintf(name, sizeof name, "%.*s", (int)length, key);
    if (!key[length] || kr_scene_find_phase(scene, name, &number, NULL)) return NULL;
    const char *rest = key + length + 1, *behind_prune = behind(rest, "prune"), *behind_rewind = behind(rest, "rewind");
    const kr_parameter *own = kr_parameter_find(&kr_phase_descriptor, rest);
    if (behind_prune) return kr_parameter_find(&kr_prune_descriptor, behind_prune);
    if (behind_rewind) return kr_parameter_find(&kr_rewind_descriptor, behind_rewind);
    return own ? own : kr_scene_parameter(&scene->phases[number].scene, rest);
}

const kr_parameter *kr_scene_parameter(const kr_scene *scene, const char *key) {
    kr_scene seen = *scene; /* addresses are only looked at */
    address at;
    const char *rest;
    if (find(&seen, key, &at)) return at.row;
    if ((rest = behind(key, "phases"))) return of_phase(scene, rest);
    for (const kr_observer_type *const *type = scene->registry->observers; *type; type++) /* a section that is not there yet */
        if ((rest = behind(key, (*type)->about.name))) return kr_parameter_find(&(*type)->about, rest);
    return NULL;
}

/* ---- assignment ---- */

static kr_status assign(const kr_settings *settings, const kr_parameter *row, const kr_change *change, kr_error *error) {
    kr_settings to = *settings;
    if (change->node) return kr_section_assign_entry(&to, row, change->node, NULL, error);
    kr_status status = kr_set_value(&to, row, change->value, error);
    return status ? kr_fail_at(error, status, "%s", change->label) : KR_OK;
}

/* What both plug-ins call the same stays, if the new one can take it. */
static kr_status carry_over(kr_settings *to, const kr_settings *from, kr_error *error) {
    kr_status status = KR_OK;
    for (const kr_parameter *row = to->about->parameters; row && row->name && !status; row++) {
        const kr_parameter *old = kr_parameter_find(from->about, row->name);
        if (!old && row->flags & KR_REQUIRED) return kr_section_missing(to->about, row, error);
        kr_parameter_value value = old ? kr_get_value(from, old) : kr_text_value(NULL);
        if (kr_parameter_value_absent(value)) continue;
        if (value.type == KR_CHOICE) value = kr_text_value(old->choices[value.choice]);
        status = kr_set_value(to, row, value, error);
    }
    return status;
}

static kr_status rename_plugin(const kr_registry *registry, const address *at, const kr_change *change, const char *base,
                               kr_error *error) {
    const char *name = change->node ? change->node->text : change->value.text;
    const kr_descriptor *about = NULL;
    kr_settings made;
    kr_status status = kr_descriptor_find(at->plugin, at->list, name, &about, error);
    if (status) return kr_fail_at(error, status, "%s", change->label);
    if (about == at->section->about || about == at->section->about->general) return KR_OK;
    if ((status = kr_settings_create(&made, about, error))) return status;
    if (!(status = carry_over(&made, at->section, error))) status = kr_section_default_schedules(&made, registry, error);
    if (status) {
        kr_settings_destroy(&made);
        return kr_fail_at(error, status, "%s", base);
    }
    kr_settings_destroy(at->section);
    *at->section = made;
    return KR_OK;
}

static kr_status set_target(kr_scene *scene, const address *at, const kr_change *change, const char *base, kr_error *error) {
    kr_target *target = &scene->targets[at->number];
    bool ball = kr_target_is_ball_key(at->row->name);
    kr_settings settings;
    kr_status status = kr_settings_create(&settings, &kr_target_descriptor, error);
    if (status) return status;
    kr_target_values_of(target, ball, settings.values);
    status = assign(&settings, at->row, change, error);
    if (!status && (status = kr_target_make(target, settings.values, ball, error))) kr_fail_at(error, status, "%s", base);
    kr_settings_destroy(&settings);
    return status;
}

static kr_status set_parameter(kr_scene *scene, const address *at, const kr_change *change, const char *base, kr_error *error) {
    if (at->kind == OF_TARGET) return set_target(scene, at, change, base, error);
    kr_status status = assign(&at->settings, at->row, change, error);
    if (!status && at->kind == OF_START) kr_start_set_kind(&scene->start, kr_start_kind_with(&scene->start, at->row->name));
    return status;
}

/* Whether particles may start in the same ways on the landscape of this name; the text says how, where not. */
static bool starts_alike(const kr_scene *scene, const char *name) {
    const kr_landscape_type *here = (const kr_landscape_type *)scene->landscape.about, *there;
    const kr_descriptor *about = NULL;
    if (kr_descriptor_find("landscape", kr_registry_descriptors(scene->registry, KR_PLUGIN_LANDSCAPE), name, &about, NULL) != KR_OK)
        return true; /* which is an error of its own */
    there = (const kr_landscape_type *)(const void *)about;
    return !here->candidates == !there->candidates && here->data == there->data;
}

/* Whether a key of a start says more about its kind, and not about another one. */
static bool is_of_start(const kr_start *start, const char *key) {
    if (!strcmp(key, "random") || !strcmp(key, "scale")) return start->kind == KR_START_RANDOM;
    if (!strcmp(key, "file") || !strcmp(key, "dataset")) return start->kind == KR_START_FILE;
    return true;
}

/* Whether the key can be set by itself. Keys of a start or a target that come together may contradict each other; the text says
 * what is meant then. */
static bool is_in_place(kr_scene *scene, const kr_change *change, size_t count, size_t i) {
    address at, other;
    const kr_change *one = &change[i];
    if (!find(scene, one->key, &at)) return false;
    bool is_text = one->node ? one->node->kind == KR_TREE_SCALAR && !kr_tree_is_null(one->node) : one->value.type == KR_TEXT;
    if (at.kind == OF_NAME && at.section->child_count) return false;
    if (at.kind == OF_NAME && (!is_text || (!one->node && !one->value.text))) return false;
    if (at.kind == OF_NAME && at.section == &scene->landscape &&
        !starts_alike(scene, one->node ? one->node->text : one->value.text))
        return false;
    if (at.kind == OF_START && !is_of_start(&scene->start, at.row->name)) return false;
    if (at.row && at.row->flags & KR_SHAPES) return false;
    if (at.row && at.row->type == KR_SCHEDULES) return false;
    if (at.row && at.kind == OF_SECTION && kr_parameter_within(at.settings.about, at.row, NULL)) return false;
    if (at.within && !at.settings.values) return false;
    if (at.row && at.kind == OF_SECTION && (at.settings.child_count || (one->node && one->node->kind == KR_TREE_MAP)))
        return false; /* what follows a schedule, or is to */
    if (at.kind == OF_TARGET && (at.numbered ? scene->target_count < 2 : scene->target_count != 1)) return false;
    if (at.kind == OF_TARGET && at.number >= scene->target_count) return false;
    for (size_t k = 0; k < count && (at.kind == OF_START || at.kind == OF_TARGET); k++)
        if (k != i && find(scene, change[k].key, &other) && other.kind == at.kind) return false;
    return true;
}

static bool is_overtaken(const kr_change *change, size_t count, size_t i) {
    for (size_t k = i + 1; k < count; k++)
        if (!strcmp(change[k].key, change[i].key)) return true;
    return false;
}

/* Names come first: they say which parameters there are. */
kr_status kr_scene_apply(kr_scene *scene, const kr_change *change, size_t count, const char *base, bool *applied, kr_error *error) {
    kr_status status = KR_OK;
    address at;
    *applied = false;
    if (scene->phase_count) return KR_OK; /* phases follow from the scene around them */
    for (size_t i = 0; i < count && !status; i++)
        if (find(scene, change[i].key, &at) && at.kind == OF_NAME && !is_overtaken(change, count, i)) {
            if (!is_in_place(scene, change, count, i)) return KR_OK;
            status = rename_plugin(scene->registry, &at, &change[i], base, error);
        }
    for (size_t i = 0; i < count && !status; i++) {
        if (!is_in_place(scene, change, count, i)) return KR_OK;
        if (find(scene, change[i].key, &at) && at.kind != OF_NAME && !is_overtaken(change, count, i))
            status = set_parameter(scene, &at, &change[i], base, error);
    }
    *applied = !status;
    return status;
}
