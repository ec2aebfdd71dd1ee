/* A session: a scene whose settings change while it runs, and up to four dynamics side by side with the same random numbers.
 *
 * Every change is an intervention, which acts between two steps and is a line of text in the log and in files. The same scene and
 * the same interventions at the same steps give the same bits, whatever the threads and the pattern of calls: that is how a
 * recorded session is replayed.
 *
 *     kr_session_create(&session, &scene, 1, &error);
 *     kr_session_advance(session, 1000, &error);
 *     kr_session_set(session, "schedule.lr", kr_number_value(0.02), &error);
 *     kr_session_advance(session, 1000, &error);
 *     kr_session_save(session, "session.h5", true, &error);
 *     kr_session_destroy(session);
 *
 * Interventions:
 *
 * set KEY=VALUE   As --set of the command line; several, one to a line, act together. Particles go on from where they are. A change
 *     of what they begin with (landscape dimension, number of particles, seed, start, escape.renewal, number of compared dynamics)
 *     sets everything up again, as reset does. Another kind of dynamics keeps the positions; its momenta and buffers begin with its
 *     first-step rule.
 * scene YAML      All settings at once, as text of a whole scene (undo, steps of a lesson); a lesson in it is left out. Where it
 * has phases, the settings are those of the present phase; phases that are not those of the session take their place, and
 * everything is set up again, with the first of them. Without phases in it those of the session stay. restart         A warm
 * restart now: the schedule, warmup included, goes on from its own step 0. reset           Everything from step 0, in a new
 * generation; settings stay. drop X [Y ...]  ensemble.start is this point from now on, then as reset.
 *
 * prune fraction=F by=magnitude ...  The keys of phases.prune (prune.h); each particle loses coordinates of its own.
 * rewind phase=NAME step=K  Each particle goes back to where it was at a step that was kept: those of the beginning of each phase
 * of this generation, of the end of phases begun by hand, and those that phases of the scene go back to. optimizer reset  Momenta
 * and buffers begin anew. phase NAME      That phase of the scene begins now, with all that it says; in a scene without phases, one
 * of this name with the settings as they are: schedules begin anew, and particles can go back to its beginning.
 *
 * Phases of the scene come by themselves, each when the one before has had its steps: that is no intervention, and what it does is
 * the same as prune, rewind, set, optimizer reset and restart by hand at this step. Settings are then those of the scene; of what
 * was set by hand only what is of the whole run stays (ensemble, observers). The last phase does not end.
 *
 * One that fails (a value out of range) changes nothing and is not logged.
 */
#ifndef KRAMERS_SESSION_H
#define KRAMERS_SESSION_H

#include <kramers/model.h>
#include <kramers/passage_times.h>
#include <kramers/run.h>

KR_BEGIN_DECLARATIONS

enum { KR_MAX_VARIANTS = 1 + KR_MAX_COMPARE };

typedef struct kr_session kr_session;

typedef struct kr_intervention {
    uint64_t generation; /* counts resets */
    uint64_t step;       /* done in this generation before it acts */
    char *text;          /* owned by the session */
} kr_intervention;

/* Copies the scene. threads: of each advance; 0: all. */
KR_API kr_status kr_session_create(kr_session **session, const kr_scene *scene, int threads, kr_error *error);
KR_API void kr_session_destroy(kr_session *session);

/* Every variant does this many steps. */
KR_API kr_status kr_session_advance(kr_session *session, uint64_t steps, kr_error *error);
/* A value, range-checked by its descriptor; nothing is written, read or resolved for it but the line of the log. The same bits and
 * the same log as "set KEY=VALUE". key: as of --set. */
KR_API kr_status kr_session_set(kr_session *session, const char *key, kr_parameter_value value, kr_error *error);
/* Several that act together. */
KR_API kr_status kr_session_set_all(kr_session *session, const kr_setting *setting, size_t count, kr_error *error);
KR_API kr_status kr_session_intervene(kr_session *session, const char *text, kr_error *error);

/* As they are now; borrowed, valid until the next intervention. The scene has the lesson of the first one while its steps can be
 * done from the present settings. */
KR_API const kr_scene *kr_session_scene(const kr_session *session);
/* The scene whose phases come in turn, with its settings: the first, or the last "scene" with other phases. */
KR_API const kr_scene *kr_session_phased_scene(const kr_session *session);
KR_API uint64_t kr_session_generation(const kr_session *session);
KR_API uint64_t kr_session_step(const kr_session *session);
/* Variant 0 is the scene's dynamics, the others are those of its section compare. */
KR_API size_t kr_session_variants(const kr_session *session);
KR_API const kr_model *kr_session_model(const kr_session *session, size_t variant);
KR_API kr_view kr_session_view(const kr_session *session, size_t variant);
/* Learning rate of step k as the schedule stands now, warm restarts by hand included. */
KR_API double kr_session_learning_rate(const kr_session *session, uint64_t k);
/* First passages since the last intervention that changed the physics; false when the scene has no target. */
KR_API bool kr_session_escape(const kr_session *session, size_t variant, kr_escape_estimate *estimate);
/* When they happened after the departures, since then; false when the scene has no target. */
KR_API bool kr_session_passage_times(const kr_session *session, size_t variant, kr_passage_times *times);
/* Grows by one at every intervention that changed the physics (not at a restart by hand). */
KR_API uint64_t kr_session_version(const kr_session *session);

/* The present phase. */
typedef struct kr_session_phase_now {
    const char *name;    /* borrowed, valid until the next intervention or advance */
    uint64_t begin, end; /* steps of this generation; end UINT64_MAX: it goes on */
    size_t number;       /* among the scene's; SIZE_MAX: it is none of those */
} kr_session_phase_now;
/* false: there is none. What is pruned: kr_ensemble_pruned of a view. */
KR_API bool kr_session_phase(const kr_session *session, kr_session_phase_now *now);
/* Those of the scene; count 0: it has none. Borrowed. */
KR_API const kr_phase *kr_session_phases(const kr_session *session, size_t *count);

/* The log since create, in order. */
KR_API size_t kr_session_interventions(const kr_session *session, const kr_intervention **list);
/* Hash of all particles' positions and auxiliaries, clocks and counters of all variants, bit by bit. */
KR_API uint64_t kr_session_digest(const kr_session *session);

/* An H5MD file: the first scene, the interventions, and as trajectory what a bounded history has kept of the present generation. */
KR_API kr_status kr_session_save(const kr_session *session, const char *file, bool overwrite, kr_error *error);
/* The same without trajectory and map: what replays it, and costs little enough to be written whenever something was done.
 * It outlives the process, not a loss of power. */
KR_API kr_status kr_session_save_log(const kr_session *session, const char *file, bool overwrite, kr_error *error);

/* What a file recorded. */
typedef struct kr_session_record {
    kr_scene scene; /* the first */
    size_t count;
    kr_intervention *intervention;
    uint64_t generation, step; /* at the end */
    uint64_t digest;           /* of the end */
} kr_session_record;

/* registry NULL: the best. *found false: the file is no session (a run's trajectory, for instance); nothing is allocated then.
 * KR_BAD_ARGUMENT when the session's random numbers are of another generator (generator.h): it would not be the same again. */
KR_API kr_status kr_session_record_read(kr_session_record *record, const kr_registry *registry, const char *file, bool *found,
                                        kr_error *error);
KR_API void kr_session_record_destroy(kr_session_record *record);

/* A session that repeats a record: create with record->scene, then advance with this instead of kr_session_advance. Does what is
 * due, at most so many steps, then what is due there; never goes beyond the next intervention, nor beyond the end of the record (a
 * call that begins there goes on freely). next: index of the first intervention not yet done, starts at 0. */
KR_API kr_status kr_session_replay(kr_session *session, const kr_session_record *record, size_t *next, uint64_t steps,
                                   kr_error *error);

KR_END_DECLARATIONS

#endif
