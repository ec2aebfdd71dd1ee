/* Sweeps: a scene run at every point of a grid of parameters, with one pool of threads over points and particles.
 *
 *     kr_sweep_create(&sweep, &setup, &error);
 *     while (!kr_sweep_finished(sweep)) kr_sweep_advance(sweep, 0.2, &error);   // stop between calls as you like
 *     kr_sweep_finish(sweep, &error);                                           // the file in its final order
 *
 * Rows are the same to the bit for any number of threads. With an output file each point is appended as soon as it is done; a
 * sweep that was interrupted or killed goes on from there when it is created again with the same setup.
 */
#ifndef KRAMERS_SWEEP_H
#define KRAMERS_SWEEP_H

#include <kramers/durability.h>
#include <kramers/scene.h>

KR_BEGIN_DECLARATIONS

typedef struct kr_sweep kr_sweep;

typedef struct kr_sweep_setup {
    const kr_registry *registry;
    const char *scene;            /* file or shipped name; NULL is double_well */
    const char *const *overrides; /* "KEY=VALUE" */
    size_t override_count;
    /* "KEY=SPEC": SPEC is a list a,b,c of values or names, lo:hi:n (n values, ends included) or lo:hi:n:log (equal ratios). The
     * last key changes fastest. Values of a range are rounded to 15 significant digits, and to integers for integer keys. */
    const char *const *vary;
    size_t vary_count;
    int threads;              /* 0: all */
    const char *output;       /* NULL: rows stay in memory; a name that ends with .h5 or .hdf5: HDF5; else CSV */
    bool overwrite;           /* start anew where the file exists */
    kr_durability durability; /* FSYNC: every row is on the disk before the next */
    /* Of a CSV table: "all", or names between commas, with * and ?; NULL: columns that have content. The point and what was varied
     * always come first; a table that is not complete has all that it needs to go on. */
    const char *columns;
    size_t part, parts; /* this process does the part-th of so many parts, from 1; parts 0: everything */
} kr_sweep_setup;

enum { KR_SWEEP_MAX_POINTS = 1000000 };

/* Seed of a point, when ensemble.seed is not varied itself, from the scene's seed and what the point has for each varied key
 * ("KEY=VALUE"), in any order: 53 bits, which every reader of tables keeps, of FNV-1a and the finaliser of splitmix64 (Steele, Lea
 * and Flood 2014). Numbers count by their value. So a point's result depends on the scene and its values alone, not on the grid
 * around it, and `kramers run` with this seed and the values repeats it. */
KR_API uint64_t kr_sweep_seed(uint64_t scene_seed, const char *const *assignment, size_t count);

/* Fails where no point can be run. Where some can't, they get rows that say why. */
KR_API kr_status kr_sweep_create(kr_sweep **sweep, const kr_sweep_setup *setup, kr_error *error);
/* One table of the files (CSV or HDF5) of the parts of a sweep: what they say of it is enough. output: as in a setup; the sweep has
 * nothing left to compute, and kr_sweep_finish writes it. Points that no file has stay away. */
KR_API kr_status kr_sweep_merge(kr_sweep **sweep, const kr_registry *registry, const char *const *file, size_t count,
                                const kr_sweep_setup *setup, kr_error *error);
KR_API void kr_sweep_destroy(kr_sweep *sweep);

/* What is whole in a table in CSV. Lines are numbered from 1, which is that of the columns. */
typedef struct kr_sweep_table_report {
    int format; /* 1: without checksums */
    char version[64], generator[128];
    size_t points, done;  /* of the sweep's part; rows that are whole and end a point */
    bool sweep_damaged;   /* what FILE.csv.yaml says of the sweep: nothing else is known then */
    bool columns_damaged; /* the first line: no row can be read then */
    size_t damaged_lines; /* that are not as they were written */
    size_t first_damaged_line;
    size_t missing_rows;      /* that were written and are not there */
    size_t unfinished_lines;  /* without a checksum, or torn: as a process leaves them that ends in between; they are made again */
    size_t damaged_checksums; /* lines of FILE.csv.yaml */
    bool whole;               /* no damage: unfinished lines are none */
    char writer[256];         /* who is writing it, as a sentence; empty: nobody */
} kr_sweep_table_report;

/* Whether FILE.yaml beside this file says that it is a table of a sweep. */
KR_API bool kr_sweep_is_table(const char *file);
/* Damage is no failure: report->whole says so. save: a new file with what is whole, which the same sweep goes on with; NULL: none.
 */
KR_API kr_status kr_sweep_table_check(kr_sweep_table_report *report, const kr_registry *registry, const char *file,
                                      const char *save, bool overwrite, kr_error *error);
/* New checksums of a table that was changed on purpose. */
KR_API kr_status kr_sweep_table_renew(const char *file, kr_error *error);

/* Computes until a point is finished, an error has occurred or so many seconds have passed. Points that diverge are no error: they
 * get a row with status "diverged"; nor are those that cannot be run: "impossible", or "failed" where a file or memory is missing,
 * which is tried again when the sweep goes on; column reason says why. */
KR_API kr_status kr_sweep_advance(kr_sweep *sweep, double seconds, kr_error *error);
KR_API bool kr_sweep_finished(const kr_sweep *sweep);
/* Stops the threads, keeps every finished point and brings the file into the order of the grid. Points that were under way are
 * computed anew when the sweep goes on. */
KR_API kr_status kr_sweep_finish(kr_sweep *sweep, kr_error *error);

typedef struct kr_sweep_progress {
    size_t points, done, resumed; /* points: of this part */
    /* resumed: of those done, how many stood in the file already */
    size_t diverged, impossible; /* impossible: those that failed, too */
    kr_status worst;             /* of the first of them */
    double fraction;             /* of the points, those under way counted in part */
} kr_sweep_progress;
KR_API kr_sweep_progress kr_sweep_progress_now(kr_sweep *sweep);

/* ---- the table ---- */

typedef enum kr_sweep_kind {
    KR_SWEEP_INTEGER,
    KR_SWEEP_COUNT, /* an integer, or no value */
    KR_SWEEP_NUMBER,
    KR_SWEEP_TEXT
} kr_sweep_kind;

typedef struct kr_sweep_column {
    const char *name; /* owned by the sweep */
    kr_sweep_kind kind;
    const char *unit; /* NULL: dimensionless, or that of the varied key */
    const char *doc;  /* one line for people */
} kr_sweep_column;

/* All columns behind the point and the varied keys, in their order: what the table of results has a place in sweeps for
 * (result_row.h). The caller ends with kr_sweep_columns_free. */
KR_API kr_status kr_sweep_columns_list(const kr_registry *registry, kr_sweep_column **columns, size_t *count, kr_error *error);
KR_API void kr_sweep_columns_free(kr_sweep_column *columns, size_t count);

KR_API size_t kr_sweep_points(const kr_sweep *sweep); /* of the whole grid */
KR_API size_t kr_sweep_columns(const kr_sweep *sweep);
KR_API kr_sweep_column kr_sweep_column_at(const kr_sweep *sweep, size_t column);
KR_API size_t kr_sweep_axes(const kr_sweep *sweep); /* the varied keys are columns 1 to kr_sweep_axes */
/* Index of a column, SIZE_MAX: there is none. */
KR_API size_t kr_sweep_column_find(const kr_sweep *sweep, const char *name);

enum { KR_SWEEP_CELL = 4096 };
/* Text of a cell into buffer, which is returned; empty where there is no value. NULL: this point is not done. */
KR_API const char *kr_sweep_cell(const kr_sweep *sweep, size_t point, size_t column, char buffer[KR_SWEEP_CELL]);
KR_API double kr_sweep_number(const kr_sweep *sweep, size_t point, size_t column); /* NAN: no value */
/* The row of a point as a line of CSV with all columns (without newline); NULL: not done. */
KR_API const char *kr_sweep_row(const kr_sweep *sweep, size_t point);
/* The table as a file has it, with the columns of the setup; malloc'd, the caller frees it. NULL: no memory. */
KR_API char *kr_sweep_table(const kr_sweep *sweep);
/* Values of a varied key, as texts in YAML. */
KR_API size_t kr_sweep_values(const kr_sweep *sweep, size_t axis);
KR_API const char *kr_sweep_value(const kr_sweep *sweep, size_t axis, size_t value);
/* The scene of the first point, with the scene's own seed; and as YAML, for records. */
KR_API const kr_scene *kr_sweep_first_scene(const kr_sweep *sweep);
KR_API const char *kr_sweep_scene_text(const kr_sweep *sweep);

/* ---- Arrhenius ---- */

/* ln rate against 1/T over the points, weighted by the counts: Var[ln rate] = c^2 / events with the passage time's coefficient of
 * variation c from the exact theory (1 where there is none). After a splitting the rate's own error from its repeats is the
 * weight. Where no target is given but transitions are counted, the rate is that of the slowest relaxation with its own error, and
 * the exact theory that of the spectral gap. T is the leading-order effective temperature of each point. Errors are
 * standard errors from these weights; p is that of chi-square.
 *
 * Neither a rate's prefactor nor a finite learning rate is constant over T, so the slope of exact rates is not the barrier either.
 * The fit of ln(measured / exact theory) takes that away: its slope must be 0, and barrier - slope is the barrier as the
 * measurement has it. */
typedef struct kr_sweep_fit {
    bool applies;
    char why[200];             /* why not */
    const char *key;           /* what was varied */
    const char *quantity;      /* "rate" of escape, or "relaxation_rate": a column */
    size_t points, left_out;   /* left out: fewer than 10 events, a relaxation rate not known to a third, or no temperature */
    double barrier;            /* of the landscape, from the start to the lowest way out; of a relaxation, the highest one that a
                                  minimum has to a deeper one; NAN: unknown */
    double slope, slope_error; /* -d ln rate / d(1/T) */
    double chi_square, p;      /* p NAN: no degrees of freedom */
    size_t freedom;
    const char *exact;                 /* the theory that corrects; NULL: none applies to every point */
    double deviation, deviation_error; /* -d ln(rate / exact) / d(1/T) */
    double exact_chi_square, exact_p;
    double corrected;                  /* barrier + deviation; its error is deviation_error */
    double log_ratio, log_ratio_error; /* weighted mean of ln(rate / exact) */
} kr_sweep_fit;

/* Means something with exactly one varied key of the kind of a temperature (dynamics.temperature, schedule.lr, the size, sigma or
 * strength of the gradient noise), beside which only seeds may vary, and three or more points. */
KR_API void kr_sweep_arrhenius(const kr_sweep *sweep, kr_sweep_fit *fit);

KR_END_DECLARATIONS

#endif
