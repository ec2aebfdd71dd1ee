/* What the observer gradient_noise has found, and the rows of it. */
#ifndef KR_NOISE_ROWS_H
#define KR_NOISE_ROWS_H

#include "look_record.h"
#include "noise_looks.h"

#include <kramers/result_row.h>

typedef enum kr_noise_estimate {
    KR_NOISE_ALIGNMENT,
    KR_NOISE_ANISOTROPY,
    KR_NOISE_TAIL_INDEX,
    KR_NOISE_TEMPERATURE,
    KR_NOISE_TEMPERATURE_WEIGHTED,
    KR_NOISE_TEMPERATURE_MEASURED,
    KR_NOISE_ESTIMATES
} kr_noise_estimate;

typedef struct kr_gradient_noise {
    kr_look_record record; /* its list: Tr C, then the estimates but for the anisotropy */
    uint64_t particles, data, data_in_all;
    kr_look_summary covariance, laplacian;
    kr_look_estimate estimate[KR_NOISE_ESTIMATES];
    char why[160]; /* why a temperature is not known */
} kr_gradient_noise;

extern const kr_result_row kr_gradient_noise_rows[];

#endif
