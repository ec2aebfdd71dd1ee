/* Which messages appear while tests run: KR_NOTE writes the format of each once a process to the file KR_NOTE_MESSAGES, behind the
 * name of the test that the process belongs to. Only in builds that define it (preset messages, tests/check_messages.py). */
#ifndef NOTE_MESSAGES_H
#define NOTE_MESSAGES_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The word of a process's command line that names a test; *parent: its parent. */
static inline int kr_note_test_of(long process, char *test, size_t size, long *parent) {
    char name[64], words[4096];
    snprintf(name, sizeof name, "/proc/%ld/cmdline", process);
    FILE *file = fopen(name, "r");
    size_t length = file ? fread(words, 1, sizeof words - 1, file) : 0;
    if (file) fclose(file);
    words[length] = 0;
    for (char *word = words; word < words + length; word += strlen(word) + 1) {
        const char *base = strrchr(word, '/') ? strrchr(word, '/') + 1 : word;
        if (strncmp(base, "test_", 5) != 0) continue;
        snprintf(test, size, "%.*s", (int)strcspn(base, "."), base);
        return 1;
    }
    snprintf(name, sizeof name, "/proc/%ld/stat", process);
    *parent = 0;
    if ((file = fopen(name, "r"))) {
        length = fread(words, 1, sizeof words - 1, file);
        fclose(file);
        words[length] = 0;
        const char *behind = strrchr(words, ')');
        if (!behind || sscanf(behind, ") %*c %ld", parent) != 1) *parent = 0;
    }
    return 0;
}

static inline void kr_note(const char *format) {
    enum { MOST = 512 };
    static const char *seen[MOST];
    static size_t count;
    static char test[64];
    char line[2048];
    for (size_t i = 0; i < count; i++)
        if (seen[i] == format) return;
    if (count < MOST) seen[count++] = format;
    if (!*test)
        for (long process = getpid(); process > 1 && !kr_note_test_of(process, test, sizeof test, &process);) continue;
    if (!*test) snprintf(test, sizeof test, "?");
    int length = snprintf(line, sizeof line, "%s\t%s\n", test, format),
        file = open(KR_NOTE_MESSAGES, O_WRONLY | O_CREAT | O_APPEND, 0666);
    if (file < 0) return;
    if (write(file, line, (size_t)length) != length) abort();
    close(file);
}

#endif
