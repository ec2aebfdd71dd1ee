#include "run_pilot.h"

#include "engine/ensemble_state.h"

#include <kramers/interrupt.h>

#include <math.h>
#include <stdlib.h>

/* Of the run that is tried at most, and seconds that speed and passages are watched. */
static const double part = 0.05, speed_seconds = 0.02, passage_seconds = 0.25;

static kr_elapsed advance(kr_ensemble *ensemble, uint64_t steps, uint64_t interval) {
    kr_elapsed began = kr_elapsed_now();
    for (uint64_t done = 0; done < steps && !kr_interrupt_wanted(); done += interval)
        kr_ensemble_advance(ensemble, steps - done < interval ? steps - done : interval, NULL);
    return kr_elapsed_since(began);
}

static uint64_t fewer(const kr_run *run, uint64_t coordinates, size_t dim, uint64_t least) {
    uint64_t all = (uint64_t)kr_scene_ensemble(run->scene)->particles, particles = coordinates / dim;
    if (particles < least) particles = least;
    return particles < all ? particles : all;
}

/* An ensemble like that of the run; its particles begin anew when they have arrived, whatever those of the run do. */
static kr_status create(kr_ensemble **ensemble, kr_ensemble_setup *setup, const kr_run *run, kr_stage *stage, uint64_t particles) {
    kr_status status = kr_stage_setup(stage, run->options.threads, setup, NULL);
    if (status != KR_OK) return status;
    setup->block_size = run->options.block_size;
    setup->particles = particles;
    setup->burn_in = 0;
    setup->absorb = false;
    return kr_ensemble_create(ensemble, setup, NULL);
}

/* Long enough that starting threads does not count. */
static kr_elapsed watch_speed(const kr_run *run, kr_stage *stage, uint64_t whole, uint64_t interval) {
    uint64_t particles = fewer(run, (uint64_t)1 << 18, stage->model.landscape.dim, 256);
    double most = part * (double)whole * (double)kr_scene_ensemble(run->scene)->particles / (double)particles;
    kr_ensemble_setup setup;
    kr_ensemble *ensemble;
    if (create(&ensemble, &setup, run, stage, particles) != KR_OK) return (kr_elapsed){NAN, NAN};
    uint64_t steps = 1, done = 1;
    kr_elapsed took = advance(ensemble, steps, interval);
    while (!kr_interrupt_wanted() && took.processor < speed_seconds && (double)(done + 2 * steps) < most) {
        steps *= 2;
        done += steps;
        took = advance(ensemble, steps, interval);
    }
    for (int again = 0; again < 2 && !kr_interrupt_wanted() && (double)(done + steps) < most; again++, done += steps)
        took = kr_elapsed_least(took, advance(ensemble, steps, interval));
    kr_ensemble_destroy(ensemble);
    return kr_elapsed_times(took, 1 / ((double)particles * (double)steps));
}

/* Whether the passages of two equal spans, one after the other, are of one rate, as far as they say. */
static bool steady(double before, double after) {
    return after >= 400 && fabs(after - before) <= 0.03 * after + 2.0 * sqrt(before + after);
}

/* Where the steps that are watched begin, how many there are at most, and what part of the run they stand for. */
typedef struct place {
    uint64_t begin, most;
    double share;
} place;

/* Few particles for a long time, since the start has to be forgotten: until the rate is steady. */
static kr_pilot_span watch_passages(const kr_run *run, kr_stage *stage, uint64_t whole, place at) {
    uint64_t particles = fewer(run, (uint64_t)1 << 16, stage->model.landscape.dim, 64);
    if (particles > 1024) particles = 1024;
    double most = part * at.share * (double)whole * (double)kr_scene_ensemble(run->scene)->particles / (double)particles;
    kr_elapsed began = kr_elapsed_now();
    kr_pilot_span watched = {.steps = 0};
    double quarter = 0, half = 0, all = 0;
    uint64_t done = 0, span = 16;
    kr_ensemble_setup setup;
    kr_ensemble *ensemble;
    if (create(&ensemble, &setup, run, stage, particles) != KR_OK) return watched;
    ensemble->step = at.begin;
    while (!kr_interrupt_wanted() && done < at.most) {
        uint64_t next = at.most - done < span ? at.most - done : span;
        bool doubled = done && next == span;
        advance(ensemble, next, 1024);
        quarter = half, half = all, all = (double)kr_ensemble_view(ensemble).events;
        done += next;
        watched = (kr_pilot_span){
            .steps = (double)done, .arrived = all / (double)particles, .rate = (all - half) / ((double)particles * (double)next)};
        if (doubled && steady(2.0 * (half - quarter), all - half)) break;
        if (kr_elapsed_since(began).processor > 0.5 * at.share * passage_seconds || 3.0 * (double)done > fmax(most, 1024.0))
            break; /* the next is as long as all */
        span = done;
    }
    kr_ensemble_destroy(ensemble);
    return watched;
}

/* What changes with the step is watched in each span of the steps, at another place of each, so that nothing that comes again and
 * again is met at one place alone. */
static void watch_spans(const kr_run *run, kr_stage *stage, uint64_t begin, uint64_t steps, kr_pilot *pilot) {
    static const double golden = 0.6180339887498949;
    kr_problem problem = kr_model_problem(&stage->model);
    bool constant = !isnan(kr_problem_constant_rate(&problem)) || steps < KR_PILOT_SPANS;
    pilot->spans = constant ? 1 : KR_PILOT_SPANS;
    pilot->span_steps = (double)steps / (double)pilot->spans;
    for (size_t i = 0; i < pilot->spans; i++) {
        double into = constant ? 0.0 : (double)i + fmod(golden * (double)(i + 1), 1.0);
        uint64_t after = (uint64_t)(into * pilot->span_steps);
        pilot->span[i] = watch_passages(run, stage, steps, (place){begin + after, steps - after, 1.0 / (double)pilot->spans});
    }
}

kr_pilot kr_pilot_run(const kr_run *run, kr_stage *stage, uint64_t begin, uint64_t steps, uint64_t interval) {
    kr_pilot pilot = {.step = watch_speed(run, stage, steps, interval), .spans = 0};
    if (stage->model.target_count) watch_spans(run, stage, begin, steps, &pilot);
    return pilot;
}

static const void *values_of(const kr_run *run, const kr_observer_type *type) {
    size_t i = 0;
    while (run->scene->registry->observers[i] != type) i++;
    return run->stage->model.scene->observers[i].values;
}

/* Of one look, from the last of spans each twice as long: the first looks also take memory, and have none before them to be
 * compared with. */
static kr_elapsed watch_looks(kr_ensemble *ensemble, kr_observer *observer) {
    enum { LONGEST = 32 };
    kr_elapsed mean = {0};
    for (int looks = 1; looks <= LONGEST && mean.processor * looks < speed_seconds; looks *= 2) {
        kr_elapsed all = {0};
        for (int i = 0; i < looks; i++) {
            if (kr_ensemble_advance(ensemble, 1, NULL) != KR_OK) return mean;
            kr_view view = kr_ensemble_view(ensemble);
            kr_elapsed began = kr_elapsed_now();
            if (observer->type->sample(observer, &view, NULL) != KR_OK) return mean;
            all = kr_elapsed_plus(all, kr_elapsed_since(began));
        }
        mean = kr_elapsed_times(all, 1.0 / looks);
    }
    return mean;
}

kr_elapsed kr_pilot_look(const kr_run *run, const kr_observer_type *type) {
    kr_stage *stage = run->phases.stage[0];
    uint64_t particles = fewer(run, (uint64_t)1 << 16, stage->model.landscape.dim, 256);
    kr_observer_setup setup = kr_observers_setup(&stage->model, &run->schedule, run->options.threads);
    kr_ensemble_setup of_ensemble;
    kr_ensemble *ensemble;
    kr_observer *observer;
    kr_elapsed took = {0};
    setup.values = values_of(run, type);
    setup.particles = particles;
    if (create(&ensemble, &of_ensemble, run, stage, particles) != KR_OK) return took;
    if (kr_observer_create(&observer, type, &setup, NULL) == KR_OK) {
        took =
            kr_elapsed_times(watch_looks(ensemble, observer), (double)kr_scene_ensemble(run->scene)->particles / (double)particles);
        kr_observer_destroy(observer);
    }
    kr_ensemble_destroy(ensemble);
    return took;
}

kr_elapsed kr_pilot_evaluation(const kr_model *model) {
    size_t dim = model->landscape.dim;
    double *x = malloc((dim + 1) * KR_GRANULE * sizeof *x);
    kr_elapsed took = {0};
    if (!x) return took;
    for (size_t i = 0; i < dim; i++)
        for (size_t p = 0; p < KR_GRANULE; p++) x[i * KR_GRANULE + p] = model->start[i];
    for (int again = 0; again < 2; again++) {
        kr_elapsed began = kr_elapsed_now();
        kr_landscape_energy(&model->landscape, KR_GRANULE, x, x + dim * KR_GRANULE);
        took = kr_elapsed_since(began);
        if (took.seconds > speed_seconds) break;
    }
    free(x);
    return kr_elapsed_times(took, 1.0 / KR_GRANULE);
}

/* Of one particle in so many steps of a span. The start is forgotten behind the first one, which is then not the only one. */
static double passages_in(const kr_pilot *pilot, size_t i, double steps) {
    const kr_pilot_span *span = &pilot->span[i];
    if (pilot->spans > 1 || !(span->steps > 0)) return span->rate * steps;
    return steps <= span->steps ? span->arrived * steps / span->steps : span->arrived + span->rate * (steps - span->steps);
}

double kr_pilot_passages(const kr_pilot *pilot, double steps) {
    double all = 0.0;
    for (size_t i = 0; i < pilot->spans && steps > 0; i++, steps -= pilot->span_steps)
        all += passages_in(pilot, i, fmin(steps, pilot->span_steps));
    return all;
}

double kr_pilot_steps(const kr_pilot *pilot, double passages) {
    for (size_t i = 0; i < pilot->spans; i++) {
        const kr_pilot_span *span = &pilot->span[i];
        double all = passages_in(pilot, i, pilot->span_steps), before = pilot->spans > 1 ? 0.0 : span->arrived;
        if (passages > all) {
            passages -= all;
            continue;
        }
        double within = passages <= before ? span->steps * passages / before
                                           : (pilot->spans > 1 ? 0.0 : span->steps) + (passages - before) / span->rate;
        return (double)i * pilot->span_steps + within;
    }
    return INFINITY;
}
