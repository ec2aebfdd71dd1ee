/* Losses with their coordinates from HDF5: along a line or over a plane, in the layout of the loss-landscape tools or near it. */
#ifndef KR_LOSS_HDF5_H
#define KR_LOSS_HDF5_H

#include "surface_grid.h"

/* Values and coordinates of a plane, in the order of the file. Coordinates are looked for beside the data set, then at the top,
 * then anywhere else; those of the source are for files without. */
kr_status kr_surface_hdf5_read(kr_raw_grid *raw, const kr_surface_source *source, kr_error *error);

/* Along a line. *paired: rows of x and value; otherwise the rows of a data set of two axes, as they are, which is read where it has
 * two columns or the user says which are meant. */
kr_status kr_line_hdf5_read(kr_number_array *rows, bool *paired, const char *path, const char *dataset, const kr_list *x,
                            bool columns_chosen, kr_error *error);

/* Rows of a data set of one or two axes, as they are. */
kr_status kr_rows_hdf5_read(kr_number_array *rows, const char *path, const char *dataset, size_t most, kr_error *error);

#endif
