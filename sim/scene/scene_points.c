/* Where particles start and what counts as arrived: from the values of their descriptors to what a scene holds, and back. */
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

void kr_start_set_kind(kr_start *start, kr_start_kind kind) {
    start->at_point = kind == KR_START_POINT;
    start->gibbs = kind == KR_START_GIBBS;
    if (kind == KR_START_GIBBS)
        start->minimum = start->gibbs_minimum;
    else
        start->gibbs_minimum = 0;
    if (kind == KR_START_POINT) {
        start->minimum = 0;
        return;
    }
    free(start->point.value);
    start->point = (kr_list){0};
}

kr_start_kind kr_start_kind_of(const char *key) {
    return !strcmp(key, "point") ? KR_START_POINT : !strcmp(key, "gibbs") ? KR_START_GIBBS : KR_START_MINIMUM;
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

/* ---- on the landscape ---- */

static kr_status place_minimum(const kr_landscape *landscape, int64_t number, const double *known, double *position,
                               kr_error *error) {
    if (!known) return kr_minimum_position(landscape, number, position, error);
    memcpy(position, known, landscape->dim * sizeof *position);
    return KR_OK;
}

kr_status kr_start_place(const kr_start *start, const kr_landscape *landscape, const double *known, double *position,
                         kr_error *error) {
    size_t dim = landscape->dim;
    if (!start->at_point) {
        kr_status status = place_minimum(landscape, start->minimum, known, position, error);
        return status == KR_OK ? KR_OK : kr_fail_at(error, status, "ensemble.start.minimum");
    }
    if (start->point.count != dim && start->point.count != 1)
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "ensemble.start.point has %zu numbers; the landscape has %zu dimensions (one number stands for all)",
                       start->point.count, dim);
    for (size_t i = 0; i < dim; i++) position[i] = start->point.value[start->point.count == 1 ? 0 : i];
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
    kr_status status = place_minimum(landscape, target->minimum, known, center, error);
    return status == KR_OK ? KR_OK : kr_fail_at(error, status, "escape.until.minimum");
}
