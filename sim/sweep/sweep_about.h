/* FILE.csv.yaml beside a table in CSV: what the sweep is, and a checksum of every line of the table.
 *
 *     kramers sweep: 0.4.0
 *     format: 2
 *     ...                           what the sweep is (sweep_header.c)
 *     checksums:
 *       - sweep 8a5c41aa5d1e44f1    of all above
 *       - columns 0c4f...           of the line of the columns
 *       - 12 93ba...                of the row of point 12
 *
 * A row is appended to the table first, then its checksum here: a process that is killed leaves at most one row without one, which
 * is made again. Before a table gets another form the checksums of that form come behind those of the old one, so that either
 * belongs to what is here. Files before format 2 have neither the line nor the checksums. */
#ifndef KR_SWEEP_ABOUT_H
#define KR_SWEEP_ABOUT_H

#include <kramers/sweep.h>

enum { KR_SWEEP_FORMAT = 2 };

/* Places of checksums that are no points. */
#define KR_SWEEP_OF_SWEEP SIZE_MAX
#define KR_SWEEP_OF_COLUMNS (SIZE_MAX - 1)

typedef struct kr_line_checksum {
    size_t place; /* a point, or one of the above */
    uint64_t hash;
} kr_line_checksum;

typedef struct kr_sweep_about {
    char *text;                 /* what the sweep is, as sweep->header has it; NULL: there is no file */
    int format;                 /* 1: without checksums; 0: a number that this version does not know */
    bool damaged;               /* the text is not as it was written */
    size_t torn;                /* lines among the checksums that are none */
    size_t length;              /* of the file up to its last whole line */
    kr_line_checksum *checksum; /* ascending by place */
    size_t count;
} kr_sweep_about;

/* Whose: that of the table of this name. Where there is no file all is NULL and 0. KR_IO: it cannot be read, or was made by a
 * version that writes another format. */
kr_status kr_sweep_about_read(kr_sweep_about *about, const char *table, kr_error *error);
void kr_sweep_about_free(kr_sweep_about *about);
/* KR_IO where its text is damaged. */
kr_status kr_sweep_about_check(const kr_sweep_about *about, const char *table, kr_error *error);

typedef enum kr_line_state {
    KR_LINE_GOOD,
    KR_LINE_UNKNOWN, /* it has no checksum: what was under way when the process ended */
    KR_LINE_DAMAGED
} kr_line_state;

/* Of a line without its newline. Of a file without checksums all lines are good. */
kr_line_state kr_sweep_about_judge(const kr_sweep_about *about, size_t place, const char *line, size_t length);
/* The point that a row begins with; KR_SWEEP_OF_SWEEP: it begins with none. */
size_t kr_sweep_row_point(const char *row);

/* Text of the whole file without rows, and of one further line: malloc'd, NULL: no memory. */
char *kr_sweep_about_text(const char *header);
void kr_sweep_about_line(size_t place, const char *line, size_t length, char text[64]);

#endif
