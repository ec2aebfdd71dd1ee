/* Steps from what a file holds to coordinates that ascend and values beside them. */
#ifndef KR_SURFACE_GRID_H
#define KR_SURFACE_GRID_H

#include "surface_file.h"

/* As a file has it: value[size[0]][size[1]]. */
typedef struct kr_raw_grid {
    kr_surface_file grid; /* coordinates in the order of the file; no values */
    size_t size[2];
    double *value;
    kr_surface_order order;
    bool made_by_tool;       /* it has what only the loss-landscape tool writes */
    const char *path, *name; /* of the file and the values, for messages */
} kr_raw_grid;

/* Coordinates that the user gives for count points; name: of the key. malloc'd into *x. */
kr_status kr_given_coordinates(const kr_list *given, size_t count, const char *name, const char *path, double **x, kr_error *error);

/* All of them finite, ascending or descending; *descending: which. */
kr_status kr_check_coordinates(const char *path, const char *name, size_t count, const double *x, bool *descending,
                               kr_error *error);

/* The mark of points that are not computed: the one that is given; NAN: the -1 of the loss-landscape tool, unless there are other
 * values below 0, among which it is one too. NAN again: there is none. */
double kr_mark_of_missing(double given, size_t count, const double *value);

/* The first value that is wrong, and how many there are. columns: of the array, 0 where it has one axis. */
kr_status kr_check_values(const char *path, const char *name, size_t count, size_t columns, const double *value, double missing,
                          kr_error *error);

/* Whether the shape allows raw->order; for KR_ORDER_AUTO which one it means. */
kr_status kr_choose_order(kr_raw_grid *raw, kr_error *error);

/* Takes coordinates and values of raw into file; axes that descend are turned round. */
kr_status kr_arrange(kr_raw_grid *raw, kr_surface_file *file, kr_error *error);

/* From rows of x, y, value in any order that make up a whole grid. */
kr_status kr_grid_from_columns(const kr_number_array *rows, const char *path, kr_raw_grid *raw, kr_error *error);

void kr_raw_grid_destroy(kr_raw_grid *raw);

#endif
