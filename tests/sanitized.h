/* Whether this is a build with address or thread sanitizer, in which everything takes many times as long: tests then do less of
 * what is long, the same way. */
#ifndef KR_TEST_SANITIZED_H
#define KR_TEST_SANITIZED_H

#include <stdbool.h>
#include <stdlib.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define KR_SANITIZER
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(KR_SANITIZER)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

/* Whether the slowest tests do a part of what they do, with the same seeds and assertions; which part stands beside the call. All
 * of it is done with KRAMERS_TEST_ALL=1, which ./dev test all sets, and where results are written anew. */
static inline bool is_sampled(void) {
    const char *all = getenv("KRAMERS_TEST_ALL");
    return SANITIZED || !((all && *all && *all != '0') || getenv("KRAMERS_WRITE_RESULTS"));
}

#endif
