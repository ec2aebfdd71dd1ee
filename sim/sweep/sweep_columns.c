/* The columns of a sweep's table, from the table of results, and the head of its file. */
#include "sweep_state.h"

#include "files/generator_record.h"

#include <kramers/generator.h>
#include <kramers/version.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char first_words[] = "# kramers ", generator_line[] = "# generator: ";

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
        {.name = "status", .kind = KR_SWEEP_TEXT, .doc = "done, or diverged"},
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

/* Every line of text behind "# ", so that readers of CSV skip it. */
static void add_comment(kr_sweep_line *l, const char *text) {
    while (*text) {
        size_t length = strcspn(text, "\n");
        kr_sweep_add(l, "#   %.*s\n", (int)length, text);
        text += length + (text[length] == '\n');
    }
}

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
    kr_sweep_line heads = {0}, header = {0};
    for (size_t i = 0; i < sweep->column_count; i++) {
        if (i) kr_sweep_add(&heads, ",");
        kr_sweep_add_quoted(&heads, sweep->column[i].name);
    }
    sweep->heads = kr_sweep_line_finish(&heads);
    kr_sweep_add(&header, "%s%s sweep\n%s%s\n", first_words, KR_VERSION, generator_line, kr_generator_name());
    for (size_t a = 0; a < sweep->axis_count; a++) {
        kr_sweep_add(&header, "# vary:\n");
        add_comment(&header, sweep->axis[a].given);
    }
    kr_sweep_add(&header, "# scene of point 0, before its seed is derived:\n");
    add_comment(&header, sweep->scene_text);
    kr_sweep_add(&header, "%s\n", sweep->heads ? sweep->heads : "");
    sweep->header = kr_sweep_line_finish(&header);
    return !c.failed && sweep->heads && sweep->header ? KR_OK : no_memory(error);
}

static void copy_until(const char *stops, const char *from, char *to, size_t size) {
    size_t length = strcspn(from, stops);
    snprintf(to, size, "%.*s", (int)(length < size ? length : size - 1), from);
}

/* The first line of a head is "# kramers VERSION sweep"; the second names the generator, or is another one. */
static kr_status check_generator(const char *name, const char *text, kr_error *error) {
    char version[32], generator[128];
    const char *second = text + strcspn(text, "\n");
    second += *second == '\n';
    bool named = !strncmp(second, generator_line, strlen(generator_line));
    copy_until(" \n", text + strlen(first_words), version, sizeof version);
    copy_until("\n", second + (named ? strlen(generator_line) : 0), generator, sizeof generator);
    return kr_generator_check(name, named ? generator : NULL, version, error);
}

kr_status kr_sweep_header_check(const kr_sweep *sweep, const char *name, const char *text, kr_error *error) {
    const char *want = sweep->header;
    if (strncmp(text, first_words, strlen(first_words)) != 0)
        return kr_fail(error, KR_IO, "%s exists and is no table of a sweep; --force overwrites it", name);
    kr_status status = check_generator(name, text, error);
    if (status != KR_OK) return status;
    for (;;) {
        size_t have = strcspn(text, "\n"), length = strcspn(want, "\n");
        if (have != length || strncmp(text, want, length) != 0)
            return kr_fail(
                error, KR_BAD_ARGUMENT,
                "%s is of another sweep: '%.*s' stands there where this one has '%.*s'; go on with the same command line, "
                "write elsewhere, or start anew with --force",
                name, have > 160 ? 160 : (int)have, text, length > 160 ? 160 : (int)length, want);
        text += have + (text[have] == '\n');
        want += length + (want[length] == '\n');
        if (!*want) return KR_OK;
    }
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
