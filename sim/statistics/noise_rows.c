#include "noise_rows.h"

#include <math.h>

static bool interval_of(const kr_interval *interval, kr_value *value) {
    return isfinite(interval->low) && kr_value_interval(value, *interval);
}

static bool covariance_trace_ci95(const void *source, kr_value *value) {
    return interval_of(&((const kr_gradient_noise *)source)->covariance.ci95, value);
}

static bool hessian_trace_ci95(const void *source, kr_value *value) {
    return interval_of(&((const kr_gradient_noise *)source)->laplacian.ci95, value);
}

static bool covariance_trace_quantiles(const void *source, kr_value *value) {
    const double *quantile = ((const kr_gradient_noise *)source)->covariance.quantile;
    return isfinite(quantile[0]) && kr_value_list(value, quantile, KR_LOOK_QUANTILES, 0);
}

#define INTERVAL(name_, which_)                                                                                                    \
    static bool name_##_ci95(const void *source, kr_value *value) {                                                                \
        return interval_of(&((const kr_gradient_noise *)source)->estimate[which_].ci95, value);                                    \
    }
INTERVAL(alignment, KR_NOISE_ALIGNMENT)
INTERVAL(anisotropy, KR_NOISE_ANISOTROPY)
INTERVAL(tail_index, KR_NOISE_TAIL_INDEX)
INTERVAL(temperature, KR_NOISE_TEMPERATURE)
INTERVAL(temperature_weighted, KR_NOISE_TEMPERATURE_WEIGHTED)
INTERVAL(temperature_measured, KR_NOISE_TEMPERATURE_MEASURED)

static bool series_step(const void *source, kr_value *value) {
    const kr_series *series = &((const kr_gradient_noise *)source)->record.series;
    return series->count && kr_value_list(value, series->step, series->count, 0);
}

#define SERIES(name_, which_)                                                                                                      \
    static bool series_##name_(const void *source, kr_value *value) {                                                              \
        const kr_series *series = &((const kr_gradient_noise *)source)->record.series;                                             \
        return series->count && kr_value_list(value, series->number[which_], series->count, 0);                                    \
    }
SERIES(covariance_trace, 0)
SERIES(alignment, 1)
SERIES(tail_index, 2)
SERIES(temperature, 3)
SERIES(temperature_weighted, 4)
SERIES(temperature_measured, 5)

#define WHY_NO_DETAIL "the page has the mean with its interval; JSON and files have more"
/* The place in a report comes last: it may have a comma. */
#define ROW(name_, kind_, rank_, unit_, doc_, sweep_, place_, ...)                                                                 \
    {                                                                                                                              \
        .name = "gradient_noise." #name_, .kind = KR_VALUE_##kind_, .rank = rank_, .unit = unit_, .doc = doc_,                     \
        .hdf5 = KR_AT("gradient_noise/" #name_), .sweep = sweep_, place_, .terminal = __VA_ARGS__                                  \
    }
#define FROM(member_) .offset = offsetof(kr_gradient_noise, member_)
#define ESTIMATE(name_, which_, unit_, doc_, label_)                                                                               \
    ROW(name_, NUMBER, 0, unit_, doc_, KR_AT("gradient_noise_" #name_), FROM(estimate[which_].value), KR_AT(label_)),              \
        ROW(name_##_ci95, INTERVAL, 0, unit_, "95 % interval of this number, over the particles",                                  \
            KR_AT("gradient_noise_" #name_ "_ci95"), .get = name_##_ci95, KR_BY(label_))
#define SERIES_ROW(name_, unit_, doc_)                                                                                             \
    ROW(series_##name_, NUMBER, 1, unit_, doc_, KR_NOT(KR_WHY_LIST), .get = series_##name_, KR_NOT(KR_WHY_LONG))

const kr_result_row kr_gradient_noise_rows[] = {
    ROW(samples, COUNT, 0, NULL, "looks at the cadence", KR_AT("gradient_noise_samples"), FROM(record.samples),
        KR_NOT(WHY_NO_DETAIL)),
    ROW(particles, COUNT, 0, NULL, "particles that were looked at, the first ones, without those that have stopped",
        KR_AT("gradient_noise_particles"), FROM(particles), KR_AT("particles")),
    ROW(data, COUNT, 0, NULL, "data whose gradients each of them has met", KR_AT("gradient_noise_data"), FROM(data),
        KR_AT("data of each")),
    ROW(data_in_all, COUNT, 0, NULL, "training data that there are", KR_AT("gradient_noise_data_in_all"), FROM(data_in_all),
        KR_NOT(WHY_NO_DETAIL)),
    ROW(covariance_trace, NUMBER, 0, "energy^2/length^2",
        "trace of the covariance C of the gradients of single data, over all of them, mean over the particles",
        KR_AT("gradient_noise_covariance_trace"), FROM(covariance.mean), KR_AT("trace of the covariance")),
    ROW(covariance_trace_ci95, INTERVAL, 0, "energy^2/length^2", "95 % interval of this mean",
        KR_AT("gradient_noise_covariance_trace_ci95"), .get = covariance_trace_ci95, KR_BY("trace of the covariance")),
    ROW(covariance_trace_quantiles, NUMBER, 1, "energy^2/length^2",
        "quantiles over the particles, at 0.05, 0.25, 0.5, 0.75 and 0.95", KR_NOT(KR_WHY_LIST), .get = covariance_trace_quantiles,
        KR_AT("  5, 25, 50, 75, 95 %")),
    ROW(hessian_trace, NUMBER, 0, "curvature", "trace of the Hessian H, weight decay included, mean over the particles",
        KR_AT("gradient_noise_hessian_trace"), FROM(laplacian.mean), KR_AT("trace of the Hessian")),
    ROW(hessian_trace_ci95, INTERVAL, 0, "curvature", "95 % interval of this mean", KR_AT("gradient_noise_hessian_trace_ci95"),
        .get = hessian_trace_ci95, KR_BY("trace of the Hessian")),
    ESTIMATE(alignment, KR_NOISE_ALIGNMENT, NULL,
             "cosine between covariance and Hessian, Tr C H / (|C| |H|), |A|^2 = Tr A A, from means over the particles",
             "alignment with the Hessian"),
    ESTIMATE(anisotropy, KR_NOISE_ANISOTROPY, NULL,
             "noise along curved directions over that of isotropic noise, d Tr C H / (Tr C Tr H) (Zhu et al. 2019)",
             "noise where it is curved"),
    ESTIMATE(tail_index, KR_NOISE_TAIL_INDEX, NULL,
             "tail index of projections of single gradients, as if of a stable law: 2 where tails are as light as normal ones",
             "tail index"),
    ESTIMATE(temperature, KR_NOISE_TEMPERATURE, "energy",
             "temperature that the run's noise amounts to at this learning rate, mean over coordinates and particles",
             "temperature of the noise"),
    ESTIMATE(temperature_weighted, KR_NOISE_TEMPERATURE_WEIGHTED, "energy",
             "the same of minibatches, weighted by the curvature, which is what a configurational thermometer shows at small steps",
             "  weighted by the curvature"),
    ESTIMATE(temperature_measured, KR_NOISE_TEMPERATURE_MEASURED, "energy",
             "configurational temperature of these particles: mean square of the gradient over the mean trace of the Hessian",
             "  measured"),
    ROW(why, TEXT, 0, NULL, "why a temperature is not known", KR_NOT("a column of a sweep is a number"), FROM(why),
        KR_NOT(WHY_NO_DETAIL)),
    ROW(series_step, COUNT, 1, "steps", "steps of up to 256 samples, evenly spread over the run", KR_NOT(KR_WHY_LIST),
        .get = series_step, KR_NOT(KR_WHY_LONG)),
    SERIES_ROW(covariance_trace, "energy^2/length^2", "trace of the covariance at these"),
    SERIES_ROW(alignment, NULL, "alignment at these"),
    SERIES_ROW(tail_index, NULL, "tail index at these"),
    SERIES_ROW(temperature, "energy", "temperature of the noise at these"),
    SERIES_ROW(temperature_weighted, "energy", "temperature weighted by the curvature at these"),
    SERIES_ROW(temperature_measured, "energy", "configurational temperature at these"),
    KR_RESULT_END};
