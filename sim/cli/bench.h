/* What `kramers bench` measures and what it says of it. */
#ifndef KR_BENCH_H
#define KR_BENCH_H

#include "command.h"

enum { KR_BENCH_RUNS = 16 };

/* One instruction set on so many threads. */
typedef struct kr_bench_run {
    const char *isa;
    int threads;
    double speed;           /* particle-steps per second */
    double processor_speed; /* per second that processors are busy, which others' programs disturb less */
    uint64_t particles, events, exposure_steps;
    size_t dim;
} kr_bench_run;

typedef struct kr_bench_scene {
    const char *name; /* as given */
    size_t count;
    kr_bench_run runs[KR_BENCH_RUNS]; /* the first is the one that the others are compared with */
} kr_bench_scene;

/* ---- bench_measure.c ---- */

/* Every instruction set on one thread, then the best of them on two and on all processors; --isa and --threads leave one. */
kr_status kr_bench_measure(const char *name, const kr_options *options, kr_bench_scene *out, kr_error *error);
extern const int kr_bench_repeats;
/* A scene as it is, on so many threads. It is changed: its run does not end and writes no file. */
kr_status kr_bench_measure_scene(kr_scene *scene, int threads, double seconds, kr_bench_run *out, kr_error *error);

/* ---- bench_machine.c ---- */

typedef struct kr_bench_machine {
    char processor[192]; /* the model's name, with family, model and stepping where the name says little */
    long processors;
    bool virtual_machine;
    double load;       /* mean number of busy processes of the last minute; NAN: not known */
    const char *build; /* how this program was compiled: "optimised", "not optimised" or "sanitizers" */
} kr_bench_machine;

kr_bench_machine kr_bench_this_machine(void);

json_object *kr_bench_machine_json(const kr_bench_machine *machine);

/* ---- bench_all.c ---- */

/* Every dynamics, noise and landscape, and the verdict, on stdout. */
kr_status kr_bench_all(kr_options *options, const kr_bench_machine *machine, kr_error *error);

/* ---- bench_reference.c: results that the source tree keeps, generated from bench/results by the build ---- */

/* One speed of one machine. Those of one processor follow each other; processor NULL ends the table. */
typedef struct kr_bench_reference {
    const char *processor, *scene, *isa;
    int threads;
    double speed;
} kr_bench_reference;

extern const kr_bench_reference kr_bench_references[];

/* The processor in the table that is nearest to this one: itself, else the one whose name begins the same way for longest (its
 * name has the maker and the family in front). NULL: the table is empty. */
const char *kr_bench_nearest(const kr_bench_reference *table, const char *processor);
/* NAN: there is none. */
double kr_bench_reference_speed(const kr_bench_reference *table, const char *processor, const char *scene, const kr_bench_run *run);

/* ---- bench_verdict.c ---- */

typedef struct kr_bench_verdict {
    const kr_bench_machine *machine;
    const kr_bench_scene *scenes;
    size_t count;
    const kr_bench_reference *table;
    const char *reference; /* processor that is compared with; NULL: nothing is */
    bool same_processor;
} kr_bench_verdict;

/* Of its own results, on the same processor: below this share it is slower than it should be. Beyond what two measurements of one
 * machine differ by. */
extern const double kr_bench_slow;

/* Sentence number i, of at most size bytes; false: there are no more. */
bool kr_bench_sentence(const kr_bench_verdict *verdict, size_t i, char *text, size_t size);

#endif
