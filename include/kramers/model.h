/* A scene made into the const objects that a run, a theory or a window works with. */
#ifndef KRAMERS_MODEL_H
#define KRAMERS_MODEL_H

#include <kramers/ensemble.h>
#include <kramers/scene.h>
#include <kramers/theory.h>

KR_BEGIN_DECLARATIONS

typedef struct kr_model {
    const kr_scene *scene; /* borrowed; must outlive the model */
    kr_landscape landscape;
    kr_noise noise;
    kr_dynamics dynamics;
    kr_schedule schedule;
    kr_drive *drive; /* numbers that change with the step; NULL: none */
    double *start;   /* [dim] */
    double *spread;  /* [dim], of starts at random (kr_ensemble_setup.spread); NULL: they are not */
    bool spread_normal;
    kr_target targets[KR_MAX_TARGETS];
    size_t target_count;
    double
        *pool; /* [pool_count][dim], starts drawn from the Boltzmann distribution or read from a file; NULL: all start at start */
    size_t pool_count;
    bool quick;                             /* fewer starts in the pool, made in an instant */
    double *storage;                        /* owns start, spread and the targets' centers */
    bool landscape_borrowed, pool_borrowed; /* from another model, which owns them */
} kr_model;

KR_API kr_status kr_model_create(kr_model *model, const kr_scene *scene, kr_error *error);
/* The same, but what would be as it is in the model before (the landscape's tables, minima, the pool of starts) is taken from
 * there: cheap when only a few settings have changed. before must live as long as the model does, or until kr_model_inherit; NULL:
 * nothing is taken. quick: a pool that must be made has at most KR_QUICK_POOL starts, so that a slider does not stall. */
enum { KR_QUICK_POOL = 4096 };
KR_API kr_status kr_model_create_from(kr_model *model, const kr_scene *scene, const kr_model *before, bool quick, kr_error *error);
/* The model becomes the owner of what it has borrowed from before, which may then be destroyed. */
KR_API void kr_model_inherit(kr_model *model, kr_model *before);
KR_API void kr_model_destroy(kr_model *model);

/* Its schedules are as from step 0 on at this step: it is the model of a phase. */
KR_API void kr_model_begin_at(kr_model *model, uint64_t step);

/* What an ensemble of this scene is made of. Fills in the pool of starts at the first call, when the scene asks for one. */
KR_API kr_status kr_model_ensemble_setup(kr_model *model, kr_ensemble_setup *setup, kr_error *error);

/* Leading-order temperature at the start under the first step's learning rate, gradient noise included; NAN: there is none. */
KR_API double kr_model_temperature(const kr_model *model);

/* The same as a question to theories; valid as long as the model. */
KR_API kr_problem kr_model_problem(const kr_model *model);

KR_END_DECLARATIONS

#endif
