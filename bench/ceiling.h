/* Loops that do nothing but one operation, compiled once per instruction set. */
#ifndef KR_CEILING_H
#define KR_CEILING_H

#include <stddef.h>

enum { KR_CEILING_NUMBERS = 1024 }; /* 8 kB, in the first-level cache */

typedef struct kr_ceiling_loop {
    const char *name; /* of the operation; NULL ends a table */
    /* Runs so many times; returns how many operations that were: on one number each, or instructions. memory: numbers
     * [KR_CEILING_NUMBERS], for those that need some. */
    double (*run)(size_t times, double *memory);
} kr_ceiling_loop;

extern const kr_ceiling_loop kr_plugin_ceiling_v4[], kr_plugin_ceiling_v3[];

#endif
