/* Who is where, a byte for each particle: what the observer of transitions asks at every sample. */
#include "engine/kernels.h"

#include <kramers/plugin.h>

static void narrow(size_t n, const uint64_t *restrict stopped_at, const int32_t *restrict well, const int32_t *restrict core,
                   uint8_t *restrict moves, uint8_t *restrict narrow_well, uint8_t *restrict narrow_core) {
    for (size_t p = 0; p < n; p++) {
        uint32_t stopped = (uint32_t)stopped_at[p] | (uint32_t)(stopped_at[p] >> 32);
        int32_t mask = stopped == 0 ? -1 : 0;
        moves[p] = (uint8_t)(1 & mask);
        narrow_well[p] = (uint8_t)((well[p] + 1) & mask);
        narrow_core[p] = (uint8_t)((core[p] + 1) & mask);
    }
}

static void entering(size_t n, const uint8_t *restrict last, const uint8_t *restrict core, uint8_t *restrict chosen) {
    for (size_t p = 0; p < n; p++) chosen[p] = (core[p] != 0) & (core[p] != last[p]);
}

static void between(size_t n, double low, double high, const double *restrict x, const uint8_t *restrict moves,
                    const uint8_t *restrict core, uint8_t *restrict chosen) {
    for (size_t p = 0; p < n; p++) chosen[p] = (x[p] >= low) & (x[p] < high);
    for (size_t p = 0; p < n; p++) chosen[p] &= moves[p] & (core[p] == 0);
}

static size_t equal(size_t n, const uint8_t *restrict values, uint8_t mask, uint8_t value, const uint8_t *restrict counted) {
    uint8_t sum = 0;
    for (size_t p = 0; p < n; p++) sum = (uint8_t)(sum + (((values[p] & mask) == value) & counted[p]));
    return sum;
}

static size_t pairs(size_t n, uint8_t i, uint8_t j, const uint8_t *restrict from, const uint8_t *restrict to,
                    const uint8_t *restrict third) {
    uint8_t sum = 0;
    for (size_t p = 0; p < n; p++) sum = (uint8_t)(sum + ((from[p] == i) & (to[p] == j) & (third[p] != 0)));
    return sum;
}

extern const kr_census_kernels KR_PASTE_HOST(census_kernels, KR_ISA);
const kr_census_kernels KR_PASTE_HOST(census_kernels, KR_ISA) = {
    .narrow = narrow, .entering = entering, .between = between, .equal = equal, .pairs = pairs};
