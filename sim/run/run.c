/* A run: its ends, divergence and who samples it. How it advances is in sampling.c. */
#include "measured_escape.h"
#include "run_state.h"
#include "scene/scene_parts.h"

#include <kramers/data_sum.h>
#include <kramers/interrupt.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- who samples ---- */

static uint64_t next_check(const void *context, uint64_t step, uint64_t limit) {
    const kr_run *run = context;
    return kr_next_multiple(step, run->check_every, limit);
}

static kr_status count_passages(void *context, const kr_view *view, kr_error *error) {
    (void)error;
    kr_run *run = context;
    for (size_t i = 0; i < view->recent_count; i++) run->target_events[view->recent[i].target]++;
    kr_run_count_still(run, view->recent, view->recent_count);
    kr_passage_durations_add(&run->durations, view->recent, view->recent_count);
    kr_passages_add(&run->passages, view); /* without memory for them the test is left out */
    return KR_OK;
}

static uint64_t next_observed(const void *context, uint64_t step, uint64_t limit) {
    const kr_run *run = context;
    return kr_observers_next(&run->observers, step, limit);
}

/* A sample that was given up is none. */
static kr_status tear(kr_run *run, unsigned long heeded, kr_status status, kr_error *error) {
    if (kr_interrupt_heeded() == heeded) return status;
    run->torn = true;
    return status == KR_OK ? kr_fail(error, KR_INTERRUPTED, "interrupted") : status;
}

/* At step 0 nobody has looked from inside the loop. */
static kr_status observe(void *context, const kr_view *view, kr_error *error) {
    kr_run *run = context;
    unsigned long heeded = kr_interrupt_heeded();
    kr_elapsed began = kr_elapsed_now();
    kr_status status =
        view->step ? kr_observers_sample(&run->observers, view, error) : kr_observers_sample_first(&run->observers, view, error);
    run->look_seconds = kr_elapsed_since(began).seconds;
    return tear(run, heeded, status, error);
}

static uint64_t next_of_phase(const void *context, uint64_t step, uint64_t limit) {
    const kr_run *run = context;
    return kr_phases_next_place(&run->phases, step, limit);
}

/* At the end of each. */
static kr_status measure_phase(void *context, const kr_view *view, kr_error *error) {
    kr_run *run = context;
    unsigned long heeded = kr_interrupt_heeded();
    kr_phases_keep(&run->phases, view);
    if (!run->scene->phase_count || view->step != kr_phases_end(&run->phases, run->phases.now)) return KR_OK;
    kr_status status = kr_phase_results_measure(&run->phase_results, &run->phases, view, kr_run_threads(run), error);
    return tear(run, heeded, status, error);
}

static uint64_t next_frame(const void *context, uint64_t step, uint64_t limit) {
    const kr_run *run = context;
    return run->trajectory ? kr_next_multiple(step, kr_trajectory_save_every(run->scene), limit) : limit;
}

/* A look that took its time is kept at once: the next one may be interrupted, and then the run goes on from here. */
static const double long_look = 0.3; /* seconds */

static kr_status write_frame(void *context, const kr_view *view, kr_error *error) {
    kr_run *run = context;
    unsigned long heeded = kr_interrupt_heeded();
    if (!run->trajectory) return KR_OK;
    kr_view seen = *view;
    seen.learning_rate = kr_schedule_at(&run->schedule, view->step); /* a phase that has ended does not know the next one's */
    kr_status status = tear(run, heeded, kr_trajectory_sample(run->trajectory, &seen, error), error);
    if (status != KR_OK || (!kr_trajectory_due(run->trajectory) && run->look_seconds < long_look)) return status;
    uint64_t *words = kr_run_checkpoint(run);
    if (!words) return kr_fail(error, KR_NO_MEMORY, "not enough memory for a checkpoint");
    status = kr_trajectory_flush(run->trajectory, words, error);
    free(words);
    return status;
}

/* A checkpoint has the counts and what the observers have seen, so the file comes last. */
void kr_run_follow_phase(kr_run *run) {
    if (run->trajectory) kr_trajectory_follow(run->trajectory, run->phases.now);
}

static void choose_samplers(kr_run *run) {
    run->sampler[0] = (kr_sampler){run, next_check, count_passages, NULL};
    run->sampler[1] = (kr_sampler){run, next_observed, NULL, observe};
    run->sampler[2] = (kr_sampler){run, next_of_phase, NULL, measure_phase};
    run->sampler[3] = (kr_sampler){run, next_frame, NULL, write_frame};
}

kr_status kr_run_sample(kr_run *run, kr_error *error) {
    kr_view view = kr_ensemble_view(run->ensemble);
    return kr_sample_all(run->sampler, KR_RUN_SAMPLERS, &view, error);
}

/* ---- life ---- */

/* What a gradient costs beside that of an analytic landscape: with vectors, sixteen data go through a network about as fast. */
static double gradient_work(const kr_model *model) {
    enum { DATA_AT_ONCE = 16 };
    const kr_data_sum *sum = kr_landscape_data(&model->landscape);
    if (!sum) return 1.0;
    uint64_t drawn = kr_noise_batch(&model->noise);
    return fmax((double)(drawn ? drawn : sum->data(&model->landscape, KR_DATA_TRAIN).count) / DATA_AT_ONCE, 1.0);
}

/* Ends, divergence and interrupts are looked at every check_every steps: about 2^26 coordinate-steps, a fraction of a second. It
 * depends on the scene alone, unless the caller wants it more often, so that a run ends at the same step everywhere. */
static uint64_t choose_check_interval(const kr_phases *phases, uint64_t particles) {
    double work = 0.0;
    for (size_t i = 0; i < phases->count; i++) work = fmax(work, gradient_work(&phases->stage[i]->model));
    work *= (double)particles * (double)phases->stage[0]->model.landscape.dim;
    uint64_t interval = 1024;
    while (interval > 1 && (double)interval * work > 0x1p26) interval /= 2;
    return interval;
}

static kr_status make_ensemble(kr_run *run, kr_error *error) {
    const kr_ensemble_settings *settings = kr_scene_ensemble(run->scene);
    kr_ensemble_setup setup;
    choose_samplers(run);
    run->steps = (uint64_t)settings->steps;
    run->check_every = choose_check_interval(&run->phases, (uint64_t)settings->particles);
    if (run->options.cadence && run->options.cadence < run->check_every) run->check_every = run->options.cadence;
    kr_status status = kr_stage_setup(run->stage, run->options.threads, &setup, error);
    setup.block_size = run->options.block_size;
    if (status == KR_OK) status = kr_scene_schedule_create(&run->schedule, run->scene, error);
    if (status == KR_OK) status = kr_run_estimate_make(run, &setup, error);
    if (status == KR_OK) status = kr_ensemble_create(&run->ensemble, &setup, error);
    if (status == KR_OK) status = kr_moving_steps_create(&run->moving, &run->schedule, run->steps, error);
    if (status == KR_OK) status = kr_phase_results_create(&run->phase_results, &run->phases, error);
    return status;
}

static kr_status build(kr_run *run, const kr_scene *scene, kr_error *error) {
    kr_status status = kr_scene_copy(&run->whole, scene, error);
    run->scene = &run->whole;
    if (status == KR_OK) status = kr_phases_create(&run->phases, run->scene, error);
    if (status != KR_OK) return status;
    run->stage = run->phases.stage[0];
    for (size_t i = 0; i < run->phases.count; i++) run->drive[i] = run->phases.stage[i]->model.drive;
    run->output = run->options.output ? run->options.output : kr_scene_trajectory(run->scene)->file;
    const kr_model *model = &run->stage->model;
    if (model->target_count && kr_scene_escape(run->scene)->method == KR_METHOD_SPLITTING) return kr_run_split(run, error);
    status = make_ensemble(run, error);
    if (status == KR_OK) {
        kr_view view = kr_ensemble_view(run->ensemble);
        kr_measured_escape_begin(model, &view, &run->durations);
    }
    return status == KR_OK ? kr_observers_create(&run->observers, model, &run->schedule, run->options.threads, error) : status;
}

kr_status kr_run_prepare(kr_run **result, const kr_scene *scene, const kr_run_options *options, kr_error *error) {
    *result = NULL;
    kr_run *run = calloc(1, sizeof *run);
    if (!run) return kr_fail(error, KR_NO_MEMORY, "not enough memory for a run");
    run->began = kr_elapsed_now();
    run->options = *options;
    kr_status status = build(run, scene, error);
    if (status != KR_OK) {
        kr_run_destroy(run);
        return error ? kr_scene_fail_at(scene, error) : status;
    }
    *result = run;
    return KR_OK;
}

kr_status kr_run_create(kr_run **result, const kr_scene *scene, const kr_run_options *options, kr_error *error) {
    *result = NULL;
    kr_run *run;
    kr_status status = kr_run_prepare(&run, scene, options, error);
    if (status != KR_OK) return status;
    if (run->splitting) {
        *result = run;
        return KR_OK;
    }
    if (run->output)
        status = kr_trajectory_create(&run->trajectory, run->output, options->overwrite, run->scene, &run->stage->model.landscape,
                                      &run->stage->model.dynamics, run->drive, run->phases.count, run->observers.observer,
                                      run->observers.count, kr_run_checkpoint_words(run), error);
    if (status == KR_OK && run->trajectory) status = kr_trajectory_durable(run->trajectory, options->durability, error);
    if (status == KR_OK) status = kr_run_sample(run, error);
    if (status != KR_OK) {
        kr_run_destroy(run);
        return status;
    }
    run->finished = run->steps == 0;
    kr_run_estimate_complete(run);
    *result = run;
    return KR_OK;
}

void kr_run_destroy(kr_run *run) {
    if (!run) return;
    kr_trajectory_destroy(run->trajectory);
    kr_observers_destroy(&run->observers);
    kr_ensemble_destroy(run->ensemble);
    kr_splitting_destroy(run->splitting);
    kr_phase_results_destroy(&run->phase_results);
    kr_phases_destroy(&run->phases);
    kr_schedule_destroy(&run->schedule);
    if (run->whole.registry) kr_scene_destroy(&run->whole);
    kr_passages_destroy(&run->passages);
    kr_moving_steps_destroy(&run->moving);
    kr_survival_destroy(&run->result.survival);
    kr_survival_destroy(&run->foreseen.survival);
    free(run);
}

/* ---- when it ends ---- */

kr_escape_estimate kr_run_escape(const kr_run *run, const kr_view *view) {
    if (run->phases.change)
        return kr_escape_estimate_make(view->events, (double)view->exposure_steps, view->exposure_time, (double)view->particles);
    return kr_measured_escape(&run->stage->model, &run->durations, view, view->events, (double)view->exposure_steps,
                              view->exposure_time);
}

/* The count says cheaply when there is no need to ask for the interval. */
static bool precise(const kr_run *run, const kr_view *view, double wanted) {
    if (view->events == 0 || 1.0 / sqrt((double)view->events) > wanted) return false;
    kr_escape_estimate estimate = kr_run_escape(run, view);
    return kr_escape_relative_error(&estimate) <= wanted;
}

static bool wanted_reached(const kr_run *run, const kr_view *view) {
    const kr_ensemble_settings *settings = kr_scene_ensemble(run->scene);
    if (view->step % run->check_every != 0) return false;
    if (view->absorbed + view->diverged == view->particles) return true;
    if (settings->until_events > 0 && view->events >= (uint64_t)settings->until_events) return true;
    return settings->until_relative_error > 0 && precise(run, view, settings->until_relative_error);
}

/* ", or look at the values of FILE, FILE": what others made may be the reason. */
typedef struct file_list {
    char text[300];
} file_list;

static void add_file(const kr_scene *scene, const char *path, void *context) {
    (void)scene;
    char *text = ((file_list *)context)->text;
    size_t used = strlen(text);
    snprintf(text + used, sizeof(file_list) - used, "%s%.120s", used ? ", " : ", or look at the values of ", path);
}

static file_list files_to_look_at(const kr_run *run) {
    file_list files = {""};
    kr_scene_visit_files(run->scene, add_file, &files);
    return files;
}

static kr_status judge_divergence(kr_run *run, const kr_view *view, kr_error *error) {
    double most = kr_scene_ensemble(run->scene)->max_diverged;
    if (view->step % run->check_every != 0 && view->step != run->steps) return KR_OK;
    if ((double)view->diverged <= most * (double)view->particles) return KR_OK;
    run->finished = true;
    return kr_fail(
        error, KR_DIVERGED,
        "%llu of %llu particles are no longer finite after %llu steps (ensemble.max_diverged allows a fraction of %g); lower the "
        "learning rate%s",
        (unsigned long long)view->diverged, (unsigned long long)view->particles, (unsigned long long)view->step, most,
        files_to_look_at(run).text);
}

static kr_status judge_diverged_paths(kr_run *run, kr_error *error) {
    const kr_splitting_result *result = kr_run_splitting(run);
    double most = kr_scene_ensemble(run->scene)->max_diverged;
    if (!run->finished || (double)result->diverged <= most * (double)result->paths) return KR_OK;
    return kr_fail(
        error, KR_DIVERGED,
        "%llu of %llu paths became non-finite (ensemble.max_diverged allows a fraction of %g); lower the learning rate%s",
        (unsigned long long)result->diverged, (unsigned long long)result->paths, most, files_to_look_at(run).text);
}

/* When the one before has ended. */
static kr_status enter_phase(kr_run *run, kr_error *error) {
    kr_phases *phases = &run->phases;
    if (phases->now + 1 >= phases->count || kr_ensemble_view(run->ensemble).step < kr_phases_end(phases, phases->now)) return KR_OK;
    kr_ensemble_setup options = kr_run_setup_options(run);
    kr_status status = kr_phases_enter_next(phases, run->ensemble, &options, error);
    if (status != KR_OK) return kr_fail_at(error, status, "phases.%zu", phases->now + 1);
    run->stage = phases->stage[phases->now];
    kr_run_follow_phase(run);
    return KR_OK;
}

kr_status kr_run_advance(kr_run *run, kr_error *error) {
    if (run->finished) return KR_OK;
    kr_elapsed began = kr_elapsed_now();
    if (run->splitting) {
        kr_status split = kr_splitting_advance(run->splitting, error);
        run->finished = split != KR_OK || kr_splitting_finished(run->splitting);
        run->wall_seconds += kr_elapsed_since(began).seconds;
        return split == KR_OK ? judge_diverged_paths(run, error) : split;
    }
    kr_status status = enter_phase(run, error);
    uint64_t before = kr_ensemble_view(run->ensemble).step;
    if (status == KR_OK)
        status = kr_sampled_advance(run->ensemble, run->sampler, KR_RUN_SAMPLERS, run->observers.inside,
                                    run->observers.inside_count, kr_phases_end(&run->phases, run->phases.now), error);
    kr_view view = kr_ensemble_view(run->ensemble);
    if (status == KR_INTERRUPTED) { /* in the middle of a step, perhaps, that observers inside the loop have seen */
        run->torn = run->torn || (view.step == before && run->observers.inside_count);
        run->wall_seconds += kr_elapsed_since(began).seconds;
        return status;
    }
    if (status == KR_OK) status = judge_divergence(run, &view, error);
    run->finished = run->finished || status != KR_OK || view.step >= run->steps || wanted_reached(run, &view);
    run->wall_seconds += kr_elapsed_since(began).seconds;
    return status;
}

bool kr_run_finished(const kr_run *run) {
    return run->finished;
}

uint64_t kr_run_steps(const kr_run *run) {
    return run->steps;
}

kr_estimate kr_run_estimate(const kr_run *run) {
    return run->estimate;
}
