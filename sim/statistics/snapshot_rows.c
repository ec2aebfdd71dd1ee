/* Rows of the observer `snapshots`. */
#include "snapshot_rows.h"

#include <math.h>

static bool has_list(const kr_snapshot_results *r, int list) {
    return r->list[list].length && r->list[list].mean;
}

/* Of the list: means, and their intervals. */
#define LIST(name_, list_)                                                                                                         \
    static bool name_(const void *source, kr_value *value) {                                                                       \
        const kr_snapshot_results *r = source;                                                                                     \
        return has_list(r, list_) && kr_value_list(value, r->list[list_].mean, r->list[list_].length, 0);                          \
    }                                                                                                                              \
    static bool name_##_ci95(const void *source, kr_value *value) {                                                                \
        const kr_snapshot_results *r = source;                                                                                     \
        return has_list(r, list_) && kr_value_list(value, r->list[list_].ci95, r->list[list_].length, 0);                          \
    }
#define SCORES(name_, kind_)                                                                                                       \
    LIST(name_##_accuracy, kind_ + KR_ACCURACY)                                                                                    \
    LIST(name_##_log_loss, kind_ + KR_LOG_LOSS)                                                                                    \
    LIST(name_##_accuracy_gain, kind_ + KR_ACCURACY_GAIN)                                                                          \
    LIST(name_##_log_loss_gain, kind_ + KR_LOG_LOSS_GAIN)

LIST(train_loss, KR_SNAPSHOT_TRAIN_LOSS)
LIST(test_loss, KR_SNAPSHOT_TEST_LOSS)
LIST(test_accuracy, KR_SNAPSHOT_TEST_ACCURACY)
LIST(barrier, KR_SNAPSHOT_BARRIER)
LIST(distance, KR_SNAPSHOT_DISTANCE)
LIST(disagreement, KR_SNAPSHOT_DISAGREEMENT)
SCORES(ensemble, KR_SNAPSHOT_ENSEMBLE)
SCORES(average, KR_SNAPSHOT_AVERAGE)
SCORES(independent, KR_SNAPSHOT_INDEPENDENT)
SCORES(separate, KR_SNAPSHOT_SEPARATE)

static bool distinct_basins(const void *source, kr_value *value) {
    const kr_snapshot_results *r = source;
    return has_list(r, KR_SNAPSHOT_DISTINCT) && kr_value_number(value, r->list[KR_SNAPSHOT_DISTINCT].mean[0]);
}

static bool distinct_basins_ci95(const void *source, kr_value *value) {
    const kr_snapshot_results *r = source;
    return has_list(r, KR_SNAPSHOT_DISTINCT) && isfinite(r->list[KR_SNAPSHOT_DISTINCT].ci95[0].low) &&
           kr_value_interval(value, r->list[KR_SNAPSHOT_DISTINCT].ci95[0]);
}

static bool population(const void *source, kr_value *value) {
    const kr_snapshot_results *r = source;
    return kr_value_list(value, r->population, r->snapshots, r->wells);
}

static bool step(const void *source, kr_value *value) {
    const kr_snapshot_results *r = source;
    return r->snapshots && kr_value_list(value, r->step, r->snapshots, 0);
}

static bool independent_step(const void *source, kr_value *value) {
    const kr_snapshot_results *r = source;
    return has_list(r, KR_SNAPSHOT_ENSEMBLE) && kr_value_list(value, r->independent_step, r->members, 0);
}

#define WHY_NO_DETAIL "JSON and files have it"
/* The place in a report comes last: it may have a comma. */
#define ROW(name_, kind_, rank_, unit_, doc_, sweep_, get_, ...)                                                                   \
    {                                                                                                                              \
        .name = "snapshots." #name_, .kind = KR_VALUE_##kind_, .rank = rank_, .unit = unit_, .doc = doc_,                          \
        .hdf5 = KR_AT("snapshots/" #name_), .sweep = sweep_, get_, .terminal = __VA_ARGS__                                         \
    }
#define LIST_ROWS(name_, unit_, doc_, ...)                                                                                         \
    ROW(name_, NUMBER, 1, unit_, doc_, KR_NOT(KR_WHY_LIST), .get = name_, __VA_ARGS__),                                            \
        ROW(name_##_ci95, INTERVAL, 1, unit_, "95 % intervals of these means", KR_NOT(KR_WHY_LIST), .get = name_##_ci95,           \
            KR_NOT(WHY_NO_DETAIL))
#define SCORE_ROWS(name_, of_, label_)                                                                                             \
    LIST_ROWS(name_##_accuracy, NULL, "share of the test data that is predicted rightly by " of_ ", m = 1, 2, ...",                \
              KR_AT(label_ ": accuracy")),                                                                                         \
        LIST_ROWS(name_##_log_loss, NULL, "mean of -ln of the probability given to the right class by " of_ ", m = 1, 2, ...",     \
                  KR_AT(label_ ": log loss")),                                                                                     \
        LIST_ROWS(name_##_accuracy_gain, NULL, "by how much its accuracy is above that of the last snapshot alone, paired",        \
                  KR_NOT(WHY_NO_DETAIL)),                                                                                          \
        LIST_ROWS(name_##_log_loss_gain, NULL, "by how much its log loss is below that of the last snapshot alone, paired",        \
                  KR_NOT(WHY_NO_DETAIL))

const kr_result_row kr_snapshot_rows[] = {
    ROW(count, COUNT, 0, NULL, "snapshots taken", KR_AT("snapshots_count"), .offset = offsetof(kr_snapshot_results, snapshots),
        KR_AT("snapshots")),
    ROW(particles, COUNT, 0, NULL, "particles that were looked at: of the first, those finite in all snapshots",
        KR_AT("snapshots_particles"), .offset = offsetof(kr_snapshot_results, particles), KR_AT("particles looked at")),
    ROW(step, COUNT, 1, "steps", "steps done at each snapshot", KR_NOT(KR_WHY_LIST), .get = step, KR_AT("steps")),
    LIST_ROWS(train_loss, "energy",
              "loss of the training data at each snapshot, without weight decay; of landscapes without data, V",
              KR_AT("training loss")),
    LIST_ROWS(test_loss, "energy", "loss of the test data at each snapshot", KR_AT("test loss")),
    LIST_ROWS(test_accuracy, NULL, "share of the test data that is predicted rightly at each snapshot", KR_AT("test accuracy")),
    ROW(distinct_basins, NUMBER, 0, NULL, "basins that the snapshots of a particle lie in, mean over the particles",
        KR_AT("snapshots_distinct_basins"), .get = distinct_basins, KR_AT("distinct basins")),
    ROW(distinct_basins_ci95, INTERVAL, 0, NULL, "95 % interval of this mean", KR_AT("snapshots_distinct_basins_ci95"),
        .get = distinct_basins_ci95, KR_BY("distinct basins")),
    ROW(population, NUMBER, 2, NULL, "share of the particles in the basin of each minimum, at each snapshot", KR_NOT(KR_WHY_LIST),
        .get = population, KR_NOT(KR_WHY_LONG)),
    LIST_ROWS(barrier, "energy",
              "between neighbouring snapshots: the most of the training loss above the line between its ends, at 21 points of the "
              "straight line",
              KR_AT("barrier between neighbours")),
    LIST_ROWS(distance, "length", "distance of neighbouring snapshots", KR_AT("distance of neighbours")),
    LIST_ROWS(disagreement, NULL, "share of the test data that neighbouring snapshots put into different classes",
              KR_AT("disagreement of neighbours")),
    SCORE_ROWS(ensemble, "the mean probability of the last m snapshots", "last m snapshots"),
    SCORE_ROWS(average, "the network at the mean of the last m snapshots' parameters", "averaged weights"),
    ROW(independent_step, NUMBER, 1, "steps", "the snapshot that stands for 1/m of the steps, within a twentieth of it",
        KR_NOT(KR_WHY_LIST), .get = independent_step, KR_NOT(WHY_NO_DETAIL)),
    SCORE_ROWS(independent, "the mean probability of m particles after 1/m of the steps each", "m others, steps/m"),
    SCORE_ROWS(separate, "the mean probability of m particles after all steps each", "m others, in full"),
    KR_RESULT_END};
