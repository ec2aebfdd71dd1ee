/* Which minimum a point belongs to: where the gradient flow from it ends. */
#ifndef KRAMERS_BASIN_H
#define KRAMERS_BASIN_H

#include <kramers/landscape.h>

KR_BEGIN_DECLARATIONS

typedef struct kr_basins kr_basins;

enum { KR_MAX_BASINS = 64 };

/* The landscape is borrowed. Landscapes with more than KR_MAX_BASINS minima, none, or a periodic infinity of them have no basins:
 * *basins is then NULL, which is not an error. */
KR_API kr_status kr_basins_create(kr_basins **basins, const kr_landscape *landscape, kr_error *error);
KR_API void kr_basins_destroy(kr_basins *basins);
KR_API size_t kr_basins_count(const kr_basins *basins); /* 0 for NULL */

/* basin[p] = number of the minimum of point p, x[i * stride + p] its coordinates; -1 for points that are not finite or whose
 * descent ends nowhere. Thread-safe. */
KR_API kr_status kr_basins_assign(const kr_basins *basins, size_t n, size_t stride, const double *x, int32_t *basin,
                                  kr_error *error);

/* fraction[count] of the finite particles in each basin; together less than 1 when some belong to none. */
KR_API kr_status kr_basins_population(const kr_basins *basins, size_t n, size_t stride, const double *x, double *fraction,
                                      kr_error *error);

KR_END_DECLARATIONS

#endif
