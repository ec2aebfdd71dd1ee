/* The loss of one residual block with two weights, x = (w1, w2), that is to learn sin 2u:
 *
 *     V = mean over u of 1/2 (u + w2 f(w1 u) - sin 2u)^2,
 *
 * u in `points` equal steps from -1 to 1, both ends included. Without skip the block has to make the u itself. The function that is
 * learnt depends on w1 and w2 much as on their product, which may grow along a bent valley.
 *
 * f = tanh and f = linear are odd, and then so is the residual: the sum over u > 0 is enough. Half as many exponentials and
 * divisions as points, for two coordinates, bound the loops of tanh.
 *
 * f = linear sees w1 w2 alone, and f = relu for either sign of w1 too: the minima are hyperbolas then, and weight decay chooses
 * points on them. With relu the slope jumps at w1 = 0. */
#include <kramers/candidates.h>

#include "formula/elementary.h"

#include <math.h>
#include <stdlib.h>

enum { TANH, RELU, LINEAR, MOST_POINTS = 1024 };

typedef struct residual_block {
    int activation;
    int64_t points;
    bool skip;
} residual_block;

static const char *const activations[] = {"tanh", "relu", "linear", NULL};

static const kr_parameter parameters[] = {{"activation", "f", "of the one hidden unit", NULL, KR_CHOICE, 0,
                                           offsetof(residual_block, activation), .initial = TANH, .choices = activations},
                                          {"points", NULL, "samples u, in equal steps from -1 to 1", NULL, KR_INTEGER,
                                           KR_LOG_SCALE | KR_FIXED, offsetof(residual_block, points), .initial = 32, .minimum = 2,
                                           .maximum = MOST_POINTS},
                                          {"skip", NULL, "the block adds to its input; otherwise it replaces it", NULL, KR_SWITCH,
                                           KR_FIXED, offsetof(residual_block, skip), .initial = 1},
                                          KR_END};

/* A sample: its u, what is to be added to w2 f(w1 u), and how much it weighs. */
typedef struct sample {
    double u, offset, weight;
} sample;

typedef struct samples {
    size_t count;
    sample of[];
} samples;

static kr_status prepare(kr_landscape *self, kr_error *error) {
    const residual_block *v = self->values;
    samples *s = self->state = malloc(sizeof *s + (size_t)v->points * sizeof *s->of);
    if (!s) return kr_fail(error, KR_NO_MEMORY, "there is not enough memory for a residual block");
    bool odd = v->activation != RELU;
    s->count = 0;
    for (int64_t j = 0; j < v->points; j++) {
        double u = (double)(2 * j - (v->points - 1)) / (double)(v->points - 1), sine, cosine;
        kr_sincos(2 * u, &sine, &cosine);
        if (odd && u <= 0) continue; /* of u = 0 the residual is 0 */
        s->of[s->count++] = (sample){u, (v->skip ? u : 0) - sine, (odd ? 2.0 : 1.0) / (double)v->points};
    }
    return KR_OK;
}

static void release(kr_landscape *self) {
    free(self->state);
}

/* Points at a time, whose sums stay in the first-level cache. */
enum { CHUNK = 128 };

/* f and its derivative for one sample of a chunk of points; z = w1 u. */
static void activate_tanh(size_t n, double u, const double *restrict w1, double *restrict f, double *restrict slope) {
    for (size_t p = 0; p < n; p++) {
        double t = 1 - 2 / (kr_exp(2 * u * w1[p]) + 1);
        f[p] = t;
        slope[p] = fma(-t, t, 1);
    }
}

static void activate_relu(size_t n, double u, const double *restrict w1, double *restrict f, double *restrict slope) {
    for (size_t p = 0; p < n; p++) {
        double z = u * w1[p];
        f[p] = z <= 0 ? 0 : z; /* NaN stays */
        slope[p] = z > 0 ? 1 : 0;
    }
}

static void activate_linear(size_t n, double u, const double *restrict w1, double *restrict f, double *restrict slope) {
    for (size_t p = 0; p < n; p++) {
        f[p] = u * w1[p];
        slope[p] = 1;
    }
}

typedef void activation(size_t n, double u, const double *restrict w1, double *restrict f, double *restrict slope);
static activation *const activate[] = {activate_tanh, activate_relu, activate_linear};

/* Sums over the samples. */
typedef void addition(const sample *s, size_t n, const double *restrict w2, const double *restrict f, const double *restrict slope,
                      double *restrict a, double *restrict b, double *restrict c);

static void add_energy(const sample *s, size_t n, const double *restrict w2, const double *restrict f, const double *restrict slope,
                       double *restrict a, double *restrict b, double *restrict c) {
    (void)slope, (void)b, (void)c;
    double half = 0.5 * s->weight, offset = s->offset;
    for (size_t p = 0; p < n; p++) {
        double r = fma(w2[p], f[p], offset);
        a[p] = fma(half * r, r, a[p]);
    }
}

/* a: along w1 but for its factor w2; b: along w2. */
static void add_gradient(const sample *s, size_t n, const double *restrict w2, const double *restrict f,
                         const double *restrict slope, double *restrict a, double *restrict b, double *restrict c) {
    (void)c;
    double weight = s->weight, offset = s->offset, u = s->u;
    for (size_t p = 0; p < n; p++) {
        double r = weight * fma(w2[p], f[p], offset);
        a[p] = fma(r * u, slope[p], a[p]);
        b[p] = fma(r, f[p], b[p]);
    }
}

/* With f'' = curl: of tanh -2 f f', of the others 0. */
static inline void add_bends(double curl_factor, const sample *s, size_t n, const double *restrict w2, const double *restrict f,
                             const double *restrict slope, double *restrict a, double *restrict b, double *restrict c) {
    double weight = s->weight, offset = s->offset, u = s->u;
    for (size_t p = 0; p < n; p++) {
        double r = fma(w2[p], f[p], offset), along = u * slope[p], curl = curl_factor * u * u * f[p] * slope[p];
        a[p] = fma(weight * w2[p], fma(w2[p] * along, along, r * curl), a[p]);
        b[p] = fma(weight * f[p], f[p], b[p]);
        c[p] = fma(weight * along, fma(w2[p], f[p], r), c[p]);
    }
}

static void add_bends_of_tanh(const sample *s, size_t n, const double *restrict w2, const double *restrict f,
                              const double *restrict slope, double *restrict a, double *restrict b, double *restrict c) {
    add_bends(-2, s, n, w2, f, slope, a, b, c);
}

static void add_bends_of_lines(const sample *s, size_t n, const double *restrict w2, const double *restrict f,
                               const double *restrict slope, double *restrict a, double *restrict b, double *restrict c) {
    add_bends(0, s, n, w2, f, slope, a, b, c);
}

static void clear(size_t n, double *restrict row) {
    for (size_t p = 0; p < n; p++) row[p] = 0;
}

/* The rows a, b and c hold the sums; b and c may be work space. */
static void add_up(const kr_landscape *self, addition *add, size_t n, const double *w1, const double *w2, double *a, double *b,
                   double *c) {
    const samples *s = self->state;
    activation *run = activate[((const residual_block *)self->values)->activation];
    double f[CHUNK], slope[CHUNK];
    clear(n, a);
    clear(n, b);
    clear(n, c);
    for (size_t k = 0; k < s->count; k++) {
        run(n, s->of[k].u, w1, f, slope);
        add(&s->of[k], n, w2, f, slope, a, b, c);
    }
}

static size_t chunk_of(size_t n, size_t begin) {
    return n - begin < CHUNK ? n - begin : CHUNK;
}

static void energy(const kr_landscape *self, size_t n, const double *restrict x, double *restrict energy) {
    double b[CHUNK], c[CHUNK];
    for (size_t p = 0; p < n; p += CHUNK) add_up(self, add_energy, chunk_of(n, p), x + p, x + n + p, energy + p, b, c);
}

static void multiply(size_t n, const double *restrict factor, double *restrict row) {
    for (size_t p = 0; p < n; p++) row[p] *= factor[p];
}

static void gradient(const kr_landscape *self, size_t n, const double *restrict x, double *restrict gradient) {
    double c[CHUNK];
    for (size_t p = 0; p < n; p += CHUNK) {
        size_t count = chunk_of(n, p);
        add_up(self, add_gradient, count, x + p, x + n + p, gradient + p, gradient + n + p, c);
        multiply(count, x + n + p, gradient + p);
    }
}

static addition *bends_of(const kr_landscape *self) {
    return ((const residual_block *)self->values)->activation == TANH ? add_bends_of_tanh : add_bends_of_lines;
}

static void curvature(const kr_landscape *self, size_t n, const double *restrict x, double *restrict curvature) {
    double c[CHUNK];
    for (size_t p = 0; p < n; p += CHUNK)
        add_up(self, bends_of(self), chunk_of(n, p), x + p, x + n + p, curvature + p, curvature + n + p, c);
}

static void hessian(const kr_landscape *self, size_t n, const double *restrict x, double *restrict hessian) {
    for (size_t p = 0; p < n; p += CHUNK)
        add_up(self, bends_of(self), chunk_of(n, p), x + p, x + n + p, hessian + p, hessian + 3 * n + p, hessian + n + p);
    for (size_t p = 0; p < n; p++) hessian[2 * n + p] = hessian[n + p];
}

/* ---- critical points ---- */

/* Of lines: V = A/2 (p - p_0)^2 + constant in p = w1 w2 (of relu, for w1 > 0; for w1 < 0 turn both signs). */
static void parabola(const kr_landscape *self, double *a, double *p0) {
    const samples *s = self->state;
    double square = 0, product = 0;
    for (size_t k = 0; k < s->count; k++) {
        double u = s->of[k].u > 0 ? s->of[k].u : 0;
        square += s->of[k].weight * u * u;
        product += s->of[k].weight * u * s->of[k].offset;
    }
    *a = square;
    *p0 = -product / square;
}

/* Where w2 = +- w1 and w1^2 = |p_0| - lambda / A; and 0 where the loss is smooth, or nothing else is left. */
static size_t on_lines(const kr_landscape *self, size_t capacity, double *points) {
    double a, p0;
    parabola(self, &a, &p0);
    double square = fabs(p0) - self->weight_decay / a;
    bool smooth = ((const residual_block *)self->values)->activation == LINEAR;
    size_t count = 0;
    for (int sign = -1; sign <= 1; sign++) {
        double w = sign * sqrt(square > 0 ? square : 0);
        if (sign == 0 ? square > 0 && !smooth : !(square > 0)) continue;
        if (count < capacity) {
            points[2 * count] = w;
            points[2 * count + 1] = copysign(w, p0 < 0 ? -w : w);
        }
        count++;
    }
    return count;
}

static size_t candidates(const kr_landscape *self, size_t axis, size_t capacity, double *points) {
    (void)axis;
    if (((const residual_block *)self->values)->activation != TANH) return on_lines(self, capacity, points);
    return kr_candidates_in_box(self, (const double[]){-6, -6}, (const double[]){6, 6}, 97, capacity, points);
}

static const char *unlisted(const kr_landscape *self) {
    bool lines = ((const residual_block *)self->values)->activation != TANH;
    return lines && self->weight_decay == 0 ? "its minima are hyperbolas, w1 w2 = constant, not points; weight decay chooses some"
                                            : NULL;
}

KR_LANDSCAPE = {
    .about = {.name = KR_PLUGIN_NAME,
              .bound = "a tanh, exponential and division, for every second point of the function that is learnt",
              .equation = "V = mean over u of 1/2 (u + w2 f(w1 u) - sin 2u)^2,  x = (w1, w2)\n"
                          "u in equal steps from -1 to 1; without skip the u before w2 is left out",
              .doc = "The loss of one residual block with two weights that learns sin 2u: a bent valley of w1 w2",
              .reference = "K. He, X. Zhang, S. Ren, J. Sun, CVPR, 770 (2016)",
              .parameters = parameters,
              .values_size = sizeof(residual_block)},
    .dim = 2,
    .prepare = prepare,
    .release = release,
    .energy = energy,
    .gradient = gradient,
    .curvature = curvature,
    .hessian = hessian,
    .candidates = candidates,
    .unlisted = unlisted,
};
