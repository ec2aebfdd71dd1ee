/* The landscape as a picture needs it, stored with the run: programs that draw a file then need no formulas of their own.
 *
 * /parameters/kramers/landscape_grid/
 *     axis0[n], axis1[m]     coordinates 0 and 1; no axis1 for a one-dimensional landscape
 *     energy[n] or [m][n]    weight decay included, as everything here
 *     start[dim]
 *     minima[k][1 or 2], minima_energy[k], and minima_number[k] where the scene's numbers are known
 *     saddles[k][1 or 2], saddles_energy[k]    critical points of index 1; tops of a one-dimensional landscape
 *     target_center[targets][dim]              NAN unless the target is a ball
 *     attribute temperature  leading order, at the largest learning rate and the start; absent where there is none
 *     attribute slice        only with more than two dimensions: which plane this is
 * The grid covers start, targets and critical points with a wide margin, and at least six thermal widths about the start.
 */
#ifndef KRAMERS_LANDSCAPE_MAP_H
#define KRAMERS_LANDSCAPE_MAP_H

#include "hdf5/hdf5_layer.h"

#include <kramers/scene.h>

void kr_landscape_map_write(kr_h5 *h5, const kr_scene *scene, const kr_landscape *landscape, const kr_dynamics *dynamics);

/* Whether the energies in a file are this landscape's to the last bit; of what the file has none, or of a slice of many dimensions,
 * nothing is said: true. false: other energies. */
bool kr_landscape_map_agrees(kr_h5 *h5, const kr_landscape *landscape);

#endif
