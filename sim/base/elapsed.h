/* How long something takes: on the clock, and of all processors together, which does not depend on what else they have to do.
 *
 *     kr_elapsed began = kr_elapsed_now();
 *     ...
 *     kr_elapsed took = kr_elapsed_since(began);
 */
#ifndef KR_ELAPSED_H
#define KR_ELAPSED_H

#include <math.h>
#include <time.h>

typedef struct kr_elapsed {
    double seconds, processor;
} kr_elapsed;

static inline double kr_clock_seconds(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Of the process. */
static inline kr_elapsed kr_elapsed_now(void) {
    return (kr_elapsed){kr_clock_seconds(CLOCK_MONOTONIC), kr_clock_seconds(CLOCK_PROCESS_CPUTIME_ID)};
}

static inline kr_elapsed kr_elapsed_since(kr_elapsed began) {
    kr_elapsed now = kr_elapsed_now();
    return (kr_elapsed){now.seconds - began.seconds, now.processor - began.processor};
}

static inline kr_elapsed kr_elapsed_times(kr_elapsed elapsed, double factor) {
    return (kr_elapsed){elapsed.seconds * factor, elapsed.processor * factor};
}

static inline kr_elapsed kr_elapsed_plus(kr_elapsed a, kr_elapsed b) {
    return (kr_elapsed){a.seconds + b.seconds, a.processor + b.processor};
}

/* Of two tries at the same: others may have had the processor. */
static inline kr_elapsed kr_elapsed_least(kr_elapsed a, kr_elapsed b) {
    return (kr_elapsed){fmin(a.seconds, b.seconds), fmin(a.processor, b.processor)};
}

#endif
