/* A probability density along a line, as numbers. */
#ifndef KRAMERS_DENSITY_CURVE_H
#define KRAMERS_DENSITY_CURVE_H

#include <kramers/api.h>

#include <stddef.h>

KR_BEGIN_DECLARATIONS

/* A density on an even grid from low to high, linear between its points and 0 outside; its integral is 1. */
typedef struct kr_density_curve {
    size_t count; /* 0: there is none */
    double low, high, largest;
    double *value; /* [count] */
} kr_density_curve;

KR_API double kr_density_at(const kr_density_curve *curve, double x);
/* The integral from low to high (+-INFINITY are allowed). */
KR_API double kr_density_mass(const kr_density_curve *curve, double low, double high);

KR_END_DECLARATIONS

#endif
