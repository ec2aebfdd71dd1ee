/* Kramers' rate of leaving a well over a barrier in one coordinate, overdamped:
 *
 *     k = sqrt(V''(a) |V''(b)|) / (2 pi) exp(-(V(b) - V(a)) / T),   a the minimum, b the top
 *
 * (Kramers 1940; Haenggi, Talkner, Borkovec 1990). It is the leading term for a barrier much higher than T of
 * (1/T) int e^{-V/T} int e^{V/T}, each integral done around its parabola. A target in the other well is passed at the rate k, the
 * top itself at 2 k, since half of those who stand there fall back; and near the top, at u thermal lengths beyond it, at
 * 2 k / (1 + erf u), which is where the outer integral is cut. The rates of two exits add up.
 *
 * Holds for additive noise, small learning rates, one well between the exits, and barriers well above T.
 */
#include <kramers/theory.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_roots.h>

#include <math.h>

enum { SCAN = 2000 };
static const double two_pi = 6.28318530717958647693;

static double energy_at(const kr_line *line, double x) {
    double value;
    kr_line_evaluate(line, 1, &x, &value, NULL, NULL);
    return value;
}

static double slope_at(double x, void *line) {
    double value;
    kr_line_evaluate(line, 1, &x, NULL, &value, NULL);
    return value;
}

static double curvature_at(const kr_line *line, double x) {
    double value;
    kr_line_evaluate(line, 1, &x, NULL, NULL, &value);
    return value;
}

/* The zero of V' between a and b, where V' has different signs. */
static double critical_point(kr_line *line, double a, double b) {
    double low = fmin(a, b), high = fmax(a, b), at_low = slope_at(low, line), at_high = slope_at(high, line);
    if (at_low == 0.0) return low;
    if (at_high == 0.0) return high;
    if ((at_low > 0.0) == (at_high > 0.0)) return fabs(at_low) < fabs(at_high) ? low : high; /* lost to rounding */
    gsl_function function = {.function = slope_at, .params = line};
    gsl_root_fsolver *solver = gsl_root_fsolver_alloc(gsl_root_fsolver_brent);
    gsl_root_fsolver_set(solver, &function, low, high);
    double root = low + (high - low) / 2.0;
    for (int i = 0; i < 200; i++) {
        if (gsl_root_fsolver_iterate(solver) != GSL_SUCCESS) break;
        root = gsl_root_fsolver_root(solver);
        low = gsl_root_fsolver_x_lower(solver);
        high = gsl_root_fsolver_x_upper(solver);
        if (gsl_root_test_interval(low, high, 0.0, 4e-16) == GSL_SUCCESS) break;
    }
    gsl_root_fsolver_free(solver);
    return root;
}

/* What lies on one side of the minimum, out to the exit (or as far as matters on an open side). */
typedef struct side {
    size_t tops, bottoms;
    double first_top, first_bottom; /* seen from the minimum */
} side;

static void scan_side(kr_line *line, double from, double to, side *out) {
    *out = (side){0};
    double direction = to > from ? 1.0 : -1.0, step = (to - from) / SCAN, x = from + 0.5 * step, rising = 1.0;
    for (size_t i = 0; i <= SCAN; i++) {
        double next = i < SCAN ? from + ((double)i + 1.0) * step : to;
        if (i == SCAN && next == x) break;
        double slope = direction * slope_at(next, line);
        if (rising > 0.0 && slope < 0.0) {
            if (out->tops++ == 0) out->first_top = critical_point(line, x, next);
            rising = -1.0;
        } else if (rising < 0.0 && slope > 0.0) {
            if (out->bottoms++ == 0) out->first_bottom = critical_point(line, x, next);
            rising = 1.0;
        }
        x = next;
    }
}

/* Downhill from the start, in steps that grow, to the first zero of V'. NAN: there is none before the exit. */
static double find_minimum(kr_line *line, kr_interval exits) {
    double x = line->start, slope = slope_at(x, line);
    double width = isfinite(exits.high - exits.low) ? exits.high - exits.low : 1.0;
    if (fabs(slope) <= 1e-9 * fabs(curvature_at(line, x)) * width) { /* at a critical point but for rounding */
        double near = 1e-6 * width, a = slope_at(x - near, line), b = slope_at(x + near, line);
        return a < 0.0 && b > 0.0 ? critical_point(line, x - near, x + near) : NAN;
    }
    double direction = slope > 0.0 ? -1.0 : 1.0, step = 1e-4 * width;
    for (int i = 0; i < 4000; i++) {
        double next = x + direction * step;
        if (next <= exits.low || next >= exits.high) return NAN;
        if (direction * slope_at(next, line) >= 0.0) return critical_point(line, x, next);
        x = next;
        step = fmin(1.02 * step, 0.01 * width);
    }
    return NAN;
}

typedef struct well_shape {
    double a, energy, curvature, temperature;
} well_shape;

/* The rate of leaving through the exit at end; false: refused. */
static bool rate_through(kr_line *line, const well_shape *well, double end, double *rate, double *top_energy, kr_prediction *out) {
    side s;
    scan_side(line, well->a, end, &s);
    /* An exit that is the top itself, as far as its rounded coordinate tells: V' there is that of a displacement that T does
     * not see. */
    double bend = curvature_at(line, end), slope = slope_at(end, line);
    if (s.tops == 0 && bend < 0.0 && fabs(slope / bend) < 0.2 * sqrt(well->temperature / -bend)) {
        double shift = -slope / bend; /* Newton: the top is just beyond */
        double a = end, b = end + 2.0 * shift;
        s.tops = 1;
        s.first_top = slope_at(a, line) * slope_at(b, line) < 0.0 ? critical_point(line, a, b) : end;
    }
    if (s.tops == 0) {
        kr_theory_refuse(out, "There is no barrier between the minimum at %.6g and the target at %.6g.", well->a, end);
        return false;
    }
    if (s.tops > 1) {
        kr_theory_refuse(out, "There is more than one barrier (a well in between) from the minimum at %.6g to the target at %.6g.",
                         well->a, end);
        return false;
    }
    double b = s.first_top, at_top = curvature_at(line, b), height = energy_at(line, b) - well->energy;
    *top_energy = well->energy + height;
    if (!(at_top < 0.0)) {
        kr_theory_refuse(out, "The top at %.6g has no negative curvature.", b);
        return false;
    }
    if (height < well->temperature) {
        kr_theory_refuse(out, "The barrier, %.4g, is not higher than the temperature, %.4g.", height, well->temperature);
        return false;
    }
    double k = sqrt(well->curvature * -at_top) / two_pi * exp(-height / well->temperature);
    double beyond = end > well->a ? end - b : b - end, u = beyond * sqrt(-at_top / (2.0 * well->temperature));
    /* Where V'' is positive again, the parabola of the top has no say any more. */
    bool in_other_well = beyond > 0.0 && (s.bottoms || curvature_at(line, end) > 0.0);
    *rate = in_other_well ? k : 2.0 * k / (1.0 + erf(u));
    return true;
}

/* On a side without a target nothing may lie that the walk could visit: another well behind a barrier it passes sooner than, or
 * about as soon as, those to the targets; or no wall at all. */
static bool check_open_side(kr_line *line, const well_shape *well, double direction, double highest_exit, kr_prediction *out) {
    double wall = highest_exit + 5.0 * well->temperature, reach = 1e-3;
    for (int i = 0; i < 200 && !(energy_at(line, well->a + direction * reach) > wall + 20.0 * well->temperature); i++) reach *= 1.2;
    if (!(energy_at(line, well->a + direction * reach) > wall)) reach = INFINITY;
    side s = {0};
    if (isfinite(reach)) scan_side(line, well->a, well->a + direction * reach, &s);
    if (isfinite(reach) && (s.tops == 0 || energy_at(line, s.first_top) > wall)) return true;
    kr_theory_refuse(out, "The side without a target is open to other wells, which Kramers' one-well formula does not know.");
    return false;
}

static void predict(const kr_problem *problem, kr_prediction *out) {
    kr_line line;
    if (!kr_line_make(problem, &line, out)) return;
    well_shape well = {.temperature = kr_line_temperature(&line)};
    if (isnan(well.temperature)) {
        kr_theory_refuse(out, "The noise depends on the position, and Kramers' formula is about one temperature.");
        return;
    }
    if (!(well.temperature > 0.0)) {
        kr_theory_refuse(out, "The temperature is 0, so nothing escapes.");
        return;
    }
    kr_interval exits = kr_line_exits(&line);
    well.a = find_minimum(&line, exits);
    if (!isnan(well.a)) {
        well.energy = energy_at(&line, well.a);
        well.curvature = curvature_at(&line, well.a);
    }
    if (isnan(well.a) || !(well.curvature > 0.0)) {
        kr_theory_refuse(out, "Between start and target there is no minimum (with positive curvature) to escape from.");
        return;
    }
    double total = 0.0, rate, top, highest = -INFINITY;
    const double end[2] = {exits.low, exits.high};
    for (int i = 0; i < 2; i++) {
        if (!isfinite(end[i])) continue;
        if (!rate_through(&line, &well, end[i], &rate, &top, out)) return;
        total += rate;
        highest = fmax(highest, top);
    }
    for (int i = 0; i < 2; i++)
        if (!isfinite(end[i]) && !check_open_side(&line, &well, i ? 1.0 : -1.0, highest, out)) return;
    if (!(total > 1e-300)) {
        kr_theory_refuse(out, "The mean passage time is beyond the range of numbers.");
        return;
    }
    out->rate = total;
    out->temperature = well.temperature;
    out->variation = 1.0; /* exponential law, in the limit the formula is about */
}

KR_THEORY = {
    .about = {.name = KR_PLUGIN_NAME,
              .doc = "Kramers' overdamped rate over one barrier, one coordinate (barrier high above T, small learning rates)",
              .reference = "H. A. Kramers, Physica 7, 284 (1940)"},
    .rank = 10,
    .predict = predict};
