/* The surfaces of the loss-landscape tools, from HDF5. */
#ifndef KR_SURFACE_FILE_H
#define KR_SURFACE_FILE_H

#include <kramers/status.h>

#include <stddef.h>

/* The grid of a file in the layout of the loss-landscape tools (Li et al. 2018): dataset[iy][ix] belongs to (xcoordinates[ix],
 * ycoordinates[iy]). The arrays are malloc'd, the caller frees them, also after an error. */
typedef struct kr_surface_file {
    size_t nx, ny;
    double *x, *y, *value;
} kr_surface_file;

/* Refuses what cannot be interpolated: wrong shapes, coordinates that do not ascend, NaN, and -1, the tools' mark for points
 * that are not computed yet. A relative path starts at directory (NULL: the working directory). */
kr_status kr_surface_file_read(kr_surface_file *file, const char *path, const char *directory, const char *dataset,
                               kr_error *error);
void kr_surface_file_destroy(kr_surface_file *file);

#endif
