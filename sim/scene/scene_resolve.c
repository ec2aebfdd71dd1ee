/* From the tree of a scene's text to plain values, checked against the descriptors. */
#include "scene_parts.h"

#include <kramers/data_sum.h>
#include <kramers/schedule.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of two ways to say the same thing, only one may be used; what --set says goes before what the file says. */
static bool beaten(const kr_tree *mine, const kr_tree *other) {
    return mine && other && !mine->set && other->set;
}

/* Whether anything in the node is set on top of the text. */
static bool is_set_in(const kr_tree *node) {
    bool set = node && node->set;
    for (const kr_tree *entry = node ? node->child : NULL; entry && !set; entry = entry->next) set = is_set_in(entry);
    return set;
}

/* Whether the landscape is named on top of the text, so that what it does not have is dropped from the text. */
static bool is_renamed(const kr_tree *tree) {
    const kr_tree *landscape = kr_tree_find(tree, "landscape");
    const kr_tree *name = landscape && landscape->kind == KR_TREE_MAP ? kr_tree_find(landscape, "name") : landscape;
    return name && name->set;
}

/* ---- the start ---- */

enum { START_KINDS = KR_START_FILE + 1 };

/* The ways to start that the section names, by kind. */
static kr_status find_starts(const kr_tree *section, const kr_tree *way[START_KINDS], kr_error *error) {
    const kr_tree *boltzmann = kr_tree_find(section, "boltzmann");
    way[KR_START_MINIMUM] = kr_tree_find(section, "minimum");
    way[KR_START_POINT] = kr_tree_find(section, "point");
    way[KR_START_GIBBS] = kr_tree_find(section, "gibbs");
    way[KR_START_RANDOM] = kr_tree_find(section, "random");
    way[KR_START_FILE] = kr_tree_find(section, "file");
    if (way[KR_START_GIBBS] && boltzmann && way[KR_START_GIBBS]->set == boltzmann->set) {
        kr_fail(error, KR_BAD_ARGUMENT, "boltzmann is another word for gibbs; only one of them can be given");
        return kr_tree_fail(section, error);
    }
    if (boltzmann) way[KR_START_GIBBS] = boltzmann;
    return KR_OK;
}

/* A point beside random: normal is what is drawn around. */
static bool go_together(const kr_start *start, int a, int b) {
    return start->random == KR_RANDOM_NORMAL && a != b && (a == KR_START_POINT || a == KR_START_RANDOM) &&
           (b == KR_START_POINT || b == KR_START_RANDOM);
}

/* The text's ways that another one, set on top of it, stands in place of. */
static void drop_beaten(const kr_start *start, const kr_tree *way[START_KINDS]) {
    bool gone[START_KINDS] = {false};
    for (int a = 0; a < START_KINDS; a++)
        for (int b = 0; b < START_KINDS; b++) gone[a] = gone[a] || (beaten(way[a], way[b]) && !go_together(start, a, b));
    for (int a = 0; a < START_KINDS; a++)
        if (gone[a]) way[a] = NULL;
}

/* Keys that say more about one way, without it. */
static kr_status check_stray(const kr_tree *section, const kr_tree *const *way, kr_start_kind chosen, kr_error *error) {
    static const struct {
        const char *key, *of;
        kr_start_kind kind;
    } more[] = {{"scale", "random", KR_START_RANDOM}, {"dataset", "file", KR_START_FILE}};
    for (size_t i = 0; i < 2; i++) {
        const kr_tree *entry = kr_tree_find(section, more[i].key);
        if (!entry || chosen == more[i].kind || way[more[i].kind] || (!entry->set && kr_tree_find(section, more[i].of))) continue;
        kr_fail(error, KR_BAD_ARGUMENT, "%s is of starts {%s: ...}, which is not given", more[i].key, more[i].of);
        return kr_tree_fail_key(entry, error);
    }
    return KR_OK;
}

/* Without any: minimum 0, where minima are known; else as networks are initialised, or normal. */
static kr_status choose_start(kr_start *start, const kr_landscape_type *type, const kr_tree *section, bool renamed,
                              kr_error *error) {
    const kr_tree *way[START_KINDS] = {NULL};
    kr_status status = find_starts(section, way, error);
    if (status) return status;
    const bool layers = type->data && type->data->layers;
    bool lost = way[KR_START_RANDOM] && !way[KR_START_RANDOM]->set && renamed && !layers && start->random != KR_RANDOM_NORMAL;
    if (lost) way[KR_START_RANDOM] = NULL;
    for (int kind = 0; kind < START_KINDS; kind++)
        if (renamed && !type->candidates && (kind == KR_START_MINIMUM || kind == KR_START_GIBBS) && way[kind] && !way[kind]->set)
            way[kind] = NULL;
    drop_beaten(start, way);
    kr_start_kind chosen = type->candidates ? KR_START_MINIMUM : KR_START_RANDOM;
    size_t count = 0;
    for (int kind = START_KINDS - 1; kind >= 0; kind--)
        if (way[kind]) chosen = (kr_start_kind)kind, count++;
    if (way[KR_START_RANDOM] && way[KR_START_POINT] && go_together(start, KR_START_POINT, KR_START_RANDOM)) {
        chosen = KR_START_RANDOM;
        count--;
    }
    if (count > 1) {
        kr_fail(error, KR_BAD_ARGUMENT,
                "start is one of minimum, point, gibbs, random and file; only one of them can be given (a point may stand beside "
                "random: "
                "normal)");
        return kr_tree_fail(section, error);
    }
    if (!count && !type->candidates) start->random = layers ? KR_RANDOM_KAIMING_UNIFORM : KR_RANDOM_NORMAL;
    if (!lost && (status = check_stray(section, way, chosen, error))) return status;
    kr_start_set_kind(start, chosen);
    return KR_OK;
}

static kr_status resolve_start(kr_scene *scene, const kr_tree *tree, kr_error *error) {
    const kr_tree *section;
    kr_settings settings = {0};
    kr_status status = kr_section_find(kr_tree_find(tree, "ensemble"), "start", &section, error);
    if (!status) status = kr_settings_create(&settings, &kr_start_descriptor, error);
    if (!status) status = kr_section_assign(&settings, section, "key of ensemble.start", NULL, NULL, NULL, false, error);
    if (!status)
        status = choose_start(settings.values, (const kr_landscape_type *)scene->landscape.about, section, is_renamed(tree), error);
    if (!status) status = kr_start_copy(&scene->start, settings.values, error);
    kr_settings_destroy(&settings);
    return status;
}

/* ---- targets ---- */

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
    bool known = ((const kr_landscape_type *)scene->landscape.about)->candidates;
    if (!known && is_renamed(tree) && !is_set_in(until)) return KR_OK; /* the text's target is one of another kind of landscape */
    if (until->kind != KR_TREE_LIST) return resolve_target(scene, until, error);
    for (const kr_tree *entry = until->child; entry && !status; entry = entry->next) status = resolve_target(scene, entry, error);
    return status;
}

/* Without a cadence a file holds about a thousand frames. */
static kr_status resolve_trajectory(kr_scene *scene, const kr_tree *tree, kr_error *error) {
    kr_status status = kr_section_plain(&scene->trajectory, tree, &kr_trajectory_descriptor, NULL, error);
    if (status || kr_tree_find(kr_tree_find(tree, "trajectory"), "every")) return status;
    const kr_landscape_type *landscape = (const kr_landscape_type *)scene->landscape.about;
    int64_t every = kr_scene_ensemble(scene)->steps / (landscape->data ? 20 : 1000);
    return kr_set_integer(&scene->trajectory, kr_parameter_find(&kr_trajectory_descriptor, "every"), every > 1 ? every : 1, error);
}

kr_status kr_scene_resolve(kr_scene *scene, const kr_tree *tree, kr_error *error) {
    const char *sections[KR_MAX_SECTIONS + 1];
    static const char *const name[] = {"name", NULL}, *const start[] = {"start", NULL};
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
    if (!status) status = kr_section_schedule(&scene->schedule, &scene->warmup, tree, registry, error);
    if (!status) status = kr_scene_resolve_keep(scene, kr_tree_find(tree, "keep"), error);
    if (!status) status = kr_section_plain(&scene->ensemble, tree, &kr_ensemble_descriptor, start, error);
    if (!status) status = kr_scene_read_phases(scene, tree, error);
    if (!status) status = resolve_start(scene, tree, error);
    if (!status) status = resolve_escape(scene, tree, error);
    if (!status) status = kr_scene_resolve_observers(scene, tree, error);
    if (!status) status = resolve_trajectory(scene, tree, error);
    return status ? status : kr_scene_resolve_compare(scene, tree, error);
}

kr_status kr_scene_resolve_check(kr_scene *scene, const kr_tree *tree, kr_error *error) {
    char key[KR_SCENE_KEY];
    kr_status status = kr_scene_settle_driven(scene, key, error);
    if (status) return kr_tree_fail_under(tree, key, error);
    if ((status = kr_scene_check(scene, NULL, key, error))) kr_tree_fail_under(tree, key, error);
    return status;
}
