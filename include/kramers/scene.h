/* Scenes: everything a run depends on, as plain values. Read from YAML with errors at file:line:column. */
#ifndef KRAMERS_SCENE_H
#define KRAMERS_SCENE_H

#include <kramers/drive.h>
#include <kramers/escape.h>
#include <kramers/prune.h>
#include <kramers/registry.h>
#include <kramers/shipped_files.h>

#include <stdio.h>

KR_BEGIN_DECLARATIONS

typedef struct kr_ensemble_settings {
    int64_t particles, steps;
    uint64_t seed;
    int64_t until_events;        /* 0: never */
    double until_relative_error; /* of the rate, 1 / sqrt(events); 0: never */
    double max_diverged;         /* fraction */
} kr_ensemble_settings;

typedef enum kr_start_kind {
    KR_START_MINIMUM,
    KR_START_POINT,
    KR_START_GIBBS,  /* Boltzmann-distributed in the basin of the minimum */
    KR_START_RANDOM, /* each particle draws its own, as networks are initialised */
    KR_START_FILE    /* particles take the rows of a data set in turn */
} kr_start_kind;

enum { KR_RANDOM_KAIMING_UNIFORM, KR_RANDOM_XAVIER, KR_RANDOM_NORMAL };

typedef struct kr_start {
    kr_start_kind kind;
    int64_t minimum;
    int64_t gibbs_minimum; /* as written in the scene; equal to minimum in KR_START_GIBBS */
    int64_t burn_in;       /* steps before step 0, not counted */
    kr_list
        point;  /* dim numbers; one number stands for all coordinates. Beside a random start: what is drawn around, else 0; owned */
    int random; /* KR_RANDOM_... */
    double scale;         /* factor of what is drawn */
    char *file, *dataset; /* owned */
} kr_start;

enum { KR_METHOD_COUNT, KR_METHOD_SPLITTING, KR_METHOD_AUTO }; /* auto: a run counts; a sweep splits where it saw nothing */

typedef struct kr_escape_settings {
    bool renewal;     /* arrivals start again; else each particle arrives once */
    bool bridge;      /* Brownian-bridge correction towards continuous time */
    double xie_s;     /* of the estimate xie: the part of the climb at the temperature of the minimum */
    int method;       /* count first passages, or adaptive multilevel splitting */
    int64_t replicas; /* of the splitting */
    int64_t repeats;  /* independent repeats of the splitting */
    char *coordinate; /* reaction coordinate of the splitting: "path" or the number of a coordinate; owned */
} kr_escape_settings;

enum { KR_PROFILE_NATIVE, KR_PROFILE_MDANALYSIS };

typedef struct kr_trajectory_settings {
    int64_t every;     /* 0: no frames between first and last: no trajectory */
    int64_t particles; /* the first so many; 0: all */
    int64_t flush;     /* frames between flushes; 0: chosen from the size of frame and checkpoint */
    int profile;
    bool force;
    char *file; /* NULL: written only for -o */
} kr_trajectory_settings;

/* Descriptors of the sections that are no plug-ins; one table drives parsing, help and output for them too. */
KR_API extern const kr_descriptor kr_ensemble_descriptor, kr_escape_descriptor, kr_trajectory_descriptor;
KR_API extern const kr_descriptor kr_start_descriptor, kr_target_descriptor;                      /* ensemble.start, escape.until */
KR_API extern const kr_descriptor kr_compare_descriptor, kr_lesson_descriptor;                    /* the lists for the window */
KR_API extern const kr_descriptor kr_translation_descriptor;                                      /* a step of a lesson otherwise */
KR_API extern const kr_descriptor kr_phase_descriptor, kr_prune_descriptor, kr_rewind_descriptor; /* phases */

enum { KR_MAX_TARGETS = 16, KR_MAX_KEEP = 8, KR_MAX_COMPARE = 3, KR_MAX_LESSON_STEPS = 32, KR_MAX_PHASES = 100 };

/* Languages that captions may have besides English: by the codes of ISO 639-1. */
typedef struct kr_language {
    const char *code, *name; /* "de", "German" */
} kr_language;
KR_API extern const kr_language kr_languages[]; /* ends with code NULL */
/* Their codes and names in a text: "de (German), ...". Returns text. */
KR_API const char *kr_languages_text(char *text, size_t size);

/* What a step of a lesson says. */
typedef struct kr_caption {
    char *caption, *watch; /* watch may be NULL */
} kr_caption;

typedef struct kr_translation {
    const char *language; /* of kr_languages */
    kr_caption text;      /* owned */
} kr_translation;

/* A step of a lesson, for the window: what to read, what to look at, and settings that change when it is reached. */
typedef struct kr_lesson_step {
    char *caption, *watch;       /* in English; owned; watch may be NULL */
    kr_translation *translation; /* [translation_count]; owned */
    size_t translation_count;
    char **settings; /* [setting_count] "KEY=VALUE" as for --set, on top of the step before; owned */
    size_t setting_count;
    double speed; /* of the window from here on, in steps per second; 0: that of the step before */
} kr_lesson_step;

/* In this language, or in English where the step does not have it; language NULL: English. Borrowed from the step. */
KR_API kr_caption kr_lesson_caption(const kr_lesson_step *step, const char *language);

typedef struct kr_phase kr_phase;

typedef enum kr_compared_section {
    KR_COMPARED_DYNAMICS,
    KR_COMPARED_NOISE,
    KR_COMPARED_SCHEDULE,
    KR_COMPARED_SECTIONS
} kr_compared_section;
KR_API extern const char *const kr_compared_sections[KR_COMPARED_SECTIONS + 1]; /* their names; ends with NULL */

/* What one of the compared has of its own; about NULL: that section is the scene's. */
typedef struct kr_compared {
    kr_settings own[KR_COMPARED_SECTIONS];
    kr_warmup warmup; /* of its schedule */
} kr_compared;

typedef struct kr_scene {
    const kr_registry *registry;
    char *name;      /* as given: file or shipped name; used in messages; owned */
    char *directory; /* of the file, or of the shipped data; relative file names start here; owned */
    char *places;    /* where its keys stand in the text, for kr_scene_fail_at; may be NULL; owned */
    kr_settings landscape, dynamics, noise, schedule, ensemble, escape, trajectory;
    kr_settings observers[KR_MAX_OBSERVERS]; /* as the registry's list; about NULL: the scene has no such section */
    kr_warmup warmup;
    kr_keep keep[KR_MAX_KEEP]; /* invariants that numbers follow the learning rate for */
    size_t keep_count;
    kr_start start;
    kr_target targets[KR_MAX_TARGETS]; /* center is NULL here: run fills it in */
    size_t target_count;
    /* Beside the scene's own, on the same landscape with the same random numbers; only the window runs them. */
    kr_compared compare[KR_MAX_COMPARE];
    size_t compare_count;
    kr_lesson_step *lesson; /* [lesson_count]; owned */
    size_t lesson_count;
    kr_phase *phases; /* [phase_count]: what happens in turn; 0: one thing, all the time; owned */
    size_t phase_count;
    int64_t schedule_steps; /* of a phase: how long schedules are that do not say it; 0: ensemble.steps */
} kr_scene;

/* Whether momenta and buffers go on at the beginning of a phase, or begin anew with the first-step rule. */
enum { KR_OPTIMIZER_KEEP, KR_OPTIMIZER_RESET };

/* A part of a run with settings of its own. At its beginning, in this order: coordinates are pruned, particles go back to where
 * they were at an earlier step, settings change, momenta and buffers begin anew. All of these but the settings only where it says
 * so. */
struct kr_phase {
    char *name; /* owned */
    int64_t steps;
    int optimizer;
    bool continues; /* its schedules go on with the steps of the phase before; else they begin at step 0 */
    bool prunes, rewinds;
    kr_prune prune;
    size_t rewind_phase; /* an earlier one, whose steps rewind_step counts: at 0 it has begun, with what it prunes and so on */
    int64_t rewind_step;
    uint64_t begin;  /* in steps of the run */
    uint64_t origin; /* where its schedules begin, likewise */
    kr_scene scene;  /* everything as it is in this phase, without phases and lesson; ensemble.steps is that of the run */
};

/* source: a YAML file or the name of a shipped scene; NULL is double_well. overrides: "KEY=VALUE" texts, VALUE in YAML;
 * setting a plug-in's name drops those parameters of the file that the new plug-in does not have. Relative paths begin where the
 * file is, those of overrides in the working directory. */
KR_API kr_status kr_scene_load(kr_scene *scene, const kr_registry *registry, const char *source, const char *const *overrides,
                               size_t override_count, kr_error *error);
/* From text in memory (a stored scene, a test); name is used in messages; directory: where its relative paths
 * begin, those of overrides too; NULL: kr_shipped_directory. */
KR_API kr_status kr_scene_parse(kr_scene *scene, const kr_registry *registry, const char *name, const char *directory,
                                const char *text, const char *const *overrides, size_t override_count, kr_error *error);
KR_API kr_status kr_scene_copy(kr_scene *to, const kr_scene *from, kr_error *error);
KR_API void kr_scene_destroy(kr_scene *scene);

/* A value for a key as --set knows it: "schedule.lr", "ensemble.start.minimum", "dynamics.name" (a text). */
typedef struct kr_setting {
    const char *key;
    kr_parameter_value value;
} kr_setting;

/* The row of the descriptor behind such a key; NULL: it is no single parameter of this scene. */
KR_API const kr_parameter *kr_scene_parameter(const kr_scene *scene, const char *key);
/* "KEY=VALUE", as --set takes it; malloc'd, NULL when memory is short. */
KR_API char *kr_scene_setting_text(const kr_scene *scene, const kr_setting *setting);

/* The same settings, whatever their names, files and lessons. */
KR_API bool kr_scene_equal(const kr_scene *a, const kr_scene *b);

/* Puts the place (file:line:column, or --set) of the key that the message in error begins with, or of its section, before the
 * message; without one the message stays. Returns error->status. */
KR_API kr_status kr_scene_fail_at(const kr_scene *scene, kr_error *error);

/* The sections of a phase that are not as around it, or that say more. */
enum {
    KR_PHASE_LANDSCAPE = 1,
    KR_PHASE_DYNAMICS = 2,
    KR_PHASE_NOISE = 4,
    KR_PHASE_SCHEDULE = 8,
    KR_PHASE_KEEP = 16,
    KR_PHASE_ESCAPE = 32
};
KR_API unsigned kr_phase_differs(const kr_scene *scene, const kr_phase *phase);
/* The scene at its beginning: that of the first phase, or itself. */
static inline const kr_scene *kr_scene_at_start(const kr_scene *scene) {
    return scene->phase_count ? &scene->phases[0].scene : scene;
}
/* How long schedules are that do not say it. */
static inline uint64_t kr_scene_schedule_steps(const kr_scene *scene) {
    return (uint64_t)(scene->schedule_steps ? scene->schedule_steps
                                            : ((const kr_ensemble_settings *)scene->ensemble.values)->steps);
}
/* The phase of this name, or of this number from 0; KR_BAD_ARGUMENT with the nearest name. */
KR_API kr_status kr_scene_find_phase(const kr_scene *scene, const char *name, size_t *phase, kr_error *error);

/* The resolved scene, every parameter, as YAML text that parses back to the same scene; malloc'd, the caller frees it. */
KR_API kr_status kr_scene_write(const kr_scene *scene, char **text, kr_error *error);

/* The same for a file: its relative paths are those from there. */
KR_API kr_status kr_scene_write_beside(const kr_scene *scene, const char *file, char **text, kr_error *error);
/* The value of a row in one line of YAML, as --set takes it, also where schedules stand in its place. */
KR_API void kr_scene_value_print(FILE *out, const kr_settings *settings, const kr_parameter *row);

/* The scene as the variant of this number runs it: 0 is the scene's own, 1 and on are those of compare, without compare and lesson.
 * Borrowed from the scene, which must outlive it. */
KR_API kr_scene kr_scene_variant(const kr_scene *scene, size_t number);
/* What keys of this section of an entry of compare begin with, as --set has them: "compare.0" for its dynamics. */
KR_API void kr_compared_key(char *key, size_t size, size_t number, kr_compared_section section);

/* "{minimum: 0}", as it stands behind ensemble.start. */
KR_API void kr_scene_start_print(FILE *out, const kr_start *start);

/* An entry of compare in one line of YAML, as --set takes it. */
KR_API void kr_scene_compared_print(FILE *out, const kr_compared *compared);

/* The same files as named from another directory; NULL: from the root, so that they are found from everywhere. */
KR_API kr_status kr_scene_move(kr_scene *scene, const char *directory, kr_error *error);

static inline const kr_ensemble_settings *kr_scene_ensemble(const kr_scene *scene) {
    return (const kr_ensemble_settings *)scene->ensemble.values;
}
static inline const kr_escape_settings *kr_scene_escape(const kr_scene *scene) {
    return (const kr_escape_settings *)scene->escape.values;
}
static inline const kr_trajectory_settings *kr_scene_trajectory(const kr_scene *scene) {
    return (const kr_trajectory_settings *)scene->trajectory.values;
}

/* The model of this number of the section noise, which may be a list of them; NULL: there are no more. And the row of the section
 * behind a parameter of the model. */
KR_API const kr_descriptor *kr_scene_noise_part(const kr_settings *noise, size_t part);
KR_API const kr_parameter *kr_scene_noise_row(const kr_settings *noise, size_t part, const kr_parameter *row);

/* The section of the observer of this name; NULL: the scene has none, or there is no such observer. */
KR_API const kr_settings *kr_scene_observer(const kr_scene *scene, const char *name);
/* Whether a run of the scene has the observer at this place of the registry's list. */
KR_API bool kr_scene_observes(const kr_scene *scene, size_t observer);
/* Whether one of those needs the energy ledger. */
KR_API bool kr_scene_keeps_ledger(const kr_scene *scene);

/* Shipped scenes: name and YAML text, embedded by the build; ends with name NULL. */
typedef struct kr_shipped_scene {
    const char *name, *text;
} kr_shipped_scene;
KR_API extern const kr_shipped_scene kr_shipped_scenes[];

KR_END_DECLARATIONS

#endif
