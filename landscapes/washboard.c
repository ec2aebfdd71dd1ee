/* Tilted washboard, V = h (1 - cos 2 pi x)/2 - F x: barriers of height h a period 1 apart, lowered by a constant force. Beyond
 * the critical force pi h nothing holds the particle. */
#include <kramers/landscape.h>
#include <kramers/vector_math.h>

typedef struct washboard {
    double barrier, force;
} washboard;

static const kr_parameter parameters[] = {
    {"barrier", "h", "height of the barriers without force", NULL, KR_NUMBER, KR_ABOVE_MINIMUM | KR_LOG_SCALE,
     offsetof(washboard, barrier), .initial = 1, .minimum = 0, .maximum = 1e9},
    {"force", "F", "constant force; from the critical force pi h on there are no minima", NULL, KR_NUMBER, 0,
     offsetof(washboard, force), .initial = 0, .minimum = -1e9, .maximum = 1e9},
    KR_END};

static const double pi = 0x1.921fb54442d18p+1;

/* (1 - cos 2 pi x)/2 = sin^2(pi x), which keeps its digits near a minimum. */
static void energy_of(double h, double force, size_t n, const double *restrict x, double *restrict energy) {
    for (size_t p = 0; p < n; p++) {
        double sine, cosine;
        kr_sincos_turns(0.5 * x[p], &sine, &cosine);
        energy[p] = fma(h * sine, sine, -force * x[p]);
    }
}

static void energy(const kr_landscape *self, size_t n, const double *restrict x, double *restrict energy) {
    const washboard *v = self->values;
    energy_of(v->barrier, v->force, n, x, energy);
}

static void gradient_of(double h, double force, size_t n, const double *restrict x, double *restrict gradient) {
    double amplitude = pi * h;
    for (size_t p = 0; p < n; p++) {
        double sine, cosine;
        kr_sincos_turns(x[p], &sine, &cosine);
        gradient[p] = fma(amplitude, sine, -force);
    }
}

static void gradient(const kr_landscape *self, size_t n, const double *restrict x, double *restrict gradient) {
    const washboard *v = self->values;
    gradient_of(v->barrier, v->force, n, x, gradient);
}

static void curvature_of(double h, size_t n, const double *restrict x, double *restrict curvature) {
    double amplitude = 2 * pi * pi * h;
    for (size_t p = 0; p < n; p++) {
        double sine, cosine;
        kr_sincos_turns(x[p], &sine, &cosine);
        curvature[p] = amplitude * cosine;
    }
}

static void curvature(const kr_landscape *self, size_t n, const double *restrict x, double *restrict curvature) {
    const washboard *v = self->values;
    curvature_of(v->barrier, n, x, curvature);
}

/* The zero of sin 2 pi x - s in [0, 1/4], 0 <= s < 1: Newton's method, which comes from below and stays there, since the sine is
 * concave; near s = 1, a double zero, it halves the distance at each step. libm's asin has not the same bits everywhere. */
static double quarter_arc_sine(double s) {
    double x = s / (2 * pi);
    for (int i = 0; i < 64; i++) {
        double sine, cosine;
        kr_sincos_turns(x, &sine, &cosine);
        double next = x + (s - sine) / (2 * pi * cosine);
        if (!(next > x)) break;
        x = next;
    }
    return x;
}

/* sin 2 pi x = F / (pi h): the minimum within a quarter of a period from 0, the maximum as far from 1/2. */
static size_t candidates(const kr_landscape *self, size_t axis, size_t capacity, double *points) {
    (void)axis;
    const washboard *v = self->values;
    double sine = v->force / (pi * v->barrier);
    if (!(fabs(sine) < 1)) return 0;
    double x = copysign(quarter_arc_sine(fabs(sine)), sine);
    if (capacity > 0) points[0] = x;
    if (capacity > 1) points[1] = (x < 0 ? -0.5 : 0.5) - x;
    return 2;
}

KR_LANDSCAPE = {
    .about = {.name = KR_PLUGIN_NAME,
              .equation = "V = h (1 - cos 2 pi x)/2 - F x",
              .doc = "Periodic barriers under a constant force, V = h (1 - cos 2 pi x)/2 - F x",
              .reference = "H. Risken, The Fokker-Planck Equation, chapter 11 (1989)",
              .parameters = parameters,
              .values_size = sizeof(washboard)},
    .dim = 1,
    .separable = true,
    .period = 1,
    .energy = energy,
    .gradient = gradient,
    .curvature = curvature,
    .candidates = candidates,
};
