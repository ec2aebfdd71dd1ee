/* Steps at which nothing moves: those at a learning rate of 0, or below a thousandth of the run's largest, as behind the end of a
 * linear or cosine schedule. They count as exposure, and a mean over all steps says more of how long the run went on after its
 * schedule than of the escape. */
#ifndef KR_MOVING_STEPS_H
#define KR_MOVING_STEPS_H

#include <kramers/escape.h>
#include <kramers/schedule.h>

/* Below this share of the largest rate a step is still. */
extern const double kr_still_rate;

typedef struct kr_moving_steps {
    const kr_schedule *schedule; /* borrowed */
    double least;                /* rate from which on a step moves */
    uint64_t *bound;             /* [count] ascending: the steps from bound[2 i] to before bound[2 i + 1] move */
    uint64_t *moved;             /* [count] how many steps move before this bound */
    size_t count;
    uint64_t steps; /* of the run */
} kr_moving_steps;

/* Of the first `steps` steps. Every step is asked up to two million of them. Beyond, so many are, spread over the run: where the
 * schedule comes in cycles each stands for its neighbours, and the count is good to about a millionth of all; else the place of a
 * change between two of them is searched for, and the count is exact for rates that rise and fall slower than that. */
kr_status kr_moving_steps_create(kr_moving_steps *moving, const kr_schedule *schedule, uint64_t steps, kr_error *error);
void kr_moving_steps_destroy(kr_moving_steps *moving);

/* How many of the first `step` steps move. */
uint64_t kr_moving_steps_before(const kr_moving_steps *moving, uint64_t step);
/* Whether the step that ends at `step` does, as passages are dated; 0: no. */
bool kr_moving_steps_has(const kr_moving_steps *moving, uint64_t step);

#endif
