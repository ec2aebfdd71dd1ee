/* Adiabatic survival where other numbers than the learning rate change with the step (drive.h), or the noise does by itself. */
#ifndef KR_ADIABATIC_STEPS_H
#define KR_ADIABATIC_STEPS_H

#include <kramers/theory.h>

/* As kr_adiabatic (propagation.h). */
bool kr_adiabatic_of_steps(const kr_problem *problem, size_t count, const uint64_t *step, double *log_survival, kr_prediction *out);

#endif
