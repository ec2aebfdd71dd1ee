#include "problem_at_step.h"

kr_status kr_problem_at_step_set(kr_problem_at_step *p, uint64_t step, kr_error *error) {
    if (!p->changes || p->step == step) return KR_OK;
    kr_status status = p->moment ? kr_moment_set(p->moment, step, error) : KR_OK;
    p->step = status == KR_OK ? step : UINT64_MAX;
    if (p->moment) {
        p->now.landscape = p->moment->landscape;
        p->now.dynamics = p->moment->dynamics;
        p->noise = *p->moment->noise;
    }
    p->noise.step = step;
    return status;
}

kr_status kr_problem_at_step_create(kr_problem_at_step *p, const kr_problem *problem, kr_error *error) {
    *p =
        (kr_problem_at_step){.now = *problem, .changes = kr_problem_changes(problem), .step = UINT64_MAX, .noise = *problem->noise};
    if (!p->changes) return KR_OK;
    p->now.noise = &p->noise;
    kr_status status = problem->drive ? kr_moment_create(&p->moment, problem->drive, error) : KR_OK;
    return status == KR_OK ? kr_problem_at_step_set(p, 0, error) : status;
}

void kr_problem_at_step_destroy(kr_problem_at_step *p) {
    kr_moment_destroy(p->moment);
    p->moment = NULL;
}
