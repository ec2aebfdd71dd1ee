/* What snapshots of an ensemble say: positions of all particles at successive steps of one run. Losses and basins along each
 * particle's path, barriers between its neighbouring snapshots, and what ensembles of its last snapshots predict.
 *
 *     kr_snapshot_results_create(&results, &set, &error);
 *     kr_snapshot_paths(&set, &results, &error);
 *     kr_snapshot_ensembles(&set, &results, &error);
 *     kr_snapshot_results_destroy(&results);
 *
 * All are numbers of one particle (or of one group of particles) first, then means over them with intervals: sums run in the order
 * of the particles, and threads cannot be seen. */
#ifndef KR_SNAPSHOT_RESULTS_H
#define KR_SNAPSHOT_RESULTS_H

#include <kramers/interval.h>
#include <kramers/landscape.h>
#include <kramers/result_row.h>

enum { KR_MOST_MEMBERS = 32, KR_BARRIER_POINTS = 21 };

/* Of an ensemble's predictions on the test data. Gains are positive where it is the better one: over its last member alone, of the
 * same particle, or of each of the group's particles on average. */
enum { KR_ACCURACY, KR_LOG_LOSS, KR_ACCURACY_GAIN, KR_LOG_LOSS_GAIN, KR_SCORES };

/* Lists: of each snapshot; of each pair of neighbours; of each number of members m = 1, 2, ...; of each particle. */
enum {
    KR_SNAPSHOT_TRAIN_LOSS,
    KR_SNAPSHOT_TEST_LOSS,
    KR_SNAPSHOT_TEST_ACCURACY,
    KR_SNAPSHOT_BARRIER,
    KR_SNAPSHOT_DISTANCE,
    KR_SNAPSHOT_DISAGREEMENT,
    KR_SNAPSHOT_DISTINCT,                                       /* one number: basins that a particle's snapshots lie in */
    KR_SNAPSHOT_ENSEMBLE,                                       /* mean probability of the last m snapshots */
    KR_SNAPSHOT_AVERAGE = KR_SNAPSHOT_ENSEMBLE + KR_SCORES,     /* the network at the mean of their parameters */
    KR_SNAPSHOT_INDEPENDENT = KR_SNAPSHOT_AVERAGE + KR_SCORES,  /* m particles, each after 1/m of the steps */
    KR_SNAPSHOT_SEPARATE = KR_SNAPSHOT_INDEPENDENT + KR_SCORES, /* m particles, each after all of them */
    KR_SNAPSHOT_LISTS = KR_SNAPSHOT_SEPARATE + KR_SCORES
};

typedef struct kr_snapshot_set {
    const kr_landscape *landscape;
    size_t count;                  /* snapshots, in the order of their steps */
    const double *const *position; /* [count], each [dim][stride] */
    const uint64_t *step;
    size_t stride;
    const size_t *particle; /* [particles] which ones are looked at: finite in all snapshots */
    size_t particles;
    int threads;
} kr_snapshot_set;

typedef struct kr_snapshot_list {
    size_t length;     /* 0: nothing was measured */
    double *number;    /* [length][particles]; NAN: not of this one */
    double *mean;      /* [length] */
    kr_interval *ci95; /* [length] of the mean */
} kr_snapshot_list;

typedef struct kr_snapshot_results {
    uint64_t particles, snapshots;
    uint64_t *step; /* [snapshots] */
    size_t members; /* the most of an ensemble */
    kr_snapshot_list list[KR_SNAPSHOT_LISTS];
    double *independent_step; /* [members] which snapshot stands for 1/m of the steps; NAN: none is near */
    size_t wells;
    double *population; /* [snapshots][wells] shares of the particles; NULL: there are no basins */
} kr_snapshot_results;

/* For this set. Destroy also after a failure. */
kr_status kr_snapshot_results_create(kr_snapshot_results *results, const kr_snapshot_set *set, kr_error *error);
void kr_snapshot_results_destroy(kr_snapshot_results *results);
/* Makes the list one of this length, with NAN. */
kr_status kr_snapshot_list_begin(kr_snapshot_results *results, int list, size_t length, kr_error *error);
/* Means and intervals from the numbers. */
void kr_snapshot_list_end(kr_snapshot_results *results, int list);

kr_status kr_snapshot_paths(const kr_snapshot_set *set, kr_snapshot_results *results, kr_error *error);
/* Nothing, where the landscape predicts no classes or has no test data. */
kr_status kr_snapshot_ensembles(const kr_snapshot_set *set, kr_snapshot_results *results, kr_error *error);

/* x[dim][n]: of these particles (numbers in the ensemble) at this snapshot. */
void kr_snapshot_gather(const kr_snapshot_set *set, size_t snapshot, const size_t *particle, size_t n, double *x);

#endif
