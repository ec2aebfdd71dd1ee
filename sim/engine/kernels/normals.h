/* The functions of normals.c, for this instruction set's table. */
#ifndef KR_NORMALS_H
#define KR_NORMALS_H

#include "engine/kernels.h"

#include <kramers/plugin.h>

#define KR_KERNEL(name) KR_PASTE_HOST(name, KR_ISA)

void KR_KERNEL(normals)(kr_draw draw, size_t dim, size_t n, double *restrict out);
void KR_KERNEL(shake)(kr_draw draw, size_t dim, size_t n, double amplitude, double keep, double *restrict x);
size_t KR_KERNEL(descend_and_shake)(kr_draw draw, size_t dim, size_t n, double amplitude, double descent,
                                    const double *restrict direction, double low, double high, double *restrict x);
void KR_KERNEL(spread_noise)(kr_draw draw, size_t dim, size_t n, const double *restrict variance, double *restrict gradient);

#endif
