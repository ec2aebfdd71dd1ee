#define _GNU_SOURCE /* RTLD_NEXT */
/* A file is overwritten in place, by bytes on which libhdf5 crashes, at every moment at which a reader looks at it: before, while
 * and after a child process looks through it. The reader gets what was there before or one message; no process of its own ends by a
 * signal. */
#include "session_fixture.h"

#include "hdf5/hdf5_read.h"

#include <kramers/file_check.h>
#include <kramers/recording.h>
#include <kramers/run.h>
#include <kramers/trajectory.h>

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <hdf5.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILE_NAME "changing.h5"
enum { MOST = 1 << 20, ROWS = 60, COLUMNS = 8, SAID = 1, RIGHT = 0, WRONG = 7 };

typedef struct contents {
    size_t size;
    unsigned char bytes[MOST];
} contents;
static contents valid, *forged; /* forged: in memory that the other process has, too */

/* Of the reader and of the child that looks through the file; at: at which reading the file is overwritten, -1: never. */
static struct { long reads, at; } * moment;

static void put_in_place(const contents *c) {
    int file = open(FILE_NAME, O_WRONLY | O_CREAT, 0666);
    if (file < 0 || pwrite(file, c->bytes, c->size, 0) != (ssize_t)c->size || ftruncate(file, (off_t)c->size) != 0) _exit(WRONG);
    close(file);
}

/* By another process: the child that looks through a file cannot write. */
static int asks[2], answers[2];

static void let_others_write(void) {
    char word = 0;
    if (write(asks[1], &word, 1) != 1 || read(answers[0], &word, 1) != 1) _exit(WRONG);
}

static void be_the_other(void) {
    char word;
    close(asks[1]);
    while (read(asks[0], &word, 1) == 1) {
        put_in_place(forged);
        if (write(answers[1], &word, 1) != 1) break;
    }
    _exit(0);
}

/* In place of the C library's. */
ssize_t pread(int descriptor, void *data, size_t size, off_t place) {
    static ssize_t (*real)(int, void *, size_t, off_t);
    if (!real) *(void **)&real = dlsym(RTLD_NEXT, "pread");
    if (moment && moment->reads++ == moment->at) let_others_write();
    return real(descriptor, data, size, place);
}

static bool closing_fails;

/* In place of the C library's: a descriptor is gone all the same. Of a file that is only read nothing was lost. */
int close(int descriptor) {
    static int (*real)(int);
    if (!real) *(void **)&real = dlsym(RTLD_NEXT, "close");
    int failed = real(descriptor);
    if (closing_fails) errno = EIO;
    return closing_fails ? -1 : failed;
}

static void take(contents *c) {
    FILE *file = fopen(FILE_NAME, "rb");
    assert_non_null(file);
    c->size = fread(c->bytes, 1, MOST, file);
    fclose(file);
    assert_true(c->size > 0 && c->size < MOST);
}

/* As if it had been there for long. */
static void restore(void) {
    put_in_place(&valid);
    assert_int_equal(utimensat(AT_FDCWD, FILE_NAME, (struct timespec[]){{.tv_sec = 1000000000}, {.tv_sec = 1000000000}}, 0), 0);
}

/* ---- readers: what they end with ---- */

typedef int reader(void);

/* As one that does not look first. */
static int read_carelessly(void) {
    static const char *const names[] = {"x", "/particles/trajectory/position/value"};
    static double values[ROWS * COLUMNS];
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    hid_t file = H5Fopen(FILE_NAME, H5F_ACC_RDONLY, H5P_DEFAULT);
    for (size_t i = 0; i < 2; i++)
        H5Dread(H5Dopen2(file, names[i], H5P_DEFAULT), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
    return RIGHT;
}

static double value_at(size_t i) {
    return 0.25 * (double)(i * 7919 % 1009);
}

static int read_data(void) {
    kr_h5 h5;
    kr_error error;
    hsize_t size[2] = {0, 0};
    if (!kr_h5_open(&h5, FILE_NAME, &error)) return SAID;
    double *value = kr_h5_read_all(&h5, "x", KR_H5_NUMBER, 2, ROWS * COLUMNS, size);
    bool right = value && size[0] == ROWS && size[1] == COLUMNS;
    for (size_t i = 0; right && i < ROWS * COLUMNS; i++) right = value[i] == value_at(i);
    free(value);
    return kr_h5_end(&h5) != KR_OK ? SAID : right ? RIGHT : WRONG;
}

static int read_frames(void) {
    kr_recording *recording;
    kr_error error;
    uint64_t step;
    double time, rate, x[10];
    if (kr_recording_open(&recording, FILE_NAME, &error) != KR_OK) return SAID;
    if (kr_recording_frames(recording) != 21 || kr_recording_particles(recording) != 10) return WRONG;
    if (kr_recording_frame(recording, 12, &step, &time, &rate, x, NULL, &error) != KR_OK) return SAID;
    return step == 120 ? RIGHT : WRONG;
}

static int read_checkpoint(void) {
    char *scene;
    uint64_t *checkpoint;
    size_t words;
    kr_error error;
    const kr_registry *registry;
    if (kr_registry_find(NULL, &registry, &error) != KR_OK) return WRONG;
    if (kr_trajectory_read(FILE_NAME, registry, &scene, &checkpoint, &words, &error) != KR_OK) return SAID;
    return strstr(scene, "double_well") && words > 0 ? RIGHT : WRONG;
}

static int go_on(void) {
    kr_run *run;
    kr_scene scene = {0};
    kr_error error;
    return kr_run_resume(&run, &scene, FILE_NAME, 0, NULL, &(kr_run_options){.threads = 1}, &error) == KR_OK ? RIGHT : SAID;
}

/* In a process of its own, which knows of no file; its exit status, or minus the signal that ended it. */
static int outcome(reader *read, long at) {
    int status = 0;
    moment->reads = 0;
    moment->at = at;
    pid_t child = fork();
    if (child == 0) {
        for (int i = 1; i < 32; i++) signal(i, SIG_DFL); /* cmocka's go on with the tests */
        alarm(60);
        _exit(read());
    }
    assert_true(child > 0 && waitpid(child, &status, 0) == child);
    moment->at = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* At every moment of every reader, or every few. */
static void try_all(reader *const *readers, size_t count, long apart) {
    for (size_t i = 0; i < count; i++) {
        size_t said = 0, right = 0;
        long at = 0;
        do {
            restore();
            int how = outcome(readers[i], at);
            if (how != SAID && how != RIGHT) fail_msg("reader %zu ends with %d if the file changes at its reading %ld", i, how, at);
            if (how == SAID) said++;
            if (how == RIGHT) right++;
            at += apart;
        } while (moment->reads > at - apart);
        print_message("reader %zu: %zu messages, %zu times the values from before\n", i, said, right);
        assert_true(right > 0 && said > 0);
    }
}

/* ---- the files ---- */

/* With checksums of its chunks, for which libhdf5 1.10 takes the last four bytes of each, whether it has so many or not. */
static void write_set(hid_t file, const char *name, int rank, const hsize_t *size, const double *values) {
    hid_t plan = H5Pcreate(H5P_DATASET_CREATE),
          space = H5Screate_simple(rank, size, (hsize_t[]){H5S_UNLIMITED, size[1], rank == 3 ? size[2] : 0});
    hsize_t chunk[3] = {10, size[1], rank == 3 ? size[2] : 0};
    H5Pset_chunk(plan, rank, chunk), H5Pset_fletcher32(plan);
    hid_t set = H5Dcreate2(file, name, H5T_NATIVE_DOUBLE, space, H5P_DEFAULT, plan, H5P_DEFAULT);
    assert_true(set >= 0 && H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    H5Dclose(set), H5Sclose(space), H5Pclose(plan);
}

/* The second chunk gets two bytes. What is there now is the valid file. */
static void forge(const char *name, reader *read) {
    take(&valid);
    hid_t file = H5Fopen(FILE_NAME, H5F_ACC_RDWR, H5P_DEFAULT), set = H5Dopen2(file, name, H5P_DEFAULT);
    assert_true(H5Dwrite_chunk(set, H5P_DEFAULT, 0, (hsize_t[]){10, 0, 0}, 2, "12") >= 0);
    H5Dclose(set), H5Fclose(file);
    take(forged);
    assert_int_equal(outcome(read_carelessly, -1), -SIGSEGV);
    assert_int_equal(outcome(read, -1), SAID);
    restore();
}

static void data_that_change_are_read_as_they_were_or_refused(void **state) {
    (void)state;
    static double values[ROWS * COLUMNS];
    for (size_t i = 0; i < ROWS * COLUMNS; i++) values[i] = value_at(i);
    hid_t file = H5Fcreate(FILE_NAME, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    write_set(file, "x", 2, (hsize_t[]){ROWS, COLUMNS}, values);
    H5Fclose(file);
    forge("x", read_data);
    assert_int_equal(outcome(read_data, -1), RIGHT);
    closing_fails = true;
    assert_int_equal(outcome(read_data, -1), RIGHT);
    closing_fails = false;
    try_all((reader *const[]){read_data}, 1, 1);
}

/* As another program may have packed the positions; kramers gives the file its own checksums anew. */
static void put_checksums_of_chunks(void) {
    static const char *const name = "/particles/trajectory/position/value";
    static double values[21 * 10];
    kr_error error;
    hid_t file = H5Fopen(FILE_NAME, H5F_ACC_RDWR, H5P_DEFAULT), set = H5Dopen2(file, name, H5P_DEFAULT);
    assert_true(H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    H5Dclose(set), H5Ldelete(file, name, H5P_DEFAULT);
    write_set(file, name, 3, (hsize_t[]){21, 10, 1}, values);
    H5Fclose(file);
    succeed(kr_file_renew(FILE_NAME, &error), &error);
    forge(name, read_frames);
}

static void trajectories_that_change_are_read_as_they_were_or_refused(void **state) {
    (void)state;
    const kr_registry *registry;
    const char *overrides[] = {"ensemble.particles=10", "ensemble.steps=200", "trajectory.every=10", "trajectory.flush=4"};
    static reader *const readers[] = {read_frames, read_checkpoint, go_on};
    kr_error error;
    kr_scene scene;
    kr_run *run;
    unlink(FILE_NAME);
    succeed(kr_registry_find(NULL, &registry, &error), &error);
    succeed(kr_scene_load(&scene, registry, NULL, overrides, 4, &error), &error);
    succeed(kr_run_create(&run, &scene, &(kr_run_options){.output = FILE_NAME, .overwrite = true, .threads = 1}, &error), &error);
    while (!kr_run_finished(run)) succeed(kr_run_advance(run, &error), &error);
    succeed(kr_run_finish(run, &error), &error);
    kr_run_destroy(run);
    kr_scene_destroy(&scene);
    put_checksums_of_chunks();
    for (size_t i = 0; i < 3; i++) {
        restore();
        assert_int_equal(outcome(readers[i], -1), RIGHT);
    }
    closing_fails = true;
    for (size_t i = 0; i < 2; i++) assert_int_equal(outcome(readers[i], -1), RIGHT);
    closing_fails = false;
    try_all(readers, 3, getenv("KRAMERS_TEST_ALL") ? 1 : 11);
}

int main(void) {
    char directory[] = "/tmp/kramers_changing_XXXXXX";
    moment = mmap(NULL, sizeof *moment, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    forged = mmap(NULL, sizeof *forged, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (moment == MAP_FAILED || forged == MAP_FAILED || pipe(asks) || pipe(answers) || !mkdtemp(directory) || chdir(directory))
        return 1;
    if (fork() == 0) be_the_other();
    moment->at = -1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(data_that_change_are_read_as_they_were_or_refused),
        cmocka_unit_test(trajectories_that_change_are_read_as_they_were_or_refused),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(FILE_NAME);
    return rmdir(directory) || failed;
}
