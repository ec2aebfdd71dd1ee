/* A valley between walls as numbers: panels along x0 with Gauss' nodes, and at these what its equations are made of. With the
 * finite elements on the panels, and integrals over x0 that keep their digits in both tails. */
#ifndef KR_VALLEY_MESH_H
#define KR_VALLEY_MESH_H

#include "numerics/adaptive_panels.h"
#include "numerics/gauss_legendre.h"
#include "solvers/problem/free_energy.h"

enum { KR_VALLEY_DEGREE = 8 }; /* of the finite elements */

typedef struct kr_valley {
    const kr_free_energy *w;
    bool bend;
    double low, high; /* of x0: beyond, nobody is */
} kr_valley;

/* At the nodes of Gauss' rule on all panels. */
typedef struct kr_valley_mesh {
    kr_gauss_rule rule;
    kr_panels panels;
    size_t count;
    double basis[KR_GAUSS_NODES][KR_VALLEY_DEGREE + 1]; /* of the finite elements on [-1, 1] */
    double slope[KR_GAUSS_NODES][KR_VALLEY_DEGREE + 1];
    double *x, *weight, *p, *below, *above;     /* below: the integral of p from the left */
    double *stiffness, *stretch, *shift, *pull; /* k, (ln k)', sqrt(k (d-1)/T) c', f' */
    double *current, *next, *a0, *left, *right;
    double *storage;
} kr_valley_mesh;

/* low and high, from w; false: why says what is amiss. */
bool kr_valley_find_domain(kr_valley *v, const char **why);
/* Panels in which W/T changes by limit; false: too many, or no memory. Destroy it also then. */
bool kr_valley_mesh_create(const kr_valley *v, double limit, kr_valley_mesh *m);
void kr_valley_mesh_destroy(kr_valley_mesh *m);

/* Integrals of g, given at the nodes, from the left end up to each node, and from each node to the right end; the first returns the
 * whole. */
double kr_valley_run_left(const kr_valley_mesh *m, const double *g, double *out);
void kr_valley_run_right(const kr_valley_mesh *m, const double *g, double *out);

#endif
