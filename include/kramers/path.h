/* Minimum-energy paths: curves from minimum to minimum along which the gradient is parallel to the curve. */
#ifndef KRAMERS_PATH_H
#define KRAMERS_PATH_H

#include <kramers/landscape.h>

KR_BEGIN_DECLARATIONS

typedef struct kr_path {
    size_t dim, count; /* images */
    double *position;  /* [count][dim] */
    double *length;    /* [count] arc length from the first image */
    double *energy;    /* [count] */
    double highest; /* energy of the highest saddle on the way, refined by Newton's method; the highest image where there is none */
    double deviation; /* largest distance of an image from where it would be pushed, relative to the path's length */
    size_t leg_count; /* from minimum to neighbouring minimum */
    size_t *leg;      /* [leg_count + 1] first image of each leg, and the last image of all */
    double *storage;
} kr_path;

/* From one point to another, usually minima, over the lowest known saddles, by the simplified string method (E, Ren,
 * Vanden-Eijnden 2007) with images images on each leg (0: 65), equally far apart along a leg. Landscapes of several coupled
 * coordinates whose saddles do not join the two: from the straight line. Separable landscapes: along one coordinate after the
 * other, which is exact. */
KR_API kr_status kr_path_create(kr_path *path, const kr_landscape *landscape, const double *from, const double *to, size_t images,
                                kr_error *error);
/* One leg, from this first guess: straight lines from corner to corner [corner_count][dim], of which the ends stay. */
KR_API kr_status kr_path_relax(kr_path *path, const kr_landscape *landscape, size_t corner_count, const double *corner,
                               size_t images, kr_error *error);
KR_API void kr_path_destroy(kr_path *path);

/* progress[p] in [0, 1]: how far along the path its nearest point lies, as a fraction of the length, for n points x[i * stride +
 * p]. The same bits for any n and stride. NaN for points that are not finite. Thread-safe. */
KR_API void kr_path_progress(const kr_path *path, size_t n, size_t stride, const double *x, double *progress);

KR_END_DECLARATIONS

#endif
