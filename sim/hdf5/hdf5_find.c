#include "hdf5_find.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* HDF5 is asked for its own order everywhere: for another one it makes a table of a large group's links, and where reading one of
 * them fails (1.10.8), it frees what was never written there. */
static void order_by_name(kr_h5_sets *sets) {
    qsort(sets->list, sets->count, sizeof *sets->list, compare);
}

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
    if (kr_h5_good(h5)) H5Lvisit(h5->file, H5_INDEX_NAME, H5_ITER_NATIVE, collect, sets);
    order_by_name(sets);
}

static const char is_none[] = "is no group in the file";

typedef struct group_search {
    kr_h5 *h5;
    const char *within;
    kr_h5_sets *groups;
} group_search;

static herr_t collect_group(hid_t group, const char *name, const H5L_info_t *info, void *context) {
    const group_search *search = context;
    kr_h5_sets *groups = search->groups;
    if (strlen(search->within) + 1 + strlen(name) >= KR_H5_PATH || groups->count == KR_H5_SETS) return 0;
    hid_t object = info->type == H5L_TYPE_HARD ? H5Oopen(group, name, H5P_DEFAULT) : H5I_INVALID_HID;
    if (object < 0 || H5Iget_type(object) != H5I_GROUP) {
        char path[KR_H5_PATH];
        snprintf(path, sizeof path, "%s/%s", search->within, name);
        kr_h5_refuse(search->h5, path, is_none);
    } else {
        snprintf(groups->path[groups->count], KR_H5_PATH, "%s/%s", search->within, name);
        groups->list[groups->count] = groups->path[groups->count];
        groups->count++;
    }
    kr_h5_close(object);
    return 0;
}

void kr_h5_list_groups(kr_h5 *h5, const char *group, kr_h5_sets *groups) {
    *groups = (kr_h5_sets){.count = 0};
    if (!kr_h5_exists(h5, group)) return;
    hid_t object = H5Oopen(h5->file, group, h5->inside);
    if (object < 0 || H5Iget_type(object) != H5I_GROUP)
        kr_h5_refuse(h5, group, is_none);
    else
        H5Literate(object, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, collect_group, &(group_search){h5, group, groups});
    order_by_name(groups);
    kr_h5_close(object);
}
