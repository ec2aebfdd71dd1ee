#include "measured_escape.h"

#include "solvers/problem/relaxation.h"

#include <math.h>

void kr_measured_escape_begin(const kr_model *model, const kr_view *view, kr_passage_durations *durations) {
    kr_problem problem = kr_model_problem(model);
    double rate = kr_problem_constant_rate(&problem);
    bool constant = model->target_count > 0 && !isnan(rate);
    kr_passage_durations_begin(durations, view, problem.burn_in, constant ? kr_relaxation_steps(&problem, rate) : NAN);
}

kr_escape_estimate kr_measured_escape(const kr_model *model, const kr_passage_durations *durations, const kr_view *view,
                                      uint64_t events, double exposure_steps, double exposure_time) {
    kr_escape_estimate e = kr_escape_estimate_make(events, exposure_steps, exposure_time, (double)view->particles);
    kr_problem problem = kr_model_problem(model);
    double time_step = exposure_time / exposure_steps;
    if (isnan(kr_problem_constant_rate(&problem)) || !(exposure_steps > 0) || !(time_step > 0)) return e;
    kr_mean_passage mean = kr_mean_passage_find(durations, view);
    e.memory_steps = mean.memory;
    e.needed_steps = mean.needed;
    e.mfpt_steps = mean.steps;
    e.mfpt_steps_ci95 = mean.ci95;
    e.mfpt_time = mean.steps * time_step;
    e.rate = mean.needed > 0 ? NAN : isnan(mean.steps) ? 0.0 : 1.0 / e.mfpt_time;
    e.rate_ci95 = (kr_interval){1.0 / (mean.ci95.high * time_step), 1.0 / (mean.ci95.low * time_step)};
    return e;
}
