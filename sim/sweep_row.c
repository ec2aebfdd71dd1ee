/* The table: its columns, rows as lines of CSV (RFC 4180), and cells out of them. Missing values are empty. */
#include "sweep_state.h"

#include <kramers/number_text.h>
#include <kramers/version.h>

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const kr_sweep_column before[] = {{"seed", KR_SWEEP_INTEGER},
                                         {"status", KR_SWEEP_TEXT},
                                         {"particles", KR_SWEEP_INTEGER},
                                         {"steps", KR_SWEEP_INTEGER},
                                         {"time", KR_SWEEP_NUMBER},
                                         {"diverged", KR_SWEEP_INTEGER},
                                         {"events", KR_SWEEP_COUNT},
                                         {"exposure_steps", KR_SWEEP_COUNT},
                                         {"exposure_time", KR_SWEEP_NUMBER},
                                         {"mfpt_steps", KR_SWEEP_NUMBER},
                                         {"mfpt_steps_low", KR_SWEEP_NUMBER},
                                         {"mfpt_steps_high", KR_SWEEP_NUMBER},
                                         {"mfpt_time", KR_SWEEP_NUMBER},
                                         {"rate", KR_SWEEP_NUMBER},
                                         {"rate_low", KR_SWEEP_NUMBER},
                                         {"rate_high", KR_SWEEP_NUMBER},
                                         {"temperature", KR_SWEEP_NUMBER},
                                         {"kinetic_temperature", KR_SWEEP_NUMBER},
                                         {"configurational_temperature", KR_SWEEP_NUMBER},
                                         {"relaxation_rate", KR_SWEEP_NUMBER},
                                         {"relaxation_rate_low", KR_SWEEP_NUMBER},
                                         {"relaxation_rate_high", KR_SWEEP_NUMBER},
                                         {"decay_rate", KR_SWEEP_NUMBER},
                                         {"decay_rate_error", KR_SWEEP_NUMBER}};
static const char *const predicted[] = {"mfpt_steps", "rate", "spectral_gap", "temperature", "variation", "accuracy", "z"};
enum { BEFORE = sizeof before / sizeof *before, PREDICTED = sizeof predicted / sizeof *predicted };

/* ---- text that grows ---- */

typedef struct line {
    char *text;
    size_t used, size;
    bool failed;
} line;

static void KR_PRINTF(2, 3) add(line *l, const char *format, ...) {
    for (;;) {
        va_list arguments;
        va_start(arguments, format);
        int length = vsnprintf(l->text + l->used, l->size - l->used, format, arguments);
        va_end(arguments);
        if (l->failed || length < 0) return;
        if (l->used + (size_t)length < l->size) {
            l->used += (size_t)length;
            return;
        }
        size_t size = 2 * (l->size + (size_t)length) + 256;
        char *grown = realloc(l->text, size);
        if (!grown) {
            l->failed = true;
            return;
        }
        l->text = grown;
        l->size = size;
    }
}

static void add_quoted(line *l, const char *text) {
    if (!text[strcspn(text, ",\"\n\r#")]) {
        add(l, "%s", text);
        return;
    }
    add(l, "\"");
    for (; *text; text++) add(l, *text == '"' ? "\"\"" : "%c", *text);
    add(l, "\"");
}

static void add_number(line *l, double value) {
    char text[KR_NUMBER_TEXT];
    if (isnan(value))
        add(l, ",");
    else if (isinf(value))
        add(l, value > 0 ? ",inf" : ",-inf");
    else
        add(l, ",%s", kr_number_text(value, text));
}

static char *finish(line *l) {
    if (!l->failed) return l->text;
    free(l->text);
    return NULL;
}

/* ---- columns ---- */

static int by_rank(const void *left, const void *right) {
    const kr_theory_type *a = *(const kr_theory_type *const *)left, *b = *(const kr_theory_type *const *)right;
    return a->rank != b->rank ? (a->rank < b->rank ? -1 : 1) : strcmp(a->about.name, b->about.name);
}

static bool add_column(kr_sweep *sweep, const char *first, const char *second, kr_sweep_kind kind) {
    line name = {0};
    add(&name, second ? "%s.%s" : "%s", first, second);
    char *text = finish(&name);
    if (text) sweep->column[sweep->column_count++] = (kr_sweep_column){text, kind};
    return text != NULL;
}

static bool add_columns(kr_sweep *sweep, const kr_theory_type *const *theory, size_t theories) {
    bool good = add_column(sweep, "point", NULL, KR_SWEEP_INTEGER);
    for (size_t a = 0; a < sweep->axis_count && good; a++)
        good = add_column(sweep, sweep->axis[a].key, NULL, sweep->axis[a].numbers ? KR_SWEEP_NUMBER : KR_SWEEP_TEXT);
    for (size_t i = 0; i < BEFORE && good; i++) good = add_column(sweep, before[i].name, NULL, before[i].kind);
    for (size_t t = 0; t < theories && good; t++)
        for (size_t i = 0; i < PREDICTED && good; i++)
            good = add_column(sweep, theory[t]->about.name, predicted[i], KR_SWEEP_NUMBER);
    return good && add_column(sweep, "warnings", NULL, KR_SWEEP_INTEGER);
}

/* Every line of text behind "# ", so that readers of CSV skip it. */
static void add_comment(line *l, const char *text) {
    while (*text) {
        size_t length = strcspn(text, "\n");
        add(l, "#   %.*s\n", (int)length, text);
        text += length + (text[length] == '\n');
    }
}

kr_status kr_sweep_columns_make(kr_sweep *sweep, kr_error *error) {
    const kr_theory_type *theory[KR_MAX_THEORIES];
    size_t theories = 0;
    while (theories < KR_MAX_THEORIES && sweep->registry->theories[theories]) {
        theory[theories] = sweep->registry->theories[theories];
        theories++;
    }
    qsort(theory, theories, sizeof *theory, by_rank);
    sweep->column = calloc(2 + sweep->axis_count + BEFORE + theories * PREDICTED, sizeof *sweep->column);
    line heads = {0}, header = {0};
    bool good = sweep->column && add_columns(sweep, theory, theories);
    for (size_t i = 0; i < sweep->column_count; i++) {
        if (i) add(&heads, ",");
        add_quoted(&heads, sweep->column[i].name);
    }
    sweep->heads = finish(&heads);
    add(&header, "# kramers %s sweep\n", KR_VERSION);
    for (size_t a = 0; a < sweep->axis_count; a++) {
        add(&header, "# vary:\n");
        add_comment(&header, sweep->axis[a].given);
    }
    add(&header, "# scene of point 0, before its seed is derived:\n");
    add_comment(&header, sweep->scene_text);
    add(&header, "%s\n", sweep->heads ? sweep->heads : "");
    sweep->header = finish(&header);
    return good && sweep->heads && sweep->header ? KR_OK
                                                 : kr_fail(error, KR_NO_MEMORY, "not enough memory for the table of a sweep");
}

size_t kr_sweep_columns(const kr_sweep *sweep) {
    return sweep->column_count;
}

size_t kr_sweep_axes(const kr_sweep *sweep) {
    return sweep->axis_count;
}

kr_sweep_column kr_sweep_column_at(const kr_sweep *sweep, size_t column) {
    return sweep->column[column];
}

size_t kr_sweep_column_find(const kr_sweep *sweep, const char *name) {
    for (size_t i = 0; i < sweep->column_count; i++)
        if (!strcmp(sweep->column[i].name, name)) return i;
    return SIZE_MAX;
}

const char *kr_sweep_heads(const kr_sweep *sweep) {
    return sweep->heads;
}

size_t kr_sweep_values(const kr_sweep *sweep, size_t axis) {
    return sweep->axis[axis].count;
}

const char *kr_sweep_value(const kr_sweep *sweep, size_t axis, size_t number) {
    return sweep->axis[axis].value[number];
}

const kr_scene *kr_sweep_first_scene(const kr_sweep *sweep) {
    return &sweep->first;
}

const char *kr_sweep_scene_text(const kr_sweep *sweep) {
    return sweep->scene_text;
}

/* ---- rows ---- */

static void add_escape(line *l, const kr_result *result) {
    const kr_escape_estimate *e = &result->escape;
    const double values[] = {(double)e->events,       e->exposure_steps, e->exposure_time, e->mfpt_steps,    e->mfpt_steps_ci95.low,
                             e->mfpt_steps_ci95.high, e->mfpt_time,      e->rate,          e->rate_ci95.low, e->rate_ci95.high};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) add_number(l, result->escape_measured ? values[i] : NAN);
}

static void add_transitions(line *l, const kr_transitions *t) {
    const double values[] = {t ? t->relaxation_rate : NAN, t ? t->relaxation_rate_ci95.low : NAN,
                             t ? t->relaxation_rate_ci95.high : NAN, t ? t->decay_rate : NAN, t ? t->decay_rate_error : NAN};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) add_number(l, values[i]);
}

static void add_theory(line *l, const kr_theory_result *theory) {
    const kr_prediction *p = &theory->prediction;
    const double values[PREDICTED] = {p->mfpt_steps, p->rate,     p->spectral_gap, p->temperature,
                                      p->variation,  p->accuracy, theory->z};
    for (size_t i = 0; i < PREDICTED; i++) add_number(l, p->applies ? values[i] : NAN);
}

char *kr_sweep_row_make(const kr_sweep *sweep, size_t point, const kr_scene *scene, const kr_result *result, double temperature,
                        bool diverged) {
    const kr_ensemble_settings *ensemble = kr_scene_ensemble(scene);
    line l = {0};
    add(&l, "%zu", point);
    for (size_t a = 0; a < sweep->axis_count; a++) {
        add(&l, ",");
        add_quoted(&l, sweep->axis[a].value[kr_sweep_axis_index(sweep, point, a)]);
    }
    add(&l, ",%lld,%s,%lld,%llu", (long long)ensemble->seed, diverged ? "diverged" : "done", (long long)ensemble->particles,
        (unsigned long long)result->steps);
    add_number(&l, result->time);
    add(&l, ",%llu", (unsigned long long)result->diverged);
    add_escape(&l, result);
    add_number(&l, temperature);
    add_number(&l, result->mean ? result->mean->kinetic_temperature : NAN);
    add_number(&l, result->mean ? result->mean->configurational_temperature : NAN);
    add_transitions(&l, result->transitions);
    for (size_t t = 0; t < result->theory_count; t++) add_theory(&l, &result->theory[t]);
    add(&l, ",%zu", result->warning_count);
    return finish(&l);
}

const char *kr_sweep_row(const kr_sweep *sweep, size_t point) {
    return point < sweep->count ? sweep->row[point] : NULL;
}

/* One field of CSV into buffer; returns where the next begins, NULL at the end of the line. */
static const char *read_field(const char *text, char *buffer) {
    size_t used = 0;
    bool quoted = *text == '"';
    if (quoted) text++;
    for (; *text; text++) {
        if (quoted && *text == '"' && text[1] == '"')
            text++;
        else if (quoted && *text == '"') {
            quoted = false;
            continue;
        } else if (!quoted && *text == ',')
            break;
        if (buffer && used < KR_SWEEP_CELL - 1) buffer[used++] = *text;
    }
    if (buffer) buffer[used] = 0;
    return *text ? text + 1 : NULL;
}

const char *kr_sweep_cell(const kr_sweep *sweep, size_t point, size_t column, char buffer[KR_SWEEP_CELL]) {
    const char *at = kr_sweep_row(sweep, point);
    if (!at || column >= sweep->column_count) return NULL;
    for (size_t i = 0; i < column && at; i++) at = read_field(at, NULL);
    *buffer = 0;
    if (at) read_field(at, buffer);
    return buffer;
}

double kr_sweep_number(const kr_sweep *sweep, size_t point, size_t column) {
    char text[KR_SWEEP_CELL];
    double value;
    if (!kr_sweep_cell(sweep, point, column, text)) return NAN;
    if (!strcmp(text, "inf") || !strcmp(text, "-inf")) return *text == '-' ? -INFINITY : INFINITY;
    return kr_number_parse(text, &value) ? value : NAN;
}

static bool belongs(const kr_sweep *sweep, size_t point, const char *text) {
    char cell[KR_SWEEP_CELL];
    const char *at = read_field(text, NULL);
    for (size_t a = 0; a < sweep->axis_count; a++) {
        if (!at) return false;
        at = read_field(at, cell);
        if (strncmp(cell, sweep->axis[a].value[kr_sweep_axis_index(sweep, point, a)], KR_SWEEP_CELL - 1) != 0) return false;
    }
    return true;
}

kr_status kr_sweep_row_accept(kr_sweep *sweep, const char *text, size_t length, const char *place, kr_error *error) {
    char cell[KR_SWEEP_CELL];
    int64_t point;
    size_t fields = 1;
    char *row = malloc(length + 1);
    if (!row) return kr_fail(error, KR_NO_MEMORY, "not enough memory for the table of a sweep");
    memcpy(row, text, length);
    row[length] = 0;
    for (const char *at = read_field(row, cell); at; fields++) at = read_field(at, NULL);
    if (fields != sweep->column_count || !kr_integer_parse(cell, &point) || point < 0 || (size_t)point >= sweep->count ||
        sweep->row[point] || strlen(row) != length || !belongs(sweep, (size_t)point, row)) {
        free(row);
        return kr_fail(error, KR_IO, "%s: this row is none of the sweep's: the file is damaged; --force starts anew", place);
    }
    sweep->row[point] = row;
    sweep->done++;
    sweep->diverged += strstr(row, ",diverged,") != NULL;
    return KR_OK;
}

kr_status kr_sweep_row_restore(kr_sweep *sweep, const int64_t *integer, const double *number, char *const *text, const char *place,
                               kr_error *error) {
    if (integer[0] < 0 || (uint64_t)integer[0] >= sweep->count)
        return kr_fail(error, KR_IO, "%s: point %lld is none of the sweep's: the file is damaged; --force starts anew", place,
                       (long long)integer[0]);
    line l = {0};
    add(&l, "%lld", (long long)integer[0]);
    for (size_t i = 1; i < sweep->column_count; i++) {
        if (i > sweep->axis_count && (sweep->column[i].kind == KR_SWEEP_NUMBER || sweep->column[i].kind == KR_SWEEP_COUNT)) {
            add_number(&l, number[i]);
            continue;
        }
        add(&l, ",");
        if (i <= sweep->axis_count) /* as it was typed */
            add_quoted(&l, sweep->axis[i - 1].value[kr_sweep_axis_index(sweep, (size_t)integer[0], i - 1)]);
        else if (sweep->column[i].kind == KR_SWEEP_INTEGER)
            add(&l, "%lld", (long long)integer[i]);
        else
            add_quoted(&l, text[i]);
    }
    char *row = finish(&l);
    if (!row) return kr_fail(error, KR_NO_MEMORY, "not enough memory for the table of a sweep");
    kr_status status = kr_sweep_row_accept(sweep, row, strlen(row), place, error);
    free(row);
    return status;
}
