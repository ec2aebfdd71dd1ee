#include "observers.h"

#include "sampling.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

static uint64_t steps_of(const kr_observer_type *type, const void *values, const char *name) {
    const kr_parameter *row = kr_parameter_find(&type->about, name);
    return row ? (uint64_t) * (const int64_t *)(const void *)((const char *)values + row->offset) : 0;
}

kr_status kr_observer_create(kr_observer **observer, const kr_observer_type *type, const kr_observer_setup *setup,
                             kr_error *error) {
    kr_observer *made = *observer = calloc(1, type->size);
    if (!made) return kr_fail(error, KR_NO_MEMORY, "not enough memory for %s", type->about.name);
    made->type = type;
    made->every = steps_of(type, setup->values, "every");
    made->from = steps_of(type, setup->values, "discard");
    made->threads = setup->threads > 0 ? setup->threads : omp_get_max_threads();
    kr_status status = type->begin ? type->begin(made, setup, error) : KR_OK;
    if (status == KR_OK) return KR_OK;
    kr_observer_destroy(made);
    *observer = NULL;
    return status;
}

void kr_observer_destroy(kr_observer *observer) {
    if (!observer) return;
    if (observer->type->destroy) observer->type->destroy(observer);
    free(observer);
}

kr_observer_setup kr_observers_setup(const kr_model *model, const kr_schedule *schedule, int threads) {
    const kr_ensemble_settings *ensemble = kr_scene_ensemble(model->scene);
    return (kr_observer_setup){.problem = kr_model_problem(model),
                               .schedule = schedule,
                               .particles = (uint64_t)ensemble->particles,
                               .steps = (uint64_t)ensemble->steps,
                               .seed = (uint64_t)ensemble->seed,
                               .threads = threads};
}

kr_status kr_observers_create(kr_observers *observers, const kr_model *model, const kr_schedule *schedule, int threads,
                              kr_error *error) {
    const kr_observer_type *const *type = model->scene->registry->observers;
    kr_observer_setup setup = kr_observers_setup(model, schedule, threads);
    for (size_t i = 0; type[i]; i++) {
        if (!kr_scene_observes(model->scene, i)) continue;
        setup.values = model->scene->observers[i].values;
        kr_observer **observer = &observers->observer[observers->count];
        kr_status status = kr_observer_create(observer, type[i], &setup, error);
        if (status != KR_OK) return status;
        observers->count++;
        if (type[i]->sample_part) observers->inside[observers->inside_count++] = *observer;
    }
    return KR_OK;
}

void kr_observers_destroy(kr_observers *observers) {
    for (size_t i = 0; i < observers->count; i++) kr_observer_destroy(observers->observer[i]);
    observers->count = observers->inside_count = 0;
}

kr_observer_need kr_observers_need(const kr_model *model, const kr_schedule *schedule) {
    const kr_observer_type *const *type = model->scene->registry->observers;
    kr_observer_setup setup = kr_observers_setup(model, schedule, 1);
    kr_observer_need all = {0};
    for (size_t i = 0; type[i]; i++) {
        if (!type[i]->need || !kr_scene_observes(model->scene, i)) continue;
        setup.values = model->scene->observers[i].values;
        kr_observer_need need = type[i]->need(&setup);
        all.words += need.words;
        all.scratch += need.scratch;
        all.file += need.file;
        all.evaluations += need.evaluations;
    }
    return all;
}

kr_observer *kr_observers_find(const kr_observers *observers, const char *name) {
    for (size_t i = 0; i < observers->count; i++)
        if (!strcmp(observers->observer[i]->type->about.name, name)) return observers->observer[i];
    return NULL;
}

static bool on_cadence(const kr_observer *observer, uint64_t step) {
    if (observer->type->next) return step > 0 && observer->type->next(observer, step - 1) == step;
    return observer->every && step % observer->every == 0 && step >= observer->from;
}

static kr_status sample(kr_observers *observers, bool first, const kr_view *view, kr_error *error) {
    kr_status status = KR_OK;
    for (size_t i = 0; status == KR_OK && i < observers->count; i++) {
        kr_observer *observer = observers->observer[i];
        if (!on_cadence(observer, view->step) || (!first && observer->type->sample_part)) continue;
        kr_elapsed began = kr_elapsed_now();
        status = observer->type->sample(observer, view, error);
        observers->look[i] = kr_elapsed_since(began);
    }
    return status;
}

kr_status kr_observers_sample_first(kr_observers *observers, const kr_view *view, kr_error *error) {
    return sample(observers, true, view, error);
}

kr_status kr_observers_sample(kr_observers *observers, const kr_view *view, kr_error *error) {
    return sample(observers, false, view, error);
}

void kr_observers_end(kr_observers *observers, const kr_view *view) {
    for (size_t i = 0; i < observers->count; i++) {
        kr_observer *observer = observers->observer[i];
        kr_error *failure = &observers->failure[i];
        observers->failed[i] = observer->type->end && observer->type->end(observer, view, failure) != KR_OK;
    }
}

uint64_t kr_observers_next(const kr_observers *observers, uint64_t step, uint64_t limit) {
    for (size_t i = 0; i < observers->count; i++) {
        const kr_observer *observer = observers->observer[i];
        if (observer->type->next) {
            uint64_t next = observer->type->next(observer, step);
            limit = next < limit ? next : limit;
        } else if (!observer->type->sample_part) {
            limit = kr_next_multiple(step, observer->every, limit);
        }
    }
    return limit;
}

size_t kr_observers_words(const kr_observers *observers) {
    size_t words = 0;
    for (size_t i = 0; i < observers->count; i++) {
        const kr_observer *observer = observers->observer[i];
        if (observer->type->state_words) words += observer->type->state_words(observer);
    }
    return words;
}

uint64_t *kr_observers_save(const kr_observers *observers, uint64_t *words) {
    for (size_t i = 0; i < observers->count; i++) {
        const kr_observer *observer = observers->observer[i];
        if (!observer->type->state_words) continue;
        observer->type->save(observer, words);
        words += observer->type->state_words(observer);
    }
    return words;
}

const uint64_t *kr_observers_restore(const kr_observers *observers, const uint64_t *words) {
    for (size_t i = 0; i < observers->count; i++) {
        kr_observer *observer = observers->observer[i];
        if (!observer->type->state_words) continue;
        observer->type->restore(observer, words);
        words += observer->type->state_words(observer);
    }
    return words;
}
