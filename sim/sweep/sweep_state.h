/* The inside of a sweep, shared by sweep*.c. */
#ifndef KR_SWEEP_STATE_H
#define KR_SWEEP_STATE_H

#include <kramers/run.h>
#include <kramers/sweep.h>

#include "scene/scene_parts.h"

#include <pthread.h>
#include <stdio.h>

/* ---- sweep_axis.c: one varied key ---- */

typedef struct kr_sweep_axis {
    char *key;
    const char *given; /* "KEY=SPEC"; borrowed */
    char **value;      /* as texts in YAML; owned */
    size_t count;
    bool range;   /* of numbers */
    bool numbers; /* every value is a number */
} kr_sweep_axis;

kr_status kr_sweep_axis_parse(kr_sweep_axis *axis, const char *text, kr_error *error);
/* Values of a range to the nearest integers. */
kr_status kr_sweep_axis_round(kr_sweep_axis *axis, kr_error *error);
/* Each value once; a list that has one twice is refused. */
kr_status kr_sweep_axis_unique(kr_sweep_axis *axis, kr_error *error);
void kr_sweep_axis_destroy(kr_sweep_axis *axis);
/* Which value of each axis a point has. */
size_t kr_sweep_axis_index(const kr_sweep *sweep, size_t point, size_t axis);
/* "point 3 (dynamics.temperature=0.2, schedule.lr=0.1)". */
void kr_sweep_point_text(const kr_sweep *sweep, size_t point, char *text, size_t size);

/* ---- sweep.c ---- */

enum { KR_SWEEP_MOST_KEYS = 64 };

typedef struct kr_sweep_slot {
    pthread_t thread;
    kr_sweep *sweep;
    bool started;
    double fraction; /* of the point it works on */
} kr_sweep_slot;

typedef struct kr_sweep_file kr_sweep_file;

/* Where the value of a column is found. */
typedef struct kr_sweep_cell_source {
    const kr_result_row *row; /* NULL: no result, but what the point is */
    size_t part;              /* of kr_result_parts */
    enum { KR_CELL_VALUE, KR_CELL_LOW, KR_CELL_HIGH, KR_CELL_LENGTH } form;
    const kr_result_row *entry_row; /* of entry number `entry`; NULL: of the row itself */
    size_t entry;
    const char *number; /* one of an entry's own; NULL: none */
} kr_sweep_cell_source;

struct kr_sweep {
    const kr_registry *registry;
    kr_scene_source source;
    char **override; /* those of the setup, then one per axis, then the seed; all but the first part rewritten for each point */
    size_t override_count;
    kr_sweep_axis *axis;
    size_t axis_count, count; /* count: points of the grid */
    kr_durability durability;
    size_t part, parts, wanted;           /* this process does every parts-th point, from number part - 1 on: so many */
    char *owned_vary[KR_SWEEP_MOST_KEYS]; /* of a file that is merged; NULL: the caller's */
    uint64_t scene_seed;
    bool seed_varied;
    kr_scene first; /* scene of the first point that can be run, with the scene's own seed */
    size_t first_point;
    char *scene_text;
    kr_sweep_column *column;
    kr_sweep_cell_source *cell; /* of each column */
    size_t column_count;
    bool *asked; /* columns of --columns; NULL: those with content */
    bool all_columns;
    char *heads;  /* of all columns */
    char *header; /* what the sweep is: the text beside its file */
    char **row;   /* [count]; NULL: not done */
    size_t done, resumed, written, diverged, impossible;
    kr_status worst;               /* of the first impossible point */
    kr_sweep_file *file;           /* NULL: none */
    kr_sweep_table_report *report; /* of a table that is only looked at: damage goes there, and is no error; NULL: it is */

    pthread_mutex_t mutex; /* guards what follows, row and done */
    pthread_cond_t changed;
    kr_sweep_slot *slot;
    size_t threads;
    size_t next, active;
    bool wide; /* a point that uses all threads is under way */
    bool stop;
    size_t *fresh; /* [count]: points that are done and not yet written, in the order they were done */
    size_t fresh_count;
    kr_error error; /* the first */
};

/* ---- sweep_point.c ---- */

/* The scene of a point. plain: with the scene's own seed. */
kr_status kr_sweep_scene(kr_sweep *sweep, size_t point, bool plain, kr_scene *scene, kr_error *error);
uint64_t kr_sweep_point_seed(const kr_sweep *sweep, size_t point);
/* sweep->first; fails where no point can be run, with the reason of the first. */
kr_status kr_sweep_find_first(kr_sweep *sweep, kr_error *error);
/* Whether it is in this process's part. */
bool kr_sweep_is_wanted(const kr_sweep *sweep, size_t point);

/* Whether escape.method is auto and no escape was seen. */
bool kr_sweep_counted_nothing(const kr_scene *scene, const kr_result *result);
/* The same point by splitting: what ends or cuts a run of counted events is not for it. */
kr_status kr_sweep_split_scene(kr_scene *split, const kr_scene *scene, kr_error *error);

/* ---- sweep_header.c ---- */

/* By its name: what a sweep writes there is HDF5, else CSV. */
bool kr_sweep_is_hdf5(const char *name);
kr_status kr_sweep_header_make(kr_sweep *sweep, kr_error *error);
/* Whether this is what kramers says of a sweep, made with this version's random numbers. text NULL: there is none. */
kr_status kr_sweep_header_is_one(const char *name, const char *text, kr_error *error);
/* Whether it is that of this sweep. */
kr_status kr_sweep_header_check(const kr_sweep *sweep, const char *name, const char *text, kr_error *error);
/* malloc'd */
char *kr_sweep_header_without_part(const char *text);
/* What was varied and the scene, malloc'd, also after a failure. */
kr_status kr_sweep_header_read(const char *name, const char *text, char *vary[KR_SWEEP_MOST_KEYS], size_t *count, char **scene,
                               kr_error *error);

/* ---- sweep_text.c: lines of CSV (RFC 4180) ---- */

typedef struct kr_sweep_line {
    FILE *stream; /* into text; opened by what is added first */
    char *text;
    size_t size;
    bool failed;
} kr_sweep_line;

void kr_sweep_add(kr_sweep_line *line, const char *format, ...) KR_PRINTF(2, 3);
void kr_sweep_add_quoted(kr_sweep_line *line, const char *text);
/* With a comma before it; NAN: nothing behind the comma. */
void kr_sweep_add_number(kr_sweep_line *line, double value);
/* malloc'd; NULL without memory. */
char *kr_sweep_line_finish(kr_sweep_line *line);
/* One field into buffer (NULL: skipped); returns where the next begins, NULL at the end of the line. */
const char *kr_sweep_read_field(const char *text, char *buffer);

/* ---- sweep_columns.c ---- */

kr_status kr_sweep_columns_make(kr_sweep *sweep, kr_error *error);
/* Names with * and ? between commas; "all". */
kr_status kr_sweep_columns_choose(kr_sweep *sweep, const char *names, kr_error *error);
/* Which columns a table has: shown[column_count], malloc'd. complete: no point is missing. */
bool *kr_sweep_columns_shown(const kr_sweep *sweep, bool complete);
/* Heads, or the row of a point, of these columns; malloc'd. */
char *kr_sweep_line_of(const kr_sweep *sweep, const char *row, const bool *shown);

/* ---- sweep_row.c ---- */

/* malloc'd line; NULL without memory. */
char *kr_sweep_row_make(const kr_sweep *sweep, size_t point, const kr_scene *scene, const kr_result *result, bool diverged);
/* Of a point that cannot be run. */
char *kr_sweep_row_impossible(const kr_sweep *sweep, size_t point, const kr_error *why);

/* A file's columns: for each of the sweep's its place there, SIZE_MAX: not there. count: of the file. */
kr_status kr_sweep_heads_read(const kr_sweep *sweep, const char *heads, size_t length, size_t **place, size_t *count,
                              const char *name, kr_error *error);
/* Takes a line from a file as the row it says it is. One that failed for want of memory or a file is not taken: it is done again.
 */
kr_status kr_sweep_row_accept(kr_sweep *sweep, const char *line, size_t length, const size_t *place, size_t count,
                              const char *where, kr_error *error);
/* The row of point integer[0] from one value per column, in the array of the column's kind. */
kr_status kr_sweep_row_restore(kr_sweep *sweep, const int64_t *integer, const double *number, char *const *text, const char *place,
                               kr_error *error);

/* ---- sweep_barrier.c ---- */

/* Of the first point's landscape, as kr_sweep_fit has it; NAN: unknown. */
double kr_sweep_barrier(const kr_sweep *sweep, bool relaxation);

/* ---- sweep_merge.c, sweep.c ---- */

/* kr_sweep_merge; report: of damage, which is no error then (NULL: it is). count is not 0, nor error NULL. */
kr_status kr_sweep_gather(kr_sweep **result, const kr_registry *registry, const char *const *file, size_t count,
                          const kr_sweep_setup *setup, kr_sweep_table_report *report, kr_error *error);
void kr_sweep_init(kr_sweep *sweep, const kr_registry *registry);
/* Axes, rows, columns and the first scene, from the source that stands. */
kr_status kr_sweep_prepare(kr_sweep *sweep, const char *const *vary, size_t vary_count, kr_error *error);

/* ---- sweep_file.c: rows appended one by one, so that a killed sweep loses none ---- */

kr_status kr_sweep_file_open(kr_sweep *sweep, const char *output, bool overwrite, kr_error *error);
kr_status kr_sweep_file_append(kr_sweep *sweep, size_t point, kr_error *error);
/* Brings it into the order of the grid; writes the HDF5 file. */
kr_status kr_sweep_file_finish(kr_sweep *sweep, kr_error *error);
void kr_sweep_file_close(kr_sweep *sweep);
/* Rows of a CSV file of the same sweep (sweep_read.c). */
kr_status kr_sweep_file_rows(kr_sweep *sweep, const char *name, kr_error *error);

/* ---- sweep_hdf5.c ---- */

/* Into a new file, which then takes the place of the old one, locked by the caller, and of no other (KR_BAD_ARGUMENT). old -1:
 * there is none. */
kr_status kr_sweep_hdf5_write(const kr_sweep *sweep, const char *name, int old, kr_error *error);
/* Rows of a file of the same sweep. */
kr_status kr_sweep_hdf5_read(kr_sweep *sweep, const char *name, kr_error *error);
kr_status kr_sweep_hdf5_rows(kr_sweep *sweep, const char *name, kr_error *error);
/* What it says of its sweep, malloc'd; NULL: it is none. Fails where it is one and damaged. */
kr_status kr_sweep_hdf5_header(const char *name, char **header, kr_error *error);

#endif
