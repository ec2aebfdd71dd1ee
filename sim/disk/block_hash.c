#include "block_hash.h"

#define XXH_INLINE_ALL /* no library to link with */
#include <xxhash.h>

uint64_t kr_block_hash(const void *data, size_t size, uint64_t seed) {
    uint64_t hash = XXH3_64bits_withSeed(data, size, seed);
    return hash ? hash : 1;
}
