/* Sessions as H5MD files. What replays one is below /parameters/kramers:
 *
 *     scene                     the first scene
 *     attributes                version, generator, seed
 *     session/                  attributes generation, step, digest (of the end), directory (of the scene)
 *     session/interventions/    generation[n], step[n], text[n]; absent when there were none
 *
 * Trajectory and landscape_grid are those of the present generation. */
#include "session_state.h"

#include "files/generator_record.h"
#include "files/h5md.h"
#include "files/landscape_map.h"

#include <kramers/file_path.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KR_INTERVENTIONS KR_SESSION_GROUP "/interventions"
enum { INTERVENTIONS_MOST = 1 << 24 };

/* ---- writing ---- */

/* Position first, whose steps the others share. Returns how many there are. */
static size_t make_elements(const kr_history *history, kr_element element[3]) {
    size_t count = 0, particles = history->particles, dim = history->dim;
    element[count] = kr_element_make("position", true, 2, particles, dim, "coordinates; NaN: the particle is no longer finite");
    element[count++].waiting = history->position;
    if (history->velocity) {
        element[count] =
            kr_element_make("velocity", true, 2, particles, dim, "momentum at mass 1; NaN while the dynamics had none");
        element[count++].waiting = history->speed;
    }
    element[count] = kr_element_make("learning_rate", false, 0, 0, 0, "of the step that comes next");
    element[count++].waiting = history->learning_rate;
    return count;
}

/* The state at the end, when it is not on the cadence. */
static void write_last(kr_h5 *h5, const kr_session *session, kr_element *element, size_t count) {
    const kr_history *history = &session->history;
    kr_view view = kr_ensemble_view(session->variant[0].ensemble);
    if (history->frames && (uint64_t)history->step[history->frames - 1] == view.step) return;
    size_t words = history->particles * history->dim;
    double *frame = malloc(2 * words * sizeof *frame);
    if (!frame) {
        kr_h5_no_memory(h5, "the last frame");
        return;
    }
    int64_t step = (int64_t)view.step;
    kr_history_frame(history, &view, frame, frame + words);
    element[0].waiting = frame;
    element[1].waiting = frame + words;
    element[count - 1].waiting = &view.learning_rate;
    kr_h5md_append(h5, element, count, history->frames, 1, &step, &view.time);
    free(frame);
}

static void write_trajectory(kr_h5 *h5, const kr_session *session) {
    const kr_history *history = &session->history;
    kr_element element[3];
    size_t count = make_elements(history, element);
    kr_h5md_begin(h5, history->dim);
    kr_h5md_elements(h5, element, count, history->capacity);
    kr_h5md_numbers(h5, history->particles);
    kr_h5md_append(h5, element, count, 0, history->frames, history->step, history->time);
    write_last(h5, session, element, count);
}

static void write_interventions(kr_h5 *h5, const kr_session *session) {
    hsize_t count = session->logged;
    uint64_t *generation = malloc((session->logged + 1) * sizeof *generation), *step = malloc((session->logged + 1) * sizeof *step);
    const char **text = malloc((session->logged + 1) * sizeof *text);
    if (!generation || !step || !text) {
        kr_h5_no_memory(h5, "the interventions");
    } else if (count) {
        for (size_t i = 0; i < session->logged; i++) {
            generation[i] = session->log[i].generation;
            step[i] = session->log[i].step;
            text[i] = session->log[i].text;
        }
        kr_h5_fixed(h5, h5->file, KR_INTERVENTIONS "/epoch", H5T_NATIVE_UINT64, 1, &count, generation);
        kr_h5_fixed(h5, h5->file, KR_INTERVENTIONS "/step", H5T_NATIVE_UINT64, 1, &count, step);
        kr_h5_fixed_texts(h5, h5->file, KR_INTERVENTIONS "/text", session->logged, text);
    }
    free(generation);
    free(step);
    free(text);
}

/* Of a scene that is not a shipped one, from the root. */
static void write_directory(kr_h5 *h5, hid_t group, const char *directory) {
    char here[PATH_MAX], full[2 * PATH_MAX];
    if (!strcmp(directory, kr_shipped_directory())) return;
    if (*directory == '/')
        snprintf(full, sizeof full, "%s", directory);
    else if (getcwd(here, sizeof here))
        snprintf(full, sizeof full, "%s/%s", here, directory);
    else
        return;
    kr_h5_text(h5, group, "directory", full);
}

static void write_session(kr_h5 *h5, const kr_session *session, const char *scene_text) {
    uint64_t step = kr_session_step(session), digest = kr_session_digest(session);
    kr_h5md_scene(h5, &session->first, scene_text, 0);
    hid_t group = kr_h5_group(h5, h5->file, KR_SESSION_GROUP);
    kr_h5_attribute(h5, group, "epoch", H5T_NATIVE_UINT64, 0, &session->generation);
    kr_h5_attribute(h5, group, "step", H5T_NATIVE_UINT64, 0, &step);
    kr_h5_attribute(h5, group, "digest", H5T_NATIVE_UINT64, 0, &digest);
    write_directory(h5, group, session->first.directory);
    kr_h5_close(group);
    write_interventions(h5, session);
}

/* log: only what replays the session. */
static kr_status write_all(kr_store *store, const kr_session *session, const char *scene_text, bool log, kr_error *error) {
    const kr_stage *stage = session->variant[0].stage;
    kr_h5 h5;
    if (!kr_store_begin(store, &h5, error)) return h5.status;
    if (log)
        kr_h5md_begin(&h5, session->history.dim);
    else
        write_trajectory(&h5, session);
    write_session(&h5, session, scene_text);
    if (!log) kr_landscape_map_write(&h5, &stage->scene, &stage->model.landscape, &stage->model.dynamics);
    return kr_store_end(store, &h5, true);
}

static kr_status save(const kr_session *session, const char *file, bool overwrite, bool log, kr_error *error) {
    kr_store *store = NULL;
    char *text = NULL;
    if (!overwrite && !access(file, F_OK))
        return kr_fail(error, KR_IO, "%s: the file exists and is not overwritten; give another name", file);
    kr_status status = kr_scene_write(&session->first, &text, error);
    if (status == KR_OK) status = kr_store_create(&store, file, overwrite, error);
    if (status == KR_OK) status = write_all(store, session, text, log, error);
    if (status == KR_OK && !log) status = kr_store_sync(store, error);
    if (status == KR_OK) status = kr_store_publish(store, error);
    if (status == KR_OK && !log) status = kr_store_sync(store, error); /* its name */
    kr_store_destroy(store);
    free(text);
    return status;
}

kr_status kr_session_save(const kr_session *session, const char *file, bool overwrite, kr_error *error) {
    return save(session, file, overwrite, false, error);
}

kr_status kr_session_save_log(const kr_session *session, const char *file, bool overwrite, kr_error *error) {
    return save(session, file, overwrite, true, error);
}

/* ---- reading ---- */

/* NULL: of a shipped scene. A session that was moved, with the files of its scene beside it, is complete. */
static char *read_directory(kr_h5 *h5) {
    if (!kr_h5_has_attribute(h5, KR_SESSION_GROUP, "directory")) return NULL;
    char *text = kr_h5_read_text_attribute(h5, KR_SESSION_GROUP, "directory", 2 * PATH_MAX);
    if (!text || !access(text, F_OK)) return text;
    free(text);
    return kr_path_directory(h5->path);
}

static void read_interventions(kr_h5 *h5, kr_session_record *record) {
    if (!kr_h5_exists(h5, KR_INTERVENTIONS)) return;
    size_t count;
    char **text = kr_h5_read_texts(h5, KR_INTERVENTIONS "/text", INTERVENTIONS_MOST, &count);
    hsize_t size = count;
    uint64_t *generation = malloc((count + 1) * sizeof *generation), *step = malloc((count + 1) * sizeof *step);
    record->intervention = calloc(count + 1, sizeof *record->intervention);
    if (!generation || !step || !record->intervention) {
        kr_h5_no_memory(h5, "the interventions");
    } else if (text && kr_h5_read(h5, KR_INTERVENTIONS "/epoch", KR_H5_UINT64, 1, &size, generation) &&
               kr_h5_read(h5, KR_INTERVENTIONS "/step", KR_H5_UINT64, 1, &size, step)) {
        record->count = count;
        for (size_t i = 0; i < count; i++) {
            record->intervention[i].generation = generation[i];
            record->intervention[i].step = step[i];
            record->intervention[i].text = text[i];
            text[i] = NULL;
        }
    }
    kr_h5_free_texts(text, count);
    free(generation);
    free(step);
}

static kr_status parse_scene(kr_session_record *record, const kr_registry *registry, const char *file, const char *directory,
                             const char *text, kr_error *error) {
    kr_status status = registry ? KR_OK : kr_registry_find(NULL, &registry, error);
    if (status == KR_OK) status = kr_scene_parse(&record->scene, registry, file, directory, text, NULL, 0, error);
    if (status != KR_OK) record->scene = (kr_scene){0}; /* parsing has cleaned up */
    return status;
}

static kr_status read_record(kr_store *store, kr_session_record *record, const kr_registry *registry, const char *file, bool *found,
                             kr_error *error) {
    char *text = NULL, *directory = NULL;
    kr_h5 h5;
    if (!kr_store_begin(store, &h5, error)) return h5.status;
    *found = kr_h5_exists(&h5, KR_SESSION_GROUP);
    if (*found) {
        kr_h5md_check_format(&h5, kr_store_format(store));
        text = kr_h5md_read_scene(&h5);
        kr_h5md_check_generator(&h5);
        kr_h5md_check_plugins(&h5, registry);
        kr_h5_read_attribute(&h5, KR_SESSION_GROUP, "epoch", KR_H5_UINT64, &record->generation);
        kr_h5_read_attribute(&h5, KR_SESSION_GROUP, "step", KR_H5_UINT64, &record->step);
        kr_h5_read_attribute(&h5, KR_SESSION_GROUP, "digest", KR_H5_UINT64, &record->digest);
        directory = read_directory(&h5);
        read_interventions(&h5, record);
    }
    kr_status status = h5.status;
    kr_store_end(store, &h5, false);
    if (status == KR_OK && *found) status = parse_scene(record, registry, file, directory, text, error);
    free(text);
    free(directory);
    return status;
}

kr_status kr_session_record_read(kr_session_record *record, const kr_registry *registry, const char *file, bool *found,
                                 kr_error *error) {
    kr_store *store;
    *record = (kr_session_record){.count = 0};
    *found = false;
    kr_status status = kr_store_open(&store, file, KR_STORE_READ_SHOWN, error);
    if (status != KR_OK) return status;
    status = read_record(store, record, registry, file, found, error);
    kr_store_destroy(store);
    if (status != KR_OK || !*found) kr_session_record_destroy(record);
    return status;
}

void kr_session_record_destroy(kr_session_record *record) {
    for (size_t i = 0; i < record->count; i++) free(record->intervention[i].text);
    free(record->intervention);
    kr_scene_destroy(&record->scene);
    *record = (kr_session_record){.count = 0};
}
