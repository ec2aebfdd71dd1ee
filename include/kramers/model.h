/* A scene made into the const objects that a run, a theory or a window works with. */
#ifndef KRAMERS_MODEL_H
#define KRAMERS_MODEL_H

#include <kramers/ensemble.h>
#include <kramers/scene.h>
#include <kramers/theory.h>

typedef struct kr_model {
    const kr_scene *scene; /* borrowed; must outlive the model */
    kr_landscape landscape;
    kr_noise noise;
    kr_dynamics dynamics;
    kr_schedule schedule;
    double *start; /* [dim] */
    kr_target targets[KR_MAX_TARGETS];
    size_t target_count;
    double *storage; /* owns start and the targets' centers */
} kr_model;

kr_status kr_model_create(kr_model *model, const kr_scene *scene, kr_error *error);
void kr_model_destroy(kr_model *model);

/* The same as a question to theories; valid as long as the model. */
kr_problem kr_model_problem(const kr_model *model);
/* The same as an ensemble's setup, with all threads and the block size chosen; valid as long as the model. */
kr_ensemble_setup kr_model_setup(const kr_model *model);

#endif
