/* The table of a sweep for people, whose file has all columns in full: rates, their intervals and the most exact theory. */
#include "command.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the table for people shows: rates out of the start, or relaxation rates where transitions are counted instead. */
typedef struct quantity {
    const char *measured, *predicted, *z;
    const char *theory; /* the most exact one that predicts it; NULL: none */
    char name[80];      /* of the theory */
} quantity;

static bool has_values(const kr_sweep *sweep, size_t count, size_t column) {
    for (size_t point = 0; point < count; point++)
        if (isfinite(kr_sweep_number(sweep, point, column))) return true;
    return false;
}

static void choose_quantity(kr_sweep *sweep, const char *exact, quantity *q) {
    size_t count = kr_sweep_points(sweep);
    bool relaxation = !has_values(sweep, count, kr_sweep_column_find(sweep, "events")) &&
                      has_values(sweep, count, kr_sweep_column_find(sweep, "relaxation_rate"));
    *q = (quantity){.measured = relaxation ? "relaxation_rate" : "rate",
                    .predicted = relaxation ? "spectral_gap" : "rate",
                    .z = relaxation ? "gap_z" : "z",
                    .theory = exact};
    for (size_t i = kr_sweep_columns(sweep); !q->theory && i-- > kr_sweep_axes(sweep) + 1;) {
        const char *column = kr_sweep_column_at(sweep, i).name, *dot = strchr(column, '.');
        if (!dot || strcmp(dot + 1, q->predicted) != 0 || !has_values(sweep, count, i)) continue;
        snprintf(q->name, sizeof q->name, "%.*s", (int)(dot - column), column);
        q->theory = q->name;
    }
}

/* A cell of what is printed. */
enum { CELL = 48, MOST_COLUMNS = 40 };

typedef struct table {
    const kr_sweep *sweep;
    const quantity *q;
    size_t axes, columns;
    char head[MOST_COLUMNS][CELL];
    int width[MOST_COLUMNS];
} table;

static double value_of(const table *t, size_t point, const char *first, const char *second, const char *between) {
    char column[160];
    snprintf(column, sizeof column, "%s%s%s", first, between, second);
    return kr_sweep_number(t->sweep, point, kr_sweep_column_find(t->sweep, column));
}

/* A value of a varied key with the digits that tell points apart. */
static void axis_cell(const table *t, size_t point, size_t axis, char *text) {
    char cell[KR_SWEEP_CELL];
    double number;
    kr_sweep_cell(t->sweep, point, axis, cell);
    if (kr_number_parse(cell, &number) && isfinite(number) && strlen(cell) > 8)
        snprintf(text, CELL, "%.6g", number);
    else
        snprintf(text, CELL, "%.*s%s", CELL - 4, cell, strlen(cell) > CELL - 4 ? "..." : "");
}

/* Columns: varied keys, events, measured, ends of its interval, theory, z. Digits as the interval supports them. */
static const char *cell_text(const table *t, size_t point, size_t column, char text[KR_KNOWN_TEXT]) {
    enum { EVENTS, MEASURED, LOW, HIGH, THEORY, BESIDE };
    if (column < t->axes) {
        axis_cell(t, point, column + 1, text);
        return text;
    }
    kr_interval ends = {value_of(t, point, t->q->measured, "low", "_"), value_of(t, point, t->q->measured, "high", "_")};
    int decimals = kr_decimals(ends);
    switch (column - t->axes) {
    case EVENTS: return kr_known(value_of(t, point, "events", "", ""), "%.0f", text);
    case MEASURED: return kr_rounded(value_of(t, point, t->q->measured, "", ""), decimals, 10, text);
    case LOW: return kr_rounded(ends.low, decimals, 10, text);
    case HIGH: return kr_rounded(ends.high, decimals, 10, text);
    case THEORY: return kr_rounded(value_of(t, point, t->q->theory, t->q->predicted, "."), decimals, 10, text);
    case BESIDE: return kr_known(value_of(t, point, t->q->theory, t->q->z, "."), "%+.2f", text);
    default: return strcpy(text, "");
    }
}

/* Columns are as wide as what stands in them; one of dashes alone, as events where transitions are counted, is left out: width 0.
 */
static void measure(table *t, size_t count) {
    static const char *const names[] = {"events", "rate", "95 % from", "95 % to", "theory", "z"};
    char text[KR_KNOWN_TEXT];
    for (size_t c = 0; c < t->columns; c++) {
        const char *key = c < t->axes ? kr_sweep_column_at(t->sweep, c + 1).name : NULL, *dot = key ? strrchr(key, '.') : NULL;
        bool relaxation = c == t->axes + 1 && strcmp(t->q->measured, "rate") != 0, known = false;
        snprintf(t->head[c], CELL, "%s", dot ? dot + 1 : key ? key : relaxation ? "relaxation" : names[c - t->axes]);
        t->width[c] = (int)strlen(t->head[c]);
        for (size_t i = 0; i < count; i++) {
            if (!kr_sweep_row(t->sweep, i)) continue;
            cell_text(t, i, c, text);
            known = known || strcmp(text, "-") != 0;
            if ((int)strlen(text) > t->width[c]) t->width[c] = (int)strlen(text);
        }
        if (!known) t->width[c] = 0;
    }
}

void kr_report_sweep(kr_sweep *sweep, const char *exact) {
    size_t count = kr_sweep_progress_now(sweep).points;
    char text[KR_KNOWN_TEXT], how[KR_SWEEP_CELL];
    quantity q;
    choose_quantity(sweep, exact, &q);
    table t = {.sweep = sweep, .q = &q, .axes = kr_sweep_axes(sweep)};
    t.columns = t.axes + (q.theory ? 6 : 4);
    if (t.columns > MOST_COLUMNS) return; /* more varied keys than a line has room for: the file has them */
    measure(&t, count);
    if (q.theory) printf("theory: %s\n", q.theory);
    for (size_t c = 0; c < t.columns; c++)
        if (t.width[c]) printf("  %*s", t.width[c], t.head[c]);
    putchar('\n');
    for (size_t i = 0; i < count; i++) {
        if (!kr_sweep_row(sweep, i)) continue;
        for (size_t c = 0; c < t.columns; c++)
            if (t.width[c]) printf("  %*s", t.width[c], cell_text(&t, i, c, text));
        kr_sweep_cell(sweep, i, kr_sweep_column_find(sweep, "status"), how);
        if (strcmp(how, "done") != 0) printf("  %s", how);
        putchar('\n');
    }
}

/* "0.910 +- 0.023" */
static const char *with_error(double value, double error, char *text, size_t size) {
    char v[KR_KNOWN_TEXT], e[KR_KNOWN_TEXT];
    int decimals = kr_decimals((kr_interval){-error, error});
    snprintf(text, size, "%s +- %s", kr_rounded(value, decimals, KR_KNOWN_TEXT, v), kr_known(error, "%.2g", e));
    return text;
}

void kr_report_fit(FILE *out, const kr_sweep_fit *fit) {
    if (!fit->applies) return;
    char line[400], slope[100], p[64] = "", barrier[48] = "";
    if (isfinite(fit->barrier)) snprintf(barrier, sizeof barrier, "; the barrier is %.5g", fit->barrier);
    if (isfinite(fit->p)) snprintf(p, sizeof p, ", chi-square %.3g of %zu, p = %.2g", fit->chi_square, fit->freedom, fit->p);
    snprintf(line, sizeof line, "Arrhenius slope%s %s over %zu points%s%s",
             strcmp(fit->quantity, "rate") ? " of relaxation rates" : "",
             with_error(fit->slope, fit->slope_error, slope, sizeof slope), fit->points, p, barrier);
    kr_print_wrapped(out, line, 0, 2, kr_width(out));
    if (!fit->exact) return;
    *p = 0;
    if (isfinite(fit->exact_p))
        snprintf(p, sizeof p, ", chi-square %.3g of %zu, p = %.2g", fit->exact_chi_square, fit->freedom, fit->exact_p);
    if (isfinite(fit->corrected))
        snprintf(line, sizeof line, "corrected by %s: %s%s", fit->exact,
                 with_error(fit->corrected, fit->deviation_error, slope, sizeof slope), p);
    else
        snprintf(line, sizeof line, "slope of ln(measured / %s): %s%s", fit->exact,
                 with_error(-fit->deviation, fit->deviation_error, slope, sizeof slope), p);
    kr_print_wrapped(out, line, 0, 2, kr_width(out));
}
