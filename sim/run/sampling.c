#include "sampling.h"

#include "engine/ensemble_state.h"

uint64_t kr_next_multiple(uint64_t step, uint64_t every, uint64_t limit) {
    if (!every) return limit;
    uint64_t next = (step / every + 1) * every;
    return next < limit ? next : limit;
}

kr_status kr_sample_all(const kr_sampler *sampler, size_t count, const kr_view *view, kr_error *error) {
    kr_status status = KR_OK;
    for (size_t i = 0; status == KR_OK && i < count; i++)
        if (sampler[i].sample) status = sampler[i].sample(sampler[i].context, view, error);
    return status;
}

/* The first failure is the one that is told. */
static kr_status keep_all(const kr_sampler *sampler, size_t count, const kr_view *view, kr_status status, kr_error *error) {
    for (size_t i = 0; i < count; i++) {
        kr_status kept = sampler[i].keep ? sampler[i].keep(sampler[i].context, view, status == KR_OK ? error : NULL) : KR_OK;
        if (status == KR_OK) status = kept;
    }
    return status;
}

kr_status kr_sampled_advance(kr_ensemble *ensemble, const kr_sampler *sampler, size_t count, kr_observer *const *inside,
                             size_t inside_count, uint64_t end, kr_error *error) {
    uint64_t step = ensemble->step, next = end;
    for (size_t i = 0; i < count; i++)
        if (sampler[i].next) next = sampler[i].next(sampler[i].context, step, next);
    kr_status status = kr_ensemble_advance_observed(ensemble, next - step, inside, inside_count, error);
    kr_view view = kr_ensemble_view(ensemble);
    status = keep_all(sampler, count, &view, status, error);
    if (status != KR_OK && status != KR_INTERRUPTED) return status;
    kr_status sampled = kr_sample_all(sampler, count, &view, status == KR_OK ? error : NULL);
    return status == KR_OK ? sampled : status;
}
