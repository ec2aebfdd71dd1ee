/* What a run will need, said before it starts, and refused when it cannot fit. */
#include "run_pilot.h"
#include "run_state.h"

#include "engine/undo.h"

#include <libgen.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

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

/* ---- steps and passages ---- */

/* Steps after which somebody waits for all particles: its ends are looked at, or the file wants something. */
static uint64_t waits_every(const kr_run *run) {
    uint64_t saved = run->output ? kr_trajectory_save_every(run->scene) : run->check_every;
    return saved < run->check_every ? saved : run->check_every;
}

/* Of one particle in all steps, and what is known of the only phase. */
typedef struct course {
    kr_elapsed steps;
    double passages;
    kr_pilot pilot;
} course;

/* Phases each by itself; one that moves the same way as the one before is as fast. */
static course try_phases(const kr_run *run) {
    const kr_phases *phases = &run->phases;
    course all = {.passages = 0};
    for (size_t i = 0; i < phases->count; i++) {
        uint64_t begin = i ? kr_phases_end(phases, i - 1) : 0, steps = kr_phases_end(phases, i) - begin;
        const kr_scene *own = &phases->stage[i]->scene, *before = i ? &phases->stage[i - 1]->scene : NULL;
        if (!before || !kr_settings_equal(&own->landscape, &before->landscape) ||
            !kr_settings_equal(&own->dynamics, &before->dynamics) || !kr_settings_equal(&own->noise, &before->noise))
            all.pilot = kr_pilot_run(run, phases->stage[i], begin, steps, waits_every(run));
        all.steps = kr_elapsed_plus(all.steps, kr_elapsed_times(all.pilot.step, (double)steps));
        all.passages += kr_pilot_passages(&all.pilot, (double)steps);
    }
    return all;
}

/* Of one particle, when the run has seen what it waits for; INFINITY: it waits for nothing. The last of many that arrive once does
 * so when their logarithm and Euler's constant have been expected of each. */
static double awaited_passages(const kr_run *run, bool absorb) {
    const kr_ensemble_settings *settings = kr_scene_ensemble(run->scene);
    double particles = (double)settings->particles, wanted = INFINITY;
    if (settings->until_relative_error > 0) wanted = 1 / (settings->until_relative_error * settings->until_relative_error);
    if (settings->until_events > 0) wanted = fmin(wanted, (double)settings->until_events);
    wanted /= particles;
    if (!absorb) return wanted;
    return wanted < 1.0 ? -log1p(-wanted) : log(particles) + 0.5772156649015329;
}

/* What of the steps will be done: a run that waits for passages ends before them, at a step at which it looks. NAN: nobody knows,
 * none has been seen. */
static double expected_share(const kr_run *run, bool absorb, const course *all) {
    const kr_ensemble_settings *settings = kr_scene_ensemble(run->scene);
    bool waits = settings->until_relative_error > 0 || settings->until_events > 0;
    double wanted = awaited_passages(run, absorb), steps = (double)settings->steps, check = (double)run->check_every;
    if (isinf(wanted) || steps < 1.0) return 1.0;
    if (!(all->passages > 0)) return waits ? NAN : 1.0;
    double needed = run->phases.count == 1 ? kr_pilot_steps(&all->pilot, wanted) : steps * wanted / all->passages;
    return fmin(1.0, ceil(needed / check) * check / steps);
}

/* ---- memory ---- */

/* Of this process, as the kernel names it; NAN: unknown. */
static double process_memory(const char *name) {
    FILE *file = fopen("/proc/self/status", "r");
    if (!file) return NAN;
    char line[128];
    double kilobytes = NAN;
    size_t length = strlen(name);
    while (fgets(line, sizeof line, file))
        if (!strncmp(line, name, length) && sscanf(line + length, ": %lf kB", &kilobytes) == 1) break;
    fclose(file);
    return 1024.0 * kilobytes;
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

/* Passages while the run goes, of which the most are kept for the test at its end, and the copies that the test sorts. A list that
 * grows leaves a smaller one behind, until it is so large that the C library moves its pages. */
static double passage_bytes(const kr_run *run, double passages, double *at_end) {
    enum { MOVED = 1 << 18 };
    double steps = (double)kr_scene_ensemble(run->scene)->steps, kept = fmin(passages, KR_MOST_PASSAGES);
    double together = passages * fmin((double)waits_every(run) / fmax(steps, 1.0), 1.0), tested = passages;
    while (tested > KR_MOST_PASSAGES) tested /= 2.0; /* each time half of the particles are left out */
    *at_end = (2 * sizeof(kr_event) + sizeof(double)) * tested;
    return sizeof(kr_event) * (kept + 0.5 * fmin(kept, MOVED) + 2.0 * together);
}

/* Beside the numbers of the particles: code that has not run yet, and what the threads begin with. */
static double process_bytes(const kr_run *run) {
    return 2.6e6 + 1e5 * (double)kr_run_threads(run);
}

/* memory_bytes and file_bytes with so many passages; share: of the steps, each of which takes so long (0: nobody knows). */
static void count_bytes(kr_run *run, const kr_ensemble_setup *setup, double passages, double share, double step_seconds) {
    const kr_model *model = &run->stage->model;
    kr_observer_need need = kr_observers_need(model, &run->schedule);
    double own = kr_stage_words(setup, NULL), words = own + need.words + phase_words(run), at_end;
    double undo = kr_setup_undo_bytes(setup, step_seconds);
    double pool = setup->pool ? 8.0 * (double)setup->pool_count * (double)setup->landscape->dim : 0.0;
    kr_estimate *e = &run->estimate;
    e->memory_bytes = 8.0 * words + need.scratch + undo + pool + kr_setup_work_bytes(setup) * (run->phases.count > 1 ? 2 : 1) +
                      process_bytes(run) + passage_bytes(run, passages, &at_end);
    e->file_bytes = 0;
    if (run->output) {
        kr_trajectory_run planned = {.dim = model->landscape.dim,
                                     .checkpoint_words = (size_t)words,
                                     .velocity = model->dynamics.type->velocity != NULL,
                                     .steps = share * (double)run->steps,
                                     .events = passages};
        kr_trajectory_need of_file = kr_trajectory_needs(run->scene, &planned);
        double fixed = 16.0 * words;
        e->memory_bytes += of_file.memory;
        e->file_bytes = fixed + share * (of_file.file - fixed + need.file) + of_file.event * passages;
        at_end = fmax(at_end, 8.0 * words);
    }
    run->saving_bytes = at_end;
    e->memory_bytes += at_end;
}

/* ---- before the particles are there ---- */

static void add_time(kr_estimate *e, kr_elapsed more) {
    e->seconds += more.seconds;
    e->processor_seconds += more.processor;
}

kr_status kr_run_estimate_make(kr_run *run, const kr_ensemble_setup *setup, kr_error *error) {
    const kr_ensemble_settings *settings = kr_scene_ensemble(run->scene);
    double particles = (double)setup->particles;
    kr_estimate *e = &run->estimate;
    *e = (kr_estimate){.process_bytes = process_memory("VmRSS"), .memory_available = kr_memory_available(), .disk_available = NAN};
    run->peak_before = process_memory("VmHWM");
    count_bytes(run, setup, 0.0, 1.0, 0.0);
    kr_status status = kr_stage_memory(setup, e->memory_bytes, e->memory_available, error);
    if (status != KR_OK) return status;
    bool is_long = particles * (double)settings->steps * (double)setup->landscape->dim > 1e6 || settings->steps > 20000;
    course all = is_long ? try_phases(run) : (course){.passages = 0};
    double share = is_long ? expected_share(run, setup->absorb, &all) : 1.0;
    double each = share >= 1.0             ? all.passages
                  : run->phases.count == 1 ? kr_pilot_passages(&all.pilot, share * (double)settings->steps)
                                           : share * all.passages;
    if (isnan(share)) each = 0.0;
    run->expected_passages = particles * (setup->absorb ? -expm1(-each) : each);
    run->expected_share = share;
    count_bytes(run, setup, run->expected_passages, isnan(share) ? 0.0 : share,
                settings->steps ? particles * all.steps.seconds / (double)settings->steps : 0.0);
    status = kr_stage_memory(setup, e->memory_bytes, e->memory_available, error);
    if (status != KR_OK) return status;
    if (run->output) e->disk_available = disk_available(run->output);
    if (e->file_bytes > e->disk_available)
        return kr_fail(
            error, KR_IO,
            "%s: the file will need %.3g GB and %.3g GB are free; raise trajectory.every, lower trajectory.particles or write "
            "elsewhere",
            run->output, 1e-9 * e->file_bytes, 1e-9 * e->disk_available);
    add_time(e, kr_elapsed_times(all.steps, share * particles)); /* NAN where the length is not known */
    return KR_OK;
}

/* ---- with all that a run has ---- */

/* Between two steps, from where the observer looked to the end; of those who choose their steps themselves the next few thousand
 * are counted. */
static double looks_of(const kr_observer *observer, uint64_t from, uint64_t steps) {
    enum { COUNTED = 4096 };
    if (!observer->type->next) {
        uint64_t first = from > observer->from ? from : observer->from;
        return observer->every && steps > first ? (double)((steps - first) / observer->every) : 0.0;
    }
    uint64_t step = from;
    for (int count = 0; count < COUNTED; count++)
        if ((step = observer->type->next(observer, step)) > steps) return count;
    return COUNTED * (double)(steps - from) / (double)(step - from);
}

/* Those that look from inside the loop are tried, and those whose look at step 0 took next to nothing, in which the memory that it
 * took matters; of others as that look took, and one that has not looked then counts nothing. */
static kr_elapsed time_of_looks(const kr_run *run, uint64_t from) {
    static const double a_moment = 0.01;
    kr_elapsed all = {0};
    for (size_t i = 0; i < run->observers.count; i++) {
        const kr_observer *observer = run->observers.observer[i];
        double looks = looks_of(observer, from, run->steps);
        if (!(looks > 0)) continue;
        kr_elapsed look = run->observers.look[i];
        if (observer->type->sample_part || (look.seconds > 0 && look.seconds < a_moment)) look = kr_pilot_look(run, observer->type);
        all = kr_elapsed_plus(all, kr_elapsed_times(look, looks));
    }
    return all;
}

/* Of what observers look at when the run has ended. */
static kr_elapsed time_of_end(const kr_run *run) {
    const kr_model *model = &run->phases.stage[0]->model;
    kr_observer_need need = kr_observers_need(model, &run->schedule);
    if (!(need.evaluations > 0)) return (kr_elapsed){0};
    kr_elapsed all = kr_elapsed_times(kr_pilot_evaluation(model), need.evaluations);
    all.seconds /= kr_run_threads(run);
    return all;
}

/* Of a checkpoint in memory: one is made and forgotten. */
static kr_elapsed time_of_checkpoint(const kr_run *run) {
    kr_elapsed began = kr_elapsed_now();
    free(kr_run_checkpoint(run));
    return kr_elapsed_since(began);
}

/* What is written goes through the checksums and the kernel's cache, a checkpoint through the latter alone; a session of HDF5
 * opens, changes and closes the file. All as measured on a machine of 2 GHz. */
static kr_elapsed time_of_file(const kr_run *run, const kr_view *view) {
    static const double session = 6e-4, byte = 1.5e-9, byte_of_checkpoint = 5e-10;
    double frames = (double)(run->steps - view->step) * run->expected_share / (double)kr_trajectory_save_every(run->scene);
    size_t words = kr_run_checkpoint_words(run);
    const kr_model *model = &run->stage->model;
    kr_trajectory_run planned = {.dim = model->landscape.dim,
                                 .checkpoint_words = words,
                                 .velocity = model->dynamics.type->velocity != NULL,
                                 .steps = (double)run->steps * run->expected_share,
                                 .events = run->expected_passages};
    kr_trajectory_need need = kr_trajectory_needs(run->scene, &planned);
    kr_elapsed frame;
    kr_trajectory_time_frame(run->trajectory, view, &frame.seconds, &frame.processor);
    double grows = run->estimate.file_bytes - 16.0 * (double)words, saving = session + 8.0 * (double)words * byte_of_checkpoint;
    double writing = need.flushes * saving + fmax(grows, 0.0) * byte;
    kr_elapsed made = kr_elapsed_plus(kr_elapsed_times(frame, frames), kr_elapsed_times(time_of_checkpoint(run), need.flushes));
    return kr_elapsed_plus(made, (kr_elapsed){writing, writing});
}

/* What the process had at most since the estimate was begun. */
static void count_peak(kr_run *run) {
    double most = process_memory("VmHWM"), needed = most - run->estimate.process_bytes;
    if (most > run->peak_before && needed > run->estimate.memory_bytes) run->estimate.memory_bytes = needed;
}

/* What observers with sample_part take for their samples: while there are steps, and when one looks at all particles at the end. */
static double sampling_bytes(const kr_run *run, const kr_view *view) {
    uint64_t interval = waits_every(run) < run->steps ? waits_every(run) : run->steps;
    double sums = 0.0, of_end = 0.0;
    kr_observed observed;
    if (kr_observed_create(&observed, run->observers.inside, run->observers.inside_count, view->particles, interval, NULL) == KR_OK)
        for (size_t i = 0; i < observed.count; i++) {
            sums += 8.0 * (double)(observed.slots[i] * observed.width[i]);
            of_end = fmax(of_end, 8.0 * (double)observed.width[i]);
        }
    if (observed.count) of_end += kr_observer_look_bytes(view, kr_run_threads(run));
    kr_observed_destroy(&observed);
    return fmax(sums, of_end);
}

/* What is known of the observers when they are there. The samples are gone again when the state is saved. A run that goes on keeps
 * the passages of its own steps alone. */
static void count_observers(kr_run *run, const kr_view *view, double left) {
    kr_estimate *e = &run->estimate;
    const kr_ensemble *ensemble = run->ensemble;
    double words = 0.0, tested, all = run->expected_passages;
    e->memory_bytes -= run->saving_bytes + passage_bytes(run, all, &tested) - passage_bytes(run, left * all, &tested);
    for (size_t i = 0; i < run->observers.count; i++) {
        const kr_observer *observer = run->observers.observer[i];
        if (observer->type->state_words && !observer->type->need) words += (double)observer->type->state_words(observer);
    }
    if (view->step) { /* the file was read, and passages of a part of the run are not tested */
        e->memory_bytes -= KR_HDF5_BYTES;
        tested = 0.0;
    }
    double saving = run->trajectory ? fmax(8.0 * (double)kr_run_checkpoint_words(run), tested) : tested;
    if (run->observers.inside_count)
        e->memory_bytes += 8.0 * (double)((3 * ensemble->dim + 4) * ensemble->block_size) * (double)ensemble->threads;
    e->memory_bytes += 8.0 * words + fmax(saving, sampling_bytes(run, view));
}

/* The file is there, with all but what comes as the run goes. */
static void count_file(kr_run *run, const kr_view *view) {
    kr_estimate *e = &run->estimate;
    double left = run->steps ? (double)(run->steps - view->step) / (double)run->steps : 0.0;
    kr_observer_need need = kr_observers_need(&run->phases.stage[0]->model, &run->schedule);
    double share = isnan(run->expected_share) ? 0.0 : run->expected_share * left;
    e->file_bytes =
        kr_trajectory_grown(run->trajectory, share * (double)run->steps, left * run->expected_passages) + share * need.file;
}

void kr_run_estimate_complete(kr_run *run) {
    kr_estimate *e = &run->estimate;
    kr_view view = kr_ensemble_view(run->ensemble);
    double left = run->steps ? (double)(run->steps - view.step) / (double)run->steps : 0.0;
    count_observers(run, &view, left);
    if (run->trajectory) count_file(run, &view);
    if (e->seconds > 0) {
        e->seconds *= left, e->processor_seconds *= left;
        add_time(e, kr_elapsed_times(time_of_looks(run, view.step), run->expected_share));
        add_time(e, time_of_end(run));
        if (run->trajectory) add_time(e, time_of_file(run, &view));
    }
    count_peak(run);
    e->seconds_before = kr_elapsed_since(run->began).seconds;
}

void kr_run_estimate_predicted(kr_run *run, kr_elapsed took) {
    run->estimate.seconds_before += took.seconds;
    count_peak(run);
}

/* How long a splitting takes depends on how rare the escape is, which nobody knows before. */
kr_status kr_run_estimate_splitting(kr_run *run, kr_error *error) {
    kr_estimate *e = &run->estimate;
    *e = (kr_estimate){.process_bytes = process_memory("VmRSS"),
                       .memory_bytes = kr_splitting_memory_bytes(run->splitting) + process_bytes(run),
                       .seconds = NAN,
                       .processor_seconds = NAN,
                       .memory_available = kr_memory_available(),
                       .disk_available = NAN};
    if (!(e->memory_bytes > 0.9 * e->memory_available)) return KR_OK;
    return kr_fail(error, KR_NO_MEMORY,
                   "escape.replicas: the paths of %lld replicas need about %.3g GB of memory and %.3g GB are available; use fewer "
                   "replicas and more repeats, or fewer threads",
                   (long long)kr_scene_escape(run->scene)->replicas, 1e-9 * e->memory_bytes, 1e-9 * e->memory_available);
}
