/* What is kept: pictures, films, settings, sessions. Files get the next free number; nothing is overwritten. */
#include "window_state.h"

#include <kramers/whole_file.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* kramers-NAME-0001.EXTENSION in the working directory. The name without extension is free too: a film may become a folder. */
static const char *free_name(const kr_window *w, const char *extension, char *file, size_t size) {
    for (int number = 1; number < 10000; number++) {
        snprintf(file, size, "kramers-%.100s-%04d", w->name, number);
        bool folder_is_free = access(file, F_OK) != 0;
        snprintf(file, size, "kramers-%.100s-%04d.%s", w->name, number, extension);
        if (folder_is_free && access(file, F_OK)) return file;
    }
    return file;
}

void kr_window_save_picture(kr_window *w) {
    char file[256];
    kr_error error = {.status = KR_OK};
    if (kr_canvas_write_png(&w->canvas, free_name(w, "png", file, sizeof file), false, &error) == KR_OK)
        kr_window_say(w, "picture saved as %s", file);
    else
        kr_window_say(w, "%s", error.message);
}

void kr_window_save_scene(kr_window *w) {
    char file[256], *text = NULL;
    free_name(w, "yaml", file, sizeof file);
    kr_error error = {.status = KR_OK};
    kr_status status = kr_scene_write_beside(&w->snapshot->scene, file, &text, &error);
    if (status == KR_OK) status = kr_whole_file_write(file, text, strlen(text), false, &error);
    if (status == KR_OK)
        kr_window_say(w, "settings saved as a scene: %s", file);
    else
        kr_window_say(w, "%s", error.message);
    free(text);
}

void kr_window_save_session(kr_window *w) {
    char file[256];
    if (!w->simulation)
        kr_window_say(w, "a file is shown: there is no session to save");
    else if (!kr_simulation_save(w->simulation, free_name(w, "h5", file, sizeof file)))
        kr_window_say(w, "too many commands are waiting: try again");
}

/* ---- what nobody has saved ---- */

void kr_window_guard_session(kr_window *w) {
    char name[sizeof w->name];
    snprintf(name, sizeof name, "kramers-%.100s", w->name);
    if (w->simulation) kr_window_check_accepted(w, kr_simulation_guard(w->simulation, name));
}

/* Why it ends, where it is not the user's wish. */
static kr_status end_without_the_user(const kr_window *w, kr_status status, kr_error *error) {
    int (*interrupted)(void) = w->options->interrupted;
    const char *(*by)(void) = w->options->interrupted_by;
    if (status != KR_OK) return status;
    if (interrupted && interrupted())
        return kr_fail(error, KR_INTERRUPTED, by ? "interrupted by %s" : "interrupted", by ? by() : "");
    return w->lost ? kr_fail(error, KR_IO, "the display is gone") : KR_OK;
}

kr_status kr_window_end_session(kr_window *w, kr_status status, kr_error *error) {
    char file[1024] = "";
    kr_error why = {.status = KR_OK}, problem = {.status = KR_OK};
    if (error && status != KR_OK) why = *error;
    if ((status = end_without_the_user(w, status, &why)) == KR_OK) {
        if (w->simulation) kr_simulation_discard(w->simulation);
        return KR_OK;
    }
    kr_status kept = w->simulation ? kr_simulation_keep(w->simulation, file, sizeof file, &problem) : KR_OK;
    if (w->output_written) snprintf(file, sizeof file, "%s", w->options->output);
    if (kept != KR_OK)
        return kr_fail(error, status, "%.400s; what was done could not be kept: %.500s", why.message, problem.message);
    if (*file)
        return kr_fail(error, status, "%.400s; what was done is kept: 'kramers view %.500s' repeats it and goes on from there",
                       why.message, file);
    if (error) *error = why;
    return status;
}

/* ---- films ---- */

void kr_window_toggle_film(kr_window *w) {
    char file[256], message[256] = "";
    kr_error error = {.status = KR_OK};
    if (w->film) {
        kr_window_end_film(w);
        return;
    }
    if (kr_film_begin(&w->film, free_name(w, "mp4", file, sizeof file), w->canvas.width, w->canvas.height, message, &error) ==
        KR_OK)
        kr_window_say(w, "%s; v ends it", message);
    else
        kr_window_say(w, "%s", error.message);
}

/* The user sees it now; the film that was asked for on the command line makes the program fail at its end, too. */
static void film_failed(kr_window *w, const kr_error *error) {
    kr_window_say(w, "%s", error->message);
    if (w->options->record && w->film_error.status == KR_OK) w->film_error = *error;
}

void kr_window_add_to_film(kr_window *w) {
    kr_error error = {.status = KR_OK};
    char none[256];
    if (!w->film || kr_film_add_at(w->film, &w->canvas, w->seconds, &error) == KR_OK) return;
    kr_film_end(w->film, none, NULL);
    w->film = NULL;
    film_failed(w, &error);
}

void kr_window_end_film(kr_window *w) {
    char message[256] = "";
    kr_error error = {.status = KR_OK};
    if (!w->film) return;
    if (kr_film_end(w->film, message, &error) == KR_OK)
        kr_window_say(w, "%s", message);
    else
        film_failed(w, &error);
    w->film = NULL;
}

/* What was done is not lost because somebody else's file has the name now, or the disk is full there. */
kr_status kr_window_keep_session(kr_window *w, kr_error *error) {
    char file[256];
    kr_error why = {.status = KR_OK};
    if (kr_simulation_finish(w->simulation, w->options->output, w->options->overwrite, &why) == KR_OK) return KR_OK;
    bool sentence = strchr(".?", why.message[strlen(why.message) - 1]);
    if (kr_simulation_finish(w->simulation, free_name(w, "h5", file, sizeof file), false, error) == KR_OK)
        return kr_fail(error, why.status, "%s%s session is in %s", why.message, sentence ? " The" : "; the", file);
    if (error) *error = why;
    return why.status;
}
