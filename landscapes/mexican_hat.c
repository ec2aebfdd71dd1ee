/* The Mexican hat, V = h (r^2 - 1)^2 with r^2 = sum_i x_i^2, in two or more coordinates: a rim of minima around a maximum.
 *
 * The minima are no points: in the plane they are a circle, in space a sphere, of radius 1 (with weight decay lambda, of radius
 * sqrt(1 - lambda / 4h), or the point 0 alone when there is none). Particles diffuse along it freely. For starts and targets number
 * 0 stands for the one of them with the least first coordinate; theories of escape from a point with a positive Hessian refuse. */
#include <kramers/landscape.h>
#include <kramers/parameter_rows.h>

#include <math.h>

typedef struct mexican_hat {
    double barrier;
    int64_t dim;
} mexican_hat;

static const kr_parameter parameters[] = {{"barrier", "h", "height of the middle above the rim", NULL, KR_NUMBER,
                                           KR_ABOVE_MINIMUM | KR_LOG_SCALE, offsetof(mexican_hat, barrier), .initial = 1,
                                           .minimum = 0, .maximum = 1e9},
                                          KR_ROW_DIM(mexican_hat, 2, 2),
                                          KR_END};

/* Points at a time, so that sums over their coordinates stay in the first-level cache. */
enum { CHUNK = 256 };

static size_t chunk_of(size_t n, size_t begin) {
    return n - begin < CHUNK ? n - begin : CHUNK;
}

static void add_square(size_t n, const double *restrict x, double *restrict sum) {
    for (size_t p = 0; p < n; p++) sum[p] = fma(x[p], x[p], sum[p]);
}

/* r^2 - 1 of the points from begin on. */
static void excess_of(const kr_landscape *self, size_t n, size_t begin, size_t count, const double *x, double *excess) {
    for (size_t p = 0; p < count; p++) excess[p] = -1;
    for (size_t i = 0; i < self->dim; i++) add_square(count, x + i * n + begin, excess);
}

static void energy_of(double h, size_t n, const double *restrict excess, double *restrict energy) {
    for (size_t p = 0; p < n; p++) energy[p] = h * excess[p] * excess[p];
}

static void energy(const kr_landscape *self, size_t n, const double *restrict x, double *restrict energy) {
    double excess[CHUNK];
    for (size_t begin = 0; begin < n; begin += CHUNK) {
        excess_of(self, n, begin, chunk_of(n, begin), x, excess);
        energy_of(((const mexican_hat *)self->values)->barrier, chunk_of(n, begin), excess, energy + begin);
    }
}

static void gradient_of(double h, size_t n, const double *restrict excess, const double *restrict x, double *restrict gradient) {
    double h4 = 4 * h;
    for (size_t p = 0; p < n; p++) gradient[p] = h4 * excess[p] * x[p];
}

static void gradient(const kr_landscape *self, size_t n, const double *restrict x, double *restrict gradient) {
    double excess[CHUNK];
    for (size_t begin = 0; begin < n; begin += CHUNK) {
        excess_of(self, n, begin, chunk_of(n, begin), x, excess);
        for (size_t i = 0; i < self->dim; i++)
            gradient_of(((const mexican_hat *)self->values)->barrier, chunk_of(n, begin), excess, x + i * n + begin,
                        gradient + i * n + begin);
    }
}

static void curvature_of(double h, size_t n, const double *restrict excess, const double *restrict x, double *restrict curvature) {
    double h4 = 4 * h;
    for (size_t p = 0; p < n; p++) curvature[p] = h4 * fma(2 * x[p], x[p], excess[p]);
}

/* stride: from one row to the next in curvature. */
static void diagonal(const kr_landscape *self, size_t n, const double *restrict x, size_t stride, double *restrict curvature) {
    double excess[CHUNK];
    for (size_t begin = 0; begin < n; begin += CHUNK) {
        excess_of(self, n, begin, chunk_of(n, begin), x, excess);
        for (size_t i = 0; i < self->dim; i++)
            curvature_of(((const mexican_hat *)self->values)->barrier, chunk_of(n, begin), excess, x + i * n + begin,
                         curvature + i * stride + begin);
    }
}

static void curvature(const kr_landscape *self, size_t n, const double *restrict x, double *restrict curvature) {
    diagonal(self, n, x, n, curvature);
}

static void mixed_of(double h, size_t n, const double *restrict x, const double *restrict y, double *restrict xy,
                     double *restrict yx) {
    double h8 = 8 * h;
    for (size_t p = 0; p < n; p++) {
        double mixed = h8 * x[p] * y[p];
        xy[p] = mixed;
        yx[p] = mixed;
    }
}

static void hessian(const kr_landscape *self, size_t n, const double *restrict x, double *restrict hessian) {
    size_t dim = self->dim;
    diagonal(self, n, x, (dim + 1) * n, hessian);
    for (size_t i = 0; i < dim; i++)
        for (size_t j = 0; j < i; j++)
            mixed_of(((const mexican_hat *)self->values)->barrier, n, x + i * n, x + j * n, hessian + (i * dim + j) * n,
                     hessian + (j * dim + i) * n);
}

/* The square of the radius of the rim; not positive: there is none. */
static double rim(const kr_landscape *self) {
    return 1 - 0.25 * self->weight_decay / ((const mexican_hat *)self->values)->barrier;
}

static size_t candidates(const kr_landscape *self, size_t axis, size_t capacity, double *points) {
    (void)axis;
    size_t count = rim(self) > 0 ? 2 : 1;
    for (size_t k = 0; k < count && k < capacity; k++)
        for (size_t i = 0; i < self->dim; i++) points[k * self->dim + i] = k == 1 && i == 0 ? -sqrt(rim(self)) : 0;
    return count;
}

static const char *unlisted(const kr_landscape *self) {
    if (!(rim(self) > 0)) return NULL;
    return self->dim == 2 ? "its minima are a circle, not points" : "its minima are a sphere, not points";
}

static bool warning(const kr_landscape *self, size_t number, char *text, size_t size) {
    if (number > 0 || !unlisted(self)) return false;
    snprintf(text, size, "%s of radius %.6g; minimum 0 stands for the one with the least first coordinate",
             self->dim == 2 ? "the minima of landscape 'mexican_hat' are a circle"
                            : "the minima of landscape 'mexican_hat' are a sphere",
             sqrt(rim(self)));
    return true;
}

KR_LANDSCAPE = {
    .about = {.name = KR_PLUGIN_NAME,
              .equation = "V = h (r^2 - 1)^2,  r^2 = sum_i x_i^2",
              .doc =
                  "A rim of minima around a maximum, V = h (r^2 - 1)^2: the minima are a circle (a sphere in more dimensions), of "
                  "which minimum 0 is the one with the least first coordinate",
              .reference = "J. Goldstone, Nuovo Cimento 19, 154 (1961)",
              .parameters = parameters,
              .values_size = sizeof(mexican_hat)},
    .energy = energy,
    .gradient = gradient,
    .curvature = curvature,
    .hessian = hessian,
    .candidates = candidates,
    .unlisted = unlisted,
    .warning = warning,
};
