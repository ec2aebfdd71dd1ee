#include "block_storage.h"

#include "numerics/random_pair.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_PARTICLES_OF_A_BLOCK = 2048 };

void *kr_aligned_zeros(size_t count, size_t size) {
    if (size && count > (SIZE_MAX - KR_CACHE_LINE) / size) return NULL;
    size_t bytes = (count * size + KR_CACHE_LINE - 1) / KR_CACHE_LINE * KR_CACHE_LINE;
    void *memory = aligned_alloc(KR_CACHE_LINE, bytes ? bytes : KR_CACHE_LINE);
    if (memory) memset(memory, 0, bytes);
    return memory;
}

/* Numbers per particle that the noise model needs of the landscape. */
static size_t local_width(kr_noise_input kind, size_t dim) {
    switch (kind) {
    case KR_NOISE_INPUT_ENERGY: return 1;
    case KR_NOISE_INPUT_CURVATURE: return dim;
    case KR_NOISE_INPUT_HESSIAN: return dim * dim;
    default: return 0;
    }
}

size_t kr_setup_auxiliaries(const kr_ensemble_setup *setup) {
    return kr_dynamics_auxiliaries(setup->dynamics) + kr_noise_memories(setup->noise);
}

/* The most uniform numbers that a part of the noise asks for. */
static size_t uniforms(const kr_noise *noise) {
    size_t most = noise->type->uniforms;
    for (size_t i = 0; i < noise->type->part_count; i++)
        if (noise->type->parts[i].type->uniforms > most) most = noise->type->parts[i].type->uniforms;
    return most;
}

static size_t sample_work(const kr_ensemble_setup *setup) {
    kr_noise sampler;
    if (!kr_noise_sampler_of(setup->noise, &sampler)) return 0;
    return sampler.type->sampler->work(&sampler, setup->landscape);
}

/* position, gradient, normal and scratch, the auxiliaries, and what the noise needs. */
size_t kr_block_doubles(const kr_ensemble_setup *setup) {
    size_t dim = setup->landscape->dim;
    return (4 + kr_setup_auxiliaries(setup) + uniforms(setup->noise)) * dim + setup->dynamics->type->work_numbers +
           sample_work(setup) + local_width(kr_noise_needs(setup->noise, setup->landscape->type->separable), dim);
}

size_t kr_block_round(size_t particles) {
    if (particles > MOST_PARTICLES_OF_A_BLOCK) particles = MOST_PARTICLES_OF_A_BLOCK;
    particles = kr_padded(particles);
    return particles ? particles : KR_GRANULE;
}

size_t kr_block_size(const kr_ensemble_setup *setup, size_t wanted) {
    size_t size = KR_FIRST_LEVEL_CACHE / (sizeof(double) * kr_block_doubles(setup));
    return kr_block_round(size < wanted ? size : wanted);
}

/* A little room between the arrays keeps them from falling on the same lines of the cache. */
double *kr_block_make(kr_block *block, const kr_ensemble_setup *setup, size_t size) {
    size_t dim = setup->landscape->dim, auxiliaries = kr_setup_auxiliaries(setup);
    size_t width = dim * size + 16, arrays = 4 + auxiliaries + uniforms(setup->noise);
    kr_noise_input kind = kr_noise_needs(setup->noise, setup->landscape->type->separable);
    size_t work = setup->dynamics->type->work_numbers * size + 16, of_sampler = sample_work(setup) * size + 16;
    size_t numbers = arrays * width + work + of_sampler + local_width(kind, dim) * size + 16;
    double *storage = kr_aligned_zeros(numbers, sizeof(double)), *next = storage;
    if (!storage) return NULL;
    *block = (kr_block){.dim = dim,
                        .seed = setup->seed,
                        .noise_input_kind = kind,
                        .landscape = setup->landscape,
                        .noise = setup->noise,
                        .kernels = setup->registry->kernels};
    block->position = next, next += width;
    block->gradient = next, next += width;
    block->normal = next, next += width;
    block->scratch = next, next += width;
    for (size_t a = 0; a < auxiliaries; a++, next += width) block->auxiliary[a] = next;
    block->memory = kr_dynamics_auxiliaries(setup->dynamics);
    block->uniform = next, next += uniforms(setup->noise) * width;
    block->work = next, next += work;
    block->sample_work = next, next += of_sampler;
    block->noise_input = next;
    return storage;
}

bool kr_start_is_one(const kr_ensemble_setup *setup) {
    return !setup->pool_count && !setup->spread;
}

/* Coordinates two by two: one call gives two numbers. Particles are below 2^33, pairs of coordinates below 2^23. */
static const double *draw_around(const kr_ensemble_setup *setup, uint64_t particle, uint64_t step, double *point) {
    uint32_t place = (uint32_t)KR_STREAM_START_SPREAD << 24 | (uint32_t)(particle >> 32) << 23;
    size_t dim = setup->landscape->dim;
    for (size_t i = 0; i < dim; i += 2) {
        const uint32_t counter[] = {(uint32_t)particle, (uint32_t)step, (uint32_t)(step >> 32), place | (uint32_t)(i / 2)};
        kr_random_pair pair = setup->spread_normal ? kr_normal_pair(counter[0], counter[1], counter[2], counter[3], setup->seed)
                                                   : kr_uniform_pair(counter[0], counter[1], counter[2], counter[3], setup->seed);
        if (!setup->spread_normal) pair = (kr_random_pair){2 * pair.first - 1, 2 * pair.second - 1};
        point[i] = fma(setup->spread[i], pair.first, setup->start[i]);
        if (i + 1 < dim) point[i + 1] = fma(setup->spread[i + 1], pair.second, setup->start[i + 1]);
    }
    return point;
}

const double *kr_start_draw(const kr_ensemble_setup *setup, uint64_t particle, uint64_t step, double *point) {
    if (setup->spread) return draw_around(setup, particle, step, point);
    if (!setup->pool_count) return setup->start;
    size_t dim = setup->landscape->dim;
    if (setup->pool_in_turn) return setup->pool + particle % setup->pool_count * dim;
    philox4x32_ctr_t counter = {{(uint32_t)particle, (uint32_t)step, (uint32_t)(step >> 32),
                                 (uint32_t)KR_STREAM_START_POSITION << 24 | (uint32_t)(particle >> 32)}};
    philox4x32_ctr_t random = philox4x32_R(10, counter, (philox4x32_key_t){{(uint32_t)setup->seed, (uint32_t)(setup->seed >> 32)}});
    uint64_t number = ((uint64_t)random.v[0] << 32 | random.v[1]) % setup->pool_count;
    memcpy(point, setup->pool + number * dim, dim * sizeof *point);
    return point;
}
