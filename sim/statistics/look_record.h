/* What an observer of single particles keeps: the newest look at its cadence, means of all looks as a list, and the look that its
 * results are made from; with a checkpoint of it. */
#ifndef KR_LOOK_RECORD_H
#define KR_LOOK_RECORD_H

#include "particle_looks.h"
#include "sample_series.h"

#include <kramers/observer.h>

typedef struct kr_look_record {
    kr_looks last, now;   /* the newest look at the cadence; that of the results */
    uint64_t samples;     /* at the cadence */
    uint64_t step;        /* of the newest of them */
    double learning_rate; /* then */
    kr_series series;
    double shown_step; /* of frames: the newest step as a number, NAN before the first */
    double *sorted;    /* [particles], for kr_looks_summary */
} kr_look_record;

/* wanted: how many particles are looked at; 0: all. Begins with zeros; destroy it also after a failure. */
kr_status kr_look_record_create(kr_look_record *record, const kr_observer_setup *setup, int64_t wanted, size_t columns,
                                double bytes_for_each, kr_error *error);
void kr_look_record_destroy(kr_look_record *record);
kr_observer_need kr_look_record_need(const kr_observer_setup *setup, int64_t wanted, size_t columns, double bytes_for_each);

/* record->last was taken from this view; number: means of it for the list. */
void kr_look_record_add(kr_look_record *record, const kr_view *view, const double number[KR_SERIES_WIDTH]);
/* Whether the newest look is of this step; then it is copied to record->now. */
bool kr_look_record_recall(kr_look_record *record, const kr_view *view);
/* The learning rate of the look at record->now, which was taken from this view or recalled. */
double kr_look_record_rate(const kr_look_record *record, const kr_view *view);

size_t kr_look_record_words(const kr_look_record *record);
void kr_look_record_save(const kr_look_record *record, uint64_t *words);
void kr_look_record_restore(kr_look_record *record, const uint64_t *words);

#endif
