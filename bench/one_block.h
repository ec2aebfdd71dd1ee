/* One block of the engine as a scene makes it, alone in an ensemble: for programs that look at the hot loop from the inside. */
#ifndef KR_ONE_BLOCK_H
#define KR_ONE_BLOCK_H

#include "engine/ensemble_state.h"

#include <kramers/model.h>

typedef struct one_block {
    kr_scene scene;
    kr_model model;
    kr_ensemble *ensemble; /* of exactly one block, on one thread, moved away from its start */
    kr_block *block;
} one_block;

/* name: of a scene. The block has the size that the engine chooses for the whole scene. */
kr_status one_block_create(one_block *one, const char *name, const kr_registry *registry, kr_error *error);
/* Targets are tested as before and never reached. */
void one_block_remove_targets(one_block *one);
void one_block_destroy(one_block *one);

#endif
