/* Ending long computations early, and saying how far those have come that are no steps of a run.
 *
 *     kr_interrupt_set(&(const kr_interrupt){.wanted = asks_for_an_end});
 *     if (kr_run_create(&run, &scene, &options, &error) == KR_INTERRUPTED) ...
 *
 * It holds for the whole process, as a signal does: a burn-in, drawing of starts, a search for critical points, a theory and a look
 * of an observer all ask within a fraction of a second whether they are still wanted, in whatever thread they are computed.
 * Functions with a status then return KR_INTERRUPTED, with what they were to change as it was before; theories say that they were
 * interrupted. Steps of a run end after a whole step, and the run can go on from there. */
#ifndef KRAMERS_INTERRUPT_H
#define KRAMERS_INTERRUPT_H

#include <kramers/interrupt.h>
#include <kramers/status.h>

#include <stdbool.h>

KR_BEGIN_DECLARATIONS

typedef struct kr_interrupt {
    bool (*wanted)(void *context); /* from any thread, many at once, up to a million times a second */
    /* From the thread alone that has called kr_interrupt_set. doing: as in "burn-in"; done: from 0 to 1, NAN where nobody knows.
     * NULL: not wanted. */
    void (*progress)(void *context, const char *doing, double done);
    void *context;
} kr_interrupt;

/* Copied; NULL: nobody interrupts. Not while another thread is in the library. */
KR_API void kr_interrupt_set(const kr_interrupt *interrupt);

/* For those who compute, plug-ins too: whoever is told true gives up, and what comes of it is not used. A function without a status
 * may leave out what it was to fill in; callers who keep it see by the count of such answers that it happened. */
KR_API bool kr_interrupt_wanted(void);
KR_API unsigned long kr_interrupt_heeded(void);
KR_API kr_status kr_interrupt_check(kr_error *error); /* KR_OK, or KR_INTERRUPTED with a message */
KR_API void kr_interrupt_progress(const char *doing, double done);

KR_END_DECLARATIONS

#endif
