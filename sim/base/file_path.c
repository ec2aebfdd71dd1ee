#define _XOPEN_SOURCE 700 /* realpath */
#include <kramers/file_path.h>

#include <stdbool.h>
#include <stdio.h>

#include <stdlib.h>
#include <string.h>

char *kr_path_join(const char *directory, const char *path) {
    if (*path == '/' || !directory || !strcmp(directory, ".")) return strdup(path);
    size_t length = strlen(directory), size = length + strlen(path) + 2;
    char *full = malloc(size);
    if (full) snprintf(full, size, "%s%s%s", directory, length && directory[length - 1] == '/' ? "" : "/", path);
    return full;
}

char *kr_path_directory(const char *file) {
    const char *slash = strrchr(file, '/');
    return !slash ? strdup(".") : strndup(file, slash == file ? 1 : (size_t)(slash - file));
}

/* The file itself may be a link, and need not be there. */
char *kr_path_absolute(const char *path) {
    const char *slash = strrchr(path, '/');
    char *directory = kr_path_directory(path), *real = directory ? realpath(directory, NULL) : NULL, *full = NULL;
    if (real) {
        full = kr_path_join(real, slash ? slash + 1 : path);
    } else if (*path == '/') {
        full = strdup(path);
    } else if ((real = realpath(".", NULL))) {
        full = kr_path_join(real, path);
    }
    free(real);
    free(directory);
    return full;
}

/* Length of what two absolute paths begin with, in whole names; without the slash behind it. */
static size_t shared(const char *a, const char *b) {
    size_t last = 0;
    for (size_t i = 0;; i++) {
        bool end_a = !a[i] || a[i] == '/', end_b = !b[i] || b[i] == '/';
        if (end_a && end_b) last = i;
        if (!a[i] || !b[i] || a[i] != b[i]) return last;
    }
}

char *kr_path_between(const char *directory, const char *path) {
    char *from = realpath(directory, NULL), *to = kr_path_absolute(path), *result = NULL;
    size_t common = from && to ? shared(from, to) : 0, size;
    FILE *out = common ? open_memstream(&result, &size) : NULL;
    if (out) {
        for (const char *c = from + common; *c; c++)
            if (*c == '/') fputs("../", out);
        fputs(to + common + (to[common] == '/'), out);
        if (fclose(out)) {
            free(result);
            result = NULL;
        }
    }
    free(from);
    if (common) return free(to), result;
    return to;
}
