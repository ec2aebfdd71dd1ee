/* A loss along a line: from a list, text of columns, .npy or HDF5. */
#ifndef KR_TABLE_FILE_H
#define KR_TABLE_FILE_H

#include <kramers/parameter.h>

/* x ascends. Both malloc'd. */
typedef struct kr_table {
    size_t count;
    double *x, *value;
} kr_table;

typedef struct kr_table_source {
    const char *file, *directory; /* file NULL: the points; directory NULL: the working directory */
    const char *dataset;          /* of HDF5 */
    kr_list points;               /* x, value, x, value, ...; none: two wells as an example */
    kr_list columns;              /* numbers of those of x and of the value; none: there are two. One: that of the value */
    kr_list x;                    /* where the file has no coordinates: two are the ends, more are all */
    double missing;               /* mark of points that are not computed; NAN: that of the loss-landscape tool, in HDF5 */
} kr_table_source;

#define KR_TABLE_MOST_POINTS ((size_t)10000000)

/* Points may come in any order. The caller destroys the table, also after an error. */
kr_status kr_table_read(kr_table *table, const kr_table_source *source, kr_error *error);
void kr_table_destroy(kr_table *table);

#endif
