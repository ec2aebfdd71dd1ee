/* A step of a block by tiles of coordinates, where the landscape is a sum over coordinates and nothing else couples them: gradient,
 * normals and noise of a tile stay in the first-level cache in any number of dimensions, and only positions and auxiliaries stream
 * through it. */
#ifndef KR_TILES_H
#define KR_TILES_H

#include "ensemble_state.h"

/* Coordinates of a tile of blocks of this size; all of them when the step cannot be divided, or need not. */
size_t kr_tile_width(const kr_ensemble_setup *setup, size_t block_size);

/* The worker's block by one step of the dynamics, and whether some particle that moves is at a target or no longer finite. */
bool kr_step(kr_ensemble *ensemble, kr_worker *worker, const kr_controls *controls);

#endif
