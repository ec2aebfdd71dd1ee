#include "sweep_about.h"

#include "disk/block_hash.h"
#include "disk/file_bytes.h"

#include <kramers/input_file.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char format_line[] = "format: ", checksums_line[] = "checksums:\n", entry[] = "  - ";

static kr_status no_memory(kr_error *error) {
    return kr_fail(error, KR_NO_MEMORY, "not enough memory for the checksums of a table");
}

static uint64_t hash_of(const char *text, size_t length) {
    return kr_block_hash(text, length, 0);
}

/* ---- writing ---- */

void kr_sweep_about_line(size_t place, const char *line, size_t length, char text[64]) {
    char of[24];
    snprintf(of, sizeof of, "%zu", place);
    snprintf(text, 64, "%s%s %016" PRIx64 "\n", entry,
             place == KR_SWEEP_OF_SWEEP     ? "sweep"
             : place == KR_SWEEP_OF_COLUMNS ? "columns"
                                            : of,
             hash_of(line, length));
}

/* The line of the format is the second one: readers know a sweep by the first. */
char *kr_sweep_about_text(const char *header) {
    size_t first = strcspn(header, "\n") + 1, length = strlen(header), room = length + 200;
    char *text = malloc(room), sum[64];
    if (!text) return NULL;
    kr_sweep_about_line(KR_SWEEP_OF_SWEEP, header, length, sum);
    snprintf(text, room, "%.*s%s%d\n%s%s%s", (int)first, header, format_line, KR_SWEEP_FORMAT, header + first, checksums_line, sum);
    return text;
}

/* ---- reading ---- */

static char *next_line(char *text) {
    text += strcspn(text, "\n");
    return text + (*text == '\n');
}

/* "  - PLACE HASH", of so many bytes. */
static bool read_entry(const char *line, size_t length, kr_line_checksum *sum) {
    size_t head = strlen(entry);
    if (length < head + 18 || strncmp(line, entry, head) != 0) return false;
    const char *place = line + head, *hash = line + length - 16;
    size_t width = (size_t)(hash - place) - 1;
    if (hash[-1] != ' ' || strspn(hash, "0123456789abcdef") < 16) return false;
    sum->hash = strtoull(hash, NULL, 16);
    if (width == 5 && !strncmp(place, "sweep", 5))
        sum->place = KR_SWEEP_OF_SWEEP;
    else if (width == 7 && !strncmp(place, "columns", 7))
        sum->place = KR_SWEEP_OF_COLUMNS;
    else if (width <= 10 && strspn(place, "0123456789") == width)
        sum->place = strtoull(place, NULL, 10);
    else
        return false;
    return true;
}

static int by_place(const void *a, const void *b) {
    const kr_line_checksum *x = a, *y = b;
    return x->place < y->place ? -1 : x->place > y->place;
}

static kr_status read_entries(kr_sweep_about *about, char *text, kr_error *error) {
    size_t room = 0;
    for (char *next; *text; text = next) {
        next = next_line(text);
        size_t length = strcspn(text, "\n");
        bool whole = text[length] == '\n';
        if (!whole) break; /* a process was killed while it was written */
        if (about->count == room) {
            kr_line_checksum *grown = realloc(about->checksum, (room = 2 * room + 64) * sizeof *grown);
            if (!grown) return no_memory(error);
            about->checksum = grown;
        }
        if (read_entry(text, length, &about->checksum[about->count]))
            about->count++;
        else
            about->torn++;
    }
    if (about->count) qsort(about->checksum, about->count, sizeof *about->checksum, by_place);
    return KR_OK;
}

static const kr_line_checksum *first_of(const kr_sweep_about *about, size_t place) {
    size_t low = 0, high = about->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (about->checksum[middle].place < place)
            low = middle + 1;
        else
            high = middle;
    }
    return low < about->count && about->checksum[low].place == place ? &about->checksum[low] : NULL;
}

kr_line_state kr_sweep_about_judge(const kr_sweep_about *about, size_t place, const char *line, size_t length) {
    if (about->format == 1) return KR_LINE_GOOD;
    const kr_line_checksum *sum = first_of(about, place);
    if (!sum) return KR_LINE_UNKNOWN;
    uint64_t hash = hash_of(line, length);
    for (; sum < about->checksum + about->count && sum->place == place; sum++)
        if (sum->hash == hash) return KR_LINE_GOOD;
    return KR_LINE_DAMAGED;
}

size_t kr_sweep_row_point(const char *row) {
    size_t digits = strspn(row, "0123456789");
    return digits && digits <= 10 && (row[digits] == ',' || !row[digits]) ? (size_t)strtoull(row, NULL, 10) : KR_SWEEP_OF_SWEEP;
}

/* Takes the line of the format and the checksums out of the text. */
static kr_status take_apart(kr_sweep_about *about, const char *name, kr_error *error) {
    char *text = about->text, *second = next_line(text), *end = strrchr(text, '\n'), *sums = strstr(text, "\nchecksums:\n");
    int said = 1;
    about->length = end ? (size_t)(end - text) + 1 : 0;
    about->format = *text ? 1 : KR_SWEEP_FORMAT; /* of an empty one nothing is known, nor of its table */
    if (!strncmp(second, format_line, strlen(format_line))) {
        about->format = said = atoi(second + strlen(format_line));
        if (about->format > KR_SWEEP_FORMAT)
            return kr_fail(error, KR_IO, "%s: format %d, which this version of kramers (up to %d) does not know; take a newer one",
                           name, about->format, KR_SWEEP_FORMAT);
        char *third = next_line(second);
        memmove(second, third, strlen(third) + 1);
        sums = strstr(text, "\nchecksums:\n");
    }
    if (sums) {
        about->format = KR_SWEEP_FORMAT;
        kr_status status = read_entries(about, sums + 1 + strlen(checksums_line), error);
        if (status != KR_OK) return status;
        sums[1] = 0;
    }
    bool cut = !strncmp(text, "kramers sweep: ", 15) && !strstr(text, "\nscene:\n");
    about->damaged = cut || (sums && said != KR_SWEEP_FORMAT) ||
                     (about->format != 1 && kr_sweep_about_judge(about, KR_SWEEP_OF_SWEEP, text, strlen(text)) != KR_LINE_GOOD);
    return KR_OK;
}

kr_status kr_sweep_about_read(kr_sweep_about *about, const char *table, kr_error *error) {
    char name[4096];
    struct stat size;
    int descriptor;
    *about = (kr_sweep_about){.text = NULL};
    snprintf(name, sizeof name, "%s.yaml", table);
    if (access(name, F_OK)) return KR_OK;
    kr_status status = kr_input_open(name, &descriptor, error);
    if (status != KR_OK) return status;
    size_t length = fstat(descriptor, &size) ? 0 : (size_t)size.st_size;
    if (!(about->text = malloc(length + 1)))
        status = no_memory(error);
    else if (!kr_disk_read(descriptor, about->text, length, 0))
        status = kr_fail(error, KR_IO, "%s: could not be read: %s", name, kr_errno_text(errno));
    close(descriptor);
    if (status == KR_OK) {
        about->text[length] = 0;
        bool zero = strlen(about->text) != length;
        status = take_apart(about, name, error);
        about->damaged = about->damaged || (zero && about->format == 1); /* else the checksum tells, or rows lack theirs */
        about->torn += zero;
    }
    if (status != KR_OK) kr_sweep_about_free(about);
    return status;
}

void kr_sweep_about_free(kr_sweep_about *about) {
    free(about->text);
    free(about->checksum);
    *about = (kr_sweep_about){.text = NULL};
}

kr_status kr_sweep_about_check(const kr_sweep_about *about, const char *table, kr_error *error) {
    if (!about->damaged) return KR_OK;
    return kr_fail(
        error, KR_IO,
        "%s.yaml: what it says of the sweep is not as it was written: the file is damaged; bring back a copy, or start the "
        "sweep anew with --force",
        table);
}
