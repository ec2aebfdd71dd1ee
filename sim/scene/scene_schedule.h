/* The learning rate of a whole scene as one schedule: with phases, that of each after the other. For whatever looks at a run from
 * outside; particles are led by the schedule of their phase. */
#ifndef KR_SCENE_SCHEDULE_H
#define KR_SCENE_SCHEDULE_H

#include <kramers/scene.h>

/* The scene must outlive it; kr_schedule_destroy ends it. */
kr_status kr_scene_schedule_create(kr_schedule *schedule, const kr_scene *scene, kr_error *error);

#endif
