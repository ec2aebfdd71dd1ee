/* What the window shows: a scene, a session that is replayed, or the file of a run that is looked through. */
#include "window_state.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Of what is no regular file, such as a pipe, nothing is read here: it would be gone. */
static bool is_hdf5(const char *file) {
    static const char signature[8] = "\x89HDF\r\n\x1a\n";
    char first[8] = "";
    struct stat about;
    FILE *in = file && !stat(file, &about) && S_ISREG(about.st_mode) ? fopen(file, "rb") : NULL;
    bool is = in && fread(first, 1, sizeof first, in) == sizeof first && !memcmp(first, signature, sizeof first);
    if (in) fclose(in);
    return is;
}

static void choose_name(kr_window *w, const char *source) {
    const char *base = strrchr(source, '/');
    snprintf(w->name, sizeof w->name, "%s", base ? base + 1 : source);
    char *extension = strrchr(w->name, '.');
    if (extension && extension != w->name) *extension = '\0';
}

/* So much in so many seconds, at least one a second, rounded to 1, 2 or 5 times a power of ten. */
static double round_speed(double much, double seconds) {
    double rate = fmax(1.0, much / seconds), ten = pow(10, floor(log10(rate))), part = rate / ten;
    return ten * (part < 1.5 ? 1 : part < 3.5 ? 2 : part < 7.5 ? 5 : 10);
}

/* 1x shows the whole run in a minute. */
static double speed_of_a_run(const kr_scene *scene) {
    return round_speed((double)kr_scene_ensemble(scene)->steps, 60);
}

static kr_status start_simulation(kr_window *w, const kr_scene *scene, const char *replay, kr_error *error) {
    kr_simulation_options how = {
        .threads = w->options->threads, .synchronous = w->options->frames > 0, .replay = replay, .paused = true};
    w->unit_speed = w->options->speed > 0 && isfinite(w->options->speed) ? w->options->speed : speed_of_a_run(scene);
    kr_status status = kr_analyser_create(&w->analyser, error);
    return status == KR_OK ? kr_simulation_create(&w->simulation, scene, &how, error) : status;
}

/* A scene without its lesson where none is wanted. */
static kr_status open_lesson(kr_window *w, const kr_scene *scene, kr_error *error) {
    kr_scene shown = *scene;
    if (w->options->lesson_step < 0 || !w->simulation) shown.lesson_count = 0;
    size_t step = w->options->lesson_step > 0 ? (size_t)w->options->lesson_step : 0;
    if (step && step >= shown.lesson_count)
        return kr_fail(error, KR_BAD_ARGUMENT, "%s: there is no step %zu of a lesson, it has %zu", scene->name, step + 1,
                       shown.lesson_count);
    kr_status status = kr_lesson_panel_create(&w->lesson, &shown, error);
    if (status == KR_OK && shown.lesson_count && (step || shown.lesson[0].setting_count))
        kr_lesson_panel_go(w->lesson, w->simulation, step);
    return status;
}

static kr_status open_session(kr_window *w, bool *found, kr_error *error) {
    kr_session_record record;
    kr_status status = kr_session_record_read(&record, w->registry, w->options->source, found, error);
    if (status != KR_OK || !*found) return status;
    if (w->options->override_count)
        status = kr_fail(error, KR_BAD_ARGUMENT, "%s is a recorded session, which is replayed as it was: --set can't change it",
                         w->options->source);
    else
        status = start_simulation(w, &record.scene, w->options->source, error);
    if (status == KR_OK) {
        kr_scene shown = record.scene;
        shown.lesson_count = 0; /* its settings come from the record */
        status = kr_lesson_panel_create(&w->lesson, &shown, error);
    }
    kr_session_record_destroy(&record);
    return status;
}

static kr_status open_recording(kr_window *w, kr_error *error) {
    kr_status status =
        kr_player_open(&w->player, w->registry, w->options->source, w->options->overrides, w->options->override_count, error);
    if (status != KR_OK) return status;
    if (w->options->output)
        return kr_fail(error, KR_BAD_ARGUMENT, "%s is no session: there is nothing that -o could write", w->options->source);
    const kr_scene *scene = kr_player_scene(w->player);
    w->unit_speed = w->options->speed > 0 && isfinite(w->options->speed)
                        ? w->options->speed
                        : fmin(50, round_speed((double)kr_player_frames(w->player), 20));
    kr_player_play(w->player, !w->options->paused);
    status = open_lesson(w, scene, error);
    return status == KR_OK ? kr_analyser_create(&w->analyser, error) : status;
}

static kr_status open_scene(kr_window *w, kr_error *error) {
    kr_scene scene = {0};
    kr_status status =
        kr_scene_load(&scene, w->registry, w->options->source, w->options->overrides, w->options->override_count, error);
    if (status == KR_OK) status = start_simulation(w, &scene, NULL, error);
    if (status == KR_OK) status = open_lesson(w, &scene, error);
    kr_scene_destroy(&scene);
    return status;
}

/* A lesson keeps its name on every landscape that it comes to. */
void kr_window_name_shown(kr_window *w) {
    const char *landscape = w->analysis->scene.landscape.about->name;
    if (!*w->landscape_opened) snprintf(w->landscape_opened, sizeof w->landscape_opened, "%s", landscape);
    bool of_scene = kr_lesson_panel_steps(w->lesson) || !strcmp(landscape, w->landscape_opened);
    const char *title = of_scene ? w->name : landscape;
    if (!strcmp(title, w->title)) return;
    snprintf(w->title, sizeof w->title, "%s", title);
    if (w->display) kr_display_title(w->display, title);
}

kr_status kr_window_open_source(kr_window *w, kr_error *error) {
    const char *source = w->options->source;
    choose_name(w, source ? source : "double_well");
    if (!is_hdf5(source)) return open_scene(w, error);
    bool session = false;
    kr_status status = open_session(w, &session, error);
    return status == KR_OK && !session ? open_recording(w, error) : status;
}
