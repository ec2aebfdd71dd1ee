/* What a snapshot says of an ensemble: positions as floats, and means over its first particles. Cheap enough to be done while the
 * simulation runs: each part is repeated only when it has cost no more than its share of the time. */
#ifndef KR_MEASURE_H
#define KR_MEASURE_H

#include "snapshot.h"

enum { KR_MEASURED_PARTICLES = 4096 };

typedef struct kr_measure kr_measure;

kr_status kr_measure_create(kr_measure **measure, kr_error *error);
void kr_measure_destroy(kr_measure *measure);
/* The model has changed: what was measured of the old one is dropped. */
void kr_measure_forget(kr_measure *measure);

/* Fills in everything of a variant but name and escape. velocity: [dim][view->stride] where it is known (a recording); NULL: from
 * the dynamics. now: seconds of a clock; INFINITY: everything is measured, whatever it costs. followed: UINT64_MAX: none. */
kr_status kr_measure_variant(kr_measure *measure, const kr_model *model, const kr_view *view, const double *velocity, double now,
                             uint64_t followed, kr_snapshot_variant *out, kr_error *error);

/* Mean energies alone, of the same particles. */
kr_status kr_measure_energies(kr_measure *measure, const kr_view *view, double *potential, double *kinetic, kr_error *error);

/* A cycle of the schedule has ended: networks are kept (networks.h). */
kr_status kr_measure_cycle_end(kr_measure *measure, const kr_view *view, kr_error *error);

double kr_seconds_now(void);  /* of a clock that never jumps */
double kr_busy_seconds(void); /* processor time of this thread */

#endif
