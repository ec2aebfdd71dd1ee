/* phases: what happens in turn. Each phase is a scene of its own: the tree of the text with the sections and keys that the phase
 * gives in the place of those around it. */
#include "scene_parts.h"

#include <stdlib.h>
#include <string.h>

/* ---- prune and rewind ---- */

static kr_status read_prune(kr_phase *phase, const kr_tree *node, kr_error *error) {
    const kr_tree *section;
    kr_settings settings = {0};
    kr_status status = kr_section_find(node, "prune", &section, error);
    if (status || !section) return status;
    status = kr_settings_create(&settings, &kr_prune_descriptor, error);
    if (!status) status = kr_section_assign(&settings, section, "key of prune", NULL, NULL, NULL, false, error);
    if (!status) memcpy(&phase->prune, settings.values, sizeof phase->prune);
    phase->prunes = !status;
    kr_settings_destroy(&settings);
    return status;
}

/* What is kept is what a phase names, so any step of an earlier phase can be. */
static kr_status settle_rewind(kr_scene *scene, kr_phase *phase, const kr_tree *section, const kr_rewind_values *values,
                               kr_error *error) {
    const kr_tree *name = kr_tree_find(section, "phase"), *step = kr_tree_find(section, "step");
    kr_status status = kr_scene_find_phase(scene, values->phase, &phase->rewind_phase, error);
    if (status) return kr_tree_fail(name, error);
    const kr_phase *to = &scene->phases[phase->rewind_phase];
    if (to >= phase) {
        kr_fail(error, KR_BAD_ARGUMENT, "particles of phase '%s' can go back to an earlier phase only, and '%s' is %s", phase->name,
                to->name, to == phase ? "itself" : "a later one");
        return kr_tree_fail(name, error);
    }
    phase->rewind_step = values->step;
    if (values->step <= to->steps) return KR_OK;
    kr_fail(error, KR_BAD_ARGUMENT, "step %lld is beyond phase '%s', which has %lld steps", (long long)values->step, to->name,
            (long long)to->steps);
    return kr_tree_fail(step ? step : section, error);
}

static kr_status read_rewind(kr_scene *scene, kr_phase *phase, const kr_tree *node, kr_error *error) {
    const kr_tree *section;
    kr_settings settings = {0};
    kr_status status = kr_section_find(node, "rewind", &section, error);
    if (status || !section) return status;
    status = kr_settings_create(&settings, &kr_rewind_descriptor, error);
    if (!status) status = kr_section_assign(&settings, section, "key of rewind", NULL, NULL, NULL, false, error);
    if (!status) status = settle_rewind(scene, phase, section, settings.values, error);
    phase->rewinds = !status;
    kr_settings_destroy(&settings);
    return status;
}

/* ---- the settings of a phase ---- */

static kr_status put_settings(kr_tree *tree, const char *prefix, const kr_tree *map, kr_error *error) {
    kr_status status = KR_OK;
    for (const kr_tree *entry = map->child; entry && !status; entry = entry->next) {
        char key[200], first[KR_SCENE_KEY];
        snprintf(key, sizeof key, "%s%s%.80s", prefix, *prefix ? "." : "", entry->key);
        snprintf(first, sizeof first, "%.*s", (int)strcspn(key, "."), key);
        if (!kr_section_is_among(first, kr_phase_sections)) {
            kr_fail(error, KR_BAD_ARGUMENT,
                    "a phase can't change %s; it can change keys of landscape, dynamics, noise, schedule, keep and escape", key);
            status = kr_tree_fail_key(entry, error);
        } else if (entry->kind == KR_TREE_MAP && !strchr(key, '.')) {
            status = put_settings(tree, key, entry, error);
        } else if ((status = kr_tree_put(tree, key, entry, error))) {
            kr_tree_fail_key(entry, error);
        }
    }
    return status;
}

/* The tree around, without what is not of a phase. before: that of the phase whose schedule goes on; NULL: none does. */
static kr_status make_tree(kr_tree **made, const kr_tree *tree, const kr_tree *before, const kr_tree *node, kr_error *error) {
    static const char *const left_out[] = {"phases", "lesson"};
    const kr_tree *settings;
    if (!(*made = kr_tree_copy(tree))) return kr_fail(error, KR_NO_MEMORY, "out of memory while reading phases");
    for (size_t i = 0; i < sizeof left_out / sizeof *left_out; i++) {
        kr_tree *entry = kr_tree_find(*made, left_out[i]);
        if (entry) kr_tree_remove(*made, entry);
    }
    kr_status status = kr_section_find(node, "settings", &settings, error);
    const kr_tree *schedule = kr_tree_find(before, "schedule");
    if (schedule && !status) status = kr_tree_put(*made, "schedule", schedule, error);
    for (size_t i = 0; kr_phase_sections[i] && !status; i++) {
        const kr_tree *section = kr_tree_find(node, kr_phase_sections[i]);
        if (section) status = kr_section_put(*made, kr_phase_sections[i], section, error);
    }
    return status || !settings ? status : put_settings(*made, "", settings, error);
}

/* Steps of a phase with those whose schedules go on with it. */
static int64_t schedule_steps(const kr_scene *scene, size_t number) {
    uint64_t origin = scene->phases[number].origin;
    int64_t steps = 0;
    for (size_t i = 0; i < scene->phase_count; i++) steps += scene->phases[i].origin == origin ? scene->phases[i].steps : 0;
    return steps;
}

static kr_status differs(const kr_tree *node, const char *section, const char *what, kr_error *error) {
    const kr_tree *place = kr_tree_find(node, section);
    kr_fail(error, KR_BAD_ARGUMENT, "%s", what);
    return kr_tree_fail(place ? place : node, error);
}

/* What the particles of a run have in common. */
static kr_status check_against(const kr_scene *scene, const kr_scene *own, const kr_tree *node, kr_error *error) {
    const kr_escape_settings *mine = kr_scene_escape(own), *all = kr_scene_escape(scene);
    size_t dim = 0, before = 0;
    kr_status status = kr_scene_dimension(own, &dim, error);
    if (!status) status = kr_scene_dimension(scene, &before, error);
    if (status) return status;
    if (dim && before && dim != before) { /* 0: files will say it, to the run */
        const kr_tree *place = kr_tree_find(node, "landscape");
        kr_fail(error, KR_BAD_ARGUMENT,
                "the landscape '%s' of this phase has %zu coordinates and that of the scene has %zu; particles keep theirs",
                own->landscape.about->name, dim, before);
        return kr_tree_fail(place ? place : node, error);
    }
    if (mine->renewal != all->renewal || mine->bridge != all->bridge)
        return differs(node, "escape", "escape.renewal and escape.bridge are of the whole run; put them beside phases", error);
    if (mine->method != all->method)
        return differs(node, "escape", "escape.method is of the whole run; put it beside phases", error);
    return KR_OK;
}

/* *merged: the tree of the phase before (NULL: there is none), and afterwards of this one. */
static kr_status resolve_phase(kr_scene *scene, size_t number, const kr_tree *tree, const kr_tree *node, bool typed,
                               kr_tree **merged, kr_error *error) {
    kr_phase *phase = &scene->phases[number];
    kr_scene *own = &phase->scene;
    kr_tree *made = NULL;
    *own = (kr_scene){.registry = scene->registry,
                      .name = strdup(scene->name),
                      .directory = strdup(scene->directory),
                      .schedule_steps = schedule_steps(scene, number)};
    kr_status status = own->name && own->directory ? KR_OK : kr_fail(error, KR_NO_MEMORY, "out of memory while reading phases");
    if (!status) status = read_prune(phase, node, error);
    if (!status) status = read_rewind(scene, phase, node, error);
    if (!status) status = make_tree(&made, tree, phase->continues ? *merged : NULL, node, error);
    kr_tree_destroy(*merged);
    *merged = made;
    if (!status) status = kr_scene_resolve(own, made, error);
    if (!status) status = kr_scene_settle_paths(own, typed ? made : NULL, error);
    if (!status) status = kr_scene_resolve_check(own, made, error);
    if (!status) {
        ((kr_ensemble_settings *)own->ensemble.values)->steps = kr_scene_ensemble(scene)->steps;
        kr_settings_destroy(&own->trajectory); /* its cadence follows from the length of the run */
        status = kr_settings_copy(&own->trajectory, &scene->trajectory, error);
        if (!status) status = kr_scene_note_places(own, made, node, phase->name, error);
    }
    return status ? status : check_against(scene, own, node, error);
}

kr_status kr_scene_resolve_phases(kr_scene *scene, const kr_tree *tree, bool typed, kr_error *error) {
    const kr_tree *list = kr_tree_find(tree, "phases");
    kr_status status = KR_OK;
    size_t number = 0;
    kr_tree *merged = NULL;
    if (!scene->phase_count) return KR_OK;
    if (kr_scene_escape(scene)->method == KR_METHOD_SPLITTING) {
        kr_fail(error, KR_BAD_ARGUMENT,
                "a splitting follows paths at settings that stay; leave phases out, or use escape.method count");
        return kr_tree_fail_under(tree, "escape.method", error);
    }
    for (const kr_tree *entry = list->child; entry && !status; entry = entry->next)
        status = resolve_phase(scene, number++, tree, entry, typed, &merged, error);
    kr_tree_destroy(merged);
    return status;
}
