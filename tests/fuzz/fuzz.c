#include "fuzz.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const kr_registry *fuzz_registry(void) {
    static const kr_registry *registry;
    if (!registry && kr_registry_find("baseline", &registry, NULL)) abort();
    return registry;
}

/* HDF5 loses a little where it fails, whoever calls it. */
KR_API const char *__lsan_default_suppressions(void);
KR_API const char *__lsan_default_suppressions(void) {
    return "leak:libhdf5\n";
}

/* Freed memory that waits in a quarantine larger than the processor's cache costs more than all that is tried: by itself, and in
 * every child process that gets a copy (sim/hdf5/hdf5_survey.h). */
KR_API const char *__asan_default_options(void);
KR_API const char *__asan_default_options(void) {
    return "quarantine_size_mb=4:thread_local_quarantine_size_kb=64:malloc_context_size=8:allocator_release_to_os_interval_ms=-1";
}

/* A child process that looks through a file may die of what libhdf5 does: the file is refused then, and nothing was found. */
#if defined __has_feature
#if __has_feature(address_sanitizer)
void __sanitizer_set_death_callback(void (*callback)(void));

static void find_nothing(void) {
    __sanitizer_set_death_callback(NULL);
}

__attribute__((constructor)) static void keep_children_quiet(void) {
    pthread_atfork(NULL, NULL, find_nothing);
}
#endif
#endif

static char directory[64];
static pid_t owner;

static void remove_directory(void) {
    if (getpid() != owner) return;
    DIR *list = opendir(directory);
    for (struct dirent *entry; list && (entry = readdir(list));) {
        char path[400];
        snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        unlink(path);
    }
    if (list) closedir(list);
    rmdir(directory);
}

const char *fuzz_path(const char *name) {
    static char *known[64];
    size_t i = 0;
    if (!*directory) {
        snprintf(directory, sizeof directory, "%s/kramers-fuzz-XXXXXX", access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
        if (!mkdtemp(directory)) abort();
        owner = getpid();
        atexit(remove_directory);
    }
    for (; i < sizeof known / sizeof *known && known[i]; i++)
        if (!strcmp(strrchr(known[i], '/') + 1, name)) return known[i];
    size_t length = strlen(directory) + strlen(name) + 2;
    if (i == sizeof known / sizeof *known || !(known[i] = malloc(length))) abort();
    snprintf(known[i], length, "%s/%s", directory, name);
    return known[i];
}

void fuzz_write(const char *path, const void *data, size_t size) {
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0 || write(file, data, size) != (ssize_t)size || close(file)) abort();
}

uint8_t *fuzz_read(const char *path, size_t *size) {
    struct stat about;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat(file, &about)) abort();
    uint8_t *data = malloc((size_t)about.st_size + 1);
    if (!data || read(file, data, (size_t)about.st_size) != about.st_size) abort();
    close(file);
    *size = (size_t)about.st_size;
    data[*size] = 0;
    return data;
}

void fuzz_check(bool good, const char *what, const char *detail) {
    if (good) return;
    fprintf(stderr, "finding: %s: %s\n", what, detail ? detail : "");
    abort();
}

/* Without functions that a fuzzer watches to find out what they look for. */
static bool ends_with(const char *text, size_t length, const char *end) {
    size_t left = strlen(end);
    if (length < left) return false;
    while (left > 0 && text[length - 1] == end[left - 1]) left--, length--;
    return !left;
}

void fuzz_check_message(kr_status status, const kr_error *error) {
    if (!status) return;
    if (getenv("KRAMERS_FUZZ_SAY")) fprintf(stderr, "%s\n", error->message);
    fuzz_check(status > KR_OK && status < KR_STATUS_COUNT, "no status", error->message);
    fuzz_check(error->status == status, "the message is of another status", error->message);
    size_t length = strnlen(error->message, sizeof error->message);
    fuzz_check(length > 0 && length < sizeof error->message, "no message", "");
    fuzz_check(!ends_with(error->message, length, ": Success"), "a failure without a reason", error->message);
    for (size_t i = 0; i < length; i++)
        fuzz_check((unsigned char)error->message[i] >= 0x20, "a control character is in the message", error->message);
}

size_t fuzz_options(const uint8_t *data, size_t size, const char *option, char **copy, const char **list, size_t most) {
    size_t count = 0, length = strlen(option);
    char *text = *copy = malloc(size + 1);
    if (!text) abort();
    memcpy(text, data, size);
    text[size] = 0;
    for (char *line = text, *next; line; line = next) {
        next = strchr(line, '\n');
        if (next) *next++ = 0;
        if (!strncmp(line, option, length) && line[length] == ' ' && count < most) list[count++] = line + length + 1;
    }
    return count;
}
