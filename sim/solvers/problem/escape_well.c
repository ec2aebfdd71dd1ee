#include "escape_well.h"

#include "numerics/root.h"

#include <ctype.h>
#include <math.h>

enum { SCAN = 2000 };
static const double two_pi = 6.28318530717958647693;

static double energy_at(const kr_problem_1d *line, double x) {
    double value;
    kr_problem_1d_evaluate(line, 1, &x, &value, NULL, NULL);
    return value;
}

static double slope_at(double x, void *line) {
    double value;
    kr_problem_1d_evaluate(line, 1, &x, NULL, &value, NULL);
    return value;
}

static double curvature_at(const kr_problem_1d *line, double x) {
    double value;
    kr_problem_1d_evaluate(line, 1, &x, NULL, NULL, &value);
    return value;
}

/* The zero of V' between a and b, where V' has different signs. */
static double critical_point(kr_problem_1d *line, double a, double b) {
    double low = fmin(a, b), high = fmax(a, b), at_low = slope_at(low, line), at_high = slope_at(high, line);
    if (at_low == 0.0) return low;
    if (at_high == 0.0) return high;
    if ((at_low > 0.0) == (at_high > 0.0)) return fabs(at_low) < fabs(at_high) ? low : high; /* lost to rounding */
    return kr_root(slope_at, line, low, high, 0.0, 0.0);
}

/* What lies on one side of the minimum, out to the exit (or as far as matters on an open side). */
typedef struct side {
    size_t tops, bottoms;
    double first_top, first_bottom; /* seen from the minimum */
} side;

static void scan_side(kr_problem_1d *line, double from, double to, side *out) {
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
static double find_minimum(kr_problem_1d *line, kr_interval exits) {
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

static bool add_exit(kr_problem_1d *line, kr_escape_well *well, double temperature, double end, kr_prediction *out) {
    side s;
    scan_side(line, well->position, end, &s);
    /* An exit that is the top itself, as far as its rounded coordinate tells: V' there is that of a displacement that T does
     * not see. */
    double bend = curvature_at(line, end), slope = slope_at(end, line);
    if (s.tops == 0 && bend < 0.0 && fabs(slope / bend) < 0.2 * sqrt(temperature / -bend)) {
        double shift = -slope / bend; /* Newton: the top is just beyond */
        double a = end, b = end + 2.0 * shift;
        s.tops = 1;
        s.first_top = slope_at(a, line) * slope_at(b, line) < 0.0 ? critical_point(line, a, b) : end;
    }
    if (s.tops == 0) {
        kr_theory_refuse(out, "There is no barrier between the minimum at %.6g and the target at %.6g.", well->position, end);
        return false;
    }
    if (s.tops > 1) {
        kr_theory_refuse(out, "There is more than one barrier (a well in between) from the minimum at %.6g to the target at %.6g.",
                         well->position, end);
        return false;
    }
    double top = s.first_top, at_top = curvature_at(line, top), height = energy_at(line, top) - well->energy;
    if (!(at_top < 0.0)) {
        kr_theory_refuse(out, "The top at %.6g has no negative curvature.", top);
        return false;
    }
    if (height < temperature) {
        kr_theory_refuse(out, "The barrier, %.4g, is not higher than the temperature, %.4g.", height, temperature);
        return false;
    }
    double beyond = end > well->position ? end - top : top - end;
    /* Where V'' is positive again, the parabola of the top has no say any more. */
    bool in_other_well = beyond > 0.0 && (s.bottoms || curvature_at(line, end) > 0.0);
    well->exit[well->exits++] =
        (kr_exit){.end = end, .top = top, .curvature = at_top, .height = height, .beyond = beyond, .in_other_well = in_other_well};
    return true;
}

/* On a side without a target nothing may lie that a particle could visit: another well behind a barrier it passes sooner than, or
 * about as soon as, those to the targets; or no wall at all. */
static bool check_open_side(kr_problem_1d *line, const kr_escape_well *well, double temperature, double direction,
                            kr_prediction *out) {
    double highest = well->exits == 2 ? fmax(well->exit[0].height, well->exit[1].height) : well->exit[0].height;
    double wall = well->energy + highest + 5.0 * temperature, reach = 1e-3;
    for (int i = 0; i < 200 && !(energy_at(line, well->position + direction * reach) > wall + 20.0 * temperature); i++)
        reach *= 1.2;
    if (!(energy_at(line, well->position + direction * reach) > wall)) reach = INFINITY;
    side s = {0};
    if (isfinite(reach)) scan_side(line, well->position, well->position + direction * reach, &s);
    if (isfinite(reach) && (s.tops == 0 || energy_at(line, s.first_top) > wall)) return true;
    kr_theory_refuse(out, "The side without a target is open to other wells, which a formula about one well does not know.");
    return false;
}

bool kr_escape_well_find(kr_problem_1d *line, kr_escape_well *well, kr_prediction *out) {
    *well = (kr_escape_well){.position = find_minimum(line, kr_problem_1d_exits(line))};
    if (!isnan(well->position)) {
        well->energy = energy_at(line, well->position);
        well->curvature = curvature_at(line, well->position);
    }
    if (well->curvature > 0.0) return true;
    kr_theory_refuse(out, "Between start and target there is no minimum (with positive curvature) to escape from.");
    return false;
}

bool kr_escape_well_leave(kr_problem_1d *line, double temperature, kr_escape_well *well, kr_prediction *out) {
    kr_interval exits = kr_problem_1d_exits(line);
    const double end[2] = {exits.low, exits.high};
    for (int i = 0; i < 2; i++)
        if (isfinite(end[i]) && !add_exit(line, well, temperature, end[i], out)) return false;
    for (int i = 0; i < 2; i++)
        if (!isfinite(end[i]) && !check_open_side(line, well, temperature, i ? 1.0 : -1.0, out)) return false;
    return true;
}

/* Close to the top by the measure of add_exit; else V'' is still negative, or the target would be in the other well. */
void kr_exit_refuse(const kr_exit *exit, double temperature, const char *what, kr_prediction *out) {
    if (fabs(exit->beyond) < 0.2 * sqrt(temperature / -exit->curvature))
        kr_theory_refuse(
            out,
            "The target at %.6g is at the top, from where half of the particles fall back, and which steps are seen to "
            "reach late by an amount of order sqrt(lr); %c%s is for a target in the other well.",
            exit->end, tolower((unsigned char)*what), what + 1);
    else
        kr_theory_refuse(
            out,
            "The target at %.6g lies beyond the top at %.6g, but where V'' is still negative: some of the particles fall "
            "back from there. %s is for a target in the other well, where V'' is positive.",
            exit->end, exit->top, what);
}

double kr_exit_rate(const kr_escape_well *well, const kr_exit *exit, double temperature) {
    double k = sqrt(well->curvature * -exit->curvature) / two_pi * exp(-exit->height / temperature);
    return k * kr_exit_share(exit, temperature);
}

double kr_exit_share(const kr_exit *exit, double temperature) {
    return exit->in_other_well ? 1.0 : 2.0 / (1.0 + erf(exit->beyond * sqrt(-exit->curvature / (2.0 * temperature))));
}
