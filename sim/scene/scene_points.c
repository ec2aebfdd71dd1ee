/* What counts as arrived: from the values of its descriptor to what a scene holds, and back. */
#include "scene_parts.h"

#include <kramers/critical_points.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

kr_status kr_scene_dimension(const kr_scene *scene, size_t *dim, kr_error *error) {
    const kr_landscape_type *type = (const kr_landscape_type *)scene->landscape.about;
    *dim = type->dim ? type->dim : (size_t)kr_get_by_name(&type->about, scene->landscape.values, "dim", 1);
    if (type->dim || !type->measure) return KR_OK;
    *dim = 0;
    return kr_scene_missing_file(scene, scene->directory) ? KR_OK
                                                          : type->measure(scene->landscape.values, scene->directory, dim, error);
}

bool kr_target_is_ball_key(const char *key) {
    return !strcmp(key, "minimum") || !strcmp(key, "radius");
}

void kr_target_values_of(const kr_target *target, bool ball, kr_target_values *values) {
    if (ball != (target->radius > 0)) return;
    if (ball) {
        values->minimum = target->minimum;
        values->radius = target->radius;
        return;
    }
    values->coordinate = (int64_t)target->coordinate;
    if (isfinite(target->above)) values->above = target->above;
    if (isfinite(target->below)) values->below = target->below;
}

kr_status kr_target_make(kr_target *target, const kr_target_values *values, bool ball, kr_error *error) {
    if (ball) {
        *target = (kr_target){.minimum = values->minimum, .radius = values->radius, .below = -INFINITY, .above = INFINITY};
        return KR_OK;
    }
    if (isnan(values->above) && isnan(values->below))
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "a target needs 'above' or 'below' or both (of a coordinate), or 'minimum' and 'radius'");
    if (values->above <= values->below)
        return kr_fail(error, KR_BAD_ARGUMENT, "below = %g must be less than above = %g; otherwise every point is in the target",
                       values->below, values->above);
    *target = (kr_target){.coordinate = (size_t)values->coordinate,
                          .below = isnan(values->below) ? -INFINITY : values->below,
                          .above = isnan(values->above) ? INFINITY : values->above};
    return KR_OK;
}

kr_status kr_target_place(const kr_target *target, const kr_landscape *landscape, const double *known, double *center,
                          kr_error *error) {
    if (!(target->radius > 0)) {
        for (size_t i = 0; i < landscape->dim; i++) center[i] = NAN;
        if (target->coordinate < landscape->dim) return KR_OK;
        return kr_fail(error, KR_BAD_ARGUMENT, "escape.until.coordinate is %zu; the landscape's coordinates are 0 to %zu",
                       target->coordinate, landscape->dim - 1);
    }
    if (known) return memcpy(center, known, landscape->dim * sizeof *center), KR_OK;
    kr_status status = kr_minimum_position(landscape, target->minimum, center, error);
    return status == KR_OK ? KR_OK : kr_fail_at(error, status, "escape.until.minimum");
}
