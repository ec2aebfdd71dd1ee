/* Reading what others may have made: every reader compares class, type, rank, extents and size with what its caller has room for
 * before HDF5 writes into memory, and refuses by name what is otherwise. */
#ifndef KR_HDF5_READ_H
#define KR_HDF5_READ_H

#include "hdf5_layer.h"

/* What the caller's memory holds, and what is accepted for it. */
typedef enum kr_h5_kind {
    KR_H5_DOUBLE, /* double, exactly */
    KR_H5_INT64,  /* a signed integer of 64 bits, exactly */
    KR_H5_UINT64, /* an unsigned one */
    KR_H5_NUMBER, /* double, from integers and floating-point numbers of any kind */
    KR_H5_INTEGER /* int64_t, from integers of any kind; what does not fit becomes the next that does */
} kr_h5_kind;

enum { KR_H5_RANK = 4 };
typedef struct kr_h5_about {
    H5T_class_t class;
    size_t bytes; /* of one value */
    int rank;     /* 0: one value */
    hsize_t size[KR_H5_RANK];
    hsize_t count;  /* of all values */
    hsize_t stored; /* bytes in the file; less than count * bytes when some were never written, or packed */
    bool number;    /* integer or floating point */
} kr_h5_about;

/* What the data set is; false: there is none, or it was refused (then h5 has failed). More than KR_H5_RANK axes are refused. */
bool kr_h5_describe(kr_h5 *h5, const char *path, kr_h5_about *about);
/* Whether the file can really hold so many values: a few bytes that claim to be gigabytes are refused. */
bool kr_h5_holds_its_values(const kr_h5_about *about);

/* All of a data set of just these extents. */
bool kr_h5_read(kr_h5 *h5, const char *path, kr_h5_kind kind, int rank, const hsize_t *size, void *out);
/* All of one with rank axes and at most so many values, malloc'd: 8 bytes each. NULL: h5 has failed. size[rank] may be NULL. */
void *kr_h5_read_all(kr_h5 *h5, const char *path, kr_h5_kind kind, int rank, size_t most, hsize_t *size);
/* Row number `row` of a data set of rank axes, whose others are those of row_size[rank - 1]. false: not there, h5 has failed. */
bool kr_h5_read_row(kr_h5 *h5, const char *path, kr_h5_kind kind, int rank, const hsize_t *row_size, uint64_t row, void *out);

/* A scalar text of fixed length, malloc'd, ends with a zero; at most `most` bytes, without zeros inside. Texts of variable length
 * are refused: nothing here writes them as scalars. NULL: h5 has failed. */
char *kr_h5_read_text(kr_h5 *h5, const char *path, size_t most);
/* A list of texts of variable or fixed length; each malloc'd, and the list. At most so many. */
char **kr_h5_read_texts(kr_h5 *h5, const char *path, size_t most, size_t *count);
/* A list of just `count` texts of fixed length as they are in the file: one piece, *width bytes each, malloc'd. */
char *kr_h5_read_fixed_texts(kr_h5 *h5, const char *path, size_t count, size_t *width);
void kr_h5_free_texts(char **texts, size_t count);

/* One number that is an attribute of the object. */
bool kr_h5_read_attribute(kr_h5 *h5, const char *path, const char *name, kr_h5_kind kind, void *out);
bool kr_h5_has_attribute(kr_h5 *h5, const char *path, const char *name);
char *kr_h5_read_text_attribute(kr_h5 *h5, const char *path, const char *name, size_t most);

/* Where the `count` 64-bit words of a data set of rank axes that is one piece are in the file. */
bool kr_h5_place(kr_h5 *h5, const char *path, int rank, uint64_t *place, uint64_t *count);

#endif
