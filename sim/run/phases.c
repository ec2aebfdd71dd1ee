#include "phases.h"

#include "engine/ensemble_state.h"
#include "scene/scene_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static kr_status no_memory(kr_error *error) {
    return kr_fail(error, KR_NO_MEMORY, "not enough memory for phases");
}

/* ---- life ---- */

static const kr_scene *scene_of(const kr_phases *phases, size_t number) {
    return phases->scene->phase_count ? &phases->scene->phases[number].scene : phases->scene;
}

/* Whether a run is the same all the time, so that theories of what is constant apply. */
static bool find_change(const kr_scene *scene) {
    for (size_t i = 0; i < scene->phase_count; i++) {
        const kr_phase *phase = &scene->phases[i];
        const kr_scene *own = &phase->scene;
        bool constant = ((const kr_schedule_type *)own->schedule.about)->constant && !own->warmup.steps;
        if (phase->prunes || phase->rewinds || phase->optimizer == KR_OPTIMIZER_RESET) return true;
        if (scene->phase_count > 1 && (!constant || own->keep_count || !kr_scene_equal(own, &scene->phases[0].scene))) return true;
    }
    return false;
}

static kr_status add_place(kr_phases *phases, size_t phase, uint64_t step, kr_error *error) {
    uint64_t at = phases->scene->phases[phase].begin + step;
    for (size_t i = 0; i < phases->places; i++)
        if (phases->place[i].phase == phase && phases->place[i].at == at) return KR_OK;
    double *position = kr_aligned_zeros(phases->dim * phases->stride, sizeof *position);
    if (!position) return no_memory(error);
    phases->place[phases->places++] = (kr_phase_place){.phase = phase, .at = at, .begins = step == 0, .position = position};
    return KR_OK;
}

static kr_status add_places(kr_phases *phases, kr_error *error) {
    const kr_scene *scene = phases->scene;
    kr_status status = KR_OK;
    if (!(phases->place = calloc(scene->phase_count + 1, sizeof *phases->place))) return no_memory(error);
    for (size_t i = 0; i < scene->phase_count && status == KR_OK; i++) {
        const kr_phase *phase = &scene->phases[i];
        phases->prune = phases->prune || phase->prunes;
        if (phase->rewinds) status = add_place(phases, phase->rewind_phase, (uint64_t)phase->rewind_step, error);
        if (status == KR_OK && phase->prunes && phase->prune.by == KR_PRUNE_INITIAL_MAGNITUDE)
            status = add_place(phases, 0, 0, error);
    }
    return status;
}

/* What an ensemble would refuse only when it gets there. */
static kr_status check_phase(kr_phases *phases, size_t number, bool *pruned, kr_error *error) {
    const kr_scene *scene = phases->scene;
    const kr_prune none = {.fraction = 0};
    kr_ensemble_setup setup, before;
    if (!scene->phase_count) return KR_OK;
    const kr_phase *phase = &scene->phases[number];
    kr_status status = kr_stage_setup(phases->stage[number], 0, &setup, error);
    if (status == KR_OK) status = kr_ensemble_check(&setup, error);
    if (status != KR_OK) return kr_fail_at(error, status, "phases.%zu: phase '%s'", number, phase->name);
    size_t words = kr_setup_words(&setup);
    if (words > phases->state_words) phases->state_words = words;
    if (setup.landscape->dim != phases->dim)
        return kr_fail(error, KR_BAD_ARGUMENT, "phases.%zu.landscape: it has %zu coordinates and that of the first phase has %zu",
                       number, setup.landscape->dim, phases->dim);
    if (phase->prunes && number > 0) { /* the particles are still those of the phase before */
        status = kr_stage_setup(phases->stage[number - 1], 0, &before, error);
        if (status == KR_OK && (status = kr_prune_check(&phase->prune, &before, error)) != KR_OK)
            return kr_fail_at(error, status, "phases.%zu.prune", number);
    }
    *pruned = *pruned || phase->prunes;
    status = phase->prunes ? kr_prune_check(&phase->prune, &setup, error) : *pruned ? kr_prune_check(&none, &setup, error) : KR_OK;
    if (status != KR_OK) return kr_fail_at(error, status, "phases.%zu.%s", number, phase->prunes ? "prune" : "dynamics");
    return KR_OK;
}

static kr_status create_stage(kr_phases *phases, size_t number, kr_error *error) {
    const kr_scene *scene = phases->scene;
    kr_status status = kr_stage_create(&phases->stage[number], scene_of(phases, number), number ? phases->stage[number - 1] : NULL,
                                       number > 0, error);
    if (status != KR_OK) return status;
    phases->count++;
    kr_model *model = &phases->stage[number]->model;
    if (!number) phases->dim = model->landscape.dim;
    if (scene->phase_count) kr_model_begin_at(model, scene->phases[number].origin);
    return KR_OK;
}

kr_status kr_phases_create(kr_phases *phases, const kr_scene *scene, kr_error *error) {
    size_t count = scene->phase_count ? scene->phase_count : 1;
    *phases = (kr_phases){.scene = scene, .stride = kr_padded((size_t)kr_scene_ensemble(scene)->particles)};
    phases->change = find_change(scene);
    phases->stage = calloc(count, sizeof *phases->stage);
    kr_status status = phases->stage ? KR_OK : no_memory(error);
    bool pruned = false;
    for (size_t i = 0; i < count && status == KR_OK; i++) {
        status = create_stage(phases, i, error);
        if (status == KR_OK) status = check_phase(phases, i, &pruned, error);
    }
    return status == KR_OK && scene->phase_count ? add_places(phases, error) : status;
}

/* Those behind have borrowed from those before. */
void kr_phases_destroy(kr_phases *phases) {
    for (size_t i = phases->count; i-- > 0;) kr_stage_destroy(phases->stage[i]);
    for (size_t i = 0; i < phases->places; i++) free(phases->place[i].position);
    free(phases->place);
    free(phases->stage);
    *phases = (kr_phases){.count = 0};
}

uint64_t kr_phases_end(const kr_phases *phases, size_t number) {
    const kr_scene *scene = phases->scene;
    if (number + 1 >= scene->phase_count) return (uint64_t)kr_scene_ensemble(scene)->steps;
    return scene->phases[number + 1].begin;
}

size_t kr_phases_of_step(const kr_phases *phases, uint64_t step) {
    size_t number = 0;
    while (number + 1 < phases->count && kr_phases_end(phases, number) < step) number++;
    return number;
}

/* ---- places ---- */

/* As the ensemble is before any change at this step. */
static bool is_here(const kr_phases *phases, const kr_phase_place *place, uint64_t step) {
    return place->phase == phases->now && place->at == step && !(place->begins && place->phase > 0);
}

static void keep(kr_phase_place *place, const kr_view *view) {
    memcpy(place->position, view->position, view->dim * view->stride * sizeof *place->position);
    place->taken = true;
}

uint64_t kr_phases_next_place(const kr_phases *phases, uint64_t step, uint64_t limit) {
    for (size_t i = 0; i < phases->places; i++)
        if (phases->place[i].at > step && phases->place[i].at < limit) limit = phases->place[i].at;
    return limit;
}

void kr_phases_keep(kr_phases *phases, const kr_view *view) {
    for (size_t i = 0; i < phases->places; i++)
        if (is_here(phases, &phases->place[i], view->step)) keep(&phases->place[i], view);
}

/* Those of the beginning of the present phase, when it has begun. */
static void keep_beginning(kr_phases *phases, const kr_ensemble *ensemble) {
    kr_view view = kr_ensemble_view(ensemble);
    for (size_t i = 0; i < phases->places; i++)
        if (phases->place[i].phase == phases->now && phases->place[i].begins) keep(&phases->place[i], &view);
}

static const double *position_at(const kr_phases *phases, size_t phase, uint64_t step) {
    uint64_t at = phases->scene->phases[phase].begin + step;
    for (size_t i = 0; i < phases->places; i++)
        if (phases->place[i].phase == phase && phases->place[i].at == at) return phases->place[i].position;
    return NULL;
}

/* ---- changes ---- */

static kr_status prepare_settings(kr_phases *phases, const kr_ensemble *ensemble, size_t number, const kr_ensemble_setup *options,
                                  kr_ensemble **change, kr_error *error) {
    kr_ensemble_setup setup;
    kr_status status = kr_stage_setup(phases->stage[number], options->threads, &setup, error);
    setup.block_size = options->block_size;
    return status == KR_OK ? kr_ensemble_prepare_change(ensemble, &setup, change, error) : status;
}

kr_status kr_phases_go_to(kr_phases *phases, kr_ensemble *ensemble, size_t number, const kr_ensemble_setup *options,
                          kr_error *error) {
    kr_ensemble *change;
    kr_status status = prepare_settings(phases, ensemble, number, options, &change, error);
    if (status != KR_OK) return status;
    kr_ensemble_commit_change(ensemble, change);
    phases->now = number;
    return KR_OK;
}

kr_status kr_phases_enter_next(kr_phases *phases, kr_ensemble *ensemble, const kr_ensemble_setup *options, kr_error *error) {
    const kr_phase *phase = &phases->scene->phases[phases->now + 1];
    kr_jump jump = {.position = phase->rewinds ? position_at(phases, phase->rewind_phase, (uint64_t)phase->rewind_step) : NULL};
    const double *initial = phase->prunes ? position_at(phases, 0, 0) : NULL;
    kr_ensemble *change;
    kr_status status = kr_jump_prepare(&jump, ensemble, phase->prunes ? &phase->prune : NULL, initial, error);
    if (status == KR_OK) status = prepare_settings(phases, ensemble, phases->now + 1, options, &change, error);
    if (status == KR_OK) {
        kr_jump_commit(&jump, ensemble);
        kr_ensemble_commit_change(ensemble, change);
        if (phase->optimizer == KR_OPTIMIZER_RESET) kr_jump_begin_anew(&jump, ensemble);
        phases->now++;
        keep_beginning(phases, ensemble);
    }
    kr_jump_drop(&jump);
    return status;
}

/* ---- checkpoints ---- */

static size_t place_words(const kr_phases *phases, const kr_ensemble *ensemble) {
    return 1 + phases->dim * (size_t)ensemble->setup.particles;
}

size_t kr_phases_words(const kr_phases *phases, const kr_ensemble *ensemble) {
    return (phases->prune ? kr_pruned_words(ensemble) : 0) + phases->places * place_words(phases, ensemble);
}

void kr_phases_save(const kr_phases *phases, const kr_ensemble *ensemble, uint64_t *words) {
    size_t n = (size_t)ensemble->setup.particles;
    if (phases->prune) kr_pruned_save(ensemble, words), words += kr_pruned_words(ensemble);
    for (size_t k = 0; k < phases->places; k++) {
        *words++ = phases->place[k].taken;
        for (size_t i = 0; i < phases->dim; i++, words += n)
            memcpy(words, phases->place[k].position + i * phases->stride, n * sizeof *words);
    }
}

kr_status kr_phases_restore(kr_phases *phases, kr_ensemble *ensemble, const uint64_t *words, kr_error *error) {
    size_t n = (size_t)ensemble->setup.particles;
    if (phases->prune) {
        kr_status status = kr_pruned_restore(ensemble, words, error);
        if (status != KR_OK) return status;
        words += kr_pruned_words(ensemble);
    }
    for (size_t k = 0; k < phases->places; k++) {
        phases->place[k].taken = *words++ != 0;
        for (size_t i = 0; i < phases->dim; i++, words += n)
            memcpy(phases->place[k].position + i * phases->stride, words, n * sizeof *words);
    }
    return KR_OK;
}
