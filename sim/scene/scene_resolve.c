/* From the tree of a scene's text to plain values, checked against the descriptors. */
#include "scene_parts.h"

#include <kramers/schedule.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of two ways to say the same thing, only one may be used; what --set says goes before what the file says. */
static bool beaten(const kr_tree *mine, const kr_tree *other) {
    return mine && other && !mine->set && other->set;
}

static kr_status resolve_start(kr_scene *scene, const kr_tree *tree, kr_error *error) {
    const kr_tree *section;
    kr_settings settings = {0};
    kr_status status = kr_section_find(kr_tree_find(tree, "ensemble"), "start", &section, error);
    if (!status) status = kr_settings_create(&settings, &kr_start_descriptor, error);
    if (!status) status = kr_section_assign(&settings, section, "key of ensemble.start", NULL, NULL, NULL, false, error);
    if (status) return kr_settings_destroy(&settings), status;

    const kr_tree *minimum = kr_tree_find(section, "minimum"), *point = kr_tree_find(section, "point");
    const kr_tree *gibbs = kr_tree_find(section, "gibbs"), *boltzmann = kr_tree_find(section, "boltzmann");
    if (gibbs && boltzmann && gibbs->set == boltzmann->set) {
        kr_fail(error, KR_BAD_ARGUMENT, "boltzmann is another word for gibbs; only one of them can be given");
        kr_settings_destroy(&settings);
        return kr_tree_fail(section, error);
    }
    if (boltzmann) gibbs = boltzmann;
    if (beaten(minimum, point) || beaten(minimum, gibbs)) minimum = NULL;
    if (beaten(point, minimum) || beaten(point, gibbs)) point = NULL;
    if (beaten(gibbs, minimum) || beaten(gibbs, point)) gibbs = NULL;
    if ((minimum && point) || (gibbs && (minimum || point))) {
        kr_fail(error, KR_BAD_ARGUMENT, "start is either a minimum, a point or gibbs; only one of them can be given");
        kr_settings_destroy(&settings);
        return kr_tree_fail(section, error);
    }
    kr_start *start = settings.values;
    kr_start_set_kind(start, point ? KR_START_POINT : gibbs ? KR_START_GIBBS : KR_START_MINIMUM);
    scene->start = *start;
    start->point = (kr_list){0}; /* the scene owns it now */
    kr_settings_destroy(&settings);
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
    if (!status) status = kr_section_assign(&settings, node, "key of escape.until", NULL, NULL, NULL, false, error);
    if (status) return kr_settings_destroy(&settings), status;

    const kr_tree *side = NULL, *ball = NULL;
    for (const kr_tree *entry = node->child; entry; entry = entry->next) {
        const kr_tree **one = kr_target_is_ball_key(entry->key) ? &ball : &side;
        if (!*one || entry->set) *one = entry;
    }
    if (beaten(side, ball)) side = NULL;
    if (beaten(ball, side)) ball = NULL;
    if (side && ball) {
        kr_fail(error, KR_BAD_ARGUMENT,
                "a target is either a coordinate with 'above' or 'below', or a minimum with 'radius', not both");
        status = kr_tree_fail(node, error);
    } else if ((status = kr_target_make(&scene->targets[scene->target_count], settings.values, ball != NULL, error))) {
        kr_tree_fail(node, error);
    } else {
        scene->target_count++;
    }
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
    const char *sections[KR_MAX_SECTIONS + 1];
    static const char *const warmup[] = {"name", "warmup", NULL}, *const name[] = {"name", NULL}, *const start[] = {"start", NULL};
    const kr_registry *registry = scene->registry;
    kr_status status = KR_OK;
    if (tree->kind != KR_TREE_MAP)
        return kr_section_wrong_kind(tree, "a scene", "a mapping of sections (landscape: {...}, dynamics: {...}, ...)", error);
    kr_scene_section_names(registry, sections);
    for (const kr_tree *entry = tree->child; entry && !status; entry = entry->next)
        if (!kr_section_is_among(entry->key, sections))
            status = kr_section_unknown_key(entry, "section", NULL, sections, NULL, error);
    if (!status)
        status = kr_section_plugin(&scene->landscape, kr_tree_find(tree, "landscape"), registry, KR_PLUGIN_LANDSCAPE, "double_well",
                                   name, error);
    if (!status)
        status =
            kr_section_plugin(&scene->dynamics, kr_tree_find(tree, "dynamics"), registry, KR_PLUGIN_DYNAMICS, "sgld", name, error);
    if (!status) status = kr_section_noise(&scene->noise, kr_tree_find(tree, "noise"), registry, error);
    if (!status)
        status = kr_section_plugin(&scene->schedule, kr_tree_find(tree, "schedule"), registry, KR_PLUGIN_SCHEDULE, "constant",
                                   warmup, error);
    if (!status) status = resolve_warmup(scene, tree, error);
    if (!status) status = kr_scene_resolve_keep(scene, kr_tree_find(tree, "keep"), error);
    if (!status) status = kr_section_plain(&scene->ensemble, tree, &kr_ensemble_descriptor, start, error);
    if (!status) status = resolve_start(scene, tree, error);
    if (!status) status = resolve_escape(scene, tree, error);
    if (!status) status = kr_scene_resolve_observers(scene, tree, error);
    if (!status) status = resolve_trajectory(scene, tree, error);
    return status ? status : kr_scene_resolve_compare(scene, kr_tree_find(tree, "compare"), error);
}

kr_status kr_scene_resolve_check(kr_scene *scene, const kr_tree *tree, kr_error *error) {
    char key[KR_SCENE_KEY];
    kr_status status = kr_scene_settle_driven(scene, key, error);
    if (status) return kr_tree_fail_under(tree, key, error);
    if ((status = kr_scene_check(scene, NULL, key, error))) kr_tree_fail_under(tree, key, error);
    return status;
}
