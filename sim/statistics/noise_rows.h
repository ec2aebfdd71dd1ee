/* What the observer gradient_noise has found, and the rows of it. */
#ifndef KR_NOISE_ROWS_H
#define KR_NOISE_ROWS_H

#include "noise_looks.h"
#include "sample_series.h"

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
    uint64_t samples; /* at the cadence */
    kr_series series; /* Tr C, then the estimates but for the anisotropy, at these */
    uint64_t particles, data, data_in_all;
    kr_look_summary covariance, laplacian;
    kr_look_estimate estimate[KR_NOISE_ESTIMATES];
    char why[160]; /* why a temperature is not known */
} kr_gradient_noise;

extern const kr_result_row kr_gradient_noise_rows[];

#endif
