/* Tables of sweeps as they stand in CSV, for tests. */
#ifndef KR_TEST_SWEEP_TABLE_H
#define KR_TEST_SWEEP_TABLE_H

#include <kramers/number_text.h>

#include "program.h"

#define SMALL "--quiet --set ensemble.particles=64 --set ensemble.steps=2000 "

/* The lines of a table that are no comments: heads first. */
typedef struct table {
    char *text, *line[512];
    size_t lines;
} table;

static inline table read_table(const char *name) {
    table t = {.text = read_file(name)};
    assert_non_null(t.text);
    for (char *at = strtok(t.text, "\n"); at && t.lines < 512; at = strtok(NULL, "\n"))
        if (*at != '#') t.line[t.lines++] = at;
    assert_true(t.lines > 0);
    return t;
}

static inline const char *field(const char *line, size_t number, char cell[256]) {
    for (; number; number--) {
        line = strchr(line, ',');
        if (!line) fail_msg("too few fields");
        line++;
    }
    snprintf(cell, 256, "%.*s", (int)strcspn(line, ","), line);
    return cell;
}

/* The cell of a row (from 0) in the column of this name. Fields with commas inside are not asked for. */
static inline const char *cell(const table *t, size_t row, const char *column, char text[256]) {
    for (size_t i = 0;; i++) {
        field(t->line[0], i, text);
        if (!strcmp(text, column)) return field(t->line[1 + row], i, text);
    }
}

static inline double cell_number(const table *t, size_t row, const char *column) {
    char text[256];
    double value;
    if (!kr_number_parse(cell(t, row, column, text), &value)) fail_msg("%s is '%s' in row %zu", column, text, row);
    return value;
}

#endif
