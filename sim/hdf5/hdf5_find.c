#include "hdf5_find.h"

#include <stdio.h>
#include <string.h>

static herr_t collect(hid_t group, const char *name, const H5L_info_t *info, void *context) {
    kr_h5_sets *sets = context;
    if (info->type != H5L_TYPE_HARD || strlen(name) >= KR_H5_PATH || sets->count == KR_H5_SETS) return 0;
    hid_t object = H5Oopen(group, name, H5P_DEFAULT);
    if (object >= 0 && H5Iget_type(object) == H5I_DATASET) {
        snprintf(sets->path[sets->count], KR_H5_PATH, "%s", name);
        sets->list[sets->count] = sets->path[sets->count];
        sets->count++;
    }
    kr_h5_close(object);
    return 0;
}

void kr_h5_list_sets(kr_h5 *h5, kr_h5_sets *sets) {
    *sets = (kr_h5_sets){.count = 0};
    if (kr_h5_good(h5)) H5Lvisit(h5->file, H5_INDEX_NAME, H5_ITER_INC, collect, sets);
}
