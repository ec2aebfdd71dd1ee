#include <kramers/confidence.h>

#include "gsl_guard.h"
#include "root.h"

#include <gsl/gsl_cdf.h>

#include <math.h>

/* Quantile of chi-square with nu degrees of freedom from above (upper) or below. GSL inverts the gamma function by iteration:
 * exact for few degrees, but GSL 2.7 is wrong for some counts from 1159 on (the upper 0.025 of 4504 degrees by a third) and does
 * not return for millions. From 1000 degrees on the Cornish-Fisher expansion (Abramowitz and Stegun 26.4.14 and 26.2.49, terms to
 * nu^-3/2) has the tail's probability to 1e-7 of itself. */
static double chi_square_quantile(double tail, bool upper, double nu) {
    if (nu < 1000.0) {
        kr_gsl_enter();
        double exact = upper ? gsl_cdf_chisq_Qinv(tail, nu) : gsl_cdf_chisq_Pinv(tail, nu);
        kr_gsl_leave();
        return exact;
    }
    double z = upper ? gsl_cdf_ugaussian_Qinv(tail) : gsl_cdf_ugaussian_Pinv(tail);
    double root = sqrt(2.0 * nu), square = z * z;
    return nu + z * root + (2.0 / 3.0) * (square - 1.0) + z * (square - 7.0) / (9.0 * root) -
           ((6.0 * square + 14.0) * square - 32.0) / (405.0 * nu) +
           z * ((9.0 * square + 256.0) * square - 433.0) / (4860.0 * root * nu);
}

/* The means at which as few or as many events as these are just improbable. */
kr_interval kr_poisson_interval(uint64_t events, double confidence) {
    double tail = 1.0 - confidence, n = (double)events;
    if (!(tail > 0.0 && tail < 1.0)) return (kr_interval){NAN, NAN};
    if (events == 0) return (kr_interval){0.0, chi_square_quantile(tail, true, 2.0) / 2.0};
    return (kr_interval){chi_square_quantile(tail / 2.0, false, 2.0 * n) / 2.0,
                         chi_square_quantile(tail / 2.0, true, 2.0 * n + 2.0) / 2.0};
}

typedef struct beta {
    double a, b, tail;
    bool upper;
} beta;

static bool below_quantile(double x, void *context) {
    const beta *d = context;
    return d->upper ? gsl_cdf_beta_Q(x, d->a, d->b) >= d->tail : gsl_cdf_beta_P(x, d->a, d->b) <= d->tail;
}

/* GSL's inverse iterates on a function that fails it for large arguments; a bisection on the distribution function in the variable
 * itself does not, and this is called a few times in a run. */
static double beta_quantile(double tail, bool upper, double a, double b) {
    beta distribution = {a, b, tail, upper};
    double below = 0.0, above = 1.0;
    kr_gsl_enter();
    kr_bisect(below_quantile, &distribution, &below, &above);
    kr_gsl_leave();
    return above;
}

kr_interval kr_binomial_interval(uint64_t successes, uint64_t trials, double confidence) {
    double tail = 1.0 - confidence, k = (double)successes, n = (double)trials;
    if (!(tail > 0.0 && tail < 1.0)) return (kr_interval){NAN, NAN};
    if (trials == 0) return (kr_interval){0.0, 1.0};
    if (successes == 0) return (kr_interval){0.0, -expm1(log(tail) / n)};
    if (successes >= trials) return (kr_interval){exp(log(tail) / n), 1.0};
    return (kr_interval){beta_quantile(tail / 2.0, false, k, n - k + 1.0), beta_quantile(tail / 2.0, true, k + 1.0, n - k)};
}
