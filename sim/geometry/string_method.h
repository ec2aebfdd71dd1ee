/* The simplified string method: images on a curve descend and are then spaced equally again. */
#ifndef KR_STRING_METHOD_H
#define KR_STRING_METHOD_H

#include <kramers/landscape.h>

/* image [count][dim] is the guess on entry, with the ends where they stay, and the path on exit. deviation: how far the last step
 * moved an image across the path, relative to the path's length. */
kr_status kr_string_relax(const kr_landscape *landscape, size_t count, double *image, double *deviation, kr_error *error);

/* Points along the polygon corner [corners][dim] at equal distances, ends included. */
void kr_string_divide(size_t dim, size_t corners, const double *corner, size_t count, double *image);

#endif
