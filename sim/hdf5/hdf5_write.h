/* Writing: attributes, data sets of fixed size and such that grow. Equal calls make equal bytes: objects carry no times. */
#ifndef KR_HDF5_WRITE_H
#define KR_HDF5_WRITE_H

#include "hdf5_layer.h"

hid_t kr_h5_group(kr_h5 *h5, hid_t parent, const char *name); /* makes it and what is missing above it; the caller closes it */
/* For a path below groups that are ours: what stands in their place and is none, or a link, goes. */
void kr_h5_make_way(kr_h5 *h5, const char *path);
hid_t kr_h5_ordered_group(kr_h5 *h5, hid_t parent, const char *name); /* readers can list it in the order of writing */

/* Below, rank and row are the axes of one row, which are at most two. */
enum { KR_H5_ROW_RANK = 2 };

/* Attributes: made, or written over. */
void kr_h5_text(kr_h5 *h5, hid_t parent, const char *name, const char *text);
void kr_h5_integer(kr_h5 *h5, hid_t parent, const char *name, int64_t value);
/* As a signed integer where it fits, as files of smaller ones have it. */
void kr_h5_natural(kr_h5 *h5, hid_t parent, const char *name, uint64_t value);
void kr_h5_number(kr_h5 *h5, hid_t parent, const char *name, double value);
void kr_h5_attribute(kr_h5 *h5, hid_t parent, const char *name, hid_t type, size_t count, const void *values); /* 0: a scalar */

/* A data set of fixed size, allocated and written now. rank 0: a scalar. data NULL: zeros. */
void kr_h5_fixed(kr_h5 *h5, hid_t parent, const char *path, hid_t type, size_t rank, const hsize_t *size, const void *data);
/* One that HDF5 allocates as it likes; nothing is written where an axis is 0. */
void kr_h5_plain(kr_h5 *h5, hid_t parent, const char *path, hid_t type, size_t rank, const hsize_t *size, const void *data);
/* The first of a scalar text. */
void kr_h5_fixed_text(kr_h5 *h5, hid_t parent, const char *path, const char *text);
/* Texts of any length. */
void kr_h5_fixed_texts(kr_h5 *h5, hid_t parent, const char *path, size_t count, const char *const *texts);
/* Over row number `row` of a data set with rows of this size. */
void kr_h5_replace_row(kr_h5 *h5, const char *path, hid_t type, size_t rank, const hsize_t *row_size, uint64_t row,
                       const void *data);
/* A data set that grows along its first axis; flush: how many rows are usually added at once. */
void kr_h5_series(kr_h5 *h5, hid_t parent, const char *path, hid_t type, size_t rank, const hsize_t *row, uint64_t flush);
/* Rows from..from + rows - 1 of a series with rows of this size; extends it. */
void kr_h5_append(kr_h5 *h5, const char *path, hid_t type, size_t rank, const hsize_t *row, uint64_t from, uint64_t rows,
                  const void *data);
/* Drops what is beyond so many rows; fewer are an error, and so is what cannot be appended to with values of this type. */
void kr_h5_cut(kr_h5 *h5, const char *path, hid_t type, size_t rank, const hsize_t *row, uint64_t rows);
void kr_h5_remove(kr_h5 *h5, const char *path);                         /* if it is there */
void kr_h5_remove_attribute(kr_h5 *h5, hid_t parent, const char *name); /* the same */
void kr_h5_link(kr_h5 *h5, const char *from, const char *to);           /* the same object under a second path */

/* Tables: data sets whose values are structs. */
typedef enum kr_h5_member {
    KR_H5_MEMBER_DOUBLE,
    KR_H5_MEMBER_UINT64,
    KR_H5_MEMBER_UINT32,
    KR_H5_MEMBER_UINT8,
    KR_H5_MEMBER_TEXT
} kr_h5_member;
typedef struct kr_h5_column {
    const char *name; /* NULL ends a list */
    kr_h5_member member;
    size_t offset, size; /* size: of a text */
} kr_h5_column;
/* The caller closes it. packed: without the gaps that the struct has in memory. */
hid_t kr_h5_table_type(const kr_h5_column *columns, size_t row_bytes, bool packed);

#endif
