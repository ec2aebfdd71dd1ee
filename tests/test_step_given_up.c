/* Somebody who interrupts in the middle of a step finds the particles as they were before it, with their clocks and energies, and
 * what follows has the bits of a run that nobody interrupted: steps that give up by themselves, and steps that take long. */
#include "plugin_setup.h"

#include "engine/ensemble_state.h"

#include <kramers/interrupt.h>
#include <kramers/kramers.h>

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS = 40, PIECE = 5 };

static atomic_long left; /* questions until somebody interrupts */

static bool wanted(void *context) {
    (void)context;
    return atomic_fetch_sub(&left, 1) <= 0;
}

typedef struct bench {
    kr_scene scene;
    kr_model model;
    kr_ensemble *ensemble;
    uint64_t *words, events;
    long given_up;
} bench;

/* patience: the questions that the first attempt is granted, each later one a few more; 0: nobody interrupts. slow: as if steps
 * took long. */
static void run(bench *b, const char *text, bool ledger, bool slow, long patience) {
    kr_error error;
    kr_ensemble_setup setup;
    *b = (bench){.given_up = 0};
    require(kr_scene_parse(&b->scene, best_registry(), "test", NULL, text, NULL, 0, &error), &error);
    require(kr_model_create(&b->model, &b->scene, &error), &error);
    require(kr_model_ensemble_setup(&b->model, &setup, &error), &error);
    setup.ledger = ledger;
    setup.threads = 2;
    setup.block_size = KR_GRANULE;
    require(kr_ensemble_create(&b->ensemble, &setup, &error), &error);
    for (uint64_t step = 0; step < STEPS; step = kr_ensemble_view(b->ensemble).step) {
        atomic_store(&left, patience += 3);
        if (patience > 3) kr_interrupt_set(&(const kr_interrupt){.wanted = wanted});
        b->ensemble->step_seconds = slow ? 1 : 0;
        kr_status status = kr_ensemble_advance(b->ensemble, STEPS - step < PIECE ? STEPS - step : PIECE, &error);
        kr_view view = kr_ensemble_view(b->ensemble);
        kr_interrupt_set(NULL);
        if (status != KR_OK) assert_int_equal(status, KR_INTERRUPTED);
        b->given_up += view.step == step; /* the first question is that before the step */
        b->events += view.recent_count;
        if (patience <= 3) patience -= 3;
    }
    b->words = calloc(kr_ensemble_state_words(b->ensemble), sizeof *b->words);
    kr_ensemble_save(b->ensemble, b->words);
}

static void leave(bench *b) {
    free(b->words);
    kr_ensemble_destroy(b->ensemble);
    kr_model_destroy(&b->model);
    kr_scene_destroy(&b->scene);
}

#define MANY "ensemble: {particles: 300, seed: 3, steps: 1000, start: {minimum: 0}}\n"
#define UNTIL "escape: {until: {coordinate: 0, above: -0.9}}\n"

static void NothingOfItIsLeft(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool ledger, slow;
    } cases[] = {
        {"landscape: {name: double_well}\nschedule: {lr: 0.1}\n" UNTIL MANY, false, true},
        {"landscape: {name: double_well, dim: 3}\ndynamics: {name: langevin, friction: 0.1, temperature: 0.5}\nschedule: {lr: "
         "0.1}\n" UNTIL MANY,
         true, true},
        {"landscape: {name: double_well, dim: 200}\ndynamics: {name: momentum}\nschedule: {lr: 0.01}\nnoise: {name: "
         "isotropic}\n" UNTIL MANY,
         false, true},
        {"landscape: {name: rosenbrock, dim: 4}\nnoise: {name: curvature, full: true}\nschedule: {lr: 0.0001}\n" MANY
         "escape: {until: []}\n",
         false, false},
        {"landscape: {name: mean_of_quadratics, points: 30, dim: 3, spread: 1}\nnoise: {name: minibatch, batch_size: 7}\n"
         "dynamics: {name: adam}\nschedule: {lr: 0.01}\n" MANY "escape: {until: []}\n",
         false, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bench whole, torn;
        run(&whole, cases[i].text, cases[i].ledger, false, 0);
        run(&torn, cases[i].text, cases[i].ledger, cases[i].slow, 1);
        size_t bytes = kr_ensemble_state_words(whole.ensemble) * sizeof(uint64_t);
        if (torn.given_up <= 2) fail_msg("case %zu: given up %ld times", i, torn.given_up);
        bool arrives = !strstr(cases[i].text, "[]");
        if (whole.events != torn.events || (arrives && whole.events < 20))
            fail_msg("case %zu: %llu arrivals, %llu", i, (unsigned long long)whole.events, (unsigned long long)torn.events);
        assert_memory_equal(whole.words, torn.words, bytes);
        leave(&whole);
        leave(&torn);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(NothingOfItIsLeft)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
