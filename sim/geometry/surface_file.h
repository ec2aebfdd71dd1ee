/* Losses on a grid from files: HDF5 in the layout of the loss-landscape tools, .npy, text of three columns. */
#ifndef KR_SURFACE_FILE_H
#define KR_SURFACE_FILE_H

#include "number_file.h"

#include <kramers/parameter.h>

/* value[iy * nx + ix] at (x[ix], y[iy]); both ascend. The arrays are malloc'd. */
typedef struct kr_surface_file {
    size_t nx, ny;
    double *x, *y, *value;
} kr_surface_file;

/* How the values of a file are arranged. The loss-landscape tool (Li et al. 2018) makes room for [nx][ny] and fills it, line by
 * line, as if it were [ny][nx], which is the same where nx = ny. */
typedef enum kr_surface_order { KR_ORDER_AUTO, KR_ORDER_YX, KR_ORDER_XY, KR_ORDER_TOOL } kr_surface_order;
extern const char *const kr_surface_orders[];

typedef struct kr_surface_source {
    const char *file, *directory; /* NULL: the working directory */
    const char *dataset;
    kr_surface_order order;
    kr_list x, y;   /* where the file has no coordinates: two are the ends, more are all; none: it must have them */
    double missing; /* mark of points that are not computed; NAN: that of the loss-landscape tool, in HDF5 */
} kr_surface_source;

/* Refuses what cannot be interpolated: wrong shapes, coordinates that neither ascend nor descend, NaN, and points that are not
 * computed. A relative path starts at the directory. The caller destroys the file, also after an error. */
kr_status kr_surface_file_read(kr_surface_file *file, const kr_surface_source *source, kr_error *error);
void kr_surface_file_destroy(kr_surface_file *file);

typedef enum kr_data_format { KR_DATA_HDF5, KR_DATA_NPY, KR_DATA_TEXT } kr_data_format;

/* Where the file is (malloc'd) and what it is, by its first bytes and its name. landscape: for messages. */
kr_status kr_data_file_find(const char *landscape, const char *path, const char *directory, char **full, kr_data_format *format,
                            kr_error *error);

#endif
