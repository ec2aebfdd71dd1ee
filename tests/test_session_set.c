/* A value set by number is the same as one set by text: the scene afterwards, the bits, the log and the words of what is refused.
 * Both are compared with the long way, the whole scene written, parsed and resolved anew. */
#include "session_fixture.h"

#include <stdio.h>

static uint64_t state = 88172645463325252;

static uint64_t draw(uint64_t below) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return (state >> 11) % below;
}

static const char *const scenes[] = {
    "{ensemble: {particles: 20, steps: 400}, escape: {until: {above: 0.8}}, dynamics: {name: langevin}}",
    "{landscape: {name: muller_brown, scale: 0.1}, dynamics: {name: langevin, temperature: 5}, schedule: {lr: 0.0004},"
    " ensemble: {particles: 20, start: {minimum: 0}}, escape: {until: [{minimum: 1, radius: 0.3}, {minimum: 2, radius: 0.3}]}}",
    "{landscape: {name: double_well, dim: 2}, noise: {name: isotropic, sigma: 0.1}, dynamics: {name: momentum},"
    " compare: [{name: sgld, temperature: 0.1}, langevin], schedule: {name: cosine_restarts, warmup: {steps: 10}},"
    " ensemble: {particles: 20, start: {point: [-0.9, 0.1]}}, transitions: {every: 5}}",
    "{landscape: spline, dynamics: {name: sgld, temperature: 0.2}, ensemble: {particles: 20}, escape: {until: {minimum: 1}},"
    " lesson: [{caption: one}, {caption: two, settings: {dynamics.temperature: 0.4}}]}",
};
enum { SCENES = sizeof scenes / sizeof *scenes, GIBBS = 3 }; /* of one dimension, where drawing starts takes no seconds */

/* A number that its row takes, mostly. */
static double number_for(const kr_parameter *row) {
    double initial = isfinite(row->initial) ? row->initial : 0.4;
    switch (draw(8)) {
    case 0: return row->minimum;
    case 1: return -1 - initial;
    case 2: return row->type == KR_NUMBER ? 0.1 : 0.5;
    default: return (initial != 0 ? initial : 0.3) * (0.8 + 0.05 * (double)draw(8));
    }
}

typedef struct drawn {
    kr_parameter_value value;
    double list[3];
} drawn;

static void draw_value(const kr_parameter *row, drawn *to) {
    static const char *const texts[] = {"OBABO", "BAOAB", "x", "a: \"b\" \\", "0"};
    kr_list list = {to->list, 1 + draw(3)};
    size_t choices = 0;
    switch (row->type) {
    case KR_NUMBER: to->value = kr_number_value(number_for(row)); break;
    case KR_NATURAL:
    case KR_INTEGER: to->value = draw(6) ? kr_integer_value((int64_t)draw(5) - 1) : kr_number_value(number_for(row)); break;
    case KR_SWITCH: to->value = kr_switch_value(draw(2)); break;
    case KR_CHOICE:
        while (row->choices[choices]) choices++;
        to->value = (kr_parameter_value){.type = KR_CHOICE, .choice = (int)draw(choices)};
        if (draw(2)) to->value = kr_text_value(draw(4) ? row->choices[draw(choices)] : "nonsense");
        break;
    case KR_TEXT: to->value = kr_text_value(texts[draw(sizeof texts / sizeof *texts)]); break;
    case KR_LIST:
        for (size_t i = 0; i < list.count; i++) list.value[i] = number_for(row);
        to->value = kr_list_value(&list);
        break;
    case KR_SCHEDULES: to->value = kr_text_value("cosine"); break;
    }
    if (row->type != KR_TEXT && draw(25) == 0) to->value = kr_switch_value(true);
}

static char *write_scene(const kr_scene *scene) {
    kr_error error;
    char *text;
    kr_scene settings = *scene;
    settings.lesson_count = 0;
    succeed(kr_scene_write(&settings, &text, &error), &error);
    return text;
}

/* The long way: the text of the settings, with the assignment in it. NULL: it is refused. */
static char *resolve_anew(const kr_scene *scene, const char *assignment, kr_error *error) {
    kr_scene made;
    char *text = write_scene(scene), *after = NULL;
    if (kr_scene_parse(&made, scene->registry, "test", scene->directory, text, &assignment, 1, error) == KR_OK) {
        after = write_scene(&made);
        kr_scene_destroy(&made);
    }
    free(text);
    return after;
}

/* What a message says, without where. */
static const char *said(const kr_error *error, const char *label) {
    const char *message = error->message;
    if (!strncmp(message, "--set ", 6)) message += 6;
    size_t length = strlen(label) < 80 ? strlen(label) : 80; /* the scene's own are shortened to that */
    if (!strncmp(message, label, length)) return strstr(message + length, ": ");
    length = strcspn(message, " ");
    return length && message[length - 1] == ':' ? message + length + 1 : message;
}

static bool last_log(const kr_session *session, const char **text) {
    const kr_intervention *log;
    size_t count = kr_session_interventions(session, &log);
    *text = count ? log[count - 1].text : "";
    return count > 0;
}

static void same_set(kr_session *by_value, kr_session *by_text, const char *key, kr_parameter_value value, size_t counts[2]) {
    kr_error error = {.status = KR_OK}, other = {.status = KR_OK}, anew = {.status = KR_OK};
    char *line = kr_scene_setting_text(kr_session_scene(by_value), &(kr_setting){key, value}), text[400];
    assert_non_null(line);
    snprintf(text, sizeof text, "set %s", line);
    char *expected = resolve_anew(kr_session_scene(by_value), line, &anew);
    kr_status status = kr_session_set(by_value, key, value, &error);
    if (kr_session_intervene(by_text, text, &other) != status) fail_msg("%s: %s | %s", text, error.message, other.message);
    /* A value may be right in itself and still make no session: then all three say the same, or the long way has nothing to say. */
    if (status == KR_OK && !expected) fail_msg("%s: accepted, but: %s", text, anew.message);
    counts[status == KR_OK]++;
    if (status == KR_OK) {
        const char *log[2];
        char *after[2] = {write_scene(kr_session_scene(by_value)), write_scene(kr_session_scene(by_text))};
        assert_string_equal(after[0], expected);
        assert_string_equal(after[1], expected);
        assert_true(last_log(by_value, &log[0]) && last_log(by_text, &log[1]));
        assert_string_equal(log[0], text);
        assert_string_equal(log[1], text);
        free(after[0]);
        free(after[1]);
    } else if (!strstr(error.message, "not true")) { /* 'true' in a text */
        assert_string_equal(error.message, other.message);
        if (!expected) assert_string_equal(said(&error, line), said(&anew, line));
    }
    assert_int_equal(kr_session_digest(by_value), kr_session_digest(by_text));
    assert_int_equal(kr_session_version(by_value), kr_session_version(by_text));
    assert_int_equal(kr_session_generation(by_value), kr_session_generation(by_text));
    free(line);
    free(expected);
}

/* Names after which a large number costs time or memory rather than an error. */
static bool costs(const char *name) {
    static const char *const names[] = {"dim", "particles", "burn_in", "steps", "period", "every", "replicas", NULL};
    for (size_t i = 0; names[i]; i++)
        if (!strcmp(name, names[i])) return true;
    return false;
}

static void values_and_texts_do_the_same(void **unused) {
    (void)unused;
    size_t counts[2] = {0, 0};
    for (int s = 0; s < SCENES; s++) {
        kr_session *by_value = make_session(scenes[s]), *by_text = make_session(scenes[s]);
        const kr_registry *registry = kr_session_scene(by_value)->registry;
        for (int i = 0; i < 400; i++) {
            const kr_scene *scene = kr_session_scene(by_value);
            size_t observers = 0;
            while (registry->observers[observers]) observers++;
            size_t observer = draw(observers);
            const struct {
                const char *key;
                const kr_descriptor *about;
                const void *list;
            } section[] = {
                {"landscape", scene->landscape.about, registry->landscapes},
                {"dynamics", scene->dynamics.about, registry->dynamics},
                {"noise", scene->noise.about, registry->noises},
                {"schedule", scene->schedule.about, registry->schedules},
                {"compare.0", scene->compare_count > 0 ? scene->compare[0].own[KR_COMPARED_DYNAMICS].about : scene->dynamics.about,
                 NULL},
                {"compare.1", scene->compare_count > 1 ? scene->compare[1].own[KR_COMPARED_DYNAMICS].about : scene->dynamics.about,
                 registry->dynamics},
                {"schedule.warmup", &kr_warmup_descriptor, NULL},
                {"ensemble", &kr_ensemble_descriptor, NULL},
                {"ensemble.start", &kr_start_descriptor, NULL},
                {"escape", &kr_escape_descriptor, NULL},
                {"escape.until", &kr_target_descriptor, NULL},
                {"escape.until.1", &kr_target_descriptor, NULL},
                {registry->observers[observer]->about.name, &registry->observers[observer]->about, NULL},
                {"trajectory", &kr_trajectory_descriptor, NULL}};
            size_t which = draw(sizeof section / sizeof *section), rows = 0, names = 0;
            char key[100];
            drawn d = {.value = kr_text_value("")};
            if (section[which].list && draw(8) == 0) {
                if (which == 0 && s == GIBBS) continue;
                const kr_descriptor *const *list = section[which].list;
                while (list[names]) names++;
                d.value = kr_text_value(draw(10) ? list[draw(names)]->name : "nonsense");
                snprintf(key, sizeof key, "%s.name", section[which].key);
            } else {
                const kr_parameter *row = section[which].about->parameters;
                while (row[rows].name) rows++;
                if (!rows) continue;
                row += draw(rows);
                draw_value(row, &d);
                if (!strcmp(row->name, "gibbs") && s != GIBBS) continue;
                if (costs(row->name)) d.value = kr_integer_value((int64_t)draw(30) - 1);
                snprintf(key, sizeof key, "%s.%s", section[which].key, draw(40) ? row->name : "nothing");
            }
            same_set(by_value, by_text, key, d.value, counts);
            uint64_t steps = draw(4);
            advance(by_value, steps);
            advance(by_text, steps);
        }
        assert_int_equal(kr_session_digest(by_value), kr_session_digest(by_text));
        assert_same_state(by_value, by_text);
        kr_session_destroy(by_value);
        kr_session_destroy(by_text);
    }
    print_message("%zu accepted, %zu refused\n", counts[1], counts[0]);
    assert_true(counts[1] > 400 && counts[0] > 200);
}

/* Two lists that must be of one length go together, as the control points of a spline do. */
static void several_values_act_together(void **unused) {
    (void)unused;
    kr_error error;
    double x[] = {-2, -1, 0, 1, 2}, energy[] = {3, 0, 1, 0.2, 3};
    const kr_setting both[] = {{"landscape.x", kr_list_value(&(kr_list){x, 5})},
                               {"landscape.energy", kr_list_value(&(kr_list){energy, 5})}};
    kr_session *session =
        make_session("{landscape: {name: spline, x: [-2, -1, 1, 2], energy: [2, 0, 0, 2]}, ensemble: {particles: 20}}");
    assert_int_equal(kr_session_set(session, both[0].key, both[0].value, &error), KR_BAD_ARGUMENT);
    assert_non_null(strstr(error.message, "test: "));
    succeed(kr_session_set_all(session, both, 2, &error), &error);
    const char *log;
    assert_true(last_log(session, &log));
    assert_string_equal(log, "set landscape.x=[-2, -1, 0, 1, 2]\nlandscape.energy=[3, 0, 1, 0.2, 3]");
    assert_int_equal(kr_session_set_all(session, both, 0, &error), KR_BAD_ARGUMENT);
    kr_session_destroy(session);
}

/* A lesson is shown while its steps can be done from the present settings. */
static void the_lesson_stays_while_it_fits(void **unused) {
    (void)unused;
    kr_error error;
    kr_session *session = make_session(scenes[3]);
    assert_int_equal(kr_session_scene(session)->lesson_count, 2);
    succeed(kr_session_set(session, "dynamics.temperature", kr_number_value(0.3), &error), &error);
    assert_int_equal(kr_session_scene(session)->lesson_count, 2);
    succeed(kr_session_set(session, "dynamics.name", kr_text_value("sgd"), &error), &error);
    assert_int_equal(kr_session_scene(session)->lesson_count, 0);
    succeed(kr_session_set(session, "dynamics.name", kr_text_value("sgld"), &error), &error);
    assert_int_equal(kr_session_scene(session)->lesson_count, 2);
    assert_int_equal(kr_session_intervene(session, "set lesson=[{caption: three}]", &error), KR_BAD_ARGUMENT);
    assert_non_null(strstr(error.message, "a lesson is no setting"));
    kr_session_destroy(session);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(values_and_texts_do_the_same),
                                       cmocka_unit_test(several_values_act_together),
                                       cmocka_unit_test(the_lesson_stays_while_it_fits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
