#include "integral.h"
#include "gsl_guard.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_integration.h>

#include <math.h>
#include <stdbool.h>

enum { INTERVALS = 400 };

/* The error is NAN where there is no memory, and then not small enough for anything. */
static double integrate(gsl_function *f, double a, double b, double absolute, double relative, bool singular, double *error,
                        bool *reached) {
    double value = NAN;
    int status = GSL_ENOMEM;
    *error = NAN;
    kr_gsl_enter();
    gsl_integration_workspace *workspace = gsl_integration_workspace_alloc(INTERVALS);
    if (workspace && singular)
        status = gsl_integration_qags(f, a, b, absolute, relative, INTERVALS, workspace, &value, error);
    else if (workspace)
        status = gsl_integration_qag(f, a, b, absolute, relative, INTERVALS, GSL_INTEG_GAUSS31, workspace, &value, error);
    if (workspace) gsl_integration_workspace_free(workspace);
    kr_gsl_leave();
    *reached = status == GSL_SUCCESS;
    return isfinite(value) ? value : NAN;
}

double kr_integral(double (*f)(double x, void *context), void *context, double a, double b, double wanted, double accepted) {
    double error;
    bool reached;
    double value = integrate(&(gsl_function){f, context}, a, b, 0.0, wanted, false, &error, &reached);
    return reached || error < accepted * fabs(value) ? value : NAN;
}

double kr_integral_singular(double (*f)(double x, void *context), void *context, double a, double b, double wanted,
                            double accepted) {
    double error;
    bool reached;
    double value = integrate(&(gsl_function){f, context}, a, b, 0.1 * wanted, wanted, true, &error, &reached);
    return reached || error < accepted ? value : NAN;
}
