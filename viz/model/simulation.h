/* The simulation in its own thread. It runs at full speed or at a chosen number of steps per second, publishes snapshots through
 * three buffers whose indices are exchanged atomically, and reads commands between advances: neither side ever waits for the
 * other. Without a thread (synchronous: --frames) the same code is driven from the window's loop, step by step, reproducibly. */
#ifndef KR_SIMULATION_H
#define KR_SIMULATION_H

#include "snapshot.h"

typedef struct kr_simulation kr_simulation;

typedef struct kr_simulation_options {
    int threads;        /* of the engine; 0: one less than there are cores, at least one */
    bool synchronous;   /* no thread: kr_simulation_run_steps */
    const char *replay; /* a session file whose interventions are done as they were; NULL: none */
    bool paused;        /* at the start */
} kr_simulation_options;

kr_status kr_simulation_create(kr_simulation **simulation, const kr_scene *scene, const kr_simulation_options *options,
                               kr_error *error);
void kr_simulation_destroy(kr_simulation *simulation); /* stops and joins the thread */

/* The newest snapshot, valid until the next call. Never waits. */
const kr_snapshot *kr_simulation_snapshot(kr_simulation *simulation);

/* Commands; they take effect before the next advance. False when too many are waiting. */
bool kr_simulation_intervene(kr_simulation *simulation, const char *text); /* session.h; also "undo" */
bool kr_simulation_set(kr_simulation *simulation, const char *key, kr_parameter_value value);
bool kr_simulation_set_all(kr_simulation *simulation, const kr_setting *setting, size_t count); /* together */
bool kr_simulation_play(kr_simulation *simulation, bool play);
bool kr_simulation_single_step(kr_simulation *simulation, uint64_t steps);
bool kr_simulation_speed(kr_simulation *simulation, double steps_per_second); /* INFINITY: as fast as it can */
bool kr_simulation_follow(kr_simulation *simulation, uint64_t particle);      /* UINT64_MAX: none */
/* Pauses where the schedule begins anew, each time; or once, when the next particle escapes, or before the step of this number (0:
 * the next round number). Synchronous ones never pause. */
bool kr_simulation_pause_at(kr_simulation *simulation, kr_pause what, uint64_t step);
/* Why this can't come; NULL: it can. */
const char *kr_pause_refused(const kr_snapshot *snapshot, kr_pause what);
/* Pauses at these steps too, at most KR_QUOTED_STEPS, instead of those of the call before; plays on from such a pause. */
enum { KR_QUOTED_STEPS = 8 };
bool kr_simulation_pause_at_steps(kr_simulation *simulation, size_t count, const uint64_t *steps);
/* Writes the session file; the answer comes as a message in a snapshot. */
bool kr_simulation_save(kr_simulation *simulation, const char *file);

/* What is done by hand from now on, after the commands that wait, is kept in a file NAME-0001.unsaved.h5 of the working directory
 * or, where that can't be, of $XDG_STATE_HOME/kramers: within a second, until it is saved or discarded. */
bool kr_simulation_guard(kr_simulation *simulation, const char *name);

/* These stop the thread for good and do the commands that still wait. Writes the session file: */
kr_status kr_simulation_finish(kr_simulation *simulation, const char *file, bool overwrite, kr_error *error);
/* Writes what was guarded and not saved; file: its name, "" when there is nothing. */
kr_status kr_simulation_keep(kr_simulation *simulation, char *file, size_t size, kr_error *error);
/* Removes it. */
void kr_simulation_discard(kr_simulation *simulation);

/* Synchronous only: exactly this many steps, then a snapshot. */
kr_status kr_simulation_run_steps(kr_simulation *simulation, uint64_t steps, kr_error *error);

#endif
