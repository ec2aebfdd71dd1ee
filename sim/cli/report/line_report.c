/* A line for each row of results that has a label: the loop that makes the report of every observer, whatever it measures. */
#include "report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Of more numbers than MANY, weights of a network for instance, only the first few are shown. */
enum { LABEL = 28, LONG_LABEL = 44, LISTED = 8, MANY = 32, FEW = 3 };

/* Value and standard error, the error with two digits: "0.01108 +- 0.00012". */
static void print_with_error(FILE *out, double value, double error) {
    int decimals = error > 0 && isfinite(error) ? 1 - (int)floor(log10(error)) : -1;
    if (!isfinite(value))
        fputs("unknown\n", out);
    else if (decimals < 0 || decimals > 9)
        fprintf(out, isfinite(error) ? "%.6g +- %.2g\n" : "%.6g\n", value, error);
    else
        fprintf(out, "%.*f +- %.*f\n", decimals, value, decimals, error);
}

static double element(const kr_result_row *row, const kr_value *value, size_t i) {
    switch (row->kind) {
    case KR_VALUE_NUMBER: return ((const double *)value->data)[i];
    case KR_VALUE_COUNT: return (double)((const uint64_t *)value->data)[i];
    case KR_VALUE_SWITCH: return ((const bool *)value->data)[i];
    default: return NAN;
    }
}

static void print_numbers(FILE *out, const kr_result_row *row, const kr_value *value) {
    char line[300] = "";
    size_t used = 0, count = row->rank ? value->size[0] : 1, listed = count > MANY ? FEW : LISTED;
    char text[KR_KNOWN_TEXT];
    bool known = count == 0;
    for (size_t i = 0; i < count; i++) known = known || isfinite(element(row, value, i));
    for (size_t i = 0; known && i < count && i < listed; i++)
        used += (size_t)snprintf(line + used, sizeof line - used, "%s%s", i ? "  " : "",
                                 kr_known(element(row, value, i), "%.5g", text));
    if (known && count > listed) snprintf(line + used, sizeof line - used, "  ... %zu in all", count);
    if (!known) snprintf(line, sizeof line, "unknown"); /* means of nobody */
    kr_print_wrapped(out, line, LABEL + 2, LABEL + 2, kr_width(out));
}

static void print_value(FILE *out, const kr_result_row *row, const kr_value *value) {
    const kr_interval *ends = value->data;
    char low[KR_KNOWN_TEXT], high[KR_KNOWN_TEXT];
    if (row->kind == KR_VALUE_TEXT && !row->rank)
        kr_print_wrapped(out, value->data, LABEL + 2, LABEL + 2, kr_width(out));
    else if (row->kind == KR_VALUE_INTERVAL && !row->rank)
        fprintf(out, "%s .. %s\n", kr_known(ends->low, "%.5g", low), kr_known(ends->high, "%.5g", high));
    else
        print_numbers(out, row, value);
}

/* Value and interval, both to two digits of the interval's width: "0.9312 (95 %: 0.9298 .. 0.9326)". */
static void print_with_interval(FILE *out, double value, kr_interval ends) {
    double width = ends.high - ends.low;
    int decimals = width > 0 && isfinite(width) ? 1 - (int)floor(log10(width)) : -1;
    int digits = decimals > 6 && value != 0 ? (int)floor(log10(fabs(value))) + decimals + 1 : 6;
    if (digits < 2) digits = 2;
    if (decimals < 0 || decimals > 6)
        fprintf(out, "%.*g (95 %%: %.*g .. %.*g)\n", digits, value, digits, ends.low, digits, ends.high);
    else
        fprintf(out, "%.*f (95 %%: %.*f .. %.*f)\n", decimals, value, decimals, ends.low, decimals, ends.high);
}

/* The row behind this one, when it is its standard error or its interval: the name with this behind it. */
static const kr_result_row *beside(const kr_result_row *row, const char *behind) {
    const kr_result_row *next = row + 1;
    size_t length = strlen(row->name);
    bool is_its = next->name && !strncmp(next->name, row->name, length) && !strcmp(next->name + length, behind);
    return is_its && (next->terminal.flags & KR_BESIDE) ? next : NULL;
}

static bool has_line(const kr_result_row *row) {
    return row->terminal.name && !(row->terminal.flags & KR_BESIDE);
}

static bool is_long(const kr_result_row *rows) {
    for (const kr_result_row *row = rows; row->name; row++)
        if (has_line(row) && strlen(row->terminal.name) > LABEL) return true;
    return false;
}

void kr_report_lines(FILE *out, const kr_result_part *part) {
    bool in_a_column = is_long(part->rows);
    double before = NAN;
    for (const kr_result_row *row = part->rows; row->name; row++) {
        kr_value value, error;
        unsigned flags = row->terminal.flags;
        if (!has_line(row)) continue;
        bool there = kr_result_get(row, part->source, &value);
        double number = there && !row->rank ? element(row, &value, 0) : NAN;
        bool hidden = (!there && !(flags & KR_OR_UNKNOWN)) || ((flags & KR_UNLESS_ZERO) && number == 0) ||
                      ((flags & KR_UNLESS_SAME) && number == before);
        before = number;
        if (hidden) continue;
        fprintf(out, in_a_column ? "  %-*s " : "  %-*s", in_a_column ? LONG_LABEL : LABEL, row->terminal.name);
        const kr_result_row *its_error = beside(row, "_error"), *its_interval = beside(row, "_ci95");
        if (!there)
            fputs("unknown\n", out);
        else if (its_error)
            print_with_error(out, number, kr_result_get(its_error, part->source, &error) ? element(its_error, &error, 0) : NAN);
        else if (its_interval && !row->rank && kr_result_get(its_interval, part->source, &error))
            print_with_interval(out, number, *(const kr_interval *)error.data);
        else if (in_a_column)
            fprintf(out, "%16.9g\n", number);
        else
            print_value(out, row, &value);
    }
}
