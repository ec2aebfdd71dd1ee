#include "hdf5_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* deflate packs zeros by a factor of 1032; of what would fill memory, not that much is believed. */
enum { PACKED_MOST = 1100, PACKED_MUCH = 100 };
static const hsize_t MUCH = (hsize_t)256 << 20; /* bytes */

static hid_t memory_type(kr_h5_kind kind) {
    switch (kind) {
    case KR_H5_INT64:
    case KR_H5_INTEGER: return H5T_NATIVE_INT64;
    case KR_H5_UINT64: return H5T_NATIVE_UINT64;
    default: return H5T_NATIVE_DOUBLE;
    }
}

/* Numbers whose bits are where such bits can be: HDF5 converts others, too, and believes what it is told. */
static bool is_sound(hid_t type, H5T_class_t class) {
    size_t bits = 8 * H5Tget_size(type), sign, exponent, exponent_bits, mantissa, mantissa_bits;
    size_t precision = H5Tget_precision(type);
    int offset = H5Tget_offset(type);
    if (bits > 128 || precision == 0 || offset < 0 || (size_t)offset + precision > bits) return false;
    if (class == H5T_INTEGER) return H5Tget_order(type) == H5T_ORDER_LE || H5Tget_order(type) == H5T_ORDER_BE;
    return H5Tget_fields(type, &sign, &exponent, &exponent_bits, &mantissa, &mantissa_bits) >= 0 && exponent_bits > 0 &&
           exponent_bits < 16 && mantissa_bits > 0 && sign < precision && exponent + exponent_bits <= precision &&
           mantissa + mantissa_bits <= precision && (exponent >= mantissa + mantissa_bits || mantissa >= exponent + exponent_bits);
}

/* Whether values of this type in a file are of the kind. */
static bool is_of(hid_t type, kr_h5_kind kind) {
    H5T_class_t class = H5Tget_class(type);
    bool word = H5Tget_size(type) == sizeof(uint64_t);
    if ((class == H5T_INTEGER || class == H5T_FLOAT) && !is_sound(type, class)) return false;
    switch (kind) {
    case KR_H5_DOUBLE: return H5Tequal(type, H5T_IEEE_F64LE) > 0 || H5Tequal(type, H5T_IEEE_F64BE) > 0;
    case KR_H5_INT64: return class == H5T_INTEGER && word && H5Tget_sign(type) == H5T_SGN_2;
    case KR_H5_UINT64: return class == H5T_INTEGER && word && H5Tget_sign(type) == H5T_SGN_NONE;
    case KR_H5_INTEGER: return class == H5T_INTEGER;
    case KR_H5_NUMBER: return class == H5T_INTEGER || class == H5T_FLOAT;
    }
    return false;
}

static const char *name_of(kr_h5_kind kind) {
    switch (kind) {
    case KR_H5_DOUBLE: return "does not hold floating-point numbers of 64 bits";
    case KR_H5_INT64: return "does not hold signed integers of 64 bits";
    case KR_H5_UINT64: return "does not hold unsigned integers of 64 bits";
    case KR_H5_INTEGER: return "does not hold integers";
    default: return "does not hold numbers";
    }
}

/* Axes of a space; -1: it has none, or too many. */
static int extent(hid_t space, hsize_t size[KR_H5_RANK]) {
    H5S_class_t class = space >= 0 ? H5Sget_simple_extent_type(space) : H5S_NO_CLASS;
    int rank = class == H5S_SCALAR ? 0 : class == H5S_SIMPLE ? H5Sget_simple_extent_ndims(space) : -1;
    if (rank > KR_H5_RANK) return -1;
    if (rank > 0 && H5Sget_simple_extent_dims(space, size, NULL) != rank) return -1;
    return rank;
}

static bool describe_open(kr_h5 *h5, hid_t set, const char *path, kr_h5_about *about) {
    *about = (kr_h5_about){.count = 1};
    hid_t space = set >= 0 ? H5Dget_space(set) : H5I_INVALID_HID, type = set >= 0 ? H5Dget_type(set) : H5I_INVALID_HID;
    about->rank = extent(space, about->size);
    about->class = type >= 0 ? H5Tget_class(type) : H5T_NO_CLASS;
    about->bytes = type >= 0 ? H5Tget_size(type) : 0;
    about->number = about->class == H5T_INTEGER || about->class == H5T_FLOAT;
    about->stored = set >= 0 ? H5Dget_storage_size(set) : 0;
    hsize_t file;
    if (H5Fget_filesize(h5->file, &file) < 0) file = 0;
    if (about->stored > file) about->stored = file; /* it says so, and the file ends before */
    bool good = set >= 0 && about->rank >= 0 && about->bytes > 0;
    for (int i = 0; i < about->rank && good; i++) {
        good = about->size[i] == 0 || about->count <= SIZE_MAX / 16 / about->bytes / about->size[i];
        about->count *= about->size[i];
    }
    kr_h5_close(type);
    kr_h5_close(space);
    if (set >= 0 && !good) kr_h5_refuse(h5, path, "is no array of values that can be read");
    return good;
}

bool kr_h5_describe(kr_h5 *h5, const char *path, kr_h5_about *about) {
    if (!kr_h5_exists(h5, path)) return false;
    hid_t object = H5Oopen(h5->file, path, h5->inside);
    bool is_set = object >= 0 && H5Iget_type(object) == H5I_DATASET;
    kr_h5_close(object);
    if (!is_set) return false;
    hid_t set = kr_h5_open_set(h5, path);
    bool good = describe_open(h5, set, path, about);
    kr_h5_close(set);
    return good;
}

bool kr_h5_holds_its_values(const kr_h5_about *about) {
    hsize_t unpacked = about->count * about->bytes;
    return unpacked <= about->stored * PACKED_MOST && (unpacked <= MUCH || unpacked <= about->stored * PACKED_MUCH);
}

/* An open data set of this kind and rank. */
static hid_t open_kind(kr_h5 *h5, const char *path, kr_h5_kind kind, int rank, kr_h5_about *about) {
    hid_t set = kr_h5_open_set(h5, path), type = set >= 0 ? H5Dget_type(set) : H5I_INVALID_HID;
    bool good = describe_open(h5, set, path, about);
    if (good && !is_of(type, kind)) {
        kr_h5_refuse(h5, path, name_of(kind));
        good = false;
    } else if (good && about->rank != rank) {
        kr_h5_refuse(h5, path, "has another number of axes than it must have");
        good = false;
    }
    kr_h5_close(type);
    if (good) return set;
    kr_h5_close(set);
    return H5I_INVALID_HID;
}

static bool read_open(kr_h5 *h5, hid_t set, const char *path, kr_h5_kind kind, void *out) {
    return kr_h5_checked(h5, H5Dread(set, memory_type(kind), H5S_ALL, H5S_ALL, H5P_DEFAULT, out), "read", path) >= 0;
}

bool kr_h5_read(kr_h5 *h5, const char *path, kr_h5_kind kind, int rank, const hsize_t *size, void *out) {
    kr_h5_about about;
    hid_t set = open_kind(h5, path, kind, rank, &about);
    bool good = set >= 0;
    for (int i = 0; i < rank && good; i++) good = about.size[i] == size[i];
    if (set >= 0 && !good) kr_h5_refuse(h5, path, "has not the size that it must have");
    good = good && read_open(h5, set, path, kind, out);
    kr_h5_close(set);
    return good;
}

void *kr_h5_read_all(kr_h5 *h5, const char *path, kr_h5_kind kind, int rank, size_t most, hsize_t *size) {
    kr_h5_about about;
    hid_t set = open_kind(h5, path, kind, rank, &about);
    void *out = NULL;
    if (set < 0) return NULL;
    if (about.count > most)
        kr_h5_refuse(h5, path, "has more values than it can have");
    else if (!kr_h5_holds_its_values(&about))
        kr_h5_refuse(h5, path, "claims more values than the file holds");
    else if (!(out = malloc((size_t)about.count * sizeof(double) + 1)))
        kr_h5_no_memory(h5, path);
    else if (!read_open(h5, set, path, kind, out)) {
        free(out);
        out = NULL;
    }
    for (int i = 0; i < rank && size; i++) size[i] = about.size[i];
    kr_h5_close(set);
    return out;
}

bool kr_h5_read_row(kr_h5 *h5, const char *path, kr_h5_kind kind, int rank, const hsize_t *row_size, uint64_t row, void *out) {
    kr_h5_about about;
    hsize_t begin[KR_H5_RANK] = {row};
    hid_t set = open_kind(h5, path, kind, rank, &about);
    bool good = set >= 0 && rank > 0 && row < about.size[0];
    for (int i = 1; i < rank && good; i++) good = about.size[i] == row_size[i - 1];
    if (set >= 0 && !good) kr_h5_refuse(h5, path, "has not the row that is asked for");
    if (good) {
        about.size[0] = 1;
        hid_t space = H5Dget_space(set), memory = H5Screate_simple(rank, about.size, NULL);
        good = space >= 0 && memory >= 0 && H5Sselect_hyperslab(space, H5S_SELECT_SET, begin, NULL, about.size, NULL) >= 0 &&
               H5Dread(set, memory_type(kind), memory, space, H5P_DEFAULT, out) >= 0;
        if (!good) kr_h5_checked(h5, -1, "read", path);
        kr_h5_close(memory);
        kr_h5_close(space);
    }
    kr_h5_close(set);
    return good;
}

/* ---- texts ---- */

/* Bytes of a text of fixed length, at most `most`; 0: it is none, which has failed. */
static size_t text_size(kr_h5 *h5, hid_t type, hid_t space, const char *name, size_t most) {
    hsize_t size[KR_H5_RANK];
    const char *is = type < 0 || H5Tget_class(type) != H5T_STRING ? "is no text"
                     : H5Tis_variable_str(type) != 0              ? "is a text of variable length; one of fixed length must be here"
                     : extent(space, size) != 0                   ? "is no single text"
                     : H5Tget_size(type) > most                   ? "is too long"
                                                                  : NULL;
    if (!is) return H5Tget_size(type);
    kr_h5_refuse(h5, name, is);
    return 0;
}

/* Whether nothing but padding is behind the text's end. A text without padding fills its size. */
static bool ends_once(const char *text, size_t size) {
    size_t length = strlen(text);
    for (size_t i = length; i < size; i++)
        if (text[i] && text[i] != ' ') return false;
    return true;
}

static char *finish_text(kr_h5 *h5, char *text, size_t size, bool read, const char *name) {
    if (text && read && ends_once(text, size)) return text;
    if (!text)
        kr_h5_no_memory(h5, name);
    else if (read)
        kr_h5_refuse(h5, name, "has a zero inside");
    else
        kr_h5_checked(h5, -1, "read", name);
    free(text);
    return NULL;
}

char *kr_h5_read_text(kr_h5 *h5, const char *path, size_t most) {
    hid_t set = kr_h5_open_set(h5, path);
    if (set < 0) return NULL;
    hid_t type = H5Dget_type(set), space = H5Dget_space(set);
    size_t size = text_size(h5, type, space, path, most);
    char *text = size ? calloc(size + 1, 1) : NULL;
    bool read = text && H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, text) >= 0;
    if (size) text = finish_text(h5, text, size, read, path);
    kr_h5_close(space);
    kr_h5_close(type);
    kr_h5_close(set);
    return text;
}

static char **copy_texts(kr_h5 *h5, char *const *from, size_t count, const char *path) {
    char **texts = calloc(count + 1, sizeof *texts);
    bool good = texts != NULL;
    for (size_t i = 0; i < count && good; i++) good = (texts[i] = strdup(from[i] ? from[i] : "")) != NULL;
    if (good) return texts;
    kr_h5_no_memory(h5, path);
    kr_h5_free_texts(texts, count);
    return NULL;
}

/* Copies, since HDF5's own memory is given back at once. */
static char **read_variable(kr_h5 *h5, hid_t set, size_t count, const char *path) {
    hid_t type = H5Tcopy(H5T_C_S1), space = H5Dget_space(set), stored = H5Dget_type(set);
    H5Tset_size(type, H5T_VARIABLE);
    H5Tset_cset(type, H5Tget_cset(stored));
    char **from = calloc(count + 1, sizeof *from), **texts = NULL;
    if (!from)
        kr_h5_no_memory(h5, path);
    else if (kr_h5_checked(h5, H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, from), "read", path) >= 0) {
        texts = copy_texts(h5, from, count, path);
        H5Dvlen_reclaim(type, space, H5P_DEFAULT, from);
    }
    free(from);
    kr_h5_close(stored);
    kr_h5_close(space);
    kr_h5_close(type);
    return texts;
}

/* All texts of fixed length in one piece. */
static char *read_piece(kr_h5 *h5, hid_t set, const kr_h5_about *about, const char *path) {
    hid_t type = H5Dget_type(set);
    char *all = calloc((size_t)about->count + 1, about->bytes);
    if (!all)
        kr_h5_no_memory(h5, path);
    else
        kr_h5_checked(h5, H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, all), "read", path);
    kr_h5_close(type);
    if (kr_h5_good(h5)) return all;
    free(all);
    return NULL;
}

static char **cut_into_texts(kr_h5 *h5, const char *all, size_t count, size_t width, const char *path) {
    char **texts = calloc(count + 1, sizeof *texts);
    bool good = texts != NULL;
    for (size_t i = 0; i < count && good; i++) good = (texts[i] = strndup(all + i * width, width)) != NULL;
    if (good) return texts;
    kr_h5_no_memory(h5, path);
    kr_h5_free_texts(texts, count);
    return NULL;
}

/* An open list of texts; variable: of which kind. */
static hid_t open_texts(kr_h5 *h5, const char *path, size_t most, kr_h5_about *about, bool *variable) {
    hid_t set = kr_h5_open_set(h5, path), type = set >= 0 ? H5Dget_type(set) : H5I_INVALID_HID;
    *variable = type >= 0 && H5Tis_variable_str(type) > 0;
    if (describe_open(h5, set, path, about)) {
        if (about->class != H5T_STRING || about->rank != 1)
            kr_h5_refuse(h5, path, "is no list of texts");
        else if (about->count > most)
            kr_h5_refuse(h5, path, "has more texts than it can have");
        else if (!kr_h5_holds_its_values(about))
            kr_h5_refuse(h5, path, "claims more values than the file holds");
    }
    kr_h5_close(type);
    if (kr_h5_good(h5)) return set;
    kr_h5_close(set);
    return H5I_INVALID_HID;
}

char *kr_h5_read_fixed_texts(kr_h5 *h5, const char *path, size_t count, size_t *width) {
    kr_h5_about about;
    bool variable;
    hid_t set = open_texts(h5, path, count, &about, &variable);
    if (set >= 0 && (variable || about.count != count)) kr_h5_refuse(h5, path, "has not the texts that it must have");
    char *all = kr_h5_good(h5) ? read_piece(h5, set, &about, path) : NULL;
    *width = about.bytes;
    kr_h5_close(set);
    return all;
}

char **kr_h5_read_texts(kr_h5 *h5, const char *path, size_t most, size_t *count) {
    kr_h5_about about;
    bool variable;
    hid_t set = open_texts(h5, path, most, &about, &variable);
    char **texts = NULL;
    *count = 0;
    if (set >= 0 && variable) {
        texts = read_variable(h5, set, (size_t)about.count, path);
    } else if (set >= 0) {
        char *all = read_piece(h5, set, &about, path);
        if (all) texts = cut_into_texts(h5, all, (size_t)about.count, about.bytes, path);
        free(all);
    }
    if (texts) *count = (size_t)about.count;
    kr_h5_close(set);
    return texts;
}

void kr_h5_free_texts(char **texts, size_t count) {
    for (size_t i = 0; texts && i < count; i++) free(texts[i]);
    free(texts);
}

/* ---- attributes ---- */

static hid_t open_attribute(kr_h5 *h5, const char *path, const char *name) {
    char of[300];
    if (!kr_h5_good(h5)) return H5I_INVALID_HID;
    snprintf(of, sizeof of, "%s of %s", name, path);
    return kr_h5_checked(h5, H5Aopen_by_name(h5->file, path, name, H5P_DEFAULT, h5->inside), "find attribute", of);
}

bool kr_h5_has_attribute(kr_h5 *h5, const char *path, const char *name) {
    return kr_h5_exists(h5, path) && H5Aexists_by_name(h5->file, path, name, h5->inside) > 0;
}

bool kr_h5_read_attribute(kr_h5 *h5, const char *path, const char *name, kr_h5_kind kind, void *out) {
    hsize_t size[KR_H5_RANK];
    hid_t attribute = open_attribute(h5, path, name);
    if (attribute < 0) return false;
    hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    const char *is = type < 0 || !is_of(type, kind) ? name_of(kind) : extent(space, size) != 0 ? "is no single number" : NULL;
    if (is)
        kr_h5_refuse(h5, name, is);
    else
        kr_h5_checked(h5, H5Aread(attribute, memory_type(kind), out), "read attribute", name);
    kr_h5_close(space);
    kr_h5_close(type);
    kr_h5_close(attribute);
    return kr_h5_good(h5);
}

char *kr_h5_read_text_attribute(kr_h5 *h5, const char *path, const char *name, size_t most) {
    hid_t attribute = open_attribute(h5, path, name);
    if (attribute < 0) return NULL;
    hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    size_t size = text_size(h5, type, space, name, most);
    char *text = size ? calloc(size + 1, 1) : NULL;
    bool read = text && H5Aread(attribute, type, text) >= 0;
    if (size) text = finish_text(h5, text, size, read, name);
    kr_h5_close(space);
    kr_h5_close(type);
    kr_h5_close(attribute);
    return text;
}

bool kr_h5_place(kr_h5 *h5, const char *path, int rank, uint64_t *place, uint64_t *count) {
    kr_h5_about about;
    hid_t set = open_kind(h5, path, KR_H5_UINT64, rank, &about);
    haddr_t where = set >= 0 ? H5Dget_offset(set) : HADDR_UNDEF;
    if (set >= 0 && (where == HADDR_UNDEF || about.stored / sizeof(uint64_t) < about.count))
        kr_h5_refuse(h5, path, "is not one piece of the file");
    *place = where;
    *count = about.count;
    kr_h5_close(set);
    return kr_h5_good(h5);
}
