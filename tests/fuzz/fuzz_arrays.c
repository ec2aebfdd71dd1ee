/* Forged HDF5 files of numbers (hdf5_recipe.h): surfaces, tables, mixtures, columns, data with classes. The first byte says which.
 */
#include "fuzz.h"

#include "hdf5_recipe.h"
#include "readers.h"

#include <hdf5.h>

static fuzz_hdf5 *valid[FUZZ_ARRAY_KINDS];

static void put(hid_t file, const char *name, int rank, const hsize_t *size) {
    hid_t space = H5Screate_simple(rank, size, NULL), parents = H5Pcreate(H5P_LINK_CREATE);
    hsize_t count = size[0] * (rank > 1 ? size[1] : 1);
    double value[64];
    for (hsize_t i = 0; i < count; i++) value[i] = (double)(i % 16);
    H5Pset_create_intermediate_group(parents, 1);
    hid_t set = H5Dcreate2(file, name, H5T_NATIVE_DOUBLE, space, parents, H5P_DEFAULT, H5P_DEFAULT);
    H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, value);
    H5Dclose(set);
    H5Pclose(parents);
    H5Sclose(space);
}

static void write_kind(int kind, hid_t file) {
    switch (kind) {
    case FUZZ_SURFACE:
        put(file, "xcoordinates", 1, (hsize_t[]){6});
        put(file, "ycoordinates", 1, (hsize_t[]){5});
        put(file, "train_loss", 2, (hsize_t[]){6, 5});
        break;
    case FUZZ_TABLE:
        put(file, "xcoordinates", 1, (hsize_t[]){9});
        put(file, "train_loss", 1, (hsize_t[]){9});
        break;
    case FUZZ_MIXTURE:
        put(file, "centres", 2, (hsize_t[]){5, 2});
        put(file, "weights", 1, (hsize_t[]){5});
        break;
    case FUZZ_COLUMN: put(file, "train_loss", 1, (hsize_t[]){12}); break;
    default:
        put(file, "x_train", 2, (hsize_t[]){8, 3});
        put(file, "y_train", 1, (hsize_t[]){8});
        put(file, "x_test", 2, (hsize_t[]){4, 3});
        put(file, "y_test", 1, (hsize_t[]){4});
        put(file, "tasks/x/x_train", 2, (hsize_t[]){4, 3});
        put(file, "tasks/x/y_train", 1, (hsize_t[]){4});
        put(file, "tasks/x/x_test", 2, (hsize_t[]){4, 3});
        put(file, "tasks/x/y_test", 1, (hsize_t[]){4});
    }
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    (void)count, (void)arguments;
    for (int kind = 0; kind < FUZZ_ARRAY_KINDS; kind++) {
        hid_t file = H5Fcreate(fuzz_path("valid.h5"), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
        fuzz_check(file >= 0, "set-up", "no file");
        write_kind(kind, file);
        H5Fclose(file);
        valid[kind] = fuzz_hdf5_take(fuzz_path("valid.h5"));
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *path = fuzz_path("forged.h5");
    if (!size) return 0;
    int kind = data[0] % FUZZ_ARRAY_KINDS;
    fuzz_hdf5_forge(valid[kind], data + 1, size - 1, path);
    fuzz_read_array(kind, path, data[0] & 0x80 ? "x" : NULL);
    return 0;
}
