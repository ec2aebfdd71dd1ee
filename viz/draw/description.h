/* What is on the screen, in words: every control with its name, place and value, every text with its place, and where the
 * simulation is. A JSON file of it serves screen readers, scripts and tests: kramers view --describe FILE.json.
 *
 * A frame begins an object; parts and items of lists are added to it one after the other, and what is described next belongs to the
 * last one. All calls do nothing where the description is NULL. */
#ifndef KR_DESCRIPTION_H
#define KR_DESCRIPTION_H

#include "canvas.h"

typedef struct kr_description kr_description;

kr_status kr_description_create(kr_description **description, const char *file, kr_error *error);
void kr_description_destroy(kr_description *description);

void kr_description_begin(kr_description *description);
/* Replaces the file, at once as a whole, when the description is not what it was. */
kr_status kr_description_end(kr_description *description, kr_error *error);

void kr_describe_part(kr_description *description, const char *name); /* an object of its own */
void kr_describe_item(kr_description *description, const char *list); /* one more object in a list */
void kr_describe_text(kr_description *description, const char *name, const char *text);
void kr_describe_number(kr_description *description, const char *name, double value); /* null where it is not finite */
void kr_describe_count(kr_description *description, const char *name, uint64_t value);
void kr_describe_flag(kr_description *description, const char *name, bool value);
void kr_describe_numbers(kr_description *description, const char *name, size_t count, const double *value);
void kr_describe_names(kr_description *description, const char *name, const char *const *names); /* ends with NULL */
void kr_describe_area(kr_description *description, const char *name, kr_rectangle area);         /* [x, y, width, height] */
/* "rectangle", and "visible": how much of it lies within the clip, 0 to 1. */
void kr_describe_place(kr_description *description, const kr_canvas *canvas, kr_rectangle area);
void kr_describe_place_within(kr_description *description, kr_rectangle clip, kr_rectangle area);

#endif
