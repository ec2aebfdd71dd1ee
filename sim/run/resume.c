/* Going on with a run from the last flush of its file. */
#include "disk/file_lock.h"
#include "files/h5md_names.h"
#include "files/scene_record.h"
#include "run_state.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OVERRIDES = 4 + KR_MAX_PHASES + 3 * KR_MAX_DRIVEN, OVERRIDE_LENGTH = 64 + KR_DRIVEN_NAME };

/* The last part of a sequence, where it has no length of its own. */
static size_t pin_last_part(const kr_settings *schedule, const char *key, int64_t length, char text[OVERRIDE_LENGTH]) {
    size_t parts = 0;
    bool given = true;
    for (size_t i = 0; i < schedule->child_count; i++) {
        const kr_child *child = &schedule->child[i];
        if (!child->row || !(child->row->flags & KR_SEVERAL)) continue;
        const kr_settings *own = kr_settings_child(&child->settings, NULL, &kr_part_descriptor);
        given = own && ((const kr_part *)own->values)->steps > 0;
        if (given) length -= ((const kr_part *)own->values)->steps;
        parts++;
    }
    if (given || length < 1) return 0;
    snprintf(text, OVERRIDE_LENGTH, "%s.parts.%zu.steps=%" PRId64, key, parts - 1, length);
    return 1;
}

/* A schedule whose length follows that of the run keeps the old length when the run is made longer: what follows it must not jump
 * where the file ended. length: of the run less the warmup. */
static size_t pin_schedule(const kr_settings *schedule, const char *key, int64_t length, char text[OVERRIDE_LENGTH]) {
    const kr_parameter *row = kr_parameter_find(schedule->about, "steps");
    if (schedule->child_count && !row) return pin_last_part(schedule, key, length, text);
    if (!row || row->type != KR_INTEGER || kr_get_number(schedule, row) != 0.0 || length < 1) return 0;
    snprintf(text, OVERRIDE_LENGTH, "%s.steps=%" PRId64, key, length);
    return 1;
}

/* Schedules of numbers, likewise. */
static size_t pin_driven(const kr_settings *settings, const char *section, int64_t steps, char override[][OVERRIDE_LENGTH]) {
    size_t count = 0;
    for (size_t i = 0; i < settings->child_count && count < KR_MAX_DRIVEN; i++) {
        const kr_child *child = &settings->child[i];
        if (!child->row || !child->settings.about->drives) continue;
        char key[KR_DRIVEN_NAME];
        const kr_settings *warmup = kr_settings_child(&child->settings, NULL, &kr_warmup_descriptor);
        int64_t length = steps - (warmup ? ((const kr_warmup *)warmup->values)->steps : 0);
        snprintf(key, sizeof key, "%s.%s", section, child->row->name);
        count += pin_schedule(&child->settings, key, length, override[count]);
    }
    return count;
}

/* The file that the landscape is read from; NULL: there is none. */
static const char *landscape_file(const kr_scene *scene) {
    for (const kr_parameter *row = scene->landscape.about->parameters; row && row->name; row++) {
        if (row->type != KR_TEXT) continue;
        const char *name = *(char *const *)((const char *)scene->landscape.values + row->offset);
        if (kr_parameter_names_file(row, name)) return name;
    }
    return NULL;
}

/* The last phase goes on; schedules that go on with it keep their lengths, those of other phases have theirs. */
static size_t lengthen_last_phase(const kr_scene *scene, uint64_t steps, char override[][OVERRIDE_LENGTH]) {
    size_t count = 0, last = scene->phase_count - 1;
    const kr_scene *own = &scene->phases[last].scene;
    int64_t more = (int64_t)steps - kr_scene_ensemble(scene)->steps, length = (int64_t)kr_scene_schedule_steps(own);
    char key[64];
    for (size_t i = 0; i <= last; i++) {
        const kr_phase *phase = &scene->phases[i];
        if (phase->origin != scene->phases[last].origin) continue;
        snprintf(key, sizeof key, "phases.%zu.schedule", i);
        count += pin_schedule(&phase->scene.schedule, key, length - phase->scene.warmup.steps, override[count]);
    }
    snprintf(key, sizeof key, "phases.%zu.landscape", last);
    count += pin_driven(&own->landscape, key, length, override + count);
    snprintf(key, sizeof key, "phases.%zu.dynamics", last);
    count += pin_driven(&own->dynamics, key, length, override + count);
    snprintf(key, sizeof key, "phases.%zu.noise", last);
    count += pin_driven(&own->noise, key, length, override + count);
    snprintf(override[count++], OVERRIDE_LENGTH, "phases.%zu.steps=%" PRId64, last, scene->phases[last].steps + more);
    return count;
}

/* What the caller changes in the scene of the file. */
static size_t overrides_for(const kr_scene *scene, uint64_t steps, const uint64_t *seed,
                            char override[OVERRIDES][OVERRIDE_LENGTH]) {
    size_t count = 0;
    bool other = steps > 0 && steps != (uint64_t)kr_scene_ensemble(scene)->steps;
    if (other && scene->phase_count) {
        count += lengthen_last_phase(scene, steps, override);
    } else if (other) {
        const int64_t before = kr_scene_ensemble(scene)->steps;
        count += pin_schedule(&scene->schedule, "schedule", before - scene->warmup.steps, override[count]);
        count += pin_driven(&scene->landscape, "landscape", before, override + count);
        count += pin_driven(&scene->dynamics, "dynamics", before, override + count);
        count += pin_driven(&scene->noise, "noise", before, override + count);
        snprintf(override[count++], OVERRIDE_LENGTH, "ensemble.steps=%" PRIu64, steps);
    }
    if (seed) snprintf(override[count++], OVERRIDE_LENGTH, "ensemble.seed=%" PRIu64, *seed);
    return count;
}

static kr_status parse(kr_scene *scene, const kr_registry *registry, const char *file, const char *given, const char *text,
                       uint64_t steps, const uint64_t *seed, kr_error *error) {
    char override[OVERRIDES][OVERRIDE_LENGTH];
    const char *overrides[OVERRIDES];
    for (size_t i = 0; i < OVERRIDES; i++) overrides[i] = override[i];
    kr_status status = registry ? KR_OK : kr_registry_find(NULL, &registry, error);
    if (status == KR_OK) status = kr_scene_parse(scene, registry, file, NULL, text, NULL, 0, error);
    if (status != KR_OK) return status;
    status = kr_trajectory_check_scene(file, scene, error);
    if (status != KR_OK) return kr_scene_destroy(scene), status;
    if (scene->phase_count && steps > 0 && steps <= scene->phases[scene->phase_count - 1].begin) {
        const kr_phase *last = &scene->phases[scene->phase_count - 1];
        status = kr_fail(error, KR_BAD_ARGUMENT,
                         "%s: --steps makes the last phase longer or shorter, and '%s' begins at step %" PRIu64 "; give more", file,
                         last->name, last->begin);
        kr_scene_destroy(scene);
        return status;
    }
    size_t count = overrides_for(scene, steps, seed, override);
    kr_scene_destroy(scene);
    return kr_scene_record_parse(scene, registry, file, given, text, overrides, count, error);
}

/* A file of the same name may be another one, and numbers of a landscape may have been changed. */
static kr_status check_landscape(const kr_run *run, const char *file, kr_error *error) {
    const char *name = landscape_file(run->scene), *directory = run->scene->directory;
    kr_status status = kr_trajectory_check_landscape(file, &run->phases.stage[0]->model.landscape, error);
    if (status != KR_BAD_ARGUMENT) return status;
    if (!name)
        return kr_fail(error, KR_IO,
                       "%s: its landscape, in " KR_LANDSCAPE_GRID ", is not the one that its scene describes, in " KR_H5_SCENE_TEXT
                       ": one of them was changed since the run began",
                       file);
    return kr_fail(error, KR_BAD_ARGUMENT,
                   "%s: the landscape in %s%s%s is not the one that this run is on; say with --directory where that one is", file,
                   *name == '/' ? "" : directory, *name == '/' ? "" : "/", name);
}

static void unlock(int *lock) {
    if (*lock >= 0) close(*lock);
    *lock = -1;
}

/* The file is opened for writing last, when nothing else can fail, and locked anew with that: no other process had it while it was
 * read. */
static kr_status go_on(kr_run *run, const char *file, bool branch, const uint64_t *checkpoint, size_t words, int *lock,
                       kr_error *error) {
    const kr_model *model = &run->phases.stage[0]->model; /* that of the file */
    size_t needed = kr_run_checkpoint_words(run);
    kr_status status = checkpoint ? kr_run_restore(run, checkpoint, words, error) : KR_OK;
    if (status != KR_OK) return kr_fail_at(error, status, "%s", file);
    if (checkpoint)
        status = kr_trajectory_recall(file, run->observers.observer, run->observers.count, kr_run_view(run).particles,
                                      model->landscape.dim, error);
    if (status == KR_OK && checkpoint) status = kr_run_recall_still(run, file, error);
    if (status != KR_OK) return status;
    uint64_t done = kr_run_view(run).step, shown = kr_trajectory_steps_done(file);
    if (shown > done) done = shown;
    if (run->steps < done)
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "%s: %" PRIu64 " steps are done already, more than --steps %" PRIu64
                       "; give at least as many (the file is left as it is)",
                       file, done, run->steps);
    unlock(lock);
    if (branch)
        status = kr_trajectory_create(&run->trajectory, run->output, run->options.overwrite, run->scene, &model->landscape,
                                      &model->dynamics, run->drive, run->phases.count, run->observers.observer,
                                      run->observers.count, needed, error);
    else
        status = kr_trajectory_reopen(&run->trajectory, file, run->scene, &model->landscape, &model->dynamics, run->drive,
                                      run->phases.count, run->observers.observer, run->observers.count, needed, error);
    if (status == KR_OK) status = kr_trajectory_durable(run->trajectory, run->options.durability, error);
    if (status != KR_OK) return status;
    kr_run_follow_phase(run);
    if (!checkpoint) {
        run->finished = run->steps == 0;
        return kr_run_sample(run, error); /* killed before the first flush: from the start */
    }
    if (!branch) return KR_OK; /* observers and file have seen this step */
    kr_view view = kr_run_view(run);
    return kr_trajectory_sample(run->trajectory, &view, error);
}

kr_status kr_run_resume(kr_run **result, kr_scene *scene, const char *file, uint64_t steps, const uint64_t *seed,
                        const kr_run_options *options, kr_error *error) {
    char *text;
    uint64_t *checkpoint;
    size_t words;
    kr_run *run = NULL;
    kr_run_options chosen = *options;
    const kr_registry *registry = scene->registry;
    *result = NULL;
    *scene = (kr_scene){0};
    bool branch = seed != NULL;
    if (branch && !options->output)
        return kr_fail(error, KR_BAD_ARGUMENT, "a new seed makes a new file; name it with -o. (%s is left as it is.)", file);
    if (!branch && options->output && strcmp(options->output, file) != 0)
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "%s would go on in %s: only a branch with a new seed gets a new file. Give --seed, or leave out -o.", file,
                       options->output);
    if (!branch) chosen.output = file;
    int lock = -1;
    kr_status status = branch ? KR_OK : kr_lock_open(file, O_RDWR, &lock, error);
    if (status != KR_OK) return status;
    status = kr_trajectory_read(file, registry, &text, &checkpoint, &words, error);
    if (status != KR_OK) return unlock(&lock), status;
    status = parse(scene, registry, file, options->directory, text, steps, seed, error);
    free(text);
    if (status != KR_OK) *scene = (kr_scene){0}; /* parsing has cleaned up */
    if (status == KR_OK) status = kr_run_prepare(&run, scene, &chosen, error);
    if (status == KR_OK) status = check_landscape(run, file, error);
    if (status == KR_OK) status = go_on(run, file, branch, checkpoint, words, &lock, error);
    unlock(&lock);
    if (status == KR_OK) {
        if (checkpoint) run->estimate.process_bytes -= (double)(words * sizeof *checkpoint); /* it was there, and is gone */
        kr_run_estimate_complete(run);
        free(checkpoint);
        *result = run;
        return KR_OK;
    }
    free(checkpoint);
    kr_run_destroy(run);
    kr_scene_destroy(scene);
    *scene = (kr_scene){0};
    return status;
}
