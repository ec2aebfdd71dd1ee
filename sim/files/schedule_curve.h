/* The learning rate as a picture needs it, stored with the run: recorded frames are too far apart to show a schedule.
 *
 * /parameters/kramers/schedule_curve/
 *     step[n]             ascending, from 0 to the last step of the run
 *     learning_rate[n]    of these steps, exactly; a straight line between them
 * All of the first steps are there, and of each later stretch its first, last, lowest and highest rate and the largest jump.
 * Stretches double in length with the step, so that a run that ends early has its own part as fine as a whole one.
 */
#ifndef KRAMERS_SCHEDULE_CURVE_H
#define KRAMERS_SCHEDULE_CURVE_H

#include "hdf5/hdf5_layer.h"

#include <kramers/scene.h>

#define KR_SCHEDULE_CURVE "/parameters/kramers/schedule_curve"

/* Over the one that is there, if any. */
void kr_schedule_curve_write(kr_h5 *h5, const kr_scene *scene);

#endif
