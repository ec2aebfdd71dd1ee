/* The rows that the table of results is put together from, beside those of the observers. */
#ifndef KR_RESULT_TABLE_H
#define KR_RESULT_TABLE_H

#include <kramers/run.h>

enum { KR_LEAST_INTERVALS = 8 }; /* between passages: least number for the test whether they are exponential */

extern const kr_result_row kr_result_of_escape[], kr_result_of_targets[]; /* of a kr_result */
extern const kr_result_row kr_result_of_driven[];                         /* of a kr_result */
extern const kr_result_row kr_result_of_still[];                          /* of a kr_result */
extern const kr_result_row kr_result_of_acceptance[];                     /* of a kr_result */
extern const kr_result_row kr_result_of_moving[];                         /* of a kr_moving_estimate */
extern const kr_result_row kr_result_of_survival[];                       /* of a kr_survival */
extern const kr_result_row kr_result_of_exponential[];                    /* of a kr_exponential */
extern const kr_result_row kr_result_of_splitting[];                      /* of a kr_splitting_result */
extern const kr_result_row kr_result_of_splitting_rate[];                 /* of a kr_result */
extern const kr_result_row kr_result_of_theories[], kr_result_of_gaps[];  /* of a kr_result */

extern const kr_result_row kr_result_of_phases[]; /* of a kr_result */

/* Share of accepted proposals; NAN: there are none. */
double kr_result_acceptance(const kr_result *result);

#endif
