#include "command.h"

#ifdef KR_HAVE_WINDOW

#include "window/window.h"
#include <math.h>

static const struct argp_option rows[] = {
    KR_ROW_SET,
    {"frames", KR_OPTION_FRAMES, "N", 0, "draw so many frames, each after the same number of steps, without a display, and end", 0},
    {"screenshot", KR_OPTION_SCREENSHOT, "FILE.png", 0, "write the last frame to this picture", 0},
    {"record", KR_OPTION_RECORD, "FILE.mp4", 0,
     "write a film, 30 frames a second, with ffmpeg; without it, or for a name without extension, a folder of numbered pictures",
     0},
    {"describe", KR_OPTION_DESCRIBE, "FILE.json", 0,
     "keep in this file what is on the screen, in words: every control with its place and value, every text, the state of the "
     "simulation; for screen readers, scripts and tests",
     0},
    KR_ROW_OUTPUT("at the end keep the session in this file, from which kramers view replays it"),
    KR_ROW_FORCE,
    KR_ROW_PLUGIN,
    {"size", KR_OPTION_SIZE, "WIDTHxHEIGHT", 0, "of the window or the picture (1280x800)", 0},
    {"scale", KR_OPTION_SCALE, "X", 0, "size of text and controls (that of the display, and more in a window larger than 1280x800)",
     0},
    {"light", KR_OPTION_LIGHT, NULL, 0, "dark on light", 0},
    {"present", KR_OPTION_PRESENT, NULL, 0, "in the presenter's layout: large, with few instruments (key F5)", 0},
    {"view", KR_OPTION_VIEW, "NAME", 0,
     "of the landscape: flat (its curve or map), surface (in 3-D, of two or more coordinates), phase (position and momentum) or "
     "step "
     "(from one position to the next, of one coordinate)",
     0},
    {"open", KR_OPTION_OPEN, "TITLE", 0, "open this instrument, for instance 'escape times' or arrhenius", 0},
    {"lesson-step", KR_OPTION_LESSON_STEP, "N", 0, "begin with this step of the scene's lesson (1), or none: without the lesson",
     0},
    {"language", KR_OPTION_LANGUAGE, "CODE", 0,
     "of a lesson's captions: en, de, or another that the scene has (that of LC_ALL, LC_MESSAGES or LANG)", 0},
    {"speed", KR_OPTION_SPEED, "S", 0, "steps per second, or max (the whole run in about a minute); frames per second of a file",
     0},
    {"paused", KR_OPTION_PAUSED, NULL, 0, "begin paused", 0},
    {"threads", KR_OPTION_THREADS, "N", 0,
     "number of threads (default: one less than there are processors); never changes a result", 0},
    KR_ROW_ISA,
    {"seconds", KR_OPTION_SECONDS, "S", 0, "end after so long", 0},
    {"json", KR_OPTION_JSON, NULL, 0, "at the end print frames and steps per second as JSON", 0},
    {0}};

static const char doc[] = "Opens a window in which particles move on the landscape and everything can be changed while they do. "
                          "The key h lists all keys.\v"
                          "SCENE is a YAML file or the name of a shipped scene; FILE.h5 is a session kept with -o or the key k, "
                          "which is replayed exactly, or "
                          "the trajectory of a run, which can be looked through.\n\n"
                          "  kramers view\n"
                          "  kramers view muller_brown --set ensemble.particles=100000\n"
                          "  kramers view double_well --frames 90 --screenshot picture.png\n"
                          "  kramers view heavy_ball --frames 900 --record film.mp4 --size 1920x1080";

static void print_report(const kr_window_report *report) {
    json_object *root = json_object_new_object();
    double seconds = report->seconds > 0 ? report->seconds : NAN, particles = (double)(report->particles * report->variants);
    json_object_object_add(root, "driver", json_object_new_string(report->driver));
    json_object_object_add(root, "width", json_object_new_int(report->width));
    json_object_object_add(root, "height", json_object_new_int(report->height));
    json_object_object_add(root, "seconds", kr_json_number(seconds));
    json_object_object_add(root, "frames_per_second", kr_json_number((double)report->frames / seconds));
    json_object_object_add(root, "snapshots_per_second", kr_json_number((double)report->snapshots / seconds));
    json_object_object_add(root, "frames", json_object_new_int64((int64_t)report->frames));
    json_object_object_add(root, "drawing_processor_seconds", kr_json_number(report->drawing));
    json_object_object_add(root, "particle_steps", kr_json_number((double)report->steps * particles));
    json_object_object_add(root, "particle_steps_per_second",
                           kr_json_number((double)report->steps * particles / report->simulated));
    json_object_object_add(root, "particle_steps_per_processor_second",
                           kr_json_number((double)report->steps * particles / report->simulating));
    kr_json_print(root);
}

int kr_command_view(int argc, char **argv) {
    kr_options options;
    kr_options_parse(&options, 1, rows, "[SCENE | FILE.h5]", doc, argc, argv);
    kr_error error = {.status = KR_OK};
    kr_window_options how = {.source = options.argument[0],
                             .overrides = options.set,
                             .override_count = options.set_count,
                             .output = options.output,
                             .overwrite = options.force,
                             .frames = (uint64_t)options.frames,
                             .screenshot = options.screenshot,
                             .record = options.record,
                             .describe = options.describe,
                             .width = options.width,
                             .height = options.height,
                             .scale = options.scale,
                             .light = options.light,
                             .present = options.present,
                             .language = options.language,
                             .view = options.view,
                             .open = options.open,
                             .lesson_step = options.lesson_step > 0 ? options.lesson_step - 1 : options.lesson_step,
                             .speed = options.speed,
                             .paused = options.paused,
                             .threads = options.threads,
                             .seconds = options.seconds,
                             .interrupted = kr_interrupted,
                             .interrupted_by = kr_interrupted_by};
    kr_catch_interrupts();
    kr_window_report report = {.seconds = 0};
    if (!(error.status = kr_options_registry(&options, &error)))
        error.status = kr_window_run(&how, options.registry, &report, &error);
    if (options.json && (!error.status || error.status == KR_INTERRUPTED)) print_report(&report);
    kr_options_free(&options);
    int status = error.status ? kr_complain(&error) : 0;
    return error.status == KR_INTERRUPTED ? 128 + kr_interrupted() : status;
}

#else

int kr_command_view(int argc, char **argv) {
    (void)argc, (void)argv;
    fputs("kramers: this kramers was built without the window: it needs SDL2, SDL2_image, FreeType and libunistring when it is "
          "built\n",
          stderr);
    return 3;
}

#endif
