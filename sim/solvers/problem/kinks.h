/* Points along a line where the loss or its noise is not smooth. */
#ifndef KR_KINKS_H
#define KR_KINKS_H

#include <kramers/theory.h>

enum { KR_MAX_KINKS = 256 };

/* kinks[KR_MAX_KINKS]: ascending, between left and right: the landscape's knots and, where the noise depends on the position, its
 * own. Kinks of the noise closer to each other than a 4096th of the distance may be missed. */
size_t kr_problem_kinks(const kr_problem_1d *line, double left, double right, double *kinks);

#endif
