#include <kramers/data_sum.h>
#include <kramers/noise.h>

#include "numerics/eigen.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST_HESSIAN = 2000 };

kr_status kr_noise_create(kr_noise *self, const kr_noise_type *type, const void *values, size_t dim, kr_error *error) {
    *self = (kr_noise){.type = type, .values = values, .dim = dim};
    if (!type->part_count) return type->prepare ? type->prepare(self, dim, error) : KR_OK;
    kr_noise *parts = calloc(type->part_count, sizeof *parts);
    kr_status status = parts ? KR_OK : kr_fail(error, KR_NO_MEMORY, "there is not enough memory for the noise");
    for (size_t i = 0; status == KR_OK && i < type->part_count; i++) {
        kr_noise part = kr_noise_part_of(self, i);
        status = kr_noise_create(&parts[i], part.type, part.values, dim, error);
    }
    self->data = parts;
    if (status != KR_OK) kr_noise_destroy(self);
    return status;
}

void kr_noise_destroy(kr_noise *self) {
    if (!self->data) return;
    kr_noise *parts = self->data;
    for (size_t i = 0; i < self->type->part_count; i++) kr_noise_destroy(&parts[i]);
    if (self->type->part_count)
        free(parts);
    else if (self->type->destroy)
        self->type->destroy(self);
    self->data = NULL;
}

size_t kr_noise_part_count(const kr_noise *noise) {
    return noise->type->part_count ? noise->type->part_count : 1;
}

kr_noise kr_noise_part_of(const kr_noise *noise, size_t number) {
    if (!noise->type->part_count) return *noise;
    const kr_noise_part *part = &noise->type->parts[number];
    const kr_noise *made = noise->data;
    return (kr_noise){.type = part->type,
                      .values = (const char *)noise->values + part->offset,
                      .dim = noise->dim,
                      .data = made ? made[number].data : NULL,
                      .step = noise->step,
                      .coordinate = noise->coordinate};
}

size_t kr_noise_draws(const kr_noise *noise) {
    size_t draws = 0;
    if (noise->type->sampler) return KR_SAMPLER_DRAWS;
    if (!noise->type->part_count) return noise->type->is_zero ? 0 : noise->type->uniforms ? noise->type->uniforms : 1;
    for (size_t i = 0; i < noise->type->part_count; i++) {
        kr_noise part = kr_noise_part_of(noise, i);
        draws += kr_noise_draws(&part);
    }
    return draws;
}

bool kr_noise_sampler_of(const kr_noise *noise, kr_noise *found) {
    for (size_t i = 0; i < kr_noise_part_count(noise); i++) {
        *found = kr_noise_part_of(noise, i);
        if (found->type->sampler) return true;
    }
    return false;
}

uint64_t kr_noise_batch(const kr_noise *noise) {
    kr_noise sampler;
    return kr_noise_sampler_of(noise, &sampler) ? sampler.type->sampler->batch(&sampler) : 0;
}

double kr_noise_batch_share(const kr_noise *noise, size_t data) {
    const double spread = 1.0;
    double share = NAN;
    kr_noise sampler;
    if (!kr_noise_sampler_of(noise, &sampler)) return NAN;
    sampler.samples = data;
    sampler.type->variance(&sampler, 1, NULL, &spread, &share);
    return share;
}

/* Networks have products of their Hessian, each a pass over all data; what needs more of it in every step is not for them. */
static kr_status input_fits(const kr_noise *part, const kr_landscape *landscape, kr_error *error) {
    enum { MOST_PRODUCTS = 128 };
    const kr_landscape_type *type = landscape->type;
    kr_noise_input input = kr_noise_needs(part, type->separable);
    bool needs_hessian = input == KR_NOISE_INPUT_CURVATURE || input == KR_NOISE_INPUT_HESSIAN;
    if (!needs_hessian || !type->data || !type->hessian_times || landscape->dim <= MOST_PRODUCTS) return KR_OK;
    return kr_fail(error, KR_BAD_ARGUMENT,
                   "noise '%s' follows the curvature, for which '%s' in %zu dimensions would go through all its data %zu times in "
                   "each step; the noise minibatch draws from the data themselves",
                   part->type->about.name, type->about.name, landscape->dim, landscape->dim);
}

kr_status kr_noise_fits(const kr_noise *noise, const kr_landscape *landscape, kr_error *error) {
    kr_status status = KR_OK;
    for (size_t i = 0; status == KR_OK && i < kr_noise_part_count(noise); i++) {
        kr_noise part = kr_noise_part_of(noise, i);
        status = input_fits(&part, landscape, error);
        if (status == KR_OK && part.type->fits) status = part.type->fits(&part, landscape, error);
    }
    return status;
}

size_t kr_noise_memories(const kr_noise *noise) {
    size_t memories = noise->type->remember != NULL;
    for (size_t i = 0; i < noise->type->part_count; i++) memories += noise->type->parts[i].type->remember != NULL;
    return memories;
}

kr_noise_input kr_noise_needs(const kr_noise *noise, bool separable) {
    const kr_noise_type *type = noise->type;
    kr_noise_input most = KR_NOISE_INPUT_NONE;
    if (!type->part_count) return type->is_zero || !type->input ? KR_NOISE_INPUT_NONE : type->input(noise, separable);
    for (size_t i = 0; i < type->part_count; i++) {
        kr_noise part = kr_noise_part_of(noise, i);
        kr_noise_input own = kr_noise_needs(&part, separable);
        if (own > most) most = own;
    }
    return most;
}

bool kr_noise_adds_variance(const kr_noise *noise, kr_noise_input input) {
    return noise->type->by_coordinate && !noise->type->uniforms &&
           (input == KR_NOISE_INPUT_NONE || input == KR_NOISE_INPUT_CURVATURE);
}

static unsigned traits_of(const kr_noise *part, bool separable) {
    const kr_noise_type *type = part->type;
    return (type->traits ? type->traits(part) : 0u) | (type->remember ? KR_NOISE_REMEMBERS : 0u) |
           (type->next_change && type->next_change(part) != UINT64_MAX ? KR_NOISE_CHANGES : 0u) |
           (kr_noise_needs(part, separable) != KR_NOISE_INPUT_NONE ? KR_NOISE_LOCAL : 0u);
}

unsigned kr_noise_traits(const kr_noise *noise, bool separable) {
    unsigned traits = 0;
    for (size_t i = 0; i < kr_noise_part_count(noise); i++) {
        kr_noise part = kr_noise_part_of(noise, i);
        traits |= traits_of(&part, separable);
    }
    return traits;
}

bool kr_noise_objects(const kr_noise *noise, bool separable, unsigned traits, char *why, size_t size) {
    static const struct {
        unsigned trait;
        const char *why;
    } reasons[] = {{KR_NOISE_NO_VARIANCE, "the noise '%s' has no variance, so there is no temperature"},
                   {KR_NOISE_NOT_GAUSSIAN, "the noise '%s' is not Gaussian, single large steps count"},
                   {KR_NOISE_REMEMBERS, "the noise '%s' remembers the steps before"},
                   {KR_NOISE_CHANGES, "the noise '%s' changes from step to step"},
                   {KR_NOISE_LOCAL, "the noise depends on the position"},
                   {KR_NOISE_DIRECTED, "the noise '%s' is not the same in all directions"}};
    for (size_t r = 0; r < sizeof reasons / sizeof *reasons; r++)
        for (size_t i = 0; i < kr_noise_part_count(noise); i++) {
            kr_noise part = kr_noise_part_of(noise, i);
            if (!(reasons[r].trait & traits & traits_of(&part, separable))) continue;
            snprintf(why, size, reasons[r].why, part.type->about.name);
            return true;
        }
    return false;
}

bool kr_noise_is_additive(const kr_noise *noise, bool separable) {
    return !kr_noise_traits(noise, separable);
}

double kr_noise_additive_variance(const kr_noise *noise) {
    const double nothing = 0.0;
    double sum = 0.0;
    for (size_t i = 0; i < kr_noise_part_count(noise); i++) {
        kr_noise part = kr_noise_part_of(noise, i);
        double variance = 0.0;
        if (!part.type->is_zero) part.type->variance(&part, 1, &nothing, &nothing, &variance);
        sum += variance;
    }
    return sum;
}

/* value[dim][n]: the eigenvalues of the Hessian at each point, ascending; NAN where it is not finite. false: no memory. */
static bool eigenvalues(const kr_landscape *landscape, size_t n, const double *x, double *value) {
    size_t dim = landscape->dim;
    double *point = malloc((dim * dim + 2 * dim) * sizeof *point);
    for (size_t p = 0; point && p < n; p++) {
        double *own = point + dim, *hessian = own + dim;
        for (size_t i = 0; i < dim; i++) point[i] = x[i * n + p];
        kr_landscape_hessian(landscape, 1, point, hessian);
        bool made = kr_symmetric_eigen(dim, hessian, own, NULL);
        for (size_t i = 0; i < dim; i++) value[i * n + p] = made ? own[i] : NAN;
    }
    bool enough = point != NULL;
    free(point);
    return enough;
}

/* Curvatures along the coordinates, eigenvalues, or the spread over the data, into curvature[dim][n]; energies into energy[n]. What
 * the model does not need stays as it is. */
static kr_status evaluate(const kr_noise *noise, const kr_landscape *landscape, size_t n, const double *x, double *energy,
                          double *curvature, kr_error *error) {
    kr_landscape bare = *landscape;
    bare.weight_decay = 0.0;
    switch (kr_noise_needs(noise, landscape->type->separable)) {
    case KR_NOISE_INPUT_NONE: break;
    case KR_NOISE_INPUT_SPREAD: landscape->type->data->spread(landscape, n, x, curvature); break;
    case KR_NOISE_INPUT_ENERGY: kr_landscape_energy(&bare, n, x, energy); break;
    case KR_NOISE_INPUT_CURVATURE: kr_landscape_curvature(&bare, n, x, curvature); break;
    case KR_NOISE_INPUT_HESSIAN:
        if (bare.dim == 1) {
            kr_landscape_curvature(&bare, n, x, curvature);
            break;
        }
        if (bare.dim > LARGEST_HESSIAN)
            return kr_fail(error, KR_BAD_ARGUMENT, "the eigenvalues of a Hessian of %zu dimensions are not computed", bare.dim);
        if (!eigenvalues(&bare, n, x, curvature))
            return kr_fail(error, KR_NO_MEMORY, "there is not enough memory for the Hessian in %zu dimensions", bare.dim);
    }
    return KR_OK;
}

/* variance[dim][n] += that of one part, times its persistence where it is the long run that counts. */
static kr_status add_variance(const kr_noise *noise, const kr_landscape *landscape, size_t n, const double *x, bool long_run,
                              double *work, double *variance, kr_error *error) {
    size_t dim = landscape->dim;
    double *energy = work, *curvature = work + n, *own = curvature + dim * n;
    double factor = long_run && noise->type->persistence ? noise->type->persistence(noise) : 1.0;
    kr_status status = kr_noise_fits(noise, landscape, error);
    if (status == KR_OK && !noise->type->is_zero) status = evaluate(noise, landscape, n, x, energy, curvature, error);
    kr_noise along = *noise;
    if (landscape->type->data) along.samples = landscape->type->data->data(landscape, KR_DATA_TRAIN).count;
    if (!along.dim) along.dim = dim;
    for (size_t i = 0; status == KR_OK && !noise->type->is_zero && i < dim; i++) {
        along.coordinate = i;
        noise->type->variance(&along, n, energy, curvature + i * n, own);
        for (size_t p = 0; p < n; p++) variance[i * n + p] += factor * own[p];
    }
    return status;
}

static kr_status variances(const kr_noise *noise, const kr_landscape *landscape, size_t n, const double *x, bool long_run,
                           double *variance, kr_error *error) {
    size_t dim = landscape->dim;
    memset(variance, 0, dim * n * sizeof *variance);
    if (noise->type->is_zero) return KR_OK;
    double *work = calloc((2 + dim) * n + 1, sizeof *work);
    if (!work) return kr_fail(error, KR_NO_MEMORY, "there is not enough memory for the noise at %zu points", n);
    kr_status status = KR_OK;
    for (size_t i = 0; status == KR_OK && i < kr_noise_part_count(noise); i++) {
        kr_noise part = kr_noise_part_of(noise, i);
        status = add_variance(&part, landscape, n, x, long_run, work, variance, error);
    }
    free(work);
    return status;
}

kr_status kr_noise_variance(const kr_noise *noise, const kr_landscape *landscape, size_t n, const double *x, double *variance,
                            kr_error *error) {
    return variances(noise, landscape, n, x, false, variance, error);
}

kr_status kr_noise_long_variance(const kr_noise *noise, const kr_landscape *landscape, size_t n, const double *x, double *variance,
                                 kr_error *error) {
    return variances(noise, landscape, n, x, true, variance, error);
}

double kr_noise_mean_variance(const kr_noise *noise, const kr_landscape *landscape, const double *x) {
    size_t dim = landscape->dim;
    double mean = 0.0, *variance = malloc(dim * sizeof *variance);
    if (!variance || kr_noise_long_variance(noise, landscape, 1, x, variance, NULL) != KR_OK) mean = NAN;
    for (size_t i = 0; !isnan(mean) && i < dim; i++) mean += variance[i] / (double)dim;
    free(variance);
    return isfinite(mean) ? mean : NAN;
}
