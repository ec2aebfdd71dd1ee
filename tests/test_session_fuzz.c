/* A thousand interventions drawn from the descriptors, some of them wrong: what is refused changes nothing, what is accepted is
 * replayed to the same bits. Meant for the sanitizers. */
#include "session_fixture.h"

#include <stdio.h>

typedef struct fuzz {
    uint64_t state;
    const kr_registry *registry;
} fuzz;

static uint64_t draw(fuzz *f, uint64_t below) {
    f->state ^= f->state << 13, f->state ^= f->state >> 7, f->state ^= f->state << 17;
    return (f->state >> 11) % below;
}

static double uniform(fuzz *f) {
    return (double)draw(f, UINT64_C(1) << 52) * 0x1p-52;
}

/* Mostly near what a person would choose, sometimes the limits or beyond. */
static double number_of(fuzz *f, const kr_parameter *row) {
    double initial = isfinite(row->initial) ? row->initial : 0.5;
    switch (draw(f, 10)) {
    case 0: return row->minimum;
    case 1: return -1 - initial;
    case 2: return 0;
    case 3: return row->maximum > 0 && row->maximum < 100 ? row->maximum : 1 + initial;
    default: return (initial != 0 ? initial : 0.3) * exp(2 * uniform(f) - 1);
    }
}

/* Names after which a large number costs time or memory rather than an error. */
static bool costs(const char *name) {
    static const char *const names[] = {"dim", "particles", "burn_in", "steps", "period", "every", "replicas", NULL};
    for (size_t i = 0; names[i]; i++)
        if (!strcmp(name, names[i])) return true;
    return false;
}

static void write_value(fuzz *f, const kr_parameter *row, char *text, size_t size) {
    static const char *const texts[] = {"OBABO", "BAOAB", "ABO", "x", "\"a: b\"", "path", "0", "data/digits_three_minima.h5"};
    size_t used = 0, count = 1 + draw(f, 3), choices = 0;
    switch (row->type) {
    case KR_NUMBER: snprintf(text, size, "%.6g", number_of(f, row)); break;
    case KR_NATURAL:
    case KR_INTEGER: snprintf(text, size, "%d", (int)draw(f, costs(row->name) ? 30 : 4) - (draw(f, 8) == 0)); break;
    case KR_SWITCH: snprintf(text, size, "%s", draw(f, 2) ? "true" : "false"); break;
    case KR_CHOICE:
        while (row->choices[choices]) choices++;
        snprintf(text, size, "%s", row->choices[draw(f, choices)]);
        break;
    case KR_TEXT: snprintf(text, size, "%s", texts[draw(f, sizeof texts / sizeof *texts)]); break;
    case KR_LIST:
        used = (size_t)snprintf(text, size, "[");
        for (size_t i = 0; i < count; i++)
            used += (size_t)snprintf(text + used, size - used, "%s%.6g", i ? ", " : "", number_of(f, row));
        snprintf(text + used, size - used, "]");
        break;
    case KR_SCHEDULES:
        snprintf(text, size, row->flags & KR_SEVERAL ? "[{name: step, steps: 20}, {name: cosine, lr: %.6g}]" : "{name: cosine}",
                 number_of(f, row));
        break;
    }
    if (draw(f, 20) == 0) snprintf(text, size, "%s", draw(f, 2) ? "nonsense" : "{a: [1, ~]}");
}

static size_t count_of(const kr_parameter *rows) {
    size_t count = 0;
    while (rows && rows[count].name) count++;
    return count;
}

/* "<section>.<parameter>=<value>" of what the session has now, or another plug-in. */
static void write_setting(fuzz *f, const kr_session *session, char *text, size_t size) {
    const kr_scene *scene = kr_session_scene(session);
    const struct {
        const char *key;
        const kr_descriptor *about;
        const void *list; /* plug-ins of this kind */
    } section[] = {
        {"landscape", scene->landscape.about, f->registry->landscapes},
        {"dynamics", scene->dynamics.about, f->registry->dynamics},
        {"noise", scene->noise.about, f->registry->noises},
        {"schedule", scene->schedule.about, f->registry->schedules},
        {"compare.0", scene->compare_count > 0 ? scene->compare[0].own[KR_COMPARED_DYNAMICS].about : NULL, f->registry->dynamics},
        {"compare.1", scene->compare_count > 1 ? scene->compare[1].own[KR_COMPARED_DYNAMICS].about : NULL, f->registry->dynamics},
        {"schedule.warmup", &kr_warmup_descriptor, NULL},
        {"ensemble", &kr_ensemble_descriptor, NULL},
        {"ensemble.start", &kr_start_descriptor, NULL},
        {"escape", &kr_escape_descriptor, NULL},
        {"escape.until", &kr_target_descriptor, NULL},
        {"statistics", kr_scene_observer(scene, "statistics")->about, NULL},
        {"energy", kr_scene_observer(scene, "energy")->about, NULL},
        {"trajectory", &kr_trajectory_descriptor, NULL}};
    size_t which = draw(f, sizeof section / sizeof *section), rows;
    const kr_descriptor *about = section[which].about;
    char value[200];
    if (section[which].list && (!about || draw(f, 6) == 0)) {
        const kr_descriptor *const *list = section[which].list;
        size_t count = 0;
        while (list[count]) count++;
        snprintf(text, size, "%s.name=%s", section[which].key, list[draw(f, count)]->name);
    } else if ((rows = count_of(about->parameters))) {
        const kr_parameter *row = &about->parameters[draw(f, rows)];
        write_value(f, row, value, sizeof value);
        snprintf(text, size, "%s.%s=%s", section[which].key, row->name, value);
    } else {
        snprintf(text, size, "%s.nothing=1", section[which].key);
    }
}

static void write_intervention(fuzz *f, const kr_session *session, char *text, size_t size) {
    size_t used;
    switch (draw(f, 24)) {
    case 0: snprintf(text, size, "restart"); return;
    case 1: snprintf(text, size, "reset"); return;
    case 2: snprintf(text, size, draw(f, 2) ? "drop %.3f" : "drop %.3f %.3f", 2 * uniform(f) - 1, 2 * uniform(f) - 1); return;
    case 3:
        snprintf(text, size, "scene {ensemble: {particles: 70}, compare: [{name: langevin}], escape: {until: {above: 0.9}}}");
        return;
    case 4:
        snprintf(text, size, "set compare=%s",
                 draw(f, 2) ? "[{name: sgd, schedule: {lr: 0.003}}, {name: momentum, noise: {name: levy}}, sgld]" : "[]");
        return;
    case 5: snprintf(text, size, "set escape.until=%s", draw(f, 2) ? "~" : "[{above: 1.2}, {minimum: 1, radius: 0.2}]"); return;
    }
    used = (size_t)snprintf(text, size, "set ");
    for (size_t lines = 1 + (draw(f, 4) == 0); lines > 0; lines--) {
        write_setting(f, session, text + used, size - used);
        used = strlen(text);
        if (lines > 1 && used + 1 < size) text[used++] = '\n', text[used] = 0;
    }
}

static void a_thousand_interventions(void **state) {
    (void)state;
    kr_error error = {.status = KR_OK};
    fuzz f = {.state = 88172645463325252};
    succeed(kr_registry_find(NULL, &f.registry, &error), &error);
    kr_session *session =
        make_session("{ensemble: {particles: 100, steps: 400}, escape: {until: {above: 0.8}}, dynamics: {name: langevin}}");
    kr_session_record record = {.count = 0};
    succeed(kr_scene_copy(&record.scene, kr_session_scene(session), &error), &error);
    size_t accepted = 0, refused = 0;
    for (int i = 0; i < 1000; i++) {
        char text[600];
        write_intervention(&f, session, text, sizeof text);
        uint64_t digest = kr_session_digest(session), version = kr_session_version(session),
                 generation = kr_session_generation(session);
        error = (kr_error){.status = KR_OK};
        if (kr_session_intervene(session, text, &error) == KR_OK) {
            accepted++;
        } else {
            refused++;
            if (error.status != KR_BAD_ARGUMENT && error.status != KR_IO && error.status != KR_NUMERICAL)
                fail_msg("%s: %s", text, error.message);
            assert_true(strlen(error.message) > 10);
            assert_int_equal(kr_session_digest(session), digest);
            assert_int_equal(kr_session_version(session), version);
            assert_int_equal(kr_session_generation(session), generation);
        }
        advance(session, draw(&f, 12));
    }
    print_message("%zu accepted, %zu refused, %llu generations\n", accepted, refused,
                  (unsigned long long)kr_session_generation(session));
    assert_true(accepted > 300 && refused > 150);

    const kr_intervention *log;
    record.count = kr_session_interventions(session, &log);
    assert_int_equal(record.count, accepted);
    record.intervention = malloc(record.count * sizeof *log);
    memcpy(record.intervention, log, record.count * sizeof *log);
    record.generation = kr_session_generation(session), record.step = kr_session_step(session);
    kr_session *again;
    size_t next = 0;
    succeed(kr_session_create(&again, &record.scene, 2, &error), &error);
    while (next < record.count || kr_session_step(again) < record.step)
        succeed(kr_session_replay(again, &record, &next, 5, &error), &error);
    assert_int_equal(kr_session_digest(again), kr_session_digest(session));
    assert_same_state(again, session);
    kr_session_destroy(again);
    kr_session_destroy(session);
    free(record.intervention); /* the texts are the session's */
    kr_scene_destroy(&record.scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_thousand_interventions)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
