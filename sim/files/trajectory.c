#include "base/elapsed.h"
#include "generator_record.h"
#include "h5md.h"
#include "landscape_map.h"
#include "scene_record.h"
#include "schedule_curve.h"

#include <stdlib.h>
#include <string.h>

static kr_status make(kr_trajectory **trajectory, const char *file, const kr_scene *scene, const kr_landscape *landscape,
                      const kr_dynamics *dynamics, const kr_drive *const *drive, size_t drives, kr_observer *const *observers,
                      size_t observer_count, size_t checkpoint_words, kr_error *error) {
    kr_trajectory *t = calloc(1, sizeof *t);
    *trajectory = t;
    if (!t) return kr_fail(error, KR_NO_MEMORY, "There is no memory for a trajectory.");
    t->scene = scene;
    t->landscape = landscape;
    t->dynamics = dynamics;
    t->drive = drive;
    t->drives = drives;
    t->observers = observers;
    t->observer_count = observer_count;
    t->checkpoint_words = checkpoint_words;
    t->last_step = -1;
    kr_status status = kr_trajectory_plan(t, error);
    if (status == KR_OK) status = kr_scene_record_make(&t->recorded, scene, file, error);
    return status == KR_OK ? kr_scene_write(&t->recorded, &t->scene_text, error) : status;
}

static kr_status end(kr_trajectory **trajectory, kr_status status) {
    if (status != KR_OK) {
        kr_trajectory_destroy(*trajectory);
        *trajectory = NULL;
    }
    return status;
}

kr_status kr_trajectory_create(kr_trajectory **trajectory, const char *file, bool overwrite, const kr_scene *scene,
                               const kr_landscape *landscape, const kr_dynamics *dynamics, const kr_drive *const *drive,
                               size_t drives, kr_observer *const *observers, size_t observer_count, size_t checkpoint_words,
                               kr_error *error) {
    kr_commit none;
    kr_status status =
        make(trajectory, file, scene, landscape, dynamics, drive, drives, observers, observer_count, checkpoint_words, error);
    kr_trajectory *t = *trajectory;
    if (status == KR_OK) status = kr_store_create(&t->store, file, overwrite, error);
    if (status == KR_OK) status = kr_trajectory_layout(t, error);
    if (status == KR_OK) status = kr_checkpoint_read(t->store, t->place, &none, NULL, error);
    if (status == KR_OK) status = kr_store_publish(t->store, error);
    return end(trajectory, status);
}

/* Cuts every series to its length in the commit; this changes something only where damage has made the newest checkpoint
 * unreadable. */
static void cut_series(kr_h5 *h5, const kr_trajectory *t, const kr_commit *commit) {
    char path[128];
    for (size_t i = 0; i < t->elements; i++) {
        kr_element_path(&t->element[i], "value", path, sizeof path);
        kr_h5_cut(h5, path, H5T_NATIVE_DOUBLE, t->element[i].rank, t->element[i].row, commit->frames);
    }
    kr_element_path(t->position, "step", path, sizeof path);
    kr_h5_cut(h5, path, H5T_NATIVE_INT64, 0, NULL, commit->frames);
    kr_element_path(t->position, "time", path, sizeof path);
    kr_h5_cut(h5, path, H5T_NATIVE_DOUBLE, 0, NULL, commit->frames);
    hid_t events = kr_event_type(true);
    kr_h5_cut(h5, kr_events_path, events, 0, NULL, commit->events);
    H5Tclose(events);
    kr_trajectory_kept_cut(h5, t);
}

char *kr_h5md_read_scene(kr_h5 *h5) {
    if (!kr_h5_exists(h5, KR_H5_SCENE_TEXT)) kr_h5_refuse(h5, KR_H5_SCENE_TEXT, "is not there: was the file written by kramers?");
    return kr_h5_read_text(h5, KR_H5_SCENE_TEXT, KR_H5_SCENE_MOST);
}

static int64_t read_flush(kr_h5 *h5, int64_t otherwise) {
    int64_t flush;
    if (!kr_h5_read_attribute(h5, "/parameters/kramers", "flush", KR_H5_INT64, &flush)) return otherwise;
    if (flush < 1) kr_h5_refuse(h5, "flush", "is below 1");
    return flush;
}

/* Of the result; -1: there is none. */
static int64_t read_steps(kr_h5 *h5) {
    int64_t steps = -1;
    static const char *const summary = "/parameters/escape/summary";
    if (kr_h5_exists(h5, summary) && kr_h5_has_attribute(h5, summary, "steps"))
        kr_h5_read_attribute(h5, summary, "steps", KR_H5_INT64, &steps);
    return steps;
}

uint64_t kr_trajectory_steps_done(const char *file) {
    kr_h5 h5;
    kr_error ignored;
    if (!kr_h5_open_growing(&h5, file, &ignored)) return 0;
    int64_t steps = read_steps(&h5);
    return kr_h5_end(&h5) == KR_OK && steps > 0 ? (uint64_t)steps : 0;
}

/* Whether the file was finished at this step. A process that was killed after that left nothing undone. */
static bool read_finished(kr_h5 *h5, uint64_t step) {
    int64_t steps = read_steps(h5);
    return steps >= 0 && (uint64_t)steps == step;
}

/* Frames that no checkpoint knows of were added by others, or the checkpoint was changed by them. */
static void check_frames(kr_h5 *h5, const kr_trajectory *t, const kr_commit *commit) {
    char path[128];
    kr_h5_about about;
    kr_element_path(t->position, "step", path, sizeof path);
    if (t->fell_back || !kr_h5_describe(h5, path, &about) || about.rank != 1 || about.size[0] <= commit->frames) return;
    kr_h5_refuse(h5, path,
                 "has more frames than the newest checkpoint (" KR_COMMITS
                 ") says, which would be lost; 'kramers check' says more");
}

/* Writes only what differs, so that a run that goes on unchanged leaves the bytes as they were. */
static kr_status restore(kr_trajectory *t, const kr_commit *commit, kr_error *error) {
    kr_h5 h5;
    if (!kr_store_begin(t->store, &h5, error)) return h5.status;
    char *text = kr_h5md_read_scene(&h5);
    t->flush = (uint64_t)read_flush(&h5, (int64_t)t->flush);
    t->finished = commit->number > 0 && read_finished(&h5, commit->step);
    check_frames(&h5, t, commit);
    cut_series(&h5, t, commit);
    if (text && kr_h5_good(&h5) && strcmp(text, t->scene_text) != 0) {
        kr_h5md_scene(&h5, &t->recorded, t->scene_text, t->flush);
        kr_schedule_curve_write(&h5, t->scene);
    }
    free(text);
    return kr_store_end(t->store, &h5, true);
}

kr_status kr_trajectory_reopen(kr_trajectory **trajectory, const char *file, const kr_scene *scene, const kr_landscape *landscape,
                               const kr_dynamics *dynamics, const kr_drive *const *drive, size_t drives,
                               kr_observer *const *observers, size_t observer_count, size_t checkpoint_words, kr_error *error) {
    kr_commit commit = {0};
    kr_status status =
        make(trajectory, file, scene, landscape, dynamics, drive, drives, observers, observer_count, checkpoint_words, error);
    kr_trajectory *t = *trajectory;
    if (status == KR_OK) status = kr_store_open(&t->store, file, KR_STORE_WRITE, error);
    if (status == KR_OK) status = kr_checkpoint_read(t->store, t->place, &commit, NULL, error);
    if (status == KR_OK && commit.number > 0 && commit.words != checkpoint_words)
        status =
            kr_fail(error, KR_IO, "%s: its checkpoint has %llu words, this run needs %zu: the file is of another scene or version.",
                    file, (unsigned long long)commit.words, checkpoint_words);
    if (status == KR_OK) status = kr_checkpoint_fell_back(t->store, &commit, &t->fell_back, error);
    if (status == KR_OK) status = restore(t, &commit, error);
    if (status == KR_OK) {
        t->frames_written = commit.frames;
        t->events_written = commit.events;
        t->commits = commit.number;
        t->last_step = commit.number > 0 ? (int64_t)commit.step : -1;
        kr_trajectory_kept_done(t);
    }
    return end(trajectory, status);
}

void kr_trajectory_destroy(kr_trajectory *t) {
    if (!t) return;
    for (size_t i = 0; i < t->elements; i++) free(t->element[i].waiting);
    free(t->element);
    free(t->frame_source);
    free(t->kept_written);
    free(t->step);
    free(t->time);
    kr_event_list_destroy(&t->events);
    free(t->scratch);
    free(t->speed);
    free(t->scene_text);
    if (t->recorded.registry) kr_scene_destroy(&t->recorded);
    kr_basins_destroy(t->basins);
    kr_store_destroy(t->store);
    free(t);
}

bool kr_trajectory_fell_back(const kr_trajectory *t) {
    return t->fell_back;
}

kr_status kr_trajectory_durable(kr_trajectory *t, kr_durability durability, kr_error *error) {
    return kr_store_durable(t->store, durability, error);
}

void kr_trajectory_follow(kr_trajectory *t, size_t i) {
    t->present = i;
}

/* Those that no earlier sample has seen; view->recent is in the order of steps. */
static kr_status keep_events(kr_trajectory *t, const kr_view *view, kr_error *error) {
    size_t seen = 0;
    while (t->last_step >= 0 && seen < view->recent_count && view->recent[seen].step <= (uint64_t)t->last_step) seen++;
    size_t more = view->recent_count - seen;
    if (!more || kr_event_list_add(&t->events, view->recent + seen, more)) return KR_OK;
    return kr_fail(error, KR_NO_MEMORY, "There is no memory for %zu more escapes between two flushes.", more);
}

static kr_status make_frame(kr_trajectory *t, const kr_view *view, kr_error *error) {
    if (t->frames_written + t->waiting) return kr_trajectory_frame(t, view, error);
    kr_elapsed began = kr_elapsed_now();
    kr_status status = kr_trajectory_frame(t, view, error);
    t->first_frame = kr_elapsed_since(began);
    return status;
}

kr_status kr_trajectory_sample(kr_trajectory *t, const kr_view *view, kr_error *error) {
    if (t->last_step >= 0 && view->step <= (uint64_t)t->last_step) return KR_OK; /* seen already */
    kr_status status = keep_events(t, view, error);
    if (status == KR_OK && t->every && view->step % t->every == 0) status = make_frame(t, view, error);
    if (!t->every && view->step > 0 && view->step % t->save_every == 0) t->save_due = true;
    t->finished = false;
    if (status == KR_OK) t->last_step = (int64_t)view->step;
    return status;
}

/* The first one also takes memory; a single one may be interrupted by others. */
void kr_trajectory_time_frame(kr_trajectory *t, const kr_view *view, double *seconds, double *processor_seconds) {
    static const double cheap = 0.05, enough = 0.01; /* seconds of one, and of all that are tried */
    kr_elapsed least = t->first_frame, began = kr_elapsed_now();
    for (int i = 0; i < 3 && t->every && least.seconds < cheap && kr_elapsed_since(began).seconds < enough; i++) {
        kr_elapsed now = kr_elapsed_now();
        if (kr_trajectory_frame(t, view, NULL) != KR_OK) break;
        kr_elapsed took = kr_elapsed_since(now);
        t->waiting--;
        least = least.seconds > 0 ? kr_elapsed_least(least, took) : took;
    }
    *seconds = least.seconds;
    *processor_seconds = least.processor;
}

bool kr_trajectory_due(const kr_trajectory *t) {
    return t->save_due || (t->every && t->waiting >= t->flush) || t->events.count >= t->events_flush;
}

static void append_all(kr_h5 *h5, const kr_trajectory *t) {
    kr_h5md_append(h5, t->element, t->elements, t->frames_written, t->waiting, t->step, t->time);
    hid_t events = kr_event_type(false);
    kr_h5_append(h5, kr_events_path, events, 0, NULL, t->events_written, t->events.count, t->events.event);
    H5Tclose(events);
    kr_trajectory_kept_append(h5, t);
}

static kr_status flush(kr_trajectory *t, const uint64_t *checkpoint, const kr_trajectory_result *result, kr_error *error) {
    kr_commit commit;
    kr_h5 h5;
    kr_status status = kr_checkpoint_write(t, checkpoint, &commit, error);
    if (status != KR_OK) return status;
    if (!kr_store_begin(t->store, &h5, error)) return h5.status;
    append_all(&h5, t);
    kr_checkpoint_commit(&h5, &commit);
    if (result) kr_trajectory_write_result(&h5, result);
    status = kr_store_end(t->store, &h5, true);
    if (status != KR_OK) return status;
    t->frames_written = commit.frames;
    t->events_written = commit.events;
    t->commits = commit.number;
    t->waiting = 0;
    kr_trajectory_kept_done(t);
    t->save_due = false;
    t->events.count = 0;
    t->finished = result != NULL;
    return KR_OK;
}

kr_status kr_trajectory_flush(kr_trajectory *t, const uint64_t *checkpoint, kr_error *error) {
    return flush(t, checkpoint, NULL, error);
}

kr_status kr_trajectory_finish(kr_trajectory *t, const uint64_t *checkpoint, const kr_view *view, const kr_result_part *parts,
                               size_t count, bool ended, kr_error *error) {
    if (t->finished) return KR_OK;
    if (!ended) kr_store_provisional(t->store);
    kr_status status = flush(t, checkpoint, &(kr_trajectory_result){view, parts, count}, error);
    if (status == KR_OK) status = kr_store_settle(t->store, error);
    return status == KR_OK ? kr_store_sync(t->store, error) : status;
}

kr_status kr_trajectory_read(const char *file, const kr_registry *registry, char **scene_text, uint64_t **checkpoint, size_t *words,
                             kr_error *error) {
    kr_store *store;
    kr_commit commit;
    uint64_t place[2];
    kr_h5 h5;
    *scene_text = NULL;
    *checkpoint = NULL;
    *words = 0;
    kr_status status = kr_store_open(&store, file, KR_STORE_READ, error);
    if (status != KR_OK) return status;
    if (kr_store_begin(store, &h5, error)) {
        if (kr_h5_exists(&h5, KR_SESSION_GROUP))
            h5.status = kr_fail(error, KR_BAD_ARGUMENT,
                                "%s: is a session recorded by the window, not a run: 'kramers view %s' replays it", file, file);
        else
            *scene_text = kr_h5md_read_scene(&h5);
        kr_h5md_check_format(&h5, kr_store_format(store));
        kr_h5md_check_generator(&h5);
        kr_h5md_check_plugins(&h5, registry);
        kr_store_end(store, &h5, false);
    }
    status = h5.status;
    if (status == KR_OK) status = kr_checkpoint_read(store, place, &commit, checkpoint, error);
    if (status == KR_OK)
        *words = (size_t)commit.words;
    else
        free(*scene_text);
    if (status != KR_OK) *scene_text = NULL;
    kr_store_destroy(store);
    return status;
}

kr_status kr_trajectory_check_scene(const char *file, const kr_scene *scene, kr_error *error) {
    kr_store *store;
    kr_h5 h5;
    kr_status status = kr_store_open(&store, file, KR_STORE_READ, error);
    if (status != KR_OK) return status;
    if (kr_store_begin(store, &h5, error)) {
        kr_h5md_check_scene(&h5, scene);
        kr_store_end(store, &h5, false);
    }
    kr_store_destroy(store);
    return h5.status;
}

kr_status kr_trajectory_check_landscape(const char *file, const kr_landscape *landscape, kr_error *error) {
    kr_store *store;
    kr_h5 h5;
    bool agrees = true;
    kr_status status = kr_store_open(&store, file, KR_STORE_READ, error);
    if (status != KR_OK) return status;
    if (kr_store_begin(store, &h5, error)) {
        agrees = kr_landscape_map_agrees(&h5, landscape);
        kr_store_end(store, &h5, false);
    }
    status = h5.status;
    kr_store_destroy(store);
    return status != KR_OK || agrees ? status : kr_fail(error, KR_BAD_ARGUMENT, "has another landscape");
}
