/* What a step of training costs a network, one thread: 512 networks of 64-8-10 units with tanh on the digits, each with its own
 * minibatch of 16, and how much of that is the gradient alone. The gradient's products (fused multiplications and additions of
 * the matrix products; activations, softmax and copies are none) say what share of the processor's most it reaches.
 *
 *     network     prints one JSON array, an object for each instruction set:
 *                 isa, step, gradient (us for each network and step), products (for each network and step)
 */
#include <kramers/kramers.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { NETWORKS = 512, BLOCK = 64, BATCH = 16, INPUTS = 64, HIDDEN = 8, CLASSES = 10, ROUNDS = 400, STEPS = 1 };

/* Forward and for the weights; back through all layers but the first. */
enum { PRODUCTS = BATCH * (2 * (INPUTS * HIDDEN + HIDDEN * CLASSES) + HIDDEN * CLASSES) };

static const char scene_text[] = "landscape: {name: network}\n"
                                 "dynamics: {name: sgd}\n"
                                 "noise: {name: minibatch, batch_size: 16}\n"
                                 "schedule: {name: constant, lr: 0.1}\n"
                                 "ensemble: {particles: 512, steps: 1000000, start: {random: kaiming_uniform}}\n"
                                 "escape: {until: []}\n";

/* Of this thread's processor: what others take of it does not count. */
static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void stop_on(kr_status status, const kr_error *error) {
    if (status == KR_OK) return;
    fprintf(stderr, "network: %s\n", error->message);
    exit(kr_status_exit(status));
}

/* Each network on numbers of its own that change from call to call. */
static double gradient_time(const kr_landscape *landscape) {
    static uint32_t index[BATCH * BLOCK];
    size_t dim = landscape->dim, count = landscape->type->data->data(landscape, KR_DATA_TRAIN).count;
    double *x = aligned_alloc(64, 2 * dim * BLOCK * sizeof *x), *gradient = x + dim * BLOCK, best = INFINITY;
    if (!x) exit(3);
    for (size_t i = 0; i < dim * BLOCK; i++) x[i] = 0.2 * sin(1.7 * (double)i);
    uint32_t state = 1;
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < BATCH * BLOCK; i++) index[i] = (uint32_t)(((state = state * 1664525u + 1013904223u) >> 8) % (count));
        double begin = now();
        landscape->type->data->gradient(landscape, BLOCK, BATCH, index, NULL, x, gradient);
        best = fmin(best, now() - begin);
    }
    free(x);
    return 1e6 * best / BLOCK;
}

static double step_time(kr_model *model) {
    kr_ensemble_setup setup;
    kr_ensemble *ensemble;
    kr_error error;
    double best = INFINITY;
    stop_on(kr_model_ensemble_setup(model, &setup, &error), &error);
    setup.threads = 1;
    stop_on(kr_ensemble_create(&ensemble, &setup, &error), &error);
    for (int round = 0; round < ROUNDS; round++) {
        double begin = now();
        stop_on(kr_ensemble_advance(ensemble, STEPS, &error), &error);
        best = fmin(best, now() - begin);
    }
    kr_ensemble_destroy(ensemble);
    return 1e6 * best / (NETWORKS * STEPS);
}

static void print_speed(const kr_registry *registry) {
    kr_scene scene;
    kr_model model;
    kr_error error;
    stop_on(kr_scene_parse(&scene, registry, "network", NULL, scene_text, NULL, 0, &error), &error);
    stop_on(kr_model_create(&model, &scene, &error), &error);
    printf("{\"isa\": \"%s\", \"gradient\": %.4g", registry->isa, gradient_time(&model.landscape));
    printf(", \"step\": %.4g, \"products\": %d}", step_time(&model), PRODUCTS);
    kr_model_destroy(&model);
    kr_scene_destroy(&scene);
}

int main(void) {
    const kr_registry *registries[8];
    size_t count = kr_registry_available(registries, 8);
    printf("[");
    for (size_t r = 0; r < count; r++) {
        if (!strcmp(registries[r]->isa, "baseline")) continue; /* without fused operations in hardware */
        if (r) printf(",\n ");
        print_speed(registries[r]);
        fflush(stdout);
    }
    printf("]\n");
    return 0;
}
