/* The slow eigenfunction is expanded across the valley in modes of the walls (wall_modes.h), F = sum_b a_b(x0) e_b, in which the
 * stationary law is that of x0, p = e^{-W/T} / Z, times a law that is the same at every x0. Its Dirichlet form is
 *
 *     int p [ T |q|^2 + k sum_b r_b a_b^2 ] dx0,   q = a' + K a,
 *
 * and L F = G, with which inverse iteration begins anew, reads
 *
 *     -(T p q_0)' = p g_0,      for b > 0:  -(T p q_b)' + T p (K^T q)_b + p k r_b a_b = p g_b.
 *
 * K takes nothing from the constant e_0, so that a_0 itself is never needed: the current J = T p q_0 follows from g_0' by the
 * positive kernel of the one-dimensional problem (spectral_gap_1d.c), it drives the equations b > 0, which are solved by finite
 * elements of degree 8 on panels over x0, and a_0' = J / (T p) - (K a)_0. Nothing cancels, whatever the barrier. With modes up to
 * degree 0 this is the adiabatic gap; it converges fast where the walls are not slower by much than the particle along them.
 *
 * Steps of a learning rate eta relax as in V + (eta/4) |grad V|^2, up to O(eta^2) (spectral_gap_2d.c): to first order the gap l of
 * F changes by -(eta/T) <(T |grad F|^2 - l F^2) |grad V|^2 / 4> / <F^2>. */
#include "spectral_gap_walls.h"

#include "geometry/walls.h"
#include "numerics/gsl_guard.h"
#include "valley_mesh.h"
#include "wall_modes.h"

#include <gsl/gsl_linalg.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ITERATIONS = 500 };
static const double largest_work = 2e9, wanted = 1e-9, accepted = 1e-4;

/* The equations b > 0: unknown b of point i of the finite elements is number i (count - 1) + b - 1. */
typedef struct equations {
    const kr_wall_modes *modes;
    double temperature;
    size_t each, unknowns;
    gsl_matrix *band; /* [unknowns][band + 1], lower half */
    gsl_vector *a, *before, *right;
    double *matrix, *square; /* K and K^T K of the equations at one node */
} equations;

static double entry(const equations *e, const kr_valley_mesh *m, size_t node, size_t row, size_t column) {
    size_t at = row * e->modes->count + column;
    return m->stretch[node] * e->modes->stretch[at] - m->shift[node] * e->modes->shift[at];
}

static void multiply(equations *e, const kr_valley_mesh *m, size_t node) {
    size_t n = e->each;
    for (size_t b = 0; b < n; b++)
        for (size_t c = 0; c < n; c++) e->matrix[b * n + c] = entry(e, m, node, b + 1, c + 1);
    memset(e->square, 0, n * n * sizeof *e->square);
    for (size_t c = 0; c < n; c++)
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; e->matrix[c * n + i] != 0 && j < n; j++)
                e->square[i * n + j] += e->matrix[c * n + i] * e->matrix[c * n + j];
}

/* Adds what one node of Gauss' rule contributes to the elements of its panel. */
static void add_node(equations *e, const kr_valley_mesh *m, size_t node) {
    size_t n = e->each, t = node % KR_GAUSS_NODES, panel = node / KR_GAUSS_NODES;
    double half = 0.5 * (m->panels.edge[panel + 1] - m->panels.edge[panel]), weight = m->weight[node] * m->p[node];
    multiply(e, m, node);
    for (size_t i = 0; i <= KR_VALLEY_DEGREE; i++)
        for (size_t j = 0; j <= i; j++) {
            double fi = m->basis[t][i], fj = m->basis[t][j], gi = m->slope[t][i] / half, gj = m->slope[t][j] / half;
            for (size_t b = 0; b < n; b++)
                for (size_t c = 0; c < n; c++) {
                    size_t row = (panel * KR_VALLEY_DEGREE + i) * n + b, column = (panel * KR_VALLEY_DEGREE + j) * n + c;
                    if (column > row) continue;
                    double value = gi * fj * e->matrix[b * n + c] + fi * gj * e->matrix[c * n + b] + fi * fj * e->square[b * n + c];
                    if (b == c) value += gi * gj + m->stiffness[node] / e->temperature * e->modes->rate[b + 1] * fi * fj;
                    *gsl_matrix_ptr(e->band, column, row - column) += weight * e->temperature * value;
                }
        }
}

static void equations_free(equations *e) {
    if (e->band) gsl_matrix_free(e->band);
    if (e->a) gsl_vector_free(e->a);
    if (e->before) gsl_vector_free(e->before);
    if (e->right) gsl_vector_free(e->right);
    free(e->matrix);
}

static bool equations_make(const kr_valley *v, const kr_wall_modes *modes, const kr_valley_mesh *m, equations *e) {
    *e = (equations){.modes = modes, .temperature = v->w->temperature, .each = modes->count - 1};
    e->unknowns = (m->panels.count * KR_VALLEY_DEGREE + 1) * e->each;
    double band = (double)((KR_VALLEY_DEGREE + 1) * e->each);
    if ((double)e->unknowns * band * band > largest_work) return false;
    e->band = gsl_matrix_calloc(e->unknowns, (KR_VALLEY_DEGREE + 1) * e->each);
    e->a = gsl_vector_calloc(e->unknowns);
    e->before = gsl_vector_calloc(e->unknowns);
    e->right = gsl_vector_calloc(e->unknowns);
    e->matrix = malloc(2 * e->each * e->each * sizeof *e->matrix);
    if (!e->band || !e->a || !e->before || !e->right || !e->matrix) return false;
    e->square = e->matrix + e->each * e->each;
    for (size_t node = 0; node < m->count; node++) add_node(e, m, node);
    return gsl_linalg_cholesky_band_decomp(e->band) == GSL_SUCCESS;
}

/* Of mode b at a node: the value of the finite elements, or their slope. */
static double at_node(const equations *e, const kr_valley_mesh *m, const gsl_vector *a, size_t node, size_t b, bool slope) {
    size_t t = node % KR_GAUSS_NODES, panel = node / KR_GAUSS_NODES;
    double half = 0.5 * (m->panels.edge[panel + 1] - m->panels.edge[panel]), sum = 0;
    for (size_t i = 0; i <= KR_VALLEY_DEGREE; i++)
        sum +=
            (slope ? m->slope[t][i] / half : m->basis[t][i]) * gsl_vector_get(a, (panel * KR_VALLEY_DEGREE + i) * e->each + b - 1);
    return sum;
}

/* The current of g_0' by the kernel F(min) (1 - F(max)). */
static void find_current(kr_valley_mesh *m, const double *g0, double *current) {
    for (size_t i = 0; i < m->count; i++) current[i] = m->below[i] * g0[i];
    kr_valley_run_left(m, current, m->left);
    for (size_t i = 0; i < m->count; i++) current[i] = m->above[i] * g0[i];
    kr_valley_run_right(m, current, m->right);
    for (size_t i = 0; i < m->count; i++) current[i] = m->above[i] * m->left[i] + m->below[i] * m->right[i];
}

/* right becomes <g, v> - <J, K_0b v_b>, from e->before and m->current. */
static void find_right_side(equations *e, const kr_valley_mesh *m) {
    gsl_vector_set_zero(e->right);
    for (size_t node = 0; node < m->count; node++)
        for (size_t b = 1; b < e->modes->count; b++) {
            size_t t = node % KR_GAUSS_NODES, panel = node / KR_GAUSS_NODES;
            double value = m->p[node] * at_node(e, m, e->before, node, b, false);
            value -= m->current[node] * entry(e, m, node, 0, b);
            for (size_t i = 0; i <= KR_VALLEY_DEGREE; i++)
                *gsl_vector_ptr(e->right, (panel * KR_VALLEY_DEGREE + i) * e->each + b - 1) +=
                    m->weight[node] * value * m->basis[t][i];
        }
}

/* a_0' = J / (T p) - (K a)_0. */
static void find_slope(const equations *e, kr_valley_mesh *m) {
    for (size_t node = 0; node < m->count; node++) {
        double sum = m->current[node] / (e->temperature * m->p[node]);
        for (size_t b = 1; b < e->modes->count; b++) {
            double coupling = entry(e, m, node, 0, b);
            if (coupling != 0) sum -= coupling * at_node(e, m, e->a, node, b, false);
        }
        m->a0[node] = sum;
    }
}

/* sum_b int p a_b c_b. */
static double product(const equations *e, const kr_valley_mesh *m, const gsl_vector *a, const gsl_vector *c) {
    double sum = 0;
    for (size_t node = 0; node < m->count; node++)
        for (size_t b = 1; b < e->modes->count; b++)
            sum += m->weight[node] * m->p[node] * at_node(e, m, a, node, b, false) * at_node(e, m, c, node, b, false);
    return sum;
}

static double size_of(const kr_valley_mesh *m) {
    double size = 0;
    for (size_t node = 0; node < m->count; node++) size += m->weight[node] * fabs(m->a0[node]);
    return size;
}

/* One inverse iteration; returns Rayleigh's quotient. */
static double iterate(equations *e, kr_valley_mesh *m) {
    gsl_vector_memcpy(e->before, e->a);
    find_right_side(e, m);
    if (gsl_linalg_cholesky_band_solve(e->band, e->right, e->a) != GSL_SUCCESS) return NAN;
    find_slope(e, m);
    double size = size_of(m), top = 0, bottom = 0;
    gsl_vector_scale(e->a, 1 / size);
    for (size_t i = 0; i < m->count; i++) m->a0[i] /= size;
    find_current(m, m->a0, m->next);
    for (size_t i = 0; i < m->count; i++) {
        top += m->weight[i] * m->a0[i] * m->current[i];
        bottom += m->weight[i] * m->a0[i] * m->next[i];
        m->current[i] = m->next[i];
    }
    top += product(e, m, e->a, e->before);
    bottom += product(e, m, e->a, e->a);
    return top / (size * bottom);
}

static void first_guess(kr_valley_mesh *m) {
    for (size_t i = 0; i < m->count; i++) m->a0[i] = m->below[i] * m->above[i] / m->p[i];
    double size = size_of(m);
    for (size_t i = 0; i < m->count; i++) m->a0[i] /= size;
    find_current(m, m->a0, m->current);
}

/* a_0 itself, of mean 0, into out. */
static void integrate(kr_valley_mesh *m, double *out) {
    double mean = 0;
    kr_valley_run_left(m, m->a0, out);
    for (size_t i = 0; i < m->count; i++) mean += m->weight[i] * m->p[i] * out[i];
    for (size_t i = 0; i < m->count; i++) out[i] -= mean;
}

/* What one place along the valley adds to <(T |grad F|^2 - gap F^2) (U - U_0)> and <F^2>, U = |grad V|^2 / 4. */
typedef struct change {
    double sum, square, reference;
    size_t points;
    double *node, *weight, *value, *slope, *a, *q;
} change;

static void add_change(const equations *e, const kr_valley_mesh *m, size_t node, double gap, change *c) {
    size_t n = e->modes->count;
    double temperature = e->temperature, k = m->stiffness[node], weight = m->weight[node] * m->p[node];
    c->a[0] = m->next[node];
    for (size_t b = 1; b < n; b++) c->a[b] = at_node(e, m, e->a, node, b, false);
    for (size_t b = 0; b < n; b++) {
        c->q[b] = b ? at_node(e, m, e->a, node, b, true) : m->a0[node];
        for (size_t j = 1; j < n; j++) c->q[b] += entry(e, m, node, b, j) * c->a[j];
    }
    for (size_t i = 0; i < c->points; i++) {
        double f = 0, along = 0, across = 0, s = c->node[i], force = m->pull[node] + temperature * m->stretch[node] * s;
        for (size_t b = 0; b < n; b++) {
            f += c->a[b] * c->value[i * n + b];
            along += c->q[b] * c->value[i * n + b];
            across += c->a[b] * c->slope[i * n + b];
        }
        double u = 0.25 * (force * force + 2 * temperature * k * s) - c->reference;
        c->sum += weight * c->weight[i] * u * (temperature * along * along + 2 * k / s * across * across - gap * f * f);
        c->square += weight * c->weight[i] * f * f;
    }
}

/* Relative, per unit of the learning rate. */
static double find_rise(const equations *e, kr_valley_mesh *m, double gap) {
    size_t n = e->modes->count, points = n + 4;
    change c = {.points = points};
    c.node = malloc((2 * points + 2 * points * n + 2 * n) * sizeof *c.node);
    if (!c.node) return NAN;
    c.weight = c.node + points;
    c.value = c.weight + points;
    c.slope = c.value + points * n;
    c.a = c.slope + points * n;
    c.q = c.a + n;
    bool done = kr_wall_modes_nodes(e->modes, points, c.node, c.weight, c.value, c.slope);
    size_t middle = m->count / 2; /* any constant would do: less is left to cancel */
    c.reference = 0.5 * e->temperature * m->stiffness[middle] * (e->modes->shape + 1);
    integrate(m, m->next);
    for (size_t node = 0; done && node < m->count; node++) add_change(e, m, node, gap, &c);
    free(c.node);
    return done ? -c.sum / c.square / e->temperature / gap : NAN;
}

/* With functions up to this degree, on panels in which W/T changes by limit. */
static bool gap_with(const kr_valley *v, size_t degree, double limit, double *gap, double *rise) {
    kr_wall_modes modes;
    kr_valley_mesh m = {.storage = NULL};
    equations e = {.band = NULL};
    bool done = kr_wall_modes_create(&modes, v->w->full->dim, v->bend, degree) && kr_valley_mesh_create(v, limit, &m);
    kr_gsl_enter();
    done = done && equations_make(v, &modes, &m, &e);
    *gap = *rise = NAN;
    if (done) {
        double before = INFINITY;
        first_guess(&m);
        for (int k = 0; k < ITERATIONS && !(fabs(*gap - before) < 1e-13 * *gap); k++) {
            before = *gap;
            *gap = iterate(&e, &m);
        }
        if (!v->bend && *gap > 0) *rise = find_rise(&e, &m, *gap);
    }
    equations_free(&e);
    kr_gsl_leave();
    kr_valley_mesh_destroy(&m);
    kr_wall_modes_destroy(&modes);
    return done && *gap > 0;
}

/* More modes until nothing changes, or as many as are affordable. How fine the mesh must be the first few modes tell. */
static bool converge(const kr_valley *v, kr_wall_gap *result, const char **why) {
    double limit = 4, before, now, mesh_error = INFINITY, rise;
    size_t degree = v->bend ? 4 : 2;
    *result = (kr_wall_gap){.gap = NAN, .accuracy = INFINITY, .rise = NAN};
    *why = "the walls are too slow, or too bent, for the functions across the valley to converge";
    if (!gap_with(v, degree, limit, &before, &rise)) return false;
    for (; mesh_error > wanted && limit > 0.2; before = now) {
        limit /= 2;
        if (!gap_with(v, degree, limit, &now, &rise)) return false;
        mesh_error = fabs(before / now - 1);
    }
    while (result->accuracy > fmax(wanted, mesh_error)) {
        degree += (degree + 2) / 3;
        if (!gap_with(v, degree, limit, &now, &rise)) break;
        result->gap = now;
        result->rise = rise;
        result->accuracy = fmax(fabs(before / now - 1), mesh_error);
        before = now;
    }
    return result->accuracy < accepted;
}

bool kr_spectral_gap_walls(const kr_free_energy *w, kr_wall_gap *result, const char **why) {
    kr_valley v = {.w = w, .bend = kr_walls_bend(w->full)};
    return kr_valley_find_domain(&v, why) && converge(&v, result, why);
}
