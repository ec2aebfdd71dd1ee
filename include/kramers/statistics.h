/* Means over the ensemble: the observer `statistics`. */
#ifndef KRAMERS_STATISTICS_H
#define KRAMERS_STATISTICS_H

#include <kramers/observer.h>

KR_BEGIN_DECLARATIONS

typedef struct kr_statistics_settings {
    int64_t every;   /* 0: only at the end */
    int64_t discard; /* steps before the first sample */
} kr_statistics_settings;

/* Means over the ensemble, and over the cadence where the scene has one. Numbers are NAN where there is no such thing. */
typedef struct kr_statistics {
    uint64_t samples;
    size_t dim;
    double *position, *position_variance; /* [dim], owned by the observer */
    double potential;
    double kinetic_temperature;         /* <p^2> per coordinate */
    double configurational_temperature; /* <|grad V|^2> / <laplacian V> */
    double *well_population;            /* [wells] fraction in the basin of each minimum; NULL without basins */
    size_t wells;
    /* Standard errors of the same numbers, whatever the correlation in time: from the scatter between groups of particles, which
     * are independent, by the jackknife; of fewer than 8 particles from batches of samples. NULL: unknown. */
    const struct kr_statistics *error;
} kr_statistics;

/* Of the samples so far once end() was called; NULL: NULL. */
KR_API const kr_statistics *kr_statistics_result(const kr_observer *observer);

KR_END_DECLARATIONS

extern const kr_result_row kr_statistics_rows[]; /* of a kr_statistics */

#endif
