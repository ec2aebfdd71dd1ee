/* The heat bath that theories in any number of dimensions ask for: one temperature, and friction where the dynamics has momentum.
 */
#ifndef KR_BATH_H
#define KR_BATH_H

#include <kramers/theory.h>

typedef struct kr_bath {
    double temperature;
    double friction;        /* gamma of dp = -grad V dt - gamma p dt + sqrt(2 gamma T) dW; NAN: dx = -grad V dt + sqrt(2 T) dW */
    double rate_unit;       /* a rate per unit of that equation's time, times this, is one per unit of the dynamics' time */
    bool close_to_langevin; /* the dynamics only resembles Langevin's */
} kr_bath;

/* false: refused, with the reason in out. Only with momentum, or either. */
bool kr_bath_langevin(const kr_problem *problem, kr_bath *bath, kr_prediction *out);
bool kr_bath_make(const kr_problem *problem, kr_bath *bath, kr_prediction *out);

/* Says what a dynamics that only resembles Langevin's is read as. */
void kr_bath_describe(const kr_bath *bath, kr_prediction *out);

/* Growth rate of the unstable direction at a saddle with the Hessian's negative eigenvalue -unstable: the positive root of
 * l^2 + gamma l = unstable, or unstable itself for gradient flow. */
double kr_bath_growth(const kr_bath *bath, double unstable);

#endif
