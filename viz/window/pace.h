/* How fast the window shows a run. */
#ifndef KR_PACE_H
#define KR_PACE_H

#include <kramers/scene.h>

/* So much in so many seconds, at least one a second, rounded to 1, 2 or 5 times a power of ten. */
double kr_round_pace(double much, double seconds);
/* Steps per second at 1x: the whole run in a minute; of a single particle that keeps each of its steps, two, so that each is seen.
 */
double kr_pace(const kr_scene *scene);

#endif
