/* What a snapshot says of networks: loss and accuracy of as many as time allows, the classes they give to inputs on a grid, and the
 * parameters of the one that is followed. */
#ifndef KR_NETWORKS_H
#define KR_NETWORKS_H

#include "snapshot.h"

#include <kramers/data_sum.h>

typedef struct kr_networks kr_networks;
typedef struct kr_cycles kr_cycles; /* networks_cycles.h */

kr_status kr_networks_create(kr_networks **networks, kr_error *error);
void kr_networks_destroy(kr_networks *networks);
/* The landscape has changed. */
void kr_networks_forget(kr_networks *networks);

/* Particles through which all data can go `passes` times in about a tenth of a second, at least a few; most where the loss is no
 * mean over data. Of the landscape alone, so that pictures are the same every time. */
size_t kr_networks_affordable(const kr_landscape *landscape, double passes, size_t most);

/* Loss and accuracy now; classes on the grid, and the followed network's. view: of a landscape with data. followed: UINT64_MAX or
 * beyond the last: the first. */
kr_status kr_networks_score(kr_networks *networks, const kr_view *view, uint64_t followed, kr_error *error);
kr_status kr_networks_map(kr_networks *networks, const kr_view *view, uint64_t followed, kr_error *error);
/* The end of a cycle: what the first networks say of the test data now is kept beside what they said at the ends before. */
kr_status kr_networks_keep(kr_networks *networks, const kr_view *view, kr_error *error);
/* What was found last, and parameters as they are now; arrays of out are used again or grow. */
kr_status kr_networks_copy(const kr_networks *networks, const kr_view *view, uint64_t followed, kr_snapshot_networks *out,
                           kr_error *error);
void kr_snapshot_networks_free(kr_snapshot_networks *networks);

/* Box of all inputs of data with two, with a margin, and its division into cells that are about square; false: there is none. */
bool kr_networks_grid(const kr_landscape *landscape, kr_regions *grid);

#endif
