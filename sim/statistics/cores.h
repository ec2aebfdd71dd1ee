/* Core sets: the part of each basin from which a particle does not leave at once.
 *
 * core: energy  the (total, where there are momenta) energy is below the basin's lowest barrier by margin x temperature, or by
 *               half the barrier where it is lower than that. A particle there cannot leave without gaining energy first.
 * core: radius  within a distance of the minimum.
 *
 * Of a separable landscape only the coordinates with more than one minimum count, each by itself: the others have no barrier, and
 * their thermal energy says nothing about being settled. */
#ifndef KRAMERS_CORES_H
#define KRAMERS_CORES_H

#include <kramers/basin.h>
#include <kramers/transitions.h>

typedef struct kr_cores kr_cores;

kr_status kr_cores_create(kr_cores **cores, const kr_landscape *landscape, const kr_transitions_settings *settings,
                          double temperature, kr_error *error);
void kr_cores_destroy(kr_cores *cores);
size_t kr_cores_count(const kr_cores *cores);

/* well[p], core[p] of n points, -1: none. velocity: as x, or NULL. work: kr_cores_work(cores) doubles for each point. Thread-safe.
 */
kr_status kr_cores_assign(const kr_cores *cores, size_t n, size_t stride, const double *x, const double *velocity, int32_t *well,
                          int32_t *core, double *work, kr_error *error);
size_t kr_cores_work(const kr_cores *cores);

/* The coordinate's minima: the outermost ones, and how many distinct there are. */
size_t kr_cores_extent(const kr_cores *cores, size_t coordinate, double *low, double *high);
/* Edges of the two cores that face each other along the only coordinate with two minima; false where there is no such thing. */
bool kr_cores_gap(const kr_cores *cores, size_t *coordinate, double *low, double *high);

#endif
