/* Noise whose covariance is the Hessian's absolute value, as near minima of a log-likelihood: covariance s (|H| + epsilon I) / B
 * (Xie, Sato, Sugiyama 2021), either of the Hessian's diagonal alone or, with full, of |H| through its eigenvectors.
 *
 * The full noise is n = S xi with S the symmetric square root, which no choice of eigenvectors enters. With H = U L U^T and
 * f(l) = sqrt(s (|l| + epsilon) / B), S = sum_j f(l_j) u_j u_j^T. One-sided Jacobi rotations (Hestenes 1958) of the rows of H make
 * them orthogonal, w_j = l_j u_j up to sign, in the Hessian's own storage, and since H^2 = sum_j w_j w_j^T
 *
 *   S xi = f(0) xi + sum_j (f(|w_j|) - f(0)) / |w_j|^2  w_j (w_j . xi),
 *
 * which needs no other eigenvectors, also where |H| is degenerate or singular. Every loop runs over particles; a particle that is
 * orthogonal is rotated no more, so its result does not depend on its neighbours. In two dimensions there is a closed form. */
#include <kramers/interrupt.h>
#include <kramers/noise.h>
#include <kramers/parameter_rows.h>

#include <math.h>

typedef struct values {
    double strength, epsilon, batch_size;
    bool full;
} values;

static const kr_parameter parameters[] = {{.name = "strength",
                                           .symbol = "s",
                                           .doc = "variance of one sample's gradient per unit of curvature",
                                           .type = KR_NUMBER,
                                           .flags = KR_LOG_SCALE,
                                           .offset = offsetof(values, strength),
                                           .initial = 1,
                                           .minimum = 0,
                                           .maximum = 1e12},
                                          {.name = "epsilon",
                                           .symbol = "epsilon",
                                           .doc = "added to the absolute curvature",
                                           .type = KR_NUMBER,
                                           .flags = KR_LOG_SCALE,
                                           .offset = offsetof(values, epsilon),
                                           .initial = 0,
                                           .minimum = 0,
                                           .maximum = 1e12},
                                          KR_ROW_BATCH_SIZE(values),
                                          {.name = "full",
                                           .doc = "the whole Hessian, not only its diagonal",
                                           .type = KR_SWITCH,
                                           .offset = offsetof(values, full),
                                           .initial = 0},
                                          KR_END};

enum { LANES = 64, MAX_SWEEPS = 40 };
static const double tiny = 1e-290; /* squares below this are of curvatures that do nothing, and lose their digits */

static kr_noise_input input(const kr_noise *self, bool separable) {
    const values *v = self->values;
    return v->full && !separable ? KR_NOISE_INPUT_HESSIAN : KR_NOISE_INPUT_CURVATURE;
}

/* f(l), with factor = s/B. */
static double amplitude(double l, double epsilon, double factor) {
    return sqrt(factor * (fabs(l) + epsilon));
}

static void add_line(size_t n, double epsilon, double factor, const double *restrict hessian, const double *restrict normal,
                     double *restrict gradient) {
    for (size_t p = 0; p < n; p++) gradient[p] = fma(amplitude(hessian[p], epsilon, factor), normal[p], gradient[p]);
}

/* H = m I + D with D = [[d, b], [b, -d]], D^2 = r^2 I and eigenvalues m +- r, so S = (f+ + f-)/2 I + (f+ - f-)/(2r) D. */
static void add_planar(size_t n, double epsilon, double factor, const double *restrict hessian, const double *restrict normal,
                       double *restrict gradient) {
    for (size_t p = 0; p < n; p++) {
        double a = hessian[p], b = hessian[n + p], c = hessian[3 * n + p], x = normal[p], y = normal[n + p];
        double m = 0.5 * (a + c), d = 0.5 * (a - c), r = sqrt(fma(d, d, b * b));
        double high = amplitude(m + r, epsilon, factor), low = amplitude(m - r, epsilon, factor);
        double mean = 0.5 * (high + low), slope = r > 0 ? 0.5 * (high - low) / r : 0;
        gradient[p] += fma(mean, x, slope * fma(d, x, b * y));
        gradient[n + p] += fma(mean, y, slope * fma(b, x, -(d * y)));
    }
}

/* out[p] = a . b of particle p; coordinates are n apart. */
static void dot(size_t lanes, size_t dim, size_t n, const double *restrict a, const double *restrict b, double *restrict out) {
    for (size_t p = 0; p < lanes; p++) out[p] = 0;
    for (size_t i = 0; i < dim; i++)
        for (size_t p = 0; p < lanes; p++) out[p] = fma(a[i * n + p], b[i * n + p], out[p]);
}

/* Rotations that make rows with squares aa, bb and product ab orthogonal, or none where they are: cos^2 of the angle between them
 * is at most zero. turned[p]: there was one. */
static void find_rotations(size_t lanes, double zero, const double *restrict aa, const double *restrict bb,
                           const double *restrict ab, double *restrict cosine, double *restrict sine, double *restrict turned) {
    for (size_t p = 0; p < lanes; p++) {
        double on = ab[p] * ab[p] > zero * (aa[p] * bb[p]) ? 1 : 0;
        double zeta = on > 0 ? (bb[p] - aa[p]) / (2 * ab[p]) : 1;
        double size = fabs(zeta), angle = 1 / (size + sqrt(fma(size, size, 1))), t = zeta < 0 ? -angle : angle;
        double c = 1 / sqrt(fma(t, t, 1));
        cosine[p] = on > 0 ? c : 1;
        sine[p] = on > 0 ? c * t : 0;
        turned[p] += on;
    }
}

static void rotate(size_t lanes, const double *restrict cosine, const double *restrict sine, double *restrict a,
                   double *restrict b) {
    for (size_t p = 0; p < lanes; p++) {
        double old_a = a[p], old_b = b[p];
        a[p] = fma(cosine[p], old_a, -(sine[p] * old_b));
        b[p] = fma(sine[p], old_a, cosine[p] * old_b);
    }
}

/* One rotation of every pair of rows; true when there was none left to do. */
static bool sweep(size_t lanes, size_t dim, size_t n, double *hessian) {
    double aa[LANES], bb[LANES], ab[LANES], cosine[LANES], sine[LANES], turned[LANES] = {0};
    double zero = (double)dim * 0x1p-102; /* rounding errors of a product of rows: 2^-51 sqrt(dim) */
    for (size_t i = 0; i + 1 < dim && !kr_interrupt_wanted(); i++) {
        for (size_t j = i + 1; j < dim; j++) {
            double *a = hessian + i * dim * n, *b = hessian + j * dim * n;
            dot(lanes, dim, n, a, a, aa);
            dot(lanes, dim, n, b, b, bb);
            dot(lanes, dim, n, a, b, ab);
            find_rotations(lanes, zero, aa, bb, ab, cosine, sine, turned);
            for (size_t k = 0; k < dim; k++) rotate(lanes, cosine, sine, a + k * n, b + k * n);
        }
    }
    for (size_t p = 0; p < lanes; p++)
        if (turned[p] > 0) return false;
    return true;
}

/* weight = (f(|w|) - f(0)) / |w|^2 (w . xi), from |w|^2 and w . xi. */
static void weigh(size_t lanes, double epsilon, double factor, const double *restrict square, double *restrict product) {
    for (size_t p = 0; p < lanes; p++) {
        double excess = amplitude(sqrt(square[p]), epsilon, factor) - amplitude(0, epsilon, factor);
        product[p] = square[p] <= tiny ? 0 : excess / square[p] * product[p]; /* NaN stays NaN */
    }
}

static void add_product(size_t lanes, const double *restrict weight, const double *restrict row, double *restrict gradient) {
    for (size_t p = 0; p < lanes; p++) gradient[p] = fma(weight[p], row[p], gradient[p]);
}

static void add_scaled(size_t lanes, double scale, const double *restrict normal, double *restrict gradient) {
    for (size_t p = 0; p < lanes; p++) gradient[p] = fma(scale, normal[p], gradient[p]);
}

/* A group of at most LANES particles. */
static void add_full(size_t lanes, size_t dim, size_t n, double epsilon, double factor, double *hessian, const double *normal,
                     double *gradient) {
    for (int i = 0; i < MAX_SWEEPS && !sweep(lanes, dim, n, hessian); i++)
        ;
    for (size_t i = 0; i < dim; i++) add_scaled(lanes, amplitude(0, epsilon, factor), normal + i * n, gradient + i * n);
    for (size_t j = 0; j < dim; j++) {
        const double *row = hessian + j * dim * n;
        double square[LANES], product[LANES];
        dot(lanes, dim, n, row, row, square);
        dot(lanes, dim, n, row, normal, product);
        weigh(lanes, epsilon, factor, square, product);
        for (size_t i = 0; i < dim; i++) add_product(lanes, product, row + i * n, gradient + i * n);
    }
}

static void add(const kr_noise *self, kr_noise_input kind, size_t dim, size_t n, double *restrict of_landscape,
                const double *restrict normal, double *restrict gradient) {
    const values *v = self->values;
    double factor = v->strength / v->batch_size;
    (void)kind; /* the whole Hessian: the diagonal is the engine's */
    if (dim == 1) {
        add_line(n, v->epsilon, factor, of_landscape, normal, gradient);
    } else if (dim == 2) {
        add_planar(n, v->epsilon, factor, of_landscape, normal, gradient);
    } else {
        for (size_t p = 0; p < n && !kr_interrupt_wanted(); p += LANES)
            add_full(n - p < LANES ? n - p : LANES, dim, n, v->epsilon, factor, of_landscape + p, normal + p, gradient + p);
    }
}

static void variances(size_t n, double epsilon, double factor, const double *restrict curvature, double *restrict out) {
    for (size_t i = 0; i < n; i++) out[i] = factor * (fabs(curvature[i]) + epsilon);
}

static void variance(const kr_noise *self, size_t n, const double *energy, const double *curvature, double *out) {
    (void)energy;
    const values *v = self->values;
    variances(n, v->epsilon, v->strength / v->batch_size, curvature, out);
}

KR_NOISE = {
    .about = {.name = KR_PLUGIN_NAME,
              .equation = "n_i = sqrt(s (|H_ii| + epsilon) / B) xi_i;  full: n = sqrt(s (|H| + epsilon I) / B) xi, H the Hessian",
              .doc = "noise with the covariance of the absolute curvature: s (|H| + epsilon I) / B",
              .reference = "Z. Xie, I. Sato, M. Sugiyama, A diffusion theory for deep learning dynamics, ICLR 2021",
              .parameters = parameters,
              .values_size = sizeof(values)},
    .by_coordinate = true,
    .input = input,
    .add = add,
    .variance = variance};
