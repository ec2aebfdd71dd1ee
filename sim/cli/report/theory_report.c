/* Predictions, and what is measured of passages above them: 80 columns unless the terminal is wider; digits as many as the interval
 * supports. */
#include "report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LABEL = 22, COLUMN = 15, Z = 10, TEXT = 32, LINE = 2000 };

/* ---- numbers ---- */

int kr_decimals(kr_interval ends) {
    double half = (ends.high - ends.low) / 2;
    if (!(half > 0) || !isfinite(half)) return KR_DECIMALS_UNKNOWN;
    double digits = 1 - floor(log10(half));
    return digits > 15 ? 15 : (int)digits;
}

const char *kr_rounded(double value, int decimals, int width, char text[KR_KNOWN_TEXT]) {
    enum { PLAIN = 10000000 }; /* from here on places before the point are rounded as those behind it */
    if (!isfinite(value)) return strcpy(text, "-");
    if (decimals == KR_DECIMALS_UNKNOWN) {
        snprintf(text, KR_KNOWN_TEXT, "%.5g", value);
        return text;
    }
    int magnitude = value != 0 ? (int)floor(log10(fabs(value))) : 0;
    int digits = magnitude + decimals + 1 < 3 ? 3 : magnitude + decimals + 1 > 9 ? 9 : magnitude + decimals + 1;
    if (decimals < 2 - magnitude) decimals = 2 - magnitude;
    if (decimals < 0) decimals = 0;
    bool plain = fabs(value) < PLAIN && decimals < 30;
    if (plain) snprintf(text, KR_KNOWN_TEXT, "%.*f", decimals, value);
    if (!plain || (int)strlen(text) > width) snprintf(text, KR_KNOWN_TEXT, "%.*g", digits, value);
    return text;
}

static void print_row(FILE *out, const char *label, const double value[3], const int decimals[3]) {
    char text[KR_KNOWN_TEXT];
    fprintf(out, "%-*s", LABEL, label);
    for (int i = 0; i < 3; i++) fprintf(out, "%*s", COLUMN, kr_rounded(value[i], decimals[i], COLUMN - 2, text));
}

/* ---- predictions ---- */

static void print_refused_names(FILE *out, const kr_theory_result *theories, size_t count) {
    char text[KR_MAX_THEORIES * 40 + 300] = "do not apply (--verbose says why):";
    size_t used = strlen(text), refused = 0;
    for (size_t i = 0; i < count && used < sizeof text; i++)
        if (!theories[i].prediction.applies)
            used += (size_t)snprintf(text + used, sizeof text - used, "%s %s", refused++ ? "," : "", theories[i].type->about.name);
    if (refused == count) snprintf(text, sizeof text, "none of the %zu theories applies (--verbose says why)", count);
    if (refused) kr_print_wrapped(out, text, 0, 2, kr_width(out));
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

/* As much of the paper as the line has room for: whole words. */
static void print_reference(FILE *out, const char *reference, int column) {
    int room = kr_width(out) - column - 2;
    if (!reference || room < 24) return;
    if ((int)strlen(reference) <= room) {
        fprintf(out, "  %s", reference);
        return;
    }
    int length = room - 4;
    while (length > 0 && reference[length] != ' ') length--;
    fprintf(out, "  %.*s ...", length, reference);
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

/* ---- what theories predict besides ---- */

/* One of the numbers: "name = 0.012" in a line of several, or by itself with all digits. */
typedef struct numbers {
    FILE *out;
    const char *theory;
    bool verbose;
    char line[LINE];
    size_t used;
} numbers;

static void add_words(numbers *n, const char *between, const char *words) {
    if (n->used < LINE) n->used += (size_t)snprintf(n->line + n->used, LINE - n->used, "%s%s", n->used ? between : "", words);
}

/* Names are those of JSON, which has no spaces; those are for people. */
static void add_number(numbers *n, const char *name, double value) {
    char words[160];
    if (!isfinite(value)) return;
    if (n->verbose) {
        fprintf(n->out, "%-*s  %s %.7g\n", LABEL, n->theory, name, value);
        return;
    }
    snprintf(words, sizeof words, "%s = %.4g", name, value);
    for (char *at = words; (at = strchr(at, '_'));) *at = ' ';
    add_words(n, ", ", words);
}

static void end_line(numbers *n) {
    if (!n->used) return;
    fprintf(n->out, "%-*s  ", LABEL, n->theory);
    kr_print_wrapped(n->out, n->line, LABEL + 2, LABEL + 2, kr_width(n->out));
}

static void add_gaps(numbers *n, const kr_prediction *p) {
    add_number(n, "spectral gap", p->spectral_gap);
    add_number(n, n->verbose ? "spectral gap of steps of this size" : "of steps of this size", p->spectral_gap_steps);
}

/* Temperature, gap, other numbers, and what is to be said of a prediction. brief: of theories that stand in a table with a rate or
 * a gap, only the latter. */
static void print_other_predictions(FILE *out, const kr_theory_result *theories, size_t count, bool gaps, bool brief,
                                    bool verbose) {
    const char *last = "";
    for (size_t i = 0; i < count; i++) {
        const kr_prediction *p = &theories[i].prediction;
        bool in_table = predicts_passage(&theories[i]) || (!gaps && isfinite(p->spectral_gap));
        numbers n = {.out = out, .theory = theories[i].type->about.name, .verbose = verbose};
        if (!p->applies) continue;
        if (!in_table) add_number(&n, "temperature", p->temperature);
        if (gaps && !(brief && in_table)) add_gaps(&n, p);
        for (size_t k = 0; k < p->extra_count && !(brief && in_table); k++) add_number(&n, p->extra[k].name, p->extra[k].value);
        if (p->note[0] && strcmp(p->note, last) != 0) { /* the same for several theories is said once */
            last = p->note;
            add_words(&n, "; ", p->note);
        }
        end_line(&n);
    }
}

static void print_refused(FILE *out, const kr_theory_result *theories, size_t count, bool verbose) {
    if (verbose)
        print_refusals(out, theories, count);
    else
        print_refused_names(out, theories, count);
}

static void print_heads(FILE *out, bool with_z) {
    fprintf(out, "%-*s%*s%*s%*s", LABEL, "", COLUMN, "mean steps", COLUMN, "mean time", COLUMN, "rate");
    fprintf(out, with_z ? "%*s\n" : "\n", Z, "z");
}

void kr_report_theories(FILE *out, const kr_theory_result *theories, size_t count, bool verbose) {
    const int plain[3] = {KR_DECIMALS_UNKNOWN, KR_DECIMALS_UNKNOWN, KR_DECIMALS_UNKNOWN};
    bool heads = false;
    for (size_t i = 0; i < count; i++) {
        if (!predicts_passage(&theories[i])) continue;
        if (!heads) print_heads(out, false);
        heads = true;
        print_theory(out, &theories[i], plain, false);
    }
    print_other_predictions(out, theories, count, true, false, verbose);
    print_refused(out, theories, count, verbose);
}

/* ---- beside what is measured ---- */

void kr_report_passages(FILE *out, const kr_result *result, bool verbose) {
    const kr_escape_estimate *e = &result->escape;
    double time_per_step = e->exposure_steps > 0 ? e->exposure_time / e->exposure_steps : e->mfpt_time / e->mfpt_steps;
    kr_interval steps = e->mfpt_steps_ci95, time = {steps.low * time_per_step, steps.high * time_per_step}, rate = e->rate_ci95;
    const int decimals[3] = {kr_decimals(steps), kr_decimals(time), kr_decimals(rate)};
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
    print_other_predictions(out, result->theory, result->theory_count, true, !verbose, verbose);
    print_refused(out, result->theory, result->theory_count, verbose);
}

void kr_report_beside_means(FILE *out, const kr_result *result, bool verbose) {
    fputs("\nTheories\n", out);
    print_other_predictions(out, result->theory, result->theory_count, !result->transitions, !verbose, verbose);
    print_refused(out, result->theory, result->theory_count, verbose);
}
