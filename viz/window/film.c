#include "film.h"

#include "draw/picture_name.h"
#include "picture_writer.h"

#include <kramers/fresh_file.h>

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

struct kr_film {
    char *name;         /* file, or folder */
    bool pictures;      /* in a folder, not through ffmpeg */
    kr_fresh_file file; /* what ffmpeg writes, until it is whole */
    FILE *pipe;         /* to ffmpeg; NULL: it has ended */
    FILE *messages;     /* ffmpeg's messages; NULL: they go where this program's go */
    pid_t process;
    kr_canvas picture;
    kr_picture_writer *writer; /* of pictures at times of the clock; NULL: there were none yet */
    uint64_t count;
    double began; /* NAN: not yet */
};

static void destroy(kr_film *film) {
    kr_picture_writer_finish(film->writer, NULL);
    if (film->pipe) fclose(film->pipe);
    if (film->messages) fclose(film->messages);
    kr_fresh_file_end(&film->file);
    kr_canvas_destroy(&film->picture);
    free(film->name);
    free(film);
}

/* Containers that hold H.264, as ffmpeg calls them. */
static const char *const containers[][2] = {{".mp4", "mp4"}, {".m4v", "mp4"}, {".mov", "mov"}, {".mkv", "matroska"}};
enum { CONTAINERS = sizeof containers / sizeof *containers };

/* NULL: it is none. */
static const char *container_of(const char *extension) {
    for (size_t i = 0; i < CONTAINERS; i++)
        if (!strcasecmp(extension, containers[i][0])) return containers[i][1];
    return NULL;
}

/* H.264 with 4:2:0 colours plays everywhere; it needs an even number of rows and columns. Returns an error number; ENOENT: there is
 * no ffmpeg. */
static int spawn_ffmpeg(kr_film *film, int from, const char *file) {
    char size[32], rate[16];
    snprintf(size, sizeof size, "%dx%d", film->picture.width, film->picture.height);
    snprintf(rate, sizeof rate, "%d", KR_FILM_RATE);
    const char *const arguments[] = {
        "ffmpeg",   "-loglevel", "error",   "-xerror",   "-y",         "-f",       "rawvideo",
        "-pix_fmt", "bgra",      "-s",      size,        "-r",         rate,       "-i",
        "-",        "-an",       "-c:v",    "libx264",   "-preset",    "veryfast", "-crf",
        "18",       "-pix_fmt",  "yuv420p", "-movflags", "+faststart", "-f",       container_of(kr_file_extension(film->name)),
        file,       NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t pipe_signal, polite;
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE); /* ignored here, so that it would be ignored there too */
    /* What ends this program would reach ffmpeg too, from a keyboard (to the group) or from who ends a batch job (to each): it
     * shall go on until the pipe is closed, which is when the film has all its pictures, however this program ends. */
    sigemptyset(&polite);
    static const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGXCPU};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) sigaddset(&polite, ends[i]);
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigdefault(&attributes, &pipe_signal);
    posix_spawnattr_setsigmask(&attributes, &polite);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    int failed = posix_spawn_file_actions_adddup2(&files, from, STDIN_FILENO);
    if (!failed && film->messages) failed = posix_spawn_file_actions_adddup2(&files, fileno(film->messages), STDERR_FILENO);
    if (!failed) failed = posix_spawnp(&film->process, "ffmpeg", &files, &attributes, (char *const *)arguments, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return failed;
}

static kr_status begin_ffmpeg(kr_film *film, bool *missing, kr_error *error) {
    int ends[2];
    kr_status status = kr_fresh_file_begin(&film->file, film->name, true, -1, error);
    if (status != KR_OK) return status;
    char *file = malloc(strlen(film->file.temporary) + sizeof "./");
    if (!file || pipe(ends)) {
        free(file);
        return kr_fail(error, KR_IO, "%s: there is no pipe to ffmpeg: %s", film->name, kr_errno_text(errno));
    }
    fcntl(ends[0], F_SETFD, FD_CLOEXEC); /* only the copy that becomes ffmpeg's input is for it */
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    film->messages = tmpfile();
    if (film->messages) fcntl(fileno(film->messages), F_SETFD, FD_CLOEXEC);
    strcat(strcpy(file, *film->file.temporary == '-' ? "./" : ""),
           film->file.temporary); /* a name that begins with a dash is no option */
    signal(SIGPIPE, SIG_IGN);     /* an ffmpeg that gives up is seen when a picture can't be written */
    int failed = spawn_ffmpeg(film, ends[0], file);
    free(file);
    close(ends[0]);
    if (!failed && (film->pipe = fdopen(ends[1], "w"))) return KR_OK;
    close(ends[1]);
    if (!failed) waitpid(film->process, NULL, 0);
    *missing = failed == ENOENT;
    return kr_fail(error, KR_IO, "%s: ffmpeg can't be started: %s", film->name, kr_errno_text(failed ? failed : errno));
}

/* The last line that ffmpeg wrote, which tells why it gave up. */
static void last_message(FILE *messages, char line[256]) {
    char next[256];
    line[0] = 0;
    if (!messages) return;
    rewind(messages);
    while (fgets(next, sizeof next, messages)) {
        next[strcspn(next, "\r\n")] = 0;
        if (*next) memcpy(line, next, sizeof next);
    }
}

/* Closes the pipe and waits for ffmpeg to finish the file, which then gets its name; one that failed leaves nothing. */
static kr_status end_ffmpeg(kr_film *film, kr_error *error) {
    char said[256];
    int ended = 0;
    if (!film->pipe) return KR_OK;
    bool written = fclose(film->pipe) == 0;
    film->pipe = NULL;
    while (waitpid(film->process, &ended, 0) < 0 && errno == EINTR) continue;
    last_message(film->messages, said);
    if (WIFSIGNALED(ended))
        return kr_fail(error, KR_IO, "%s: ffmpeg was ended by signal %d (%s); there is no film", film->name, WTERMSIG(ended),
                       strsignal(WTERMSIG(ended)));
    if (WEXITSTATUS(ended) != 0)
        return kr_fail(error, KR_IO, "%s: ffmpeg failed with status %d%s%s", film->name, WEXITSTATUS(ended), *said ? ": " : "",
                       said);
    kr_status status = kr_fresh_file_publish(&film->file, error);
    if (status != KR_OK) return status;
    if (*said) return kr_fail(error, KR_IO, "%s: ffmpeg: %s; the film may not be complete", film->name, said); /* errors only */
    return written ? KR_OK : kr_fail(error, KR_IO, "%s: ffmpeg ended before it had all pictures", film->name);
}

/* Pictures of two films would be taken for one. */
static kr_status begin_folder(const kr_film *film, kr_error *error) {
    if (!mkdir(film->name, 0777)) return KR_OK;
    if (errno != EEXIST)
        return kr_fail(error, KR_IO, "%s: this folder for the film can't be made: %s", film->name, kr_errno_text(errno));
    char *first = kr_picture_writer_file(film->name, 1);
    if (!first) return kr_fail(error, KR_NO_MEMORY, "not enough memory for the film");
    bool used = !access(first, F_OK);
    free(first);
    return used ? kr_fail(error, KR_IO,
                          "%s: this folder has pictures of a film already (000001.png); give another name, or remove them",
                          film->name)
                : KR_OK;
}

kr_status kr_film_begin(kr_film **film, const char *file, int width, int height, char message[256], kr_error *error) {
    const char *extension = kr_file_extension(file);
    bool wants_film = extension != NULL, missing = false;
    *film = NULL;
    if (wants_film && !container_of(extension))
        return kr_fail(
            error, KR_BAD_ARGUMENT,
            "%s: films are .mp4, .m4v, .mov or .mkv, not %s; a name without extension gives a folder of numbered pictures", file,
            extension);
    kr_film *f = calloc(1, sizeof *f);
    if (!f || !(f->name = strdup(file))) {
        free(f);
        return kr_fail(error, KR_NO_MEMORY, "not enough memory for the film");
    }
    f->began = NAN;
    f->file = (kr_fresh_file){.descriptor = -1, .old = -1};
    f->pictures = !wants_film;
    kr_status status = kr_canvas_create(&f->picture, width & ~1, height & ~1, error);
    if (status == KR_OK && wants_film) {
        status = begin_ffmpeg(f, &missing, error);
        snprintf(message, 256, "recording %s", f->name);
    }
    if (missing) {
        kr_fresh_file_end(&f->file);
        f->name[extension - file] = 0;
        f->pictures = true;
        status = KR_OK;
    }
    if (status == KR_OK && f->pictures) {
        status = begin_folder(f, error);
        snprintf(message, 256,
                 missing ? "ffmpeg is not installed: recording numbered pictures in the folder %s"
                         : "recording numbered pictures in the folder %s",
                 f->name);
    }
    if (status == KR_OK)
        *film = f;
    else
        destroy(f);
    return status;
}

kr_status kr_film_add(kr_film *f, const kr_canvas *canvas, kr_error *error) {
    const kr_canvas *picture = canvas;
    if (canvas->width != f->picture.width || canvas->height != f->picture.height) {
        kr_canvas_copy(&f->picture, 0, 0, canvas->width, canvas->height, canvas->pixel);
        picture = &f->picture;
    }
    if (f->pictures) {
        char *file = kr_picture_writer_file(f->name, f->count + 1);
        if (!file) return kr_fail(error, KR_NO_MEMORY, "not enough memory for the film");
        kr_status status = kr_canvas_write_png(picture, file, false, error);
        free(file);
        f->count += status == KR_OK;
        return status;
    }
    f->count++;
    size_t numbers = (size_t)picture->width * (size_t)picture->height;
    if (f->pipe && fwrite(picture->pixel, sizeof *picture->pixel, numbers, f->pipe) == numbers) return KR_OK;
    kr_status why = end_ffmpeg(f, error);
    return why == KR_OK ? kr_fail(error, KR_IO, "%s: ffmpeg takes no more pictures", f->name) : why;
}

/* One that comes before the last is written is left out, and the next one has its time too: the window does not wait. */
static kr_status offer_picture(kr_film *f, const kr_canvas *canvas, uint64_t wanted, kr_error *error) {
    bool taken;
    if (wanted <= f->count) return KR_OK;
    if (!f->writer) {
        kr_status status = kr_picture_writer_create(&f->writer, f->name, f->picture.width, f->picture.height, error);
        if (status != KR_OK) return status;
    }
    kr_status status = kr_picture_writer_offer(f->writer, canvas, f->count + 1, wanted - f->count, &taken, error);
    if (status == KR_OK && taken) f->count = wanted;
    return status;
}

kr_status kr_film_add_at(kr_film *f, const kr_canvas *canvas, double seconds, kr_error *error) {
    /* A process that was stopped, or a window that was hidden, is no part of the film: minutes of one picture. */
    static const double longest_picture = 5.0;
    if (isnan(f->began)) f->began = seconds;
    double gap = seconds - f->began - (double)f->count / KR_FILM_RATE;
    if (gap > longest_picture) f->began += gap - 0.5 / KR_FILM_RATE;
    uint64_t wanted = 1 + (uint64_t)fmax(0.0, (seconds - f->began) * KR_FILM_RATE);
    kr_status status = KR_OK;
    if (f->pictures) return offer_picture(f, canvas, wanted, error);
    while (status == KR_OK && f->count < wanted) status = kr_film_add(f, canvas, error);
    return status;
}

kr_status kr_film_end(kr_film *f, char message[256], kr_error *error) {
    if (!f) return KR_OK;
    kr_status status = f->pictures ? kr_picture_writer_finish(f->writer, error) : end_ffmpeg(f, error);
    f->writer = NULL;
    if (status == KR_OK)
        snprintf(message, 256, "wrote %s: %llu pictures, %.1f s", f->name, (unsigned long long)f->count,
                 (double)f->count / KR_FILM_RATE);
    destroy(f);
    return status;
}
