/* Whether this is a build with address or thread sanitizer, in which everything takes many times as long: tests then do less of
 * what is long, the same way. */
#ifndef KR_TEST_SANITIZED_H
#define KR_TEST_SANITIZED_H

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

#endif
