/* Which data sets a file has, in groups too, and which groups. */
#ifndef KR_HDF5_FIND_H
#define KR_HDF5_FIND_H

#include "hdf5_layer.h"

enum { KR_H5_SETS = 64, KR_H5_PATH = 160 };
typedef struct kr_h5_sets {
    size_t count;
    char path[KR_H5_SETS][KR_H5_PATH];
    const char *list[KR_H5_SETS + 1]; /* ends with NULL */
} kr_h5_sets;

/* The first KR_H5_SETS of them; what a link leads to outside the file is none. */
void kr_h5_list_sets(kr_h5 *h5, kr_h5_sets *sets);
/* The first KR_H5_SETS groups that are directly in one, which need not be there: "GROUP/NAME". What is
 * something else there, or only a link, is refused. */
void kr_h5_list_groups(kr_h5 *h5, const char *group, kr_h5_sets *groups);

#endif
