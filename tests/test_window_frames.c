/* The window without a display: pictures, films, sessions and files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "window/window.h"
#include "window/window_state.h"

#include <kramers/kramers.h>

#include <SDL_image.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/kramers-test-window-XXXXXX";

static const kr_registry *registry(void) {
    const kr_registry *found;
    kr_error error;
    if (kr_registry_find(NULL, &found, &error) != KR_OK) fail_msg("%s", error.message);
    return found;
}

static void show(kr_window_options options) {
    kr_error error = {.status = KR_OK};
    if (!options.threads) options.threads = 1;
    if (kr_window_run(&options, registry(), NULL, &error) != KR_OK) fail_msg("%s", error.message);
}

static kr_error refused(kr_window_options options, kr_status status) {
    kr_error error = {.status = KR_OK};
    assert_int_equal(kr_window_run(&options, registry(), NULL, &error), status);
    return error;
}

static char *in_folder(const char *name) {
    char *path = malloc(sizeof folder + strlen(name) + 2);
    assert_non_null(path);
    sprintf(path, "%s/%s", folder, name);
    return path;
}

static SDL_Surface *pixels_of(const char *file) {
    SDL_Surface *raw = IMG_Load(file);
    if (!raw) fail_msg("%s: %s", file, IMG_GetError());
    SDL_Surface *surface = SDL_ConvertSurfaceFormat(raw, SDL_PIXELFORMAT_ARGB8888, 0);
    SDL_FreeSurface(raw);
    assert_non_null(surface);
    return surface;
}

static size_t differing_pixels(const char *a, const char *b) {
    SDL_Surface *left = pixels_of(a), *right = pixels_of(b);
    assert_int_equal(left->w, right->w);
    assert_int_equal(left->h, right->h);
    size_t count = 0;
    for (int y = 0; y < left->h; y++)
        for (int x = 0; x < left->w; x++)
            count +=
                memcmp((char *)left->pixels + y * left->pitch + 4 * x, (char *)right->pixels + y * right->pitch + 4 * x, 4) != 0;
    SDL_FreeSurface(left);
    SDL_FreeSurface(right);
    return count;
}

/* Fraction of pixels that are not like their left neighbour: 0 for an empty picture. */
static double detail(const char *file) {
    SDL_Surface *s = pixels_of(file);
    size_t count = 0;
    for (int y = 0; y < s->h; y++)
        for (int x = 1; x < s->w; x++) {
            const char *at = (char *)s->pixels + y * s->pitch + 4 * x;
            count += memcmp(at, at - 4, 4) != 0;
        }
    double fraction = (double)count / ((double)s->w * s->h);
    SDL_FreeSurface(s);
    return fraction;
}

/* The same pixels in two calls, others when time goes on. */
static void pictures_are_reproducible(void **state) {
    (void)state;
    static const struct {
        const char *scene, *set;
        int width, height;
        bool light;
    } pictures[] = {{"double_well", "ensemble.particles=3000", 1280, 800, false},
                    {"muller_brown", "ensemble.particles=50000", 1280, 800, true},
                    {"restart_escape", "ensemble.steps=300", 640, 480, false},
                    {"heavy_ball", "energy.every=1", 480, 360, false}};
    char *first = in_folder("first.png"), *second = in_folder("second.png"), *later = in_folder("later.png");
    for (size_t i = 0; i < sizeof pictures / sizeof *pictures; i++) {
        kr_window_options options = {.source = pictures[i].scene,
                                     .overrides = &pictures[i].set,
                                     .override_count = 1,
                                     .frames = 4,
                                     .width = pictures[i].width,
                                     .height = pictures[i].height,
                                     .light = pictures[i].light,
                                     .screenshot = first};
        show(options);
        options.screenshot = second;
        options.threads = 2;
        show(options);
        options.screenshot = later;
        options.frames = 12;
        show(options);
        assert_int_equal(differing_pixels(first, second), 0);
        assert_true(differing_pixels(first, later) > 500);
        assert_true(detail(first) > 0.01);
    }
    free(first);
    free(second);
    free(later);
}

static void every_shipped_scene_is_drawn(void **state) {
    (void)state;
    char *file = in_folder("scene.png");
    for (const kr_shipped_scene *scene = kr_shipped_scenes; scene->name; scene++) {
        const char *few[] = {"ensemble.particles=500", "ensemble.steps=2000"};
        show((kr_window_options){.source = scene->name,
                                 .overrides = few,
                                 .override_count = strstr(scene->text, "\nphases:") ? 1 : 2, /* those say how long they are */
                                 .frames = 2,
                                 .width = 900,
                                 .height = 600,
                                 .lesson_step = -1,
                                 .screenshot = file});
        if (detail(file) < 0.01) fail_msg("the picture of %s is empty", scene->name);
        remove(file);
    }
    free(file);
}

/* A session that was kept is replayed to the same pixels. */
static void session_is_kept_and_replayed(void **state) {
    (void)state;
    char *file = in_folder("double_well.h5"), *first = in_folder("played.png"), *second = in_folder("replayed.png");
    kr_window_options options = {.source = "double_well", .frames = 5, .screenshot = first, .speed = 300};
    show(options);
    options.frames = 6;
    options.screenshot = NULL;
    options.output = file;
    show(options);
    kr_window_options again = {.source = file, .frames = 5, .screenshot = second, .speed = 300};
    show(again);
    assert_int_equal(differing_pixels(first, second), 0);
    again.frames = 9; /* beyond its end */
    show(again);
    kr_error error = refused((kr_window_options){.source = "double_well", .frames = 1, .output = file}, KR_IO);
    assert_non_null(strstr(error.message, "exists"));
    const char *set = "schedule.lr=0.1";
    error = refused((kr_window_options){.source = file, .frames = 1, .overrides = &set, .override_count = 1}, KR_BAD_ARGUMENT);
    assert_non_null(strstr(error.message, "replayed as it was"));
    remove(file);
    free(file);
    free(first);
    free(second);
}

static void trajectory_is_looked_through(void **state) {
    (void)state;
    char *file = in_folder("trajectory.h5"), *first = in_folder("one.png"), *second = in_folder("two.png");
    const char *set[] = {"ensemble.steps=1000", "ensemble.particles=300", "trajectory.every=50", "trajectory.particles=300"};
    kr_scene scene;
    kr_run *run;
    kr_error error = {.status = KR_OK};
    assert_int_equal(kr_scene_load(&scene, registry(), "muller_brown", set, 4, &error), KR_OK);
    assert_int_equal(kr_run_create(&run, &scene, &(kr_run_options){.output = file, .threads = 1}, &error), KR_OK);
    while (!kr_run_finished(run)) assert_int_equal(kr_run_advance(run, &error), KR_OK);
    assert_int_equal(kr_run_finish(run, &error), KR_OK);
    kr_run_destroy(run);
    kr_scene_destroy(&scene);
    show((kr_window_options){.source = file, .frames = 1, .screenshot = first, .speed = 30});
    show((kr_window_options){.source = file, .frames = 15, .screenshot = second, .speed = 30});
    assert_true(differing_pixels(first, second) > 500);
    error = refused((kr_window_options){.source = file, .frames = 1, .output = first}, KR_IO); /* exists */
    remove(first);
    error = refused((kr_window_options){.source = file, .frames = 1, .output = first}, KR_BAD_ARGUMENT);
    assert_non_null(strstr(error.message, "no session"));
    remove(file);
    free(file);
    free(first);
    free(second);
}

static void film_without_ffmpeg_is_a_folder(void **state) {
    (void)state;
    char *film = in_folder("film.mp4"), *path = getenv("PATH") ? strdup(getenv("PATH")) : NULL;
    setenv("PATH", folder, 1);
    show((kr_window_options){.frames = 3, .record = film, .width = 401, .height = 301});
    if (path) setenv("PATH", path, 1);
    for (int i = 1; i <= 4; i++) {
        char name[64];
        snprintf(name, sizeof name, "film/%06d.png", i);
        char *picture = in_folder(name);
        assert_int_equal(access(picture, F_OK) == 0, i <= 3);
        if (i == 1) {
            SDL_Surface *s = pixels_of(picture);
            assert_int_equal(s->w, 400); /* even, as for a film */
            assert_int_equal(s->h, 300);
            SDL_FreeSurface(s);
        }
        remove(picture);
        free(picture);
    }
    char *made = in_folder("film");
    assert_int_equal(rmdir(made), 0);
    free(made);
    free(film);
    free(path);
}

static void film_with_ffmpeg(void **state) {
    (void)state;
    if (system("ffmpeg -version >/dev/null 2>&1")) {
        print_message("no ffmpeg here\n");
        skip();
    }
    char *film = in_folder("a film's name.mp4");
    show((kr_window_options){.frames = 5, .record = film, .width = 641, .height = 481});
    struct stat about;
    assert_int_equal(stat(film, &about), 0);
    assert_true(about.st_size > 1000);
    remove(film);
    free(film);
}

static void mistakes_are_said(void **state) {
    (void)state;
    kr_error error = refused((kr_window_options){.source = "doublewell", .frames = 1}, KR_BAD_ARGUMENT);
    assert_non_null(strstr(error.message, "doublewell"));
    error = refused((kr_window_options){.source = "double_well", .frames = 1, .lesson_step = 40}, KR_BAD_ARGUMENT);
    assert_non_null(strstr(error.message, "lesson"));
    refused((kr_window_options){.frames = 1, .screenshot = "/nowhere/picture.png"}, KR_IO);
    refused((kr_window_options){.frames = 1, .record = "/nowhere/film"}, KR_IO);
}

static void only_formats_that_exist_are_promised(void **state) {
    (void)state;
    static const char *const pictures[] = {"x.pdf", "x.svg", "x.jpg", "x.JPEG", "x.png.gif", "a.b/x.webp"}, *const films[] = {
                                                                                                                "x.webm", "x.gif",
                                                                                                                "x.png", "x.avi",
                                                                                                                "x.pdf"};
    for (size_t i = 0; i < sizeof pictures / sizeof *pictures; i++) {
        kr_error error = refused((kr_window_options){.frames = 1, .screenshot = pictures[i]}, KR_BAD_ARGUMENT);
        if (!strstr(error.message, pictures[i]) || !strstr(error.message, ".png")) fail_msg("%s", error.message);
        assert_int_not_equal(access(pictures[i], F_OK), 0);
    }
    for (size_t i = 0; i < sizeof films / sizeof *films; i++) {
        kr_error error = refused((kr_window_options){.frames = 1, .record = films[i]}, KR_BAD_ARGUMENT);
        if (!strstr(error.message, films[i]) || !strstr(error.message, ".mp4")) fail_msg("%s", error.message);
        assert_int_not_equal(access(films[i], F_OK), 0);
    }
    static const char *const fine[] = {"first.png", "SECOND.PNG", "third", ".png"};
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++) {
        char *file = in_folder(fine[i]);
        show((kr_window_options){.frames = 1, .screenshot = file});
        assert_true(detail(file) > 0.01);
        remove(file);
        free(file);
    }
}

/* What else was asked for is there all the same, and what failed is the exit status. */
static void one_output_that_fails_spares_the_others(void **state) {
    (void)state;
    char *session = in_folder("kept.h5"), *picture = in_folder("kept.png");
    kr_error error = refused((kr_window_options){.frames = 2, .screenshot = "/dev/full", .output = session}, KR_IO);
    assert_non_null(strstr(error.message, "/dev/full could not be written: No space left on device"));
    assert_int_equal(access(session, F_OK), 0);
    remove(session);
    refused((kr_window_options){.frames = 2, .screenshot = picture, .output = "/nowhere/kept.h5"}, KR_IO);
    assert_true(detail(picture) > 0.01);
    remove(picture);
    free(session);
    free(picture);
}

static void without_a_display_the_remedy_is_named(void **state) {
    (void)state;
    unsetenv("DISPLAY");
    unsetenv("WAYLAND_DISPLAY");
    unsetenv("SDL_VIDEODRIVER");
    kr_error error = refused((kr_window_options){.source = "double_well"}, KR_IO);
    assert_non_null(strstr(error.message, "--frames N --screenshot"));
    assert_int_equal(kr_status_exit(error.status), 3);
}

static int make_folder(void **state) {
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state) {
    (void)state;
    static const char *const left[] = {"first.png", "second.png", "later.png", "played.png", "replayed.png", "two.png"};
    for (size_t i = 0; i < sizeof left / sizeof *left; i++) {
        char *file = in_folder(left[i]);
        remove(file);
        free(file);
    }
    return rmdir(folder);
}

/* In the presenter's layout the learning rate and what is measured stay at every size; text is larger, controls are gone. */
static void the_presenter_keeps_rate_and_survival(void **state) {
    (void)state;
    static const int sizes[][2] = {{640, 480}, {1280, 800}, {1920, 1080}, {2560, 1440}};
    static const char *const overrides[] = {"ensemble.particles=256", "escape.renewal=false"};
    char *file = in_folder("presented.json"), *picture = in_folder("presented.png");
    static char text[1 << 20];
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        show((kr_window_options){.source = "double_well",
                                 .overrides = overrides,
                                 .override_count = 2,
                                 .present = true,
                                 .width = sizes[i][0],
                                 .height = sizes[i][1],
                                 .frames = 2,
                                 .describe = file,
                                 .screenshot = picture,
                                 .overwrite = true});
        FILE *in = fopen(file, "r");
        assert_non_null(in);
        text[fread(text, 1, sizeof text - 1, in)] = '\0';
        fclose(in);
        assert_non_null(strstr(text, "\"Learning rate\""));
        assert_non_null(strstr(text, "\"Survival\""));
        assert_null(strstr(text, "controls.landscape"));
        unlink(picture);
    }
    unlink(file);
    free(file);
    free(picture);
}

/* The table of keys of viz/README.md is the table of keys. With KRAMERS_PRINT_KEYS it is printed. */
static void readme_has_the_keys(void **state) {
    (void)state;
    const kr_help_line *line;
    size_t count = kr_window_help_lines(&line), rows = 0;
    static char text[65536];
    FILE *in = fopen(KR_SOURCE_DIRECTORY "/viz/README.md", "r");
    assert_non_null(in);
    text[fread(text, 1, sizeof text - 1, in)] = '\0';
    fclose(in);
    for (size_t i = 0; i < count; i++) {
        char row[256];
        snprintf(row, sizeof row, "\n| `%s` | %s |\n", line[i].key, line[i].what);
        if (getenv("KRAMERS_PRINT_KEYS"))
            fputs(row + 1, stdout);
        else if (!strstr(text, row))
            fail_msg("viz/README.md has no row%s", row);
    }
    for (const char *at = strstr(text, "\n| `"); at; at = strstr(at + 1, "\n| `")) rows++;
    if (!getenv("KRAMERS_PRINT_KEYS")) assert_int_equal(rows, count);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_are_reproducible),
        cmocka_unit_test(every_shipped_scene_is_drawn),
        cmocka_unit_test(the_presenter_keeps_rate_and_survival),
        cmocka_unit_test(readme_has_the_keys),
        cmocka_unit_test(session_is_kept_and_replayed),
        cmocka_unit_test(trajectory_is_looked_through),
        cmocka_unit_test(film_without_ffmpeg_is_a_folder),
        cmocka_unit_test(film_with_ffmpeg),
        cmocka_unit_test(mistakes_are_said),
        cmocka_unit_test(only_formats_that_exist_are_promised),
        cmocka_unit_test(one_output_that_fails_spares_the_others),
        cmocka_unit_test(without_a_display_the_remedy_is_named),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
