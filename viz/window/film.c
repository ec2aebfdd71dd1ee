#include "film.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct kr_film {
    char name[1024]; /* file, or folder */
    FILE *pipe;      /* to ffmpeg; NULL: pictures in a folder */
    kr_canvas picture;
    uint64_t count;
    double began; /* NAN: not yet */
};

static bool has_ffmpeg(void) {
    const char *path = getenv("PATH");
    char folder[1024], file[1100];
    while (path && *path) {
        size_t length = strcspn(path, ":");
        snprintf(folder, sizeof folder, "%.*s", (int)length, path);
        snprintf(file, sizeof file, "%s/ffmpeg", *folder ? folder : ".");
        if (!access(file, X_OK)) return true;
        path += length + (path[length] == ':');
    }
    return false;
}

/* For the shell: in single quotes, each of which inside becomes '\''. */
static void quote(const char *text, char *quoted, size_t size) {
    size_t used = 0;
    quoted[used++] = '\'';
    for (; *text && used + 6 < size; text++) {
        if (*text == '\'') {
            memcpy(quoted + used, "'\\''", 4);
            used += 4;
        } else {
            quoted[used++] = *text;
        }
    }
    quoted[used++] = '\'';
    quoted[used] = '\0';
}

/* H.264 with 4:2:0 colours plays everywhere; it needs an even number of rows and columns. */
static kr_status begin_pipe(kr_film *film, kr_error *error) {
    char file[1100], quoted[4500], command[5000];
    /* A name that begins with a dash is no option. */
    snprintf(file, sizeof file, "%s%s", film->name[0] == '-' ? "./" : "", film->name);
    quote(file, quoted, sizeof quoted);
    snprintf(
        command, sizeof command,
        "exec ffmpeg -loglevel error -y -f rawvideo -pix_fmt bgra -s %dx%d -r %d -i - -an -c:v libx264 -preset veryfast -crf 18 "
        "-pix_fmt yuv420p -movflags +faststart %s",
        film->picture.width, film->picture.height, KR_FILM_RATE, quoted);
    film->pipe = popen(command, "w");
    return film->pipe ? KR_OK : kr_fail(error, KR_IO, "%s: ffmpeg can't be started: %s", film->name, strerror(errno));
}

static kr_status begin_folder(kr_film *film, kr_error *error) {
    if (mkdir(film->name, 0777) && errno != EEXIST)
        return kr_fail(error, KR_IO, "%s: this folder for the film can't be made: %s", film->name, strerror(errno));
    return KR_OK;
}

kr_status kr_film_begin(kr_film **film, const char *file, int width, int height, char message[256], kr_error *error) {
    *film = NULL;
    const char *base = strrchr(file, '/'), *extension = strrchr(base ? base : file, '.');
    bool wants_film = extension && extension != (base ? base + 1 : file), have = has_ffmpeg();
    if (strlen(file) >= sizeof(*film)->name) return kr_fail(error, KR_BAD_ARGUMENT, "the name of the film is too long");
    kr_film *f = *film = calloc(1, sizeof *f);
    if (!f) return kr_fail(error, KR_NO_MEMORY, "not enough memory for the film");
    f->began = NAN;
    strcpy(f->name, file);
    kr_status status = kr_canvas_create(&f->picture, width & ~1, height & ~1, error);
    if (status == KR_OK && wants_film && have) {
        signal(SIGPIPE, SIG_IGN); /* an ffmpeg that gives up is seen when a picture can't be written */
        status = begin_pipe(f, error);
        snprintf(message, 256, "recording %s", f->name);
    } else if (status == KR_OK) {
        if (wants_film) f->name[extension - file] = '\0';
        status = begin_folder(f, error);
        snprintf(message, 256,
                 wants_film ? "ffmpeg is not installed: recording numbered pictures in the folder %s"
                            : "recording numbered pictures in the folder %s",
                 f->name);
    }
    if (status == KR_OK) return KR_OK;
    kr_canvas_destroy(&f->picture);
    free(f);
    *film = NULL;
    return status;
}

kr_status kr_film_add(kr_film *f, const kr_canvas *canvas, kr_error *error) {
    const kr_canvas *picture = canvas;
    if (canvas->width != f->picture.width || canvas->height != f->picture.height) {
        kr_canvas_copy(&f->picture, 0, 0, canvas->width, canvas->height, canvas->pixel);
        picture = &f->picture;
    }
    f->count++;
    if (!f->pipe) {
        char file[1100];
        snprintf(file, sizeof file, "%s/%06llu.png", f->name, (unsigned long long)f->count);
        return kr_canvas_write_png(picture, file, error);
    }
    size_t numbers = (size_t)picture->width * (size_t)picture->height;
    if (fwrite(picture->pixel, sizeof *picture->pixel, numbers, f->pipe) == numbers) return KR_OK;
    return kr_fail(error, KR_IO, "%s: ffmpeg stopped taking pictures: %s", f->name, strerror(errno));
}

kr_status kr_film_add_at(kr_film *f, const kr_canvas *canvas, double seconds, kr_error *error) {
    if (isnan(f->began)) f->began = seconds;
    uint64_t wanted = 1 + (uint64_t)fmax(0.0, (seconds - f->began) * KR_FILM_RATE);
    kr_status status = KR_OK;
    while (status == KR_OK && f->count < wanted) status = kr_film_add(f, canvas, error);
    return status;
}

kr_status kr_film_end(kr_film *f, char message[256], kr_error *error) {
    if (!f) return KR_OK;
    int ended = f->pipe ? pclose(f->pipe) : 0;
    kr_status status = KR_OK;
    if (ended)
        status = kr_fail(error, KR_IO, "%s: ffmpeg failed (status %d)", f->name, WIFEXITED(ended) ? WEXITSTATUS(ended) : -1);
    else
        snprintf(message, 256, "wrote %s: %llu pictures, %.1f s", f->name, (unsigned long long)f->count,
                 (double)f->count / KR_FILM_RATE);
    kr_canvas_destroy(&f->picture);
    free(f);
    return status;
}
