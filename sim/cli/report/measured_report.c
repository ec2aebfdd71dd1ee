/* Tables and sentences of the estimators: transitions, survival. */
#include "report.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST_LINES = 12 };

/* Elements of a list or a matrix; NULL: there is none. */
static const void *list(const kr_result_part *parts, size_t count, const char *name, size_t *length) {
    const void *source;
    kr_value value;
    const kr_result_row *row = kr_result_find(parts, count, name, &source);
    if (!row || !kr_result_get(row, source, &value)) return NULL;
    *length = value.size[0];
    return value.data;
}

static void print_pairs(FILE *out, const kr_result_part *parts, size_t part_count) {
    size_t wells = 0, lines = 0, pairs = 0;
    const uint64_t *count = list(parts, part_count, "transitions.count", &wells);
    const double *time = list(parts, part_count, "transitions.residence_time", &wells),
                 *rate = list(parts, part_count, "transitions.rate", &wells);
    const kr_interval *ends = list(parts, part_count, "transitions.rate_ci95", &wells);
    char text[KR_KNOWN_TEXT];
    if (!count || !time || !rate || !ends) return;
    fprintf(out, "  %-10s %12s %14s %12s %24s\n", "", "count", "time in well", "rate", "95 %");
    for (size_t i = 0; i < wells; i++)
        for (size_t j = 0; j < wells; j++) {
            size_t at = i * wells + j;
            if (i == j || (wells > 2 && !count[at])) continue;
            if (++pairs > MOST_LINES) continue;
            lines++;
            fprintf(out, "  %3zu -> %-3zu %12" PRIu64 " %14s", i, j, count[at], kr_known(time[i], "%.7g", text));
            fprintf(out, " %12s", kr_known(rate[at], "%.5g", text));
            if (isfinite(rate[at])) fprintf(out, " %11s ..", kr_known(ends[at].low, "%.5g", text));
            if (isfinite(rate[at])) fprintf(out, "%11s", kr_known(ends[at].high, "%.5g", text));
            fputc('\n', out);
        }
    if (pairs > lines) fprintf(out, "  ... %zu pairs in all\n", pairs);
}

/* About ten of the bins in which somebody was seen, with the exact committor, where it is known, between the run's own cores and
 * between the minima. */
static void print_committor(FILE *out, const kr_result_part *parts, size_t count) {
    enum { SHOWN = 10, COLUMNS = 4 };
    size_t bins = 0, seen = 0, listed = 0;
    bool exact = false;
    const double *column[COLUMNS] = {
        list(parts, count, "transitions.committor.position", &bins), list(parts, count, "transitions.committor.measured", &bins),
        list(parts, count, "transitions.committor.exact", &bins), list(parts, count, "transitions.committor.minima", &bins)};
    const kr_interval *ends = list(parts, count, "transitions.committor.measured_ci95", &bins);
    char text[KR_KNOWN_TEXT];
    if (!column[0] || !column[1] || !column[2] || !column[3] || !ends) return;
    for (size_t i = 0; i < bins; i++) {
        seen += isfinite(column[1][i]) ? 1 : 0;
        exact = exact || isfinite(column[2][i]) || isfinite(column[3][i]);
    }
    if (!seen) return;
    fprintf(out, "  %-14s%12s%11s%11s", "committor at", "measured", "95 % from", "to");
    fprintf(out, exact ? "%14s%14s\n" : "\n", "exact, cores", "minima");
    for (size_t i = 0, k = 0; i < bins; i++) {
        if (!isfinite(column[1][i])) continue;
        if (k++ * SHOWN / seen < listed) continue;
        listed++;
        fprintf(out, "  %-14s", kr_known(column[0][i], "%.5g", text));
        fprintf(out, "%12s", kr_known(column[1][i], "%.5f", text));
        fprintf(out, "%11s", kr_known(ends[i].low, "%.5f", text));
        fprintf(out, "%11s", kr_known(ends[i].high, "%.5f", text));
        for (int c = 2; c < COLUMNS && exact; c++) fprintf(out, "%14s", kr_known(column[c][i], "%.5f", text));
        fputc('\n', out);
    }
}

void kr_report_transitions(FILE *out, const kr_result *result, const kr_result_part *parts, size_t count) {
    char text[KR_KNOWN_TEXT];
    fprintf(out, "\nTransitions between wells, %.0f samples, %s of them in a core\n",
            kr_result_number(parts, count, "transitions.samples"),
            kr_known(kr_result_number(parts, count, "transitions.core_fraction"), "%.3g", text));
    print_pairs(out, parts, count);
    for (size_t i = 0; i < count; i++)
        if (!strcmp(parts[i].name, "transitions")) kr_report_lines(out, &parts[i]);
    for (size_t i = 0; i < result->theory_count; i++) {
        const kr_theory_result *theory = &result->theory[i];
        const kr_prediction *p = &theory->prediction;
        if (!p->applies || !isfinite(p->spectral_gap)) continue;
        bool steps = isfinite(p->spectral_gap_steps);
        if (steps) fprintf(out, "  %-28s%.5g\n", theory->type->about.name, p->spectral_gap);
        fprintf(out, "  %-28s", steps ? "  of steps of this size" : theory->type->about.name);
        if (isfinite(theory->gap_z))
            fprintf(out, "%-24.5gz %+.2f\n", steps ? p->spectral_gap_steps : p->spectral_gap, theory->gap_z);
        else
            fprintf(out, "%.5g\n", steps ? p->spectral_gap_steps : p->spectral_gap);
    }
    print_committor(out, parts, count);
}

/* How far from exponential, with the error that the number of times leaves: of exponential ones the ratio has the variance 1 / n.
 */
static void print_exponential(FILE *out, const kr_exponential *e, bool verbose) {
    char line[300], how_far[80] = "that of an exponential", p[80] = "";
    double away = 100 * (e->variation - 1);
    if (fabs(away) >= 0.05)
        snprintf(how_far, sizeof how_far, "%.*f %% %s that of an exponential", fabs(away) < 9.95 ? 1 : 0, fabs(away),
                 away < 0 ? "below" : "above");
    if (verbose) snprintf(p, sizeof p, "; p = %.3g that they are exponential", e->p_value);
    snprintf(line, sizeof line, "times between passages: standard deviation / mean = %.3f +- %.3f, %s (%" PRIu64 " times%s)",
             e->variation, 1 / sqrt((double)e->intervals), how_far, e->intervals, p);
    kr_print_wrapped(out, line, 0, 2, kr_width(out));
}

void kr_report_survival(FILE *out, const kr_result *result, bool verbose) {
    const kr_survival *s = &result->survival;
    if (result->exponential.intervals >= 8) print_exponential(out, &result->exponential, verbose);
    if (!result->absorbed) return;
    if (isfinite(result->crossed_fraction))
        fprintf(out, "arrived: a fraction %.5g of the particles, 95 %% %.5g .. %.5g\n", result->crossed_fraction,
                result->crossed_fraction_ci95.low, result->crossed_fraction_ci95.high);
    else
        fputs("arrived: unknown, there is nobody left to ask\n", out);
    if (!s->count) return;
    char text[KR_KNOWN_TEXT];
    fprintf(out, "\n%-10s%12s%12s%12s%12s", "survival", "step", "measured", "95 % from", "to");
    if (s->chain) fprintf(out, "%11s", "chain");
    if (s->adiabatic) fprintf(out, "%11s", "adiabatic");
    fputc('\n', out);
    for (size_t i = 0; i <= 5; i++) {
        size_t row = (s->count - 1) * i / 5;
        if (i && row == (s->count - 1) * (i - 1) / 5) continue;
        fprintf(out, "%-10s%12" PRIu64, "", s->step[row]);
        const double *const measured[] = {s->measured, s->low, s->high}, *const predicted[] = {s->chain, s->adiabatic};
        for (int k = 0; k < 3; k++) fprintf(out, "%12s", kr_known(measured[k][row], "%.5f", text));
        for (int k = 0; k < 2; k++)
            if (predicted[k]) fprintf(out, "%11s", kr_known(predicted[k][row], "%.5f", text));
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
