/* Observers look at the ensemble at their own cadence and never change it. */
#ifndef KRAMERS_OBSERVER_H
#define KRAMERS_OBSERVER_H

#include <kramers/ensemble.h>
#include <kramers/scene.h>

typedef struct kr_observer kr_observer;

struct kr_observer {
    uint64_t every;  /* sampled at steps that are multiples of this, 0 included; 0: never */
    uint64_t from;   /* first step that counts */
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
    double kinetic_temperature;       /* <p^2> per coordinate */
    double configurational_temperature; /* <x . grad V> / dim in a frame at the start minimum is not used: <|grad V|^2> / <lap V> */
    double *well_population;          /* [wells] fraction nearest to each minimum by descent; NULL when there are too many minima */
    size_t wells;
} kr_statistics;

kr_status kr_statistics_create(kr_observer **observer, const kr_scene *scene, const kr_landscape *landscape,
                               const kr_dynamics *dynamics, kr_error *error);
const kr_statistics *kr_statistics_result(const kr_observer *observer);

#endif
