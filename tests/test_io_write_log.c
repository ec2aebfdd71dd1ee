/* What a process wrote, written down call by call and done again up to any call: the file as a kill leaves it, whole or in the
 * middle of the call; and with some of the calls left out, as a loss of power leaves it where nothing was waited for. */
#include "faulty_program.h"
#include "sanitized.h"

#include <sys/stat.h>

#define SMALL                                                                                                                      \
    "--quiet --threads 1 --set ensemble.particles=2 --set trajectory.every=2 --set trajectory.flush=1 --set "                      \
    "dynamics.temperature=0 "

/* ---- the log ---- */

typedef struct call {
    char name[12], file[400];
    long long first, second;
    const char *bytes; /* written, or the new name */
} call;

enum { CALLS_MOST = 4096, FILES_MOST = 64 };
static struct {
    call call[CALLS_MOST];
    size_t count;
    char *text;
} written;

static void read_log(const char *name) {
    FILE *in = fopen(name, "rb");
    struct stat about;
    assert_true(in && !fstat(fileno(in), &about));
    free(written.text);
    written.count = 0;
    written.text = malloc((size_t)about.st_size + 1);
    assert_non_null(written.text);
    assert_int_equal(fread(written.text, 1, (size_t)about.st_size, in), about.st_size);
    fclose(in);
    for (char *at = written.text, *end = at + about.st_size; at < end;) {
        call *c = &written.call[written.count++];
        char *line = memchr(at, '\n', (size_t)(end - at));
        assert_true(line && written.count < CALLS_MOST);
        *line = 0;
        assert_int_equal(sscanf(at, "%11s %399s %lld %lld", c->name, c->file, &c->first, &c->second), 4);
        c->bytes = line + 1;
        bool has_bytes = !strcmp(c->name, "pwrite") || !strcmp(c->name, "rename") || !strcmp(c->name, "link");
        at = line + 1 + (has_bytes ? c->second : 0);
    }
}

/* ---- files in memory, as they are on the disk ---- */

typedef struct image_file {
    long long number;
    char *bytes;
    size_t size;
} image_file;

typedef struct image {
    image_file file[FILES_MOST];
    struct {
        char name[400];
        long long number;
    } entry[FILES_MOST];
    size_t files, entries;
} image;

static image_file *file_of(image *m, long long number) {
    for (size_t i = 0; i < m->files; i++)
        if (m->file[i].number == number) return &m->file[i];
    assert_in_range(m->files, 0, FILES_MOST - 1);
    m->file[m->files] = (image_file){.number = number};
    return &m->file[m->files++];
}

static void resize(image_file *f, size_t size) {
    if (size > f->size) {
        f->bytes = realloc(f->bytes, size);
        assert_non_null(f->bytes);
        memset(f->bytes + f->size, 0, size - f->size);
    }
    f->size = size;
}

static void enter(image *m, const char *name, size_t length, long long number) {
    size_t i = 0;
    while (i < m->entries && (strlen(m->entry[i].name) != length || memcmp(m->entry[i].name, name, length) != 0)) i++;
    assert_in_range(i, 0, FILES_MOST - 1);
    if (i == m->entries) m->entries++;
    snprintf(m->entry[i].name, sizeof m->entry[i].name, "%.*s", (int)length, name);
    m->entry[i].number = number;
}

static long long number_of_name(const image *m, const char *name) {
    for (size_t i = 0; i < m->entries; i++)
        if (!strcmp(m->entry[i].name, name)) return m->entry[i].number;
    return -1;
}

/* part: of the bytes of a write, 1 all. */
static void play(image *m, const call *c, double part) {
    if (!strcmp(c->name, "open") || !strcmp(c->name, "create")) {
        enter(m, c->file, strlen(c->file), c->first);
        if (*c->name == 'c') resize(file_of(m, c->first), 0);
    } else if (!strcmp(c->name, "pwrite")) {
        image_file *f = file_of(m, atoll(c->file));
        size_t size = (size_t)((double)c->second * part), end = (size_t)c->first + size;
        if (end > f->size) resize(f, end);
        memcpy(f->bytes + c->first, c->bytes, size);
    } else if (!strcmp(c->name, "ftruncate")) {
        resize(file_of(m, atoll(c->file)), (size_t)c->first);
    } else if (!strcmp(c->name, "link") || !strcmp(c->name, "rename")) {
        enter(m, c->bytes, (size_t)c->second, number_of_name(m, c->file));
        if (*c->name == 'r') enter(m, c->file, strlen(c->file), -1);
    } else if (!strcmp(c->name, "unlink")) {
        enter(m, c->file, strlen(c->file), -1);
    }
}

/* Files by their names into an empty directory; says whether this one is there. */
static bool write_image(image *m, const char *wanted) {
    run("rm -rf image; mkdir image", 0);
    for (size_t i = 0; i < m->entries; i++) {
        char name[500];
        const char *slash = strrchr(m->entry[i].name, '/');
        if (m->entry[i].number < 0) continue;
        image_file *f = file_of(m, m->entry[i].number);
        snprintf(name, sizeof name, "image/%s", slash ? slash + 1 : m->entry[i].name);
        write_file(name, f->bytes ? f->bytes : "", f->size);
    }
    for (size_t i = 0; i < m->files; i++) free(m->file[i].bytes);
    char name[300];
    snprintf(name, sizeof name, "image/%s", wanted);
    return !access(name, F_OK);
}

/* ---- what is looked at ---- */

static const struct {
    const char *prepare, *command, *result;
    const char *go_on; /* NULL: the command itself */
} cases[] = {
    {":", "run " SMALL "--set ensemble.steps=12 -o t.h5", "t.h5", "resume t.h5 --quiet --threads 1"},
    {"cp half.h5 t.h5", "resume t.h5 --quiet --threads 1 --steps 20", "t.h5", NULL},
    {":", "sweep " SMALL "--set ensemble.steps=6 --vary schedule.lr=0.01,0.02,0.03 -o t.csv", "t.csv", NULL},
    {":", "sweep " SMALL "--set ensemble.steps=6 --vary schedule.lr=0.01,0.02,0.03 -o t.h5", "t.h5", NULL},
};
enum { CASES = sizeof cases / sizeof *cases };

/* The calls of a case, with what was there before as calls too. */
static void record(size_t i) {
    run("rm -f t.*", 0);
    run(cases[i].prepare, 0);
    if (run_with_fault(&(fault){.log = "calls.log"}, cases[i].command)) fail_msg("%s fails", cases[i].command);
    read_log("calls.log");
    char command[100];
    snprintf(command, sizeof command, "cp %s whole", cases[i].result);
    run(command, 0);
}

/* What a command finds there already. */
static void begin_image(image *m, size_t i) {
    struct stat about;
    *m = (image){.files = 0};
    if (!strcmp(cases[i].prepare, ":")) return;
    assert_int_equal(stat("t.h5", &about), 0); /* resumed in its place */
    enter(m, "t.h5", 4, (long long)about.st_ino);
    char *half = malloc(1 << 22);
    FILE *in = fopen("half.h5", "rb");
    assert_true(half && in);
    image_file *f = file_of(m, (long long)about.st_ino);
    f->size = fread(half, 1, 1 << 22, in);
    f->bytes = half;
    fclose(in);
}

/* Exit status of going on with the image. */
static int go_on(size_t i) {
    char command[700];
    snprintf(command, sizeof command, "cd image; kramers %s", cases[i].go_on ? cases[i].go_on : cases[i].command);
    return shell(command);
}

static bool as_whole(size_t i) {
    char name[100];
    snprintf(name, sizeof name, "image/%s", cases[i].result);
    return same_files(name, "whole");
}

static void every_prefix_is_gone_on_with(void **state) {
    (void)state;
    if (SANITIZED) skip();
    long looked = 0, absent = 0;
    run("kramers run " SMALL "--set ensemble.steps=12 -o half.h5", 0);
    for (size_t i = 0; i < CASES; i++) {
        record(i);
        size_t step = is_sampled() ? written.count / 5 : 1;
        for (size_t end = i % step; end <= written.count; end += step)
            for (int torn = 0; torn < 2 && end + (size_t)torn <= written.count; torn++) {
                static image m;
                begin_image(&m, i);
                for (size_t k = 0; k < end; k++) play(&m, &written.call[k], 1);
                if (torn && end < written.count && !strcmp(written.call[end].name, "pwrite")) play(&m, &written.call[end], 0.5);
                bool there = write_image(&m, cases[i].result);
                looked++;
                absent += !there;
                if (!there && cases[i].go_on) continue;
                if (go_on(i) || !as_whole(i))
                    fail_msg("%s: after %zu of %zu calls%s: %s", cases[i].command, end, written.count, torn ? " and a half" : "",
                             read_file("err"));
            }
        print_message("%s: %zu calls\n", cases[i].command, written.count);
    }
    print_message("%ld prefixes, %ld of them before there was a file\n", looked, absent);
}

/* ---- a loss of power ---- */

static uint64_t random_state = 21;

static double uniform(void) {
    random_state = random_state * 6364136223846793005 + 1442695040888963407;
    return (double)(random_state >> 11) * 0x1p-53;
}

static size_t below(size_t count) {
    return (size_t)(uniform() * (double)count);
}

static bool changes_bytes(const call *c) {
    return !strcmp(c->name, "pwrite") || !strcmp(c->name, "ftruncate");
}

/* Whether the disk has it for sure after so many calls: its file was waited for behind it. */
static bool is_on_disk(size_t k, size_t end) {
    for (size_t i = k + 1; i < end; i++)
        if (!strcmp(written.call[i].name, "fsync") && !strcmp(written.call[i].file, written.call[k].file)) return true;
    return false;
}

/* One call is lost, some, or some of the first: disks write in any order. */
static void play_some(image *m, size_t end) {
    static size_t loose[CALLS_MOST];
    size_t count = 0, kind = below(3);
    for (size_t k = 0; k < end; k++)
        if (changes_bytes(&written.call[k]) && !is_on_disk(k, end)) loose[count++] = k;
    size_t chosen = count ? loose[below(count)] : end;
    double kept = uniform();
    for (size_t k = 0; k < end; k++) {
        bool may_go = changes_bytes(&written.call[k]) && !is_on_disk(k, end);
        bool lost = kind == 0 ? k == chosen : kind == 1 ? uniform() > kept : k < chosen && uniform() < 0.5;
        if (!may_go || !lost) play(m, &written.call[k], 1);
    }
}

/* A run that went on from the older of its two checkpoints, which it says, has written once more: where its checksums stand may
 * differ, and nothing else. */
static bool differs_in_checksums_alone(void) {
    char *text = read_file("err");
    bool says = strstr(text, "the run went on from the one before") != NULL;
    free(text);
    return says && shell("h5diff --exclude-path /parameters/kramers/checksums image/t.h5 whole") == 0;
}

/* What of a run is there after a loss of power: with fsync all up to a flush, without it that or a refusal, never other bytes. */
static void no_order_of_writes_is_taken_for_another_run(void **state) {
    (void)state;
    if (SANITIZED) skip();
    static const char *const durabilities[] = {"none", "fsync"};
    long trials = is_sampled() ? 15 : 400;
    for (int safe = 0; safe < 2; safe++) {
        char command[400];
        long same = 0, refused = 0;
        snprintf(command, sizeof command, "run " SMALL "--set ensemble.steps=12 --durability %s -o t.h5", durabilities[safe]);
        run("rm -f t.*", 0);
        assert_int_equal(run_with_fault(&(fault){.log = "calls.log"}, command), 0);
        read_log("calls.log");
        run("cp t.h5 whole", 0);
        size_t named = 0;
        while (strcmp(written.call[named].name, "rename") != 0 && strcmp(written.call[named].name, "link") != 0) named++;
        for (long trial = 0; trial < trials; trial++) {
            static image m;
            m = (image){.files = 0};
            size_t end = named + 1 + below(written.count - named);
            play_some(&m, end);
            assert_true(write_image(&m, "t.h5"));
            int status = go_on(0);
            bool whole = status == 0 && (as_whole(0) || (!safe && differs_in_checksums_alone()));
            if (!whole && (safe || status != 3 || messages() != 1))
                fail_msg("%s: loss %ld after %zu of %zu calls: status %d: %s", durabilities[safe], trial, end, written.count,
                         status, read_file("err"));
            same += whole;
            refused += !whole;
        }
        print_message("--durability %s: %ld losses of power, %ld gone on with to the same bytes, %ld refused\n", durabilities[safe],
                      trials, same, refused);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_prefix_is_gone_on_with),
                                       cmocka_unit_test(no_order_of_writes_is_taken_for_another_run)};
    int failed = cmocka_run_group_tests(tests, enter_directory, leave_directory);
    free(written.text);
    return failed;
}
