/* A scene as text, with lines "#--set KEY=VALUE", that runs for a few steps with a few particles. */
#include "fuzz.h"

#include <kramers/run.h>

#include <stdlib.h>
#include <string.h>

enum { MOST = 16, ADVANCES = 3 };

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    (void)count, (void)arguments;
    fuzz_registry();
    return 0;
}

/* What may cost time by right: many dimensions, long burn-ins, networks with their data. */
static bool small(const kr_scene *scene) {
    const char *landscape = scene->landscape.about->name;
    return scene->start.burn_in <= 20 && scene->start.point.count <= 16 && strcmp(landscape, "network") != 0 &&
           strcmp(landscape, "mean_of_quadratics") != 0 &&
           kr_get_by_name(scene->landscape.about, scene->landscape.values, "dim", 1) <= 8;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const caps[] = {"ensemble.particles=5", "ensemble.steps=12", "escape.method=count"};
    const char *set[MOST + 3];
    char *lines, *text = malloc(size + 1);
    kr_scene scene;
    kr_run *run;
    kr_error error = {.status = KR_OK};
    kr_run_options options = {.threads = 1, .cadence = 5};
    if (!text) return 0;
    memcpy(text, data, size);
    text[size] = 0;
    size_t count = fuzz_options(data, size, "#--set", &lines, set, MOST);
    for (size_t i = 0; i < 3; i++) set[count++] = caps[i];
    kr_status status = kr_scene_parse(&scene, fuzz_registry(), "scene", NULL, text, set, count, &error);
    fuzz_check_message(status, &error);
    if (!status && small(&scene)) {
        status = kr_run_create(&run, &scene, &options, &error);
        fuzz_check_message(status, &error);
        if (!status) {
            for (int i = 0; i < ADVANCES && !status && !kr_run_finished(run); i++) status = kr_run_advance(run, &error);
            fuzz_check_message(status, &error);
            kr_run_destroy(run);
        }
    }
    if (scene.registry) kr_scene_destroy(&scene);
    free(lines);
    free(text);
    return 0;
}
