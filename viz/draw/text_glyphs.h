/* Pictures of single characters, made once by FreeType for each size and face. */
#ifndef KR_TEXT_GLYPHS_H
#define KR_TEXT_GLYPHS_H

#include "canvas_coverage.h"
#include "text.h"

typedef struct kr_glyph {
    uint32_t code;
    int left, top; /* of the mask from the pen on the baseline */
    int width, height, advance;
    uint8_t *mask; /* [height][width] coverage; NULL: blank */
} kr_glyph;

/* Whole pixels within what makes sense. */
int kr_fonts_size(double size);
/* Valid until the next call. NULL: there is no memory. */
const kr_glyph *kr_fonts_glyph(kr_fonts *fonts, int size, kr_face face, uint32_t code);
/* Calls the listener, if there is one, of the text up to end; NULL: all of it. */
void kr_fonts_report(const kr_fonts *fonts, kr_drawn_text *drawn, const char *end);

#endif
