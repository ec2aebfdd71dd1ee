/* Random numbers two at a time, from one call of Philox4x32-10 (Random123): for what is drawn once, a start or a data set, not in a
 * loop over steps. Same bits everywhere. */
#ifndef KR_RANDOM_PAIR_H
#define KR_RANDOM_PAIR_H

#include <kramers/vector_math.h>

#include <Random123/philox.h>

#include <math.h>
#include <stdint.h>

typedef struct kr_random_pair {
    double first, second;
} kr_random_pair;

/* In the middle of one of 2^52 cells of (0, 1). */
static inline double kr_unit_interval(uint32_t high, uint32_t low) {
    return ((double)(((uint64_t)high << 32 | low) >> 12) + 0.5) * 0x1p-52;
}

/* Uniform in (0, 1), neither end included. The key is the seed and nothing else. */
static inline kr_random_pair kr_uniform_pair(uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint64_t seed) {
    philox4x32_ctr_t random =
        philox4x32_R(10, (philox4x32_ctr_t){{a, b, c, d}}, (philox4x32_key_t){{(uint32_t)seed, (uint32_t)(seed >> 32)}});
    return (kr_random_pair){kr_unit_interval(random.v[0], random.v[1]), kr_unit_interval(random.v[2], random.v[3])};
}

/* Independent, of mean 0 and variance 1 (Box and Muller 1958). */
static inline kr_random_pair kr_normal_pair(uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint64_t seed) {
    kr_random_pair uniform = kr_uniform_pair(a, b, c, d, seed), direction;
    double radius = sqrt(-2.0 * kr_log(uniform.first));
    kr_sincos_turns(uniform.second, &direction.first, &direction.second);
    return (kr_random_pair){radius * direction.first, radius * direction.second};
}

#endif
