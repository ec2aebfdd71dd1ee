#include "walls.h"

#include <kramers/vector_math.h>

#include <math.h>
#include <string.h>

enum { ITERATIONS = 100 };
static const double step_tolerance = 1e-9, degenerate = 1e-11;

bool kr_has_walls(const kr_landscape *landscape) {
    return landscape->type->walls && landscape->dim > 1;
}

bool kr_walls_bend(const kr_landscape *landscape) {
    static const double somewhere[] = {-2.385, -0.41, 0.385, 1.27};
    kr_walls w;
    for (size_t i = 0; i < sizeof somewhere / sizeof *somewhere; i++) {
        landscape->type->walls(landscape, somewhere[i], &w);
        if (w.place[0] != 0 || w.place[1] != 0) return true;
    }
    return false;
}

/* k (y - c)^2 + lambda y^2 = (k + lambda) (y - q c)^2 + lambda q c^2 with q = k / (k + lambda). */
void kr_walls_at(const kr_landscape *landscape, double x0, kr_walls *w) {
    double decay = landscape->weight_decay, others = (double)(landscape->dim - 1);
    landscape->type->walls(landscape, x0, w);
    if (decay == 0) return;
    const double *l = w->log_stiffness, *c = w->place;
    double k = kr_exp(l[0]), rest = decay / (k + decay), q = 1 - rest;
    double q1 = l[1] * q * rest, q2 = q * rest * (l[2] + l[1] * l[1] * (rest - q));
    double side[3] = {q * c[0] * c[0], q1 * c[0] * c[0] + 2 * q * c[0] * c[1],
                      q2 * c[0] * c[0] + 4 * q1 * c[0] * c[1] + 2 * q * (c[1] * c[1] + c[0] * c[2])};
    const double pull[3] = {0.5 * x0 * x0, x0, 1};
    for (int i = 0; i < 3; i++) w->floor[i] += decay * (pull[i] + 0.5 * others * side[i]);
    const double place[3] = {q * c[0], q1 * c[0] + q * c[1], q2 * c[0] + 2 * q1 * c[1] + q * c[2]};
    memcpy(w->place, place, sizeof place);
    const double stiffness[3] = {kr_log(k + decay), q * l[1], q * l[2] + q1 * l[1]};
    memcpy(w->log_stiffness, stiffness, sizeof stiffness);
}

/* Eigenvalues of [[a, b], [b, c]], ascending; the smaller one without cancellation where the matrix is positive. */
static kr_interval two_by_two(double a, double b, double c, double determinant) {
    if (b == 0) return (kr_interval){fmin(a, c), fmax(a, c)};
    double mean = 0.5 * (a + c), root = sqrt(0.25 * (a - c) * (a - c) + b * b);
    if (mean < 0) return (kr_interval){mean - root, determinant / (mean - root)};
    double high = mean + root;
    return (kr_interval){high > 0 ? determinant / high : 0, high};
}

/* S and Q. */
static void sums(const kr_landscape *landscape, const double *x, double place, double *sum, double *square) {
    *sum = *square = 0;
    for (size_t i = 1; i < landscape->dim; i++) {
        *sum += x[i] - place;
        *square += (x[i] - place) * (x[i] - place);
    }
}

/* The Hessian is k on d - 2 directions, and on x0 and the vector of its mixed entries k' u_i - k c' a matrix of two by two. */
kr_interval kr_walls_curvature_range(const kr_landscape *landscape, const double *x) {
    kr_walls w;
    double sum, square, others = (double)(landscape->dim - 1);
    kr_walls_at(landscape, x[0], &w);
    sums(landscape, x, w.place[0], &sum, &square);
    const double *l = w.log_stiffness, *c = w.place;
    double k = kr_exp(l[0]), k1 = k * l[1], k2 = k * (l[2] + l[1] * l[1]);
    double along = w.floor[2] + 0.5 * k2 * square - (2 * k1 * c[1] + k * c[2]) * sum + others * k * c[1] * c[1];
    double mixed = k1 * k1 * square - 2 * k1 * k * c[1] * sum + others * k * k * c[1] * c[1];
    kr_interval two = two_by_two(along, sqrt(fmax(mixed, 0)), k, along * k - fmax(mixed, 0));
    if (landscape->dim == 2) return two;
    return (kr_interval){fmin(two.low, k), fmax(two.high, k)};
}

/* At a critical point u = 0: f'' + (d - 1) k c'^2 along, -k c' to each of the others. */
static kr_interval critical_pair(const kr_landscape *landscape, const kr_walls *w, double *along, double *mixed) {
    double k = kr_exp(w->log_stiffness[0]), others = (double)(landscape->dim - 1);
    *along = w->floor[2] + others * k * w->place[1] * w->place[1];
    *mixed = -sqrt(others) * k * w->place[1];
    kr_interval pair = two_by_two(*along, *mixed, k, w->floor[2] * k);
    return (kr_interval){fmin(pair.low, k), fmax(pair.high, k)}; /* k is a diagonal entry: but for rounding it lies between */
}

void kr_walls_lowest_direction(const kr_landscape *landscape, const double *x, double *direction) {
    kr_walls w;
    double along, mixed;
    kr_walls_at(landscape, x[0], &w);
    kr_interval pair = critical_pair(landscape, &w, &along, &mixed);
    double k = kr_exp(w.log_stiffness[0]), others = (double)(landscape->dim - 1);
    /* (a - l) v0 + b v1 = 0 and b v0 + (k - l) v1 = 0; the second is that of a saddle, where k > l. */
    double first = k - pair.low, second = -mixed, length = sqrt(first * first + second * second);
    direction[0] = length > 0 ? first / length : 1;
    for (size_t i = 1; i < landscape->dim; i++) direction[i] = length > 0 ? second / length / sqrt(others) : 0;
}

static bool classify(const kr_landscape *landscape, double x0, kr_critical_point *point) {
    size_t dim = landscape->dim;
    kr_walls w;
    double along, mixed;
    kr_walls_at(landscape, x0, &w);
    kr_interval pair = critical_pair(landscape, &w, &along, &mixed);
    double k = kr_exp(w.log_stiffness[0]), smallest = degenerate * fmax(fabs(pair.low), fabs(pair.high));
    if (!(fabs(pair.low) > smallest && fabs(pair.high) > smallest && k > smallest) || !isfinite(pair.high)) return false;
    point->position[0] = x0;
    for (size_t i = 1; i < dim; i++) point->position[i] = w.place[0];
    for (size_t i = 0; i < dim; i++) point->eigenvalues[i] = i == 0 ? pair.low : i + 1 == dim ? pair.high : k;
    point->index = pair.low < 0;
    kr_landscape_energy(landscape, 1, point->position, &point->energy);
    return true;
}

bool kr_walls_refine(const kr_landscape *landscape, double x0, kr_critical_point *point) {
    kr_walls w;
    kr_walls_at(landscape, x0, &w);
    for (int k = 0; k < ITERATIONS; k++) {
        double before = fabs(w.floor[1]), step = -w.floor[1] / w.floor[2], t = 1;
        if (!isfinite(step)) return false;
        bool last = fabs(step) <= step_tolerance * fmax(1, fabs(x0));
        for (int halving = 0;; halving++, t *= 0.5) {
            kr_walls_at(landscape, x0 + t * step, &w);
            if (last || fabs(w.floor[1]) < before) break;
            if (halving == 40) return false;
        }
        x0 += t * step;
        if (last) return classify(landscape, x0, point);
    }
    return false;
}

kr_landscape kr_walls_plane(const kr_landscape *landscape) {
    kr_landscape plane = *landscape;
    plane.dim = 2;
    return plane;
}

void kr_walls_flatten(const kr_landscape *landscape, size_t n, size_t stride, const double *x, double *points) {
    double *radius = points + n;
    memcpy(points, x, n * sizeof *points);
    memset(radius, 0, n * sizeof *radius);
    for (size_t i = 1; i < landscape->dim; i++)
        for (size_t p = 0; p < n; p++) radius[p] += x[i * stride + p] * x[i * stride + p];
    for (size_t p = 0; p < n; p++) radius[p] = sqrt(radius[p]);
}
