/* Somebody else's program: built against the installed library by tests/check_install.sh. */
#include <kramers/kramers.h>

#include <stdio.h>

int main(void) {
    kr_error error;
    const kr_registry *registry;
    kr_scene scene;
    kr_run *run;
    const char *overrides[] = {"ensemble.steps=2000", "ensemble.particles=640", "dynamics.temperature=1"};
    kr_run_options options = {.threads = 1};
    if (kr_registry_find(NULL, &registry, &error) || kr_scene_load(&scene, registry, NULL, overrides, 3, &error) ||
        kr_run_create(&run, &scene, &options, &error))
        return fprintf(stderr, "%s\n", error.message), 1;
    while (!kr_run_finished(run) && !kr_run_advance(run, &error)) continue;
    printf("%s %llu\n", KR_VERSION, (unsigned long long)kr_run_result(run)->escape.events);
    kr_run_destroy(run);
    kr_scene_destroy(&scene);
    return 0;
}
