/* Rosenbrock's valley, V = scale sum_{i < d-1} [b (x_{i+1} - x_i^2)^2 + (1 - x_i)^2], in any number of coordinates: the global
 * minimum is (1, ..., 1); in four or more there is another one near (-1, 1, ..., 1).
 *
 * Coordinate i is coupled to its neighbours alone, so where the slope vanishes each equation gives the next coordinate from the two
 * before, and the last one is a single equation for x_0. That is how saddles are found while there are few coordinates. */
#include <kramers/landscape.h>
#include <kramers/parameter_rows.h>

#include <math.h>

typedef struct rosenbrock {
    double scale, steepness;
    int64_t dim;
} rosenbrock;

static const kr_parameter parameters[] = {
    {"scale", NULL, "factor in front of the energy", NULL, KR_NUMBER, KR_ABOVE_MINIMUM | KR_LOG_SCALE, offsetof(rosenbrock, scale),
     .initial = 1, .minimum = 0, .maximum = 1e9},
    {"steepness", "b", "of the walls of the valley", NULL, KR_NUMBER, KR_ABOVE_MINIMUM | KR_LOG_SCALE,
     offsetof(rosenbrock, steepness), .initial = 100, .minimum = 0, .maximum = 1e9},
    KR_ROW_DIM(rosenbrock, 2, 2),
    KR_END};

static void energy_of(double scale, double b, size_t n, const double *restrict x, const double *restrict next,
                      double *restrict energy) {
    for (size_t p = 0; p < n; p++) {
        double off = fma(-x[p], x[p], next[p]), rest = 1 - x[p];
        energy[p] = fma(scale, fma(b * off, off, rest * rest), energy[p]);
    }
}

static void energy(const kr_landscape *self, size_t n, const double *restrict x, double *restrict energy) {
    const rosenbrock *v = self->values;
    for (size_t p = 0; p < n; p++) energy[p] = 0;
    for (size_t i = 0; i + 1 < self->dim; i++) energy_of(v->scale, v->steepness, n, x + i * n, x + (i + 1) * n, energy);
}

/* What the term of x_i and x_{i+1} adds along x_i, and along x_{i+1}. */
static void gradient_along(double scale, double b, size_t n, const double *restrict x, const double *restrict next,
                           double *restrict gradient) {
    double b4 = 4 * scale * b, two = 2 * scale;
    for (size_t p = 0; p < n; p++) gradient[p] = fma(-b4 * x[p], fma(-x[p], x[p], next[p]), two * (x[p] - 1));
}

static void gradient_behind(double scale, double b, size_t n, const double *restrict before, const double *restrict x,
                            double *restrict gradient) {
    double b2 = 2 * scale * b;
    for (size_t p = 0; p < n; p++) gradient[p] = fma(b2, fma(-before[p], before[p], x[p]), gradient[p]);
}

static void gradient(const kr_landscape *self, size_t n, const double *restrict x, double *restrict gradient) {
    const rosenbrock *v = self->values;
    size_t last = self->dim - 1;
    for (size_t i = 0; i < last; i++) gradient_along(v->scale, v->steepness, n, x + i * n, x + (i + 1) * n, gradient + i * n);
    for (size_t p = 0; p < n; p++) gradient[last * n + p] = 0;
    for (size_t i = 1; i <= last; i++) gradient_behind(v->scale, v->steepness, n, x + (i - 1) * n, x + i * n, gradient + i * n);
}

/* extra: 2 b of the term before, or 0. */
static void curvature_along(double scale, double b, double extra, size_t n, const double *restrict x, const double *restrict next,
                            double *restrict curvature) {
    for (size_t p = 0; p < n; p++) curvature[p] = scale * fma(4 * b, fma(3 * x[p], x[p], -next[p]), 2 + extra);
}

/* NaN stays. */
static void curvature_last(double scale, double b, size_t n, const double *restrict x, double *restrict curvature) {
    for (size_t p = 0; p < n; p++) curvature[p] = fma(0, x[p], 2 * scale * b);
}

/* stride: from one row to the next in curvature. */
static void diagonal(const kr_landscape *self, size_t n, const double *restrict x, size_t stride, double *restrict curvature) {
    const rosenbrock *v = self->values;
    size_t last = self->dim - 1;
    for (size_t i = 0; i < last; i++)
        curvature_along(v->scale, v->steepness, i ? 2 * v->steepness : 0, n, x + i * n, x + (i + 1) * n, curvature + i * stride);
    curvature_last(v->scale, v->steepness, n, x + last * n, curvature + last * stride);
}

static void curvature(const kr_landscape *self, size_t n, const double *restrict x, double *restrict curvature) {
    diagonal(self, n, x, n, curvature);
}

static void mixed_of(double scale, double b, size_t n, const double *restrict x, double *restrict above, double *restrict below) {
    double b4 = 4 * scale * b;
    for (size_t p = 0; p < n; p++) {
        double mixed = -b4 * x[p];
        above[p] = mixed;
        below[p] = mixed;
    }
}

static void hessian(const kr_landscape *self, size_t n, const double *restrict x, double *restrict hessian) {
    const rosenbrock *v = self->values;
    size_t dim = self->dim;
    for (size_t k = 0; k < dim * dim * n; k++) hessian[k] = 0;
    diagonal(self, n, x, (dim + 1) * n, hessian);
    for (size_t i = 0; i + 1 < dim; i++)
        mixed_of(v->scale, v->steepness, n, x + i * n, hessian + (i * dim + i + 1) * n, hessian + ((i + 1) * dim + i) * n);
}

/* ---- critical points ---- */

enum { FEW = 12, CELLS = 20000 };
static const double farthest = 1.3;

/* All coordinates from x[0]; the slope along the last one. */
static double shoot(const kr_landscape *self, double *x) {
    const rosenbrock *v = self->values;
    double b = v->steepness, decay = self->weight_decay / v->scale;
    size_t last = self->dim - 1;
    for (size_t i = 0; i < last; i++) {
        double slope = 2 * (x[i] - 1) + decay * x[i] + (i ? 2 * b * (x[i] - x[i - 1] * x[i - 1]) : 0);
        x[i + 1] = x[i] * x[i] + slope / (4 * b * x[i]);
    }
    return 2 * b * (x[last] - x[last - 1] * x[last - 1]) + decay * x[last];
}

static void write_point(size_t dim, const double *x, size_t *count, size_t capacity, double *points) {
    for (size_t i = 0; *count < capacity && i < dim; i++) points[*count * dim + i] = x[i];
    ++*count;
}

static size_t candidates(const kr_landscape *self, size_t axis, size_t capacity, double *points) {
    (void)axis;
    size_t dim = self->dim, count = 0;
    for (int second = 0; second < (dim > 3 ? 2 : 1); second++, count++)
        for (size_t i = 0; count < capacity && i < dim; i++) points[count * dim + i] = second && i == 0 ? -1 : 1;
    double x[FEW], before = NAN;
    for (size_t k = 0; dim <= FEW && k <= CELLS; k++) {
        x[0] = farthest * (2 * (double)k + 0.385 - CELLS) / CELLS;
        double here = shoot(self, x);
        if (before * here < 0) write_point(dim, x, &count, capacity, points); /* false for NaN */
        before = here;
    }
    return count;
}

static const char *unlisted(const kr_landscape *self) {
    return self->dim > FEW ? "in more than twelve coordinates its saddles are not looked for" : NULL;
}

KR_LANDSCAPE = {
    .about = {.name = KR_PLUGIN_NAME,
              .equation = "V = scale sum_{i<d-1} [b (x_{i+1} - x_i^2)^2 + (1 - x_i)^2]",
              .doc = "A bent narrow valley in any dimension, V = scale sum_i [b (x_{i+1} - x_i^2)^2 + (1 - x_i)^2]; minimum at "
                     "(1, ..., 1), from four coordinates on another one near (-1, 1, ..., 1)",
              .reference = "H. H. Rosenbrock, Comput. J. 3, 175 (1960); S. Kok and C. Sandrock, Evol. Comput. 17, 437 (2009)",
              .parameters = parameters,
              .values_size = sizeof(rosenbrock)},
    .energy = energy,
    .gradient = gradient,
    .curvature = curvature,
    .hessian = hessian,
    .candidates = candidates,
    .unlisted = unlisted,
};
