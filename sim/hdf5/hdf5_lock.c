#include "hdf5_lock.h"

#include <pthread.h>

static pthread_mutex_t lock;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_lock(void) {
    pthread_mutexattr_t recursive;
    pthread_mutexattr_init(&recursive);
    pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&lock, &recursive);
    pthread_mutexattr_destroy(&recursive);
}

void kr_hdf5_lock(void) {
    pthread_once(&once, make_lock);
    pthread_mutex_lock(&lock);
}

void kr_hdf5_unlock(void) {
    pthread_mutex_unlock(&lock);
}
