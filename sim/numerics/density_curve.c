/* A density on an even grid: linear between its points. */
#include <kramers/density_curve.h>

#include <math.h>

double kr_density_at(const kr_density_curve *curve, double x) {
    if (!curve->count) return 0;
    double at = (x - curve->low) / (curve->high - curve->low) * (double)(curve->count - 1);
    if (!(at >= 0 && at < (double)(curve->count - 1))) return 0;
    size_t i = (size_t)at;
    return curve->value[i] + (at - (double)i) * (curve->value[i + 1] - curve->value[i]);
}

/* Of the linear pieces, up to a place that is given in grid spacings. */
static double mass_below(const kr_density_curve *curve, double at) {
    double sum = 0, spacing = (curve->high - curve->low) / (double)(curve->count - 1);
    size_t whole = (size_t)at;
    for (size_t i = 0; i < whole; i++) sum += 0.5 * (curve->value[i] + curve->value[i + 1]);
    double part = at - (double)whole;
    if (part > 0) {
        double from = curve->value[whole], to = from + part * (curve->value[whole + 1] - from);
        sum += 0.5 * part * (from + to);
    }
    return sum * spacing;
}

double kr_density_mass(const kr_density_curve *curve, double low, double high) {
    if (!curve->count || !(low < high)) return 0;
    double end = (double)(curve->count - 1), per = end / (curve->high - curve->low);
    double from = fmin(fmax((low - curve->low) * per, 0), end), to = fmin(fmax((high - curve->low) * per, 0), end);
    return mass_below(curve, to) - mass_below(curve, from);
}
