/* One item of analysis per version of the settings. The window holds the newest; the thread holds the one it works on, and abandons
 * it between two theories when a newer one was requested. The side that releases it last frees it. The thread writes only what is
 * its own and says by an atomic stage what is finished; the window then takes it over. */
#include "analysis.h"

#include "measure.h"
#include "present.h"

#include <kramers/survival_predicted.h>

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_CRITICAL_POINTS = 256, STAGE_PATH = 1, STAGE_THEORIES, STAGE_SURVIVAL };

/* A slider that is dragged makes a version every frame: theories are computed only for one that has lasted this long. */
static const long rest_nanoseconds = 150000000;

typedef struct item {
    kr_analysis known; /* of the window */
    /* Of the thread, until the stage says that they are finished. */
    kr_path path;
    kr_theory_result theory[KR_MAX_THEORIES];
    size_t theory_count;
    _Atomic(kr_survival *) survival; /* the newest prediction, handed over by exchanging the pointer */
    _Atomic int stage, references;
    atomic_bool unwanted;
    int adopted; /* stage whose results the window has adopted */
} item;

struct kr_analyser {
    item *current; /* of the window */
    pthread_t thread;
    pthread_mutex_t lock; /* held for moments only */
    pthread_cond_t changed;
    item *wanted; /* not yet begun */
    _Atomic uint64_t progress;
    bool hurry, stop, started;
};

static void destroy_survival(kr_survival *survival) {
    if (survival) kr_survival_destroy(survival);
    free(survival);
}

static void release(item *it) {
    if (!it || atomic_fetch_sub(&it->references, 1) != 1) return;
    kr_path_destroy(&it->path);
    destroy_survival(atomic_load(&it->survival));
    kr_path_destroy(&it->known.path);
    kr_survival_destroy(&it->known.survival);
    kr_present_destroy(&it->known);
    kr_critical_points_destroy(&it->known.critical);
    kr_model_destroy(&it->known.model);
    kr_scene_destroy(&it->known.scene);
    free(it);
}

/* ---- the thread ---- */

/* From the start to the ball that counts as escaped, else between the two lowest minima. */
static bool path_ends(const item *it, const double **from, const double **to) {
    const kr_critical_points *critical = &it->known.critical;
    const kr_model *model = &it->known.model;
    *from = *to = NULL;
    if (critical->dim != model->landscape.dim) return false;
    if (model->target_count && model->targets[0].center) {
        *from = model->start;
        *to = model->targets[0].center;
        return true;
    }
    double lowest = INFINITY, second = INFINITY;
    for (size_t i = 0; i < critical->count; i++) {
        const kr_critical_point *point = &critical->point[i];
        if (point->index != 0) continue;
        if (point->energy < lowest) {
            second = lowest, *to = *from;
            lowest = point->energy, *from = point->position;
        } else if (point->energy < second) {
            second = point->energy, *to = point->position;
        }
    }
    return *from && *to;
}

static void find_path(item *it) {
    const double *from, *to;
    kr_error none = {.status = KR_OK};
    if (it->known.model.landscape.dim > 1 && path_ends(it, &from, &to) &&
        kr_path_create(&it->path, &it->known.model.landscape, from, to, 0, &none) != KR_OK)
        it->path = (kr_path){0};
}

static void find_theories(item *it, const kr_problem *problem) {
    const kr_theory_type *const *types = it->known.scene.registry->theories;
    for (; it->theory_count < KR_MAX_THEORIES && types[it->theory_count] && !atomic_load(&it->unwanted); it->theory_count++) {
        kr_theory_result *result = &it->theory[it->theory_count];
        *result = (kr_theory_result){.type = types[it->theory_count], .z = NAN};
        kr_theory_predict(result->type, problem, &result->prediction);
    }
}

/* Up to this step of a run of so many; NULL: there is no prediction. */
static kr_survival *predict_survival(const kr_problem *problem, uint64_t steps, uint64_t reached) {
    kr_error none = {.status = KR_OK};
    kr_survival *survival = calloc(1, sizeof *survival);
    if (survival && kr_survival_create(survival, steps, reached, &none) == KR_OK &&
        kr_survival_predict(survival, problem, &none) == KR_OK)
        return survival;
    destroy_survival(survival);
    return NULL;
}

/* The prediction goes on from step to step and takes longer the further it reaches: an eighth first, then twice as far each time,
 * so that a first part is there early and the rest can be abandoned. Only where each particle arrives once there is something
 * measured beside it. */
static void find_survival(kr_analyser *s, item *it, const kr_problem *problem) {
    uint64_t steps = (uint64_t)kr_scene_ensemble(&it->known.scene)->steps, reached = steps / 8 + 1;
    if (!problem->target_count || kr_scene_escape(&it->known.scene)->renewal) return;
    for (bool last = false; !last && !atomic_load(&it->unwanted); reached *= 2) {
        last = reached >= steps;
        kr_survival *survival = predict_survival(problem, steps, last ? steps : reached);
        if (!survival) return;
        destroy_survival(atomic_exchange(&it->survival, survival));
        atomic_fetch_add(&s->progress, 1);
    }
}

static void finish_stage(kr_analyser *s, item *it, int stage) {
    atomic_store(&it->stage, stage);
    atomic_fetch_add(&s->progress, 1);
}

static void analyse(kr_analyser *s, item *it) {
    find_path(it);
    finish_stage(s, it, STAGE_PATH);
    kr_problem problem = kr_model_problem(&it->known.model);
    find_theories(it, &problem);
    finish_stage(s, it, STAGE_THEORIES);
    find_survival(s, it, &problem);
    finish_stage(s, it, STAGE_SURVIVAL);
}

/* Waits until something is wanted and nothing newer has come for a moment; NULL: the end. */
static item *next_item(kr_analyser *s) {
    item *it = NULL;
    pthread_mutex_lock(&s->lock);
    while (!s->stop && !it) {
        while (!s->stop && !s->wanted) pthread_cond_wait(&s->changed, &s->lock);
        item *newest = s->wanted;
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += rest_nanoseconds;
        if (until.tv_nsec >= 1000000000) until.tv_sec++, until.tv_nsec -= 1000000000;
        int waited = s->hurry ? ETIMEDOUT : 0;
        while (!s->stop && s->wanted == newest && waited != ETIMEDOUT)
            waited = pthread_cond_timedwait(&s->changed, &s->lock, &until);
        if (!s->stop && s->wanted == newest) {
            it = newest;
            s->wanted = NULL;
        }
    }
    pthread_mutex_unlock(&s->lock);
    return it;
}

static void *run(void *argument) {
    kr_analyser *s = argument;
    for (item *it; (it = next_item(s)) != NULL; release(it)) analyse(s, it);
    return NULL;
}

/* ---- the window's side ---- */

kr_status kr_analyser_create(kr_analyser **analyser, kr_error *error) {
    kr_analyser *s = *analyser = calloc(1, sizeof *s);
    if (!s) return kr_fail(error, KR_NO_MEMORY, "not enough memory for the window");
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->changed, NULL);
    s->started = pthread_create(&s->thread, NULL, run, s) == 0;
    if (s->started) return KR_OK;
    kr_analyser_destroy(s);
    *analyser = NULL;
    return kr_fail(error, KR_NO_MEMORY, "no thread could be started for the theories");
}

/* Requests an item and cancels what was requested before. NULL: ends the thread. */
static void request(kr_analyser *s, item *it, bool hurry) {
    if (s->current) atomic_store(&s->current->unwanted, true);
    pthread_mutex_lock(&s->lock);
    item *dropped = s->wanted;
    s->wanted = it;
    s->hurry = hurry;
    s->stop = !it;
    pthread_cond_signal(&s->changed);
    pthread_mutex_unlock(&s->lock);
    release(dropped);
}

void kr_analyser_destroy(kr_analyser *s) {
    if (!s) return;
    request(s, NULL, true);
    if (s->started) pthread_join(s->thread, NULL);
    release(s->current);
    pthread_cond_destroy(&s->changed);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

static kr_status make_item(uint64_t version, const kr_scene *scene, item **made, kr_error *error) {
    item *it = *made = calloc(1, sizeof *it);
    if (!it) return kr_fail(error, KR_NO_MEMORY, "not enough memory for the window");
    kr_error none = {.status = KR_OK};
    atomic_init(&it->references, 1);
    it->known.version = version;
    kr_status status = kr_scene_copy(&it->known.scene, scene, error);
    if (status == KR_OK) status = kr_model_create(&it->known.model, &it->known.scene, error);
    if (status != KR_OK) {
        release(it);
        return status;
    }
    if (kr_critical_points_all(&it->known.model.landscape, MOST_CRITICAL_POINTS, &it->known.critical, &none) != KR_OK)
        it->known.critical = (kr_critical_points){0};
    kr_present_create(&it->known);
    return KR_OK;
}

static void adopt_results(item *it) {
    int stage = atomic_load(&it->stage);
    if (it->adopted < STAGE_PATH && stage >= STAGE_PATH) {
        it->known.path = it->path;
        it->path = (kr_path){0};
    }
    if (it->adopted < STAGE_THEORIES && stage >= STAGE_THEORIES && !atomic_load(&it->unwanted)) {
        memcpy(it->known.theory, it->theory, sizeof it->theory);
        it->known.theory_count = it->theory_count;
        it->known.theories_ready = true;
    }
    kr_survival *survival = atomic_exchange(&it->survival, NULL);
    if (survival) {
        kr_survival_destroy(&it->known.survival);
        it->known.survival = *survival;
        free(survival);
    }
    it->adopted = stage;
}

static void sleep_briefly(void) {
    struct timespec pause = {.tv_nsec = 1000000};
    nanosleep(&pause, NULL);
}

kr_status kr_analyser_update(kr_analyser *s, uint64_t version, const kr_scene *scene, bool wait, const kr_analysis **analysis,
                             kr_error *error) {
    kr_status status = KR_OK;
    if (!s->current || s->current->known.version != version) {
        item *it;
        status = make_item(version, scene, &it, error);
        if (status == KR_OK) {
            atomic_store(&it->references, 2);
            request(s, it, wait);
            release(s->current);
            s->current = it;
        }
    }
    while (wait && s->current && atomic_load(&s->current->stage) < STAGE_SURVIVAL) sleep_briefly();
    if (s->current) adopt_results(s->current);
    *analysis = s->current ? &s->current->known : NULL;
    return status;
}

void kr_analyser_look(kr_analyser *s, const kr_snapshot *snapshot, bool wait) {
    if (s->current) kr_present_set(&s->current->known, snapshot->step, snapshot->schedule_origin, wait);
}

uint64_t kr_analyser_progress(const kr_analyser *s) {
    return atomic_load(&s->progress);
}
