#include <kramers/parameter.h>

#include <kramers/number_text.h>

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *member(const kr_settings *settings, const kr_parameter *parameter) {
    return (char *)settings->values + parameter->offset;
}

static bool has_limits(const kr_parameter *parameter) {
    return parameter->minimum != 0 || parameter->maximum != 0;
}

/* long double holds every int64_t and every double on the platforms of interest, so integers beyond 2^53 compare right. */
static bool within_limits(const kr_parameter *parameter, long double value) {
    if (!has_limits(parameter)) return true;
    if (value < parameter->minimum || (parameter->flags & KR_ABOVE_MINIMUM && value == parameter->minimum)) return false;
    return !(value > parameter->maximum || (parameter->flags & KR_BELOW_MAXIMUM && value == parameter->maximum));
}

bool kr_parameter_allows(const kr_parameter *parameter, double value) {
    return isfinite(value) && within_limits(parameter, value);
}

static kr_status no_memory(kr_error *error) {
    return kr_fail(error, KR_NO_MEMORY, "not enough memory for the value of a parameter");
}

static kr_status assign_list(kr_list *list, const double *value, size_t count, kr_error *error) {
    double *copy = NULL;
    if (count) {
        if (!(copy = malloc(count * sizeof *copy))) return no_memory(error);
        memcpy(copy, value, count * sizeof *copy);
    }
    free(list->value);
    *list = (kr_list){copy, count};
    return KR_OK;
}

static kr_status assign_text(char **text, const char *value, kr_error *error) {
    char *copy = NULL;
    if (value && !(copy = strdup(value))) return no_memory(error);
    free(*text);
    *text = copy;
    return KR_OK;
}

const kr_parameter *kr_parameter_find(const kr_descriptor *about, const char *name) {
    for (const kr_parameter *row = about->parameters; row && row->name; row++)
        if (!strcmp(row->name, name) || (row->also && !strcmp(row->also, name))) return row;
    return NULL;
}

const kr_parameter *kr_parameter_within(const kr_descriptor *about, const kr_parameter *row, const kr_parameter *after) {
    size_t length = strlen(row->name);
    for (const kr_parameter *next = after ? after + 1 : about->parameters; next && next->name; next++)
        if (!strncmp(next->name, row->name, length) && next->name[length] == '.') return next;
    return NULL;
}

bool kr_parameter_names_file(const kr_parameter *parameter, const char *value) {
    if (parameter->type != KR_TEXT || !(parameter->flags & KR_PATH) || !value || !*value) return false;
    return !parameter->choices || strpbrk(value, "./");
}

/* What a parameter takes, for "... must be <this>, not ...". */
static const char *type_text(const kr_parameter *parameter, char *buffer, size_t size) {
    switch (parameter->type) {
    case KR_NUMBER: return "a number";
    case KR_INTEGER: return "an integer";
    case KR_NATURAL: return "an integer, 0 or more";
    case KR_SWITCH: return "true or false";
    case KR_CHOICE: {
        size_t used = (size_t)snprintf(buffer, size, "one of ");
        kr_parameter_range(parameter, buffer + used, size - used);
        return buffer;
    }
    case KR_TEXT: return "text";
    case KR_LIST: return "a number or a list of numbers";
    case KR_SCHEDULES: return parameter->flags & KR_SEVERAL ? "a list of schedules" : "a schedule";
    }
    return "";
}

static kr_status wrong_type(const kr_parameter *parameter, const char *what, kr_error *error) {
    char buffer[512];
    return kr_fail(error, KR_BAD_ARGUMENT, "%s must be %s, not %s", parameter->name, type_text(parameter, buffer, sizeof buffer),
                   what);
}

static kr_status out_of_range(const kr_parameter *parameter, const char *value, kr_error *error) {
    char range[256];
    return kr_fail(error, KR_BAD_ARGUMENT, "%s = %s is out of range; allowed: %s", parameter->name, value,
                   kr_parameter_range(parameter, range, sizeof range));
}

static kr_status check_number(const kr_parameter *parameter, double value, kr_error *error) {
    char text[KR_NUMBER_TEXT];
    kr_number_text(value, text);
    if (!isfinite(value)) return kr_fail(error, KR_BAD_ARGUMENT, "%s must be finite, not %s", parameter->name, text);
    return within_limits(parameter, value) ? KR_OK : out_of_range(parameter, text, error);
}

kr_status kr_set_number(kr_settings *settings, const kr_parameter *parameter, double value, kr_error *error) {
    kr_status status = KR_OK;
    char text[KR_NUMBER_TEXT];
    switch (parameter->type) {
    case KR_NUMBER:
        if (!(status = check_number(parameter, value, error))) *(double *)member(settings, parameter) = value;
        return status;
    case KR_LIST: return kr_set_list(settings, parameter, &value, 1, error);
    case KR_INTEGER:
        /* cppcheck-suppress incorrectLogicOperator */ /* it does not read hexadecimal numbers */
        if (value == floor(value) && value >= -0x1p63 && value < 0x1p63)
            return kr_set_integer(settings, parameter, (int64_t)value, error);
        if (isfinite(value) && value == floor(value)) return out_of_range(parameter, kr_number_text(value, text), error);
        break;
    case KR_NATURAL:
        if (value == floor(value) && value >= 0 && value < 0x1p64)
            return kr_set_natural(settings, parameter, (uint64_t)value, error);
        if (isfinite(value) && value == floor(value)) return out_of_range(parameter, kr_number_text(value, text), error);
        break;
    case KR_SWITCH:
    case KR_CHOICE:
    case KR_SCHEDULES:
    case KR_TEXT: break;
    }
    return wrong_type(parameter, kr_number_text(value, text), error);
}

kr_status kr_set_integer(kr_settings *settings, const kr_parameter *parameter, int64_t value, kr_error *error) {
    if (parameter->type == KR_NATURAL && value >= 0) return kr_set_natural(settings, parameter, (uint64_t)value, error);
    if (parameter->type != KR_INTEGER) return kr_set_number(settings, parameter, (double)value, error);
    char text[KR_NUMBER_TEXT];
    snprintf(text, sizeof text, "%" PRId64, value);
    if (!within_limits(parameter, value)) return out_of_range(parameter, text, error);
    *(int64_t *)member(settings, parameter) = value;
    return KR_OK;
}

kr_status kr_set_natural(kr_settings *settings, const kr_parameter *parameter, uint64_t value, kr_error *error) {
    if (parameter->type == KR_INTEGER && value <= INT64_MAX) return kr_set_integer(settings, parameter, (int64_t)value, error);
    if (parameter->type != KR_NATURAL) return kr_set_number(settings, parameter, (double)value, error);
    char text[KR_NUMBER_TEXT];
    snprintf(text, sizeof text, "%" PRIu64, value);
    if (!within_limits(parameter, (double)value)) return out_of_range(parameter, text, error);
    *(uint64_t *)member(settings, parameter) = value;
    return KR_OK;
}

kr_status kr_set_switch(kr_settings *settings, const kr_parameter *parameter, bool value, kr_error *error) {
    if (parameter->type != KR_SWITCH) return wrong_type(parameter, value ? "true" : "false", error);
    *(bool *)member(settings, parameter) = value;
    return KR_OK;
}

static const char *choices_text(const kr_parameter *parameter, char *buffer, size_t size) {
    size_t used = 0;
    *buffer = 0;
    for (size_t i = 0; parameter->choices[i] && used < size; i++) {
        const char *between = !i ? "" : parameter->choices[i + 1] ? ", " : " or ";
        used += (size_t)snprintf(buffer + used, size - used, "%s%s", between, parameter->choices[i]);
    }
    return buffer;
}

/* Neither one of the choices nor a file. */
static kr_status unknown_choice(const kr_parameter *parameter, const char *value, kr_error *error) {
    char all[300];
    const char *near = kr_nearest_name(value, parameter->choices);
    return kr_fail(error, KR_BAD_ARGUMENT, "unknown %s '%.120s'; %s%s%sthere are %s; a file has a '.' or a '/' in its name",
                   parameter->name, value, near ? "did you mean '" : "", near ? near : "", near ? "'? " : "",
                   choices_text(parameter, all, sizeof all));
}

static bool is_choice(const kr_parameter *parameter, const char *value) {
    const char *const *choice = parameter->choices;
    while (choice && *choice && strcmp(*choice, value) != 0) choice++;
    return choice && *choice;
}

kr_status kr_set_text(kr_settings *settings, const kr_parameter *parameter, const char *value, kr_error *error) {
    if (parameter->type == KR_TEXT && parameter->choices && value && !kr_parameter_names_file(parameter, value) &&
        !is_choice(parameter, value))
        return unknown_choice(parameter, value, error);
    if (parameter->type == KR_TEXT) return assign_text(member(settings, parameter), value, error);
    if (parameter->type == KR_CHOICE)
        for (int i = 0; parameter->choices[i]; i++)
            if (!strcmp(parameter->choices[i], value)) {
                *(int *)member(settings, parameter) = i;
                return KR_OK;
            }
    char what[160];
    snprintf(what, sizeof what, "'%.120s'", value);
    kr_status status = wrong_type(parameter, what, error);
    const char *near = parameter->type == KR_CHOICE ? kr_nearest_name(value, parameter->choices) : NULL;
    if (near && error) {
        size_t used = strlen(error->message);
        snprintf(error->message + used, sizeof error->message - used, "; did you mean '%s'?", near);
    }
    return status;
}

kr_status kr_set_list(kr_settings *settings, const kr_parameter *parameter, const double *value, size_t count, kr_error *error) {
    if (parameter->type != KR_LIST) {
        if (parameter->type == KR_NUMBER && count == 1) return kr_set_number(settings, parameter, *value, error);
        return wrong_type(parameter, "a list", error);
    }
    if (!count && !isnan(parameter->initial))
        return kr_fail(error, KR_BAD_ARGUMENT, "%s must not be an empty list", parameter->name);
    for (size_t i = 0; i < count; i++) {
        kr_status status = check_number(parameter, value[i], error);
        if (status) return status;
    }
    return assign_list(member(settings, parameter), value, count, error);
}

static kr_status list_from_text(kr_settings *settings, const kr_parameter *parameter, const char *text, kr_error *error) {
    size_t commas = 0;
    for (const char *c = text; *c; c++) commas += *c == ',';
    double *value = malloc((commas + 1) * sizeof *value);
    char *copy = strdup(text);
    if (!value || !copy) return free(value), free(copy), no_memory(error);
    for (char *c = copy; parameter->flags & KR_PAIRS && *c; c++)
        if (*c == '[' || *c == ']') *c = ' ';
    char *at = copy + strspn(copy, " \t[");
    size_t length = strlen(at), count = 0;
    bool good = true;
    while (length && strchr(" \t]", at[length - 1])) at[--length] = 0;
    for (; good && *at; count++) {
        char *comma = strchr(at, ',');
        if (comma) *comma = 0;
        good = kr_number_parse(at, &value[count]);
        at = comma ? comma + 1 : at + strlen(at);
    }
    char what[160];
    snprintf(what, sizeof what, "'%.120s'", text);
    kr_status status = good ? kr_set_list(settings, parameter, value, count, error) : wrong_type(parameter, what, error);
    free(value);
    free(copy);
    return status;
}

kr_status kr_set_from_text(kr_settings *settings, const kr_parameter *parameter, const char *text, kr_error *error) {
    double number;
    int64_t integer;
    uint64_t natural;
    char what[160];
    snprintf(what, sizeof what, "'%.120s'", text);
    switch (parameter->type) {
    case KR_TEXT:
    case KR_CHOICE: return kr_set_text(settings, parameter, text, error);
    case KR_LIST: return list_from_text(settings, parameter, text, error);
    case KR_SWITCH:
        if (!strcmp(text, "true") || !strcmp(text, "True") || !strcmp(text, "TRUE"))
            return kr_set_switch(settings, parameter, true, error);
        if (!strcmp(text, "false") || !strcmp(text, "False") || !strcmp(text, "FALSE"))
            return kr_set_switch(settings, parameter, false, error);
        break;
    case KR_NATURAL:
        if (kr_natural_parse(text, &natural)) return kr_set_natural(settings, parameter, natural, error);
        /* fall through */
    case KR_INTEGER:
        if (kr_integer_parse(text, &integer)) return kr_set_integer(settings, parameter, integer, error);
        /* fall through */
    case KR_NUMBER:
        if (kr_number_parse(text, &number)) return kr_set_number(settings, parameter, number, error);
        break;
    case KR_SCHEDULES: break;
    }
    return wrong_type(parameter, what, error);
}

double kr_get_number(const kr_settings *settings, const kr_parameter *parameter) {
    const void *at = member(settings, parameter);
    switch (parameter->type) {
    case KR_NUMBER: return *(const double *)at;
    case KR_INTEGER: return (double)*(const int64_t *)at;
    case KR_NATURAL: return (double)*(const uint64_t *)at;
    case KR_SWITCH: return *(const bool *)at;
    case KR_CHOICE: return *(const int *)at;
    case KR_TEXT:
    case KR_SCHEDULES:
    case KR_LIST: break;
    }
    return NAN;
}

double kr_get_by_name(const kr_descriptor *about, const void *values, const char *name, double fallback) {
    const kr_parameter *row = kr_parameter_find(about, name);
    if (!row || row->type == KR_TEXT || row->type == KR_LIST || row->type == KR_SCHEDULES) return fallback;
    union { /* the settings are only read */
        const void *read;
        void *write;
    } both = {values};
    return kr_get_number(&(kr_settings){.about = about, .values = both.write}, row);
}

const char *kr_parameter_range(const kr_parameter *parameter, char *buffer, size_t size) {
    char low[KR_NUMBER_TEXT], high[KR_NUMBER_TEXT];
    const char *name = parameter->symbol ? parameter->symbol : parameter->name;
    const char *above = parameter->flags & KR_ABOVE_MINIMUM ? "<" : "<=", *below = parameter->flags & KR_BELOW_MAXIMUM ? "<" : "<=";
    const char *each = parameter->type == KR_LIST ? "each " : "";
    switch (parameter->type) {
    case KR_SWITCH: return snprintf(buffer, size, "true or false"), buffer;
    case KR_TEXT: return snprintf(buffer, size, "text"), buffer;
    case KR_SCHEDULES: return snprintf(buffer, size, parameter->flags & KR_SEVERAL ? "any schedules" : "any schedule"), buffer;
    case KR_CHOICE: return choices_text(parameter, buffer, size);
    case KR_NATURAL: return snprintf(buffer, size, "0 <= %s <= 18446744073709551615", name), buffer;
    case KR_NUMBER:
    case KR_INTEGER:
    case KR_LIST: break;
    }
    kr_number_text(parameter->minimum, low);
    kr_number_text(parameter->maximum, high);
    bool lower = has_limits(parameter) && isfinite(parameter->minimum),
         upper = has_limits(parameter) && isfinite(parameter->maximum);
    /* Limits that only say "fits into 64 bits" are no news. */
    if (parameter->type == KR_INTEGER && parameter->maximum >= 0x1p62) upper = false;
    if (lower && upper)
        snprintf(buffer, size, "%s%s %s %s %s %s", each, low, above, name, below, high);
    else if (lower)
        snprintf(buffer, size, "%s%s %s %s", each, name, *above == '<' && above[1] ? ">=" : ">", low);
    else if (upper)
        snprintf(buffer, size, "%s%s %s %s", each, name, below, high);
    else
        snprintf(buffer, size, "%s",
                 parameter->type == KR_INTEGER ? "any integer"
                 : parameter->type == KR_LIST  ? "finite numbers"
                                               : "any finite number");
    return buffer;
}

/* Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours; case does not count. */
static size_t edit_distance(const char *a, const char *b) {
    enum { LONGEST = 64 };
    size_t n = strlen(a), m = strlen(b), table[3][LONGEST + 1];
    if (n > LONGEST || m > LONGEST) return SIZE_MAX;
    size_t *before = table[0], *above = table[1], *row = table[2];
    for (size_t j = 0; j <= m; j++) above[j] = j;
    for (size_t i = 1; i <= n; i++) {
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            int same = tolower((unsigned char)a[i - 1]) == tolower((unsigned char)b[j - 1]);
            size_t best = above[j - 1] + (same ? 0 : 1);
            if (above[j] + 1 < best) best = above[j] + 1;
            if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            row[j] = best;
        }
        size_t *oldest = before;
        before = above;
        above = row;
        row = oldest;
    }
    return above[m];
}

const char *kr_nearest_name(const char *wrong, const char *const *names) {
    const char *nearest = NULL;
    size_t length = strlen(wrong), allowed = length < 3 ? 1 : 1 + length / 3, best = SIZE_MAX;
    for (; *names; names++) {
        size_t distance = edit_distance(wrong, *names);
        /* A beginning of a name, or a name with something behind it, is a good guess too. */
        size_t shorter = strlen(*names) < length ? strlen(*names) : length;
        if (shorter >= 3 && !strncmp(wrong, *names, shorter) && distance > allowed) distance = allowed;
        /* A distance that replaces the whole word says nothing. */
        if (distance <= allowed && distance < length && distance < best) {
            best = distance;
            nearest = *names;
        }
    }
    return nearest;
}
