#include "disk/file_lock.h"
#include "file_examine.h"
#include "h5md.h"

#include <kramers/file_check.h>
#include <kramers/memory_miss.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TRIES = 5, TEXT = 1000 };

const char *const kr_file_kind_names[] = {"other", "trajectory", "session", "sweep", NULL};

/* ---- what the file is ---- */

/* Without a failure where it is not there, or damaged. */
static void copy_text(kr_h5 *h5, const char *place, const char *name, char *text, size_t size) {
    kr_h5 own = *h5;
    kr_error ignored;
    own.error = &ignored;
    char *read = kr_h5_exists(&own, place) && kr_h5_has_attribute(&own, place, name)
                     ? kr_h5_read_text_attribute(&own, place, name, TEXT)
                     : NULL;
    snprintf(text, size, "%s", read ? read : "");
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f) *c = '?'; /* what a terminal would obey */
    free(read);
}

/* Damage that is in the way of one of them leaves the others. */
static bool is_there(const kr_h5 *h5, const char *path) {
    kr_h5 own = *h5;
    kr_error ignored;
    own.error = &ignored;
    return kr_h5_exists(&own, path);
}

static void identify(kr_h5 *h5, kr_file_report *report) {
    bool table = is_there(h5, "/columns") && is_there(h5, "/header");
    const char *place = table ? "/" : "/parameters/kramers";
    report->kind = table                                   ? KR_FILE_SWEEP
                   : is_there(h5, KR_SESSION_GROUP)        ? KR_FILE_SESSION
                   : is_there(h5, KR_H5_SCENE_TEXT)        ? KR_FILE_TRAJECTORY
                   : !report->checksums                    ? KR_FILE_OTHER
                   : is_there(h5, "/particles/trajectory") ? KR_FILE_TRAJECTORY /* what said more is lost */
                                                           : KR_FILE_OTHER;
    copy_text(h5, place, "version", report->version, sizeof report->version);
    copy_text(h5, place, "generator", report->generator, sizeof report->generator);
    if (report->kind == KR_FILE_OTHER && !report->checksums) report->format = 0;
}

/* ---- frames ---- */

static bool is_frames(const char *path) {
    const char *end = strrchr(path, '/');
    bool grid = !strncmp(path, "/particles/trajectory/", 22) || !strncmp(path, "/observables/", 13);
    return grid && (!strcmp(end, "/value") || !strcmp(end, "/step") || !strcmp(end, "/time"));
}

static void count_frames(kr_h5 *h5, const kr_examined *examined, kr_file_report *report) {
    uint64_t whole = UINT64_MAX, most = 0;
    for (size_t i = 0; i < examined->count; i++) {
        const kr_examined_set *set = &examined->set[i];
        if (!set->series || !is_frames(set->path)) continue;
        if (set->whole < whole) whole = set->whole;
        if (set->rows > most) most = set->rows;
    }
    report->frames = most;
    report->whole_frames = whole == UINT64_MAX ? 0 : whole;
    report->last_step = -1;
    kr_h5 own = *h5;
    kr_error ignored;
    own.error = &ignored;
    if (report->whole_frames && !kr_h5_read_row(&own, "/particles/trajectory/position/step", KR_H5_INT64, 1, NULL,
                                                report->whole_frames - 1, &report->last_step))
        report->last_step = -1;
}

static void list_damages(const kr_examined *examined, kr_file_report *report) {
    for (size_t i = 0; i < examined->count; i++) {
        const kr_examined_set *set = &examined->set[i];
        if (!set->damaged) continue;
        if (report->damages < KR_FILE_DAMAGES) {
            kr_file_damage *damage = &report->damage[report->damages];
            *damage = (kr_file_damage){.rows = set->rows, .first = set->whole, .count = set->damaged};
            snprintf(damage->object, sizeof damage->object, "%s", set->path);
        }
        report->damages++;
    }
    report->lost = examined->lost;
    snprintf(report->lost_first, sizeof report->lost_first, "%s", examined->lost_first);
}

/* ---- going on ---- */

static void note_damage(kr_file_report *report, const char *object) {
    report->whole = false;
    if (report->damages < KR_FILE_DAMAGES) {
        kr_file_damage *damage = &report->damage[report->damages];
        *damage = (kr_file_damage){.rows = 1, .count = 1};
        snprintf(damage->object, sizeof damage->object, "%s", object);
    }
    report->damages++;
}

/* What `kramers resume` would find. */
static kr_status try_resuming(const char *file, kr_file_report *report, kr_error *error) {
    kr_store *store;
    kr_commit commit;
    uint64_t place[2];
    kr_error why = {.message = ""};
    if (report->kind != KR_FILE_TRAJECTORY) {
        snprintf(report->not_resumable, sizeof report->not_resumable, "it is no trajectory");
        return KR_OK;
    }
    kr_status status = kr_store_open(&store, file, KR_STORE_READ, &why);
    bool fell_back = false;
    if (status == KR_OK) {
        status = kr_checkpoint_read(store, place, &commit, NULL, &why);
        if (status == KR_OK) status = kr_checkpoint_fell_back(store, &commit, &fell_back, &why);
        kr_store_destroy(store);
    }
    if (status == KR_NO_MEMORY) return kr_fail(error, status, "%s", why.message); /* which says nothing of the file */
    if (fell_back) note_damage(report, "/parameters/kramers/checkpoint (the newer of two)");
    if (status == KR_OK && report->damaged_blocks) {
        status = KR_IO;
        snprintf(why.message, sizeof why.message, "it is damaged");
    }
    report->resumable = status == KR_OK;
    if (status == KR_OK)
        report->resume_step = commit.step;
    else
        snprintf(report->not_resumable, sizeof report->not_resumable, "%.500s", why.message);
    if (status != KR_OK) report->whole = false;
    uint64_t steps = kr_trajectory_steps_done(file);
    report->complete = status == KR_OK && commit.number > 0 && steps > 0 && steps == commit.step;
    return KR_OK;
}

static kr_status examine(kr_file_report *report, kr_store *store, kr_error *error) {
    kr_examined examined = {.count = 0};
    kr_h5 h5;
    if (!kr_store_begin(store, &h5, error)) {
        if (!report->damaged_blocks) return h5.status;
        report->lost = 1; /* all of it */
        snprintf(report->lost_first, sizeof report->lost_first, "/");
        return KR_OK;
    }
    identify(&h5, report);
    bool memory = kr_examine(&h5, store, &examined);
    if (!memory) kr_h5_no_memory(&h5, "a list of its objects");
    count_frames(&h5, &examined, report);
    list_damages(&examined, report);
    kr_examined_destroy(&examined);
    kr_status status = memory ? KR_OK : h5.status;
    kr_store_end(store, &h5, false);
    return status;
}

static kr_status check(kr_file_report *report, const char *file, uint64_t *sequence, kr_error *error) {
    kr_store *store;
    kr_store_health health;
    unsigned long misses = kr_memory_misses();
    *report = (kr_file_report){.last_step = -1};
    kr_status status = kr_store_open(&store, file, KR_STORE_EXAMINE, error);
    if (status != KR_OK) return status;
    status = kr_store_inspect(store, &health, error);
    *sequence = health.sequence;
    report->format = health.format;
    report->checksums = health.format > 1;
    report->bytes = health.bytes;
    report->blocks = health.blocks;
    report->damaged_blocks = health.damaged;
    report->unchecked_blocks = health.unchecked;
    report->first_damaged = health.first;
    report->missing_bytes = health.missing;
    report->half = health.half;
    if (status == KR_OK) status = examine(report, store, error);
    kr_store_destroy(store);
    if (status != KR_OK) return status;
    report->whole = !health.damaged && !health.missing && !report->damages && !report->lost;
    status = try_resuming(file, report, error);
    if (status == KR_OK && kr_memory_misses() != misses)
        status = kr_fail(error, KR_NO_MEMORY, "%s: there is not enough memory to check it", file);
    return status;
}

/* A file that is being written may change while it is looked at. */
kr_status kr_file_check(kr_file_report *report, const char *file, kr_error *error) {
    kr_status status = KR_OK;
    uint64_t sequence = 0;
    char writer[sizeof report->writer] = "";
    for (int i = 0; i < TRIES; i++) {
        kr_error who = {.message = ""};
        if (kr_lock_check(file, &who) != KR_OK) snprintf(writer, sizeof writer, "%.250s", who.message);
        status = check(report, file, &sequence, error);
        if (!*writer || (status == KR_OK && report->whole)) break;
        nanosleep(&(struct timespec){.tv_nsec = 20000000L << i}, NULL);
    }
    snprintf(report->writer, sizeof report->writer, "%s", writer);
    if (*writer) report->resumable = false;
    return status;
}
