#include "course.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* What each needs comes before it: temperature, escape, cooling; schedules; momentum and adaptive steps; noise with a rhythm or a
 * place; networks. Lessons that are not named here come after these, by name. */
static const char *const order[] = {"lesson_temperature",
                                    "lesson_arrhenius",
                                    "lesson_cooling",
                                    "lesson_restart",
                                    "lesson_bold_gentle",
                                    "lesson_window",
                                    "lesson_race",
                                    "lesson_robbins_monro",
                                    "lesson_hamiltonian",
                                    "lesson_heavy_ball",
                                    "lesson_adam",
                                    "lesson_landing",
                                    "lesson_sharp_flat",
                                    "lesson_two_rhythms",
                                    "lesson_coupled",
                                    "lesson_augmentation",
                                    "lesson_digits",
                                    "lesson_residual_block",
                                    "lesson_snapshot_ensemble",
                                    "lesson_lottery_ticket",
                                    "lesson_continual_learning"};
enum { ORDERED = sizeof order / sizeof *order, MOST_SCENES = 256 };

static bool is_lesson(const kr_shipped_scene *scene) {
    return strstr(scene->text, "\nlesson:") != NULL;
}

static size_t place_in_order(const char *name) {
    size_t place = 0;
    while (place < ORDERED && strcmp(order[place], name) != 0) place++;
    return place;
}

size_t kr_course(const kr_shipped_scene *const **scenes, size_t *lessons) {
    static const kr_shipped_scene *all[MOST_SCENES];
    size_t count = 0;
    for (size_t place = 0; place <= ORDERED; place++)
        for (const kr_shipped_scene *s = kr_shipped_scenes; s->name && count < MOST_SCENES; s++)
            if (is_lesson(s) && place_in_order(s->name) == place) all[count++] = s;
    *lessons = count;
    for (const kr_shipped_scene *s = kr_shipped_scenes; s->name && count < MOST_SCENES; s++)
        if (!is_lesson(s)) all[count++] = s;
    *scenes = all;
    return count;
}

const char *kr_course_next(const char *name) {
    const kr_shipped_scene *const *scenes;
    size_t lessons;
    kr_course(&scenes, &lessons);
    for (size_t i = 0; i + 1 < lessons; i++)
        if (!strcmp(scenes[i]->name, name)) return scenes[i + 1]->name;
    return NULL;
}

/* The comment that the text begins with, as one line. */
static void read_comment(const char *text, char *comment, size_t size) {
    size_t used = 0;
    *comment = 0;
    for (const char *line = text; *line == '#' && used < size; line += *line == '\n') {
        line += 1 + strspn(line + 1, " ");
        size_t length = strcspn(line, "\n");
        used += (size_t)snprintf(comment + used, size - used, "%s%.*s", used ? " " : "", (int)length, line);
        line += length;
    }
}

/* With its full stop or question mark. */
static size_t sentence(const char *text) {
    size_t length = 0;
    while (text[length] && !(strchr(".?", text[length]) && (text[length + 1] == ' ' || !text[length + 1]))) length++;
    return length + (text[length] != 0);
}

const char *kr_course_about(const kr_shipped_scene *scene, char *text, size_t size) {
    static const char lesson[] = "Lesson: ", command[] = " (kramers view ";
    char comment[800];
    read_comment(scene->text, comment, sizeof comment);
    const char *title = comment, *more = strstr(comment, command);
    if (strstr(comment, lesson) != comment || !more) {
        snprintf(text, size, "%.*s", (int)sentence(comment), comment);
        return text;
    }
    title += sizeof lesson - 1;
    size_t length = (size_t)(more - title);
    more += strcspn(more, ")");
    more += strspn(more, "). ");
    snprintf(text, size, "%.*s. %.*s", (int)length, title, (int)sentence(more), more);
    *text = (char)toupper((unsigned char)*text);
    return text;
}
