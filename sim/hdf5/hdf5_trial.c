#include "hdf5_trial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME = 256, DEPTH = 500, RANK = 32 };
static const char trial[] = "kramers tries";

typedef struct walk {
    char *at;
    size_t size, depth;
} walk;

static void add_attribute(hid_t object) {
    hid_t space = H5Screate(H5S_SCALAR), attribute = H5Acreate2(object, trial, H5T_NATIVE_DOUBLE, space, H5P_DEFAULT, H5P_DEFAULT);
    if (attribute >= 0) H5Aclose(attribute);
    H5Sclose(space);
    if (attribute >= 0) H5Adelete(object, trial);
}

static void add_group(hid_t group) {
    hid_t made = H5Gcreate2(group, trial, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (made >= 0) H5Gclose(made);
    if (made >= 0) H5Ldelete(group, trial, H5P_DEFAULT);
}

/* One row more, with its chunk, and as many as before. */
static void grow(hid_t set) {
    hsize_t size[RANK], limit[RANK], one[RANK], begin[RANK] = {0};
    hid_t space = H5Dget_space(set);
    int rank = space >= 0 ? H5Sget_simple_extent_dims(space, size, limit) : -1;
    if (space >= 0) H5Sclose(space);
    if (rank < 1 || limit[0] != H5S_UNLIMITED || size[0] == HSIZE_UNDEF) return;
    begin[0] = size[0]++;
    for (int i = 0; i < rank; i++) one[i] = 1;
    hid_t type = H5Dget_type(set), memory = H5Screate_simple(rank, one, NULL);
    void *value = type >= 0 ? calloc(1, H5Tget_size(type) + 1) : NULL;
    if (H5Dset_extent(set, size) >= 0 && value && H5Tis_variable_str(type) <= 0 && H5Tdetect_class(type, H5T_VLEN) <= 0) {
        hid_t whole = H5Dget_space(set);
        if (H5Sselect_hyperslab(whole, H5S_SELECT_SET, begin, NULL, one, NULL) >= 0)
            H5Dwrite(set, type, memory, whole, H5P_DEFAULT, value);
        H5Sclose(whole);
        size[0]--;
        H5Dset_extent(set, size);
    }
    free(value);
    if (memory >= 0) H5Sclose(memory);
    if (type >= 0) H5Tclose(type);
}

static void change_group(walk *w, hid_t group);

static void change_link(walk *w, hid_t group, const char *name) {
    size_t length = strlen(w->at);
    H5L_info_t about;
    snprintf(w->at + length, w->size - length, "/%s", name);
    hid_t object = H5Lget_info(group, name, &about, H5P_DEFAULT) >= 0 && about.type == H5L_TYPE_HARD
                       ? H5Oopen(group, name, H5P_DEFAULT)
                       : H5I_INVALID_HID;
    if (object >= 0) {
        add_attribute(object);
        if (H5Iget_type(object) == H5I_DATASET) grow(object);
        if (H5Iget_type(object) == H5I_GROUP && w->depth < DEPTH) change_group(w, object);
        H5Oclose(object);
    }
    H5Ldelete(group, name, H5P_DEFAULT);
    w->at[length] = 0;
}

/* The first link again and again, as each goes: so a group that is in itself is emptied too. */
static void change_group(walk *w, hid_t group) {
    char name[NAME], before[NAME] = "";
    w->depth++;
    add_group(group);
    while (H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_NATIVE, 0, name, NAME, H5P_DEFAULT) > 0) {
        if (!strcmp(name, before)) break; /* it does not go */
        snprintf(before, NAME, "%s", name);
        change_link(w, group, name);
    }
    w->depth--;
}

void kr_h5_try_changes(hid_t root, char *at, size_t size) {
    walk w = {.at = at, .size = size};
    change_group(&w, root);
}
