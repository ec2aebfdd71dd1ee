/* The columns of a sweep's table, and the head of its file. */
#include "sweep_state.h"

#include <kramers/version.h>

#include <stdlib.h>
#include <string.h>

static const kr_sweep_column before[] = {{"seed", KR_SWEEP_INTEGER},  {"status", KR_SWEEP_TEXT}, {"particles", KR_SWEEP_INTEGER},
                                         {"steps", KR_SWEEP_INTEGER}, {"time", KR_SWEEP_NUMBER}, {"diverged", KR_SWEEP_INTEGER}};
static const char *const predicted[KR_SWEEP_PREDICTED] = {"mfpt_steps", "rate", "spectral_gap", "temperature", "variation",
                                                          "accuracy",   "z",    "gap_z"};
enum { BEFORE = sizeof before / sizeof *before };

static int by_rank(const void *left, const void *right) {
    const kr_theory_type *a = *(const kr_theory_type *const *)left, *b = *(const kr_theory_type *const *)right;
    return a->rank != b->rank ? (a->rank < b->rank ? -1 : 1) : strcmp(a->about.name, b->about.name);
}

static bool add_column(kr_sweep *sweep, const char *first, const char *second, kr_sweep_kind kind) {
    kr_sweep_line name = {0};
    kr_sweep_add(&name, second ? "%s.%s" : "%s", first, second);
    char *text = kr_sweep_line_finish(&name);
    if (text) sweep->column[sweep->column_count++] = (kr_sweep_column){text, kind};
    return text != NULL;
}

static bool add_columns(kr_sweep *sweep, const kr_theory_type *const *theory, size_t theories) {
    const kr_sweep_column *measured = kr_sweep_measured_columns();
    bool good = add_column(sweep, "point", NULL, KR_SWEEP_INTEGER);
    for (size_t a = 0; a < sweep->axis_count && good; a++)
        good = add_column(sweep, sweep->axis[a].key, NULL, sweep->axis[a].numbers ? KR_SWEEP_NUMBER : KR_SWEEP_TEXT);
    for (size_t i = 0; i < BEFORE && good; i++) good = add_column(sweep, before[i].name, NULL, before[i].kind);
    for (size_t i = 0; i < KR_SWEEP_MEASURED && good; i++) good = add_column(sweep, measured[i].name, NULL, measured[i].kind);
    for (size_t t = 0; t < theories && good; t++) {
        const char *name = theory[t]->about.name;
        const char *const *extra = theory[t]->extras;
        for (size_t i = 0; i < KR_SWEEP_PREDICTED && good; i++) good = add_column(sweep, name, predicted[i], KR_SWEEP_NUMBER);
        for (; extra && *extra && good; extra++) good = add_column(sweep, name, *extra, KR_SWEEP_NUMBER);
    }
    return good && add_column(sweep, "warnings", NULL, KR_SWEEP_INTEGER);
}

/* Every line of text behind "# ", so that readers of CSV skip it. */
static void add_comment(kr_sweep_line *l, const char *text) {
    while (*text) {
        size_t length = strcspn(text, "\n");
        kr_sweep_add(l, "#   %.*s\n", (int)length, text);
        text += length + (text[length] == '\n');
    }
}

kr_status kr_sweep_columns_make(kr_sweep *sweep, kr_error *error) {
    const kr_theory_type *theory[KR_MAX_THEORIES] = {NULL};
    size_t theories = 0;
    while (theories < KR_MAX_THEORIES && sweep->registry->theories[theories]) {
        theory[theories] = sweep->registry->theories[theories];
        theories++;
    }
    qsort(theory, theories, sizeof *theory, by_rank);
    sweep->column = calloc(2 + sweep->axis_count + BEFORE + KR_SWEEP_MEASURED + theories * (KR_SWEEP_PREDICTED + KR_MAX_EXTRAS),
                           sizeof *sweep->column);
    kr_sweep_line heads = {0}, header = {0};
    bool good = sweep->column && add_columns(sweep, theory, theories);
    for (size_t i = 0; i < sweep->column_count; i++) {
        if (i) kr_sweep_add(&heads, ",");
        kr_sweep_add_quoted(&heads, sweep->column[i].name);
    }
    sweep->heads = kr_sweep_line_finish(&heads);
    kr_sweep_add(&header, "# kramers %s sweep\n", KR_VERSION);
    for (size_t a = 0; a < sweep->axis_count; a++) {
        kr_sweep_add(&header, "# vary:\n");
        add_comment(&header, sweep->axis[a].given);
    }
    kr_sweep_add(&header, "# scene of point 0, before its seed is derived:\n");
    add_comment(&header, sweep->scene_text);
    kr_sweep_add(&header, "%s\n", sweep->heads ? sweep->heads : "");
    sweep->header = kr_sweep_line_finish(&header);
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
