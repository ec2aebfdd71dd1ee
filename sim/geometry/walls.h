/* Landscapes V(x) = f(x0) + k(x0)/2 sum_{i>0} (x_i - c(x0))^2 with weight decay, which leaves the form as it is. What matters of
 * the d - 1 coordinates across are S = sum u_i and Q = sum u_i^2, u_i = x_i - c: no matrix is as large as d. */
#ifndef KR_WALLS_H
#define KR_WALLS_H

#include <kramers/critical_points.h>
#include <kramers/interval.h>

/* Whether the landscape is of this form, in two dimensions or more. */
bool kr_has_walls(const kr_landscape *landscape);
/* Whether c is anything but 0. */
bool kr_walls_bend(const kr_landscape *landscape);
/* f, ln k and c with weight decay. */
void kr_walls_at(const kr_landscape *landscape, double x0, kr_walls *walls);

/* Of the Hessian at any point: smallest and largest eigenvalue. */
kr_interval kr_walls_curvature_range(const kr_landscape *landscape, const double *x);
/* At a critical point: unit vector of the lowest eigenvalue. */
void kr_walls_lowest_direction(const kr_landscape *landscape, const double *x, double *direction);

/* A critical point from a place x0 nearby: the zero of f', with all other coordinates at c. position and eigenvalues have room for
 * dim numbers. false: there is none nearby, or it is degenerate. */
bool kr_walls_refine(const kr_landscape *landscape, double x0, kr_critical_point *point);

/* Without bend everything depends on x0 and r = sqrt(Q) alone, and steepest descent in two dimensions, from (x0, r), is that in
 * all. points[2][n] from x[dim] of a stride. */
kr_landscape kr_walls_plane(const kr_landscape *landscape);
void kr_walls_flatten(const kr_landscape *landscape, size_t n, size_t stride, const double *x, double *points);

#endif
