#include "stage.h"

#include "engine/ensemble_state.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

kr_status kr_stage_create(kr_stage **result, const kr_scene *scene, const kr_stage *before, bool quick, kr_error *error) {
    *result = NULL;
    kr_stage *stage = calloc(1, sizeof *stage);
    if (!stage) return kr_fail(error, KR_NO_MEMORY, "not enough memory for the settings");
    kr_status status = kr_scene_copy(&stage->scene, scene, error);
    if (status == KR_OK) status = kr_model_create_from(&stage->model, &stage->scene, before ? &before->model : NULL, quick, error);
    if (status != KR_OK) {
        kr_stage_destroy(stage);
        return status;
    }
    *result = stage;
    return KR_OK;
}

void kr_stage_destroy(kr_stage *stage) {
    if (!stage) return;
    kr_model_destroy(&stage->model);
    kr_scene_destroy(&stage->scene);
    free(stage);
}

kr_status kr_stage_setup(kr_stage *stage, int threads, kr_ensemble_setup *setup, kr_error *error) {
    kr_status status = kr_model_ensemble_setup(&stage->model, setup, error);
    setup->threads = threads;
    double bytes = 8 * kr_stage_words(setup, NULL);
    setup->finish_steps = bytes > 1e8 && 3 * bytes > kr_memory_available();
    return status;
}

double kr_stage_words(const kr_ensemble_setup *setup, const kr_ensemble *before) {
    size_t auxiliaries = kr_setup_auxiliaries(setup);
    double dim = (double)setup->landscape->dim, words = dim * (double)auxiliaries;
    bool same = before && before->setup.dynamics->type == setup->dynamics->type && before->auxiliary_count >= auxiliaries;
    if (same) words = 0;
    if (!before) words += dim + 3;
    if (setup->ledger && !(before && before->ledger)) words += KR_LEDGER_ROWS;
    return words * (double)setup->particles;
}

kr_status kr_stage_memory(const kr_ensemble_setup *setup, double bytes, double available, kr_error *error) {
    if (!(bytes > 0.9 * available)) return KR_OK;
    return kr_fail(
        error, KR_NO_MEMORY,
        "ensemble.particles: %.0f particles in %.0f dimensions need %.3g GB of memory and %.3g GB are available; use fewer "
        "particles or threads, or a smaller landscape",
        (double)setup->particles, (double)setup->landscape->dim, 1e-9 * bytes, 1e-9 * available);
}

double kr_memory_available(void) {
    FILE *file = fopen("/proc/meminfo", "r");
    if (!file) return NAN;
    char line[128];
    double kilobytes = NAN;
    while (fgets(line, sizeof line, file))
        if (sscanf(line, "MemAvailable: %lf kB", &kilobytes) == 1) break;
    fclose(file);
    return kilobytes * 1024.0;
}
