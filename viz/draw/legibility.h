/* Whether the texts of a frame can be read: where the ink of their letters is, whether an edge cuts it, whether something that was
 * drawn later lies on it, and how it stands out from what is around it.
 *
 *     kr_legibility_begin(legibility);
 *     kr_fonts_listen(fonts, kr_legibility_add, legibility);    then the frame is drawn
 *     kr_fonts_listen(fonts, NULL, NULL);
 *     kr_legibility_end(legibility, &canvas); */
#ifndef KR_LEGIBILITY_H
#define KR_LEGIBILITY_H

#include "text.h"

typedef struct kr_seen_text {
    char *text;
    kr_rectangle area, ink, clip; /* kr_drawn_text's, and the canvas's clip */
    double cut;                   /* pixels by which the ink reaches over the clip, at the side where it does so most */
    double covered;               /* part of the pixels of the letters that were drawn over, 0 to 1 */
    double contrast; /* of the letters' darkest or lightest pixel and the mean around the ink, as WCAG has it: 1 to 21 */
    uint32_t letter; /* that pixel */
    uint32_t *pixel; /* of the ink within the clip, as they were drawn */
} kr_seen_text;

typedef struct kr_legibility {
    size_t count, space;
    kr_seen_text *text; /* in the order of drawing, without those that no pixel of the clip shows */
    bool failed;        /* there was no memory for some */
} kr_legibility;

/* Begins as {0}; the same one serves frame after frame. */
void kr_legibility_begin(kr_legibility *self);
void kr_legibility_destroy(kr_legibility *self);
void kr_legibility_add(void *self, const kr_drawn_text *drawn); /* a kr_text_listener */
/* Of the same picture: finds what is covered. */
void kr_legibility_end(kr_legibility *self, const kr_canvas *canvas);

#endif
