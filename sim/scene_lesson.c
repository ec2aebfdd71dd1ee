/* Lessons: steps of a caption, what to watch, and settings on top of those of the step before. */
#include "scene_parts.h"

#include <stdlib.h>
#include <string.h>

static void destroy_step(kr_lesson_step *step) {
    for (size_t s = 0; s < step->setting_count; s++) free(step->settings[s]);
    free(step->settings);
    free(step->caption);
    free(step->watch);
}

void kr_lesson_destroy(kr_lesson_step *lesson, size_t count) {
    for (size_t i = 0; i < count; i++) destroy_step(&lesson[i]);
    free(lesson);
}

/* NULL stays NULL. */
static bool copy_text(char **to, const char *from) {
    *to = from ? malloc(strlen(from) + 1) : NULL;
    if (*to) strcpy(*to, from);
    return *to || !from;
}

static bool copy_step(kr_lesson_step *to, const kr_lesson_step *from) {
    if (!copy_text(&to->caption, from->caption) || !copy_text(&to->watch, from->watch)) return false;
    to->settings = calloc(from->setting_count + 1, sizeof *to->settings);
    for (size_t s = 0; to->settings && s < from->setting_count; s++, to->setting_count++)
        if (!copy_text(&to->settings[s], from->settings[s])) return false;
    return to->settings;
}

kr_status kr_lesson_copy(kr_lesson_step **to, const kr_lesson_step *from, size_t count, kr_error *error) {
    *to = NULL;
    if (!count) return KR_OK;
    bool enough = (*to = calloc(count, sizeof **to));
    for (size_t i = 0; enough && i < count; i++) enough = copy_step(&(*to)[i], &from[i]);
    if (enough) return KR_OK;
    if (*to) kr_lesson_destroy(*to, count);
    *to = NULL;
    return kr_fail(error, KR_NO_MEMORY, "out of memory while copying a lesson");
}
