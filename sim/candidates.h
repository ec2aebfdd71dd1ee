/* What landscapes without a closed form offer as candidates for their critical points. */
#ifndef KR_CANDIDATES_H
#define KR_CANDIDATES_H

#include <kramers/landscape.h>

/* Zeros of the slope of a one-dimensional landscape (weight decay included) in [low, high], by linear interpolation where it
 * changes sign between neighbours of a grid of this many cells. Returns how many there are, writes at most capacity. */
size_t kr_candidates_on_line(const kr_landscape *self, double low, double high, size_t cells, size_t capacity, double *points);

/* A grid of count x count points over the rectangle [low, high] of the plane; points[count * count][2]. */
size_t kr_candidates_in_plane(const double low[2], const double high[2], size_t count, size_t capacity, double *points);

#endif
