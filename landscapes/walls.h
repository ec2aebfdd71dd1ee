/* Landscapes V(x) = f(x0) + k(x0)/2 sum_{i>0} (x_i - c(x0))^2: a valley along x0 between harmonic walls. A plug-in gives f, ln k
 * and c; from them come, with u_i = x_i - c, S = sum u_i and Q = sum u_i^2 over the d - 1 others,
 *
 *     dV/dx0 = f' + k'/2 Q - k c' S,                                                   dV/dx_i = k u_i
 *     d2V/dx0^2 = f'' + k''/2 Q - (2 k' c' + k c'') S + (d - 1) k c'^2,   d2V/dx0 dx_i = k' u_i - k c',   d2V/dx_i^2 = k.
 *
 * A few particles at a time go over all coordinates once, while their sums stay in the cache. */
#ifndef LANDSCAPES_WALLS_H
#define LANDSCAPES_WALLS_H

#include <kramers/landscape.h>

#include <math.h>
#include <string.h>

enum { WALLS_CHUNK = 64 };

/* Of each particle; the number in brackets says which derivative. */
typedef struct wall_terms {
    double floor[3][WALLS_CHUNK], log_stiffness[3][WALLS_CHUNK], place[3][WALLS_CHUNK];
    double stiffness[WALLS_CHUNK];
} wall_terms;

typedef void wall_fill(const kr_landscape *self, size_t n, const double *restrict x, wall_terms *restrict terms);

/* u and u^2 of one coordinate. */
static inline void wall_add(size_t n, const double *restrict x, const double *restrict place, double *restrict sum,
                            double *restrict square) {
    for (size_t p = 0; p < n; p++) {
        double u = x[p] - place[p];
        sum[p] += u;
        square[p] = fma(u, u, square[p]);
    }
}

static inline void wall_pull(size_t n, const double *restrict x, const double *restrict place, const double *restrict stiffness,
                             double *restrict gradient, double *restrict sum, double *restrict square) {
    for (size_t p = 0; p < n; p++) {
        double u = x[p] - place[p];
        gradient[p] = stiffness[p] * u;
        sum[p] += u;
        square[p] = fma(u, u, square[p]);
    }
}

/* The same about c = 0, of one coordinate and of four, for which stiffness and squares are read once. */
static inline void wall_pull_straight(size_t n, const double *restrict x, const double *restrict stiffness,
                                      double *restrict gradient, double *restrict square) {
    for (size_t p = 0; p < n; p++) {
        gradient[p] = stiffness[p] * x[p];
        square[p] = fma(x[p], x[p], square[p]);
    }
}

static inline void wall_pull_four(size_t n, size_t stride, const double *restrict x, const double *restrict stiffness,
                                  double *restrict gradient, double *restrict square) {
    for (size_t p = 0; p < n; p++) {
        double k = stiffness[p], a = x[p], b = x[stride + p], c = x[2 * stride + p], d = x[3 * stride + p];
        gradient[p] = k * a;
        gradient[stride + p] = k * b;
        gradient[2 * stride + p] = k * c;
        gradient[3 * stride + p] = k * d;
        square[p] = fma(d, d, fma(c, c, fma(b, b, fma(a, a, square[p]))));
    }
}

/* S and Q of n <= WALLS_CHUNK particles. */
static inline void wall_sums(size_t dim, size_t stride, size_t n, const double *x, const wall_terms *t, double *sum,
                             double *square) {
    memset(sum, 0, WALLS_CHUNK * sizeof *sum);
    memset(square, 0, WALLS_CHUNK * sizeof *square);
    for (size_t i = 1; i < dim; i++) wall_add(n, x + i * stride, t->place[0], sum, square);
}

static inline void wall_energy_along(size_t n, const double *restrict floor, const double *restrict stiffness,
                                     const double *restrict square, double *restrict energy) {
    for (size_t p = 0; p < n; p++) energy[p] = fma(0.5 * stiffness[p], square[p], floor[p]);
}

static inline void walls_energy(const kr_landscape *self, wall_fill *fill, size_t n, const double *x, double *energy) {
    wall_terms t;
    double sum[WALLS_CHUNK], square[WALLS_CHUNK];
    for (size_t first = 0; first < n; first += WALLS_CHUNK) {
        size_t width = n - first < WALLS_CHUNK ? n - first : WALLS_CHUNK;
        fill(self, width, x + first, &t);
        wall_sums(self->dim, n, width, x + first, &t, sum, square);
        wall_energy_along(width, t.floor[0], t.stiffness, square, energy + first);
    }
}

static inline void wall_slope_along(size_t n, const double *restrict slope, const double *restrict stiffness,
                                    const double *restrict log_slope, const double *restrict place_slope,
                                    const double *restrict sum, const double *restrict square, double *restrict gradient) {
    for (size_t p = 0; p < n; p++) {
        double pull = fma(0.5 * log_slope[p], square[p], -place_slope[p] * sum[p]);
        gradient[p] = fma(stiffness[p], pull, slope[p]);
    }
}

/* bent: whether c may be anything but 0. */
static inline void walls_gradient(const kr_landscape *self, wall_fill *fill, bool bent, size_t n, const double *restrict x,
                                  double *restrict gradient) {
    wall_terms t;
    double sum[WALLS_CHUNK], square[WALLS_CHUNK];
    for (size_t first = 0; first < n; first += WALLS_CHUNK) {
        size_t width = n - first < WALLS_CHUNK ? n - first : WALLS_CHUNK, i = 1;
        const double *at = x + first;
        double *out = gradient + first;
        fill(self, width, at, &t);
        memset(sum, 0, sizeof sum);
        memset(square, 0, sizeof square);
        for (; bent && i < self->dim; i++) wall_pull(width, at + i * n, t.place[0], t.stiffness, out + i * n, sum, square);
        for (; i + 4 <= self->dim; i += 4) wall_pull_four(width, n, at + i * n, t.stiffness, out + i * n, square);
        for (; i < self->dim; i++) wall_pull_straight(width, at + i * n, t.stiffness, out + i * n, square);
        wall_slope_along(width, t.floor[1], t.stiffness, t.log_stiffness[1], t.place[1], sum, square, out);
    }
}

static inline void wall_bend_along(size_t n, double others, const wall_terms *restrict t, const double *restrict sum,
                                   const double *restrict square, double *restrict curvature) {
    for (size_t p = 0; p < n; p++) {
        double log_slope = t->log_stiffness[1][p], slope = t->place[1][p];
        double second = fma(log_slope, log_slope, t->log_stiffness[2][p]);
        double shift = fma(2 * log_slope, slope, t->place[2][p]);
        double pull = fma(0.5 * second, square[p], fma(others * slope, slope, -shift * sum[p]));
        curvature[p] = fma(t->stiffness[p], pull, t->floor[2][p]);
    }
}

static inline void walls_curvature(const kr_landscape *self, wall_fill *fill, size_t n, const double *x, double *curvature) {
    wall_terms t;
    double sum[WALLS_CHUNK], square[WALLS_CHUNK];
    for (size_t first = 0; first < n; first += WALLS_CHUNK) {
        size_t width = n - first < WALLS_CHUNK ? n - first : WALLS_CHUNK;
        fill(self, width, x + first, &t);
        wall_sums(self->dim, n, width, x + first, &t, sum, square);
        wall_bend_along(width, (double)(self->dim - 1), &t, sum, square, curvature + first);
        for (size_t i = 1; i < self->dim; i++) memcpy(curvature + i * n + first, t.stiffness, width * sizeof *curvature);
    }
}

static inline void wall_mixed(size_t n, const double *restrict x, const wall_terms *restrict t, double *restrict across,
                              double *restrict along) {
    for (size_t p = 0; p < n; p++) {
        double mixed = t->stiffness[p] * fma(t->log_stiffness[1][p], x[p] - t->place[0][p], -t->place[1][p]);
        across[p] = mixed;
        along[p] = mixed;
    }
}

static inline void walls_hessian(const kr_landscape *self, wall_fill *fill, size_t n, const double *x, double *hessian) {
    size_t dim = self->dim, row = dim * n;
    wall_terms t;
    double sum[WALLS_CHUNK], square[WALLS_CHUNK];
    memset(hessian, 0, dim * row * sizeof *hessian);
    for (size_t first = 0; first < n; first += WALLS_CHUNK) {
        size_t width = n - first < WALLS_CHUNK ? n - first : WALLS_CHUNK;
        fill(self, width, x + first, &t);
        wall_sums(dim, n, width, x + first, &t, sum, square);
        wall_bend_along(width, (double)(dim - 1), &t, sum, square, hessian + first);
        for (size_t i = 1; i < dim; i++) {
            wall_mixed(width, x + i * n + first, &t, hessian + i * n + first, hessian + i * row + first);
            memcpy(hessian + i * row + i * n + first, t.stiffness, width * sizeof *hessian);
        }
    }
}

static inline void walls_at(const kr_landscape *self, wall_fill *fill, double x, kr_walls *walls) {
    wall_terms t;
    fill(self, 1, &x, &t);
    for (int derivative = 0; derivative < 3; derivative++) {
        walls->floor[derivative] = t.floor[derivative][0];
        walls->log_stiffness[derivative] = t.log_stiffness[derivative][0];
        walls->place[derivative] = t.place[derivative][0];
    }
}

#endif
