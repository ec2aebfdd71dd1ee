#include <kramers/memory_miss.h>

static _Thread_local unsigned long misses;

void kr_memory_miss(void) {
    misses++;
}

unsigned long kr_memory_misses(void) {
    return misses;
}
