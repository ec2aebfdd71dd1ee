/* An interval, of a quantity or of confidence. */
#ifndef KRAMERS_INTERVAL_H
#define KRAMERS_INTERVAL_H

#include <kramers/api.h>

KR_BEGIN_DECLARATIONS

typedef struct kr_interval {
    double low, high;
} kr_interval;

KR_END_DECLARATIONS

#endif
