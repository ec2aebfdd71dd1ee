/* How many operations of each kind one processor does in a nanosecond when it does nothing else: the ceilings under which the hot
 * loop works. Numbers are doubles in the first-level cache; the fastest of many short batches.
 *
 *     ceiling     prints one JSON array, an object for each instruction set with vectors:
 *                 fma, add, divide, sqrt, multiply (32 by 32 bits), load, store, exp, normal    numbers per ns
 *                 vector_instruction, instruction                                           instructions per ns
 *                 cycle                                                                     cycles per ns, the clock in GHz
 */
#include "ceiling.h"

#include "engine/kernels.h"

#include <math.h>
#include <stdalign.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { BATCHES = 300 };
static alignas(64) double memory[KR_CEILING_NUMBERS];
static const kr_kernels *kernels; /* of the instruction set at hand */

static double normal_loop(size_t times, double *out) {
    for (size_t i = 0; i < times; i++) kernels->normals((kr_draw){.seed = 1, .step = i}, 1, KR_CEILING_NUMBERS, out);
    return (double)times * KR_CEILING_NUMBERS;
}

/* Of this thread's processor: what others take of it does not count. */
static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Batches of about 0.2 ms: short enough that most are not interrupted. */
static double per_nanosecond(double (*run)(size_t, double *)) {
    size_t times = 16;
    double best = 0, operations = 0;
    for (; best < 2e-4; times *= 2) {
        double begin = now();
        run(times, memory);
        best = now() - begin;
    }
    best = INFINITY;
    for (int batch = 0; batch < BATCHES; batch++) {
        double begin = now();
        operations = run(times, memory);
        best = fmin(best, now() - begin);
    }
    return 1e-9 * operations / best;
}

static void print_ceilings(const char *isa, const kr_ceiling_loop *loops) {
    for (size_t i = 0; i < KR_CEILING_NUMBERS; i++) memory[i] = 1 + (double)i / KR_CEILING_NUMBERS;
    printf("{\"isa\": \"%s\"", isa);
    for (const kr_ceiling_loop *loop = loops; loop->name; loop++) printf(", \"%s\": %.4g", loop->name, per_nanosecond(loop->run));
    printf(", \"normal\": %.4g}", per_nanosecond(normal_loop));
}

/* Of the instruction sets that this build has. */
static const struct {
    const char *isa;
    const kr_ceiling_loop *loops;
} ceilings[] = {
#ifdef KR_CEILING_v3
    {"v3", kr_plugin_ceiling_v3},
#endif
#ifdef KR_CEILING_v4
    {"v4", kr_plugin_ceiling_v4},
#endif
};

static const kr_ceiling_loop *loops_of(const char *isa) {
    for (size_t i = 0; i < sizeof ceilings / sizeof *ceilings; i++)
        if (!strcmp(ceilings[i].isa, isa)) return ceilings[i].loops;
    return NULL;
}

int main(void) {
    const kr_registry *registries[8];
    size_t count = kr_registry_available(registries, 8);
    bool first = true;
    printf("[");
    for (size_t r = 0; r < count; r++) {
        const kr_ceiling_loop *loops = loops_of(registries[r]->isa);
        if (!loops) continue;
        if (!first) printf(",\n ");
        kernels = registries[r]->kernels;
        print_ceilings(registries[r]->isa, loops);
        first = false;
    }
    printf("]\n");
    return 0;
}
