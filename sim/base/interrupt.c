#include <kramers/interrupt.h>

#include <pthread.h>
#include <stdatomic.h>

static kr_interrupt present;
static pthread_t owner;
static atomic_ulong heeded;

void kr_interrupt_set(const kr_interrupt *interrupt) {
    present = interrupt ? *interrupt : (kr_interrupt){.wanted = NULL};
    owner = pthread_self();
}

bool kr_interrupt_wanted(void) {
    if (!present.wanted || !present.wanted(present.context)) return false;
    atomic_fetch_add(&heeded, 1);
    return true;
}

unsigned long kr_interrupt_heeded(void) {
    return atomic_load(&heeded);
}

kr_status kr_interrupt_check(kr_error *error) {
    return kr_interrupt_wanted() ? kr_fail(error, KR_INTERRUPTED, "interrupted") : KR_OK;
}

void kr_interrupt_progress(const char *doing, double done) {
    if (present.progress && pthread_equal(owner, pthread_self())) present.progress(present.context, doing, done);
}
