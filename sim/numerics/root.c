#include "root.h"
#include "gsl_guard.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_roots.h>

#include <math.h>

static double brent(gsl_root_fsolver *solver, double absolute, double relative) {
    enum { ITERATIONS = 200 };
    double root = NAN;
    for (int i = 0; i < ITERATIONS; i++) {
        if (gsl_root_fsolver_iterate(solver) != GSL_SUCCESS) return NAN;
        root = gsl_root_fsolver_root(solver);
        double low = gsl_root_fsolver_x_lower(solver), high = gsl_root_fsolver_x_upper(solver);
        if (gsl_root_test_interval(low, high, absolute, relative) == GSL_SUCCESS) break;
    }
    return root;
}

double kr_root(double (*f)(double x, void *context), void *context, double a, double b, double absolute, double relative) {
    gsl_function function = {f, context};
    double root = NAN;
    if (absolute == 0.0 && relative == 0.0) relative = KR_ROOT_ROUNDING;
    kr_gsl_enter();
    gsl_root_fsolver *solver = gsl_root_fsolver_alloc(gsl_root_fsolver_brent);
    if (solver && gsl_root_fsolver_set(solver, &function, fmin(a, b), fmax(a, b)) == GSL_SUCCESS)
        root = brent(solver, absolute, relative);
    if (solver) gsl_root_fsolver_free(solver);
    kr_gsl_leave();
    return root;
}

double kr_first_positive(double (*f)(double x, void *context), void *context, double x, double side, double distance) {
    double below = 0.0, reach = 1e-3 * distance;
    for (int i = 0; !(f(x + side * reach, context) > 0.0); i++) {
        if (i == 1200) return NAN;
        below = reach;
        reach += reach < 2.0 * distance ? 5e-3 * distance : 5e-3 * reach;
    }
    double near = x + side * below, far = x + side * reach;
    return f(near, context) < 0.0 ? kr_root(f, context, near, far, 0.0, 0.0) : far;
}

void kr_bisect(bool (*holds)(double x, void *context), void *context, double *inside, double *outside) {
    for (;;) {
        double middle = *inside + (*outside - *inside) / 2.0;
        if (!(middle > fmin(*inside, *outside) && middle < fmax(*inside, *outside))) return;
        if (holds(middle, context))
            *inside = middle;
        else
            *outside = middle;
    }
}
