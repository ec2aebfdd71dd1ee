#include "sharpness_rows.h"

#include <math.h>

#define GETTERS(name_, which_)                                                                                                     \
    static bool name_##_ci95(const void *source, kr_value *value) {                                                                \
        const kr_interval *interval = &((const kr_sharpness *)source)->of[which_].ci95;                                            \
        return isfinite(interval->low) && kr_value_interval(value, *interval);                                                     \
    }                                                                                                                              \
    static bool name_##_quantiles(const void *source, kr_value *value) {                                                           \
        const double *quantile = ((const kr_sharpness *)source)->of[which_].quantile;                                              \
        return isfinite(quantile[0]) && kr_value_list(value, quantile, KR_LOOK_QUANTILES, 0);                                      \
    }
GETTERS(largest, KR_LOOK_LARGEST)
GETTERS(smallest, KR_LOOK_SMALLEST)
GETTERS(trace, KR_LOOK_TRACE)
GETTERS(rise, KR_LOOK_RISE)
GETTERS(lr_times_largest, KR_LOOK_STABILITY)
GETTERS(nonuniformity, KR_LOOK_NONUNIFORMITY)
GETTERS(mean_square_growth, KR_LOOK_GROWTH)

static bool series_step(const void *source, kr_value *value) {
    const kr_series *series = &((const kr_sharpness *)source)->record.series;
    return series->count && kr_value_list(value, series->step, series->count, 0);
}

#define SERIES(name_, which_)                                                                                                      \
    static bool series_##name_(const void *source, kr_value *value) {                                                              \
        const kr_series *series = &((const kr_sharpness *)source)->record.series;                                                  \
        return series->count && kr_value_list(value, series->number[which_], series->count, 0);                                    \
    }
SERIES(largest, KR_SERIES_LARGEST)
SERIES(smallest, KR_SERIES_SMALLEST)
SERIES(trace, KR_SERIES_TRACE)
SERIES(rise, KR_SERIES_RISE)
SERIES(lr_times_largest, KR_SERIES_STABILITY)
SERIES(stability_limit, KR_SERIES_LIMIT)

#define WHY_NO_DETAIL "the page has the mean with its interval; JSON and files have more"
/* The place in a report comes last: it may have a comma. */
#define ROW(name_, kind_, rank_, unit_, doc_, sweep_, place_, ...)                                                                 \
    {                                                                                                                              \
        .name = "sharpness." #name_, .kind = KR_VALUE_##kind_, .rank = rank_, .unit = unit_, .doc = doc_,                          \
        .hdf5 = KR_AT("sharpness/" #name_), .sweep = sweep_, place_, .terminal = __VA_ARGS__                                       \
    }
#define FROM(member_) .offset = offsetof(kr_sharpness, member_)
#define ROWS(name_, which_, unit_, doc_, label_, ...)                                                                              \
    ROW(name_, NUMBER, 0, unit_, doc_ ", mean over the particles", KR_AT("sharpness_" #name_), FROM(of[which_].mean),              \
        KR_AT(label_)),                                                                                                            \
        ROW(name_##_ci95, INTERVAL, 0, unit_, "95 % interval of this mean", KR_AT("sharpness_" #name_ "_ci95"),                    \
            .get = name_##_ci95, KR_BY(label_)),                                                                                   \
        ROW(name_##_deviation, NUMBER, 0, unit_, "standard deviation over the particles", KR_AT("sharpness_" #name_ "_deviation"), \
            FROM(of[which_].deviation), KR_NOT(WHY_NO_DETAIL)),                                                                    \
        ROW(name_##_quantiles, NUMBER, 1, unit_, "quantiles over the particles, at 0.05, 0.25, 0.5, 0.75 and 0.95",                \
            KR_NOT(KR_WHY_LIST), .get = name_##_quantiles, __VA_ARGS__)
#define SERIES_ROW(name_, unit_, doc_)                                                                                             \
    ROW(series_##name_, NUMBER, 1, unit_, doc_, KR_NOT(KR_WHY_LIST), .get = series_##name_, KR_NOT(KR_WHY_LONG))

const kr_result_row kr_sharpness_rows[] = {
    ROW(samples, COUNT, 0, NULL, "looks at the cadence", KR_AT("sharpness_samples"), FROM(record.samples), KR_NOT(WHY_NO_DETAIL)),
    ROW(particles, COUNT, 0, NULL, "particles that were looked at, the first ones, without those that have stopped",
        KR_AT("sharpness_particles"), FROM(particles), KR_AT("particles")),
    ROWS(largest, KR_LOOK_LARGEST, "curvature", "largest eigenvalue of the Hessian, weight decay included", "largest curvature",
         KR_AT("  5, 25, 50, 75, 95 %")),
    ROWS(smallest, KR_LOOK_SMALLEST, "curvature", "smallest eigenvalue of the Hessian", "smallest curvature",
         KR_NOT(WHY_NO_DETAIL)),
    ROW(whole, SWITCH, 0, NULL, "Hessians are known whole; otherwise Lanczos' method and random probes", KR_NOT(WHY_NO_DETAIL),
        FROM(whole), KR_NOT(WHY_NO_DETAIL)),
    ROW(residual, NUMBER, 0, "curvature",
        "within this of each of these eigenvalues there is one of that Hessian: the largest residual", KR_AT("sharpness_residual"),
        FROM(residual), KR_NOT(WHY_NO_DETAIL)),
    ROW(unconverged, COUNT, 0, NULL, "particles whose residual is above the tolerance", KR_AT("sharpness_unconverged"),
        FROM(unconverged), KR_WITH("not converged", KR_UNLESS_ZERO)),
    ROWS(trace, KR_LOOK_TRACE, "curvature", "trace of the Hessian", "trace", KR_NOT(WHY_NO_DETAIL)),
    ROW(trace_error, NUMBER, 0, "curvature", "standard error of the trace of one particle, root of the mean square; 0: exact",
        KR_AT("sharpness_trace_error"), FROM(trace_error), KR_WITH("  error of one particle's", KR_UNLESS_ZERO)),
    ROWS(rise, KR_LOOK_RISE, "energy", "mean rise of the loss at a distance of radius in random directions", "rise at the radius",
         KR_NOT(WHY_NO_DETAIL)),
    ROW(radius, NUMBER, 0, "length", "this distance", KR_NOT(KR_WHY_RECOMPUTED), FROM(radius), KR_AT("  radius")),
    ROWS(lr_times_largest, KR_LOOK_STABILITY, NULL,
         "learning rate x largest curvature, over what adaptive dynamics divide gradients by", "lr x largest curvature",
         KR_NOT(WHY_NO_DETAIL)),
    ROW(stability_limit, NUMBER, 0, NULL, "what it must stay below for the mean to be stable", KR_AT("sharpness_stability_limit"),
        FROM(stability_limit), KR_AT("  stable below")),
    ROW(beyond_stability, NUMBER, 0, NULL, "share of the particles beyond this limit", KR_AT("sharpness_beyond_stability"),
        FROM(beyond_stability), KR_AT("  share beyond it")),
    ROWS(mean_square_growth, KR_LOOK_GROWTH, NULL,
         "factor of the mean square distance in a step with minibatches, along the largest curvature: stable up to 1",
         "growth of the mean square", KR_NOT(WHY_NO_DETAIL)),
    ROWS(nonuniformity, KR_LOOK_NONUNIFORMITY, "curvature",
         "standard deviation over the data of their Hessian along the largest curvature", "nonuniformity", KR_NOT(WHY_NO_DETAIL)),
    ROW(why, TEXT, 0, NULL, "why a limit or a growth is not known", KR_NOT("a column of a sweep is a number"), FROM(why),
        KR_NOT(WHY_NO_DETAIL)),
    ROW(series_step, COUNT, 1, "steps", "steps of up to 256 samples, evenly spread over the run", KR_NOT(KR_WHY_LIST),
        .get = series_step, KR_NOT(KR_WHY_LONG)),
    SERIES_ROW(largest, "curvature", "mean largest eigenvalue at these"),
    SERIES_ROW(smallest, "curvature", "mean smallest eigenvalue at these"),
    SERIES_ROW(trace, "curvature", "mean trace at these"),
    SERIES_ROW(rise, "energy", "mean rise of the loss at these"),
    SERIES_ROW(lr_times_largest, NULL, "mean of learning rate x largest eigenvalue at these"),
    SERIES_ROW(stability_limit, NULL, "its limit at these"),
    KR_RESULT_END};
