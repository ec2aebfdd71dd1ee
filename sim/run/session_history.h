/* What a session remembers of the first particles: frames at a cadence that doubles whenever the memory is full, every second frame
 * then being given up. So a session of any length has between half of KR_HISTORY_FRAMES and all of them, evenly spaced. */
#ifndef KR_SESSION_HISTORY_H
#define KR_SESSION_HISTORY_H

#include <kramers/ensemble.h>

enum { KR_HISTORY_FRAMES = 1000, KR_HISTORY_PARTICLES = 64 };

typedef struct kr_history {
    size_t dim, particles;   /* remembered; fewer than KR_HISTORY_PARTICLES in many dimensions */
    size_t frames, capacity; /* even; less than KR_HISTORY_FRAMES in very many dimensions */
    uint64_t first_every, every;
    bool velocity; /* some frame has velocities; where there are none, they are NAN */
    int64_t *step;
    double *time, *learning_rate;
    double *position, *speed; /* [capacity][particles][dim] */
} kr_history;

kr_status kr_history_create(kr_history *history, uint64_t particles, size_t dim, kr_error *error);
void kr_history_destroy(kr_history *history);
/* Nothing remembered, at the first cadence. */
void kr_history_clear(kr_history *history);
bool kr_history_fits(const kr_history *history, uint64_t particles, size_t dim);
/* Remembers the view when its step is on the cadence; a second sample of the same step replaces the first. */
void kr_history_sample(kr_history *history, const kr_view *view);
/* What a frame holds of a view: [particles][dim] each. */
void kr_history_frame(const kr_history *history, const kr_view *view, double *position, double *speed);

#endif
