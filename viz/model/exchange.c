/* Why this is right without a lock.
 *
 * Ring: slot i % SLOTS belongs to the producer while i >= taken + SLOTS does not hold and i >= written, to the consumer while taken
 * <= i < written. The producer fills a slot and then stores written with release; a consumer that loads written with acquire and
 * sees the new value therefore sees the slot's contents. The same, with taken, hands an emptied slot back. Counters never wrap in
 * practice (2^64), so that full and empty cannot be confused.
 *
 * Three copies: the indices back, shared and front are a permutation of {0, 1, 2}, at the start by construction. Only two
 * operations touch shared, both are atomic exchanges that swap one end's own index with the shared one: each keeps the permutation,
 * so no copy is ever owned by both ends. An exchange that releases what its thread wrote (or has finished reading) and acquires
 * what the other end released makes the contents visible. The consumer exchanges only when the flag is set: then shared holds
 * something newer, and since only the consumer clears the flag it is still set (perhaps with a yet newer copy) when the exchange
 * happens. The producer may publish twice before the consumer receives: it then gets back the copy that was never read, and
 * overwrites it.
 */
#include "exchange.h"

#include <stdlib.h>
#include <string.h>

enum { FRESH = 4, INDEX = 3 };

kr_setting *kr_settings_keep(const kr_setting *setting, size_t count) {
    size_t numbers = 0, letters = 0;
    for (size_t i = 0; i < count; i++) {
        letters += strlen(setting[i].key) + 1;
        if (setting[i].value.type == KR_LIST) numbers += setting[i].value.list.count;
        if (setting[i].value.type == KR_TEXT) letters += strlen(setting[i].value.text) + 1;
    }
    kr_setting *kept = malloc(count * sizeof *kept + numbers * sizeof(double) + letters);
    if (!kept) return NULL;
    double *number = (double *)(kept + count);
    char *letter = (char *)(number + numbers);
    for (size_t i = 0; i < count; i++) {
        kept[i] = (kr_setting){.key = letter, .value = setting[i].value};
        letter = stpcpy(letter, setting[i].key) + 1;
        if (kept[i].value.type == KR_TEXT) {
            kept[i].value.text = letter;
            letter = stpcpy(letter, setting[i].value.text) + 1;
        } else if (kept[i].value.type == KR_LIST) {
            const kr_list *list = &setting[i].value.list;
            kept[i].value.list.value = number;
            if (list->count) memcpy(number, list->value, list->count * sizeof *number);
            number += list->count;
        }
    }
    return kept;
}

bool kr_ring_put(kr_ring *ring, kr_command command) {
    size_t written = atomic_load_explicit(&ring->written, memory_order_relaxed);
    if (written - atomic_load_explicit(&ring->taken, memory_order_acquire) == KR_RING_SLOTS) return false;
    ring->slot[written % KR_RING_SLOTS] = command;
    atomic_store_explicit(&ring->written, written + 1, memory_order_release);
    return true;
}

const kr_command *kr_ring_peek(kr_ring *ring) {
    size_t taken = atomic_load_explicit(&ring->taken, memory_order_relaxed);
    if (taken == atomic_load_explicit(&ring->written, memory_order_acquire)) return NULL;
    return &ring->slot[taken % KR_RING_SLOTS];
}

bool kr_ring_take(kr_ring *ring, kr_command *command) {
    const kr_command *next = kr_ring_peek(ring);
    if (!next) return false;
    *command = *next;
    atomic_fetch_add_explicit(&ring->taken, 1, memory_order_release);
    return true;
}

void kr_exchange_init(kr_exchange *exchange) {
    exchange->back = 0;
    atomic_store(&exchange->shared, 1u);
    exchange->front = 2;
}

void kr_exchange_publish(kr_exchange *exchange) {
    exchange->back = atomic_exchange_explicit(&exchange->shared, exchange->back | FRESH, memory_order_acq_rel) & INDEX;
}

bool kr_exchange_taken(const kr_exchange *exchange) {
    return !(atomic_load_explicit(&exchange->shared, memory_order_relaxed) & FRESH);
}

bool kr_exchange_receive(kr_exchange *exchange) {
    if (!(atomic_load_explicit(&exchange->shared, memory_order_relaxed) & FRESH)) return false;
    exchange->front = atomic_exchange_explicit(&exchange->shared, exchange->front, memory_order_acq_rel) & INDEX;
    return true;
}
