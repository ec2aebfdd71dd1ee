/* Committed tables of results: a CSV file in tests/ that a test compares with what it finds, or writes anew when the environment
 * variable KRAMERS_WRITE_RESULTS is set. */
#ifndef RESULT_ROWS_H
#define RESULT_ROWS_H

#include "assert_close.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RESULT_ROW = 2048 };

typedef struct result_rows {
    const char *name;
    FILE *file;
    bool write;
    int exact;       /* so many columns come from the dynamics, bit for bit the same everywhere; the others go through libm */
    double relative; /* what may differ in those, beside one unit of the last digit that is printed */
} result_rows;

static inline void result_rows_open(result_rows *rows, bool may_write, const char *header) {
    char path[512], text[RESULT_ROW];
    snprintf(path, sizeof path, "%s/tests/%s", KR_SOURCE_DIRECTORY, rows->name);
    rows->write = may_write && getenv("KRAMERS_WRITE_RESULTS");
    rows->file = fopen(path, rows->write ? "w" : "r");
    if (!rows->file) fail_msg("%s cannot be opened", path);
    if (rows->write)
        fprintf(rows->file, "%s\n", header);
    else if (!fgets(text, sizeof text, rows->file) || strncmp(text, header, strlen(header)) != 0)
        fail_msg("%s does not begin with\n%s", path, header);
}

/* One unit of the last digit of the number from text to end; 0 of an integer, which is printed in full, and of nan or inf. */
static inline double result_rows_unit(const char *text, const char *end) {
    const char *point = memchr(text, '.', (size_t)(end - text)), *exponent = memchr(text, 'e', (size_t)(end - text));
    if (!point) return 0;
    return pow(10, (exponent ? strtod(exponent + 1, NULL) : 0) - (double)((exponent ? exponent : end) - point - 1));
}

/* Two fields that end with a comma or a newline. Of both texts the finer digit counts: %g drops zeros at the end. */
static inline bool result_rows_same_field(const result_rows *rows, const char *a, size_t length_a, const char *b, size_t length_b) {
    char *end_a, *end_b;
    double x = strtod(a, &end_a), y = strtod(b, &end_b);
    if (length_a == length_b && !memcmp(a, b, length_a)) return true;
    if (!length_a || !length_b || end_a != a + length_a || end_b != b + length_b) return false;
    double unit_a = result_rows_unit(a, end_a), unit_b = result_rows_unit(b, end_b);
    double unit = unit_a > 0 && unit_b > 0 ? fmin(unit_a, unit_b) : fmax(unit_a, unit_b);
    return fabs(x - y) <= rows->relative * fabs(y) + 1.001 * unit; /* the units themselves are rounded */
}

static inline void result_rows_compare(const result_rows *rows, const char *now, const char *committed) {
    const char *a = now, *b = committed;
    bool quoted = false;
    int column = 0;
    for (; column < rows->exact && *a && *a == *b; a++, b++) {
        if (*a == '"') quoted = !quoted;
        if (*a == ',' && !quoted) column++;
    }
    bool same = column == rows->exact;
    while (same && *a && *b && *a != '\n') {
        size_t length_a = strcspn(a, ",\n"), length_b = strcspn(b, ",\n");
        same = result_rows_same_field(rows, a, length_a, b, length_b) && a[length_a] == b[length_b];
        a += length_a + (a[length_a] == ',');
        b += length_b + (b[length_b] == ',');
    }
    if (!same) fail_msg("%s has\n%sand the test found\n%s", rows->name, committed, now);
}

/* row ends with a newline; NULL: the committed row is passed over. */
static inline void result_rows_next(const result_rows *rows, const char *row) {
    char committed[RESULT_ROW];
    if (rows->write) {
        if (row) fputs(row, rows->file);
        return;
    }
    if (!fgets(committed, sizeof committed, rows->file)) fail_msg("%s has too few rows", rows->name);
    if (row) result_rows_compare(rows, row, committed);
}

static inline void result_rows_close(result_rows *rows) {
    fclose(rows->file);
}

#endif
