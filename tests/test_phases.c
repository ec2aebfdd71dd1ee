/* Phases: the same as by hand in a session, and what pruning and going back do to particles, bit by bit. */
#include "sanitized.h"
#include "session_fixture.h"

#include <kramers/schedule.h>

#include <math.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* ---- runs ---- */

static kr_scene parse(const char *isa, const char *yaml) {
    kr_error error = {.status = KR_OK};
    const kr_registry *registry;
    kr_scene scene;
    succeed(kr_registry_find(isa ? isa : "auto", &registry, &error), &error);
    succeed(kr_scene_parse(&scene, registry, "test", NULL, yaml, NULL, 0, &error), &error);
    return scene;
}

static kr_run *begin(const char *yaml, kr_run_options options, const char *isa) {
    kr_error error = {.status = KR_OK};
    kr_scene scene = parse(isa, yaml);
    kr_run *run;
    succeed(kr_run_create(&run, &scene, &options, &error), &error);
    kr_scene_destroy(&scene);
    return run;
}

static kr_run *finish(const char *yaml, kr_run_options options, const char *isa) {
    kr_error error = {.status = KR_OK};
    kr_run *run = begin(yaml, options, isa);
    while (!kr_run_finished(run)) succeed(kr_run_advance(run, &error), &error);
    return run;
}

static bool is_kept(const kr_view *view, size_t i, uint64_t p) {
    return !view->kept || (view->kept[i * view->kept_stride + p / 64] >> p % 64 & 1);
}

static double at(const kr_view *view, size_t i, uint64_t p) {
    return view->position[i * view->stride + p];
}

/* ---- one mechanism ---- */

#define AROUND                                                                                                                     \
    "landscape: {name: double_well, dim: 6, stiffness: 2}\n"                                                                       \
    "dynamics: {name: langevin, temperature: 0.3, friction: 0.5}\n"                                                                \
    "noise: {name: isotropic, sigma: 0.2}\n"                                                                                       \
    "escape: {until: {coordinate: 0, above: 1}}\n"

static const char phased[] = AROUND
    "schedule: {name: constant, lr: 0.02}\n"
    "ensemble: {particles: 150, seed: 5}\n"
    "phases:\n"
    "  - {name: dense, steps: 70}\n"
    "  - {name: ticket, steps: 60, prune: {fraction: 0.5, by: magnitude}, rewind: {phase: dense, step: 30}, schedule: {name: "
    "cosine, lr: 0.03, lr_min: 0.01, steps: 50}}\n"
    "  - {name: warm, steps: 50, schedule: {continue: true}, settings: {dynamics.temperature: 0.5}}\n"
    "  - {name: other, steps: 40, prune: {fraction: 0.4, by: random}, optimizer: reset, dynamics: {name: momentum, momentum: "
    "0.8}}\n"
    "  - {name: back, steps: 30, rewind: {phase: warm, step: 0}, prune: {fraction: 0.1, by: initial_magnitude}, landscape: "
    "{barrier: "
    "0.5}}\n";

static const char by_hand[] = AROUND "schedule: {name: constant, lr: 0.02}\nensemble: {particles: 150, seed: 5, steps: 250}\n";

static void a_run_is_a_session(void **state) {
    (void)state;
    kr_run *run = finish(phased, (kr_run_options){.threads = 1}, NULL);
    kr_session *session = make_session(phased);
    for (int i = 0; i < 25; i++) advance(session, 10);
    kr_view a = kr_run_view(run), b = kr_session_view(session, 0);
    assert_same_view(&a, &b);
    assert_true(kr_ensemble_pruned(&a) > 0.5 && kr_ensemble_pruned(&a) == kr_ensemble_pruned(&b));
    kr_session_phase_now now;
    assert_true(kr_session_phase(session, &now));
    assert_string_equal(now.name, "back");
    assert_int_equal(now.begin, 220);
    assert_true(now.end == UINT64_MAX && now.number == 4);
    kr_run_destroy(run);
    kr_session_destroy(session);
}

/* With the same interventions at the same steps. "phase" keeps positions and lets the schedule begin anew. */
static void phases_are_interventions(void **state) {
    (void)state;
    static const struct {
        uint64_t step;
        const char *text;
    } done[] = {{0, "phase dense"},
                {30, "phase thirty"}, /* keeps them */
                {70, "prune fraction=0.5 by=magnitude"},
                {70, "rewind phase=thirty step=0"},
                {70, "phase ticket"},
                {70, "set schedule.name=cosine\nschedule.lr=0.03\nschedule.lr_min=0.01\nschedule.steps=50"},
                {130, "set dynamics.temperature=0.5"},
                {180, "prune fraction=0.4 by=random"},
                {180, "phase other"},
                {180, "set schedule.name=constant\nschedule.lr=0.02\ndynamics={name: momentum, momentum: 0.8}"},
                {180, "optimizer reset"}};
    kr_session *one = make_session(phased), *other = make_session(by_hand);
    for (size_t i = 0; i < COUNT(done); i++) {
        advance(other, done[i].step - kr_session_step(other));
        intervene(other, done[i].text);
    }
    advance(one, 220);
    advance(other, 220 - kr_session_step(other));
    assert_same_state(one, other);
    kr_view view = kr_session_view(one, 0);
    assert_close(kr_ensemble_pruned(&view), 4.0 / 6, 1e-12, 0); /* 3 of 6, then 40 % of the other 3 */
    kr_session_destroy(one);
    kr_session_destroy(other);
}

/* From a file, in other pieces, with phases that come by themselves and others by hand. */
static void a_session_with_pruning_is_replayed(void **state) {
    (void)state;
    kr_error error = {.status = KR_OK};
    kr_session_record record;
    bool found;
    size_t next = 0;
    kr_session *session = make_session(phased), *again;
    advance(session, 45);
    intervene(session, "prune fraction=0.2 by=random");
    advance(session, 20);
    intervene(session, "phase warm"); /* before its time */
    advance(session, 80);
    intervene(session, "rewind phase=warm step=0");
    advance(session, 33);
    intervene(session, "reset");
    advance(session, 90);
    intervene(session, "optimizer reset");
    advance(session, 7);
    succeed(kr_session_save(session, "phases_session.h5", true, &error), &error);
    succeed(kr_session_record_read(&record, NULL, "phases_session.h5", &found, &error), &error);
    assert_true(found);
    succeed(kr_session_create(&again, &record.scene, 2, &error), &error);
    while (next < record.count || kr_session_step(again) < record.step || kr_session_generation(again) < record.generation)
        succeed(kr_session_replay(again, &record, &next, 13, &error), &error);
    assert_int_equal(kr_session_digest(again), record.digest);
    assert_int_equal(kr_session_digest(again), kr_session_digest(session));
    assert_same_state(session, again);
    kr_session_record_destroy(&record);
    kr_session_destroy(session);
    kr_session_destroy(again);
    remove("phases_session.h5");
}

static void a_reset_forgets_what_was_pruned(void **state) {
    (void)state;
    kr_session *session = make_session(phased), *fresh = make_session(phased);
    advance(session, 100);
    intervene(session, "reset");
    kr_view view = kr_session_view(session, 0);
    assert_true(kr_ensemble_pruned(&view) == 0);
    kr_session_phase_now now;
    assert_true(kr_session_phase(session, &now) && now.number == 0 && now.begin == 0 && now.end == 70);
    advance(session, 100);
    advance(fresh, 100);
    assert_same_state(session, fresh);
    kr_session_destroy(session);
    kr_session_destroy(fresh);
}

static void what_cannot_be_says_why(void **state) {
    (void)state;
    static const struct {
        const char *text, *message;
    } wrong[] = {{"prune", "'prune' needs 'fraction'"},
                 {"prune fraction=1", "fraction = 1 is out of range"},
                 {"prune fraction=0.5 by=size", "by must be one of magnitude, random or initial_magnitude, not 'size'"},
                 {"prune fraction=0.5 of=all", "there is no 'of'"},
                 {"prune fraction=0.5 scope=layer", "scope: layer is for networks, and the landscape 'double_well' has no layers"},
                 {"rewind phase=dense step=5", "step 5 of phase 'dense' was not kept; what was is step 0 of 'dense'"},
                 {"rewind phase=ticket step=0", "there was no phase 'ticket' yet"},
                 {"optimizer keep", "there is optimizer reset"},
                 {"phase tickt", "there is no phase 'tickt'; did you mean 'ticket'?"},
                 {"phase back", "there was no phase 'warm' yet"}};
    kr_session *session = make_session(phased), *twin = make_session(phased);
    advance(session, 20);
    advance(twin, 20);
    for (size_t i = 0; i < COUNT(wrong); i++) {
        kr_error error = {.message = ""};
        assert_int_equal(kr_session_intervene(session, wrong[i].text, &error), KR_BAD_ARGUMENT);
        if (!strstr(error.message, wrong[i].message)) fail_msg("'%s' gives '%s'", wrong[i].text, error.message);
    }
    assert_int_equal(kr_session_digest(session), kr_session_digest(twin));
    kr_session_destroy(session);
    kr_session_destroy(twin);
}

/* ---- what is pruned ---- */

static const char *const dynamics[] = {"{name: sgd, weight_decay: 0.1}",
                                       "{name: sgld, temperature: 0.3}",
                                       "{name: momentum, nesterov: true}",
                                       "{name: langevin, temperature: 0.3}",
                                       "{name: langevin, splitting: OBABO}",
                                       "{name: hamiltonian}",
                                       "{name: adam}",
                                       "{name: adamw, amsgrad: true, weight_decay: 0.1}",
                                       "{name: rmsprop, momentum: 0.5}",
                                       "{name: adagrad}",
                                       "{name: lion, weight_decay: 0.1}",
                                       "{name: sign_gd}",
                                       "{name: leimkuhler_matthews}",
                                       "{name: psgld}",
                                       "{name: sghmc}"};

/* A sum over coordinates, so that those that stay are alone: without and with the others they take the same steps. Once with the
 * noise that is added, once with one that is made. */
static void others_do_not_notice(void **state) {
    (void)state;
    static const char *const noises[] = {"{name: isotropic, sigma: 0.3}", "{name: coloured, sigma: 0.3}", "{name: student_t}"};
    for (size_t d = 0; d < COUNT(dynamics); d++)
        for (size_t n = 0; n < COUNT(noises); n++) {
            char whole[600], pruned[600];
            static const char text[] = "landscape: {name: harmonic, dim: 5, stiffness: [1, 2, 3, 4, 5]}\ndynamics: %s\nnoise: %s\n"
                                       "ensemble: {particles: 100, start: {point: 0.5}}\nschedule: {lr: 0.02}\n"
                                       "phases: [{name: a, steps: 40}, {name: b, steps: 60%s}]\n";
            snprintf(whole, sizeof whole, text, dynamics[d], noises[n], "");
            snprintf(pruned, sizeof pruned, text, dynamics[d], noises[n], ", prune: {fraction: 0.6, by: random}");
            kr_run *a = finish(whole, (kr_run_options){.threads = 1}, NULL),
                   *b = finish(pruned, (kr_run_options){.threads = 1}, NULL);
            kr_view x = kr_run_view(a), y = kr_run_view(b);
            assert_close(kr_ensemble_pruned(&y), 0.6, 1e-12, 0);
            for (uint64_t p = 0; p < x.particles; p++)
                for (size_t i = 0; i < x.dim; i++) {
                    bool kept = is_kept(&y, i, p);
                    if (kept && !same_bits(at(&x, i, p), at(&y, i, p)))
                        fail_msg("%s, %s: coordinate %zu of particle %d", dynamics[d], noises[n], i, (int)p);
                    if (!kept) assert_true(same_bits(at(&y, i, p), 0.0));
                }
            kr_run_destroy(a);
            kr_run_destroy(b);
        }
}

/* Whatever dynamics there are, in a landscape that couples coordinates: pruned ones are at 0 and stay there, the others move, or
 * the dynamics says why not. */
static void every_dynamics_leaves_them_at_zero(void **state) {
    (void)state;
    const kr_registry *registry;
    kr_error error = {.status = KR_OK};
    succeed(kr_registry_find("auto", &registry, &error), &error);
    for (size_t d = 0; registry->dynamics[d]; d++) {
        const char *name = registry->dynamics[d]->about.name;
        kr_run *run = NULL;
        for (int noisy = 1; !run && noisy >= 0; noisy--) {
            char text[600];
            snprintf(text, sizeof text,
                     "landscape: {name: phi4_chain, dim: 6}\ndynamics: %s\nnoise: %s\nschedule: {lr: 0.01}\nensemble: "
                     "{particles: 70}\nphases: [{name: a, steps: 20}, {name: b, steps: 30, prune: {fraction: 0.5}}]\n",
                     name, noisy ? "{name: isotropic, sigma: 0.1}" : "none");
            kr_scene scene = parse(NULL, text);
            kr_status status = kr_run_create(&run, &scene, &(kr_run_options){.threads = 1}, &error);
            kr_scene_destroy(&scene);
            if (status != KR_OK) run = NULL;
        }
        if (registry->dynamics[d]->not_pruned) {
            if (run || !strstr(error.message, registry->dynamics[d]->not_pruned)) fail_msg("%s: %s", name, error.message);
            continue;
        }
        if (!run) fail_msg("%s: %s", name, error.message);
        while (!kr_run_finished(run)) succeed(kr_run_advance(run, &error), &error);
        kr_view view = kr_run_view(run);
        size_t moved = 0;
        for (uint64_t p = 0; p < view.particles; p++)
            for (size_t i = 0; i < view.dim; i++) {
                moved += is_kept(&view, i, p) && at(&view, i, p) != 0;
                if (!is_kept(&view, i, p) && !same_bits(at(&view, i, p), 0.0))
                    fail_msg("%s: coordinate %zu of particle %d is %g", name, i, (int)p, at(&view, i, p));
            }
        assert_int_equal(moved, 3 * 70);
        kr_run_destroy(run);
    }
}

static int by_size(const void *a, const void *b) {
    double x = fabs(*(const double *)a), y = fabs(*(const double *)b);
    return (x > y) - (x < y);
}

/* Those of the smallest size at that moment; and of equal ones the first. */
static void the_smallest_go(void **state) {
    (void)state;
    static const char text[] = "landscape: {name: harmonic, dim: 7}\ndynamics: {name: sgld, temperature: 0.5}\n"
                               "ensemble: {particles: 130, start: {point: 1}}\nphases: [{name: a, steps: 50}, {name: b, steps: 1, "
                               "prune: {fraction: 0.5}}, {name: c, steps: 1, prune: {fraction: 0.5}}, {name: d, steps: 1, prune: "
                               "{fraction: 0.9, iterative: false}}]\n";
    kr_session *session = make_session(text);
    static double before[7][192];
    advance(session, 50);
    kr_view view = kr_session_view(session, 0);
    for (size_t i = 0; i < 7; i++) memcpy(before[i], view.position + i * view.stride, 130 * sizeof(double));
    advance(session, 1);
    view = kr_session_view(session, 0);
    for (uint64_t p = 0; p < 130; p++) {
        double size[7];
        for (size_t i = 0; i < 7; i++) size[i] = before[i][p];
        qsort(size, 7, sizeof *size, by_size);
        for (size_t i = 0; i < 7; i++) assert_int_equal(is_kept(&view, i, p), fabs(before[i][p]) > fabs(size[3]));
    }
    advance(session, 1); /* 3 left: 1.5 is 2, as PyTorch rounds */
    view = kr_session_view(session, 0);
    assert_close(kr_ensemble_pruned(&view), 6.0 / 7, 1e-12, 0);
    advance(session, 1); /* 0.9 of 7 is 6 */
    view = kr_session_view(session, 0);
    assert_close(kr_ensemble_pruned(&view), 6.0 / 7, 1e-12, 0);
    kr_session_destroy(session);
    session = make_session("{landscape: {name: harmonic, dim: 4}, dynamics: sgd, ensemble: {particles: 3, start: {point: 1}},"
                           " phases: [{name: a, steps: 1}, {name: b, steps: 1, prune: {fraction: 0.5}}]}");
    advance(session, 2);
    view = kr_session_view(session, 0);
    for (size_t i = 0; i < 4; i++) assert_int_equal(is_kept(&view, i, 2), i >= 2);
    kr_session_destroy(session);
}

/* Weights of each layer by themselves, and no biases, unless they are asked for. */
static void layers_lose_their_share(void **state) {
    (void)state;
    static const char text[] =
        "{landscape: {name: network, data: moons, hidden: [6], activation: tanh}, dynamics: sgd, schedule: {lr: 0.1},"
        " ensemble: {particles: 70, start: {random: xavier}}, phases: [{name: a, steps: 3}, {name: b, steps: 5,"
        " prune: {fraction: 0.5, scope: layer%s}}]}";
    for (int biases = 0; biases < 2; biases++) {
        char yaml[500];
        snprintf(yaml, sizeof yaml, text, biases ? ", biases: true" : "");
        kr_run *run = finish(yaml, (kr_run_options){.threads = 2}, NULL);
        kr_view view = kr_run_view(run);
        const struct {
            size_t first, count;
            bool bias;
        } part[] = {{0, 12, false}, {12, 6, true}, {18, 12, false}, {30, 2, true}};
        assert_int_equal(view.dim, 32);
        for (uint64_t p = 0; p < view.particles; p++) {
            size_t gone[4] = {0};
            for (int k = 0; k < 4; k++)
                for (size_t i = part[k].first; i < part[k].first + part[k].count; i++) {
                    gone[k] += !is_kept(&view, i, p);
                    if (!is_kept(&view, i, p)) assert_true(at(&view, i, p) == 0);
                }
            if (biases)
                assert_true(gone[0] + gone[1] == 9 && gone[2] + gone[3] == 7);
            else
                assert_true(gone[0] == 6 && gone[1] == 0 && gone[2] == 6 && gone[3] == 0);
        }
        const kr_result *result = kr_run_result(run);
        assert_int_equal(result->phase_count, 2);
        assert_int_equal(result->phase[1].task_count, 2);
        assert_true(result->phase[1].task[0].mean[KR_TASK_TEST_ACCURACY] == result->phase[1].task[1].mean[KR_TASK_TEST_ACCURACY]);
        assert_true(result->phase[0].potential > 0 &&
                    result->phase[0].task[0].mean[KR_TASK_TRAIN_LOSS] == result->phase[0].potential);
        kr_run_destroy(run);
    }
}

/* ---- settings ---- */

/* Where only the rate differs, phases are the parts of a sequence. */
static void phases_of_a_rate_are_a_sequence(void **state) {
    (void)state;
    static const char around[] = "landscape: {name: double_well, dim: 3}\nnoise: {name: isotropic, sigma: 0.5}\nescape: {until: "
                                 "{coordinate: 0, above: 1}}\nensemble: {particles: 200, steps: 900}\n";
    static const char *const moved[] = {"sgld", "momentum", "{name: langevin, friction: 1}", "adam"};
    for (size_t d = 0; d < COUNT(moved); d++) {
        char one[1000], other[1000];
        snprintf(one, sizeof one,
                 "%sdynamics: %s\nphases: [{name: hot, steps: 400, schedule: {lr: 0.05}}, {name: cold, steps: 500, schedule: "
                 "{name: linear, lr: 0.02, lr_end: 0.001}}]\n",
                 around, moved[d]);
        snprintf(other, sizeof other,
                 "%sdynamics: %s\nschedule: {name: sequence, parts: [{name: constant, lr: 0.05, steps: 400}, {name: "
                 "linear, lr: 0.02, lr_end: 0.001, steps: 500}]}\n",
                 around, moved[d]);
        kr_run *a = finish(one, (kr_run_options){.threads = 1}, NULL), *b = finish(other, (kr_run_options){.threads = 1}, NULL);
        kr_view x = kr_run_view(a), y = kr_run_view(b);
        assert_same_view(&x, &y);
        kr_run_destroy(a);
        kr_run_destroy(b);
    }
}

/* Numbers that follow a schedule begin with their phase. */
static void driven_numbers_begin_anew(void **state) {
    (void)state;
    kr_run *one =
        finish("{landscape: harmonic, ensemble: {particles: 64}, dynamics: {name: sgld, temperature: {name: linear, value: 1, "
               "value_end: 0}}, phases: [{name: a, steps: 100}, {name: b, steps: 100}]}",
               (kr_run_options){.threads = 1}, NULL);
    kr_run *other =
        finish("{landscape: harmonic, ensemble: {particles: 64, steps: 200}, dynamics: {name: sgld, temperature: {name: sequence, "
               "parts: [{name: linear, value: 1, value_end: 0, steps: 100}, {name: linear, value: 1, value_end: 0, steps: 100}]}}}",
               (kr_run_options){.threads = 1}, NULL);
    kr_view x = kr_run_view(one), y = kr_run_view(other);
    assert_same_view(&x, &y);
    const kr_result *result = kr_run_result(one); /* of the last phase */
    assert_int_equal(result->driven_count, 1);
    assert_true(result->driven[0].start == 1);
    assert_close(result->driven[0].mean, 0.505, 2e-3, 0); /* 1, 0.99, ..., 0.01, looked at */
    kr_run_destroy(one);
    kr_run_destroy(other);
}

/* An invariant holds in each phase what it is at that phase's beginning: two like one after the other are one and the same again.
 */
static void invariants_are_of_a_phase(void **state) {
    (void)state;
    kr_run *run =
        finish("{landscape: harmonic, dynamics: sgd, noise: {name: isotropic, sigma: 1, batch_size: 8}, schedule: {name: linear, "
               "lr: 0.1, lr_end: 0.05}, ensemble: {particles: 64}, phases: [{name: a, steps: 100}, {name: b, steps: 100, keep: "
               "[lr/noise.batch_size]}]}",
               (kr_run_options){.threads = 1}, NULL);
    const kr_result *result = kr_run_result(run);
    assert_int_equal(result->driven_count, 1);
    assert_string_equal(result->driven[0].name, "noise.batch_size");
    assert_close(result->driven[0].start, 8, 1e-12, 0);
    assert_close(result->driven[0].end, 8 * (0.05 + 0.05 / 100) / 0.1, 1e-9, 0);
    assert_close(result->driven[0].held_to, 0, 0, 1e-12);
    kr_run_destroy(run);
}

/* A parabola of curvature k that is cooled at once: the same bits as of a temperature that follows a sequence, and the variance of
 * x' = (1 - eta k) x + sqrt(2 eta T) xi after each part. A random seed fails with p = 1e-5. */
static void a_quench_relaxes_as_it_must(void **state) {
    (void)state;
    enum { PARTICLES = SANITIZED ? 1024 : 16384 };
    char quench[600], driven[600];
    static const char around[] =
        "landscape: {name: harmonic, dim: 2, stiffness: 3}\nschedule: {lr: 0.02}\nensemble: {particles: %d, start: "
        "{point: 0}, steps: 300}\n%s";
    snprintf(quench, sizeof quench, around, PARTICLES,
             "dynamics: {name: sgld, temperature: 1}\nphases: [{name: hot, steps: 280}, {name: cold, steps: 20, dynamics: "
             "{temperature: 0.1}}]\n");
    snprintf(
        driven, sizeof driven, around, PARTICLES,
        "dynamics: {name: sgld, temperature: {name: sequence, parts: [{name: constant, value: 1, steps: 280}, {name: constant, "
        "value: 0.1, steps: 20}]}}\n");
    kr_run *a = finish(quench, (kr_run_options){.threads = 2}, NULL), *b = finish(driven, (kr_run_options){.threads = 2}, NULL);
    kr_view x = kr_run_view(a), y = kr_run_view(b);
    assert_same_view(&x, &y);
    double expected = 0, measured = 0, keep = 1 - 0.02 * 3;
    for (int k = 0; k < 300; k++) expected = keep * keep * expected + 2 * 0.02 * (k < 280 ? 1 : 0.1);
    for (uint64_t p = 0; p < x.particles; p++)
        for (size_t i = 0; i < 2; i++) measured += at(&x, i, p) * at(&x, i, p) / (2.0 * PARTICLES);
    assert_close(measured, expected, 4.4 * sqrt(2 / (2.0 * PARTICLES)), 0);
    const kr_result *result = kr_run_result(a); /* V = k/2 (x0^2 + x1^2), and its error */
    assert_close(result->phase[1].potential, 3 * measured, 1e-12, 0);
    double half = 1.96 * 3 * measured * sqrt(1.0 / PARTICLES);
    assert_close(result->phase[1].potential_ci95.high - result->phase[1].potential, half, 0.1, 0);
    kr_run_destroy(a);
    kr_run_destroy(b);
}

static void a_written_scene_is_the_same(void **state) {
    (void)state;
    kr_error error = {.status = KR_OK};
    kr_scene scene = parse(NULL, phased), again, copy;
    char *text, *twice;
    succeed(kr_scene_write(&scene, &text, &error), &error);
    again = parse(NULL, text);
    assert_true(kr_scene_equal(&scene, &again));
    succeed(kr_scene_write(&again, &twice, &error), &error);
    assert_string_equal(text, twice);
    succeed(kr_scene_copy(&copy, &scene, &error), &error);
    assert_true(kr_scene_equal(&scene, &copy));
    assert_int_equal(scene.phase_count, 5);
    assert_int_equal(kr_scene_ensemble(&scene)->steps, 250);
    assert_int_equal(scene.phases[2].origin, 70); /* its schedule goes on */
    assert_string_equal(scene.phases[2].scene.schedule.about->name, "cosine");
    assert_string_equal(scene.phases[3].scene.schedule.about->name, "constant"); /* as around, not as before */
    ((kr_phase *)&copy.phases[1])->prune.fraction = 0.25;
    assert_false(kr_scene_equal(&scene, &copy));
    free(text);
    free(twice);
    kr_scene_destroy(&scene);
    kr_scene_destroy(&again);
    kr_scene_destroy(&copy);
}

/* ---- the same bits ---- */

static void neither_threads_nor_blocks_matter(void **state) {
    (void)state;
    static const struct {
        const char *isa;
        int threads;
        size_t block;
        uint64_t cadence;
    } other[] = {{NULL, 3, 64, 0}, {"baseline", 1, 128, 7}, {"v3", 2, 0, 1}};
    kr_run *run = finish(phased, (kr_run_options){.threads = 1}, NULL);
    kr_view a = kr_run_view(run);
    for (size_t i = 0; i < COUNT(other); i++) {
        const kr_registry *registry;
        if (other[i].isa && kr_registry_find(other[i].isa, &registry, NULL) != KR_OK) continue;
        if (SANITIZED && other[i].isa) continue;
        kr_run *again =
            finish(phased, (kr_run_options){.threads = other[i].threads, .block_size = other[i].block, .cadence = other[i].cadence},
                   other[i].isa);
        kr_view b = kr_run_view(again);
        assert_same_view(&a, &b);
        kr_run_destroy(again);
    }
    kr_run_destroy(run);
}

/* On every processor and from every compiler. It changes only with a line in the CHANGELOG that says why. */
static void golden_number(void **state) {
    (void)state;
    kr_session *session = make_session(phased);
    advance(session, 250);
    uint64_t digest = kr_session_digest(session);
    if (digest != UINT64_C(0x21ffca34c46a3b88)) fail_msg("0x%016llx", (unsigned long long)digest);
    kr_session_destroy(session);
}

/* An ensemble's ledger stays balanced when particles jump: what that costs is work. */
static void the_ledger_stays_balanced(void **state) {
    (void)state;
    kr_run *run = finish(
        "{landscape: {name: harmonic, dim: 3}, dynamics: {name: langevin, temperature: 0.5}, energy: {every: 10}, ensemble: "
        "{particles: 200, start: {point: 1}}, phases: [{name: a, steps: 50}, {name: b, steps: 50, prune: {fraction: 0.4}, rewind: "
        "{phase: a, step: 10}}, {name: c, steps: 30, optimizer: reset}]}",
        (kr_run_options){.threads = 1}, NULL);
    const kr_result *result = kr_run_result(run);
    assert_non_null(result->energy);
    assert_true(result->energy->largest_residual < 1e-11);
    kr_run_destroy(run);
}

static const char two[] = "{landscape: double_well, dynamics: {name: sgld, temperature: 0.3}, ensemble: {particles: 64, seed: 5},"
                          " schedule: {name: constant, lr: 0.01}, phases: [{name: one, steps: 20},"
                          " {name: two, steps: 30, settings: {dynamics.temperature: 0.1}}]}";

/* A scene with other phases takes the place of the first, from its step 0 on, and is replayed; one with the same phases is settings
 * of the present one. */
static void a_scene_brings_its_phases(void **state) {
    (void)state;
    static const char others[] =
        "scene {landscape: double_well, dynamics: {name: sgld, temperature: 0.3}, ensemble: {particles: 64, seed: 5},"
        " schedule: {name: constant, lr: 0.02}, phases: [{name: a, steps: 10}, {name: b, steps: 15, settings: "
        "{dynamics.temperature: 0.1}},"
        " {name: c, steps: 5, prune: {fraction: 0.5, by: random}}]}";
    kr_session_phase_now now;
    size_t count;
    kr_session *session = make_session(two), *fresh = make_session(others + sizeof "scene" - 1);
    advance(session, 30);
    assert_close(*(const double *)kr_session_scene(session)->dynamics.values, 0.1, 0, 0);
    char same[sizeof two + 8] = "scene ";
    strcat(same, two);
    intervene(session, same); /* nothing changes: also not the temperature of this phase */
    assert_int_equal(kr_session_generation(session), 0);
    assert_close(*(const double *)kr_session_scene(session)->dynamics.values, 0.1, 0, 0);
    assert_true(kr_session_phase(session, &now) && now.number == 1 && now.begin == 20);

    intervene(session, others);
    assert_int_equal(kr_session_generation(session), 1);
    assert_int_equal(kr_session_step(session), 0);
    kr_session_phases(session, &count);
    assert_int_equal(count, 3);
    static const struct {
        uint64_t steps;
        size_t number;
        uint64_t begin;
    } expected[] = {{5, 0, 0}, {6, 1, 10}, {15, 2, 25}, {40, 2, 25}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        advance(session, expected[i].steps);
        advance(fresh, expected[i].steps);
        assert_true(kr_session_phase(session, &now));
        assert_int_equal(now.number, expected[i].number);
        assert_int_equal(now.begin, expected[i].begin);
        kr_view one = kr_session_view(session, 0), other = kr_session_view(fresh, 0);
        assert_same_view(&one, &other);
    }
    /* From a file. */
    kr_session_record record;
    kr_session *again;
    kr_error error;
    bool found;
    succeed(kr_session_save(session, "phases_others.h5", true, &error), &error);
    succeed(kr_session_record_read(&record, NULL, "phases_others.h5", &found, &error), &error);
    succeed(kr_session_create(&again, &record.scene, 2, &error), &error);
    size_t next = 0;
    while (next < record.count || kr_session_step(again) < record.step || kr_session_generation(again) < record.generation)
        succeed(kr_session_replay(again, &record, &next, 7, &error), &error);
    assert_int_equal(kr_session_digest(again), record.digest);
    kr_session_record_destroy(&record);
    remove("phases_others.h5");
    /* And back: what undo does. */
    intervene(session, same);
    kr_session_phases(session, &count);
    assert_int_equal(count, 2);
    assert_int_equal(kr_session_generation(session), 2);
    kr_session_destroy(again);
    kr_session_destroy(session);
    kr_session_destroy(fresh);
}

/* Steps of a lesson, which are such scenes, may change phases, but not whether there are any. */
static void lessons_change_phases(void **state) {
    (void)state;
    static const struct {
        const char *step, *message;
    } steps[] = {{"phases.one.steps: 5", NULL},
                 {"dynamics.temperature: 0.2", NULL},
                 {"phases: []", "a step of a lesson may change the phases of its scene, but neither add the first nor take away"}};
    const kr_registry *registry;
    kr_error error = {.status = KR_OK};
    succeed(kr_registry_find(NULL, &registry, &error), &error);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        kr_scene scene;
        char text[1000];
        snprintf(text, sizeof text, "%.*s, lesson: [{caption: first}, {caption: second, settings: {%s}}]}", (int)sizeof two - 2,
                 two, steps[i].step);
        kr_status status = kr_scene_parse(&scene, registry, "lesson", NULL, text, NULL, 0, &error);
        assert_int_equal(status, steps[i].message ? KR_BAD_ARGUMENT : KR_OK);
        if (status == KR_OK)
            kr_scene_destroy(&scene);
        else if (!strstr(error.message, steps[i].message))
            fail_msg("%s", error.message);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_run_is_a_session),
                                       cmocka_unit_test(phases_are_interventions),
                                       cmocka_unit_test(a_session_with_pruning_is_replayed),
                                       cmocka_unit_test(a_reset_forgets_what_was_pruned),
                                       cmocka_unit_test(what_cannot_be_says_why),
                                       cmocka_unit_test(others_do_not_notice),
                                       cmocka_unit_test(every_dynamics_leaves_them_at_zero),
                                       cmocka_unit_test(the_smallest_go),
                                       cmocka_unit_test(layers_lose_their_share),
                                       cmocka_unit_test(phases_of_a_rate_are_a_sequence),
                                       cmocka_unit_test(driven_numbers_begin_anew),
                                       cmocka_unit_test(invariants_are_of_a_phase),
                                       cmocka_unit_test(a_quench_relaxes_as_it_must),
                                       cmocka_unit_test(a_written_scene_is_the_same),
                                       cmocka_unit_test(neither_threads_nor_blocks_matter),
                                       cmocka_unit_test(golden_number),
                                       cmocka_unit_test(the_ledger_stays_balanced),
                                       cmocka_unit_test(a_scene_brings_its_phases),
                                       cmocka_unit_test(lessons_change_phases)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
