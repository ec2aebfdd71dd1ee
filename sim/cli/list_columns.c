/* The columns of sweeps, from the table of results: name, unit and what they mean. */
#include "command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_object *text(const char *value) {
    return value ? json_object_new_string(value) : NULL;
}

static json_object *column_json(const kr_sweep_column *column) {
    static const char *const kinds[] = {
        [KR_SWEEP_INTEGER] = "integer", [KR_SWEEP_COUNT] = "count", [KR_SWEEP_NUMBER] = "number", [KR_SWEEP_TEXT] = "text"};
    json_object *object = json_object_new_object();
    json_object_object_add(object, "name", text(column->name));
    json_object_object_add(object, "type", text(kinds[column->kind]));
    json_object_object_add(object, "unit", text(column->unit));
    json_object_object_add(object, "doc", text(column->doc));
    return object;
}

/* Names are long: what they mean stands below them. */
static void print_column(const kr_sweep_column *column) {
    enum { INDENT = 4 };
    char line[400];
    snprintf(line, sizeof line, "%s%s%s", column->doc, column->unit ? ", in " : "", column->unit ? column->unit : "");
    printf("  %s\n%*s", column->name, INDENT, "");
    kr_print_wrapped(stdout, line, INDENT, INDENT, kr_width(stdout));
}

static int unknown_column(const char *name, const kr_sweep_column *column, size_t count) {
    const char **names = calloc(count + 1, sizeof *names), *near = NULL;
    for (size_t i = 0; names && i < count; i++) names[i] = column[i].name;
    if (names) near = kr_nearest_name(name, names);
    if (near)
        fprintf(stderr, "kramers: unknown column '%.80s'; did you mean '%s'?\n", name, near);
    else
        fprintf(stderr, "kramers: unknown column '%.80s'; 'kramers list columns' names them\n", name);
    free(names);
    return 2;
}

/* Those behind the varied keys; with a name, this one. */
int kr_list_columns(const kr_registry *registry, const char *name, bool json) {
    kr_sweep_column *column;
    size_t count, found = 0;
    kr_error error;
    if (kr_sweep_columns_list(registry, &column, &count, &error)) return kr_complain(&error);
    json_object *array = json ? json_object_new_array() : NULL;
    for (size_t i = 0; i < count; i++) {
        if (name && strcmp(name, column[i].name) != 0) continue;
        found++;
        if (json)
            json_object_array_add(array, column_json(&column[i]));
        else
            print_column(&column[i]);
    }
    if (json && name && found)
        kr_json_print(json_object_get(json_object_array_get_idx(array, 0)));
    else if (json && found)
        kr_json_print(json_object_get(array));
    json_object_put(array);
    int status = found ? 0 : unknown_column(name, column, count);
    kr_sweep_columns_free(column, count);
    return status;
}
