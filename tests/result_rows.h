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
    int exact; /* so many columns come from the dynamics, bit for bit the same everywhere; the others go through libm */
    double relative, least; /* what may differ in those: relative to the number, and absolutely */
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
        char *end_a, *end_b;
        double x = strtod(a, &end_a), y = strtod(b, &end_b);
        same = (end_a == a) == (end_b == b) && fabs(x - y) <= rows->relative * fabs(y) + rows->least && *end_a == *end_b;
        a = end_a + (*end_a == ',');
        b = end_b + (*end_b == ',');
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
