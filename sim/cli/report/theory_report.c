/* Predictions, and what is measured of passages above them: 80 columns unless the terminal is wider; digits as many as the interval
 * supports. */
#include "report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LABEL = 22, COLUMN = 15, Z = 10, TEXT = 32 };

/* ---- numbers ---- */

/* Decimals that show an uncertainty with two digits; -1: none is known. */
static int decimals_of(kr_interval ends) {
    double half = (ends.high - ends.low) / 2;
    if (!(half > 0) || !isfinite(half)) return -1;
    double digits = 1 - floor(log10(half));
    return digits < 0 ? 0 : digits > 15 ? 15 : (int)digits;
}

/* Never fewer than three significant digits, and an exponent where the plain form would not fit into a column. */
static const char *number(double value, int decimals, char *text) {
    if (!isfinite(value)) return strcpy(text, "-");
    if (decimals < 0)
        snprintf(text, TEXT, "%.7g", value);
    else {
        double magnitude = value != 0 ? floor(log10(fabs(value))) : 0;
        if (decimals < 2 - magnitude) decimals = (int)(2 - magnitude);
        if (decimals < 30) snprintf(text, TEXT, "%.*f", decimals, value);
        if (decimals >= 30 || strlen(text) > COLUMN - 2) snprintf(text, TEXT, "%.6g", value);
    }
    return text;
}

static void print_row(FILE *out, const char *label, const double value[3], const int decimals[3]) {
    char text[TEXT];
    fprintf(out, "%-*s", LABEL, label);
    for (int i = 0; i < 3; i++) fprintf(out, "%*s", COLUMN, number(value[i], decimals[i], text));
}

/* ---- predictions ---- */

/* Beside a measurement the names are enough; `kramers theory` says why. */
static void print_refused_names(FILE *out, const kr_theory_result *theories, size_t count) {
    char text[512] = "do not apply (kramers theory says why):";
    size_t used = strlen(text), first = used;
    for (size_t i = 0; i < count && used < sizeof text; i++)
        if (!theories[i].prediction.applies)
            used +=
                (size_t)snprintf(text + used, sizeof text - used, "%s %s", used > first ? "," : "", theories[i].type->about.name);
    if (used > first) kr_print_wrapped(out, text, 0, 2, kr_width(out));
}

static bool same_refusal(const kr_theory_result *a, const kr_theory_result *b) {
    return !b->prediction.applies && !strcmp(a->prediction.why, b->prediction.why);
}

/* Theories that refuse with one text stand in one line, at the first of them. */
static void print_refusals(FILE *out, const kr_theory_result *theories, size_t count) {
    for (size_t i = 0; i < count; i++) {
        char text[KR_MAX_THEORIES * 40 + 300];
        size_t first = 0, used = 0, others = 0;
        if (theories[i].prediction.applies) continue;
        while (first < i && !same_refusal(&theories[i], &theories[first])) first++;
        if (first < i) continue;
        for (size_t k = i; k < count; k++)
            if (same_refusal(&theories[i], &theories[k]) && used < sizeof text)
                used += (size_t)snprintf(text + used, sizeof text - used, "%s%.32s", others++ ? ", " : "",
                                         theories[k].type->about.name);
        if (others > 1) {
            if (used < sizeof text) snprintf(text + used, sizeof text - used, " do not apply. %s", theories[i].prediction.why);
            kr_print_wrapped(out, text, 0, LABEL, kr_width(out));
            continue;
        }
        fprintf(out, "%-*s", LABEL, theories[i].type->about.name);
        snprintf(text, sizeof text, "does not apply. %s", theories[i].prediction.why);
        kr_print_wrapped(out, text, LABEL, LABEL, kr_width(out));
    }
}

/* As much of the paper as the line has room for. */
static void print_reference(FILE *out, const char *reference, int column) {
    int room = kr_width(out) - column - 2;
    if (reference && room >= 24)
        fprintf(out, "  %.*s%s", (int)strlen(reference) > room ? room - 3 : room, reference,
                (int)strlen(reference) > room ? "..." : "");
}

static void print_theory(FILE *out, const kr_theory_result *theory, const int decimals[3], bool with_z) {
    const kr_prediction *p = &theory->prediction;
    int column = LABEL + 3 * COLUMN;
    print_row(out, theory->type->about.name, (const double[]){p->mfpt_steps, p->mfpt_time, p->rate}, decimals);
    if (with_z) {
        char z[TEXT] = "-";
        if (isfinite(theory->z)) snprintf(z, sizeof z, fabs(theory->z) < 1e4 ? "%+.2f" : "%+.1e", theory->z);
        fprintf(out, "%*s", Z, z);
        column += Z;
    }
    print_reference(out, theory->type->about.reference, column);
    fputc('\n', out);
}

static bool predicts_passage(const kr_theory_result *theory) {
    const kr_prediction *p = &theory->prediction;
    return p->applies && (isfinite(p->mfpt_steps) || isfinite(p->mfpt_time) || isfinite(p->rate));
}

static void print_gaps(FILE *out, const kr_theory_result *theory) {
    const kr_prediction *p = &theory->prediction;
    const char *name = theory->type->about.name;
    char text[TEXT];
    if (isfinite(p->spectral_gap)) fprintf(out, "%-*s  spectral gap %s\n", LABEL, name, number(p->spectral_gap, -1, text));
    if (isfinite(p->spectral_gap_steps))
        fprintf(out, "%-*s  spectral gap of steps of this size %s\n", LABEL, name, number(p->spectral_gap_steps, -1, text));
}

/* Gaps, the temperatures of theories that predict nothing else, and what is to be said of a prediction. */
static void print_other_predictions(FILE *out, const kr_theory_result *theories, size_t count, bool gaps) {
    const char *last = "";
    for (size_t i = 0; i < count; i++) {
        const kr_prediction *p = &theories[i].prediction;
        const char *name = theories[i].type->about.name;
        char text[TEXT];
        if (!p->applies) continue;
        if (isfinite(p->temperature) && !predicts_passage(&theories[i]))
            fprintf(out, "%-*s  temperature %s\n", LABEL, name, number(p->temperature, -1, text));
        if (gaps) print_gaps(out, &theories[i]);
        for (size_t k = 0; k < p->extra_count; k++)
            if (isfinite(p->extra[k].value))
                fprintf(out, "%-*s  %s %s\n", LABEL, name, p->extra[k].name, number(p->extra[k].value, -1, text));
        if (p->note[0] && strcmp(p->note, last) != 0) { /* the same for several theories is said once */
            last = p->note;
            fprintf(out, "%-*s  ", LABEL, name);
            kr_print_wrapped(out, p->note, LABEL + 2, LABEL + 2, kr_width(out));
        }
    }
}

static void print_heads(FILE *out, bool with_z) {
    fprintf(out, "%-*s%*s%*s%*s", LABEL, "", COLUMN, "mean steps", COLUMN, "mean time", COLUMN, "rate");
    fprintf(out, with_z ? "%*s\n" : "\n", Z, "z");
}

void kr_report_theories(FILE *out, const kr_theory_result *theories, size_t count) {
    const int plain[3] = {-1, -1, -1};
    bool heads = false;
    for (size_t i = 0; i < count; i++) {
        if (!predicts_passage(&theories[i])) continue;
        if (!heads) print_heads(out, false);
        heads = true;
        print_theory(out, &theories[i], plain, false);
    }
    print_other_predictions(out, theories, count, true);
    print_refusals(out, theories, count);
}

/* ---- beside what is measured ---- */

void kr_report_passages(FILE *out, const kr_result *result) {
    const kr_escape_estimate *e = &result->escape;
    double time_per_step = e->exposure_steps > 0 ? e->exposure_time / e->exposure_steps : e->mfpt_time / e->mfpt_steps;
    kr_interval steps = e->mfpt_steps_ci95, time = {steps.low * time_per_step, steps.high * time_per_step}, rate = e->rate_ci95;
    const int decimals[3] = {decimals_of(steps), decimals_of(time), decimals_of(rate)};
    fputc('\n', out);
    print_heads(out, true);
    print_row(out, "measured", (const double[]){e->mfpt_steps, e->mfpt_time, e->rate}, decimals);
    fputc('\n', out);
    print_row(out, "  95 % from", (const double[]){steps.low, time.low, rate.low}, decimals);
    fputc('\n', out);
    print_row(out, "  95 % to", (const double[]){steps.high, time.high, rate.high}, decimals);
    fputc('\n', out);
    for (size_t i = 0; i < result->theory_count; i++)
        if (predicts_passage(&result->theory[i])) print_theory(out, &result->theory[i], decimals, true);
    print_other_predictions(out, result->theory, result->theory_count, true);
    print_refused_names(out, result->theory, result->theory_count);
}

void kr_report_beside_means(FILE *out, const kr_result *result) {
    fputs("\nTheories\n", out);
    print_other_predictions(out, result->theory, result->theory_count, !result->transitions);
    print_refused_names(out, result->theory, result->theory_count);
}
