/* Sessions: the same bits whatever the threads and the pattern of calls, the same as a run's while nobody intervenes, and replayed
 * from a file; what fails changes nothing. */
#include "session_fixture.h"

#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* ---- a session without interventions is a run ---- */

static const char *const plain[] = {
    "{ensemble: {particles: 500, steps: 700, seed: 3}, escape: {until: {above: 0.5}}, dynamics: {temperature: 0.5}}",
    "{landscape: {name: muller_brown, scale: 0.1}, dynamics: {name: langevin, temperature: 5, friction: 2}, schedule: {lr: 0.0004},"
    " ensemble: {particles: 300, steps: 500, seed: 5, start: {gibbs: 0, burn_in: 50}}, escape: {until: {minimum: 1, radius: 0.3}}}",
    "{landscape: {name: styblinski_tang, dim: 5}, dynamics: {name: momentum, momentum: 0.8, dampening: 0.1}, noise: {name: "
    "isotropic, "
    "sigma: 2}, schedule: {name: cosine_restarts, lr: 0.02, period: 50, warmup: {steps: 20}}, energy: {every: 10},"
    " ensemble: {particles: 130, steps: 400, seed: 7}, escape: {until: {coordinate: 4, above: -2.7}, renewal: false}}",
    "{landscape: {name: double_well, dim: 2}, dynamics: {name: sgld, temperature: 0.5}, schedule: {lr: 0.21},"
    " ensemble: {particles: 400, steps: 300, seed: 11, max_diverged: 1}, escape: {until: {coordinate: 1, above: 1.5}}}",
};

static void like_a_run(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(plain); i++) {
        kr_error error = {.status = KR_OK};
        const kr_registry *registry;
        kr_scene scene;
        kr_run *run;
        kr_session *session;
        succeed(kr_registry_find(NULL, &registry, &error), &error);
        succeed(kr_scene_parse(&scene, registry, "test", NULL, plain[i], NULL, 0, &error), &error);
        succeed(kr_run_create(&run, &scene, &(kr_run_options){.threads = 2}, &error), &error);
        succeed(kr_session_create(&session, &scene, 1, &error), &error);
        while (!kr_run_finished(run)) succeed(kr_run_advance(run, &error), &error);
        while (kr_session_step(session) < kr_run_steps(run)) advance(session, 100);
        kr_view a = kr_run_view(run), b = kr_session_view(session, 0);
        assert_same_view(&a, &b);
        for (size_t k = 0; a.ledger[0] && k < KR_LEDGER_ACCOUNTS; k++)
            for (uint64_t p = 0; p < a.particles; p++) assert_true(same_bits(a.ledger[k][p], b.ledger[k][p]));
        kr_escape_estimate estimate;
        assert_true(kr_session_escape(session, 0, &estimate));
        if (!estimate.events) fail_msg("nobody escapes in %s", plain[i]);
        assert_true(estimate.events == kr_run_result(run)->escape.events);
        assert_true(estimate.exposure_time == kr_run_result(run)->escape.exposure_time);
        kr_session_destroy(session);
        kr_run_destroy(run);
        kr_scene_destroy(&scene);
    }
}

/* ---- twenty interventions of all kinds ---- */

static const char first_scene[] =
    "{landscape: double_well, dynamics: {name: langevin, temperature: 0.3}, noise: {name: isotropic, sigma: 1},"
    " schedule: {name: cosine_restarts, lr: 0.02, period: 300, warmup: {steps: 10}}, energy: {every: 1},"
    " ensemble: {particles: 150, seed: 8}, escape: {until: {above: 0.8}},"
    " compare: [{name: momentum, momentum: 0.8}, {name: sgld, temperature: 0.3}],"
    " lesson: [{caption: one}, {caption: two, settings: {dynamics.temperature: 0.4}}]}";

typedef struct act {
    uint64_t wait;
    const char *text;
} act;

static const act acts[] = {
    {0, "set dynamics.temperature=0.4"},
    {137, "set schedule.lr=0.03"},
    {100, "restart"},
    {50, "set compare.0.momentum=0.5"},
    {0, "set landscape.tilt=0.1"},
    {211, "set dynamics.splitting=OBABO"},
    {30, "set dynamics.name=momentum"},
    {40, "set dynamics.convention=sutskever\ndynamics.momentum=0.7"},
    {60, "drop -0.9"},
    {500, "set noise={name: curvature, strength: 2, full: true}"},
    {70, "set energy.every=0"},
    {33, "reset"},
    {1200, "restart"},
    {13, "set compare=[{name: hamiltonian}]"},
    {150, "set ensemble.seed=99"},
    {90, "set landscape=washboard"},
    {77, "scene {landscape: {name: double_well, dim: 3}, dynamics: {name: langevin, temperature: 0.5}, schedule: {lr: 0.01},"
         " ensemble: {particles: 130}, escape: {until: {minimum: 1, radius: 0.3}}, compare: [sgd, momentum, sgld]}"},
    {400, "set compare.2.name=langevin"},
    {64, "set escape.renewal=false"},
    {300, "set ensemble.particles=250"},
    {10, "restart"},
};
enum { LAST = 250 };

/* at_once: steps of a call. 0: whatever is left. */
static void advance_to_end(kr_session *session, uint64_t at_once) {
    for (size_t i = 0; i <= COUNT(acts); i++) {
        for (uint64_t left = i < COUNT(acts) ? acts[i].wait : LAST; left > 0;) {
            uint64_t now = at_once && at_once < left ? at_once : left;
            advance(session, now);
            left -= now;
        }
        if (i < COUNT(acts)) intervene(session, acts[i].text);
    }
}

static void neither_calls_nor_threads_can_be_seen(void **state) {
    (void)state;
    const struct {
        const char *isa;
        int threads;
        uint64_t at_once;
    } way[] = {{"auto", 1, 0}, {"auto", 2, 1}, {"auto", 3, 7}, {"baseline", 2, 64}, {"auto", 0, 1000}};
    uint64_t digest[COUNT(way)];
    for (size_t i = 0; i < COUNT(way); i++) {
        kr_session *session = make_session_on(way[i].isa, first_scene, way[i].threads);
        advance_to_end(session, way[i].at_once);
        digest[i] = kr_session_digest(session);
        assert_int_equal(digest[i], digest[0]);
        const kr_intervention *log;
        assert_int_equal(kr_session_interventions(session, &log), COUNT(acts));
        assert_int_equal(kr_session_generation(session), 7);
        kr_session_destroy(session);
    }
}

static void a_digest_sees_everything(void **state) {
    (void)state;
    kr_session *a = make_session(first_scene), *b = make_session(first_scene);
    assert_int_equal(kr_session_digest(a), kr_session_digest(b));
    advance(a, 1);
    assert_int_not_equal(kr_session_digest(a), kr_session_digest(b));
    advance(b, 1);
    assert_int_equal(kr_session_digest(a), kr_session_digest(b));
    intervene(a, "restart");
    assert_int_not_equal(kr_session_digest(a), kr_session_digest(b));
    intervene(b, "restart");
    intervene(b, "set compare.1.temperature=0.3001"); /* nothing has happened yet */
    assert_int_equal(kr_session_digest(a), kr_session_digest(b));
    advance(a, 1), advance(b, 1);
    assert_int_not_equal(kr_session_digest(a), kr_session_digest(b)); /* of the last variant only */
    kr_session_destroy(a);
    kr_session_destroy(b);
}

/* ---- files ---- */

static const char *temporary(void) {
    static char name[64];
    snprintf(name, sizeof name, "test_session_%ld.h5", (long)getpid());
    return name;
}

static void replays_from_a_file(void **state) {
    (void)state;
    const uint64_t at_once[] = {1, 97, 100000};
    kr_error error = {.status = KR_OK};
    kr_session *session = make_session_on(NULL, first_scene, 2);
    advance_to_end(session, 0);
    succeed(kr_session_save(session, temporary(), false, &error), &error);
    for (size_t way = 0; way < COUNT(at_once); way++) {
        kr_session_record record;
        kr_session *again;
        bool found;
        size_t next = 0;
        succeed(kr_session_record_read(&record, NULL, temporary(), &found, &error), &error);
        assert_true(found);
        assert_int_equal(record.count, COUNT(acts));
        assert_int_equal(record.digest, kr_session_digest(session));
        assert_int_equal(record.scene.lesson_count, 2);
        succeed(kr_session_create(&again, &record.scene, 1, &error), &error);
        while (next < record.count || kr_session_step(again) < record.step)
            succeed(kr_session_replay(again, &record, &next, at_once[way], &error), &error);
        assert_int_equal(kr_session_generation(again), record.generation);
        assert_int_equal(kr_session_digest(again), record.digest);
        assert_same_state(session, again);
        succeed(kr_session_replay(again, &record, &next, 10, &error), &error); /* beyond the end it goes on freely */
        assert_int_equal(kr_session_step(again), record.step + 10);
        kr_session_destroy(again);
        kr_session_record_destroy(&record);
    }
    assert_int_equal(kr_session_save(session, temporary(), false, &error), KR_IO);
    assert_non_null(strstr(error.message, "exists and is not overwritten"));
    succeed(kr_session_save(session, temporary(), true, &error), &error);
    kr_session_destroy(session);

    kr_run *run;
    kr_scene scene = {.registry = NULL};
    assert_int_equal(kr_run_resume(&run, &scene, temporary(), 0, NULL, &(kr_run_options){.threads = 1}, &error), KR_BAD_ARGUMENT);
    assert_non_null(strstr(error.message, "is a session recorded by the window, not a run: 'kramers view "));
    unlink(temporary());
}

static void other_files_are_no_sessions(void **state) {
    (void)state;
    kr_error error = {.status = KR_OK};
    const kr_registry *registry;
    kr_session_record record;
    kr_scene scene;
    kr_run *run;
    bool found = true;
    assert_int_equal(kr_session_record_read(&record, NULL, "/nonexistent/x.h5", &found, &error), KR_IO);
    assert_false(found);
    succeed(kr_registry_find(NULL, &registry, &error), &error);
    succeed(kr_scene_parse(&scene, registry, "test", NULL, "ensemble: {steps: 10, particles: 64}", NULL, 0, &error), &error);
    succeed(kr_run_create(&run, &scene, &(kr_run_options){.threads = 1, .output = temporary()}, &error), &error);
    while (!kr_run_finished(run)) succeed(kr_run_advance(run, &error), &error);
    succeed(kr_run_finish(run, &error), &error);
    kr_run_destroy(run);
    kr_scene_destroy(&scene);
    found = true;
    succeed(kr_session_record_read(&record, NULL, temporary(), &found, &error), &error);
    assert_false(found);
    unlink(temporary());
}

static void a_record_of_another_session_is_refused(void **state) {
    (void)state;
    kr_error error = {.status = KR_OK};
    char text[] = "restart";
    kr_intervention past = {.generation = 0, .step = 5, .text = text};
    kr_session_record record = {.count = 1, .intervention = &past, .step = 10};
    kr_session *session = make_session("");
    size_t next = 0;
    advance(session, 6);
    assert_int_equal(kr_session_replay(session, &record, &next, 1, &error), KR_BAD_ARGUMENT);
    assert_non_null(strstr(error.message, "intervention 0 of the record is at step 5 of generation 0; the session is at step 6"));
    assert_int_equal(kr_session_step(session), 6);
    kr_session_destroy(session);
}

/* Frames of the first particles, thinned, are those of the particles. */
static void the_history_thins_itself(void **state) {
    (void)state;
    kr_error error = {.status = KR_OK};
    kr_recording *recording;
    kr_session *session = make_session("{ensemble: {particles: 100, seed: 4}, dynamics: langevin}");
    uint64_t rest = 5003;
    for (uint64_t call = 1; rest > 0; call = 2 * call + 1) {
        advance(session, call < rest ? call : rest);
        rest -= call < rest ? call : rest;
    }
    succeed(kr_session_save(session, temporary(), true, &error), &error);
    succeed(kr_recording_open(&recording, temporary(), &error), &error);
    size_t frames = kr_recording_frames(recording), particles = kr_recording_particles(recording);
    assert_int_equal(frames, 5000 / 8 + 2); /* every eighth step, and the end */
    assert_int_equal(particles, 64);
    kr_session *again = make_session("{ensemble: {particles: 100, seed: 4}, dynamics: langevin}");
    double position[64], velocity[64], speed[128];
    for (size_t frame = 0; frame < frames; frame++) {
        uint64_t step;
        double time, rate;
        succeed(kr_recording_frame(recording, frame, &step, &time, &rate, position, velocity, &error), &error);
        assert_int_equal(step, frame < frames - 1 ? 8 * frame : 5003);
        advance(again, step - kr_session_step(again));
        kr_view view = kr_session_view(again, 0);
        assert_true(time == view.time && rate == view.learning_rate);
        assert_true(kr_ensemble_velocity(&view, speed));
        for (size_t p = 0; p < particles; p++) assert_true(position[p] == view.position[p] && velocity[p] == speed[p]);
    }
    kr_recording_close(recording);
    kr_session_destroy(session);
    kr_session_destroy(again);
    unlink(temporary());
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(like_a_run),
        cmocka_unit_test(neither_calls_nor_threads_can_be_seen),
        cmocka_unit_test(a_digest_sees_everything),
        cmocka_unit_test(replays_from_a_file),
        cmocka_unit_test(other_files_are_no_sessions),
        cmocka_unit_test(a_record_of_another_session_is_refused),
        cmocka_unit_test(the_history_thins_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
