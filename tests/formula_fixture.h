/* A landscape formula as a scene spells it out, for tests. */
#ifndef FORMULA_FIXTURE_H
#define FORMULA_FIXTURE_H

#include "landscape_fixture.h"

#include <kramers/scene.h>

typedef struct made {
    kr_scene scene;
    kr_landscape landscape;
} made;

static inline kr_status try_in(made *m, const kr_registry *registry, const char *rest, kr_error *error) {
    size_t size = strlen(rest) + 64;
    char *text = malloc(size);
    assert_non_null(text);
    snprintf(text, size, "landscape: {name: formula, %s}\n", rest);
    kr_status status = kr_scene_parse(&m->scene, registry, "test", ".", text, NULL, 0, error);
    free(text);
    if (status) return status;
    status = kr_landscape_create(&m->landscape, (const kr_landscape_type *)m->scene.landscape.about, m->scene.landscape.values,
                                 NULL, 0, error);
    if (status) kr_scene_destroy(&m->scene);
    return status;
}

static inline const kr_registry *any_registry(void) {
    const kr_registry *registry;
    assert_int_equal(kr_registry_find(NULL, &registry, NULL), KR_OK);
    return registry;
}

/* rest: what stands behind the name in a scene. */
static inline made make(const char *rest) {
    made m;
    kr_error error;
    if (try_in(&m, any_registry(), rest, &error)) fail_msg("%s: %s", rest, error.message);
    return m;
}

static inline void unmake(made *m) {
    kr_landscape_destroy(&m->landscape);
    kr_scene_destroy(&m->scene);
}

/* A fixed low-discrepancy sequence in (0, 1). */
static inline double point(uint64_t i) {
    return ((double)((i * UINT64_C(0x9e3779b97f4a7c15)) >> 11) + 0.5) * 0x1p-53;
}

#endif
