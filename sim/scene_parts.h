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

#endif
