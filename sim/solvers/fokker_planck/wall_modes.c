#include "wall_modes.h"

#include "numerics/eigen.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

typedef struct mode_index {
    size_t j, n;
} mode_index;

/* Number of the function; SIZE_MAX: it is not among them. */
static size_t find(const kr_wall_modes *modes, const mode_index *all, size_t j, size_t n) {
    for (size_t b = 0; b < modes->count; b++)
        if (all[b].j == j && all[b].n == n) return b;
    return SIZE_MAX;
}

static void put(double *matrix, size_t count, size_t row, size_t column, double value) {
    if (row != SIZE_MAX) matrix[row * count + column] += value;
}

/* y h_j' = j h_j + sqrt(j (j - 1)) h_{j-2}, h_j' = sqrt(j) h_{j-1}, s phi_n' = n phi_n - sqrt(n (n + shape)) phi_{n-1}; the squares
 * of u grow as k does, u itself half as much. */
static void fill(kr_wall_modes *modes, const mode_index *all) {
    size_t count = modes->count;
    for (size_t b = 0; b < count; b++) {
        double j = (double)all[b].j, n = (double)all[b].n;
        modes->rate[b] = j + 2 * n;
        put(modes->stretch, count, b, b, 0.5 * modes->rate[b]);
        if (all[b].j > 1) put(modes->stretch, count, find(modes, all, all[b].j - 2, all[b].n), b, 0.5 * sqrt(j * (j - 1)));
        if (all[b].n > 0) put(modes->stretch, count, find(modes, all, all[b].j, all[b].n - 1), b, -sqrt(n * (n + modes->shape)));
        if (all[b].j > 0) put(modes->shift, count, find(modes, all, all[b].j - 1, all[b].n), b, sqrt(j));
    }
}

bool kr_wall_modes_create(kr_wall_modes *modes, size_t dim, bool bend, size_t degree) {
    size_t others = dim - 1 - bend, most_j = bend ? degree : 0, count = 0;
    mode_index *all = malloc((degree + 1) * (degree + 1) * sizeof *all);
    *modes = (kr_wall_modes){.bend = bend, .shape = others ? 0.5 * (double)others - 1 : NAN};
    for (size_t total = 0; all && total <= degree; total++)
        for (size_t n = 0; n <= total; n++) {
            size_t j = bend ? total - 2 * n : 0;
            if (bend ? 2 * n > total || (n > 0 && !others) : n != total) continue;
            if (j <= most_j) all[count++] = (mode_index){j, n};
        }
    modes->count = count;
    modes->rate = malloc(count * sizeof *modes->rate);
    modes->stretch = calloc(count * count, sizeof *modes->stretch);
    modes->shift = calloc(count * count, sizeof *modes->shift);
    bool done = all && modes->rate && modes->stretch && modes->shift;
    if (done) fill(modes, all);
    free(all);
    return done;
}

void kr_wall_modes_destroy(kr_wall_modes *modes) {
    free(modes->rate);
    free(modes->stretch);
    free(modes->shift);
    *modes = (kr_wall_modes){0};
}

/* Golub and Welsch 1969: the matrix of s in the orthonormal polynomials, diagonal 2 n + shape + 1, beside it sqrt(n (n + shape)).
 */
bool kr_wall_modes_nodes(const kr_wall_modes *modes, size_t points, double *node, double *weight, double *value, double *slope) {
    double *jacobi = calloc(2 * points * points, sizeof *jacobi), *vector = jacobi + points * points, shape = modes->shape;
    if (!jacobi) return false;
    for (size_t n = 0; n < points; n++) {
        jacobi[n * points + n] = 2 * (double)n + shape + 1;
        if (n) jacobi[n * points + n - 1] = jacobi[(n - 1) * points + n] = sqrt((double)n * ((double)n + shape));
    }
    bool done = kr_symmetric_eigen(points, jacobi, node, vector);
    for (size_t i = 0; done && i < points; i++) {
        double *phi = value + i * modes->count, s = node[i];
        weight[i] = vector[i * points] * vector[i * points];
        for (size_t n = 0; n < modes->count;
             n++) { /* with the signs of Laguerre's: s phi_n = ... - sqrt(n (n + shape)) phi_{n-1} */
            double m = (double)n, before = n > 1 ? phi[n - 2] * sqrt((m - 1) * (m - 1 + shape)) : 0;
            phi[n] = n ? ((2 * m - 1 + shape - s) * phi[n - 1] - before) / sqrt(m * (m + shape)) : 1;
            slope[i * modes->count + n] = m * phi[n] - (n ? sqrt(m * (m + shape)) * phi[n - 1] : 0);
        }
    }
    free(jacobi);
    return done;
}
