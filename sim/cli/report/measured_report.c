/* Tables of the estimators: transitions, survival. */
#include "cli/command.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Value and standard error, the error with two digits: "0.01108 +- 0.00012". */
static const char *with_error(double value, double error, char *text, size_t size) {
    int decimals = error > 0 && isfinite(error) ? 1 - (int)floor(log10(error)) : -1;
    if (!isfinite(value))
        snprintf(text, size, "unknown");
    else if (decimals < 0 || decimals > 9)
        snprintf(text, size, isfinite(error) ? "%.6g +- %.2g" : "%.6g", value, error);
    else
        snprintf(text, size, "%.*f +- %.*f", decimals, value, decimals, error);
    return text;
}

void kr_report_transitions(FILE *out, const kr_result *result) {
    const kr_transitions *t = result->transitions;
    char text[64];
    fprintf(out, "\nTransitions between wells, %" PRIu64 " samples, %.3g of them in a core\n", t->samples, t->core_fraction);
    fprintf(out, "  %-10s %12s %14s %12s %24s\n", "", "count", "time in well", "rate", "95 %");
    enum { MOST_LINES = 12 };
    size_t lines = 0, pairs = 0;
    for (size_t i = 0; i < t->wells; i++)
        for (size_t j = 0; j < t->wells; j++) {
            size_t at = i * t->wells + j;
            if (i == j || (t->wells > 2 && !t->count[at])) continue;
            if (++pairs > MOST_LINES) continue;
            lines++;
            fprintf(out, "  %3zu -> %-3zu %12" PRIu64 " %14.7g", i, j, t->count[at], t->residence_time[i]);
            if (isfinite(t->rate[at]))
                fprintf(out, " %12.5g %11.5g ..%11.5g\n", t->rate[at], t->rate_ci95[at].low, t->rate_ci95[at].high);
            else
                fprintf(out, " %12s\n", "-");
        }
    if (pairs > lines) fprintf(out, "  ... %zu pairs in all\n", pairs);
    fprintf(out, "  %-28s%s\n", "relaxation rate", with_error(t->relaxation_rate, t->relaxation_rate_error, text, sizeof text));
    if (isfinite(t->relaxation_lag))
        fprintf(out, "  %-28s%s\n", "  from these rates alone",
                with_error(t->rate_relaxation, t->rate_relaxation_error, text, sizeof text));
    if (isfinite(t->decay_rate))
        fprintf(out, "  %-28s%s\n", "decay of the populations", with_error(t->decay_rate, t->decay_rate_error, text, sizeof text));
    for (size_t i = 0; i < result->theory_count; i++) {
        const kr_prediction *p = &result->theory[i].prediction;
        if (!p->applies || !isfinite(p->spectral_gap)) continue;
        double z = (t->relaxation_rate - kr_prediction_relaxation(p)) / t->relaxation_rate_error;
        fprintf(out, "  %-28s%-24.7g", result->theory[i].type->about.name, p->spectral_gap);
        if (isfinite(p->spectral_gap_steps)) fprintf(out, "\n  %-28s%-24.7g", "  of steps of this size", p->spectral_gap_steps);
        if (isfinite(z)) fprintf(out, "z %+.2f", z);
        fputc('\n', out);
    }
}

void kr_report_measured(FILE *out, const kr_result *result) {
    const kr_exponential *e = &result->exponential;
    const kr_survival *s = &result->survival;
    if (e->intervals >= 8)
        fprintf(out, "times exponential? p = %.3g (%" PRIu64 " intervals, variation %.4f)\n", e->p_value, e->intervals,
                e->variation);
    if (!result->absorbed) return;
    fprintf(out, "arrived: a fraction %.5g of the particles, 95 %% %.5g .. %.5g\n", result->crossed_fraction,
            result->crossed_fraction_ci95.low, result->crossed_fraction_ci95.high);
    if (!s->count) return;
    fprintf(out, "\n%-10s%12s%12s%12s%12s%11s%11s\n", "survival", "step", "measured", "95 % from", "to", s->chain ? "chain" : "",
            s->adiabatic ? "adiabatic" : "");
    for (size_t i = 0; i <= 5; i++) {
        size_t row = (s->count - 1) * i / 5;
        if (i && row == (s->count - 1) * (i - 1) / 5) continue;
        fprintf(out, "%-10s%12" PRIu64 "%12.5f%12.5f%12.5f", "", s->step[row], s->measured[row], s->low[row], s->high[row]);
        if (s->chain) fprintf(out, "%11.5f", s->chain[row]);
        if (s->adiabatic) fprintf(out, "%11.5f", s->adiabatic[row]);
        fputc('\n', out);
    }
    for (int i = 0; i < 2; i++) {
        char line[300];
        const char *why = i ? s->adiabatic_why : s->chain_why;
        if (!why[0] || (i && !strcmp(why, s->chain_why))) continue;
        snprintf(line, sizeof line, "%s: %s",
                 !strcmp(s->chain_why, s->adiabatic_why) ? "no prediction"
                 : i                                     ? "no adiabatic"
                                                         : "no chain",
                 why);
        fputs("  ", out);
        kr_print_wrapped(out, line, 2, 4, kr_width(out));
    }
}
