/* A film of the window: through ffmpeg where it is installed, else as numbered pictures in a folder. */
#ifndef KR_FILM_H
#define KR_FILM_H

#include "draw/canvas.h"

enum { KR_FILM_RATE = 30 }; /* pictures per second */

typedef struct kr_film kr_film;

/* A name without an extension is a folder of numbered pictures. message: what is being done, for people. */
kr_status kr_film_begin(kr_film **film, const char *file, int width, int height, char message[256], kr_error *error);
/* The next picture; one of another size is cut or padded. */
kr_status kr_film_add(kr_film *film, const kr_canvas *canvas, kr_error *error);
/* The same at a time of the clock: as many pictures as it takes to keep pace with it. A gap of more than five seconds
 * is left out. */
kr_status kr_film_add_at(kr_film *film, const kr_canvas *canvas, double seconds, kr_error *error);
/* Closes the file; message: what came of it. */
kr_status kr_film_end(kr_film *film, char message[256], kr_error *error);

#endif
