#include "block_storage.h"
#include "kernels.h"
#include "ledger.h"

#include <math.h>
#include <string.h>

static kr_draw draw(const kr_block *block, const kr_controls *controls, kr_stream stream) {
    return (kr_draw){.seed = block->seed,
                     .first = block->first,
                     .step = controls->step,
                     .stream = (unsigned)stream,
                     .coordinate = (unsigned)block->coordinate};
}

/* What is pruned stays at 0. */
static void clear(const kr_block *block, double *x) {
    if (block->kept) block->kernels->clear(block->dim, block->n, block->kept_stride, block->kept, x);
}

static void draw_normals(const kr_block *block, kr_draw d) {
    block->kernels->normals(d, block->dim, block->n, block->normal);
    clear(block, block->normal);
}

static void evaluate_local(kr_block *block, kr_noise_input kind, const double *position) {
    const kr_landscape *landscape = block->landscape;
    const kr_landscape_type *type = landscape->type;
    switch (kind) {
    case KR_NOISE_INPUT_NONE: break;
    case KR_NOISE_INPUT_SPREAD: break; /* of models that sample, which ask for nothing in a step */
    case KR_NOISE_INPUT_ENERGY: type->energy(landscape, block->n, position, block->noise_input); break;
    case KR_NOISE_INPUT_CURVATURE: type->curvature(landscape, block->n, position, block->noise_input); break;
    case KR_NOISE_INPUT_HESSIAN: type->hessian(landscape, block->n, position, block->noise_input); break;
    }
}

/* Noise that is sqrt(variance) xi in each coordinate: the variance, the same everywhere or at each point, and then the normals. */
static void add_variance(kr_block *block, const kr_noise *part, kr_noise_input kind, kr_draw d) {
    if (kind == KR_NOISE_INPUT_NONE) {
        block->kernels->shake(d, block->dim, block->n, sqrt(kr_noise_additive_variance(part)), 1.0, block->gradient);
        return;
    }
    part->type->variance(part, block->dim * block->n, NULL, block->noise_input, block->normal);
    block->kernels->spread_noise(d, block->dim, block->n, block->normal, block->gradient);
}

/* The same with the memory for xi, which goes on at the step's first gradient; further ones of the step find it as it is. */
static void add_memory(kr_block *block, const kr_noise *part, kr_noise_input kind, kr_draw d, bool again, double *memory) {
    size_t count = block->dim * block->n;
    if (d.stream == KR_STREAM_GRADIENT_NOISE && !again) {
        draw_normals(block, d);
        part->type->remember(part, count, block->normal, memory);
    }
    if (kind == KR_NOISE_INPUT_NONE) {
        block->kernels->accumulate(count, sqrt(kr_noise_additive_variance(part)), memory, block->gradient);
        return;
    }
    part->type->variance(part, count, NULL, block->noise_input, block->normal);
    block->kernels->accumulate_roots(count, block->normal, memory, block->gradient);
}

static void add_made(kr_block *block, const kr_noise *part, kr_noise_input kind, kr_draw d) {
    const kr_noise_type *type = part->type;
    double *random = type->uniforms ? block->uniform : block->normal;
    if (type->uniforms)
        block->kernels->uniforms(d, type->uniforms, block->dim, block->n, random);
    else
        block->kernels->normals(d, block->dim, block->n, random);
    type->add(part, kind, block->dim, block->n, block->noise_input, random, block->gradient);
}

/* Every part draws its own random numbers, counted through all parts. */
static void add_noise(kr_block *block, const kr_controls *controls, const double *position, kr_stream stream, bool again) {
    kr_draw d = draw(block, controls, stream);
    size_t memory = block->memory;
    for (size_t i = 0; i < kr_noise_part_count(block->noise); i++) {
        kr_noise part = kr_noise_part_of(block->noise, i);
        if (part.type->sampler) d.number += KR_SAMPLER_DRAWS; /* has drawn already */
        if (part.type->is_zero || part.type->sampler) continue;
        kr_noise_input kind = kr_noise_needs(&part, block->landscape->type->separable);
        part.step = controls->step;
        evaluate_local(block, kind, position);
        if (part.type->remember)
            add_memory(block, &part, kind, d, again, block->auxiliary[memory++]);
        else if (kr_noise_adds_variance(&part, kind))
            add_variance(block, &part, kind, d);
        else
            add_made(block, &part, kind, d);
        d.number += (unsigned)kr_noise_draws(&part);
    }
}

void kr_block_start_noise(kr_block *block, const kr_controls *controls, const uint32_t *which, size_t count) {
    kr_draw d = draw(block, controls, KR_STREAM_START_NOISE);
    for (size_t m = 0; count && m < kr_noise_memories(block->noise); m++, d.number++) {
        draw_normals(block, d);
        for (size_t i = 0; i < block->dim; i++)
            for (size_t k = 0; k < count; k++) {
                size_t at = i * block->n + which[k];
                block->auxiliary[block->memory + m][at] = block->normal[at];
            }
    }
}

/* Random numbers of the part that samples are those of its place among the parts. false: none does. */
static bool sample_gradient(kr_block *block, const kr_controls *controls, const double *position, kr_stream stream) {
    kr_sampling sampling = {.landscape = block->landscape,
                            .kernels = block->kernels,
                            .seed = block->seed,
                            .first = block->first,
                            .step = controls->step,
                            .drawn = controls->drawn,
                            .stream = (unsigned)stream,
                            .n = block->n};
    for (size_t i = 0; i < kr_noise_part_count(block->noise); i++) {
        kr_noise part = kr_noise_part_of(block->noise, i);
        if (part.type->sampler) {
            part.type->sampler->gradient(&part, &sampling, position, block->normal, block->sample_work, block->gradient);
            return true;
        }
        sampling.number += (unsigned)kr_noise_draws(&part);
    }
    return false;
}

static void add_decay(const kr_block *block, const double *position, double *gradient) {
    double weight_decay = block->landscape->weight_decay;
    if (weight_decay != 0.0) block->kernels->accumulate(block->dim * block->n, weight_decay, position, gradient);
}

void kr_block_clean_gradient(const kr_block *block, const double *position, double *gradient) {
    const kr_landscape *landscape = block->landscape;
    landscape->type->gradient(landscape, block->n, position, gradient);
    add_decay(block, position, gradient);
    clear(block, gradient);
}

/* The ledger tells noise from slope. */
static void keep_clean(kr_block *block, const double *position) {
    memcpy(block->ledger->clean, block->gradient, block->dim * block->n * sizeof(double));
    block->ledger->clean_at = position;
}

static double *gradient_at(kr_block *block, const kr_controls *controls, const double *position, kr_stream stream, bool again) {
    if (block->noise->type->is_zero) {
        kr_block_clean_gradient(block, position, block->gradient);
        return block->gradient;
    }
    if (sample_gradient(block, controls, position, stream)) {
        add_decay(block, position, block->gradient); /* the gradient of all data is taken when the ledger asks for it */
    } else {
        kr_block_clean_gradient(block, position, block->gradient);
        if (block->ledger) keep_clean(block, position);
    }
    add_noise(block, controls, position, stream, again);
    clear(block, block->gradient);
    return block->gradient;
}

double *kr_block_gradient(kr_block *block, const kr_controls *controls, const double *position, kr_stream stream) {
    return gradient_at(block, controls, position, stream, false);
}

double *kr_block_gradient_again(kr_block *block, const kr_controls *controls, const double *position, kr_stream stream) {
    return gradient_at(block, controls, position, stream, true);
}

double *kr_block_normals(kr_block *block, const kr_controls *controls, kr_stream stream) {
    draw_normals(block, draw(block, controls, stream));
    return block->normal;
}

void kr_block_shake(kr_block *block, const kr_controls *controls, kr_stream stream, double amplitude, double keep, double *y) {
    block->kernels->shake(draw(block, controls, stream), block->dim, block->n, amplitude, keep, y);
    clear(block, y);
}

void kr_block_spread(kr_block *block, const kr_controls *controls, kr_stream stream, const double *variance, double *y) {
    block->kernels->spread_noise(draw(block, controls, stream), block->dim, block->n, variance, y);
    clear(block, y);
}

void kr_block_uniforms(const kr_block *block, const kr_controls *controls, kr_stream stream, double *uniform) {
    block->kernels->uniforms(draw(block, controls, stream), 1, 1, block->n, uniform);
}

void kr_block_energy(const kr_block *block, const double *position, double *energy) {
    kr_landscape_energy(block->landscape, block->n, position, energy);
}

void kr_block_descend_and_shake(kr_block *block, const kr_controls *controls, kr_stream stream, double amplitude, double descent,
                                const double *direction) {
    block->outside = block->kernels->descend_and_shake(draw(block, controls, stream), block->dim, block->n, amplitude, descent,
                                                       direction, block->low, block->high, block->position);
    if (!block->kept) return;
    clear(block, block->position);
    block->outside = SIZE_MAX; /* a pruned coordinate was counted with the noise that it did not get */
}
