#include "scene_record.h"

#include "hdf5/hdf5_read.h"
#include "hdf5/hdf5_write.h"
#include "scene/scene_parts.h"

#include <kramers/file_path.h>

#include <stdlib.h>
#include <string.h>

static const char place[] = "/parameters/kramers", attribute[] = "paths", beside[] = "beside", shipped[] = "shipped";
enum { LONGEST = 64 };

static kr_status no_memory(const char *file, kr_error *error) {
    return kr_fail(error, KR_NO_MEMORY, "%s: there is no memory for its scene", file);
}

/* ---- writing ---- */

/* Path, threads and instruction set are left out: they change nothing in a run. */
kr_status kr_scene_record_make(kr_scene *recorded, const kr_scene *scene, const char *file, kr_error *error) {
    kr_status status = kr_scene_copy(recorded, scene, error);
    if (status != KR_OK) return status;
    kr_trajectory_settings *settings = recorded->trajectory.values;
    free(settings->file);
    settings->file = NULL;
    if (kr_scene_uses_shipped_files(recorded)) return KR_OK;
    char *directory = kr_path_directory(file);
    status = directory ? kr_scene_move(recorded, directory, error) : no_memory(file, error);
    free(directory);
    if (status != KR_OK) kr_scene_destroy(recorded);
    return status;
}

void kr_scene_record_paths(kr_h5 *h5, hid_t group, const kr_scene *recorded) {
    if (kr_scene_uses_shipped_files(recorded))
        kr_h5_text(h5, group, attribute, shipped);
    else if (kr_scene_missing_file(recorded, NULL))
        kr_h5_text(h5, group, attribute, beside);
}

/* ---- reading ---- */

typedef enum origin { UNKNOWN, BESIDE, SHIPPED } origin;

static kr_status read_origin(const char *file, origin *where, kr_error *error) {
    kr_h5 h5;
    *where = UNKNOWN;
    if (!kr_h5_open_growing(&h5, file, error)) return h5.status;
    if (kr_h5_exists(&h5, place) && kr_h5_has_attribute(&h5, place, attribute)) {
        char *text = kr_h5_read_text_attribute(&h5, place, attribute, LONGEST);
        *where = text && !strcmp(text, shipped) ? SHIPPED : BESIDE;
        free(text);
    }
    return kr_h5_end(&h5);
}

static kr_status parse(kr_scene *scene, const kr_registry *registry, const char *file, const char *directory, const char *text,
                       const char *const *overrides, size_t count, kr_error *error) {
    kr_scene_source source = {.name = strdup(file), .text = strdup(text), .directory = strdup(directory), .length = strlen(text)};
    kr_status status = source.name && source.text && source.directory
                           ? kr_scene_source_parse(scene, registry, &source, overrides, count, count, error)
                           : no_memory(file, error);
    kr_scene_source_destroy(&source);
    return status;
}

/* Versions without the attribute kept the paths of the scene, not where it was. */
static const char *search(const kr_scene *scene, const char *own) {
    const char *const places[] = {own, ".", kr_shipped_directory()};
    for (size_t i = 0; i < 3; i++)
        if (!kr_scene_missing_file(scene, places[i])) return places[i];
    return own;
}

static kr_status not_there(const char *file, const char *given, const char *directory, const char *missing, kr_error *error) {
    if (given) return kr_fail(error, KR_IO, "%s/%s: No such file; %s needs it", given, missing, file);
    return kr_fail(error, KR_IO,
                   "%s: its scene needs '%s', which is not there, as seen from %s; put both where they were, or say where it is "
                   "now: 'kramers resume' takes --directory, 'kramers view' takes --set",
                   file, missing, strcmp(directory, ".") ? directory : "the working directory");
}

static kr_status locate(kr_scene *scene, const char *file, const char *given, const char *own, const char **directory,
                        kr_error *error) {
    origin where;
    kr_status status = read_origin(file, &where, error);
    if (status != KR_OK) return status;
    *directory = given ? given : where == SHIPPED ? kr_shipped_directory() : where == BESIDE ? own : search(scene, own);
    return KR_OK;
}

kr_status kr_scene_record_parse(kr_scene *scene, const kr_registry *registry, const char *file, const char *given, const char *text,
                                const char *const *overrides, size_t count, kr_error *error) {
    const char *directory = kr_shipped_directory(), *missing;
    kr_status status = parse(scene, registry, file, directory, text, overrides, count, error);
    if (status != KR_OK || !kr_scene_missing_file(scene, NULL)) return status; /* it names none */
    char *own = kr_path_directory(file);
    status = own ? locate(scene, file, given, own, &directory, error) : no_memory(file, error);
    kr_scene_destroy(scene);
    if (status == KR_OK) status = parse(scene, registry, file, directory, text, overrides, count, error);
    if (status == KR_OK) {
        if (given) status = kr_scene_gather(scene, error);
        if (status == KR_OK && (missing = kr_scene_missing_file(scene, directory)))
            status = not_there(file, given, directory, missing, error);
        if (status != KR_OK) kr_scene_destroy(scene);
    }
    free(own);
    return status;
}
