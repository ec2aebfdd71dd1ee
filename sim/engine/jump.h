/* What happens to all particles at once between two steps, beside a change of settings: coordinates that are pruned from here on,
 * positions that are those of an earlier step, momenta and buffers that begin anew. Clocks go on. In two parts, so that several
 * ensembles change together or not at all.
 *
 *     kr_jump jump = {.position = earlier};
 *     kr_jump_prepare(&jump, ensemble, &how, initial, &error);
 *     kr_jump_commit(&jump, ensemble);
 *     ... kr_ensemble_commit_change ...
 *     kr_jump_begin_anew(&jump, ensemble);
 *     kr_jump_drop(&jump);
 */
#ifndef KR_JUMP_H
#define KR_JUMP_H

#include <kramers/prune.h>

typedef struct kr_jump {
    const double *position; /* [dim][stride]: where particles that move go; NULL: they stay. Borrowed */
    uint64_t *kept;         /* [dim][stride / KR_GRANULE], new; NULL: as before */
    double *energy;         /* [2][stride], for the ledger */
} kr_jump;

/* how: NULL: nothing is pruned. initial[dim][stride]: positions at step 0, where that is asked for. Drop it also after a failure.
 */
kr_status kr_jump_prepare(kr_jump *jump, const kr_ensemble *ensemble, const kr_prune *how, const double *initial, kr_error *error);
/* Prunes by the positions as they are, then goes back. */
void kr_jump_commit(kr_jump *jump, kr_ensemble *ensemble);
/* First-step rule of all auxiliaries. */
void kr_jump_begin_anew(kr_jump *jump, kr_ensemble *ensemble);
void kr_jump_drop(kr_jump *jump);

/* The ensemble's, as words of a checkpoint: 0 and nothing else, or 1 and all words. */
size_t kr_pruned_words(const kr_ensemble *ensemble);
void kr_pruned_save(const kr_ensemble *ensemble, uint64_t *words);
kr_status kr_pruned_restore(kr_ensemble *ensemble, const uint64_t *words, kr_error *error);

#endif
