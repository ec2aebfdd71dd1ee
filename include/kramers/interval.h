/* An interval, of a quantity or of confidence. */
#ifndef KRAMERS_INTERVAL_H
#define KRAMERS_INTERVAL_H

typedef struct kr_interval {
    double low, high;
} kr_interval;

#endif
