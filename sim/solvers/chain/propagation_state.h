/* The inside of propagation.h, shared by propagation*.c. */
#ifndef KR_PROPAGATION_STATE_H
#define KR_PROPAGATION_STATE_H

#include "chain.h"
#include "engine/kernels.h"
#include "initial_distribution.h"
#include "numerics/chain_powers.h"
#include "propagation.h"
#include "quasi_stationary.h"
#include "solvers/problem/problem_at_step.h"

enum { KR_PROPAGATION_LEVELS = 64 };
static const double KR_PROPAGATION_RATIO = 1.4; /* from level to level */

/* Nodes for steps of one scale, which is the learning rate or, where numbers change with the step, the standard deviation of the
 * noise: from scale to KR_PROPAGATION_RATIO * scale. */
typedef struct kr_propagation_grid {
    kr_problem_1d line;
    kr_chain chain;
    double *weight;   /* [n] of quadrature */
    double *slope;    /* [n] V' */
    double *variance; /* [n] of the gradient noise */
    bool made;
} kr_propagation_grid;

typedef struct kr_propagation {
    const kr_problem *problem;
    const kr_kernels *kernels;
    kr_prediction *out;
    kr_problem_at_step present; /* the problem as it is at a step */
    bool refused;               /* a step's numbers do not fit together */
    uint64_t hot_step;          /* of the widest noise, and its line; where there is a moment */
    kr_problem_1d hot;
    double highest, lowest; /* scales */
    double left, right;     /* cuts */
    double width;           /* of panels in units of the noise */
    int finest;             /* level beyond which nodes get no finer */
    kr_propagation_grid level[KR_PROPAGATION_LEVELS];
    int at;              /* level on which the density lives; -1: all are about to depart */
    double *mass, *next; /* probabilities at the nodes; with departing, sum 1 */
    double departing;    /* probability to depart in the next step */
    kr_initial_distribution initial;
    double *initial_slope, *initial_variance; /* [initial.count] */
    double *row;                              /* [nodes of a panel] */
    double log_survival, lost, defect, work;
    double hazard, lost_part; /* of the last stride: parts of those still there that arrived and that passed a cut */
    uint64_t last;            /* step of the last row */
    kr_quasi_stationary quasi_stationary;
    kr_chain_powers powers;
    uint64_t same_from, same_until; /* steps [from, until) have one learning rate; empty: not looked yet */
} kr_propagation;

/* One step, or several small ones taken together: drift and the two kinds of noise add up. */
typedef struct kr_propagation_stride {
    double rate, squares, thermal;
} kr_propagation_stride;

/* ---- propagation_step.c ---- */

/* Frees all sets of nodes. */
void kr_propagation_forget(kr_propagation *p);
/* The level whose nodes are for this scale. */
int kr_propagation_level(const kr_propagation *p, double scale);
/* The finest level whose nodes are not too many; steps with less noise than its learning rate gives are taken together. false:
 * refused. */
bool kr_propagation_find_finest(kr_propagation *p);
/* Steps from *step on up to last, or all at the rate of step 0, taken together while the sum of their learning rates stays below
 * that of the finest level. */
kr_propagation_stride kr_propagation_gather(const kr_propagation *p, uint64_t *step, uint64_t last, bool burning_in);
/* From the nodes of now to those of level. false: refused. */
bool kr_propagation_advance(kr_propagation *p, const kr_propagation_stride *stride, int level, bool burning_in);
/* Where each node's particles go in one step at this rate: matrix[n][n], and the parts [n] that arrive and that pass a cut. */
void kr_propagation_rows(kr_propagation *p, double rate, double *matrix, double *arrived, double *lost);

/* ---- propagation_moment.c: the problem of a step, whose numbers may change ---- */

/* Variance of the gradient noise alone, which enters a step as eta^2 sigma^2. */
void kr_propagation_noise(const kr_problem_1d *line, size_t n, const double *x, double *variance);
/* false: refused. */
bool kr_propagation_begin_driven(kr_propagation *p);
/* now becomes the problem of this step. false: refused. */
bool kr_propagation_set(kr_propagation *p, uint64_t step);
double kr_propagation_scale(kr_propagation *p, uint64_t step);
/* The widest noise of the steps before last. false: refused. */
bool kr_propagation_find_hottest(kr_propagation *p, uint64_t last);
kr_propagation_stride kr_propagation_gather_driven(kr_propagation *p, uint64_t *step, bool burning_in);

/* ---- propagation_chunk.c: a learning rate that stays ---- */

/* How many steps from this one on were propagated at once; 0: the next is to be taken alone. last: the end of the row. */
uint64_t kr_propagation_chunk(kr_propagation *p, uint64_t step, uint64_t last, bool burning_in);
/* After a stride from step `before` to `after`; was: the nodes' level before it. */
void kr_propagation_watch(kr_propagation *p, uint64_t before, uint64_t after, uint64_t last, int was, bool burning_in);

#endif
