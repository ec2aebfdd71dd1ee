/* Minima, saddles and maxima of a landscape (weight decay included). */
#ifndef KRAMERS_CRITICAL_POINTS_H
#define KRAMERS_CRITICAL_POINTS_H

#include <kramers/landscape.h>

KR_BEGIN_DECLARATIONS

typedef struct kr_critical_point {
    double *position;    /* [dim] */
    double energy;       /* separable landscapes: with the other coordinates at 0 */
    double *eigenvalues; /* of the Hessian, [dim], ascending */
    size_t index;        /* Morse index: number of negative eigenvalues; 0 is a minimum */
} kr_critical_point;

typedef struct kr_critical_points {
    size_t dim, count;
    kr_critical_point *point; /* ascending in x0, then x1, ... ; coordinates 1e-6 apart count as equal */
    double *storage;          /* owns all arrays above */
} kr_critical_points;

/* From the landscape's candidates by damped Newton iteration, without duplicates. Separable landscapes: of coordinate axis
 * alone (dim 1 in the result). Others: axis is ignored. */
KR_API kr_status kr_critical_points_find(const kr_landscape *landscape, size_t axis, kr_critical_points *points, kr_error *error);
/* The same in all dim coordinates from these starts [count][dim], for any landscape. */
KR_API kr_status kr_critical_points_refine(const kr_landscape *landscape, size_t count, const double *starts,
                                           kr_critical_points *points, kr_error *error);
/* In all dim coordinates: for separable landscapes the products over all axes, which are refused beyond limit points. Of a periodic
 * landscape, those of one period. */
KR_API kr_status kr_critical_points_all(const kr_landscape *landscape, size_t limit, kr_critical_points *points, kr_error *error);
/* In all dim coordinates without any analysis of the landscape: root finders and minimisers from about starts points (0: 2000),
 * spread evenly over a box that grows until it holds the minima found. Finds what is there with high probability, not certainly; a
 * check of the candidates of landscapes, and a help in writing one. Of a periodic landscape, one period. */
KR_API kr_status kr_critical_points_search(const kr_landscape *landscape, size_t starts, kr_critical_points *points,
                                           kr_error *error);
/* The same, where boxes grow from the middle of [low, high] until that; what is found may lie beyond. */
KR_API kr_status kr_critical_points_search_in(const kr_landscape *landscape, const double *low, const double *high, size_t starts,
                                              kr_critical_points *points, kr_error *error);
KR_API void kr_critical_points_destroy(kr_critical_points *points);

/* The two minima that an index-1 saddle joins: where steepest descent from both sides of it ends. ends are entries of
 * points->point in ascending order; SIZE_MAX stands for a descent that ends in none of them. Needs all coordinates in points:
 * not for separable landscapes of several dimensions. */
KR_API kr_status kr_saddle_ends(const kr_landscape *landscape, const kr_critical_points *points, size_t saddle, size_t ends[2],
                                kr_error *error);

/* Minima are numbered by their coordinates in ascending order. In a periodic landscape 0 is the one in [-period/2, period/2)
 * and numbers go on to both sides; count is then 0. Separable landscapes have the product of the minima of each coordinate
 * (the last coordinate counts fastest); count saturates at INT64_MAX. */
KR_API kr_status kr_minimum_count(const kr_landscape *landscape, int64_t *count, kr_error *error);
KR_API kr_status kr_minimum_position(const kr_landscape *landscape, int64_t number, double *position, kr_error *error);

KR_END_DECLARATIONS

#endif
