/* What a run will need, said before it starts, and refused when it cannot fit. */
#include "run_state.h"

#include "engine/ensemble_state.h"

#include <kramers/data_sum.h>
#include <kramers/interrupt.h>

#include <libgen.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>

static double disk_available(const char *file) {
    char *copy = strdup(file);
    if (!copy) return NAN;
    struct statvfs disk;
    /* Pseudo file systems such as /proc have no blocks at all; what is wrong with them is said when the file is created. */
    double bytes = statvfs(dirname(copy), &disk) == 0 && disk.f_blocks > 0 ? (double)disk.f_bavail * (double)disk.f_frsize : NAN;
    free(copy);
    struct stat about; /* what a resumed or overwritten file already has */
    if (stat(file, &about) == 0 && S_ISREG(about.st_mode)) bytes += (double)about.st_size;
    return bytes;
}

static double seconds_of(kr_ensemble *ensemble, uint64_t steps) {
    struct timespec before, after;
    clock_gettime(CLOCK_MONOTONIC, &before);
    kr_ensemble_advance(ensemble, steps, NULL);
    clock_gettime(CLOCK_MONOTONIC, &after);
    return (double)(after.tv_sec - before.tv_sec) + 1e-9 * (double)(after.tv_nsec - before.tv_nsec);
}

/* Of one particle in one step. */
typedef struct pace {
    double seconds, events;
} pace;

static kr_ensemble_setup pilot_setup(const kr_run *run, const kr_stage *stage) {
    const kr_model *model = &stage->model;
    uint64_t particles = (uint64_t)1 << 18; /* coordinates, which are then shared out */
    particles = particles / model->landscape.dim > 256 ? particles / model->landscape.dim : 256;
    if (particles > (uint64_t)kr_scene_ensemble(run->scene)->particles)
        particles = (uint64_t)kr_scene_ensemble(run->scene)->particles;
    const kr_escape_settings *escape = kr_scene_escape(model->scene);
    return (kr_ensemble_setup){.registry = run->scene->registry,
                               .landscape = &model->landscape,
                               .noise = &model->noise,
                               .dynamics = &model->dynamics,
                               .schedule = &model->schedule,
                               .start = model->start,
                               .targets = model->targets,
                               .target_count = model->target_count,
                               .absorb = !escape->renewal,
                               .bridge = escape->bridge,
                               .ledger = kr_scene_keeps_ledger(model->scene),
                               .particles = particles,
                               .threads = run->options.threads};
}

/* Steps an ensemble of the same kind for a moment: long enough that starting threads does not count. First passages are those of
 * its last half, when the start is more nearly forgotten. */
static pace measure(const kr_run *run, const kr_stage *stage) {
    kr_ensemble_setup setup = pilot_setup(run, stage);
    kr_ensemble *ensemble;
    pace found = {NAN, 0};
    if (kr_ensemble_create(&ensemble, &setup, NULL) != KR_OK) return found;
    uint64_t steps = 1, before = 0;
    double seconds = seconds_of(ensemble, steps);
    while (!kr_interrupt_wanted()) {
        before = kr_ensemble_view(ensemble).events;
        seconds = seconds_of(ensemble, steps);
        if (!(seconds < 0.02 && steps < (uint64_t)1 << 24)) break;
        steps *= 2;
    }
    for (int again = 0; again < 2 && !kr_interrupt_wanted(); again++) { /* others may have had the processor */
        before = kr_ensemble_view(ensemble).events;
        seconds = fmin(seconds, seconds_of(ensemble, steps));
    }
    double particle_steps = (double)setup.particles * (double)steps;
    found.seconds = seconds / particle_steps;
    found.events = (double)(kr_ensemble_view(ensemble).events - before) / particle_steps;
    kr_ensemble_destroy(ensemble);
    return found;
}

/* Each by itself; one that moves the same way as the one before is as fast. The sums over all steps of a particle. */
static pace measure_phases(const kr_run *run) {
    const kr_phases *phases = &run->phases;
    pace all = {0, 0}, each = {0, 0};
    for (size_t i = 0; i < phases->count; i++) {
        uint64_t begin = i ? kr_phases_end(phases, i - 1) : 0, end = kr_phases_end(phases, i);
        const kr_scene *own = &phases->stage[i]->scene, *before = i ? &phases->stage[i - 1]->scene : NULL;
        if (!before || !kr_settings_equal(&own->landscape, &before->landscape) ||
            !kr_settings_equal(&own->dynamics, &before->dynamics) || !kr_settings_equal(&own->noise, &before->noise))
            each = measure(run, phases->stage[i]);
        all.seconds += each.seconds * (double)(end - begin);
        all.events += each.events * (double)(end - begin);
    }
    return all;
}

/* What of the steps will be done: a run that waits for events ends before them. NAN: nobody knows, none has been seen. */
static double expected_share(const kr_run *run, double events) {
    const kr_ensemble_settings *settings = kr_scene_ensemble(run->scene);
    double wanted = settings->until_relative_error > 0 ? pow(settings->until_relative_error, -2.0) : INFINITY;
    if (settings->until_events > 0) wanted = fmin(wanted, (double)settings->until_events);
    return isinf(wanted) ? 1.0 : events > 0 ? fmin(1.0, wanted / events) : NAN;
}

/* Beyond what the first phase needs. */
static double phase_words(const kr_run *run) {
    const kr_phases *phases = &run->phases;
    double particles = (double)kr_scene_ensemble(run->scene)->particles, dim = (double)phases->dim;
    if (!run->scene->phase_count) return 0;
    kr_ensemble_setup first = {.particles = 0};
    kr_stage_setup(phases->stage[0], 0, &first, NULL);
    double more = (double)phases->state_words - (double)kr_setup_words(&first);
    return more + dim * particles * (double)phases->places + (phases->prune ? dim * particles / 64 : 0);
}

kr_status kr_run_estimate_make(kr_run *run, const kr_ensemble_setup *setup, kr_error *error) {
    const kr_ensemble_settings *settings = kr_scene_ensemble(run->scene);
    const kr_model *model = &run->stage->model;
    bool velocity = model->dynamics.type->velocity != NULL;
    /* With what the threads work with, of which a large landscape may need more than there is: the estimate below is without it. */
    double available = kr_memory_available(), least = 8.0 * kr_stage_words(setup, NULL) + kr_setup_work_bytes(setup);
    kr_status status = kr_stage_memory(setup, least, available, error);
    if (status != KR_OK) return status;
    kr_observer_need need = kr_observers_need(model, &run->schedule);
    double words = kr_stage_words(setup, NULL) + need.words + phase_words(run);
    double undo = kr_landscape_data(&model->landscape) ? 8.0 * kr_stage_words(setup, NULL) : 0.0;
    double particle_steps = (double)setup->particles * (double)settings->steps, bytes = 8.0 * words + need.scratch + undo;
    kr_estimate *e = &run->estimate;
    *e = (kr_estimate){.memory_available = available, .disk_available = NAN};
    if (run->output) bytes += 8.0 * words;
    status = kr_stage_memory(setup, bytes, available, error);
    if (status != KR_OK) return status;
    e->memory_bytes = bytes + kr_setup_work_bytes(setup);
    bool is_long = particle_steps * (double)model->landscape.dim > 1e9;
    pace whole = is_long ? measure_phases(run) : (pace){0, 0};
    double particles = (double)setup->particles, events = particles * whole.events, share = expected_share(run, events);
    if (setup->absorb) events = fmin(events, particles);
    if (run->output) {
        double frames = kr_trajectory_file_bytes(run->scene, model->landscape.dim, velocity, (size_t)words) + need.file;
        e->file_bytes = (isnan(share) ? 0.0 : share) * (frames + events * sizeof(kr_event));
        e->disk_available = disk_available(run->output);
    }
    if (e->file_bytes > e->disk_available)
        return kr_fail(
            error, KR_IO,
            "%s: the file will need %.3g GB and %.3g GB are free; raise trajectory.every, lower trajectory.particles or write "
            "elsewhere",
            run->output, 1e-9 * e->file_bytes, 1e-9 * e->disk_available);
    e->seconds = share * particles * whole.seconds; /* NAN where the length is not known */
    return KR_OK;
}

/* How long a splitting takes depends on how rare the escape is, which nobody knows before. */
kr_status kr_run_estimate_splitting(kr_run *run, kr_error *error) {
    kr_estimate *e = &run->estimate;
    *e = (kr_estimate){.memory_bytes = kr_splitting_memory_bytes(run->splitting),
                       .seconds = NAN,
                       .memory_available = kr_memory_available(),
                       .disk_available = NAN};
    if (!(e->memory_bytes > 0.9 * e->memory_available)) return KR_OK;
    return kr_fail(error, KR_NO_MEMORY,
                   "escape.replicas: the paths of %lld replicas need about %.3g GB of memory and %.3g GB are available; use fewer "
                   "replicas and more repeats, or fewer threads",
                   (long long)kr_scene_escape(run->scene)->replicas, 1e-9 * e->memory_bytes, 1e-9 * e->memory_available);
}
