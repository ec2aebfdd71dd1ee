#include "hdf5_recipe.h"

#include "fuzz.h"

#include <hdf5.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STEP = 6, FLIPS = 250, MOST_OBJECTS = 1024, MOST_CHANGES = 12 };

typedef struct object {
    char *path, *attribute; /* attribute NULL: the object itself */
} object;

struct fuzz_hdf5 {
    uint8_t *image;
    size_t size, count;
    object object[MOST_OBJECTS];
};

/* ---- what is there ---- */

static herr_t add_attribute(hid_t at, const char *name, const H5A_info_t *about, void *context) {
    fuzz_hdf5 *valid = context;
    (void)at, (void)about;
    if (valid->count < MOST_OBJECTS) {
        valid->object[valid->count] = (object){strdup(valid->object[valid->count - 1].path), strdup(name)};
        if (valid->object[valid->count - 1].attribute) {
            free(valid->object[valid->count].path);
            valid->object[valid->count].path = strdup(valid->object[valid->count - 1].path);
        }
        valid->count++;
    }
    return 0;
}

static herr_t add_object(hid_t root, const char *name, const H5O_info_t *about, void *context) {
    fuzz_hdf5 *valid = context;
    (void)about;
    if (valid->count < MOST_OBJECTS) {
        valid->object[valid->count++] = (object){strdup(name), NULL};
        hid_t at = H5Oopen(root, name, H5P_DEFAULT);
        H5Aiterate2(at, H5_INDEX_NAME, H5_ITER_INC, NULL, add_attribute, valid);
        H5Oclose(at);
    }
    return 0;
}

static hid_t open_image(const fuzz_hdf5 *valid) {
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fapl_core(access, 1 << 16, 0);
    H5Pset_file_image(access, valid->image, valid->size);
    hid_t file = H5Fopen("image", H5F_ACC_RDWR, access);
    H5Pclose(access);
    return file;
}

/* What is in an open file; NULL: it cannot be had. */
static uint8_t *image_of(hid_t file, size_t *size) {
    H5Fflush(file, H5F_SCOPE_GLOBAL);
    ssize_t length = H5Fget_file_image(file, NULL, 0);
    uint8_t *image = length > 0 ? malloc((size_t)length) : NULL;
    if (image && H5Fget_file_image(file, image, (size_t)length) == length) {
        *size = (size_t)length;
        return image;
    }
    free(image);
    return NULL;
}

fuzz_hdf5 *fuzz_hdf5_take(const char *path) {
    fuzz_hdf5 *valid = calloc(1, sizeof *valid);
    if (!valid) abort();
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    H5set_free_list_limits(-1, -1, -1, -1, -1, -1); /* half a megabyte of each file that is opened would come and go */
    valid->image = fuzz_read(path, &valid->size);
    hid_t file = open_image(valid);
    if (file < 0) abort();
    H5Ovisit2(file, H5_INDEX_NAME, H5_ITER_INC, add_object, valid, H5O_INFO_BASIC);
    H5Fclose(file);
    if (!valid->count) abort();
    return valid;
}

/* ---- shapes and types that are not meant ---- */

static const hsize_t lengths[] = {0, 1, 2, 3, 4, 7, 8, 10, 21, 64, 100, 1000, 65536, 1000000, UINT32_C(1) << 31, UINT64_C(1) << 40};
enum { LENGTHS = sizeof lengths / sizeof *lengths };

static const double numbers[] = {0,      1,      -1,      2,     3,      7,      10,  100,  1e4,  1e6, 0x1p31,   0x1p32,   0x1p53,
                                 0x1p63, 0x1p64, -0x1p63, 1e300, -1e300, 5e-324, 0.5, -0.5, 1e-9, NAN, INFINITY, -INFINITY};
enum { NUMBERS = sizeof numbers / sizeof *numbers };

static hid_t text_of(size_t size) {
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, size);
    return type;
}

static hid_t record_type(void) {
    hid_t type = H5Tcreate(H5T_COMPOUND, 16);
    H5Tinsert(type, "r", 0, H5T_NATIVE_DOUBLE);
    H5Tinsert(type, "i", 8, H5T_NATIVE_INT64);
    return type;
}

static hid_t odd_integer(void) {
    hid_t type = H5Tcopy(H5T_STD_I64LE);
    H5Tset_size(type, 5);
    H5Tset_precision(type, 37);
    return type;
}

static hid_t odd_number(void) {
    hid_t type = H5Tcopy(H5T_IEEE_F64LE);
    H5Tset_fields(type, 31, 20, 11, 0, 20);
    return type;
}

/* The caller closes it. */
static hid_t type_of(uint8_t kind) {
    const hsize_t three = 3;
    switch (kind % 22) {
    case 0: return H5Tcopy(H5T_NATIVE_DOUBLE);
    case 1: return H5Tcopy(H5T_NATIVE_FLOAT);
    case 2: return H5Tcopy(H5T_NATIVE_INT64);
    case 3: return H5Tcopy(H5T_NATIVE_UINT64);
    case 4: return H5Tcopy(H5T_NATIVE_INT32);
    case 5: return H5Tcopy(H5T_NATIVE_UINT8);
    case 6: return H5Tcopy(H5T_IEEE_F64BE);
    case 7: return H5Tcopy(H5T_NATIVE_LDOUBLE);
    case 8: return text_of(8);
    case 9: return text_of(H5T_VARIABLE);
    case 10: return text_of(70000);
    case 11: return record_type();
    case 12: return H5Tenum_create(H5T_NATIVE_INT32);
    case 13: return H5Tarray_create2(H5T_NATIVE_DOUBLE, 1, &three);
    case 14: return H5Tvlen_create(H5T_NATIVE_DOUBLE);
    case 15: return H5Tcreate(H5T_OPAQUE, 24);
    case 16: return H5Tcopy(H5T_NATIVE_B64);
    case 17: return H5Tcopy(H5T_STD_REF_OBJ);
    case 18: return odd_integer();
    case 19: return odd_number();
    case 20: return H5Tcopy(H5T_STD_I16BE);
    default: return H5Tcopy(H5T_NATIVE_INT8);
    }
}

static hid_t space_of(uint8_t kind, uint8_t length) {
    hsize_t size[8];
    int rank = kind % 9;
    if (rank == 0) return H5Screate(kind & 0x80 ? H5S_NULL : H5S_SCALAR);
    for (int i = 0; i < rank; i++) size[i] = lengths[(length >> (i % 2 ? 4 : 0)) % LENGTHS];
    return H5Screate_simple(rank, size, NULL);
}

/* ---- changes ---- */

typedef struct change {
    hid_t file;
    const object *at, *other;
    uint8_t a, b, c;
} change;

/* Whether its numbers are in the file; HDF5 does not come back from a virtual set that is made of itself. */
static bool is_inside(hid_t set) {
    hid_t plan = H5Dget_create_plist(set);
    bool inside = H5Pget_layout(plan) != H5D_VIRTUAL && H5Pget_external_count(plan) <= 0;
    H5Pclose(plan);
    return inside;
}

/* All of a small data set or attribute: one number in each place, or one in one place. */
static void put_numbers(hid_t set, hid_t attribute, uint8_t number, uint8_t place, bool all) {
    if (set >= 0 && !is_inside(set)) return;
    hid_t space = set >= 0 ? H5Dget_space(set) : H5Aget_space(attribute);
    hssize_t count = H5Sget_simple_extent_npoints(space);
    hid_t type = set >= 0 ? H5Dget_type(set) : H5Aget_type(attribute);
    H5T_class_t class = H5Tget_class(type);
    H5Tclose(type);
    H5Sclose(space);
    if (count <= 0 || count > 100000 || (class != H5T_INTEGER && class != H5T_FLOAT)) return;
    double *value = calloc((size_t)count, sizeof *value);
    if (!value) return;
    if (set >= 0)
        H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, value);
    else
        H5Aread(attribute, H5T_NATIVE_DOUBLE, value);
    for (hssize_t i = 0; i < count; i++)
        if (all || i == place % count) value[i] = numbers[number % NUMBERS];
    if (set >= 0)
        H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, value);
    else
        H5Awrite(attribute, H5T_NATIVE_DOUBLE, value);
    free(value);
}

static void change_numbers(const change *c) {
    if (c->at->attribute) {
        hid_t attribute = H5Aopen_by_name(c->file, c->at->path, c->at->attribute, H5P_DEFAULT, H5P_DEFAULT);
        if (attribute < 0) return;
        put_numbers(-1, attribute, c->a, c->b, c->c & 1);
        H5Aclose(attribute);
    } else {
        hid_t set = H5Dopen2(c->file, c->at->path, H5P_DEFAULT);
        if (set < 0) return;
        put_numbers(set, -1, c->a, c->b, c->c & 1);
        H5Dclose(set);
    }
}

static void make_attribute(const change *c, hid_t type, hid_t space) {
    hid_t on = H5Oopen(c->file, c->at->path, H5P_DEFAULT);
    H5Adelete(on, c->at->attribute);
    hid_t made = H5Acreate2(on, c->at->attribute, type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (made >= 0) H5Aclose(made);
    if (on >= 0) H5Oclose(on);
}

/* Where nothing is written, HDF5 gives zeros, at no cost of memory. */
static void make_set(const change *c, hid_t type, hid_t space, hid_t plan) {
    hid_t parents = H5Pcreate(H5P_LINK_CREATE);
    H5Ldelete(c->file, c->at->path, H5P_DEFAULT);
    H5Pset_create_intermediate_group(parents, 1);
    hid_t set = H5Dcreate2(c->file, c->at->path, type, space, parents, plan, H5P_DEFAULT);
    if (set >= 0) {
        put_numbers(set, -1, c->c, 0, true);
        H5Dclose(set);
    }
    H5Pclose(parents);
}

static void make_other(const change *c) {
    hid_t type = type_of(c->a), space = space_of(c->b, c->c), plan = H5Pcreate(H5P_DATASET_CREATE);
    int rank = H5Sget_simple_extent_ndims(space);
    hsize_t chunk[8] = {8, 2, 2, 1, 1, 1, 1, 1};
    if (rank > 0 && c->a & 0x80) H5Pset_chunk(plan, rank, chunk);
    if (rank > 0 && c->a & 0x80 && c->b & 0x40) H5Pset_deflate(plan, 1);
    if (c->at->attribute)
        make_attribute(c, type, space);
    else
        make_set(c, type, space, plan);
    H5Pclose(plan);
    H5Sclose(space);
    H5Tclose(type);
}

/* The same data with another extent, where the set allows it. */
static void stretch(const change *c) {
    hid_t set = H5Dopen2(c->file, c->at->path, H5P_DEFAULT);
    hsize_t size[32];
    if (set < 0) return;
    hid_t space = H5Dget_space(set);
    int rank = H5Sget_simple_extent_dims(space, size, NULL);
    if (rank > 0) {
        size[c->a % rank] = lengths[c->b % LENGTHS];
        H5Dset_extent(set, size);
    }
    H5Sclose(space);
    H5Dclose(set);
}

/* A data set whose numbers are in a file outside, or in a data set of this or another file. */
static void lead_out(const change *c) {
    const hsize_t size[2] = {lengths[c->b % 12] + 1, 2};
    hid_t space = H5Screate_simple(1 + c->c % 2, size, NULL), plan = H5Pcreate(H5P_DATASET_CREATE);
    if (c->a & 1)
        H5Pset_external(plan, fuzz_path("outside"), 0, H5F_UNLIMITED);
    else
        H5Pset_virtual(plan, space, c->a & 2 ? "." : fuzz_path("outside"), c->other->path, space);
    if (!c->at->attribute) make_set(c, H5T_NATIVE_DOUBLE, space, plan);
    H5Pclose(plan);
    H5Sclose(space);
}

static void link_to(const change *c) {
    H5Ldelete(c->file, c->at->path, H5P_DEFAULT);
    switch (c->a % 4) {
    case 0: H5Lcreate_soft(c->other->path, c->file, c->at->path, H5P_DEFAULT, H5P_DEFAULT); break;
    case 1: H5Lcreate_hard(c->file, c->other->path, c->file, c->at->path, H5P_DEFAULT, H5P_DEFAULT); break;
    case 2: H5Lcreate_external(fuzz_path("outside"), c->other->path, c->file, c->at->path, H5P_DEFAULT, H5P_DEFAULT); break;
    default: H5Lcreate_soft(c->at->path, c->file, c->at->path, H5P_DEFAULT, H5P_DEFAULT);
    }
}

/* Bytes of a text or of an opaque value, such as scenes and interventions. */
static void change_text(const change *c) {
    hid_t set = H5Dopen2(c->file, c->at->path, H5P_DEFAULT);
    if (set < 0) return;
    if (!is_inside(set)) {
        H5Dclose(set);
        return;
    }
    hid_t type = H5Dget_type(set), space = H5Dget_space(set);
    size_t size = H5Tget_size(type);
    hssize_t count = H5Sget_simple_extent_npoints(space);
    if (H5Tget_class(type) == H5T_STRING && !H5Tis_variable_str(type) && count > 0 && size * (size_t)count < 100000) {
        char *text = malloc(size * (size_t)count);
        if (text && H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, text) >= 0) {
            text[(c->b * 256u + c->c) % (size * (size_t)count)] = (char)c->a;
            H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, text);
        }
        free(text);
    }
    H5Sclose(space);
    H5Tclose(type);
    H5Dclose(set);
}

static void make_group(const change *c) {
    H5Ldelete(c->file, c->at->path, H5P_DEFAULT);
    hid_t group = H5Gcreate2(c->file, c->at->path, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (group >= 0) H5Gclose(group);
}

static void apply(const change *c, uint8_t what) {
    switch (what % 12) {
    case 0:
        if (c->at->attribute)
            H5Adelete_by_name(c->file, c->at->path, c->at->attribute, H5P_DEFAULT);
        else
            H5Ldelete(c->file, c->at->path, H5P_DEFAULT);
        break;
    case 1:
    case 2:
    case 3: make_other(c); break;
    case 4:
    case 5:
    case 6: change_numbers(c); break;
    case 7: stretch(c); break;
    case 8: link_to(c); break;
    case 9: lead_out(c); break;
    case 10: change_text(c); break;
    default: make_group(c);
    }
}

static bool is_flip(const uint8_t *step) {
    return step[0] >= FLIPS;
}

/* Whether the image has bytes that were changed. */
static bool flip(const uint8_t *data, size_t size, uint8_t *image, size_t length) {
    bool any = false;
    for (size_t i = 0; i + STEP <= size && i < STEP * MOST_CHANGES; i += STEP) {
        const uint8_t *step = data + i;
        if (!is_flip(step)) continue;
        image[(step[1] + 256u * step[2] + 65536u * step[3]) % length] ^= step[5] ? step[5] : 1;
        any = true;
    }
    return any;
}

void fuzz_hdf5_forge(const fuzz_hdf5 *valid, const uint8_t *data, size_t size, const char *path) {
    hid_t file = open_image(valid);
    if (file < 0) abort();
    for (size_t i = 0; i + STEP <= size && i < STEP * MOST_CHANGES; i += STEP) {
        const uint8_t *step = data + i;
        size_t number = step[1] + 256u * step[2];
        const change c = {
            file,   &valid->object[number % valid->count], &valid->object[(number + step[4]) % valid->count], step[3], step[4],
            step[5]};
        if (!is_flip(step)) apply(&c, step[0]);
    }
    size_t length = 0;
    uint8_t *image = image_of(file, &length);
    if (image) {
        if (flip(data, size, image, length) || size % 128 == 42) unlink(path);
        fuzz_write(path, image, length);
    }
    free(image);
    H5Fclose(file);
}
