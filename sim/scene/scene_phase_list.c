/* Names and lengths of phases, on which the length of the run depends. */
#include "scene_parts.h"

#include <stdlib.h>
#include <string.h>

const char *const kr_phase_sections[] = {"landscape", "dynamics", "noise", "schedule", "keep", "escape", NULL};
static const char *const others[] = {"prune", "rewind",   "settings", "landscape", "dynamics",
                                     "noise", "schedule", "keep",     "escape",    NULL};

/* Sections that stand for the whole run. */
static kr_status check_keys(const kr_registry *registry, const kr_tree *node, kr_error *error) {
    const char *sections[KR_MAX_SECTIONS + 1];
    kr_scene_section_names(registry, sections);
    for (const kr_tree *entry = node->child; entry; entry = entry->next) {
        if (kr_section_is_among(entry->key, kr_phase_sections) || !kr_section_is_among(entry->key, sections)) continue;
        kr_fail(error, KR_BAD_ARGUMENT,
                strcmp(entry->key, "ensemble")
                    ? "'%s' is of the whole run; put it beside phases, not into one"
                    : "'%s' is of the whole run (a phase goes on with the particles where they are, without "
                      "start or burn-in); put it beside phases, not into one",
                entry->key);
        return kr_tree_fail_key(entry, error);
    }
    return KR_OK;
}

bool kr_phase_is_name(const char *name) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    return *name && strlen(name) <= 60 && !name[strspn(name, letters)] && name[strspn(name, "0123456789")];
}

static kr_status check_name(const kr_scene *scene, const kr_tree *node, const char *name, kr_error *error) {
    const kr_tree *place = kr_tree_find(node, "name");
    if (!kr_phase_is_name(name)) {
        kr_fail(error, KR_BAD_ARGUMENT,
                "'%.80s' is no name for a phase: up to 60 letters, digits, _ and -, not digits alone, as in --set "
                "phases.NAME.steps=100",
                name);
        return kr_tree_fail(place, error);
    }
    for (size_t i = 0; i < scene->phase_count; i++)
        if (!strcmp(scene->phases[i].name, name)) {
            kr_fail(error, KR_BAD_ARGUMENT, "phase %zu is called '%s' already; phases have names of their own", i, name);
            return kr_tree_fail(place, error);
        }
    return KR_OK;
}

static const kr_tree *find_continue(const kr_tree *node) {
    const kr_tree *schedule = kr_tree_find(node, "schedule");
    return schedule && schedule->kind == KR_TREE_MAP ? kr_tree_find(schedule, "continue") : NULL;
}

static kr_status read_continue(kr_scene *scene, kr_phase *phase, const kr_tree *node, kr_error *error) {
    static const kr_parameter row = {.name = "continue", .type = KR_SWITCH, .offset = offsetof(kr_phase, continues)};
    const kr_tree *entry = find_continue(node);
    if (!entry) return KR_OK;
    kr_status status = kr_section_assign_entry(&(kr_settings){.values = phase}, &row, entry, NULL, error);
    if (status || !phase->continues || scene->phase_count > 0) return status;
    kr_fail(error, KR_BAD_ARGUMENT, "there is no phase before the first one, whose schedule could continue");
    return kr_tree_fail(entry, error);
}

static kr_status read_phase(kr_scene *scene, const kr_tree *node, kr_error *error) {
    if (node->kind != KR_TREE_MAP)
        return kr_section_wrong_kind(node, "a phase", "a mapping such as {name: first, steps: 1000}", error);
    kr_phase *phase = &scene->phases[scene->phase_count];
    kr_settings settings = {0};
    kr_status status = check_keys(scene->registry, node, error);
    if (!status) status = kr_settings_create(&settings, &kr_phase_descriptor, error);
    if (!status) status = kr_section_assign(&settings, node, "key of a phase", others, NULL, NULL, false, error);
    if (!status) {
        kr_phase_values *read = settings.values;
        phase->steps = read->steps;
        phase->optimizer = read->optimizer;
        if (!(status = check_name(scene, node, read->name, error))) {
            phase->name = read->name;
            read->name = NULL; /* the scene owns it now */
        }
    }
    kr_settings_destroy(&settings);
    if (!status) status = read_continue(scene, phase, node, error);
    if (status) return free(phase->name), status;
    scene->phase_count++;
    return KR_OK;
}

/* Whether --set gives the length of a phase: then the run's follows. */
static bool is_length_set(const kr_tree *list) {
    for (const kr_tree *entry = list->child; entry; entry = entry->next) {
        const kr_tree *steps = kr_tree_find(entry, "steps");
        if (entry->set || (steps && steps->set)) return true;
    }
    return false;
}

static kr_status settle_length(kr_scene *scene, const kr_tree *tree, const kr_tree *list, kr_error *error) {
    kr_ensemble_settings *ensemble = scene->ensemble.values;
    const kr_tree *given = kr_tree_find(kr_tree_find(tree, "ensemble"), "steps");
    double sum = 0;
    int64_t steps = 0;
    for (size_t i = 0; i < scene->phase_count; i++) sum += (double)scene->phases[i].steps;
    if (sum > 1e18) {
        kr_fail(error, KR_BAD_ARGUMENT, "the phases have %g steps together; at most 1e18 are allowed", sum);
        return kr_tree_fail(list, error);
    }
    for (size_t i = 0; i < scene->phase_count; i++) {
        kr_phase *phase = &scene->phases[i];
        phase->begin = (uint64_t)steps;
        phase->origin = phase->continues ? scene->phases[i - 1].origin : phase->begin;
        steps += phase->steps;
    }
    if (!given || ensemble->steps == steps || (is_length_set(list) && !given->set)) {
        ensemble->steps = steps;
        return KR_OK;
    }
    kr_fail(error, KR_BAD_ARGUMENT,
            "steps is %lld, and those of the phases add up to %lld; make them equal, or leave ensemble.steps out",
            (long long)ensemble->steps, (long long)steps);
    return kr_tree_fail(given, error);
}

kr_status kr_scene_read_phases(kr_scene *scene, const kr_tree *tree, kr_error *error) {
    const kr_tree *list = kr_tree_find(tree, "phases");
    if (!list || kr_tree_is_null(list)) return KR_OK;
    if (list->kind != KR_TREE_LIST)
        return kr_section_wrong_kind(list, "phases", "a list of phases, [{name: first, steps: 1000}, ...]", error);
    size_t count = kr_tree_count(list);
    if (count > KR_MAX_PHASES) {
        kr_fail(error, KR_BAD_ARGUMENT, "there are %zu phases; at most %d are allowed", count, KR_MAX_PHASES);
        return kr_tree_fail(list, error);
    }
    if (!count) return KR_OK;
    if (!(scene->phases = calloc(count, sizeof *scene->phases)))
        return kr_fail(error, KR_NO_MEMORY, "out of memory while reading phases");
    kr_status status = KR_OK;
    for (const kr_tree *entry = list->child; entry && !status; entry = entry->next) status = read_phase(scene, entry, error);
    return status ? status : settle_length(scene, tree, list, error);
}

kr_status kr_scene_find_phase(const kr_scene *scene, const char *name, size_t *number, kr_error *error) {
    const char *names[KR_MAX_PHASES + 1] = {NULL};
    for (size_t i = 0; i < scene->phase_count; i++) {
        char own[24];
        snprintf(own, sizeof own, "%zu", i);
        names[i] = scene->phases[i].name;
        *number = i;
        if (!strcmp(name, names[i]) || !strcmp(name, own)) return KR_OK;
    }
    if (!scene->phase_count) return kr_fail(error, KR_BAD_ARGUMENT, "there is no phase '%.80s': the scene has no phases", name);
    const char *near = kr_nearest_name(name, names);
    if (near) return kr_fail(error, KR_BAD_ARGUMENT, "there is no phase '%.80s'; did you mean '%s'?", name, near);
    char all[400] = "";
    for (size_t i = 0, used = 0; i < scene->phase_count && used < sizeof all; i++)
        used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", i ? ", " : "", names[i]);
    return kr_fail(error, KR_BAD_ARGUMENT, "there is no phase '%.80s'; there are %s", name, all);
}
