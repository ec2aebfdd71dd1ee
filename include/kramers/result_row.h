/* Rows of results: one table says what a run, an observer or a theory gives, and the terminal's report, JSON, the HDF5 summary and
 * the columns of sweeps are loops over it. A result that is in one of these places and not in another says why in its row.
 *
 * Code that measures something keeps its numbers in a struct and describes each by a row, as parameters are described:
 *
 *     static const kr_result_row rows[] = {
 *         KR_ROW("histogram.samples", COUNT, 0, NULL, "samples taken", KR_AT("samples"), KR_AT("histogram/samples"),
 *                KR_AT("histogram_samples"), .offset = offsetof(histogram, samples)),
 *         KR_ROW("histogram.density", NUMBER, 1, "1/length", "of each bin", KR_NOT(KR_WHY_LONG), KR_AT("histogram/density"),
 *                KR_NOT(KR_WHY_LIST), .get = density),
 *         KR_RESULT_END};
 *     kr_result_part part = {.name = "histogram", .doc = "Histogram of positions", .rows = rows, .source = histogram};
 */
#ifndef KRAMERS_RESULT_ROW_H
#define KRAMERS_RESULT_ROW_H

#include <kramers/interval.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

KR_BEGIN_DECLARATIONS

typedef enum kr_value_kind {
    KR_VALUE_NUMBER,   /* double; NAN: nothing there */
    KR_VALUE_COUNT,    /* uint64_t */
    KR_VALUE_SWITCH,   /* bool */
    KR_VALUE_INTERVAL, /* kr_interval; an end that is not finite is open */
    KR_VALUE_TEXT,     /* a text that ends with 0; empty: nothing there. offset: of a char array inside the source */
    KR_VALUE_NAMED,    /* numbers with names of their own, which differ from source to source: kr_named_number, rank 1 */
    KR_VALUE_RECORDS   /* a list of entries, each with the rows `entries`; rank 1 */
} kr_value_kind;

typedef struct kr_named_number {
    const char *name; /* as JSON's keys: lower case, underscores; static */
    double value;
} kr_named_number;

/* What a getter fills in. It lives no longer than the source, and is not copied. */
typedef struct kr_value {
    const void *data; /* elements of the row's kind, rank 2 row by row; a list of texts: char arrays of size[1] bytes each */
    size_t size[2];   /* rank 1: [size[0]]; rank 2: [size[0]][size[1]]; records: how many */
    union {           /* room for one computed value that data may point to */
        double number;
        uint64_t count;
        bool flag;
        kr_interval interval;
    } own;
} kr_value;

/* For getters of one computed value; all return true. */
KR_API bool kr_value_number(kr_value *value, double number);
KR_API bool kr_value_count(kr_value *value, uint64_t count);
KR_API bool kr_value_switch(kr_value *value, bool flag);
KR_API bool kr_value_interval(kr_value *value, kr_interval interval);
/* For getters of lists (columns 0) and matrices; false without data. */
KR_API bool kr_value_list(kr_value *value, const void *data, size_t rows, size_t columns);

enum {
    KR_BESIDE = 1,       /* terminal: a part of the heading, the line or the table of other rows instead of a line of its own */
    KR_UNLESS_ZERO = 2,  /* terminal: no line while it is 0 */
    KR_UNLESS_SAME = 4,  /* terminal: no line while it is equal to the row of the line before */
    KR_AS_ATTRIBUTE = 8, /* HDF5: a list that is an attribute; others are data sets */
    KR_AS_NUMBER = 128,  /* HDF5: a count that files store as a floating-point number */
    KR_NEVER_EMPTY = 16, /* sweep: a column of integers, 0 where there is nothing */
    KR_OR_UNKNOWN = 64,  /* terminal: a line that says "unknown" where there is nothing */
    KR_KEYED = 256,      /* JSON: records as one object, each entry under its row `name` */
    KR_EACH_ENTRY = 32   /* sweep: of records, one column for each of the entries' rows, under NAME.COLUMN of each entry */
};

/* How a row is called in one of the places; or why it is not there, for people. One of the two is given. */
typedef struct kr_row_place {
    const char *name, *why_not;
    unsigned flags;
} kr_row_place;

#define KR_AT(name_)                                                                                                               \
    { .name = name_ }
#define KR_BY(name_)                                                                                                               \
    { .name = name_, .flags = KR_BESIDE }
#define KR_WITH(name_, flags_)                                                                                                     \
    { .name = name_, .flags = flags_ }
#define KR_NOT(reason)                                                                                                             \
    { .why_not = reason }

/* Reasons that many rows share. */
#define KR_WHY_LIST "a row of a sweep has one number in each column"
#define KR_WHY_LONG "too long for a page"
#define KR_WHY_RECOMPUTED "follows from the scene that is stored"

typedef struct kr_result_row {
    const char *name; /* its path in JSON, with dots: "escape.mfpt_steps"; NULL ends a table */
    const char *doc;  /* one line for people */
    const char *unit; /* NULL: dimensionless */
    kr_value_kind kind;
    int rank;              /* 0: one; 1: a list; 2: a matrix */
    kr_row_place terminal; /* name: the label of its line */
    kr_row_place json;     /* no name: it is the row's */
    kr_row_place hdf5;     /* name: the path below /parameters. One value is an attribute of a group, a list is a data set */
    kr_row_place sweep; /* name: the column's; an interval has two, NAME_low and NAME_high; a list has the number of its entries */
    size_t offset;      /* in the source, when get is NULL; lists always have a getter */
    /* false: there is no such value now (null in JSON, empty in a table). */
    bool (*get)(const void *source, kr_value *value);
    const struct kr_result_row *entries; /* of records: the rows of one entry, whose names begin anew */
    /* The source of entry i of records; NULL: left out. */
    const void *(*entry)(const void *source, size_t i);
} kr_result_row;

/* One row; terminal_, hdf5_ and sweep_ are KR_AT, KR_BY, KR_WITH or KR_NOT, and what follows says where the value is. */
#define KR_ROW(name_, kind_, rank_, unit_, doc_, terminal_, hdf5_, sweep_, ...)                                                    \
    {                                                                                                                              \
        .name = name_, .kind = KR_VALUE_##kind_, .rank = rank_, .unit = unit_, .doc = doc_, .terminal = terminal_, .hdf5 = hdf5_,  \
        .sweep = sweep_, __VA_ARGS__                                                                                               \
    }

/* The last row of every table. */
#define KR_RESULT_END                                                                                                              \
    { .name = NULL }

/* Rows with what they are taken from. */
typedef struct kr_result_part {
    const char *name; /* the beginning of its rows' names, "energy"; "" for rows at the root */
    const char *doc;  /* heading of its lines for people; NULL: none */
    const kr_result_row *rows;
    const void *source; /* NULL: nothing was measured, and no row has a value; borrowed */
} kr_result_part;

/* The value of a row; false: there is none (always, with source NULL). */
KR_API bool kr_result_get(const kr_result_row *row, const void *source, kr_value *value);
/* The row of this name in one of count parts, and its source (may be NULL); NULL: no such row. */
KR_API const kr_result_row *kr_result_find(const kr_result_part *parts, size_t count, const char *name, const void **source);
/* A row of rank 0 as a number, counts and switches too; NAN: no value, or no such row. */
KR_API double kr_result_number(const kr_result_part *parts, size_t count, const char *name);

KR_END_DECLARATIONS

#endif
