/* Rows of results as JSON: a loop over the table. */
#include "report.h"

#include <math.h>
#include <string.h>

/* Ends that are not finite are null; in lists an interval of which nothing is known is null itself. */
static json_object *interval(kr_interval ends, bool listed) {
    return listed && isnan(ends.low) ? NULL : kr_json_numbers((double[]){ends.low, ends.high}, 2);
}

static json_object *element(const kr_result_row *row, const kr_value *value, size_t i) {
    switch (row->kind) {
    case KR_VALUE_NUMBER: return kr_json_number(((const double *)value->data)[i]);
    case KR_VALUE_COUNT: return json_object_new_uint64(((const uint64_t *)value->data)[i]);
    case KR_VALUE_SWITCH: return json_object_new_boolean(((const bool *)value->data)[i]);
    case KR_VALUE_INTERVAL: return interval(((const kr_interval *)value->data)[i], row->rank > 0);
    case KR_VALUE_TEXT: return json_object_new_string((const char *)value->data + i * value->size[1]);
    case KR_VALUE_NAMED:
    case KR_VALUE_RECORDS: break;
    }
    return NULL;
}

/* A list, or row number `line` of a matrix. */
static json_object *list(const kr_result_row *row, const kr_value *value, size_t line, size_t length) {
    json_object *array = json_object_new_array();
    for (size_t i = 0; i < length; i++) json_object_array_add(array, element(row, value, line * length + i));
    return array;
}

static json_object *matrix(const kr_result_row *row, const kr_value *value) {
    json_object *array = json_object_new_array();
    for (size_t i = 0; i < value->size[0]; i++) json_object_array_add(array, list(row, value, i, value->size[1]));
    return array;
}

static void put_numbers(json_object *object, const kr_value *value) {
    const kr_named_number *number = value->data;
    for (size_t i = 0; i < value->size[0]; i++) json_object_object_add(object, number[i].name, kr_json_number(number[i].value));
}

/* Objects in the path are made as they are met. */
static void put(json_object *object, const char *path, json_object *value) {
    char key[64];
    for (const char *dot; (dot = strchr(path, '.')); path = dot + 1) {
        json_object *inner = NULL;
        snprintf(key, sizeof key, "%.*s", (int)(dot - path), path);
        if (!json_object_object_get_ex(object, key, &inner)) {
            inner = json_object_new_object();
            json_object_object_add(object, key, inner);
        }
        object = inner;
    }
    json_object_object_add(object, path, value);
}

static json_object *records(const kr_result_row *row, const kr_value *value, const void *source);

static void put_rows(json_object *object, const kr_result_row *rows, const void *source) {
    for (const kr_result_row *row = rows; row->name; row++) {
        kr_value value;
        bool there = kr_result_get(row, source, &value);
        if (row->json.why_not) continue;
        if (row->kind == KR_VALUE_NAMED)
            put_numbers(object, &value);
        else
            put(object, row->name,
                !there                          ? NULL
                : row->kind == KR_VALUE_RECORDS ? records(row, &value, source)
                : row->rank == 0                ? element(row, &value, 0)
                : row->rank == 1                ? list(row, &value, 0, value.size[0])
                                                : matrix(row, &value));
    }
}

/* The first row of a keyed entry is its name. */
static json_object *records(const kr_result_row *row, const kr_value *value, const void *source) {
    bool keyed = row->json.flags & KR_KEYED;
    json_object *all = keyed ? json_object_new_object() : json_object_new_array();
    for (size_t i = 0; i < value->size[0]; i++) {
        const void *entry = row->entry(source, i);
        kr_value name;
        if (!entry) continue;
        json_object *object = json_object_new_object();
        put_rows(object, keyed ? row->entries + 1 : row->entries, entry);
        if (!keyed)
            json_object_array_add(all, object);
        else if (kr_result_get(row->entries, entry, &name))
            json_object_object_add(all, name.data, object);
    }
    return all;
}

json_object *kr_json_theory(const kr_theory_result *theory) {
    json_object *object = json_object_new_object();
    put_rows(object, kr_theory_rows, theory);
    return object;
}

json_object *kr_json_result(const kr_scene *scene, const kr_result *result) {
    kr_result_part parts[KR_MAX_PARTS];
    size_t count = kr_result_parts(scene->registry, result, parts);
    json_object *object = json_object_new_object();
    json_object_object_add(object, "version", NULL); /* keys stay in the order in which they came first */
    json_object_object_add(object, "generator", NULL);
    json_object_object_add(object, "scene", kr_json_scene(scene));
    for (size_t i = 0; i < count; i++) put_rows(object, parts[i].rows, parts[i].source);
    return object;
}
