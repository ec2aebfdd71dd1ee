/* What the verbs of the command line share. */
#ifndef KR_COMMAND_H
#define KR_COMMAND_H

#include "report/report.h"

#include <argp.h>

/* Verbs: argv[0] is "kramers VERB"; each returns the exit status. */
int kr_command_run(int argc, char **argv);
int kr_command_resume(int argc, char **argv);
int kr_command_sweep(int argc, char **argv);
int kr_command_theory(int argc, char **argv);
int kr_command_list(int argc, char **argv);
int kr_command_bench(int argc, char **argv);
int kr_command_view(int argc, char **argv);
int kr_command_check(int argc, char **argv);

/* ---- options.c: one parser for the options of every verb; a verb's table says which it takes ---- */

enum {
    KR_OPTION_QUIET = 'q',
    KR_OPTION_JSON = 'j',
    KR_OPTION_FORCE = 'f',
    KR_OPTION_OUTPUT = 'o',
    KR_OPTION_SET = 's',
    KR_OPTION_THREADS = 't',
    KR_OPTION_ISA = 'i',
    KR_OPTION_SECONDS = 'c',
    KR_OPTION_STEPS = 'n',
    KR_OPTION_SEED = 'r',
    KR_OPTION_DIRECTORY = 'd',
    KR_OPTION_VARY = 'v',
    KR_OPTION_CRITICAL_POINTS = 'p',
    KR_OPTION_PLUGIN = 'l',
    KR_OPTION_FRAMES = 256,
    KR_OPTION_SCREENSHOT,
    KR_OPTION_RECORD,
    KR_OPTION_DESCRIBE,
    KR_OPTION_SIZE,
    KR_OPTION_SCALE,
    KR_OPTION_LIGHT,
    KR_OPTION_PRESENT,
    KR_OPTION_VIEW,
    KR_OPTION_OPEN,
    KR_OPTION_LESSON_STEP,
    KR_OPTION_LANGUAGE,
    KR_OPTION_SPEED,
    KR_OPTION_PAUSED,
    KR_OPTION_PART,
    KR_OPTION_MERGE,
    KR_OPTION_COLUMNS,
    KR_OPTION_ALL,
    KR_OPTION_PHASE,
    KR_OPTION_DURABILITY,
    KR_OPTION_SAVE,
    KR_OPTION_VERBOSE,
    KR_OPTION_ACCEPT
};

#define KR_ROW_SET                                                                                                                 \
    { "set", KR_OPTION_SET, "KEY=VALUE", 0, "set a parameter of the scene, for instance landscape.barrier=2; VALUE is YAML", 0 }
#define KR_ROW_OUTPUT(text)                                                                                                        \
    { "output", KR_OPTION_OUTPUT, "FILE.h5", 0, text, 0 }
#define KR_ROW_JSON                                                                                                                \
    { "json", KR_OPTION_JSON, NULL, 0, "print JSON instead of a table", 0 }
#define KR_ROW_THREADS                                                                                                             \
    { "threads", KR_OPTION_THREADS, "N", 0, "number of threads (default: all processors); never changes a result", 0 }
#define KR_ROW_ISA                                                                                                                 \
    { "isa", KR_OPTION_ISA, "NAME", 0, "instruction set: baseline, v3, v4 or auto; never changes a result", 0 }
#define KR_ROW_QUIET                                                                                                               \
    { "quiet", KR_OPTION_QUIET, NULL, 0, "no progress bar and no estimate; warnings still go to stderr", 0 }
#define KR_ROW_VERBOSE                                                                                                             \
    {                                                                                                                              \
        "verbose", KR_OPTION_VERBOSE, NULL, 0,                                                                                     \
            "every number of every theory with all digits, p-values, and why theories do not apply", 0                             \
    }
#define KR_ROW_FORCE                                                                                                               \
    { "force", KR_OPTION_FORCE, NULL, 0, "overwrite an existing output file", 0 }

#define KR_ROW_DURABILITY                                                                                                          \
    {                                                                                                                              \
        "durability", KR_OPTION_DURABILITY, "none|flush|fsync", 0,                                                                 \
            "what survives a loss of power: what there is at the end, before the result is said (flush, the default); every "      \
            "flush "                                                                                                               \
            "of the file, which costs some milliseconds each (fsync); what the system has written by then (none)",                 \
            0                                                                                                                      \
    }

enum { KR_MOST_ARGUMENTS = 2, KR_ANY_ARGUMENTS = 1000000 /* files, in a list */ };

#define KR_ROW_PLUGIN                                                                                                              \
    { "plugin", KR_OPTION_PLUGIN, "FILE.so", 0, "use the plug-ins of this shared object too", 0 }

typedef struct kr_options {
    const char *argument[KR_MOST_ARGUMENTS]; /* SCENE, FILE or KIND NAME */
    size_t argument_count, argument_limit;
    const char **set; /* owned */
    size_t set_count;
    const char **vary; /* owned */
    size_t vary_count;
    const char **merge; /* files; owned */
    size_t merge_count;
    bool merges, accept;
    const char **files; /* owned */
    size_t file_count;
    const char *save;
    const char *columns, *phase;
    int64_t part, parts; /* parts 0: not given */
    const char **plugin; /* owned */
    size_t plugin_count;
    const kr_registry *registry; /* of kr_options_registry; NULL: not opened */
    const char *output, *isa, *directory;
    bool json, quiet, verbose, force, critical_points, all;
    kr_durability durability;
    int threads;    /* 0: not given */
    double seconds; /* 0: not given */
    int64_t steps;  /* 0: not given */
    bool branch;    /* --seed is given */
    uint64_t seed;
    /* Of the window; 0, NULL or false: not given. */
    int64_t frames, lesson_step; /* lesson_step: from 1; -1: none */
    const char *screenshot, *record, *describe, *language, *view, *open;
    int width, height;
    double scale, speed; /* speed: steps per second; INFINITY: as fast as it goes */
    bool light, present, paused;
} kr_options;

/* Reads options; bad ones end the program with status 2, as argp does. */
void kr_options_parse(kr_options *options, size_t argument_limit, const struct argp_option *rows, const char *arguments,
                      const char *doc, int argc, char **argv);
/* The table of isa with all plug-ins that the user named: --plugin, KRAMERS_PLUGINS, his settings. */
kr_status kr_registry_with_plugins(const kr_options *options, const char *isa, const kr_registry **registry, kr_error *error);
/* options->registry: that of --isa. What was made from it goes before the options. */
kr_status kr_options_registry(kr_options *options, kr_error *error);
void kr_options_free(kr_options *options);

/* ---- list_columns.c ---- */

/* name NULL: all. Returns the exit status. */
int kr_list_columns(const kr_registry *registry, const char *name, bool json);

/* ---- list_claims.c ---- */

/* The lines of notebooks/claims/claims.json, up to NULL; generated. */
extern const char *const kr_claims_json[];

/* name NULL: all; otherwise the claim of this number. Returns the exit status. */
int kr_list_claims(const char *name, bool json);

/* ---- list_scenes.c ---- */

/* Shipped scenes, each with the first sentence of its comment; in JSON with the whole text. */
void kr_list_scenes(void);
json_object *kr_scenes_json(void);
/* The text of one. Returns the exit status. */
int kr_list_scene(const char *name, bool json);

/* ---- sweep_table.c ---- */

/* On stdout. exact: the theory beside the measurement; NULL: the most exact that predicts it. */
void kr_report_sweep(kr_sweep *sweep, const char *exact);
void kr_report_fit(FILE *out, const kr_sweep_fit *fit);

/* ---- critical_points.c ---- */

/* Minima, saddles and paths of a scene's landscape, as a table or as JSON. */
kr_status kr_report_critical_points(const kr_scene *scene, bool json, kr_error *error);

/* ---- signals.c ---- */

/* From here on the first SIGINT, SIGTERM, SIGHUP, SIGUSR1 or SIGXCPU only asks for an end; a second one ends the program. */
void kr_catch_interrupts(void);
/* The same for a verb that computes: the library asks too, and shows how far it is before the first step. Until
 * kr_interrupts_keep there is nothing to keep, and what does not ask is ended. */
void kr_interrupts_begin(void (*progress)(void *context, const char *doing, double done));
void kr_interrupts_keep(void);
void kr_interrupts_conclude(void); /* what is computed now gets a moment after the signal */
void kr_interrupts_answered(void); /* nothing is waited for any more but the end of the process */
/* An error before the first step, as the exit status. */
int kr_complain_or_stop(const kr_error *error);
int kr_interrupted(void); /* number of that signal; 0: none. The exit status is 128 more. */
const char *kr_interrupted_by(void);

/* ---- lead.c: a run from its creation to its report ---- */

/* What shows "burn-in, 43 %", for kr_interrupts_begin; NULL: nothing is to be shown. */
void (*kr_phase_progress(const kr_options *options))(void *context, const char *doing, double done);
void kr_hide_phase(void);

int kr_lead(kr_run *run, const kr_scene *scene, const kr_options *options, const char *output);

#endif
