/* Two wells whose sharpness is chosen, at a barrier that stays: parabolas joined by an upside-down one.
 *
 * With curvatures k_1 and k_2 of the wells and -k_0 of the top, which is at 0 and has height h:
 *     V = h - k_0 x^2 / 2  near the top,  V = k_i (x - x_i)^2 / 2  in well i.
 * Value and slope agree where they meet, at k_i x_i / (k_0 + k_i), when x_i^2 = 2 h (1/k_0 + 1/k_i): so there is such a landscape
 * for any four positive numbers, and both minima are at V = 0. V is C1; its curvature jumps where the parabolas meet. Kramers' rate
 * out of well i, sqrt(k_0 k_i) / (2 pi) exp(-h / T), depends on the sharpness of that well alone, and in equilibrium well i holds a
 * share in proportion to 1 / sqrt(k_i). */
#include <kramers/candidates.h>

#include <math.h>

typedef struct parabolic_wells {
    double barrier, left, right, top;
} parabolic_wells;

static const kr_parameter parameters[] = {
    {"barrier", "h", "height of the barrier above both minima", NULL, KR_NUMBER, KR_ABOVE_MINIMUM | KR_LOG_SCALE,
     offsetof(parabolic_wells, barrier), .initial = 1, .minimum = 0, .maximum = 1e9},
    {"sharpness_left", "k_1", "curvature in the left minimum", NULL, KR_NUMBER, KR_LOG_SCALE, offsetof(parabolic_wells, left),
     .initial = 20, .minimum = 1e-9, .maximum = 1e9},
    {"sharpness_right", "k_2", "curvature in the right minimum", NULL, KR_NUMBER, KR_LOG_SCALE, offsetof(parabolic_wells, right),
     .initial = 2, .minimum = 1e-9, .maximum = 1e9},
    {"sharpness_top", "k_0", "curvature at the top, downward", NULL, KR_NUMBER, KR_LOG_SCALE, offsetof(parabolic_wells, top),
     .initial = 5, .minimum = 1e-9, .maximum = 1e9},
    KR_END};

/* One side: where its minimum is, and where it meets the top; both signed. */
typedef struct side {
    double minimum, joint, curvature;
} side;

static side side_of(const parabolic_wells *v, int which) {
    double k = which < 0 ? v->left : v->right;
    double minimum = which * sqrt(2 * v->barrier * (1 / v->top + 1 / k));
    return (side){minimum, minimum / (1 + v->top / k), k};
}

static void energy_of(double h, double top, side l, side r, size_t n, const double *restrict x, double *restrict energy) {
    for (size_t p = 0; p < n; p++) {
        double a = x[p] - l.minimum, b = x[p] - r.minimum;
        double left = 0.5 * l.curvature * a * a, right = 0.5 * r.curvature * b * b, middle = fma(-0.5 * top * x[p], x[p], h);
        energy[p] = x[p] < l.joint ? left : x[p] > r.joint ? right : middle;
    }
}

static void gradient_of(double top, side l, side r, size_t n, const double *restrict x, double *restrict gradient) {
    for (size_t p = 0; p < n; p++) {
        double left = l.curvature * (x[p] - l.minimum), right = r.curvature * (x[p] - r.minimum), middle = -top * x[p];
        gradient[p] = x[p] < l.joint ? left : x[p] > r.joint ? right : middle;
    }
}

/* NaN stays. */
static void curvature_of(double top, side l, side r, size_t n, const double *restrict x, double *restrict curvature) {
    for (size_t p = 0; p < n; p++) {
        double k = x[p] < l.joint ? l.curvature : x[p] > r.joint ? r.curvature : -top;
        curvature[p] = x[p] == x[p] ? k : x[p];
    }
}

static void energy(const kr_landscape *self, size_t n, const double *restrict x, double *restrict energy) {
    const parabolic_wells *v = self->values;
    energy_of(v->barrier, v->top, side_of(v, -1), side_of(v, 1), n, x, energy);
}

static void gradient(const kr_landscape *self, size_t n, const double *restrict x, double *restrict gradient) {
    const parabolic_wells *v = self->values;
    gradient_of(v->top, side_of(v, -1), side_of(v, 1), n, x, gradient);
}

static void curvature(const kr_landscape *self, size_t n, const double *restrict x, double *restrict curvature) {
    const parabolic_wells *v = self->values;
    curvature_of(v->top, side_of(v, -1), side_of(v, 1), n, x, curvature);
}

/* Zeros of V' + lambda x, on each parabola by itself; the top stays one while weight decay is less than its curvature. */
static size_t candidates(const kr_landscape *self, size_t axis, size_t capacity, double *points) {
    (void)axis;
    const parabolic_wells *v = self->values;
    size_t count = 0;
    for (int which = -1; which <= 1; which++) {
        side s = side_of(v, which ? which : 1);
        double zero = which ? s.minimum / (1 + self->weight_decay / s.curvature) : 0;
        if (which && fabs(zero) < fabs(s.joint)) continue;
        if (count < capacity) points[count] = zero;
        count++;
    }
    return count;
}

static size_t knots(const kr_landscape *self, size_t axis, size_t capacity, double *points) {
    (void)axis;
    for (size_t i = 0; i < 2 && i < capacity; i++) points[i] = side_of(self->values, i ? 1 : -1).joint;
    return 2;
}

KR_LANDSCAPE = {
    .about = {.name = KR_PLUGIN_NAME,
              .equation = "V = h - k_0 x^2 / 2 near the top, k_i (x - x_i)^2 / 2 in well i, x_i^2 = 2 h (1/k_0 + 1/k_i)",
              .doc = "Two wells of equal depth whose sharpness is chosen at a fixed barrier: parabolas, joined by one upside down",
              .reference = "H. A. Kramers, Physica 7, 284 (1940)",
              .parameters = parameters,
              .values_size = sizeof(parabolic_wells)},
    .dim = 1,
    .separable = true,
    .energy = energy,
    .gradient = gradient,
    .curvature = curvature,
    .candidates = candidates,
    .knots = knots,
};
