/* Minus the logarithm of a mixture of Gaussians of one variance: at temperature 1 a sampler draws from the mixture.
 *
 *     V = -log sum_k w_k N(x; mu_k, s^2 I)
 *
 * Without a file the modes are a grid of equal weights, per_axis of them `spacing` apart on each axis around 0, and V is a sum over
 * coordinates (mixture_grid below). With one, each point goes through all modes twice: for the largest term of the sum, by which
 * all are divided, and for the sum. Nothing overflows, however far away the modes are.
 *
 * On the grid let c_j be the nearest mode of a coordinate and u = x - c_j. The other terms are, beside that of c_j,
 *     a_l = exp(l D (u - l D / 2) / s^2)  to the right and  b_l = exp(-l D (u + l D / 2) / s^2)  to the left,
 * none above 1 where there are such modes: V = u^2 / (2 s^2) - log(1 + sum_l (a_l + b_l)) + constant. a_{l+1} = a_l a_1 W^l with
 * W = exp(-D^2 / s^2), so two exponentials are enough for any number of modes. Where modes are so narrow that at most the nearest
 * neighbour's term is not lost in rounding, one is. */
#include <kramers/candidates.h>
#include <kramers/parameter_rows.h>

#include "mixture_modes.h"

#define FILE_ROW                                                                                                                   \
    {                                                                                                                              \
        "file", NULL, "centres and weights: text of columns (CSV), .npy or HDF5; not given: a grid of equal weights", NULL,        \
            KR_TEXT, KR_PATH | KR_SHAPES, offsetof(gaussian_mixture, file), .initial_text = NULL                                   \
    }
#define VARIANCE_ROW(flags_)                                                                                                       \
    {                                                                                                                              \
        "variance", "s^2", "of each mode, in every direction", NULL, KR_NUMBER, KR_LOG_SCALE | (flags_),                           \
            offsetof(gaussian_mixture, variance), .initial = 0.03, .minimum = 1e-9, .maximum = 1e9                                 \
    }

static const kr_parameter parameters[] = {FILE_ROW,
                                          {"per_axis", NULL, "modes along each axis", NULL, KR_INTEGER, KR_FIXED,
                                           offsetof(gaussian_mixture, per_axis), .initial = 5, .minimum = 1, .maximum = 10000},
                                          {"spacing", "D", "distance of neighbouring modes on an axis", NULL, KR_NUMBER,
                                           KR_LOG_SCALE, offsetof(gaussian_mixture, spacing), .initial = 2, .minimum = 1e-9,
                                           .maximum = 1e9},
                                          VARIANCE_ROW(0),
                                          KR_ROW_DIM(gaussian_mixture, 2, 1),
                                          KR_END};

static const kr_parameter parameters_of_file[] = {FILE_ROW, VARIANCE_ROW(KR_FIXED), KR_ROW_DIM(gaussian_mixture, 2, 1), KR_END};

/* ---- the grid ---- */

typedef struct mixture_grid {
    double spacing, inverse, first, last; /* first: the lowest mode; last: the number of the highest */
    double precision, slope;              /* 1 / s^2, D / s^2 */
    double share;                         /* W */
    double constant;
    size_t terms; /* to each side that are not lost in rounding */
    bool narrow;
} mixture_grid;

static mixture_grid grid_of(const kr_landscape *self) {
    const gaussian_mixture *v = self->values;
    double modes = (double)v->per_axis, ratio = v->spacing * v->spacing / v->variance;
    mixture_grid g = {.spacing = v->spacing,
                      .inverse = 1 / v->spacing,
                      .first = -0.5 * (modes - 1) * v->spacing,
                      .last = modes - 1,
                      .precision = 1 / v->variance,
                      .slope = v->spacing / v->variance,
                      .share = kr_exp(-ratio),
                      .constant = kr_log(modes) + 0.5 * kr_log(two_pi * v->variance),
                      .narrow = ratio > 80};
    /* Between two modes term l is at most exp(-l (l - 1) D^2 / (2 s^2)). */
    double terms = 1 + 0.5 * (sqrt(1 + 400 / ratio) - 1);
    g.terms = terms < g.last ? (size_t)terms : (size_t)g.last;
    return g;
}

/* The number of the nearest mode; NaN stays. */
static inline double nearest(double x, double first, double inverse, double last) {
    double t = (x - first) * inverse;
    t = t < 0 ? 0 : t;
    t = t > last ? last : t;
    return (t + KR_ROUND) - KR_ROUND;
}

/* The term of the neighbour on the side of u, or 0 where there is none, or it would be lost in rounding: so modes are exactly
 * minima. */
static inline double neighbour(double u, double number, double last, double slope, double half) {
    double beyond = u > 0 ? last - number : number, e = kr_exp(slope * (fabs(u) - half));
    e = beyond > 0 ? e : 0;
    return e > 1e-18 ? e : 0;
}

static void narrow_energy(double spacing, double first, double inverse, double last, double precision, double slope,
                          double constant, size_t n, const double *restrict x, double *restrict energy) {
    double half = 0.5 * spacing, half_precision = 0.5 * precision;
    for (size_t p = 0; p < n; p++) {
        double number = nearest(x[p], first, inverse, last), u = x[p] - fma(number, spacing, first);
        double rest = constant - kr_log(1 + neighbour(u, number, last, slope, half));
        energy[p] += fma(half_precision * u, u, rest);
    }
}

static void narrow_gradient(double spacing, double first, double inverse, double last, double precision, double slope, size_t n,
                            const double *restrict x, double *restrict gradient) {
    double half = 0.5 * spacing;
    for (size_t p = 0; p < n; p++) {
        double number = nearest(x[p], first, inverse, last), u = x[p] - fma(number, spacing, first);
        double e = neighbour(u, number, last, slope, half);
        gradient[p] = fma(precision, u, -copysign(slope, u) * (e / (1 + e)));
    }
}

static void narrow_curvature(double spacing, double first, double inverse, double last, double precision, double slope, size_t n,
                             const double *restrict x, double *restrict curvature) {
    double half = 0.5 * spacing;
    for (size_t p = 0; p < n; p++) {
        double number = nearest(x[p], first, inverse, last), u = x[p] - fma(number, spacing, first);
        double e = neighbour(u, number, last, slope, half), side = slope / (1 + e);
        curvature[p] = fma(-side * side, e, precision);
    }
}

/* Sums over l of a_l + b_l, of l (a_l - b_l) and of l^2 (a_l + b_l), for a chunk of points. */
typedef struct sums {
    double u[CHUNK], number[CHUNK];
    double right[CHUNK], left[CHUNK], right_step[CHUNK], left_step[CHUNK];
    double zeroth[CHUNK], first[CHUNK], second[CHUNK];
} sums;

static void begin_sums(double spacing, double lowest, double inverse, double last, double slope, size_t n, const double *restrict x,
                       double *restrict u, double *restrict number, double *restrict right, double *restrict left) {
    double half = 0.5 * spacing;
    for (size_t p = 0; p < n; p++) {
        number[p] = nearest(x[p], lowest, inverse, last);
        u[p] = x[p] - fma(number[p], spacing, lowest);
        right[p] = kr_exp(slope * (u[p] - half));
        left[p] = kr_exp(-slope * (u[p] + half));
    }
}

/* step is that of l = 1 where share is 1. */
static void add_side(double l, double sign, double share, size_t n, const double *restrict room, double *restrict term,
                     double *restrict step, double *restrict zeroth, double *restrict first, double *restrict second) {
    for (size_t p = 0; p < n; p++) {
        double e = room[p] >= l ? term[p] : 0;
        zeroth[p] += e;
        first[p] = fma(sign * l, e, first[p]);
        second[p] = fma(l * l, e, second[p]);
        step[p] *= share;
        term[p] *= step[p];
    }
}

static void room_behind(size_t n, double last, const double *restrict number, double *restrict room) {
    for (size_t p = 0; p < n; p++) room[p] = last - number[p];
}

static void sum_all(const mixture_grid *g, size_t n, const double *x, sums *s) {
    double room[CHUNK];
    begin_sums(g->spacing, g->first, g->inverse, g->last, g->slope, n, x, s->u, s->number, s->right, s->left);
    room_behind(n, g->last, s->number, room);
    copy(n, s->right, s->right_step);
    copy(n, s->left, s->left_step);
    fill(n, 1, s->zeroth);
    fill(n, 0, s->first);
    fill(n, 0, s->second);
    for (size_t l = 1; l <= g->terms; l++) {
        add_side((double)l, 1, g->share, n, room, s->right, s->right_step, s->zeroth, s->first, s->second);
        add_side((double)l, -1, g->share, n, s->number, s->left, s->left_step, s->zeroth, s->first, s->second);
    }
}

static void wide_energy(double precision, double constant, size_t n, const double *restrict u, const double *restrict zeroth,
                        double *restrict energy) {
    for (size_t p = 0; p < n; p++) energy[p] += fma(0.5 * precision * u[p], u[p], constant - kr_log(zeroth[p]));
}

static void wide_gradient(double precision, double slope, size_t n, const double *restrict u, const double *restrict zeroth,
                          const double *restrict first, double *restrict gradient) {
    for (size_t p = 0; p < n; p++) gradient[p] = fma(precision, u[p], -slope * (first[p] / zeroth[p]));
}

static void wide_curvature(double precision, double slope, size_t n, const double *restrict zeroth, const double *restrict first,
                           const double *restrict second, double *restrict curvature) {
    for (size_t p = 0; p < n; p++) {
        double mean = first[p] / zeroth[p], spread = fma(-mean, mean, second[p] / zeroth[p]);
        curvature[p] = fma(-slope * slope, spread, precision);
    }
}

static void energy(const kr_landscape *self, size_t n, const double *restrict x, double *restrict energy) {
    mixture_grid g = grid_of(self);
    sums s;
    fill(n, 0, energy);
    for (size_t i = 0; i < self->dim; i++) {
        const double *row = x + i * n;
        if (g.narrow) narrow_energy(g.spacing, g.first, g.inverse, g.last, g.precision, g.slope, g.constant, n, row, energy);
        for (size_t begin = 0; !g.narrow && begin < n; begin += CHUNK) {
            sum_all(&g, chunk_of(n, begin), row + begin, &s);
            wide_energy(g.precision, g.constant, chunk_of(n, begin), s.u, s.zeroth, energy + begin);
        }
    }
}

static void gradient(const kr_landscape *self, size_t n, const double *restrict x, double *restrict gradient) {
    mixture_grid g = grid_of(self);
    sums s;
    size_t all = self->dim * n;
    if (g.narrow) narrow_gradient(g.spacing, g.first, g.inverse, g.last, g.precision, g.slope, all, x, gradient);
    for (size_t begin = 0; !g.narrow && begin < all; begin += CHUNK) {
        sum_all(&g, chunk_of(all, begin), x + begin, &s);
        wide_gradient(g.precision, g.slope, chunk_of(all, begin), s.u, s.zeroth, s.first, gradient + begin);
    }
}

static void curvature(const kr_landscape *self, size_t n, const double *restrict x, double *restrict curvature) {
    mixture_grid g = grid_of(self);
    sums s;
    size_t all = self->dim * n;
    if (g.narrow) narrow_curvature(g.spacing, g.first, g.inverse, g.last, g.precision, g.slope, all, x, curvature);
    for (size_t begin = 0; !g.narrow && begin < all; begin += CHUNK) {
        sum_all(&g, chunk_of(all, begin), x + begin, &s);
        wide_curvature(g.precision, g.slope, chunk_of(all, begin), s.zeroth, s.first, s.second, curvature + begin);
    }
}

/* Near each mode and between neighbours; where modes are wide, fewer. */
static size_t candidates(const kr_landscape *self, size_t axis, size_t capacity, double *points) {
    (void)axis;
    const gaussian_mixture *v = self->values;
    kr_landscape one = *self;
    one.dim = 1;
    double reach = (0.5 * (double)v->per_axis + 0.01) * v->spacing;
    return kr_candidates_on_line(&one, -reach, reach, 33 * (size_t)v->per_axis, capacity, points);
}

/* ---- the landscape ---- */

static kr_status specialise(const kr_descriptor *general, const void *values, const char *const *keys,
                            const kr_descriptor **special, kr_error *error);

#define EQUATION "V = -log sum_k w_k N(x; mu_k, s^2 I)\n"
#define REFERENCE "R. Zhang, C. Li, J. Zhang, C. Chen, A. G. Wilson, ICLR (2020)"

KR_LANDSCAPE = {
    .about =
        {.name = KR_PLUGIN_NAME,
         .bound = "exponentials of every mode near a point, and a division",
         .equation = EQUATION "without a file mu_k on a grid, per_axis on each axis, D apart, of equal weights",
         .doc = "Minus the logarithm of a mixture of Gaussians, which temperature 1 samples: a grid of modes in any dimension, or "
                "centres and weights from a file",
         .reference = REFERENCE,
         .parameters = parameters,
         .values_size = sizeof(gaussian_mixture),
         .specialise = specialise},
    .separable = true,
    .tiles = true,
    .alike = true,
    .energy = energy,
    .gradient = gradient,
    .curvature = curvature,
    .candidates = candidates,
};

#define THIS KR_PASTE_KERNEL(landscape, KR_PLUGIN, KR_ISA)

/* With a file: no sum over coordinates, and no grid. */
static const kr_landscape_type of_file = {
    .about = {.name = KR_PLUGIN_NAME,
              .bound = "exponentials of every mode near a point, and a division",
              .equation = EQUATION "centres mu_k and weights w_k from the file",
              .doc = "Minus the logarithm of a mixture of Gaussians, which temperature 1 samples: centres and weights from a file",
              .reference = REFERENCE,
              .parameters = parameters_of_file,
              .values_size = sizeof(gaussian_mixture),
              .general = &THIS.about},
    .prepare = prepare,
    .release = release,
    .energy = energy_of_file,
    .gradient = gradient_of_file,
    .curvature = curvature_of_file,
    .hessian = hessian_of_file,
    .candidates = candidates_of_file,
    .unlisted = unlisted_of_file,
};

static kr_status specialise(const kr_descriptor *general, const void *values, const char *const *keys,
                            const kr_descriptor **special, kr_error *error) {
    (void)keys, (void)error;
    const char *file = ((const gaussian_mixture *)values)->file;
    *special = file && *file ? &of_file.about : general;
    return KR_OK;
}
