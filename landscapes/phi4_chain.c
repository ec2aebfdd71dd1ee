/* A chain of coupled double wells, the lattice phi^4 model:
 *
 *     V = sum_i h (x_i^2 - 1)^2 + J/2 sum_i (x_{i+1} - x_i)^2,
 *
 * periodic (x_d is x_0) or with open ends. Without coupling the coordinates are independent; with it the chain is lowest where all
 * of it is at +1 or at -1, and domains of either kind meet at kinks, of energy 4/3 sqrt(2 h J) where they are wide (J far above h).
 *
 * While the coupling is weak every pattern of signs is near a minimum, and every pattern with one sign replaced by 0 near a saddle
 * between two of them (Berglund, Fernandez, Gentz 2007). Those are the candidates: all patterns in a short chain; in longer ones
 * those with the fewest kinks, as many kinks as are looked at in a reasonable time; in very long ones the two uniform minima. */
#include <kramers/landscape.h>
#include <kramers/memory_miss.h>
#include <kramers/parameter_rows.h>

#include "numerics/gsl_guard.h"

#include <gsl/gsl_linalg.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct phi4_chain {
    double barrier, coupling;
    int64_t dim;
    bool periodic;
} phi4_chain;

static const kr_parameter parameters[] = {{"barrier", "h", "height of the barrier of each coordinate alone", NULL, KR_NUMBER,
                                           KR_ABOVE_MINIMUM | KR_LOG_SCALE, offsetof(phi4_chain, barrier), .initial = 1,
                                           .minimum = 0, .maximum = 1e9},
                                          {"coupling", "J", "of neighbours", NULL, KR_NUMBER, KR_LOG_SCALE,
                                           offsetof(phi4_chain, coupling), .initial = 1, .minimum = 0, .maximum = 1e9},
                                          KR_ROW_DIM(phi4_chain, 8, 1),
                                          {"periodic", NULL, "the last coordinate is coupled to the first", NULL, KR_SWITCH, 0,
                                           offsetof(phi4_chain, periodic), .initial = 1},
                                          KR_END};

/* Neighbours; an open end is its own. */
static size_t before(const kr_landscape *self, size_t i) {
    bool periodic = ((const phi4_chain *)self->values)->periodic;
    return i > 0 ? i - 1 : periodic ? self->dim - 1 : i;
}

static size_t after(const kr_landscape *self, size_t i) {
    bool periodic = ((const phi4_chain *)self->values)->periodic;
    return i + 1 < self->dim ? i + 1 : periodic ? 0 : i;
}

static void energy_of(double h, double half, size_t n, const double *restrict x, const double *restrict next,
                      double *restrict energy) {
    for (size_t p = 0; p < n; p++) {
        double s = fma(x[p], x[p], -1), d = next[p] - x[p];
        energy[p] = fma(half * d, d, fma(h * s, s, energy[p]));
    }
}

static void energy(const kr_landscape *self, size_t n, const double *restrict x, double *restrict energy) {
    const phi4_chain *v = self->values;
    for (size_t p = 0; p < n; p++) energy[p] = 0;
    for (size_t i = 0; i < self->dim; i++) energy_of(v->barrier, 0.5 * v->coupling, n, x + i * n, x + after(self, i) * n, energy);
}

static void gradient_of(double h, double coupling, size_t n, const double *restrict left, const double *restrict x,
                        const double *restrict right, double *restrict gradient) {
    double h4 = 4 * h;
    for (size_t p = 0; p < n; p++)
        gradient[p] = fma(h4 * x[p], fma(x[p], x[p], -1), coupling * ((x[p] - left[p]) + (x[p] - right[p])));
}

static void gradient(const kr_landscape *self, size_t n, const double *restrict x, double *restrict gradient) {
    const phi4_chain *v = self->values;
    for (size_t i = 0; i < self->dim; i++)
        gradient_of(v->barrier, v->coupling, n, x + before(self, i) * n, x + i * n, x + after(self, i) * n, gradient + i * n);
}

/* The part of the coupling in the curvature along x_i. */
static double stiffness(const kr_landscape *self, size_t i) {
    int neighbours = (before(self, i) != i) + (after(self, i) != i);
    return ((const phi4_chain *)self->values)->coupling * neighbours;
}

static void curvature_of(double h, double stiffness, size_t n, const double *restrict x, double *restrict curvature) {
    double h4 = 4 * h;
    for (size_t p = 0; p < n; p++) curvature[p] = fma(h4, fma(3 * x[p], x[p], -1), stiffness);
}

static void curvature(const kr_landscape *self, size_t n, const double *restrict x, double *restrict curvature) {
    for (size_t i = 0; i < self->dim; i++)
        curvature_of(((const phi4_chain *)self->values)->barrier, stiffness(self, i), n, x + i * n, curvature + i * n);
}

static void add_bond(const kr_landscape *self, size_t n, size_t i, size_t j, double *hessian) {
    for (size_t p = 0; i != j && p < n; p++) {
        hessian[(i * self->dim + j) * n + p] -= ((const phi4_chain *)self->values)->coupling;
        hessian[(j * self->dim + i) * n + p] -= ((const phi4_chain *)self->values)->coupling;
    }
}

static void hessian(const kr_landscape *self, size_t n, const double *restrict x, double *restrict hessian) {
    size_t dim = self->dim;
    for (size_t k = 0; k < dim * dim * n; k++) hessian[k] = 0;
    for (size_t i = 0; i < dim; i++) {
        curvature_of(((const phi4_chain *)self->values)->barrier, stiffness(self, i), n, x + i * n, hessian + (i * dim + i) * n);
        add_bond(self, n, i, after(self, i), hessian);
    }
}

/* ---- critical points ---- */

/* Patterns of -1, 0 and 1. In up to SHORT coordinates all of them. Beyond, those of signs with few kinks, each also with one
 * coordinate at 0: beside a kink, from where that may move, or anywhere in a uniform pattern. */
enum { SHORT = 5, MOST = 2000, BUDGET = 12000000, ITERATIONS = 60, HALVINGS = 30 };

typedef struct list {
    const kr_landscape *self;
    double *points, *pattern; /* [most][dim], [dim] */
    double *work;             /* [6][dim] */
    size_t most, count;
} list;

static double norm(size_t n, const double *x) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum = fma(x[i], x[i], sum);
    return sqrt(sum);
}

/* step = -H^-1 gradient at x; the Hessian is tridiagonal, with corners in a periodic chain. false: it is singular. */
static bool newton_step(list *l, const double *x, const double *gradient, double *step) {
    size_t dim = l->self->dim;
    double *diagonal = l->work + 3 * dim, *beside = l->work + 4 * dim, *right = l->work + 5 * dim;
    kr_landscape_curvature(l->self, 1, x, diagonal);
    for (size_t i = 0; i < dim; i++) {
        beside[i] = -((const phi4_chain *)l->self->values)->coupling;
        right[i] = -gradient[i];
    }
    bool periodic = ((const phi4_chain *)l->self->values)->periodic;
    gsl_vector_view d = gsl_vector_view_array(diagonal, dim), e = gsl_vector_view_array(beside, periodic ? dim : dim - 1);
    gsl_vector_view r = gsl_vector_view_array(right, dim), s = gsl_vector_view_array(step, dim);
    return (periodic ? gsl_linalg_solve_cyc_tridiag(&d.vector, &e.vector, &e.vector, &r.vector, &s.vector)
                     : gsl_linalg_solve_tridiag(&d.vector, &e.vector, &e.vector, &r.vector, &s.vector)) == 0;
}

/* Damped Newton iteration from the pattern x; false: it ends nowhere. */
static bool settle(list *l, double *x) {
    size_t dim = l->self->dim;
    double *gradient = l->work, *step = l->work + dim, *trial = l->work + 2 * dim;
    kr_landscape_gradient(l->self, 1, x, gradient);
    for (int iteration = 0; iteration < ITERATIONS; iteration++) {
        double here = norm(dim, gradient), t = 1;
        if (here == 0) return true;
        if (!isfinite(here) || !newton_step(l, x, gradient, step)) return false;
        if (norm(dim, step) < 1e-7) return true;
        for (int halving = 0;; halving++, t *= 0.5) {
            for (size_t i = 0; i < dim; i++) trial[i] = fma(t, step[i], x[i]);
            kr_landscape_gradient(l->self, 1, trial, gradient);
            if (norm(dim, gradient) < here) break;
            if (halving == HALVINGS) return false;
        }
        for (size_t i = 0; i < dim; i++) x[i] = trial[i];
    }
    return false;
}

static bool known(const list *l, const double *x) {
    size_t dim = l->self->dim;
    for (size_t k = 0; k < l->count; k++) {
        size_t i = 0;
        while (i < dim && fabs(l->points[k * dim + i] - x[i]) < 1e-6) i++;
        if (i == dim) return true;
    }
    return false;
}

/* The pattern with coordinate `zero` at 0, or as it is. */
static void put(list *l, size_t zero) {
    size_t dim = l->self->dim;
    double *x = l->points + l->count * dim;
    if (l->count == l->most) return;
    for (size_t i = 0; i < dim; i++) x[i] = i == zero ? 0 : l->pattern[i];
    if ((dim < 3 || settle(l, x)) && !known(l, x)) l->count++;
}

static void put_signs(list *l, bool uniform) {
    put(l, SIZE_MAX);
    for (size_t i = 0; i < l->self->dim; i++) {
        bool beside = l->pattern[before(l->self, i)] != l->pattern[i] || l->pattern[after(l->self, i)] != l->pattern[i];
        if (beside || uniform) put(l, i);
    }
}

/* All places of `left` kinks between neighbours, from coordinate `from` on. */
static void put_kinks(list *l, size_t from, size_t left, bool uniform) {
    size_t dim = l->self->dim;
    if (left == 0) {
        put_signs(l, uniform);
        return;
    }
    for (size_t at = from; at + left <= dim; at++) {
        for (size_t i = at; i < dim; i++) l->pattern[i] = -l->pattern[i];
        put_kinks(l, at + 1, left - 1, uniform);
        for (size_t i = at; i < dim; i++) l->pattern[i] = -l->pattern[i];
    }
}

static void put_all(list *l) {
    size_t dim = l->self->dim, total = 1;
    for (size_t i = 0; i < dim; i++) total *= 3;
    for (size_t number = 0; number < total; number++) {
        size_t rest = number;
        for (size_t i = 0; i < dim; i++, rest /= 3) l->pattern[i] = (double)(rest % 3) - 1;
        put(l, SIZE_MAX);
    }
}

static void put_few(list *l, size_t kinks) {
    bool periodic = ((const phi4_chain *)l->self->values)->periodic;
    for (int sign = -1; sign <= 1; sign += 2) {
        for (size_t i = 0; i < l->self->dim; i++) l->pattern[i] = sign;
        if (periodic && kinks) put_kinks(l, 1, kinks - 1, false); /* the last one closes the ring */
        put_kinks(l, 1, kinks, kinks == 0);
    }
}

/* No fewer than the patterns with so many kinks. */
static double patterns(const kr_landscape *self, size_t kinks) {
    bool periodic = ((const phi4_chain *)self->values)->periodic;
    double bonds = (double)self->dim - (periodic ? 0 : 1), choices = 2;
    for (size_t k = 0; k < kinks; k++) choices *= (bonds - (double)k) / ((double)k + 1);
    return choices * (1 + (kinks ? fmin(2 * (double)kinks, (double)self->dim) : (double)self->dim));
}

static void collect(list *l) {
    size_t dim = l->self->dim, step = ((const phi4_chain *)l->self->values)->periodic ? 2 : 1;
    double used = 0, most = fmin(MOST, BUDGET / ((double)dim * (double)dim * (double)dim));
    if (dim <= SHORT) {
        put_all(l);
        return;
    }
    for (size_t kinks = 0; kinks <= dim; kinks += step) {
        used += patterns(l->self, kinks);
        if (used > most) break;
        put_few(l, kinks);
    }
}

/* The two uniform minima, for chains of which nothing else is looked for. */
static size_t uniform(const kr_landscape *self, size_t capacity, double *points) {
    double square = 1 - 0.25 * self->weight_decay / ((const phi4_chain *)self->values)->barrier;
    size_t count = square > 0 ? 2 : 1;
    for (size_t k = 0; k < count && k < capacity; k++)
        for (size_t i = 0; i < self->dim; i++) points[k * self->dim + i] = square > 0 ? (k ? 1 : -1) * sqrt(square) : 0;
    return count;
}

static bool is_long(const kr_landscape *self) {
    double dim = (double)self->dim;
    return patterns(self, 0) * dim * dim * dim > BUDGET;
}

static const char *unlisted(const kr_landscape *self) {
    return is_long(self) ? "of so long a chain only the two uniform minima are listed, and no saddle" : NULL;
}

static size_t candidates(const kr_landscape *self, size_t axis, size_t capacity, double *points) {
    (void)axis;
    size_t dim = self->dim;
    if (is_long(self)) return uniform(self, capacity, points);
    list l = {.self = self, .most = MOST};
    l.points = malloc((MOST + 8) * dim * sizeof *l.points);
    if (!l.points) return kr_memory_miss(), uniform(self, capacity, points);
    l.pattern = l.points + (MOST + 1) * dim;
    l.work = l.pattern + dim;
    kr_gsl_enter();
    collect(&l);
    kr_gsl_leave();
    if (capacity) memcpy(points, l.points, (l.count < capacity ? l.count : capacity) * dim * sizeof *points);
    free(l.points);
    return l.count;
}

KR_LANDSCAPE = {
    .about =
        {.name = KR_PLUGIN_NAME,
         .equation = "V = sum_i h (x_i^2 - 1)^2 + J/2 sum_i (x_{i+1} - x_i)^2",
         .doc =
             "A chain of coupled double wells (lattice phi^4), V = sum_i h (x_i^2 - 1)^2 + J/2 sum_i (x_{i+1} - x_i)^2: domains, "
             "kinks; of long chains only minima with few kinks are numbered",
         .reference = "N. Berglund, B. Fernandez, B. Gentz, Nonlinearity 20, 2551 (2007)",
         .parameters = parameters,
         .values_size = sizeof(phi4_chain)},
    .energy = energy,
    .gradient = gradient,
    .curvature = curvature,
    .hessian = hessian,
    .candidates = candidates,
    .unlisted = unlisted,
};
