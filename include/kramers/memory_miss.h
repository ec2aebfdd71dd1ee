/* Requests for memory that failed where nothing can say so: functions that return how much they found, or a number. They note it,
 * and whoever began the work asks afterwards whether what came of it is to be trusted. Each thread has its own count. */
#ifndef KRAMERS_MEMORY_MISS_H
#define KRAMERS_MEMORY_MISS_H

#include <kramers/api.h>

KR_BEGIN_DECLARATIONS

KR_API void kr_memory_miss(void);
/* So many until now; GSL's count, too. */
KR_API unsigned long kr_memory_misses(void);

KR_END_DECLARATIONS

#endif
