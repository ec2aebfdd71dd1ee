/* Reading and writing tables in CSV and the files beside them: sweep_read.c, sweep_write.c, for sweep_file.c. */
#ifndef KR_SWEEP_LINES_H
#define KR_SWEEP_LINES_H

#include "sweep_about.h"

/* ---- sweep_read.c ---- */

/* All of a file, malloc'd, with a 0 behind it; NULL: errno says why. */
char *kr_sweep_read_descriptor(int descriptor, size_t *length);
/* Takes the rows of a table's text. *whole: the length up to the last whole one; *narrow: some of it is not what this sweep writes
 * (columns, points of others, no checksums), and it has to be written anew before it grows. */
kr_status kr_sweep_read_rows(kr_sweep *sweep, const kr_sweep_about *about, const char *name, const char *text, size_t length,
                             size_t *whole, bool *narrow, kr_error *error);

/* ---- sweep_write.c ---- */

typedef struct kr_sweep_contents {
    const bool *shown; /* columns of the sweep's table; NULL: no lines of it */
    const char *text;  /* and, for checksums, lines as they stand; NULL: none */
} kr_sweep_contents;

/* What errno says. */
kr_status kr_sweep_fail_to_write(const char *name, kr_error *error);

/* Where the descriptor stands. false: errno says why. */
typedef bool kr_sweep_writer(const kr_sweep *sweep, int descriptor, const kr_sweep_contents *c);
kr_sweep_writer kr_sweep_write_rows, kr_sweep_write_checksums;
kr_sweep_writer kr_sweep_write_about; /* what the sweep is, and the checksums */

/* A new file that takes the old one's place at once, locked: at no moment is there less than before. held: the old one, -1:
 * whatever is there. *result is closed where it is one, and is the new file then. */
kr_status kr_sweep_replace(const kr_sweep *sweep, const char *name, int held, kr_sweep_writer *write, kr_sweep_contents c,
                           int *result, kr_error *error);

#endif
