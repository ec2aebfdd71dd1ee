/* Observers look at the ensemble at their own cadence and never change it. */
#ifndef KRAMERS_OBSERVER_H
#define KRAMERS_OBSERVER_H

#include <kramers/ensemble.h>
#include <kramers/result_row.h>
#include <kramers/scene.h>

KR_BEGIN_DECLARATIONS

typedef struct kr_observer kr_observer;

struct kr_observer {
    uint64_t every; /* sampled at steps that are multiples of this, 0 included; 0: never */
    uint64_t from;  /* first step that counts */
    kr_status (*sample)(kr_observer *self, const kr_view *view, kr_error *error);
    kr_status (*end)(kr_observer *self, const kr_view *view, kr_error *error); /* after the last step; may be NULL */
    /* State for checkpoints, as 64-bit words; NULL: none. */
    size_t (*state_words)(const kr_observer *self);
    void (*save)(const kr_observer *self, uint64_t *words);
    void (*restore)(kr_observer *self, const uint64_t *words);
    void (*destroy)(kr_observer *self);
};

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

/* origin[dim]: moments are taken about it (the start). */
KR_API kr_status kr_statistics_create(kr_observer **observer, const kr_statistics_settings *settings, const double *origin,
                                      const kr_landscape *landscape, uint64_t particles, kr_error *error);
/* Of the samples so far once end() was called. */
KR_API const kr_statistics *kr_statistics_result(const kr_observer *observer);

KR_END_DECLARATIONS

extern const kr_result_row kr_statistics_rows[]; /* of a kr_statistics */

#endif
