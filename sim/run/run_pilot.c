#include "run_pilot.h"

#include <kramers/interrupt.h>

#include <math.h>
#include <time.h>

/* Of the run that is tried at most, and seconds that speed and passages are watched. */
static const double part = 0.05, speed_seconds = 0.02, passage_seconds = 0.25;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static double seconds_of(kr_ensemble *ensemble, uint64_t steps, uint64_t interval) {
    double began = now();
    for (uint64_t done = 0; done < steps && !kr_interrupt_wanted(); done += interval)
        kr_ensemble_advance(ensemble, steps - done < interval ? steps - done : interval, NULL);
    return now() - began;
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
static double watch_speed(const kr_run *run, kr_stage *stage, uint64_t whole, uint64_t interval) {
    uint64_t particles = fewer(run, (uint64_t)1 << 18, stage->model.landscape.dim, 256);
    double most = part * (double)whole * (double)kr_scene_ensemble(run->scene)->particles / (double)particles;
    kr_ensemble_setup setup;
    kr_ensemble *ensemble;
    if (create(&ensemble, &setup, run, stage, particles) != KR_OK) return NAN;
    uint64_t steps = 1, done = 1;
    double seconds = seconds_of(ensemble, steps, interval);
    while (!kr_interrupt_wanted() && seconds < speed_seconds && (double)(done + 2 * steps) < most) {
        steps *= 2;
        done += steps;
        seconds = seconds_of(ensemble, steps, interval);
    }
    for (int again = 0; again < 2 && !kr_interrupt_wanted() && (double)(done + steps) < most; again++, done += steps)
        seconds = fmin(seconds, seconds_of(ensemble, steps, interval)); /* others may have had the processor */
    kr_ensemble_destroy(ensemble);
    return seconds / ((double)particles * (double)steps);
}

/* Whether the passages of two equal spans, one after the other, are of one rate, as far as they say. */
static bool steady(double before, double after) {
    return after >= 400 && fabs(after - before) <= 0.03 * after + 2.0 * sqrt(before + after);
}

/* Few particles for a long time, since the start has to be forgotten: until the rate is steady. */
static void watch_passages(const kr_run *run, kr_stage *stage, uint64_t whole, kr_pilot *pilot) {
    uint64_t particles = fewer(run, (uint64_t)1 << 16, stage->model.landscape.dim, 64);
    if (particles > 1024) particles = 1024;
    double most = part * (double)whole * (double)kr_scene_ensemble(run->scene)->particles / (double)particles;
    double began = now(), quarter = 0, half = 0, all = 0;
    uint64_t done = 0, span = 16;
    kr_ensemble_setup setup;
    kr_ensemble *ensemble;
    if (!stage->model.target_count || create(&ensemble, &setup, run, stage, particles) != KR_OK) return;
    while (!kr_interrupt_wanted() && done < whole) {
        uint64_t next = whole - done < span ? whole - done : span;
        bool doubled = done && next == span;
        seconds_of(ensemble, next, 1024);
        quarter = half, half = all, all = (double)kr_ensemble_view(ensemble).events;
        done += next;
        pilot->watched = (double)done;
        pilot->arrived = all / (double)particles;
        pilot->rate = (all - half) / ((double)particles * (double)next);
        if (doubled && steady(2.0 * (half - quarter), all - half)) break;
        if (now() - began > 0.5 * passage_seconds || 3.0 * (double)done > fmax(most, 1024.0))
            break; /* the next is as long as all */
        span = done;
    }
    kr_ensemble_destroy(ensemble);
}

kr_pilot kr_pilot_run(const kr_run *run, kr_stage *stage, uint64_t steps, uint64_t interval) {
    kr_pilot pilot = {.seconds = watch_speed(run, stage, steps, interval)};
    watch_passages(run, stage, steps, &pilot);
    return pilot;
}

static const void *values_of(const kr_run *run, const kr_observer_type *type) {
    size_t i = 0;
    while (run->scene->registry->observers[i] != type) i++;
    return run->stage->model.scene->observers[i].values;
}

/* The first look also takes memory; a single one may be interrupted by others. */
static double watch_looks(kr_ensemble *ensemble, kr_observer *observer) {
    double least = 0.0;
    for (int i = 0; i < 4 && kr_ensemble_advance(ensemble, 1, NULL) == KR_OK; i++) {
        kr_view view = kr_ensemble_view(ensemble);
        double began = now();
        if (observer->type->sample(observer, &view, NULL) != KR_OK) break;
        double seconds = now() - began;
        least = i > 1 && least < seconds ? least : seconds;
    }
    return least;
}

double kr_pilot_look_seconds(const kr_run *run, const kr_observer_type *type) {
    kr_stage *stage = run->phases.stage[0];
    uint64_t particles = fewer(run, (uint64_t)1 << 16, stage->model.landscape.dim, 256);
    kr_observer_setup setup = kr_observers_setup(&stage->model, &run->schedule, run->options.threads);
    kr_ensemble_setup of_ensemble;
    kr_ensemble *ensemble;
    kr_observer *observer;
    double seconds = 0.0;
    setup.values = values_of(run, type);
    setup.particles = particles;
    if (create(&ensemble, &of_ensemble, run, stage, particles) != KR_OK) return 0.0;
    if (kr_observer_create(&observer, type, &setup, NULL) == KR_OK) {
        seconds = watch_looks(ensemble, observer) * (double)kr_scene_ensemble(run->scene)->particles / (double)particles;
        kr_observer_destroy(observer);
    }
    kr_ensemble_destroy(ensemble);
    return seconds;
}

double kr_pilot_passages(const kr_pilot *pilot, double steps) {
    if (steps <= pilot->watched) return pilot->watched > 0 ? pilot->arrived * steps / pilot->watched : 0.0;
    return pilot->arrived + pilot->rate * (steps - pilot->watched);
}

double kr_pilot_steps(const kr_pilot *pilot, double passages) {
    if (passages <= pilot->arrived) return pilot->watched * passages / pilot->arrived;
    return pilot->rate > 0 ? pilot->watched + (passages - pilot->arrived) / pilot->rate : INFINITY;
}
