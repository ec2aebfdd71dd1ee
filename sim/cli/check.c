#include "command.h"

#include <kramers/file_check.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { DAMAGED = 5 };

static const struct argp_option rows[] = {
    {"save", KR_OPTION_SAVE, "OUT", 0,
     "write what is whole of FILE to this new file: frames before the damage, the newest checkpoint that fits; of a table its rows",
     0},
    {"accept", KR_OPTION_ACCEPT, NULL, 0, "the file is as it should be, another program has changed it: give it new checksums", 0},
    KR_ROW_JSON,
    KR_ROW_FORCE,
    KR_ROW_PLUGIN,
    {0}};

static const char doc[] =
    "Says of each file what it is and whether it is whole; of a damaged one, what that concerns and what can be saved.\v"
    "Trajectories, sessions and tables of sweeps have checksums of all their bytes, from file format 2 on; those of a table in CSV "
    "stand in FILE.csv.yaml beside it. Of older ones and of HDF5 files that others wrote it can be said whether they can be read. "
    "A file that is being written is looked at as its newest flush has left it.\n\n"
    "  kramers check out.h5\n"
    "  kramers check --json *.h5\n"
    "  kramers check out.h5 --save saved.h5 && kramers resume saved.h5\n\n"
    "Exit status: 0 all files are whole; 5 one is damaged; 3 one is none of kramers', or cannot be read.";

/* ---- for people ---- */

static void say_what(const char *file, const kr_file_report *r) {
    printf("%s: %s", file,
           r->kind == KR_FILE_OTHER && !r->checksums ? "HDF5 that kramers has not written"
           : r->kind == KR_FILE_OTHER                ? "a file of kramers"
                                                     : kr_file_kind_names[r->kind]);
    if (r->format) printf(", format %" PRIu64, r->format);
    if (*r->version) printf(", kramers %s", r->version);
    if (*r->generator) printf(", %s", r->generator);
    printf(", %" PRIu64 " bytes\n", r->bytes);
    if (*r->writer) printf("  it is being written; what follows is of its newest flush\n");
    if (!r->checksums) printf("  it has no checksums%s\n", r->format ? " (versions before format 2 wrote none)" : "");
}

static void say_damage(const kr_file_report *r) {
    if (r->missing_bytes) printf("  DAMAGED: %" PRIu64 " bytes are missing at its end\n", r->missing_bytes);
    if (r->damaged_blocks)
        printf("  DAMAGED: %" PRIu64 " of %" PRIu64 " blocks of 4096 bytes are not as they were written, the first at byte %" PRIu64
               "\n",
               r->damaged_blocks, r->blocks, r->first_damaged);
    if (r->unchecked_blocks)
        printf("  of these %" PRIu64 " may be whole: it is their checksums that are damaged\n", r->unchecked_blocks);
    if (r->half) printf("  one of the two records of where its checksums are is damaged; the other one does\n");
    for (size_t i = 0; i < r->damages && i < KR_FILE_DAMAGES; i++) {
        const kr_file_damage *d = &r->damage[i];
        if (d->rows > 1)
            printf("  %s: %" PRIu64 " of %" PRIu64 " rows, from row %" PRIu64 " on\n", d->object, d->count, d->rows, d->first);
        else
            printf("  %s: all of it\n", d->object);
    }
    if (r->damages > KR_FILE_DAMAGES) printf("  and %zu further objects\n", r->damages - KR_FILE_DAMAGES);
    if (r->lost) printf("  %zu objects of which nothing can be read, the first: %s\n", r->lost, r->lost_first);
    if (r->damaged_blocks && !r->damages && !r->lost) printf("  no data set is concerned\n");
}

static void say_frames(const kr_file_report *r) {
    if (r->kind == KR_FILE_TRAJECTORY || r->kind == KR_FILE_SESSION) {
        printf("  frames: %" PRIu64, r->frames);
        if (r->whole_frames < r->frames) printf(", the first %" PRIu64 " whole", r->whole_frames);
        if (r->last_step >= 0) printf(", up to step %" PRId64, r->last_step);
        printf("\n");
    }
    if (r->kind != KR_FILE_TRAJECTORY) return;
    if (r->resumable)
        printf("  %s, %s step %" PRIu64 "\n", r->complete ? "complete" : "not complete", r->complete ? "ended at" : "goes on from",
               r->resume_step);
    else if (!*r->writer)
        printf("  cannot be resumed: %s\n", r->not_resumable);
}

static void say(const char *file, const kr_file_report *r) {
    say_what(file, r);
    say_damage(r);
    say_frames(r);
    if (r->whole)
        printf("  whole\n");
    else if (r->kind == KR_FILE_OTHER)
        printf("  nothing can be saved\n");
    else
        printf("  what is whole can be saved: kramers check %s --save NEW.h5\n", file);
}

/* ---- JSON ---- */

static void add(json_object *object, const char *key, json_object *value) {
    json_object_object_add(object, key, value);
}

static json_object *natural(uint64_t value) {
    return json_object_new_uint64(value);
}

static json_object *text_or_null(const char *text) {
    return *text ? json_object_new_string(text) : NULL;
}

static json_object *damages(const kr_file_report *r) {
    json_object *list = json_object_new_array();
    for (size_t i = 0; i < r->damages && i < KR_FILE_DAMAGES; i++) {
        json_object *one = json_object_new_object();
        add(one, "object", json_object_new_string(r->damage[i].object));
        add(one, "rows", natural(r->damage[i].rows));
        add(one, "first", natural(r->damage[i].first));
        add(one, "count", natural(r->damage[i].count));
        json_object_array_add(list, one);
    }
    return list;
}

static json_object *as_json(const char *file, const kr_file_report *r) {
    json_object *o = json_object_new_object();
    add(o, "file", json_object_new_string(file));
    add(o, "kind", json_object_new_string(kr_file_kind_names[r->kind]));
    add(o, "format", r->format ? natural(r->format) : NULL);
    add(o, "version", text_or_null(r->version));
    add(o, "generator", text_or_null(r->generator));
    add(o, "bytes", natural(r->bytes));
    add(o, "checksums", json_object_new_boolean(r->checksums));
    add(o, "whole", json_object_new_boolean(r->whole));
    add(o, "being_written", json_object_new_boolean(*r->writer != 0));
    add(o, "spare_record_damaged", json_object_new_boolean(r->half));
    add(o, "blocks", natural(r->blocks));
    add(o, "damaged_blocks", natural(r->damaged_blocks));
    add(o, "first_damaged_byte", r->damaged_blocks ? natural(r->first_damaged) : NULL);
    add(o, "missing_bytes", natural(r->missing_bytes));
    add(o, "damage", damages(r));
    add(o, "lost_objects", natural(r->lost));
    add(o, "frames", natural(r->frames));
    add(o, "whole_frames", natural(r->whole_frames));
    add(o, "last_step", r->last_step >= 0 ? json_object_new_int64(r->last_step) : NULL);
    add(o, "complete", json_object_new_boolean(r->complete));
    add(o, "resumable", json_object_new_boolean(r->resumable));
    add(o, "resume_step", r->resumable ? natural(r->resume_step) : NULL);
    return o;
}

/* ---- files ---- */

static bool is_table(const char *file) {
    const char *end = strrchr(file, '.');
    return (end && !strcmp(end, ".csv")) || kr_sweep_is_table(file);
}

static void say_lines(size_t count, const char *one, const char *more) {
    if (count) printf("  %zu %s\n", count, count == 1 ? one : more);
}

static void say_table(const char *file, const kr_sweep_table_report *r) {
    printf("%s: sweep in CSV, format %d%s%s%s%s", file, r->format, *r->version ? ", kramers " : "", r->version,
           *r->generator ? ", " : "", r->generator);
    if (!r->sweep_damaged) printf(", %zu of %zu points", r->done, r->points);
    printf("\n");
    if (*r->writer) printf("  it is being written\n");
    if (r->format == 1) printf("  it has no checksums (versions before format 2 wrote none)\n");
    if (r->sweep_damaged) printf("  DAMAGED: %s.yaml, what it says of the sweep; no row can be told from another sweep's\n", file);
    if (r->columns_damaged) printf("  DAMAGED: line 1, the columns\n");
    if (r->damaged_lines && !r->columns_damaged)
        printf("  DAMAGED: %zu of its lines, the first: line %zu\n", r->damaged_lines, r->first_damaged_line);
    if (r->missing_rows)
        printf("  DAMAGED: %zu %s written and %s not there\n", r->missing_rows, r->missing_rows == 1 ? "row was" : "rows were",
               r->missing_rows == 1 ? "is" : "are");
    if (r->damaged_checksums) printf("  DAMAGED: %zu of the checksums in %s.yaml\n", r->damaged_checksums, file);
    say_lines(r->unfinished_lines, "line was not finished: its point is made again",
              "lines were not finished: their points are made again");
    if (r->whole)
        printf("  whole\n");
    else if (r->sweep_damaged || r->columns_damaged)
        printf("  nothing can be saved\n");
    else
        printf("  what is whole can be saved: kramers check %s --save NEW.csv\n", file);
}

static json_object *table_json(const char *file, const kr_sweep_table_report *r) {
    json_object *o = json_object_new_object();
    add(o, "file", json_object_new_string(file));
    add(o, "kind", json_object_new_string("sweep"));
    add(o, "format", json_object_new_int(r->format));
    add(o, "version", text_or_null(r->version));
    add(o, "generator", text_or_null(r->generator));
    add(o, "checksums", json_object_new_boolean(r->format > 1));
    add(o, "whole", json_object_new_boolean(r->whole));
    add(o, "being_written", json_object_new_boolean(*r->writer != 0));
    add(o, "points", natural(r->points));
    add(o, "points_done", natural(r->done));
    add(o, "sweep_damaged", json_object_new_boolean(r->sweep_damaged));
    add(o, "columns_damaged", json_object_new_boolean(r->columns_damaged));
    add(o, "damaged_lines", natural(r->damaged_lines));
    add(o, "first_damaged_line", r->damaged_lines ? natural(r->first_damaged_line) : NULL);
    add(o, "missing_rows", natural(r->missing_rows));
    add(o, "unfinished_lines", natural(r->unfinished_lines));
    add(o, "damaged_checksums", natural(r->damaged_checksums));
    return o;
}

/* A table in CSV, or a file of HDF5. */
typedef struct looked {
    bool table;
    kr_sweep_table_report rows;
    kr_file_report file;
} looked;

static kr_status look(looked *l, const char *file, const char *save, const kr_options *options, kr_error *error) {
    l->table = is_table(file);
    if (l->table) return kr_sweep_table_check(&l->rows, options->registry, file, save, options->force, error);
    return save ? kr_file_save(&l->file, file, save, options->force, error) : kr_file_check(&l->file, file, error);
}

static void tell(const looked *l, const char *file, json_object *list) {
    if (list)
        json_object_array_add(list, l->table ? table_json(file, &l->rows) : as_json(file, &l->file));
    else if (l->table)
        say_table(file, &l->rows);
    else
        say(file, &l->file);
}

static kr_status renew(const char *file, kr_error *error) {
    return is_table(file) ? kr_sweep_table_renew(file, error) : kr_file_renew(file, error);
}

/* Of the file, and of what was saved of it. */
static int check_file(const char *file, const kr_options *options, json_object *list) {
    kr_error error;
    looked l;
    kr_status status = options->accept ? renew(file, &error) : KR_OK;
    if (status == KR_OK) status = look(&l, file, options->save, options, &error);
    if (status != KR_OK) return kr_complain(&error);
    tell(&l, file, list);
    int damaged = (l.table ? l.rows.whole : l.file.whole) ? 0 : DAMAGED;
    if (!options->save) return damaged;
    status = look(&l, options->save, NULL, options, &error);
    if (status != KR_OK) return kr_complain(&error);
    tell(&l, options->save, list);
    return damaged;
}

int kr_command_check(int argc, char **argv) {
    kr_options options;
    kr_options_parse(&options, KR_ANY_ARGUMENTS, rows, "FILE...", doc, argc, argv);
    kr_error error = {.status = KR_OK};
    int worst = 0;
    if (!options.file_count || (options.save && options.file_count > 1)) {
        fprintf(stderr, options.file_count ? "kramers: --save is for one file\n" : "kramers: check needs the files to look at\n");
        kr_options_free(&options);
        return 2;
    }
    error.status = kr_options_registry(&options, &error);
    if (error.status) worst = kr_complain(&error);
    json_object *list = options.json ? json_object_new_array() : NULL;
    for (size_t i = 0; i < options.file_count && !error.status; i++) {
        int status = check_file(options.files[i], &options, list);
        if (!worst || status == DAMAGED) worst = status ? status : worst;
    }
    if (list && !error.status) puts(json_object_to_json_string_ext(list, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
    if (list) json_object_put(list);
    kr_options_free(&options);
    return worst;
}
