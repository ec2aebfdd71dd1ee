/* Reaction coordinates: one number for each point, which grows from the start to the target. */
#ifndef KR_REACTION_COORDINATE_H
#define KR_REACTION_COORDINATE_H

#include <kramers/path.h>
#include <kramers/target.h>

typedef struct kr_reaction_coordinate {
    size_t dim, coordinate;
    double sign; /* of the coordinate */
    kr_path path;
    bool along_path; /* progress along the path, 0 to 1; else the coordinate times its sign */
} kr_reaction_coordinate;

/* name: "path" or the number of a coordinate. The minimum-energy path leads from the minimum in whose basin the start lies to that
 * of the target: the ball's center, or the minimum nearest to the start in the half-space. Where it is a straight line along a
 * coordinate (one dimension, or a separable landscape and a target by coordinate), and where a half-space holds no minimum, path is
 * the target's coordinate. */
kr_status kr_reaction_coordinate_make(kr_reaction_coordinate *self, const char *name, const kr_landscape *landscape,
                                      const double *start, const kr_target *target, kr_error *error);
void kr_reaction_coordinate_free(kr_reaction_coordinate *self);
/* value[n] at the points x[dim][n]. Thread-safe. */
void kr_reaction_coordinate_evaluate(const kr_reaction_coordinate *self, size_t n, const double *x, double *value);
/* What it is where the target begins, or in the middle of a ball. */
double kr_reaction_coordinate_end(const kr_reaction_coordinate *self, const kr_target *target);

#endif
