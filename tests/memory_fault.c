/* Preloaded into a program: the KR_FAULT_AT-th request for memory fails, once. Only those are counted that come from the program
 * itself or from a library whose file name contains one of the words in KR_FAULT_OF (between commas). What was counted, and where
 * the one that failed came from, goes into the file KR_FAULT_REPORT; into KR_FAULT_PLACES goes for each a number that says through
 * which functions it came, so that a test can try each way once. Tests only. */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Before the real functions are found, dlsym itself may ask for memory. */
static _Alignas(16) char early[1 << 16];
static atomic_size_t early_used;

static void *(*real_malloc)(size_t), *(*real_calloc)(size_t, size_t), *(*real_realloc)(void *, size_t);
static void *(*real_aligned)(size_t, size_t);
static int (*real_memalign)(void **, size_t, size_t);
static void (*real_free)(void *);
static atomic_ulong counted;
static unsigned long at;
static char words[512];
static const char *program;
static void *failed_from;
static int places = -1; /* descriptor */
static _Thread_local bool looking;
static atomic_int state; /* 0: nothing is known, 1: being found, 2: ready */

static void *from_early(size_t size) {
    size_t place = atomic_fetch_add(&early_used, (size + 15) & ~(size_t)15);
    if (place + size > sizeof early) _exit(99);
    return early + place;
}

static bool is_early(const void *memory) {
    return (const char *)memory >= early && (const char *)memory < early + sizeof early;
}

static bool ready(void) {
    int none = 0;
    if (atomic_load(&state) == 2) return true;
    if (!atomic_compare_exchange_strong(&state, &none, 1)) return false;
    *(void **)&real_malloc = dlsym(RTLD_NEXT, "malloc");
    *(void **)&real_calloc = dlsym(RTLD_NEXT, "calloc");
    *(void **)&real_realloc = dlsym(RTLD_NEXT, "realloc");
    *(void **)&real_aligned = dlsym(RTLD_NEXT, "aligned_alloc");
    *(void **)&real_memalign = dlsym(RTLD_NEXT, "posix_memalign");
    *(void **)&real_free = dlsym(RTLD_NEXT, "free");
    const char *number = getenv("KR_FAULT_AT"), *of = getenv("KR_FAULT_OF");
    at = number ? strtoul(number, NULL, 10) : 0;
    if (of) strncpy(words, of, sizeof words - 1);
    atomic_store(&state, 2);
    return true;
}

__attribute__((constructor)) static void begin(void) {
    static char self[4096];
    const char *name = getenv("KR_FAULT_PLACES");
    ready();
    void *frame[2];
    looking = true;
    backtrace(frame, 2); /* which asks for memory at its first call */
    looking = false;
    if (name) places = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (readlink("/proc/self/exe", self, sizeof self - 1) > 0) program = self;
}

/* The functions on the stack, as places in their files, as one number (FNV-1a). */
static void note_place(void) {
    enum { DEPTH = 12, SKIPPED = 3 };
    void *frame[DEPTH + SKIPPED];
    looking = true;
    int count = backtrace(frame, DEPTH + SKIPPED);
    unsigned long hash = 0xcbf29ce484222325;
    for (int i = SKIPPED; i < count; i++) {
        Dl_info about;
        if (!dladdr(frame[i], &about)) continue;
        hash = (hash ^ (unsigned long)((char *)frame[i] - (char *)about.dli_fbase)) * 0x100000001b3;
    }
    if (write(places, &hash, sizeof hash) < 0) places = -1; /* a child has closed it */
    looking = false;
}

/* gsl_odeiv2_control_standard_new and gsl_linalg_LU_decomp of GSL 2.7 go on with what they did not get, and crash. */
static bool in_what_crashes(void) {
    enum { DEPTH = 8 };
    void *frame[DEPTH];
    Dl_info about;
    looking = true;
    int count = backtrace(frame, DEPTH);
    looking = false;
    for (int i = 0; i < count; i++)
        if (dladdr(frame[i], &about) && about.dli_sname &&
            (!strncmp(about.dli_sname, "gsl_odeiv2_control", 18) || !strncmp(about.dli_sname, "gsl_linalg_LU_decomp", 20)))
            return true;
    return false;
}

static bool counts(void *from) {
    Dl_info about;
    if (!program || !dladdr(from, &about) || !about.dli_fname) return false;
    const char *base = strrchr(about.dli_fname, '/'), *own = strrchr(program, '/');
    base = base ? base + 1 : about.dli_fname;
    if (own && !strcmp(base, own + 1)) return true;
    char copy[sizeof words], *rest = copy;
    memcpy(copy, words, sizeof copy);
    for (char *word; (word = strsep(&rest, ","));)
        if (*word && strstr(base, word)) return !in_what_crashes();
    return false;
}

static bool fails(void *from) {
    if (looking || !counts(from)) return false;
    if (places >= 0) note_place();
    if (atomic_fetch_add(&counted, 1) + 1 != at) return false;
    failed_from = from;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size) {
    if (!ready()) return from_early(size);
    return fails(__builtin_return_address(0)) ? NULL : real_malloc(size);
}

void *calloc(size_t count, size_t size) {
    if (!ready()) return from_early(count * size);
    return fails(__builtin_return_address(0)) ? NULL : real_calloc(count, size);
}

void *realloc(void *before, size_t size) {
    if (is_early(before)) {
        void *moved = real_malloc(size);
        if (moved) memcpy(moved, before, size);
        return moved;
    }
    if (!ready()) return from_early(size);
    return fails(__builtin_return_address(0)) ? NULL : real_realloc(before, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    ready();
    return fails(__builtin_return_address(0)) ? NULL : real_aligned(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
    ready();
    return fails(__builtin_return_address(0)) ? ENOMEM : real_memalign(memory, alignment, size);
}

void free(void *memory) {
    if (memory && !is_early(memory) && ready()) real_free(memory);
}

char *strndup(const char *text, size_t most) {
    size_t length = strnlen(text, most);
    ready();
    char *copy = fails(__builtin_return_address(0)) ? NULL : real_malloc(length + 1);
    if (!copy) return NULL;
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

char *strdup(const char *text) {
    size_t length = strlen(text);
    ready();
    char *copy = fails(__builtin_return_address(0)) ? NULL : real_malloc(length + 1);
    return copy ? memcpy(copy, text, length + 1) : NULL;
}

__attribute__((destructor)) static void report(void) {
    const char *name = getenv("KR_FAULT_REPORT");
    char text[4096];
    int file = name ? open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600) : -1;
    if (file < 0) return;
    Dl_info about = {0};
    if (failed_from) dladdr(failed_from, &about);
    int length = snprintf(text, sizeof text, "%lu %s %#lx\n", atomic_load(&counted), about.dli_fname ? about.dli_fname : "-",
                          failed_from ? (unsigned long)((char *)failed_from - (char *)about.dli_fbase) : 0);
    if (write(file, text, (size_t)length) < 0) _exit(98);
    close(file);
}
