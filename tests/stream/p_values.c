#include "stream.h"

#include <gsl/gsl_cdf.h>

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

void p_begin(p_values *p, const char *name, double bytes) {
    p->family[p->families++] = (struct p_family){.name = name, .bytes = bytes, .smallest = 1.0};
}

void p_add(p_values *p, double value, const char *where, ...) {
    struct p_family *family = &p->family[p->families - 1];
    family->tests++;
    if (!(value < family->smallest)) return;
    va_list arguments;
    va_start(arguments, where);
    vsnprintf(family->where, sizeof family->where, where, arguments);
    va_end(arguments);
    family->smallest = value;
}

void p_normal(p_values *p, double z, const char *where) {
    p_add(p, 2 * gsl_cdf_ugaussian_Q(fabs(z)), "%s: z = %+.2f", where, z);
}

void p_chi_square(p_values *p, const char *where, size_t cells, const double *expected, const double *observed) {
    double chi_square = 0, want = 0, have = 0, freedom = -1;
    for (size_t i = 0; i < cells; i++) {
        want += expected[i];
        have += observed[i];
        if (want < 10 && i + 1 < cells) continue;
        if (want > 0) chi_square += (have - want) * (have - want) / want;
        freedom++;
        want = have = 0;
    }
    if (freedom < 1) return;
    double value = 2 * fmin(gsl_cdf_chisq_P(chi_square, freedom), gsl_cdf_chisq_Q(chi_square, freedom));
    p_add(p, value, "%s: chi-square %.1f of %.0f", where, chi_square, freedom);
}

bool p_report(const p_values *p) {
    int tests = 0;
    const struct p_family *least = &p->family[0];
    printf("%-42s%12s%8s%14s  %s\n", "test", "bytes", "tests", "smallest p", "where");
    for (const struct p_family *f = p->family; f < p->family + p->families; f++) {
        printf("%-42s%12.4g%8d%14.3g  %s\n", f->name, f->bytes, f->tests, f->smallest, f->where);
        tests += f->tests;
        if (f->smallest < least->smallest) least = f;
    }
    double corrected = fmin(1.0, tests * least->smallest);
    bool good = corrected > 1e-3;
    printf("%d tests, smallest p %.3g (%s, %s); times the number of tests: %.3g: %s\n", tests, least->smallest, least->name,
           least->where, corrected, good ? "nothing found" : "NOT RANDOM");
    return good;
}
