/* The simulation thread: commands in, snapshots out; and the same code without a thread. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "model/exchange.h"
#include "model/simulation.h"
#include "snapshot_text.h"

#include <kramers/kramers.h>

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const kr_registry *registry(void) {
    const kr_registry *found;
    kr_error error;
    if (kr_registry_find(NULL, &found, &error) != KR_OK) fail_msg("%s", error.message);
    return found;
}

static void load(kr_scene *scene, const char *name, const char *override) {
    kr_error error;
    if (kr_scene_load(scene, registry(), name, &override, override ? 1 : 0, &error) != KR_OK) fail_msg("%s", error.message);
}

static kr_simulation *start(const char *name, const char *override, kr_simulation_options options) {
    kr_scene scene;
    kr_simulation *simulation;
    kr_error error;
    load(&scene, name, override);
    options.threads = 1;
    if (kr_simulation_create(&simulation, &scene, &options, &error) != KR_OK) fail_msg("%s", error.message);
    kr_scene_destroy(&scene);
    return simulation;
}

static void run_steps(kr_simulation *simulation, uint64_t steps) {
    kr_error error;
    if (kr_simulation_run_steps(simulation, steps, &error) != KR_OK) fail_msg("%s", error.message);
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void nap(double for_seconds) {
    struct timespec pause = {.tv_sec = (time_t)for_seconds, .tv_nsec = (long)(1e9 * (for_seconds - floor(for_seconds)))};
    nanosleep(&pause, NULL);
}

/* Looks until the condition holds; fails after ten seconds. */
#define AWAIT(simulation, snapshot, condition)                                                                                     \
    do {                                                                                                                           \
        double began_ = seconds();                                                                                                 \
        while ((snapshot) = kr_simulation_snapshot(simulation), !(condition)) {                                                    \
            if (seconds() - began_ > 10) fail_msg("never: %s", #condition);                                                        \
            nap(0.001);                                                                                                            \
        }                                                                                                                          \
    } while (0)

/* ---- the exchange ---- */

enum { MESSAGES = 200000 };

static void *produce(void *argument) {
    kr_ring *ring = argument;
    for (uint64_t i = 0; i < MESSAGES; i++)
        while (!kr_ring_put(ring, (kr_command){.count = i, .number = (double)i})) sched_yield();
    return NULL;
}

static void ring_keeps_order(void **state) {
    (void)state;
    static kr_ring ring;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, produce, &ring), 0);
    for (uint64_t i = 0; i < MESSAGES; i++) {
        kr_command command;
        while (!kr_ring_take(&ring, &command)) sched_yield();
        assert_int_equal(command.count, i);
        assert_true(command.number == (double)i);
    }
    pthread_join(thread, NULL);
    assert_null(kr_ring_peek(&ring));
}

static void ring_says_when_it_is_full(void **state) {
    (void)state;
    static kr_ring ring;
    kr_command command;
    for (int round = 0; round < 3; round++) {
        for (uint64_t i = 0; i < KR_RING_SLOTS; i++) assert_true(kr_ring_put(&ring, (kr_command){.count = i}));
        assert_false(kr_ring_put(&ring, (kr_command){0}));
        for (uint64_t i = 0; i < KR_RING_SLOTS; i++) {
            assert_true(kr_ring_take(&ring, &command));
            assert_int_equal(command.count, i);
        }
        assert_false(kr_ring_take(&ring, &command));
    }
}

enum { NUMBERS = 512, EDITIONS = 100000 };

typedef struct newspaper {
    kr_exchange exchange;
    uint64_t page[3][NUMBERS];
} newspaper;

static void *print(void *argument) {
    newspaper *paper = argument;
    for (uint64_t edition = 1; edition <= EDITIONS; edition++) {
        for (size_t i = 0; i < NUMBERS; i++) paper->page[paper->exchange.back][i] = edition;
        kr_exchange_publish(&paper->exchange);
    }
    return NULL;
}

/* Whatever is read is whole, and never older than what was read before; the last one arrives. */
static void exchange_is_never_torn(void **state) {
    (void)state;
    static newspaper paper;
    kr_exchange_init(&paper.exchange);
    assert_true(kr_exchange_taken(&paper.exchange));
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, print, &paper), 0);
    uint64_t last = 0;
    while (last < EDITIONS) {
        if (!kr_exchange_receive(&paper.exchange)) continue;
        const uint64_t *page = paper.page[paper.exchange.front];
        assert_true(page[0] > last);
        last = page[0];
        for (size_t i = 1; i < NUMBERS; i++) assert_int_equal(page[i], last);
    }
    pthread_join(thread, NULL);
    assert_false(kr_exchange_receive(&paper.exchange));
    assert_true(kr_exchange_taken(&paper.exchange));
}

/* ---- without a thread ---- */

static void synchronous_steps_are_those_of_a_run(void **state) {
    (void)state;
    kr_simulation *simulation = start("double_well", "ensemble.particles=300", (kr_simulation_options){.synchronous = true});
    run_steps(simulation, 100);
    run_steps(simulation, 150);
    const kr_snapshot *snapshot = kr_simulation_snapshot(simulation);
    assert_int_equal(snapshot->step, 250);
    assert_int_equal(snapshot->variants, 1);
    assert_int_equal(snapshot->variant[0].count, 300);
    assert_true(isnan(snapshot->particle_steps_per_second)); /* pictures must not depend on the clock */

    kr_scene scene;
    kr_model model;
    kr_ensemble_setup setup;
    kr_ensemble *ensemble;
    kr_error error;
    load(&scene, "double_well", "ensemble.particles=300");
    assert_int_equal(kr_model_create(&model, &scene, &error), KR_OK);
    assert_int_equal(kr_model_ensemble_setup(&model, &setup, &error), KR_OK);
    assert_int_equal(kr_ensemble_create(&ensemble, &setup, &error), KR_OK);
    assert_int_equal(kr_ensemble_advance(ensemble, 250, &error), KR_OK);
    kr_view view = kr_ensemble_view(ensemble);
    double potential = 0.0;
    for (size_t p = 0; p < 300; p++) {
        double energy;
        assert_true(snapshot->variant[0].position[p] == (float)view.position[p]);
        kr_landscape_energy(&model.landscape, 1, &view.position[p], &energy);
        potential += energy / 300;
    }
    assert_true(fabs(potential - snapshot->variant[0].potential) < 1e-12);
    assert_true(view.time == snapshot->time);
    kr_ensemble_destroy(ensemble);
    kr_model_destroy(&model);
    kr_scene_destroy(&scene);
    kr_simulation_destroy(simulation);
}

static void undo_takes_changes_back(void **state) {
    (void)state;
    kr_simulation *simulation = start("double_well", NULL, (kr_simulation_options){.synchronous = true});
    const kr_snapshot *snapshot = kr_simulation_snapshot(simulation);
    char *first = snapshot_text(snapshot), *then;
    uint64_t version = snapshot->version;
    assert_true(kr_simulation_intervene(simulation, "set schedule.lr=0.02"));
    run_steps(simulation, 10);
    snapshot = kr_simulation_snapshot(simulation);
    assert_true(snapshot->version > version);
    then = snapshot_text(snapshot);
    assert_non_null(strstr(then, "0.02"));
    free(then);
    assert_true(snapshot->learning_rate == 0.02);
    assert_true(kr_simulation_intervene(simulation, "set dynamics.temperature=0.3"));
    run_steps(simulation, 10);
    kr_simulation_intervene(simulation, "undo");
    kr_simulation_intervene(simulation, "undo");
    run_steps(simulation, 10);
    snapshot = kr_simulation_snapshot(simulation);
    then = snapshot_text(snapshot);
    assert_string_equal(then, first);
    free(then);
    assert_int_equal(snapshot->step, 30); /* the particles went on from where they were */
    uint64_t said = snapshot->message_number;
    kr_simulation_intervene(simulation, "undo");
    run_steps(simulation, 1);
    snapshot = kr_simulation_snapshot(simulation);
    assert_int_equal(snapshot->message_number, said + 1);
    assert_string_equal(snapshot->message, "nothing to undo");
    free(first);
    kr_simulation_destroy(simulation);
}

static void bad_intervention_becomes_a_message(void **state) {
    (void)state;
    kr_simulation *simulation = start("double_well", NULL, (kr_simulation_options){.synchronous = true});
    kr_simulation_intervene(simulation, "set schedule.lr=-1");
    run_steps(simulation, 1);
    const kr_snapshot *snapshot = kr_simulation_snapshot(simulation);
    assert_int_equal(snapshot->message_number, 1);
    assert_non_null(strstr(snapshot->message, "lr"));
    assert_int_equal(snapshot->interventions, 0);
    assert_int_equal(snapshot->step, 1);
    kr_simulation_destroy(simulation);
}

static void compared_dynamics_and_ledger_and_a_followed_particle(void **state) {
    (void)state;
    kr_simulation *simulation = start("heavy_ball", "energy.every=1", (kr_simulation_options){.synchronous = true});
    kr_simulation_follow(simulation, 3);
    run_steps(simulation, 200);
    const kr_snapshot *snapshot = kr_simulation_snapshot(simulation);
    const kr_snapshot_variant *v = &snapshot->variant[0];
    assert_true(v->has_ledger && v->has_velocity);
    /* Of a scene with fewer than 4096 particles that have not arrived, means are over the same particles as the ledger's. */
    if (v->particles <= 4096 && !v->absorbed && !v->diverged) {
        assert_true(fabs(v->ledger.kinetic - v->kinetic) < 1e-9 * (1 + v->kinetic));
        assert_true(fabs(v->ledger.potential - v->potential) < 1e-9 * (1 + fabs(v->potential)));
    }
    assert_true((float)v->followed_position[0] == v->position[3]);
    assert_true(isfinite(v->followed_energy) && isfinite(v->followed_velocity[0]));
    kr_simulation_follow(simulation, UINT64_MAX);
    run_steps(simulation, 1);
    assert_true(isnan(kr_simulation_snapshot(simulation)->variant[0].followed_position[0]));
    kr_simulation_destroy(simulation);
}

/* Gradient descent x' = x - eta (k x + n) with noise of variance s^2 in a harmonic bowl: var x = eta s^2 / (k (2 - eta k)) exactly.
 * Both sums have a relative standard error below 1/sqrt(2048) over 4096 particles; five of them are allowed (p = 6e-7). */
static void means_are_right(void **state) {
    (void)state;
    kr_simulation *simulation = start("harmonic", "ensemble.particles=20000", (kr_simulation_options){.synchronous = true});
    run_steps(simulation, 4000);
    const kr_snapshot_variant *v = &kr_simulation_snapshot(simulation)->variant[0];
    double eta = 0.1, square = 0.25, k[2] = {1, 4}, potential = 0, slope = 0;
    for (int i = 0; i < 2; i++) {
        double variance = eta * square / (k[i] * (2 - eta * k[i]));
        potential += 0.5 * k[i] * variance;
        slope += k[i] * k[i] * variance;
    }
    double allowed = 5 / sqrt(2048);
    assert_true(fabs(v->potential / potential - 1) < allowed);
    assert_true(fabs(v->configurational_temperature / (slope / (k[0] + k[1])) - 1) < allowed);
    assert_true(fabs(v->predicted_kinetic_temperature - 0.5 * eta * square) < 1e-15); /* leading order */
    assert_true(isnan(v->kinetic) && isnan(v->set_temperature) && !v->has_velocity);
    assert_int_equal(v->wells, 1);
    assert_true(v->population[0] == 1);
    kr_simulation_destroy(simulation);
}

/* ---- with a thread ---- */

static void thread_plays_pauses_and_steps(void **state) {
    (void)state;
    kr_simulation *simulation = start("double_well", "ensemble.particles=500", (kr_simulation_options){.paused = true});
    const kr_snapshot *snapshot;
    nap(0.05);
    assert_int_equal(kr_simulation_snapshot(simulation)->step, 0);
    kr_simulation_single_step(simulation, 1);
    AWAIT(simulation, snapshot, snapshot->step == 1);
    kr_simulation_single_step(simulation, 1000);
    AWAIT(simulation, snapshot, snapshot->step == 1001);
    kr_simulation_play(simulation, true);
    AWAIT(simulation, snapshot, snapshot->step > 20000 && snapshot->playing);
    kr_simulation_play(simulation, false);
    AWAIT(simulation, snapshot, !snapshot->playing);
    uint64_t step = snapshot->step;
    nap(0.05);
    assert_int_equal(kr_simulation_snapshot(simulation)->step, step);
    kr_simulation_intervene(simulation, "reset");
    AWAIT(simulation, snapshot, snapshot->generation == 1);
    assert_int_equal(snapshot->step, 0);
    kr_simulation_destroy(simulation);
}

/* Same steps whatever the chunks: with the thread and without. */
static void thread_and_no_thread_give_the_same(void **state) {
    (void)state;
    kr_simulation *one = start("muller_brown", NULL, (kr_simulation_options){.paused = true}),
                  *other = start("muller_brown", NULL, (kr_simulation_options){.synchronous = true});
    const kr_snapshot *a, *b;
    kr_simulation_single_step(one, 700);
    AWAIT(one, a, a->step == 700);
    kr_simulation_intervene(one, "set dynamics.temperature=25");
    kr_simulation_single_step(one, 300);
    AWAIT(one, a, a->step == 1000);
    run_steps(other, 700);
    kr_simulation_intervene(other, "set dynamics.temperature=25");
    run_steps(other, 300);
    b = kr_simulation_snapshot(other);
    assert_int_equal(b->step, 1000);
    assert_int_equal(a->variant[0].count, b->variant[0].count);
    assert_memory_equal(a->variant[0].position, b->variant[0].position, 2 * b->variant[0].count * sizeof(float));
    assert_true(a->variant[0].potential == b->variant[0].potential);
    kr_simulation_destroy(one);
    kr_simulation_destroy(other);
}

static void speed_is_kept(void **state) {
    (void)state;
    kr_simulation *simulation = start("double_well", "ensemble.particles=10", (kr_simulation_options){.paused = true});
    const kr_snapshot *snapshot;
    kr_simulation_speed(simulation, 200);
    kr_simulation_play(simulation, true);
    AWAIT(simulation, snapshot, snapshot->step > 0);
    uint64_t first = snapshot->step;
    double began = seconds();
    nap(1.0);
    kr_simulation_snapshot(simulation); /* one that waited since then */
    uint64_t stale = kr_simulation_snapshot(simulation)->number;
    AWAIT(simulation, snapshot, snapshot->number > stale);
    double rate = (double)(snapshot->step - first) / (seconds() - began);
    /* Never faster than asked for, but for a tenth of a second of steps made up; slower on a machine that is busy. */
    assert_true(rate < 225);
    assert_true(rate > 100);
    kr_simulation_destroy(simulation);
}

/* A paused simulation costs next to nothing, and yet is there at once. */
static void pause_burns_no_time(void **state) {
    (void)state;
    kr_simulation *simulation = start("double_well", NULL, (kr_simulation_options){.paused = true});
    const kr_snapshot *snapshot;
    struct timespec before, after;
    nap(0.1);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
    nap(1.0);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
    double used = (double)(after.tv_sec - before.tv_sec) + 1e-9 * (double)(after.tv_nsec - before.tv_nsec);
    print_message("paused: %.2f %% of a processor\n", 100 * used);
    assert_true(used < 0.1);
    kr_simulation_single_step(simulation, 1);
    AWAIT(simulation, snapshot, snapshot->step == 1);
    kr_simulation_destroy(simulation);
}

/* Many commands of all kinds while it runs; nothing is lost and it ends in any state. */
static void storm_of_commands(void **state) {
    (void)state;
    kr_simulation *simulation = start("double_well", "ensemble.particles=2000", (kr_simulation_options){0});
    const kr_snapshot *snapshot = kr_simulation_snapshot(simulation);
    unsigned random = 12345;
    char text[64];
    for (int i = 0; i < 400; i++) {
        random = random * 1664525u + 1013904223u;
        unsigned what = (random >> 24) % 10;
        if (what < 4) {
            snprintf(text, sizeof text, "set dynamics.temperature=%.3f", 0.1 + 0.001 * (random >> 16 & 255));
            kr_simulation_intervene(simulation, text);
        } else if (what == 4)
            kr_simulation_intervene(simulation, "undo");
        else if (what == 5)
            kr_simulation_intervene(simulation, "reset");
        else if (what == 6)
            kr_simulation_play(simulation, random >> 16 & 1);
        else if (what == 7)
            kr_simulation_speed(simulation, random >> 16 & 1 ? INFINITY : 1000);
        else if (what == 8)
            kr_simulation_follow(simulation, random >> 16 & 1023);
        else
            kr_simulation_single_step(simulation, random >> 16 & 63);
        snapshot = kr_simulation_snapshot(simulation);
        for (size_t p = 0; p < snapshot->variant[0].count; p++) assert_true(isfinite(snapshot->variant[0].position[p]));
        nap(0.001);
    }
    kr_simulation_intervene(simulation, "set dynamics.temperature=0.777");
    AWAIT(simulation, snapshot, snapshot->variant[0].set_temperature == 0.777);
    kr_simulation_destroy(simulation);
}

static void saved_session_replays(void **state) {
    (void)state;
    char file[] = "/tmp/kramers-test-session-XXXXXX";
    int descriptor = mkstemp(file);
    assert_true(descriptor >= 0);
    close(descriptor);
    kr_simulation *simulation = start("double_well", "ensemble.particles=200", (kr_simulation_options){.synchronous = true});
    run_steps(simulation, 50);
    for (int i = 0; i < 20; i++) {
        char text[64];
        snprintf(text, sizeof text, "set dynamics.temperature=%.2f", 0.1 + 0.01 * i);
        kr_simulation_intervene(simulation, i == 7 ? "reset" : i == 13 ? "restart" : text);
        run_steps(simulation, 37);
    }
    unlink(file); /* nothing is overwritten */
    kr_simulation_save(simulation, file);
    run_steps(simulation, 0);
    kr_snapshot last = *kr_simulation_snapshot(simulation);
    assert_non_null(strstr(last.message, "saved"));

    kr_scene scene;
    kr_error error;
    kr_simulation *again;
    load(&scene, "double_well", NULL);
    assert_int_equal(kr_simulation_create(&again, &scene, &(kr_simulation_options){.replay = file, .threads = 1}, &error), KR_OK);
    const kr_snapshot *snapshot;
    AWAIT(again, snapshot, snapshot->message_number > 0);
    AWAIT(again, snapshot, !snapshot->playing);
    assert_non_null(strstr(snapshot->message, "equals"));
    assert_int_equal(snapshot->step, last.step);
    assert_int_equal(snapshot->generation, last.generation);
    assert_int_equal(snapshot->interventions, 20);
    assert_memory_equal(snapshot->variant[0].position, last.variant[0].position, 200 * sizeof(float));
    kr_simulation_play(again, true); /* and goes on by hand */
    AWAIT(again, snapshot, snapshot->step > last.step + 100);
    kr_simulation_destroy(again);
    kr_simulation_destroy(simulation);
    kr_scene_destroy(&scene);
    remove(file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ring_keeps_order),
        cmocka_unit_test(ring_says_when_it_is_full),
        cmocka_unit_test(exchange_is_never_torn),
        cmocka_unit_test(synchronous_steps_are_those_of_a_run),
        cmocka_unit_test(undo_takes_changes_back),
        cmocka_unit_test(bad_intervention_becomes_a_message),
        cmocka_unit_test(compared_dynamics_and_ledger_and_a_followed_particle),
        cmocka_unit_test(means_are_right),
        cmocka_unit_test(thread_plays_pauses_and_steps),
        cmocka_unit_test(thread_and_no_thread_give_the_same),
        cmocka_unit_test(speed_is_kept),
        cmocka_unit_test(pause_burns_no_time),
        cmocka_unit_test(storm_of_commands),
        cmocka_unit_test(saved_session_replays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
