/* Ackley's function, a funnel under ripples in any dimension:
 *
 *     V = scale [a (1 - e^{-b R}) + e - e^C],   R = sqrt(sum_i x_i^2 / d + s^2),   C = sum_i cos(2 pi x_i) / d.
 *
 * The global minimum is 0. Without smoothing s it is a cusp, V = scale a b R to leading order: the slope jumps there, and the
 * gradient at 0 itself is taken as 0. There is a minimum near every point of whole coordinates that is not too close to the
 * funnel's middle, infinitely many; those within `reach` cells of it are numbered while there are at most three coordinates, and 0
 * alone beyond.
 *
 * A sine and a cosine a coordinate bound the loops, and one exponential a point. */
#include <kramers/landscape.h>
#include <kramers/parameter_rows.h>

#include <kramers/vector_math.h>

typedef struct ackley {
    double scale, depth, rate, smoothing;
    int64_t reach, dim;
} ackley;

static const kr_parameter parameters[] = {
    {"scale", NULL, "factor in front of the energy", NULL, KR_NUMBER, KR_ABOVE_MINIMUM | KR_LOG_SCALE, offsetof(ackley, scale),
     .initial = 1, .minimum = 0, .maximum = 1e9},
    {"depth", "a", "of the funnel", NULL, KR_NUMBER, KR_LOG_SCALE, offsetof(ackley, depth), .initial = 20, .minimum = 0,
     .maximum = 1e9},
    {"rate", "b", "at which the funnel flattens", NULL, KR_NUMBER, KR_LOG_SCALE, offsetof(ackley, rate), .initial = 0.2,
     .minimum = 0, .maximum = 1e9},
    {"smoothing", "s", "rounds the cusp at 0 off; 0: as it was published", NULL, KR_NUMBER, 0, offsetof(ackley, smoothing),
     .initial = 0, .minimum = 0, .maximum = 1e9},
    {"reach", NULL, "minima are numbered so many cells to each side of 0, in up to three coordinates", NULL, KR_INTEGER, KR_FIXED,
     offsetof(ackley, reach), .initial = 3, .minimum = 0, .maximum = 10},
    KR_ROW_DIM(ackley, 2, 1),
    KR_END};

static const double pi = 3.14159265358979323846, euler = 2.71828182845904523536;

/* Points at a time, so that sums over their coordinates stay in the first-level cache. */
enum { CHUNK = 256 };

static size_t chunk_of(size_t n, size_t begin) {
    return n - begin < CHUNK ? n - begin : CHUNK;
}

/* What a point has in common for all its coordinates. */
typedef struct common {
    double square[CHUNK], cosine[CHUNK]; /* sums over the coordinates */
    double funnel[CHUNK], ripple[CHUNK]; /* factors of the derivatives, see below */
    double bend[CHUNK];
} common;

static void add_coordinate(size_t n, const double *restrict x, double *restrict square, double *restrict cosines) {
    for (size_t p = 0; p < n; p++) {
        double sine, cosine;
        kr_sincos_turns(x[p], &sine, &cosine);
        square[p] = fma(x[p], x[p], square[p]);
        cosines[p] += cosine;
    }
}

static void clear(size_t n, double *restrict square, double *restrict cosine) {
    for (size_t p = 0; p < n; p++) square[p] = cosine[p] = 0;
}

static void sum(const kr_landscape *self, size_t n, size_t begin, const double *x, common *c) {
    size_t count = chunk_of(n, begin);
    clear(count, c->square, c->cosine);
    for (size_t i = 0; i < self->dim; i++) add_coordinate(count, x + i * n + begin, c->square, c->cosine);
}

static void energy_of(const ackley *v, double share, size_t n, const double *restrict square, const double *restrict cosine,
                      double *restrict energy) {
    double scale = v->scale, a = v->depth, b = v->rate, floor = v->smoothing * v->smoothing, top = a + euler;
    for (size_t p = 0; p < n; p++) {
        double r = sqrt(fma(share, square[p], floor));
        energy[p] = scale * ((top - kr_exp(share * cosine[p])) - a * kr_exp(-b * r));
    }
}

static void energy(const kr_landscape *self, size_t n, const double *restrict x, double *restrict energy) {
    common c;
    for (size_t begin = 0; begin < n; begin += CHUNK) {
        sum(self, n, begin, x, &c);
        energy_of(self->values, 1 / (double)self->dim, chunk_of(n, begin), c.square, c.cosine, energy + begin);
    }
}

/* dV/dx_i = funnel x_i + ripple sin(2 pi x_i) with funnel = scale a b e^{-bR} / (d R), 0 at the cusp, and ripple = scale 2 pi e^C /
 * d; bend = (1/R + b) / (d R) for the second derivatives. */
static void factors(const ackley *v, double share, size_t n, const double *restrict square, const double *restrict cosine,
                    double *restrict funnel, double *restrict ripple, double *restrict bend) {
    double a = v->scale * v->depth * v->rate * share, b = v->rate, floor = v->smoothing * v->smoothing;
    double height = 2 * pi * v->scale * share;
    for (size_t p = 0; p < n; p++) {
        double r = sqrt(fma(share, square[p], floor)), inverse = 1 / r;
        inverse = r == 0 ? 0 : inverse;
        funnel[p] = a * inverse * kr_exp(-b * r);
        ripple[p] = height * kr_exp(share * cosine[p]);
        bend[p] = share * inverse * (inverse + b);
    }
}

static void prepare_chunk(const kr_landscape *self, size_t n, size_t begin, const double *x, common *c) {
    sum(self, n, begin, x, c);
    factors(self->values, 1 / (double)self->dim, chunk_of(n, begin), c->square, c->cosine, c->funnel, c->ripple, c->bend);
}

/* As add_coordinate, and keeps the sines where the gradient will be: none is needed twice. */
static void add_and_keep(size_t n, const double *restrict x, double *restrict square, double *restrict cosines,
                         double *restrict sines) {
    for (size_t p = 0; p < n; p++) {
        double sine, cosine;
        kr_sincos_turns(x[p], &sine, &cosine);
        square[p] = fma(x[p], x[p], square[p]);
        cosines[p] += cosine;
        sines[p] = sine;
    }
}

static void gradient_of(size_t n, const double *restrict funnel, const double *restrict ripple, const double *restrict x,
                        double *restrict gradient) {
    for (size_t p = 0; p < n; p++) gradient[p] = fma(funnel[p], x[p], ripple[p] * gradient[p]);
}

static void gradient(const kr_landscape *self, size_t n, const double *restrict x, double *restrict gradient) {
    common c;
    for (size_t begin = 0; begin < n; begin += CHUNK) {
        size_t count = chunk_of(n, begin);
        clear(count, c.square, c.cosine);
        for (size_t i = 0; i < self->dim; i++) add_and_keep(count, x + i * n + begin, c.square, c.cosine, gradient + i * n + begin);
        factors(self->values, 1 / (double)self->dim, count, c.square, c.cosine, c.funnel, c.ripple, c.bend);
        for (size_t i = 0; i < self->dim; i++) gradient_of(count, c.funnel, c.ripple, x + i * n + begin, gradient + i * n + begin);
    }
}

/* d^2 V / dx_i dx_j = delta_ij (funnel + 2 pi ripple cos(2 pi x_i)) - funnel bend x_i x_j - (2 pi / d) ripple sin_i sin_j */
static void curvature_of(double share, size_t n, const double *restrict funnel, const double *restrict ripple,
                         const double *restrict bend, const double *restrict x, double *restrict curvature) {
    for (size_t p = 0; p < n; p++) {
        double sine, cosine;
        kr_sincos_turns(x[p], &sine, &cosine);
        double wave = 2 * pi * ripple[p] * fma(-share * sine, sine, cosine);
        curvature[p] = fma(funnel[p], fma(-bend[p] * x[p], x[p], 1), wave);
    }
}

/* stride: from one row to the next in curvature. */
static void diagonal(const kr_landscape *self, size_t n, const double *restrict x, size_t stride, double *restrict curvature) {
    common c;
    for (size_t begin = 0; begin < n; begin += CHUNK) {
        prepare_chunk(self, n, begin, x, &c);
        for (size_t i = 0; i < self->dim; i++)
            curvature_of(1 / (double)self->dim, chunk_of(n, begin), c.funnel, c.ripple, c.bend, x + i * n + begin,
                         curvature + i * stride + begin);
    }
}

static void curvature(const kr_landscape *self, size_t n, const double *restrict x, double *restrict curvature) {
    diagonal(self, n, x, n, curvature);
}

static void mixed_of(double share, size_t n, const common *c, const double *restrict x, const double *restrict y,
                     double *restrict xy, double *restrict yx) {
    for (size_t p = 0; p < n; p++) {
        double along, across, unused;
        kr_sincos_turns(x[p], &along, &unused);
        kr_sincos_turns(y[p], &across, &unused);
        double wave = 2 * pi * share * c->ripple[p] * along * across, mixed = -fma(c->funnel[p] * c->bend[p] * x[p], y[p], wave);
        xy[p] = mixed;
        yx[p] = mixed;
    }
}

static void hessian(const kr_landscape *self, size_t n, const double *restrict x, double *restrict hessian) {
    size_t dim = self->dim;
    common c;
    diagonal(self, n, x, (dim + 1) * n, hessian);
    for (size_t begin = 0; begin < n; begin += CHUNK) {
        prepare_chunk(self, n, begin, x, &c);
        for (size_t i = 0; i < dim; i++)
            for (size_t j = 0; j < i; j++)
                mixed_of(1 / (double)dim, chunk_of(n, begin), &c, x + i * n + begin, x + j * n + begin,
                         hessian + (i * dim + j) * n + begin, hessian + (j * dim + i) * n + begin);
    }
}

/* ---- critical points ---- */

/* Corners of the lattice, and the middles of its edges: a digit of number is one coordinate in halves. More than one half among
 * them: false. */
static bool lattice_point(size_t dim, int64_t reach, size_t number, double *x) {
    size_t side = (size_t)(4 * reach + 1);
    bool half = false;
    for (size_t i = dim; i-- > 0; number /= side) {
        int64_t halves = (int64_t)(number % side) - 2 * reach;
        if (halves % 2 && half) return false;
        half = half || halves % 2;
        x[i] = 0.5 * (double)halves;
    }
    return true;
}

static size_t candidates(const kr_landscape *self, size_t axis, size_t capacity, double *points) {
    (void)axis;
    enum { FEW = 3 };
    size_t dim = self->dim, count = 0, total = 1;
    int64_t reach = dim <= FEW ? ((const ackley *)self->values)->reach : 0;
    if (dim > FEW) {
        for (size_t i = 0; capacity && i < dim; i++) points[i] = 0;
        return 1;
    }
    for (size_t i = 0; i < dim; i++) total *= (size_t)(4 * reach + 1);
    for (size_t number = 0; number < total; number++) {
        double x[FEW];
        if (!lattice_point(dim, reach, number, x)) continue;
        for (size_t i = 0; count < capacity && i < dim; i++) points[count * dim + i] = x[i];
        count++;
    }
    return count;
}

static const char *unlisted(const kr_landscape *self) {
    const ackley *v = self->values;
    return v->smoothing == 0 && v->depth * v->rate > 0 ? "its minimum at 0 is a cusp without a Hessian; smoothing rounds it off"
                                                       : "it has infinitely many minima, and only those near 0 are listed";
}

KR_LANDSCAPE = {
    .about = {.name = KR_PLUGIN_NAME,
              .equation = "V = scale [a (1 - e^(-b R)) + e - e^C]\n"
                          "R = sqrt(sum_i x_i^2 / d + s^2),  C = sum_i cos(2 pi x_i) / d",
              .doc = "A funnel under ripples in any dimension; the global minimum at 0 is a cusp unless it is smoothed",
              .reference = "D. H. Ackley, A Connectionist Machine for Genetic Hillclimbing, Kluwer (1987)",
              .parameters = parameters,
              .values_size = sizeof(ackley)},
    .energy = energy,
    .gradient = gradient,
    .curvature = curvature,
    .hessian = hessian,
    .candidates = candidates,
    .unlisted = unlisted,
};
