/* A copy of the particles before a chunk of steps, for landscapes whose gradient takes so long that it is given up in the middle of
 * a step when somebody interrupts. */
#ifndef KR_UNDO_H
#define KR_UNDO_H

#include "ensemble_state.h"

/* false: no memory. */
bool kr_undo_keep(kr_ensemble *ensemble);
/* As the particles were then; what has been counted of them since is for the caller to count anew. */
void kr_undo_chunk(kr_ensemble *ensemble);

#endif
