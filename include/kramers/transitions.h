/* Transitions between wells, the observer `transitions`: counted with core sets: a particle belongs to the core it visited last, so
 * that crossing a barrier back and forth without settling is no transition (Vanden-Eijnden and Venturoli 2009; Schuette et al.
 * 2011). At low friction this, and the decay of populations, measure the relaxation rate; a first passage does not. */
#ifndef KRAMERS_TRANSITIONS_H
#define KRAMERS_TRANSITIONS_H

#include <kramers/escape.h>
#include <kramers/result_row.h>

typedef struct kr_observer kr_observer; /* observer.h */

enum { KR_CORE_ENERGY, KR_CORE_RADIUS };

typedef struct kr_transitions_settings {
    int64_t every;      /* 0: not counted */
    int64_t discard;    /* steps before the first sample */
    int core;           /* what bounds the core of a well */
    double margin;      /* of the energy below the barrier, in temperatures */
    double radius;      /* about the minimum */
    int64_t coordinate; /* of the committor histogram */
    int64_t bins;
} kr_transitions_settings;

KR_BEGIN_DECLARATIONS

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
     * and settling takes time if they are small, and by more if the samples are too sparse to see every visit. The probabilities P
     * of being in basin j a lag after being in basin i need no cores and lose nothing between samples: their second eigenvalue m
     * falls as a exp(-rate lag), and the ratio of two lags from the same beginnings is free of a: rate = ln(m(lag) / m(2 lag)) /
     * lag. It holds from any start, in equilibrium or not, at any number of steps between samples. Error by the jackknife over
     * groups of particles.
     *
     * What it needs: a run of a few relaxation times, or many particles; at least 8 of them; looks several times in a relaxation
     * time; and other modes, inside the wells and between further ones, that are several times faster than the slowest. The shorter
     * lag is 0.15 to 0.3 of the relaxation time, as the rates above guess it. On muller_brown at T = 25, where the next mode is 7
     * times faster, 0.0006 of the rate is left of it. With a velocity the energy inside a well must be forgotten too, which takes 1
     * / friction: then the lag is at least 3 times that, or 0.3 to 0.6 relaxation times where that is less, and in hot wells at low
     * friction error bars are up to twice as wide. The rate is that of the steps: compare it with spectral_gap_steps, as the gap in
     * continuous time differs by a part of the order of learning rate x curvature. Where the run is too short: the eigenvalue of
     * the rates, and lag is NAN. */
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
    double *bin_position; /* [bins] mean of the coordinate; NAN: no particle seen */
    double *committor;    /* [bins] probability of the core with the higher minimum number; NAN unless there are two */
    kr_interval *committor_ci95;
    double *committor_minima; /* [bins] the same between the minima themselves instead of the cores: 0 at one, 1 at the other */
    double *committor_exact;  /* [bins] at bin_position, continuous time, overdamped, one dimension; NAN elsewhere */
} kr_transitions;

/* Of the observer `transitions`, once end() was called; NULL: NULL. */
KR_API const kr_transitions *kr_transitions_result(const kr_observer *observer);

/* Slowest relaxation of a matrix of rates (off the diagonal; NAN stands for 0). variance: of each rate. mode[wells]: the right
 * eigenvector. error NAN when the wells do not communicate; the rate is then 0, and NAN with less than two wells. */
KR_API kr_status kr_relaxation(size_t wells, const double *rate, const double *variance, double *relaxation, double *standard_error,
                               double *mode, kr_error *error);

/* Least squares of value = c + a exp(-rate time) over the rows with time >= from; NAN without a minimum inside
 * [guess / 20, 20 guess]. */
KR_API double kr_decay_fit(size_t rows, const double *time, const double *value, double from, double guess);

KR_END_DECLARATIONS

extern const kr_result_row kr_transitions_rows[]; /* of a kr_transitions */

#endif
