/* Functions of the coordinates across a valley V = f(x0) + k(x0)/2 sum_{i>0} (x_i - c(x0))^2 in which its slow modes are expanded:
 * the eigenfunctions of the walls alone at each x0. With u = sqrt(k/T) (x - c), e the direction of the bend, y = e u and s half the
 * square of the rest of u they are
 *
 *     h_j(y) phi_n(s),   He_j / sqrt(j!) and the orthonormal polynomials of the gamma distribution (Laguerre's),
 *
 * which relax at the rates k (j + 2 n). Without a bend s is half the square of all of u, and j = 0. In these the gradient of
 * F = sum_b a_b(x0) h_j phi_n has the mean square, over the walls at x0,
 *
 *     |a' + K a|^2 + (k/T) sum_b (j + 2 n) a_b^2,   K = (ln k)' M - sqrt(k (d - 1) / T) c' B,
 *
 * since u moves with x0. M and B take from higher functions to lower ones; nothing comes from b = 0, the constant. */
#ifndef KR_WALL_MODES_H
#define KR_WALL_MODES_H

#include <stdbool.h>
#include <stddef.h>

typedef struct kr_wall_modes {
    size_t count;
    bool bend;
    double shape;    /* of the gamma distribution of s, less 1; NAN: there is no s */
    double *rate;    /* [count] j + 2 n */
    double *stretch; /* [count][count] M */
    double *shift;   /* [count][count] B */
} kr_wall_modes;

/* All functions with j + 2 n up to degree (without a bend 2 degree: that many n). false: not enough memory. */
bool kr_wall_modes_create(kr_wall_modes *modes, size_t dim, bool bend, size_t degree);
void kr_wall_modes_destroy(kr_wall_modes *modes);

/* Without a bend: nodes and weights [points] of the distribution of s, and there phi_n and s phi_n' [points][count]. */
bool kr_wall_modes_nodes(const kr_wall_modes *modes, size_t points, double *node, double *weight, double *value, double *slope);

#endif
