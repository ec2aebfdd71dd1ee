#include "minimum.h"
#include "gsl_guard.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_min.h>

double kr_minimum(double (*f)(double x, void *context), void *context, double low, double point, double high, double absolute) {
    enum { ITERATIONS = 100 };
    gsl_function function = {f, context};
    kr_gsl_enter();
    gsl_min_fminimizer *minimizer = gsl_min_fminimizer_alloc(gsl_min_fminimizer_brent);
    if (minimizer && gsl_min_fminimizer_set(minimizer, &function, point, low, high) == GSL_SUCCESS)
        for (int i = 0; i < ITERATIONS && gsl_min_fminimizer_iterate(minimizer) == GSL_SUCCESS; i++) {
            point = gsl_min_fminimizer_x_minimum(minimizer);
            if (gsl_min_fminimizer_x_upper(minimizer) - gsl_min_fminimizer_x_lower(minimizer) < absolute) break;
        }
    if (minimizer) gsl_min_fminimizer_free(minimizer);
    kr_gsl_leave();
    return point;
}
