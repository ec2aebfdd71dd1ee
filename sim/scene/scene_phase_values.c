/* Phases as values: copies, their end, comparison. */
#include "scene_parts.h"

#include <stdlib.h>
#include <string.h>

void kr_phase_list_destroy(kr_phase *phases, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (phases[i].scene.registry) kr_scene_destroy(&phases[i].scene);
        free(phases[i].name);
    }
    free(phases);
}

kr_status kr_phase_list_copy(kr_phase **to, const kr_phase *from, size_t count, kr_error *error) {
    *to = NULL;
    if (!count) return KR_OK;
    kr_status status = (*to = calloc(count, sizeof **to)) ? KR_OK : KR_NO_MEMORY;
    size_t done = 0;
    for (; done < count && status == KR_OK; done++) {
        kr_phase *phase = &(*to)[done];
        *phase = from[done];
        phase->scene = (kr_scene){0};
        if (!(phase->name = strdup(from[done].name))) status = KR_NO_MEMORY;
        if (status == KR_OK) status = kr_scene_copy(&phase->scene, &from[done].scene, NULL);
    }
    if (status == KR_OK) return KR_OK;
    kr_phase_list_destroy(*to, done);
    *to = NULL;
    return kr_fail(error, status, "out of memory while copying phases");
}

static bool same_prune(const kr_phase *a, const kr_phase *b) {
    const kr_settings x = {.about = &kr_prune_descriptor, .values = (void *)(uintptr_t)&a->prune},
                      y = {.about = &kr_prune_descriptor, .values = (void *)(uintptr_t)&b->prune};
    return a->prunes == b->prunes && (!a->prunes || kr_settings_equal(&x, &y));
}

bool kr_phase_lists_equal(const kr_scene *a, const kr_scene *b) {
    if (a->phase_count != b->phase_count) return false;
    for (size_t i = 0; i < a->phase_count; i++) {
        const kr_phase *x = &a->phases[i], *y = &b->phases[i];
        if (strcmp(x->name, y->name) != 0 || x->steps != y->steps || x->optimizer != y->optimizer || x->continues != y->continues ||
            x->rewinds != y->rewinds || x->rewind_phase != y->rewind_phase || x->rewind_step != y->rewind_step ||
            !same_prune(x, y) || !kr_scene_equal(&x->scene, &y->scene))
            return false;
    }
    return true;
}
