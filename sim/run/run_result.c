/* What a run says: counts, intervals, theories beside them, and warnings where the numbers need a caution. */
#include "result_table.h"
#include "run_state.h"
#include "scene/scene_parts.h"
#include <kramers/stability.h>

#include <kramers/basin.h>
#include <kramers/critical_points.h>
#include <kramers/interrupt.h>

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static void KR_PRINTF(2, 3) warn(kr_result *result, const char *format, ...) {
    if (result->warning_count == KR_MAX_WARNINGS) return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(result->warnings[result->warning_count++], sizeof result->warnings[0], format, arguments);
    va_end(arguments);
}

/* The highest learning rate of steps begin to end - 1, seen at up to a thousand of them. */
static double highest_rate(const kr_schedule *schedule, uint64_t begin, uint64_t end) {
    double highest = kr_schedule_at(schedule, begin);
    uint64_t stride = (end - begin) / 1000 + 1;
    for (uint64_t k = begin; k < end; k += stride) highest = fmax(highest, kr_schedule_at(schedule, k));
    return highest;
}

static bool predicts_passage(const kr_theory_result *theory) {
    const kr_prediction *p = &theory->prediction;
    return p->applies && (isfinite(p->mfpt_steps) || isfinite(p->rate));
}

/* Names only theories that say something here; to compare with, the most exact of those about steps that does. */
static void warn_of_continuous_time(kr_result *result, double product) {
    char names[120] = "", compare[60] = "", about[200] = "";
    size_t used = 0;
    for (size_t i = 0; i < result->theory_count; i++) {
        const kr_theory_type *type = result->theory[i].type;
        if (!predicts_passage(&result->theory[i])) continue;
        if (type->discrete_time)
            snprintf(compare, sizeof compare, "; compare with %.40s", type->about.name);
        else if (used < sizeof names)
            used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", used ? ", " : "", type->about.name);
    }
    if (used) snprintf(about, sizeof about, ": continuous-time theories (%s) are not to be trusted here%s", names, compare);
    warn(result, "learning rate x curvature = %.3g at the start%s", product,
         used ? about : ": steps are too large for continuous time to be a guide");
}

/* Of a phase, whose name stands before it; empty: there are none. curvature: the largest at its start. */
static void warn_of_learning_rate(const kr_model *model, double curvature, double rate, const char *name, kr_result *result) {
    const char *colon = *name ? ": " : "";
    double product = rate * curvature;
    char unstable[160];
    if (kr_stability_warning(&model->dynamics, rate, curvature, unstable, sizeof unstable))
        warn(result, "%s%s%s", name, colon, unstable);
    else if (!*name && model->dynamics.type->thermal_variance && model->target_count && product > 0.1)
        warn_of_continuous_time(result, product);
    if (rate == 0) warn(result, "%s%sthe learning rate is 0 throughout: nothing moves", name, colon);
}

static void warn_of_learning_rates(const kr_run *run, kr_result *result) {
    for (size_t i = 0; i < run->phases.count; i++) {
        const kr_model *model = &run->phases.stage[i]->model;
        uint64_t begin = run->scene->phase_count ? run->scene->phases[i].begin : 0, end = kr_phases_end(&run->phases, i);
        warn_of_learning_rate(model, run->foreseen.curvature[i], highest_rate(&model->schedule, begin, end),
                              run->scene->phase_count ? run->scene->phases[i].name : "", result);
    }
}

static void warn_of_thermalisation(const kr_run *run, kr_result *result) {
    double relaxations = result->time * run->foreseen.slowest;
    if (relaxations < 5 && result->steps > 0)
        warn(result, "not thermalised: the run lasts %.3g relaxation times of the start (time x curvature); 5 or more are needed",
             relaxations);
}

/* Splitting is for what does not change with the step. */
static bool can_be_split(const kr_run *run) {
    kr_problem problem = kr_model_problem(&run->stage->model);
    return !run->phases.change && !isnan(kr_problem_constant_rate(&problem));
}

static void warn_of_counts(const kr_run *run, kr_result *result) {
    if (result->diverged)
        warn(result, "%llu of %llu particles became non-finite and were stopped; the first was particle %llu at step %llu",
             (unsigned long long)result->diverged, (unsigned long long)kr_scene_ensemble(run->scene)->particles,
             (unsigned long long)result->first_diverged_particle, (unsigned long long)result->first_diverged_step);
    if (!result->escape_measured) return;
    if (result->escape.needed_steps > 0)
        warn(result,
             "nothing can be said of the mean first-passage time yet: particles still remember the start; run at least %.3g steps",
             result->escape.needed_steps);
    else if (result->escape.events == 0)
        warn(result, "too few events: none, so that the rate has an upper limit only; run longer, hotter or with more particles%s",
             can_be_split(run) ? ", or measure a rare escape by splitting: --set escape.method=splitting (an example: kramers run "
                                 "splitting)"
                               : "");
    else if (result->escape.events < 25)
        warn(result,
             "too few events (%llu): the rate is known to no better than %.0f %%; run longer, hotter or with more particles",
             (unsigned long long)result->escape.events, 100.0 / sqrt((double)result->escape.events));
}

/* The mean over all steps, then, says how long the run went on. */
static void warn_of_still_steps(kr_result *result) {
    const kr_moving_estimate *m = &result->moving;
    char mean[150] = "";
    if (!(m->still_fraction > 0.05) || m->still_fraction == 1) return; /* 1: said already */
    if (result->escape_measured && m->events)
        snprintf(mean, sizeof mean, " and count as exposure; over the others the mean is %.6g (95 %% from %.6g to %.6g)",
                 m->mfpt_steps, m->mfpt_steps_ci95.low, m->mfpt_steps_ci95.high);
    warn(result, "%.3g %% of the steps are at a learning rate below 1e-3 of the largest, where nothing moves,%s",
         100 * m->still_fraction, mean[0] ? mean : " and count as the others do");
}

static void warn_of_landscape(const kr_landscape *landscape, kr_result *result) {
    char text[sizeof result->warnings[0]];
    for (size_t k = 0; landscape->type->warning && landscape->type->warning(landscape, k, text, sizeof text); k++)
        warn(result, "%s", text);
}

static void warn_of_observers(const kr_observers *observers, kr_result *result) {
    char text[sizeof result->warnings[0]];
    for (size_t i = 0; i < observers->count; i++) {
        const kr_observer *observer = observers->observer[i];
        if (observers->failed[i]) {
            warn(result, "no results of %s: %s", observer->type->about.name, observers->failure[i].message);
            continue;
        }
        for (size_t k = 0; observer->type->warning && observer->type->warning(observer, k, text, sizeof text); k++)
            warn(result, "%s", text);
    }
}

static void find_first_diverged(const kr_view *view, kr_result *result) {
    for (uint64_t p = 0; view->diverged && p < view->particles; p++)
        if (view->stopped_at[p] && view->departure[p] != KR_ABSORBED &&
            (result->first_diverged_step == 0 || view->stopped_at[p] < result->first_diverged_step)) {
            result->first_diverged_step = view->stopped_at[p];
            result->first_diverged_particle = p;
        }
}

/* z needs the count that the theory predicts; at low friction the raw first passage is another quantity than the rate. The measured
 * relaxation is that of the steps. */
static void compare(const kr_run *run, kr_result *result) {
    kr_result_part parts[KR_MAX_PARTS];
    size_t count = kr_result_parts(run->scene->registry, result, parts);
    double relaxation = kr_result_number(parts, count, "transitions.relaxation_rate"),
           error = kr_result_number(parts, count, "transitions.relaxation_rate_error");
    double (*z)(const kr_escape_estimate *, double, double) = result->absorbed ? kr_escape_absorbed_z : kr_escape_z;
    for (size_t i = 0; i < result->theory_count; i++) {
        kr_theory_result *theory = &result->theory[i];
        const kr_prediction *p = &theory->prediction;
        theory->z = !p->applies || !result->escape_measured ? NAN
                    : result->splitting                     ? kr_splitting_z(result->splitting, p->mfpt_steps)
                                                            : z(&result->escape, p->mfpt_steps, p->variation);
        theory->gap_z = p->applies ? (relaxation - kr_prediction_relaxation(p)) / error : NAN;
    }
}

/* A Metropolis test that rejects nearly everything holds the particles where they are. */
static void warn_of_acceptance(kr_result *result) {
    double accepted = kr_result_acceptance(result);
    if (accepted < 0.1)
        warn(result, "only %.2g %% of the proposals are accepted, so that particles hardly move; use a lower learning rate",
             100 * accepted);
}

static void warn_of_driven(kr_result *result) {
    for (size_t i = 0; i < result->driven_count; i++) {
        const kr_driven_result *d = &result->driven[i];
        if (d->clamped > 0 && d->invariant[0])
            warn(result, "%s was held at an end of its range at %.3g %% of the steps: %s is kept to %.3g only", d->name,
                 100 * d->clamped, d->invariant, d->held_to);
        else if (d->clamped > 0)
            warn(result, "%s was held at an end of its range at %.3g %% of the steps", d->name, 100 * d->clamped);
    }
}

static void warn_of_splitting(kr_result *result) {
    const kr_splitting_result *s = result->splitting;
    if (s->diverged)
        warn(result, "%llu of %llu paths became non-finite; they count as paths that did not arrive",
             (unsigned long long)s->diverged, (unsigned long long)s->paths);
    if (!s->relaxed)
        warn(result,
             "particles still remember the start after %llu steps: there are several long-lived states on its side of the "
             "barrier, or too little friction, and the mean is not to be trusted",
             (unsigned long long)s->relaxation_steps);
    if (s->extinct)
        warn(result, "in %llu of %llu repeats all replicas died before the target; use more (escape.replicas)",
             (unsigned long long)s->extinct, (unsigned long long)s->repeats);
    if (s->repeats > 1 && s->rate_steps_error > 0.3 * s->rate_steps)
        warn(result, "the rate is known to no better than %.0f %%; use more replicas or repeats, or a better escape.coordinate",
             100 * s->rate_steps_error / s->rate_steps);
    if (s->probability > 0.2)
        warn(result, "the escape is not rare (one of %.2g excursions arrives): escape.method count is simpler and quicker",
             1 / s->probability);
}

/* What each target got. */
static bool has_targets(const kr_run *run) {
    for (size_t i = 0; i < run->phases.count; i++)
        if (run->phases.stage[i]->model.target_count > 0) return true;
    return false;
}

/* Where phases have targets of their own, their numbers mean one thing in one of them and another in the next. */
static size_t same_targets(const kr_run *run) {
    const kr_scene *first = &run->phases.stage[0]->scene;
    for (size_t i = 1; i < run->phases.count; i++)
        if (!kr_scene_same_targets(first, &run->phases.stage[i]->scene)) return 0;
    return first->target_count;
}

static void count_targets(const kr_run *run, const uint64_t *events, kr_result *result) {
    result->target_count = same_targets(run);
    for (size_t i = 0; i < result->target_count; i++) {
        uint64_t all = result->escape.events;
        result->target_events[i] = events[i];
        result->target[i] = (kr_target_result){.target = &run->stage->model.targets[i],
                                               .events = events[i],
                                               .probability = all ? (double)events[i] / (double)all : NAN,
                                               .probability_ci95 = kr_binomial_interval(events[i], all, 0.95)};
    }
}

static const kr_result *result_of_splitting(kr_run *run) {
    kr_result *result = &run->result;
    result->splitting = kr_run_splitting(run);
    result->view = kr_run_view(run);
    result->particle_steps = result->splitting->particle_steps;
    result->wall_seconds = run->wall_seconds;
    result->diverged = result->splitting->diverged;
    result->escape_measured = true;
    result->escape = result->splitting->escape;
    count_targets(run, &result->escape.events, result);
    compare(run, result);
    result->warning_count = 0;
    warn_of_landscape(&run->stage->model.landscape, result);
    warn_of_learning_rates(run, result);
    warn_of_splitting(result);
    return result;
}

static bool has_arrived(const void *context, uint64_t particle) {
    return ((const kr_view *)context)->departure[particle] == KR_ABSORBED;
}

static void measure_survival(kr_run *run, const kr_view *view, kr_result *result) {
    kr_survival *survival = &result->survival;
    const kr_escape_settings *settings = kr_scene_escape(run->scene);
    bool predicted =
        run->finished && (survival->chain_why[0] || survival->adiabatic_why[0] || survival->chain || survival->adiabatic);
    result->absorbed = result->escape_measured && !settings->renewal;
    if (!result->absorbed || (predicted && survival->step[survival->count - 1] == view->step)) return;
    kr_survival_destroy(survival);
    uint64_t kept = view->particles - view->diverged;
    result->crossed_fraction = kept ? (double)view->absorbed / (double)kept : NAN;
    result->crossed_fraction_ci95 = kr_binomial_interval(view->absorbed, kept, 0.95);
    kr_error error;
    if (kr_survival_create(survival, run->steps, view->step, &error) != KR_OK ||
        kr_survival_measure(survival, view->particles, view->step, view->stopped_at, has_arrived, view, &error) != KR_OK) {
        kr_survival_destroy(survival);
        warn(result, "no survival curve: %s", error.message);
        return;
    }
    const char *why = !run->finished ? "The run has not ended." : "";
    snprintf(survival->chain_why, sizeof survival->chain_why, "%s", why);
    snprintf(survival->adiabatic_why, sizeof survival->adiabatic_why, "%s", why);
    if (run->phases.change) why = "The phases differ.";
    if (!why[0] && kr_run_predict_survival(run, survival, &error) != KR_OK)
        warn(result, "no predicted survival: %s", error.message);
}

/* The present one as far as it has come. */
static void fill_phases(kr_run *run, const kr_view *view, kr_result *result) {
    kr_error error;
    if (!run->scene->phase_count) return;
    if (kr_phase_results_measure(&run->phase_results, &run->phases, view, kr_run_threads(run), &error) != KR_OK)
        warn(result, "no results of the present phase: %s", error.message);
    kr_phase_results_fill(&run->phase_results, &run->phases, view->particles, result);
}

/* After the end nothing changes any more, and what observers look at is not looked at again. */
const kr_result *kr_run_result(kr_run *run) {
    kr_result *result = &run->result;
    if (run->concluded) return result;
    kr_run_foresee(run);
    result->temperature = run->foreseen.temperature;
    if (run->splitting) return result_of_splitting(run);
    kr_view view = kr_ensemble_view(run->ensemble);
    kr_observers_end(&run->observers, &view);
    result->observers = run->observers.observer;
    result->observer_count = run->observers.count;
    result->mean = kr_statistics_result(kr_observers_find(&run->observers, "statistics"));
    result->energy = kr_energy_observed(kr_observers_find(&run->observers, "energy"));
    result->transitions = kr_transitions_result(kr_observers_find(&run->observers, "transitions"));
    result->steps = view.step;
    result->particle_steps = view.exposure_steps;
    result->time = view.time;
    result->wall_seconds = run->wall_seconds;
    result->diverged = view.diverged;
    result->view = view;
    find_first_diverged(&view, result);
    result->escape_measured = has_targets(run);
    if (result->escape_measured) result->escape = kr_run_escape(run, &view);
    count_targets(run, run->target_events, result);
    result->warning_count = 0;
    measure_survival(run, &view, result);
    result->exponential = (kr_exponential){0};
    if (result->escape_measured && !run->steps_resumed && !run->phases.change)
        result->exponential = kr_passages_test(&run->passages, &view);
    kr_run_measure_moving(run, &view, result);
    compare(run, result);
    warn_of_landscape(&run->stage->model.landscape, result);
    kr_run_measure_driven(run, result->steps, result);
    warn_of_learning_rates(run, result);
    warn_of_still_steps(result);
    if (!run->phases.change) warn_of_thermalisation(run, result);
    warn_of_counts(run, result);
    if (run->trajectory && kr_trajectory_fell_back(run->trajectory))
        warn(result, "the newest checkpoint of %.160s was damaged; the run went on from the one before", run->output);
    warn_of_acceptance(result);
    warn_of_driven(result);
    fill_phases(run, &view, result);
    warn_of_observers(&run->observers, result);
    run->concluded = run->finished;
    return result;
}

kr_status kr_run_finish(kr_run *run, kr_error *error) {
    bool ended = run->finished;
    run->result.interrupted = run->result.interrupted || !ended;
    run->finished = true;
    if (!run->trajectory) return KR_OK;
    kr_result_part parts[KR_MAX_PARTS];
    kr_view view = kr_run_view(run);
    unsigned long heeded = kr_interrupt_heeded();
    const kr_result *result = kr_run_result(run);
    bool cut = kr_interrupt_heeded() != heeded; /* something in it was given up */
    if (run->torn) return KR_OK;                /* the file is whole as of its last flush */
    size_t count = kr_result_parts(run->scene->registry, result, parts);
    uint64_t *words = kr_run_checkpoint(run);
    if (!words) return kr_fail(error, KR_NO_MEMORY, "not enough memory for a checkpoint");
    kr_status status = kr_trajectory_finish(run->trajectory, words, &view, parts, count, ended && !cut, error);
    free(words);
    return status == KR_OK && ended && cut ? kr_fail(error, KR_INTERRUPTED, "interrupted") : status;
}
