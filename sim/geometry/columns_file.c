/* Columns of numbers in text, as spreadsheets, numpy.savetxt and pandas write them. */
#include "number_file.h"

#include <kramers/input_file.h>
#include <kramers/number_text.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS_MOST = 64, LINE_MOST = 1 << 16 };

typedef struct reader {
    const char *path;
    size_t line, most, capacity;
    kr_number_array *array;
    kr_error *error;
} reader;

/* One entry of the line, without blanks around it, and what comes after it; NULL: there is no more. Blanks separate only where no
 * comma or semicolon does. A comma at the end of the line separates nothing. */
static char *next_entry(char **rest) {
    char *at = *rest + strspn(*rest, " \t");
    if (!*at) return NULL;
    char *end = at + strcspn(at, ",; \t"), *behind = end + strspn(end, " \t");
    if (*behind == ',' || *behind == ';') behind++;
    *end = 0;
    *rest = behind;
    return at;
}

/* As other programs write them, too. */
static bool parse(const char *entry, double *value) {
    static const char *const other[][2] = {{"nan", ".nan"}, {"NaN", ".nan"}, {"inf", ".inf"}, {"-inf", "-.inf"}};
    for (size_t i = 0; i < sizeof other / sizeof *other; i++)
        if (!strcmp(entry, other[i][0])) return kr_number_parse(other[i][1], value);
    return kr_number_parse(entry, value);
}

/* Returns how many entries the line has; *wrong: the first that is no number. */
static size_t read_line(char *line, double *row, char **wrong) {
    size_t count = 0;
    char *entry;
    *wrong = NULL;
    while (count < COLUMNS_MOST && (entry = next_entry(&line))) {
        if (!parse(entry, &row[count]) && !*wrong) *wrong = entry;
        count++;
    }
    return count;
}

static kr_status append(reader *r, const double *row, size_t count) {
    kr_number_array *a = r->array;
    if (a->rows == 0) a->columns = count;
    if (count != a->columns)
        return kr_fail(r->error, KR_IO, "%s:%zu: this line has %zu numbers, the lines above have %zu", r->path, r->line, count,
                       a->columns);
    if (a->rows * count + count > r->most)
        return kr_fail(r->error, KR_BAD_ARGUMENT, "'%s' has more than the %zu numbers that can be used", r->path, r->most);
    if (a->rows * count + count > r->capacity) {
        size_t capacity = 2 * r->capacity + 1024 * count;
        double *more = realloc(a->value, capacity * sizeof *more);
        if (!more) return kr_fail(r->error, KR_NO_MEMORY, "%s: there is no memory for %zu numbers", r->path, capacity);
        a->value = more;
        r->capacity = capacity;
    }
    memcpy(a->value + a->rows++ * count, row, count * sizeof *row);
    return KR_OK;
}

/* A line of names, without their quotation marks and with tabs between. */
static char *copy_names(const char *line) {
    char *copy = strdup(line), *rest = copy, *names = malloc(strlen(line) + 2), *entry;
    size_t used = 0;
    while (copy && names && (entry = next_entry(&rest))) {
        size_t length = strlen(entry);
        if (length > 1 && (*entry == '"' || *entry == '\'') && entry[length - 1] == *entry) {
            entry++;
            length -= 2;
        }
        if (used) names[used++] = '\t';
        memcpy(names + used, entry, length);
        used += length;
    }
    if (names) names[used] = 0;
    free(copy);
    return names;
}

static kr_status take_line(reader *r, char *line) {
    double row[COLUMNS_MOST];
    char *wrong, *names = NULL;
    if (r->line == 1 && !strncmp(line, "\xef\xbb\xbf", 3)) line += 3; /* the mark of UTF-8 */
    line[strcspn(line, "#\r\n")] = 0;
    if (r->array->rows == 0 && !r->array->names) names = copy_names(line);
    size_t count = read_line(line, row, &wrong);
    if (wrong && names) {
        r->array->names = names;
        return KR_OK;
    }
    free(names);
    if (count == 0) return KR_OK;
    if (wrong) return kr_fail(r->error, KR_IO, "%s:%zu: '%.40s' is not a number", r->path, r->line, wrong);
    return append(r, row, count);
}

/* One line without its end, and a 0 behind it. false: there is none, or the status says what is wrong. */
static bool get_line(reader *r, FILE *in, char *line, kr_status *status) {
    size_t length = 0;
    int c;
    r->line++;
    while ((c = getc(in)) != EOF && c != '\n' && c != 0 && length < LINE_MOST) line[length++] = (char)c;
    line[length] = 0;
    if (c == 0)
        *status = kr_fail(r->error, KR_IO, "%s:%zu: this is no text; tables are read from text, .npy and HDF5", r->path, r->line);
    else if (length == LINE_MOST)
        *status = kr_fail(r->error, KR_IO, "%s:%zu: this line has more than %d characters", r->path, r->line, (int)LINE_MOST - 1);
    return *status == KR_OK && (c != EOF || length > 0);
}

kr_status kr_columns_read(kr_number_array *array, const char *path, size_t most, kr_error *error) {
    *array = (kr_number_array){.rank = 2};
    reader r = {.path = path, .most = most, .array = array, .error = error};
    FILE *in;
    kr_status status = kr_input_stream(path, &in, error);
    if (status != KR_OK) return status;
    char *line = malloc(LINE_MOST + 1);
    if (!line) status = kr_fail(error, KR_NO_MEMORY, "%s: there is no memory for a line", path);
    while (status == KR_OK && get_line(&r, in, line, &status)) status = take_line(&r, line);
    if (status == KR_OK && ferror(in)) status = kr_fail(error, KR_IO, "cannot read '%s': %s", path, kr_errno_text(errno));
    if (status == KR_OK && array->rows == 0) status = kr_fail(error, KR_IO, "'%s' has no numbers", path);
    free(line);
    fclose(in);
    return status;
}
