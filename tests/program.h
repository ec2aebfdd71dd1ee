/* Drives the built program through a shell in a directory of its own, for tests of the command line. */
#ifndef KR_TEST_PROGRAM_H
#define KR_TEST_PROGRAM_H

#include "assert_close.h"

#include <fcntl.h>
#include <json-c/json.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PROGRAM KR_BUILD_DIRECTORY "/kramers"

/* ---- files ---- */

static inline void write_file(const char *name, const char *text, size_t length) {
    FILE *file = fopen(name, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static inline void write_text(const char *name, const char *text) {
    write_file(name, text, strlen(text));
}

/* malloc'd; NULL: there is none. */
static inline char *read_file(const char *name) {
    FILE *file = fopen(name, "rb");
    if (!file) return NULL;
    char *text = malloc(1u << 24);
    assert_non_null(text);
    text[fread(text, 1, (1u << 24) - 1, file)] = 0;
    fclose(file);
    return text;
}

static inline size_t lines(const char *file) {
    char *text = read_file(file);
    size_t count = 0;
    for (const char *c = text; c && *c; c++) count += *c == '\n';
    free(text);
    return count;
}

static inline void assert_contains(const char *command, const char *file, const char *wanted) {
    char *text = read_file(file);
    assert_non_null(text);
    if (!strstr(text, wanted)) fail_msg("%s\n  %s is: %s\n  without: %s", command, file, text, wanted);
    free(text);
}

/* ---- the directory ---- */

static char program_directory[] = "/tmp/kramers_test_XXXXXX";

static inline int enter_directory(void **state) {
    (void)state;
    if (!mkdtemp(program_directory) || chdir(program_directory)) return -1;
    unsetenv("KRAMERS_ISA");
    setenv("OMP_NUM_THREADS", "2", 1);
    return 0;
}

static inline int leave_directory(void **state) {
    (void)state;
    char command[128];
    if (chdir("/")) return -1;
    snprintf(command, sizeof command, "rm -rf '%s'", program_directory);
    return system(command) == 0 ? 0 : -1;
}

/* ---- running ---- */

/* `kramers` in command stands for the program; its output lands in the files out and err. Returns the exit status. */
static inline int shell(const char *command) {
    char text[4096];
    snprintf(text, sizeof text, "kramers() { '%s' \"$@\"; }; { %s; } >out 2>err", PROGRAM, command);
    int status = system(text);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* The same, with this exit status. */
static inline void run(const char *command, int status) {
    int got = shell(command);
    if (got == status) return;
    char *text = read_file("err");
    fail_msg("%s\n  ended with %d, not %d: %s", command, got, status, text);
}

/* The program in the background, with these arguments (the first is its name, NULL ends them). */
static inline pid_t start_program(char *const arguments[]) {
    pid_t child = fork();
    assert_true(child >= 0);
    if (child) return child;
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves nobody behind */
    int out = open("out", O_WRONLY | O_CREAT | O_TRUNC, 0666), err = open("err", O_WRONLY | O_CREAT | O_TRUNC, 0666);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    execv(PROGRAM, arguments);
    _exit(127);
}

static inline void wait_seconds(double seconds) {
    struct timespec time = {(time_t)seconds, (long)(1e9 * (seconds - floor(seconds)))};
    nanosleep(&time, NULL);
}

/* ---- JSON ---- */

/* By the path of keys, joined by dots; NULL: absent or null. */
static inline json_object *member(json_object *object, const char *path) {
    char copy[200];
    snprintf(copy, sizeof copy, "%s", path);
    for (char *key = strtok(copy, "."); key && object; key = strtok(NULL, ".")) object = json_object_object_get(object, key);
    return object;
}

static inline double json_number(json_object *object, const char *path) {
    json_object *found = member(object, path);
    if (!found) fail_msg("no %s", path);
    return json_object_get_double(found);
}

/* What a command with this exit status printed. */
static inline json_object *run_json(const char *command, int status) {
    run(command, status);
    char *text = read_file("out");
    json_object *object = json_tokener_parse(text);
    if (!object) fail_msg("%s: no JSON: %s", command, text);
    assert_null(strstr(text, "NaN"));
    assert_null(strstr(text, "Infinity"));
    free(text);
    return object;
}

#endif
