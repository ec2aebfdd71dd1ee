/* A scene as text, with lines "#--set KEY=VALUE": it is refused with a message that has a place, or can be written down as text
 * that is the same scene. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

enum { MOST = 16 };

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    (void)count, (void)arguments;
    fuzz_registry();
    return 0;
}

/* The name of the output is of the run, and not written. */
static void forget_output(kr_scene *scene) {
    kr_trajectory_settings *trajectory = scene->trajectory.values;
    free(trajectory->file);
    trajectory->file = NULL;
}

static void check_round_trip(const kr_scene *scene) {
    char *text;
    kr_scene again;
    kr_error error = {.status = KR_OK};
    kr_status status = kr_scene_write(scene, &text, &error);
    fuzz_check(!status, "a scene cannot be written", error.message);
    status = kr_scene_parse(&again, fuzz_registry(), "scene", scene->directory, text, NULL, 0, &error);
    if (status) fputs(text, stderr);
    fuzz_check(!status, "a scene that was written is refused", error.message);
    if (!kr_scene_equal(scene, &again)) fputs(text, stderr);
    fuzz_check(kr_scene_equal(scene, &again), "a scene that was written is another one", "");
    kr_scene_destroy(&again);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *set[MOST];
    char *lines, *text = malloc(size + 1);
    kr_scene scene;
    kr_error error = {.status = KR_OK};
    if (!text) return 0;
    memcpy(text, data, size);
    text[size] = 0;
    size_t count = fuzz_options(data, size, "#--set", &lines, set, MOST);
    kr_status status = kr_scene_parse(&scene, fuzz_registry(), "scene", NULL, text, set, count, &error);
    fuzz_check_message(status, &error);
    if (!status) {
        forget_output(&scene);
        check_round_trip(&scene);
        kr_scene_destroy(&scene);
    }
    free(lines);
    free(text);
    return 0;
}
