/* Signals that ask for an end: from the keyboard (SIGINT), from whoever manages processes or batch jobs (SIGTERM, SIGHUP, SIGUSR1
 * before a time limit, SIGXCPU at one). */
#include "command.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

static const struct {
    int number;
    const char *name;
} caught[] = {{SIGINT, "SIGINT"}, {SIGTERM, "SIGTERM"}, {SIGHUP, "SIGHUP"}, {SIGUSR1, "SIGUSR1"}, {SIGXCPU, "SIGXCPU"}};
enum { SIGNALS = sizeof caught / sizeof *caught };

static volatile sig_atomic_t first;

/* The first one stops at the next cadence, the second at once. Whoever waits for longer than a second, as for the end of a
 * measurement that cannot be divided, is told so. */
static void on_signal(int number) {
    if (first) _exit(128 + number);
    first = number;
    alarm(1);
}

static void on_alarm(int number) {
    (void)number;
    static const char text[] =
        "\nkramers: ends when what is being computed is done, and keeps it; another signal ends it at once\n";
    int before = errno;
    ssize_t written = write(STDERR_FILENO, text, sizeof text - 1);
    (void)written;
    errno = before;
}

void kr_catch_interrupts(void) {
    struct sigaction action = {.sa_handler = on_signal}, before;
    sigemptyset(&action.sa_mask);
    sigaction(SIGALRM, &(struct sigaction){.sa_handler = on_alarm, .sa_flags = SA_RESTART}, NULL);
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
