/* Panels over an interval, narrow where a function varies: an interval is halved until the function varies little inside each part.
 */
#ifndef KR_ADAPTIVE_PANELS_H
#define KR_ADAPTIVE_PANELS_H

#include <stdbool.h>
#include <stddef.h>

typedef struct kr_panels {
    size_t count, most;
    double *edge; /* [count + 1], ascending */
    double stuck; /* where a panel could not be halved any further; NAN: nowhere */
} kr_panels;

/* How much the function varies over [a, b]; NAN: it is not finite there. */
typedef double kr_panel_variation(const void *context, double a, double b);

/* No panel yet, the first will begin at start. most: how many there may be. false: not enough memory; kr_panels_destroy is allowed.
 */
bool kr_panels_create(kr_panels *panels, size_t most, double start);
void kr_panels_destroy(kr_panels *panels);

/* Appends panels from the last edge to end, none wider than widest and with a variation up to limit in each. false: they would be
 * more than allowed, or the function is not finite or varies too much on an interval that is as narrow as numbers can be (stuck).
 */
bool kr_panels_append(kr_panels *panels, double end, double widest, double limit, kr_panel_variation *variation,
                      const void *context);

#endif
