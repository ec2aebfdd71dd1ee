/* Underdamped Langevin dynamics dq = p dt, dp = -g dt - gamma p dt + sqrt(2 gamma T) dW by a splitting into exactly solvable
 * parts, given as a string (Leimkuhler and Matthews 2013):
 *
 *   A  q += h p      B  p -= h g~      O  p = c p + sqrt(T (1 - c^2)) xi,  c = exp(-gamma h)
 *
 * with h = sqrt(eta) and each letter's h divided by its count in the string. Kicks at one position share one gradient (and one
 * draw of its noise). When the last kick of a step stands where the first of the next will, that gradient is carried over, so that
 * BAOAB costs one gradient a step. prepare() compiles the string into a list of operations. */
#include <kramers/block.h>
#include <kramers/parameter_rows.h>

#include <kramers/vector_math.h>
#include <math.h>
#include <string.h>

typedef struct values {
    double friction, temperature;
    char *splitting;
} values;

static const kr_parameter parameters[] = {{.name = "friction",
                                           .symbol = "gamma",
                                           .doc = "coupling to the heat bath; 0: none",
                                           .unit = "1/time",
                                           .type = KR_NUMBER,
                                           .flags = KR_LOG_SCALE,
                                           .offset = offsetof(values, friction),
                                           .initial = 1,
                                           .minimum = 0,
                                           .maximum = 1e9},
                                          KR_ROW_TEMPERATURE(values, "of the heat bath and of the momenta at the start"),
                                          {.name = "splitting",
                                           .doc = "order of drifts A, kicks B and thermostats O in a step",
                                           .type = KR_TEXT,
                                           .offset = offsetof(values, splitting),
                                           .initial_text = "BAOAB"},
                                          KR_END};

enum { MOMENTUM, CARRIED_GRADIENT };
enum { MAX_LETTERS = 54, MAX_DRAWS = 17 }; /* streams: one and 16 further ones */

/* Kicks: with the gradient of the step before, with a fresh one, with a fresh one that the next step will need, with the one
 * at hand. */
enum { DRIFT, KICK_CARRIED, KICK_FRESH, KICK_FRESH_KEEP, KICK_AGAIN, THERMOSTAT };

typedef struct program {
    int length, drifts, kicks, thermostats, evaluations;
    int carries; /* the gradient is carried from step to step */
    int operation[MAX_LETTERS];
} program;
_Static_assert(sizeof(program) <= sizeof(((kr_dynamics *)0)->state), "a program fits into the state");

static program load(const kr_dynamics *self) {
    program p;
    memcpy(&p, self->state, sizeof p);
    return p;
}

static int count_letter(const char *text, char letter) {
    int count = 0;
    for (; *text; text++) count += *text == letter;
    return count;
}

static kr_status check_letters(const char *text, kr_error *error) {
    size_t known = strspn(text, "ABO");
    if (text[known])
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "splitting '%.80s' holds '%c'; its letters are A (drift), B (kick) and O (thermostat), as in BAOAB.", text,
                       text[known]);
    if (known > MAX_LETTERS)
        return kr_fail(error, KR_BAD_ARGUMENT, "splitting has %zu letters; at most %d are allowed.", known, MAX_LETTERS);
    if (!count_letter(text, 'A') || !count_letter(text, 'B'))
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "splitting '%s' has no %s; a step needs at least one A (drift) and one B (kick), as in BAOAB.", text,
                       count_letter(text, 'A') ? "B" : "A");
    return KR_OK;
}

static void compile(const char *text, program *p) {
    *p = (program){.length = (int)strlen(text),
                   .drifts = count_letter(text, 'A'),
                   .kicks = count_letter(text, 'B'),
                   .thermostats = count_letter(text, 'O'),
                   .carries = strchr(text, 'B') < strchr(text, 'A') && strrchr(text, 'B') > strrchr(text, 'A')};
    const char *last_drift = strrchr(text, 'A');
    enum { UNKNOWN, CARRIED, EVALUATED } gradient = p->carries ? CARRIED : UNKNOWN;
    for (int i = 0; i < p->length; i++) {
        if (text[i] == 'O') {
            p->operation[i] = THERMOSTAT;
        } else if (text[i] == 'A') {
            p->operation[i] = DRIFT;
            gradient = UNKNOWN;
        } else if (gradient == UNKNOWN) {
            p->operation[i] = p->carries && text + i > last_drift ? KICK_FRESH_KEEP : KICK_FRESH;
            p->evaluations++;
            gradient = EVALUATED;
        } else {
            p->operation[i] = gradient == CARRIED ? KICK_CARRIED : KICK_AGAIN;
        }
    }
}

static kr_status prepare(kr_dynamics *self, kr_error *error) {
    const values *v = self->values;
    const char *text = v->splitting ? v->splitting : "";
    if (check_letters(text, error) != KR_OK) return KR_BAD_ARGUMENT;
    program p;
    compile(text, &p);
    if (p.thermostats > MAX_DRAWS || p.evaluations > MAX_DRAWS)
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "splitting '%s' has %d thermostats and %d evaluations of the gradient; at most %d of each are allowed.",
                       text, p.thermostats, p.evaluations, MAX_DRAWS);
    memcpy(self->state, &p, sizeof p);
    return KR_OK;
}

static size_t auxiliaries(const kr_dynamics *self) {
    return load(self).carries ? 2 : 1;
}

static void start(const kr_dynamics *self, const kr_controls *controls, kr_block *block, const uint32_t *which, size_t count) {
    const values *v = self->values;
    double thermal = sqrt(v->temperature), *p = block->auxiliary[MOMENTUM];
    const double *normal = kr_block_normals(block, controls, KR_STREAM_START_MOMENTUM);
    for (size_t i = 0; i < block->dim; i++)
        for (size_t j = 0; j < count; j++) p[i * block->n + which[j]] = thermal * normal[i * block->n + which[j]];
    if (!load(self).carries) return;
    const double *gradient = kr_block_gradient(block, controls, block->position, KR_STREAM_START_GRADIENT);
    for (size_t i = 0; i < block->dim; i++)
        for (size_t j = 0; j < count; j++)
            block->auxiliary[CARRIED_GRADIENT][i * block->n + which[j]] = gradient[i * block->n + which[j]];
}

static void move(size_t count, double h, const double *restrict direction, double *restrict x) {
    for (size_t i = 0; i < count; i++) x[i] = fma(h, direction[i], x[i]);
}

/* The i-th draw of a step, i from 0. */
static kr_stream stream(kr_stream first, kr_stream second, int i) {
    return i == 0 ? first : (kr_stream)((int)second + i - 1);
}

static void shake(size_t count, double amplitude, double c, const double *restrict normal, double *restrict p) {
    for (size_t i = 0; i < count; i++) p[i] = fma(amplitude, normal[i], c * p[i]);
}

/* p = c p + amplitude xi. The ledger wants to see the normals, which are the same. */
static void thermalise(kr_block *block, const kr_controls *controls, int number, double c, double amplitude) {
    kr_stream thermal = stream(KR_STREAM_THERMAL, KR_STREAM_THERMAL_SECOND, number);
    double *p = block->auxiliary[MOMENTUM];
    if (!block->ledger) {
        kr_block_shake(block, controls, thermal, amplitude, c, p);
        return;
    }
    const double *normal = kr_block_normals(block, controls, thermal);
    kr_ledger_thermostat(block, c, amplitude, normal, p);
    shake(block->dim * block->n, amplitude, c, normal, p);
}

/* What one thermostat leaves of a momentum. */
static double contraction(double friction, const program *p, double h) {
    return p->thermostats ? kr_exp(-friction * h / p->thermostats) : 1;
}

static void step(const kr_dynamics *self, const kr_controls *controls, kr_block *block) {
    const values *v = self->values;
    program sequence = load(self);
    size_t count = block->dim * block->n;
    double h = controls->root_rate, drift = h / sequence.drifts, kick = -h / sequence.kicks;
    double c = contraction(v->friction, &sequence, h);
    /* fma: 1 - c^2 of the rounded c without cancellation, so that the temperature is exact at any friction. */
    double amplitude = sqrt(v->temperature * fma(-c, c, 1));
    double *q = block->position, *p = block->auxiliary[MOMENTUM];
    int evaluation = 0, thermostat = 0;
    for (int i = 0; i < sequence.length; i++) {
        double *gradient = sequence.operation[i] == KICK_CARRIED ? block->auxiliary[CARRIED_GRADIENT] : block->gradient;
        switch (sequence.operation[i]) {
        case DRIFT:
            move(count, drift, p, q);
            if (block->ledger) kr_ledger_moved(block);
            break;
        case KICK_FRESH:
        case KICK_FRESH_KEEP:
            kr_block_gradient(block, controls, q, stream(KR_STREAM_GRADIENT_NOISE, KR_STREAM_GRADIENT_SECOND, evaluation++));
            if (sequence.operation[i] == KICK_FRESH_KEEP)
                memcpy(block->auxiliary[CARRIED_GRADIENT], block->gradient, count * sizeof *p);
            /* fall through */
        case KICK_CARRIED:
        case KICK_AGAIN:
            if (block->ledger) kr_ledger_kick(block, 1, 1, p, kick, NULL, q, gradient);
            move(count, kick, gradient, p);
            break;
        case THERMOSTAT:
            if (!(c < 1)) break;
            thermalise(block, controls, thermostat++, c, amplitude);
            break;
        }
    }
}

static void velocity(const kr_dynamics *self, double learning_rate, size_t n, const double *const *auxiliary, double *p) {
    (void)self, (void)learning_rate;
    memcpy(p, auxiliary[MOMENTUM], n * sizeof *p);
}

/* Sum over the step's gradients of the square of each one's share in the kicks: the part of the noise's variance that is left. */
static double noise_share(const program *p) {
    int leading = 0, group = 0, evaluated = 0;
    double squares = 0;
    for (int i = 0; i < p->length; i++) {
        int operation = p->operation[i];
        leading += operation == KICK_CARRIED;
        if (operation == KICK_FRESH || operation == KICK_FRESH_KEEP) {
            squares += evaluated ? (double)group * group : 0;
            evaluated = 1;
            group = 1;
        }
        group += operation == KICK_AGAIN;
    }
    group += leading;
    return (squares + (double)group * group) / ((double)p->kicks * p->kicks);
}

/* Kicks of variance h^2 s^2 in each time h heat against the friction: gamma T' = h s^2 / 2. */
static double temperature(const kr_dynamics *self, double learning_rate, double noise_variance) {
    const values *v = self->values;
    program p = load(self);
    if (!p.thermostats || v->friction == 0) return NAN;
    return v->temperature + sqrt(learning_rate) * noise_variance * noise_share(&p) / (2 * v->friction);
}

static double friction(const kr_dynamics *self, double learning_rate) {
    (void)learning_rate;
    return ((const values *)self->values)->friction;
}

/* Whether the step as a linear map of (q, p) on V = q^2/2, with h^2 = eta and momenta multiplied by c at each thermostat, has no
 * eigenvalue outside the unit circle (Jury's criterion; the determinant is at most 1). */
static bool stable(const program *sequence, double c, double eta) {
    double h = sqrt(eta), column[2][2] = {{1, 0}, {0, 1}}, determinant = 1;
    for (int j = 0; j < 2; j++) {
        double *q = &column[j][0], *p = &column[j][1];
        for (int i = 0; i < sequence->length; i++) {
            if (sequence->operation[i] == DRIFT)
                *q += h / sequence->drifts * *p;
            else if (sequence->operation[i] == THERMOSTAT)
                *p *= c;
            else
                *p -= h / sequence->kicks * *q;
        }
    }
    for (int i = 0; i < sequence->thermostats; i++) determinant *= c;
    return fabs(column[0][0] + column[1][1]) <= 1 + determinant + 1e-9;
}

/* The first eta k at which the step is unstable at this friction; 4 for symmetric strings with one gradient a step. Scanned, since
 * long strings have traces of high degree in eta; one of degree n that begins as 2 - eta leaves [-2, 2] before 4 n^2 by Chebyshev's
 * theorem. Kernel files use public headers only, so the bisection stands here. */
static double stability_limit(const kr_dynamics *self, double learning_rate) {
    const values *v = self->values;
    program p = load(self);
    double c = contraction(v->friction, &p, sqrt(learning_rate));
    int degree = p.drifts < p.kicks ? p.drifts : p.kicks;
    double below = 0, above = 0;
    while (above < 4.0 * degree * degree + 1 && stable(&p, c, above)) {
        below = above;
        above += 1.0 / 64;
    }
    for (int i = 0; i < 60; i++) {
        double middle = 0.5 * (below + above);
        if (stable(&p, c, middle))
            below = middle;
        else
            above = middle;
    }
    return below;
}

KR_DYNAMICS = {
    .about = {.name = KR_PLUGIN_NAME,
              .equation = "dx = p dt,  dp = -(g + n) dt - gamma p dt + sqrt(2 gamma T) dW\n"
                          "in steps h = sqrt(eta) of these parts, in the order of splitting:\n"
                          "A: x += h p;  B: p -= h (g + n)\n"
                          "O: p = c p + sqrt(T (1 - c^2)) xi, c = exp(-gamma h)\n"
                          "the h of a letter is divided by how often it is there",
              .doc = "underdamped Langevin dynamics by any splitting into drifts, kicks and thermostats",
              .reference = "B. Leimkuhler, C. Matthews, Appl. Math. Res. Express 2013, 34",
              .parameters = parameters,
              .values_size = sizeof(values)},
    .physical_time = true,
    .by_coordinate = true,
    .prepare = prepare,
    .auxiliaries = auxiliaries,
    .start = start,
    .step = step,
    .velocity = velocity,
    .temperature = temperature,
    .friction = friction,
    .stability_limit = stability_limit,
};
