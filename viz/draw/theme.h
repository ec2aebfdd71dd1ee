/* Colours and sizes, dark and light. Okabe and Ito's colours distinguish variants also for colour-blind people; maps are
 * perceptually uniform. */
#ifndef KR_THEME_H
#define KR_THEME_H

#include "canvas.h"

enum { KR_MAP_COLORS = 256 };

typedef struct kr_theme {
    bool dark;
    double scale; /* pixels per unit of size: of the display times the user's zoom */
    kr_color background, panel, edge, text, faint_text, grid, accent, focus, warning;
    kr_color variant[4]; /* of the compared dynamics */
    kr_color prediction; /* theory beside what is measured */
    kr_color kinetic, potential, work, heat;
    double small, normal, large, huge;   /* sizes of text, scaled */
    double gap, line;                    /* margin, height of a line of controls, scaled */
    uint32_t energy_map[KR_MAP_COLORS];  /* landscapes */
    uint32_t density_map[KR_MAP_COLORS]; /* particles on them; alpha grows with the density */
    uint32_t signed_map[KR_MAP_COLORS];  /* from the most negative over zero, in the middle, to the most positive */
} kr_theme;

void kr_theme_make(kr_theme *theme, bool dark, double scale);

#endif
