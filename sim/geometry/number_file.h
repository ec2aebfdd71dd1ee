/* Arrays of numbers from files of NumPy (.npy) and from text. Files of others: nothing in them is trusted in size or form. */
#ifndef KR_NUMBER_FILE_H
#define KR_NUMBER_FILE_H

#include <kramers/status.h>

#include <stdbool.h>
#include <stddef.h>

/* value[rows * columns], row by row; malloc'd. */
typedef struct kr_number_array {
    size_t rows, columns; /* rank 1: one column */
    int rank;             /* 1 or 2 */
    double *value;
    char *names; /* of the columns, where a text has them, with tabs between; NULL: none. malloc'd */
} kr_number_array;

/* One array of one or two axes of real numbers, in C's or Fortran's order, of either byte order; at most `most` numbers. */
kr_status kr_npy_read(kr_number_array *array, const char *path, size_t most, kr_error *error);

/* Lines of as many numbers each, separated by commas, semicolons, tabs or blanks. Empty lines, what follows a #, and one line of
 * names at the top are passed over. Always of rank 2. */
kr_status kr_columns_read(kr_number_array *array, const char *path, size_t most, kr_error *error);

void kr_number_array_destroy(kr_number_array *array);

#endif
