#include "observed.h"

#include <stdlib.h>

/* Doubles that the samples of one observer may take, beside half a one for each particle. */
enum { FEWEST_DOUBLES = 1 << 20 };

static bool due(const kr_observer *observer, uint64_t step) {
    return observer->every && step % observer->every == 0 && step >= observer->from;
}

kr_status kr_observed_create(kr_observed *observed, kr_observer *const *observer, size_t count, uint64_t particles, uint64_t steps,
                             kr_error *error) {
    *observed = (kr_observed){.observer = observer, .count = count};
    for (size_t i = 0; i < count; i++) {
        const kr_observer_type *type = observer[i]->type;
        size_t width = observed->width[i] = type->part_sums ? type->part_sums(observer[i]) : 0;
        uint64_t every = observer[i]->every, wanted = every ? (steps < KR_CHUNK_STEPS ? steps : KR_CHUNK_STEPS) / every + 1 : 1;
        uint64_t room = width ? (FEWEST_DOUBLES + particles / 2) / width : wanted;
        observed->slots[i] = room < 1 ? 1 : (size_t)(room < wanted ? room : wanted);
        if (width && !(observed->sums[i] = malloc(observed->slots[i] * width * sizeof(double))))
            return kr_fail(error, KR_NO_MEMORY, "not enough memory for the sums of %s", type->about.name);
    }
    return KR_OK;
}

void kr_observed_destroy(kr_observed *observed) {
    for (size_t i = 0; i < observed->count; i++) free(observed->sums[i]);
    *observed = (kr_observed){0};
}

size_t kr_observed_reach(const kr_observed *observed, uint64_t step, size_t limit) {
    for (size_t i = 0; i < observed->count; i++) {
        uint64_t every = observed->observer[i]->every;
        if (!every || limit / every < observed->slots[i]) continue;
        uint64_t reach = (step / every + observed->slots[i] + 1) * every - 1 - step;
        limit = reach < limit ? (size_t)reach : limit;
    }
    return limit;
}

uint64_t kr_observed_next(const kr_observed *observed, uint64_t step) {
    uint64_t next = UINT64_MAX;
    for (size_t i = 0; i < observed->count; i++) {
        const kr_observer *o = observed->observer[i];
        if (!o->every) continue;
        uint64_t least = step + 1 > o->from ? step + 1 : o->from, own = (least + o->every - 1) / o->every * o->every;
        next = own < next ? own : next;
    }
    return next;
}

static double *slot_of(const kr_observed *observed, size_t i, uint64_t from, uint64_t step) {
    uint64_t every = observed->observer[i]->every;
    return observed->sums[i] ? observed->sums[i] + (size_t)(step / every - from / every - 1) * observed->width[i] : NULL;
}

kr_status kr_observed_look(const kr_observed *observed, uint64_t from, kr_observer_part *part, kr_error *error) {
    kr_status status = KR_OK;
    for (size_t i = 0; status == KR_OK && i < observed->count; i++) {
        kr_observer *observer = observed->observer[i];
        if (!due(observer, part->view.step)) continue;
        part->sums = slot_of(observed, i, from, part->view.step);
        status = observer->type->sample_part(observer, part, error);
    }
    return status;
}

kr_status kr_observed_join(const kr_observed *observed, uint64_t from, const kr_view *view, kr_error *error) {
    kr_status status = KR_OK;
    for (size_t i = 0; status == KR_OK && i < observed->count; i++) {
        kr_observer *observer = observed->observer[i];
        if (due(observer, view->step)) status = observer->type->join(observer, view, slot_of(observed, i, from, view->step), error);
    }
    return status;
}
