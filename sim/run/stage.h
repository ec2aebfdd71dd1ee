/* What a run, and each dynamics of a session, make of a scene before a particle moves: the model, the ensemble's setup, and the
 * refusal of what is beyond the machine's memory. A stage never changes, it is only replaced.
 *
 *     kr_stage_create(&stage, &scene, NULL, false, &error);
 *     kr_stage_setup(stage, threads, &setup, &error);
 *     kr_stage_memory(&setup, 8 * kr_stage_words(&setup, NULL), kr_memory_available(), &error);
 *     kr_ensemble_create(&ensemble, &setup, &error);      // borrows the stage
 */
#ifndef KR_STAGE_H
#define KR_STAGE_H

#include <kramers/model.h>

typedef struct kr_stage {
    kr_scene scene; /* a copy */
    kr_model model; /* of it */
} kr_stage;

/* before: NULL or the one that it replaces, from which the model borrows until kr_model_inherit. quick: for particles that go on,
 * who come back to a smaller pool of starts. */
kr_status kr_stage_create(kr_stage **stage, const kr_scene *scene, const kr_stage *before, bool quick, kr_error *error);
void kr_stage_destroy(kr_stage *stage);
kr_status kr_stage_setup(kr_stage *stage, int threads, kr_ensemble_setup *setup, kr_error *error);

/* Numbers of eight bytes for the particles of an ensemble. before: the one that goes on, of the same shape, which has some of them
 * already; NULL: none. */
double kr_stage_words(const kr_ensemble_setup *setup, const kr_ensemble *before);
/* Refuses so many bytes instead of being killed for them: a slider goes far. */
kr_status kr_stage_memory(const kr_ensemble_setup *setup, double bytes, double available, kr_error *error);
/* Memory that can be had without swapping, from the kernel's own estimate; NAN: unknown. */
double kr_memory_available(void);

#endif
