/* KEY=SPEC: lists and ranges. */
#include "sweep_state.h"

#include <kramers/number_text.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static kr_status no_memory(kr_error *error) {
    return kr_fail(error, KR_NO_MEMORY, "out of memory while reading what to vary");
}

static kr_status add_value(kr_sweep_axis *axis, const char *text, size_t length, kr_error *error) {
    if (axis->count % 64 == 0) {
        char **grown = realloc(axis->value, (axis->count + 64) * sizeof *grown);
        if (!grown) return no_memory(error);
        axis->value = grown;
    }
    char *copy = strndup(text, length);
    if (!copy) return no_memory(error);
    axis->value[axis->count++] = copy;
    return KR_OK;
}

/* Where the entry of a list ends: at a comma that is in no bracket and no quotation. */
static const char *entry_end(const char *text) {
    int depth = 0;
    char quote = 0;
    for (; *text; text++) {
        if (quote)
            quote = *text == quote ? (char)0 : quote;
        else if (*text == '"' || *text == '\'')
            quote = *text;
        else if (*text == '[' || *text == '{')
            depth++;
        else if (*text == ']' || *text == '}')
            depth--;
        else if (*text == ',' && depth <= 0)
            break;
    }
    return text;
}

static kr_status read_list(kr_sweep_axis *axis, const char *spec, kr_error *error) {
    for (const char *at = spec;; at++) {
        const char *end = entry_end(at), *first = at + strspn(at, " \t\n"), *last = end;
        while (last > first && strchr(" \t\n", last[-1])) last--;
        if (first >= last)
            return kr_fail(error, KR_BAD_ARGUMENT, "--vary %.80s: a value is missing in the list; use KEY=a,b,c or KEY=lo:hi:n",
                           axis->given);
        if (axis->count == KR_SWEEP_MAX_POINTS)
            return kr_fail(error, KR_BAD_ARGUMENT, "--vary %.80s: more than %d values", axis->given, KR_SWEEP_MAX_POINTS);
        kr_status status = add_value(axis, first, (size_t)(last - first), error);
        if (status) return status;
        at = end;
        if (!*at) return KR_OK;
    }
}

/* Up to four parts between colons; 0 where this is no range: its first part is no number. */
static size_t split_range(char *spec, char *part[5]) {
    size_t count = 0;
    double first;
    if (!strchr(spec, ':') || strpbrk(spec, "[{\"'")) return 0;
    for (char *at = spec; at && count < 5;) {
        part[count++] = at;
        at = strchr(at, ':');
        if (at) *at++ = 0;
    }
    return kr_number_parse(part[0], &first) ? count : 0;
}

static kr_status refuse_range(const kr_sweep_axis *axis, const char *why, kr_error *error) {
    return kr_fail(error, KR_BAD_ARGUMENT, "--vary %.80s: %s; a range is lo:hi:n or lo:hi:n:log", axis->given, why);
}

/* Rounded to 15 digits, 0.1:0.5:5 has 0.3 in it instead of 0.30000000000000004, whatever the machine's exp and log. */
static kr_status add_number(kr_sweep_axis *axis, double value, kr_error *error) {
    char digits[64], text[KR_NUMBER_TEXT];
    snprintf(digits, sizeof digits, "%.14e", value);
    kr_number_parse(digits, &value);
    kr_number_yaml(value == 0 ? 0.0 : value, text);
    return add_value(axis, text, strlen(text), error);
}

static kr_status read_range(kr_sweep_axis *axis, char *const part[5], size_t parts, kr_error *error) {
    double low, high, wanted;
    if (parts < 3 || parts > 4) return refuse_range(axis, "this has the wrong number of parts", error);
    kr_number_parse(part[0], &low);
    if (!kr_number_parse(part[1], &high)) return refuse_range(axis, "the end is no number", error);
    if (!isfinite(low) || !isfinite(high)) return refuse_range(axis, "the ends must be finite", error);
    if (!kr_number_parse(part[2], &wanted) || !(wanted >= 1) || wanted != floor(wanted))
        return refuse_range(axis, "the number of values must be an integer, 1 or more", error);
    if (wanted > KR_SWEEP_MAX_POINTS) return refuse_range(axis, "these are more than 1000000 values", error);
    bool log_scale = parts == 4;
    if (log_scale && strcmp(part[3], "log") != 0) return refuse_range(axis, "the fourth part can only be 'log'", error);
    if (log_scale && !(low > 0 && high > 0)) return refuse_range(axis, "the ends of a logarithmic range must be positive", error);
    size_t count = (size_t)wanted;
    kr_status status = KR_OK;
    for (size_t i = 0; i < count && !status; i++) {
        double t = count > 1 ? (double)i / (double)(count - 1) : 0.0;
        double value = log_scale ? exp((1.0 - t) * log(low) + t * log(high)) : (1.0 - t) * low + t * high;
        status = add_number(axis, i == 0 ? low : i + 1 == count ? high : value, error);
    }
    axis->range = true;
    return status;
}

kr_status kr_sweep_axis_parse(kr_sweep_axis *axis, const char *text, kr_error *error) {
    *axis = (kr_sweep_axis){.given = text};
    const char *equals = strchr(text, '=');
    if (!equals || equals == text || !equals[1 + strspn(equals + 1, " \t\n")])
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "--vary %.80s: needs KEY=SPEC, for instance dynamics.temperature=0.1:0.3:5 or noise.batch_size=1,2,4", text);
    axis->key = strndup(text, (size_t)(equals - text));
    char *copy = strdup(equals + 1), *part[5];
    kr_status status = KR_OK;
    if (!axis->key || !copy) {
        status = no_memory(error);
    } else {
        size_t parts = split_range(copy, part);
        status = parts ? read_range(axis, part, parts, error) : read_list(axis, equals + 1, error);
    }
    free(copy);
    axis->numbers = true;
    double number;
    for (size_t i = 0; i < axis->count; i++) axis->numbers = axis->numbers && kr_number_parse(axis->value[i], &number);
    return status;
}

kr_status kr_sweep_axis_round(kr_sweep_axis *axis, kr_error *error) {
    for (size_t i = 0; i < axis->count; i++) {
        double value;
        char text[KR_NUMBER_TEXT];
        if (!kr_number_parse(axis->value[i], &value) || !(fabs(value) < 1e15)) continue;
        snprintf(text, sizeof text, "%.0f", round(value));
        char *copy = strdup(text);
        if (!copy) return no_memory(error);
        free(axis->value[i]);
        axis->value[i] = copy;
    }
    return KR_OK;
}

/* By the number, where both are numbers. */
static bool same_value(const char *a, const char *b) {
    double x, y;
    return kr_number_parse(a, &x) && kr_number_parse(b, &y) ? x == y : !strcmp(a, b);
}

static int by_text(const void *left, const void *right) {
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* Integers of a rounded range may meet. In a list a value that stands twice would be computed twice, with the same seed. */
kr_status kr_sweep_axis_unique(kr_sweep_axis *axis, kr_error *error) {
    size_t kept = 0;
    char **sorted = malloc((axis->count + 1) * sizeof *sorted);
    if (!sorted) return no_memory(error);
    memcpy(sorted, axis->value, axis->count * sizeof *sorted);
    qsort(sorted, axis->count, sizeof *sorted, by_text);
    const char *twice = NULL;
    for (size_t i = 1; i < axis->count && !twice; i++)
        if (same_value(sorted[i - 1], sorted[i])) twice = sorted[i];
    free(sorted);
    if (twice && !axis->range)
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "--vary %.80s: %.80s stands there twice; to repeat points vary the seed, for instance --vary "
                       "ensemble.seed=1:10:10",
                       axis->given, twice);
    for (size_t i = 0; i < axis->count; i++) {
        if (axis->range && kept && same_value(axis->value[kept - 1], axis->value[i]))
            free(axis->value[i]);
        else
            axis->value[kept++] = axis->value[i];
    }
    axis->count = kept;
    return KR_OK;
}

void kr_sweep_axis_destroy(kr_sweep_axis *axis) {
    for (size_t i = 0; i < axis->count; i++) free(axis->value[i]);
    free(axis->value);
    free(axis->key);
    *axis = (kr_sweep_axis){0};
}

/* ---- points ---- */

size_t kr_sweep_axis_index(const kr_sweep *sweep, size_t point, size_t axis) {
    for (size_t a = sweep->axis_count; a-- > axis + 1;) point /= sweep->axis[a].count;
    return point % sweep->axis[axis].count;
}

void kr_sweep_point_text(const kr_sweep *sweep, size_t point, char *text, size_t size) {
    int used = snprintf(text, size, "point %zu (", point);
    for (size_t a = 0; a < sweep->axis_count && used > 0 && (size_t)used < size; a++)
        used += snprintf(text + used, size - (size_t)used, "%s%.80s=%.80s", a ? ", " : "", sweep->axis[a].key,
                         sweep->axis[a].value[kr_sweep_axis_index(sweep, point, a)]);
    if (used > 0 && (size_t)used < size) snprintf(text + used, size - (size_t)used, ")");
}
