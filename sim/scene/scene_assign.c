/* From a section of the tree to values, checked against its descriptor. */
#include "scene_parts.h"

#include <kramers/twins.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_KEYS = 128 };

/* "unknown <what> 'key'", with what a name from elsewhere is here, the nearest name, or all of them. kin: others of its kind, whose
 * keys it may be; NULL: there are none. */
/* Whether the plug-in has this key only without one of its texts, *with, that shapes it. */
static bool goes_without(const kr_descriptor *about, const char *key, const char **with) {
    const kr_descriptor *general = about ? about->general : NULL;
    if (!general || !kr_parameter_find(general, key)) return false;
    for (const kr_parameter *row = general->parameters; row->name && !*with; row++)
        if (row->flags & KR_SHAPES) *with = row->name;
    return *with;
}

kr_status kr_section_unknown_key(const kr_tree *entry, const char *what, const kr_descriptor *about, const char *const *others,
                                 const kr_descriptor *const *kin, kr_error *error) {
    const char *names[MOST_KEYS];
    size_t count = 0;
    for (const kr_parameter *row = about ? about->parameters : NULL; row && row->name && count < MOST_KEYS - 8; row++)
        names[count++] = row->name;
    for (; others && *others && count < MOST_KEYS - 1; others++) names[count++] = *others;
    names[count] = NULL;
    const char *near = kr_nearest_name(entry->key, names), *without = kr_twin_without(entry->key);
    const char *with = NULL;
    char twin[300];
    if (kr_twin_key_hint(about, entry->key, twin, sizeof twin)) {
        kr_fail(error, KR_BAD_ARGUMENT, "unknown %s '%.80s'; %s", what, entry->key, twin);
    } else if (without) {
        kr_fail(error, KR_BAD_ARGUMENT, "unknown %s '%.80s'; %s", what, entry->key, without);
    } else if (near) {
        kr_fail(error, KR_BAD_ARGUMENT, "unknown %s '%.80s'; did you mean '%s'?", what, entry->key, near);
    } else if (!goes_without(about, entry->key, &with) && kr_twin_key_hint_among(kin, entry->key, twin, sizeof twin)) {
        kr_fail(error, KR_BAD_ARGUMENT, "unknown %s '%.80s'; %s", what, entry->key, twin);
    } else {
        char all[600] = "none";
        for (size_t i = 0, used = 0; i < count && used < sizeof all; i++)
            used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", i ? ", " : "", names[i]);
        kr_fail(error, KR_BAD_ARGUMENT, "unknown %s '%.80s'; %s%s%sthere are %s", what, entry->key, with ? "with '" : "",
                with ? with : "", with ? "' " : "", all);
    }
    return kr_tree_fail_key(entry, error);
}

kr_status kr_section_wrong_kind(const kr_tree *node, const char *what, const char *wanted, kr_error *error) {
    const char *is = node->kind == KR_TREE_MAP    ? "a mapping"
                     : node->kind == KR_TREE_LIST ? "a list"
                     : kr_tree_is_null(node)      ? "empty"
                                                  : NULL;
    if (is)
        kr_fail(error, KR_BAD_ARGUMENT, "%s must be %s, not %s", what, wanted, is);
    else
        kr_fail(error, KR_BAD_ARGUMENT, "%s must be %s, not '%.80s'", what, wanted, node->text);
    return kr_tree_fail(node, error);
}

static const char *type_name(const kr_parameter *row) {
    static const char *const names[] = {[KR_NUMBER] = "a number",
                                        [KR_INTEGER] = "an integer",
                                        [KR_NATURAL] = "an integer, 0 or more",
                                        [KR_SWITCH] = "true or false",
                                        [KR_CHOICE] = "a name",
                                        [KR_TEXT] = "text",
                                        [KR_LIST] = "a number or a list of numbers",
                                        [KR_SCHEDULES] = "a schedule, {name: cosine, ...}"};
    if (row->flags & KR_SEVERAL) return "a list of schedules, [{name: constant, steps: 100}, ...]";
    return row->flags & KR_NAMES ? "a list of names" : names[row->type];
}

/* Numbers of a list, those of lists in it included. */
static size_t count_numbers(const kr_tree *node) {
    size_t count = 0;
    for (const kr_tree *entry = node->child; entry; entry = entry->next)
        count += entry->kind == KR_TREE_LIST ? kr_tree_count(entry) : 1;
    return count;
}

/* Appends the numbers of the node to value[count]. */
static kr_status collect_list(kr_settings *settings, const kr_parameter *row, const kr_tree *node, bool nested, double *value,
                              size_t *count, kr_error *error) {
    kr_status status = KR_OK;
    for (const kr_tree *entry = node->child; entry && !status; entry = entry->next) {
        /* One by one through a single number, so that each is checked and has its own place. */
        if (entry->kind == KR_TREE_LIST && nested) {
            status = collect_list(settings, row, entry, false, value, count, error);
        } else if (entry->kind != KR_TREE_SCALAR || !entry->plain || kr_tree_is_null(entry)) {
            status = kr_section_wrong_kind(entry, row->name, type_name(row), error);
        } else if ((status = kr_set_from_text(settings, row, entry->text, error))) {
            kr_tree_fail(entry, error);
        } else {
            const kr_list *one = (const kr_list *)((const char *)settings->values + row->offset);
            value[(*count)++] = one->value[0];
        }
    }
    return status;
}

static kr_status assign_list(kr_settings *settings, const kr_parameter *row, const kr_tree *node, kr_error *error) {
    size_t count = 0;
    double *value = malloc((count_numbers(node) + 1) * sizeof *value);
    kr_status status = value ? collect_list(settings, row, node, row->flags & KR_PAIRS, value, &count, error)
                             : kr_fail(error, KR_NO_MEMORY, "out of memory while reading a scene");
    if (!status && (status = kr_set_list(settings, row, value, count, error))) kr_tree_fail(node, error);
    free(value);
    return status;
}

/* Whether nothing is what the value is when it is not given: then null says so, as in the scenes that JSON has. */
static bool may_be_nothing(const kr_parameter *row) {
    return row->type == KR_TEXT ? !row->initial_text : row->type == KR_NUMBER && isnan(row->initial);
}

/* [x, y] as the text "x, y". */
static kr_status assign_names(kr_settings *settings, const kr_parameter *row, const kr_tree *node, kr_error *error) {
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    kr_status status = out ? KR_OK : kr_fail(error, KR_NO_MEMORY, "out of memory while reading a scene");
    for (const kr_tree *entry = node->child; entry && !status; entry = entry->next) {
        if (entry->kind != KR_TREE_SCALAR)
            status = kr_section_wrong_kind(entry, row->name, "a list of names", error);
        else
            fprintf(out, "%s%s", entry == node->child ? "" : ", ", entry->text);
    }
    if (out && fclose(out) && !status) status = kr_fail(error, KR_NO_MEMORY, "out of memory while reading a scene");
    if (!status && (status = kr_set_text(settings, row, text, error))) kr_tree_fail(node, error);
    free(text);
    return status;
}

/* {name: cosine, value: 1, ...} in place of the number of this row. */
static bool is_number(const kr_parameter *row) {
    return row->type == KR_NUMBER || row->type == KR_INTEGER || row->type == KR_NATURAL || row->type == KR_LIST;
}

static kr_status may_not_follow(const kr_parameter *row, const kr_tree *node, kr_error *error) {
    kr_fail(error, KR_BAD_ARGUMENT, "%s can't follow a schedule: it is needed before the first step, and stays", row->name);
    return kr_tree_fail(node, error);
}

static kr_status assign_warmup(kr_settings *schedule, const kr_tree *node, kr_error *error) {
    const kr_tree *section;
    kr_settings *warmup;
    kr_status status = kr_section_find(node, "warmup", &section, error);
    if (status || !section) return status;
    status = kr_settings_add_child(schedule, NULL, &kr_warmup_descriptor, &warmup, error);
    return status ? status : kr_section_assign(warmup, section, "key of warmup", NULL, NULL, NULL, false, error);
}

/* ---- schedules within schedules (KR_SCHEDULES) ---- */

static bool is_schedule(const kr_registry *registry, const kr_descriptor *about) {
    const kr_descriptor *const *known = kr_registry_descriptors(registry, KR_PLUGIN_SCHEDULE);
    while (*known && *known != about && *known != about->general) known++;
    return *known != NULL;
}

/* What the schedule around says of the one within is not said there once more. */
static kr_status check_within(const kr_settings *settings, const kr_parameter *row, const kr_tree *node, kr_error *error) {
    const char *rate = settings->about->parameters->name;
    const struct {
        const char *key, *why;
    } said[] = {{rate, "it begins at that of the schedule around it"},
                {"steps", "decay_steps says how long it is"},
                {"warmup", "it comes behind a constant rate"}};
    for (size_t i = 0; i < 3 && !(row->flags & KR_SEVERAL); i++) {
        const kr_tree *entry = kr_tree_find(node, said[i].key);
        if (!entry) continue;
        kr_fail(error, KR_BAD_ARGUMENT, "%s has no '%s': %s", row->name, said[i].key, said[i].why);
        return kr_tree_fail_key(entry, error);
    }
    return KR_OK;
}

static kr_status assign_part_length(kr_settings *part, const kr_tree *node, bool last, kr_error *error) {
    const kr_tree *steps = kr_tree_find(node, "steps");
    kr_settings *length;
    if (!steps) {
        if (last) return KR_OK;
        kr_fail(error, KR_BAD_ARGUMENT, "this part needs 'steps', its length: only the last part goes on");
        return kr_tree_fail(node, error);
    }
    kr_status status = kr_settings_add_child(part, NULL, &kr_part_descriptor, &length, error);
    if (!status) status = kr_section_assign_entry(length, kr_part_descriptor.parameters, steps, NULL, error);
    if (!status && !((const kr_part *)length->values)->steps && !last) {
        kr_fail(error, KR_BAD_ARGUMENT, "a part of 0 steps is none; leave it out, or give its length");
        return kr_tree_fail(steps, error);
    }
    return status;
}

static kr_status assign_schedule(kr_settings *settings, const kr_parameter *row, const kr_tree *node, const kr_registry *registry,
                                 kr_error *error) {
    static const char *const others[] = {"name", "warmup", "steps", NULL};
    const kr_tree *name = node->kind == KR_TREE_MAP ? kr_tree_find(node, "name") : node;
    const kr_schedule_type *type;
    kr_settings *part = NULL;
    if (!name) {
        kr_fail(error, KR_BAD_ARGUMENT, "a schedule of %s needs a name: {name: cosine, ...}", row->name);
        return kr_tree_fail(node, error);
    }
    if (name->kind != KR_TREE_SCALAR || kr_tree_is_null(name)) return kr_section_wrong_kind(name, "name", "a name", error);
    kr_status status = kr_find_schedule(registry, name->text, &type, error);
    if (status) return kr_tree_fail(name, error);
    if (settings->about->drives) type = kr_schedule_for_value(type, settings->about->drives);
    status = type ? kr_settings_add_child(settings, row, &type->about, &part, error)
                  : kr_fail(error, KR_NO_MEMORY, "out of memory while reading a scene");
    if (!status && node->kind == KR_TREE_MAP) status = check_within(settings, row, node, error);
    char what[160];
    snprintf(what, sizeof what, "parameter of schedule '%s' of %s", type ? type->about.name : "", row->name);
    if (!status && node->kind == KR_TREE_MAP)
        status = kr_section_assign(part, node, what, others, NULL, registry, name->set, error);
    if (!status && row->flags & KR_SEVERAL) status = assign_part_length(part, node, !node->next, error);
    return status || node->kind != KR_TREE_MAP ? status : assign_warmup(part, node, error);
}

static kr_status assign_schedules(kr_settings *settings, const kr_parameter *row, const kr_tree *node, const kr_registry *registry,
                                  kr_error *error) {
    kr_status status = KR_OK;
    kr_settings_remove_children(settings, row);
    if (!(row->flags & KR_SEVERAL)) {
        bool fits = node->kind == KR_TREE_MAP || (node->kind == KR_TREE_SCALAR && !kr_tree_is_null(node));
        return fits ? assign_schedule(settings, row, node, registry, error)
                    : kr_section_wrong_kind(node, row->name, type_name(row), error);
    }
    if (node->kind != KR_TREE_LIST) return kr_section_wrong_kind(node, row->name, type_name(row), error);
    if (!node->child) {
        kr_fail(error, KR_BAD_ARGUMENT, "%s is an empty list; it must be %s", row->name, type_name(row));
        return kr_tree_fail(node, error);
    }
    for (const kr_tree *entry = node->child; entry && !status; entry = entry->next) {
        if (entry->kind != KR_TREE_MAP) return kr_section_wrong_kind(entry, "a part", "a mapping {name: cosine, ...}", error);
        status = assign_schedule(settings, row, entry, registry, error);
    }
    return status;
}

kr_status kr_section_default_schedules(kr_settings *settings, const kr_registry *registry, kr_error *error) {
    kr_status status = KR_OK;
    for (const kr_parameter *row = settings->about->parameters; row && row->name && !status; row++) {
        kr_tree *tree;
        if (row->type != KR_SCHEDULES || !row->initial_text || kr_settings_child(settings, row, NULL)) continue;
        char text[400];
        int length = snprintf(text, sizeof text, "default: %s", row->initial_text);
        status = kr_tree_parse(&tree, "default", false, text, (size_t)length, error);
        if (!status) status = assign_schedules(settings, row, kr_tree_find(tree, "default"), registry, error);
        if (!status) kr_tree_destroy(tree);
    }
    return status;
}

/* ---- numbers that follow a schedule ---- */

static kr_status drive(kr_settings *settings, const kr_parameter *row, const kr_tree *node, const kr_registry *registry,
                       kr_error *error) {
    static const char *const others[] = {"name", "warmup", NULL};
    const kr_tree *name = kr_tree_find(node, "name");
    if (!kr_parameter_may_follow(row)) return may_not_follow(row, node, error);
    if (!name) {
        kr_fail(error, KR_BAD_ARGUMENT, "%s must be %s, or the schedule that it follows: {name: cosine, value: ...}", row->name,
                type_name(row));
        return kr_tree_fail(node, error);
    }
    if (name->kind != KR_TREE_SCALAR || kr_tree_is_null(name)) return kr_section_wrong_kind(name, "name", "a name", error);
    const kr_schedule_type *type;
    kr_status status = kr_find_schedule(registry, name->text, &type, error);
    if (status) return kr_tree_fail(name, error);
    type = kr_schedule_for_value(type, row);
    kr_settings_remove_children(settings, row);
    kr_settings *schedule = NULL;
    status = type ? kr_settings_add_child(settings, row, &type->about, &schedule, error)
                  : kr_fail(error, KR_NO_MEMORY, "out of memory while reading a scene");
    char what[160];
    snprintf(what, sizeof what, "parameter of schedule '%s' of %s", type ? type->about.name : "", row->name);
    if (!status) status = kr_section_assign(schedule, node, what, others, NULL, registry, name->set, error);
    return status ? status : assign_warmup(schedule, node, error);
}

/* task: {name: NAME, classes: [0, 1]}: the row "task" itself and those within it. */
static kr_status assign_within(kr_settings *settings, const kr_parameter *row, const kr_tree *node, kr_error *error) {
    const char *keys[MOST_KEYS] = {"name"};
    size_t count = 1, length = strlen(row->name) + 1;
    const kr_parameter *within = NULL;
    while ((within = kr_parameter_within(settings->about, row, within)) && count < MOST_KEYS - 1)
        keys[count++] = within->name + length;
    for (const kr_tree *entry = node->child; entry; entry = entry->next) {
        char name[KR_SCENE_KEY], what[KR_SCENE_KEY];
        snprintf(name, sizeof name, "%s.%s", row->name, entry->key);
        snprintf(what, sizeof what, "key of %s", row->name);
        const kr_parameter *own = !strcmp(entry->key, "name") ? row : kr_parameter_find(settings->about, name);
        if (!own) return kr_section_unknown_key(entry, what, NULL, keys, NULL, error);
        if (own == row && entry->kind == KR_TREE_MAP) return kr_section_wrong_kind(entry, row->name, type_name(row), error);
        kr_status status = kr_section_assign_entry(settings, own, entry, NULL, error);
        if (status) return status;
    }
    return KR_OK;
}

kr_status kr_section_assign_entry(kr_settings *settings, const kr_parameter *row, const kr_tree *node, const kr_registry *registry,
                                  kr_error *error) {
    bool is_text = row->type == KR_TEXT || row->type == KR_CHOICE;
    if (kr_tree_is_null(node) && node->plain && may_be_nothing(row)) return KR_OK;
    if (row->type == KR_SCHEDULES) return assign_schedules(settings, row, node, registry, error);
    if (node->kind == KR_TREE_MAP && kr_parameter_within(settings->about, row, NULL))
        return assign_within(settings, row, node, error);
    if (node->kind == KR_TREE_MAP && registry && is_number(row) && !is_schedule(registry, settings->about))
        return drive(settings, row, node, registry, error);
    if (settings->child_count) kr_settings_remove_children(settings, row);
    if (node->kind == KR_TREE_LIST && row->type == KR_LIST) return assign_list(settings, row, node, error);
    if (node->kind == KR_TREE_LIST && row->flags & KR_NAMES) return assign_names(settings, row, node, error);
    if (node->kind != KR_TREE_SCALAR || kr_tree_is_null(node)) return kr_section_wrong_kind(node, row->name, type_name(row), error);
    if (!node->plain && !is_text) {
        kr_fail(error, KR_BAD_ARGUMENT, "%s must be %s, not the text \"%.80s\"; leave the quotes out", row->name, type_name(row),
                node->text);
        return kr_tree_fail(node, error);
    }
    kr_status status = is_text ? kr_set_text(settings, row, node->text, error) : kr_set_from_text(settings, row, node->text, error);
    if (status) kr_tree_fail(node, error);
    return status;
}

bool kr_section_is_among(const char *name, const char *const *names) {
    for (; names && *names; names++)
        if (!strcmp(*names, name)) return true;
    return false;
}

kr_status kr_section_missing(const kr_descriptor *about, const kr_parameter *row, kr_error *error) {
    return kr_fail(error, KR_BAD_ARGUMENT, "'%s' needs '%s': %s", about->name, row->name, row->doc);
}

kr_status kr_section_assign(kr_settings *settings, const kr_tree *section, const char *what, const char *const *others,
                            const kr_descriptor *const *kin, const kr_registry *registry, bool lenient, kr_error *error) {
    const kr_descriptor *about = settings->about;
    for (const kr_tree *entry = section ? section->child : NULL; entry; entry = entry->next) {
        if (kr_section_is_among(entry->key, others)) continue;
        const kr_parameter *row = kr_parameter_find(about, entry->key);
        if (!row && lenient && !entry->set) continue;
        kr_status status = row ? kr_section_assign_entry(settings, row, entry, registry, error)
                               : kr_section_unknown_key(entry, what, about, others, kin, error);
        if (status) return status;
    }
    for (const kr_parameter *row = about->parameters; row && row->name; row++)
        if (row->flags & KR_REQUIRED && !kr_tree_find(section, row->name)) {
            kr_section_missing(about, row, error);
            return section ? kr_tree_fail(section, error) : KR_BAD_ARGUMENT;
        }
    if (registry) return kr_section_default_schedules(settings, registry, error);
    return KR_OK;
}

/* The section as a map, or NULL where it is absent or empty. */
kr_status kr_section_find(const kr_tree *tree, const char *name, const kr_tree **section, kr_error *error) {
    *section = kr_tree_find(tree, name);
    if (!*section || (*section)->kind == KR_TREE_MAP) return KR_OK;
    if (!kr_tree_is_null(*section)) return kr_section_wrong_kind(*section, name, "a mapping {key: value, ...}", error);
    *section = NULL;
    return KR_OK;
}

/* The entry that the message in error begins with, or the section. */
static const kr_tree *blamed(const kr_descriptor *about, const kr_tree *section, const kr_error *error) {
    for (const kr_parameter *row = about->parameters; row && row->name; row++) {
        const kr_tree *entry = row->flags & KR_SHAPES ? kr_tree_find(section, row->name) : NULL;
        if (entry && !strncmp(error->message, row->name, strlen(row->name))) return entry;
    }
    return section;
}

/* Where one of the texts is given, all must be: the others' defaults belong to another one. */
static kr_status all_shapes(const kr_descriptor *about, const kr_tree *section, kr_error *error) {
    const kr_parameter *absent = NULL;
    bool some = false;
    for (const kr_parameter *row = about->parameters; row && row->name; row++) {
        if (!(row->flags & KR_SHAPES)) continue;
        bool given = kr_tree_find(section, row->name);
        some = some || given;
        if (!given) absent = row;
    }
    if (!some || !absent) return KR_OK;
    kr_section_missing(about, absent, error);
    return kr_tree_fail(section, error);
}

/* Texts from which further parameters follow come first; the section's other keys may be those. *changed: --set gives one of them.
 */
static kr_status shape(kr_settings *settings, const kr_tree *section, bool *changed, kr_error *error) {
    kr_error local;
    kr_status status = KR_OK;
    size_t count = 0;
    const char **keys = malloc((kr_tree_count(section) + 1) * sizeof *keys);
    if (!keys) return kr_fail(error, KR_NO_MEMORY, "out of memory while reading a scene");
    status = all_shapes(settings->about, section, error);
    for (const kr_tree *entry = section->child; entry && !status; entry = entry->next) {
        const kr_parameter *row = kr_parameter_find(settings->about, entry->key);
        keys[count++] = entry->key;
        if (!row || !(row->flags & KR_SHAPES)) continue;
        status = kr_section_assign_entry(settings, row, entry, NULL, error);
        *changed = *changed || entry->set;
    }
    keys[count] = NULL;
    if (!status && (status = kr_settings_specialise(settings, keys, &local))) {
        kr_tree_fail(blamed(settings->about, section, &local), &local);
        if (error) *error = local;
    }
    free(keys);
    return status;
}

kr_status kr_section_plugin(kr_settings *settings, const kr_tree *section, const kr_registry *registry, kr_plugin_kind kind,
                            const char *initial, const char *const *others, kr_error *error) {
    const char *singular = kr_plugin_kind_names[kind][0];
    const kr_tree *name = section;
    if (section && section->kind == KR_TREE_MAP)
        name = kr_tree_find(section, "name");
    else if (section && kr_tree_is_null(section))
        section = name = NULL;
    if (name && (name->kind != KR_TREE_SCALAR || kr_tree_is_null(name)))
        return kr_section_wrong_kind(name, name == section ? singular : "name", "a name", error);
    const kr_descriptor *about = NULL, *const *kin = kr_registry_descriptors(registry, kind);
    kr_status status = kr_descriptor_find(singular, kin, name ? name->text : initial, &about, error);
    if (status) {
        if (name) kr_tree_fail(name, error);
        return status;
    }
    if ((status = kr_settings_create(settings, about, error))) return status;
    char what[160];
    bool lenient = name && name->set;
    snprintf(what, sizeof what, "parameter of %s '%s'", singular, about->name);
    if (about->specialise && section && section->kind == KR_TREE_MAP) status = shape(settings, section, &lenient, error);
    return status ? status : kr_section_assign(settings, section, what, others, kin, registry, lenient, error);
}

kr_status kr_section_plain(kr_settings *settings, const kr_tree *tree, const kr_descriptor *about, const char *const *others,
                           kr_error *error) {
    const kr_tree *section;
    kr_status status = kr_section_find(tree, about->name, &section, error);
    if (!status) status = kr_settings_create(settings, about, error);
    if (status) return status;
    char what[80];
    snprintf(what, sizeof what, "key of %s", about->name);
    return kr_section_assign(settings, section, what, others, NULL, NULL, false, error);
}
