/* GSL without its error handler.
 *
 * A function of GSL that fails calls the error handler, one pointer for the whole process, before it returns its status; GSL's own
 * handler ends the process. Every call of the library into GSL that can fail, allocation included, stands between kr_gsl_enter and
 * kr_gsl_leave, and tests the status or the pointer that GSL returns:
 *
 *     kr_gsl_enter();
 *     int status = gsl_linalg_cholesky_decomp1(matrix);
 *     kr_gsl_leave();
 *
 * Pairs nest, and any number of threads may be inside at once. Meanwhile errors of other threads, which are the host's, still go to
 * the host's handler, and it is in place again when the last thread has left. A host that sets another handler while the library
 * works in a second thread keeps that handler; GSL itself asks hosts to set it before they start threads. */
#ifndef KR_GSL_GUARD_H
#define KR_GSL_GUARD_H

void kr_gsl_enter(void);
void kr_gsl_leave(void);

#endif
