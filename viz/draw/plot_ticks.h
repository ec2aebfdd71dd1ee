/* Round numbers along an axis. */
#ifndef KR_PLOT_TICKS_H
#define KR_PLOT_TICKS_H

#include "plot.h"

enum { KR_MAX_TICKS = 96 };

typedef struct kr_ticks {
    size_t count; /* ascending */
    double value[KR_MAX_TICKS];
    bool minor[KR_MAX_TICKS];              /* without a line across */
    char text[KR_MAX_TICKS][KR_TICK_TEXT]; /* empty: no number */
    char power[KR_TICK_TEXT];              /* common factor of all numbers: they are in units of it; empty: 1 */
} kr_ticks;

/* most: how many numbers there is room for. The axis has finite ends, low < high, positive ones when logarithmic. */
void kr_ticks_make(kr_ticks *ticks, const kr_axis *axis, double most);

#endif
