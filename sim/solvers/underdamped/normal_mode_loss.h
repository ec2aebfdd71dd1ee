/* Energy that the unstable normal mode of a barrier loses in one excursion into a well (Pollak, Grabert, Haenggi 1989). */
#ifndef KR_NORMAL_MODE_LOSS_H
#define KR_NORMAL_MODE_LOSS_H

#include "underdamped_wells.h"

/* Into the well on this side (-1 left, +1 right) of the barrier. accuracy: relative numerical error. NAN: there is no closed orbit.
 */
double kr_normal_mode_loss(const kr_underdamped_wells *wells, size_t barrier, double side, double *accuracy);

#endif
