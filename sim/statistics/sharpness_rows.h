/* What the observer sharpness has found, and the rows of it. */
#ifndef KR_SHARPNESS_ROWS_H
#define KR_SHARPNESS_ROWS_H

#include "curvature_looks.h"
#include "look_record.h"

#include <kramers/result_row.h>

typedef struct kr_sharpness {
    kr_look_record record; /* its list: means, in the order of the rows series_ */
    uint64_t particles, unconverged;
    kr_look_summary of[KR_CURVATURE_LOOKS];
    double residual, trace_error, radius;
    double stability_limit, beyond_stability; /* NAN: none */
    bool whole;                               /* spectra are exact */
    char why[160];                            /* something about stability is not known */
} kr_sharpness;

enum { KR_SERIES_LARGEST, KR_SERIES_SMALLEST, KR_SERIES_TRACE, KR_SERIES_RISE, KR_SERIES_STABILITY, KR_SERIES_LIMIT };

extern const kr_result_row kr_sharpness_rows[];

#endif
