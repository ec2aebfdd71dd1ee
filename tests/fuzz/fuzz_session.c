/* A forged session (hdf5_recipe.h) is replayed. */
#include "fuzz.h"

#include "hdf5_recipe.h"
#include "readers.h"

#include <kramers/file_check.h>
#include <kramers/session.h>

static fuzz_hdf5 *valid;

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    static const char *const small[] = {"ensemble.particles=6", "compare=[adam]"};
    static const char *const interventions[] = {"set schedule.lr=0.02", "restart", "set landscape.barrier=2\nensemble.seed=3",
                                                "drop 0.5", "optimizer reset"};
    (void)count, (void)arguments;
    kr_scene scene;
    kr_session *session;
    kr_error error;
    kr_status status = kr_scene_load(&scene, fuzz_registry(), NULL, small, 2, &error);
    if (!status) status = kr_session_create(&session, &scene, 1, &error);
    for (size_t i = 0; i < sizeof interventions / sizeof *interventions && !status; i++) {
        status = kr_session_advance(session, 7, &error);
        if (!status) status = kr_session_intervene(session, interventions[i], &error);
    }
    if (!status) status = kr_session_save(session, fuzz_path("valid.h5"), true, &error);
    fuzz_check(!status, "set-up", error.message);
    kr_session_destroy(session);
    kr_scene_destroy(&scene);
    valid = fuzz_hdf5_take(fuzz_path("valid.h5"));
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *path = fuzz_path("forged.h5");
    fuzz_hdf5_forge(valid, data, size, path);
    kr_file_renew(path, NULL); /* its checksums */
    fuzz_replay(path);
    fuzz_read_recording(path);
    return 0;
}
