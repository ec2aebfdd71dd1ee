/* The program with a library in front of it that makes calls fail, kills it at one of them, or writes them down
 * (faults/failing_calls.c). Not with sanitizers, which want to be the first library themselves. */
#ifndef KR_TEST_FAULTY_PROGRAM_H
#define KR_TEST_FAULTY_PROGRAM_H

#include "program.h"

#include <stdbool.h>

typedef struct fault {
    long at;   /* the number of the call, from 1 on; 0: none */
    int error; /* of errno; -1: half of the write is done */
    bool lasting, kills;
    const char *log; /* NULL: none */
} fault;

/* Removing a file is left alone, so that what stays behind is the program's doing. */
#define FAULT_CALLS "pwrite,write,ftruncate,fsync,close,open,rename,link,mkdir"

/* Exit status of the program with these arguments; 137: it was killed. Output lands in the files out and err. */
static inline int run_with_fault(const fault *f, const char *arguments) {
    char command[2000];
    snprintf(command, sizeof command,
             "FAULT_CALLS=" FAULT_CALLS " FAULT_AT=%ld FAULT_ERROR=%d FAULT_LASTING=%d FAULT_KILL=%d FAULT_COUNT=count %s%s "
             "LD_PRELOAD=" KR_BUILD_DIRECTORY "/tests/libfailing_calls.so %s %s >out 2>err",
             f->at, f->error, f->lasting, f->kills, f->log ? "FAULT_LOG=" : "", f->log ? f->log : "", PROGRAM, arguments);
    int status = system(command);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* Of the last run that ended by itself. */
static inline long calls_made(void) {
    char *text = read_file("count");
    assert_non_null(text);
    long count = strtol(text, NULL, 10);
    free(text);
    return count;
}

static inline bool same_files(const char *a, const char *b) {
    char command[300];
    snprintf(command, sizeof command, "cmp -s %s %s", a, b);
    return system(command) == 0;
}

/* Lines on stderr that are no warnings. */
static inline size_t messages(void) {
    char *text = read_file("err");
    size_t count = 0;
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) count += !strstr(line, "kramers: warning: ");
    free(text);
    return count;
}

#endif
