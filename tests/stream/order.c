/* Which random numbers a block of a stream has, and the code for this processor. */
#include "stream.h"

#include <string.h>

/* By particle: all particles of a step, step by step. Otherwise a run of values of the index for each particle of a granule,
 * granule by granule, and then the next run. No number comes twice. */
kr_draw stream_place(const stream_source *source, uint64_t block) {
    enum { PARTICLES = 1 << 20, GRANULES = PARTICLES / KR_GRANULE, COORDINATES = 16 };
    kr_draw d = {.seed = source->seed};
    if (source->order == STREAM_PARTICLES) {
        d.first = block % (PARTICLES / STREAM_BLOCK) * STREAM_BLOCK;
        d.step = block / (PARTICLES / STREAM_BLOCK);
        return d;
    }
    uint64_t run = block / GRANULES;
    d.first = block % GRANULES * KR_GRANULE;
    if (source->order == STREAM_STEPS) d.step = run * STREAM_RUN;
    if (source->order == STREAM_SEEDS) d.seed += run * STREAM_RUN;
    if (source->order == STREAM_COORDINATES) {
        d.coordinate = (unsigned)(run % COORDINATES * STREAM_RUN);
        d.step = run / COORDINATES;
    }
    return d;
}

extern const stream_kernels stream_kernels_baseline;
#ifdef KR_STREAM_v3
extern const stream_kernels stream_kernels_v3;
#endif
#ifdef KR_STREAM_v4
extern const stream_kernels stream_kernels_v4;
#endif

const stream_kernels *stream_kernels_find(const char *isa) {
#ifdef KR_STREAM_v4
    if (!strcmp(isa, "v4")) return &stream_kernels_v4;
#endif
#ifdef KR_STREAM_v3
    if (!strcmp(isa, "v3")) return &stream_kernels_v3;
#endif
    (void)isa;
    return &stream_kernels_baseline;
}
