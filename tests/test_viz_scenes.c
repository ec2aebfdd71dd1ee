/* Every shipped scene opens to something worth watching: within ten seconds at its own pace what it is about happens, and it is not
 * over before one has looked. */
#include "simulated_view.h"

#include "assert_close.h"
#include "sanitized.h"
#include "window/pace.h"

#include <math.h>

/* What a scene is about, and how much of it is to be seen. */
typedef enum subject {
    ESCAPES,    /* so many arrivals, of all dynamics together */
    THROWN,     /* one arrival, after so many seconds at the soonest */
    POPULATION, /* so much of the particles in another well than at the start */
    POTENTIAL,  /* the mean potential changes by so much */
    LEARNING    /* the training accuracy rises by so much */
} subject;

static const struct {
    const char *name;
    subject subject;
    double least;
} scenes[] = {{"arrhenius", ESCAPES, 100},
              {"bath", POPULATION, 0.1},
              {"bench_langevin_muller_brown", ESCAPES, 100},
              {"bench_sgd_styblinski_tang", ESCAPES, 100},
              {"bench_sgld_double_well", ESCAPES, 100},
              {"catapult", THROWN, 3},
              {"continual_digits", LEARNING, 0.2},
              {"coupled_batch_size", ESCAPES, 100},
              {"coupled_weight_decay", ESCAPES, 100},
              {"curvature_noise", ESCAPES, 100},
              {"cyclical_sgld", POPULATION, 0.1},
              {"digits", ESCAPES, 50},
              {"digits_network", LEARNING, 0.2},
              {"double_well", ESCAPES, 100},
              {"formula", ESCAPES, 100},
              {"harmonic", POTENTIAL, 0.01},
              {"heavy_ball", ESCAPES, 100},
              {"interference", ESCAPES, 100},
              {"levy", ESCAPES, 100},
              {"lottery_ticket", LEARNING, 0.2},
              {"muller_brown", ESCAPES, 100},
              {"residual_depth", LEARNING, 0.2},
              {"restart_escape", ESCAPES, 100},
              {"sharp_flat", ESCAPES, 100},
              {"sharp_or_flat", ESCAPES, 100},
              {"snapshot_ensemble", LEARNING, 0.2},
              {"spline", ESCAPES, 100},
              {"splitting", ESCAPES, 100},
              {"styblinski_tang", ESCAPES, 50},
              {"turnover", POPULATION, 0.1},
              {"warm_restarts", ESCAPES, 100},
              {"washboard", ESCAPES, 100}};

/* NULL: nobody has said. */
static const subject *subject_of(const char *name, double *least) {
    for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++)
        if (!strcmp(scenes[i].name, name)) {
            *least = scenes[i].least;
            return &scenes[i].subject;
        }
    return NULL;
}

static double arrivals(const kr_snapshot *snapshot) {
    double sum = 0;
    for (size_t v = 0; v < snapshot->variants; v++) sum += (double)snapshot->variant[v].events;
    return sum;
}

static double seen(const kr_snapshot *now, subject what, const kr_snapshot_variant *first) {
    const kr_snapshot_variant *v = &now->variant[0];
    double most = 0;
    switch (what) {
    case ESCAPES:
    case THROWN: return arrivals(now);
    case POPULATION:
        for (size_t k = 0; k < v->wells; k++) most = fmax(most, fabs(v->population[k] - first->population[k]));
        return most;
    case POTENTIAL: return fabs(v->potential - first->potential);
    case LEARNING: return v->networks.mean[KR_TRAIN_ACCURACY] - first->networks.mean[KR_TRAIN_ACCURACY];
    }
    return 0;
}

/* Ten seconds at its pace; seconds: when there was enough to be seen. */
static double watch(simulated_view *view, subject what, double enough, double *seconds) {
    enum { PARTS = 20 };
    double pace = kr_pace(&view->scene);
    view_run(view, 0, false);
    kr_snapshot_variant first = view->snapshot->variant[0];
    *seconds = INFINITY;
    for (int part = 1; part <= PARTS; part++) {
        view_run(view, (uint64_t)(10 * pace * part / PARTS) - view->snapshot->step, false);
        if (isinf(*seconds) && seen(view->snapshot, what, &first) >= enough) *seconds = 10.0 * part / PARTS;
    }
    return seen(view->snapshot, what, &first);
}

static void look(const char *name, subject what, double least) {
    bool learns = what == LEARNING;
    const char *few = learns ? "ensemble.particles=8" : "ensemble.seed=1"; /* networks learn alike */
    kr_scene scene;
    kr_error error;
    const kr_registry *registry;
    simulated_view view;
    double seconds, enough = what == THROWN ? 1 : least;
    require(kr_registry_find(NULL, &registry, &error), &error);
    require(kr_scene_load(&scene, registry, name, &few, 1, &error), &error);
    view_open(&view, scene, 64, 64);
    double much = watch(&view, what, enough, &seconds);
    print_message("%s: %.3g in ten seconds, enough after %.1f s\n", name, much, seconds);
    if (!(much >= enough))
        fail_msg("%s: in ten seconds at %g steps per second there is %g to be seen", name, kr_pace(&view.scene), much);
    const kr_snapshot_variant *v = &view.snapshot->variant[0];
    if (what == THROWN && seconds < least) fail_msg("%s is over in %.1f s", name, seconds);
    if (what != THROWN && !((double)(v->absorbed + v->diverged) < 0.7 * (double)v->particles))
        fail_msg("%s: after ten seconds %.2g of the particles still move", name,
                 1 - (double)(v->absorbed + v->diverged) / (double)v->particles);
    view_close(&view);
}

static void every_scene_shows_what_it_is_about(void **state) {
    (void)state;
    size_t looked_at = 0;
    for (const kr_shipped_scene *s = kr_shipped_scenes; s->name; s++) {
        if (strstr(s->text, "\nlesson:")) continue;
        double least = 0;
        const subject *what = subject_of(s->name, &least);
        if (!what) fail_msg("%s: say in the table what it is about", s->name);
        if (SANITIZED && ++looked_at % 6) continue;
        look(s->name, *what, least);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_scene_shows_what_it_is_about)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
