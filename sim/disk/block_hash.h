/* The checksum of a piece of a file: XXH3 of 64 bits, the same on every processor. It tells damage, it is no protection against
 * deceit. Never 0, which stands for one that was never written. */
#ifndef KR_BLOCK_HASH_H
#define KR_BLOCK_HASH_H

#include <stddef.h>
#include <stdint.h>

/* seed: what the piece is, so that one in another's place shows. */
uint64_t kr_block_hash(const void *data, size_t size, uint64_t seed);

#endif
