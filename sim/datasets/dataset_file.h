/* Data sets in HDF5 files: x_train [M][inputs] or images [M][rows][columns], y_train [M], and x_test, y_test where there are test
 * data; of numbers of any type, in the file itself or in groups tasks/NAME. Files of others: nothing in them is trusted. */
#ifndef KR_DATASET_FILE_H
#define KR_DATASET_FILE_H

#include "dataset_part.h"

/* part: by kr_data_part. task: NULL or empty: none. shape: nothing but shapes. classes is one more than the largest label of any
 * task. What was read before a failure is the caller's to free. */
kr_status kr_dataset_file_read(kr_dataset_part part[2], const char *path, const char *task, bool shape, kr_error *error);

#endif
