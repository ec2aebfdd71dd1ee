/* A moment of a run before it starts: how fast its particles move, and how often they arrive.
 *
 *     kr_pilot pilot = kr_pilot_run(run, stage, begin, steps, interval);
 *     elapsed = kr_elapsed_times(pilot.step, particles * steps);
 *     passages = kr_pilot_passages(&pilot, steps) * particles;
 */
#ifndef KR_RUN_PILOT_H
#define KR_RUN_PILOT_H

#include "run_state.h"

enum { KR_PILOT_SPANS = 16 };

typedef struct kr_pilot_span {
    double steps, arrived; /* that were looked at, and passages of one particle in them */
    double rate;           /* passages of one particle in one step after them, when the start is forgotten */
} kr_pilot_span;

typedef struct kr_pilot {
    kr_elapsed step; /* of one particle; NAN: could not be tried */
    kr_pilot_span span[KR_PILOT_SPANS];
    size_t spans; /* one where nothing changes with the step, 0 without targets */
    double span_steps;
} kr_pilot;

/* The run in this stage, from step begin on, of which a small part is tried. interval: after so many steps somebody waits for all
 * particles. */
kr_pilot kr_pilot_run(const kr_run *run, kr_stage *stage, uint64_t begin, uint64_t steps, uint64_t interval);
/* Of one look at all particles. */
kr_elapsed kr_pilot_look(const kr_run *run, const kr_observer_type *type);
/* Of the loss at one point, by one thread. */
kr_elapsed kr_pilot_evaluation(const kr_model *model);
/* Of one particle in so many steps, and the steps in which so many are expected (INFINITY: never). */
double kr_pilot_passages(const kr_pilot *pilot, double steps);
double kr_pilot_steps(const kr_pilot *pilot, double passages);

#endif
