/* The sections of observers: those that the registry has, whichever these are. */
#include "scene_parts.h"

#include <kramers/observer.h>

#include <string.h>

void kr_scene_section_names(const kr_registry *registry, const char *names[KR_MAX_SECTIONS + 1]) {
    static const char *const before[] = {"landscape", "dynamics", "noise", "schedule", "keep", "ensemble", "escape"};
    static const char *const behind[] = {"phases", "trajectory", "compare", "lesson"};
    size_t count = 0;
    for (size_t i = 0; i < sizeof before / sizeof *before; i++) names[count++] = before[i];
    for (size_t i = 0; registry->observers[i]; i++) names[count++] = registry->observers[i]->about.name;
    for (size_t i = 0; i < sizeof behind / sizeof *behind; i++) names[count++] = behind[i];
    names[count] = NULL;
}

kr_status kr_scene_resolve_observers(kr_scene *scene, const kr_tree *tree, kr_error *error) {
    kr_status status = KR_OK;
    for (size_t i = 0; scene->registry->observers[i] && status == KR_OK; i++) {
        const kr_observer_type *type = scene->registry->observers[i];
        if (type->presence == KR_OBSERVER_WITH_SECTION && !kr_tree_find(tree, type->about.name)) continue;
        status = kr_section_plain(&scene->observers[i], tree, &type->about, NULL, error);
    }
    return status;
}

static kr_status check_coordinate(const kr_settings *settings, const kr_observer_scene *about, const char **key, kr_error *error) {
    const kr_parameter *row = kr_parameter_find(settings->about, "coordinate");
    int64_t coordinate = row ? (int64_t)kr_get_number(settings, row) : 0;
    if (coordinate >= 0 && (uint64_t)coordinate < about->dim) return KR_OK;
    *key = "coordinate";
    return kr_fail(error, KR_BAD_ARGUMENT, "coordinate = %lld is out of range; landscape '%s' has coordinates 0 to %zu",
                   (long long)coordinate, about->landscape, about->dim - 1);
}

kr_status kr_scene_check_observers(const kr_scene *scene, size_t dim, char key[KR_SCENE_KEY], kr_error *error) {
    const kr_observer_scene about = {.landscape = scene->landscape.about->name,
                                     .dim = dim,
                                     .target_count = scene->target_count,
                                     .dynamics = scene->dynamics.about->name,
                                     .velocity = ((const kr_dynamics_type *)scene->dynamics.about)->velocity != NULL,
                                     .data = ((const kr_landscape_type *)scene->landscape.about)->data != NULL};
    for (size_t i = 0; scene->registry->observers[i]; i++) {
        const kr_observer_type *type = scene->registry->observers[i];
        const kr_settings *settings = &scene->observers[i];
        if (!settings->about) continue;
        const char *row = NULL;
        kr_status status = type->check ? type->check(settings->values, &about, &row, error) : KR_OK;
        if (status == KR_OK) status = check_coordinate(settings, &about, &row, error);
        if (status == KR_OK) continue;
        snprintf(key, KR_SCENE_KEY, "%s%s%s", type->about.name, row ? "." : "", row ? row : "");
        return status;
    }
    return KR_OK;
}

const kr_settings *kr_scene_observer(const kr_scene *scene, const char *name) {
    for (size_t i = 0; scene->registry->observers[i]; i++)
        if (!strcmp(scene->registry->observers[i]->about.name, name))
            return scene->observers[i].about ? &scene->observers[i] : NULL;
    return NULL;
}

bool kr_scene_observes(const kr_scene *scene, size_t observer) {
    const kr_settings *settings = &scene->observers[observer];
    if (!settings->about) return false;
    const kr_observer_type *type = scene->registry->observers[observer];
    return type->presence == KR_OBSERVER_ALWAYS || type->next || kr_get_by_name(settings->about, settings->values, "every", 1) > 0;
}

bool kr_scene_keeps_ledger(const kr_scene *scene) {
    for (size_t i = 0; scene->registry->observers[i]; i++)
        if (scene->registry->observers[i]->ledger && kr_scene_observes(scene, i)) return true;
    return false;
}
