/* Lessons one after the other, and what shipped scenes say of themselves. */
#ifndef KR_COURSE_H
#define KR_COURSE_H

#include <kramers/scene.h>

/* The shipped scenes: lessons in the order of the course, then the others by name. Returns how many; the first lessons of them are
 * lessons. Valid for ever. */
size_t kr_course(const kr_shipped_scene *const **scenes, size_t *lessons);
/* The lesson that comes after the one of this name; NULL: that is none, or the last. */
const char *kr_course_next(const char *name);
/* What it is about: the first sentence of its first comment; of lessons their title and the sentence behind it. Returns text. */
const char *kr_course_about(const kr_shipped_scene *scene, char *text, size_t size);

#endif
