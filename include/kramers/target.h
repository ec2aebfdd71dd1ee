/* Targets: the sets that a first passage ends in. */
#ifndef KRAMERS_TARGET_H
#define KRAMERS_TARGET_H

#include <kramers/api.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

KR_BEGIN_DECLARATIONS

/* A set that counts as escaped: coordinate >= above or coordinate <= below, or a ball |x - center| <= radius. */
typedef struct kr_target {
    size_t coordinate;
    double below, above; /* -INFINITY, +INFINITY: no such side */
    double radius;       /* > 0: a ball, the fields above are not used */
    int64_t minimum;     /* the ball's minimum by number */
    double *center;      /* [dim] of a ball; NULL otherwise */
} kr_target;

KR_API bool kr_target_reached(const kr_target *target, size_t dim, const double *position);
/* Of a point from the target's edge; negative inside. */
KR_API double kr_target_distance(const kr_target *target, size_t dim, const double *position);

KR_END_DECLARATIONS

#endif
