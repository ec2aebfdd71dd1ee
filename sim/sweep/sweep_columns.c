/* The columns of a sweep's table, from the table of results, and which of them are shown. */
#include "sweep_state.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Columns as they are collected. */
typedef struct columns {
    kr_sweep_column *column;
    kr_sweep_cell_source *source;
    size_t count, room;
    bool failed;
} columns;

/* NAME, or FIRST.NAME, and what follows it. */
static void add(columns *c, const char *first, const char *name, const char *suffix, kr_sweep_column about,
                kr_sweep_cell_source source) {
    if (c->count == c->room) {
        size_t room = 2 * c->room + 64;
        kr_sweep_column *column = realloc(c->column, room * sizeof *column);
        if (column) c->column = column;
        kr_sweep_cell_source *grown = column ? realloc(c->source, room * sizeof *grown) : NULL;
        if (grown) c->source = grown;
        c->failed = c->failed || !grown;
        if (c->failed) return;
        c->room = room;
    }
    kr_sweep_line text = {0};
    kr_sweep_add(&text, "%s%s%s%s", first ? first : "", first ? "." : "", name, suffix);
    about.name = kr_sweep_line_finish(&text);
    if (about.name) {
        c->column[c->count] = about;
        c->source[c->count++] = source;
    } else {
        c->failed = true;
    }
}

/* The columns of a row; first: of the entry that it belongs to. */
static void add_row(columns *c, const char *first, const kr_result_row *row, kr_sweep_cell_source source) {
    kr_sweep_column about = {.unit = row->unit, .doc = row->doc, .kind = KR_SWEEP_COUNT};
    if (row->sweep.flags & KR_NEVER_EMPTY) about.kind = KR_SWEEP_INTEGER;
    if (row->rank) source.form = KR_CELL_LENGTH;
    if (row->kind == KR_VALUE_NUMBER && !row->rank) about.kind = KR_SWEEP_NUMBER;
    if (row->kind != KR_VALUE_INTERVAL || row->rank) {
        add(c, first, row->sweep.name, "", about, source);
        return;
    }
    about.kind = KR_SWEEP_NUMBER;
    source.form = KR_CELL_LOW;
    add(c, first, row->sweep.name, "_low", about, source);
    source.form = KR_CELL_HIGH;
    add(c, first, row->sweep.name, "_high", about, source);
}

/* Numbers of a theory's own. */
static void add_extras(columns *c, const kr_theory_type *theory, const kr_result_row *row, kr_sweep_cell_source source) {
    for (const char *const *extra = theory->extras; extra && *extra; extra++) {
        source.number = *extra;
        add(c, theory->about.name, *extra, "", (kr_sweep_column){.kind = KR_SWEEP_NUMBER, .doc = row->doc}, source);
    }
}

/* Records whose entries are theories have known entries before there is a result, in the order that every result has. */
static void add_theories(columns *c, const kr_registry *registry, const kr_result_row *row, kr_sweep_cell_source source) {
    for (source.entry = 0; registry->theories[source.entry]; source.entry++)
        for (source.entry_row = row->entries; source.entry_row->name; source.entry_row++) {
            const kr_theory_type *type = registry->theories[source.entry];
            if (source.entry_row->kind == KR_VALUE_NAMED)
                add_extras(c, type, source.entry_row, source);
            else if (source.entry_row->sweep.name)
                add_row(c, type->about.name, source.entry_row, source);
        }
}

static void add_results(columns *c, const kr_registry *registry) {
    kr_result_part parts[KR_MAX_PARTS];
    size_t count = kr_result_parts(registry, NULL, parts);
    for (size_t part = 0; part < count; part++)
        for (const kr_result_row *row = parts[part].rows; row->name; row++) {
            kr_sweep_cell_source source = {.row = row, .part = part};
            if (row->sweep.flags & KR_EACH_ENTRY)
                add_theories(c, registry, row, source);
            else if (row->sweep.name)
                add_row(c, NULL, row, source);
        }
}

/* In the order of kr_sweep_row_make. */
static void add_point(columns *c) {
    static const kr_sweep_column point[] = {
        {.name = "seed", .kind = KR_SWEEP_INTEGER, .doc = "with which kramers run repeats this point"},
        {.name = "status",
         .kind = KR_SWEEP_TEXT,
         .doc = "done, diverged, impossible (it cannot be run) or failed (a file or memory is missing)"},
        {.name = "reason", .kind = KR_SWEEP_TEXT, .doc = "why a point is impossible or failed"},
        {.name = "particles", .kind = KR_SWEEP_INTEGER, .doc = "particles of the ensemble"}};
    for (size_t i = 0; i < sizeof point / sizeof *point; i++) add(c, NULL, point[i].name, "", point[i], (kr_sweep_cell_source){0});
}

void kr_sweep_columns_free(kr_sweep_column *column, size_t count) {
    for (size_t i = 0; i < count; i++) free((char *)(uintptr_t)column[i].name);
    free(column);
}

static kr_status no_memory(kr_error *error) {
    return kr_fail(error, KR_NO_MEMORY, "not enough memory for the table of a sweep");
}

kr_status kr_sweep_columns_list(const kr_registry *registry, kr_sweep_column **list, size_t *count, kr_error *error) {
    columns c = {0};
    add_point(&c);
    add_results(&c, registry);
    free(c.source);
    *list = c.column;
    *count = c.count;
    if (!c.failed) return KR_OK;
    kr_sweep_columns_free(c.column, c.count);
    *list = NULL;
    *count = 0;
    return no_memory(error);
}

/* ---- of one sweep ---- */

kr_status kr_sweep_columns_make(kr_sweep *sweep, kr_error *error) {
    columns c = {0};
    add(&c, NULL, "point", "", (kr_sweep_column){.kind = KR_SWEEP_INTEGER, .doc = "number of the point"},
        (kr_sweep_cell_source){0});
    for (size_t a = 0; a < sweep->axis_count; a++)
        add(&c, NULL, sweep->axis[a].key, "",
            (kr_sweep_column){.kind = sweep->axis[a].numbers ? KR_SWEEP_NUMBER : KR_SWEEP_TEXT, .doc = "varied"},
            (kr_sweep_cell_source){0});
    add_point(&c);
    add_results(&c, sweep->registry);
    sweep->column = c.column;
    sweep->cell = c.source;
    sweep->column_count = c.count;
    kr_sweep_line heads = {0};
    for (size_t i = 0; i < sweep->column_count; i++) {
        if (i) kr_sweep_add(&heads, ",");
        kr_sweep_add_quoted(&heads, sweep->column[i].name);
    }
    sweep->heads = kr_sweep_line_finish(&heads);
    return !c.failed && sweep->heads ? KR_OK : no_memory(error);
}

/* ---- which are shown ---- */

static kr_status unknown_column(const kr_sweep *sweep, const char *name, kr_error *error) {
    const char **names = calloc(sweep->column_count + 1, sizeof *names), *near = NULL;
    for (size_t i = 0; names && i < sweep->column_count; i++) names[i] = sweep->column[i].name;
    if (names) near = kr_nearest_name(name, names);
    kr_status status =
        near ? kr_fail(error, KR_BAD_ARGUMENT, "--columns: there is no column '%.80s'; did you mean '%s'?", name, near)
             : kr_fail(error, KR_BAD_ARGUMENT,
                       "--columns: there is no column '%.80s'; 'kramers list columns' names them, 'all' is all of them", name);
    free(names);
    return status;
}

kr_status kr_sweep_columns_choose(kr_sweep *sweep, const char *names, kr_error *error) {
    kr_status status = KR_OK;
    sweep->all_columns = names && !strcmp(names, "all");
    if (!names || sweep->all_columns) return KR_OK;
    char *copy = strdup(names), *rest = copy;
    sweep->asked = calloc(sweep->column_count, sizeof *sweep->asked);
    if (!copy || !sweep->asked) return free(copy), no_memory(error);
    for (size_t i = 0; i <= sweep->axis_count; i++) sweep->asked[i] = true;
    for (char *name; !status && (name = strtok_r(rest, ", \t\n", &rest));) {
        bool found = false;
        for (size_t i = 0; i < sweep->column_count; i++) {
            if (fnmatch(name, sweep->column[i].name, 0) != 0) continue;
            sweep->asked[i] = found = true;
        }
        if (!found) status = unknown_column(sweep, name, error);
    }
    free(copy);
    return status;
}

/* Numbers that are never empty are content, but for those of points that were never run. */
static void note_content(const kr_sweep *sweep, const char *row, bool *shown) {
    char cell[KR_SWEEP_CELL];
    for (size_t i = 0; row && i < sweep->column_count; i++) {
        row = kr_sweep_read_field(row, cell);
        shown[i] = shown[i] || *cell;
    }
}

bool *kr_sweep_columns_shown(const kr_sweep *sweep, bool complete) {
    bool *shown = calloc(sweep->column_count, sizeof *shown);
    for (size_t i = 0; shown && i < sweep->column_count; i++)
        shown[i] = sweep->all_columns || i <= sweep->axis_count || (complete && sweep->asked && sweep->asked[i]);
    if (!shown || sweep->all_columns || (complete && sweep->asked)) return shown;
    for (size_t i = 0; i < sweep->count; i++) note_content(sweep, sweep->row[i], shown);
    return shown;
}

char *kr_sweep_line_of(const kr_sweep *sweep, const char *row, const bool *shown) {
    kr_sweep_line line = {0};
    for (size_t i = 0; row && i < sweep->column_count; i++) {
        const char *next = kr_sweep_read_field(row, NULL);
        size_t length = next ? (size_t)(next - row) - 1 : strlen(row);
        if (shown[i]) kr_sweep_add(&line, "%s%.*s", i ? "," : "", (int)length, row);
        row = next;
    }
    return kr_sweep_line_finish(&line);
}

char *kr_sweep_table(const kr_sweep *sweep) {
    bool *shown = kr_sweep_columns_shown(sweep, true);
    kr_sweep_line table = {0};
    char *line = shown ? kr_sweep_line_of(sweep, sweep->heads, shown) : NULL;
    if (line) kr_sweep_add(&table, "%s\n", line);
    for (size_t i = 0; i < sweep->count && line; i++) {
        if (!sweep->row[i]) continue;
        free(line);
        if ((line = kr_sweep_line_of(sweep, sweep->row[i], shown))) kr_sweep_add(&table, "%s\n", line);
    }
    char *text = table.stream ? kr_sweep_line_finish(&table) : NULL;
    free(shown);
    if (line) return free(line), text;
    free(text);
    return NULL;
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
