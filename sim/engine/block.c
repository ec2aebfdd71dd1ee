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

/* Noise that is sqrt(variance) xi in each coordinate: the variance, the same everywhere or at each point, and then the normals. */
static void add_variance(kr_block *block, const kr_controls *controls, kr_stream stream) {
    const kr_noise *noise = block->noise;
    if (block->noise_input_kind == KR_NOISE_INPUT_NONE) {
        kr_block_shake(block, controls, stream, sqrt(kr_noise_additive_variance(noise)), 1.0, block->gradient);
        return;
    }
    noise->type->variance(noise, block->dim * block->n, NULL, block->noise_input, block->normal);
    block->kernels->spread_noise(draw(block, controls, stream), block->dim, block->n, block->normal, block->gradient);
}

static void add_noise(kr_block *block, const kr_controls *controls, kr_stream stream) {
    const kr_noise *noise = block->noise;
    if (kr_noise_adds_variance(noise, block->noise_input_kind)) {
        add_variance(block, controls, stream);
        return;
    }
    kr_block_normals(block, controls, stream);
    noise->type->add(noise, block->noise_input_kind, block->dim, block->n, block->noise_input, block->normal, block->gradient);
}

static void evaluate_local(kr_block *block, const double *position) {
    const kr_landscape *landscape = block->landscape;
    const kr_landscape_type *type = landscape->type;
    switch (block->noise_input_kind) {
    case KR_NOISE_INPUT_NONE: break;
    case KR_NOISE_INPUT_ENERGY: type->energy(landscape, block->n, position, block->noise_input); break;
    case KR_NOISE_INPUT_CURVATURE: type->curvature(landscape, block->n, position, block->noise_input); break;
    case KR_NOISE_INPUT_HESSIAN: type->hessian(landscape, block->n, position, block->noise_input); break;
    }
}

void kr_block_clean_gradient(const kr_block *block, const double *position, double *gradient) {
    const kr_landscape *landscape = block->landscape;
    landscape->type->gradient(landscape, block->n, position, gradient);
    if (landscape->weight_decay != 0.0)
        block->kernels->accumulate(block->dim * block->n, landscape->weight_decay, position, gradient);
}

/* The ledger tells noise from slope. */
static void keep_clean(kr_block *block, const double *position) {
    memcpy(block->ledger->clean, block->gradient, block->dim * block->n * sizeof(double));
    block->ledger->clean_at = position;
}

double *kr_block_gradient(kr_block *block, const kr_controls *controls, const double *position, kr_stream stream) {
    const kr_noise *noise = block->noise;
    kr_block_clean_gradient(block, position, block->gradient);
    if (!noise->type->is_zero) {
        if (block->ledger) keep_clean(block, position);
        evaluate_local(block, position);
        add_noise(block, controls, stream);
    }
    return block->gradient;
}

double *kr_block_normals(kr_block *block, const kr_controls *controls, kr_stream stream) {
    block->kernels->normals(draw(block, controls, stream), block->dim, block->n, block->normal);
    return block->normal;
}

void kr_block_shake(kr_block *block, const kr_controls *controls, kr_stream stream, double amplitude, double keep, double *y) {
    block->kernels->shake(draw(block, controls, stream), block->dim, block->n, amplitude, keep, y);
}

void kr_block_descend_and_shake(kr_block *block, const kr_controls *controls, kr_stream stream, double amplitude, double descent,
                                const double *direction) {
    block->outside = block->kernels->descend_and_shake(draw(block, controls, stream), block->dim, block->n, amplitude, descent,
                                                       direction, block->low, block->high, block->position);
}
