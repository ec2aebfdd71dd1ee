/* Transitions between wells, counted with core sets: a particle belongs to the core it visited last, so that crossing a barrier
 * back and forth without settling is no transition (Vanden-Eijnden and Venturoli 2009; Schuette et al. 2011). At low friction
 * this, and the decay of populations, measure the relaxation rate; a first passage does not. */
#ifndef KRAMERS_TRANSITIONS_H
#define KRAMERS_TRANSITIONS_H

#include <kramers/escape.h>
#include <kramers/observer.h>

enum { KR_TRANSITION_BINS = 64 };

/* Of the samples so far, once end() was called. Matrices are [wells][wells], from the row to the column. */
typedef struct kr_transitions {
    uint64_t samples;
    size_t wells;
    double core_fraction; /* of all samples that were inside some core */
    const uint64_t *count;
    const uint64_t *residence_steps;               /* [wells] particle-steps that belonged to each core */
    const double *residence_time;                  /* [wells] */
    double *rate;                                  /* count / residence time; NAN on the diagonal and for wells never visited */
    kr_interval *rate_ci95;                        /* exact Poisson */
    double rate_relaxation, rate_relaxation_error; /* second eigenvalue of these rates, and its error from the counts */
    /* Slowest relaxation. What the rates say is off by a few percent, as crossings that do not settle count if the cores are large
     * and settling takes time if they are small. The correlation of the states at two times falls as a exp(-rate lag) whatever
     * the cores, and the ratio of two lags is free of a (Swope, Pitera, Suits 2004): rate = ln(m(lag) / m(2 lag)) / lag with m the
     * second eigenvalue of the matrix of transition probabilities. Error by the jackknife over groups of particles. Where the run
     * is too short for that: the eigenvalue of the rates, and lag is NAN. */
    /* Where wells are hot (barriers of a few temperatures, more than two wells) the error has come out too small: on muller_brown
     * at T = 25 runs scattered by several of it around the spectral gap. Compare seeds there. */
    double relaxation_rate, relaxation_rate_error, relaxation_lag;
    kr_interval relaxation_rate_ci95; /* log-normal */

    /* Fraction of the particles in the basin of each minimum, and the rate at which the slowest mode of them decays. */
    size_t rows;
    const uint64_t *step;                /* [rows] */
    const double *time;                  /* [rows] */
    double *population;                  /* [rows][wells] */
    double decay_rate, decay_rate_error; /* least squares; the error by the jackknife over groups of particles; NAN: too short */

    /* Along one coordinate: of the particles seen in a bin since they left their last core, how many came to which core next. */
    size_t coordinate, bins;
    double low, high;
    const uint64_t *next; /* [bins][wells] */
    double *bin_position; /* [bins] mean of the coordinate; NAN: nobody seen */
    double *committor;    /* [bins] probability of the core with the higher minimum number; NAN unless there are two */
    kr_interval *committor_ci95;
    double *committor_exact; /* [bins] at bin_position, continuous time, overdamped, one dimension; NAN elsewhere */
} kr_transitions;

/* temperature sets the cores. step_deviation: of the noise of one step where the dynamics is overdamped with additive noise at a
 * constant learning rate, so that an exact committor is known; NAN elsewhere. */
kr_status kr_transitions_create(kr_observer **observer, const kr_transitions_settings *settings, const kr_landscape *landscape,
                                uint64_t particles, double temperature, double step_deviation, kr_error *error);
const kr_transitions *kr_transitions_result(const kr_observer *observer);

/* Slowest relaxation of a matrix of rates (off the diagonal; NAN stands for 0). variance: of each rate. mode[wells]: the right
 * eigenvector. error NAN when the wells do not communicate; the rate is then 0, and NAN with less than two wells. */
kr_status kr_relaxation(size_t wells, const double *rate, const double *variance, double *relaxation, double *standard_error,
                        double *mode, kr_error *error);

/* Least squares of value = c + a exp(-rate time) over the rows with time >= from; NAN without a minimum inside
 * [guess / 20, 20 guess]. */
double kr_decay_fit(size_t rows, const double *time, const double *value, double from, double guess);

#endif
