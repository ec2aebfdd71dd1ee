#include "arrhenius.h"

#include "measure.h"

#include <kramers/data_sum.h>
#include <kramers/session.h>

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PARTICLES = 1024, LEAST_EVENTS = 10, STEPS_OF_A_LOOK = 400 };
static const double hottest = 0.55, coldest = 1.1; /* of 1/T of the scene */
static const double enough = 0.02;                 /* relative error at which a run ends */
static const double slice = 0.004, asked_for = 1.5, share = 0.3;

struct kr_arrhenius_runs {
    /* Under the lock. */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    kr_scene wanted; /* not yet taken over; registry NULL: none */
    uint64_t wanted_version;
    double looked; /* when somebody did last */
    bool stop;
    kr_arrhenius known;
    uint64_t known_version;
    /* Of the thread, or of the window where there is none. */
    pthread_t thread;
    bool started;
    kr_session *session[KR_ARRHENIUS_POINTS];
    kr_arrhenius work;
    uint64_t version;
};

/* ---- the line ---- */

static double weight_of(const kr_arrhenius_point *point) {
    double error = kr_escape_relative_error(&point->escape);
    return point->escape.events >= LEAST_EVENTS && error > 0 ? 1 / (error * error) : 0;
}

static double measured(const kr_arrhenius_point *point) {
    return point->escape.mfpt_steps;
}

static double exact(const kr_arrhenius_point *point) {
    return point->exact;
}

static double kramers(const kr_arrhenius_point *point) {
    return point->kramers;
}

static kr_arrhenius_fit line_through(const kr_arrhenius *arrhenius, double (*of)(const kr_arrhenius_point *)) {
    kr_arrhenius_fit fit = {.slope = NAN, .half_width = NAN, .intercept = NAN};
    double s = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
    for (size_t k = 0; k < arrhenius->count; k++) {
        const kr_arrhenius_point *point = &arrhenius->point[k];
        double w = weight_of(point), x = 1 / point->temperature, y = log(of(point));
        if (w <= 0 || (of == kramers && isnan(y))) continue; /* a formula may not apply where it is too hot */
        fit.points++;
        s += w, sx += w * x, sy += w * y, sxx += w * x * x, sxy += w * x * y;
    }
    double spread = s * sxx - sx * sx;
    if (fit.points < 3 || !(spread > 0)) return fit;
    fit.slope = (s * sxy - sx * sy) / spread;
    fit.intercept = (sy - fit.slope * sx) / s;
    fit.half_width = KR_NORMAL_95 * sqrt(s / spread);
    return fit;
}

kr_arrhenius_fit kr_arrhenius_fit_measured(const kr_arrhenius *arrhenius) {
    return line_through(arrhenius, measured);
}

double kr_arrhenius_slope_exact(const kr_arrhenius *arrhenius) {
    return line_through(arrhenius, exact).slope;
}

double kr_arrhenius_slope_kramers(const kr_arrhenius *arrhenius) {
    return line_through(arrhenius, kramers).slope;
}

double kr_arrhenius_barrier(const kr_arrhenius *arrhenius) {
    return kr_arrhenius_slope_kramers(arrhenius) + kr_arrhenius_fit_measured(arrhenius).slope - kr_arrhenius_slope_exact(arrhenius);
}

/* ---- scenes at other temperatures ---- */

static bool scale(kr_settings *settings, const char *name, double factor) {
    const kr_parameter *row = settings->about ? kr_parameter_find(settings->about, name) : NULL;
    double value = row && row->type == KR_NUMBER ? kr_get_number(settings, row) : NAN;
    return value > 0 && kr_set_number(settings, row, factor * value, NULL) == KR_OK;
}

/* The scene's own dynamics alone, at T times factor, whose particles start again when they have arrived. */
static kr_status scene_at(const kr_scene *base, double factor, uint64_t seed, kr_scene *made, kr_error *error) {
    const kr_scene alone = kr_scene_variant(base, 0);
    kr_status status = kr_scene_copy(made, &alone, error);
    if (status != KR_OK) return status;
    bool heated = scale(&made->dynamics, "temperature", factor);
    heated |= scale(&made->noise, "sigma", sqrt(factor));
    if (!heated)
        status = kr_fail(error, KR_BAD_ARGUMENT, "neither the dynamics nor the noise has a temperature that can be varied");
    if (status == KR_OK) status = kr_set_switch(&made->escape, kr_parameter_find(&kr_escape_descriptor, "renewal"), true, error);
    if (status == KR_OK)
        status = kr_set_integer(&made->ensemble, kr_parameter_find(&kr_ensemble_descriptor, "particles"), PARTICLES, error);
    if (status == KR_OK) status = kr_set_natural(&made->ensemble, kr_parameter_find(&kr_ensemble_descriptor, "seed"), seed, error);
    if (status != KR_OK) kr_scene_destroy(made);
    return status;
}

/* Formulas with friction, and those in several coordinates, predict a rate in units of time. */
static double predict(const kr_problem *problem, const kr_theory_type *type) {
    kr_prediction prediction;
    double rate = kr_problem_constant_rate(problem), time = problem->dynamics->type->physical_time ? sqrt(rate) : rate;
    kr_theory_predict(type, problem, &prediction);
    if (!prediction.applies) return NAN;
    return prediction.mfpt_steps > 0 ? prediction.mfpt_steps : prediction.rate > 0 ? 1 / (prediction.rate * time) : NAN;
}

/* The law of Arrhenius: Kramers' formula in one coordinate or with friction, Eyring's and Kramers' in more. */
static const kr_theory_type *formula_for(const kr_registry *registry, const kr_problem *problem) {
    static const char *const names[] = {"kramers", "eyring_kramers", "kramers_friction"};
    for (size_t n = 0; n < sizeof names / sizeof *names; n++)
        for (size_t t = 0; registry->theories[t]; t++)
            if (!strcmp(registry->theories[t]->about.name, names[n]) && predict(problem, registry->theories[t]) > 0)
                return registry->theories[t];
    return NULL;
}

/* The most exact one that says how exact it is. */
static const kr_theory_type *exact_for(const kr_registry *registry, const kr_problem *problem) {
    size_t count = 0;
    while (registry->theories[count]) count++;
    for (size_t t = count; t-- > 0;) {
        kr_prediction prediction;
        kr_theory_predict(registry->theories[t], problem, &prediction);
        if (prediction.applies && prediction.mfpt_steps > 0 && isfinite(prediction.accuracy)) return registry->theories[t];
    }
    return NULL;
}

static const char *refusal(const kr_model *model, const kr_problem *problem) {
    if (!problem->target_count) return "there is no target";
    if (model->scene->phase_count) return "the scene has phases";
    if (kr_landscape_data(&model->landscape)) return "networks take too long for that";
    if (isnan(kr_problem_constant_rate(problem))) return "the learning rate, or something else, changes with the step";
    return NULL;
}

static double mean_at(const kr_scene *base, double factor, const kr_theory_type *type) {
    kr_scene scene;
    kr_model model;
    double mean = NAN;
    if (scene_at(base, factor, 1, &scene, NULL) != KR_OK) return NAN;
    if (kr_model_create(&model, &scene, NULL) == KR_OK) {
        kr_problem problem = kr_model_problem(&model);
        mean = predict(&problem, type);
        kr_model_destroy(&model);
    }
    kr_scene_destroy(&scene);
    return mean;
}

/* What 1/T of the scene is multiplied by so that the coldest are seen to arrive, and the hottest are not there at once. */
static double shift_for(const kr_scene *base, const kr_theory_type *type) {
    const double longest = 2e6, shortest = 300, part = 0.85;
    double shift = 1;
    for (int k = 0; type && k < 12 && mean_at(base, 1 / (coldest * shift), type) > longest; k++) shift *= part;
    for (int k = 0; type && k < 12 && mean_at(base, 1 / (hottest * shift), type) < shortest; k++) shift /= part;
    return shift;
}

/* ---- runs ---- */

static void publish(kr_arrhenius_runs *runs) {
    pthread_mutex_lock(&runs->lock);
    runs->known = runs->work;
    runs->known_version = runs->version;
    pthread_mutex_unlock(&runs->lock);
}

static void end(kr_arrhenius_runs *runs) {
    for (size_t k = 0; k < KR_ARRHENIUS_POINTS; k++) {
        kr_session_destroy(runs->session[k]);
        runs->session[k] = NULL;
    }
}

static kr_status begin_point(kr_arrhenius_runs *runs, const kr_scene *base, double factor, kr_error *error) {
    kr_arrhenius *work = &runs->work;
    size_t k = work->count;
    kr_scene scene;
    kr_status status = scene_at(base, factor, kr_scene_ensemble(base)->seed + 1000 + k, &scene, error);
    if (status != KR_OK) return status;
    status = kr_session_create(&runs->session[k], &scene, 1, error);
    kr_scene_destroy(&scene);
    if (status != KR_OK) return status;
    work->point[k] = (kr_arrhenius_point){
        .temperature = kr_model_temperature(kr_session_model(runs->session[k], 0)), .exact = NAN, .kramers = NAN};
    work->count++;
    return KR_OK;
}

static kr_status begin_points(kr_arrhenius_runs *runs, const kr_scene *base, const kr_model *model, const kr_problem *problem,
                              kr_error *error) {
    const kr_theory_type *formula = formula_for(base->registry, problem), *best = exact_for(base->registry, problem);
    kr_arrhenius *work = &runs->work;
    double shift = shift_for(base, formula), temperature = kr_model_temperature(model);
    kr_status status = KR_OK;
    for (size_t k = 0; status == KR_OK && k < KR_ARRHENIUS_POINTS; k++) {
        double inverse = shift * (hottest + (coldest - hottest) * (double)k / (KR_ARRHENIUS_POINTS - 1));
        status = begin_point(runs, base, 1 / inverse, error);
        if (status == KR_OK && !(fabs(work->point[k].temperature * inverse / temperature - 1) < 1e-6))
            status = kr_fail(error, KR_BAD_ARGUMENT, "something else than a temperature or a sigma heats as well");
    }
    if (status != KR_OK) return status;
    snprintf(work->kramers_name, sizeof work->kramers_name, "%s", formula ? formula->about.name : "");
    snprintf(work->exact_name, sizeof work->exact_name, "%s", best ? best->about.name : "");
    for (size_t k = 0; k < work->count; k++) { /* the hottest first, which take least */
        kr_problem there = kr_model_problem(kr_session_model(runs->session[k], 0));
        if (formula) work->point[k].kramers = predict(&there, formula);
        if (best) work->point[k].exact = predict(&there, best);
    }
    return KR_OK;
}

static void begin(kr_arrhenius_runs *runs, const kr_scene *base, uint64_t version) {
    kr_model model;
    kr_error error = {.status = KR_OK};
    end(runs);
    runs->version = version;
    runs->work = (kr_arrhenius){.begun = true};
    kr_status status = kr_model_create(&model, base, &error);
    if (status == KR_OK) {
        kr_problem problem = kr_model_problem(&model);
        const char *why = refusal(&model, &problem);
        status = why ? kr_fail(&error, KR_BAD_ARGUMENT, "%s", why) : begin_points(runs, base, &model, &problem, &error);
        kr_model_destroy(&model);
    }
    runs->work.applies = status == KR_OK;
    if (status != KR_OK) {
        snprintf(runs->work.why, sizeof runs->work.why, "%.190s", error.message);
        runs->work.count = 0;
        end(runs);
    }
    publish(runs);
}

/* So many steps of each that is not known well enough; false: all are. */
static bool advance(kr_arrhenius_runs *runs, uint64_t steps) {
    bool moved = false;
    for (size_t k = 0; k < runs->work.count; k++) {
        kr_arrhenius_point *point = &runs->work.point[k];
        double error = kr_escape_relative_error(&point->escape);
        if (error > 0 && error < enough) continue;
        if (kr_session_advance(runs->session[k], steps, NULL) != KR_OK) continue;
        kr_session_escape(runs->session[k], 0, &point->escape);
        moved = true;
    }
    return moved;
}

static void sleep_for(double seconds) {
    struct timespec pause = {.tv_nsec = (long)(1e9 * fmin(seconds, 0.5))};
    nanosleep(&pause, NULL);
}

/* Takes the newest wish; waits where nobody looks or nothing is left to do. false: the end. */
static bool next_wish(kr_arrhenius_runs *runs, bool idle) {
    kr_scene scene = {.registry = NULL};
    uint64_t version = 0;
    pthread_mutex_lock(&runs->lock);
    while (!runs->stop && !runs->wanted.registry && (idle || kr_seconds_now() - runs->looked > asked_for)) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec++;
        pthread_cond_timedwait(&runs->changed, &runs->lock, &until);
        idle &= runs->work.count == 0 || kr_seconds_now() - runs->looked > asked_for;
    }
    bool stop = runs->stop;
    if (runs->wanted.registry) {
        scene = runs->wanted;
        version = runs->wanted_version;
        runs->wanted = (kr_scene){.registry = NULL};
    }
    pthread_mutex_unlock(&runs->lock);
    if (scene.registry) {
        if (!stop) begin(runs, &scene, version);
        kr_scene_destroy(&scene);
    }
    return !stop;
}

static void *run(void *argument) {
    kr_arrhenius_runs *runs = argument;
    uint64_t steps = 16;
    for (bool idle = true; next_wish(runs, idle);) {
        double began = kr_seconds_now();
        idle = !advance(runs, steps);
        double spent = kr_seconds_now() - began;
        if (spent < 0.5 * slice * KR_ARRHENIUS_POINTS && steps < 1 << 16) steps *= 2;
        if (spent > 2 * slice * KR_ARRHENIUS_POINTS && steps > 16) steps /= 2;
        if (!idle) publish(runs);
        sleep_for(spent * (1 / share - 1));
    }
    return NULL;
}

/* ---- the window's side ---- */

kr_status kr_arrhenius_runs_create(kr_arrhenius_runs **made, kr_error *error) {
    kr_arrhenius_runs *runs = *made = calloc(1, sizeof *runs);
    if (!runs) return kr_fail(error, KR_NO_MEMORY, "not enough memory for runs at several temperatures");
    pthread_mutex_init(&runs->lock, NULL);
    pthread_cond_init(&runs->changed, NULL);
    runs->version = runs->known_version = runs->wanted_version = UINT64_MAX;
    return KR_OK;
}

void kr_arrhenius_runs_destroy(kr_arrhenius_runs *runs) {
    if (!runs) return;
    pthread_mutex_lock(&runs->lock);
    runs->stop = true;
    pthread_cond_signal(&runs->changed);
    pthread_mutex_unlock(&runs->lock);
    if (runs->started) pthread_join(runs->thread, NULL);
    end(runs);
    if (runs->wanted.registry) kr_scene_destroy(&runs->wanted);
    pthread_cond_destroy(&runs->changed);
    pthread_mutex_destroy(&runs->lock);
    free(runs);
}

static void look_still(kr_arrhenius_runs *runs, const kr_scene *scene, uint64_t version, kr_arrhenius *out) {
    if (runs->version != version) begin(runs, scene, version);
    if (advance(runs, STEPS_OF_A_LOOK)) publish(runs);
    *out = runs->known;
}

void kr_arrhenius_runs_look(kr_arrhenius_runs *runs, const kr_scene *scene, uint64_t version, bool still, kr_arrhenius *out) {
    if (still) {
        look_still(runs, scene, version, out);
        return;
    }
    pthread_mutex_lock(&runs->lock);
    runs->looked = kr_seconds_now();
    if (runs->wanted_version != version) {
        kr_scene copy;
        if (kr_scene_copy(&copy, scene, NULL) == KR_OK) {
            if (runs->wanted.registry) kr_scene_destroy(&runs->wanted);
            runs->wanted = copy;
            runs->wanted_version = version;
        }
    }
    if (!runs->started) runs->started = pthread_create(&runs->thread, NULL, run, runs) == 0;
    pthread_cond_signal(&runs->changed);
    *out = runs->known_version == version ? runs->known : (kr_arrhenius){.begun = false};
    pthread_mutex_unlock(&runs->lock);
}
