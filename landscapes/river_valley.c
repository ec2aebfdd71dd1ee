/* A river in a valley: a gentle slope along x0 between steep walls that close in downstream, and may bend.
 *
 *     V = k x0^2 / 2 + kappa(x0)/2 sum_{i>0} (x_i - c(x0))^2,   kappa = wall e^(a x0),   c = bend sin(x0)
 *
 * Noise keeps particles at a height of (d - 1) T / 2 above the river wherever they are, but there is more room where the walls are
 * wide: x0 has the stationary density e^{-W/T}, W = k x0^2 / 2 + (T/2)(d - 1) ln kappa, whatever the bend. The entropic force
 * -(T/2)(d - 1) a holds the optimizer back upstream while the learning rate is high, and lets go of it when the rate decays. */
#include "walls.h"

#include <kramers/parameter_rows.h>
#include <kramers/vector_math.h>

typedef struct river_valley {
    double stiffness, wall, growth, bend;
    int64_t dim;
} river_valley;

static const kr_parameter parameters[] = {
    {"stiffness", "k", "curvature along the river", NULL, KR_NUMBER, KR_ABOVE_MINIMUM | KR_LOG_SCALE,
     offsetof(river_valley, stiffness), .initial = 1, .minimum = 0, .maximum = 1e9},
    {"wall", NULL, "curvature of the walls at x0 = 0", NULL, KR_NUMBER, KR_ABOVE_MINIMUM | KR_LOG_SCALE,
     offsetof(river_valley, wall), .initial = 10, .minimum = 0, .maximum = 1e9},
    {"growth", "a", "growth of the logarithm of the walls' curvature along x0", NULL, KR_NUMBER, 0, offsetof(river_valley, growth),
     .initial = 1, .minimum = -100, .maximum = 100},
    {"bend", NULL, "how far the river swings to the side: c = bend sin(x0) in every other coordinate", NULL, KR_NUMBER, 0,
     offsetof(river_valley, bend), .initial = 0, .minimum = -1e6, .maximum = 1e6},
    KR_ROW_DIM(river_valley, 2, 1),
    KR_END};

static void fill_terms(double k, double log_wall, double growth, double bend, size_t n, const double *restrict x,
                       wall_terms *restrict terms) {
    const double turns = 0x1.45f306dc9c883p-3; /* 1 / (2 pi) */
    for (size_t p = 0; p < n; p++) {
        terms->floor[0][p] = 0.5 * k * x[p] * x[p];
        terms->floor[1][p] = k * x[p];
        terms->floor[2][p] = k;
        terms->log_stiffness[0][p] = fma(growth, x[p], log_wall);
        terms->log_stiffness[1][p] = growth;
        terms->log_stiffness[2][p] = 0;
    }
    for (size_t p = 0; p < n; p++) {
        double sine, cosine;
        kr_sincos_turns(turns * x[p], &sine, &cosine);
        terms->stiffness[p] = kr_exp(terms->log_stiffness[0][p]);
        terms->place[0][p] = bend * sine;
        terms->place[1][p] = bend * cosine;
        terms->place[2][p] = -bend * sine;
    }
}

static void fill(const kr_landscape *self, size_t n, const double *restrict x, wall_terms *restrict terms) {
    const river_valley *v = self->values;
    fill_terms(v->stiffness, kr_log(v->wall), v->growth, v->bend, n, x, terms);
}

static void energy(const kr_landscape *self, size_t n, const double *restrict x, double *restrict energy) {
    walls_energy(self, fill, n, x, energy);
}

static void gradient(const kr_landscape *self, size_t n, const double *restrict x, double *restrict gradient) {
    walls_gradient(self, fill, ((const river_valley *)self->values)->bend != 0, n, x, gradient);
}

static void curvature(const kr_landscape *self, size_t n, const double *restrict x, double *restrict curvature) {
    walls_curvature(self, fill, n, x, curvature);
}

static void hessian(const kr_landscape *self, size_t n, const double *restrict x, double *restrict hessian) {
    walls_hessian(self, fill, n, x, hessian);
}

static void walls(const kr_landscape *self, double x, kr_walls *walls) {
    walls_at(self, fill, x, walls);
}

/* Along the valley's floor the loss is k x0^2 / 2, and with weight decay lambda, which pulls the walls' foot towards 0 as well,
 *
 *     (k + lambda) x0^2 / 2 + (d - 1)/2 lambda kappa / (kappa + lambda) c^2.
 *
 * The last term's slope is at most (d - 1)/2 lambda bend^2 (2 + |a|/4): beyond where the first one's is more there is nothing. */
static double slope_along(const kr_landscape *self, double x) {
    const river_valley *v = self->values;
    double decay = self->weight_decay, others = (double)(self->dim - 1), sine, cosine;
    double stiffness = kr_exp(fma(v->growth, x, kr_log(v->wall))), share = stiffness / (stiffness + decay);
    kr_sincos_turns(0x1.45f306dc9c883p-3 * x, &sine, &cosine);
    double side = 0.5 * others * decay * v->bend * v->bend * share * sine;
    return (v->stiffness + decay) * x + side * fma(v->growth * (1 - share), sine, 2 * cosine);
}

static size_t candidates(const kr_landscape *self, size_t axis, size_t capacity, double *points) {
    enum { MOST_CELLS = 1 << 18 };
    (void)axis;
    const river_valley *v = self->values;
    double decay = self->weight_decay, most = 0.5 * (double)(self->dim - 1) * decay * v->bend * v->bend;
    double reach = most * fma(0.25, fabs(v->growth), 2) / (v->stiffness + decay), width = 0.02 / fma(0.1, fabs(v->growth), 1);
    double cells = ceil(reach / width);
    if (!(cells < MOST_CELLS)) cells = MOST_CELLS;
    size_t count = 0;
    double left = -(cells + 0.5) * width, slope = slope_along(self, left);
    for (size_t i = 0; (double)i < 2 * cells + 1; i++) {
        double right = left + width, next = slope_along(self, right);
        if (slope * next < 0) {
            if (count < capacity) {
                memset(points + count * self->dim, 0, self->dim * sizeof *points);
                points[count * self->dim] = left + width * slope / (slope - next);
            }
            count++;
        }
        left = right;
        slope = next;
    }
    return count;
}

KR_LANDSCAPE = {
    .about = {.name = KR_PLUGIN_NAME,
              .equation = "V = k x0^2 / 2 + kappa(x0)/2 sum_{i>0} (x_i - bend sin(x0))^2,   kappa = wall e^(a x0)",
              .doc = "River in a valley: a gentle slope between steep walls that close in downstream and may bend",
              .reference = "K. Wen, Z. Li, J. Wang, D. Hall, P. Liang, T. Ma, arXiv:2410.05192 (2024)",
              .parameters = parameters,
              .values_size = sizeof(river_valley)},
    .energy = energy,
    .gradient = gradient,
    .curvature = curvature,
    .hessian = hessian,
    .candidates = candidates,
    .walls = walls,
};
