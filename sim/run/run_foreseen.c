/* What is said of a run beside what it measures, and so can be known before: theories, its temperature, curvatures at its start.
 * Over data each of them is many passes. */
#include "run_state.h"
#include <kramers/stability.h>

#include <kramers/interrupt.h>
#include <kramers/survival_predicted.h>

#include <math.h>
#include <string.h>

/* Where phases differ there is not one problem for all steps. */
static void refuse_phases(kr_theory_result *results, size_t count) {
    for (size_t i = 0; i < count; i++) {
        kr_prediction *p = &results[i].prediction;
        *p = (kr_prediction){.applies = true,
                             .mfpt_steps = NAN,
                             .mfpt_time = NAN,
                             .rate = NAN,
                             .spectral_gap = NAN,
                             .temperature = NAN,
                             .spectral_gap_steps = NAN,
                             .variation = NAN,
                             .accuracy = NAN};
        kr_theory_refuse(p, "The phases of this scene differ, and a theory is of one: kramers theory SCENE --phase NAME.");
    }
}

/* From the simplest theory to the most exact, as the registry has them. */
static size_t predict_all(const kr_registry *registry, const kr_problem *problem, kr_theory_result *results, bool phases) {
    size_t count = 0;
    for (; count < KR_MAX_THEORIES && registry->theories[count]; count++) {
        results[count] = (kr_theory_result){.type = registry->theories[count], .z = NAN, .gap_z = NAN};
        if (!phases) kr_theory_predict(results[count].type, problem, &results[count].prediction);
    }
    if (phases) refuse_phases(results, count);
    return count;
}

kr_status kr_run_theories(const kr_scene *scene, kr_theory_result *results, size_t *count, kr_error *error) {
    *count = 0;
    kr_model model;
    kr_status status = kr_model_create(&model, kr_scene_at_start(scene), error);
    if (status != KR_OK) return status;
    kr_problem problem = kr_model_problem(&model);
    *count = predict_all(scene->registry, &problem, results, false);
    kr_model_destroy(&model);
    return KR_OK;
}

/* What a landscape has prepared belongs to several models only where it is the same landscape. */
static bool same_place(const kr_model *a, const kr_model *b) {
    const kr_landscape *p = &a->landscape, *q = &b->landscape;
    return p->state && p->state == q->state && !memcmp(a->start, b->start, p->dim * sizeof *a->start);
}

/* The slowest direction of the start relaxes in about 1 / (learning rate x least curvature) steps; momentum stretches this, and
 * adaptive dynamics have the curvature over what they divide by. Where the start lies in no well, that of the steepest direction is
 * the most that can be asked for. */
static double slowest_curvature(const kr_model *model) {
    kr_interval range = kr_curvature_range(&model->landscape, model->start);
    double divisor = kr_gradient_divisor(&model->dynamics, kr_noise_mean_variance(&model->noise, &model->landscape, model->start));
    return (range.low > 0 ? range.low : range.high) / divisor;
}

static void foresee_curvatures(kr_run *run) {
    kr_foreseen *foreseen = &run->foreseen;
    for (size_t i = 0; i < run->phases.count; i++) {
        const kr_model *model = &run->phases.stage[i]->model, *before = i ? &run->phases.stage[i - 1]->model : NULL;
        bool same = before && same_place(model, before);
        foreseen->curvature[i] = same ? foreseen->curvature[i - 1] : kr_largest_curvature(&model->landscape, model->start);
    }
    if (!run->phases.change && !run->splitting) foreseen->slowest = slowest_curvature(&run->phases.stage[0]->model);
}

/* ---- survival ---- */

/* To the end of the steps. A run that is expected to end before them gets the curve when it is known where. */
static void foresee_survival(kr_run *run) {
    kr_survival *survival = &run->foreseen.survival;
    kr_problem problem = kr_model_problem(&run->phases.stage[0]->model);
    if (run->splitting || run->phases.change || !problem.target_count || problem.renewal || run->expected_share != 1.0) return;
    kr_status status = kr_survival_create(survival, run->steps, run->steps, NULL);
    if (status == KR_OK) status = kr_survival_predict(survival, &problem, NULL);
    if (status != KR_OK) kr_survival_destroy(survival);
}

static bool same_steps(const kr_survival *a, const kr_survival *b) {
    return a->count == b->count && a->count && !memcmp(a->step, b->step, a->count * sizeof *a->step);
}

kr_status kr_run_predict_survival(kr_run *run, kr_survival *survival, kr_error *error) {
    kr_survival *known = &run->foreseen.survival;
    kr_problem problem = kr_model_problem(&run->stage->model);
    if (!same_steps(known, survival)) return kr_survival_predict(survival, &problem, error);
    survival->chain = known->chain;
    survival->adiabatic = known->adiabatic;
    survival->chain_accuracy = known->chain_accuracy;
    memcpy(survival->chain_why, known->chain_why, sizeof survival->chain_why);
    memcpy(survival->adiabatic_why, known->adiabatic_why, sizeof survival->adiabatic_why);
    known->chain = known->adiabatic = NULL;
    kr_survival_destroy(known);
    return KR_OK;
}

/* ---- all of it ---- */

void kr_run_foresee(kr_run *run) {
    kr_result *result = &run->result;
    if (run->foreseen.known) return;
    const kr_model *first = &run->phases.stage[0]->model;
    kr_problem problem = kr_model_problem(first);
    result->theory_count = predict_all(run->scene->registry, &problem, result->theory, run->phases.change);
    run->foreseen.temperature = kr_model_temperature(first);
    foresee_curvatures(run);
    run->foreseen.known = true;
}

static void forget(kr_run *run) {
    run->foreseen.known = false;
    kr_survival_destroy(&run->foreseen.survival);
}

void kr_run_predict(kr_run *run) {
    unsigned long heeded = kr_interrupt_heeded();
    kr_elapsed began = kr_elapsed_now();
    kr_run_foresee(run);
    foresee_survival(run);
    if (kr_interrupt_heeded() != heeded) forget(run); /* the result asks again, and takes what can be had quickly */
    kr_run_estimate_predicted(run, kr_elapsed_since(began));
}
