/* What the window shows: a scene, a session that is replayed, or the file of a run that is looked through. */
#include "pace.h"
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

static kr_status start_simulation(kr_window *w, const kr_scene *scene, const char *replay, kr_error *error) {
    kr_simulation_options how = {
        .threads = w->options->threads, .synchronous = w->options->frames > 0, .replay = replay, .paused = true};
    w->unit_speed = w->options->speed > 0 && isfinite(w->options->speed) ? w->options->speed : kr_pace(scene);
    kr_status status = kr_analyser_create(&w->analyser, error);
    return status == KR_OK ? kr_simulation_create(&w->simulation, scene, &how, error) : status;
}

/* In the language that was asked for. */
static kr_status create_lesson(kr_window *w, const kr_scene *scene, kr_error *error) {
    const char *language = w->options->language;
    bool known = !language || !strcmp(language, "en");
    for (const kr_language *one = kr_languages; one->code && !known; one++)
        if (!strcmp(one->code, language)) known = true;
    if (!known) {
        char all[400];
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "--language %.40s: there is no such language of captions; there are en (English), %s", language,
                       kr_languages_text(all, sizeof all));
    }
    kr_status status = kr_lesson_panel_create(&w->lesson, scene, error);
    if (status == KR_OK) kr_lesson_panel_speak(w->lesson, language ? language : kr_lesson_language_of_environment());
    return status;
}

/* A scene without its lesson where none is wanted. */
static kr_status open_lesson(kr_window *w, const kr_scene *scene, kr_error *error) {
    kr_scene shown = *scene;
    if (w->options->lesson_step < 0 || !w->simulation) shown.lesson_count = 0;
    size_t step = w->options->lesson_step > 0 ? (size_t)w->options->lesson_step : 0;
    if (step && step >= shown.lesson_count)
        return kr_fail(error, KR_BAD_ARGUMENT, "%s: there is no step %zu of a lesson, it has %zu", scene->name, step + 1,
                       shown.lesson_count);
    kr_status status = create_lesson(w, &shown, error);
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
        if (w->options->lesson_step < 0) shown.lesson_count = 0;
        status = create_lesson(w, &shown, error);
        if (status == KR_OK) status = kr_lesson_panel_follow(w->lesson, &record, error); /* settings come from the record */
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
                        : fmin(50, kr_round_pace((double)kr_player_frames(w->player), 20));
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

/* ---- another one in its place ---- */

kr_status kr_window_open_panels(kr_window *w, kr_error *error) {
    kr_status status = kr_landscape_panel_create(&w->landscape, error);
    if (status == KR_OK) kr_landscape_panel_choose(w->landscape, w->view);
    if (status == KR_OK) status = kr_network_panel_create(&w->network, error);
    if (status == KR_OK) status = kr_instruments_create(&w->instruments, error);
    char all[512] = "";
    if (status == KR_OK && w->options->open && !kr_instruments_open(w->instruments, w->options->open, all, sizeof all))
        status = kr_fail(error, KR_BAD_ARGUMENT, "--open %.100s: the instruments are %s", w->options->open, all);
    if (w->options->open) w->instruments_column = KR_COLUMN_SHOWN;
    if (status == KR_OK) status = kr_controls_panel_create(&w->controls, error);
    return status;
}

void kr_window_close_source(kr_window *w) {
    kr_landscape_panel_destroy(w->landscape);
    kr_network_panel_destroy(w->network);
    kr_instruments_destroy(w->instruments);
    kr_controls_panel_destroy(w->controls);
    kr_lesson_panel_destroy(w->lesson);
    kr_simulation_destroy(w->simulation);
    kr_player_close(w->player);
    kr_analyser_destroy(w->analyser);
    w->landscape = NULL;
    w->network = NULL;
    w->instruments = NULL;
    w->controls = NULL;
    w->lesson = NULL;
    w->simulation = NULL;
    w->player = NULL;
    w->analyser = NULL;
    w->snapshot = NULL;
    w->analysis = NULL;
}

void kr_window_begin_speed(kr_window *w) {
    w->run_speed = w->unit_speed;
    w->lesson_speed = 0;
    kr_window_set_speed(w, isinf(w->options->speed) ? KR_SPEEDS - 1 : KR_UNIT_SPEED);
    kr_window_apply_lesson_speed(w);
}

void kr_window_want(kr_window *w, const char *name) {
    if (w->options->output)
        kr_window_say(w, "-o keeps the session of one scene: open %s in a window of its own", name);
    else
        snprintf(w->wanted, sizeof w->wanted, "%s", name);
}

/* Everything of the window that belongs to what was shown. */
static void forget(kr_window *w) {
    w->widgets.focus[0] = w->widgets.active[0] = w->widgets.edited[0] = w->widgets.open[0] = '\0';
    w->landscape_opened[0] = '\0';
    w->message_until = 0;
    w->message_number = 0;
    w->followed = UINT64_MAX;
    w->began_playing = w->drawing_frozen = w->report_began = false;
}

static void swap_windows(kr_window *a, kr_window *b) {
    kr_window kept = *a;
    *a = *b;
    *b = kept;
}

/* What is shown stays where the other one can't be opened. */
void kr_window_open_wanted(kr_window *w) {
    kr_error error = {.status = KR_OK};
    if (!w->wanted[0]) return;
    kr_window other = *w;
    other.simulation = NULL;
    other.player = NULL;
    other.analyser = NULL;
    other.snapshot = NULL;
    other.analysis = NULL;
    other.landscape = NULL;
    other.network = NULL;
    other.instruments = NULL;
    other.controls = NULL;
    other.lesson = NULL;
    other.view = kr_landscape_panel_choice(w->landscape);
    snprintf(other.source, sizeof other.source, "%s", w->wanted);
    w->wanted[0] = other.wanted[0] = '\0';
    swap_windows(w, &other); /* options and source of a window point into it */
    w->own = *other.options;
    w->own.source = w->source;
    w->own.override_count = 0;
    w->own.lesson_step = 0;
    w->own.speed = 0;
    w->own.paused = false;
    w->options = &w->own;
    kr_status status = kr_window_open_source(w, &error);
    if (status == KR_OK) status = kr_window_open_panels(w, &error);
    if (status != KR_OK) {
        kr_window_close_source(w);
        swap_windows(w, &other);
        kr_window_say(w, "%s", error.message);
        return;
    }
    if (other.simulation) kr_simulation_discard(other.simulation); /* as where the window is closed */
    kr_window_close_source(&other);
    forget(w);
    kr_window_guard_session(w);
    kr_window_begin_speed(w);
}

/* ---- its title ---- */

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
