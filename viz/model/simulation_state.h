/* The inside of the simulation: simulation.c decides when to step, simulation_commands.c carries out commands of the window,
 * simulation_pause.c pauses it, simulation_publish.c writes snapshots, simulation_unsaved.c keeps what nobody has saved. */
#ifndef KR_SIMULATION_STATE_H
#define KR_SIMULATION_STATE_H

#include "exchange.h"
#include "measure.h"
#include "simulation.h"

#include <pthread.h>

enum { KR_MOST_UNDO = 200 };

struct kr_simulation {
    /* Shared by both threads. */
    kr_ring ring;
    kr_exchange exchange;
    kr_snapshot snapshot[3];
    atomic_bool stop;

    /* Of the simulation's thread alone. */
    kr_session *session;
    kr_measure *measure[KR_MAX_VARIANTS];
    bool synchronous, playing;
    uint64_t waiting_steps; /* single steps not yet done */
    double speed;           /* steps per second */
    double credit;          /* steps that are due and not done */
    double last_paced;      /* when credit was counted last */
    double step_seconds;    /* that one step takes, smoothed; NAN: unknown */
    uint64_t chunk;         /* steps of the next advance at most */
    uint64_t followed;
    kr_passage_times times[KR_MAX_VARIANTS]; /* as they were found last, at step and version */
    uint64_t times_version[KR_MAX_VARIANTS], times_generation[KR_MAX_VARIANTS];
    double times_next[KR_MAX_VARIANTS]; /* by the clock of kr_seconds_now */

    /* simulation_pause.c */
    kr_pause pause;
    uint64_t pause_step, pause_events, pause_next; /* asked for; escapes, and the next restart, before the present advance */
    uint64_t quoted[KR_QUOTED_STEPS];
    size_t quoted_count;
    bool paused_at_event;

    /* simulation_looks.c: those since the last snapshot */
    size_t looks;
    kr_look look[KR_LOOKS];
    uint64_t look_every, look_generation; /* steps between two; of the generation */
    double look_next;                     /* not before */

    kr_scene scene; /* of the session as it is; a copy, to see what changes */
    uint64_t version;
    kr_scene undo[KR_MOST_UNDO]; /* earlier ones, oldest first */
    size_t undo_count;
    char last_key[128]; /* that was set last, and when: a slider that is dragged is one change */
    double last_set;

    kr_session_record record; /* being replayed */
    bool replaying;
    size_t next_intervention;

    /* simulation_unsaved.c */
    char unsaved_name[128];  /* of files in which what is not saved is kept; "": none is */
    char unsaved_file[1024]; /* "": not yet */
    bool unsaved;            /* something was done by hand since it was saved */
    size_t unsaved_written;  /* interventions in the file */
    double unsaved_next;     /* not written before */

    bool dirty; /* something is new since the last snapshot */
    uint64_t number;
    double last_published, next_copy;
    char message[256];
    uint64_t message_number;
    double rate, rate_began, rate_steps; /* particle-steps per second */

    pthread_t thread;
    bool started;
};

void kr_simulation_say(kr_simulation *simulation, const char *format, ...) KR_PRINTF(2, 3);

/* Does every command that waits; whether there were any. */
bool kr_simulation_read_commands(kr_simulation *simulation);
/* After anything that may have changed the settings: text, version, and what was measured of the old model. */
kr_status kr_simulation_settings_changed(kr_simulation *simulation, kr_error *error);

/* Writes the present state into the back copy and publishes it. now: as of kr_measure_variant. */
void kr_simulation_publish(kr_simulation *simulation, double now);

/* Of these steps as many as there are until the present cycle of the schedule ends, where networks are looked at; all of them where
 * there are no networks. Afterwards: looks at them if a cycle has ended with the present step. */
uint64_t kr_simulation_to_cycle_end(const kr_simulation *simulation, uint64_t steps);
kr_status kr_simulation_look_at_cycle(kr_simulation *simulation, kr_error *error);

/* Between two snapshots, where it is worth its time (now: by the clock; INFINITY: always). */
bool kr_simulation_wants_looks(const kr_simulation *simulation);
void kr_simulation_look(kr_simulation *simulation, double now);
void kr_simulation_forget_looks(kr_simulation *simulation);
void kr_simulation_publish_looks(kr_simulation *simulation, kr_snapshot *out);

/* First step of the next cycle; UINT64_MAX: there is none. */
uint64_t kr_simulation_next_cycle(const kr_simulation *simulation, uint64_t step);

/* Of these steps as many as there are before a pause; what is to be known before they are done, and the pause, where they have led
 * to one. */
uint64_t kr_simulation_to_pause(const kr_simulation *simulation, uint64_t steps);
void kr_simulation_begin_pause(kr_simulation *simulation);
void kr_simulation_pause_where_due(kr_simulation *simulation, uint64_t before);
void kr_simulation_set_pause(kr_simulation *simulation, const kr_command *command);
void kr_simulation_resume(kr_simulation *simulation); /* where a pause of its own is */

void kr_simulation_end_replay(kr_simulation *simulation);

/* Files of this name keep what is done by hand from now on. */
void kr_simulation_begin_unsaved(kr_simulation *simulation, const char *name);
void kr_simulation_done_by_hand(kr_simulation *simulation);
/* When it is due; after a failure again after half a minute. */
kr_status kr_simulation_write_unsaved(kr_simulation *simulation, kr_error *error);
kr_status kr_simulation_finish_unsaved(kr_simulation *simulation, kr_error *error); /* with trajectory, where there is room */
void kr_simulation_forget_unsaved(kr_simulation *simulation);                       /* it is saved, or not wanted */

#endif
