/* What the particles were before a chunk of steps that may be given up in the middle when somebody interrupts: blocks then go to
 * arrays of their own, which change places with those of the ensemble when the chunk is done. For steps that give up by themselves
 * (landscapes that are a mean over data, noise from a whole Hessian), and for those that take long. */
#ifndef KR_UNDO_H
#define KR_UNDO_H

#include "ensemble_state.h"

/* Steps that take longer are given up rather than waited for. */
static const double kr_slow_step_seconds = 0.25;

/* Memory that an ensemble of this setup takes for it when a step takes so long; 0: none. */
double kr_setup_undo_bytes(const kr_ensemble_setup *setup, double step_seconds);
/* Before a chunk. false: no memory for what has to be kept. */
bool kr_undo_begin(kr_ensemble *ensemble);
/* After it: as done, or as the particles were; what has been counted of them since is then for the caller to count anew. */
void kr_undo_commit(kr_ensemble *ensemble);
void kr_undo_chunk(kr_ensemble *ensemble);
void kr_undo_release(kr_ensemble *ensemble);

#endif
