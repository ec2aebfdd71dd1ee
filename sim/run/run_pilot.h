/* A moment of a run before it starts: how fast its particles move, and how often they arrive.
 *
 *     kr_pilot pilot = kr_pilot_run(run, stage, steps, interval);
 *     seconds = pilot.seconds * particles * steps;
 *     passages = kr_pilot_passages(&pilot, steps) * particles;
 */
#ifndef KR_RUN_PILOT_H
#define KR_RUN_PILOT_H

#include "run_state.h"

typedef struct kr_pilot {
    double seconds;          /* of one particle in one step; NAN: could not be tried */
    double watched, arrived; /* steps that were looked at, and passages of one particle in them */
    double rate;             /* passages of one particle in one step after them, when the start is forgotten */
} kr_pilot;

/* steps: of the run in this stage, of which a small part is tried. interval: after so many steps somebody waits for all particles.
 */
kr_pilot kr_pilot_run(const kr_run *run, kr_stage *stage, uint64_t steps, uint64_t interval);
/* Of one look at all particles; of a type with sample_part. */
double kr_pilot_look_seconds(const kr_run *run, const kr_observer_type *type);
/* Of one particle in so many steps, and the steps in which so many are expected (INFINITY: never). */
double kr_pilot_passages(const kr_pilot *pilot, double steps);
double kr_pilot_steps(const kr_pilot *pilot, double passages);

#endif
