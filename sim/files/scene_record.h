/* A scene as a file keeps it, and where the files are that it names.
 *
 * Relative paths of a text in a trajectory begin where the trajectory is, so that both can be moved together; those of a shipped
 * scene at the shipped data, wherever these are. The attribute `paths` of /parameters/kramers says which: "beside" or "shipped".
 * Files without it name no others, or are of versions that kept the paths as they stood in the scene. */
#ifndef KR_SCENE_RECORD_H
#define KR_SCENE_RECORD_H

#include "hdf5/hdf5_layer.h"

#include <kramers/scene.h>

/* The scene for a file of this name: without the trajectory's own path. */
kr_status kr_scene_record_make(kr_scene *recorded, const kr_scene *scene, const char *file, kr_error *error);
void kr_scene_record_paths(kr_h5 *h5, hid_t group, const kr_scene *recorded);

/* The scene of a file from its text, with overrides as of the command line. given: the directory of its files, as somebody said;
 * NULL: as recorded. */
kr_status kr_scene_record_parse(kr_scene *scene, const kr_registry *registry, const char *file, const char *given, const char *text,
                                const char *const *overrides, size_t count, kr_error *error);

#endif
