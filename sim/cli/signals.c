/* Signals that ask for an end: from the keyboard (SIGINT), from whoever manages processes or batch jobs (SIGTERM, SIGHUP, SIGUSR1
 * before a time limit, SIGXCPU at one). */
#include "command.h"

#include <signal.h>
#include <unistd.h>

static const struct {
    int number;
    const char *name;
} caught[] = {{SIGINT, "SIGINT"}, {SIGTERM, "SIGTERM"}, {SIGHUP, "SIGHUP"}, {SIGUSR1, "SIGUSR1"}, {SIGXCPU, "SIGXCPU"}};
enum { SIGNALS = sizeof caught / sizeof *caught };

static volatile sig_atomic_t first;

/* The first one stops at the next cadence, the second at once. */
static void on_signal(int number) {
    if (first) _exit(128 + number);
    first = number;
}

void kr_catch_interrupts(void) {
    struct sigaction action = {.sa_handler = on_signal}, before;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < SIGNALS; i++) {
        if (sigaction(caught[i].number, NULL, &before)) continue;
        bool ignored = before.sa_handler == SIG_IGN; /* as nohup asks for; a shell's background jobs are still to obey Ctrl-C */
        if (!ignored || caught[i].number == SIGINT) sigaction(caught[i].number, &action, NULL);
    }
}

int kr_interrupted(void) {
    return first;
}

const char *kr_interrupted_by(void) {
    for (size_t i = 0; i < SIGNALS; i++)
        if (caught[i].number == first) return caught[i].name;
    return "nothing";
}
