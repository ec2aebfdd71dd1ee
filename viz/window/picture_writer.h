/* Numbered pictures of a film, written by a thread of their own: making a PNG takes longer than a frame of the window may. */
#ifndef KR_PICTURE_WRITER_H
#define KR_PICTURE_WRITER_H

#include "draw/canvas.h"

typedef struct kr_picture_writer kr_picture_writer;

/* Into this folder, 000001.png and so on; all of one size. */
kr_status kr_picture_writer_create(kr_picture_writer **writer, const char *folder, int width, int height, kr_error *error);
/* The picture of these numbers, from first on; copied. taken false: the one before is not written yet, nothing was done. An error
 * is that of an earlier picture. */
kr_status kr_picture_writer_offer(kr_picture_writer *writer, const kr_canvas *canvas, uint64_t first, uint64_t count, bool *taken,
                                  kr_error *error);
/* Waits for the last picture, and destroys the writer. NULL: nothing. */
kr_status kr_picture_writer_finish(kr_picture_writer *writer, kr_error *error);

/* The file of a number; malloc'd, NULL: no memory. */
char *kr_picture_writer_file(const char *folder, uint64_t number);

#endif
