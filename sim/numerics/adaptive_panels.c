#include "adaptive_panels.h"

#include <math.h>
#include <stdlib.h>

enum { MAX_DEPTH = 60 };

typedef struct criterion {
    double widest, limit;
    kr_panel_variation *variation;
    const void *context;
} criterion;

bool kr_panels_create(kr_panels *panels, size_t most, double start) {
    *panels = (kr_panels){.most = most, .edge = malloc((most + 1) * sizeof *panels->edge), .stuck = NAN};
    if (panels->edge) panels->edge[0] = start;
    return panels->edge != NULL;
}

void kr_panels_destroy(kr_panels *panels) {
    free(panels->edge);
    *panels = (kr_panels){.stuck = NAN};
}

static bool divide(kr_panels *panels, const criterion *c, double a, double b, int depth) {
    double change = c->variation(c->context, a, b), middle = a + (b - a) / 2.0;
    if (change <= c->limit && b - a <= c->widest) {
        if (panels->count == panels->most) return false;
        panels->edge[++panels->count] = b;
        return true;
    }
    if (depth == MAX_DEPTH || isnan(change) || !(middle > a && middle < b)) {
        panels->stuck = middle;
        return false;
    }
    return divide(panels, c, a, middle, depth + 1) && divide(panels, c, middle, b, depth + 1);
}

bool kr_panels_append(kr_panels *panels, double end, double widest, double limit, kr_panel_variation *variation,
                      const void *context) {
    criterion c = {widest, limit, variation, context};
    return divide(panels, &c, panels->edge[panels->count], end, 0);
}
