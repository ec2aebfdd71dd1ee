/* Switching the handler off and on again around each call, as GSL's manual shows, is a race as soon as two threads do it: the
 * second one saves "off" and puts it back for good, or the first one puts the host's handler back while the second is still at
 * work. A lock around all of it would let one thread compute at a time. Setting a handler once for the process, as most bindings of
 * GSL do, takes the host's handler away for ever.
 *
 * Here the first thread to enter puts on_error in place and the last one to leave puts the host's back. on_error looks at a counter
 * of its own thread: inside, the error is the library's and its status is enough; outside, it is the host's and goes where it would
 * have gone. */
#include "gsl_guard.h"

#include <kramers/memory_miss.h>

#include <gsl/gsl_errno.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static unsigned threads_inside;          /* under the mutex */
static gsl_error_handler_t *of_the_host; /* under the mutex; NULL: GSL's own */
static _Thread_local unsigned depth;

static void on_error(const char *reason, const char *file, int line, int code) {
    if (depth && code == GSL_ENOMEM) kr_memory_miss();
    if (depth) return;
    pthread_mutex_lock(&mutex); /* another thread may have put on_error in place and not yet noted what was there */
    gsl_error_handler_t *handler = of_the_host;
    pthread_mutex_unlock(&mutex);
    if (handler) {
        handler(reason, file, line, code);
        return;
    }
    gsl_stream_printf("ERROR", file, line, reason); /* what GSL does without a handler */
    fflush(stdout);
    fprintf(stderr, "Default GSL error handler invoked.\n");
    fflush(stderr);
    abort();
}

void kr_gsl_enter(void) {
    if (depth++) return;
    pthread_mutex_lock(&mutex);
    if (threads_inside++ == 0) {
        gsl_error_handler_t *before = gsl_set_error_handler(on_error);
        if (before != on_error) of_the_host = before; /* a host may have saved on_error and put it back later */
    }
    pthread_mutex_unlock(&mutex);
}

void kr_gsl_leave(void) {
    if (--depth) return;
    pthread_mutex_lock(&mutex);
    if (--threads_inside == 0) {
        gsl_error_handler_t *now = gsl_set_error_handler(of_the_host);
        if (now != on_error) gsl_set_error_handler(now); /* the host has set another one meanwhile */
    }
    pthread_mutex_unlock(&mutex);
}
