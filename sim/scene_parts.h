/* What the files scene*.c share. */
#ifndef KR_SCENE_PARTS_H
#define KR_SCENE_PARTS_H

#include <kramers/scene.h>

#include "scene_tree.h"

/* A target as it is written in a scene; NAN: no such side. */
typedef struct kr_target_values {
    int64_t coordinate;
    double above, below;
    int64_t minimum;
    double radius;
} kr_target_values;

/* The one key that a written scene leaves out: where a result lies is no part of it. */
#define KR_TRAJECTORY_FILE "file"

/* Fills an empty scene (registry, name and directory stand) from the tree. */
kr_status kr_scene_resolve(kr_scene *scene, const kr_tree *tree, kr_error *error);

/* Coordinates of its landscape, which need not be created for that. */
size_t kr_scene_dimension(const kr_scene *scene);

/* The steps of a lesson (scene_lesson.c). */
kr_status kr_lesson_copy(kr_lesson_step **to, const kr_lesson_step *from, size_t count, kr_error *error);
void kr_lesson_destroy(kr_lesson_step *lesson, size_t count);

/* The text of a scene, read once to be parsed many times. */
typedef struct kr_scene_source {
    char *name, *text, *directory; /* owned */
    size_t length;
} kr_scene_source;

/* name: as in kr_scene_load. */
kr_status kr_scene_source_read(kr_scene_source *source, const char *name, kr_error *error);
void kr_scene_source_destroy(kr_scene_source *source);
/* Messages call the overrides from number vary on --vary, those before it --set. */
kr_status kr_scene_source_parse(kr_scene *scene, const kr_registry *registry, const kr_scene_source *source,
                                const char *const *overrides, size_t count, size_t vary, kr_error *error);

#endif
