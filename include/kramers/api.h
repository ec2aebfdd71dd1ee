/* What every public header begins and ends with: which functions a shared library exports, and that they are C's.
 *
 * Functions and data with KR_API are the public interface. Everything else is hidden in the shared library.
 */
#ifndef KRAMERS_API_H
#define KRAMERS_API_H

#if defined(__GNUC__)
#define KR_API __attribute__((visibility("default")))
#else
#define KR_API
#endif

#if defined(__cplusplus)
#define KR_BEGIN_DECLARATIONS extern "C" {
#define KR_END_DECLARATIONS }
#define KR_RESTRICT __restrict
#else
#define KR_BEGIN_DECLARATIONS
#define KR_END_DECLARATIONS
#define KR_RESTRICT restrict
#endif

#endif
