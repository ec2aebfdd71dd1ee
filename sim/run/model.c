#include <kramers/boltzmann_sample.h>
#include <kramers/critical_points.h>
#include <kramers/model.h>

#include "scene/scene_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The position of a minimum, where the previous model, on the same landscape, has it already; else NULL. */
static const double *known_minimum(const kr_model *before, int64_t number) {
    const kr_start *start = &before->scene->start;
    if ((start->kind == KR_START_MINIMUM || start->kind == KR_START_GIBBS) && start->minimum == number) return before->start;
    for (size_t t = 0; t < before->target_count; t++)
        if (before->targets[t].radius > 0 && before->targets[t].minimum == number) return before->targets[t].center;
    return NULL;
}

/* before: NULL unless its landscape is the same. */
static kr_status place_target(kr_model *model, const kr_model *before, size_t number, double *center, kr_error *error) {
    kr_target *target = &model->targets[number];
    *target = model->scene->targets[number];
    if (target->radius > 0) target->center = center;
    return kr_target_place(target, &model->landscape, before ? known_minimum(before, target->minimum) : NULL, center, error);
}

/* So many points that their own scatter is small beside that of the particles, where independent draws are cheap. */
static size_t choose_pool(const kr_model *model) {
    enum { STARTS = 1 << 16, MOST_STARTS = 1 << 22, FOR_EACH = 16, NUMBERS = 1 << 24 };
    size_t dim = model->landscape.dim, count = STARTS, wanted = FOR_EACH * (size_t)kr_scene_ensemble(model->scene)->particles;
    if (model->landscape.type->separable && wanted > STARTS) count = wanted < MOST_STARTS ? wanted : MOST_STARTS;
    if (dim > NUMBERS / count) count = NUMBERS / dim;
    if (model->quick && count > KR_QUICK_POOL) count = KR_QUICK_POOL;
    return count ? count : 1;
}

/* Whether distribution, seed and number of starts are the same; of a quick model the number does not matter. */
static bool same_pool(const kr_model *model, const kr_model *same) {
    const kr_start *now = &model->scene->start, *then = &same->scene->start;
    if (!same->pool || now->kind != then->kind) return false;
    if (now->kind == KR_START_FILE) return !strcmp(now->file, then->file) && !strcmp(now->dataset, then->dataset);
    double temperature = kr_model_temperature(model), before = kr_model_temperature(same);
    return now->kind == KR_START_GIBBS && now->minimum == then->minimum &&
           kr_scene_ensemble(model->scene)->seed == kr_scene_ensemble(same->scene)->seed &&
           (model->quick || same->pool_count == choose_pool(model)) &&
           (temperature == before || (isnan(temperature) && isnan(before)));
}

static void borrow_pool(kr_model *model, const kr_model *same) {
    model->pool = same->pool;
    model->pool_count = same->pool_count;
    model->pool_borrowed = true;
}

/* From a file, which is read once, also for models on several landscapes: the mean of its rows, and they for the particles. */
static kr_status place_rows(kr_model *model, const kr_model *before, kr_error *error) {
    kr_status status = KR_OK;
    if (before && before->landscape.dim == model->landscape.dim && !strcmp(before->scene->directory, model->scene->directory) &&
        same_pool(model, before))
        borrow_pool(model, before);
    else
        status = kr_start_rows(&model->scene->start, &model->landscape, &model->pool, &model->pool_count, error);
    if (status == KR_OK) kr_start_mean(model->landscape.dim, model->pool_count, model->pool, model->start);
    return status;
}

/* same: `before` where its landscape is the same, else NULL. */
static kr_status place_start(kr_model *model, const kr_model *before, const kr_model *same, kr_error *error) {
    const kr_start *start = &model->scene->start;
    if (start->kind == KR_START_FILE) return place_rows(model, before, error);
    kr_status status =
        kr_start_place(start, &model->landscape, same ? known_minimum(same, start->minimum) : NULL, model->start, error);
    if (status == KR_OK && start->kind == KR_START_RANDOM)
        status = kr_start_spread(start, &model->landscape, model->spread = model->storage + model->landscape.dim,
                                 &model->spread_normal, error);
    return status;
}

static kr_status place(kr_model *model, const kr_model *before, const kr_model *same, kr_error *error) {
    size_t dim = model->landscape.dim;
    model->storage = calloc(dim * (2 + KR_MAX_TARGETS), sizeof(double));
    if (!model->storage) return kr_fail(error, KR_NO_MEMORY, "not enough memory for points in %zu dimensions", dim);
    model->start = model->storage;
    const kr_start *start = &model->scene->start;
    kr_status status = place_start(model, before, same, error);
    model->target_count = model->scene->target_count;
    for (size_t t = 0; status == KR_OK && t < model->target_count; t++) {
        status = place_target(model, same, t, model->storage + (2 + t) * dim, error);
        bool one = start->kind == KR_START_MINIMUM || start->kind == KR_START_POINT;
        if (status == KR_OK && one && kr_target_reached(&model->targets[t], dim, model->start))
            status = kr_fail(error, KR_BAD_ARGUMENT,
                             "escape.until: the start is already in target %zu; move ensemble.start or the target", t);
    }
    return status;
}

static bool same_landscape(const kr_model *model, const kr_model *before) {
    return kr_settings_equal(&model->scene->landscape, &before->scene->landscape) &&
           !strcmp(model->scene->directory, before->scene->directory) &&
           kr_dynamics_weight_decay(&model->dynamics) == before->landscape.weight_decay;
}

static kr_status make_landscape(kr_model *model, const kr_model *same, kr_error *error) {
    const kr_scene *scene = model->scene;
    if (same) {
        model->landscape = same->landscape;
        model->landscape.values = scene->landscape.values;
        model->landscape.directory = scene->directory;
        model->landscape_borrowed = true;
        return KR_OK;
    }
    kr_status status =
        kr_landscape_create(&model->landscape, (const kr_landscape_type *)scene->landscape.about, scene->landscape.values,
                            scene->directory, kr_dynamics_weight_decay(&model->dynamics), error);
    return status == KR_OK ? KR_OK : kr_fail_at(error, status, "landscape");
}

static kr_status drive(kr_model *model, kr_error *error) {
    const kr_scene *scene = model->scene;
    return kr_drive_create(&model->drive,
                           &(kr_drive_setup){.landscape = &model->landscape,
                                             .dynamics = &model->dynamics,
                                             .noise = &model->noise,
                                             .schedule = &model->schedule,
                                             .directory = scene->directory,
                                             .landscape_settings = &scene->landscape,
                                             .dynamics_settings = &scene->dynamics,
                                             .noise_settings = &scene->noise,
                                             .keep = scene->keep,
                                             .keep_count = scene->keep_count,
                                             .steps = kr_scene_schedule_steps(scene)},
                           error);
}

static kr_status make_noise(kr_model *model, kr_error *error) {
    const kr_settings *noise = &model->scene->noise;
    kr_status status =
        kr_noise_create(&model->noise, (const kr_noise_type *)noise->about, noise->values, model->landscape.dim, error);
    if (status == KR_OK) status = kr_noise_fits(&model->noise, &model->landscape, error);
    return status == KR_OK ? KR_OK : kr_fail_at(error, status, "noise");
}

static kr_status create(kr_model *model, const kr_scene *scene, const kr_model *before, bool quick, kr_error *error) {
    memset(model, 0, sizeof *model);
    model->quick = quick;
    model->scene = scene;
    kr_status status =
        kr_dynamics_create(&model->dynamics, (const kr_dynamics_type *)scene->dynamics.about, scene->dynamics.values, error);
    if (status != KR_OK) return kr_fail_at(error, status, "dynamics");
    status = kr_schedule_create(&model->schedule, &scene->schedule, scene->directory, scene->warmup, kr_scene_schedule_steps(scene),
                                error);
    if (status != KR_OK) return kr_fail_at(error, status, "schedule");
    const kr_model *same = before && same_landscape(model, before) ? before : NULL;
    status = make_landscape(model, same, error);
    if (status == KR_OK) status = make_noise(model, error);
    if (status == KR_OK && kr_dynamics_fits(&model->dynamics, &model->landscape, &model->noise, error) != KR_OK)
        status = kr_fail_at(error, KR_BAD_ARGUMENT, "dynamics");
    if (status == KR_OK) status = drive(model, error);
    if (status == KR_OK) status = place(model, before, same, error);
    if (status == KR_OK && !model->pool && same && same_pool(model, same)) borrow_pool(model, same);
    if (status != KR_OK) kr_model_destroy(model);
    return status;
}

kr_status kr_model_create_from(kr_model *model, const kr_scene *scene, const kr_model *before, bool quick, kr_error *error) {
    kr_status status = create(model, scene, before, quick, error);
    return status == KR_OK || !error ? status : kr_scene_fail_at(scene, error);
}

kr_status kr_model_create(kr_model *model, const kr_scene *scene, kr_error *error) {
    return kr_model_create_from(model, scene, NULL, false, error);
}

/* Ownership passes to model: destroying `before` leaves these alone. */
void kr_model_inherit(kr_model *model, kr_model *before) {
    if (model->landscape_borrowed) {
        model->landscape_borrowed = before->landscape_borrowed;
        before->landscape_borrowed = true;
    }
    if (model->pool_borrowed) {
        model->pool_borrowed = before->pool_borrowed;
        before->pool_borrowed = true;
    }
}

void kr_model_destroy(kr_model *model) {
    kr_drive_destroy(model->drive);
    if (model->landscape.type && !model->landscape_borrowed) kr_landscape_destroy(&model->landscape);
    kr_schedule_destroy(&model->schedule);
    if (model->noise.type) kr_noise_destroy(&model->noise);
    free(model->storage);
    if (!model->pool_borrowed) free(model->pool);
    memset(model, 0, sizeof *model);
}

void kr_model_begin_at(kr_model *model, uint64_t step) {
    model->schedule.origin = step;
    kr_drive_begin_at(model->drive, step);
}

/* Without the members that follow from the temperature. */
static kr_problem problem_of(const kr_model *model) {
    return (kr_problem){.landscape = &model->landscape,
                        .noise = &model->noise,
                        .dynamics = &model->dynamics,
                        .schedule = &model->schedule,
                        .drive = model->drive,
                        .start = model->start,
                        .targets = model->targets,
                        .target_count = model->target_count};
}

double kr_model_temperature(const kr_model *model) {
    kr_problem problem = problem_of(model);
    return kr_problem_temperature(&problem, kr_schedule_at(&model->schedule, 0));
}

static kr_status fill_pool(kr_model *model, kr_error *error) {
    if (model->pool || model->scene->start.kind != KR_START_GIBBS) return KR_OK;
    size_t dim = model->landscape.dim, count = choose_pool(model);
    model->pool = malloc(count * dim * sizeof *model->pool);
    if (!model->pool) return kr_fail(error, KR_NO_MEMORY, "not enough memory for starts in %zu dimensions", dim);
    model->pool_count = count;
    double temperature = kr_model_temperature(model);
    kr_status status = kr_boltzmann_sample(&model->landscape, model->scene->start.minimum, isnan(temperature) ? 0.0 : temperature,
                                           kr_scene_ensemble(model->scene)->seed, model->pool_count, model->pool, error);
    return status == KR_OK ? KR_OK : kr_fail_at(error, status, "ensemble.start.gibbs");
}

kr_status kr_model_ensemble_setup(kr_model *model, kr_ensemble_setup *setup, kr_error *error) {
    const kr_ensemble_settings *ensemble = kr_scene_ensemble(model->scene);
    const kr_escape_settings *escape = kr_scene_escape(model->scene);
    kr_status status = fill_pool(model, error);
    *setup = (kr_ensemble_setup){.registry = model->scene->registry,
                                 .landscape = &model->landscape,
                                 .noise = &model->noise,
                                 .dynamics = &model->dynamics,
                                 .schedule = &model->schedule,
                                 .drive = model->drive,
                                 .start = model->start,
                                 .pool = model->pool,
                                 .pool_count = model->pool_count,
                                 .pool_in_turn = model->scene->start.kind == KR_START_FILE,
                                 .spread = model->spread,
                                 .spread_normal = model->spread_normal,
                                 .burn_in = (uint64_t)model->scene->start.burn_in,
                                 .absorb = !escape->renewal,
                                 .bridge = escape->bridge,
                                 .ledger = kr_scene_keeps_ledger(model->scene),
                                 .targets = model->targets,
                                 .target_count = model->target_count,
                                 .particles = (uint64_t)ensemble->particles,
                                 .seed = ensemble->seed};
    return status;
}

kr_problem kr_model_problem(const kr_model *model) {
    const kr_start *start = &model->scene->start;
    double temperature = start->kind == KR_START_GIBBS ? kr_model_temperature(model) : NAN;
    kr_problem problem = problem_of(model);
    problem.start_temperature = temperature > 0.0 ? temperature : 0.0;
    problem.start_minimum = start->minimum;
    problem.start_spread = start->kind == KR_START_RANDOM || start->kind == KR_START_FILE;
    problem.burn_in = (uint64_t)start->burn_in;
    problem.bridge = kr_scene_escape(model->scene)->bridge;
    problem.xie_s = kr_scene_escape(model->scene)->xie_s;
    problem.renewal = kr_scene_escape(model->scene)->renewal;
    return problem;
}
