#include "column_file.h"

#include "loss_hdf5.h"
#include "surface_file.h"

#include <kramers/number_text.h>
#include <kramers/parameter.h>

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- which column ---- */

/* Entry number `number` of a line of names, without quotation marks; false: there are not so many. */
static bool name_of(const char *names, size_t number, char name[64]) {
    for (; number > 0; number--) {
        names = names ? strchr(names, '\t') : NULL;
        if (names) names++;
    }
    if (!names) return false;
    snprintf(name, 64, "%.*s", (int)strcspn(names, "\t"), names);
    return true;
}

static bool is_number(const char *text, size_t *number) {
    size_t digits = strspn(text, "0123456789");
    *number = digits && digits < 4 ? strtoul(text, NULL, 10) : 0;
    return digits && digits < 4 && !text[digits];
}

static kr_status no_such_column(const kr_number_array *rows, const kr_column_source *source, const char *path, kr_error *error) {
    char all[300] = "", name[64];
    size_t used = 0;
    for (size_t i = 0; name_of(rows->names, i, name) && used < sizeof all; i++)
        used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", i ? ", " : "; they are called ", name);
    return kr_fail(error, KR_BAD_ARGUMENT, "%s.column: '%s' has no column '%s'; its columns are 0 to %zu%s", source->section, path,
                   source->column, rows->columns - 1, all);
}

static kr_status choose(const kr_number_array *rows, const kr_column_source *source, const char *path, size_t *column,
                        kr_error *error) {
    char name[64];
    *column = 0;
    if (!source->column || !*source->column) {
        if (rows->columns == 1) return KR_OK;
        return kr_fail(error, KR_BAD_ARGUMENT, "'%s' has %zu columns; say which with %s.column, for instance %s.column: 1%s", path,
                       rows->columns, source->section, source->section, rows->names ? ", or by its name" : "");
    }
    for (size_t i = 0; i < rows->columns && name_of(rows->names, i, name); i++)
        if (!strcmp(name, source->column)) return *column = i, KR_OK;
    if (is_number(source->column, column) && *column < rows->columns) return KR_OK;
    return no_such_column(rows, source, path, error);
}

/* ---- a column, once in memory ---- */

typedef struct shared shared;
struct shared {
    kr_column column; /* first: a column is one of these */
    shared *next;
    size_t users;
    char *path, *which; /* of the file; its data set and column */
    struct stat as_read;
    double *value;
};

/* All that are in use; the lock is held while a file is read, so that two who want the same do not both read it. */
static shared *all;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static bool unchanged(const struct stat *a, const struct stat *b) {
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static shared *find(const char *path, const char *which, const struct stat *now) {
    shared *s = all;
    while (s && (strcmp(s->path, path) != 0 || strcmp(s->which, which) != 0 || !unchanged(&s->as_read, now))) s = s->next;
    return s;
}

static kr_status take(shared *s, const kr_number_array *rows, size_t column, const kr_column_source *source, kr_error *error) {
    if (rows->rows == 0 || rows->rows > KR_COLUMN_MOST)
        return kr_fail(error, KR_BAD_ARGUMENT, "'%s' has %zu rows; %s.file takes 1 to %zu", s->path, rows->rows, source->section,
                       KR_COLUMN_MOST);
    s->value = malloc(rows->rows * sizeof *s->value);
    if (!s->value) return kr_fail(error, KR_NO_MEMORY, "there is not enough memory for %zu numbers", rows->rows);
    s->column = (kr_column){.count = rows->rows, .value = s->value, .lowest = INFINITY, .highest = -INFINITY};
    for (size_t i = 0; i < rows->rows; i++) {
        double value = s->value[i] = rows->value[i * rows->columns + column];
        if (!isfinite(value))
            return kr_fail(error, KR_BAD_ARGUMENT, "'%s': number %zu of column %zu is not finite", s->path, i, column);
        s->column.lowest = fmin(s->column.lowest, value);
        s->column.highest = fmax(s->column.highest, value);
    }
    return KR_OK;
}

static kr_status read_rows(kr_number_array *rows, const char *path, kr_data_format format, const char *dataset, kr_error *error) {
    const size_t most = 10 * KR_COLUMN_MOST;
    if (format == KR_DATA_HDF5) return kr_rows_hdf5_read(rows, path, dataset, most, error);
    return format == KR_DATA_NPY ? kr_npy_read(rows, path, most, error) : kr_columns_read(rows, path, most, error);
}

static kr_status read_file(shared *s, kr_data_format format, const kr_column_source *source, kr_error *error) {
    kr_number_array rows = {.rank = 0};
    size_t column;
    kr_status status = read_rows(&rows, s->path, format, source->dataset, error);
    if (status == KR_OK) status = choose(&rows, source, s->path, &column, error);
    if (status == KR_OK) status = take(s, &rows, column, source, error);
    kr_number_array_destroy(&rows);
    return status;
}

static void destroy(shared *s) {
    if (!s) return;
    free(s->path);
    free(s->which);
    free(s->value);
    free(s);
}

/* path and which become those of the new one. */
static kr_status add(shared **made, char *path, char *which, const struct stat *now, kr_data_format format,
                     const kr_column_source *source, kr_error *error) {
    shared *s = *made = calloc(1, sizeof *s);
    if (!s) {
        free(path);
        free(which);
        return kr_fail(error, KR_NO_MEMORY, "there is not enough memory for a column of a file");
    }
    s->path = path;
    s->which = which;
    s->as_read = *now;
    kr_status status = read_file(s, format, source, error);
    if (status != KR_OK) {
        destroy(s);
        *made = NULL;
        return status;
    }
    s->next = all;
    all = s;
    return KR_OK;
}

static char *which_of(const kr_column_source *source, kr_data_format format) {
    const char *dataset = format == KR_DATA_HDF5 && source->dataset ? source->dataset : "",
               *column = source->column ? source->column : "";
    size_t size = strlen(dataset) + strlen(column) + 2;
    char *which = malloc(size);
    if (which) snprintf(which, size, "%s\n%s", dataset, column);
    return which;
}

kr_status kr_column_open(const kr_column **column, const kr_column_source *source, kr_error *error) {
    char *path, *which = NULL;
    kr_data_format format;
    struct stat now;
    shared *s = NULL;
    *column = NULL;
    kr_status status = kr_data_file_find("table", source->file, source->directory, &path, &format, error);
    if (status == KR_OK && stat(path, &now) != 0)
        status = kr_fail(error, KR_IO, "cannot open '%s': %s", path, kr_errno_text(errno));
    if (status == KR_OK && !(which = which_of(source, format)))
        status = kr_fail(error, KR_NO_MEMORY, "there is not enough memory to read '%s'", path);
    if (status != KR_OK) return free(path), status;
    pthread_mutex_lock(&lock);
    if ((s = find(path, which, &now))) {
        free(path);
        free(which);
    } else {
        status = add(&s, path, which, &now, format, source, error);
    }
    if (s) s->users++;
    pthread_mutex_unlock(&lock);
    *column = s ? &s->column : NULL;
    return status;
}

void kr_column_close(const kr_column *column) {
    shared *s = (shared *)(uintptr_t)column, **at = &all;
    if (!s) return;
    pthread_mutex_lock(&lock);
    if (--s->users == 0) {
        while (*at != s) at = &(*at)->next;
        *at = s->next;
        destroy(s);
    }
    pthread_mutex_unlock(&lock);
}
