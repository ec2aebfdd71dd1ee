/* Result rows of transitions. */
#include <kramers/transitions.h>

#include <stddef.h>

static bool count(const void *source, kr_value *value) {
    const kr_transitions *t = source;
    return kr_value_list(value, t->count, t->wells, t->wells);
}

static bool residence_steps(const void *source, kr_value *value) {
    const kr_transitions *t = source;
    return kr_value_list(value, t->residence_steps, t->wells, 0);
}

static bool residence_time(const void *source, kr_value *value) {
    const kr_transitions *t = source;
    return kr_value_list(value, t->residence_time, t->wells, 0);
}

static bool rate(const void *source, kr_value *value) {
    const kr_transitions *t = source;
    return kr_value_list(value, t->rate, t->wells, t->wells);
}

static bool rate_ci95(const void *source, kr_value *value) {
    const kr_transitions *t = source;
    return kr_value_list(value, t->rate_ci95, t->wells, t->wells);
}

static bool population_step(const void *source, kr_value *value) {
    const kr_transitions *t = source;
    return kr_value_list(value, t->step, t->rows, 0);
}

static bool population_time(const void *source, kr_value *value) {
    const kr_transitions *t = source;
    return kr_value_list(value, t->time, t->rows, 0);
}

static bool population(const void *source, kr_value *value) {
    const kr_transitions *t = source;
    return kr_value_list(value, t->population, t->rows, t->wells);
}

static bool committor_coordinate(const void *source, kr_value *value) {
    const kr_transitions *t = source;
    return t->bins && kr_value_count(value, t->coordinate);
}

static bool bin_position(const void *source, kr_value *value) {
    const kr_transitions *t = source;
    return t->bins && kr_value_list(value, t->bin_position, t->bins, 0);
}

static bool next_core(const void *source, kr_value *value) {
    const kr_transitions *t = source;
    return t->bins && kr_value_list(value, t->next, t->bins, t->wells);
}

static bool committor(const void *source, kr_value *value) {
    const kr_transitions *t = source;
    return t->bins && t->wells == 2 && kr_value_list(value, t->committor, t->bins, 0);
}

static bool committor_ci95(const void *source, kr_value *value) {
    const kr_transitions *t = source;
    return t->bins && t->wells == 2 && kr_value_list(value, t->committor_ci95, t->bins, 0);
}

static bool committor_exact(const void *source, kr_value *value) {
    const kr_transitions *t = source;
    return t->bins && t->wells == 2 && kr_value_list(value, t->committor_exact, t->bins, 0);
}

static bool committor_minima(const void *source, kr_value *value) {
    const kr_transitions *t = source;
    return t->bins && t->wells == 2 && kr_value_list(value, t->committor_minima, t->bins, 0);
}

#define WHY_ERROR_SAYS_IT "its line has the standard error"

const kr_result_row kr_transitions_rows[] = {
    KR_ROW("transitions.samples", COUNT, 0, NULL, "samples taken, each of the whole ensemble", KR_BY("samples"),
           KR_AT("transitions/samples"), KR_AT("transitions_samples"), .offset = offsetof(kr_transitions, samples)),
    KR_ROW("transitions.core_fraction", NUMBER, 0, NULL, "fraction of the samples that were inside some core",
           KR_BY("of them in a core"), KR_AT("transitions/core_fraction"), KR_AT("core_fraction"),
           .offset = offsetof(kr_transitions, core_fraction)),
    KR_ROW("transitions.count", COUNT, 2, NULL, "transitions from the core of the row to that of the column", KR_BY("count"),
           KR_AT("transitions/count"), KR_NOT(KR_WHY_LIST), .get = count),
    KR_ROW("transitions.residence_steps", COUNT, 1, "steps", "particle-steps that belonged to each core",
           KR_NOT("the time in the well says it"), KR_AT("transitions/residence_steps"), KR_NOT(KR_WHY_LIST),
           .get = residence_steps),
    KR_ROW("transitions.residence_time", NUMBER, 1, "time", "time that belonged to each core", KR_BY("time in well"),
           KR_AT("transitions/residence_time"), KR_NOT(KR_WHY_LIST), .get = residence_time),
    KR_ROW("transitions.rate", NUMBER, 2, "1/time", "transitions for each unit of time in the core of the row", KR_BY("rate"),
           KR_AT("transitions/rate"), KR_NOT(KR_WHY_LIST), .get = rate),
    KR_ROW("transitions.rate_ci95", INTERVAL, 2, "1/time", "exact Poisson intervals of these rates", KR_BY("95 %"),
           KR_AT("transitions/rate_ci95"), KR_NOT(KR_WHY_LIST), .get = rate_ci95),
    KR_ROW("transitions.relaxation_rate", NUMBER, 0, "1/time", "rate of the slowest relaxation between wells",
           KR_WITH("relaxation rate", KR_OR_UNKNOWN), KR_AT("transitions/relaxation_rate"), KR_AT("relaxation_rate"),
           .offset = offsetof(kr_transitions, relaxation_rate)),
    KR_ROW("transitions.relaxation_rate_error", NUMBER, 0, "1/time", "its standard error", KR_BY("+-"),
           KR_AT("transitions/relaxation_rate_error"), KR_AT("relaxation_rate_error"),
           .offset = offsetof(kr_transitions, relaxation_rate_error)),
    KR_ROW("transitions.relaxation_rate_ci95", INTERVAL, 0, "1/time", "its interval, log-normal", KR_NOT(WHY_ERROR_SAYS_IT),
           KR_AT("transitions/relaxation_rate_ci95"), KR_AT("relaxation_rate"),
           .offset = offsetof(kr_transitions, relaxation_rate_ci95)),
    KR_ROW("transitions.relaxation_lag", NUMBER, 0, "time",
           "the shorter of the two lags that it was taken from; none: it is rate_relaxation",
           KR_NOT("where there is none, one line less says so"), KR_AT("transitions/relaxation_lag"), KR_AT("relaxation_lag"),
           .offset = offsetof(kr_transitions, relaxation_lag)),
    KR_ROW("transitions.rate_relaxation", NUMBER, 0, "1/time", "second eigenvalue of the matrix of rates",
           KR_WITH("  from these rates alone", KR_UNLESS_SAME), KR_AT("transitions/rate_relaxation"), KR_AT("rate_relaxation"),
           .offset = offsetof(kr_transitions, rate_relaxation)),
    KR_ROW("transitions.rate_relaxation_error", NUMBER, 0, "1/time", "its standard error", KR_BY("+-"),
           KR_AT("transitions/rate_relaxation_error"), KR_AT("rate_relaxation_error"),
           .offset = offsetof(kr_transitions, rate_relaxation_error)),
    KR_ROW("transitions.populations.step", COUNT, 1, "steps", "steps of the samples of the populations", KR_NOT(KR_WHY_LONG),
           KR_AT("transitions/population_step"), KR_NOT(KR_WHY_LIST), .get = population_step),
    KR_ROW("transitions.populations.time", NUMBER, 1, "time", "times of the samples of the populations", KR_NOT(KR_WHY_LONG),
           KR_AT("transitions/population_time"), KR_NOT(KR_WHY_LIST), .get = population_time),
    KR_ROW("transitions.populations.fraction", NUMBER, 2, NULL,
           "fraction of the particles in the basin of each minimum, for each sample", KR_NOT(KR_WHY_LONG),
           KR_AT("transitions/population"), KR_NOT(KR_WHY_LIST), .get = population),
    KR_ROW("transitions.populations.decay_rate", NUMBER, 0, "1/time", "rate at which the slowest mode of the populations decays",
           KR_AT("decay of the populations"), KR_AT("transitions/decay_rate"), KR_AT("decay_rate"),
           .offset = offsetof(kr_transitions, decay_rate)),
    KR_ROW("transitions.populations.decay_rate_error", NUMBER, 0, "1/time", "its standard error", KR_BY("+-"),
           KR_AT("transitions/decay_rate_error"), KR_AT("decay_rate_error"), .offset = offsetof(kr_transitions, decay_rate_error)),
    KR_ROW("transitions.committor.coordinate", COUNT, 0, NULL, "coordinate along which the committor is taken", KR_NOT(KR_WHY_LONG),
           KR_AT("transitions/committor/coordinate"), KR_NOT("the scene says it"), .get = committor_coordinate),
    KR_ROW("transitions.committor.position", NUMBER, 1, "length", "mean of the coordinate in each bin", KR_BY("committor"),
           KR_AT("transitions/committor/position"), KR_NOT(KR_WHY_LIST), .get = bin_position),
    KR_ROW("transitions.committor.next", COUNT, 2, NULL, "particles of each bin that came to each core next", KR_NOT(KR_WHY_LONG),
           KR_AT("transitions/committor/next"), KR_NOT(KR_WHY_LIST), .get = next_core),
    KR_ROW("transitions.committor.measured", NUMBER, 1, NULL, "fraction of them that came to the core of minimum 1",
           KR_BY("committor"), KR_AT("transitions/committor/measured"), KR_NOT(KR_WHY_LIST), .get = committor),
    KR_ROW("transitions.committor.measured_ci95", INTERVAL, 1, NULL, "its exact binomial intervals", KR_BY("committor"),
           KR_AT("transitions/committor/measured_ci95"), KR_NOT(KR_WHY_LIST), .get = committor_ci95),
    KR_ROW("transitions.committor.minima", NUMBER, 1, NULL, "the exact one between the minima themselves instead of the cores",
           KR_BY("committor"), KR_AT("transitions/committor/minima"), KR_NOT(KR_WHY_LIST), .get = committor_minima),
    KR_ROW("transitions.committor.exact", NUMBER, 1, NULL, "the same in continuous time without inertia", KR_BY("committor"),
           KR_AT("transitions/committor/exact"), KR_NOT(KR_WHY_LIST), .get = committor_exact),
    KR_RESULT_END};
