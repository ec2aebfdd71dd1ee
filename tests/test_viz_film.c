/* Films through programs that stand in for ffmpeg: what is handed to it, and what is said when it is missing or fails. */
#include "assert_close.h"

#include "window/film.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char folder[] = "/tmp/kramers-film-XXXXXX", *path_before;

static void in_folder(char file[1024], const char *name) {
    snprintf(file, 1024, "%s/%s", folder, name);
}

/* A program called ffmpeg, alone on the path; NULL: none. */
static void install(const char *script) {
    char file[1024];
    in_folder(file, "bin");
    mkdir(file, 0777);
    setenv("PATH", file, 1);
    in_folder(file, "bin/ffmpeg");
    remove(file);
    if (!script) return;
    FILE *out = fopen(file, "w");
    assert_non_null(out);
    fprintf(out, "#!/bin/sh\nPATH=/bin:/usr/bin\n%s\n", script);
    assert_int_equal(fclose(out) | chmod(file, 0755), 0);
}

static int setup(void **state) {
    (void)state;
    path_before = strdup(getenv("PATH"));
    return mkdtemp(folder) && path_before ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    char command[1100];
    setenv("PATH", path_before, 1);
    free(path_before);
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    return system(command);
}

/* Records pictures of 64 x 48 until one is refused; gives the first error. */
static kr_status record(const char *file, int pictures, char message[256], kr_error *error) {
    kr_film *film;
    kr_canvas canvas;
    if (kr_canvas_create(&canvas, 65, 49, error) != KR_OK) fail_msg("%s", error->message);
    kr_status status = kr_film_begin(&film, file, canvas.width, canvas.height, message, error);
    for (int i = 0; status == KR_OK && i < pictures; i++) status = kr_film_add(film, &canvas, error);
    if (film) {
        kr_error none;
        kr_status ended = kr_film_end(film, message, status == KR_OK ? error : &none);
        if (status == KR_OK) status = ended;
    }
    kr_canvas_destroy(&canvas);
    return status;
}

static void EveryPictureReachesFfmpegUnderAnyName(void **state) {
    (void)state;
    char file[1024], message[256], expected[1200];
    kr_error error;
    struct stat about;
    install("for last; do :; done; case \"$*\" in *'-s 64x48 -r 30'*) cat >\"$last\";; *) exit 3;; esac");
    const char *const names[] = {"plain.mp4", "it's $(touch x) \"a\" film; with `all`.mp4", "\xc3\xa4.mkv"};
    for (size_t i = 0; i < 3; i++) {
        in_folder(file, names[i]);
        if (record(file, 7, message, &error) != KR_OK) fail_msg("%s", error.message);
        assert_int_equal(stat(file, &about), 0);
        assert_int_equal(about.st_size, 7 * 64 * 48 * 4);
        snprintf(expected, sizeof expected, "wrote %s: 7 pictures, 0.2 s", file);
        assert_int_equal(strncmp(message, expected, sizeof message - 1), 0);
    }
    assert_int_equal(chdir(folder), 0);
    if (record("-y.mp4", 1, message, &error) != KR_OK) fail_msg("%s", error.message);
    assert_int_equal(stat("./-y.mp4", &about), 0);
    assert_int_equal(chdir("/"), 0);
}

static void WithoutFfmpegThereArePictures(void **state) {
    (void)state;
    char file[1024], message[256];
    kr_error error;
    kr_film *film;
    install(NULL);
    in_folder(file, "none.mp4");
    assert_int_equal(kr_film_begin(&film, file, 64, 48, message, &error), KR_OK);
    assert_non_null(strstr(message, "ffmpeg is not installed: recording numbered pictures in the folder "));
    assert_int_equal(kr_film_end(film, message, &error), KR_OK);
    assert_int_equal(record(file, 2, message, &error), KR_OK);
    in_folder(file, "none/000002.png");
    assert_int_equal(access(file, F_OK), 0);
}

/* At a clock: a slow display repeats its pictures, a program that was stopped for hours does not. */
static void AFilmKeepsPaceButLeavesOutLongGaps(void **state) {
    (void)state;
    char file[1024], message[256];
    kr_error error;
    kr_film *film;
    kr_canvas canvas;
    static const double seconds[] = {10, 10.51, 14.51, 14.61, 7000, 7001.01};
    static const int pictures[] = {1, 16, 136, 139, 140, 170};
    install(NULL);
    in_folder(file, "paced");
    assert_int_equal(kr_canvas_create(&canvas, 8, 8, &error), KR_OK);
    assert_int_equal(kr_film_begin(&film, file, 8, 8, message, &error), KR_OK);
    for (size_t i = 0; i < sizeof seconds / sizeof *seconds; i++) {
        char picture[1100];
        snprintf(picture, sizeof picture, "%s/%06d.png", file, pictures[i]);
        for (int tries = 0; access(picture, F_OK) != 0; tries++) { /* one that comes before the last is written is left out */
            if (kr_film_add_at(film, &canvas, seconds[i], &error) != KR_OK) fail_msg("%s", error.message);
            nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
            assert_true(tries < 5000);
        }
        snprintf(picture, sizeof picture, "%s/%06d.png", file, pictures[i] + 1);
        assert_int_not_equal(access(picture, F_OK), 0);
    }
    assert_int_equal(kr_film_end(film, message, &error), KR_OK);
    kr_canvas_destroy(&canvas);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Of a large window thirty times a second, in which each picture takes longer than a frame: the window waits for none, and every
 * number has its picture in the end. */
static void PicturesDoNotStallTheWindow(void **state) {
    (void)state;
    enum { WIDTH = 1920, HEIGHT = 1080, FRAMES = 30 };
    char file[1024], single[1024], message[256], picture[1100];
    kr_error error;
    kr_film *film;
    kr_canvas canvas;
    install(NULL);
    in_folder(file, "large");
    in_folder(single, "single.png");
    assert_int_equal(kr_canvas_create(&canvas, WIDTH, HEIGHT, &error), KR_OK);
    for (int k = 0; k < WIDTH * HEIGHT; k++) canvas.pixel[k] = (uint32_t)k * 2654435761u; /* nothing that packs well */
    double began = now();
    assert_int_equal(kr_canvas_write_png(&canvas, single, true, &error), KR_OK);
    double each = now() - began, waited = 0;
    assert_int_equal(kr_film_begin(&film, file, WIDTH, HEIGHT, message, &error), KR_OK);
    for (int i = 0; i < FRAMES; i++) {
        began = now();
        assert_int_equal(kr_film_add_at(film, &canvas, 100 + i / 30.0, &error), KR_OK);
        waited += now() - began;
        nanosleep(&(struct timespec){.tv_nsec = 33000000}, NULL);
    }
    assert_int_equal(kr_film_end(film, message, &error), KR_OK);
    print_message("a picture takes %.0f ms, the window waited %.1f ms each\n", 1e3 * each, 1e3 * waited / FRAMES);
    if (!(waited < 0.2 * FRAMES * each)) fail_msg("%d frames waited %.3g s", FRAMES, waited);
    int count = 0, said = -1;
    do snprintf(picture, sizeof picture, "%s/%06d.png", file, count + 1);
    while (access(picture, F_OK) == 0 && ++count);
    const char *colon = strstr(message, "large: ");
    if (colon) said = atoi(colon + 7);
    assert_int_equal(count, said);
    assert_true(count > 3);
    kr_canvas_destroy(&canvas);
}

static void fails(const char *script, int pictures, const char *says) {
    char file[1024], message[256];
    kr_error error = {.status = KR_OK};
    install(script);
    in_folder(file, "failed.mp4");
    assert_int_equal(record(file, pictures, message, &error), KR_IO);
    if (!strstr(error.message, "failed.mp4: ffmpeg") || !strstr(error.message, says))
        fail_msg("'%s' lacks '%s'", error.message, says);
}

static void FfmpegsFailuresAreExplained(void **state) {
    (void)state;
    const char *const full = "echo 'first line' >&2; echo 'film.mp4: No space left on device' >&2; exit 228";
    fails("kill -9 $$", 200, "was ended by signal 9 (Killed)");
    fails("cat >/dev/null; kill -9 $$", 2, "was ended by signal 9 (Killed)");
    fails(full, 200, "failed with status 228: film.mp4: No space left on device");
    fails("head -c 100 >/dev/null; exit 1", 200, "failed with status 1");
    fails("exit 0", 200, "takes no more pictures");
    fails("cat >/dev/null; echo 'av_interleaved_write_frame(): No space left on device' >&2; exit 0", 3, "No space left on device");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(EveryPictureReachesFfmpegUnderAnyName), cmocka_unit_test(WithoutFfmpegThereArePictures),
        cmocka_unit_test(AFilmKeepsPaceButLeavesOutLongGaps),    cmocka_unit_test(PicturesDoNotStallTheWindow),
        cmocka_unit_test(FfmpegsFailuresAreExplained),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
