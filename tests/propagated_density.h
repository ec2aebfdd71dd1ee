/* The density of one coordinate of gradient descent with Gaussian noise, step by step on evenly spaced nodes: the trapezoidal rule,
 * which errs by less than 1e-14 where steps scatter over two nodes. Nothing of the library's own propagation is in it. */
#ifndef PROPAGATED_DENSITY_H
#define PROPAGATED_DENSITY_H

#include "assert_close.h"

#include <math.h>
#include <string.h>

enum { PROPAGATED_MOST = 1200 };

typedef struct propagated_density {
    double low, spacing;
    int nodes;
    double density[PROPAGATED_MOST], next[PROPAGATED_MOST];
    double point; /* where all are before the first step; afterwards NAN */
} propagated_density;

/* scatter: the least of all steps. */
static inline void propagated_start(propagated_density *p, double low, double high, double scatter, double point) {
    *p = (propagated_density){.low = low, .spacing = scatter / 2, .nodes = 1 + (int)((high - low) / (scatter / 2)), .point = point};
    assert_true(p->nodes <= PROPAGATED_MOST);
}

static inline double propagated_at(const propagated_density *p, int i) {
    return p->low + p->spacing * i;
}

/* weight of a Gaussian about center with this standard deviation. */
static inline void propagated_scatter(propagated_density *p, double center, double scatter, double weight) {
    int first = (int)ceil((center - 8.5 * scatter - p->low) / p->spacing),
        last = (int)((center + 8.5 * scatter - p->low) / p->spacing);
    double scale = weight / (scatter * sqrt(2 * acos(-1)));
    for (int j = first < 0 ? 0 : first; j <= last && j < p->nodes; j++) {
        double u = (propagated_at(p, j) - center) / scatter;
        p->next[j] += scale * exp(-u * u / 2);
    }
}

/* x' = x - rate slope(x) + scatter xi. */
static inline void propagated_step(propagated_density *p, double rate, double scatter, double (*slope)(double x, double decay),
                                   double decay) {
    assert_true(scatter > 1.999 * p->spacing);
    memset(p->next, 0, sizeof p->next);
    if (isnan(p->point)) {
        for (int i = 0; i < p->nodes; i++) {
            double x = propagated_at(p, i);
            if (p->density[i] > 1e-25) propagated_scatter(p, x - rate * slope(x, decay), scatter, p->spacing * p->density[i]);
        }
    } else {
        propagated_scatter(p, p->point - rate * slope(p->point, decay), scatter, 1);
        p->point = NAN;
    }
    memcpy(p->density, p->next, sizeof p->density);
}

static inline double propagated_mean(const propagated_density *p, double (*value)(double x, double decay), double decay) {
    double sum = 0;
    for (int i = 0; i < p->nodes; i++) sum += p->spacing * p->density[i] * value(propagated_at(p, i), decay);
    return sum;
}

#endif
