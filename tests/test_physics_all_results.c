/* z over everything: the numbers in the column z of every committed table of results, tests/results*.csv, must look standard normal
 * together; and must not when the theory's temperature is off by 2 %, for the rows that say enough to ask the theory again. Reads
 * the tables only: that they are what the program measures is what their own tests see to. */
#include "escape_rows.h"

#include <glob.h>

enum { MOST_ROWS = 2000, MOST_CELLS = 40, ROW = 4096 };

/* Rows that take the chain seconds are asked for no second opinion. */
static const char *const slow_noise = "epsilon: 0}";

typedef struct table_row {
    char *cell[MOST_CELLS];
    size_t count;
} table_row;

/* Cells of a line of CSV, in place; quotes are taken off. */
static void split(char *line, table_row *row) {
    row->count = 0;
    for (char *at = line; row->count < MOST_CELLS; at++) {
        bool quoted = *at == '"';
        row->cell[row->count++] = at += quoted;
        at += strcspn(at, quoted ? "\"\n" : ",\n");
        bool last = *at == 0 || *at == '\n';
        if (quoted && !last) {
            *at++ = 0;
            last = *at != ',';
        }
        *at = 0;
        if (last) return;
    }
}

static const char *cell(const table_row *header, const table_row *row, const char *name) {
    for (size_t i = 0; i < header->count && i < row->count; i++)
        if (!strcmp(header->cell[i], name)) return row->cell[i];
    return NULL;
}

static double z[MOST_ROWS], hot[MOST_ROWS], cold[MOST_ROWS];
static size_t rows, shifted;

static void ask_again(const table_row *header, const table_row *row) {
    static const char *const columns[] = {"landscape", "dynamics", "noise",     "learning_rate", "start",
                                          "target",    "steps",    "particles", "chain",         "events"};
    const char *c[10];
    for (size_t i = 0; i < 10; i++)
        if (!(c[i] = cell(header, row, columns[i]))) return;
    if (strstr(c[2], slow_noise)) return;
    escape_case scene = {c[0], c[1], c[2], atof(c[3]), c[4], c[5], atoi(c[7]), atoi(c[6])};
    double exposure = atof(c[6]) * atof(c[7]);
    kr_escape_estimate e =
        kr_escape_estimate_make((uint64_t)strtoull(c[9], NULL, 10), exposure, exposure * scene.learning_rate, atof(c[7]));
    double now = escape_z_at_wrong_temperature(&scene, &e, 1), committed = atof(cell(header, row, "z"));
    if (!(fabs(now - committed) < 5e-3)) fail_msg("%s %s: z = %g is committed as %g", c[0], c[2], now, committed);
    hot[shifted] = escape_z_at_wrong_temperature(&scene, &e, 1.02);
    cold[shifted++] = escape_z_at_wrong_temperature(&scene, &e, 1 / 1.02);
}

static void read_table(const char *path) {
    char first[ROW], line[ROW];
    table_row header = {.count = 0}, row;
    FILE *file = fopen(path, "r");
    if (!file) fail_msg("%s cannot be opened", path);
    size_t before = rows;
    if (fgets(first, sizeof first, file)) split(first, &header);
    while (fgets(line, sizeof line, file)) {
        split(line, &row);
        const char *text = cell(&header, &row, "z");
        if (!text || !*text) continue;
        assert_true(rows < MOST_ROWS);
        z[rows] = strtod(text, NULL);
        if (!isfinite(z[rows])) fail_msg("%s: z is '%s'", path, text);
        rows++;
        if (!SANITIZED) ask_again(&header, &row);
    }
    fclose(file);
    print_message("%4zu z in %s\n", rows - before, strrchr(path, '/') + 1);
}

static void all_tables_are_read(void **state) {
    (void)state;
    glob_t found;
    assert_int_equal(glob(KR_SOURCE_DIRECTORY "/tests/results*.csv", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) read_table(found.gl_pathv[i]);
    globfree(&found);
    assert_true(rows > 80);
}

/* Each of the two fails at one random set of seeds in a hundred; 4.5 is passed by one of 300 with p = 0.002. */
static void z_is_standard_normal(void **state) {
    (void)state;
    print_message("%zu z: chi-square p = %.3f, Kolmogorov-Smirnov p = %.3f\n", rows, chi_square_p(rows, z), normality_p(rows, z));
    for (size_t i = 0; i < rows; i++)
        if (!(fabs(z[i]) < 4.5)) fail_msg("z = %g", z[i]);
    assert_true(chi_square_p(rows, z) > 0.01);
    assert_true(normality_p(rows, z) > 0.01);
}

static void a_temperature_off_by_two_percent_is_rejected(void **state) {
    (void)state;
    if (SANITIZED) skip();
    assert_true(shifted > 50);
    print_message("%zu z at 2 %% more temperature: chi-square p = %.2g, Kolmogorov-Smirnov p = %.2g; less: %.2g, %.2g\n", shifted,
                  chi_square_p(shifted, hot), normality_p(shifted, hot), chi_square_p(shifted, cold), normality_p(shifted, cold));
    assert_true(chi_square_p(shifted, hot) < 1e-9 && normality_p(shifted, hot) < 1e-9);
    assert_true(chi_square_p(shifted, cold) < 1e-9 && normality_p(shifted, cold) < 1e-9);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_tables_are_read),
        cmocka_unit_test(z_is_standard_normal),
        cmocka_unit_test(a_temperature_off_by_two_percent_is_rejected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
