/* Which random numbers a run is made of. */
#ifndef KRAMERS_GENERATOR_H
#define KRAMERS_GENERATOR_H

#include <kramers/api.h>

KR_BEGIN_DECLARATIONS

/* Counter-based generator and way from words to normals, for instance "philox4x32-10, box-muller 1e-10"; static. Two versions of
 * the same name draw the same bits for the same (seed, particle, step, stream, coordinate). Files keep it, and whoever goes on with
 * a file compares it with this. */
KR_API const char *kr_generator_name(void);

KR_END_DECLARATIONS

#endif
