#include "picture_writer.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct kr_picture_writer {
    char *folder;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* Under the lock. picture is the writer's while it is waiting. */
    bool waiting, stop;
    uint64_t first, count;
    kr_canvas picture;
    kr_error failure;
};

char *kr_picture_writer_file(const char *folder, uint64_t number) {
    size_t size = strlen(folder) + 32;
    char *file = malloc(size);
    if (file) snprintf(file, size, "%s/%06llu.png", folder, (unsigned long long)number);
    return file;
}

/* The same picture again is the same file under another name, where the disk knows such. */
static kr_status write_pictures(const kr_picture_writer *w, kr_error *error) {
    kr_status status = KR_OK;
    char *first = kr_picture_writer_file(w->folder, w->first);
    for (uint64_t k = 0; status == KR_OK && k < w->count; k++) {
        char *file = kr_picture_writer_file(w->folder, w->first + k);
        if (!first || !file)
            status = kr_fail(error, KR_NO_MEMORY, "not enough memory for the film");
        else if (k == 0 || link(first, file) != 0)
            status = kr_canvas_write_png(&w->picture, file, false, error);
        free(file);
    }
    free(first);
    return status;
}

static void *run(void *argument) {
    kr_picture_writer *w = argument;
    kr_error error = {.status = KR_OK};
    pthread_mutex_lock(&w->lock);
    for (;;) {
        while (!w->waiting && !w->stop) pthread_cond_wait(&w->changed, &w->lock);
        if (!w->waiting) break;
        pthread_mutex_unlock(&w->lock);
        kr_status status = write_pictures(w, &error);
        pthread_mutex_lock(&w->lock);
        if (status != KR_OK && w->failure.status == KR_OK) w->failure = error;
        w->waiting = false;
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

static void destroy(kr_picture_writer *w) {
    kr_canvas_destroy(&w->picture);
    free(w->folder);
    free(w);
}

kr_status kr_picture_writer_create(kr_picture_writer **writer, const char *folder, int width, int height, kr_error *error) {
    kr_picture_writer *w = calloc(1, sizeof *w);
    *writer = NULL;
    if (!w || !(w->folder = strdup(folder))) {
        free(w);
        return kr_fail(error, KR_NO_MEMORY, "not enough memory for the film");
    }
    kr_status status = kr_canvas_create(&w->picture, width, height, error);
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->changed, NULL);
    if (status == KR_OK && pthread_create(&w->thread, NULL, run, w) != 0)
        status = kr_fail(error, KR_NO_MEMORY, "no thread could be started for the film");
    if (status == KR_OK)
        *writer = w;
    else
        destroy(w);
    return status;
}

kr_status kr_picture_writer_offer(kr_picture_writer *w, const kr_canvas *canvas, uint64_t first, uint64_t count, bool *taken,
                                  kr_error *error) {
    pthread_mutex_lock(&w->lock);
    kr_status status = w->failure.status;
    if (status != KR_OK && error) *error = w->failure;
    *taken = status == KR_OK && !w->waiting;
    if (*taken) {
        kr_canvas_copy(&w->picture, 0, 0, canvas->width, canvas->height, canvas->pixel);
        w->first = first;
        w->count = count;
        w->waiting = true;
        pthread_cond_signal(&w->changed);
    }
    pthread_mutex_unlock(&w->lock);
    return status;
}

kr_status kr_picture_writer_finish(kr_picture_writer *w, kr_error *error) {
    if (!w) return KR_OK;
    pthread_mutex_lock(&w->lock);
    w->stop = true;
    pthread_cond_signal(&w->changed);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    kr_status status = w->failure.status;
    if (status != KR_OK && error) *error = w->failure;
    pthread_mutex_destroy(&w->lock);
    pthread_cond_destroy(&w->changed);
    destroy(w);
    return status;
}
