/* What theories of one temperature ask of the gradient noise. */
#ifndef KR_TEMPERATURE_H
#define KR_TEMPERATURE_H

#include <kramers/theory.h>

/* The one temperature above 0 of noise that does not depend on the position. false: refused, with the reason in out. */
bool kr_problem_one_temperature(const kr_problem *problem, double learning_rate, double *temperature, kr_prediction *out);

#endif
