/* A problem from names and texts, for programs: what a scene says, without a file.
 *
 *     kr_problem *problem;
 *     kr_problem_create(&problem, &(kr_problem_text){.dynamics = "sgld temperature=0.2", .until = "above=1"}, &error);
 *     kr_ensemble_setup setup = kr_ensemble_setup_default(problem);
 *     kr_ensemble_create(&ensemble, &setup, &error);
 *     ...
 *     kr_ensemble_destroy(ensemble);
 *     kr_problem_destroy(problem);
 *
 * Theories take the problem as it is (kr_theory_predict).
 */
#ifndef KRAMERS_PROBLEM_H
#define KRAMERS_PROBLEM_H

#include <kramers/ensemble.h>
#include <kramers/theory.h>

KR_BEGIN_DECLARATIONS

/* NULL: the default of a scene. Values are YAML, so "[1, 2]" is a list; what is not named keeps its default. */
typedef struct kr_problem_text {
    const char *landscape; /* "double_well barrier=1"; that */
    const char *dynamics;  /* "sgld temperature=0.2 weight_decay=0"; sgld */
    const char *noise;     /* "isotropic sigma=2"; none */
    const char *schedule;  /* "cosine lr=0.1 steps=1000"; constant */
    const char *start;     /* "minimum=1" or "point=[-1, 0]"; minimum 0 */
    const char *until;     /* "coordinate=0 above=1", "minimum=1 radius=0.2"; several with ; between; none: no escape is measured */
    const kr_registry *registry; /* NULL: the best for this processor; else it must outlive the problem */
} kr_problem_text;

/* The problem owns everything that it points to. Unknown names are errors with the nearest. */
KR_API kr_status kr_problem_create(kr_problem **problem, const kr_problem_text *text, kr_error *error);
KR_API void kr_problem_destroy(kr_problem *problem); /* of kr_problem_create only */

/* The setup of an ensemble for a problem, made by hand or not: 4096 particles, seed 1, all threads, the best kernels. Change what
 * you like before kr_ensemble_create. */
KR_API kr_ensemble_setup kr_ensemble_setup_default(const kr_problem *problem);

KR_END_DECLARATIONS

#endif
