/* The slowest relaxation from the basins of all particles at the beginning, the middle and the end of windows of time.
 *
 * With chi_j(x) = 1 in basin j and 0 elsewhere, the probabilities
 *
 *     P_ij(t) = P(in basin j a time t after being seen in basin i) = sum over modes k of A_ik exp(-rate_k t) B_kj
 *
 * hold for any Markov dynamics, whatever the distribution at the looks (it is in A alone), if what is asked at the end depends on
 * nothing but the end. The core visited last does not qualify: between sparse looks it remembers what was before the window, and
 * the rate comes out too small. Once fast modes have died the second eigenvalue m of P falls as a constant times exp(-rate t), and
 * the ratio of P over half the window to P over all of it is free of the constant, provided that both begin at the same looks:
 *
 *     rate = ln(m(lag) / m(2 lag)) / lag.
 *
 * Of reversible dynamics in equilibrium the error from fast modes has one sign: the rate comes out too large (Djurdjevac, Sarich,
 * Schuette 2012, Multiscale Model. Simul. 10, 61). Windows from a start out of equilibrium: Nueske et al. 2017, J. Chem. Phys. 146,
 * 094104. */
#ifndef KR_TIME_WINDOWS_H
#define KR_TIME_WINDOWS_H

#include "engine/kernels.h"

/* Lags are 1, 2, 4, ... looks. Where a particle was two lags and one lag ago are two bytes: the basin, plus 1. */
enum { KR_WINDOW_LAGS = 24 };

/* Everything that a resumed run needs is in the caller's words. */
typedef struct kr_windows {
    const kr_census_kernels *kernels;
    size_t wells, groups; /* groups of particles, whose scatter is the error */
    size_t stride;        /* particles, with room between those of different lags */
    uint64_t *pair;       /* [KR_WINDOW_LAGS][groups][middle, end][wells][wells] from the row to the column */
    uint8_t *before;      /* [KR_WINDOW_LAGS][from, middle][stride] */
} kr_windows;

typedef struct kr_window_rate {
    double rate, error, lag; /* error: by the jackknife over groups; lag NAN: the run is too short, there are too few groups, or too
                                few transitions */
} kr_window_rate;

size_t kr_windows_pairs(const kr_windows *windows);

/* Particles first .. first + count - 1, all of this group. now[count]: basin plus 1; 0: none, or the particle is no more. sample
 * counts from 0. Nobody else may count in the same group meanwhile. */
void kr_windows_count(kr_windows *windows, uint64_t sample, size_t group, size_t first, size_t count, const uint8_t *now);

/* How long to wait for faster modes to die, at least this fraction of the relaxation time 1 / rate: a few times the memory of the
 * energy, 1 / friction (0: overdamped), but no more than 0.3 of the relaxation time, as a longer wait costs more in statistics than
 * it gains. It depends on the rate only, which no noise in the windows can choose. */
double kr_forgetting_time(double rate, double memory, double least);
extern const double kr_shortest_lag; /* the least for windows */

/* The lag is the first power of two looks that is not shorter than shortest, or what the run has room for. looks: so many were
 * counted, this time apart. work: [wells (2 wells + 1)] */
kr_window_rate kr_windows_rate(const kr_windows *windows, uint64_t looks, double spacing, double shortest, double *work);

/* The standard error of a mean-like quantity from its values without each group (Miller 1974). */
double kr_jackknife(size_t groups, const double *each);

#endif
