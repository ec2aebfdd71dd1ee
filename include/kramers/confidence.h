/* Exact confidence intervals of counts and of probabilities. */
#ifndef KRAMERS_CONFIDENCE_H
#define KRAMERS_CONFIDENCE_H

#include <kramers/interval.h>

#include <stdint.h>

KR_BEGIN_DECLARATIONS

/* Half of a normal 95 % interval, in standard errors. */
#define KR_NORMAL_95 1.959963984540054

/* Two-sided Poisson interval (Garwood 1936) of the expected count at this confidence, 0.95 say, between 0 and 1. events = 0: low is
 * 0 and the interval is one-sided. NAN at a confidence that is none. */
KR_API kr_interval kr_poisson_interval(uint64_t events, double confidence);

/* Two-sided interval of a probability after successes out of trials (Clopper and Pearson 1934); one-sided at 0 and at all. NAN at a
 * confidence that is none. */
KR_API kr_interval kr_binomial_interval(uint64_t successes, uint64_t trials, double confidence);

KR_END_DECLARATIONS

#endif
