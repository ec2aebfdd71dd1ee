/* Scenes that must be refused, and what the message must say. */
#ifndef KR_TEST_SCENE_ERRORS_H
#define KR_TEST_SCENE_ERRORS_H

#include <kramers/scene.h>

#include <string.h>

typedef struct broken_scene {
    const char *text, *set, *message; /* set: an override, or NULL; message: part of what is said */
} broken_scene;

/* Errors of a text begin with its place; they are the same without a kr_error. */
static inline void refuse_scenes(const kr_registry *registry, const broken_scene *broken, size_t count) {
    for (size_t i = 0; i < count; i++) {
        kr_scene scene;
        kr_error error = {0};
        size_t overrides = broken[i].set ? 1 : 0;
        kr_status status = kr_scene_parse(&scene, registry, "test", ".", broken[i].text, &broken[i].set, overrides, &error);
        if (status != KR_BAD_ARGUMENT) fail_msg("accepted: %s %s", broken[i].text, broken[i].set ? broken[i].set : "");
        if (!strstr(error.message, broken[i].message))
            fail_msg("'%s'\ngives   %s\nwithout %s", broken[i].text, error.message, broken[i].message);
        if (!broken[i].set) assert_int_equal(strncmp(error.message, "test:", 5), 0);
        assert_int_equal(kr_scene_parse(&scene, registry, "test", ".", broken[i].text, &broken[i].set, overrides, NULL),
                         KR_BAD_ARGUMENT);
    }
}

#endif
