/* Autocorrelation at lags that grow like powers of two, without averaging anything together: level j looks at every 2^j-th sample
 * and keeps the last KR_CORRELATOR_SLOTS of them, so that memory and time grow like the logarithm of the longest lag, and each lag
 * has the covariance of samples that are exactly so far apart. (Averages over coarse levels, as in Ramirez et al. 2010, J. Chem.
 * Phys. 133, 154103, need less memory and are biased.) */
#ifndef KR_CORRELATOR_H
#define KR_CORRELATOR_H

#include <kramers/status.h>

#include <stddef.h>
#include <stdint.h>

/* Level 0 has the lags 0 .. SLOTS - 1, every further one SLOTS / 2 .. SLOTS - 1 times 2^j. */
enum { KR_CORRELATOR_SLOTS = 32, KR_CORRELATOR_LEVELS = 44 };

/* Lags in samples up to `longest`, or the first beyond; both fill in what is asked for and may be asked for the rest alone. */
typedef struct kr_lags {
    size_t levels, count;                   /* of lags */
    size_t first[KR_CORRELATOR_LEVELS + 1]; /* number of each level's first lag; then count */
} kr_lags;

kr_lags kr_lags_up_to(uint64_t longest);
/* Lag number k: its level, and its length in samples of that level (times 2^level in samples). */
size_t kr_lag_level(const kr_lags *lags, size_t k);
uint64_t kr_lag_slots(const kr_lags *lags, size_t k);
uint64_t kr_lag_samples(const kr_lags *lags, size_t k);

/* What is summed over pairs of samples at one lag. */
enum { KR_PAIR_COUNT, KR_PAIR_EARLIER, KR_PAIR_LATER, KR_PAIR_PRODUCT, KR_PAIR_SUMS };

/* sums: [lags][KR_PAIR_SUMS], about an origin of the caller's. Correlations [lags], NAN where there are no pairs. */
void kr_correlations(const kr_lags *lags, const double *sums, double *correlation);

typedef struct kr_integrated_time {
    double samples; /* 1/2 + sum over all lags of the correlation, up to the window; NAN: the lags do not reach far enough */
    size_t window;  /* number of the lag at which it ends: the first that is not shorter than six times the result (Sokal 1989) */
} kr_integrated_time;

/* Between lags that are further apart than one sample the correlation is taken as a straight line. */
kr_integrated_time kr_integrated_time_of(const kr_lags *lags, const double *correlation);

typedef struct kr_correlator_result {
    double variance;
    double integrated, integrated_error; /* in samples; NAN: unknown */
    double window;                       /* in samples */
    double independent;                  /* how many independent samples are worth as much */
} kr_correlator_result;

/* sums: [groups][lags][KR_PAIR_SUMS] of at most KR_MOST_GROUPS groups; correlation and its standard errors: [lags]. Errors are
 * those of the scatter of eight groups or more, by the jackknife; with fewer that of the integrated time is the one of a long
 * series. */
kr_status kr_correlator_conclude(const kr_lags *lags, size_t groups, const double *sums, double *correlation,
                                 double *correlation_error, kr_correlator_result *result, kr_error *error);

#endif
