/* What only fits or does not fit together, once every value is within its own range. */
#include "scene_parts.h"

#include <kramers/schedule.h>

#include <stdarg.h>
#include <string.h>

static kr_status KR_PRINTF(3, 4) blame(kr_status status, char key[KR_SCENE_KEY], const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(key, KR_SCENE_KEY, format, arguments);
    va_end(arguments);
    return status;
}

static kr_status wrong_coordinate(const kr_scene *scene, size_t dim, long long coordinate, kr_error *error) {
    return kr_fail(error, KR_BAD_ARGUMENT, "coordinate = %lld is out of range; landscape '%s' has coordinates 0 to %zu", coordinate,
                   scene->landscape.about->name, dim - 1);
}

static kr_status check_points(const kr_scene *scene, size_t dim, char key[KR_SCENE_KEY], kr_error *error) {
    size_t count = scene->start.point.count;
    if ((scene->start.kind == KR_START_POINT || count) && count != 1 && count != dim) {
        kr_fail(error, KR_BAD_ARGUMENT, "point has %zu coordinates; landscape '%s' has %zu", count, scene->landscape.about->name,
                dim);
        return blame(KR_BAD_ARGUMENT, key, "ensemble.start.point");
    }
    for (size_t t = 0; t < scene->target_count; t++) {
        if (scene->targets[t].radius > 0 || scene->targets[t].coordinate < dim) continue;
        wrong_coordinate(scene, dim, (long long)scene->targets[t].coordinate, error);
        if (scene->target_count == 1) return blame(KR_BAD_ARGUMENT, key, "escape.until.coordinate");
        return blame(KR_BAD_ARGUMENT, key, "escape.until.%zu.coordinate", t);
    }
    return KR_OK;
}

/* Targets by the number of a minimum. */
static kr_status check_balls(const kr_scene *scene, const kr_landscape_type *type, char key[KR_SCENE_KEY], kr_error *error) {
    for (size_t t = 0; t < scene->target_count && !type->candidates; t++) {
        if (!(scene->targets[t].radius > 0)) continue;
        kr_fail(error, KR_BAD_ARGUMENT,
                "minimum: the minima of landscape '%s' are not known, so none can be a target; take a side of a coordinate, or no "
                "target",
                type->about.name);
        return scene->target_count == 1 ? blame(KR_BAD_ARGUMENT, key, "escape.until.minimum")
                                        : blame(KR_BAD_ARGUMENT, key, "escape.until.%zu.minimum", t);
    }
    return KR_OK;
}

static bool same_landscape(const kr_scene *scene, const kr_scene *before, double weight_decay) {
    if (!before || !kr_settings_equal(&scene->landscape, &before->landscape)) return false;
    const kr_dynamics dynamics = {.type = (const kr_dynamics_type *)before->dynamics.about, .values = before->dynamics.values};
    return kr_dynamics_weight_decay(&dynamics) == weight_decay;
}

/* Those that read files are left to the run: a scene is plain values and may be looked at where its files are not. */
static kr_status check_landscape(const kr_scene *scene, const kr_scene *before, double weight_decay, kr_error *error) {
    const kr_landscape_type *type = (const kr_landscape_type *)scene->landscape.about;
    for (const kr_parameter *row = type->about.parameters; row && row->name; row++)
        if (row->flags & KR_PATH) return KR_OK;
    if (same_landscape(scene, before, weight_decay)) return KR_OK;
    kr_landscape landscape;
    kr_status status = kr_landscape_create(&landscape, type, scene->landscape.values, scene->directory, weight_decay, error);
    if (status == KR_OK) kr_landscape_destroy(&landscape);
    return status;
}

/* A message about a schedule within the schedule begins with its key. */
static kr_status blame_schedule(const kr_scene *scene, kr_status status, char key[KR_SCENE_KEY], const kr_error *error) {
    int length = error && scene->schedule.child_count ? (int)strspn(error->message, "abcdefghijklmnopqrstuvwxyz_.0123456789") : 0;
    bool within = length > 0 && length < KR_SCENE_KEY - 16 && error->message[length] == ':';
    return blame(status, key, "schedule%s%.*s", within ? "." : "", within ? length : 0, error ? error->message : "");
}

/* Numbers that change, and invariants. */
static kr_status check_drive(const kr_scene *scene, const kr_dynamics *dynamics, kr_error *error) {
    kr_drive *drive;
    kr_status status = kr_drive_create(&drive,
                                       &(kr_drive_setup){.dynamics = dynamics,
                                                         .landscape_settings = &scene->landscape,
                                                         .dynamics_settings = &scene->dynamics,
                                                         .noise_settings = &scene->noise,
                                                         .keep = scene->keep,
                                                         .keep_count = scene->keep_count,
                                                         .steps = kr_scene_schedule_steps(scene)},
                                       error);
    kr_drive_destroy(drive);
    return status;
}

static kr_status check_plugins(const kr_scene *scene, const kr_scene *before, size_t dim, char key[KR_SCENE_KEY], kr_error *error) {
    kr_dynamics dynamics;
    kr_status status = kr_schedule_check(&scene->schedule, scene->warmup, kr_scene_schedule_steps(scene), error);
    if (status) return blame_schedule(scene, status, key, error);
    status = kr_dynamics_create(&dynamics, (const kr_dynamics_type *)scene->dynamics.about, scene->dynamics.values, error);
    if (status) return blame(status, key, "dynamics");
    if ((status = check_drive(scene, &dynamics, error))) return blame(status, key, "keep");
    status = check_landscape(scene, before, kr_dynamics_weight_decay(&dynamics), error);
    if (status) return blame(status, key, "landscape");
    if (dim) {
        kr_noise noise;
        status = kr_noise_create(&noise, (const kr_noise_type *)scene->noise.about, scene->noise.values, dim, error);
        if (status) return blame(status, key, "noise");
        kr_noise_destroy(&noise);
    }
    return KR_OK;
}

/* Each as if it were the scene; what does not fit is said of the section that the entry has of its own. */
static kr_status check_compared(const kr_scene *scene, size_t dim, char key[KR_SCENE_KEY], kr_error *error) {
    char own[KR_SCENE_KEY], beginning[KR_SCENE_KEY / 2];
    for (size_t i = 0; i < scene->compare_count; i++) {
        const kr_scene variant = kr_scene_variant(scene, i + 1);
        kr_status status = check_plugins(&variant, scene, dim, own, error);
        if (!status) continue;
        size_t length = strcspn(own, ".");
        for (size_t s = 0; s < KR_COMPARED_SECTIONS; s++) {
            bool here = scene->compare[i].own[s].about && strlen(kr_compared_sections[s]) == length;
            if (!here || strncmp(own, kr_compared_sections[s], length) != 0) continue;
            kr_compared_key(beginning, sizeof beginning, i, (kr_compared_section)s);
            return blame(status, key, "%s%.30s", beginning, own + length);
        }
        return blame(status, key, "compare.%zu", i);
    }
    return KR_OK;
}

static kr_status check_ends(const kr_scene *scene, char key[KR_SCENE_KEY], kr_error *error) {
    const kr_ensemble_settings *ensemble = kr_scene_ensemble(scene);
    const char *until = ensemble->until_events > 0           ? "until_events"
                        : ensemble->until_relative_error > 0 ? "until_relative_error"
                                                             : NULL;
    if (scene->target_count || !until) return KR_OK;
    kr_fail(error, KR_BAD_ARGUMENT, "%s counts escapes, but the scene has no target (escape.until)", until);
    return blame(KR_BAD_ARGUMENT, key, "ensemble.%s", until);
}

kr_status kr_scene_check(const kr_scene *scene, const kr_scene *before, char key[KR_SCENE_KEY], kr_error *error) {
    size_t dim;
    const char *row;
    const kr_landscape_type *type = (const kr_landscape_type *)scene->landscape.about;
    kr_status status = kr_start_check(&scene->start, type, &row, error);
    if (status) return blame(status, key, "ensemble.start.%s", row);
    status = check_balls(scene, type, key, error);
    if (status) return status;
    status = kr_scene_dimension(scene, &dim, error);
    if (status) return blame(status, key, "landscape");
    if (dim) status = check_points(scene, dim, key, error); /* else that is left to the run, as what files hold */
    if (!status) status = kr_scene_check_observers(scene, dim ? dim : SIZE_MAX, key, error);
    if (!status) status = check_plugins(scene, before, dim, key, error);
    if (!status) status = check_compared(scene, dim, key, error);
    return status ? status : check_ends(scene, key, error);
}
