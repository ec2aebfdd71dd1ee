/* From the tree of a scene's text to plain values, checked against the descriptors. */
#include "scene_parts.h"

#include <kramers/schedule.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

size_t kr_scene_dimension(const kr_scene *scene) {
    const kr_landscape_type *type = (const kr_landscape_type *)scene->landscape.about;
    return type->dim ? type->dim : (size_t)kr_get_by_name(&type->about, scene->landscape.values, "dim", 1);
}

/* Of two ways to say the same thing, only one may be used; what --set says goes before what the file says. */
static bool beaten(const kr_tree *mine, const kr_tree *other) {
    return mine && other && !mine->set && other->set;
}

static kr_status resolve_start(kr_scene *scene, const kr_tree *tree, kr_error *error) {
    const kr_tree *section;
    kr_settings settings = {0};
    kr_status status = kr_section_find(kr_tree_find(tree, "ensemble"), "start", &section, error);
    if (!status) status = kr_settings_create(&settings, &kr_start_descriptor, error);
    if (!status) status = kr_section_assign(&settings, section, "key of ensemble.start", NULL, false, error);
    if (status) return kr_settings_destroy(&settings), status;

    const kr_tree *minimum = kr_tree_find(section, "minimum"), *point = kr_tree_find(section, "point");
    const kr_tree *gibbs = kr_tree_find(section, "gibbs");
    if (beaten(minimum, point) || beaten(minimum, gibbs)) minimum = NULL;
    if (beaten(point, minimum) || beaten(point, gibbs)) point = NULL;
    if (beaten(gibbs, minimum) || beaten(gibbs, point)) gibbs = NULL;
    kr_start *start = settings.values;
    size_t count = start->point.count, dim = kr_scene_dimension(scene);
    if ((minimum && point) || (gibbs && (minimum || point))) {
        kr_fail(error, KR_BAD_ARGUMENT, "start is either a minimum, a point or gibbs; only one of them can be given");
        status = kr_tree_fail(section, error);
    } else if (point && count != 1 && count != dim) {
        kr_fail(error, KR_BAD_ARGUMENT, "point has %zu coordinates; landscape '%s' has %zu", count, scene->landscape.about->name,
                dim);
        status = kr_tree_fail(point, error);
    }
    if (!status) {
        scene->start = (kr_start){.at_point = point != NULL,
                                  .gibbs = gibbs != NULL,
                                  .minimum = point   ? 0
                                             : gibbs ? start->gibbs_minimum
                                                     : start->minimum,
                                  .gibbs_minimum = gibbs ? start->gibbs_minimum : 0,
                                  .burn_in = start->burn_in};
        if (point) {
            scene->start.point = start->point;
            start->point = (kr_list){0}; /* the scene owns it now */
        }
    }
    kr_settings_destroy(&settings);
    return status;
}

static kr_status side_target(const kr_scene *scene, const kr_tree *node, const kr_target_values *values, kr_target *target,
                             kr_error *error) {
    const kr_tree *coordinate = kr_tree_find(node, "coordinate");
    size_t dim = kr_scene_dimension(scene);
    if ((uint64_t)values->coordinate >= dim) {
        kr_fail(error, KR_BAD_ARGUMENT, "coordinate = %lld is out of range; landscape '%s' has coordinates 0 to %zu",
                (long long)values->coordinate, scene->landscape.about->name, dim - 1);
        return kr_tree_fail(coordinate, error);
    }
    if (isnan(values->above) && isnan(values->below)) {
        kr_fail(error, KR_BAD_ARGUMENT, "a target needs 'above' or 'below' or both (of a coordinate), or 'minimum' and 'radius'");
        return kr_tree_fail(node, error);
    }
    if (values->above <= values->below) {
        kr_fail(error, KR_BAD_ARGUMENT, "below = %g must be less than above = %g; otherwise every point is in the target",
                values->below, values->above);
        return kr_tree_fail(node, error);
    }
    *target = (kr_target){.coordinate = (size_t)values->coordinate,
                          .below = isnan(values->below) ? -INFINITY : values->below,
                          .above = isnan(values->above) ? INFINITY : values->above};
    return KR_OK;
}

static kr_status resolve_target(kr_scene *scene, const kr_tree *node, kr_error *error) {
    if (node->kind != KR_TREE_MAP)
        return kr_section_wrong_kind(node, "a target", "a mapping such as {coordinate: 0, above: 1}", error);
    if (scene->target_count == KR_MAX_TARGETS) {
        kr_fail(error, KR_BAD_ARGUMENT, "there may be at most %d targets", KR_MAX_TARGETS);
        return kr_tree_fail(node, error);
    }
    kr_settings settings;
    kr_status status = kr_settings_create(&settings, &kr_target_descriptor, error);
    if (!status) status = kr_section_assign(&settings, node, "key of escape.until", NULL, false, error);
    if (status) return kr_settings_destroy(&settings), status;

    static const char *const side_keys[] = {"coordinate", "above", "below", NULL}, *const ball_keys[] = {"minimum", "radius", NULL};
    const kr_tree *side = NULL, *ball = NULL;
    for (const kr_tree *entry = node->child; entry; entry = entry->next) {
        if (kr_section_is_among(entry->key, side_keys) && (!side || entry->set)) side = entry;
        if (kr_section_is_among(entry->key, ball_keys) && (!ball || entry->set)) ball = entry;
    }
    if (beaten(side, ball)) side = NULL;
    if (beaten(ball, side)) ball = NULL;
    const kr_target_values *values = settings.values;
    kr_target *target = &scene->targets[scene->target_count];
    if (side && ball) {
        kr_fail(error, KR_BAD_ARGUMENT,
                "a target is either a coordinate with 'above' or 'below', or a minimum with 'radius', not both");
        status = kr_tree_fail(node, error);
    } else if (ball) {
        *target = (kr_target){.minimum = values->minimum, .radius = values->radius, .below = -INFINITY, .above = INFINITY};
    } else {
        status = side_target(scene, node, values, target, error);
    }
    if (!status) scene->target_count++;
    kr_settings_destroy(&settings);
    return status;
}

static kr_status resolve_escape(kr_scene *scene, const kr_tree *tree, kr_error *error) {
    static const char *const until_key[] = {"until", NULL};
    const kr_tree *section;
    kr_status status = kr_section_plain(&scene->escape, tree, &kr_escape_descriptor, until_key, error);
    if (!status) status = kr_section_find(tree, "escape", &section, error);
    const kr_tree *until = status ? NULL : kr_tree_find(section, "until");
    if (status || !until || kr_tree_is_null(until)) return status;
    if (until->kind != KR_TREE_LIST) return resolve_target(scene, until, error);
    for (const kr_tree *entry = until->child; entry && !status; entry = entry->next) status = resolve_target(scene, entry, error);
    return status;
}

/* Those that read files are left to the run: a scene is plain values and may be looked at where its files are not. */
static kr_status check_landscape(const kr_scene *scene, double weight_decay, const kr_tree *section, kr_error *error) {
    const kr_landscape_type *type = (const kr_landscape_type *)scene->landscape.about;
    for (const kr_parameter *row = type->about.parameters; row && row->name; row++)
        if (row->type == KR_TEXT) return KR_OK;
    kr_landscape landscape;
    kr_status status = kr_landscape_create(&landscape, type, scene->landscape.values, scene->directory, weight_decay, error);
    if (status) return section ? kr_tree_fail(section, error) : status;
    kr_landscape_destroy(&landscape);
    return KR_OK;
}

static kr_status check_transitions(const kr_scene *scene, const kr_tree *tree, kr_error *error) {
    const kr_transitions_settings *transitions = kr_scene_transitions(scene);
    const kr_tree *section = kr_tree_find(tree, "transitions"), *coordinate = kr_tree_find(section, "coordinate");
    if (transitions->every && scene->target_count) {
        kr_fail(error, KR_BAD_ARGUMENT,
                "transitions need particles that nobody takes away: a scene with transitions.every has no escape.until");
        return kr_tree_fail(section, error);
    }
    if ((uint64_t)transitions->coordinate < kr_scene_dimension(scene)) return KR_OK;
    kr_fail(error, KR_BAD_ARGUMENT, "coordinate = %lld is out of range; landscape '%s' has coordinates 0 to %zu",
            (long long)transitions->coordinate, scene->landscape.about->name, kr_scene_dimension(scene) - 1);
    return kr_tree_fail(coordinate, error);
}

/* What only fits or does not fit together. */
static kr_status check_together(const kr_scene *scene, const kr_tree *tree, kr_error *error) {
    const kr_ensemble_settings *ensemble = kr_scene_ensemble(scene);
    const kr_tree *schedule_section = kr_tree_find(tree, "schedule"), *dynamics_section = kr_tree_find(tree, "dynamics");
    kr_schedule schedule;
    kr_dynamics dynamics;
    kr_status status = kr_schedule_create(&schedule, (const kr_schedule_type *)scene->schedule.about, scene->schedule.values,
                                          scene->warmup, (uint64_t)ensemble->steps, error);
    if (status) return schedule_section ? kr_tree_fail(schedule_section, error) : status;
    status = kr_dynamics_create(&dynamics, (const kr_dynamics_type *)scene->dynamics.about, scene->dynamics.values, error);
    if (status) return dynamics_section ? kr_tree_fail(dynamics_section, error) : status;
    if ((status = check_landscape(scene, kr_dynamics_weight_decay(&dynamics), kr_tree_find(tree, "landscape"), error)))
        return status;
    if (scene->target_count) return KR_OK;
    for (int i = 0; i < 2; i++) {
        const kr_tree *until = kr_tree_find(kr_tree_find(tree, "ensemble"), i ? "until_relative_error" : "until_events");
        if (!until || !(i ? ensemble->until_relative_error > 0 : ensemble->until_events > 0)) continue;
        kr_fail(error, KR_BAD_ARGUMENT, "%s counts escapes, but the scene has no target (escape.until)", until->key);
        return kr_tree_fail(until, error);
    }
    return KR_OK;
}

static kr_status resolve_warmup(kr_scene *scene, const kr_tree *tree, kr_error *error) {
    const kr_tree *schedule = kr_tree_find(tree, "schedule");
    kr_settings settings = {0};
    kr_status status = kr_section_plain(&settings, schedule, &kr_warmup_descriptor, NULL, error);
    if (!status) memcpy(&scene->warmup, settings.values, sizeof scene->warmup);
    kr_settings_destroy(&settings);
    return status;
}

/* Without a cadence a file holds about a thousand frames. */
static kr_status resolve_trajectory(kr_scene *scene, const kr_tree *tree, kr_error *error) {
    kr_status status = kr_section_plain(&scene->trajectory, tree, &kr_trajectory_descriptor, NULL, error);
    if (status || kr_tree_find(kr_tree_find(tree, "trajectory"), "every")) return status;
    int64_t every = kr_scene_ensemble(scene)->steps / 1000;
    return kr_set_integer(&scene->trajectory, kr_parameter_find(&kr_trajectory_descriptor, "every"), every > 1 ? every : 1, error);
}

kr_status kr_scene_resolve(kr_scene *scene, const kr_tree *tree, kr_error *error) {
    static const char *const sections[] = {"landscape",   "dynamics", "noise",      "schedule", "ensemble", "escape", "statistics",
                                           "transitions", "energy",   "trajectory", "compare",  "lesson",   NULL};
    static const char *const warmup[] = {"name", "warmup", NULL}, *const name[] = {"name", NULL}, *const start[] = {"start", NULL};
    const kr_registry *registry = scene->registry;
    kr_status status = KR_OK;
    if (tree->kind != KR_TREE_MAP)
        return kr_section_wrong_kind(tree, "a scene", "a mapping of sections (landscape: {...}, dynamics: {...}, ...)", error);
    for (const kr_tree *entry = tree->child; entry && !status; entry = entry->next)
        if (!kr_section_is_among(entry->key, sections)) status = kr_section_unknown_key(entry, "section", NULL, sections, error);
    if (!status)
        status = kr_section_plugin(&scene->landscape, kr_tree_find(tree, "landscape"), "landscape", registry->landscapes,
                                   "double_well", name, error);
    if (!status)
        status = kr_section_plugin(&scene->dynamics, kr_tree_find(tree, "dynamics"), "dynamics", registry->dynamics, "sgld", name,
                                   error);
    if (!status)
        status = kr_section_plugin(&scene->noise, kr_tree_find(tree, "noise"), "noise", registry->noises, "none", name, error);
    if (!status)
        status = kr_section_plugin(&scene->schedule, kr_tree_find(tree, "schedule"), "schedule", registry->schedules, "constant",
                                   warmup, error);
    if (!status) status = resolve_warmup(scene, tree, error);
    if (!status) status = kr_section_plain(&scene->ensemble, tree, &kr_ensemble_descriptor, start, error);
    if (!status) status = resolve_start(scene, tree, error);
    if (!status) status = resolve_escape(scene, tree, error);
    if (!status) status = kr_section_plain(&scene->statistics, tree, &kr_statistics_descriptor, NULL, error);
    if (!status) status = kr_section_plain(&scene->transitions, tree, &kr_transitions_descriptor, NULL, error);
    if (!status) status = kr_section_plain(&scene->energy, tree, &kr_energy_descriptor, NULL, error);
    if (!status) status = check_transitions(scene, tree, error);
    if (!status) status = resolve_trajectory(scene, tree, error);
    if (!status) status = check_together(scene, tree, error);
    return status ? status : kr_scene_resolve_compare(scene, kr_tree_find(tree, "compare"), error);
}
