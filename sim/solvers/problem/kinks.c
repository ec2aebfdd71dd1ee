#include "kinks.h"
#include "numerics/root.h"

#include <math.h>
#include <stdlib.h>

enum { SCAN = 4096, BATCH = 64 };

/* Something whose sign or vanishing changes where the noise has a kink: the curvature of the bare loss (|V''| in curvature
 * noise), and whether there is gradient noise at all (noise that is cut off at zero). */
static void kink_signs(const kr_problem_1d *line, size_t n, const double *x, signed char *sign) {
    double curvature[BATCH], variance[BATCH];
    for (size_t done = 0; done < n; done += BATCH) {
        size_t count = n - done < BATCH ? n - done : BATCH;
        kr_problem_1d_evaluate(line, count, x + done, NULL, NULL, curvature);
        kr_problem_1d_variance(line, count, x + done, variance);
        for (size_t i = 0; i < count; i++)
            sign[done + i] = (signed char)((curvature[i] > line->problem->landscape->weight_decay ? 1 : 0) +
                                           (variance[i] > line->thermal_variance ? 2 : 0));
    }
}

typedef struct side {
    const kr_problem_1d *line;
    signed char sign;
} side;

static bool on_side(double x, void *context) {
    const side *s = context;
    signed char sign;
    kink_signs(s->line, 1, &x, &sign);
    return sign == s->sign;
}

static size_t kinks_of_noise(const kr_problem_1d *line, double left, double right, size_t capacity, double *kinks) {
    if (!isnan(kr_problem_1d_temperature(line))) return 0;
    size_t count = 0;
    double x[BATCH + 1];
    signed char sign[BATCH + 1];
    for (size_t block = 0; block < SCAN / BATCH; block++) {
        for (size_t i = 0; i <= BATCH; i++) x[i] = left + (right - left) * (double)(block * BATCH + i) / SCAN;
        kink_signs(line, BATCH + 1, x, sign);
        for (size_t i = 0; i < BATCH && count < capacity; i++) {
            side before = {line, sign[i]};
            double last = x[i];
            kinks[count] = x[i + 1];
            if (sign[i] == sign[i + 1]) continue;
            kr_bisect(on_side, &before, &last, &kinks[count++]);
        }
    }
    return count;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

size_t kr_problem_kinks(const kr_problem_1d *line, double left, double right, double *kinks) {
    size_t knots = kr_landscape_knots(line->problem->landscape, line->coordinate, left, right, KR_MAX_KINKS, kinks);
    size_t count = knots + kinks_of_noise(line, left, right, KR_MAX_KINKS - knots, kinks + knots);
    if (knots > 0) qsort(kinks, count, sizeof *kinks, ascending);
    return count;
}
