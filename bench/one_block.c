#include "one_block.h"

#include "engine/first_passage.h"

#include <float.h>
#include <math.h>

enum { WARM_UP = 2048 };

static kr_status make_ensemble(kr_model *model, size_t block_size, kr_ensemble **ensemble, kr_error *error) {
    kr_ensemble_setup setup;
    kr_status status = kr_model_ensemble_setup(model, &setup, error);
    setup.threads = 1;
    setup.block_size = block_size;
    if (block_size) setup.particles = block_size;
    return status == KR_OK ? kr_ensemble_create(ensemble, &setup, error) : status;
}

kr_status one_block_create(one_block *one, const char *name, const kr_registry *registry, kr_error *error) {
    kr_ensemble *whole = NULL;
    *one = (one_block){.ensemble = NULL};
    kr_status status = kr_scene_load(&one->scene, registry, name, NULL, 0, error);
    if (status == KR_OK) status = kr_model_create(&one->model, &one->scene, error);
    if (status == KR_OK) status = make_ensemble(&one->model, 0, &whole, error);
    if (status == KR_OK) status = make_ensemble(&one->model, whole->block_size, &one->ensemble, error);
    if (status == KR_OK) status = kr_ensemble_advance(one->ensemble, WARM_UP, error);
    if (status == KR_OK) one->block = &one->ensemble->workers[0].block;
    kr_ensemble_destroy(whole);
    if (status != KR_OK) one_block_destroy(one);
    return status;
}

void one_block_remove_targets(one_block *one) {
    for (size_t t = 0; t < one->model.target_count; t++) {
        kr_target *target = &one->model.targets[t];
        if (target->radius > 0) target->radius = DBL_MIN;
        if (isfinite(target->above)) target->above = DBL_MAX;
        if (isfinite(target->below)) target->below = -DBL_MAX;
    }
    kr_watch(one->ensemble, one->block);
}

void one_block_destroy(one_block *one) {
    kr_ensemble_destroy(one->ensemble);
    kr_model_destroy(&one->model);
    kr_scene_destroy(&one->scene);
    *one = (one_block){.ensemble = NULL};
}
