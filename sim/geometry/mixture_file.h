/* Centres and weights of a mixture of Gaussians from a file of others: text of columns, .npy, or HDF5. */
#ifndef KR_MIXTURE_FILE_H
#define KR_MIXTURE_FILE_H

#include <kramers/status.h>

#include <stddef.h>

typedef struct kr_mixture_file {
    size_t count, dim;
    double *center; /* [count][dim] */
    double *weight; /* [count], as in the file; all 1 where it has none. Those of weight 0 are left out */
} kr_mixture_file;

/* Text and .npy: a row for each mode, dim numbers of its centre and, if there is one more, its weight. HDF5: data sets
 * centres[count][dim] (or centers) and, if it is there, weights[count]. A relative path starts at the directory. variance: of each
 * mode; where numbers are further apart than a mode is wide there can be none. */
kr_status kr_mixture_file_read(kr_mixture_file *file, const char *path, const char *directory, size_t dim, double variance,
                               kr_error *error);
void kr_mixture_file_destroy(kr_mixture_file *file);

#endif
