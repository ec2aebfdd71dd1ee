/* Signals that ask for an end: from the keyboard (SIGINT), from whoever manages processes or batch jobs (SIGTERM, SIGHUP, SIGUSR1
 * before a time limit, SIGXCPU at one). What is being computed asks for them through the library's one check (interrupt.h). */
#include "command.h"

#include <kramers/fresh_file.h>
#include <kramers/interrupt.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const struct {
    int number;
    const char *name;
} caught[] = {{SIGINT, "SIGINT"}, {SIGTERM, "SIGTERM"}, {SIGHUP, "SIGHUP"}, {SIGUSR1, "SIGUSR1"}, {SIGXCPU, "SIGXCPU"}};
enum { SIGNALS = sizeof caught / sizeof *caught };

static volatile sig_atomic_t first, late, nothing_kept, concluding;
static timer_t timer;

/* A second after the signal at the latest everything has ended. Results that are quickly made are still made. */
static const struct itimerspec answer = {.it_value = {.tv_nsec = 400000000}, .it_interval = {.tv_nsec = 600000000}}, never;

static void say(const char *text) {
    int before = errno;
    ssize_t written = write(STDERR_FILENO, text, strlen(text));
    (void)written;
    errno = before;
}

/* The first one stops at the next step, the second at once. */
static void on_signal(int number) {
    if (first) _exit(128 + number);
    first = number;
    timer_settime(timer, 0, &answer, NULL);
}

/* Where nothing is measured yet nothing is lost by ending in the middle of what does not ask. */
static void on_alarm(int number) {
    (void)number;
    if (nothing_kept) {
        kr_fresh_files_remove();
        say("\nkramers: interrupted before the first step; nothing had been measured\n");
        _exit(128 + first);
    }
    if (late) {
        timer_settime(timer, 0, &never, NULL);
        say("\nkramers: ends when what is being computed is done, and keeps it; another signal ends it at once\n");
    }
    late = 1;
}

void kr_catch_interrupts(void) {
    struct sigaction action = {.sa_handler = on_signal}, before;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
    sigemptyset(&action.sa_mask);
    sigaction(SIGALRM, &(struct sigaction){.sa_handler = on_alarm, .sa_flags = SA_RESTART}, NULL);
    timer_create(CLOCK_MONOTONIC, &event, &timer);
    for (size_t i = 0; i < SIGNALS; i++) {
        if (sigaction(caught[i].number, NULL, &before)) continue;
        bool ignored = before.sa_handler == SIG_IGN; /* as nohup asks for; a shell's background jobs are still to obey Ctrl-C */
        if (!ignored || caught[i].number == SIGINT) sigaction(caught[i].number, &action, NULL);
    }
}

static bool wanted(void *context) {
    (void)context;
    return concluding ? late : first;
}

void kr_interrupts_begin(void (*progress)(void *context, const char *doing, double done)) {
    kr_catch_interrupts();
    kr_interrupt_set(&(const kr_interrupt){.wanted = wanted, .progress = progress});
    nothing_kept = 1;
}

void kr_interrupts_keep(void) {
    nothing_kept = 0;
}

void kr_interrupts_conclude(void) {
    concluding = 1;
}

void kr_interrupts_answered(void) {
    timer_settime(timer, 0, &never, NULL);
}

int kr_interrupted(void) {
    return first;
}

const char *kr_interrupted_by(void) {
    for (size_t i = 0; i < SIGNALS; i++)
        if (caught[i].number == first) return caught[i].name;
    return "nothing";
}

int kr_complain_or_stop(const kr_error *error) {
    if (error->status != KR_INTERRUPTED) return kr_complain(error);
    fprintf(stderr, "kramers: interrupted by %s before the first step; nothing had been measured\n", kr_interrupted_by());
    return 128 + kr_interrupted();
}
