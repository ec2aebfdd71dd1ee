/* Rastrigin's function, a parabola under ripples:  V = scale sum_i [x_i^2 + A (1 - cos 2 pi x_i)].
 *
 * The global minimum is 0; with A = 10 each coordinate has 63 minima, out to |x| = 31, and the product has 63^d. Sine and cosine
 * bound the loops. */
#include <kramers/candidates.h>

#include <kramers/parameter_rows.h>
#include <kramers/vector_math.h>

typedef struct rastrigin {
    double scale, amplitude;
    int64_t dim;
} rastrigin;

static const kr_parameter parameters[] = {
    {"scale", NULL, "factor in front of the energy", NULL, KR_NUMBER, KR_ABOVE_MINIMUM | KR_LOG_SCALE, offsetof(rastrigin, scale),
     .initial = 1, .minimum = 0, .maximum = 1e9},
    {"amplitude", "A", "of the ripples: each coordinate has about 2 pi A minima", NULL, KR_NUMBER, 0,
     offsetof(rastrigin, amplitude), .initial = 10, .minimum = 0, .maximum = 1e4},
    KR_ROW_DIM(rastrigin, 2, 1),
    KR_END};

static const double pi = 3.14159265358979323846;

static void energy_of(double scale, double ripple, size_t n, const double *restrict x, double *restrict energy) {
    for (size_t p = 0; p < n; p++) {
        double sine, cosine;
        kr_sincos_turns(0.5 * x[p], &sine, &cosine);
        energy[p] += scale * fma(x[p], x[p], ripple * sine * sine);
    }
}

static void energy(const kr_landscape *self, size_t n, const double *restrict x, double *restrict energy) {
    const rastrigin *v = self->values;
    for (size_t p = 0; p < n; p++) energy[p] = 0;
    for (size_t i = 0; i < self->dim; i++) energy_of(v->scale, 2 * v->amplitude, n, x + i * n, energy);
}

static void gradient_of(double scale, double ripple, size_t n, const double *restrict x, double *restrict gradient) {
    for (size_t p = 0; p < n; p++) {
        double sine, cosine;
        kr_sincos_turns(x[p], &sine, &cosine);
        gradient[p] = scale * fma(2, x[p], ripple * sine);
    }
}

static void gradient(const kr_landscape *self, size_t n, const double *restrict x, double *restrict gradient) {
    const rastrigin *v = self->values;
    gradient_of(v->scale, 2 * pi * v->amplitude, self->dim * n, x, gradient);
}

static void curvature_of(double scale, double ripple, size_t n, const double *restrict x, double *restrict curvature) {
    for (size_t p = 0; p < n; p++) {
        double sine, cosine;
        kr_sincos_turns(x[p], &sine, &cosine);
        curvature[p] = scale * fma(ripple, cosine, 2);
    }
}

static void curvature(const kr_landscape *self, size_t n, const double *restrict x, double *restrict curvature) {
    const rastrigin *v = self->values;
    curvature_of(v->scale, 4 * pi * pi * v->amplitude, self->dim * n, x, curvature);
}

/* Farther out than pi A the parabola is steeper than the ripples. */
static size_t candidates(const kr_landscape *self, size_t axis, size_t capacity, double *points) {
    (void)axis;
    const rastrigin *v = self->values;
    kr_landscape one = *self;
    one.dim = 1;
    double reach = ceil(pi * v->amplitude / (1 + 0.5 * self->weight_decay / v->scale)) + 0.26;
    return kr_candidates_on_line(&one, -reach, reach, 65 * (size_t)(2 * reach + 1), capacity, points);
}

KR_LANDSCAPE = {
    .about = {.name = KR_PLUGIN_NAME,
              .equation = "V = scale sum_i [x_i^2 + A (1 - cos 2 pi x_i)]",
              .doc = "A parabola under ripples in any dimension, V = scale sum_i [x_i^2 + A (1 - cos 2 pi x_i)]; minimum at 0",
              .reference = "L. A. Rastrigin, Systems of Extremal Control (1974); H. Muehlenbein, M. Schomisch, J. Born, Parallel "
                           "Computing 17, 619 (1991)",
              .parameters = parameters,
              .values_size = sizeof(rastrigin)},
    .separable = true,
    .tiles = true,
    .alike = true,
    .energy = energy,
    .gradient = gradient,
    .curvature = curvature,
    .candidates = candidates,
};
