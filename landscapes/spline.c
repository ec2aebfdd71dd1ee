/* A loss drawn by hand: the natural cubic spline S through control points (x_i, energy_i), twice continuously differentiable.
 *
 * With c the point of [x_first, x_last] nearest to x and u = x - c:  V = S(c) + u S'(c) + wall u^2 / 2.  Inside, V = S. Outside, S
 * goes on linearly, which is its natural extension (its second derivative vanishes at both ends), and the wall's slope, which
 * starts at 0, keeps particles from leaving: V is C1 everywhere, and only wall's own curvature jumps at the ends.
 *
 * A piece is found by comparing with all knots, eight at a time: for a vector of points that is one comparison and a few masked
 * moves a knot, no gather. Measured with AVX-512, a gradient takes 0.54 ns a point with up to 9 control points, where looking the
 * piece up in a table takes 2 ns; with 64 it takes 5.6 ns. */
#include "geometry/spline_line.h"
#include "geometry/spline_locate.h"

#include <kramers/landscape.h>

#include <math.h>
#include <stdlib.h>

typedef struct spline {
    kr_list x, energy;
    double scale, wall;
} spline;

static const kr_parameter parameters[] = {
    {"x", NULL, "positions of the 4 to 64 control points, ascending; landscape 'table' takes more, also from files", NULL, KR_LIST,
     0, offsetof(spline, x), .minimum = -1e6, .maximum = 1e6, .initial_text = "[-2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2]"},
    {"energy", "V", "energies of the control points", NULL, KR_LIST, 0, offsetof(spline, energy), .minimum = -1e9, .maximum = 1e9,
     .initial_text = "[3.5, 0.95, 0, 0.45, 1, 0.8, 0.3, 0.9, 3]"},
    {"scale", NULL, "factor in front of the energy, wall included", NULL, KR_NUMBER, KR_ABOVE_MINIMUM | KR_LOG_SCALE,
     offsetof(spline, scale), .initial = 1, .minimum = 0, .maximum = 1e9},
    {"wall", NULL, "curvature added beyond the first and last point, where value and slope go on; 0: none", NULL, KR_NUMBER, 0,
     offsetof(spline, wall), .initial = 1, .minimum = 0, .maximum = 1e9},
    KR_END};

static double wall_of(const kr_landscape *self) {
    const spline *v = self->values;
    return v->scale * v->wall;
}

enum { LEAST_POINTS = 4, MOST_POINTS = 64, GROUP = 8, GROUPS = MOST_POINTS / GROUP };

/* Piece i begins at knot[i] and is b0 + b1 t + b2 t^2 + b3 t^3 in t = x - knot[i]. Groups are filled up with knots at infinity,
 * which are never reached. */
typedef struct pieces {
    size_t points, groups;
    double low, high;
    double knot[MOST_POINTS], b0[MOST_POINTS], b1[MOST_POINTS], b2[MOST_POINTS], b3[MOST_POINTS];
} pieces;

/* Points that are worked on together where there is more than one group. */
enum { CHUNK = 256 };

typedef struct found {
    double knot[CHUNK], b0[CHUNK], b1[CHUNK], b2[CHUNK], b3[CHUNK];
} found;

/* NaN stays. */
static inline double clamp(double x, double low, double high) {
    double c = x < low ? low : x;
    return c > high ? high : c;
}

/* If c has reached knot k of the group, that and the coefficients of its piece. A macro and no loop, since GCC vectorises over the
 * points only when these are variables of the loop's own and nothing in it loops. */
#define PICK(k)                                                                                                                    \
    {                                                                                                                              \
        const double at_k = knots[k], k0 = c0[k], k1 = c1[k], k2 = c2[k], k3 = c3[k];                                              \
        const int reached = c >= at_k;                                                                                             \
        knot = reached ? at_k : knot;                                                                                              \
        b0 = reached ? k0 : b0;                                                                                                    \
        b1 = reached ? k1 : b1;                                                                                                    \
        b2 = reached ? k2 : b2;                                                                                                    \
        b3 = reached ? k3 : b3;                                                                                                    \
    }
#define PICK_LATER PICK(1) PICK(2) PICK(3) PICK(4) PICK(5) PICK(6) PICK(7)

/* What energy, gradient and curvature are, from the piece and the place in it; u is how far x is beyond the ends. */
#define ENERGY fma(u, fma(0.5 * wall, u, kr_cubic_slope(b1, b2, b3, t)), kr_cubic(b0, b1, b2, b3, t))
#define GRADIENT fma(wall, u, kr_cubic_slope(b1, b2, b3, t))
#define CURVATURE (kr_cubic_bend(b2, b3, t) + (u != 0 ? wall : 0))

/* With one group everything stays in registers. */
#define FROM_ONE_GROUP(name, RESULT)                                                                                               \
    static void name(double low, double high, double wall, const double *restrict knots, const double *restrict c0,                \
                     const double *restrict c1, const double *restrict c2, const double *restrict c3, size_t n,                    \
                     const double *restrict x, double *restrict out) {                                                             \
        for (size_t p = 0; p < n; p++) {                                                                                           \
            double c = clamp(x[p], low, high), knot = knots[0], b0 = c0[0], b1 = c1[0], b2 = c2[0], b3 = c3[0];                    \
            PICK_LATER                                                                                                             \
            double t = c - knot, u = x[p] - c;                                                                                     \
            (void)b0, (void)b1;                                                                                                    \
            out[p] = RESULT;                                                                                                       \
        }                                                                                                                          \
    }
FROM_ONE_GROUP(energy_of_group, ENERGY)
FROM_ONE_GROUP(gradient_of_group, GRADIENT)
FROM_ONE_GROUP(curvature_of_group, CURVATURE)

#define FROM_FOUND(name, RESULT)                                                                                                   \
    static void name(double low, double high, double wall, size_t n, const double *restrict x, const double *restrict at,          \
                     const double *restrict a0, const double *restrict a1, const double *restrict a2, const double *restrict a3,   \
                     double *restrict out) {                                                                                       \
        for (size_t p = 0; p < n; p++) {                                                                                           \
            double c = clamp(x[p], low, high), t = c - at[p], u = x[p] - c;                                                        \
            double b0 = a0[p], b1 = a1[p], b2 = a2[p], b3 = a3[p];                                                                 \
            (void)b0, (void)b1;                                                                                                    \
            out[p] = RESULT;                                                                                                       \
        }                                                                                                                          \
    }
FROM_FOUND(energy_of_found, ENERGY)
FROM_FOUND(gradient_of_found, GRADIENT)
FROM_FOUND(curvature_of_found, CURVATURE)

static void begin_search(double knot, double c0, double c1, double c2, double c3, size_t n, double *restrict at,
                         double *restrict a0, double *restrict a1, double *restrict a2, double *restrict a3) {
    for (size_t p = 0; p < n; p++) {
        at[p] = knot;
        a0[p] = c0;
        a1[p] = c1;
        a2[p] = c2;
        a3[p] = c3;
    }
}

static void search_group(double low, double high, const double *restrict knots, const double *restrict c0,
                         const double *restrict c1, const double *restrict c2, const double *restrict c3, size_t n,
                         const double *restrict x, double *restrict at, double *restrict a0, double *restrict a1,
                         double *restrict a2, double *restrict a3) {
    for (size_t p = 0; p < n; p++) {
        double c = clamp(x[p], low, high), knot = at[p], b0 = a0[p], b1 = a1[p], b2 = a2[p], b3 = a3[p];
        PICK(0) PICK_LATER;
        at[p] = knot;
        a0[p] = b0;
        a1[p] = b1;
        a2[p] = b2;
        a3[p] = b3;
    }
}

static void search(const pieces *s, size_t n, const double *restrict x, found *restrict f) {
    begin_search(s->knot[0], s->b0[0], s->b1[0], s->b2[0], s->b3[0], n, f->knot, f->b0, f->b1, f->b2, f->b3);
    for (size_t g = 0; g < s->groups; g++) {
        size_t k = g * GROUP;
        search_group(s->low, s->high, s->knot + k, s->b0 + k, s->b1 + k, s->b2 + k, s->b3 + k, n, x, f->knot, f->b0, f->b1, f->b2,
                     f->b3);
    }
}

typedef void of_group(double low, double high, double wall, const double *restrict knots, const double *restrict c0,
                      const double *restrict c1, const double *restrict c2, const double *restrict c3, size_t n,
                      const double *restrict x, double *restrict out);
typedef void of_found(double low, double high, double wall, size_t n, const double *restrict x, const double *restrict at,
                      const double *restrict a0, const double *restrict a1, const double *restrict a2, const double *restrict a3,
                      double *restrict out);

static void evaluate(const kr_landscape *self, of_group *one_group, of_found *many, size_t n, const double *restrict x,
                     double *restrict out) {
    const pieces *s = self->state;
    const double wall = wall_of(self);
    if (s->groups == 1) {
        one_group(s->low, s->high, wall, s->knot, s->b0, s->b1, s->b2, s->b3, n, x, out);
        return;
    }
    found f;
    for (size_t p = 0; p < n; p += CHUNK) {
        size_t count = n - p < CHUNK ? n - p : CHUNK;
        search(s, count, x + p, &f);
        many(s->low, s->high, wall, count, x + p, f.knot, f.b0, f.b1, f.b2, f.b3, out + p);
    }
}

static void energy(const kr_landscape *self, size_t n, const double *restrict x, double *restrict out) {
    evaluate(self, energy_of_group, energy_of_found, n, x, out);
}

static void gradient(const kr_landscape *self, size_t n, const double *restrict x, double *restrict out) {
    evaluate(self, gradient_of_group, gradient_of_found, n, x, out);
}

static void curvature(const kr_landscape *self, size_t n, const double *restrict x, double *restrict out) {
    evaluate(self, curvature_of_group, curvature_of_found, n, x, out);
}

static kr_status check(const spline *v, kr_error *error) {
    size_t n = v->x.count;
    if (n != v->energy.count)
        return kr_fail(error, KR_BAD_ARGUMENT, "landscape 'spline': x lists %zu points and energy %zu; give one energy for each x",
                       n, v->energy.count);
    if (n < LEAST_POINTS || n > MOST_POINTS)
        return kr_fail(error, KR_BAD_ARGUMENT, "landscape 'spline' takes %d to %d control points, not %zu%s", LEAST_POINTS,
                       MOST_POINTS, n, n > MOST_POINTS ? "; landscape 'table' takes more" : "");
    for (size_t i = 1; i < n; i++)
        if (!(v->x.value[i] > v->x.value[i - 1]))
            return kr_fail(error, KR_BAD_ARGUMENT, "landscape 'spline': x must ascend, but x[%zu] = %.15g comes after %.15g", i,
                           v->x.value[i], v->x.value[i - 1]);
    return KR_OK;
}

static bool fill(pieces *s, const spline *v) {
    double slopes[MOST_POINTS], line[MOST_POINTS], f[MOST_POINTS], c[4];
    size_t n = s->points = v->x.count;
    const double *x = v->x.value;
    for (size_t i = 0; i < n; i++) f[i] = v->scale * v->energy.value[i];
    s->low = x[0];
    s->high = x[n - 1];
    s->groups = (n - 1 + GROUP - 1) / GROUP;
    if (!kr_spline_slopes(KR_SPLINE_CUBIC, n, x, f, slopes, 1, line)) return false;
    for (size_t i = 0; i < MOST_POINTS; i++) s->knot[i] = INFINITY;
    for (size_t i = 0; i + 1 < n; i++) {
        kr_spline_piece(x[i + 1] - x[i], f[i], f[i + 1], slopes[i], slopes[i + 1], c);
        s->knot[i] = x[i];
        s->b0[i] = c[0];
        s->b1[i] = c[1];
        s->b2[i] = c[2];
        s->b3[i] = c[3];
    }
    return true;
}

static kr_status prepare(kr_landscape *self, kr_error *error) {
    const spline *v = self->values;
    kr_status status = check(v, error);
    if (status != KR_OK) return status;
    pieces *s = self->state = calloc(1, sizeof *s);
    if (!s || !fill(s, v)) return kr_fail(error, KR_NO_MEMORY, "there is not enough memory for a spline");
    for (size_t i = 0; i + 1 < s->points; i++)
        if (!isfinite(s->b0[i]) || !isfinite(s->b1[i]) || !isfinite(s->b2[i]) || !isfinite(s->b3[i]))
            return kr_fail(error, KR_BAD_ARGUMENT,
                           "landscape 'spline': x[%zu] = %.15g and x[%zu] = %.15g are too close to each other for a slope", i,
                           v->x.value[i], i + 1, v->x.value[i + 1]);
    return KR_OK;
}

static void release(kr_landscape *self) {
    free(self->state);
}

/* Where V' + lambda x vanishes: a quadratic equation in each piece, a linear one beyond each end. The caller drops duplicates. */
static size_t candidates(const kr_landscape *self, size_t axis, size_t capacity, double *points) {
    (void)axis;
    const pieces *s = self->state;
    const double wall = wall_of(self), decay = self->weight_decay;
    size_t count = 0;
    for (size_t i = 0; i + 1 < s->points; i++) {
        double width = (i + 2 < s->points ? s->knot[i + 1] : s->high) - s->knot[i], c[4] = {s->b0[i], s->b1[i], s->b2[i], s->b3[i]};
        count = kr_spline_piece_zeros(c, s->knot[i], width, decay, count, capacity, points);
    }
    for (int side = -1; side <= 1; side += 2) {
        double edge = side > 0 ? s->high : s->low, slope_there;
        gradient(self, 1, &edge, &slope_there);
        count = kr_spline_end_zeros(edge, slope_there, side, wall, decay, count, capacity, points);
    }
    return count;
}

static size_t knots(const kr_landscape *self, size_t axis, size_t capacity, double *points) {
    (void)axis;
    const kr_list *x = &((const spline *)self->values)->x;
    for (size_t i = 0; i < x->count && i < capacity; i++) points[i] = x->value[i];
    return x->count;
}

KR_LANDSCAPE = {
    .about = {.name = KR_PLUGIN_NAME,
              .equation = "V = scale [S(c) + u S'(c) + wall u^2 / 2], c the nearest point of the spline's range to x, u = x - c",
              .doc = "A loss drawn by hand: the smooth curve (natural cubic spline) through 4 to 64 control points",
              .reference = "C. de Boor, A Practical Guide to Splines, Springer (1978)",
              .parameters = parameters,
              .values_size = sizeof(spline)},
    .dim = 1,
    .separable = true,
    .prepare = prepare,
    .release = release,
    .energy = energy,
    .gradient = gradient,
    .curvature = curvature,
    .candidates = candidates,
    .knots = knots,
};
