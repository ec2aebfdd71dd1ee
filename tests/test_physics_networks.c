/* What the shipped scenes of small networks measure, with 95 % intervals over at least 1000 networks for each setting (of sharpness
 * and gradient noise, and of settings that are there to be run often: 64): tests/results_networks_*.csv. Runs are the same bits
 * everywhere, so each row must be found again, to one unit of its last printed digit. A part of the settings is run: those marked
 * `quick`; all of them with KRAMERS_TEST_ALL=1. What is claimed of the numbers is asserted of the committed rows, all of them.
 * After a deliberate change KRAMERS_WRITE_RESULTS=1 writes them anew. */
#include "plugin_setup.h"
#include "result_rows.h"
#include "sanitized.h"

#include <kramers/run.h>

#define HEADER "setting,quantity,index,seed,networks,value,low,high"

enum { MOST_SETTINGS = 24, MOST_QUANTITIES = 16, MOST_CHANGES = 8, TEXT = 256 };

typedef struct quantity {
    const char *name; /* of a result row; the interval is NAME_ci95 */
    size_t count;     /* its numbers; 0: one, no list */
} quantity;

typedef struct setting {
    const char *changes; /* of the shipped scene, as --set takes them, divided by blanks */
    bool quick;
} setting;

typedef struct table {
    const char *scene, *file;
    setting setting[MOST_SETTINGS];
    quantity quantity[MOST_QUANTITIES]; /* ends with a name NULL */
} table;

static const table digits_network = {"digits_network",
                                     "results_networks_digits.csv",
                                     {{"schedule.lr=0.5 ensemble.particles=1024", true},
                                      {"schedule.lr=0.1 ensemble.particles=1024", false},
                                      {"schedule.lr=0.2 ensemble.particles=1024", false},
                                      {"schedule.lr=1 ensemble.particles=1024", false}},
                                     {{"evaluate.train_loss", 0},
                                      {"evaluate.test_loss", 0},
                                      {"evaluate.test_accuracy", 0},
                                      {"sharpness.largest", 0},
                                      {"sharpness.trace", 0},
                                      {"sharpness.lr_times_largest", 0},
                                      {"gradient_noise.covariance_trace", 0},
                                      {"gradient_noise.temperature", 0},
                                      {"gradient_noise.temperature_weighted", 0},
                                      {"gradient_noise.temperature_measured", 0}}};

static const table snapshot_ensemble = {"snapshot_ensemble",
                                        "results_networks_snapshots.csv",
                                        {{"schedule.lr=0.5", false},
                                         {"schedule.lr=1", false},
                                         {"schedule.lr=1.5", false},
                                         {"schedule.lr=1 schedule.period=1500", false},
                                         {"schedule.lr=1 schedule.period=1500 ensemble.particles=64", true}},
                                        {{"snapshots.test_accuracy", 10},
                                         {"snapshots.barrier", 9},
                                         {"snapshots.distance", 9},
                                         {"snapshots.disagreement", 9},
                                         {"snapshots.ensemble_accuracy", 10},
                                         {"snapshots.ensemble_log_loss", 10},
                                         {"snapshots.ensemble_accuracy_gain", 10},
                                         {"snapshots.ensemble_log_loss_gain", 10},
                                         {"snapshots.average_accuracy_gain", 10},
                                         {"snapshots.average_log_loss_gain", 10},
                                         {"snapshots.independent_accuracy_gain", 10},
                                         {"snapshots.independent_log_loss_gain", 10}}};

#define DEEP(layers, quick)                                                                                                        \
    {"landscape.hidden=" layers " landscape.residual=false schedule.lr=0.1", quick},                                               \
        {"landscape.hidden=" layers " landscape.residual=true schedule.lr=0.1", quick},                                            \
        {"landscape.hidden=" layers " landscape.residual=false schedule.lr=0.4", false}, {                                         \
        "landscape.hidden=" layers " landscape.residual=true schedule.lr=0.4", false                                               \
    }
#define TWO "8,8"
#define FOUR TWO "," TWO
#define EIGHT FOUR "," FOUR

static const table residual_depth = {
    "residual_depth",
    "results_networks_depth.csv",
    {DEEP("[8]", false), DEEP("[" TWO "]", true), DEEP("[" FOUR "]", false), DEEP("[" EIGHT "]", false),
     DEEP("[" EIGHT "," EIGHT "]", false)},
    {{"evaluate.train_loss", 0}, {"evaluate.train_accuracy", 0}, {"evaluate.test_loss", 0}, {"evaluate.test_accuracy", 0}}};

#define TICKET(fraction, by, quick)                                                                                                \
    { "phases.ticket.prune.fraction=" fraction " phases.ticket.prune.by=" by, quick }

/* After each phase, on the data of each: [dense][dense], [dense][ticket], [ticket][dense], [ticket][ticket]. */
static const table lottery_ticket = {
    "lottery_ticket",
    "results_networks_tickets.csv",
    {TICKET("0.5", "magnitude", false), TICKET("0.5", "random", false), TICKET("0.8", "magnitude", false),
     TICKET("0.8", "random", false), TICKET("0.9", "magnitude", false), TICKET("0.9", "random", false),
     TICKET("0.95", "magnitude", false), TICKET("0.95", "random", false),
     TICKET("0.9", "magnitude phases.ticket.rewind.step=100", false),
     TICKET("0.9", "magnitude phases.ticket.rewind.step=500", false), TICKET("0.9", "magnitude ensemble.particles=64", true)},
    {{"phase_tasks.train_loss", 4}, {"phase_tasks.test_loss", 4}, {"phase_tasks.test_accuracy", 4}}};

#define RATE(name, lr)                                                                                                             \
    { "schedule.name=" name " schedule.lr=" lr, false }

static const table continual_digits = {
    "continual_digits",
    "results_networks_continual.csv",
    {{"schedule.name=cosine schedule.lr=0.5", true},
     RATE("cosine", "0.02"),
     RATE("cosine", "0.05"),
     RATE("cosine", "0.1"),
     RATE("cosine", "0.2"),
     RATE("constant", "0.02"),
     RATE("constant", "0.05"),
     RATE("constant", "0.1"),
     RATE("constant", "0.2"),
     RATE("constant", "0.5")},
    {{"phase_tasks.train_loss", 4}, {"phase_tasks.test_loss", 4}, {"phase_tasks.test_accuracy", 4}}};

/* ---- measuring ---- */

typedef struct measured {
    kr_scene scene;
    kr_run *run;
    kr_result_part part[KR_MAX_PARTS];
    size_t parts;
} measured;

static void measure(measured *m, const table *t, const setting *s, size_t number) {
    kr_error error;
    kr_run_options options = {.threads = 0};
    char copy[TEXT], seed[40];
    const char *changes[MOST_CHANGES];
    size_t count = 0;
    assert_true(snprintf(copy, sizeof copy, "%s", s->changes) < TEXT);
    snprintf(seed, sizeof seed, "ensemble.seed=%zu", number + 1);
    changes[count++] = seed;
    changes[count++] = "trajectory.every=0";
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " ")) {
        assert_true(count < MOST_CHANGES);
        changes[count++] = word;
    }
    *m = (measured){0};
    require(kr_scene_load(&m->scene, best_registry(), t->scene, changes, count, &error), &error);
    require(kr_run_create(&m->run, &m->scene, &options, &error), &error);
    while (!kr_run_finished(m->run)) require(kr_run_advance(m->run, &error), &error);
    const kr_result *result = kr_run_result(m->run);
    assert_int_equal(result->diverged, 0);
    m->parts = kr_result_parts(m->scene.registry, result, m->part);
}

static void finish(measured *m) {
    kr_run_destroy(m->run);
    kr_scene_destroy(&m->scene);
}

static bool get(const measured *m, const char *name, kr_value *value) {
    const void *source;
    const kr_result_row *row = kr_result_find(m->part, m->parts, name, &source);
    if (!row) fail_msg("there is no row %s", name);
    return kr_result_get(row, source, value);
}

static size_t count_of(const quantity *q) {
    return q->count ? q->count : 1;
}

/* NAN where a list is shorter in this setting, or has no such number. */
static double number_at(const measured *m, const quantity *q, size_t i, kr_interval *interval) {
    char name[TEXT];
    kr_value value;
    snprintf(name, sizeof name, "%s_ci95", q->name);
    *interval = (kr_interval){NAN, NAN};
    if (!get(m, q->name, &value)) return NAN;
    if (q->count && i >= value.size[0] * (value.size[1] ? value.size[1] : 1)) return NAN;
    double number = ((const double *)value.data)[i];
    if (get(m, name, &value)) *interval = ((const kr_interval *)value.data)[i];
    return number;
}

/* Empty where there is no number. */
static void add_number(char *row, double value) {
    size_t length = strlen(row);
    snprintf(row + length, RESULT_ROW - length, isfinite(value) ? ",%.6g" : ",", value);
}

static void compare_quantity(const result_rows *rows, const measured *m, const setting *s, const quantity *q, size_t seed) {
    for (size_t i = 0; i < count_of(q); i++) {
        char row[RESULT_ROW];
        kr_interval interval;
        if (m) {
            double value = number_at(m, q, i, &interval);
            snprintf(row, sizeof row, "\"%s\",%s,%zu,%zu,%lld", s->changes, q->name, i, seed,
                     (long long)kr_scene_ensemble(&m->scene)->particles);
            add_number(row, value);
            add_number(row, interval.low);
            add_number(row, interval.high);
            strcat(row, "\n");
        }
        result_rows_next(rows, m ? row : NULL);
    }
}

/* The rows of every setting; of those that are not run, all are passed over. */
static void compare(const table *t) {
    result_rows rows = {.name = t->file, .exact = 5, .relative = 1e-9};
    result_rows_open(&rows, true, HEADER);
    for (size_t s = 0; s < MOST_SETTINGS && t->setting[s].changes; s++) {
        measured m;
        bool runs = !SANITIZED && (t->setting[s].quick || !is_sampled());
        if (runs) measure(&m, t, &t->setting[s], s);
        for (const quantity *q = t->quantity; q < t->quantity + MOST_QUANTITIES && q->name; q++)
            compare_quantity(&rows, runs ? &m : NULL, &t->setting[s], q, s + 1);
        if (runs) finish(&m);
    }
    result_rows_close(&rows);
}

/* ---- what was found ---- */

typedef struct found {
    double value, low, high;
} found;

/* One committed row. */
static found row_of(const table *t, const char *changes, const char *quantity_name, size_t index) {
    char path[512], row[RESULT_ROW], begin[RESULT_ROW];
    found f;
    snprintf(path, sizeof path, "%s/tests/%s", KR_SOURCE_DIRECTORY, t->file);
    int length = snprintf(begin, sizeof begin, "\"%s\",%s,%zu,", changes, quantity_name, index);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    bool there = false;
    while (!there && fgets(row, sizeof row, file))
        there = !strncmp(row, begin, (size_t)length) && sscanf(row + length, "%*u,%*u,%lf,%lf,%lf", &f.value, &f.low, &f.high) == 3;
    fclose(file);
    if (!there) fail_msg("%s has no row %s", t->file, begin);
    return f;
}

static void digits_are_read(void **state) {
    (void)state;
    compare(&digits_network);
    assert_true(row_of(&digits_network, "schedule.lr=0.5 ensemble.particles=1024", "evaluate.test_accuracy", 0).low > 0.85);
}

/* Snapshots of a run at the rate of the scene lie in one valley, and gain less together than two or five networks that share the
 * same steps. Of ten such networks, which have few steps each, the gain of accuracy is about that of ten snapshots (the intervals
 * overlap), that of log loss still larger. */
static void snapshots_gain_less_than_networks_of_their_own(void **state) {
    (void)state;
    const char *changes = "schedule.lr=1", *accuracy = "snapshots.ensemble_accuracy_gain",
               *loss = "snapshots.ensemble_log_loss_gain";
    compare(&snapshot_ensemble);
    for (size_t i = 0; i < 9; i++) assert_true(row_of(&snapshot_ensemble, changes, "snapshots.barrier", i).high < 1e-3);
    found ten = row_of(&snapshot_ensemble, changes, accuracy, 9), log_loss = row_of(&snapshot_ensemble, changes, loss, 9);
    assert_true(ten.low > 0.001 && ten.high < 0.0025 && log_loss.low > 0.09 && log_loss.high < 0.11);
    static const size_t shared[] = {1, 4}; /* two networks, five */
    for (size_t i = 0; i < 2; i++) {
        assert_true(row_of(&snapshot_ensemble, changes, "snapshots.independent_accuracy_gain", shared[i]).low > 3 * ten.high);
        assert_true(row_of(&snapshot_ensemble, changes, "snapshots.independent_log_loss_gain", shared[i]).low > log_loss.high);
    }
    assert_true(row_of(&snapshot_ensemble, changes, "snapshots.independent_accuracy_gain", 9).low < ten.high);
    assert_true(row_of(&snapshot_ensemble, changes, "snapshots.independent_log_loss_gain", 9).low > log_loss.high);
}

/* Index of a task after a phase, in a matrix of two phases. */
enum { FIRST_AFTER_FIRST = 0, FIRST_AFTER_SECOND = 2, SECOND_AFTER_SECOND = 3 };

/* At each sparsity a ticket reads better than as many weights chosen at random; with half of the weights it is within 0.002 of the
 * whole network. Where tickets of a tenth are put back to, to step 0, 100 or 500, makes no difference beyond that. */
static void tickets_are_better_than_chance(void **state) {
    (void)state;
    static const char *const fraction[] = {"0.5", "0.8", "0.9", "0.95"};
    char ticket[TEXT], chance[TEXT];
    compare(&lottery_ticket);
    for (size_t f = 0; f < 4; f++) {
        snprintf(ticket, sizeof ticket, "phases.ticket.prune.fraction=%s phases.ticket.prune.by=magnitude", fraction[f]);
        snprintf(chance, sizeof chance, "phases.ticket.prune.fraction=%s phases.ticket.prune.by=random", fraction[f]);
        found of_ticket = row_of(&lottery_ticket, ticket, "phase_tasks.test_accuracy", SECOND_AFTER_SECOND);
        found whole = row_of(&lottery_ticket, ticket, "phase_tasks.test_accuracy", FIRST_AFTER_FIRST);
        assert_true(of_ticket.low > row_of(&lottery_ticket, chance, "phase_tasks.test_accuracy", SECOND_AFTER_SECOND).high);
        assert_true(f ? of_ticket.high < whole.low : fabs(of_ticket.value - whole.value) < 0.002);
    }
    static const char *const late[] = {"100", "500"};
    double from_start = row_of(&lottery_ticket, "phases.ticket.prune.fraction=0.9 phases.ticket.prune.by=magnitude",
                               "phase_tasks.test_accuracy", SECOND_AFTER_SECOND)
                            .value;
    for (size_t k = 0; k < 2; k++) {
        snprintf(ticket, sizeof ticket,
                 "phases.ticket.prune.fraction=0.9 phases.ticket.prune.by=magnitude phases.ticket.rewind.step=%s", late[k]);
        assert_true(fabs(row_of(&lottery_ticket, ticket, "phase_tasks.test_accuracy", SECOND_AFTER_SECOND).value - from_start) <
                    0.002);
    }
}

/* Between two points of one schedule, what is left of the first task at this accuracy on the second, by a straight line. */
static double left_at(const char *name, const char *slower, const char *faster, double learned) {
    char changes[2][TEXT];
    found old[2], new[2];
    for (int k = 0; k < 2; k++) {
        snprintf(changes[k], sizeof changes[k], "schedule.name=%s schedule.lr=%s", name, k ? faster : slower);
        old[k] = row_of(&continual_digits, changes[k], "phase_tasks.test_accuracy", FIRST_AFTER_SECOND);
        new[k] = row_of(&continual_digits, changes[k], "phase_tasks.test_accuracy", SECOND_AFTER_SECOND);
    }
    assert_true(new[0].value < learned &&learned < new[1].value);
    return old[0].value + (old[1].value - old[0].value) * (learned - new[0].value) / (new[1].value - new[0].value);
}

/* The second task is learned and the first is lost: what a larger rate learns more, it forgets more, annealed or not. The schedules
 * are on one curve, within 0.01, up to 84 % of the second task; at 0.907 the annealed one keeps less. */
static void first_tasks_are_lost(void **state) {
    (void)state;
    static const char *const name[] = {"cosine", "constant"}, *const rate[] = {"0.02", "0.05", "0.1", "0.2", "0.5"};
    compare(&continual_digits);
    for (size_t n = 0; n < 2; n++)
        for (size_t i = 0; i < 5; i++) {
            char changes[2][TEXT];
            for (size_t k = 0; k < 2; k++)
                snprintf(changes[k], sizeof changes[k], "schedule.name=%s schedule.lr=%s", name[n], rate[i + (k && i < 4)]);
            found before = row_of(&continual_digits, changes[0], "phase_tasks.test_accuracy", FIRST_AFTER_FIRST);
            found left = row_of(&continual_digits, changes[0], "phase_tasks.test_accuracy", FIRST_AFTER_SECOND);
            found learned = row_of(&continual_digits, changes[0], "phase_tasks.test_accuracy", SECOND_AFTER_SECOND);
            assert_true(before.low > 0.85 && left.high < 0.5);
            if (i == 4) break;
            assert_true(row_of(&continual_digits, changes[1], "phase_tasks.test_accuracy", FIRST_AFTER_SECOND).high < left.low);
            assert_true(row_of(&continual_digits, changes[1], "phase_tasks.test_accuracy", SECOND_AFTER_SECOND).low > learned.high);
        }
    static const char *const between[][3] = {{"0.05", "0.05", "0.1"}, {"0.1", "0.1", "0.2"}, {"0.2", "0.2", "0.5"}};
    for (size_t k = 0; k < 3; k++) {
        char changes[TEXT];
        snprintf(changes, sizeof changes, "schedule.name=constant schedule.lr=%s", between[k][0]);
        double learned = row_of(&continual_digits, changes, "phase_tasks.test_accuracy", SECOND_AFTER_SECOND).value;
        double left = row_of(&continual_digits, changes, "phase_tasks.test_accuracy", FIRST_AFTER_SECOND).value;
        double more = left - left_at("cosine", between[k][1], between[k][2], learned);
        assert_true(k < 2 ? fabs(more) < 0.01 : more > 0.01);
    }
}

static found accuracy_of(const char *layers, const char *residual, const char *rate) {
    char changes[TEXT];
    snprintf(changes, sizeof changes, "landscape.hidden=[%s] landscape.residual=%s schedule.lr=%s", layers, residual, rate);
    return row_of(&residual_depth, changes, "evaluate.test_accuracy", 0);
}

/* Sixteen layers learn with the shortcut at the smaller rate, as well as one, and less than two thirds at the larger; without it at
 * neither. Two layers learn both ways at the larger rate. */
static void shortcuts_let_deep_networks_learn(void **state) {
    (void)state;
    const char *deep = EIGHT "," EIGHT;
    compare(&residual_depth);
    assert_true(accuracy_of(deep, "false", "0.1").high < 0.15 && accuracy_of(deep, "false", "0.4").high < 0.15);
    assert_true(accuracy_of(deep, "true", "0.1").low > accuracy_of("8", "true", "0.1").high);
    assert_true(accuracy_of("8", "true", "0.1").low > 0.85 && accuracy_of(deep, "true", "0.4").high < 0.6);
    assert_true(accuracy_of(TWO, "false", "0.4").low > 0.85 && accuracy_of(TWO, "true", "0.4").low > 0.85);
}

/* The name of a test, or a pattern: only that. */
int main(int count, char **word) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(digits_are_read),
                                       cmocka_unit_test(snapshots_gain_less_than_networks_of_their_own),
                                       cmocka_unit_test(shortcuts_let_deep_networks_learn),
                                       cmocka_unit_test(tickets_are_better_than_chance), cmocka_unit_test(first_tasks_are_lost)};
    if (count > 1) cmocka_set_test_filter(word[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
