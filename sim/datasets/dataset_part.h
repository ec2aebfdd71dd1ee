/* Data on their way into a kr_dataset. */
#ifndef KR_DATASET_PART_H
#define KR_DATASET_PART_H

#include <kramers/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* As kr_data, but malloc'd and still to be changed. input and label are NULL where only the shape was asked for. */
typedef struct kr_dataset_part {
    size_t count, inputs, classes, rows, columns;
    double *input;
    uint32_t *label;
} kr_dataset_part;

/* Numbers in all inputs of a data set: 2 GiB. More is refused before memory is asked for. */
#define KR_DATASET_NUMBERS ((size_t)1 << 28)

#endif
