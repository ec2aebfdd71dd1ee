#include <kramers/result_row.h>

#include <math.h>
#include <string.h>

bool kr_value_number(kr_value *value, double number) {
    value->own.number = number;
    value->data = &value->own.number;
    return true;
}

bool kr_value_count(kr_value *value, uint64_t count) {
    value->own.count = count;
    value->data = &value->own.count;
    return true;
}

bool kr_value_switch(kr_value *value, bool flag) {
    value->own.flag = flag;
    value->data = &value->own.flag;
    return true;
}

bool kr_value_interval(kr_value *value, kr_interval interval) {
    value->own.interval = interval;
    value->data = &value->own.interval;
    return true;
}

bool kr_value_list(kr_value *value, const void *data, size_t rows, size_t columns) {
    value->data = data;
    value->size[0] = rows;
    value->size[1] = columns;
    return data != NULL;
}

/* One value that says of itself that nothing is there. */
static bool is_nothing(const kr_result_row *row, const kr_value *value) {
    if (row->rank) return false;
    if (row->kind == KR_VALUE_NUMBER) return isnan(*(const double *)value->data);
    return row->kind == KR_VALUE_TEXT && (!value->data || !*(const char *)value->data);
}

bool kr_result_get(const kr_result_row *row, const void *source, kr_value *value) {
    *value = (kr_value){.data = NULL};
    if (!source) return false;
    if (!row->get)
        value->data = (const char *)source + row->offset;
    else if (!row->get(source, value))
        return false;
    return !is_nothing(row, value);
}

const kr_result_row *kr_result_find(const kr_result_part *parts, size_t count, const char *name, const void **source) {
    for (size_t i = 0; i < count; i++)
        for (const kr_result_row *row = parts[i].rows; row->name; row++)
            if (!strcmp(row->name, name)) {
                *source = parts[i].source;
                return row;
            }
    return NULL;
}

double kr_result_number(const kr_result_part *parts, size_t count, const char *name) {
    const void *source;
    kr_value value;
    const kr_result_row *row = kr_result_find(parts, count, name, &source);
    if (!row || row->rank || !kr_result_get(row, source, &value)) return NAN;
    switch (row->kind) {
    case KR_VALUE_NUMBER: return *(const double *)value.data;
    case KR_VALUE_COUNT: return (double)*(const uint64_t *)value.data;
    case KR_VALUE_SWITCH: return *(const bool *)value.data;
    default: return NAN;
    }
}
