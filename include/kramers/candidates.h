/* What landscapes without a closed form offer as candidates for their critical points. All functions return how many there
 * are and write at most capacity of them. Weight decay is included. */
#ifndef KRAMERS_CANDIDATES_H
#define KRAMERS_CANDIDATES_H

#include <kramers/landscape.h>

KR_BEGIN_DECLARATIONS

/* Zeros of the slope of a one-dimensional landscape in [low, high], by linear interpolation where it changes sign between
 * neighbours of a grid of this many cells. */
KR_API size_t kr_candidates_on_line(const kr_landscape *self, double low, double high, size_t cells, size_t capacity,
                                    double *points);

/* Centers of the cells of the grid x[nx] by y[ny] (ascending) at whose corners both slopes take both signs. */
KR_API size_t kr_candidates_in_plane(const kr_landscape *self, size_t nx, const double *x, size_t ny, const double *y,
                                     size_t capacity, double *points);
/* The same where slopes that vanish say nothing: in a landscape with plains. */
KR_API size_t kr_candidates_off_plains(const kr_landscape *self, size_t nx, const double *x, size_t ny, const double *y,
                                       size_t capacity, double *points);
/* As kr_candidates_in_plane, on an even grid of cells x cells over the rectangle. */
KR_API size_t kr_candidates_in_box(const kr_landscape *self, const double low[2], const double high[2], size_t cells,
                                   size_t capacity, double *points);

KR_END_DECLARATIONS

#endif
