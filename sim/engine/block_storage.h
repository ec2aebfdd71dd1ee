/* Memory of a block, and the position of a particle that departs: shared by the ensemble and the splitting. */
#ifndef KR_BLOCK_STORAGE_H
#define KR_BLOCK_STORAGE_H

#include <kramers/ensemble.h>

#include <kramers/block.h>

/* What a block may take of it, in bytes: a little more than there is of 32 KiB, since hardly a step uses all of its arrays. */
enum { KR_FIRST_LEVEL_CACHE = 36 * 1024, KR_CACHE_LINE = 64 };

/* Aligned to a cache line; free() releases it. NULL when memory is short. */
void *kr_aligned_zeros(size_t count, size_t size);

/* Auxiliary arrays of a particle: those of the dynamics, then the memories of the noise. */
size_t kr_setup_auxiliaries(const kr_ensemble_setup *setup);
/* Memories of the noise for particles which[0..count) at a fresh start, which the step of these controls will follow. */
void kr_block_start_noise(kr_block *block, const kr_controls *controls, const uint32_t *which, size_t count);

/* Doubles of a particle in a block. */
size_t kr_block_doubles(const kr_ensemble_setup *setup);
/* Whole granules, within what a block may have. */
size_t kr_block_round(size_t particles);
/* Particles of a block that stays in the first-level cache, a multiple of KR_GRANULE; at most about this many are wanted. For speed
 * alone: no result may follow from it, since it is tuned. */
size_t kr_block_size(const kr_ensemble_setup *setup, size_t wanted);
/* A block for up to this many particles. Returns its memory, which the caller frees; NULL when there is not enough. */
double *kr_block_make(kr_block *block, const kr_ensemble_setup *setup, size_t size);

/* Whether all particles depart from setup->start. */
bool kr_start_is_one(const kr_ensemble_setup *setup);
/* Position of a particle that departs at this step: the start, or its own draw around it or from the pool, in point or in the
 * setup. */
const double *kr_start_draw(const kr_ensemble_setup *setup, uint64_t particle, uint64_t step, double *point);

#endif
