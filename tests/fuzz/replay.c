/* A harness without libFuzzer, for any compiler: all files of the folders that are named, then changed copies of them for so many
 * seconds: fuzz_NAME SECONDS FOLDER... (20 where KRAMERS_TEST_ALL
 * is set) The same inputs in the same order everywhere; only how far it comes depends on the machine.
 */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MOST_INPUTS = 4096, LARGEST = 1 << 16 };

typedef struct input {
    uint8_t *data;
    size_t size;
} input;

static input inputs[MOST_INPUTS];
static size_t input_count;
static uint64_t state = 0x9e3779b97f4a7c15;
static const char *last; /* where the input is kept that ends the program */

static size_t draw(size_t below) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return below ? (size_t)((state >> 16) % below) : 0;
}

static size_t copy_part(uint8_t *data, size_t size, size_t capacity) {
    const input *other = &inputs[draw(input_count)];
    size_t from = draw(other->size), length = 1 + draw(other->size - from < 40 ? other->size - from : 40), at = draw(size + 1);
    if (!other->size || from + length > other->size || size + length > capacity) return size;
    memmove(data + at + length, data + at, size - at);
    memcpy(data + at, other->data + from, length);
    return size + length;
}

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t capacity) {
    static const uint8_t special[] = {0,  1,  10,  32,  39,  34,  44,  45,  46,  48,  57, 58,
                                      91, 93, 123, 125, 127, 128, 255, '#', '>', '|', 'e'};
    size_t at = draw(size), length = 1 + draw(8);
    switch (draw(6)) {
    case 0:
        if (size) data[at] ^= (uint8_t)(1u << draw(8));
        return size;
    case 1:
        if (size) data[at] = special[draw(sizeof special)];
        return size;
    case 2:
        if (size <= length || at + length > size) return size;
        memmove(data + at, data + at + length, size - at - length);
        return size - length;
    case 3:
        if (size == capacity) return size;
        memmove(data + at + 1, data + at, size - at);
        data[at] = special[draw(sizeof special)];
        return size + 1;
    default: return copy_part(data, size, capacity);
    }
}

static void try_input(const uint8_t *data, size_t size) {
    /* A copy of exactly this size, so that the sanitizer sees what is read behind it. */
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy) abort();
    if (size) memcpy(copy, data, size);
    fuzz_write(last, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static int by_name(const struct dirent **a, const struct dirent **b) {
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void read_folder(const char *folder) {
    struct dirent **entry;
    int count = scandir(folder, &entry, NULL, by_name);
    for (int i = 0; i < count; i++) {
        char path[1000];
        snprintf(path, sizeof path, "%s/%s", folder, entry[i]->d_name);
        if (*entry[i]->d_name != '.' && input_count < MOST_INPUTS) {
            input *in = &inputs[input_count++];
            in->data = fuzz_read(path, &in->size);
            if (in->size > LARGEST) in->size = LARGEST;
        }
        free(entry[i]);
    }
    if (count >= 0) free(entry);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

int main(int count, char **arguments) {
    static uint8_t data[LARGEST];
    char name[200];
    if (count < 3) return fprintf(stderr, "usage: %s SECONDS FOLDER...\n", arguments[0]), 2;
    const char *base = strrchr(arguments[0], '/');
    snprintf(name, sizeof name, "%s.last", base ? base + 1 : arguments[0]);
    last = name;
    for (int i = 2; i < count; i++) read_folder(arguments[i]);
    LLVMFuzzerInitialize(&count, &arguments);
    if (!input_count) return fprintf(stderr, "%s: no inputs in %s\n", arguments[0], arguments[2]), 1;
    for (size_t i = 0; i < input_count; i++) try_input(inputs[i].data, inputs[i].size);
    size_t changed = 0;
    double seconds = getenv("KRAMERS_TEST_ALL") ? 20 : strtod(arguments[1], NULL);
    for (double end = now() + seconds; now() < end; changed++) {
        const input *from = &inputs[draw(input_count)];
        size_t size = from->size;
        memcpy(data, from->data, size);
        for (size_t times = 1 + draw(5); times > 0; times--) size = LLVMFuzzerMutate(data, size, LARGEST);
        try_input(data, size);
    }
    printf("%zu inputs, %zu changed ones\n", input_count, changed);
    for (size_t i = 0; i < input_count; i++) free(inputs[i].data);
    unlink(last);
    return 0;
}
