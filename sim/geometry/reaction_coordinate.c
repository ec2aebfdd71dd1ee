#include "reaction_coordinate.h"

#include <kramers/basin.h>
#include <kramers/critical_points.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* On each leg of the path: enough for levels, and few since progress is computed in every step. */
enum { IMAGES = 17 };

/* Sign of the direction along the coordinate in which the target lies; 0: undetermined. */
static double direction_of(size_t coordinate, const double *start, const kr_target *target) {
    if (target->radius > 0) {
        double difference = target->center[coordinate] - start[coordinate];
        return difference > 0 ? 1.0 : difference < 0 ? -1.0 : 0.0;
    }
    if (target->coordinate != coordinate) return 0.0;
    return isfinite(target->above) ? 1.0 : -1.0;
}

static kr_status along_coordinate(kr_reaction_coordinate *self, const char *name, const double *start, const kr_target *target,
                                  kr_error *error) {
    char *end;
    unsigned long number = strtoul(name, &end, 10);
    if (!*name || *end || *name == '-' || *name == '+')
        return kr_fail(error, KR_BAD_ARGUMENT, "escape.coordinate '%.40s' must be 'path' or the number of a coordinate, 0 to %zu",
                       name, self->dim - 1);
    if (number >= self->dim)
        return kr_fail(error, KR_BAD_ARGUMENT, "escape.coordinate %.20s: the landscape has coordinates 0 to %zu", name,
                       self->dim - 1);
    self->coordinate = number;
    self->sign = direction_of(number, start, target);
    if (self->sign == 0.0)
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "escape.coordinate %lu does not lead from the start to the target; give the target's coordinate, or path",
                       number);
    return KR_OK;
}

/* The minimum to which the start belongs, or the start itself where there are no basins. */
static kr_status beginning(const kr_landscape *landscape, const double *start, double *from, kr_error *error) {
    memcpy(from, start, landscape->dim * sizeof *from);
    kr_basins *basins;
    kr_status status = kr_basins_create(&basins, landscape, error);
    if (status != KR_OK || !basins) return status;
    int32_t number = -1;
    status = kr_basins_assign(basins, 1, 1, start, &number, error);
    if (status == KR_OK && number >= 0) status = kr_minimum_position(landscape, number, from, error);
    kr_basins_destroy(basins);
    return status;
}

/* The minimum in the target nearest to the start; false when there is none. */
static kr_status ending(const kr_landscape *landscape, const double *start, const kr_target *target, double *to, bool *found,
                        kr_error *error) {
    size_t dim = landscape->dim;
    *found = target->radius > 0;
    if (*found) {
        memcpy(to, target->center, dim * sizeof *to);
        return KR_OK;
    }
    int64_t count;
    double nearest = DBL_MAX, *point = malloc(dim * sizeof *point);
    if (!point) return kr_fail(error, KR_NO_MEMORY, "not enough memory for a reaction coordinate");
    kr_status status = kr_minimum_count(landscape, &count, error);
    for (int64_t i = 0; status == KR_OK && i < count && i < KR_MAX_BASINS; i++) {
        status = kr_minimum_position(landscape, i, point, error);
        double square = 0.0;
        for (size_t j = 0; j < dim; j++) square += (point[j] - start[j]) * (point[j] - start[j]);
        if (status != KR_OK || !(square < nearest) || !kr_target_reached(target, dim, point)) continue;
        *found = true;
        nearest = square;
        memcpy(to, point, dim * sizeof *to);
    }
    free(point);
    return status;
}

static kr_status find_path(kr_reaction_coordinate *self, const kr_landscape *landscape, const double *start,
                           const kr_target *target, kr_error *error) {
    double *ends = malloc(2 * self->dim * sizeof *ends);
    if (!ends) return kr_fail(error, KR_NO_MEMORY, "not enough memory for a reaction coordinate");
    kr_status status = ending(landscape, start, target, ends + self->dim, &self->along_path, error);
    if (status == KR_OK && self->along_path) status = beginning(landscape, start, ends, error);
    if (status == KR_OK && self->along_path) status = kr_path_create(&self->path, landscape, ends, ends + self->dim, IMAGES, error);
    free(ends);
    return status;
}

kr_status kr_reaction_coordinate_make(kr_reaction_coordinate *self, const char *name, const kr_landscape *landscape,
                                      const double *start, const kr_target *target, kr_error *error) {
    *self = (kr_reaction_coordinate){.dim = landscape->dim, .sign = 1.0};
    bool side = !(target->radius > 0);
    if (name && strcmp(name, "path") != 0) return along_coordinate(self, name, start, target, error);
    if (landscape->dim == 1) return along_coordinate(self, "0", start, target, error);
    if (!(side && landscape->type->separable)) {
        kr_status status = find_path(self, landscape, start, target, error);
        if (status != KR_OK || self->along_path)
            return status == KR_OK ? KR_OK : kr_fail_at(error, status, "escape.coordinate path");
    }
    self->coordinate = target->coordinate;
    self->sign = direction_of(target->coordinate, start, target);
    return KR_OK;
}

void kr_reaction_coordinate_free(kr_reaction_coordinate *self) {
    if (self->along_path) kr_path_destroy(&self->path);
    self->along_path = false;
}

static void scale(size_t n, double factor, const double *restrict x, double *restrict value) {
    for (size_t p = 0; p < n; p++) value[p] = factor * x[p];
}

void kr_reaction_coordinate_evaluate(const kr_reaction_coordinate *self, size_t n, const double *x, double *value) {
    if (self->along_path)
        kr_path_progress(&self->path, n, n, x, value);
    else
        scale(n, self->sign, x + self->coordinate * n, value);
}

double kr_reaction_coordinate_end(const kr_reaction_coordinate *self, const kr_target *target) {
    if (self->along_path) return 1.0;
    if (target->radius > 0) return self->sign * target->center[self->coordinate];
    return self->sign * (self->sign > 0 ? target->above : target->below);
}
