/* Survival from a run in which each particle arrives at most once. */
#include <kramers/confidence.h>
#include <kramers/survival.h>

#include <gsl/gsl_cdf.h>

#include <math.h>
#include <stdlib.h>

void kr_survival_destroy(kr_survival *s) {
    free(s->step);
    free(s->measured);
    free(s->low);
    free(s->high);
    free(s->chain);
    free(s->adiabatic);
    *s = (kr_survival){0};
}

/* floor(part * steps / parts) without overflow. */
static uint64_t share(uint64_t steps, uint64_t part, uint64_t parts) {
    return steps / parts * part + steps % parts * part / parts;
}

kr_status kr_survival_create(kr_survival *s, uint64_t steps, uint64_t reached, kr_error *error) {
    *s = (kr_survival){.step = malloc((KR_SURVIVAL_ROWS + 1) * sizeof *s->step),
                       .measured = malloc((KR_SURVIVAL_ROWS + 1) * sizeof *s->measured),
                       .low = malloc((KR_SURVIVAL_ROWS + 1) * sizeof *s->low),
                       .high = malloc((KR_SURVIVAL_ROWS + 1) * sizeof *s->high)};
    if (!s->step || !s->measured || !s->low || !s->high) {
        kr_survival_destroy(s);
        return kr_fail(error, KR_NO_MEMORY, "not enough memory for a survival curve");
    }
    uint64_t parts = KR_SURVIVAL_ROWS - 1 < steps ? KR_SURVIVAL_ROWS - 1 : steps;
    for (uint64_t i = 0; i == 0 || (i <= parts && share(steps, i, parts) <= reached); i++)
        s->step[s->count++] = i ? share(steps, i, parts) : 0;
    if (s->step[s->count - 1] < reached) s->step[s->count++] = reached;
    for (size_t i = 0; i < s->count; i++) s->measured[i] = s->low[i] = s->high[i] = NAN;
    return KR_OK;
}

static int ascending(const void *left, const void *right) {
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

/* Interval of log(-log S) with Greenwood's variance, var S / S^2 = sum d / (n (n - d)) (Kalbfleisch and Prentice 1980). Where no
 * particle or every particle has arrived, the variance is of no use; there the exact interval of a proportion is taken, of all
 * particles not lost before. */
static kr_interval band(double survival, double greenwood, uint64_t kept) {
    if (survival >= 1.0) {
        kr_interval gone = kr_binomial_interval(0, kept, 0.95);
        return (kr_interval){1.0 - gone.high, 1.0};
    }
    if (survival <= 0.0) return (kr_interval){0.0, kr_binomial_interval(0, kept, 0.95).high};
    double width = gsl_cdf_ugaussian_Qinv(0.025) * sqrt(greenwood) / -log(survival);
    return (kr_interval){pow(survival, exp(width)), pow(survival, exp(-width))};
}

kr_status kr_survival_measure(kr_survival *s, uint64_t particles, uint64_t reached, const uint64_t *until,
                              bool (*arrived)(const void *context, uint64_t particle), const void *context, kr_error *error) {
    /* Twice the step, plus one for a loss: sorts by step, arrivals first. */
    uint64_t ends = 0, *end = malloc((size_t)(particles ? particles : 1) * sizeof *end);
    if (!end)
        return kr_fail(error, KR_NO_MEMORY, "not enough memory for the survival of %llu particles", (unsigned long long)particles);
    for (uint64_t p = 0; p < particles; p++)
        if (until[p] && until[p] <= reached) end[ends++] = 2 * until[p] + !arrived(context, p);
    qsort(end, (size_t)ends, sizeof *end, ascending);
    double survival = 1.0, greenwood = 0.0;
    uint64_t lost = 0, next = 0;
    for (size_t row = 0; row < s->count; row++) {
        while (next < ends && end[next] / 2 <= s->step[row]) {
            uint64_t same = next;
            while (same < ends && end[same] == end[next]) same++;
            double at_risk = (double)(particles - next), count = (double)(same - next);
            if (end[next] % 2 == 0) {
                survival = same == particles ? 0.0 : survival * (1.0 - count / at_risk);
                greenwood += count / (at_risk * (at_risk - count));
            } else {
                lost += same - next;
            }
            next = same;
        }
        s->measured[row] = survival;
        kr_interval ends95 = s->step[row] ? band(survival, greenwood, particles - lost) : (kr_interval){1.0, 1.0};
        s->low[row] = ends95.low;
        s->high[row] = ends95.high;
    }
    free(end);
    return KR_OK;
}
