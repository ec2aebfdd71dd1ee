/* How simulation and window communicate without a lock: a ring of commands one way, a buffer in three copies the other way. Each
 * has one thread at either end; neither ever waits. */
#ifndef KR_EXCHANGE_H
#define KR_EXCHANGE_H

#include <kramers/scene.h>

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- commands: single producer, single consumer (Lamport 1983) ---- */

typedef enum kr_command_kind {
    KR_COMMAND_INTERVENE,
    KR_COMMAND_SET,
    KR_COMMAND_PLAY,
    KR_COMMAND_STEP,
    KR_COMMAND_SPEED,
    KR_COMMAND_FOLLOW,
    KR_COMMAND_PAUSE,
    KR_COMMAND_QUOTED,
    KR_COMMAND_SAVE,
    KR_COMMAND_GUARD
} kr_command_kind;

typedef struct kr_command {
    kr_command_kind kind;
    uint64_t count;
    double number;
    char *text;          /* malloc'd; the side that takes the command frees it */
    kr_setting *setting; /* [count] of kr_settings_keep, likewise */
} kr_command;

/* A copy of settings with what they borrow, all in one block for free(); NULL when memory is short. */
kr_setting *kr_settings_keep(const kr_setting *setting, size_t count);

enum { KR_RING_SLOTS = 256 }; /* a power of two */

typedef struct kr_ring {
    _Alignas(64) _Atomic size_t written; /* so many ever; only the producer changes it */
    _Alignas(64) _Atomic size_t taken;   /* only the consumer changes it */
    _Alignas(64) kr_command slot[KR_RING_SLOTS];
} kr_ring;

bool kr_ring_put(kr_ring *ring, kr_command command); /* false: it is full */
bool kr_ring_take(kr_ring *ring, kr_command *command);
/* The command that would come next, for looking ahead; NULL: none. Consumer only. */
const kr_command *kr_ring_peek(kr_ring *ring);

/* ---- the newest of something large ---- */

/* Of three copies the producer owns one (back), the consumer one (front), and the index of the third is in shared, with a flag
 * that says whether it is newer than the consumer's. */
typedef struct kr_exchange {
    _Alignas(64) _Atomic unsigned shared;
    _Alignas(64) unsigned back;
    _Alignas(64) unsigned front;
} kr_exchange;

void kr_exchange_init(kr_exchange *exchange);
/* Producer: back is finished; another copy is back from now on. */
void kr_exchange_publish(kr_exchange *exchange);
/* Producer: whether the consumer has taken what was published last. */
bool kr_exchange_taken(const kr_exchange *exchange);
/* Consumer: front becomes the newest; false when there was nothing newer. */
bool kr_exchange_receive(kr_exchange *exchange);

#endif
