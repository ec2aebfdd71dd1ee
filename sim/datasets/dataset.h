/* Data with classes: a training set, and a test set where there is one. */
#ifndef KR_DATASET_H
#define KR_DATASET_H

#include <kramers/data_sum.h>

/* What a scene says of them (rows: KR_DATASET_ROWS in dataset_rows.h). */
typedef struct kr_dataset_source {
    char *data; /* one of kr_dataset_names, or the name of an HDF5 file: one with a '.' or a '/' in it */
    int64_t points;
    double noise;
    uint64_t seed;      /* these three of generated data; the seed is that of label_noise too */
    double label_noise; /* probability of each training label to become another class */
    char *task;         /* group tasks/NAME of the file; NULL: none */
    kr_list classes;    /* only data of these; empty: all */
} kr_dataset_source;

typedef struct kr_dataset {
    kr_data part[2]; /* by kr_data_part; owned */
} kr_dataset;

enum { KR_DATASET_CLASSES = 4096 }; /* at most */

/* Data that have a name; ends with NULL. */
extern const char *const kr_dataset_names[];

/* directory: relative file names begin there; NULL: the working directory. classes is that of all data, whatever the task: labels
 * stay as they are, so that networks of all tasks have the same shape. Inputs are taken from a file as they are; those of `digits`
 * are divided by 16. */
kr_status kr_dataset_create(kr_dataset **dataset, const kr_dataset_source *source, const char *directory, kr_error *error);
void kr_dataset_destroy(kr_dataset *dataset);

/* The same without reading more than needed: numbers of an input, and classes. */
kr_status kr_dataset_shape(const kr_dataset_source *source, const char *directory, size_t *inputs, size_t *classes,
                           kr_error *error);

#endif
