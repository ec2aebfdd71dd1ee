/* A loss that the scene spells out:  V = any formula of up to 64 variables, with parameters of its own.
 *
 * The formula is read into a graph of operations (sim/formula); reverse mode gives the graph of its gradient, forward mode over
 * that the graph of its Hessian, and each becomes a tape of steps that are loops over many points: a chunk of points so small that
 * all rows of the tape stay in the first-level cache goes through all steps before the next. A formula whose terms have one
 * variable each is a sum over coordinates, with tapes of each. A factor or a number that is added is part of a step; a product and
 * a sum are one fma. */
#include "formula/formula.h"

#include "formula/elementary.h"

#include <kramers/memory_miss.h>

#include <stdlib.h>

#define ROW(n) offsetof(kr_formula_values, number) + (n) * sizeof(double)

static const kr_parameter parameters[] = {
    {"potential", "V",
     "the formula; names in it that are neither variables nor functions are further parameters. abs, min and max make kinks, where "
     "theories that ask for a curvature mean nothing",
     NULL, KR_TEXT, KR_SHAPES, offsetof(kr_formula_values, potential), .initial_text = "h*(x^2 - 1)^2 + c*x + k*y^2/2"},
    {"variables", NULL, "names of the coordinates in the formula", NULL, KR_TEXT, KR_SHAPES | KR_NAMES,
     offsetof(kr_formula_values, variables), .initial_text = "x, y"},
    {"center", NULL, "middle of the box in which minima and saddles are looked for: one number, or one for each variable", NULL,
     KR_LIST, 0, offsetof(kr_formula_values, center), .initial = 0, .minimum = -1e9, .maximum = 1e9},
    {"reach", NULL, "how far that box goes to both sides: one number, or one for each variable", NULL, KR_LIST,
     KR_ABOVE_MINIMUM | KR_LOG_SCALE, offsetof(kr_formula_values, reach), .initial = 10, .minimum = 0, .maximum = 1e9},
    {"h", NULL, "parameter of the formula that stands here if none is given", NULL, KR_NUMBER, 0, ROW(0), .initial = 1,
     .minimum = -KR_FORMULA_LARGEST, .maximum = KR_FORMULA_LARGEST},
    {"c", NULL, "parameter of the formula that stands here if none is given", NULL, KR_NUMBER, 0, ROW(1), .initial = 0.1,
     .minimum = -KR_FORMULA_LARGEST, .maximum = KR_FORMULA_LARGEST},
    {"k", NULL, "parameter of the formula that stands here if none is given", NULL, KR_NUMBER, 0, ROW(2), .initial = 2,
     .minimum = -KR_FORMULA_LARGEST, .maximum = KR_FORMULA_LARGEST},
    KR_END};

/* ---- steps ---- */

static inline double kr_sine(double x) {
    double sine, cosine;
    kr_sincos(x, &sine, &cosine);
    return sine;
}

static inline double kr_cosine(double x) {
    double sine, cosine;
    kr_sincos(x, &sine, &cosine);
    return cosine;
}

static inline double kr_tangent(double x) {
    double sine, cosine;
    kr_sincos(x, &sine, &cosine);
    return sine / cosine;
}

typedef void loop(size_t n, double k, double l, const double *restrict a, const double *restrict b, const double *restrict c,
                  double *restrict r);

#define LOOP(name, value)                                                                                                          \
    static void loop_##name(size_t n, double k, double l, const double *restrict a, const double *restrict b,                      \
                            const double *restrict c, double *restrict r) {                                                        \
        (void)k, (void)l, (void)a, (void)b, (void)c;                                                                               \
        for (size_t p = 0; p < n; p++) r[p] = value;                                                                               \
    }
KR_TAPE_OPERATIONS(LOOP)

#define LOOP_NAME(name, value) loop_##name,
static loop *const loops[] = {KR_TAPE_OPERATIONS(LOOP_NAME)};

/* ---- tapes ---- */

enum { WORK = 2048, LEAST_CHUNK = 8, MOST_CHUNK = 512 };

static void run_chunk(const kr_tape *tape, size_t count, const size_t stride[3], double *const base[3]) {
    for (size_t s = 0; s < tape->count; s++) {
        const kr_tape_step *step = &tape->step[s];
        loops[step->operation](count, step->k, step->l, base[step->a.kind] + step->a.number * stride[step->a.kind],
                               base[step->b.kind] + step->b.number * stride[step->b.kind],
                               base[step->c.kind] + step->c.number * stride[step->c.kind],
                               base[step->to.kind] + step->to.number * stride[step->to.kind]);
    }
}

static void run(const kr_tape *tape, size_t n, const double *x, size_t rows, double *results) {
    double fixed[WORK], *work = fixed;
    size_t chunk = tape->work ? WORK / tape->work / LEAST_CHUNK * LEAST_CHUNK : MOST_CHUNK;
    if (chunk < LEAST_CHUNK) work = malloc(tape->work * (chunk = LEAST_CHUNK) * sizeof *work);
    if (chunk > MOST_CHUNK) chunk = MOST_CHUNK;
    if (!work) kr_memory_miss();
    for (size_t i = 0; !work && i < rows * n; i++) results[i] = NAN;
    for (size_t begin = 0; work && begin < n; begin += chunk) {
        union { /* variables are only read */
            const double *read;
            double *write;
        } variables = {x + begin};
        size_t count = n - begin < chunk ? n - begin : chunk;
        run_chunk(tape, count, (const size_t[]){n, n, chunk}, (double *const[]){variables.write, results + begin, work});
    }
    if (work != fixed) free(work);
}

static const kr_formula_program *program_of(const kr_landscape *self) {
    return self->state;
}

static void add_row(size_t n, const double *restrict part, double *restrict sum) {
    for (size_t p = 0; p < n; p++) sum[p] += part[p];
}

/* Coordinates behind dim, which others leave out, add a constant. */
static void energy(const kr_landscape *self, size_t n, const double *restrict x, double *restrict energy) {
    const kr_tape *tape = program_of(self)->energy;
    double part[MOST_CHUNK];
    run(tape, n, x, 1, energy);
    for (size_t i = 1; self->type->separable && i < self->dim; i++)
        for (size_t begin = 0; begin < n; begin += MOST_CHUNK) {
            size_t count = n - begin < MOST_CHUNK ? n - begin : MOST_CHUNK;
            run(&tape[i], count, x + i * n + begin, 1, part);
            add_row(count, part, energy + begin);
        }
}

/* Results of each coordinate alone, or of one tape for all. */
static void run_rows(const kr_landscape *self, const kr_tape *tape, size_t n, const double *x, size_t stride, double *results) {
    if (!self->type->separable) {
        run(tape, n, x, self->dim, results);
        return;
    }
    for (size_t i = 0; i < self->dim; i++) run(&tape[self->coordinate + i], n, x + i * n, 1, results + i * stride);
}

static void gradient(const kr_landscape *self, size_t n, const double *restrict x, double *restrict gradient) {
    run_rows(self, program_of(self)->gradient, n, x, n, gradient);
}

static void curvature(const kr_landscape *self, size_t n, const double *restrict x, double *restrict curvature) {
    run_rows(self, program_of(self)->curvature, n, x, n, curvature);
}

static void hessian(const kr_landscape *self, size_t n, const double *restrict x, double *restrict hessian) {
    size_t dim = self->dim;
    if (!self->type->separable) {
        run(&program_of(self)->hessian, n, x, dim * dim, hessian);
        return;
    }
    for (size_t k = 0; k < dim * dim * n; k++) hessian[k] = 0;
    run_rows(self, program_of(self)->curvature, n, x, (dim + 1) * n, hessian);
}

/* ---- the landscape ---- */

static kr_status specialise(const kr_descriptor *general, const void *values, const char *const *keys,
                            const kr_descriptor **special, kr_error *error) {
    return kr_formula_type((const kr_landscape_type *)general, values, keys, special, error);
}

KR_LANDSCAPE = {
    .about = {.name = KR_PLUGIN_NAME,
              .doc = "A loss of your own: any formula of up to 64 variables, with parameters of its own",
              .reference = "A. Griewank and A. Walther, Evaluating Derivatives, SIAM (2008)",
              .equation = "V = potential, made of + - * / ^ (also **), numbers, pi, e, variables,\n"
                          "abs atan cos cosh exp log max min pow sin sinh sqrt tan tanh,\n"
                          "and parameters of any other name",
              .parameters = parameters,
              .values_size = sizeof(kr_formula_values),
              .specialise = specialise},
    .dim = 2,
    .separable = true,
    .tiles = true,
    .prepare = kr_formula_prepare,
    .release = kr_formula_release,
    .energy = energy,
    .gradient = gradient,
    .curvature = curvature,
    .hessian = hessian,
    .candidates = kr_formula_candidates,
};
