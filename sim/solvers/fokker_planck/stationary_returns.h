/* The density of the particles that have not reached a target. */
#ifndef KR_STATIONARY_RETURNS_H
#define KR_STATIONARY_RETURNS_H

#include <stdbool.h>
#include <stddef.h>

/* density[count] on an even grid, up to a factor. log_q: -int V'/D; start: as a fraction of the grid's length; renewal: arrivals
 * start again, else they are removed; target: whether the first, the last point is one. false: out of range, or no memory. */
bool kr_stationary_returns(size_t count, const double *log_q, const double *diffusion, double start, bool renewal,
                           const bool target[2], double *density);

#endif
