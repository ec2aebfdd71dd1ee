/* What a part of a run leaves in a file, declared as data. Whoever measures says what there is and hands out the values, and knows
 * nothing of files; files lays it out, extends it with every frame and writes it (see trajectory.h).
 *
 *     static const kr_data_set sets[] = {{.name = "count",
 *                                         .place = KR_DATA_ARRAY,
 *                                         .type = KR_DATA_COUNT,
 *                                         .rank = 2,
 *                                         .shape = square,       // fills in size[2]
 *                                         .get = count},         // gives the values
 *                                        KR_DATA_END};
 *     kr_data_group group = {.path = "/parameters/transitions", .sets = sets, .source = result};
 */
#ifndef KRAMERS_DATA_SET_H
#define KRAMERS_DATA_SET_H

#include <kramers/ensemble.h>

typedef enum kr_data_place {
    KR_DATA_SERIES,    /* a row with every frame: the H5MD element /observables/NAME with its steps and times; numbers only */
    KR_DATA_ARRAY,     /* a data set NAME in the group, written when a run ends, and anew when it goes on and ends again */
    KR_DATA_ATTRIBUTE, /* of the group, written at the same moment; rank 0 or 1 */
} kr_data_place;

/* What get points at. */
typedef enum kr_data_type {
    KR_DATA_NUMBER,  /* double */
    KR_DATA_INTEGER, /* int64_t */
    KR_DATA_COUNT,   /* uint64_t */
    KR_DATA_FLAG,    /* uint8_t: 0 or 1 */
    KR_DATA_TEXT,    /* an attribute, or a column: characters that end with a zero or with the column */
    KR_DATA_TABLE,   /* an array of structs, rank 1, described by columns */
} kr_data_type;

/* A member of a table's struct. */
typedef struct kr_data_column {
    const char *name;
    kr_data_type type; /* no table */
    size_t offset;
    size_t size; /* of a text, in bytes */
} kr_data_column;

enum { KR_DATA_RANK = 2 };

typedef struct kr_data_set kr_data_set;
struct kr_data_set {
    const char *name;
    const char *unit; /* becomes an attribute of the data set; NULL: none */
    const char *doc;  /* likewise, "description", of a series */
    kr_data_place place;
    kr_data_type type;
    size_t rank;
    size_t index; /* for shape and get: which of several like it */
    /* Lengths of the axes, of one frame of a series; the same for all frames. Not asked where rank is 0. */
    void (*shape)(const void *source, const kr_data_set *row, size_t size[KR_DATA_RANK]);
    /* The values, valid until the next call of anything; NULL: this run has none, and nothing is written (a series always has). */
    const void *(*get)(const void *source, const kr_data_set *row);
    const kr_data_column *columns; /* of a table; ends with an empty one */
    size_t row_size;               /* of its struct, whose padding must be zeros: it is written, too */
};
#define KR_DATA_END                                                                                                                \
    { .name = NULL }

typedef struct kr_data_group {
    const char *path;        /* of arrays and attributes, from the root; NULL: there are only series */
    const kr_data_set *sets; /* ends with KR_DATA_END */
    void *source;
    /* Before the series are asked for a frame: prepares what they give. NULL: nothing to prepare. */
    kr_status (*look)(void *source, const kr_view *view, kr_error *error);
} kr_data_group;

#endif
