/* A problem as its numbers are at one step, where they change with the step: those of a drive (drive.h), or the noise by itself. */
#ifndef KR_PROBLEM_AT_STEP_H
#define KR_PROBLEM_AT_STEP_H

#include <kramers/theory.h>

typedef struct kr_problem_at_step {
    kr_problem now;    /* as at the step that it was set to last */
    bool changes;      /* false: it is the same at all steps */
    uint64_t step;     /* that it was set to; UINT64_MAX: none */
    kr_moment *moment; /* of the drive; NULL: there is none */
    kr_noise noise;
} kr_problem_at_step;

/* As at step 0. now points into the struct, which must stay where it is until kr_problem_at_step_destroy (also after an error). */
kr_status kr_problem_at_step_create(kr_problem_at_step *p, const kr_problem *problem, kr_error *error);
void kr_problem_at_step_destroy(kr_problem_at_step *p);
kr_status kr_problem_at_step_set(kr_problem_at_step *p, uint64_t step, kr_error *error);

#endif
