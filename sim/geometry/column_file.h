/* One column of numbers of a file, for as long as somebody uses it: whoever asks for the same file again, unchanged, shares what
 * was read. */
#ifndef KR_COLUMN_FILE_H
#define KR_COLUMN_FILE_H

#include <kramers/status.h>

#include <stddef.h>

typedef struct kr_column {
    size_t count;
    const double *value; /* all of them finite */
    double lowest, highest;
} kr_column;

typedef struct kr_column_source {
    const char *file, *directory; /* NULL: the working directory */
    const char *column;           /* number of the column, from 0 on, or its name in the first line of a text; NULL: there is one */
    const char *dataset;          /* of HDF5 */
    const char *section;          /* for messages: "schedule" has the keys file, column and dataset */
} kr_column_source;

#define KR_COLUMN_MOST ((size_t)100000000)

/* Text (CSV), .npy or HDF5. The caller closes the column; NULL after an error. */
kr_status kr_column_open(const kr_column **column, const kr_column_source *source, kr_error *error);
void kr_column_close(const kr_column *column); /* NULL: nothing */

#endif
