/* The window from beginning to end. */
#include "window_state.h"

#include "draw/picture_name.h"

#include "model/measure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static bool interrupted(const kr_window *w) {
    return w->options->interrupted && w->options->interrupted();
}

/* ---- beginning and end ---- */

/* Not before there is something to see: what is known about the scene takes a moment. */
static void begin_playing(kr_window *w) {
    w->began_playing = true;
    if (w->simulation && !w->options->paused) kr_simulation_play(w->simulation, true);
}

static kr_status open_picture(kr_window *w, kr_error *error) {
    int width = w->options->width, height = w->options->height;
    kr_status status = kr_fonts_create(&w->fonts, error);
    if (status == KR_OK && !w->options->frames) {
        status = kr_display_open(&w->display, width, height, w->name, error);
        if (status == KR_OK) kr_display_size(w->display, &width, &height);
    }
    if (status == KR_OK) status = kr_canvas_create(&w->canvas, width > 0 ? width : 1280, height > 0 ? height : 800, error);
    w->display_scale = w->display ? kr_display_scale(w->display) : 1.0;
    kr_theme_make(&w->theme, w->dark, kr_window_scale(w) * w->zoom);
    return status;
}

static kr_status begin_film(kr_window *w, kr_error *error) {
    char message[256] = "";
    if (!w->options->record) return KR_OK;
    kr_status status = kr_film_begin(&w->film, w->options->record, w->canvas.width, w->canvas.height, message, error);
    if (status != KR_OK) return status;
    fprintf(stderr, "kramers: %s\n", message);
    return KR_OK;
}

static kr_status check_output(const kr_window_options *options, kr_error *error) {
    kr_status status = options->screenshot ? kr_picture_name_check(options->screenshot, error) : KR_OK;
    if (status != KR_OK) return status;
    if (options->output && !options->overwrite && !access(options->output, F_OK))
        return kr_fail(error, KR_IO, "%s exists already; --force overwrites it", options->output);
    return KR_OK;
}

kr_status kr_window_open(kr_window *w, kr_error *error) {
    w->dark = !w->options->light;
    w->presents = w->options->present;
    w->zoom = 1.0;
    w->followed = UINT64_MAX;
    kr_status status = check_output(w->options, error);
    if (status == KR_OK) status = kr_window_open_source(w, error);
    if (status == KR_OK) status = open_picture(w, error);
    if (status == KR_OK) status = kr_window_open_panels(w, error);
    if (status == KR_OK && w->display) kr_window_guard_session(w);
    if (status == KR_OK && w->options->describe) status = kr_description_create(&w->description, w->options->describe, error);
    if (status == KR_OK) status = begin_film(w, error);
    if (status == KR_OK) {
        kr_window_begin_speed(w);
        if (w->options->frames) begin_playing(w);
        *w->message = '\0';
    }
    return status;
}

static kr_status end_film(kr_window *w, kr_error *error) {
    char message[256] = "";
    if (!w->film) return KR_OK;
    kr_status status = kr_film_end(w->film, message, error);
    w->film = NULL;
    if (status == KR_OK) fprintf(stderr, "kramers: %s\n", message);
    return status;
}

void kr_window_close(kr_window *w) {
    char none[256];
    kr_film_end(w->film, none, NULL);
    kr_display_close(w->display); /* first: the window disappears before its threads are waited for */
    kr_window_close_source(w);
    kr_description_destroy(w->description);
    kr_legibility_destroy(&w->legibility);
    kr_fonts_destroy(w->fonts);
    kr_canvas_destroy(&w->canvas);
}

/* ---- pictures without a display ---- */

/* Pictures are not written on; what the simulation says, that a replay has come out as recorded for instance, goes to stderr. */
static void report_simulation(kr_window *w) {
    if (w->snapshot->message_number == w->message_number) return;
    w->message_number = w->snapshot->message_number;
    fprintf(stderr, "kramers: %s\n", w->snapshot->message);
}

static kr_status run_frames(kr_window *w, kr_error *error) {
    kr_status status = KR_OK;
    uint64_t steps =
        (uint64_t)fmax(1.0, round(w->unit_speed * kr_speeds[w->speed < KR_SPEEDS - 1 ? w->speed : KR_UNIT_SPEED] / KR_FILM_RATE));
    for (w->frame = 0; status == KR_OK && w->frame < w->options->frames && !interrupted(w); w->frame++) {
        w->seconds = (double)w->frame / KR_FILM_RATE;
        kr_input input = {.mouse = {-1, -1}, .seconds = w->seconds};
        if (w->player) {
            status = kr_player_advance(w->player, w->seconds, &w->snapshot, error);
        } else {
            status = kr_simulation_run_steps(w->simulation, w->options->paused ? 0 : steps, error);
            w->snapshot = kr_simulation_snapshot(w->simulation);
            report_simulation(w);
        }
        if (status == KR_OK) status = kr_window_draw(w, &input, error);
        if (status == KR_OK && w->film) status = kr_film_add(w->film, &w->canvas, error);
    }
    return status;
}

/* ---- the window ---- */

static void show_message(kr_window *w) {
    if (w->snapshot->message_number == w->message_number) return;
    w->message_number = w->snapshot->message_number;
    if (w->message_number) kr_window_say(w, "%s", w->snapshot->message);
}

/* Whether there is something new to be seen. */
static kr_status fetch_snapshot(kr_window *w, bool *new, kr_error *error) {
    const kr_snapshot *before = w->snapshot;
    uint64_t number = before ? before->number : 0;
    kr_status status = KR_OK;
    if (w->player) {
        kr_error why;
        status = kr_player_advance(w->player, w->seconds, &w->snapshot, &why);
        if (status != KR_OK && before) { /* the file was replaced: what is shown of it stays */
            kr_window_say(w, "%s", why.message);
            status = KR_OK;
        } else if (status != KR_OK && error) {
            *error = why;
        }
    } else if (!w->drawing_frozen || !before) {
        w->snapshot = kr_simulation_snapshot(w->simulation);
    }
    show_message(w);
    *new = !before || w->snapshot->number != number;
    return status;
}

static kr_status fit_canvas(kr_window *w, kr_error *error) {
    int width, height;
    kr_display_size(w->display, &width, &height);
    if (width == w->canvas.width && height == w->canvas.height) return KR_OK;
    kr_canvas_destroy(&w->canvas);
    return kr_canvas_create(&w->canvas, width, height, error);
}

static void count_frames(kr_window *w, double *began, uint64_t *drawn) {
    ++*drawn;
    w->frame++;
    double now = kr_seconds_now();
    if (now - *began < 0.5) return;
    w->frames_per_second = (double)*drawn / (now - *began);
    *began = now;
    *drawn = 0;
}

/* The first second is for opening, theories and the fine map. */
static void observe(kr_window *w, kr_window_report *report) {
    static const double warm_up = 1.0;
    const kr_snapshot *s = w->snapshot;
    if (w->seconds < warm_up) return;
    if (!w->report_began) {
        w->report_began = true;
        *report = (kr_window_report){.width = w->canvas.width, .height = w->canvas.height};
        snprintf(report->driver, sizeof report->driver, "%s", kr_display_driver(w->display));
        w->report_first = (kr_window_report){.frames = w->frame,
                                             .snapshots = w->shown,
                                             .steps = s->step,
                                             .seconds = w->seconds,
                                             .drawing = kr_busy_seconds(),
                                             .simulated = s->made,
                                             .simulating = s->busy};
        w->report_generation = s->generation;
    }
    report->frames = w->frame - w->report_first.frames;
    report->snapshots = w->shown - w->report_first.snapshots;
    report->seconds = w->seconds - w->report_first.seconds;
    report->drawing = kr_busy_seconds() - w->report_first.drawing;
    report->steps = w->player || s->generation != w->report_generation ? 0 : s->step - w->report_first.steps;
    report->simulated = s->made - w->report_first.simulated;
    report->simulating = s->busy - w->report_first.simulating;
    report->particles = s->variant[0].particles;
    report->variants = s->variants;
}

static void sleep_for(double seconds) {
    struct timespec pause = {.tv_nsec = (long)(1e9 * fmin(fmax(seconds, 0.0), 0.9))};
    nanosleep(&pause, NULL);
}

/* Whether nothing would be seen in a new frame but what moves by itself: tips that open, pictures that get finer. Those need no
 * more than some thirty or forty frames a second. */
static bool is_repetition(const kr_window *w, bool new, kr_happened happened) {
    static const double repeat_seconds = 0.02;
    return !new && !happened.anything && w->frame && w->seconds - w->last_drawn < repeat_seconds;
}

static kr_status draw(kr_window *w, const kr_input *input, kr_error *error) {
    kr_status status = fit_canvas(w, error);
    w->progress = kr_analyser_progress(w->analyser);
    w->last_drawn = w->seconds;
    if (status == KR_OK) status = kr_window_draw(w, input, error);
    if (w->analysis && !w->began_playing) begin_playing(w);
    if (status == KR_OK) status = kr_display_show(w->display, &w->canvas, error);
    kr_window_add_to_film(w);
    return status;
}

/* A frame when something has changed, and for a moment after whatever the user did. */
static kr_status run_window(kr_window *w, kr_window_report *report, kr_error *error) {
    static const double lively = 1.2, idle_wait = 0.03,
                        shortest = 1.0 / 120; /* between frames that answer input, where the display waits longer */
    double began = kr_seconds_now(), last = began, counted = began;
    uint64_t drawn = 0;
    bool idle = false;
    kr_status status = KR_OK;
    while (status == KR_OK && !w->quit && !interrupted(w)) {
        kr_input input;
        bool new = false;
        double period = kr_display_frame_seconds(w->display);
        if (!idle) sleep_for(last + fmin(period, shortest) - kr_seconds_now());
        kr_happened happened =
            kr_display_collect(w->display, idle ? idle_wait : fmax(0.0, last + period - kr_seconds_now()), &input);
        last = kr_seconds_now();
        w->seconds = kr_seconds_now() - began;
        w->lost = happened.lost;
        w->quit |= happened.quit || (w->options->seconds > 0 && w->seconds >= w->options->seconds);
        kr_window_open_wanted(w);
        status = fetch_snapshot(w, &new, error);
        w->shown += new;
        observe(w, report);
        new |= kr_analyser_progress(w->analyser) != w->progress;
        if (happened.anything || new) w->awake_until = fmax(w->awake_until, w->seconds + (happened.anything ? lively : 0.2));
        idle = kr_display_hidden(w->display) || (w->seconds > w->awake_until && !w->film && w->frame > 0);
        if (status != KR_OK || idle) continue;
        if (is_repetition(w, new, happened)) {
            if (period <= 0.0) sleep_for(shortest); /* showing does not wait here */
            continue;
        }
        status = draw(w, &input, error);
        count_frames(w, &counted, &drawn);
    }
    return status;
}

typedef struct window_run {
    kr_window *window;
    kr_window_report *report;
} window_run;

static kr_status run_guarded(void *context, kr_error *error) {
    window_run *run = context;
    return run_window(run->window, run->report, error);
}

static void keep_first(kr_error *first, kr_status status, const kr_error *error) {
    if (first->status == KR_OK && status != KR_OK) *first = *error;
}

/* What was asked for on the command line is written whatever ended the window, and each of them whatever became of the others. */
static kr_status write_outputs(kr_window *w, kr_status status, kr_error *error) {
    const kr_window_options *asked = w->options;
    kr_error first = w->film_error, later = {.status = KR_OK};
    keep_first(&first, end_film(w, &later), &later);
    if (asked->screenshot && w->frame)
        keep_first(&first, kr_canvas_write_png(&w->canvas, asked->screenshot, true, &later), &later);
    else if (asked->screenshot && status == KR_OK && !interrupted(w))
        keep_first(&first,
                   kr_fail(&later, KR_IO, "%s: the end came before the first frame; there is no picture", asked->screenshot),
                   &later);
    kr_display_close(w->display);
    w->display = NULL;
    if (asked->output && w->simulation) {
        kr_status saved = kr_window_keep_session(w, &later);
        keep_first(&first, saved, &later);
        w->output_written = saved == KR_OK;
    }
    if (status != KR_OK || first.status == KR_OK) return status;
    if (error) *error = first;
    return first.status;
}

kr_status kr_window_run(const kr_window_options *options, const kr_registry *registry, kr_window_report *report, kr_error *error) {
    kr_window_report ignored;
    if (!report) report = &ignored;
    *report = (kr_window_report){.seconds = 0};
    kr_window *w = calloc(1, sizeof *w);
    if (!w) return kr_fail(error, KR_NO_MEMORY, "not enough memory for the window");
    *w = (kr_window){.options = options, .registry = registry};
    kr_status status = kr_window_open(w, error);
    if (status == KR_OK) {
        status =
            options->frames ? run_frames(w, error) : kr_display_guard(w->display, run_guarded, &(window_run){w, report}, error);
        status = write_outputs(w, status, error);
    }
    status = kr_window_end_session(w, status, error);
    kr_window_close(w);
    free(w);
    return status;
}
