/* When the density of a chain at a constant learning rate is quasi-stationary: the start is forgotten, the density of particles
 * that have not arrived keeps its shape, and their number falls by the same factor in every step, the leading eigenvalue of the
 * chain that ends at its target. From there on steps need not be propagated one by one. */
#ifndef KR_QUASI_STATIONARY_H
#define KR_QUASI_STATIONARY_H

#include <stdbool.h>
#include <stdint.h>

typedef struct kr_quasi_stationary {
    double rate;      /* learning rate of the steps that are watched */
    uint64_t steps;   /* of one stride */
    double hazard;    /* part of those still there that arrives in a stride */
    double lost;      /* part that passes a cut */
    double spread;    /* relative, of the hazards that were taken for equal */
    bool reached;     /* then hazard, lost and spread hold from here on, as long as the rate stays */
    uint64_t strides; /* watched */
    uint64_t next;    /* stride of the next test */
    uint64_t calm;    /* since when the density has been the same to rounding; 0: it is not */
    double low, high; /* hazards since the last test */
} kr_quasi_stationary;

/* After a stride of so many steps at this rate. change: sum of the changes of the density (of sum 1). */
void kr_quasi_stationary_note(kr_quasi_stationary *s, double rate, uint64_t steps, double hazard, double lost, double change);

/* Once reached, over so many more steps: the change of log survival; of everything now there, the parts that are lost, and in which
 * the survival may err. */
double kr_quasi_stationary_log(const kr_quasi_stationary *s, uint64_t steps);
double kr_quasi_stationary_lost(const kr_quasi_stationary *s, uint64_t steps);
double kr_quasi_stationary_error(const kr_quasi_stationary *s, uint64_t steps);

#endif
